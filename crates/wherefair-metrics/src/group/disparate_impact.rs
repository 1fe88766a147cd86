//! Disparate impact: how often is one group selected for each time another one is?

use super::rates::{SELECTION, defined, selection_rates};
use crate::error::MetricError;

/// The selection rate of the `protected` group over that of the `privileged` group; 1 is parity, below 0.8
/// breaks the four-fifths rule.
///
/// # Formula
/// P(ŷ = 1 | protected) / P(ŷ = 1 | privileged)
///
/// # Shapes
/// Both columns are `(n_samples,)`.
///
/// # Errors
/// [`MetricError::Shape`], [`MetricError::AbsentGroup`] when one of the two groups has no sample,
/// [`MetricError::TooFewGroups`] when they are the same, [`MetricError::ZeroRate`] when nobody of the
/// privileged group is selected.
///
/// # Examples
/// ```
/// use wherefair_metrics::disparate_impact;
///
/// let pred = [true, false, true, true];
/// assert_eq!(disparate_impact(&pred, &[1, 1, 0, 0], 1, 0), Ok(0.5));
/// ```
///
/// # References
/// Feldman et al. (2015), doi:10.1145/2783258.2783311.
pub fn disparate_impact(
    pred: &[bool],
    group: &[u32],
    protected: u32,
    privileged: u32,
) -> Result<f64, MetricError> {
    if protected == privileged {
        return Err(MetricError::TooFewGroups { n_groups: 1 });
    }
    let groups = selection_rates(pred, group)?;
    let rate = |group: u32| {
        let rates = groups.iter().find(|rates| rates.group == group);
        defined(rates.ok_or(MetricError::AbsentGroup { group })?, SELECTION)
    };
    let (numerator, denominator) = (rate(protected)?, rate(privileged)?);
    if denominator > 0.0 {
        return Ok(numerator / denominator);
    }
    Err(MetricError::ZeroRate {
        rate: SELECTION.name,
        group: privileged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate_pairs_of_groups_are_rejected() {
        let (pred, group) = ([true, false], [0, 1]);
        assert_eq!(
            disparate_impact(&pred, &group, 0, 2),
            Err(MetricError::AbsentGroup { group: 2 })
        );
        assert_eq!(
            disparate_impact(&pred, &group, 1, 1),
            Err(MetricError::TooFewGroups { n_groups: 1 })
        );
        assert!(matches!(
            disparate_impact(&pred, &group, 0, 1),
            Err(MetricError::ZeroRate { group: 1, .. })
        ));
        assert_eq!(disparate_impact(&pred, &group, 1, 0), Ok(0.0));
    }
}
