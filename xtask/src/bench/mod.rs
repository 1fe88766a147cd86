//! `bench`: measures speed, one file a suite.

mod audit;
mod machine;
mod peer;
mod physics;
mod process;
pub(crate) mod spad;
mod stats;
pub(crate) mod timing;

use std::path::Path;

use anyhow::bail;
use clap::Args;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// The suite to run
    suite: String,
    /// Measure the peer libraries on the same work too
    #[arg(long)]
    peer: bool,
    /// Run whole trainings, where otherwise a part stands for the whole
    #[arg(long)]
    full: bool,
    /// Measure only this case of the suite (may be given more than once)
    #[arg(long, value_name = "CASE")]
    only: Vec<String>,
}

/// One suite of measurements.
struct Suite {
    name: &'static str,
    run: fn(root: &Path, args: &BenchArgs) -> anyhow::Result<()>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "audit",
        run: audit::run,
    },
    Suite {
        name: "stats",
        run: stats::run,
    },
    Suite {
        name: "spad",
        run: spad::run,
    },
    Suite {
        name: "physics",
        run: physics::run,
    },
];

/// Runs the suite that is asked for.
pub(crate) fn run(root: &Path, args: &BenchArgs) -> anyhow::Result<()> {
    let Some(suite) = find(SUITES, &args.suite) else {
        bail!("unknown suite `{}` (accepted: {})", args.suite, accepted(SUITES));
    };
    if cfg!(debug_assertions) {
        // Times of an unoptimised build mean nothing.
        return crate::optimised::again();
    }
    (suite.run)(root, args)
}

fn find<'a>(suites: &'a [Suite], name: &str) -> Option<&'a Suite> {
    suites.iter().find(|suite| suite.name == name)
}

fn accepted(suites: &[Suite]) -> String {
    if suites.is_empty() {
        return "there is no suite yet".to_owned();
    }
    let names: Vec<_> = suites.iter().map(|suite| format!("`{}`", suite.name)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(_: &Path, _: &BenchArgs) -> anyhow::Result<()> {
        bail!("not measured in tests")
    }

    const TWO: &[Suite] = &[
        Suite {
            name: "first",
            run: refuse,
        },
        Suite {
            name: "second",
            run: refuse,
        },
    ];

    #[test]
    fn a_suite_is_found_by_its_whole_name() {
        assert_eq!(find(TWO, "second").map(|suite| suite.name), Some("second"));
        assert!(find(TWO, "sec").is_none());
    }

    #[test]
    fn the_error_lists_the_suites_there_are() {
        assert_eq!(accepted(TWO), "`first`, `second`");
        assert_eq!(accepted(&[]), "there is no suite yet");
    }

    #[test]
    fn an_unknown_suite_is_an_error_that_names_it() {
        let args = BenchArgs {
            suite: "no-such-suite".to_owned(),
            peer: false,
            full: false,
            only: vec![],
        };
        let error = run(Path::new("."), &args).unwrap_err().to_string();
        assert!(
            error.starts_with("unknown suite `no-such-suite` (accepted: "),
            "{error}"
        );
    }
}
