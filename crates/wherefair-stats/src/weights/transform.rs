//! Standardisation of weights.

use serde::{Deserialize, Serialize};

use super::{DenseWeights, SpatialWeights};
use crate::StatsError;

/// How weights are standardised.
///
/// With n₊ the number of units that have neighbours:
///
/// | variant | weight | libpysal | spdep |
/// |---|---|---|---|
/// | `Binary` | 1 | B | B (of links without weights) |
/// | `Row` | w\[i, j\] / Σⱼ w\[i, j\] | R | W |
/// | `GlobalUnit` | w\[i, j\] / S0 | D | U |
/// | `GlobalN` | w\[i, j\] · n₊ / S0 | | C |
/// | `VarianceStabilizing` | q\[i, j\] · n₊ / Σ q, q\[i, j\] = w\[i, j\] / √(Σⱼ w\[i, j\]²) | V | S |
///
/// DIFFERENCE: libpysal's V counts isolates in n; n₊ is spdep's choice. Without isolates both agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Every link weighs 1.
    Binary,
    /// Every row sums to 1.
    Row,
    /// All weights together sum to 1.
    GlobalUnit,
    /// All weights together sum to the number of units that have neighbours.
    GlobalN,
    /// Every row is divided by its Euclidean norm, then all weights as in `GlobalN`.
    VarianceStabilizing,
}

impl SpatialWeights {
    /// The weights after `transform`, applied to the weights as they are; isolates stay zero rows.
    ///
    /// # Errors
    /// [`StatsError::WeightSum`] when a sum to divide by is zero (weights that cancel) or overflows.
    ///
    /// # References
    /// Tiefelsdorf, Griffith & Boots (1999), A variance-stabilizing coding scheme for spatial link matrices,
    /// doi:10.1068/a310165.
    pub fn transform(&self, transform: Transform) -> Result<Self, StatsError> {
        let mut values = self.values.clone();
        standardize(transform, &mut values, &self.offsets)?;
        Ok(self.with_values(values))
    }
}

impl DenseWeights {
    /// The weights after `transform`, as [`SpatialWeights::transform`].
    ///
    /// # Errors
    /// As [`SpatialWeights::transform`].
    pub fn transform(&self, transform: Transform) -> Result<Self, StatsError> {
        let offsets: Vec<usize> = (0..=self.n()).map(|row| row * self.n()).collect();
        let mut values = self.values().to_vec();
        standardize(transform, &mut values, &offsets)?;
        Self::from_values(self.n(), values)
    }
}

/// Standardises rows that start at `offsets` of `values`; zeros are no links.
fn standardize(transform: Transform, values: &mut [f64], offsets: &[usize]) -> Result<(), StatsError> {
    let rows = || offsets.windows(2).map(|ends| ends[0]..ends[1]).enumerate();
    match transform {
        Transform::Binary => {
            for value in values.iter_mut().filter(|value| **value != 0.0) {
                *value = 1.0;
            }
        }
        Transform::Row => {
            for (row, entries) in rows() {
                divide(
                    &mut values[entries],
                    |row| row.iter().sum(),
                    || format!("unit {row}"),
                )?;
            }
        }
        Transform::GlobalUnit => divide(values, total, || "all units".to_owned())?,
        Transform::GlobalN => scale_to_n(values, offsets)?,
        Transform::VarianceStabilizing => {
            for (row, entries) in rows() {
                let norm = |row: &[f64]| row.iter().map(|value| value * value).sum::<f64>().sqrt();
                divide(&mut values[entries], norm, || format!("unit {row}, squared,"))?;
            }
            scale_to_n(values, offsets)?;
        }
    }
    Ok(())
}

/// Scales `values` to sum to the number of rows that hold a value other than 0.
fn scale_to_n(values: &mut [f64], offsets: &[usize]) -> Result<(), StatsError> {
    let n_linked = offsets
        .windows(2)
        .filter(|ends| values[ends[0]..ends[1]].iter().any(|&value| value != 0.0))
        .count();
    divide(
        values,
        |values| total(values) / n_linked as f64,
        || "all units".to_owned(),
    )
}

fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// Divides `values` by `divisor` of them, unless all are zero.
fn divide(
    values: &mut [f64],
    divisor: impl Fn(&[f64]) -> f64,
    of: impl Fn() -> String,
) -> Result<(), StatsError> {
    if values.iter().all(|&value| value == 0.0) {
        return Ok(());
    }
    let sum = divisor(values);
    if sum == 0.0 || !sum.is_finite() || values.iter().any(|value| !(value / sum).is_finite()) {
        return Err(StatsError::WeightSum { of: of(), sum });
    }
    for value in values {
        *value /= sum;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Transform; 5] = [
        Transform::Binary,
        Transform::Row,
        Transform::GlobalUnit,
        Transform::GlobalN,
        Transform::VarianceStabilizing,
    ];

    /// Sums of a few numbers around 1.
    const ROUNDING: f64 = 1e-15;

    /// Unit 3 is an isolate.
    fn weights() -> SpatialWeights {
        SpatialWeights::from_edges(4, [(0, 1, 3.0), (0, 2, 4.0), (1, 0, 2.0), (2, 1, 1.0)]).unwrap()
    }

    #[test]
    fn all_transforms_by_hand() {
        let expected: [[f64; 4]; 5] = [
            [1.0, 1.0, 1.0, 1.0],
            [3.0 / 7.0, 4.0 / 7.0, 1.0, 1.0],
            [0.3, 0.4, 0.2, 0.1],
            [0.9, 1.2, 0.6, 0.3],
            [0.6 * 3.0 / 3.4, 0.8 * 3.0 / 3.4, 3.0 / 3.4, 3.0 / 3.4],
        ];
        for (transform, expected) in ALL.into_iter().zip(expected) {
            let w = weights().transform(transform).unwrap();
            for (value, expected) in w.values().iter().zip(expected) {
                assert!(
                    (value - expected).abs() < ROUNDING,
                    "{transform:?}: {value} {expected}"
                );
            }
            assert_eq!(w.isolates(), [3]);
            let dense = DenseWeights::try_from(&weights())
                .unwrap()
                .transform(transform)
                .unwrap();
            assert_eq!(dense.to_sparse(), w, "{transform:?}");
        }
    }

    #[test]
    fn weights_that_cancel_are_an_error_where_they_are_summed() {
        let w = SpatialWeights::from_edges(3, [(1, 0, 1.0), (1, 2, -1.0)]).unwrap();
        assert_eq!(
            w.transform(Transform::Row).unwrap_err().to_string(),
            "the weights of unit 1 sum to 0 (accepted: a finite sum other than 0)"
        );
        assert!(w.transform(Transform::GlobalUnit).is_err());
        assert!(w.transform(Transform::GlobalN).is_err());
        assert!(w.transform(Transform::VarianceStabilizing).is_err());
        assert_eq!(w.transform(Transform::Binary).unwrap().values(), [1.0, 1.0]);
    }

    #[test]
    fn sums_that_overflow_are_an_error() {
        let w = SpatialWeights::from_edges(3, [(0, 1, f64::MAX), (0, 2, f64::MAX)]).unwrap();
        for transform in &ALL[1..] {
            assert!(
                matches!(w.transform(*transform), Err(StatsError::WeightSum { .. })),
                "{transform:?}"
            );
        }
    }

    #[test]
    fn weights_without_links_stay_empty() {
        for n in [0, 1, 3] {
            for transform in ALL {
                let w = SpatialWeights::from_edges(n, []).unwrap();
                assert_eq!(w.transform(transform).unwrap(), w);
            }
        }
    }
}
