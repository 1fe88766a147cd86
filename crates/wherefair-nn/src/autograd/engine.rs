//! Candle's automatic differentiation behind the common interface.

use candle_core::backprop::GradStore;
use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use candle_nn::ops::softmax;
use wherefair_core::Seed;

use super::loss::tensor_slopes;
use super::parameters::flat;
use super::{Dual, SeededParameters, Tangents, tensor_loss};
use crate::{
    AdamConfig, Engine, Features, Initializer, Loss, Model, NnError, Outputs, ParameterTensor, Samples,
    Scalar, Targets,
};

/// A differentiable function of features, built of candle's tensors.
pub trait Network: Send + Sync + 'static {
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

    /// Outputs with their tangents, where variables change as `tangents` says: what Hessian-vector products need.
    ///
    /// [`Dual`] shows how a network is written once for this and [`forward`](Self::forward).
    ///
    /// # Errors
    /// Where a tensor computation fails; for a network that has no such method.
    fn forward_along(&self, features: &Dual, tangents: &Tangents) -> candle_core::Result<Dual> {
        let _ = (features, tangents);
        candle_core::bail!(
            "{} gives no tangents; implement `Network::forward_along` for it",
            self.description()
        )
    }
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
/// use wherefair_nn::{AdamParams, Direction, Initializer, Loss, LstmNetwork, LstmParams, autograd};
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
) -> Result<Model, NnError> {
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
) -> Result<Model, NnError> {
    let device = device.for_candle()?;
    let parameters = SeededParameters::new(initializer.check()?, seed);
    let network = build(&parameters.builder(DType::F32, &device))?;
    let engine = Autograd::new(network, &parameters, device, DType::F32);
    Model::new(engine, loss, adam, parameters.values()?)
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

    /// One tensor a variable, of the flat array `values`.
    fn tensors_of<T: Scalar>(&self, values: &[T]) -> Result<Vec<Tensor>, NnError> {
        let mut rest = values;
        let mut tensors = Vec::with_capacity(self.variables.len());
        for variable in &self.variables {
            let values;
            (values, rest) = rest.split_at(variable.elem_count());
            let tensor = Tensor::from_slice(values, variable.shape(), &self.device)?;
            tensors.push(tensor.to_dtype(self.dtype)?);
        }
        Ok(tensors)
    }

    fn set<T: Scalar>(&self, parameters: &[T]) -> Result<(), NnError> {
        for (variable, tensor) in self.variables.iter().zip(self.tensors_of(parameters)?) {
            variable.set(&tensor)?;
        }
        Ok(())
    }

    /// The rows of `values`, `(n_rows, n_columns)`.
    fn gather<T: Scalar>(&self, values: &[T], n_columns: usize, rows: &[u32]) -> Result<Tensor, NnError> {
        let mut gathered = Vec::with_capacity(rows.len() * n_columns);
        for &row in rows {
            gathered.extend_from_slice(&values[row as usize * n_columns..][..n_columns]);
        }
        Ok(Tensor::from_vec(gathered, (rows.len(), n_columns), &self.device)?.to_dtype(self.dtype)?)
    }

    fn features<T: Scalar>(&self, features: &Features<'_, T>, rows: &[u32]) -> Result<Tensor, NnError> {
        self.gather(features.values(), features.n_features(), rows)
    }

    fn targets<T: Scalar>(&self, samples: &Samples<'_, T>, rows: &[u32]) -> Result<Tensor, NnError> {
        match samples.targets() {
            Targets::Classes { labels, .. } => {
                let labels: Vec<u32> = rows.iter().map(|&row| labels[row as usize]).collect();
                Ok(Tensor::from_vec(labels, rows.len(), &self.device)?)
            }
            Targets::Values { values, n_outputs } => self.gather(values, n_outputs, rows),
        }
    }

    /// Writes the gradients by all variables, one after the other.
    fn write_gradient<T: Scalar>(&self, gradients: &GradStore, gradient: &mut [T]) -> Result<(), NnError> {
        let mut rest = gradient;
        for variable in &self.variables {
            let values;
            (values, rest) = rest.split_at_mut(variable.elem_count());
            match gradients.get(variable) {
                Some(tensor) => values.copy_from_slice(&flat(tensor)?),
                None => values.fill(T::default()),
            }
        }
        Ok(())
    }

    /// Writes the gradients of what `scalar_of` makes of the outputs, which it returns.
    fn differentiate<T: Scalar>(
        &self,
        features: Tensor,
        scalar_of: impl FnOnce(Tensor) -> candle_core::Result<Tensor>,
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> Result<Tensor, NnError> {
        let features = if by_inputs.is_some() {
            Var::from_tensor(&features)?.into_inner()
        } else {
            features
        };
        let scalar = scalar_of(self.network.forward(&features)?)?;
        let gradients = scalar.backward()?;
        if let Some(by_inputs) = by_inputs {
            match gradients.get(&features) {
                Some(tensor) => by_inputs.copy_from_slice(&flat(tensor)?),
                None => by_inputs.fill(T::default()),
            }
        }
        self.write_gradient(&gradients, gradient)?;
        Ok(scalar)
    }
}

impl<N: Network, T: Scalar> Engine<T> for Autograd<N> {
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
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> Result<f64, NnError> {
        loss.check_targets(samples)?;
        self.set(parameters)?;
        let targets = self.targets(samples, rows)?;
        let features = self.features(&samples.features(), rows)?;
        let loss_of = |outputs: Tensor| tensor_loss(loss, &outputs, &targets);
        let loss = self.differentiate(features, loss_of, gradient, by_inputs)?;
        Ok(loss.to_dtype(DType::F64)?.to_scalar()?)
    }

    fn output_gradient(
        &mut self,
        parameters: &[T],
        features: &Features<'_, T>,
        rows: &[u32],
        derivatives: &[T],
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> Result<(), NnError> {
        self.set(parameters)?;
        let shape = (rows.len(), self.network.n_outputs());
        let derivatives = Tensor::from_slice(derivatives, shape, &self.device)?.to_dtype(self.dtype)?;
        let features = self.features(features, rows)?;
        let sum_of = |outputs: Tensor| (outputs * derivatives)?.sum_all();
        self.differentiate(features, sum_of, gradient, by_inputs)?;
        Ok(())
    }

    /// With the tangent z′ of the outputs z along the vector: the gradient of Σ z′ ∂L/∂z.
    fn hessian_vector(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: &[u32],
        loss: &Loss,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), NnError> {
        loss.check_targets(samples)?;
        self.set(parameters)?;
        let variables = self.variables.iter().cloned();
        let tangents = Tangents::new(variables.zip(self.tensors_of(vector)?));
        let features = self.features(&samples.features(), rows)?;
        let outputs = self.network.forward_along(&Dual::from(&features), &tangents)?;
        let Some(along) = outputs.tangent() else {
            product.fill(T::default());
            return Ok(());
        };
        let slopes = tensor_slopes(loss, outputs.value(), &self.targets(samples, rows)?)?;
        let gradients = (slopes * along)?.sum_all()?.backward()?;
        self.write_gradient(&gradients, product)
    }

    fn outputs(
        &self,
        parameters: &[T],
        features: &Features<'_, T>,
        rows: &[u32],
        mut outputs: Outputs<'_, T>,
    ) -> Result<(), NnError> {
        self.set(parameters)?;
        let n_outputs = self.network.n_outputs();
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
                    let values = flat::<T>(&values)?;
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
fn best<T: Scalar>(values: &[T]) -> u32 {
    let (mut best, mut largest) = (0, f64::NEG_INFINITY);
    for (class, value) in (0..).zip(values) {
        if value.widened() > largest {
            (best, largest) = (class, value.widened());
        }
    }
    best
}
