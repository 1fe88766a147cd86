//! Eigenvectors of centred weights: all of a small graph, the leading ones of a large one.

use anyhow::ensure;
use wherefair::core::Seed;
use wherefair::stats::{
    Contiguity, EigenBasis, LanczosParams, Projection, SpatialWeights, dense_eigenbasis, leading_eigenbasis,
};

use super::Bench;
use super::report::{Goal, Measurement, Plan, Work, contest};
use super::scene::{exchange_links, irregular_lattice, peer};

/// Operations that reduce a dense symmetric matrix of order `n` to tridiagonal form and turn its eigenvectors back.
pub(super) fn dense_flops(n: f64) -> f64 {
    (4.0 / 3.0 + 2.0) * n * n * n
}

/// All eigenvectors of 2,080 units.
pub(super) fn spectrum(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    let w = SpatialWeights::from_raster(40, 52, None, Contiguity::Queen)?;
    let exchange = exchange_links(&w)?;
    exchange.integer("leading", 0)?;
    let mut numpy = peer(bench, "spectrum.py", &exchange)?;
    let contests = [contest(&mut numpy, "spectrum", 3, None)];
    let plan = Plan {
        case: "spectrum",
        what: format!("all eigenvectors of {} units", w.n()),
        ours: || Ok(dense_eigenbasis(&w, Projection::Mean)?),
        answer: |basis: &EigenBasis| basis.values().to_vec(),
        n_runs: 3,
        work: Work {
            flops: dense_flops(w.n() as f64),
            ..Work::default()
        },
        goal: Goal {
            seconds: Some(3.0),
            mib: None,
        },
    };
    Ok(vec![plan.measure(bench.machine, contests.into_iter().flatten())?])
}

/// The 200 leading eigenvectors of about 100,000 units.
pub(super) fn leading(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    const K: usize = 200;
    let w = irregular_lattice(325)?;
    let exchange = exchange_links(&w)?;
    exchange.integer("leading", K)?;
    let mut scipy = peer(bench, "spectrum.py", &exchange)?;
    let contests = [contest(&mut scipy, "leading", 1, None)];
    let (n, k) = (w.n() as f64, K as f64);
    let plan = Plan {
        case: "lanczos",
        what: format!("{K} leading eigenvectors of {} units", w.n()),
        ours: || {
            let basis = leading_eigenbasis(&w, Projection::Mean, K, LanczosParams::default(), Seed::new(1))?;
            let converged = basis.convergence().is_some_and(|found| found.converged);
            ensure!(converged, "not all eigenvectors converged");
            Ok(basis)
        },
        answer: |basis: &EigenBasis| basis.values().to_vec(),
        n_runs: 1,
        work: Work {
            bytes: 8.0 * n * k,
            // One orthogonalisation against those before, and one product with the weights, a vector.
            flops: 2.0 * n * k * k + 2.0 * w.n_nonzero() as f64 * k,
            ..Work::default()
        },
        goal: Goal {
            seconds: Some(120.0),
            mib: None,
        },
    };
    Ok(vec![plan.measure(bench.machine, contests.into_iter().flatten())?])
}
