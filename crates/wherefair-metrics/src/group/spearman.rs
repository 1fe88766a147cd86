//! Spearman's rank correlation.

use super::alternative::Alternative;
use super::pearson::{CorrelationResult, pearson};
use super::sample::check_varying;
use crate::error::{MetricError, check_shape};

/// Spearman's rank correlation of `x` and `y`: Pearson's correlation of their ranks, tied values sharing
/// the mean of their ranks.
///
/// The p-value is that of Pearson's correlation, an approximation that is good from about 10 pairs on.
///
/// # Shapes
/// Both are `(n_samples,)`.
///
/// # Errors
/// As [`pearson`].
///
/// # Examples
/// ```
/// use wherefair_metrics::{Alternative, spearman};
///
/// let result = spearman(&[1.0, 2.0, 30.0, 400.0], &[1.0, 3.0, 2.0, 4.0], Alternative::TwoSided)?;
/// assert!((result.statistic - 0.8).abs() < 1e-12);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64], alternative: Alternative) -> Result<CorrelationResult, MetricError> {
    check_shape("y", y.len(), "x", x.len())?;
    check_varying("x", x, 3)?;
    check_varying("y", y, 3)?;
    pearson(&average_ranks(x), &average_ranks(y), alternative)
}

/// The ranks of finite values from 1, ties at the mean of their ranks.
fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    // `+ 0.0` makes the two zeros one value.
    order.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)).is_eq()) {
        let rank = first as f64 + (tied.len() + 1) as f64 / 2.0;
        for &i in tied {
            ranks[i] = rank;
        }
        first += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        assert_eq!(
            average_ranks(&[3.0, -0.0, 7.0, 0.0, 3.0, 3.0]),
            [4.0, 1.5, 6.0, 1.5, 4.0, 4.0]
        );
        assert_eq!(average_ranks(&[]), [0.0; 0]);
    }

    #[test]
    fn a_constant_column_is_named_with_its_value() {
        let error = spearman(&[1.0, 2.0, 3.0], &[7.0; 3], Alternative::Less).unwrap_err();
        assert_eq!(
            error.to_string(),
            "all 3 values of y are 7 (accepted: values that differ)"
        );
    }
}
