//! What can be wrong with similarities, distances and requests to sample.

use wherefair_core::ParamError;
use wherefair_partition::PartitionError;

/// The errors of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimilarityError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),

    /// Two partitionings share no area that could be measured.
    #[error(transparent)]
    Partition(#[from] PartitionError),

    /// A matrix is not square.
    #[error("row {row} of the {what} has {given} entries (accepted: {expected}, one a row)")]
    NotSquare {
        /// What the matrix holds.
        what: &'static str,
        /// The first row at fault, from 0.
        row: usize,
        /// Its number of entries.
        given: usize,
        /// The number of rows.
        expected: usize,
    },

    /// Two arrays do not have the same shape.
    #[error("{name} has shape ({given},) (accepted: shape ({expected},), as {like})")]
    Shape {
        /// The array at fault.
        name: &'static str,
        /// Its length.
        given: usize,
        /// The array it must match.
        like: &'static str,
        /// The length of that array.
        expected: usize,
    },

    /// An entry of a matrix lies outside its domain; NaN and infinities do.
    #[error("entry ({row}, {column}) of the {what} is {value} (accepted: {accepted})")]
    Entry {
        /// What the matrix holds.
        what: &'static str,
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: usize,
        /// Its value.
        value: f64,
        /// What would be accepted.
        accepted: &'static str,
    },

    /// A matrix is not symmetric.
    #[error(
        "entries ({row}, {column}) and ({column}, {row}) of the {what} are {value} and {other} (accepted: equal ones)"
    )]
    Asymmetric {
        /// What the matrix holds.
        what: &'static str,
        /// The smaller index, from 0.
        row: usize,
        /// The larger index.
        column: usize,
        /// The entry above the diagonal.
        value: f64,
        /// The entry below the diagonal.
        other: f64,
    },

    /// The clustering algorithm refused distances that were checked.
    #[error("HDBSCAN refused the distances: {reason}")]
    Clustering {
        /// What it said.
        reason: String,
    },
}
