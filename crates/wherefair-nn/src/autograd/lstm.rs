//! Long short-term memory.

use candle_core::{IndexOp as _, Tensor};
use candle_nn::init::DEFAULT_KAIMING_UNIFORM;
use candle_nn::{Init, Linear, VarBuilder};
use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::{Dual, Network, Tangents};

/// Which way a sequence is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the first step to the last.
    #[default]
    Forward,
    /// Both ways, by two layers whose last states stand side by side.
    Bidirectional,
}

/// Sizes of an LSTM network, to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LstmParams {
    n_steps: usize,
    n_channels: usize,
    hidden: usize,
    n_outputs: usize,
    direction: Direction,
}

impl LstmParams {
    /// Sequences of `n_steps` steps of `n_channels` numbers, `hidden` state numbers a direction, `n_outputs` outputs.
    pub fn new(n_steps: usize, n_channels: usize, hidden: usize, n_outputs: usize) -> Self {
        Self {
            n_steps,
            n_channels,
            hidden,
            n_outputs,
            direction: Direction::Forward,
        }
    }

    /// Which way sequences are read.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Checks every size.
    ///
    /// # Errors
    /// [`ParamError`] for a size of 0 or above 32,768.
    pub fn check(self) -> Result<LstmShape, ParamError> {
        for (name, size) in [
            ("n_steps", self.n_steps),
            ("n_channels", self.n_channels),
            ("hidden", self.hidden),
            ("n_outputs", self.n_outputs),
        ] {
            if !(1..=1 << 15).contains(&size) {
                return Err(ParamError::new(name, size, "1 to 32768"));
            }
        }
        Ok(LstmShape { params: self })
    }
}

/// Checked sizes of an LSTM network, made by [`LstmParams::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LstmShape {
    params: LstmParams,
}

/// An LSTM layer, one way or both, whose last state goes through a linear layer to the outputs.
///
/// A row of features is a sequence, step by step: `(n_steps, n_channels)`.
///
/// # References
/// Hochreiter & Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735; with the forget gate of Gers et al. (2000).
#[derive(Debug, Clone)]
pub struct LstmNetwork {
    shape: LstmShape,
    /// The layer that reads forwards and, where there is one, the layer that reads backwards.
    layers: Vec<Layer>,
    head: Linear,
}

/// An LSTM layer: weights by input and by state `(4 × hidden, ·)`, then biases by both, of the gates input, forget, cell,
/// output.
#[derive(Debug, Clone)]
struct Layer {
    weights: [Tensor; 2],
    biases: [Tensor; 2],
    is_backward: bool,
}

impl Layer {
    /// The variables under the names that candle and `PyTorch` give them.
    fn new(
        (n_channels, hidden): (usize, usize),
        is_backward: bool,
        builder: &VarBuilder<'_>,
    ) -> candle_core::Result<Self> {
        let suffix = if is_backward { "_reverse" } else { "" };
        let weights = |name, n| {
            builder.get_with_hints(
                (4 * hidden, n),
                &format!("weight_{name}_l0{suffix}"),
                DEFAULT_KAIMING_UNIFORM,
            )
        };
        let biases = |name| {
            let name = format!("bias_{name}_l0{suffix}");
            builder.get_with_hints(4 * hidden, &name, Init::Const(0.0))
        };
        Ok(Self {
            weights: [weights("ih", n_channels)?, weights("hh", hidden)?],
            biases: [biases("ih")?, biases("hh")?],
            is_backward,
        })
    }

    /// State and cells after a step.
    fn step(
        &self,
        input: &Dual,
        (state, cells): (&Dual, &Dual),
        tangents: &Tangents,
    ) -> candle_core::Result<(Dual, Dual)> {
        let sums = |values: &Dual, part: usize| {
            let weights = tangents.of(&self.weights[part]).linear(Tensor::t)?;
            values
                .matmul(&weights)?
                .broadcast_add(&tangents.of(&self.biases[part]))
        };
        let sums = sums(input, 0)?.add(&sums(state, 1)?)?;
        let hidden = state.value().dim(1)?;
        let gate = |index: usize| sums.linear(|sums| sums.narrow(1, index * hidden, hidden));
        let (input, forget) = (gate(0)?.sigmoid()?, gate(1)?.sigmoid()?);
        let (cell, output) = (gate(2)?.tanh()?, gate(3)?.sigmoid()?);
        let cells = forget.mul(cells)?.add(&input.mul(&cell)?)?;
        Ok((output.mul(&cells.tanh()?)?, cells))
    }
}

impl LstmNetwork {
    /// Builds the layers `lstm` and `head`.
    ///
    /// # Errors
    /// Where the builder does not give the variables.
    pub fn new(shape: &LstmShape, builder: &VarBuilder<'_>) -> candle_core::Result<Self> {
        let LstmParams {
            n_channels,
            hidden,
            n_outputs,
            direction,
            ..
        } = shape.params;
        let directions: &[bool] = match direction {
            Direction::Forward => &[false],
            Direction::Bidirectional => &[false, true],
        };
        let layer = |&is_backward: &bool| Layer::new((n_channels, hidden), is_backward, &builder.pp("lstm"));
        Ok(Self {
            shape: *shape,
            layers: directions.iter().map(layer).collect::<candle_core::Result<_>>()?,
            head: candle_nn::linear(hidden * directions.len(), n_outputs, builder.pp("head"))?,
        })
    }
}

impl Network for LstmNetwork {
    fn description(&self) -> String {
        format!("LSTM {:?}", self.shape.params)
    }

    fn n_features(&self) -> usize {
        self.shape.params.n_steps * self.shape.params.n_channels
    }

    fn n_outputs(&self) -> usize {
        self.shape.params.n_outputs
    }

    fn forward(&self, features: &Tensor) -> candle_core::Result<Tensor> {
        Ok(self
            .forward_along(&features.into(), &Tangents::none())?
            .into_value())
    }

    fn forward_along(&self, features: &Dual, tangents: &Tangents) -> candle_core::Result<Dual> {
        let LstmParams {
            n_steps,
            n_channels,
            hidden,
            ..
        } = self.shape.params;
        let steps = features.linear(|values| values.reshape(((), n_steps, n_channels)))?;
        let value = steps.value();
        let zeros = Tensor::zeros((value.dim(0)?, hidden), value.dtype(), value.device())?;
        let mut last = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let (mut state, mut cells) = (Dual::from(&zeros), Dual::from(&zeros));
            for step in 0..n_steps {
                let at = if layer.is_backward {
                    n_steps - 1 - step
                } else {
                    step
                };
                let input = steps.linear(|steps| steps.i((.., at, ..))?.contiguous())?;
                (state, cells) = layer.step(&input, (&state, &cells), tangents)?;
            }
            last.push(state);
        }
        Dual::cat(&last, 1)?.through(&self.head, tangents)
    }
}
