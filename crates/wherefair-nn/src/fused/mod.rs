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
use self::kernel::{Chunk, Level, Residual, Stage, Work};
use self::plan::{Packed, Plan};
use self::workspace::{Backward, Forward};
use crate::trainer::initial_parameters;
use crate::{
    AdamConfig, Engine, Features, Initializer, Loss, MlpShape, NnError, Outputs, ParameterTensor, Samples,
    Targets, Trainer,
};

/// Fewest samples of a chunk; a chunk is the work of one thread, and its gradient is one term of the batch's.
const MIN_CHUNK: usize = 2048;

/// Most chunks of a batch: what bounds the memory for their gradients.
const MAX_CHUNKS: usize = 64;

/// A multilayer perceptron in 32-bit floating point whose batches never leave the caches.
///
/// A tile of 128 samples runs through all layers, the loss and back to the gradient while its activations stay in the
/// nearest caches. The vector instructions of the machine are found at run time (AVX-512, AVX2 with fused multiply-add,
/// NEON, or what the compilation target always has). Batches are cut into chunks by their size alone, and the gradients
/// of chunks are added in order: on one instruction set, results are the same bits with any number of threads.
///
/// Made by [`fused_mlp`].
#[derive(Debug)]
pub struct FusedMlp {
    shape: MlpShape,
    plan: Plan,
    level: Level,
    packed: Packed,
    /// One for each thread of the pool, and one for callers outside it.
    workspaces: Workspaces,
    /// Gradients of the chunks, one after the other.
    gradients: Vec<f32>,
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
/// use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, Trainable, fused_mlp};
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
) -> Result<Trainer<FusedMlp>, NnError> {
    let engine = FusedMlp::new(shape.clone(), Level::default());
    let parameters = initial_parameters(&engine.parameter_tensors(), initializer.check()?, seed);
    Trainer::new(engine, loss, adam, parameters)
}

impl FusedMlp {
    fn new(shape: MlpShape, level: Level) -> Self {
        Self {
            plan: Plan::new(&shape, level.geometry()),
            shape,
            level,
            packed: Packed::default(),
            workspaces: Workspaces::new(),
            gradients: Vec::new(),
        }
    }

    /// The widths of the network.
    pub fn shape(&self) -> &MlpShape {
        &self.shape
    }

    /// The sums of soft Dice over the rows; the weights must be packed.
    fn dice_sums(&self, features: &[f32], rows: &[u32], labels: &[u32]) -> DiceSums {
        let chunks: Vec<_> = rows
            .par_chunks(chunk_size(rows.len()))
            .map(|rows| {
                let mut sums = DiceSums::new(self.plan.n_outputs());
                self.workspaces.with(&self.plan, |forward, _| {
                    let work = Work::DiceSums {
                        labels,
                        sums: &mut sums,
                    };
                    self.run(&self.packed, features, rows, forward, work);
                });
                sums
            })
            .collect();
        let mut sums = DiceSums::new(self.plan.n_outputs());
        for chunk in &chunks {
            sums.merge(chunk);
        }
        sums
    }

    /// Writes the gradients of the chunks to `gradients`, with the stage of each chunk; returns the sum of losses.
    fn gradients<'s>(
        &self,
        (features, rows): (&[f32], &[u32]),
        stage: impl Fn(usize) -> Stage<'s> + Sync,
        scale: f32,
        gradients: &mut [f32],
    ) -> f64 {
        let losses: Vec<f64> = rows
            .par_chunks(chunk_size(rows.len()))
            .zip(gradients.par_chunks_exact_mut(self.plan.n_parameters))
            .enumerate()
            .map(|(chunk, (rows, gradient))| {
                let stage = stage(chunk);
                self.workspaces.with(&self.plan, |forward, backward| {
                    let work = Work::Gradient {
                        stage,
                        scale,
                        backward,
                        gradient,
                    };
                    self.run(&self.packed, features, rows, forward, work)
                })
            })
            .collect();
        losses.iter().sum()
    }

    /// Writes the sum of the gradients of all chunks; returns the sum of losses. The weights must be packed.
    fn sum_of_gradients<'s>(
        &mut self,
        (features, rows): (&[f32], &[u32]),
        stage: impl Fn(usize) -> Stage<'s> + Sync,
        scale: f32,
        gradient: &mut [f32],
    ) -> f64 {
        let n_chunks = rows.len().div_ceil(chunk_size(rows.len()));
        let mut gradients = std::mem::take(&mut self.gradients);
        gradients.resize(n_chunks * self.plan.n_parameters, 0.0);
        let sum = self.gradients((features, rows), stage, scale, &mut gradients);
        add_up(&gradients, gradient);
        self.gradients = gradients;
        sum
    }

    fn run(
        &self,
        packed: &Packed,
        features: &[f32],
        rows: &[u32],
        forward: &mut Forward,
        work: Work<'_>,
    ) -> f64 {
        self.level.dispatch(Chunk {
            plan: &self.plan,
            packed,
            features,
            rows,
            forward,
            work,
        })
    }
}

/// How many samples the chunks of a batch hold: a matter of the batch alone.
fn chunk_size(n_samples: usize) -> usize {
    n_samples.div_ceil(MAX_CHUNKS).max(MIN_CHUNK)
}

impl Engine for FusedMlp {
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
    ) -> Result<f64, NnError> {
        loss.check_targets(samples)?;
        self.packed.pack_forward(&self.plan, parameters);
        self.packed.pack_backward(&self.plan, parameters);
        let features = samples.features().values();
        let (labels, values): (&[u32], &[f32]) = match samples.targets() {
            Targets::Classes { labels, .. } => (labels, &[]),
            Targets::Values { values, .. } => (&[], values),
        };
        let n_samples = rows.len() as f64;
        let n_values = n_samples * self.plan.n_outputs() as f64;
        let of_values = |kind| (Stage::Residual { values, kind }, n_values);
        let dice;
        let mut of_batch = 0.0;
        let (stage, divisor) = match *loss {
            Loss::CrossEntropy => (Stage::CrossEntropy { labels }, n_samples),
            Loss::SoftDice { smoothing } => {
                let slopes;
                (of_batch, slopes) = self.dice_sums(features, rows, labels).loss_and_slopes(smoothing);
                dice = slopes;
                (
                    Stage::Dice {
                        labels,
                        slopes: &dice,
                    },
                    1.0,
                )
            }
            Loss::MeanSquared => of_values(Residual::Squared),
            Loss::MeanAbsolute => of_values(Residual::Absolute),
            Loss::Huber { threshold } => of_values(Residual::Huber(narrowed(threshold))),
        };
        let sum = self.sum_of_gradients((features, rows), |_| stage, narrowed(1.0 / divisor), gradient);
        Ok(of_batch + sum / divisor)
    }

    fn output_gradient(
        &mut self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        derivatives: &[f32],
        gradient: &mut [f32],
    ) -> Result<(), NnError> {
        self.packed.pack_forward(&self.plan, parameters);
        self.packed.pack_backward(&self.plan, parameters);
        let size = chunk_size(rows.len()) * self.plan.n_outputs();
        let stage = |chunk: usize| Stage::Given {
            derivatives: &derivatives[chunk * size..],
        };
        self.sum_of_gradients((features.values(), rows), stage, 1.0, gradient);
        Ok(())
    }

    fn outputs(
        &self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        outputs: Outputs<'_>,
    ) -> Result<(), NnError> {
        let mut packed = Packed::default();
        packed.pack_forward(&self.plan, parameters);
        let (n_outputs, chunk) = (self.plan.n_outputs(), chunk_size(rows.len()));
        let run = |rows: &[u32], work: Work<'_>| {
            self.workspaces.with_forward(&self.plan, |forward| {
                self.run(&packed, features.values(), rows, forward, work)
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

    fn replica(&self) -> Option<Self> {
        Some(Self::new(self.shape.clone(), self.level))
    }
}

/// Numbers of a gradient that one thread adds up.
const SUM_BLOCK: usize = 1 << 14;

/// Adds the gradients of the chunks, in their order.
fn add_up(chunks: &[f32], gradient: &mut [f32]) {
    let n_parameters = gradient.len();
    gradient
        .par_chunks_mut(SUM_BLOCK)
        .enumerate()
        .for_each(|(block, sums)| {
            sums.fill(0.0);
            for chunk in chunks.chunks_exact(n_parameters) {
                for (sum, term) in sums.iter_mut().zip(&chunk[block * SUM_BLOCK..]) {
                    *sum += term;
                }
            }
        });
}

#[expect(clippy::cast_possible_truncation, reason = "to the precision of the engine")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

/// The memory of the threads.
#[derive(Debug)]
struct Workspaces {
    slots: Vec<Mutex<Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    forward: Option<Forward>,
    backward: Option<Backward>,
}

impl Workspaces {
    fn new() -> Self {
        // Threads of other pools share slots, and wait for each other where they meet.
        let n_slots = rayon::current_num_threads() + 1;
        Self {
            slots: (0..n_slots).map(|_| Mutex::default()).collect(),
        }
    }

    fn with<T>(&self, plan: &Plan, work: impl FnOnce(&mut Forward, &mut Backward) -> T) -> T {
        self.with_slot(|slot| {
            let forward = slot.forward.get_or_insert_with(|| Forward::new(plan));
            let backward = slot.backward.get_or_insert_with(|| Backward::new(plan));
            work(forward, backward)
        })
    }

    fn with_forward<T>(&self, plan: &Plan, work: impl FnOnce(&mut Forward) -> T) -> T {
        self.with_slot(|slot| work(slot.forward.get_or_insert_with(|| Forward::new(plan))))
    }

    fn with_slot<T>(&self, work: impl FnOnce(&mut Slot) -> T) -> T {
        let thread = rayon::current_thread_index().unwrap_or(usize::MAX);
        let slot = &self.slots[thread.min(self.slots.len() - 1)];
        work(&mut slot.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
