//! Autocorrelation statistics against R's spdep on the Columbus data.

use serde_json::Value;
use wherefair_stats::{
    Alternative, LocalNull, Null, SelfWeight, SpatialWeights, Transform, geary, getis_ord, local_g, moran,
    moran_local, moran_residual,
};

use crate::golden::{binary, golden, numbers, same};

fn columbus() -> Value {
    golden("columbus.json")["columbus"].take()
}

fn queen(columbus: &Value) -> SpatialWeights {
    binary(&columbus["neighbours_queen"])
}

#[test]
fn global_statistics_equal_spdep_under_all_transforms() {
    let columbus = columbus();
    let queen = queen(&columbus);
    let mut n_figures = 0;
    for (style, transform) in [
        ("B", Transform::Binary),
        ("W", Transform::Row),
        ("C", Transform::GlobalN),
        ("U", Transform::GlobalUnit),
        ("S", Transform::VarianceStabilizing),
    ] {
        let w = queen.transform(transform).unwrap();
        for (name, column) in [("crime", "CRIME"), ("inc", "INC")] {
            let golden = &columbus[format!("queen_{style}")][name];
            let y = numbers(&columbus[column]);
            let randomization = moran(&w, &y, Null::Randomization, Alternative::Greater).unwrap();
            let normality = moran(&w, &y, Null::Normality, Alternative::Greater).unwrap();
            let c = geary(&w, &y, Null::Randomization, Alternative::Less).unwrap();
            let g = getis_ord(&w, &y, Alternative::Greater).unwrap();
            let figures = [
                (randomization.statistic, "moran_i"),
                (randomization.expectation, "expectation"),
                (randomization.variance, "variance_randomisation"),
                (randomization.z_score, "z_randomisation"),
                (randomization.p_value, "p_greater_randomisation"),
                (normality.variance, "variance_normality"),
                (normality.z_score, "z_normality"),
                (normality.p_value, "p_greater_normality"),
                (c.statistic, "geary_c"),
                (c.variance, "geary_variance_randomisation"),
                (-c.z_score, "geary_z"),
                (g.statistic, "getis_ord_g"),
                (g.z_score, "getis_ord_z"),
            ];
            assert_eq!(golden.as_object().unwrap().len(), figures.len());
            for (given, key) in figures {
                same(given, &golden[key]);
                n_figures += 1;
            }
        }
    }
    assert_eq!(n_figures, 5 * 2 * 13);
}

#[test]
fn residual_moran_equals_spdep() {
    let columbus = columbus();
    let w = queen(&columbus).transform(Transform::Row).unwrap();
    let [crime, inc, hoval] = ["CRIME", "INC", "HOVAL"].map(|name| numbers(&columbus[name]));
    let result = moran_residual(&w, &crime, &[&inc, &hoval], Alternative::Greater).unwrap();
    let golden = &columbus["residual_moran_W"];
    same(result.statistic, &golden["i"]);
    same(result.expectation, &golden["expectation"]);
    same(result.variance, &golden["variance"]);
    same(result.z_score, &golden["z"]);
    same(result.p_value, &golden["p"]);
}

#[test]
fn local_moran_equals_spdep() {
    let columbus = columbus();
    let w = queen(&columbus).transform(Transform::Row).unwrap();
    let crime = numbers(&columbus["CRIME"]);
    let result = moran_local(&w, &crime, LocalNull::Conditional, Alternative::TwoSided).unwrap();
    let golden = &columbus["local_moran_W_crime"];
    for unit in 0..49 {
        same(result.statistic[unit], &golden["I"][unit]);
        same(result.expectation[unit], &golden["E"][unit]);
        same(result.variance[unit], &golden["V"][unit]);
        same(result.z_score[unit].unwrap(), &golden["z"][unit]);
        same(result.p_value[unit].unwrap(), &golden["p_two_sided"][unit]);
    }
}

#[test]
fn local_g_and_g_star_equal_spdep() {
    let columbus = columbus();
    let w = queen(&columbus);
    let crime = numbers(&columbus["CRIME"]);
    let g = local_g(&w, &crime, SelfWeight::Excluded, Alternative::TwoSided).unwrap();
    let star = local_g(&w, &crime, SelfWeight::Included(1.0), Alternative::TwoSided).unwrap();
    for unit in 0..49 {
        same(g.z_score[unit].unwrap(), &columbus["local_g_B_crime"][unit]);
        same(
            star.z_score[unit].unwrap(),
            &columbus["local_gstar_B_crime"][unit],
        );
    }
}
