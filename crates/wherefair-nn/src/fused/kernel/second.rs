//! Products of the second derivatives of a loss with a direction: the way of a chunk with its tangents.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::bend::{Bend, BendAlong};
use super::dense::{Finish, Layer, Start};
use super::dice::{DiceSlopes, DiceSums};
use super::lanes::Lanes;
use super::level::MAX_PANEL;
use super::softmax::Rows;
use super::tile::{Stage, ahead, products, reduce};
use super::turn::{load, load_in_order};
use super::{dice, level, outer, residual, softmax};
use crate::Activation;
use crate::fused::plan::{Packed, Plan};
use crate::fused::workspace::{Backward, Forward, Tangent};

/// Samples that one thread works on, and the direction in which parameters change.
#[derive(Debug)]
pub struct Along<'a, T> {
    pub(in crate::fused) plan: &'a Plan,
    pub(in crate::fused) packed: &'a Packed<T>,
    /// Packed as the parameters are.
    pub(in crate::fused) direction: &'a Packed<T>,
    /// `(n_samples, n_features)`.
    pub(in crate::fused) features: &'a [T],
    /// Which samples.
    pub(in crate::fused) rows: &'a [u32],
    pub(in crate::fused) forward: &'a mut Forward<T>,
    pub(in crate::fused) tangent: &'a mut Tangent<T>,
    pub(in crate::fused) work: AlongWork<'a, T>,
}

/// What is done with outputs and their tangents.
#[derive(Debug)]
pub(in crate::fused) enum AlongWork<'a, T> {
    /// The sums of soft Dice and their tangents are added up.
    DiceSums {
        labels: &'a [u32],
        sums: &'a mut DiceSums,
        along: &'a mut DiceSums,
    },
    /// The tangent of the gradient of the unscaled loss is written to `product`.
    Product {
        stage: Stage<'a, T>,
        /// Tangents of the slopes of soft Dice.
        slopes_along: &'a DiceSlopes<T>,
        backward: &'a mut Backward<T>,
        product: &'a mut [T],
    },
}

impl<T: Lanes> WithSimd for Along<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if const { level::vectors::<S>() == 4 } {
            run::<T, S, 4>(simd, self);
        } else {
            run::<T, S, 2>(simd, self);
        }
    }
}

#[inline(always)]
fn run<T: Lanes, S: Simd, const NV: usize>(simd: S, chunk: Along<'_, T>) {
    let Along {
        plan,
        packed,
        direction,
        features,
        rows,
        forward,
        tangent,
        mut work,
    } = chunk;
    if let AlongWork::Product { backward, .. } = &mut work {
        backward.clear();
    }
    let mut n_done = 0;
    for rows in rows.chunks(plan.tile()) {
        ahead::<T, S, NV>(simd, plan, packed, features, rows, forward);
        let n_samples = rows.len().next_multiple_of(NV * T::lanes::<S>());
        ahead_along::<T, S, NV>(simd, plan, (packed, direction), n_samples, forward, tangent);
        outputs::<T, S, NV>(simd, plan.n_outputs(), rows, n_done, forward, tangent, &mut work);
        if let AlongWork::Product { backward, .. } = &mut work {
            back::<T, S, NV>(
                simd,
                plan,
                (packed, direction),
                n_samples,
                forward,
                tangent,
                backward,
            );
        }
        n_done += rows.len();
    }
    if let AlongWork::Product {
        backward, product, ..
    } = work
    {
        reduce::<T, S>(simd, plan, backward, product);
    }
}

/// Tangents of the activations of a tile: z′ = W a′ + V a + v and a′ = act′(z) z′.
#[inline(always)]
fn ahead_along<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    plan: &Plan,
    (packed, direction): (&Packed<T>, &Packed<T>),
    n_samples: usize,
    forward: &Forward<T>,
    tangent: &mut Tangent<T>,
) {
    for (index, spec) in plan.layers.iter().enumerate() {
        let (before, after) = tangent.activations.split_at_mut(index);
        let output = &mut after[0].get_mut()[..n_samples * spec.n_out];
        let activations = &forward.activations[index + 1].get()[..n_samples * spec.n_out];
        let is_hidden = index + 1 < plan.layers.len();
        let finish = if is_hidden && plan.activation == Activation::Relu {
            Finish::Gate(activations)
        } else {
            Finish::Linear
        };
        simd.vectorize(Layer::<_, NV> {
            packed: &direction.forward[spec.forward..],
            start: Start::Biases,
            sizes: spec.sizes(),
            input: &forward.activations[index].get()[..n_samples * spec.n_in],
            output: &mut *output,
            finish: if index == 0 { finish } else { Finish::Linear },
        });
        if let Some(before) = before.last() {
            simd.vectorize(Layer::<_, NV> {
                packed: &packed.forward[spec.forward..],
                start: Start::OutputNotBiases,
                sizes: spec.sizes(),
                input: &before.get()[..n_samples * spec.n_in],
                output: &mut *output,
                finish,
            });
        }
        if is_hidden && plan.activation == Activation::Tanh {
            simd.vectorize(Bend(activations, output));
        }
    }
}

/// Does the work that begins at the outputs; leaves derivatives by them in `forward.delta`, their tangents in
/// `tangent.delta`.
#[inline(always)]
fn outputs<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    n_outputs: usize,
    rows: &[u32],
    n_done: usize,
    forward: &mut Forward<T>,
    tangent: &mut Tangent<T>,
    work: &mut AlongWork<'_, T>,
) {
    let panel = NV * T::lanes::<S>();
    let (Some(z), Some(z_along)) = (forward.activations.last(), tangent.activations.last()) else {
        return;
    };
    let mut labels_of_panel = [0_u32; MAX_PANEL];
    let counts = forward.counts.get_mut();
    counts.fill(T::narrowed(1.0));
    let size = n_outputs * panel;
    let outputs = z.get().chunks_exact(size).zip(z_along.get().chunks_exact(size));
    let deltas = forward.delta.get_mut().chunks_exact_mut(size);
    let deltas = deltas.zip(tangent.delta.get_mut().chunks_exact_mut(size));
    for (index, (rows, ((z, z_along), (delta, along)))) in
        rows.chunks(panel).zip(outputs.zip(deltas)).enumerate()
    {
        counts[rows.len()..].fill(T::default());
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
        match work {
            AlongWork::DiceSums {
                labels,
                sums: total,
                along: total_along,
            } => {
                of_rows(labels);
                let labels = &labels_of_panel[..rows.len()];
                dice::add::<T, S, NV>(simd, z, delta, labels, &mut sums, total);
                softmax::along::<T, S, NV>(simd, delta, z_along, along);
                dice::add_up::<T, S, NV>(simd, along, labels, total_along);
            }
            AlongWork::Product {
                stage, slopes_along, ..
            } => match *stage {
                Stage::CrossEntropy { labels } | Stage::Dice { labels, .. } => {
                    of_rows(labels);
                    let labels = &labels_of_panel[..rows.len()];
                    softmax::terms::<T, S, NV>(simd, z, delta, &mut sums);
                    softmax::normalise::<T, S, NV>(simd, delta, &sums);
                    softmax::along::<T, S, NV>(simd, delta, z_along, along);
                    if let Stage::Dice { slopes, .. } = *stage {
                        let slopes = (slopes, &**slopes_along);
                        dice::derivatives_along::<T, S, NV>(simd, delta, along, labels, slopes, &mut sums);
                    } else {
                        for (s, &label) in labels.iter().enumerate() {
                            delta[label as usize * panel + s] -= T::narrowed(1.0);
                        }
                    }
                }
                Stage::Residual { values, kind } => {
                    load(n_outputs, panel, values, rows, delta);
                    along.copy_from_slice(z_along);
                    residual::derivatives_along::<T, S, NV>(simd, kind, z, delta, along, sums.counts);
                }
                Stage::Given { derivatives } => {
                    let first = n_done + index * panel;
                    let given = &derivatives[first * n_outputs..(first + rows.len()) * n_outputs];
                    load_in_order(n_outputs, panel, given, delta);
                    along.fill(T::default());
                }
            },
        }
    }
}

/// Adds the tangents of the gradients of a tile, from the outputs back to the first layer.
///
/// # Formula
/// Of weights δ′ aᵀ + δ a′ᵀ, of biases δ′; a layer before, with g = Wᵀ δ and g′ = Wᵀ δ′ + Vᵀ δ, δ = act′(z) g and
/// δ′ = act′(z) g′ + act″(z) z′ g.
#[inline(always)]
fn back<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    plan: &Plan,
    (packed, direction): (&Packed<T>, &Packed<T>),
    n_samples: usize,
    forward: &mut Forward<T>,
    tangent: &mut Tangent<T>,
    backward: &mut Backward<T>,
) {
    for (index, spec) in plan.layers.iter().enumerate().rev() {
        let sums = &mut backward.sums[index];
        let delta = &forward.delta.get()[..n_samples * spec.n_out];
        let along = &tangent.delta.get()[..n_samples * spec.n_out];
        let input = &forward.activations[index].get()[..n_samples * spec.n_in];
        outer::biases::<T, S, NV>(simd, spec.n_out, along, sums.biases.get_mut());
        let (samples, weights) = (&mut backward.samples, &mut sums.weights);
        products::<T, S, NV>(simd, spec, along, input, samples, weights);
        let Some(before) = index.checked_sub(1) else { break };
        let input_along = &tangent.activations[before].get()[..n_samples * spec.n_in];
        products::<T, S, NV>(simd, spec, delta, input_along, samples, weights);
        let finish = match plan.activation {
            Activation::Relu => Finish::Gate(input),
            Activation::Tanh => Finish::Linear,
        };
        let next = &mut backward.delta.get_mut()[..n_samples * spec.n_in];
        let next_along = &mut tangent.next.get_mut()[..n_samples * spec.n_in];
        let through = |packed: &Packed<T>, start, input, output: &mut [T], finish| {
            simd.vectorize(Layer::<_, NV> {
                packed: &packed.backward[spec.backward..],
                start,
                sizes: (spec.n_out, spec.n_in),
                input,
                output,
                finish,
            });
        };
        through(packed, Start::Zero, delta, next, finish);
        through(direction, Start::Zero, delta, next_along, Finish::Linear);
        through(packed, Start::Output, along, next_along, finish);
        if plan.activation == Activation::Tanh {
            simd.vectorize(BendAlong((input, input_along), next, next_along));
        }
        std::mem::swap(&mut forward.delta, &mut backward.delta);
        std::mem::swap(&mut tangent.delta, &mut tangent.next);
    }
}
