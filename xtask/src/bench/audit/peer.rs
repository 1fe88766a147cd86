//! The same audit with pandas and scikit-learn.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use wherefair::core::Extent;
use wherefair::partition::PartitioningDistribution;

use super::scene::{Order, Scene};
use super::{best_of, config, run_audit};
use crate::interpreter::Interpreter;

/// Rows that both sides audit; pandas takes minutes for more.
const N_ROWS: usize = 1_000_000;

/// How far the two answers may lie apart.
const TOLERANCE: f64 = 1e-9;

#[derive(Debug, Deserialize)]
struct Answer {
    peer: String,
    seconds: f64,
    sum_of_means: f64,
}

/// Times both sides on the same columns, and checks that they agree.
pub(super) fn run(root: &Path) -> anyhow::Result<()> {
    let scene = Scene::new(N_ROWS, Order::Random);
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let bytes = |values: &[f64]| {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let labels = |values: &[u32]| {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    fs::write(folder.path().join("x"), bytes(&scene.x))?;
    fs::write(folder.path().join("y"), bytes(&scene.y))?;
    fs::write(folder.path().join("truth"), labels(&scene.truth))?;
    fs::write(folder.path().join("pred"), labels(&scene.pred))?;

    let script = root.join("xtask/src/bench/audit/peer/audit_pandas.py");
    let python = Interpreter::of(&script)
        .context("the peer is a script")?
        .command();
    let output = Command::new(&python)
        .arg(&script)
        .arg(folder.path())
        .output()
        .with_context(|| format!("{python} cannot be started (WHEREFAIR_PYTHON names another)"))?;
    if !output.status.success() {
        bail!(
            "{python} {} failed: {}",
            script.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let theirs: Answer = serde_json::from_slice(&output.stdout).context("the peer's answer is no JSON")?;

    let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 5, 5)?;
    let config = config(0)?;
    let source = scene.source()?;
    let ours = run_audit(source, &maps, &config)?.spad.sum_of_means.observed;
    if (ours - theirs.sum_of_means).abs() > TOLERANCE {
        bail!(
            "S(d)mean is {ours} here and {} in {}",
            theirs.sum_of_means,
            theirs.peer
        );
    }
    let seconds = best_of(|| run_audit(source, &maps, &config))?;
    println!(
        "\n24 maps, {N_ROWS} rows: {:.0} times faster than {} (same S(d)mean)",
        theirs.seconds / seconds,
        theirs.peer
    );
    Ok(())
}
