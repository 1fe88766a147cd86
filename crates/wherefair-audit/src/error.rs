//! What can go wrong in an audit.

use wherefair_core::ParamError;
use wherefair_metrics::MetricError;
use wherefair_partition::PartitionError;
use wherefair_stats::StatsError;

/// Why an audit could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A partitioning or the lattice could not be made.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// A tally or a score could not be made.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The errors could not be tested for spatial autocorrelation.
    #[error(transparent)]
    Stats(#[from] StatsError),
    /// The source of samples failed.
    #[error("{0}")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The samples are of the wrong kind for the score.
    #[error("score `{score}` needs {needed}, but the samples hold {given}")]
    WrongOutcome {
        /// The score.
        score: String,
        /// What it needs.
        needed: &'static str,
        /// What the samples hold.
        given: &'static str,
    },
    /// The columns of a batch differ in length.
    #[error("column `{column}` has shape ({given},), the coordinates have shape ({expected},)")]
    Shape {
        /// The column.
        column: &'static str,
        /// Its length.
        given: usize,
        /// The number of sites.
        expected: usize,
    },
    /// The error of a sample is not a finite number.
    #[error(
        "row {row}: the {kind} of prediction {pred} and truth {truth} is not a finite number (accepted: {accepted})"
    )]
    UndefinedError {
        /// The row, from 0.
        row: u64,
        /// The kind of error.
        kind: String,
        /// The truth.
        truth: f64,
        /// The prediction.
        pred: f64,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// There is no sample to audit.
    #[error("no sample lies in any partition ({n_outside} lie outside all of them)")]
    NoSamples {
        /// How many samples were seen.
        n_outside: u64,
    },
    /// No partition of any partitioning has a score.
    #[error(
        "no partition can be scored: all hold fewer than {min_samples} samples or an undefined {score} (lower the smallest number of samples, or use fewer partitions)"
    )]
    NothingScored {
        /// The smallest number of samples a partition must hold.
        min_samples: u64,
        /// The score.
        score: String,
    },
    /// A base model is needed as reference but the samples carry no predictions of one.
    #[error("the base-model reference needs the base model's predictions, and the samples carry none")]
    NoBaseModel,
}
