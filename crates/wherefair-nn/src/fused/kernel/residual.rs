//! Losses of differences between outputs and true values, a panel at once.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

use super::lanes::Lanes;

/// A loss of r = output − truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Residual<T> {
    /// r².
    Squared,
    /// r² / 2 up to the threshold, then straight on.
    Huber(T),
    /// |r|.
    Absolute,
}

/// Turns true values, which `delta` holds, to derivatives; returns the sum of the losses that count, unscaled.
///
/// `counts` holds the scale of each sample's derivative, 0 for those that fill the panel up.
#[inline(always)]
pub(super) fn derivatives<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    kind: Residual<T>,
    z: &[T],
    delta: &mut [T],
    counts: &[T],
) -> f64 {
    let zero = T::v_zero(simd);
    let counts = T::vectors::<S>(counts);
    let mut losses = [zero; NV];
    let outputs = T::vectors::<S>(z).as_chunks::<NV>().0;
    for (z, delta) in outputs
        .iter()
        .zip(T::vectors_mut::<S>(delta).as_chunks_mut::<NV>().0)
    {
        for v in 0..NV {
            let difference = T::v_sub(simd, z[v], delta[v]);
            let (slope, loss) = match kind {
                Residual::Squared => (
                    T::v_add(simd, difference, difference),
                    T::v_mul(simd, difference, difference),
                ),
                Residual::Huber(threshold) => {
                    let least = T::v_max(simd, T::v_splat(simd, -threshold), difference);
                    let slope = T::v_min(simd, T::v_splat(simd, threshold), least);
                    let half = T::v_mul(simd, T::v_splat(simd, T::narrowed(0.5)), slope);
                    (slope, T::v_mul(simd, slope, T::v_sub(simd, difference, half)))
                }
                Residual::Absolute => {
                    let one = T::v_splat(simd, T::narrowed(1.0));
                    let above = T::v_select(simd, T::v_less(simd, zero, difference), one, zero);
                    let below = T::v_select(simd, T::v_less(simd, difference, zero), one, zero);
                    let slope = T::v_sub(simd, above, below);
                    (slope, T::v_mul(simd, slope, difference))
                }
            };
            let is_counted = T::v_less(simd, zero, counts[v]);
            losses[v] = T::v_add(simd, losses[v], T::v_select(simd, is_counted, loss, zero));
            delta[v] = T::v_mul(simd, slope, counts[v]);
        }
    }
    losses
        .iter()
        .map(|&losses| T::widened(T::v_sum(simd, losses)))
        .sum()
}

/// Turns true values, which `delta` holds, to derivatives, and tangents of the outputs, which `along` holds, to those of
/// the derivatives. `counts` is 1 for each sample, 0 for those that fill the panel up.
#[inline(always)]
pub(super) fn derivatives_along<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    kind: Residual<T>,
    z: &[T],
    delta: &mut [T],
    along: &mut [T],
    counts: &[T],
) {
    let zero = T::v_zero(simd);
    if let Residual::Huber(threshold) = kind {
        let (low, high) = (T::v_splat(simd, -threshold), T::v_splat(simd, threshold));
        let values = T::vectors::<S>(z).iter().zip(T::vectors::<S>(delta));
        for (along, (&z, &truth)) in T::vectors_mut::<S>(along).iter_mut().zip(values) {
            let difference = T::v_sub(simd, z, truth);
            let is_below = T::v_less(simd, difference, high);
            let held = T::v_select(simd, T::v_less(simd, low, difference), *along, zero);
            *along = T::v_select(simd, is_below, held, zero);
        }
    }
    derivatives::<T, S, NV>(simd, kind, z, delta, counts);
    let counts = T::vectors::<S>(counts);
    for along in T::vectors_mut::<S>(along).as_chunks_mut::<NV>().0 {
        for v in 0..NV {
            let curvature = match kind {
                Residual::Squared => T::v_add(simd, along[v], along[v]),
                Residual::Huber(_) => along[v],
                Residual::Absolute => zero,
            };
            along[v] = T::v_mul(simd, curvature, counts[v]);
        }
    }
}
