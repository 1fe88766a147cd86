//! Long tasks in an optimised build.

use std::process::Command;

use anyhow::{Context as _, bail};

/// Builds this program with optimisation and runs that with the arguments of this run, in the same folder.
pub(crate) fn again() -> anyhow::Result<()> {
    let status = Command::new(crate::workspace::cargo())
        .args(["run", "--release", "--quiet", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .status()
        .context("cargo cannot be started")?;
    if !status.success() {
        bail!("the optimised run ended with {status}");
    }
    Ok(())
}
