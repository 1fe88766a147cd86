//! Student's t-tests of two samples.

use serde::{Deserialize, Serialize};

use super::alternative::{Alternative, student_p_value};
use super::sample::{check_sample, is_constant, mean, safe_scale, sum_of_squares};
use crate::error::MetricError;

/// The result of a t-test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TTestResult {
    /// The t statistic: above 0 when the mean of the first sample is the larger one.
    pub statistic: f64,
    /// The degrees of freedom, a whole number for the pooled test only.
    pub degrees_of_freedom: f64,
    /// The p-value; [`Alternative::Greater`] asks whether the first mean is the larger one.
    pub p_value: f64,
    /// Mean of the first sample minus mean of the second.
    pub mean_difference: f64,
}

/// Welch's t-test: do two samples, whose variances may differ, have the same mean?
///
/// # Formula
/// ```text
/// v_a = s²_a / n_a,  v_b = s²_b / n_b,  t = (ā − b̄) / √(v_a + v_b)
/// degrees of freedom = (v_a + v_b)² / (v_a²/(n_a − 1) + v_b²/(n_b − 1))
/// ```
///
/// # Shapes
/// `(n_a,)` and `(n_b,)`.
///
/// # Errors
/// [`MetricError`] when a sample has fewer than 2 values or one that is NaN or infinite, or both samples are
/// constant.
///
/// # References
/// Welch (1947), doi:10.1093/biomet/34.1-2.28.
///
/// # Examples
/// ```
/// use wherefair_metrics::{Alternative, welch_t_test};
///
/// let result = welch_t_test(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], Alternative::TwoSided)?;
/// assert!((result.statistic + 1.5_f64.sqrt()).abs() < 1e-12);
/// assert!((result.degrees_of_freedom - 4.0).abs() < 1e-12);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
pub fn welch_t_test(a: &[f64], b: &[f64], alternative: Alternative) -> Result<TTestResult, MetricError> {
    let moments = Moments::of(a, b)?;
    let (n_a, n_b) = (a.len() as f64, b.len() as f64);
    let part_a = moments.squares_a / (n_a - 1.0) / n_a;
    let part_b = moments.squares_b / (n_b - 1.0) / n_b;
    let squared_error = part_a + part_b;
    // Shares instead of fourth powers, which would over- or underflow.
    let (share_a, share_b) = (part_a / squared_error, part_b / squared_error);
    let degrees_of_freedom = 1.0 / (share_a * share_a / (n_a - 1.0) + share_b * share_b / (n_b - 1.0));
    Ok(moments.result(squared_error.sqrt(), degrees_of_freedom, alternative))
}

/// The pooled t-test: do two samples of one variance have the same mean?
///
/// # Formula
/// ```text
/// s² = (Σ(a − ā)² + Σ(b − b̄)²) / (n_a + n_b − 2),  t = (ā − b̄) / (s √(1/n_a + 1/n_b))
/// degrees of freedom = n_a + n_b − 2
/// ```
///
/// # Shapes
/// `(n_a,)` and `(n_b,)`.
///
/// # Errors
/// As [`welch_t_test`].
///
/// # References
/// Student (1908), doi:10.1093/biomet/6.1.1.
pub fn pooled_t_test(a: &[f64], b: &[f64], alternative: Alternative) -> Result<TTestResult, MetricError> {
    let moments = Moments::of(a, b)?;
    let (n_a, n_b) = (a.len() as f64, b.len() as f64);
    let degrees_of_freedom = n_a + n_b - 2.0;
    let variance = (moments.squares_a + moments.squares_b) / degrees_of_freedom;
    let standard_error = (variance * (1.0 / n_a + 1.0 / n_b)).sqrt();
    Ok(moments.result(standard_error, degrees_of_freedom, alternative))
}

/// The moments of both samples, of values times `scale`.
struct Moments {
    difference: f64,
    squares_a: f64,
    squares_b: f64,
    scale: f64,
}

impl Moments {
    fn of(a: &[f64], b: &[f64]) -> Result<Self, MetricError> {
        check_sample("a", a, 2)?;
        check_sample("b", b, 2)?;
        let constant = MetricError::Constant {
            name: "a (and all of b)",
            n: a.len(),
            value: a[0],
        };
        if is_constant(a) && is_constant(b) {
            return Err(constant);
        }
        // One scale for both, that of the larger sample: the smaller one is then of no weight beside it.
        let scale = safe_scale(a).min(safe_scale(b));
        // From a common origin amid the values, so that a mean much larger than the difference costs no digits.
        let origin = a[0] * scale;
        let a: Vec<f64> = a.iter().map(|value| value * scale - origin).collect();
        let b: Vec<f64> = b.iter().map(|value| value * scale - origin).collect();
        let (mean_a, mean_b) = (mean(&a), mean(&b));
        let (squares_a, squares_b) = (sum_of_squares(&a, mean_a), sum_of_squares(&b, mean_b));
        if squares_a + squares_b == 0.0 {
            // They vary, but by nothing that can be seen beside the larger magnitude.
            return Err(constant);
        }
        Ok(Self {
            difference: mean_a - mean_b,
            squares_a,
            squares_b,
            scale,
        })
    }

    fn result(&self, standard_error: f64, degrees_of_freedom: f64, alternative: Alternative) -> TTestResult {
        let statistic = self.difference / standard_error;
        TTestResult {
            statistic,
            degrees_of_freedom,
            p_value: student_p_value(statistic, degrees_of_freedom, alternative).unwrap_or(f64::NAN),
            mean_difference: self.difference / self.scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statistics of few numbers.
    const ROUNDING: f64 = 1e-13;

    #[test]
    fn degenerate_samples_are_rejected() {
        for test in [welch_t_test, pooled_t_test] {
            let error = |a: &[f64], b: &[f64]| test(a, b, Alternative::TwoSided).unwrap_err();
            assert!(matches!(
                error(&[1.0], &[1.0, 2.0]),
                MetricError::TooFew { name: "a", .. }
            ));
            assert!(matches!(
                error(&[1.0, 2.0], &[]),
                MetricError::TooFew { name: "b", .. }
            ));
            assert!(matches!(
                error(&[1.0, 1.0], &[2.0, 2.0]),
                MetricError::Constant { .. }
            ));
            let vanishing = error(&[0.0, 1e-200], &[1.0, 1.0]);
            assert!(matches!(vanishing, MetricError::Constant { .. }));
            let nan = error(&[1.0, 2.0], &[1.0, f64::NAN]);
            assert!(matches!(
                nan,
                MetricError::NotFinite {
                    name: "b",
                    index: 1,
                    ..
                }
            ));
        }
    }

    #[test]
    fn one_constant_sample_is_accepted() {
        let result = welch_t_test(&[1.0, 1.0], &[2.0, 4.0], Alternative::Less).unwrap();
        assert!((result.degrees_of_freedom - 1.0).abs() < ROUNDING);
        assert!((result.statistic + 2.0).abs() < ROUNDING);
    }

    #[test]
    fn extreme_magnitudes_do_not_matter() {
        let (a, b) = ([1.0, 2.0, 4.0], [2.0, 7.0, 5.0, 6.0]);
        for test in [welch_t_test, pooled_t_test] {
            let plain = test(&a, &b, Alternative::TwoSided).unwrap();
            for factor in [1e-300, 1e-200, 1e200, 1e307] {
                let (a, b) = (a.map(|a| a * factor), b.map(|b| b * factor));
                let scaled = test(&a, &b, Alternative::TwoSided).unwrap();
                assert!((scaled.statistic - plain.statistic).abs() < ROUNDING, "{factor}");
                assert!((scaled.p_value - plain.p_value).abs() < ROUNDING, "{factor}");
            }
        }
    }
}
