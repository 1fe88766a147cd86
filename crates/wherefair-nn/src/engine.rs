//! What computes losses, gradients and outputs.

use serde::{Deserialize, Serialize};

use crate::{Features, Loss, NnError, Samples};

/// One tensor among the parameters of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterTensor {
    /// Its path, such as `layers.0.weight`.
    pub path: String,
    /// Its shape; weights are `(n_outputs, n_inputs)`.
    pub shape: Vec<usize>,
}

impl ParameterTensor {
    /// Its numbers.
    pub fn n_values(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Outputs of a network to be written, row by row.
#[derive(Debug)]
pub enum Outputs<'a> {
    /// The class of the largest output, of equals the first, `(n_rows,)`.
    Classes(&'a mut [u32]),
    /// The softmax of the outputs, `(n_rows, n_outputs)`.
    Probabilities(&'a mut [f32]),
    /// The outputs themselves, `(n_rows, n_outputs)`.
    Values(&'a mut [f32]),
}

/// A network that a [`Trainer`](crate::Trainer) can train: it keeps no parameters, but computes with those it is given.
///
/// Parameters are one flat array: all tensors of [`parameter_tensors`](Self::parameter_tensors), one after the other,
/// row by row. Rows name samples; callers have checked that they exist, that features and outputs have the sizes of the
/// network and that arrays are as long as they must be.
pub trait Engine: Send + 'static {
    /// What network this is, for checkpoints: equal descriptions mean equal functions of the parameters.
    fn description(&self) -> String;

    /// The tensors in the order of the flat array.
    fn parameter_tensors(&self) -> Vec<ParameterTensor>;

    /// Numbers of a row of features.
    fn n_features(&self) -> usize;

    /// Outputs of a sample.
    fn n_outputs(&self) -> usize;

    /// Writes the gradient of the mean loss of the rows; returns that loss.
    ///
    /// # Errors
    /// Where the network cannot be computed.
    fn gradient(
        &mut self,
        parameters: &[f32],
        samples: &Samples<'_>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [f32],
    ) -> Result<f64, NnError>;

    /// Writes the gradient of Σ derivatives × outputs of the rows; `derivatives` is `(n_rows, n_outputs)`.
    ///
    /// # Errors
    /// Where the network cannot be computed.
    fn output_gradient(
        &mut self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        derivatives: &[f32],
        gradient: &mut [f32],
    ) -> Result<(), NnError>;

    /// Writes the outputs of the rows.
    ///
    /// # Errors
    /// Where the network cannot be computed.
    fn outputs(
        &self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        outputs: Outputs<'_>,
    ) -> Result<(), NnError>;

    /// Another engine for the same network that can compute at the same time; `None` where there can be none.
    fn replica(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}
