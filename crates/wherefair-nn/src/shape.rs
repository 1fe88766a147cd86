//! Sizes of multilayer perceptrons.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use crate::ParameterTensor;

/// The widths of a multilayer perceptron: inputs, hidden layers with `ReLU`, linear outputs.
///
/// # Examples
/// ```
/// use wherefair_nn::MlpShape;
///
/// assert_eq!(MlpShape::spad(23)?.n_parameters(), 1_023);
/// assert_eq!(MlpShape::new(4, &[16, 16], 1)?.widths(), [4, 16, 16, 1]);
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MlpShape {
    widths: Vec<usize>,
}

/// The widest layer that is accepted.
const MAX_WIDTH: usize = 1 << 15;

impl MlpShape {
    /// A network of `n_features` inputs, `hidden` layers and `n_outputs` outputs.
    ///
    /// # Errors
    /// [`ParamError`] for a width of 0 or above 32,768.
    pub fn new(n_features: usize, hidden: &[usize], n_outputs: usize) -> Result<Self, ParamError> {
        let mut widths = vec![n_features];
        widths.extend_from_slice(hidden);
        widths.push(n_outputs);
        for (layer, &width) in widths.iter().enumerate() {
            if width == 0 || width > MAX_WIDTH {
                return Err(ParamError::new(
                    format!("width of layer {layer}"),
                    width,
                    format!("1 to {MAX_WIDTH}"),
                ));
            }
        }
        Ok(Self { widths })
    }

    /// The network of the SPAD paper: 10 features (bands), 7 hidden layers of 10, one output a class.
    ///
    /// # Errors
    /// [`ParamError`] where `n_classes` is 0 or too large.
    ///
    /// # References
    /// Xie et al., AAAI 2022, implementation details ("an 8-layer deep neural network").
    pub fn spad(n_classes: usize) -> Result<Self, ParamError> {
        Self::new(10, &[10; 7], n_classes)
    }

    /// Inputs, widths of the hidden layers, outputs.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Inputs.
    pub fn n_features(&self) -> usize {
        self.widths.first().copied().unwrap_or(0)
    }

    /// Outputs.
    pub fn n_outputs(&self) -> usize {
        self.widths.last().copied().unwrap_or(0)
    }

    /// Weights and biases of all layers.
    pub fn n_parameters(&self) -> usize {
        self.widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
    }

    /// What network this is, for checkpoints: the same whatever engine computes it.
    pub(crate) fn description(&self) -> String {
        format!("multilayer perceptron {:?}, ReLU", self.widths)
    }

    /// The tensors `layers.0.weight` `(n_outputs, n_inputs)`, `layers.0.bias` and so on, layer by layer.
    pub fn parameter_tensors(&self) -> Vec<ParameterTensor> {
        let mut tensors = Vec::new();
        for (layer, pair) in self.widths.windows(2).enumerate() {
            tensors.push(ParameterTensor {
                path: format!("layers.{layer}.weight"),
                shape: vec![pair[1], pair[0]],
            });
            tensors.push(ParameterTensor {
                path: format!("layers.{layer}.bias"),
                shape: vec![pair[1]],
            });
        }
        tensors
    }
}
