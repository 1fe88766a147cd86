//! What can go wrong in fair training.

use std::path::PathBuf;

use wherefair_audit::AuditError;
use wherefair_core::ParamError;
use wherefair_nn::NnError;
use wherefair_partition::PartitionError;

use crate::DataFault;

/// Why a training could not be made, or not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A partitioning or the lattice could not be made.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// Predictions could not be tallied or scored.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A method failed in a way of its own.
    #[error(transparent)]
    Method(Box<dyn std::error::Error + Send + Sync>),
    /// The model could not be trained or asked.
    #[error(transparent)]
    Model(#[from] NnError),
    /// A model cannot be fitted to data, or applied to it.
    #[error(transparent)]
    Data(Box<DataFault>),
    /// A model's file describes no network.
    #[error("{path} describes no network: {reason}")]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
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
    /// The state of a method or referee cannot be written or does not fit.
    #[error("{reason}")]
    State {
        /// What is wrong.
        reason: String,
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

impl TrainError {
    /// A method failed in a way of its own.
    pub fn method(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Method(Box::new(error))
    }

    /// The state of a method or referee does not fit, for this reason.
    pub fn state(reason: impl Into<String>) -> Self {
        Self::State {
            reason: reason.into(),
        }
    }
}
