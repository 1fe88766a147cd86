//! What can go wrong in fair training.

use std::path::PathBuf;

use wherefair_core::ParamError;
use wherefair_metrics::MetricError;
use wherefair_nn::NnError;
use wherefair_partition::PartitionError;
use wherefair_similarity::SimilarityError;

/// Why a training could not be made, or not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpadError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A partitioning or the lattice could not be made.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// A tally or a score could not be made.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// Partitionings could not be compared, clustered or sampled.
    #[error(transparent)]
    Similarity(#[from] SimilarityError),
    /// The model could not be trained or asked.
    #[error(transparent)]
    Model(#[from] NnError),
    /// Two columns differ in length.
    #[error("{name} has shape ({given},) (accepted: shape ({expected},), as {like})")]
    Shape {
        /// The column at fault.
        name: &'static str,
        /// Its length.
        given: usize,
        /// The column it must match.
        like: &'static str,
        /// The length of that column.
        expected: usize,
    },
    /// No sample lies in any partition.
    #[error(
        "no sample lies in any partition of any partitioning, {n_outside} lie outside (accepted: at least 1)"
    )]
    NoSamples {
        /// How many samples there are.
        n_outside: usize,
    },
    /// Samples, score and model are not all of classes or all of single values.
    #[error("the {what} holds {given}, but score `{score}` needs {needed}")]
    WrongTargets {
        /// The set of samples, or the predictions.
        what: &'static str,
        /// What it holds.
        given: String,
        /// The score.
        score: String,
        /// What that needs.
        needed: &'static str,
    },
    /// The error of a prediction is not a finite number.
    #[error(
        "sample {row}: the {kind} of prediction {pred} and truth {truth} is not a finite number (accepted: {accepted})"
    )]
    UndefinedError {
        /// The row of the input, from 0.
        row: usize,
        /// The kind of error.
        kind: &'static str,
        /// The truth.
        truth: f64,
        /// The prediction.
        pred: f64,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// No partition of any partitioning has a score.
    #[error(
        "no partition of the {what} can be scored: all hold fewer than {min_samples} samples or have an undefined \
         {score} (accepted: at least one that can)"
    )]
    NothingScored {
        /// The set of samples.
        what: &'static str,
        /// The smallest number of samples a partition must hold.
        min_samples: u64,
        /// The score.
        score: String,
    },
    /// Training and validation samples were placed in different partitionings.
    #[error("the validation samples are placed in {given} (accepted: {expected}, as the training samples)")]
    OtherDistribution {
        /// The partitionings of the validation samples.
        given: String,
        /// Those of the training samples.
        expected: String,
    },
    /// The loss or a parameter was no longer finite; the training stands where it stood before that epoch.
    #[error("epoch {epoch}: {source}; the training stands at epoch {last_good}")]
    Diverged {
        /// The epoch that failed, from 1.
        epoch: u64,
        /// The last epoch that succeeded, 0 where none did.
        last_good: u64,
        /// What was not finite.
        source: NnError,
    },
    /// A checkpoint was made by a training of other samples or parameters.
    #[error("{path} belongs to a training with {what} {given} (accepted: {expected})")]
    OtherTraining {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// As it is in the file.
        given: String,
        /// As it is here.
        expected: String,
    },
    /// The state of the training in a checkpoint cannot be read.
    #[error("{path} holds no state of a fair training: {reason}")]
    NotATraining {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}
