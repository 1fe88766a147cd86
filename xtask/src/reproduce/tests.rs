//! Tests of what all suites share.

use super::comparison::{Comparison, Difference, Verdict};
use super::figure::Figure;
use super::table::{Cell, Table, rounded};
use super::*;

fn setting(progress: &Progress) -> Setting<'_> {
    Setting {
        scale: Scale::Smoke,
        seed: Seed::new(7),
        data: PathBuf::from("no such folder"),
        file: None,
        only: None,
        n_runs: None,
        progress,
    }
}

/// A report with one of everything.
fn report(holds: bool) -> Report {
    let progress = Progress::new(true);
    let mut report = Report::new("test", "Nobody (2000), Nothing", &setting(&progress));
    report.check("one and one", "2", "2", holds);
    report.comparisons.push(Comparison::number(
        "Table 1",
        "a | b",
        1.5,
        Some(1.25),
        Verdict::NotComparable,
    ));
    report.comparisons.push(Comparison::number(
        "Table 1",
        "absent",
        1.0,
        None,
        Verdict::DoesNotHold,
    ));
    report.comparisons.push(Comparison::statement(
        "Fig. 1",
        "curve",
        "grows",
        "falls",
        Verdict::Holds,
    ));
    report.differences.push(Difference {
        place: "section 1",
        paper: "this",
        ours: "that",
        why: "Because.",
    });
    let mut table = Table::new("numbers", "Some numbers", &["name", "n", "x"]);
    table.push(["a, \"b\"".into(), 3_usize.into(), (1.0 / 3.0).into()]);
    table.push(["c".into(), 4_u32.into(), Option::<f64>::None.into()]);
    report.tables.push(table.clone());
    table.name = "hidden";
    report.tables.push(table.only_as_file());
    report.figures.push(Figure {
        name: "figure_1",
        chart: wherefair::report::LineChart {
            title: "A figure".to_owned(),
            ..Default::default()
        },
    });
    report.skip(&setting(&progress), "what is not there".to_owned());
    report
}

#[test]
fn every_part_of_a_report_has_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new/folder");
    report(true).write(&folder).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(
        read("numbers.csv"),
        "name,n,x\n\"a, \"\"b\"\"\",3,0.3333333333333333\nc,4,\n"
    );
    assert_eq!(read("numbers.csv"), read("hidden.csv"));
    assert!(read("figure_1.svg").starts_with("<svg") && read("figure_1.svg").contains("A figure"));
    let results: serde_json::Value = serde_json::from_str(&read("results.json")).unwrap();
    assert_eq!(results["scale"], "smoke");
    assert_eq!(results["seed"], 7);
    assert_eq!(results["comparisons"][0]["difference"], -0.25);
    assert_eq!(results["comparisons"][1]["difference"], serde_json::Value::Null);
    assert_eq!(results["comparisons"][2]["paper"], "grows");
    assert_eq!(results["tables"][0]["rows"][1][2], serde_json::Value::Null);
    assert_eq!(results["figures"][0]["title"], "A figure");
    let summary = read("summary.md");
    for part in [
        "| one and one | 2 | 2 | holds |",
        "| Table 1 | a \\| b | 1.5 | 1.25 | -0.25 | not comparable |",
        "| Table 1 | absent | 1 | – | – | does not hold |",
        "| Fig. 1 | curve | grows | falls | – | holds |",
        "| a, \"b\" | 3 | 0.3333 |",
        "![A figure](figure_1.svg)",
        "- DIFFERENCE (section 1): paper: this; here: that. Because.",
        "- what is not there",
    ] {
        assert!(summary.contains(part), "{part} is not in\n{summary}");
    }
    assert_eq!(summary.matches("Some numbers").count(), 1);
}

#[test]
fn a_check_that_fails_fails_the_run_and_none_at_all_too() {
    assert!(report(true).verdict().is_ok());
    assert_eq!(
        report(false).verdict().unwrap_err().to_string(),
        "1 of 1 checks do not hold: one and one: expected 2, found 2"
    );
    let mut empty = report(true);
    empty.checks.clear();
    assert!(
        empty
            .verdict()
            .unwrap_err()
            .to_string()
            .contains("checked nothing")
    );
}

#[test]
fn numbers_for_readers_have_four_digits_at_most() {
    for (number, text) in [
        (0.0, "0"),
        (0.05, "0.05"),
        (0.123_456, "0.1235"),
        (4.4e-16, "4.4e-16"),
        (96.06, "96.06"),
        (594.88, "594.9"),
        (-1234.5, "-1234"),
        (1e7, "1.0e7"),
    ] {
        assert_eq!(rounded(number), text);
    }
    assert_eq!(Cell::Missing.rounded(), "–");
}

#[test]
fn unknown_suites_and_no_threads_are_errors_that_say_what_is_accepted() {
    let args = |suite: &str, threads| ReproduceArgs {
        suite: suite.to_owned(),
        scale: Scale::Smoke,
        out: None,
        data: None,
        only: None,
        runs: None,
        seed: 1,
        threads,
        quiet: true,
    };
    let error = |args| run(Path::new("."), &args).unwrap_err().to_string();
    assert_eq!(
        error(args("nothing", None)),
        "unknown suite `nothing` (accepted: `autocorrelation`, `spad`, `spad-sim`)"
    );
    assert_eq!(
        error(args("autocorrelation", Some(0))),
        "invalid --threads: 0 (accepted: a whole number above 0)"
    );
    let mut with_file = args("autocorrelation", None);
    with_file.data = Some(PathBuf::from("crops.csv"));
    assert_eq!(
        error(with_file),
        "the suite `autocorrelation` takes no --data (accepted: `spad` does)"
    );
    let mut part = args("spad", None);
    part.only = Some("farms".to_owned());
    assert_eq!(
        error(part),
        "unknown part `farms` (accepted: scenes, crops, houses)"
    );
    let mut none = args("spad", None);
    none.runs = Some(0);
    assert_eq!(
        error(none),
        "invalid --runs: 0 (accepted: a whole number above 0)"
    );
}

#[test]
fn a_suite_gets_the_seed_the_scale_and_the_threads_it_was_asked_for() {
    fn suite(setting: &Setting<'_>) -> anyhow::Result<Report> {
        let mut report = Report::new("threads", "", setting);
        let n_threads = rayon::current_num_threads().to_string();
        report.check("threads", "2", n_threads.clone(), n_threads == "2");
        anyhow::ensure!(!setting.data.as_os_str().is_empty(), "no folder of data");
        Ok(report)
    }
    let args = ReproduceArgs {
        suite: "threads".to_owned(),
        scale: Scale::Paper,
        out: None,
        data: None,
        only: None,
        runs: None,
        seed: 99,
        threads: Some(2),
        quiet: true,
    };
    let suite = Suite {
        name: "threads",
        parts: &[],
        run: suite,
    };
    let report = perform(&suite, Path::new("."), &args).unwrap();
    assert_eq!((report.seed, report.scale), (99, Scale::Paper));
    report.verdict().unwrap();
}
