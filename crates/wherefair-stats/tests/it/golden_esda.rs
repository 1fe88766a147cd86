//! Autocorrelation statistics against PySAL's esda on two data sets; `autocorrelation_esda.py` made the values.

use serde_json::Value;
use wherefair_core::Seed;
use wherefair_stats::{
    Alternative, JoinKind, LocalNull, Null, Permutations, Quadrant, Sampling, SelfWeight, SpatialWeights,
    Transform, geary, geary_permutation, getis_ord, join_counts, local_g, moran, moran_bivariate,
    moran_bivariate_permutation, moran_local, moran_local_permutation, moran_permutation,
};

use crate::golden::{binary, distance, folded, golden, integers, number, numbers, same};

/// In libpysal's names.
const TRANSFORMS: [(&str, Transform); 3] = [
    ("B", Transform::Binary),
    ("R", Transform::Row),
    ("V", Transform::VarianceStabilizing),
];

/// One of the two data sets: the variables of its tests.
struct Data {
    golden: Value,
    binary: SpatialWeights,
    row: SpatialWeights,
    x: Vec<f64>,
    y: Vec<f64>,
    labels: Vec<u32>,
}

impl Data {
    fn read(name: &str, [x, y, labels]: [&str; 3]) -> Self {
        let golden = golden(&format!("autocorrelation_esda__{name}.json"));
        let binary = binary(&golden["neighbours"]);
        assert_eq!(golden["n"], binary.n());
        Self {
            row: binary.transform(Transform::Row).unwrap(),
            binary,
            x: numbers(&golden[x]),
            y: numbers(&golden[y]),
            labels: integers(&golden[labels]),
            golden,
        }
    }

    /// House sales with their 5 nearest ones.
    fn baltim() -> Self {
        Self::read("baltim", ["area", "price", "has_patio"])
    }

    /// Counties with their queen neighbours.
    fn georgia() -> Self {
        Self::read("georgia", ["poor", "bachelors", "rural"])
    }
}

fn check_global(data: &Data) {
    let Data { golden, y, .. } = data;
    let results = &golden["results"];
    let mut n_figures = 0;
    for (code, transform) in TRANSFORMS {
        let w = data.binary.transform(transform).unwrap();
        // esda's p-values: of Moran's I two-sided, of Geary's C on the side where C lies.
        let i = |null| moran(&w, y, null, Alternative::TwoSided).unwrap();
        let c = |null| geary(&w, y, null, Alternative::Less).unwrap();
        let (i_norm, i_rand) = (i(Null::Normality), i(Null::Randomization));
        let (c_norm, c_rand) = (c(Null::Normality), c(Null::Randomization));
        for (given, of, name) in [
            (i_norm.statistic, "moran", "I"),
            (i_norm.expectation, "moran", "EI"),
            (i_norm.variance, "moran", "VI_norm"),
            (i_norm.z_score, "moran", "z_norm"),
            (i_norm.p_value, "moran", "p_norm"),
            (i_rand.variance, "moran", "VI_rand"),
            (i_rand.z_score, "moran", "z_rand"),
            (i_rand.p_value, "moran", "p_rand"),
            (c_norm.statistic, "geary", "C"),
            (c_norm.variance, "geary", "VC_norm"),
            (c_norm.z_score, "geary", "z_norm"),
            (c_norm.p_value, "geary", "p_norm"),
            (c_rand.variance, "geary", "VC_rand"),
            (c_rand.z_score, "geary", "z_rand"),
            (c_rand.p_value, "geary", "p_rand"),
        ] {
            same(given, &results[of][code][name]);
            n_figures += 1;
        }
    }
    assert_eq!(n_figures, 3 * 15);
    let g = getis_ord(&data.binary, y, Alternative::Greater).unwrap();
    same(g.statistic, &results["getis_ord"]["G"]);
    same(g.expectation, &results["getis_ord"]["EG"]);
    same(g.variance, &results["getis_ord"]["VG"]);
    same(g.z_score, &results["getis_ord"]["z"]);
    let bivariate = moran_bivariate(&data.row, &data.x, y, Alternative::Greater).unwrap();
    same(bivariate.statistic, &results["bivariate"]);
    let joins = join_counts(
        &data.binary,
        &data.labels,
        Sampling::NonFree,
        Alternative::Greater,
    )
    .unwrap();
    for (kind, name) in [
        (JoinKind::Same { category: 1 }, "bb"),
        (JoinKind::Same { category: 0 }, "ww"),
        (JoinKind::Between { first: 0, second: 1 }, "bw"),
    ] {
        same(joins.get(kind).unwrap().count, &results["joins"][name]);
    }
}

fn check_local(data: &Data) {
    let Data { golden, row, y, .. } = data;
    let n = row.n();
    let expected = &golden["results"]["local_moran"];
    let local = |null| moran_local(row, y, null, Alternative::TwoSided).unwrap();
    let (conditional, total) = (local(LocalNull::Conditional), local(LocalNull::Total));
    let star = SelfWeight::Included(1.0);
    let [g, g_star] = [SelfWeight::Excluded, star]
        .map(|self_weight| local_g(&data.binary, y, self_weight, Alternative::TwoSided).unwrap());
    // DIFFERENCE: esda scales local Moran by n − 1, but its moments, as here, by n.
    let shrunk = (n as f64 - 1.0) / n as f64;
    let figures = [
        (&conditional.expectation, &expected["expectation"]),
        (&conditional.variance, &expected["variance"]),
        (&total.expectation, &expected["expectation_total"]),
        (&total.variance, &expected["variance_total"]),
    ];
    let mut n_figures = 0;
    for unit in 0..n {
        same(shrunk * conditional.statistic[unit], &expected["statistic"][unit]);
        for (given, expected) in figures {
            same(given[unit], &expected[unit]);
        }
        let quadrant = match conditional.quadrant[unit].unwrap() {
            Quadrant::HighHigh => 1,
            Quadrant::LowHigh => 2,
            Quadrant::LowLow => 3,
            Quadrant::HighLow => 4,
        };
        assert_eq!(expected["quadrant"][unit], quadrant);
        same(g.z_score[unit].unwrap(), &golden["results"]["local_g"][unit]);
        same(
            g_star.z_score[unit].unwrap(),
            &golden["results"]["local_g_star"][unit],
        );
        n_figures += 8;
    }
    assert_eq!(n_figures, 8 * golden["n"].as_u64().unwrap());
}

/// `largest_mean` bounds the mean squared distance of the units: esda gives all units the same draws, so that
/// units do not average out as independent ones do.
fn check_permutations(data: &Data, largest_mean: f64) {
    let golden = &data.golden["permutation"];
    let (x, y) = (numbers(&golden["x"]), numbers(&golden["y"]));
    let permutations = Permutations::new(9999, Seed::new(2)).unwrap();
    assert_eq!(golden["n"], permutations.n());
    let n = f64::from(permutations.n());
    let expected = |p: f64| p * (n + 1.0) - 1.0;
    let two_sided = Alternative::TwoSided;
    let given = [
        moran_permutation(&data.row, &y, two_sided, permutations).unwrap(),
        geary_permutation(&data.row, &y, two_sided, permutations).unwrap(),
        moran_bivariate_permutation(&data.row, &x, &y, two_sided, permutations).unwrap(),
    ];
    let names = ["moran_folded_p", "geary_folded_p", "bivariate_folded_p"];
    for (given, name) in given.iter().zip(names) {
        let expected = expected(number(&golden[name]));
        distance(folded(given.n_greater_equal, permutations.n()), expected, n);
    }
    let local = moran_local_permutation(&data.row, &y, two_sided, permutations).unwrap();
    let p_values = numbers(&golden["local_moran_folded_p"]);
    assert_eq!(p_values.len(), data.row.n());
    let squares = local
        .n_greater_equal
        .iter()
        .zip(&p_values)
        .map(|(&given, &p)| distance(folded(given, permutations.n()), expected(p), n).powi(2));
    let mean = squares.sum::<f64>() / p_values.len() as f64;
    assert!(mean < largest_mean, "{mean}");
}

#[test]
fn global_statistics_of_house_sales_agree_with_esda() {
    check_global(&Data::baltim());
}

#[test]
fn global_statistics_of_counties_agree_with_esda() {
    check_global(&Data::georgia());
}

#[test]
fn local_statistics_of_house_sales_agree_with_esda() {
    check_local(&Data::baltim());
}

#[test]
fn local_statistics_of_counties_agree_with_esda() {
    check_local(&Data::georgia());
}

#[test]
fn permutations_of_house_sales_agree_with_esda_within_monte_carlo_error() {
    check_permutations(&Data::baltim(), 1.6);
}

#[test]
fn permutations_of_counties_agree_with_esda_within_monte_carlo_error() {
    check_permutations(&Data::georgia(), 1.6);
}
