//! The way of a chunk of samples through the network, tile by tile.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::dense::{Finish, layer};
use super::dice::{DiceSlopes, DiceSums};
use super::residual::Residual;
use super::softmax::Rows;
use super::turn::{load, load_in_order, to_samples};
use super::{dice, level, outer, residual, softmax};
use crate::fused::plan::{Packed, Plan};
use crate::fused::workspace::{Backward, Forward};

/// Samples that one thread works on, and with what.
pub(in crate::fused) struct Chunk<'a> {
    pub(in crate::fused) plan: &'a Plan,
    pub(in crate::fused) packed: &'a Packed,
    /// `(n_samples, n_features)`.
    pub(in crate::fused) features: &'a [f32],
    /// Which samples.
    pub(in crate::fused) rows: &'a [u32],
    pub(in crate::fused) forward: &'a mut Forward,
    pub(in crate::fused) work: Work<'a>,
}

/// What is done with the outputs of a chunk.
pub(in crate::fused) enum Work<'a> {
    /// The gradient of the loss is written to `gradient`.
    Gradient {
        stage: Stage<'a>,
        /// What one sample counts in the derivatives.
        scale: f32,
        backward: &'a mut Backward,
        gradient: &'a mut [f32],
    },
    /// The sums of soft Dice are added up.
    DiceSums {
        labels: &'a [u32],
        sums: &'a mut DiceSums,
    },
    /// The class of the largest output is written for each sample.
    Classes(&'a mut [u32]),
    /// The outputs are written, `(n_samples, n_outputs)`.
    Values(&'a mut [f32]),
    /// The softmax of the outputs is written, `(n_samples, n_outputs)`.
    Probabilities(&'a mut [f32]),
}

/// A loss, ready for single samples. Labels and values are those of the whole data, in the order of the features.
#[derive(Debug, Clone, Copy)]
pub(in crate::fused) enum Stage<'a> {
    CrossEntropy {
        labels: &'a [u32],
    },
    Dice {
        labels: &'a [u32],
        slopes: &'a DiceSlopes,
    },
    Residual {
        values: &'a [f32],
        kind: Residual,
    },
    /// Derivatives by the outputs that the caller knows: those of the samples of the chunk, in their order.
    Given {
        derivatives: &'a [f32],
    },
}

impl WithSimd for Chunk<'_> {
    /// The sum of the losses of the samples, unscaled.
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        if level::vectors::<S>() == 4 {
            run::<S, 4>(simd, self)
        } else {
            run::<S, 2>(simd, self)
        }
    }
}

#[inline(always)]
fn run<S: Simd, const NV: usize>(simd: S, chunk: Chunk<'_>) -> f64 {
    let Chunk {
        plan,
        packed,
        features,
        rows,
        forward,
        mut work,
    } = chunk;
    let panel = NV * S::F32_LANES;
    let mut loss = 0.0;
    if let Work::Gradient { backward, .. } = &mut work {
        for sums in &mut backward.sums {
            sums.weights.get_mut().fill(0.0);
            sums.biases.get_mut().fill(0.0);
        }
    }
    let mut n_done = 0;
    for rows in rows.chunks(plan.tile()) {
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
            let is_last = index + 1 == plan.layers.len();
            layer::<S, NV>(
                simd,
                &packed.forward[spec.forward..],
                true,
                spec.sizes(),
                &before[index].get()[..n_panels * panel * spec.n_in],
                &mut after[0].get_mut()[..n_panels * panel * spec.n_out],
                if is_last { Finish::Linear } else { Finish::Relu },
            );
        }
        loss += outputs::<S, NV>(simd, plan.n_outputs(), rows, n_done, forward, &mut work);
        if let Work::Gradient { backward, .. } = &mut work {
            back::<S, NV>(simd, plan, packed, n_panels, forward, backward);
        }
        n_done += rows.len();
    }
    if let Work::Gradient {
        backward, gradient, ..
    } = work
    {
        for (spec, sums) in plan.layers.iter().zip(&backward.sums) {
            let (weights, biases) = gradient[spec.weights..spec.end()].split_at_mut(spec.n_in * spec.n_out);
            outer::reduce_biases(simd, sums.biases.get(), biases);
            if spec.is_narrow() {
                outer::reduce_narrow(simd, spec.sizes(), sums.weights.get(), weights);
            } else {
                let rows = sums.weights.get().chunks_exact(spec.stride(plan.geometry));
                for (row, sums) in weights.chunks_exact_mut(spec.n_in).zip(rows) {
                    row.copy_from_slice(&sums[..spec.n_in]);
                }
            }
        }
    }
    loss
}

/// Does the work that begins at the outputs; leaves derivatives by them in `forward.delta`.
#[inline(always)]
fn outputs<S: Simd, const NV: usize>(
    simd: S,
    n_outputs: usize,
    rows: &[u32],
    n_done: usize,
    forward: &mut Forward,
    work: &mut Work<'_>,
) -> f64 {
    let panel = NV * S::F32_LANES;
    let count = match work {
        Work::Gradient {
            stage: Stage::CrossEntropy { .. } | Stage::Residual { .. },
            scale,
            ..
        } => *scale,
        _ => 1.0,
    };
    let Some(z) = forward.activations.last() else {
        return 0.0;
    };
    let mut labels_of_panel = [0_u32; 64];
    let counts = forward.counts.get_mut();
    counts.fill(count);
    let mut loss = 0.0;
    let panels = z.get().chunks_exact(n_outputs * panel);
    let deltas = forward.delta.get_mut().chunks_exact_mut(n_outputs * panel);
    for (index, (rows, (z, delta))) in rows.chunks(panel).zip(panels.zip(deltas)).enumerate() {
        if rows.len() < panel {
            counts[rows.len()..].fill(0.0);
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
                    loss += softmax::cross_entropy::<S, NV>(simd, z, delta, labels, &mut sums);
                }
                Stage::Dice { labels, slopes } => {
                    of_rows(labels);
                    let labels = &labels_of_panel[..rows.len()];
                    dice::derivatives::<S, NV>(simd, z, delta, labels, slopes, &mut sums);
                }
                Stage::Residual { values, kind } => {
                    load(n_outputs, panel, values, rows, delta);
                    loss += residual::derivatives::<S, NV>(simd, kind, z, delta, sums.counts);
                }
                Stage::Given { derivatives } => {
                    load_in_order(n_outputs, panel, &derivatives[written.clone()], delta);
                }
            },
            Work::DiceSums { labels, sums: total } => {
                of_rows(labels);
                let labels = &labels_of_panel[..rows.len()];
                dice::add::<S, NV>(simd, z, delta, labels, &mut sums, total);
            }
            Work::Classes(classes) => {
                softmax::best_classes::<S, NV>(simd, z, &mut sums, &mut classes[first..first + rows.len()]);
            }
            Work::Values(values) => write(panel, n_outputs, z, &mut values[written]),
            Work::Probabilities(values) => {
                softmax::terms::<S, NV>(simd, z, delta, &mut sums);
                softmax::normalise::<S, NV>(simd, delta, &sums);
                write(panel, n_outputs, delta, &mut values[written]);
            }
        }
    }
    loss
}

/// Turns a panel to rows `(n_samples, n_outputs)`.
#[inline(always)]
fn write(panel: usize, n_outputs: usize, values: &[f32], rows: &mut [f32]) {
    for (s, row) in rows.chunks_exact_mut(n_outputs).enumerate() {
        for (value, column) in row.iter_mut().zip(values.chunks_exact(panel)) {
            *value = column[s];
        }
    }
}

/// Adds the gradients of a tile, from the derivatives by the outputs back to the first layer.
#[inline(always)]
fn back<S: Simd, const NV: usize>(
    simd: S,
    plan: &Plan,
    packed: &Packed,
    n_panels: usize,
    forward: &mut Forward,
    backward: &mut Backward,
) {
    let panel = NV * S::F32_LANES;
    for (index, spec) in plan.layers.iter().enumerate().rev() {
        let sums = &mut backward.sums[index];
        let delta = &forward.delta.get()[..n_panels * panel * spec.n_out];
        let input = &forward.activations[index].get()[..n_panels * panel * spec.n_in];
        outer::biases::<S, NV>(simd, spec.n_out, delta, sums.biases.get_mut());
        if spec.is_narrow() {
            outer::narrow::<S, NV>(simd, spec.sizes(), delta, input, sums.weights.get_mut());
        } else {
            let stride = spec.stride(plan.geometry);
            let samples = &mut backward.samples.get_mut()[..n_panels * panel * stride];
            to_samples(spec.n_in, panel, stride, input, samples);
            outer::wide::<S, NV>(simd, spec.n_out, stride, delta, samples, sums.weights.get_mut());
        }
        if index > 0 {
            layer::<S, NV>(
                simd,
                &packed.backward[spec.backward..],
                false,
                (spec.n_out, spec.n_in),
                delta,
                &mut backward.delta.get_mut()[..n_panels * panel * spec.n_in],
                Finish::Gate(input),
            );
            std::mem::swap(&mut forward.delta, &mut backward.delta);
        }
    }
}
