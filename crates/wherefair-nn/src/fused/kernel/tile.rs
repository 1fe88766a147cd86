//! The way of a chunk of samples through the network, tile by tile.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::bend::Bend;
use super::dense::{Finish, Layer, Start};
use super::dice::{DiceSlopes, DiceSums};
use super::lanes::Lanes;
use super::level::MAX_PANEL;
use super::math::Tanh;
use super::residual::Residual;
use super::softmax::Rows;
use super::turn::{load, load_in_order, to_samples};
use super::{dice, level, outer, residual, softmax};
use crate::Activation;
use crate::fused::plan::{self, Packed, Plan};
use crate::fused::workspace::{Backward, Buffer, Forward};

/// Samples that one thread works on, and with what.
#[derive(Debug)]
pub struct Chunk<'a, T> {
    pub(in crate::fused) plan: &'a Plan,
    pub(in crate::fused) packed: &'a Packed<T>,
    /// `(n_samples, n_features)`.
    pub(in crate::fused) features: &'a [T],
    /// Which samples.
    pub(in crate::fused) rows: &'a [u32],
    pub(in crate::fused) forward: &'a mut Forward<T>,
    pub(in crate::fused) work: Work<'a, T>,
}

/// What is done with the outputs of a chunk.
#[derive(Debug)]
pub(in crate::fused) enum Work<'a, T> {
    /// The gradient of the loss is written to `gradient`.
    Gradient {
        stage: Stage<'a, T>,
        /// What one sample counts in the derivatives.
        scale: T,
        backward: &'a mut Backward<T>,
        gradient: &'a mut [T],
        /// The derivatives by the features of the samples, `(n_samples, n_features)`, where they are asked for.
        by_inputs: Option<&'a mut [T]>,
    },
    /// The sums of soft Dice are added up.
    DiceSums {
        labels: &'a [u32],
        sums: &'a mut DiceSums,
    },
    /// The class of the largest output is written for each sample.
    Classes(&'a mut [u32]),
    /// The outputs are written, `(n_samples, n_outputs)`.
    Values(&'a mut [T]),
    /// The softmax of the outputs is written, `(n_samples, n_outputs)`.
    Probabilities(&'a mut [T]),
}

/// A loss, ready for single samples. Labels and values are those of the whole data, in the order of the features.
#[derive(Debug, Clone, Copy)]
pub(in crate::fused) enum Stage<'a, T> {
    CrossEntropy {
        labels: &'a [u32],
    },
    Dice {
        labels: &'a [u32],
        slopes: &'a DiceSlopes<T>,
    },
    Residual {
        values: &'a [T],
        kind: Residual<T>,
    },
    /// Derivatives by the outputs that the caller knows: those of the samples of the chunk, in their order.
    Given {
        derivatives: &'a [T],
    },
}

impl<T: Lanes> WithSimd for Chunk<'_, T> {
    /// The sum of the losses of the samples, unscaled.
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        if const { level::vectors::<S>() == 4 } {
            run::<T, S, 4>(simd, self)
        } else {
            run::<T, S, 2>(simd, self)
        }
    }
}

#[inline(always)]
fn run<T: Lanes, S: Simd, const NV: usize>(simd: S, chunk: Chunk<'_, T>) -> f64 {
    let Chunk {
        plan,
        packed,
        features,
        rows,
        forward,
        mut work,
    } = chunk;
    let panel = NV * T::lanes::<S>();
    let mut loss = 0.0;
    if let Work::Gradient { backward, .. } = &mut work {
        backward.clear();
    }
    let mut n_done = 0;
    for rows in rows.chunks(plan.tile()) {
        let n_panels = rows.len().div_ceil(panel);
        ahead::<T, S, NV>(simd, plan, packed, features, rows, forward);
        loss += outputs::<T, S, NV>(simd, plan.n_outputs(), rows, n_done, forward, &mut work);
        if let Work::Gradient {
            backward, by_inputs, ..
        } = &mut work
        {
            let n_features = plan.n_features();
            let by_inputs = by_inputs
                .as_mut()
                .map(|all| &mut all[n_done * n_features..(n_done + rows.len()) * n_features]);
            back::<T, S, NV>(simd, plan, packed, n_panels, forward, backward, by_inputs);
        }
        n_done += rows.len();
    }
    if let Work::Gradient {
        backward, gradient, ..
    } = work
    {
        reduce::<T, S>(simd, plan, backward, gradient);
    }
    loss
}

/// The activations of a tile.
#[inline(always)]
pub(super) fn ahead<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    plan: &Plan,
    packed: &Packed<T>,
    features: &[T],
    rows: &[u32],
    forward: &mut Forward<T>,
) {
    let panel = NV * T::lanes::<S>();
    let n_panels = rows.len().div_ceil(panel);
    load(
        plan.n_features(),
        panel,
        features,
        rows,
        forward.activations[0].get_mut(),
    );
    for (index, spec) in plan.layers.iter().enumerate() {
        let (before, after) = forward.activations.split_at_mut(index + 1);
        let is_hidden = index + 1 < plan.layers.len();
        let output = &mut after[0].get_mut()[..n_panels * panel * spec.n_out];
        simd.vectorize(Layer::<_, NV> {
            packed: &packed.forward[spec.forward..],
            start: Start::Biases,
            sizes: spec.sizes(),
            input: &before[index].get()[..n_panels * panel * spec.n_in],
            output: &mut *output,
            finish: if is_hidden && plan.activation == Activation::Relu {
                Finish::Relu
            } else {
                Finish::Linear
            },
        });
        if is_hidden && plan.activation == Activation::Tanh {
            simd.vectorize(Tanh(output));
        }
    }
}

/// Writes the running sums of all layers as one flat gradient.
#[inline(always)]
pub(super) fn reduce<T: Lanes, S: Simd>(simd: S, plan: &Plan, backward: &Backward<T>, gradient: &mut [T]) {
    for (spec, sums) in plan.layers.iter().zip(&backward.sums) {
        let (weights, biases) = gradient[spec.weights..spec.end()].split_at_mut(spec.n_in * spec.n_out);
        outer::reduce_biases(simd, sums.biases.get(), biases);
        if spec.is_narrow() {
            outer::reduce_narrow(simd, spec.sizes(), sums.weights.get(), weights);
        } else {
            let rows = sums.weights.get().chunks_exact(spec.stride(T::lanes::<S>()));
            for (row, sums) in weights.chunks_exact_mut(spec.n_in).zip(rows) {
                row.copy_from_slice(&sums[..spec.n_in]);
            }
        }
    }
}

/// Does the work that begins at the outputs; leaves derivatives by them in `forward.delta`.
#[inline(always)]
fn outputs<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    n_outputs: usize,
    rows: &[u32],
    n_done: usize,
    forward: &mut Forward<T>,
    work: &mut Work<'_, T>,
) -> f64 {
    let panel = NV * T::lanes::<S>();
    let count = match work {
        Work::Gradient {
            stage: Stage::CrossEntropy { .. } | Stage::Residual { .. },
            scale,
            ..
        } => *scale,
        _ => T::narrowed(1.0),
    };
    let Some(z) = forward.activations.last() else {
        return 0.0;
    };
    let mut labels_of_panel = [0_u32; MAX_PANEL];
    let counts = forward.counts.get_mut();
    counts.fill(count);
    let mut loss = 0.0;
    let panels = z.get().chunks_exact(n_outputs * panel);
    let deltas = forward.delta.get_mut().chunks_exact_mut(n_outputs * panel);
    for (index, (rows, (z, delta))) in rows.chunks(panel).zip(panels.zip(deltas)).enumerate() {
        if rows.len() < panel {
            counts[rows.len()..].fill(T::default());
        }
        let mut sums = Rows {
            counts,
            largest: forward.largest.get_mut(),
            sums: forward.sums.get_mut(),
        };
        let mut of_rows = |labels: &[u32]| {
            for (label, &row) in labels_of_panel.iter_mut().zip(rows) {
                *label = labels[row as usize];
            }
        };
        let first = n_done + index * panel;
        let written = first * n_outputs..(first + rows.len()) * n_outputs;
        match work {
            Work::Gradient { stage, .. } => match *stage {
                Stage::CrossEntropy { labels } => {
                    of_rows(labels);
                    let labels = &labels_of_panel[..rows.len()];
                    loss += softmax::cross_entropy::<T, S, NV>(simd, z, delta, labels, &mut sums);
                }
                Stage::Dice { labels, slopes } => {
                    of_rows(labels);
                    let labels = &labels_of_panel[..rows.len()];
                    dice::derivatives::<T, S, NV>(simd, z, delta, labels, slopes, &mut sums);
                }
                Stage::Residual { values, kind } => {
                    load(n_outputs, panel, values, rows, delta);
                    loss += residual::derivatives::<T, S, NV>(simd, kind, z, delta, sums.counts);
                }
                Stage::Given { derivatives } => {
                    load_in_order(n_outputs, panel, &derivatives[written.clone()], delta);
                }
            },
            Work::DiceSums { labels, sums: total } => {
                of_rows(labels);
                let labels = &labels_of_panel[..rows.len()];
                dice::add::<T, S, NV>(simd, z, delta, labels, &mut sums, total);
            }
            Work::Classes(classes) => {
                softmax::best_classes::<T, S, NV>(
                    simd,
                    z,
                    &mut sums,
                    &mut classes[first..first + rows.len()],
                );
            }
            Work::Values(values) => write(panel, n_outputs, z, &mut values[written]),
            Work::Probabilities(values) => {
                softmax::terms::<T, S, NV>(simd, z, delta, &mut sums);
                softmax::normalise::<T, S, NV>(simd, delta, &sums);
                write(panel, n_outputs, delta, &mut values[written]);
            }
        }
    }
    loss
}

/// Turns a panel to rows `(n_samples, n_outputs)`.
#[inline(always)]
pub(super) fn write<T: Copy>(panel: usize, n_outputs: usize, values: &[T], rows: &mut [T]) {
    for (s, row) in rows.chunks_exact_mut(n_outputs).enumerate() {
        for (value, column) in row.iter_mut().zip(values.chunks_exact(panel)) {
            *value = column[s];
        }
    }
}

/// Adds the gradients of a tile, from the derivatives by the outputs back to the first layer, and to its inputs.
#[inline(always)]
fn back<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    plan: &Plan,
    packed: &Packed<T>,
    n_panels: usize,
    forward: &mut Forward<T>,
    backward: &mut Backward<T>,
    by_inputs: Option<&mut [T]>,
) {
    let n_samples = n_panels * NV * T::lanes::<S>();
    for (index, spec) in plan.layers.iter().enumerate().rev() {
        let sums = &mut backward.sums[index];
        let delta = &forward.delta.get()[..n_samples * spec.n_out];
        let input = &forward.activations[index].get()[..n_samples * spec.n_in];
        outer::biases::<T, S, NV>(simd, spec.n_out, delta, sums.biases.get_mut());
        products::<T, S, NV>(simd, spec, delta, input, &mut backward.samples, &mut sums.weights);
        if index > 0 || by_inputs.is_some() {
            let output = &mut backward.delta.get_mut()[..n_samples * spec.n_in];
            simd.vectorize(Layer::<_, NV> {
                packed: &packed.backward[spec.backward..],
                start: Start::Zero,
                sizes: (spec.n_out, spec.n_in),
                input: delta,
                output: &mut *output,
                finish: if index > 0 && plan.activation == Activation::Relu {
                    Finish::Gate(input)
                } else {
                    Finish::Linear
                },
            });
            if index > 0 && plan.activation == Activation::Tanh {
                simd.vectorize(Bend(input, output));
            }
            std::mem::swap(&mut forward.delta, &mut backward.delta);
        }
    }
    if let Some(by_inputs) = by_inputs {
        let (panel, n_features) = (NV * T::lanes::<S>(), plan.n_features());
        let panels = forward.delta.get().chunks_exact(panel * n_features);
        for (rows, values) in by_inputs.chunks_mut(panel * n_features).zip(panels) {
            write(panel, n_features, values, rows);
        }
    }
}

/// Adds Σ δ aᵀ of a tile to the running sums of the weights of a layer.
#[inline(always)]
pub(super) fn products<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    spec: &plan::Layer,
    delta: &[T],
    input: &[T],
    samples: &mut Buffer<T>,
    sums: &mut Buffer<T>,
) {
    if spec.is_narrow() {
        let sums = sums.get_mut();
        simd.vectorize(Products::<T, NV, false> {
            spec,
            delta,
            input,
            sums,
        });
        return;
    }
    let stride = spec.stride(T::lanes::<S>());
    let samples = &mut samples.get_mut()[..input.len() / spec.n_in * stride];
    to_samples(spec.n_in, NV * T::lanes::<S>(), stride, input, samples);
    simd.vectorize(Products::<T, NV, true> {
        spec,
        delta,
        input: samples,
        sums: sums.get_mut(),
    });
}

/// As an operation of its own, one for narrow and one for wide layers, so that all callers share one function.
struct Products<'a, T, const NV: usize, const IS_WIDE: bool> {
    spec: &'a plan::Layer,
    delta: &'a [T],
    /// In panels for a narrow layer, sample by sample for a wide one.
    input: &'a [T],
    sums: &'a mut [T],
}

impl<T: Lanes, const NV: usize, const IS_WIDE: bool> WithSimd for Products<'_, T, NV, IS_WIDE> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            spec,
            delta,
            input,
            sums,
        } = self;
        if IS_WIDE {
            let stride = spec.stride(T::lanes::<S>());
            outer::wide::<T, S, NV>(simd, spec.n_out, stride, delta, input, sums);
        } else {
            outer::narrow::<T, S, NV>(simd, spec.sizes(), delta, input, sums);
        }
    }
}
