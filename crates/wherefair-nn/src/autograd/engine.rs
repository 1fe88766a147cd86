//! Candle's automatic differentiation behind the common interface.

use candle_core::backprop::GradStore;
use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use candle_nn::ops::softmax;
use wherefair_core::Seed;

use super::parameters::flat;
use super::{SeededParameters, tensor_loss};
use crate::{
    AdamConfig, Engine, Features, Initializer, Loss, NnError, Outputs, ParameterTensor, Samples, Targets,
    Trainer,
};

/// A differentiable function of features, built of candle's tensors.
pub trait Network: Send + 'static {
    /// What network this is: equal descriptions mean equal functions of the parameters.
    fn description(&self) -> String;

    /// Numbers of a row of features.
    fn n_features(&self) -> usize;

    /// Outputs of a sample.
    fn n_outputs(&self) -> usize;

    /// Outputs `(n_samples, n_outputs)` of features `(n_samples, n_features)`.
    ///
    /// # Errors
    /// Where a tensor computation fails.
    fn forward(&self, features: &Tensor) -> candle_core::Result<Tensor>;
}

/// Samples whose outputs are computed at once: what bounds the memory of predictions, for candle keeps all that a forward
/// pass computes (of a series, every step) until its result is dropped. On the processor few enough for the caches.
const AT_ONCE: usize = 1 << 11;
/// The same on a graphics card, which needs more of them to be busy.
const AT_ONCE_ON_CARD: usize = 1 << 14;

/// An engine that differentiates a [`Network`] with candle.
#[derive(Debug)]
pub struct Autograd<N> {
    network: N,
    tensors: Vec<ParameterTensor>,
    variables: Vec<Var>,
    device: Device,
    dtype: DType,
}

/// A candle network, ready to train; `build` gets a builder whose variables draw from the streams of their paths.
///
/// # Errors
/// [`NnError::Param`] for a loss or an initialiser outside its domain, [`NnError::Tensor`] where `build` fails.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_nn::{AdamParams, Direction, Initializer, Loss, LstmNetwork, LstmParams, Trainable, autograd};
///
/// let shape = LstmParams::new(7, 3, 8, 1).direction(Direction::Bidirectional).check()?;
/// let adam = AdamParams::default().check()?;
/// let build = |builder: &_| LstmNetwork::new(&shape, builder);
/// let network = autograd(build, Initializer::Glorot, Loss::MeanSquared, adam, Seed::new(1))?;
/// assert_eq!(network.parameters().len(), 2 * (4 * 8 * (3 + 8) + 2 * 4 * 8) + 17);
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
pub fn autograd<N: Network>(
    build: impl FnOnce(&VarBuilder<'static>) -> candle_core::Result<N>,
    initializer: Initializer,
    loss: Loss,
    adam: AdamConfig,
    seed: Seed,
) -> Result<Trainer<Autograd<N>>, NnError> {
    autograd_on(crate::Device::Cpu, build, initializer, loss, adam, seed)
}

/// As [`autograd`], on a device; a graphics card needs the feature `candle-cuda`.
///
/// The same seed gives the same parameters to begin with on every device. Each batch is copied to the device.
///
/// # Errors
/// Those of [`autograd`], and [`NnError::Device`] where the device cannot be used.
pub fn autograd_on<N: Network>(
    device: crate::Device,
    build: impl FnOnce(&VarBuilder<'static>) -> candle_core::Result<N>,
    initializer: Initializer,
    loss: Loss,
    adam: AdamConfig,
    seed: Seed,
) -> Result<Trainer<Autograd<N>>, NnError> {
    let device = device.for_candle()?;
    let parameters = SeededParameters::new(initializer.check()?, seed);
    let network = build(&parameters.builder(DType::F32, &device))?;
    let engine = Autograd::new(network, &parameters, device, DType::F32);
    Trainer::new(engine, loss, adam, parameters.values()?)
}

impl<N: Network> Autograd<N> {
    /// An engine for `network`, whose variables are all those of `parameters`, on `device` as `dtype`.
    pub fn new(network: N, parameters: &SeededParameters, device: Device, dtype: DType) -> Self {
        Self {
            network,
            tensors: parameters.tensors(),
            variables: parameters.variables(),
            device,
            dtype,
        }
    }

    fn set(&self, parameters: &[f32]) -> Result<(), NnError> {
        let mut rest = parameters;
        for variable in &self.variables {
            let values;
            (values, rest) = rest.split_at(variable.elem_count());
            let tensor = Tensor::from_slice(values, variable.shape(), &self.device)?;
            variable.set(&tensor.to_dtype(self.dtype)?)?;
        }
        Ok(())
    }

    /// The rows of `values`, `(n_rows, n_columns)`.
    fn gather(&self, values: &[f32], n_columns: usize, rows: &[u32]) -> Result<Tensor, NnError> {
        let mut gathered = Vec::with_capacity(rows.len() * n_columns);
        for &row in rows {
            gathered.extend_from_slice(&values[row as usize * n_columns..][..n_columns]);
        }
        Ok(Tensor::from_vec(gathered, (rows.len(), n_columns), &self.device)?.to_dtype(self.dtype)?)
    }

    /// Writes the gradients by all variables, one after the other.
    fn write_gradient(&self, gradients: &GradStore, gradient: &mut [f32]) -> Result<(), NnError> {
        let mut rest = gradient;
        for variable in &self.variables {
            let values;
            (values, rest) = rest.split_at_mut(variable.elem_count());
            match gradients.get(variable) {
                Some(tensor) => values.copy_from_slice(&flat(tensor)?),
                None => values.fill(0.0),
            }
        }
        Ok(())
    }

    fn features(&self, features: &Features<'_>, rows: &[u32]) -> Result<Tensor, NnError> {
        self.gather(features.values(), features.n_features(), rows)
    }
}

impl<N: Network> Engine for Autograd<N> {
    fn description(&self) -> String {
        self.network.description()
    }

    fn parameter_tensors(&self) -> Vec<ParameterTensor> {
        self.tensors.clone()
    }

    fn n_features(&self) -> usize {
        self.network.n_features()
    }

    fn n_outputs(&self) -> usize {
        self.network.n_outputs()
    }

    fn gradient(
        &mut self,
        parameters: &[f32],
        samples: &Samples<'_>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [f32],
    ) -> Result<f64, NnError> {
        loss.check_targets(samples)?;
        self.set(parameters)?;
        let targets = match samples.targets() {
            Targets::Classes { labels, .. } => {
                let labels: Vec<u32> = rows.iter().map(|&row| labels[row as usize]).collect();
                Tensor::from_vec(labels, rows.len(), &self.device)?
            }
            Targets::Values { values, n_outputs } => self.gather(values, n_outputs, rows)?,
        };
        let outputs = self.network.forward(&self.features(&samples.features(), rows)?)?;
        let loss = tensor_loss(loss, &outputs, &targets)?;
        let gradients = loss.backward()?;
        self.write_gradient(&gradients, gradient)?;
        Ok(loss.to_dtype(DType::F64)?.to_scalar()?)
    }

    fn output_gradient(
        &mut self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        derivatives: &[f32],
        gradient: &mut [f32],
    ) -> Result<(), NnError> {
        self.set(parameters)?;
        let shape = (rows.len(), self.n_outputs());
        let derivatives = Tensor::from_slice(derivatives, shape, &self.device)?.to_dtype(self.dtype)?;
        let outputs = self.network.forward(&self.features(features, rows)?)?;
        let gradients = (outputs * derivatives)?.sum_all()?.backward()?;
        self.write_gradient(&gradients, gradient)
    }

    fn outputs(
        &self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        mut outputs: Outputs<'_>,
    ) -> Result<(), NnError> {
        self.set(parameters)?;
        let n_outputs = self.n_outputs();
        let at_once = if self.device.is_cpu() {
            AT_ONCE
        } else {
            AT_ONCE_ON_CARD
        };
        for (index, rows) in rows.chunks(at_once).enumerate() {
            let values = self.network.forward(&self.features(features, rows)?)?.detach();
            let first = index * at_once;
            let written = first * n_outputs..(first + rows.len()) * n_outputs;
            match &mut outputs {
                Outputs::Classes(classes) => {
                    let values = flat(&values)?;
                    let classes = classes[first..].iter_mut().zip(values.chunks_exact(n_outputs));
                    for (class, values) in classes {
                        *class = best(values);
                    }
                }
                Outputs::Probabilities(all) => {
                    all[written].copy_from_slice(&flat(&softmax(&values, D::Minus1)?)?);
                }
                Outputs::Values(all) => all[written].copy_from_slice(&flat(&values)?),
            }
        }
        Ok(())
    }
}

/// The place of the largest value; of equals, the first.
fn best(values: &[f32]) -> u32 {
    let (mut best, mut largest) = (0, f32::NEG_INFINITY);
    for (class, &value) in (0..).zip(values) {
        if value > largest {
            (best, largest) = (class, value);
        }
    }
    best
}
