//! Losses of differences between outputs and true values, a panel at once.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

/// A loss of r = output − truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Residual {
    /// r².
    Squared,
    /// r² / 2 up to the threshold, then straight on.
    Huber(f32),
    /// |r|.
    Absolute,
}

/// Turns true values, which `delta` holds, to derivatives; returns the sum of the losses that count, unscaled.
///
/// `counts` holds the scale of each sample's derivative, 0 for those that fill the panel up.
#[inline(always)]
pub(super) fn derivatives<S: Simd, const NV: usize>(
    simd: S,
    kind: Residual,
    z: &[f32],
    delta: &mut [f32],
    counts: &[f32],
) -> f64 {
    let zero = simd.splat_f32s(0.0);
    let counts = S::as_simd_f32s(counts).0;
    let mut losses = [zero; NV];
    let outputs = S::as_simd_f32s(z).0.as_chunks::<NV>().0;
    for (z, delta) in outputs
        .iter()
        .zip(S::as_mut_simd_f32s(delta).0.as_chunks_mut::<NV>().0)
    {
        for v in 0..NV {
            let difference = simd.sub_f32s(z[v], delta[v]);
            let (slope, loss) = match kind {
                Residual::Squared => (
                    simd.add_f32s(difference, difference),
                    simd.mul_f32s(difference, difference),
                ),
                Residual::Huber(threshold) => {
                    let least = simd.max_f32s(simd.splat_f32s(-threshold), difference);
                    let slope = simd.min_f32s(simd.splat_f32s(threshold), least);
                    let half = simd.mul_f32s(simd.splat_f32s(0.5), slope);
                    (slope, simd.mul_f32s(slope, simd.sub_f32s(difference, half)))
                }
                Residual::Absolute => {
                    let one = simd.splat_f32s(1.0);
                    let above = simd.select_f32s(simd.less_than_f32s(zero, difference), one, zero);
                    let below = simd.select_f32s(simd.less_than_f32s(difference, zero), one, zero);
                    let slope = simd.sub_f32s(above, below);
                    (slope, simd.mul_f32s(slope, difference))
                }
            };
            let is_counted = simd.less_than_f32s(zero, counts[v]);
            losses[v] = simd.add_f32s(losses[v], simd.select_f32s(is_counted, loss, zero));
            delta[v] = simd.mul_f32s(slope, counts[v]);
        }
    }
    losses
        .iter()
        .map(|&losses| f64::from(simd.reduce_sum_f32s(losses)))
        .sum()
}
