//! The same epoch in JAX and TensorFlow.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Answer {
    peer: String,
    n: usize,
    epoch_s: f64,
}

/// The peer's name and its seconds a million samples.
pub(super) fn epoch(root: &Path, script: &str, n_samples: usize) -> anyhow::Result<(String, f64)> {
    let python = std::env::var("WHEREFAIR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python)
        .arg(root.join("xtask/src/bench/nn/peer").join(script))
        .arg(n_samples.to_string())
        .output()
        .with_context(|| format!("{python} cannot be started (WHEREFAIR_PYTHON names another)"))?;
    if !output.status.success() {
        bail!(
            "{python} xtask/src/bench/nn/peer/{script} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    let answer: Answer = serde_json::from_str(line).context("the peer's answer is no JSON")?;
    Ok((answer.peer, answer.epoch_s * 1e6 / answer.n as f64))
}
