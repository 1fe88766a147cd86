//! The engine for graphics cards: what each loss asks of the kernels.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use wherefair_core::{ParamError, narrowed};

use super::plan::{Kind, Places, Plan, Stage};
use crate::fused::DiceSums;
use crate::{Engine, Features, Loss, MlpShape, NnError, Outputs, ParameterTensor, Samples, Targets};

/// Which samples a kernel works on, and with which parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// `(n_parameters,)`.
    pub(super) parameters: &'a [f32],
    pub(super) features: Features<'a>,
    pub(super) places: &'a Places,
    /// How many samples these are.
    pub(super) size: u32,
    /// Blocks that share the work.
    pub(super) n_blocks: u32,
}

/// What a gradient is to be taken of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Truth<'a> {
    pub(super) stage: Stage,
    pub(super) targets: TargetsOf<'a>,
    /// Soft Dice: slopes everywhere, then those in addition where a class is true, `(2, n_outputs)`.
    pub(super) slopes: &'a [f32],
    /// What a sample counts in the derivatives.
    pub(super) scale: f32,
    /// Huber's.
    pub(super) threshold: f32,
}

/// Where targets are.
#[derive(Debug, Clone, Copy)]
pub(super) enum TargetsOf<'a> {
    /// Those of the samples that the features belong to, in their order.
    Samples(Targets<'a>),
    /// Derivatives by the outputs in the order of the batch, `(n_rows, n_outputs)`.
    Batch(&'a [f32]),
}

const BY_INPUTS: &str = "derivatives by the features";

/// The kernels of one network, wherever they run.
pub(super) trait Kernels: Debug + Send {
    /// The gradient of the batch and behind it the sum of its losses, `(n_parameters + 1,)`.
    fn gradient(&mut self, call: &Call<'_>, truth: &Truth<'_>) -> Result<Vec<f32>, NnError>;

    /// Σ ŷ y, Σ ŷ and Σ y of each class, `(3, n_outputs)`.
    fn dice_sums(&mut self, call: &Call<'_>, labels: Targets<'_>) -> Result<Vec<f32>, NnError>;

    /// Writes classes.
    fn classes(&mut self, call: &Call<'_>, classes: &mut [u32]) -> Result<(), NnError>;

    /// Writes probabilities or values.
    fn values(&mut self, call: &Call<'_>, kind: Kind, values: &mut [f32]) -> Result<(), NnError>;
}

/// A multilayer perceptron in 32-bit floating point on a graphics card.
///
/// One kernel, compiled for the network when the engine is made, takes a tile of samples through all layers, the loss
/// and back to the gradient; a second one adds the partial gradients of the blocks up in their order, without atomic
/// operations: on one kind of card, results are the same bits every time. Samples are copied to the card at their first
/// use and stay there; of a batch only its runs of rows (shuffled, its rows) are sent.
///
/// Optimiser and parameters stay in the memory of the host: they are a few kilobytes, which every step checks for
/// divergence and checkpoints read, so that a step costs one short transfer each way.
///
/// Made by [`mlp`](crate::mlp) for [`Device::Cuda`](crate::Device::Cuda).
#[derive(Debug)]
pub struct CudaMlp {
    shape: MlpShape,
    plan: Plan,
    kernels: Mutex<Box<dyn Kernels>>,
}

impl CudaMlp {
    pub(super) fn new(shape: MlpShape, plan: Plan, kernels: Box<dyn Kernels>) -> Self {
        Self {
            shape,
            plan,
            kernels: Mutex::new(kernels),
        }
    }

    /// The widths of the network.
    pub fn shape(&self) -> &MlpShape {
        &self.shape
    }

    fn not_computed(&self, what: &'static str) -> NnError {
        NnError::NotComputed {
            engine: "the engine for graphics cards",
            what,
            network: self.shape.description(),
            instead: "the fused engine of the processor",
        }
    }

    fn with<T>(
        &self,
        (parameters, features, rows): (&[f32], Features<'_>, &[u32]),
        work: impl FnOnce(&mut dyn Kernels, &Call<'_>) -> Result<T, NnError>,
    ) -> Result<T, NnError> {
        let too_many = |_| ParamError::new("batch_size", rows.len(), "fewer than 2^31 on a graphics card");
        let size = i32::try_from(rows.len()).map_err(too_many)?.unsigned_abs();
        let n_blocks = u32::try_from(self.plan.n_blocks(rows.len())).unwrap_or(u32::MAX);
        let places = Places::of(rows);
        let call = Call {
            parameters,
            features,
            places: &places,
            size,
            n_blocks,
        };
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        work(kernels.as_mut(), &call)
    }
}

impl Engine for CudaMlp {
    fn description(&self) -> String {
        self.shape.description()
    }

    fn parameter_tensors(&self) -> Vec<ParameterTensor> {
        self.shape.parameter_tensors()
    }

    fn n_features(&self) -> usize {
        self.plan.n_features()
    }

    fn n_outputs(&self) -> usize {
        self.plan.n_outputs()
    }

    fn gradient(
        &mut self,
        parameters: &[f32],
        samples: &Samples<'_>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [f32],
        by_inputs: Option<&mut [f32]>,
    ) -> Result<f64, NnError> {
        if by_inputs.is_some() {
            return Err(self.not_computed(BY_INPUTS));
        }
        loss.check_targets(samples)?;
        let of_samples = (parameters, samples.features(), rows);
        let targets = samples.targets();
        let n_samples = rows.len() as f64;
        let n_values = n_samples * self.plan.n_outputs() as f64;
        let mut slopes = Vec::new();
        let mut threshold = 0.0;
        let mut of_batch = 0.0;
        let (stage, divisor) = match *loss {
            Loss::CrossEntropy => (Stage::CrossEntropy, n_samples),
            Loss::SoftDice { smoothing } => {
                let sums = self.with(of_samples, |kernels, call| kernels.dice_sums(call, targets))?;
                (of_batch, slopes) = loss_and_slopes(&sums, smoothing);
                (Stage::Dice, 1.0)
            }
            Loss::MeanSquared => (Stage::Squared, n_values),
            Loss::MeanAbsolute => (Stage::Absolute, n_values),
            Loss::Huber { threshold: given } => {
                threshold = narrowed(given);
                (Stage::Huber, n_values)
            }
        };
        let truth = Truth {
            stage,
            targets: TargetsOf::Samples(targets),
            slopes: &slopes,
            scale: narrowed(1.0 / divisor),
            threshold,
        };
        let sums = self.with(of_samples, |kernels, call| kernels.gradient(call, &truth))?;
        let (sums, of_samples) = sums.split_at(gradient.len());
        gradient.copy_from_slice(sums);
        Ok(of_batch + f64::from(of_samples[0]) / divisor)
    }

    fn output_gradient(
        &mut self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        derivatives: &[f32],
        gradient: &mut [f32],
        by_inputs: Option<&mut [f32]>,
    ) -> Result<(), NnError> {
        if by_inputs.is_some() {
            return Err(self.not_computed(BY_INPUTS));
        }
        let truth = Truth {
            stage: Stage::Given,
            targets: TargetsOf::Batch(derivatives),
            slopes: &[],
            scale: 1.0,
            threshold: 0.0,
        };
        let sums = self.with((parameters, *features, rows), |kernels, call| {
            kernels.gradient(call, &truth)
        })?;
        gradient.copy_from_slice(&sums[..gradient.len()]);
        Ok(())
    }

    fn hessian_vector(
        &mut self,
        _: &[f32],
        _: &Samples<'_>,
        _: &[u32],
        _: &Loss,
        _: &[f32],
        _: &mut [f32],
    ) -> Result<(), NnError> {
        Err(self.not_computed("products with second derivatives"))
    }

    fn outputs(
        &self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        outputs: Outputs<'_>,
    ) -> Result<(), NnError> {
        self.with((parameters, *features, rows), |kernels, call| match outputs {
            Outputs::Classes(classes) => kernels.classes(call, classes),
            Outputs::Probabilities(values) => kernels.values(call, Kind::Probabilities, values),
            Outputs::Values(values) => kernels.values(call, Kind::Values, values),
        })
    }
}

/// Soft Dice of a batch, and its slopes as the kernel takes them.
fn loss_and_slopes(sums: &[f32], smoothing: f64) -> (f64, Vec<f32>) {
    let mut of_classes = sums
        .chunks_exact(sums.len() / 3)
        .map(|row| row.iter().map(|&sum| f64::from(sum)).collect());
    let mut next = || of_classes.next().unwrap_or_default();
    let sums = DiceSums {
        overlap: next(),
        predicted: next(),
        support: next(),
    };
    let (loss, slopes) = sums.loss_and_slopes::<f32>(smoothing);
    (loss, [slopes.everywhere, slopes.where_true].concat())
}
