//! Permutation tests: agreement with exact moments, size, threads, and bad input.

use proptest::prelude::*;
use wherefair_core::{Point, Seed};
use wherefair_stats::{
    Alternative, Contiguity, LocalNull, Metric, Null, PValueForm, PermutationResult, Permutations, Sampling,
    SelfWeight, SpatialWeights, StatsError, T2Tail, Transform, equivalence_test, geary, geary_permutation,
    getis_ord, getis_ord_permutation, intersection_union_tests, join_counts, lee_ogburn_phi, local_g,
    local_g_permutation, moran, moran_bivariate, moran_bivariate_permutation, moran_local,
    moran_local_permutation, moran_permutation, moran_residual,
};

/// Statistics around 1 computed in two orders of summation.
const ROUNDING: f64 = 1e-11;

fn normal(n: usize, index: u64) -> Vec<f64> {
    let mut stream = Seed::new(21).indexed("values", index);
    (0..n).map(|_| stream.standard_normal()).collect()
}

fn lattice(side: usize) -> SpatialWeights {
    SpatialWeights::from_raster(side, side, None, Contiguity::Rook).unwrap()
}

fn knn(n: usize, k: usize) -> SpatialWeights {
    let mut stream = Seed::new(3).stream("points");
    let points: Vec<Point> = (0..n)
        .map(|_| Point::new(stream.uniform(), stream.uniform()))
        .collect();
    let w = SpatialWeights::k_nearest(&points, k, Metric::Planar).unwrap();
    w.transform(Transform::Row).unwrap()
}

/// Within five standard errors of the mean, and of the variance as of normal draws with room for skewness.
fn assert_moments(drawn: &PermutationResult, expectation: f64, variance: f64) {
    let n = f64::from(drawn.n_permutations);
    let sd = drawn.permutation_sd.unwrap();
    assert!((drawn.permutation_mean - expectation).abs() < 5.0 * (variance / n).sqrt());
    assert!(
        (sd * sd / variance - 1.0).abs() < 5.0 * (4.0 / n).sqrt(),
        "{sd} {variance}"
    );
}

#[test]
fn permutations_have_the_exact_moments() {
    let permutations = Permutations::new(4_000, Seed::new(8)).unwrap();
    let w = knn(150, 5);
    let y: Vec<f64> = normal(150, 0).iter().map(|y| y * y).collect();
    let i = moran(&w, &y, Null::Randomization, Alternative::Greater).unwrap();
    let drawn = moran_permutation(&w, &y, Alternative::Greater, permutations).unwrap();
    assert!((drawn.statistic - i.statistic).abs() < ROUNDING);
    assert_moments(&drawn, i.expectation, i.variance);
    let c = geary(&w, &y, Null::Randomization, Alternative::Less).unwrap();
    let drawn = geary_permutation(&w, &y, Alternative::Less, permutations).unwrap();
    assert!((drawn.statistic - c.statistic).abs() < ROUNDING);
    assert_moments(&drawn, c.expectation, c.variance);
    let g = getis_ord(&w, &y, Alternative::Greater).unwrap();
    let drawn = getis_ord_permutation(&w, &y, Alternative::Greater, permutations).unwrap();
    assert!((drawn.statistic - g.statistic).abs() < ROUNDING);
    assert_moments(&drawn, g.expectation, g.variance);
}

#[test]
fn dense_weights_give_the_same_test_as_sparse_ones() {
    let (n, y) = (61, normal(61, 4));
    let links = |near: bool| {
        (0..n).flat_map(move |i: usize| {
            (0..n)
                .filter(move |&j| i != j && (!near || i.abs_diff(j) == 1))
                .map(move |j| (i, j, 1.0 / i.abs_diff(j) as f64))
        })
    };
    let permutations = Permutations::new(2_000, Seed::new(8)).unwrap();
    for near in [true, false] {
        let w = SpatialWeights::from_edges(n, links(near)).unwrap();
        let i = moran(&w, &y, Null::Randomization, Alternative::Greater).unwrap();
        let drawn = moran_permutation(&w, &y, Alternative::Greater, permutations).unwrap();
        assert!((drawn.statistic - i.statistic).abs() < ROUNDING);
        assert_moments(&drawn, i.expectation, i.variance);
    }
}

#[test]
fn local_permutations_agree_with_exact_moments() {
    let (w, y) = (knn(200, 8), normal(200, 5));
    let permutations = Permutations::new(999, Seed::new(8)).unwrap();
    let exact = moran_local(&w, &y, LocalNull::Conditional, Alternative::Greater).unwrap();
    let drawn = moran_local_permutation(&w, &y, Alternative::Greater, permutations).unwrap();
    assert_eq!(exact.quadrant, drawn.quadrant);
    let mut gap = 0.0;
    for unit in 0..200 {
        assert!((exact.statistic[unit] - drawn.statistic[unit]).abs() < ROUNDING);
        gap += (exact.p_value[unit].unwrap() - drawn.pseudo_p_value[unit].unwrap()).abs() / 200.0;
    }
    // Eight neighbours of normal values: lags are normal but for drawing without replacement; 999 permutations
    // have a standard error of at most 0.016.
    assert!(gap < 0.015, "{gap}");
    let g = local_g_permutation(&w, &y, SelfWeight::Excluded, Alternative::Greater, permutations).unwrap();
    for unit in 0..200 {
        let expected = if y[unit] > y.iter().sum::<f64>() / 200.0 {
            drawn.n_greater_equal[unit]
        } else {
            drawn.n_less_equal[unit]
        };
        assert_eq!(g.n_greater_equal[unit], expected);
    }
}

#[test]
fn many_neighbours_are_drawn_as_well_as_few() {
    let (w, y) = (knn(90, 60), normal(90, 6));
    let permutations = Permutations::new(2_000, Seed::new(8)).unwrap();
    let exact = moran_local(&w, &y, LocalNull::Conditional, Alternative::Greater).unwrap();
    let drawn = moran_local_permutation(&w, &y, Alternative::Greater, permutations).unwrap();
    for unit in 0..90 {
        let gap = exact.p_value[unit].unwrap() - drawn.pseudo_p_value[unit].unwrap();
        assert!(gap.abs() < 0.07, "{unit}: {gap}");
    }
}

#[test]
fn local_p_values_are_uniform_without_autocorrelation() {
    let w = knn(4_000, 6);
    let permutations = Permutations::new(99, Seed::new(9)).unwrap();
    let drawn = moran_local_permutation(&w, &normal(4_000, 7), Alternative::Greater, permutations).unwrap();
    let rejected = drawn
        .pseudo_p_value
        .iter()
        .flatten()
        .filter(|&&p| p <= 0.1)
        .count() as f64;
    // Units share neighbours: the variance of the count is up to 13 times the binomial one.
    assert!(
        (rejected - 400.0).abs() < 5.0 * (360.0 * 13.0_f64).sqrt(),
        "{rejected}"
    );
    assert!(drawn.adjusted_p_value().iter().flatten().all(|&p| p > 0.01));
}

#[test]
fn results_do_not_depend_on_threads() {
    let (w, y, a) = (knn(300, 4), normal(300, 1), normal(300, 2));
    let permutations = Permutations::new(123, Seed::new(8)).unwrap().keep_draws();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                moran_permutation(&w, &y, Alternative::TwoSided, permutations).unwrap(),
                moran_local_permutation(&w, &y, Alternative::TwoSided, permutations).unwrap(),
                moran_bivariate_permutation(&w, &y, &a, Alternative::TwoSided, permutations).unwrap(),
                equivalence_test(&w, &y, &a, 3.0, permutations).unwrap(),
                moran(&w, &y, Null::Randomization, Alternative::TwoSided).unwrap(),
            )
        })
    };
    assert_eq!(on(1), on(4));
}

/// The eight statistics of one variable, as errors.
fn errors(w: &SpatialWeights, y: &[f64]) -> Vec<StatsError> {
    let permutations = Permutations::new(9, Seed::new(0)).unwrap();
    let ok = Alternative::Greater;
    let form = PValueForm::WithData;
    let other = normal(y.len(), 3);
    [
        moran(w, y, Null::Randomization, ok).err(),
        moran(w, y, Null::Normality, ok).err(),
        moran_permutation(w, y, ok, permutations).err(),
        moran_residual(w, y, &[], ok).err(),
        moran_bivariate(w, y, &other, ok).err(),
        moran_bivariate(w, &other, y, ok).err(),
        moran_local(w, y, LocalNull::Total, ok).err(),
        moran_local_permutation(w, y, ok, permutations).err(),
        geary(w, y, Null::Randomization, ok).err(),
        geary_permutation(w, y, ok, permutations).err(),
        getis_ord(w, y, ok).err(),
        getis_ord_permutation(w, y, ok, permutations).err(),
        local_g(w, y, SelfWeight::Excluded, ok).err(),
        local_g_permutation(w, y, SelfWeight::Excluded, ok, permutations).err(),
        intersection_union_tests(w, y, &other, 1.0, T2Tail::Small, form, permutations).err(),
        equivalence_test(w, &other, y, 1.0, permutations).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const N_STATISTICS: usize = 16;

#[test]
fn bad_values_are_typed_errors_everywhere() {
    let w = lattice(4);
    let constant = errors(&w, &[0.1; 16]);
    assert_eq!(constant.len(), N_STATISTICS);
    assert!(
        constant
            .iter()
            .all(|error| matches!(error, StatsError::Constant { .. }))
    );
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut y = normal(16, 0);
        y[5] = bad;
        let errors = errors(&w, &y);
        assert_eq!(errors.len(), N_STATISTICS);
        assert!(
            errors
                .iter()
                .all(|error| matches!(error, StatsError::NotFinite { index: 5, .. }))
        );
    }
    for given in [0, 1, 15, 17] {
        let errors = errors(&w, &normal(given, 0));
        assert_eq!(errors.len(), N_STATISTICS);
        assert!(
            errors
                .iter()
                .all(|error| matches!(error, StatsError::Shape { expected: 16, .. }))
        );
    }
}

#[test]
fn fewer_than_four_units_are_too_few() {
    for n in 0..4 {
        let w = SpatialWeights::from_edges(n, (1..n).map(|i| (i - 1, i, 1.0))).unwrap();
        let errors = errors(&w, &normal(n, 0));
        assert_eq!(errors.len(), N_STATISTICS);
        assert!(
            errors
                .iter()
                .all(|error| matches!(error, StatsError::TooFew { at_least: 4, .. }))
        );
        let labels: Vec<u32> = (0..4).take(n).collect();
        let error = lee_ogburn_phi(&w, &labels, Alternative::Greater).unwrap_err();
        assert!(matches!(error, StatsError::TooFew { .. }));
    }
}

#[test]
fn weights_without_links_are_an_error_globally_and_isolates_locally() {
    let w = SpatialWeights::from_edges(6, []).unwrap();
    let y: Vec<f64> = normal(6, 0).iter().map(|y| y.abs()).collect();
    let errors = errors(&w, &y);
    assert_eq!(errors.len(), N_STATISTICS - 4);
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, StatsError::WeightSum { .. }))
    );
    let local = moran_local(&w, &y, LocalNull::Conditional, Alternative::Greater).unwrap();
    assert_eq!((local.n_isolates, local.p_value), (6, vec![None; 6]));
    let labels = [0, 1, 0, 1, 1, 1];
    assert!(matches!(
        join_counts(&w, &labels, Sampling::Free, Alternative::Greater),
        Err(StatsError::WeightSum { .. })
    ));
}

#[test]
fn statistics_that_cannot_vary_are_an_error() {
    let all = (0..6).flat_map(|i| (0..6).filter(move |&j| j != i).map(move |j| (i, j, 0.3)));
    let w = SpatialWeights::from_edges(6, all).unwrap();
    for null in [Null::Normality, Null::Randomization] {
        for result in [
            moran(&w, &normal(6, 0), null, Alternative::Greater),
            geary(&w, &normal(6, 0), null, Alternative::Greater),
        ] {
            assert!(matches!(result, Err(StatsError::NoVariance { .. })), "{result:?}");
        }
    }
    let drawn = moran_permutation(
        &w,
        &normal(6, 0),
        Alternative::TwoSided,
        Permutations::new(19, Seed::new(0)).unwrap(),
    )
    .unwrap();
    assert_eq!((drawn.n_greater_equal, drawn.n_less_equal), (19, 19));
}

#[test]
fn isolates_count_as_units() {
    let w = SpatialWeights::from_edges(6, [(0, 1, 1.0), (1, 0, 1.0), (1, 2, 1.0), (2, 1, 1.0)]).unwrap();
    let y = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let result = moran(&w, &y, Null::Randomization, Alternative::Greater).unwrap();
    assert_eq!((result.n_units, result.n_isolates), (6, 3));
    assert!((result.expectation + 0.2).abs() < ROUNDING);
}

#[test]
fn extreme_magnitudes_change_nothing() {
    let w = lattice(5);
    let y = normal(25, 2);
    let expected = moran(&w, &y, Null::Randomization, Alternative::Greater).unwrap();
    for scale in [1e-300, 1e300] {
        let scaled: Vec<f64> = y.iter().map(|y| y * scale).collect();
        let given = moran(&w, &scaled, Null::Randomization, Alternative::Greater).unwrap();
        assert!((given.z_score - expected.z_score).abs() < ROUNDING);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn moran_and_geary_do_not_depend_on_location_and_scale(
        y in prop::collection::vec(-3.0..3.0_f64, 16),
        slope in 0.01..100.0_f64,
        intercept in -100.0..100.0_f64,
    ) {
        let spread = y.iter().fold(0.0_f64, |spread, value| spread.max((value - y[0]).abs()));
        prop_assume!(spread > 0.1);
        let w = lattice(4);
        let moved: Vec<f64> = y.iter().map(|y| slope * y + intercept).collect();
        // What adding an intercept ten thousand times the spread costs in digits.
        let tolerance = 1e-8;
        for null in [Null::Normality, Null::Randomization] {
            let (a, b) = (moran(&w, &y, null, Alternative::Less)?, moran(&w, &moved, null, Alternative::Less)?);
            prop_assert!((a.z_score - b.z_score).abs() < tolerance);
            let (a, b) = (geary(&w, &y, null, Alternative::Less)?, geary(&w, &moved, null, Alternative::Less)?);
            prop_assert!((a.z_score - b.z_score).abs() < tolerance);
        }
    }

    #[test]
    fn no_input_makes_a_statistic_panic(
        y in prop::collection::vec(prop_oneof![Just(0.0), Just(f64::MAX), Just(f64::MIN_POSITIVE), Just(-1e300), any::<f64>()], 6),
        links in prop::collection::vec((0..6_usize, 0..6_usize, prop_oneof![Just(1.0), Just(f64::MAX), -1e300..1e300_f64]), 0..12),
    ) {
        let mut rows = [[0.0; 6]; 6];
        for (i, j, weight) in links {
            rows[i][j] = weight;
        }
        let entries = (0..36).filter(|at| at / 6 != at % 6).map(|at| (at / 6, at % 6, rows[at / 6][at % 6]));
        if let Ok(w) = SpatialWeights::from_edges(6, entries.filter(|&(_, _, weight)| weight.abs() > 0.0)) {
            let _ = errors(&w, &y);
            if let Ok(result) = moran(&w, &y, Null::Randomization, Alternative::Greater) {
                prop_assert!(result.z_score.is_finite() && (0.0..=1.0).contains(&result.p_value));
            }
        }
    }
}
