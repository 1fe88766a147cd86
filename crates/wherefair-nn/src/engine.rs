//! What computes losses, gradients and outputs.

use serde::{Deserialize, Serialize};

use crate::{Features, Loss, NnError, Samples, Scalar};

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
pub enum Outputs<'a, T = f32> {
    /// The class of the largest output, of equals the first, `(n_rows,)`.
    Classes(&'a mut [u32]),
    /// The softmax of the outputs, `(n_rows, n_outputs)`.
    Probabilities(&'a mut [T]),
    /// The outputs themselves, `(n_rows, n_outputs)`.
    Values(&'a mut [T]),
}

/// A network that a [`Model`](crate::Model) can train: it keeps no parameters, but computes with those it is given,
/// in the precision of `T`.
///
/// Parameters are one flat array: all tensors of [`parameter_tensors`](Self::parameter_tensors), one after the other,
/// row by row. Rows name samples; callers have checked that they exist, that features and outputs have the sizes of the
/// network and that arrays are as long as they must be.
pub trait Engine<T: Scalar = f32>: Send + Sync + 'static {
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
    /// `by_inputs`, `(n_rows, n_features)`, gets the derivatives of the same loss by the features of the rows, in their
    /// order.
    ///
    /// # Errors
    /// Where the network cannot be computed; [`NnError::NotComputed`] for derivatives that the engine does not know.
    fn gradient(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> Result<f64, NnError>;

    /// Writes the gradient of Σ derivatives × outputs of the rows; `derivatives` is `(n_rows, n_outputs)`.
    ///
    /// `by_inputs`, `(n_rows, n_features)`, gets the derivatives of the same sum by the features of the rows.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient).
    fn output_gradient(
        &mut self,
        parameters: &[T],
        features: &Features<'_, T>,
        rows: &[u32],
        derivatives: &[T],
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> Result<(), NnError>;

    /// Writes the product of the second derivatives of the mean loss of the rows, by the parameters, with `vector`.
    ///
    /// # Formula
    /// H v = d/dε ∇L(θ + ε v) at ε = 0, without H. Where the slope of an activation or a loss jumps, its second
    /// derivative is taken for 0.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient).
    ///
    /// # References
    /// Pearlmutter (1994), Fast exact multiplication by the Hessian, Neural Computation 6(1),
    /// doi:10.1162/neco.1994.6.1.147.
    fn hessian_vector(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: &[u32],
        loss: &Loss,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), NnError>;

    /// Writes the outputs of the rows.
    ///
    /// # Errors
    /// Where the network cannot be computed.
    fn outputs(
        &self,
        parameters: &[T],
        features: &Features<'_, T>,
        rows: &[u32],
        outputs: Outputs<'_, T>,
    ) -> Result<(), NnError>;

    /// Another engine for the same network that can compute at the same time; `None` where there can be none.
    fn replica(&self) -> Option<Box<dyn Engine<T>>> {
        None
    }
}
