//! `reproduce`: the experiments of a paper, one folder a suite.
//!
//! A suite gets a [`Setting`] and returns a [`Report`]; all that is common, such as files, checks, progress and
//! threads, is done here. Results depend on the scale and the seed alone, not on the number of threads.

mod autocorrelation;
mod comparison;
mod figure;
mod progress;
mod rate;
mod report;
mod scale;
mod spad;
mod summary;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use wherefair::core::Seed;

use self::progress::Progress;
use self::report::Report;
use self::scale::Scale;

/// What to reproduce.
#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    /// The suite to run: the paper
    suite: String,
    /// How much of it: `smoke` a minute, `small` a quarter of an hour, `paper` what the paper did
    #[arg(long, value_enum, default_value_t = Scale::Smoke)]
    scale: Scale,
    /// The folder for results.json, summary.md, tables and figures [default: target/reproduce/SUITE-SCALE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where all random numbers come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of threads; all by default, and the results do not depend on it
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Only this part, for the suite `spad`: `scenes`, `crops` or `houses`; for `spad-sim`: `tables` of 24 crop partitionings, `tables-99`, `cost`,
    /// `loops` or `choices`, for oil palm `palm-tables` and so on, for the LSTM on it `series-tables` and so on
    #[arg(long, value_name = "PART")]
    only: Option<String>,
    /// How many runs to average over, for the suites `spad` and `spad-sim`, from `--seed` on [default: that of the scale]
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// A file of real data, for the suite `spad`: the crops [default: the one in the folder of real data]
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Show no progress and no summary
    #[arg(long)]
    quiet: bool,
}

/// What a suite is told.
#[derive(Debug)]
struct Setting<'a> {
    scale: Scale,
    seed: Seed,
    /// The folder of real data, which need not exist.
    data: PathBuf,
    /// The file of real data that was asked for.
    file: Option<PathBuf>,
    /// The part that was asked for, one of the suite's.
    only: Option<String>,
    /// The number of runs that was asked for, above 0.
    n_runs: Option<u64>,
    progress: &'a Progress,
}

/// One paper.
struct Suite {
    name: &'static str,
    /// Parts that can be run alone; a suite with some also takes a file of real data and a number of runs.
    parts: &'static [&'static str],
    run: fn(&Setting<'_>) -> anyhow::Result<Report>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "autocorrelation",
        parts: &[],
        run: autocorrelation::run,
    },
    Suite {
        name: "spad",
        parts: spad::PARTS,
        run: spad::run,
    },
    Suite {
        name: "spad-sim",
        parts: spad::similarity::PARTS,
        run: spad::similarity::run,
    },
];

/// Runs the suite that is asked for, writes its files, and fails where a check does.
pub(crate) fn run(root: &Path, args: &ReproduceArgs) -> anyhow::Result<()> {
    let Some(suite) = SUITES.iter().find(|suite| suite.name == args.suite) else {
        let names: Vec<_> = SUITES.iter().map(|suite| format!("`{}`", suite.name)).collect();
        bail!("unknown suite `{}` (accepted: {})", args.suite, names.join(", "));
    };
    if args.threads == Some(0) {
        bail!("invalid --threads: 0 (accepted: a whole number above 0)");
    }
    check_options(suite, args)?;
    if cfg!(debug_assertions) {
        return crate::optimised::again();
    }
    let folder = args.out.clone().unwrap_or_else(|| {
        let name = format!("{}-{}", suite.name, args.scale.name());
        root.join("target/reproduce").join(name)
    });
    let report = perform(suite, root, args)?;
    report.write(&folder)?;
    if !args.quiet {
        println!("{}", summary::of(&report));
        println!("written to {}", folder.display());
    }
    report.verdict()
}

/// Refuses options that the suite does not have.
fn check_options(suite: &Suite, args: &ReproduceArgs) -> anyhow::Result<()> {
    let given = [
        ("--data", args.data.is_some()),
        ("--only", args.only.is_some()),
        ("--runs", args.runs.is_some()),
    ];
    if let (true, Some((option, _))) = (suite.parts.is_empty(), given.iter().find(|(_, given)| *given)) {
        bail!(
            "the suite `{}` takes no {option} (accepted: `spad` does)",
            suite.name
        );
    }
    if args.runs == Some(0) {
        bail!("invalid --runs: 0 (accepted: a whole number above 0)");
    }
    if let Some(only) = &args.only
        && !suite.parts.contains(&only.as_str())
    {
        bail!("unknown part `{only}` (accepted: {})", suite.parts.join(", "));
    }
    Ok(())
}

/// Runs a suite with the threads that are asked for.
fn perform(suite: &Suite, root: &Path, args: &ReproduceArgs) -> anyhow::Result<Report> {
    let progress = Progress::new(args.quiet);
    let setting = Setting {
        scale: args.scale,
        seed: Seed::new(args.seed),
        data: real_data(root),
        file: args.data.clone(),
        only: args.only.clone(),
        n_runs: args.runs,
        progress: &progress,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads.unwrap_or(0))
        .build()
        .context("no threads can be started")?;
    let report = pool.install(|| (suite.run)(&setting));
    progress.finish();
    report
}

/// The folder of real data that do not ship with the project.
fn real_data(root: &Path) -> PathBuf {
    std::env::var_os("WHEREFAIR_REAL_DATA").map_or_else(|| root.join("../shared/data"), PathBuf::from)
}

#[cfg(test)]
mod tests;
