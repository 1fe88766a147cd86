//! Whether two JSON documents hold the same values but for rounding.

use serde_json::Value;

/// The fields in which a document may state its relative tolerance.
const TOLERANCE: &[&str] = &["tolerance", "relative_tolerance"];

/// The relative tolerance of a document that states none.
const DEFAULT_TOLERANCE: f64 = 1e-9;

/// Fields that tell how a document was made; they may differ from machine to machine.
const PROVENANCE: &[&str] = &[
    "tool",
    "tools",
    "tool_version",
    "tool_versions",
    "version",
    "versions",
    "platform",
];

/// The places where `new` differs from `old`, in document order.
///
/// Numbers a and b agree when |a − b| ≤ tolerance · max(1, |a|, |b|), with the tolerance that `old` states.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<String> {
    let tolerance = TOLERANCE
        .iter()
        .find_map(|field| old.get(field)?.as_f64())
        .filter(|tolerance| (0.0..1.0).contains(tolerance))
        .unwrap_or(DEFAULT_TOLERANCE);
    let mut found = Vec::new();
    compare(old, new, "", tolerance, &mut found);
    found
}

fn compare(old: &Value, new: &Value, path: &str, tolerance: f64, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, old) in a.iter().filter(|(key, _)| !PROVENANCE.contains(&key.as_str())) {
                match b.get(key) {
                    Some(new) => compare(old, new, &format!("{path}/{key}"), tolerance, found),
                    None => found.push(format!("{path}/{key}: no longer there")),
                }
            }
            for key in b
                .keys()
                .filter(|key| !a.contains_key(*key) && !PROVENANCE.contains(&key.as_str()))
            {
                found.push(format!("{path}/{key}: not in the committed file"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (old, new)) in a.iter().zip(b).enumerate() {
                compare(old, new, &format!("{path}/{i}"), tolerance, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            found.push(format!("{path}: {} entries committed, {} now", a.len(), b.len()));
        }
        _ => {
            if !agree(old, new, tolerance) {
                found.push(format!(
                    "{path}: {old} committed, {new} now (tolerance {tolerance:e})"
                ));
            }
        }
    }
}

fn agree(old: &Value, new: &Value, tolerance: f64) -> bool {
    match (old.as_f64(), new.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0),
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_within_the_tolerance_agree() {
        let old = json!({"a": [1.0, 2e9], "n": 3});
        let new = json!({"a": [1.0 + 1e-10, 2e9 + 1.0], "n": 3.0});
        assert!(differences(&old, &new).is_empty());
    }

    #[test]
    fn a_stated_tolerance_is_used() {
        let new = json!({"tolerance": 0.5, "a": 1.001});
        assert!(
            differences(
                &json!({"tolerance": 0.01, "a": 1.0, }),
                &json!({"tolerance": 0.01, "a": 1.001})
            )
            .is_empty()
        );
        assert_eq!(differences(&json!({"tolerance": 1e-6, "a": 1.0}), &new).len(), 2);
    }

    #[test]
    fn every_kind_of_difference_names_its_place() {
        let old = json!({"a": [1.0, null], "gone": 1, "s": "x", "l": [1, 2]});
        let new = json!({"a": [1.1, 0.0], "new": 1, "s": "y", "l": [1]});
        assert_eq!(
            differences(&old, &new),
            [
                "/a/0: 1.0 committed, 1.1 now (tolerance 1e-9)",
                "/a/1: null committed, 0.0 now (tolerance 1e-9)",
                "/gone: no longer there",
                "/l: 2 entries committed, 1 now",
                "/s: \"x\" committed, \"y\" now (tolerance 1e-9)",
                "/new: not in the committed file",
            ]
        );
    }

    #[test]
    fn the_tools_that_made_a_file_may_differ() {
        let old = json!({"tool": "R 4.2", "versions": {"scipy": "1.0"}, "a": 1});
        let new = json!({"tool": "R 4.3", "a": 1});
        assert!(differences(&old, &new).is_empty());
    }
}
