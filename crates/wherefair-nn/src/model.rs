//! A model: a network on some engine, with parameters, loss and optimiser; the one training loop.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::json;
use wherefair_core::{ParamError, Seed};

use crate::checkpoint::check_paths;
use crate::optimizer::check_length;
use crate::samples::Rows;
use crate::{
    AdamConfig, Engine, Epoch, EpochReport, Features, Initializer, Loss, NnError, OptimizerState, Order,
    Outputs, ParameterTensor, Samples, StatePolicy,
};

/// A model with its optimiser, whatever computes it: what is trained.
///
/// [`fused_mlp`](crate::fused_mlp), [`mlp`](crate::mlp) and [`autograd`](crate::autograd) make one. Rows are given as runs
/// of the samples, so that a partition is a few ranges. Everything that later steps depend on is in
/// [`parameters`](Self::parameters) and [`optimizer_state`](Self::optimizer_state): setting both continues with the same
/// bits, whatever the number of threads.
pub struct Model {
    engine: Box<dyn Engine>,
    loss: Loss,
    adam: AdamConfig,
    parameters: Vec<f32>,
    gradient: Vec<f32>,
    state: OptimizerState,
}

/// All that the later steps of a model depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// `(n_parameters,)`.
    #[serde(with = "crate::bits")]
    pub parameters: Vec<f32>,
    /// What the optimiser remembers.
    pub optimizer: OptimizerState,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("description", &self.description())
            .field("step", &self.state.step)
            .finish_non_exhaustive()
    }
}

impl Model {
    /// An engine with the parameters to begin with.
    ///
    /// # Errors
    /// [`NnError::Param`] for a loss outside its domain or a path given twice, [`NnError::Shape`] for another number of parameters,
    /// [`NnError::ParameterNotFinite`] where one is not finite.
    pub fn new(
        engine: impl Engine,
        loss: Loss,
        adam: AdamConfig,
        parameters: Vec<f32>,
    ) -> Result<Self, NnError> {
        let tensors = engine.parameter_tensors();
        check_paths(&tensors)?;
        let n_parameters = tensors.iter().map(ParameterTensor::n_values).sum();
        check_length("the parameters", parameters.len(), n_parameters)?;
        check_finite("parameter", &parameters)?;
        Ok(Self {
            engine: Box::new(engine),
            loss: loss.check()?,
            adam,
            parameters,
            gradient: vec![0.0; n_parameters],
            state: OptimizerState::new(n_parameters),
        })
    }

    /// What model, loss and optimiser this is, for checkpoints.
    pub fn description(&self) -> String {
        let (network, loss, adam) = (self.engine.description(), self.loss, self.adam);
        json!({ "network": network, "loss": loss, "adam": adam }).to_string()
    }

    /// The tensors that make up the flat array of parameters.
    pub fn parameter_tensors(&self) -> Vec<ParameterTensor> {
        self.engine.parameter_tensors()
    }

    /// All parameters, `(n_parameters,)`.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Replaces all parameters; the state of the optimiser stays.
    ///
    /// # Errors
    /// [`NnError::Shape`] for another number of them, [`NnError::ParameterNotFinite`] where one is not finite.
    pub fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), NnError> {
        check_length("the parameters", parameters.len(), self.parameters.len())?;
        check_finite("parameter", parameters)?;
        self.parameters.copy_from_slice(parameters);
        Ok(())
    }

    /// What the optimiser remembers.
    pub fn optimizer_state(&self) -> &OptimizerState {
        &self.state
    }

    /// Replaces what the optimiser remembers.
    ///
    /// # Errors
    /// [`NnError::Shape`] for another number of parameters, [`NnError::ParameterNotFinite`] where one is not finite.
    pub fn set_optimizer_state(&mut self, state: OptimizerState) -> Result<(), NnError> {
        let moments = [
            ("mean of gradients", &state.first),
            ("mean of squared gradients", &state.second),
        ];
        for (name, values) in moments {
            check_length(name, values.len(), self.parameters.len())?;
            check_finite(name, values)?;
        }
        self.state = state;
        Ok(())
    }

    /// Parameters and optimiser as they are.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            parameters: self.parameters.clone(),
            optimizer: self.state.clone(),
        }
    }

    /// Goes back to a snapshot, which may be another model's of the same network.
    ///
    /// # Errors
    /// Those of [`set_parameters`](Self::set_parameters) and [`set_optimizer_state`](Self::set_optimizer_state).
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), NnError> {
        self.set_parameters(&snapshot.parameters)?;
        self.set_optimizer_state(snapshot.optimizer.clone())
    }

    /// One epoch over the rows of `runs`, at one learning rate.
    ///
    /// # Errors
    /// [`NnError::Param`] for a rate that is not above 0 or a batch of 0 samples, [`NnError::NoSamples`] where the runs
    /// are empty, [`NnError::RunOutside`], [`NnError::Mismatch`] where samples do not fit, and [`NnError::Diverged`]:
    /// then the parameters are those before the failing step, and the optimiser needs its state set anew.
    pub fn train(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
        epoch: &Epoch,
    ) -> Result<EpochReport, NnError> {
        let learning_rate = epoch.learning_rate;
        check_rate(learning_rate)?;
        if epoch.batch_size == 0 {
            return Err(ParamError::new("batch_size", epoch.batch_size, "at least 1").into());
        }
        self.check_samples(samples)?;
        let (mut rows, n_rows) = Rows::new(runs, samples.features().n_samples())?;
        if self.adam.state() == StatePolicy::ResetEachPartition {
            self.state.reset();
        }
        let (mut n_steps, mut loss) = (0, 0.0);
        let mut step = |batch: &[u32]| -> Result<(), NnError> {
            loss += self.step(samples, batch, learning_rate)? * batch.len() as f64;
            n_steps += 1;
            Ok(())
        };
        match epoch.order {
            Order::AsGiven => loop {
                let batch = rows.next_block(epoch.batch_size);
                if batch.is_empty() {
                    break;
                }
                step(batch)?;
            },
            Order::Shuffled { seed, index } => {
                let mut rows = rows.all();
                seed.indexed("nn/order", index).shuffle(&mut rows);
                rows.chunks(epoch.batch_size).try_for_each(step)?;
            }
        }
        Ok(EpochReport {
            n_steps,
            n_samples: n_rows as u64,
            mean_loss: loss / n_rows as f64,
        })
    }

    /// The mean loss of the rows as one batch, and its gradient, `(n_parameters,)`.
    ///
    /// # Errors
    /// As [`train`](Self::train), save for what concerns the epoch; a loss that is not finite is no error here.
    pub fn loss_and_gradient(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
    ) -> Result<(f64, Vec<f32>), NnError> {
        let (loss, gradient, _) = self.gradients(samples, runs, false)?;
        Ok((loss, gradient))
    }

    /// As [`loss_and_gradient`](Self::loss_and_gradient), with the derivatives of the same loss by the features of the rows,
    /// `(n_rows, n_features)` row by row.
    ///
    /// # Errors
    /// As there; [`NnError::NotComputed`] where the engine gives no derivatives by inputs.
    pub fn loss_and_gradients(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
    ) -> Result<(f64, Vec<f32>, Vec<f32>), NnError> {
        self.gradients(samples, runs, true)
    }

    /// Loss and gradient of the rows as one batch, with the derivatives by their features where they are wanted.
    fn gradients(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
        wants_inputs: bool,
    ) -> Result<(f64, Vec<f32>, Vec<f32>), NnError> {
        self.check_samples(samples)?;
        let rows = Rows::new(runs, samples.features().n_samples())?.0.all();
        let mut gradient = vec![0.0; self.parameters.len()];
        let mut by_inputs = Vec::new();
        if wants_inputs {
            by_inputs.resize(rows.len() * self.engine.n_features(), 0.0);
        }
        let of_inputs = wants_inputs.then_some(&mut by_inputs[..]);
        let (parameters, loss) = (&self.parameters, &self.loss);
        let loss = self
            .engine
            .gradient(parameters, samples, &rows, loss, &mut gradient, of_inputs)?;
        Ok((loss, gradient, by_inputs))
    }

    /// The product of the second derivatives of the mean loss of the rows, by the parameters, with `vector`,
    /// `(n_parameters,)`.
    ///
    /// # Errors
    /// As [`loss_and_gradient`](Self::loss_and_gradient); [`NnError::Shape`] for a vector of another length,
    /// [`NnError::NotComputed`] where the engine gives no second derivatives.
    pub fn hessian_vector(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
        vector: &[f32],
    ) -> Result<Vec<f32>, NnError> {
        self.check_samples(samples)?;
        check_length("the vector", vector.len(), self.parameters.len())?;
        let rows = Rows::new(runs, samples.features().n_samples())?.0.all();
        let mut product = vec![0.0; vector.len()];
        let (parameters, loss) = (&self.parameters, &self.loss);
        self.engine
            .hessian_vector(parameters, samples, &rows, loss, vector, &mut product)?;
        Ok(product)
    }

    /// The gradient by the parameters of Σ derivatives × outputs, `(n_parameters,)`: with `derivatives` those of any
    /// function by the outputs, `(n_rows, n_outputs)` row by row, the gradient of that function.
    ///
    /// # Errors
    /// [`NnError::NoSamples`], [`NnError::RunOutside`], [`NnError::Mismatch`] where the features do not fit,
    /// [`NnError::Shape`] for another number of derivatives.
    pub fn output_gradient(
        &mut self,
        features: &Features<'_>,
        runs: &[Range<usize>],
        derivatives: &[f32],
    ) -> Result<Vec<f32>, NnError> {
        self.check_features(features)?;
        let (rows, n_rows) = Rows::new(runs, features.n_samples())?;
        let n_outputs = self.engine.n_outputs();
        if derivatives.len() != n_rows * n_outputs {
            return Err(NnError::Shape {
                name: "derivatives by the outputs",
                given: derivatives.len(),
                expected: n_rows * n_outputs,
                because: format!("{n_rows} samples × {n_outputs} outputs"),
            });
        }
        let mut gradient = vec![0.0; self.parameters.len()];
        self.engine.output_gradient(
            &self.parameters,
            features,
            &rows.all(),
            derivatives,
            &mut gradient,
            None,
        )?;
        Ok(gradient)
    }

    /// One step of the optimiser with a gradient that the caller made, `(n_parameters,)`.
    ///
    /// # Errors
    /// [`NnError::Param`] for a rate that is not above 0, [`NnError::Shape`] for another number of derivatives, and
    /// [`NnError::Diverged`]: then the parameters are as they were, and the optimiser needs its state set anew.
    pub fn apply_gradient(&mut self, gradient: &[f32], learning_rate: f64) -> Result<(), NnError> {
        check_rate(learning_rate)?;
        check_length("the gradient", gradient.len(), self.parameters.len())?;
        self.apply(gradient, learning_rate)
    }

    /// The class of the largest output for each row, `(n_rows,)`; of equals, the first.
    ///
    /// # Errors
    /// [`NnError::NoSamples`], [`NnError::RunOutside`], [`NnError::Mismatch`] where the features do not fit.
    pub fn predict_classes(
        &self,
        features: &Features<'_>,
        runs: &[Range<usize>],
    ) -> Result<Vec<u32>, NnError> {
        self.predict(features, runs, 1, |classes| Outputs::Classes(classes))
    }

    /// The softmax of the outputs, `(n_rows, n_outputs)` row by row.
    ///
    /// # Errors
    /// As [`predict_classes`](Self::predict_classes).
    pub fn predict_probabilities(
        &self,
        features: &Features<'_>,
        runs: &[Range<usize>],
    ) -> Result<Vec<f32>, NnError> {
        let width = self.engine.n_outputs();
        self.predict(features, runs, width, |values| Outputs::Probabilities(values))
    }

    /// The outputs, `(n_rows, n_outputs)` row by row.
    ///
    /// # Errors
    /// As [`predict_classes`](Self::predict_classes).
    pub fn predict_values(
        &self,
        features: &Features<'_>,
        runs: &[Range<usize>],
    ) -> Result<Vec<f32>, NnError> {
        let width = self.engine.n_outputs();
        self.predict(features, runs, width, |values| Outputs::Values(values))
    }

    /// Another model with the same parameters and optimiser, which trains on to the same bits, at the same time and without
    /// touching this one; `None` where there can be none.
    pub fn replica(&self) -> Option<Self> {
        Some(Self {
            engine: self.engine.replica()?,
            loss: self.loss,
            adam: self.adam,
            parameters: self.parameters.clone(),
            gradient: vec![0.0; self.parameters.len()],
            state: self.state.clone(),
        })
    }

    fn check_features(&self, features: &Features<'_>) -> Result<(), NnError> {
        mismatch(
            "the number of features",
            features.n_features(),
            self.engine.n_features(),
        )
    }

    fn check_samples(&self, samples: &Samples<'_>) -> Result<(), NnError> {
        self.check_features(&samples.features())?;
        self.loss.check_targets(samples)?;
        let given = samples.targets().n_outputs();
        mismatch("the number of classes or outputs", given, self.engine.n_outputs())
    }

    fn step(&mut self, samples: &Samples<'_>, rows: &[u32], learning_rate: f64) -> Result<f64, NnError> {
        let Self {
            engine,
            loss,
            gradient,
            ..
        } = self;
        let loss = engine.gradient(&self.parameters, samples, rows, loss, gradient, None)?;
        if !loss.is_finite() {
            return Err(self.diverged("the loss", loss, learning_rate));
        }
        let gradient = std::mem::take(&mut self.gradient);
        let applied = self.apply(&gradient, learning_rate);
        self.gradient = gradient;
        applied.map(|()| loss)
    }

    /// One step with a gradient of the right length.
    fn apply(&mut self, gradient: &[f32], learning_rate: f64) -> Result<(), NnError> {
        if let Some(&value) = gradient.iter().find(|value| !value.is_finite()) {
            return Err(self.diverged("a derivative of the loss", value.into(), learning_rate));
        }
        let before = self.parameters.clone();
        self.adam
            .step(learning_rate, gradient, &mut self.state, &mut self.parameters)?;
        if let Some(&value) = self.parameters.iter().find(|value| !value.is_finite()) {
            self.parameters = before;
            self.state.step -= 1;
            return Err(self.diverged("a parameter", value.into(), learning_rate));
        }
        Ok(())
    }

    fn diverged(&self, what: &'static str, value: f64, learning_rate: f64) -> NnError {
        NnError::Diverged {
            what,
            value,
            step: self.state.step + 1,
            learning_rate,
        }
    }

    /// Predicts rows a block at a time.
    fn predict<T: Clone + Default>(
        &self,
        features: &Features<'_>,
        runs: &[Range<usize>],
        width: usize,
        outputs: impl Fn(&mut [T]) -> Outputs<'_>,
    ) -> Result<Vec<T>, NnError> {
        self.check_features(features)?;
        let (mut rows, n_rows) = Rows::new(runs, features.n_samples())?;
        let mut values = vec![T::default(); n_rows * width];
        for part in values.chunks_mut(AT_ONCE * width) {
            let rows = rows.next_block(AT_ONCE);
            self.engine
                .outputs(&self.parameters, features, rows, outputs(part))?;
        }
        Ok(values)
    }
}

/// Rows whose outputs are computed at once: their numbers stay in the caches.
const AT_ONCE: usize = 1 << 17;

fn check_rate(learning_rate: f64) -> Result<(), ParamError> {
    if learning_rate > 0.0 && learning_rate.is_finite() {
        return Ok(());
    }
    let accepted = "a finite number above 0; leave out partitions of rate 0";
    Err(ParamError::new("learning_rate", learning_rate, accepted))
}

fn mismatch(name: &'static str, given: usize, expected: usize) -> Result<(), NnError> {
    if given == expected {
        return Ok(());
    }
    Err(NnError::Mismatch {
        name,
        given: given.to_string(),
        expected: expected.to_string(),
    })
}

fn check_finite(name: &'static str, values: &[f32]) -> Result<(), NnError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(NnError::ParameterNotFinite {
            name,
            index,
            value: values[index],
        }),
    }
}

/// The initial values of all tensors, in order: weights from `initializer`, all else 0.
pub(crate) fn initial_parameters(
    tensors: &[ParameterTensor],
    initializer: Initializer,
    seed: Seed,
) -> Vec<f32> {
    let mut parameters = Vec::new();
    for tensor in tensors {
        let first = parameters.len();
        parameters.resize(first + tensor.n_values(), 0.0);
        if let [n_out, n_in] = tensor.shape[..] {
            initializer.draw(seed, &tensor.path, (n_in, n_out), &mut parameters[first..]);
        }
    }
    parameters
}
