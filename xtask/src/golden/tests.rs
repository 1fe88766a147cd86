//! Tests of the golden harness, with a shell in the place of Python and R.

use super::*;

const SHELL: Interpreter = Interpreter {
    extension: "sh",
    program: "sh",
    variable: "WHEREFAIR_TEST_NO_SUCH_VARIABLE",
};

/// Runs a shell script as a golden script beside a committed file; returns the outcome and what is committed then.
fn golden(script: &str, committed: Option<&str>, check: bool) -> (Outcome, Option<String>) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/tests/golden");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("case.sh"), script).unwrap();
    if let Some(committed) = committed {
        std::fs::write(folder.join("case.json"), committed).unwrap();
    }
    let outcome = run_script(root.path(), "a/tests/golden/case.sh", SHELL, check).unwrap();
    (outcome, std::fs::read_to_string(folder.join("case.json")).ok())
}

#[test]
fn equal_values_pass_the_check() {
    let (outcome, _) = golden("echo '{\"a\": 1.0}' > case.json", Some("{\"a\": 1}"), true);
    assert_eq!(outcome, Outcome::Done(vec!["case.json".to_owned()]));
}

#[test]
fn changed_values_fail_the_check_and_leave_the_file_alone() {
    let (outcome, committed) = golden("echo '{\"a\": 2}' > case.json", Some("{\"a\": 1}"), true);
    let Outcome::Failed(messages) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(messages, ["`case.json` /a: 1 committed, 2 now (tolerance 1e-9)"]);
    assert_eq!(committed.as_deref(), Some("{\"a\": 1}"));
}

#[test]
fn without_check_the_new_values_are_committed() {
    let (outcome, committed) = golden("echo '{\"a\": 2}' > case.json", Some("{\"a\": 1}"), false);
    assert_eq!(outcome, Outcome::Done(vec!["case.json".to_owned()]));
    assert_eq!(committed.as_deref(), Some("{\"a\": 2}\n"));
}

#[test]
fn a_script_gets_the_arguments_it_asks_for() {
    let script = "# golden-arguments: {root}/a case.json\n[ -d \"$1\" ] && echo '{}' > \"$2\"\n";
    assert_eq!(
        golden(script, Some("{}"), true).0,
        Outcome::Done(vec!["case.json".to_owned()])
    );
    assert!(arguments("no such line\n", Path::new("x")).is_empty());
}

#[test]
fn a_script_that_writes_nothing_fails_though_a_file_is_committed() {
    let (outcome, _) = golden("true", Some("{}"), true);
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
}

#[test]
fn a_file_that_is_not_committed_fails_the_check() {
    let (outcome, _) = golden("echo '{}' > case.json", None, true);
    assert_eq!(
        outcome,
        Outcome::Failed(vec!["`case.json` is written but not committed".to_owned()])
    );
}

#[test]
fn a_missing_tool_or_package_is_a_skip_that_names_it() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("case.sh"), "").unwrap();
    let tool = Interpreter {
        program: "no-such-program-at-all",
        ..SHELL
    };
    let outcome = run_script(root.path(), "case.sh", tool, true).unwrap();
    assert_eq!(
        outcome,
        Outcome::Skipped("no-such-program-at-all not found".to_owned())
    );

    let script = "echo \"ModuleNotFoundError: No module named 'scipy'\" >&2; exit 1";
    assert_eq!(
        golden(script, None, true).0,
        Outcome::Skipped("Python module scipy not found".to_owned())
    );
    assert_eq!(
        missing_package("Error in library(spdep) : there is no package called ‘spdep’").as_deref(),
        Some("R package spdep")
    );
}

#[test]
fn missing_data_are_a_skip_that_names_them() {
    let script = "echo 'skipped: no real data (tracts)' >&2; exit 1";
    assert_eq!(
        golden(script, None, true).0,
        Outcome::Skipped("no real data (tracts)".to_owned())
    );
}

#[test]
fn any_other_failure_shows_what_the_script_said() {
    let (outcome, _) = golden("echo broken >&2; exit 3", None, true);
    let Outcome::Failed(messages) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(messages.last().map(String::as_str), Some("broken"));
}

#[test]
fn only_scripts_in_golden_folders_are_run() {
    let root = tempfile::tempdir().unwrap();
    let files = [
        "a/tests/golden/m.py",
        "a/tests/golden/m.json",
        "a/tests/other.py",
        "tests/golden/n.R",
    ];
    for file in files {
        let path = root.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let tree = Tree::new(root.path(), files.map(str::to_owned));
    let found: Vec<_> = scripts(&tree)
        .into_iter()
        .map(|(file, interpreter)| (file, interpreter.program))
        .collect();
    assert_eq!(
        found,
        [
            ("a/tests/golden/m.py", "python3"),
            ("tests/golden/n.R", "Rscript")
        ]
    );
}

#[test]
fn outputs_are_the_files_of_the_same_stem() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["m.json", "m__a.json", "metrics.json", "m_b.json", "m.txt"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    assert_eq!(outputs(folder.path(), "m").unwrap(), ["m.json", "m__a.json"]);
}
