//! The fused engine: forward, loss and gradient of a tile of samples in one pass through the caches.

mod kernel;
mod plan;
#[cfg(test)]
mod tests;
mod workspace;

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use wherefair_core::Seed;

pub(crate) use self::kernel::DiceSums;
pub(crate) use self::kernel::Lanes;
use self::kernel::{Along, AlongWork, Chunk, DiceSlopes, Level, Residual, Stage, Work};
use self::plan::{Packed, Plan};
use self::workspace::{Backward, Forward, Tangent};
use crate::model::initial_parameters;
use crate::{
    AdamConfig, Engine, Features, Initializer, Loss, MlpShape, Model, NnError, Outputs, ParameterTensor,
    Samples, Scalar, Targets,
};

/// Fewest samples of a chunk; a chunk is the work of one thread, and its gradient is one term of the batch's.
const MIN_CHUNK: usize = 2048;

/// Most chunks of a batch: what bounds the memory for their gradients.
const MAX_CHUNKS: usize = 64;

/// A multilayer perceptron in 32- or 64-bit floating point whose batches never leave the caches.
///
/// A tile of 128 samples (64 in 64 bits) runs through all layers, the loss and back to the gradient while its activations
/// stay in the nearest caches. The vector instructions of the machine are found at run time (AVX-512, AVX2 with fused
/// multiply-add, NEON, or what the compilation target always has). Batches are cut into chunks by their size alone, and the
/// gradients of chunks are added in order: on one instruction set, results are the same bits with any number of threads.
///
/// [`fused_mlp`] makes a model of it.
///
/// # Examples
/// ```
/// use wherefair_nn::{Activation, Engine, FusedMlp, Loss, MlpShape, Samples};
///
/// let shape = MlpShape::new(1, &[2], 1)?.with_activation(Activation::Tanh);
/// let mut engine = FusedMlp::<f64>::new(&shape);
/// let samples = Samples::values(&[0.1, 0.4], 1, &[1.0, 2.0], 1)?;
/// let (parameters, vector) = ([0.5; 7], [1.0; 7]);
/// let (mut gradient, mut by_inputs, mut product) = ([0.0; 7], [0.0; 2], [0.0; 7]);
/// let (rows, loss) = ([0, 1], Loss::MeanSquared);
/// engine.gradient(&parameters, &samples, &rows, &loss, &mut gradient, Some(&mut by_inputs))?;
/// engine.hessian_vector(&parameters, &samples, &rows, &loss, &vector, &mut product)?;
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
#[derive(Debug)]
pub struct FusedMlp<T: Scalar = f32> {
    shape: MlpShape,
    plan: Plan,
    level: Level,
    packed: Packed<T>,
    /// The direction of a product with second derivatives.
    direction: Packed<T>,
    /// One for each thread of the pool, and one for callers outside it.
    workspaces: Workspaces<T>,
    /// Gradients of the chunks, one after the other.
    gradients: Vec<T>,
}

/// A multilayer perceptron on the fused engine, ready to train; each tensor is drawn from the stream of its path
/// (`layers.0.weight`, …).
///
/// # Errors
/// [`NnError::Param`] for a loss or an initialiser outside its domain.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, fused_mlp};
///
/// let shape = MlpShape::spad(23)?;
/// let adam = AdamParams::default().check()?;
/// let network = fused_mlp(&shape, Initializer::SPAD, Loss::CrossEntropy, adam, Seed::new(1))?;
/// assert_eq!(network.parameters().len(), 1_023);
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
pub fn fused_mlp(
    shape: &MlpShape,
    initializer: Initializer,
    loss: Loss,
    adam: AdamConfig,
    seed: Seed,
) -> Result<Model, NnError> {
    let engine = FusedMlp::<f32>::new(shape);
    let parameters = initial_parameters(&engine.parameter_tensors(), initializer.check()?, seed);
    Model::new(engine, loss, adam, parameters)
}

impl<T: Scalar> FusedMlp<T> {
    /// An engine for networks of this shape, on the widest vector instructions of the machine.
    pub fn new(shape: &MlpShape) -> Self {
        Self::with_level(shape, Level::default())
    }

    fn with_level(shape: &MlpShape, level: Level) -> Self {
        Self {
            plan: Plan::new(shape, level.geometry::<T>()),
            shape: shape.clone(),
            level,
            packed: Packed::default(),
            direction: Packed::default(),
            workspaces: Workspaces::new(),
            gradients: Vec::new(),
        }
    }

    /// The widths of the network and its activation.
    pub fn shape(&self) -> &MlpShape {
        &self.shape
    }

    /// The sums of soft Dice over the rows, and how they change in the packed direction where `is_along`; the weights
    /// must be packed.
    fn dice_sums(&self, features: &[T], rows: &[u32], labels: &[u32], is_along: bool) -> [DiceSums; 2] {
        let none = || [(); 2].map(|()| DiceSums::new(self.plan.n_outputs()));
        let chunks: Vec<_> = rows
            .par_chunks(chunk_size(rows.len()))
            .map(|rows| {
                let [mut sums, mut along] = none();
                self.workspaces.with_slot(|slot| {
                    if is_along {
                        let (sums, along) = (&mut sums, &mut along);
                        let work = AlongWork::DiceSums { labels, sums, along };
                        let (forward, _, tangent) = slot.all(&self.plan);
                        self.run_along((features, rows), forward, tangent, work);
                    } else {
                        let sums = &mut sums;
                        let work = Work::DiceSums { labels, sums };
                        self.run(&self.packed, (features, rows), slot.forward(&self.plan), work);
                    }
                });
                [sums, along]
            })
            .collect();
        let mut total = none();
        for chunk in &chunks {
            for (total, sums) in total.iter_mut().zip(chunk) {
                total.merge(sums);
            }
        }
        total
    }

    /// Writes the sum of the gradients of all chunks, with the stage of each; returns the sum of losses. The weights must
    /// be packed.
    fn sum_of_gradients<'s>(
        &mut self,
        (features, rows): (&[T], &[u32]),
        stage: impl Fn(usize) -> Stage<'s, T> + Sync,
        scale: T,
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> f64 {
        let size = chunk_size(rows.len());
        let n_chunks = rows.len().div_ceil(size);
        let by_inputs: Vec<Option<&mut [T]>> = match by_inputs {
            Some(all) => all.chunks_mut(size * self.plan.n_features()).map(Some).collect(),
            None => (0..n_chunks).map(|_| None).collect(),
        };
        let mut gradients = std::mem::take(&mut self.gradients);
        gradients.resize(n_chunks * self.plan.n_parameters, T::default());
        let losses: Vec<f64> = rows
            .par_chunks(size)
            .zip(gradients.par_chunks_exact_mut(self.plan.n_parameters))
            .zip(by_inputs)
            .enumerate()
            .map(|(chunk, ((rows, gradient), by_inputs))| {
                let stage = stage(chunk);
                self.workspaces.with_slot(|slot| {
                    let (forward, backward, _) = slot.all(&self.plan);
                    let work = Work::Gradient {
                        stage,
                        scale,
                        backward,
                        gradient,
                        by_inputs,
                    };
                    self.run(&self.packed, (features, rows), forward, work)
                })
            })
            .collect();
        add_up(&gradients, gradient);
        self.gradients = gradients;
        losses.iter().sum()
    }

    fn run(
        &self,
        packed: &Packed<T>,
        (features, rows): (&[T], &[u32]),
        forward: &mut Forward<T>,
        work: Work<'_, T>,
    ) -> f64 {
        let chunk = Chunk {
            plan: &self.plan,
            packed,
            features,
            rows,
            forward,
            work,
        };
        T::run(self.level, chunk)
    }

    fn run_along(
        &self,
        (features, rows): (&[T], &[u32]),
        forward: &mut Forward<T>,
        tangent: &mut Tangent<T>,
        work: AlongWork<'_, T>,
    ) {
        let chunk = Along {
            plan: &self.plan,
            packed: &self.packed,
            direction: &self.direction,
            features,
            rows,
            forward,
            tangent,
            work,
        };
        T::run_along(self.level, chunk);
    }
}

/// How many samples the chunks of a batch hold: a matter of the batch alone.
fn chunk_size(n_samples: usize) -> usize {
    n_samples.div_ceil(MAX_CHUNKS).max(MIN_CHUNK)
}

/// What single samples need of a loss that is no sum over samples, and of any other; with what one sample counts.
fn stage_of<'a, T: Scalar>(
    loss: &Loss,
    samples: &Samples<'a, T>,
    (n_rows, n_outputs): (usize, usize),
    slopes: &'a DiceSlopes<T>,
) -> (Stage<'a, T>, f64) {
    let (labels, values): (&[u32], &[T]) = match samples.targets() {
        Targets::Classes { labels, .. } => (labels, &[]),
        Targets::Values { values, .. } => (&[], values),
    };
    let n_samples = n_rows as f64;
    let of_values = |kind| (Stage::Residual { values, kind }, n_samples * n_outputs as f64);
    match *loss {
        Loss::CrossEntropy => (Stage::CrossEntropy { labels }, n_samples),
        Loss::SoftDice { .. } => (Stage::Dice { labels, slopes }, 1.0),
        Loss::MeanSquared => of_values(Residual::Squared),
        Loss::MeanAbsolute => of_values(Residual::Absolute),
        Loss::Huber { threshold } => of_values(Residual::Huber(T::narrowed(threshold))),
    }
}

impl<T: Scalar> Engine<T> for FusedMlp<T> {
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
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [T],
        by_inputs: Option<&mut [T]>,
    ) -> Result<f64, NnError> {
        loss.check_targets(samples)?;
        self.packed.pack(&self.plan, parameters);
        let features = samples.features().values();
        let mut of_batch = 0.0;
        let mut slopes = DiceSlopes::default();
        if let (Loss::SoftDice { smoothing }, Targets::Classes { labels, .. }) = (loss, samples.targets()) {
            let [sums, _] = self.dice_sums(features, rows, labels, false);
            (of_batch, slopes) = sums.loss_and_slopes(*smoothing);
        }
        let (stage, divisor) = stage_of(loss, samples, (rows.len(), self.plan.n_outputs()), &slopes);
        let scale = T::narrowed(1.0 / divisor);
        let sum = self.sum_of_gradients((features, rows), |_| stage, scale, gradient, by_inputs);
        Ok(of_batch + sum / divisor)
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
        self.packed.pack(&self.plan, parameters);
        let size = chunk_size(rows.len()) * self.plan.n_outputs();
        let stage = |chunk: usize| Stage::Given {
            derivatives: &derivatives[chunk * size..],
        };
        let (batch, one) = ((features.values(), rows), T::narrowed(1.0));
        self.sum_of_gradients(batch, stage, one, gradient, by_inputs);
        Ok(())
    }

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
        self.packed.pack(&self.plan, parameters);
        self.direction.pack(&self.plan, vector);
        let features = samples.features().values();
        let [mut slopes, mut slopes_along] = [(); 2].map(|()| DiceSlopes::default());
        if let (Loss::SoftDice { smoothing }, Targets::Classes { labels, .. }) = (loss, samples.targets()) {
            let [sums, along] = self.dice_sums(features, rows, labels, true);
            (_, slopes) = sums.loss_and_slopes(*smoothing);
            slopes_along = sums.slopes_along(&along, *smoothing);
        }
        let (stage, divisor) = stage_of(loss, samples, (rows.len(), self.plan.n_outputs()), &slopes);
        let n_chunks = rows.len().div_ceil(chunk_size(rows.len()));
        let mut products = std::mem::take(&mut self.gradients);
        products.resize(n_chunks * self.plan.n_parameters, T::default());
        rows.par_chunks(chunk_size(rows.len()))
            .zip(products.par_chunks_exact_mut(self.plan.n_parameters))
            .for_each(|(rows, product)| {
                self.workspaces.with_slot(|slot| {
                    let (forward, backward, tangent) = slot.all(&self.plan);
                    let work = AlongWork::Product {
                        stage,
                        slopes_along: &slopes_along,
                        backward,
                        product,
                    };
                    self.run_along((features, rows), forward, tangent, work);
                });
            });
        add_up(&products, product);
        self.gradients = products;
        let scale = T::narrowed(1.0 / divisor);
        for value in product {
            *value *= scale;
        }
        Ok(())
    }

    fn outputs(
        &self,
        parameters: &[T],
        features: &Features<'_, T>,
        rows: &[u32],
        outputs: Outputs<'_, T>,
    ) -> Result<(), NnError> {
        let mut packed = Packed::default();
        packed.pack_forward(&self.plan, parameters);
        let (n_outputs, chunk) = (self.plan.n_outputs(), chunk_size(rows.len()));
        let run = |rows: &[u32], work: Work<'_, T>| {
            self.workspaces.with_slot(|slot| {
                let batch = (features.values(), rows);
                self.run(&packed, batch, slot.forward(&self.plan), work)
            });
        };
        let rows = rows.par_chunks(chunk);
        match outputs {
            Outputs::Classes(classes) => rows
                .zip(classes.par_chunks_mut(chunk))
                .for_each(|(rows, classes)| run(rows, Work::Classes(classes))),
            Outputs::Values(values) => rows
                .zip(values.par_chunks_mut(chunk * n_outputs))
                .for_each(|(rows, values)| run(rows, Work::Values(values))),
            Outputs::Probabilities(values) => rows
                .zip(values.par_chunks_mut(chunk * n_outputs))
                .for_each(|(rows, values)| run(rows, Work::Probabilities(values))),
        }
        Ok(())
    }

    fn replica(&self) -> Option<Box<dyn Engine<T>>> {
        Some(Box::new(Self::with_level(&self.shape, self.level)))
    }
}

/// Numbers of a gradient that one thread adds up.
const SUM_BLOCK: usize = 1 << 14;

/// Adds the gradients of the chunks, in their order.
fn add_up<T: Scalar>(chunks: &[T], gradient: &mut [T]) {
    let n_parameters = gradient.len();
    gradient
        .par_chunks_mut(SUM_BLOCK)
        .enumerate()
        .for_each(|(block, sums)| {
            sums.fill(T::default());
            for chunk in chunks.chunks_exact(n_parameters) {
                for (sum, term) in sums.iter_mut().zip(&chunk[block * SUM_BLOCK..]) {
                    *sum += *term;
                }
            }
        });
}

/// The memory of the threads.
#[derive(Debug)]
struct Workspaces<T> {
    slots: Vec<Mutex<Slot<T>>>,
}

#[derive(Debug, Default)]
struct Slot<T> {
    forward: Option<Forward<T>>,
    backward: Option<Backward<T>>,
    tangent: Option<Tangent<T>>,
}

impl<T: Lanes> Slot<T> {
    fn forward(&mut self, plan: &Plan) -> &mut Forward<T> {
        self.forward.get_or_insert_with(|| Forward::new(plan))
    }

    fn all(&mut self, plan: &Plan) -> (&mut Forward<T>, &mut Backward<T>, &mut Tangent<T>) {
        (
            self.forward.get_or_insert_with(|| Forward::new(plan)),
            self.backward.get_or_insert_with(|| Backward::new(plan)),
            self.tangent.get_or_insert_with(|| Tangent::new(plan)),
        )
    }
}

impl<T: Lanes> Workspaces<T> {
    fn new() -> Self {
        // Threads of other pools share slots, and wait for each other where they meet.
        let n_slots = rayon::current_num_threads() + 1;
        Self {
            slots: (0..n_slots).map(|_| Mutex::default()).collect(),
        }
    }

    fn with_slot<R>(&self, work: impl FnOnce(&mut Slot<T>) -> R) -> R {
        let thread = rayon::current_thread_index().unwrap_or(usize::MAX);
        let slot = &self.slots[thread.min(self.slots.len() - 1)];
        work(&mut slot.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
