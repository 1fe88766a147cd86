//! Long tasks in an optimised build.

use std::process::Command;

use anyhow::Context as _;

/// Builds this program with optimisation and runs that with the arguments of this run, in the same folder.
pub(crate) fn again() -> anyhow::Result<()> {
    again_with(&[])
}

/// As [`again`], built with these features.
///
/// # Errors
/// Where cargo cannot be started. A run that fails has said why: this program then ends with the same code.
pub(crate) fn again_with(features: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(crate::workspace::cargo());
    command.args(["run", "--release", "--quiet", "--package", "xtask"]);
    for feature in features {
        command.args(["--features", feature]);
    }
    let status = command
        .arg("--")
        .args(std::env::args_os().skip(1))
        .status()
        .context("cargo cannot be started")?;
    if !status.success() {
        let code = status.code().context("the optimised run was ended by a signal")?;
        std::process::exit(code);
    }
    Ok(())
}
