//! Scores of numeric predictions, computed from the sums of one cell.

use serde::{Deserialize, Serialize};

use crate::value_tally::ValueTally;

/// How far rounding can move Σ x² − (Σ x)²/n from 0 for a constant column, in units of n · ε · Σ x²: each
/// of the two sums carries up to n roundings of ε/2, the second twice over because it is squared.
const CANCELLATION: f64 = 2.0;

/// A score of numeric predictions.
///
/// # Formula
/// With errors eᵢ (see [`ErrorKind`](crate::ErrorKind)) and truths yᵢ: mean absolute Σ|eᵢ|/n, root mean
/// square √(Σeᵢ²/n), mean signed Σeᵢ/n, R² = 1 − Σeᵢ² / Σ(yᵢ − ȳ)².
///
/// The mean absolute score of log ratios is the mean of |ln(pred/truth)|.
///
/// # Units
/// Those of the error; R² has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueScore {
    /// Mean absolute error.
    MeanAbsolute,
    /// Root mean square error.
    #[default]
    RootMeanSquare,
    /// Mean error: the bias.
    MeanSigned,
    /// The coefficient of determination; of meaning only for errors of kind
    /// [`Difference`](crate::ErrorKind::Difference).
    RSquared,
}

impl ValueScore {
    /// The score of the samples in `tally`, or `None` where it is undefined: no sample, a sum that is not
    /// finite, or, for R², a truth that does not vary beyond rounding.
    ///
    /// DIFFERENCE: for a constant truth scikit-learn gives R² as 0, or 1 where all errors are 0.
    ///
    /// # Examples
    /// ```
    /// use wherefair_metrics::{ErrorKind, ValueScore, ValueTally};
    ///
    /// let mut tally = ValueTally::default();
    /// for (truth, pred) in [(1.0, 4.0), (2.0, -2.0)] {
    ///     tally.record(ErrorKind::Difference.error(truth, pred), truth - 1.5);
    /// }
    /// assert_eq!(ValueScore::MeanAbsolute.evaluate(&tally), Some(3.5));
    /// assert_eq!(ValueScore::MeanSigned.evaluate(&tally), Some(-0.5));
    /// assert_eq!(ValueScore::RSquared.evaluate(&tally), Some(-49.0));
    /// ```
    pub fn evaluate(&self, tally: &ValueTally) -> Option<f64> {
        if tally.n == 0 {
            return None;
        }
        let n = tally.n as f64;
        let score = match self {
            Self::MeanAbsolute => tally.sum_abs / n,
            Self::RootMeanSquare => (tally.sum_sq / n).sqrt(),
            Self::MeanSigned => tally.sum / n,
            Self::RSquared => {
                let variation = tally.truth_sum_sq - tally.truth_sum * (tally.truth_sum / n);
                let rounding = CANCELLATION * n * f64::EPSILON * tally.truth_sum_sq;
                if tally.n < 2 || variation <= rounding {
                    return None;
                }
                1.0 - tally.sum_sq / variation
            }
        };
        score.is_finite().then_some(score)
    }

    /// Whether a higher score is a better one. The mean signed error is best at 0 from both sides, see
    /// [`ideal`](Self::ideal); it counts as `false`.
    pub fn higher_is_better(&self) -> bool {
        matches!(self, Self::RSquared)
    }

    /// The score of a perfect prediction.
    pub fn ideal(&self) -> f64 {
        match self {
            Self::MeanAbsolute | Self::RootMeanSquare | Self::MeanSigned => 0.0,
            Self::RSquared => 1.0,
        }
    }

    /// The name of the score for tables and plots, such as `root mean square error`.
    pub fn name(&self) -> String {
        match self {
            Self::MeanAbsolute => "mean absolute error",
            Self::RootMeanSquare => "root mean square error",
            Self::MeanSigned => "mean error",
            Self::RSquared => "R²",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [ValueScore; 4] = [
        ValueScore::MeanAbsolute,
        ValueScore::RootMeanSquare,
        ValueScore::MeanSigned,
        ValueScore::RSquared,
    ];

    fn tally(truth: &[f64], pred: &[f64], shift: f64) -> ValueTally {
        let mut tally = ValueTally::default();
        for (&truth, &pred) in truth.iter().zip(pred) {
            tally.record(pred - truth, truth - shift);
        }
        tally
    }

    #[test]
    fn no_sample_has_no_score() {
        for score in EVERY {
            assert_eq!(score.evaluate(&ValueTally::default()), None);
        }
    }

    #[test]
    fn an_error_that_is_not_finite_leaves_no_score() {
        for bad in [f64::NAN, f64::INFINITY] {
            let tally = tally(&[1.0, 2.0, 4.0], &[1.0, bad, 3.0], 0.0);
            for score in EVERY {
                assert_eq!(score.evaluate(&tally), None);
            }
        }
    }

    #[test]
    fn a_perfect_prediction_scores_the_ideal() {
        let tally = tally(&[1.0, 2.0, 4.0], &[1.0, 2.0, 4.0], 2.0);
        for score in EVERY {
            assert_eq!(score.evaluate(&tally), Some(score.ideal()));
        }
    }

    #[test]
    fn r_squared_of_a_constant_truth_is_undefined_whatever_the_shift() {
        for shift in [0.0, 0.1, -1e6, 1e9] {
            for n in [1, 2, 3, 1000, 12_345] {
                let truth = vec![0.1; n];
                let pred = vec![0.2; n];
                assert_eq!(ValueScore::RSquared.evaluate(&tally(&truth, &pred, shift)), None);
            }
        }
    }

    #[test]
    fn a_shift_close_to_the_mean_saves_r_squared_from_cancellation() {
        let truth: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 2)).collect();
        let pred: Vec<f64> = truth.iter().map(|truth| truth + 0.25).collect();
        let r_squared = |shift| ValueScore::RSquared.evaluate(&tally(&truth, &pred, shift));
        assert_eq!(r_squared(1e9), Some(0.75));
        assert_eq!(r_squared(0.0), None);
    }
}
