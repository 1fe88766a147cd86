//! Soft Dice of one panel: first the sums over the batch, then the derivatives.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

use super::softmax::{Rows, normalise, terms};

/// Sums over the samples of a batch, one for each class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DiceSums {
    /// Σ ŷ y.
    pub(crate) overlap: Vec<f64>,
    /// Σ ŷ.
    pub(crate) predicted: Vec<f64>,
    /// Σ y.
    pub(crate) support: Vec<f64>,
}

impl DiceSums {
    pub(crate) fn new(n_classes: usize) -> Self {
        Self {
            overlap: vec![0.0; n_classes],
            predicted: vec![0.0; n_classes],
            support: vec![0.0; n_classes],
        }
    }

    /// Adds the sums of other samples of the batch.
    pub(crate) fn merge(&mut self, other: &Self) {
        let fields = [
            (&mut self.overlap, &other.overlap),
            (&mut self.predicted, &other.predicted),
            (&mut self.support, &other.support),
        ];
        for (own, other) in fields {
            for (own, other) in own.iter_mut().zip(other) {
                *own += other;
            }
        }
    }

    /// The loss, and how it changes with each ŷ of each class.
    ///
    /// # Formula
    /// L = mean over c of 1 − 2 (I + ε) / D with D = P + Y + ε, and so ∂L/∂ŷ = (2 (I + ε) / D² − 2 y / D) / C.
    pub(crate) fn loss_and_slopes(&self, smoothing: f64) -> (f64, DiceSlopes) {
        let n_classes = self.overlap.len() as f64;
        let mut loss = 0.0;
        let mut slopes = DiceSlopes::default();
        for ((overlap, predicted), support) in self.overlap.iter().zip(&self.predicted).zip(&self.support) {
            let size = predicted + support + smoothing;
            let overlap = overlap + smoothing;
            loss += 1.0 - 2.0 * overlap / size;
            slopes
                .everywhere
                .push(narrowed(2.0 * overlap / (size * size) / n_classes));
            slopes.where_true.push(narrowed(-2.0 / size / n_classes));
        }
        (loss / n_classes, slopes)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "to the precision of the engine")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

/// ∂L/∂ŷ of each class.
#[derive(Debug, Clone, Default)]
pub(crate) struct DiceSlopes {
    /// For every sample.
    pub(crate) everywhere: Vec<f32>,
    /// In addition, for samples of the class.
    pub(crate) where_true: Vec<f32>,
}

/// Adds the samples in `labels` to the sums; `scratch` is as large as `z`.
#[inline(always)]
pub(super) fn add<S: Simd, const NV: usize>(
    simd: S,
    z: &[f32],
    scratch: &mut [f32],
    labels: &[u32],
    rows: &mut Rows<'_>,
    sums: &mut DiceSums,
) {
    let panel = NV * S::F32_LANES;
    terms::<S, NV>(simd, z, scratch, rows);
    normalise::<S, NV>(simd, scratch, rows);
    let classes = S::as_simd_f32s(scratch).0.as_chunks::<NV>().0;
    for (sum, values) in sums.predicted.iter_mut().zip(classes) {
        let mut total = values[0];
        for &value in &values[1..] {
            total = simd.add_f32s(total, value);
        }
        *sum += f64::from(simd.reduce_sum_f32s(total));
    }
    for (s, &label) in labels.iter().enumerate() {
        let class = label as usize;
        sums.overlap[class] += f64::from(scratch[class * panel + s]);
        sums.support[class] += 1.0;
    }
}

/// Turns outputs to derivatives: δ = ŷ (g − Σ g ŷ), with g from `slopes`.
#[inline(always)]
pub(super) fn derivatives<S: Simd, const NV: usize>(
    simd: S,
    z: &[f32],
    delta: &mut [f32],
    labels: &[u32],
    slopes: &DiceSlopes,
    rows: &mut Rows<'_>,
) {
    let panel = NV * S::F32_LANES;
    terms::<S, NV>(simd, z, delta, rows);
    normalise::<S, NV>(simd, delta, rows);
    let mut means = [simd.splat_f32s(0.0); NV];
    for (values, &slope) in S::as_simd_f32s(delta)
        .0
        .as_chunks::<NV>()
        .0
        .iter()
        .zip(&slopes.everywhere)
    {
        for v in 0..NV {
            means[v] = simd.mul_add_e_f32s(simd.splat_f32s(slope), values[v], means[v]);
        }
    }
    S::as_mut_simd_f32s(rows.sums).0.copy_from_slice(&means);
    for (s, &label) in labels.iter().enumerate() {
        let class = label as usize;
        let of_label = slopes.where_true[class] * delta[class * panel + s];
        rows.sums[s] += of_label;
        rows.largest[s] = of_label;
    }
    let means = S::as_simd_f32s(rows.sums).0;
    let classes = S::as_mut_simd_f32s(delta).0.as_chunks_mut::<NV>().0;
    for (values, &slope) in classes.iter_mut().zip(&slopes.everywhere) {
        for v in 0..NV {
            let slope = simd.sub_f32s(simd.splat_f32s(slope), means[v]);
            values[v] = simd.mul_f32s(values[v], slope);
        }
    }
    for (s, &label) in labels.iter().enumerate() {
        delta[label as usize * panel + s] += rows.largest[s];
    }
}
