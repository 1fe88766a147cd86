//! Equal opportunity: are those who qualify selected equally often in all groups?

use super::rates::{Range, TRUE_POSITIVE, group_rates};
use crate::error::MetricError;

/// The largest minus the smallest true positive rate over groups; 0 is parity.
///
/// # Formula
/// ```text
/// max_g P(ŷ = 1 | y = 1, g) − min_g P(ŷ = 1 | y = 1, g)
/// ```
/// As fairlearn defines it with `method="between_groups"`.
///
/// DIFFERENCE: a group without positive samples is an error; fairlearn counts its rate as 0.
///
/// # Shapes
/// All columns are `(n_samples,)`; a group of `u32::MAX` leaves the sample out.
///
/// # Errors
/// [`MetricError::Shape`], [`MetricError::TooFewGroups`], or [`MetricError::UndefinedRate`] when a group
/// has no positive sample.
///
/// # References
/// Hardt, Price and Srebro (2016), arXiv 1610.02413.
///
/// # Examples
/// ```
/// use wherefair_metrics::equal_opportunity_difference;
///
/// let truth = [true, true, true, false];
/// let pred = [true, false, true, true];
/// assert_eq!(equal_opportunity_difference(&truth, &pred, &[0, 0, 1, 1]), Ok(0.5));
/// ```
pub fn equal_opportunity_difference(
    truth: &[bool],
    pred: &[bool],
    group: &[u32],
) -> Result<f64, MetricError> {
    Ok(Range::of(&group_rates(truth, pred, group)?, TRUE_POSITIVE)?.difference())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_positive_samples_is_rejected() {
        let error = equal_opportunity_difference(&[true, false], &[true, true], &[0, 1]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the true positive rate of group 1 is 0/0 (accepted: groups with at least one positive sample)"
        );
    }
}
