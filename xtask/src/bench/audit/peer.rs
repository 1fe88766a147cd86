//! The same audit with pandas and scikit-learn.

use std::path::Path;

use anyhow::bail;
use wherefair::core::Extent;
use wherefair::partition::PartitioningDistribution;

use super::scene::{Order, Scene};
use super::{config, run_audit};
use crate::bench::peer::{Exchange, Peer};
use crate::bench::timing::{median, timed};

/// Rows that both sides audit; pandas takes minutes for more.
const N_ROWS: usize = 1_000_000;

/// Runs of both sides, in turn.
const N_PAIRS: usize = 3;

/// How far the two answers may lie apart.
const TOLERANCE: f64 = 1e-9;

/// Times both sides on the same columns, and checks that they agree.
pub(super) fn run(root: &Path) -> anyhow::Result<()> {
    let scene = Scene::new(N_ROWS, Order::Random);
    let exchange = Exchange::new()?;
    exchange.column("x", &scene.x)?;
    exchange.column("y", &scene.y)?;
    for (name, labels) in [("truth", &scene.truth), ("pred", &scene.pred)] {
        let labels: Vec<f64> = labels.iter().map(|&label| label.into()).collect();
        exchange.column(name, &labels)?;
    }
    let Some(mut pandas) = Peer::start(root, "audit/peer/audit_pandas.py", &exchange)? else {
        return Ok(());
    };
    let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 5, 5)?;
    let config = config(0)?;
    let source = scene.source()?;
    let ours = run_audit(source, &maps, &config)?.spad.sum_of_means.observed;
    let mut quotients = Vec::new();
    for _ in 0..N_PAIRS {
        let (theirs, answer) = pandas.run("audit")?;
        if answer.len() != 1 || (ours - answer[0]).abs() > TOLERANCE {
            bail!("S(d)mean is {ours} here and {answer:?} in {}", pandas.name);
        }
        let seconds = timed(|| run_audit(source, &maps, &config))?.seconds;
        quotients.push(theirs.seconds / seconds);
    }
    println!(
        "\n24 maps, {N_ROWS} rows: {:.0} times faster than {} (median of {N_PAIRS}, same S(d)mean)",
        median(quotients),
        pandas.name
    );
    Ok(())
}
