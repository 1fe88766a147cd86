//! Development tasks of the workspace, run as `cargo xtask <task>`.
//!
//! Nothing here is published or used by the libraries. Tasks need cargo and git; `golden` also uses Python and
//! R where they are installed and says so where they are not.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the tasks report to the developer's terminal"
)]

mod bench;
mod ci;
mod golden;
mod gpu_check;
mod interpreter;
mod optimised;
mod reproduce;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of the wherefair workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check what the compiler cannot: layers, orphan files, links, manifests, file lengths
    Tidy,
    /// Run every step of continuous integration, in order, until one fails
    Ci(ci::CiArgs),
    /// Make the reference values of the tests anew with Python and R
    Golden(golden::GoldenArgs),
    /// Measure speed
    Bench(bench::BenchArgs),
    /// Check a graphics card: the same results as the processor, and how long trainings take
    GpuCheck(gpu_check::GpuCheckArgs),
    /// Reproduce the experiments of a paper: tables, figures, and its numbers beside ours
    Reproduce(reproduce::ReproduceArgs),
}

fn main() -> ExitCode {
    let outcome = workspace::root().and_then(|root| match Cli::parse().task {
        Task::Tidy => tidy::run(&root),
        Task::Ci(args) => ci::run(&root, &args),
        Task::Golden(args) => golden::run(&root, &args),
        Task::Bench(args) => bench::run(&root, &args),
        Task::GpuCheck(args) => gpu_check::run(&args),
        Task::Reproduce(args) => reproduce::run(&root, &args),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
