//! Pearson's product-moment correlation.

use serde::{Deserialize, Serialize};

use super::alternative::{Alternative, student_p_value};
use super::sample::{check_varying, mean, safe_scale};
use crate::error::{MetricError, check_shape};

/// A correlation and its p-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CorrelationResult {
    /// The correlation, −1 to 1.
    pub statistic: f64,
    /// The p-value against no correlation.
    pub p_value: f64,
    /// The number of pairs.
    pub n: usize,
}

/// Pearson's correlation of `x` and `y`.
///
/// # Formula
/// r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² Σ(y − ȳ)²); t = r √((n − 2)/(1 − r²)) follows Student's t with n − 2
/// degrees of freedom when both are normal and independent.
///
/// # Shapes
/// Both are `(n_samples,)`.
///
/// # Errors
/// [`MetricError`] when the shapes differ, there are fewer than 3 pairs, a value is NaN or infinite, or a
/// column is constant.
///
/// # Examples
/// ```
/// use wherefair_metrics::{Alternative, pearson};
///
/// let result = pearson(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0], Alternative::TwoSided)?;
/// assert!((result.statistic - 0.8).abs() < 1e-12);
/// assert!((result.p_value - 0.2).abs() < 1e-12);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
pub fn pearson(x: &[f64], y: &[f64], alternative: Alternative) -> Result<CorrelationResult, MetricError> {
    check_shape("y", y.len(), "x", x.len())?;
    check_varying("x", x, 3)?;
    check_varying("y", y, 3)?;
    let r = unit(x)
        .iter()
        .zip(unit(y))
        .map(|(x, y)| x * y)
        .sum::<f64>()
        .clamp(-1.0, 1.0);
    let degrees_of_freedom = (x.len() - 2) as f64;
    // (1 − r)(1 + r) keeps the digits of 1 − r² near ±1; there the statistic is ±∞ and the p-value 0.
    let t = r * (degrees_of_freedom / ((1.0 - r) * (1.0 + r))).sqrt();
    Ok(CorrelationResult {
        statistic: r,
        p_value: student_p_value(t, degrees_of_freedom, alternative).unwrap_or(f64::NAN),
        n: x.len(),
    })
}

/// The column, centred and scaled to length 1. Centred in two steps, so that a common part much larger than
/// the variation costs no digits twice.
fn unit(values: &[f64]) -> Vec<f64> {
    let scale = safe_scale(values);
    let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
    let centre = mean(&scaled);
    let mut centred: Vec<f64> = scaled.iter().map(|value| value - centre).collect();
    // The variation may be tiny beside the mean; scale again so that its squares do not vanish.
    let scale = safe_scale(&centred);
    for value in &mut centred {
        *value *= scale;
    }
    let length = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
    for value in &mut centred {
        *value /= length;
    }
    centred
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A correlation of few numbers.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn degenerate_columns_are_rejected() {
        let test = |x: &[f64], y: &[f64]| pearson(x, y, Alternative::TwoSided).unwrap_err();
        assert!(matches!(
            test(&[1.0, 2.0], &[1.0, 2.0]),
            MetricError::TooFew { n: 2, .. }
        ));
        assert!(matches!(test(&[], &[]), MetricError::TooFew { n: 0, .. }));
        assert!(matches!(test(&[1.0], &[]), MetricError::Shape { .. }));
        let up = [1.0, 2.0, 3.0];
        assert!(matches!(
            test(&[5.0; 3], &up),
            MetricError::Constant { name: "x", .. }
        ));
        assert!(matches!(
            test(&up, &[0.1; 3]),
            MetricError::Constant { name: "y", .. }
        ));
        for bad in [f64::NAN, f64::INFINITY] {
            let error = test(&up, &[1.0, bad, 2.0]);
            assert!(matches!(
                error,
                MetricError::NotFinite {
                    name: "y",
                    index: 1,
                    ..
                }
            ));
        }
    }

    #[test]
    fn extreme_magnitudes_do_not_matter() {
        let x = [1.0, 2.0, 4.0, 3.0];
        let y = [2.0, 1.0, 3.0, 5.0];
        let plain = pearson(&x, &y, Alternative::Greater).unwrap();
        for factor in [1e-307, 1e-200, 1e200, 1e307] {
            let scaled = x.map(|value| value * factor);
            let result = pearson(&scaled, &y, Alternative::Greater).unwrap();
            assert!((result.statistic - plain.statistic).abs() < ROUNDING, "{factor}");
        }
    }

    #[test]
    fn a_perfect_line_has_p_value_zero() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let result = pearson(&x, &x.map(|x| -2.0 * x), Alternative::Less).unwrap();
        assert!((result.statistic + 1.0).abs() < ROUNDING);
        assert!(result.p_value < ROUNDING);
    }
}
