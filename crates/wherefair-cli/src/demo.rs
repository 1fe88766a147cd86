//! `wherefair demo`: the bundled houses, end to end.

use std::fs;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::Outcome;
use crate::args::{AuditArgs, Cli, Command, DemoArgs};
use crate::audit_command::{audit_input, print, set_threads};
use crate::input::Input;
use crate::output::Outputs;
use crate::progress::Bars;

const INTRODUCTION: &str = "\
A county assessor predicts what houses are worth; 25,357 of them were sold. Are the predictions equally good
everywhere? Score: the mean |ln(assessed value / sale price)|; 0.10 means off by about 10 %.
";

/// Audits the bundled houses and writes report and JSON.
pub(crate) fn run(args: &DemoArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    let bars = Bars::new(args.running.quiet);
    let audit_args = audit_args(args.seed)?;
    let audited = audit_input(Input::bundled_houses()?, &audit_args, &bars)?;
    bars.finish();

    let folder = args.out.display();
    fs::create_dir_all(&args.out).with_context(|| format!("--out {folder}: cannot make this folder"))?;
    let mut outputs = Outputs::default();
    let (report, json) = (args.out.join("report.html"), args.out.join("audit.json"));
    outputs.plan("--out", &report, true)?;
    outputs.plan("--out", &json, true)?;
    outputs.write(&[
        audited.html("Lucas County: the assessor's valuations"),
        audited.json()?,
    ])?;

    print(&format!(
        "{INTRODUCTION}\n{}\n{}\n\nReport: {}\nJSON:   {}\n",
        audited.table(),
        audited.sentence,
        report.display(),
        json.display()
    ))?;
    Ok(Outcome::Done)
}

/// The same flags that a user would type for their own table.
fn audit_args(seed: u64) -> Result<AuditArgs> {
    let seed = seed.to_string();
    let flags = [
        "wherefair",
        "audit",
        "lucas_county_houses.csv",
        "--truth",
        "price",
        "--pred",
        "avalue",
        "--x",
        "x_m",
        "--y",
        "y_m",
        "--metric",
        "log-ratio",
        "--crs",
        "EPSG:2834",
        "--weights",
        "knn:8",
        "--seed",
        &seed,
    ];
    match Cli::try_parse_from(flags)?.command {
        Command::Audit(args) => Ok(*args),
        _ => anyhow::bail!("the flags of the demo are not those of an audit"),
    }
}
