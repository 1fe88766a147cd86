//! Eigenvector spatial filtering from the weights to the filter.

use wherefair::core::Seed;
use wherefair::stats::{
    CandidateRule, Contiguity, Criterion, ForwardFilter, ForwardParams, L1Filter, L1Params, Projection,
    SpatialWeights, Transform, candidates, dense_eigenbasis, forward_filter, l1_filter,
};

use super::Bench;
use super::eigen::dense_flops;
use super::report::{Goal, Measurement, Plan, Work, contest};
use super::scene::peer;
use crate::bench::peer::Exchange;

/// A smooth surface over a lattice with noise, and a covariate of its own.
fn variables(n_rows: usize, n_columns: usize) -> (Vec<f64>, Vec<f64>) {
    let mut stream = Seed::new(1).stream("bench/surface");
    let cells = (0..n_rows).flat_map(|row| (0..n_columns).map(move |column| (row as f64, column as f64)));
    cells
        .map(|(row, column)| {
            let x = stream.standard_normal();
            let wave = (0.35 * row).sin() + (0.21 * column + 0.1 * row).cos();
            (wave + 0.5 * x + 0.7 * stream.standard_normal(), x)
        })
        .unzip()
}

/// The whole spectrum of 2,080 units, the L1 path and the choice by BIC.
pub(super) fn l1(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    let w = SpatialWeights::from_raster(40, 52, None, Contiguity::Queen)?;
    let (y, _) = variables(40, 52);
    let params = L1Params::default().criterion(Criterion::Bic);
    let plan = Plan {
        case: "l1",
        what: format!("all eigenvectors of {} units, L1 path, BIC", w.n()),
        ours: || {
            let basis = dense_eigenbasis(&w, Projection::Mean)?;
            let candidates = candidates(&basis, CandidateRule::AllPositive)?;
            Ok(l1_filter(&y, &[], &basis, &candidates, params)?)
        },
        answer: |filter: &L1Filter| filter.residuals.clone(),
        n_runs: 5,
        work: Work {
            flops: dense_flops(w.n() as f64),
            ..Work::default()
        },
        goal: Goal {
            seconds: Some(3.0),
            mib: None,
        },
    };
    Ok(vec![plan.measure(bench.machine, [])?])
}

/// Forward selection on a lattice of 32 × 32 against spatialreg.
pub(super) fn forward(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    const SIDE: usize = 32;
    let binary = SpatialWeights::from_raster(SIDE, SIDE, None, Contiguity::Queen)?;
    let w = binary.transform(Transform::Row)?;
    // The covariate tells apart what the lattice's symmetry leaves alike.
    let (y, x) = variables(SIDE, SIDE);
    let exchange = Exchange::new()?;
    exchange.column("y", &y)?;
    exchange.column("x", &x)?;
    let mut spatialreg = peer(bench, "forward.R", &exchange)?;
    let contests = [contest(&mut spatialreg, "forward", 3, Some(50.0))];
    let plan = Plan {
        case: "forward",
        what: "eigenvectors and forward selection, 32 × 32 lattice".to_owned(),
        ours: || {
            let basis = dense_eigenbasis(&w, Projection::Covariates(&[&x]))?;
            Ok(forward_filter(&y, &[&x], &w, &basis, ForwardParams::default())?)
        },
        answer: |filter: &ForwardFilter| {
            // spatialreg counts from 1; the state before any selection has 0.
            let index = filter
                .steps
                .iter()
                .map(|step| step.eigenvector.map_or(0.0, |index| index as f64 + 1.0));
            let statistic = filter.steps.iter().map(|step| step.statistic);
            let z_score = filter.steps.iter().map(|step| step.z_score);
            index.chain(statistic).chain(z_score).collect()
        },
        n_runs: 5,
        work: Work {
            flops: dense_flops((SIDE * SIDE) as f64),
            ..Work::default()
        },
        goal: Goal::default(),
    };
    Ok(vec![plan.measure(bench.machine, contests.into_iter().flatten())?])
}
