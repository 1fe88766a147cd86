//! Adam.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, narrowed};

use crate::NnError;

/// What happens to the state of the optimiser between partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatePolicy {
    /// Moments and step count go on from one call of training to the next.
    #[default]
    Carried,
    /// Moments and step count are zeroed before every call: with one call a partition and epoch, this is what the code
    /// released with the SPAD paper does. A fresh Adam's first steps have the size of the learning rate, whatever the
    /// gradient.
    ResetEachPartition,
}

/// Parameters of Adam, and of `AdamW` where the weight decay is above 0.
///
/// # Examples
/// ```
/// use wherefair_nn::AdamParams;
///
/// let config = AdamParams::default().weight_decay(0.01).check()?;
/// let error = AdamParams::default().beta_1(1.0).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid beta_1: 1 (accepted: 0 or more, below 1)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AdamParams {
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    weight_decay: f64,
    state: StatePolicy,
}

impl Default for AdamParams {
    /// β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, no weight decay, state carried.
    fn default() -> Self {
        Self {
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            state: StatePolicy::Carried,
        }
    }
}

impl AdamParams {
    /// Decay of the mean of gradients, in [0, 1).
    #[must_use]
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.beta_1 = beta_1;
        self
    }

    /// Decay of the mean of squared gradients, in [0, 1).
    #[must_use]
    pub fn beta_2(mut self, beta_2: f64) -> Self {
        self.beta_2 = beta_2;
        self
    }

    /// Added to the root of the mean of squares, above 0.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Decoupled weight decay, at least 0: above 0, this is `AdamW`. Biases decay too.
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// What happens to the state between partitions.
    #[must_use]
    pub fn state(mut self, state: StatePolicy) -> Self {
        self.state = state;
        self
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] for the first one outside its domain.
    pub fn check(self) -> Result<AdamConfig, ParamError> {
        for (name, beta) in [("beta_1", self.beta_1), ("beta_2", self.beta_2)] {
            if !(0.0..1.0).contains(&beta) {
                return Err(ParamError::new(name, beta, "0 or more, below 1"));
            }
        }
        if !(self.epsilon > 0.0 && self.epsilon.is_finite()) {
            return Err(ParamError::new(
                "epsilon",
                self.epsilon,
                "a finite number above 0",
            ));
        }
        if !(0.0..f64::INFINITY).contains(&self.weight_decay) {
            let accepted = "a finite number of at least 0";
            return Err(ParamError::new("weight_decay", self.weight_decay, accepted));
        }
        Ok(AdamConfig { params: self })
    }
}

/// Checked parameters of Adam, made by [`AdamParams::check`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AdamConfig {
    params: AdamParams,
}

impl AdamConfig {
    /// What happens to the state between partitions.
    pub fn state(&self) -> StatePolicy {
        self.params.state
    }

    /// One step: moves `parameters` against `gradient`.
    ///
    /// # Formula
    /// t ← t + 1, m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
    /// θ ← θ (1 − η λ) − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε).
    ///
    /// `DIFFERENCE:` Keras, which the released code uses, adds its ε = 10⁻⁷ before the correction of v, not after it.
    ///
    /// # Errors
    /// [`NnError::Shape`] where the lengths differ.
    ///
    /// # References
    /// Kingma & Ba (2015), algorithm 1; Loshchilov & Hutter (2019), algorithm 2 (its learning rate η α is ours η).
    pub fn step(
        &self,
        learning_rate: f64,
        gradient: &[f32],
        state: &mut OptimizerState,
        parameters: &mut [f32],
    ) -> Result<(), NnError> {
        for (name, given) in [
            ("the gradient", gradient.len()),
            ("the mean of gradients", state.first.len()),
            ("the mean of squared gradients", state.second.len()),
        ] {
            check_length(name, given, parameters.len())?;
        }
        state.step += 1;
        let params = &self.params;
        let corrected = |beta: f64| {
            let power = i32::try_from(state.step).unwrap_or(i32::MAX);
            1.0 - beta.powi(power)
        };
        let rate = narrowed(learning_rate / corrected(params.beta_1));
        let scale = narrowed(1.0 / corrected(params.beta_2));
        let kept = narrowed(1.0 - learning_rate * params.weight_decay);
        let (beta_1, beta_2) = (narrowed(params.beta_1), narrowed(params.beta_2));
        let epsilon = narrowed(params.epsilon);
        let moments = state.first.iter_mut().zip(&mut state.second);
        for ((parameter, &gradient), (first, second)) in parameters.iter_mut().zip(gradient).zip(moments) {
            *first = beta_1 * *first + (1.0 - beta_1) * gradient;
            *second = beta_2 * *second + (1.0 - beta_2) * gradient * gradient;
            *parameter = *parameter * kept - rate * *first / ((*second * scale).sqrt() + epsilon);
        }
        Ok(())
    }
}

pub(crate) fn check_length(name: &'static str, given: usize, n_parameters: usize) -> Result<(), NnError> {
    if given == n_parameters {
        return Ok(());
    }
    Err(NnError::Shape {
        name,
        given,
        expected: n_parameters,
        because: "the number of parameters".to_owned(),
    })
}

/// What Adam remembers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OptimizerState {
    /// Steps taken.
    pub step: u64,
    /// Mean of gradients, `(n_parameters,)`.
    #[serde(with = "crate::bits")]
    pub first: Vec<f32>,
    /// Mean of squared gradients, `(n_parameters,)`.
    #[serde(with = "crate::bits")]
    pub second: Vec<f32>,
}

impl OptimizerState {
    /// The state before the first step.
    pub fn new(n_parameters: usize) -> Self {
        Self {
            step: 0,
            first: vec![0.0; n_parameters],
            second: vec![0.0; n_parameters],
        }
    }

    /// Back to the state before the first step.
    pub fn reset(&mut self) {
        self.step = 0;
        self.first.fill(0.0);
        self.second.fill(0.0);
    }
}
