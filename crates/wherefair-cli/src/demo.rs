//! `wherefair demo`: the bundled houses, end to end.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::Outcome;
use crate::args::{AuditArgs, Cli, Command, DemoArgs};
use crate::audit_command::{audit_input, print, set_threads};
use crate::input::Input;
use crate::output::Outputs;
use crate::progress::Bars;
use crate::train::{TrainArgs, Trained, train_table};

const INTRODUCTION: &str = "\
A county assessor predicts what houses are worth; 25,357 of them were sold. Are the predictions equally good
everywhere? Score: the mean |ln(assessed value / sale price)|; 0.10 means off by about 10 %.
";

const TRAINING: &str = "\
Can a model be trained to be fairer? A small network learns the price from what the file says of a house, never from
the assessor's value, as usual (Base) and fair by location (SPAD); all three predict the same houses, which neither
network was trained on.
";

/// What the model behind the column of assessed values is called.
const ASSESSOR: &str = "assessor";

/// Audits the bundled houses, trains on them, and writes reports, JSON and model.
pub(crate) fn run(args: &DemoArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    let bars = Bars::new(args.running.quiet);
    let audit_args = audit_args(args.seed)?;
    let audited = audit_input(Input::bundled_houses()?, &audit_args, &bars)?;
    let trained = train(args.seed, &bars)?;
    bars.finish();

    let folder = args.out.display();
    fs::create_dir_all(&args.out).with_context(|| format!("--out {folder}: cannot make this folder"))?;
    let file = |name: &str| -> PathBuf { args.out.join(name) };
    let files: [(PathBuf, Vec<u8>); 5] = [
        (
            file("report.html"),
            audited
                .html("Lucas County: the assessor's valuations")
                .into_bytes(),
        ),
        (file("audit.json"), audited.json()?.into_bytes()),
        (
            file("training.html"),
            trained
                .html("Lucas County: a model that is fair by location")
                .into_bytes(),
        ),
        (file("training.json"), trained.json()?.into_bytes()),
        (file("model.safetensors"), trained.fair.to_bytes()?),
    ];
    let mut outputs = Outputs::default();
    for (path, _) in &files {
        outputs.plan("--out", path, true)?;
    }
    let contents: Vec<&Vec<u8>> = files.iter().map(|(_, contents)| contents).collect();
    outputs.write(&contents)?;

    let shown = |i: usize| -> &Path { &files[i].0 };
    print(&format!(
        "{INTRODUCTION}\n{}\n{}\n\n{TRAINING}\n{}\n\nReports: {}\n         {}\nJSON:    {}\n         {}\nModel:   {}\n",
        audited.table(),
        audited.sentence,
        trained.text(),
        shown(0).display(),
        shown(2).display(),
        shown(1).display(),
        shown(3).display(),
        shown(4).display()
    ))?;
    Ok(Outcome::Done)
}

/// Trains on the bundled houses; the assessor's value is held against the models.
fn train(seed: u64, bars: &Bars) -> Result<Trained> {
    let input = Input::bundled_houses()?;
    let mut trained = train_table(&input.table, &input.title, &train_args(seed)?, bars)?;
    if let Some(assessor) = trained.models.last_mut() {
        ASSESSOR.clone_into(&mut assessor.name);
    }
    Ok(trained)
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

/// The same flags that a user would type for their own table.
fn train_args(seed: u64) -> Result<TrainArgs> {
    let seed = seed.to_string();
    let flags = [
        "wherefair",
        "train",
        "lucas_county_houses.csv",
        "--target",
        "price",
        "--features",
        "TLA,age,rooms,beds,baths,halfbaths,lotsize,frontage,depth,garagesqft,syear",
        "--categorical",
        "stories,wall,garage",
        "--compare",
        "avalue",
        "--metric",
        "log-ratio",
        "--batch",
        "256",
        "--max-quality-loss",
        "0.02",
        // Two houses alone have two and a half stories, and two have three.
        "--unseen",
        "other",
        "--worst",
        "5",
        "--seed",
        &seed,
    ];
    match Cli::try_parse_from(flags)?.command {
        Command::Train(args) => Ok(*args),
        _ => anyhow::bail!("the flags of the demo are not those of a training"),
    }
}
