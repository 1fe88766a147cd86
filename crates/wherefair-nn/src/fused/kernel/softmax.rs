//! Softmax over the classes of one panel, the losses that need it, and the best class.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

use super::math::exp_of_nonpositive;

/// One number a sample of a panel, for each of three purposes.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    /// What each sample counts: the scale of the loss, 0 for those that fill the panel up.
    pub(super) counts: &'a [f32],
    /// The largest output of each sample.
    pub(super) largest: &'a mut [f32],
    /// Σ exp(output − largest) of each sample, or another sum.
    pub(super) sums: &'a mut [f32],
}

/// `terms` = exp(z − largest), with the largest output and the sum of the terms of each sample.
#[inline(always)]
pub(super) fn terms<S: Simd, const NV: usize>(simd: S, z: &[f32], terms: &mut [f32], rows: &mut Rows<'_>) {
    let z = S::as_simd_f32s(z).0.as_chunks::<NV>().0;
    let terms = S::as_mut_simd_f32s(terms).0.as_chunks_mut::<NV>().0;
    let Some(mut largest) = z.first().copied() else {
        return;
    };
    for z in z {
        for v in 0..NV {
            largest[v] = simd.max_f32s(largest[v], z[v]);
        }
    }
    let mut sums = [simd.splat_f32s(0.0); NV];
    for (z, terms) in z.iter().zip(terms) {
        for v in 0..NV {
            terms[v] = exp_of_nonpositive(simd, simd.sub_f32s(z[v], largest[v]));
            sums[v] = simd.add_f32s(sums[v], terms[v]);
        }
    }
    S::as_mut_simd_f32s(rows.largest).0.copy_from_slice(&largest);
    S::as_mut_simd_f32s(rows.sums).0.copy_from_slice(&sums);
}

/// Divides the terms of each sample by their sum and multiplies them with what the sample counts.
#[inline(always)]
pub(super) fn normalise<S: Simd, const NV: usize>(simd: S, terms: &mut [f32], rows: &Rows<'_>) {
    let counts = S::as_simd_f32s(rows.counts).0;
    let sums = S::as_simd_f32s(rows.sums).0;
    let mut factors = [simd.splat_f32s(0.0); NV];
    for v in 0..NV {
        factors[v] = simd.div_f32s(counts[v], sums[v]);
    }
    for terms in S::as_mut_simd_f32s(terms).0.as_chunks_mut::<NV>().0 {
        for v in 0..NV {
            terms[v] = simd.mul_f32s(terms[v], factors[v]);
        }
    }
}

/// Sums of so many terms, each at least 1 and at most the number of classes, stay finite when multiplied.
const LOGARITHMS_AT_ONCE: usize = 16;

/// Turns outputs to derivatives of the cross-entropy; returns the sum of the losses of the samples in `labels`.
#[inline(always)]
pub(super) fn cross_entropy<S: Simd, const NV: usize>(
    simd: S,
    z: &[f32],
    delta: &mut [f32],
    labels: &[u32],
    rows: &mut Rows<'_>,
) -> f64 {
    let panel = NV * S::F32_LANES;
    terms::<S, NV>(simd, z, delta, rows);
    normalise::<S, NV>(simd, delta, rows);
    let mut loss = 0.0_f64;
    let sums = rows.sums[..labels.len()].chunks(LOGARITHMS_AT_ONCE);
    for (block, sums) in sums.enumerate() {
        let first = block * LOGARITHMS_AT_ONCE;
        let mut product = 1.0_f64;
        let mut gaps = 0.0_f32;
        for (s, sum) in (first..).zip(sums) {
            let at = labels[s] as usize * panel + s;
            product *= f64::from(*sum);
            gaps += rows.largest[s] - z[at];
            delta[at] -= rows.counts[s];
        }
        loss += f64::from(gaps) + product.ln();
    }
    loss
}

/// Writes the class of the largest output of each sample; of equals, the first.
#[inline(always)]
pub(super) fn best_classes<S: Simd, const NV: usize>(
    simd: S,
    z: &[f32],
    rows: &mut Rows<'_>,
    classes: &mut [u32],
) {
    let z = S::as_simd_f32s(z).0.as_chunks::<NV>().0;
    let Some(mut largest) = z.first().copied() else {
        return;
    };
    let mut best = [simd.splat_f32s(0.0); NV];
    let mut class = 0.0;
    for z in z {
        // Class numbers as floating point: exact up to 2²⁴.
        let index = simd.splat_f32s(class);
        for v in 0..NV {
            let is_larger = simd.less_than_f32s(largest[v], z[v]);
            largest[v] = simd.max_f32s(largest[v], z[v]);
            best[v] = simd.select_f32s(is_larger, index, best[v]);
        }
        class += 1.0;
    }
    S::as_mut_simd_f32s(rows.sums).0.copy_from_slice(&best);
    for (class, &best) in classes.iter_mut().zip(&*rows.sums) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a class number, written above"
        )]
        let best = best as u32;
        *class = best;
    }
}
