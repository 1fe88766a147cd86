//! Levels at the margin by simulation, power within it, and bad input.

use wherefair_core::{Point, Seed};

use super::*;
use crate::{Contiguity, Metric, SpatialWeights, Symmetrization, Transform};

const SIDE: usize = 10;
const N_RUNS: u64 = 200;
/// The most rejections of 200 at the level 0.05: the 0.995 quantile of their binomial distribution.
const MOST_REJECTED: u32 = 19;

fn lattice() -> SpatialWeights {
    let w = SpatialWeights::from_raster(SIDE, SIDE, None, Contiguity::Rook).unwrap();
    w.transform(Transform::Row).unwrap()
}

fn points() -> Vec<Point> {
    let mut stream = Seed::new(3).stream("points");
    (0..SIDE * SIDE)
        .map(|_| Point::new(stream.uniform(), stream.uniform()))
        .collect()
}

fn nearest() -> SpatialWeights {
    SpatialWeights::k_nearest(&points(), 8, Metric::Planar)
        .unwrap()
        .symmetrize(Symmetrization::Max)
        .transform(Transform::Row)
        .unwrap()
}

fn inverse_distance() -> SpatialWeights {
    SpatialWeights::inverse_distance(&points(), 1.0, f64::INFINITY, Metric::Planar)
        .unwrap()
        .transform(Transform::Row)
        .unwrap()
}

/// x = ρ W x + ε as a series; row-standardised weights have spectral radius 1.
fn autoregressive(w: &SpatialWeights, rho: f64, index: u64) -> Vec<f64> {
    let mut stream = Seed::new(31).indexed("errors", index);
    let errors: Vec<f64> = (0..w.n()).map(|_| stream.standard_normal()).collect();
    let mut x = errors.clone();
    for _ in 0..80 {
        x = (0..w.n())
            .map(|i| errors[i] + rho * crate::autocorrelation::lag(w, &x, i))
            .collect();
    }
    x
}

/// The mean difference, and how many of the runs each law rejects at 0.05, at the margin given or, without one, at
/// the mean difference.
fn simulate(w: &SpatialWeights, (rho_y, rho_a): (f64, f64), margin: Option<f64>) -> (f64, [u32; 2]) {
    let (paired, test) = (PairedMoran::new(w).unwrap(), EquivalenceTest::new(w).unwrap());
    let pairs: Vec<_> = (0..N_RUNS)
        .map(|run| {
            let pair = |index, rho| autoregressive(w, rho, 2 * run + index);
            (pair(0, rho_y), pair(1, rho_a))
        })
        .collect();
    let seeded = |n, run| Permutations::new(n, Seed::new(run)).unwrap();
    let difference = |(y, a): &(Vec<f64>, Vec<f64>)| {
        let few = paired.draw(y, a, seeded(1, 0)).unwrap();
        few.equivalence(1.0).unwrap().difference
    };
    let mean = pairs.iter().map(difference).sum::<f64>() / N_RUNS as f64;
    let margin = margin.unwrap_or(mean.abs());
    let mut rejected = [0; 2];
    for ((y, a), run) in pairs.iter().zip(0..) {
        let spectral = test.test(y, a, margin, seeded(99, run)).unwrap();
        let permuted = paired
            .draw(y, a, seeded(99, run))
            .unwrap()
            .equivalence(margin)
            .unwrap();
        for (rejected, result) in rejected.iter_mut().zip([spectral, permuted]) {
            *rejected += u32::from(result.p_value <= 0.05);
        }
    }
    (mean, rejected)
}

#[test]
fn at_the_margin_the_level_is_kept_whatever_the_weights() {
    for w in [lattice(), nearest(), inverse_distance()] {
        for rhos in [(0.4, 0.0), (0.5, 0.8), (0.9, 0.6), (0.0, 0.9)] {
            let (mean, [spectral, _]) = simulate(&w, rhos, None);
            assert!(mean.abs() > 0.3, "{rhos:?}: {mean}");
            assert!(spectral <= MOST_REJECTED, "{rhos:?}: {spectral}");
        }
    }
}

#[test]
fn permutations_reject_too_often_where_few_patterns_dominate() {
    let (_, [spectral, permuted]) = simulate(&nearest(), (0.0, 0.9), None);
    assert!(
        permuted > MOST_REJECTED && spectral <= MOST_REJECTED,
        "{spectral} {permuted}"
    );
}

#[test]
fn equal_autocorrelation_is_found_where_the_margin_is_wide() {
    for (w, rho, margin) in [
        (lattice(), 0.0, 8.0),
        (lattice(), 0.6, 8.0),
        (nearest(), 0.0, 14.0),
    ] {
        let (mean, [spectral, _]) = simulate(&w, (rho, rho), Some(margin));
        assert!(
            mean.abs() < 0.5 && f64::from(spectral) > 0.8 * N_RUNS as f64,
            "{rho} {margin}: {mean} {spectral}"
        );
    }
}

#[test]
fn narrow_margins_and_bad_ones_do_not_reject() {
    let w = lattice();
    let (_, [spectral, permuted]) = simulate(&w, (0.0, 0.0), Some(0.1));
    assert!(
        spectral == 0 && permuted <= MOST_REJECTED,
        "{spectral} {permuted}"
    );
    let (y, a) = (autoregressive(&w, 0.0, 0), autoregressive(&w, 0.0, 1));
    let permutations = Permutations::new(9, Seed::new(0)).unwrap();
    for margin in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for result in [
            equivalence_test(&w, &y, &a, margin, permutations),
            equivalence_test_permutation(&w, &y, &a, margin, permutations),
        ] {
            assert!(matches!(result, Err(StatsError::Param(_))), "{margin}");
        }
    }
}

#[test]
fn the_roles_of_the_variables_can_be_exchanged() {
    // Draws are exchanged between the roles too, so only p-values of many draws agree.
    let w = nearest();
    let (y, a) = (autoregressive(&w, 0.5, 0), autoregressive(&w, 0.2, 1));
    let permutations = Permutations::new(1999, Seed::new(0)).unwrap();
    let test = EquivalenceTest::new(&w).unwrap();
    let one = test.test(&y, &a, 9.0, permutations).unwrap();
    let other = test.test(&a, &y, 9.0, permutations).unwrap();
    assert!((one.difference + other.difference).abs() < 1e-12);
    assert!((one.p_value - other.p_value).abs() < 0.05, "{one:?} {other:?}");
    assert!((one.upper_p_value - other.lower_p_value).abs() < 0.05);
}

#[test]
fn weights_of_any_scale_and_prepared_ones_give_the_same_test() {
    let w = inverse_distance();
    let rows = (0..w.n()).flat_map(|i| {
        let (neighbours, values) = w.row(i);
        neighbours
            .iter()
            .zip(values)
            .map(move |(&j, &value)| (i, j as usize, 4.0 * value))
            .collect::<Vec<_>>()
    });
    let large = SpatialWeights::from_edges(w.n(), rows).unwrap();
    let (y, a) = (autoregressive(&w, 0.5, 0), autoregressive(&w, 0.5, 1));
    let permutations = Permutations::new(199, Seed::new(4)).unwrap();
    let one = equivalence_test(&w, &y, &a, 6.0, permutations).unwrap();
    let other = equivalence_test(&large, &y, &a, 6.0, permutations).unwrap();
    assert!((one.p_value - other.p_value).abs() < 1e-9, "{one:?} {other:?}");
    let prepared = EquivalenceTest::new(&w).unwrap();
    assert_eq!(prepared.test(&y, &a, 6.0, permutations).unwrap(), one);
}

#[test]
fn a_margin_out_of_reach_of_any_field_gives_the_least_p_value() {
    let w = lattice();
    let (y, a) = (autoregressive(&w, 0.5, 0), autoregressive(&w, 0.5, 1));
    let permutations = Permutations::new(99, Seed::new(0)).unwrap();
    let result = equivalence_test(&w, &y, &a, 1000.0, permutations).unwrap();
    assert_eq!((result.p_value, result.difference_sd), (0.005, None));
}

#[test]
fn a_basis_of_other_weights_or_of_few_patterns_is_an_error() {
    let w = lattice();
    let other = SpatialWeights::from_raster(3, 3, None, Contiguity::Rook).unwrap();
    let basis = crate::dense_eigenbasis(&other, crate::Projection::Mean).unwrap();
    assert!(matches!(
        EquivalenceTest::with_basis(&w, &basis),
        Err(StatsError::Shape { name: "basis", .. })
    ));
    let raw = crate::dense_eigenbasis(&w, crate::Projection::None).unwrap();
    assert!(matches!(
        EquivalenceTest::with_basis(&w, &raw),
        Err(StatsError::Param(_))
    ));
}

#[test]
fn a_variable_is_equivalent_to_itself() {
    let w = lattice();
    let y = autoregressive(&w, 0.5, 0);
    let permutations = Permutations::new(99, Seed::new(0)).unwrap();
    let result = equivalence_test_permutation(&w, &y, &y, 0.5, permutations).unwrap();
    assert_eq!((result.difference, result.p_value), (0.0, 0.01));
    let result = equivalence_test(&w, &y, &y, 8.0, permutations).unwrap();
    assert!(
        result.difference.abs() < 1e-12 && result.p_value < 0.05,
        "{result:?}"
    );
}
