//! The `wherefair` program: does this model work equally well everywhere?

mod args;
mod audit_command;
mod audit_errors;
mod bias;
mod columns;
mod demo;
mod grid;
mod input;
mod local_moran_command;
mod maps;
mod measure;
mod moran_command;
mod output;
mod progress;
mod scan;
mod simulate;
mod source;
mod spatial_args;
mod spatial_weights;
mod table;
mod train;
mod units;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};

/// How a command ends when nothing goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    GateFailed,
}

fn main() -> ExitCode {
    hush_decoders();
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Audit(args) => audit_command::run(&args),
        Command::Moran(args) => moran_command::run(&args),
        Command::LocalMoran(args) => local_moran_command::run(&args),
        Command::Bias(args) => bias::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Predict(args) => train::predict(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Demo(args) => demo::run(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::GateFailed) => ExitCode::from(1),
        Err(error) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(std::io::stderr(), "error: {}", one_line(&error));
            ExitCode::from(2)
        }
    }
}

/// A decoder that panics on a damaged file is reported as an error, and only so.
fn hush_decoders() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !wherefair_data::is_decoding() {
            usual(panic);
        }
    }));
}

/// The error with its causes, without repeating a cause that its effect already names.
fn one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string().replace('\n', " ");
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}
