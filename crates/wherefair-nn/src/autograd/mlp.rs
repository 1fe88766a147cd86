//! The multilayer perceptron of candle's own layers.

use candle_core::Tensor;
use candle_nn::{Linear, VarBuilder};

use super::{Dual, Network, Tangents};
use crate::{Activation, MlpShape};

/// A multilayer perceptron of candle layers: the same function of the same parameters as the fused engine's.
///
/// `DIFFERENCE:` where the input of `ReLU` is exactly 0, candle takes its slope for 1, the fused engine (and TensorFlow)
/// for 0. With biases of 0 this happens wherever a whole layer is inactive.
#[derive(Debug, Clone)]
pub struct MlpNetwork {
    shape: MlpShape,
    layers: Vec<Linear>,
}

impl MlpNetwork {
    /// Builds the layers `layers.0`, `layers.1`, ….
    ///
    /// # Errors
    /// Where the builder does not give the variables.
    pub fn new(shape: &MlpShape, builder: &VarBuilder<'_>) -> candle_core::Result<Self> {
        let layers = shape.widths().windows(2).enumerate();
        let layers =
            layers.map(|(layer, pair)| candle_nn::linear(pair[0], pair[1], builder.pp("layers").pp(layer)));
        Ok(Self {
            shape: shape.clone(),
            layers: layers.collect::<candle_core::Result<_>>()?,
        })
    }
}

impl Network for MlpNetwork {
    fn description(&self) -> String {
        self.shape.description()
    }

    fn n_features(&self) -> usize {
        self.shape.n_features()
    }

    fn n_outputs(&self) -> usize {
        self.shape.n_outputs()
    }

    fn forward(&self, features: &Tensor) -> candle_core::Result<Tensor> {
        Ok(self
            .forward_along(&features.into(), &Tangents::none())?
            .into_value())
    }

    fn forward_along(&self, features: &Dual, tangents: &Tangents) -> candle_core::Result<Dual> {
        let mut values = features.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            values = values.through(layer, tangents)?;
            if index + 1 < self.layers.len() {
                values = match self.shape.activation() {
                    Activation::Relu => values.relu()?,
                    Activation::Tanh => values.tanh()?,
                };
            }
        }
        Ok(values)
    }
}
