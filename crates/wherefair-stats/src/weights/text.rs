//! Weights with the ids of a file.

use std::collections::BTreeMap;
use std::io::Read;

use super::SpatialWeights;
use crate::StatsError;

/// Weights with the id of each unit, as text.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledWeights {
    /// The id of each unit, of shape `(n,)`.
    pub ids: Vec<String>,
    /// The weights.
    pub weights: SpatialWeights,
}

/// All text of `reader`.
pub(super) fn read_text(reader: &mut impl Read) -> Result<String, StatsError> {
    let mut text = String::new();
    reader.read_to_string(&mut text).map_err(|error| StatsError::Io {
        action: "reading weights",
        message: error.to_string(),
    })?;
    Ok(text)
}

/// The failure of writing.
#[expect(clippy::needless_pass_by_value, reason = "the signature that `map_err` wants")]
pub(super) fn write_error(error: std::io::Error) -> StatsError {
    StatsError::Io {
        action: "writing weights",
        message: error.to_string(),
    }
}

/// A break of `format` in line `line`, counted from 1.
pub(super) fn broken(format: &'static str, line: usize, problem: impl Into<String>) -> StatsError {
    StatsError::WeightsFile {
        format,
        place: format!("line {line}"),
        problem: problem.into(),
    }
}

/// The number of units that the first line names: `n`, or `0 n name id-variable`.
pub(super) fn header(format: &'static str, line: Option<&str>) -> Result<usize, StatsError> {
    let line = line.unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let n = match words[..] {
        [n] | [_, n, ..] => n.parse().ok(),
        [] => None,
    };
    n.filter(|&n: &usize| u32::try_from(n).is_ok()).ok_or_else(|| {
        let problem = format!("header {line:?} names no number of units (accepted: n, or 0 n name id)");
        broken(format, 1, problem)
    })
}

/// Unit numbers by id.
///
/// # Errors
/// [`StatsError`] when ids are not one a unit, one is given twice, is empty or holds white space.
pub(super) fn check_ids(ids: &[String], n: usize) -> Result<BTreeMap<&str, usize>, StatsError> {
    if ids.len() != n {
        return Err(StatsError::Shape {
            name: "ids",
            given: ids.len(),
            expected: n,
        });
    }
    let mut units = BTreeMap::new();
    for (unit, id) in ids.iter().enumerate() {
        let problem = if id.is_empty() || id.contains(char::is_whitespace) {
            Some("text without white space")
        } else {
            units.insert(id.as_str(), unit).map(|_| "each id once")
        };
        if let Some(accepted) = problem {
            return Err(wherefair_core::ParamError::new(
                format!("id of unit {unit}"),
                format!("{id:?}"),
                accepted,
            )
            .into());
        }
    }
    Ok(units)
}
