//! `ci`: every check of continuous integration, the same here as on a server.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;

use crate::{tidy, workspace};

/// Which steps to run.
#[derive(Debug, Args)]
pub(crate) struct CiArgs {
    /// List the steps and run none
    #[arg(long)]
    list: bool,
    /// Run only this step
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    only: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, Copy)]
enum Action {
    /// Runs cargo with arguments and environment variables; `{temp}` stands for an empty folder that is removed
    /// afterwards.
    Cargo {
        args: &'static [&'static str],
        env: &'static [(&'static str, &'static str)],
    },
    /// Runs cargo with arguments where programs can be linked with a library of the system, and is skipped elsewhere.
    CargoWithLibrary {
        args: &'static [&'static str],
        library: &'static str,
        package: &'static str,
    },
    /// Runs a suite of `reproduce` at its smallest scale.
    Reproduce { suite: &'static str },
    /// Runs `tidy` in this process.
    Tidy,
}

/// How a step ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    /// Why it could not run.
    Skipped(String),
}

#[derive(Debug, Clone, Copy)]
struct Step {
    name: &'static str,
    about: &'static str,
    action: Action,
}

/// All steps, the cheapest first, so that a failure shows early.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        action: Action::Cargo {
            args: &["fmt", "--all", "--", "--check"],
            env: &[],
        },
    },
    Step {
        name: "clippy",
        about: "no compiler or clippy warning",
        action: Action::Cargo {
            args: &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            env: &[],
        },
    },
    Step {
        name: "doc",
        about: "the API documentation builds without a warning",
        action: Action::Cargo {
            args: &["doc", "--workspace", "--no-deps"],
            env: &[("RUSTDOCFLAGS", "-D warnings")],
        },
    },
    Step {
        name: "tidy",
        about: "what the compiler cannot check",
        action: Action::Tidy,
    },
    Step {
        name: "test",
        about: "all tests and doctests",
        action: Action::Cargo {
            args: &["test", "--workspace"],
            env: &[],
        },
    },
    Step {
        name: "lapack",
        about: "the statistics agree with LAPACK, where OpenBLAS is installed",
        action: Action::CargoWithLibrary {
            args: &["test", "--package", "wherefair-stats", "--features", "lapack"],
            library: "openblas",
            package: "libopenblas-dev",
        },
    },
    Step {
        name: "cuda",
        about: "the engine for graphics cards builds, and its kernels where NVIDIA's compiler is installed",
        action: Action::Cargo {
            args: &[
                "test",
                "--package",
                "wherefair-nn",
                "--features",
                "cuda",
                "--lib",
                "cuda",
            ],
            env: &[],
        },
    },
    Step {
        name: "demo",
        about: "the program audits its bundled case end to end",
        action: Action::Cargo {
            args: &["run", "--release", "--", "demo", "--quiet", "--out", "{temp}"],
            env: &[],
        },
    },
    Step {
        name: "reproduce",
        about: "the smallest reproduction of tests of bias holds where it must",
        action: Action::Reproduce {
            suite: "autocorrelation",
        },
    },
    Step {
        name: "reproduce-spad",
        about: "the same of training that is fair by location",
        action: Action::Reproduce { suite: "spad" },
    },
    Step {
        name: "reproduce-spad-sim",
        about: "the same of training on maps that stand for others",
        action: Action::Reproduce { suite: "spad-sim" },
    },
];

/// Runs the steps in order and stops at the first that fails.
pub(crate) fn run(root: &Path, args: &CiArgs) -> anyhow::Result<()> {
    if args.list {
        for step in STEPS {
            println!("{:<18} {} ({})", step.name, step.about, shown(step.action));
        }
        return Ok(());
    }
    let steps = chosen(STEPS, args.only.as_deref())?;
    let start = Instant::now();
    let mut n_skipped = 0;
    for step in &steps {
        eprintln!("== {}: {}", step.name, shown(step.action));
        let step_start = Instant::now();
        let outcome = perform(root, step.action);
        let seconds = step_start.elapsed().as_secs_f64();
        match outcome {
            Ok(Outcome::Passed) => eprintln!("== {}: passed in {seconds:.1} s\n", step.name),
            Ok(Outcome::Skipped(why)) => {
                n_skipped += 1;
                eprintln!("== {}: skipped: {why}\n", step.name);
            }
            Err(error) => {
                eprintln!("== {}: failed after {seconds:.1} s", step.name);
                return Err(error.context(format!("step `{}` failed", step.name)));
            }
        }
    }
    eprintln!(
        "== {} of {} steps passed, {n_skipped} skipped, in {:.1} s",
        steps.len() - n_skipped,
        STEPS.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn chosen(steps: &[Step], only: Option<&str>) -> anyhow::Result<Vec<Step>> {
    let Some(only) = only else {
        return Ok(steps.to_vec());
    };
    let found: Vec<Step> = steps.iter().filter(|step| step.name == only).copied().collect();
    if found.is_empty() {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        bail!("unknown step `{only}` (accepted: {})", names.join(", "));
    }
    Ok(found)
}

/// The arguments of cargo.
fn arguments(action: Action) -> Vec<&'static str> {
    match action {
        Action::Cargo { args, .. } | Action::CargoWithLibrary { args, .. } => args.to_vec(),
        Action::Reproduce { suite } => {
            let program = ["run", "--release", "--quiet", "--package", "xtask", "--"];
            let options = [
                "reproduce",
                suite,
                "--scale",
                "smoke",
                "--quiet",
                "--out",
                "{temp}",
            ];
            [program.as_slice(), &options].concat()
        }
        Action::Tidy => vec!["xtask", "tidy"],
    }
}

/// The environment variables of cargo.
fn environment(action: Action) -> &'static [(&'static str, &'static str)] {
    match action {
        Action::Cargo { env, .. } => env,
        _ => &[],
    }
}

fn shown(action: Action) -> String {
    let env = environment(action)
        .iter()
        .map(|(key, value)| format!("{key}='{value}'"));
    let args = arguments(action).into_iter().map(str::to_owned);
    let words: Vec<String> = env.chain(["cargo".to_owned()]).chain(args).collect();
    words.join(" ")
}

fn perform(root: &Path, action: Action) -> anyhow::Result<Outcome> {
    match action {
        Action::CargoWithLibrary { library, package, .. } if !links(library)? => {
            let why = format!("no program can be linked with {library} (Debian: apt-get install {package})");
            return Ok(Outcome::Skipped(why));
        }
        Action::Tidy => return tidy::run(root).map(|()| Outcome::Passed),
        Action::Cargo { .. } | Action::CargoWithLibrary { .. } | Action::Reproduce { .. } => {}
    }
    let temp = tempfile::tempdir().context("no temporary folder can be made")?;
    let mut command = Command::new(workspace::cargo());
    command
        .current_dir(root)
        .envs(environment(action).iter().copied());
    for arg in arguments(action) {
        if arg == "{temp}" {
            command.arg(temp.path());
        } else {
            command.arg(arg);
        }
    }
    let status = command.status().context("cargo cannot be run")?;
    ensure!(status.success(), "`{}` ended with {status}", shown(action));
    Ok(Outcome::Passed)
}

/// Whether the C compiler, which cargo links with, finds a library.
fn links(library: &str) -> anyhow::Result<bool> {
    let temp = tempfile::tempdir().context("no temporary folder can be made")?;
    let source = temp.path().join("empty.c");
    std::fs::write(&source, "").context("no temporary file can be made")?;
    let output = Command::new("cc")
        .arg("-shared")
        .arg(&source)
        .arg(format!("-l{library}"))
        .arg("-o")
        .arg(temp.path().join("probe"))
        .output();
    Ok(output.is_ok_and(|output| output.status.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_are_unique() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }

    #[test]
    fn only_selects_one_step_by_name() {
        let steps = chosen(STEPS, Some("doc")).unwrap();
        assert_eq!(steps.len(), 1);
        assert_eq!(
            shown(steps[0].action),
            "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps"
        );
    }

    #[test]
    fn without_only_all_steps_run_in_the_order_of_the_table() {
        let steps = chosen(STEPS, None).unwrap();
        assert_eq!(steps.first().map(|step| step.name), Some("fmt"));
        assert_eq!(steps.len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_an_error_that_lists_the_steps() {
        let error = chosen(STEPS, Some("format")).unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown step `format` (accepted: fmt, clippy, doc, tidy, test, lapack, cuda, demo, reproduce, reproduce-spad, reproduce-spad-sim)"
        );
    }

    #[test]
    fn a_step_whose_library_is_missing_is_skipped_and_says_what_to_install() {
        let action = Action::CargoWithLibrary {
            args: &["no-such-command-of-cargo"],
            library: "no-such-library",
            package: "libnone-dev",
        };
        let Ok(Outcome::Skipped(why)) = perform(Path::new("."), action) else {
            panic!("the step ran");
        };
        assert!(
            why.contains("no-such-library") && why.contains("libnone-dev"),
            "{why}"
        );
        // Every C compiler finds its own library.
        assert!(links("c").unwrap());
    }

    #[test]
    fn a_failing_cargo_command_fails_the_step() {
        let action = Action::Cargo {
            args: &["no-such-command-of-cargo"],
            env: &[],
        };
        let error = perform(Path::new("."), action).unwrap_err().to_string();
        assert!(error.contains("no-such-command-of-cargo"), "{error}");
    }
}
