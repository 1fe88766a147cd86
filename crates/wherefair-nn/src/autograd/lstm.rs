//! Long short-term memory.

use candle_core::{IndexOp as _, Tensor};
use candle_nn::rnn::{Direction as CandleDirection, LSTM, LSTMConfig, RNN as _};
use candle_nn::{Linear, Module as _, VarBuilder};
use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::Network;

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
    layers: Vec<LSTM>,
    head: Linear,
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
        let directions: &[CandleDirection] = match direction {
            Direction::Forward => &[CandleDirection::Forward],
            Direction::Bidirectional => &[CandleDirection::Forward, CandleDirection::Backward],
        };
        let layer = |&direction: &CandleDirection| {
            let config = LSTMConfig {
                direction,
                ..LSTMConfig::default()
            };
            candle_nn::lstm(n_channels, hidden, config, builder.pp("lstm"))
        };
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
        let LstmParams {
            n_steps, n_channels, ..
        } = self.shape.params;
        let steps = features.reshape(((), n_steps, n_channels))?;
        let mut last = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let mut state = layer.zero_state(steps.dim(0)?)?;
            let is_backward = matches!(layer.config().direction, CandleDirection::Backward);
            for step in 0..n_steps {
                let at = if is_backward { n_steps - 1 - step } else { step };
                state = layer.step(&steps.i((.., at, ..))?.contiguous()?, &state)?;
            }
            last.push(state.h);
        }
        self.head.forward(&Tensor::cat(&last, 1)?)
    }
}
