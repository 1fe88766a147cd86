//! Autocorrelation statistics against R's spdep on three data sets; `autocorrelation_spdep.R` made the values.

use serde_json::Value;
use wherefair_core::{Point, Seed};
use wherefair_stats::{
    Alternative, AsymptoticResult, JoinKind, LocalNull, Metric, Null, Permutations, Sampling, SelfWeight,
    SpatialWeights, Transform, geary, geary_permutation, getis_ord, join_counts, local_g, moran,
    moran_bivariate, moran_local, moran_local_permutation, moran_permutation, moran_residual,
};

use crate::golden::{binary, distance, folded, golden, integers, numbers, rows, same, same_or_none, same_p};

const STYLES: [(&str, Transform); 5] = [
    ("B", Transform::Binary),
    ("W", Transform::Row),
    ("C", Transform::GlobalN),
    ("U", Transform::GlobalUnit),
    ("S", Transform::VarianceStabilizing),
];

/// In spdep's names.
const ALTERNATIVES: [(&str, Alternative); 3] = [
    ("greater", Alternative::Greater),
    ("less", Alternative::Less),
    ("two.sided", Alternative::TwoSided),
];

/// How many figures of a test are compared.
const FIGURES: usize = 5;

/// Compares a test and returns how many figures that were.
#[track_caller]
fn same_test(given: &AsymptoticResult, expected: &Value) -> usize {
    assert_eq!(expected.as_object().unwrap().len(), FIGURES);
    same(given.statistic, &expected["statistic"]);
    same(given.expectation, &expected["expectation"]);
    same(given.variance, &expected["variance"]);
    same(given.z_score, &expected["z"]);
    same_p(given.p_value, &expected["p"], given.z_score);
    FIGURES
}

/// Compares what `test` gives under each alternative.
#[track_caller]
fn same_tests(expected: &Value, test: impl Fn(Alternative) -> AsymptoticResult) -> usize {
    ALTERNATIVES
        .iter()
        .map(|&(name, alternative)| same_test(&test(alternative), &expected[name]))
        .sum()
}

/// Geary's C as spdep reports it: positive autocorrelation is `greater`, with the z-score turned round.
fn turned(mut result: AsymptoticResult) -> AsymptoticResult {
    result.z_score = -result.z_score;
    result
}

fn reversed(alternative: Alternative) -> Alternative {
    match alternative {
        Alternative::Greater => Alternative::Less,
        Alternative::Less => Alternative::Greater,
        Alternative::TwoSided => Alternative::TwoSided,
    }
}

#[track_caller]
fn same_global(w: &SpatialWeights, y: &[f64], expected: &Value) -> usize {
    let nulls = [
        (Null::Randomization, "moran_randomisation", "geary_randomisation"),
        (Null::Normality, "moran_normality", "geary_normality"),
    ];
    let mut n_figures = 0;
    for (null, of_moran, of_geary) in nulls {
        n_figures += same_tests(&expected[of_moran], |alternative| {
            moran(w, y, null, alternative).unwrap()
        });
        n_figures += same_tests(&expected[of_geary], |alternative| {
            turned(geary(w, y, null, reversed(alternative)).unwrap())
        });
    }
    n_figures
}

/// Compares local Moran under both nulls, local G and G*.
#[track_caller]
fn same_local(binary: &SpatialWeights, y: &[f64], expected: &Value) -> usize {
    let row = binary.transform(Transform::Row).unwrap();
    let units = integers(&expected["units"]);
    let mut n_figures = 0;
    for (name, null) in [
        ("conditional", LocalNull::Conditional),
        ("total", LocalNull::Total),
    ] {
        let result = moran_local(&row, y, null, Alternative::TwoSided).unwrap();
        let expected = &expected[name];
        for (at, unit) in units.iter().map(|&unit| unit as usize).enumerate() {
            same(result.statistic[unit], &expected["statistic"][at]);
            same(result.expectation[unit], &expected["expectation"][at]);
            same(result.variance[unit], &expected["variance"][at]);
            same_or_none(result.z_score[unit], &expected["z"][at]);
            same_or_none(result.p_value[unit], &expected["p"][at]);
            n_figures += 5;
        }
    }
    for (name, self_weight) in [("g", SelfWeight::Excluded), ("g_star", SelfWeight::Included(1.0))] {
        let result = local_g(binary, y, self_weight, Alternative::TwoSided).unwrap();
        for (at, unit) in units.iter().map(|&unit| unit as usize).enumerate() {
            same_or_none(result.z_score[unit], &expected[name][at]);
            n_figures += 1;
        }
    }
    n_figures
}

#[test]
fn boston_housing_agrees_with_spdep() {
    let data = golden("autocorrelation_spdep__boston.json");
    let w = binary(&data["neighbours"]);
    let [price, status, rooms, crime] =
        ["price", "status", "rooms", "crime"].map(|name| numbers(&data[name]));
    let mut n_figures = 0;
    for (style, transform) in STYLES {
        n_figures += same_global(&w.transform(transform).unwrap(), &price, &data["global"][style]);
    }
    n_figures += same_tests(&data["getis_ord_B"], |alternative| {
        getis_ord(&w, &price, alternative).unwrap()
    });
    let row = w.transform(Transform::Row).unwrap();
    let covariates: [&[f64]; 3] = [&status, &rooms, &crime];
    n_figures += same_tests(&data["residual_moran_W"], |alternative| {
        moran_residual(&row, &price, &covariates, alternative).unwrap()
    });
    n_figures += same_local(&w, &price, &data["local"]);
    let bivariate = moran_bivariate(&row, &status, &price, Alternative::Greater).unwrap();
    same(bivariate.statistic, &data["bivariate_W"]);
    assert_eq!(n_figures, FIGURES * (5 * 12 + 3 + 3) + 102 * 12);
}

#[test]
fn boston_neighbours_by_distance_are_those_of_spdep() {
    let data = golden("autocorrelation_spdep__boston.json");
    let places = numbers(&data["x"]).into_iter().zip(numbers(&data["y"]));
    let places: Vec<Point> = places.map(|(x, y)| Point::new(x, y)).collect();
    for (w, name) in [
        (
            SpatialWeights::k_nearest(&places, 6, Metric::Planar).unwrap(),
            "nearest_6",
        ),
        (
            SpatialWeights::distance_band(&places, 1.5, Metric::Planar).unwrap(),
            "band_1500_m",
        ),
    ] {
        let expected = rows(&data[name]);
        assert_eq!(expected.len(), 506);
        for (unit, expected) in expected.iter().enumerate() {
            assert_eq!(w.row(unit).0, expected, "{name}, unit {unit}");
        }
    }
}

#[test]
fn boston_permutations_agree_with_spdep_within_monte_carlo_error() {
    let data = golden("autocorrelation_spdep__boston.json");
    let row = binary(&data["neighbours"]).transform(Transform::Row).unwrap();
    let [price, rooms, crime] = ["price", "rooms", "crime"].map(|name| numbers(&data[name]));
    let golden = &data["permutation"];
    let permutations = Permutations::new(9999, Seed::new(1)).unwrap();
    let n = f64::from(permutations.n());
    assert_eq!(golden["n"], permutations.n());

    let strong = moran_permutation(&row, &price, Alternative::Greater, permutations).unwrap();
    assert_eq!(
        (strong.n_greater_equal, &golden["moran"]["n_less"]),
        (0, &9999.into())
    );
    // Crime in the order of the tracts by rooms: autocorrelated little enough that the p-values tell something.
    let mut order: Vec<usize> = (0..rooms.len()).collect();
    order.sort_by(|&a, &b| rooms[a].total_cmp(&rooms[b]));
    let scattered: Vec<f64> = order.iter().map(|&unit| crime[unit]).collect();
    let given = moran_permutation(&row, &scattered, Alternative::Greater, permutations).unwrap();
    distance(
        f64::from(given.n_less_equal),
        golden["moran_crime"]["n_less_equal"].as_f64().unwrap(),
        n,
    );
    let given = geary_permutation(&row, &scattered, Alternative::Less, permutations).unwrap();
    distance(
        f64::from(given.n_less_equal),
        golden["geary_crime"]["n_less_equal"].as_f64().unwrap(),
        n,
    );

    let local = moran_local_permutation(&row, &price, Alternative::TwoSided, permutations).unwrap();
    let expected = numbers(&golden["local_moran_folded_p"]);
    let squares: Vec<f64> = local
        .n_greater_equal
        .iter()
        .zip(&expected)
        .map(|(&given, p)| distance(folded(given, 9999), p * (n + 1.0) - 1.0, n).powi(2))
        .collect();
    assert_eq!(squares.len(), 506);
    // Both sides draw for each unit on its own: the squares have mean 1, and their mean a standard error of 0.063.
    let mean = squares.iter().sum::<f64>() / 506.0;
    assert!((mean - 1.0).abs() < 0.25, "{mean}");
}

#[test]
fn elections_of_3107_counties_agree_with_spdep() {
    let data = golden("autocorrelation_spdep__elect80.json");
    let w = binary(&data["nearest_4"]);
    assert!(!w.is_symmetric());
    let [turnout, college, income] = ["turnout", "college", "income"].map(|name| numbers(&data[name]));
    let row = w.transform(Transform::Row).unwrap();
    let mut n_figures = same_global(&row, &turnout, &data["global_nearest_4_W"]);
    n_figures += same_tests(&data["getis_ord_nearest_4_B"], |alternative| {
        getis_ord(&w, &turnout, alternative).unwrap()
    });
    n_figures += same_tests(&data["residual_moran_nearest_4_W"], |alternative| {
        moran_residual(&row, &turnout, &[&college, &income], alternative).unwrap()
    });
    n_figures += same_local(&w, &turnout, &data["local_nearest_4"]);
    assert_eq!(n_figures, FIGURES * (12 + 3 + 3) + 101 * 12);
}

#[test]
fn counties_with_isolates_agree_with_spdep() {
    let data = golden("autocorrelation_spdep__nc_sids.json");
    let w = binary(&data["neighbours"]);
    assert_eq!(w.isolates().len(), 2);
    let rate = numbers(&data["rate"]);
    let mut n_figures = 0;
    for (style, transform) in STYLES {
        n_figures += same_global(&w.transform(transform).unwrap(), &rate, &data["global"][style]);
    }
    n_figures += same_tests(&data["getis_ord_B"], |alternative| {
        getis_ord(&w, &rate, alternative).unwrap()
    });
    n_figures += same_local(&w, &rate, &data["local"]);
    assert_eq!(n_figures, FIGURES * (5 * 12 + 3) + 100 * 12);

    let permutations = Permutations::new(9999, Seed::new(1)).unwrap();
    let given = moran_permutation(&w, &rate, Alternative::Greater, permutations).unwrap();
    let expected = data["permutation"]["moran"]["n_less_equal"].as_f64().unwrap();
    distance(f64::from(given.n_less_equal), expected, 9999.0);
}

#[test]
fn join_counts_of_two_categories_agree_with_spdep() {
    let data = golden("autocorrelation_spdep__nc_sids.json");
    let w = binary(&data["neighbours"]);
    let high = integers(&data["high"]);
    let mut n_figures = 0;
    for (name, sampling) in [
        ("joins_nonfree", Sampling::NonFree),
        ("joins_free", Sampling::Free),
    ] {
        for category in 0..2 {
            n_figures += same_tests(&data[name][category as usize], |alternative| {
                let result = join_counts(&w, &high, sampling, alternative).unwrap();
                result.get(JoinKind::Same { category }).unwrap().test.unwrap()
            });
        }
    }
    assert_eq!(n_figures, 2 * 2 * 3 * FIGURES);
}

#[test]
fn join_counts_of_many_categories_agree_with_spdep() {
    let data = golden("autocorrelation_spdep__nc_sids.json");
    let w = binary(&data["neighbours"]);
    let sheets = integers(&data["sheet"]);
    let result = join_counts(&w, &sheets, Sampling::NonFree, Alternative::Greater).unwrap();
    let multi = &data["joins_multi"];
    let kinds = multi["kind"].as_array().unwrap();
    for (at, kind) in kinds.iter().map(|kind| kind.as_str().unwrap()).enumerate() {
        let kind = match kind.split_once(':') {
            None => JoinKind::Different,
            Some((a, b)) if a == b => JoinKind::Same {
                category: a.parse().unwrap(),
            },
            Some((second, first)) => JoinKind::Between {
                first: first.parse().unwrap(),
                second: second.parse().unwrap(),
            },
        };
        let given = result.get(kind).unwrap();
        let test = given.test.unwrap();
        same(given.count, &multi["count"][at]);
        same(test.expectation, &multi["expectation"][at]);
        same(test.variance, &multi["variance"][at]);
        same(test.z_score, &multi["z"][at]);
    }
    assert_eq!((kinds.len(), result.counts.len()), (11, 11));
}
