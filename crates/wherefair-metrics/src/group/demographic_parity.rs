//! Demographic parity: are all groups selected equally often?

use super::rates::{Range, SELECTION, selection_rates};
use crate::error::MetricError;

/// The largest minus the smallest selection rate over groups; 0 is parity.
///
/// # Formula
/// ```text
/// max_g P(ŷ = 1 | g) − min_g P(ŷ = 1 | g)
/// ```
/// As fairlearn defines it with `method="between_groups"`.
///
/// # Shapes
/// Both columns are `(n_samples,)`; a group of `u32::MAX` leaves the sample out.
///
/// # Errors
/// [`MetricError::Shape`], or [`MetricError::TooFewGroups`] when fewer than two groups occur.
///
/// # Examples
/// ```
/// use wherefair_metrics::demographic_parity_difference;
///
/// let pred = [true, true, false, false];
/// assert_eq!(demographic_parity_difference(&pred, &[0, 0, 0, 1]), Ok(2.0 / 3.0));
/// ```
pub fn demographic_parity_difference(pred: &[bool], group: &[u32]) -> Result<f64, MetricError> {
    Ok(Range::of(&selection_rates(pred, group)?, SELECTION)?.difference())
}

/// The smallest over the largest selection rate of the groups, 0 to 1; 1 is parity.
///
/// # Formula
/// ```text
/// min_g P(ŷ = 1 | g) / max_g P(ŷ = 1 | g)
/// ```
/// As fairlearn defines it with `method="between_groups"`.
///
/// # Shapes
/// Both columns are `(n_samples,)`; a group of `u32::MAX` leaves the sample out.
///
/// # Errors
/// [`MetricError::Shape`], [`MetricError::TooFewGroups`], or [`MetricError::ZeroRate`] when no group has a
/// selected sample.
pub fn demographic_parity_ratio(pred: &[bool], group: &[u32]) -> Result<f64, MetricError> {
    Range::of(&selection_rates(pred, group)?, SELECTION)?.ratio()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_is_rejected() {
        assert_eq!(
            demographic_parity_difference(&[true, false], &[3, 3])
                .unwrap_err()
                .to_string(),
            "1 groups occur (accepted: at least 2)"
        );
        assert!(demographic_parity_ratio(&[], &[]).is_err());
    }

    #[test]
    fn a_ratio_of_zeros_is_rejected() {
        assert_eq!(
            demographic_parity_ratio(&[false, false], &[0, 1]).unwrap_err(),
            MetricError::ZeroRate {
                rate: "selection rate",
                group: 0
            }
        );
        assert_eq!(demographic_parity_difference(&[false, false], &[0, 1]), Ok(0.0));
    }
}
