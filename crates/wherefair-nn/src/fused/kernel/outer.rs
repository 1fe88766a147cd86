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

/// Adds Σ δ[o] a[i] to `lanes`, which holds a vector for each weight, block by block.
#[inline(always)]
pub(super) fn narrow<S: Simd, const NV: usize>(
    simd: S,
    (n_in, n_out): (usize, usize),
    delta: &[f32],
    input: &[f32],
    lanes: &mut [f32],
) {
    let (delta, input) = (S::as_simd_f32s(delta).0, S::as_simd_f32s(input).0);
    let lanes = S::as_mut_simd_f32s(lanes).0;
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
                        $($(($outputs, $inputs) => narrow_block::<S, NV, $outputs, $inputs>(simd, panels, lanes),)*)*
                        _ => {}
                    }
                };
            }
            if side::<S>() == 5 {
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
fn narrow_block<'a, S: Simd, const NV: usize, const OUT: usize, const IN: usize>(
    simd: S,
    panels: impl Iterator<Item = (&'a [S::f32s], &'a [S::f32s])>,
    lanes: &mut [S::f32s],
) {
    let mut sums = [[simd.splat_f32s(0.0); IN]; OUT];
    for (delta, input) in panels {
        let (delta, input) = (delta.as_chunks::<NV>().0, input.as_chunks::<NV>().0);
        let (Some(delta), Some(input)) = (delta.first_chunk::<OUT>(), input.first_chunk::<IN>()) else {
            return;
        };
        for v in 0..NV {
            for o in 0..OUT {
                for i in 0..IN {
                    sums[o][i] = simd.mul_add_e_f32s(delta[o][v], input[i][v], sums[o][i]);
                }
            }
        }
    }
    for (lanes, sums) in lanes.as_chunks_mut::<IN>().0.iter_mut().zip(sums) {
        for (lane, sum) in lanes.iter_mut().zip(sums) {
            *lane = simd.add_f32s(*lane, sum);
        }
    }
}

/// Adds the lanes up and writes them as a matrix `(n_out, n_in)`.
#[inline(always)]
pub(super) fn reduce_narrow<S: Simd>(
    simd: S,
    (n_in, n_out): (usize, usize),
    lanes: &[f32],
    weights: &mut [f32],
) {
    let mut lanes = S::as_simd_f32s(lanes).0.iter();
    for (o, outputs) in blocks(n_out, side::<S>()) {
        for (i, inputs) in blocks(n_in, side::<S>()) {
            for row in o..o + outputs {
                for weight in &mut weights[row * n_in + i..row * n_in + i + inputs] {
                    *weight = lanes.next().map_or(0.0, |&lanes| simd.reduce_sum_f32s(lanes));
                }
            }
        }
    }
}

/// Adds Σ δ[o] to `lanes`, a vector for each output.
#[inline(always)]
pub(super) fn biases<S: Simd, const NV: usize>(simd: S, n_out: usize, delta: &[f32], lanes: &mut [f32]) {
    let lanes = S::as_mut_simd_f32s(lanes).0;
    for panel in S::as_simd_f32s(delta).0.chunks_exact(n_out * NV) {
        for (lane, delta) in lanes.iter_mut().zip(panel.as_chunks::<NV>().0) {
            for &delta in delta {
                *lane = simd.add_f32s(*lane, delta);
            }
        }
    }
}

/// Adds up the lanes of each output.
#[inline(always)]
pub(super) fn reduce_biases<S: Simd>(simd: S, lanes: &[f32], biases: &mut [f32]) {
    for (bias, &lanes) in biases.iter_mut().zip(S::as_simd_f32s(lanes).0) {
        *bias = simd.reduce_sum_f32s(lanes);
    }
}

/// Adds Σ δ[o] a[·] to the rows of `sums`, `(n_out, stride)`; `samples` comes from [`to_samples`](super::turn::to_samples).
#[inline(always)]
pub(super) fn wide<S: Simd, const NV: usize>(
    simd: S,
    n_out: usize,
    stride: usize,
    delta: &[f32],
    samples: &[f32],
    sums: &mut [f32],
) {
    let panel = NV * S::F32_LANES;
    let width = stride / S::F32_LANES;
    let samples = S::as_simd_f32s(samples).0;
    let sums = S::as_mut_simd_f32s(sums).0;
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
                        $($(($outputs, $inputs) => wide_block::<S, $outputs, $inputs>(simd, panel, width, panels, sums),)*)*
                        _ => {}
                    }
                };
            }
            if vectors::<S>() == 4 {
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
fn wide_block<'a, S: Simd, const OUT: usize, const IN: usize>(
    simd: S,
    panel: usize,
    width: usize,
    panels: impl Iterator<Item = (&'a [f32], &'a [S::f32s])>,
    totals: &mut [S::f32s],
) {
    let mut sums = [[simd.splat_f32s(0.0); IN]; OUT];
    for (delta, samples) in panels {
        let delta: [&[f32]; OUT] = std::array::from_fn(|o| &delta[o * panel..(o + 1) * panel]);
        for (s, sample) in samples.chunks(width).enumerate().take(panel) {
            let Some(sample) = sample.first_chunk::<IN>() else {
                return;
            };
            for o in 0..OUT {
                let delta = simd.splat_f32s(delta[o][s]);
                for i in 0..IN {
                    sums[o][i] = simd.mul_add_e_f32s(delta, sample[i], sums[o][i]);
                }
            }
        }
    }
    for (totals, sums) in totals.chunks_mut(width).zip(sums) {
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total = simd.add_f32s(*total, sum);
        }
    }
}
