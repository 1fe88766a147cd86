//! The errors of this crate.

use wherefair_core::ParamError;

/// What can be wrong with the input of a tally, a score or a test.
///
/// # Examples
/// ```
/// use wherefair_metrics::ClassTallies;
///
/// let mut tallies = ClassTallies::new(1, 3);
/// assert_eq!(
///     tallies.record(&[0, 0], &[1, 2], &[2, 7]).unwrap_err().to_string(),
///     "pred[1] is class 7 (accepted: below 3)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// Two columns differ in length.
    #[error("{name} has shape ({found},) (accepted: shape ({expected},), as {like})")]
    Shape {
        /// The column at fault.
        name: &'static str,
        /// Its length.
        found: usize,
        /// The column it must match.
        like: &'static str,
        /// The length of that column.
        expected: usize,
    },
    /// A class label is not below the number of classes.
    #[error("{name}[{index}] is class {label} (accepted: below {n_classes})")]
    Label {
        /// The column: `truth` or `pred`.
        name: &'static str,
        /// The sample.
        index: usize,
        /// The offending label.
        label: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// A cell is not below the number of cells.
    #[error("cells[{index}] is {cell} (accepted: below {n_cells}, or 4294967295 to leave the sample out)")]
    Cell {
        /// The sample.
        index: usize,
        /// The offending cell.
        cell: u32,
        /// The number of cells.
        n_cells: usize,
    },
    /// A table of counts does not fit in memory.
    #[error("{n_cells} cells of {n_classes} classes do not fit in memory (accepted: fewer of either)")]
    TooLarge {
        /// The number of cells asked for.
        n_cells: usize,
        /// The number of classes asked for.
        n_classes: usize,
    },
    /// A number is NaN or infinite.
    #[error("{name}[{index}] is {value} (accepted: finite numbers)")]
    NotFinite {
        /// The column.
        name: &'static str,
        /// The row.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// A weight or probability is negative.
    #[error("{name}[{index}] is {value} (accepted: finite numbers of at least 0, not all of them 0)")]
    Weight {
        /// The column.
        name: &'static str,
        /// The row.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// There are too few samples.
    #[error("{name} has {n} samples (accepted: at least {at_least})")]
    TooFew {
        /// The column.
        name: &'static str,
        /// Its length.
        n: usize,
        /// The least length.
        at_least: usize,
    },
    /// All values are the same, so that a variance is 0.
    #[error("all {n} values of {name} are {value} (accepted: values that differ)")]
    Constant {
        /// The column, or both columns.
        name: &'static str,
        /// Its length.
        n: usize,
        /// The one value.
        value: f64,
    },
    /// There are not two groups to compare.
    #[error("{n_groups} groups occur (accepted: at least 2)")]
    TooFewGroups {
        /// The number of groups that occur.
        n_groups: usize,
    },
    /// A named group has no sample.
    #[error("group {group} has no sample (accepted: a group that occurs)")]
    AbsentGroup {
        /// The group.
        group: u32,
    },
    /// A rate of a group is 0/0.
    #[error("the {rate} of group {group} is 0/0 (accepted: groups with at least one {needs})")]
    UndefinedRate {
        /// The rate.
        rate: &'static str,
        /// The group.
        group: u32,
        /// What the group lacks.
        needs: &'static str,
    },
    /// The ratio of two rates has the denominator 0.
    #[error("the {rate} of group {group} is 0 (accepted: a rate above 0 as the denominator of a ratio)")]
    ZeroRate {
        /// The rate.
        rate: &'static str,
        /// The group whose rate is the denominator.
        group: u32,
    },
    /// An exact p-value was asked for where the exact distribution does not hold or costs too much.
    #[error("no exact p-value for {what} (accepted: {accepted})")]
    NoExact {
        /// What stands in the way.
        what: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
}

/// [`MetricError::Shape`] unless `found` equals `expected`.
pub(crate) fn check_shape(
    name: &'static str,
    found: usize,
    like: &'static str,
    expected: usize,
) -> Result<(), MetricError> {
    if found == expected {
        return Ok(());
    }
    Err(MetricError::Shape {
        name,
        found,
        like,
        expected,
    })
}

/// [`MetricError::NotFinite`] at the first value that is NaN or infinite.
pub(crate) fn check_finite(name: &'static str, values: &[f64]) -> Result<(), MetricError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(MetricError::NotFinite {
            name,
            index,
            value: values[index],
        }),
    }
}

/// [`MetricError::TooFew`] unless there are `at_least` samples.
pub(crate) fn check_enough(name: &'static str, n: usize, at_least: usize) -> Result<(), MetricError> {
    if n >= at_least {
        return Ok(());
    }
    Err(MetricError::TooFew { name, n, at_least })
}
