//! What is done in the epochs after the base model.

use std::any::Any;
use std::fmt::Debug;

use serde_json::Value;
use wherefair_audit::PartitionScores;

use crate::{Outcome, Referee, SpatialSamples, TrainConfig, TrainError, Turn};

/// A method of fair training: which partitionings are at hand in which epoch, and what an epoch does.
///
/// A [`Training`](crate::Training) calls [`plan`](Self::plan) once, trains the base model, and then gives every epoch to
/// [`epoch`](Self::epoch). All that a method remembers between epochs, besides the model and its optimiser, is its
/// [`state`](Self::state), an opaque part of the checkpoint.
pub trait Method: Any + Debug + Send {
    /// A short name, such as `SPAD-GD`.
    fn name(&self) -> String;

    /// All that decides what the method does, besides its name and the parameters of the training: a checkpoint can only be
    /// resumed by a method of the same name and parameters. By default there are none.
    ///
    /// # Errors
    /// [`TrainError::State`] where they cannot be written as JSON.
    fn parameters(&self) -> Result<Value, TrainError> {
        Ok(Value::Null)
    }

    /// The index of the partitioning at hand in each epoch after the base model; by default the draws of the schedule. An
    /// empty plan is one of no epochs, unless [`n_epochs`](Self::n_epochs) says otherwise. Called once, before anything is
    /// trained.
    ///
    /// # Errors
    /// [`TrainError::Param`] where the method does not fit samples or parameters.
    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        Ok(config.schedule().plan(samples.distribution(), *config.seed()))
    }

    /// Whether the method starts from a base model. Without one its first epoch is the first of all, and nothing says
    /// which model is good enough to be kept.
    fn has_base(&self) -> bool {
        true
    }

    /// Epochs after the base model, given those of the plan; an estimate where later epochs depend on earlier ones.
    fn n_epochs(&self, n_planned: u64) -> u64 {
        n_planned
    }

    /// Whether no epoch follows the `n_done` epochs after the base model.
    fn is_finished(&self, n_done: u64, n_planned: u64) -> bool {
        n_done >= self.n_epochs(n_planned)
    }

    /// Trains one epoch; by default the partitions of the partitioning at hand, one after the other, at the rates of the
    /// referee.
    ///
    /// # Errors
    /// Any; the model is then put back, and [`undo`](Self::undo) called.
    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        turn.by_referee()
    }

    /// Learns what the epoch that was trained last changed: the scores of the training samples before and after it.
    ///
    /// # Errors
    /// Any; the epoch is then undone.
    fn scored(
        &mut self,
        _referee: &dyn Referee,
        _before: &PartitionScores,
        _after: &PartitionScores,
    ) -> Result<(), TrainError> {
        Ok(())
    }

    /// Forgets the epoch that was begun last: it, or the scoring after it, failed. Where [`scored`](Self::scored) was called for it,
    /// or none was begun, there is nothing to forget.
    fn undo(&mut self) {}

    /// What the method remembers between epochs.
    ///
    /// # Errors
    /// [`TrainError::State`] where it cannot be written as JSON.
    fn state(&self) -> Result<Value, TrainError> {
        Ok(Value::Null)
    }

    /// Goes to where another method of the same name and parameters stood after `n_done` epochs.
    ///
    /// # Errors
    /// [`TrainError::State`] with what does not fit; the method is then as it was.
    fn restore(&mut self, _state: Value, _n_done: u64) -> Result<(), TrainError> {
        Ok(())
    }
}
