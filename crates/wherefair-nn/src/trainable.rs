//! The interface of everything that is trained.

use std::ops::Range;

use wherefair_core::Seed;

use crate::{Features, NnError, OptimizerState, ParameterTensor, Samples};

/// In which order an epoch visits the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Run by run, as given: memory is read in sequence.
    #[default]
    AsGiven,
    /// All rows of all runs in random order, drawn from the stream `nn/order` with this index. Counting the index up
    /// from epoch to epoch makes a stopped training continue with the same bits.
    Shuffled {
        /// The seed of the training.
        seed: Seed,
        /// Which epoch, or another number that is used once.
        index: u64,
    },
}

/// How one epoch trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// η, above 0. A partition whose rate is 0 is not trained at all: leave it out.
    pub learning_rate: f64,
    /// Samples of a step; the last step of an epoch takes what is left.
    pub batch_size: usize,
    /// In which order rows are visited.
    pub order: Order,
}

/// What an epoch did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochReport {
    /// Steps of the optimiser.
    pub n_steps: u64,
    /// Samples seen.
    pub n_samples: u64,
    /// Mean over samples of the loss at the step that saw them.
    pub mean_loss: f64,
}

/// A model with its optimiser: what a player is, whatever computes it.
///
/// Rows are given as runs of the samples, so that a partition is a few ranges. Everything that later steps depend on
/// is in [`parameters`](Self::parameters) and [`optimizer_state`](Self::optimizer_state): setting both continues with
/// the same bits, whatever the number of threads.
pub trait Trainable: Send {
    /// What model, loss and optimiser this is, for checkpoints.
    fn description(&self) -> String;

    /// The tensors that make up the flat array of parameters.
    fn parameter_tensors(&self) -> Vec<ParameterTensor>;

    /// All parameters, `(n_parameters,)`.
    fn parameters(&self) -> &[f32];

    /// Replaces all parameters; the state of the optimiser stays.
    ///
    /// # Errors
    /// [`NnError::Shape`] for another number of them, [`NnError::ParameterNotFinite`] where one is not finite.
    fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), NnError>;

    /// What the optimiser remembers.
    fn optimizer_state(&self) -> &OptimizerState;

    /// Replaces what the optimiser remembers.
    ///
    /// # Errors
    /// [`NnError::Shape`] for another number of parameters, [`NnError::ParameterNotFinite`] where one is not finite.
    fn set_optimizer_state(&mut self, state: OptimizerState) -> Result<(), NnError>;

    /// One epoch over the rows of `runs`, at one learning rate.
    ///
    /// # Errors
    /// [`NnError::Param`] for a rate that is not above 0 or a batch of 0 samples, [`NnError::NoSamples`] where the runs
    /// are empty, [`NnError::RunOutside`], [`NnError::Mismatch`] where samples do not fit, and [`NnError::Diverged`]:
    /// then the parameters are those before the failing step, and the optimiser needs its state set anew.
    fn train(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
        epoch: &Epoch,
    ) -> Result<EpochReport, NnError>;

    /// The mean loss of the rows as one batch, and its gradient, `(n_parameters,)`.
    ///
    /// # Errors
    /// As [`train`](Self::train), save for what concerns the epoch; a loss that is not finite is no error here.
    fn loss_and_gradient(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
    ) -> Result<(f64, Vec<f32>), NnError>;

    /// The gradient by the parameters of Σ derivatives × outputs, `(n_parameters,)`: with `derivatives` those of any
    /// function by the outputs, `(n_rows, n_outputs)` row by row, the gradient of that function.
    ///
    /// # Errors
    /// [`NnError::NoSamples`], [`NnError::RunOutside`], [`NnError::Mismatch`] where the features do not fit,
    /// [`NnError::Shape`] for another number of derivatives.
    fn output_gradient(
        &mut self,
        features: &Features<'_>,
        runs: &[Range<usize>],
        derivatives: &[f32],
    ) -> Result<Vec<f32>, NnError>;

    /// One step of the optimiser with a gradient that the caller made, `(n_parameters,)`.
    ///
    /// # Errors
    /// [`NnError::Param`] for a rate that is not above 0, [`NnError::Shape`] for another number of derivatives, and
    /// [`NnError::Diverged`]: then the parameters are as they were, and the optimiser needs its state set anew.
    fn apply_gradient(&mut self, gradient: &[f32], learning_rate: f64) -> Result<(), NnError>;

    /// The class of the largest output for each row, `(n_rows,)`; of equals, the first.
    ///
    /// # Errors
    /// [`NnError::NoSamples`], [`NnError::RunOutside`], [`NnError::Mismatch`] where the features do not fit.
    fn predict_classes(&self, features: &Features<'_>, runs: &[Range<usize>]) -> Result<Vec<u32>, NnError>;

    /// The softmax of the outputs, `(n_rows, n_outputs)` row by row.
    ///
    /// # Errors
    /// As [`predict_classes`](Self::predict_classes).
    fn predict_probabilities(
        &self,
        features: &Features<'_>,
        runs: &[Range<usize>],
    ) -> Result<Vec<f32>, NnError>;

    /// The outputs, `(n_rows, n_outputs)` row by row.
    ///
    /// # Errors
    /// As [`predict_classes`](Self::predict_classes).
    fn predict_values(&self, features: &Features<'_>, runs: &[Range<usize>]) -> Result<Vec<f32>, NnError>;

    /// Another model with the same parameters and optimiser, which trains on to the same bits, at the same time and without
    /// touching this one; `None` where there can be none.
    fn replica(&self) -> Option<Box<dyn Trainable>> {
        None
    }
}
