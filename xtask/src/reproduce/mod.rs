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
    progress: &'a Progress,
}

/// One paper.
struct Suite {
    name: &'static str,
    /// Whether it reads a file of real data that is named.
    takes_file: bool,
    run: fn(&Setting<'_>) -> anyhow::Result<Report>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "autocorrelation",
        takes_file: false,
        run: autocorrelation::run,
    },
    Suite {
        name: "spad",
        takes_file: true,
        run: spad::run,
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
    if let (Some(file), false) = (&args.data, suite.takes_file) {
        bail!(
            "the suite `{}` takes no --data, which is {} (accepted: WHEREFAIR_REAL_DATA, the folder)",
            suite.name,
            file.display()
        );
    }
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

/// Runs a suite with the threads that are asked for.
fn perform(suite: &Suite, root: &Path, args: &ReproduceArgs) -> anyhow::Result<Report> {
    let progress = Progress::new(args.quiet);
    let setting = Setting {
        scale: args.scale,
        seed: Seed::new(args.seed),
        data: real_data(root),
        file: args.data.clone(),
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
