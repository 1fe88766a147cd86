//! Rates of yes/no predictions by group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{MetricError, check_shape};

/// The group of a sample that belongs to none.
const NO_GROUP: u32 = u32::MAX;

/// The counts of one group, and the rates that follow from them.
///
/// Each rate is `None` where it is 0/0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupRates {
    /// The group.
    pub group: u32,
    /// The number of samples.
    pub n: u64,
    /// The number of positive samples.
    pub positives: u64,
    /// The number of samples predicted positive.
    pub selected: u64,
    /// The number of positive samples predicted positive.
    pub true_positives: u64,
}

impl GroupRates {
    /// selected / n.
    pub fn selection_rate(&self) -> Option<f64> {
        rate(self.selected, self.n)
    }

    /// positives / n.
    pub fn base_rate(&self) -> Option<f64> {
        rate(self.positives, self.n)
    }

    /// Of the positive samples, the share predicted positive.
    pub fn true_positive_rate(&self) -> Option<f64> {
        rate(self.true_positives, self.positives)
    }

    /// Of the negative samples, the share predicted positive.
    pub fn false_positive_rate(&self) -> Option<f64> {
        rate(
            self.selected.saturating_sub(self.true_positives),
            self.n.saturating_sub(self.positives),
        )
    }

    /// Of the samples predicted positive, the share that is positive.
    pub fn precision(&self) -> Option<f64> {
        rate(self.true_positives, self.selected)
    }
}

/// The counts of every group that occurs, by ascending group. A sample of group `u32::MAX` belongs to none
/// and is left out.
///
/// # Shapes
/// All columns are `(n_samples,)`.
///
/// # Errors
/// [`MetricError::Shape`] when the columns differ in length.
///
/// # Examples
/// ```
/// use wherefair_metrics::group_rates;
///
/// let rates = group_rates(&[true, false, true], &[true, true, false], &[7, 7, 2])?;
/// assert_eq!((rates[0].group, rates[0].true_positive_rate()), (2, Some(0.0)));
/// assert_eq!((rates[1].group, rates[1].selection_rate()), (7, Some(1.0)));
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
pub fn group_rates(truth: &[bool], pred: &[bool], group: &[u32]) -> Result<Vec<GroupRates>, MetricError> {
    check_shape("truth", truth.len(), "pred", pred.len())?;
    check_shape("group", group.len(), "pred", pred.len())?;
    let mut by_group = BTreeMap::<u32, GroupRates>::new();
    for ((&truth, &pred), &group) in truth.iter().zip(pred).zip(group) {
        if group == NO_GROUP {
            continue;
        }
        let rates = by_group.entry(group).or_default();
        rates.group = group;
        rates.n += 1;
        rates.positives += u64::from(truth);
        rates.selected += u64::from(pred);
        rates.true_positives += u64::from(truth && pred);
    }
    Ok(by_group.into_values().collect())
}

/// The counts by group where the truth plays no role.
pub(crate) fn selection_rates(pred: &[bool], group: &[u32]) -> Result<Vec<GroupRates>, MetricError> {
    group_rates(pred, pred, group)
}

/// A rate that is compared between groups.
#[derive(Clone, Copy)]
pub(crate) struct NamedRate {
    pub(crate) name: &'static str,
    /// What a group must have for its rate to be defined.
    pub(crate) needs: &'static str,
    pub(crate) of: fn(&GroupRates) -> Option<f64>,
}

pub(crate) const SELECTION: NamedRate = NamedRate {
    name: "selection rate",
    needs: "sample",
    of: GroupRates::selection_rate,
};

pub(crate) const TRUE_POSITIVE: NamedRate = NamedRate {
    name: "true positive rate",
    needs: "positive sample",
    of: GroupRates::true_positive_rate,
};

pub(crate) const FALSE_POSITIVE: NamedRate = NamedRate {
    name: "false positive rate",
    needs: "negative sample",
    of: GroupRates::false_positive_rate,
};

pub(crate) const PRECISION: NamedRate = NamedRate {
    name: "precision",
    needs: "sample predicted positive",
    of: GroupRates::precision,
};

/// The smallest and largest rate over groups, the latter with its group.
pub(crate) struct Range {
    min: f64,
    max: f64,
    max_group: u32,
    rate: NamedRate,
}

impl Range {
    pub(crate) fn of(groups: &[GroupRates], rate: NamedRate) -> Result<Self, MetricError> {
        if groups.len() < 2 {
            return Err(MetricError::TooFewGroups {
                n_groups: groups.len(),
            });
        }
        let mut range = Self {
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            max_group: groups[0].group,
            rate,
        };
        for group in groups {
            let value = defined(group, rate)?;
            range.min = range.min.min(value);
            if value > range.max {
                range.max = value;
                range.max_group = group.group;
            }
        }
        Ok(range)
    }

    pub(crate) fn difference(&self) -> f64 {
        self.max - self.min
    }

    pub(crate) fn ratio(&self) -> Result<f64, MetricError> {
        if self.max > 0.0 {
            return Ok(self.min / self.max);
        }
        Err(MetricError::ZeroRate {
            rate: self.rate.name,
            group: self.max_group,
        })
    }
}

/// The rate of a group, or the error that it is 0/0.
pub(crate) fn defined(group: &GroupRates, rate: NamedRate) -> Result<f64, MetricError> {
    (rate.of)(group).ok_or(MetricError::UndefinedRate {
        rate: rate.name,
        group: group.group,
        needs: rate.needs,
    })
}

fn rate(numerator: u64, denominator: u64) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_no_group_are_left_out() {
        let rates = group_rates(&[true, true], &[true, false], &[u32::MAX, 0]).unwrap();
        assert_eq!(rates.len(), 1);
        assert_eq!(rates[0].selection_rate(), Some(0.0));
        assert_eq!(rates[0].false_positive_rate(), None);
        assert_eq!(rates[0].precision(), None);
        assert_eq!(rates[0].base_rate(), Some(1.0));
    }

    #[test]
    fn columns_of_different_length_are_rejected() {
        assert!(group_rates(&[true], &[], &[]).is_err());
        assert!(group_rates(&[], &[], &[0]).is_err());
        assert_eq!(group_rates(&[], &[], &[]), Ok(vec![]));
    }
}
