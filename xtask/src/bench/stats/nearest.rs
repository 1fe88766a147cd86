//! Nearest neighbours of a million points.

use wherefair::stats::{Metric, SpatialWeights};

use super::Bench;
use super::report::{Goal, Measurement, Plan, Work, contest};
use super::scene::{Sites, peer};

/// Neighbours of a point.
const K: usize = 8;

/// Against scipy's tree and libpysal.
pub(super) fn million(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    let sites = Sites::new(1_000_000);
    let n = sites.points.len() as f64;
    let exchange = sites.exchange()?;
    exchange.integer("neighbours", K)?;
    let mut scipy = peer(bench, "nearest.py", &exchange)?;
    let mut libpysal = peer(bench, "nearest_libpysal.py", &exchange)?;
    let contests = [
        contest(&mut scipy, "nearest", 3, None),
        contest(&mut libpysal, "nearest", 1, None),
    ];
    let plan = Plan {
        case: "nearest-1m",
        what: "8 nearest neighbours of 1,000,000 points".to_owned(),
        ours: || Ok(SpatialWeights::k_nearest(&sites.points, K, Metric::Planar)?),
        answer: |w: &SpatialWeights| w.neighbours().iter().map(|&j| f64::from(j)).collect(),
        n_runs: 3,
        work: Work {
            // Points read; neighbours, weights and offsets written.
            bytes: n * (16.0 + 12.0 * K as f64 + 8.0),
            // A distance of each neighbour.
            flops: 5.0 * n * K as f64,
            random_reads: n * K as f64,
            table: 2 * sites.points.len(),
        },
        goal: Goal {
            seconds: Some(3.0),
            mib: None,
        },
    };
    Ok(vec![plan.measure(bench.machine, contests.into_iter().flatten())?])
}
