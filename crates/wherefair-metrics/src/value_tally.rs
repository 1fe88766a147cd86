//! Sums of errors of numeric predictions.

use serde::{Deserialize, Serialize};
use wherefair_core::Tally;

/// How the error of one numeric prediction is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// pred − truth, in the unit of the values.
    #[default]
    Difference,
    /// ln(pred / truth): symmetric between twice and half; both must be above 0.
    LogRatio,
    /// (pred − truth) / truth; truth must not be 0.
    RelativeDifference,
}

impl ErrorKind {
    /// The error of `pred` against `truth`; NaN or infinite where it is undefined (see each kind), which the
    /// caller checks before it counts the error.
    ///
    /// # Examples
    /// ```
    /// use wherefair_metrics::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::Difference.error(2.0, 3.0), 1.0);
    /// assert_eq!(ErrorKind::RelativeDifference.error(2.0, 3.0), 0.5);
    /// assert!(ErrorKind::LogRatio.error(-1.0, -1.0).is_nan());
    /// ```
    pub fn error(self, truth: f64, pred: f64) -> f64 {
        match self {
            Self::Difference => pred - truth,
            Self::LogRatio if truth > 0.0 && pred > 0.0 => {
                let ratio = pred / truth;
                if ratio.is_normal() {
                    ratio.ln()
                } else {
                    // The quotient over- or underflowed; the logarithms do not.
                    pred.ln() - truth.ln()
                }
            }
            Self::LogRatio => f64::NAN,
            Self::RelativeDifference => (pred - truth) / truth,
        }
    }

    /// A short name, such as `log ratio`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Difference => "difference",
            Self::LogRatio => "log ratio",
            Self::RelativeDifference => "relative difference",
        }
    }
}

/// The sums of one cell from which every [`ValueScore`](crate::ValueScore) follows; mergeable.
///
/// The sums of the truth serve R² alone and are of truth − shift, where shift is one fixed number for the
/// whole run, best close to the mean of the truth. Σ truth² − (Σ truth)²/n loses as many digits as the mean
/// has over the standard deviation (temperatures of 300 K ± 0.1 K lose seven of sixteen); the shift takes
/// the large common part out before it is squared. Tallies of different shifts must not be merged.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ValueTally {
    /// The number of samples.
    pub n: u64,
    /// Σ error.
    pub sum: f64,
    /// Σ |error|.
    pub sum_abs: f64,
    /// Σ error².
    pub sum_sq: f64,
    /// Σ (truth − shift).
    pub truth_sum: f64,
    /// Σ (truth − shift)².
    pub truth_sum_sq: f64,
}

impl ValueTally {
    /// Counts one sample with its `error` and its truth − shift; both must be finite for the tally to stay of
    /// use.
    #[inline]
    pub fn record(&mut self, error: f64, shifted_truth: f64) {
        self.n += 1;
        self.sum += error;
        self.sum_abs += error.abs();
        self.sum_sq += error * error;
        self.truth_sum += shifted_truth;
        self.truth_sum_sq += shifted_truth * shifted_truth;
    }
}

impl Tally for ValueTally {
    #[inline]
    fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.sum += other.sum;
        self.sum_abs += other.sum_abs;
        self.sum_sq += other.sum_sq;
        self.truth_sum += other.truth_sum;
        self.truth_sum_sq += other.truth_sum_sq;
    }

    fn n_samples(&self) -> u64 {
        self.n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln 2 and the logarithms of extreme quotients, to the rounding of one operation.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn log_ratio_is_antisymmetric() {
        let double = ErrorKind::LogRatio.error(3.0, 6.0);
        let half = ErrorKind::LogRatio.error(6.0, 3.0);
        assert!((double - std::f64::consts::LN_2).abs() < ROUNDING);
        assert!((double + half).abs() < ROUNDING);
    }

    #[test]
    fn log_ratio_survives_an_overflowing_quotient() {
        let error = ErrorKind::LogRatio.error(1e-300, 1e300);
        let expected = 600.0 * std::f64::consts::LN_10;
        assert!((error - expected).abs() < ROUNDING * expected);
    }

    #[test]
    fn undefined_errors_are_not_finite() {
        for (truth, pred) in [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (-2.0, -1.0), (f64::NAN, 1.0)] {
            assert!(!ErrorKind::LogRatio.error(truth, pred).is_finite());
        }
        assert!(!ErrorKind::RelativeDifference.error(0.0, 1.0).is_finite());
        assert!(!ErrorKind::RelativeDifference.error(0.0, 0.0).is_finite());
        assert!(
            !ErrorKind::Difference
                .error(f64::INFINITY, f64::INFINITY)
                .is_finite()
        );
    }
}
