//! Reads `tests/golden/metrics.json`, which `metrics.py` beside it makes.

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Golden {
    tools: Tools,
    pub(crate) classes: Vec<serde_json::Value>,
    pub(crate) values: Vec<serde_json::Value>,
    pub(crate) groups: Vec<serde_json::Value>,
    pub(crate) correlations: Vec<serde_json::Value>,
    pub(crate) two_samples: Vec<serde_json::Value>,
    pub(crate) student: Vec<serde_json::Value>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "kebab-case")]
struct Tools {
    scikit_learn: String,
    fairlearn: String,
    scipy: String,
    numpy: String,
}

pub(crate) fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/metrics.json")).unwrap()
}

pub(crate) fn cases<T: DeserializeOwned>(cases: Vec<serde_json::Value>) -> Vec<T> {
    cases
        .into_iter()
        .map(|case| serde_json::from_value(case).unwrap())
        .collect()
}

/// Whether `found` is within `tolerance` of `expected`, relative to the larger of its magnitude and `floor`.
#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64, tolerance: f64, floor: f64, what: &str) {
    let bound = tolerance * expected.abs().max(floor);
    let error = (found - expected).abs();
    assert!(
        error <= bound,
        "{what}: {found}, not {expected} (error {error:e}, bound {bound:e})"
    );
}

#[test]
fn the_golden_file_has_all_its_cases() {
    let golden = golden();
    assert_eq!(golden.classes.len(), 27);
    assert_eq!(golden.values.len(), 5);
    assert_eq!(golden.groups.len(), 4);
    assert_eq!(golden.correlations.len(), 10);
    assert_eq!(golden.two_samples.len(), 10);
    // Read by the unit test of the distribution itself.
    assert_eq!(golden.student.len(), 42);
    let tools = Tools {
        scikit_learn: "1.9.1".to_owned(),
        fairlearn: "0.15.0".to_owned(),
        scipy: "1.17.1".to_owned(),
        numpy: "2.4.6".to_owned(),
    };
    assert_eq!(golden.tools, tools);
}
