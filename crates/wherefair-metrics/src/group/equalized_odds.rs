//! Equalised odds: do the errors of both kinds fall on all groups alike?

use serde::{Deserialize, Serialize};

use super::rates::{FALSE_POSITIVE, Range, TRUE_POSITIVE, group_rates};
use crate::error::MetricError;

/// How the comparison of true positive rates and that of false positive rates become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OddsAggregate {
    /// The worse of the two.
    #[default]
    WorstCase,
    /// Their mean.
    Mean,
}

/// How far the true positive rates and the false positive rates are apart over groups; 0 is parity.
///
/// # Formula
/// ```text
/// The larger (or the mean) of max_g TPR − min_g TPR and max_g FPR − min_g FPR
/// ```
/// As fairlearn defines it with `method="between_groups"`.
///
/// DIFFERENCE: a group without positive or without negative samples is an error; fairlearn counts its rate
/// as 0.
///
/// # Shapes
/// All columns are `(n_samples,)`; a group of `u32::MAX` leaves the sample out.
///
/// # Errors
/// [`MetricError::Shape`], [`MetricError::TooFewGroups`], or [`MetricError::UndefinedRate`] when a group
/// lacks positive or negative samples.
///
/// # References
/// Hardt, Price and Srebro (2016), arXiv 1610.02413.
pub fn equalized_odds_difference(
    truth: &[bool],
    pred: &[bool],
    group: &[u32],
    aggregate: OddsAggregate,
) -> Result<f64, MetricError> {
    let groups = group_rates(truth, pred, group)?;
    let true_positive = Range::of(&groups, TRUE_POSITIVE)?.difference();
    let false_positive = Range::of(&groups, FALSE_POSITIVE)?.difference();
    Ok(match aggregate {
        OddsAggregate::WorstCase => true_positive.max(false_positive),
        OddsAggregate::Mean => f64::midpoint(true_positive, false_positive),
    })
}

/// The ratios of the smallest to the largest true and false positive rate over groups; 1 is parity.
///
/// # Formula
/// ```text
/// The smaller (or the mean) of min_g TPR / max_g TPR and min_g FPR / max_g FPR
/// ```
/// As fairlearn defines it with `method="between_groups"`.
///
/// # Shapes
/// All columns are `(n_samples,)`; a group of `u32::MAX` leaves the sample out.
///
/// # Errors
/// As [`equalized_odds_difference`], and [`MetricError::ZeroRate`] when one of the rates is 0 in all groups.
pub fn equalized_odds_ratio(
    truth: &[bool],
    pred: &[bool],
    group: &[u32],
    aggregate: OddsAggregate,
) -> Result<f64, MetricError> {
    let groups = group_rates(truth, pred, group)?;
    let true_positive = Range::of(&groups, TRUE_POSITIVE)?.ratio()?;
    let false_positive = Range::of(&groups, FALSE_POSITIVE)?.ratio()?;
    Ok(match aggregate {
        OddsAggregate::WorstCase => true_positive.min(false_positive),
        OddsAggregate::Mean => f64::midpoint(true_positive, false_positive),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Group 0: TPR 1, FPR 1/2. Group 1: TPR 1/2, FPR 1/2.
    const TRUTH: [bool; 8] = [true, true, false, false, true, true, false, false];
    const PRED: [bool; 8] = [true, true, true, false, true, false, true, false];
    const GROUP: [u32; 8] = [0, 0, 0, 0, 1, 1, 1, 1];

    #[test]
    fn odds_by_hand() {
        let difference = |aggregate| equalized_odds_difference(&TRUTH, &PRED, &GROUP, aggregate);
        assert_eq!(difference(OddsAggregate::WorstCase), Ok(0.5));
        assert_eq!(difference(OddsAggregate::Mean), Ok(0.25));
        let ratio = |aggregate| equalized_odds_ratio(&TRUTH, &PRED, &GROUP, aggregate);
        assert_eq!(ratio(OddsAggregate::WorstCase), Ok(0.5));
        assert_eq!(ratio(OddsAggregate::Mean), Ok(0.75));
    }

    #[test]
    fn a_group_without_negative_samples_is_rejected() {
        let error = equalized_odds_difference(
            &[true, true, false],
            &[true, true, true],
            &[4, 5, 5],
            OddsAggregate::Mean,
        );
        assert!(matches!(
            error,
            Err(MetricError::UndefinedRate {
                rate: "false positive rate",
                group: 4,
                ..
            })
        ));
    }
}
