//! Moran's I, global and local, under 999 permutations.

use wherefair::core::Seed;
use wherefair::stats::{
    Alternative, DenseWeights, LocalPermutationResult, Metric, PermutationResult, Permutations,
    SpatialWeights, Symmetrization, Transform, moran_local_permutation, moran_permutation,
};

use super::Bench;
use super::report::{Contest, Goal, Measurement, Plan, Work, contest};
use super::scene::{Sites, peer};

const N_PERMUTATIONS: u32 = 999;

/// Neighbours of a site.
const K: usize = 8;

/// Permutations that share a pass over the weights.
const LANES: f64 = 8.0;

/// 100,000 sites against esda and spdep.
pub(super) fn hundred_thousand(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    let sites = Sites::new(100_000);
    let w = sites.nearest(K)?;
    let exchange = sites.exchange()?;
    exchange.integer("neighbours", K)?;
    let goal = Goal::default();
    let mut measured = Vec::new();
    let mut esda = peer(bench, "moran.py", &exchange)?;
    // It takes minutes: once.
    let mut spdep = peer(bench, "moran.R", &exchange)?;
    let contests = [
        contest(&mut esda, "global", 5, Some(15.0)),
        contest(&mut spdep, "global", 1, None),
    ];
    measured.push(global(bench, "moran-100k", &w, &sites.z, goal, contests)?);
    let contests = [
        contest(&mut esda, "local", 3, Some(15.0)),
        contest(&mut spdep, "local", 1, Some(100.0)),
    ];
    measured.push(local(bench, "local-moran-100k", &w, &sites.z, goal, contests)?);
    Ok(measured)
}

/// 1,000,000 sites, and what a site costs against 100,000.
pub(super) fn million(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    let sites = Sites::new(1_000_000);
    let w = sites.nearest(K)?;
    let goal = |seconds| Goal {
        seconds: Some(seconds),
        mib: Some(2048.0),
    };
    let of_all = global(bench, "moran-1m", &w, &sites.z, goal(30.0), [])?;
    let of_each = local(bench, "local-moran-1m", &w, &sites.z, goal(60.0), [])?;
    let few = Sites::new(100_000);
    let few_w = few.nearest(K)?;
    let few = local(
        bench,
        "local-moran-100k-beside",
        &few_w,
        &few.z,
        Goal::default(),
        [],
    )?;
    println!(
        "  a site costs {:.2} times as much among 1,000,000 as among 100,000",
        of_each.seconds / few.seconds / 10.0
    );
    Ok(vec![of_all, of_each, few])
}

/// Inverse distances among all of 2,080 sites.
pub(super) fn dense(bench: Bench<'_>) -> anyhow::Result<Vec<Measurement>> {
    let sites = Sites::new(2080);
    let w = DenseWeights::inverse_distance(&sites.points, 1.0, Metric::Planar)?
        .transform(Transform::Row)?
        .to_sparse();
    let exchange = sites.exchange()?;
    exchange.integer("inverse_distance", 1)?;
    let mut esda = peer(bench, "moran.py", &exchange)?;
    let contests = [contest(&mut esda, "global", 5, Some(100.0))];
    let (n, permutations) = (sites.z.len() as f64, f64::from(N_PERMUTATIONS));
    let work = Work {
        bytes: permutations / LANES / 4.0 * 4.0 * n * n,
        flops: permutations * n * n,
        random_reads: permutations * n,
        table: sites.z.len(),
    };
    let plan = Plan {
        case: "moran-dense",
        what: "global Moran, 2,080 sites, inverse distances of all pairs".to_owned(),
        ours: || global_moran(&w, &sites.z),
        answer: |result: &PermutationResult| vec![result.statistic],
        n_runs: 5,
        work,
        goal: Goal::default(),
    };
    Ok(vec![plan.measure(bench.machine, contests.into_iter().flatten())?])
}

fn global<'p, 'e: 'p, const N: usize>(
    bench: Bench<'_>,
    case: &'static str,
    w: &SpatialWeights,
    z: &[f64],
    goal: Goal,
    contests: [Option<Contest<'p, 'e>>; N],
) -> anyhow::Result<Measurement> {
    let (n, permutations) = (z.len() as f64, f64::from(N_PERMUTATIONS));
    // Links of either direction count once.
    let n_links = w.symmetrize(Symmetrization::Sum).n_nonzero() as f64 / 2.0;
    let plan = Plan {
        case,
        what: format!("global Moran, {} sites, {K} nearest neighbours", z.len()),
        ours: || global_moran(w, z),
        answer: |result: &PermutationResult| vec![result.statistic],
        n_runs: 3,
        work: Work {
            // A share of the links; the permuted values written and read.
            bytes: permutations * (12.0 * n_links / LANES + 16.0 * n),
            flops: permutations * (2.0 * n_links + 2.0 * n),
            // A shuffle.
            random_reads: permutations * n,
            table: z.len(),
        },
        goal,
    };
    plan.measure(bench.machine, contests.into_iter().flatten())
}

fn local<'p, 'e: 'p, const N: usize>(
    bench: Bench<'_>,
    case: &'static str,
    w: &SpatialWeights,
    z: &[f64],
    goal: Goal,
    contests: [Option<Contest<'p, 'e>>; N],
) -> anyhow::Result<Measurement> {
    let n_draws = f64::from(N_PERMUTATIONS) * w.n_nonzero() as f64;
    let plan = Plan {
        case,
        what: format!("local Moran, {} sites, {K} nearest neighbours", z.len()),
        ours: || -> anyhow::Result<LocalPermutationResult> {
            let permutations = Permutations::new(N_PERMUTATIONS, Seed::new(1))?;
            Ok(moran_local_permutation(
                w,
                z,
                Alternative::TwoSided,
                permutations,
            )?)
        },
        answer: |result: &LocalPermutationResult| result.statistic.clone(),
        n_runs: 3,
        work: Work {
            bytes: 12.0 * w.n_nonzero() as f64,
            flops: 2.0 * n_draws,
            random_reads: n_draws,
            table: z.len(),
        },
        goal,
    };
    plan.measure(bench.machine, contests.into_iter().flatten())
}

fn global_moran(w: &SpatialWeights, z: &[f64]) -> anyhow::Result<PermutationResult> {
    let permutations = Permutations::new(N_PERMUTATIONS, Seed::new(1))?;
    Ok(moran_permutation(w, z, Alternative::Greater, permutations)?)
}
