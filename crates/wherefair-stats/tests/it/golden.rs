//! What the tests against golden files share: reading them, and comparing with them.

use std::path::Path;

use serde_json::Value;
use wherefair_stats::SpatialWeights;

/// What golden figures, written with 15 digits, allow for, relative to the figure.
pub(crate) const GOLDEN: f64 = 1e-9;

/// The golden file of this name.
pub(crate) fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn number(value: &Value) -> f64 {
    // R writes a number with a name as a matrix.
    value.as_f64().unwrap_or_else(|| number(&value[0]))
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Whole numbers: units, categories.
pub(crate) fn integers(value: &Value) -> Vec<u32> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|integer| u32::try_from(integer.as_u64().unwrap()).unwrap())
        .collect()
}

/// The neighbours of each unit. R writes a list of one as a number.
pub(crate) fn rows(lists: &Value) -> Vec<Vec<u32>> {
    let lists = lists.as_array().unwrap().iter();
    lists
        .map(|list| match list {
            Value::Number(_) => integers(&Value::Array(vec![list.clone()])),
            list => integers(list),
        })
        .collect()
}

/// Binary weights from the neighbours of each unit.
pub(crate) fn binary(lists: &Value) -> SpatialWeights {
    let rows = rows(lists);
    let links = rows
        .iter()
        .enumerate()
        .flat_map(|(i, row)| row.iter().map(move |&j| (i, j as usize, 1.0)));
    SpatialWeights::from_edges(rows.len(), links).unwrap()
}

#[track_caller]
pub(crate) fn same(given: f64, expected: &Value) {
    within(given, number(expected), GOLDEN);
}

/// Far in the tail, a p-value differs relatively by z² times what its z-score does.
#[track_caller]
pub(crate) fn same_p(given: f64, expected: &Value, z_score: f64) {
    within(given, number(expected), GOLDEN * (z_score * z_score).max(1.0));
}

#[track_caller]
fn within(given: f64, expected: f64, tolerance: f64) {
    assert!(
        (given - expected).abs() <= tolerance * expected.abs(),
        "{given} is not {expected}"
    );
}

/// What R calls `NaN` has no value here.
#[track_caller]
pub(crate) fn same_or_none(given: Option<f64>, expected: &Value) {
    if expected == "NaN" {
        assert_eq!(given, None);
    } else {
        same(given.unwrap(), expected);
    }
}

/// How many standard errors two Monte-Carlo counts may lie apart where hundreds are compared.
const FARTHEST: f64 = 5.0;

/// Two counts among `n` independent permutations each, as standard errors of their difference under one common
/// probability; not more than [`FARTHEST`].
#[track_caller]
pub(crate) fn distance(given: f64, expected: f64, n: f64) -> f64 {
    let share = (given + expected + 1.0) / (2.0 * n + 2.0);
    let error = (2.0 * n * share * (1.0 - share)).sqrt();
    let distance = (given - expected) / error;
    assert!(
        distance.abs() <= FARTHEST,
        "{given} and {expected} of {n}: {distance:.1} standard errors apart"
    );
    distance
}

/// The smaller tail as esda and spdep count it: permutations that give at least the statistic, or the others.
pub(crate) fn folded(n_greater_equal: u32, n: u32) -> f64 {
    f64::from(n_greater_equal.min(n - n_greater_equal))
}
