//! Predictive parity: does a positive prediction mean the same in all groups?

use super::rates::{PRECISION, Range, group_rates};
use crate::error::MetricError;

/// The largest minus the smallest precision over groups; 0 is parity.
///
/// # Formula
/// ```text
/// max_g P(y = 1 | ŷ = 1, g) − min_g P(y = 1 | ŷ = 1, g)
/// ```
///
/// # Shapes
/// All columns are `(n_samples,)`; a group of `u32::MAX` leaves the sample out.
///
/// # Errors
/// [`MetricError::Shape`], [`MetricError::TooFewGroups`], or [`MetricError::UndefinedRate`] when a group
/// has no sample predicted positive.
///
/// # References
/// Chouldechova (2017), doi:10.1089/big.2016.0047.
///
/// # Examples
/// ```
/// use wherefair_metrics::predictive_parity_difference;
///
/// let truth = [true, false, true];
/// assert_eq!(predictive_parity_difference(&truth, &[true; 3], &[0, 0, 1]), Ok(0.5));
/// ```
pub fn predictive_parity_difference(
    truth: &[bool],
    pred: &[bool],
    group: &[u32],
) -> Result<f64, MetricError> {
    Ok(Range::of(&group_rates(truth, pred, group)?, PRECISION)?.difference())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_never_selected_is_rejected() {
        let error = predictive_parity_difference(&[true, false], &[true, false], &[0, 1]);
        assert!(matches!(error, Err(MetricError::UndefinedRate { group: 1, .. })));
    }
}
