//! Sizes of multilayer perceptrons.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use crate::ParameterTensor;

/// The widths of a multilayer perceptron: inputs, hidden layers with `ReLU` or tanh, linear outputs.
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
#[serde(from = "Written", into = "Written")]
pub struct MlpShape {
    widths: Vec<usize>,
    activation: Activation,
}

/// What hidden layers do with their sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// max(0, ·). `DIFFERENCE:` its slope at exactly 0 is 0 in the fused engine, as in TensorFlow, and 1 in candle.
    #[default]
    Relu,
    /// The hyperbolic tangent, which has second derivatives.
    Tanh,
}

/// A shape as it is written: the widths alone where the activation is the default.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Widths(Vec<usize>),
    Full {
        widths: Vec<usize>,
        activation: Activation,
    },
}

impl From<Written> for MlpShape {
    fn from(written: Written) -> Self {
        let (widths, activation) = match written {
            Written::Widths(widths) => (widths, Activation::default()),
            Written::Full { widths, activation } => (widths, activation),
        };
        Self { widths, activation }
    }
}

impl From<MlpShape> for Written {
    fn from(shape: MlpShape) -> Self {
        let MlpShape { widths, activation } = shape;
        if activation == Activation::default() {
            Self::Widths(widths)
        } else {
            Self::Full { widths, activation }
        }
    }
}

/// The widest layer that is accepted.
const MAX_WIDTH: usize = 1 << 15;

impl MlpShape {
    /// A network of `n_features` inputs, `hidden` layers with `ReLU` and `n_outputs` outputs.
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
        Ok(Self {
            widths,
            activation: Activation::Relu,
        })
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

    /// The same widths with another activation of the hidden layers.
    #[must_use]
    pub fn with_activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// The activation of the hidden layers.
    pub fn activation(&self) -> Activation {
        self.activation
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
        let activation = match self.activation {
            Activation::Relu => "ReLU",
            Activation::Tanh => "tanh",
        };
        format!("multilayer perceptron {:?}, {activation}", self.widths)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_with_relu_is_written_as_its_widths_alone_and_any_comes_back() {
        let Ok(relu) = MlpShape::new(4, &[3], 2) else {
            panic!("the shape is good");
        };
        let tanh = relu.clone().with_activation(Activation::Tanh);
        assert_ne!(relu.description(), tanh.description());
        let written = [&relu, &tanh].map(|shape| serde_json::to_string(shape).unwrap_or_default());
        assert_eq!(written[0], "[4,3,2]");
        assert_eq!(written[1], r#"{"widths":[4,3,2],"activation":"tanh"}"#);
        for (shape, text) in [relu, tanh].iter().zip(written) {
            assert_eq!(serde_json::from_str::<MlpShape>(&text).ok().as_ref(), Some(shape));
        }
    }
}
