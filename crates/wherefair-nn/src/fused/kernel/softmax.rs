//! Softmax over the classes of one panel, the losses that need it, and the best class.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

use super::lanes::Lanes;
use super::math::exp_of_nonpositive;

/// One number a sample of a panel, for each of three purposes.
#[derive(Debug)]
pub(super) struct Rows<'a, T> {
    /// What each sample counts: the scale of the loss, 0 for those that fill the panel up.
    pub(super) counts: &'a [T],
    /// The largest output of each sample.
    pub(super) largest: &'a mut [T],
    /// Σ exp(output − largest) of each sample, or another sum.
    pub(super) sums: &'a mut [T],
}

/// `terms` = exp(z − largest), with the largest output and the sum of the terms of each sample.
#[inline(always)]
pub(super) fn terms<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    z: &[T],
    terms: &mut [T],
    rows: &mut Rows<'_, T>,
) {
    let z = T::vectors::<S>(z).as_chunks::<NV>().0;
    let terms = T::vectors_mut::<S>(terms).as_chunks_mut::<NV>().0;
    let Some(mut largest) = z.first().copied() else {
        return;
    };
    for z in z {
        for v in 0..NV {
            largest[v] = T::v_max(simd, largest[v], z[v]);
        }
    }
    let mut sums = [T::v_zero(simd); NV];
    for (z, terms) in z.iter().zip(terms) {
        for v in 0..NV {
            terms[v] = exp_of_nonpositive::<T, S>(simd, T::v_sub(simd, z[v], largest[v]));
            sums[v] = T::v_add(simd, sums[v], terms[v]);
        }
    }
    T::vectors_mut::<S>(rows.largest).copy_from_slice(&largest);
    T::vectors_mut::<S>(rows.sums).copy_from_slice(&sums);
}

/// Divides the terms of each sample by their sum and multiplies them with what the sample counts.
#[inline(always)]
pub(super) fn normalise<T: Lanes, S: Simd, const NV: usize>(simd: S, terms: &mut [T], rows: &Rows<'_, T>) {
    let counts = T::vectors::<S>(rows.counts);
    let sums = T::vectors::<S>(rows.sums);
    let mut factors = [T::v_zero(simd); NV];
    for v in 0..NV {
        factors[v] = T::v_div(simd, counts[v], sums[v]);
    }
    for terms in T::vectors_mut::<S>(terms).as_chunks_mut::<NV>().0 {
        for v in 0..NV {
            terms[v] = T::v_mul(simd, terms[v], factors[v]);
        }
    }
}

/// How the softmax changes where outputs change by `z_along`: ŷ (z′ − Σ ŷ z′).
#[inline(always)]
pub(super) fn along<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    predicted: &[T],
    z_along: &[T],
    along: &mut [T],
) {
    let predicted = T::vectors::<S>(predicted).as_chunks::<NV>().0;
    let z_along = T::vectors::<S>(z_along).as_chunks::<NV>().0;
    let mut means = [T::v_zero(simd); NV];
    for (y, z) in predicted.iter().zip(z_along) {
        for v in 0..NV {
            means[v] = T::v_mul_add(simd, y[v], z[v], means[v]);
        }
    }
    let along = T::vectors_mut::<S>(along).as_chunks_mut::<NV>().0;
    for ((y, z), along) in predicted.iter().zip(z_along).zip(along) {
        for v in 0..NV {
            along[v] = T::v_mul(simd, y[v], T::v_sub(simd, z[v], means[v]));
        }
    }
}

/// Sums of so many terms, each at least 1 and at most the number of classes, stay finite when multiplied.
const LOGARITHMS_AT_ONCE: usize = 16;

/// Turns outputs to derivatives of the cross-entropy; returns the sum of the losses of the samples in `labels`.
#[inline(always)]
pub(super) fn cross_entropy<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    z: &[T],
    delta: &mut [T],
    labels: &[u32],
    rows: &mut Rows<'_, T>,
) -> f64 {
    let panel = NV * T::lanes::<S>();
    terms::<T, S, NV>(simd, z, delta, rows);
    normalise::<T, S, NV>(simd, delta, rows);
    let mut loss = 0.0_f64;
    let sums = rows.sums[..labels.len()].chunks(LOGARITHMS_AT_ONCE);
    for (block, sums) in sums.enumerate() {
        let first = block * LOGARITHMS_AT_ONCE;
        let mut product = 1.0_f64;
        let mut gaps = T::default();
        for (s, sum) in (first..).zip(sums) {
            let at = labels[s] as usize * panel + s;
            product *= T::widened(*sum);
            gaps += rows.largest[s] - z[at];
            delta[at] -= rows.counts[s];
        }
        loss += T::widened(gaps) + product.ln();
    }
    loss
}

/// Writes the class of the largest output of each sample; of equals, the first.
#[inline(always)]
pub(super) fn best_classes<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    z: &[T],
    rows: &mut Rows<'_, T>,
    classes: &mut [u32],
) {
    let z = T::vectors::<S>(z).as_chunks::<NV>().0;
    let Some(mut largest) = z.first().copied() else {
        return;
    };
    let mut best = [T::v_zero(simd); NV];
    let mut class = T::default();
    for z in z {
        // Class numbers as floating point: exact up to 2²⁴.
        let index = T::v_splat(simd, class);
        for v in 0..NV {
            let is_larger = T::v_less(simd, largest[v], z[v]);
            largest[v] = T::v_max(simd, largest[v], z[v]);
            best[v] = T::v_select(simd, is_larger, index, best[v]);
        }
        class += T::narrowed(1.0);
    }
    T::vectors_mut::<S>(rows.sums).copy_from_slice(&best);
    for (class, &best) in classes.iter_mut().zip(&*rows.sums) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a class number, written above"
        )]
        let best = best.widened() as u32;
        *class = best;
    }
}
