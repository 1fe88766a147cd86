//! Gradients of weights: sums over samples of (derivative by an output) × (input).
//!
//! Narrow layers keep one running sum a lane for each weight and add the lanes up once, at the end. Wide layers would
//! need more room for that than the cache has: there the inputs are turned to lie sample by sample, and the sums of
//! neighbouring inputs share a vector.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

use super::dense::{MAX_ROWS, blocks};
use super::lanes::Lanes;

/// Adds Σ δ[o] a[i] to `lanes`, which holds a vector for each weight, block by block.
#[inline(always)]
pub(super) fn narrow<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    (n_in, n_out): (usize, usize),
    delta: &[T],
    input: &[T],
    lanes: &mut [T],
) {
    let (delta, input) = (T::vectors::<S>(delta), T::vectors::<S>(input));
    let lanes = T::vectors_mut::<S>(lanes);
    for (o, outputs) in blocks(n_out, side::<S>()) {
        for (i, inputs) in blocks(n_in, side::<S>()) {
            let at = o * n_in + outputs * i;
            let lanes = &mut lanes[at..at + outputs * inputs];
            let delta = delta
                .chunks_exact(n_out * NV)
                .map(|panel| &panel[o * NV..(o + outputs) * NV]);
            let input = input
                .chunks_exact(n_in * NV)
                .map(|panel| &panel[i * NV..(i + inputs) * NV]);
            let panels = delta.zip(input);
            macro_rules! sizes {
                ($($outputs:literal: $($inputs:literal)*;)*) => {
                    match (outputs, inputs) {
                        $($(($outputs, $inputs) => narrow_block::<T, S, NV, $outputs, $inputs>(simd, panels, lanes),)*)*
                        _ => {}
                    }
                };
            }
            if const { side::<S>() == 5 } {
                sizes! { 1: 1 2 3 4 5; 2: 1 2 3 4 5; 3: 1 2 3 4 5; 4: 1 2 3 4 5; 5: 1 2 3 4 5; }
            } else {
                sizes! { 1: 1 2 3; 2: 1 2 3; 3: 1 2 3; }
            }
        }
    }
}

/// Outputs and inputs of a block: their products stay in registers.
const fn side<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 5 } else { 3 }
}

#[inline(always)]
fn narrow_block<'a, T: Lanes, S: Simd, const NV: usize, const OUT: usize, const IN: usize>(
    simd: S,
    panels: impl Iterator<Item = (&'a [T::Vector<S>], &'a [T::Vector<S>])>,
    lanes: &mut [T::Vector<S>],
) {
    let mut sums = [[T::v_zero(simd); IN]; OUT];
    for (delta, input) in panels {
        let (delta, input) = (delta.as_chunks::<NV>().0, input.as_chunks::<NV>().0);
        let (Some(delta), Some(input)) = (delta.first_chunk::<OUT>(), input.first_chunk::<IN>()) else {
            return;
        };
        for v in 0..NV {
            for o in 0..OUT {
                for i in 0..IN {
                    sums[o][i] = T::v_mul_add(simd, delta[o][v], input[i][v], sums[o][i]);
                }
            }
        }
    }
    for (lanes, sums) in lanes.as_chunks_mut::<IN>().0.iter_mut().zip(sums) {
        for (lane, sum) in lanes.iter_mut().zip(sums) {
            *lane = T::v_add(simd, *lane, sum);
        }
    }
}

/// Adds the lanes up and writes them as a matrix `(n_out, n_in)`.
#[inline(always)]
pub(super) fn reduce_narrow<T: Lanes, S: Simd>(
    simd: S,
    (n_in, n_out): (usize, usize),
    lanes: &[T],
    weights: &mut [T],
) {
    let mut lanes = T::vectors::<S>(lanes).iter();
    for (o, outputs) in blocks(n_out, side::<S>()) {
        for (i, inputs) in blocks(n_in, side::<S>()) {
            for row in o..o + outputs {
                for weight in &mut weights[row * n_in + i..row * n_in + i + inputs] {
                    *weight = lanes.next().map_or(T::default(), |&lanes| T::v_sum(simd, lanes));
                }
            }
        }
    }
}

/// Adds Σ δ[o] to `lanes`, a vector for each output.
#[inline(always)]
pub(super) fn biases<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    n_out: usize,
    delta: &[T],
    lanes: &mut [T],
) {
    let lanes = T::vectors_mut::<S>(lanes);
    for panel in T::vectors::<S>(delta).chunks_exact(n_out * NV) {
        for (lane, delta) in lanes.iter_mut().zip(panel.as_chunks::<NV>().0) {
            for &delta in delta {
                *lane = T::v_add(simd, *lane, delta);
            }
        }
    }
}

/// Adds up the lanes of each output.
#[inline(always)]
pub(super) fn reduce_biases<T: Lanes, S: Simd>(simd: S, lanes: &[T], biases: &mut [T]) {
    for (bias, &lanes) in biases.iter_mut().zip(T::vectors::<S>(lanes)) {
        *bias = T::v_sum(simd, lanes);
    }
}

/// Adds Σ δ[o] a[·] to the rows of `sums`, `(n_out, stride)`; `samples` comes from [`to_samples`](super::turn::to_samples).
#[inline(always)]
pub(super) fn wide<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    n_out: usize,
    stride: usize,
    delta: &[T],
    samples: &[T],
    sums: &mut [T],
) {
    let panel = NV * T::lanes::<S>();
    let width = stride / T::lanes::<S>();
    let samples = T::vectors::<S>(samples);
    let sums = T::vectors_mut::<S>(sums);
    for (i, inputs) in blocks(width, vectors::<S>()) {
        for (o, outputs) in blocks(n_out, MAX_ROWS) {
            let sums = &mut sums[o * width + i..];
            let panels = delta
                .chunks_exact(n_out * panel)
                .map(|delta| &delta[o * panel..(o + outputs) * panel])
                .zip(samples.chunks_exact(width * panel).map(|samples| &samples[i..]));
            macro_rules! sizes {
                ($($outputs:literal: $($inputs:literal)*;)*) => {
                    match (outputs, inputs) {
                        $($(($outputs, $inputs) => wide_block::<T, S, $outputs, $inputs>(simd, panel, width, panels, sums),)*)*
                        _ => {}
                    }
                };
            }
            if const { vectors::<S>() == 4 } {
                sizes! { 1: 1 2 3 4; 2: 1 2 3 4; 3: 1 2 3 4; 4: 1 2 3 4; 5: 1 2 3 4; 6: 1 2 3 4; }
            } else {
                sizes! { 1: 1 2; 2: 1 2; 3: 1 2; 4: 1 2; 5: 1 2; 6: 1 2; }
            }
        }
    }
}

const fn vectors<S: Simd>() -> usize {
    super::level::vectors::<S>()
}

#[inline(always)]
fn wide_block<'a, T: Lanes, S: Simd, const OUT: usize, const IN: usize>(
    simd: S,
    panel: usize,
    width: usize,
    panels: impl Iterator<Item = (&'a [T], &'a [T::Vector<S>])>,
    totals: &mut [T::Vector<S>],
) {
    let mut sums = [[T::v_zero(simd); IN]; OUT];
    for (delta, samples) in panels {
        let delta: [&[T]; OUT] = std::array::from_fn(|o| &delta[o * panel..(o + 1) * panel]);
        for (s, sample) in samples.chunks(width).enumerate().take(panel) {
            let Some(sample) = sample.first_chunk::<IN>() else {
                return;
            };
            for o in 0..OUT {
                let delta = T::v_splat(simd, delta[o][s]);
                for i in 0..IN {
                    sums[o][i] = T::v_mul_add(simd, delta, sample[i], sums[o][i]);
                }
            }
        }
    }
    for (totals, sums) in totals.chunks_mut(width).zip(sums) {
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total = T::v_add(simd, *total, sum);
        }
    }
}
