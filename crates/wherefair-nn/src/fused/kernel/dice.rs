//! Soft Dice of one panel: first the sums over the batch, then the derivatives.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

use super::lanes::Lanes;
use super::level::MAX_PANEL;
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
    pub(crate) fn loss_and_slopes<T: Lanes>(&self, smoothing: f64) -> (f64, DiceSlopes<T>) {
        let n_classes = self.overlap.len() as f64;
        let mut loss = 0.0;
        let mut slopes = DiceSlopes::default();
        for ((overlap, predicted), support) in self.overlap.iter().zip(&self.predicted).zip(&self.support) {
            let size = predicted + support + smoothing;
            let overlap = overlap + smoothing;
            loss += 1.0 - 2.0 * overlap / size;
            slopes
                .everywhere
                .push(T::narrowed(2.0 * overlap / (size * size) / n_classes));
            slopes.where_true.push(T::narrowed(-2.0 / size / n_classes));
        }
        (loss / n_classes, slopes)
    }

    /// How the slopes change where the sums change by `tangents`.
    ///
    /// # Formula
    /// With D′ = P′: (2 I′ / D² − 4 (I + ε) P′ / D³ + 2 y P′ / D²) / C.
    pub(crate) fn slopes_along<T: Lanes>(&self, tangents: &Self, smoothing: f64) -> DiceSlopes<T> {
        let n_classes = self.overlap.len() as f64;
        let mut slopes = DiceSlopes::default();
        for class in 0..self.overlap.len() {
            let size = self.predicted[class] + self.support[class] + smoothing;
            let overlap = self.overlap[class] + smoothing;
            let (of_overlap, of_size) = (tangents.overlap[class], tangents.predicted[class]);
            let scale = 2.0 / (size * size) / n_classes;
            let everywhere = scale * (of_overlap - 2.0 * overlap * of_size / size);
            slopes.everywhere.push(T::narrowed(everywhere));
            slopes.where_true.push(T::narrowed(scale * of_size));
        }
        slopes
    }
}

/// ∂L/∂ŷ of each class.
#[derive(Debug, Clone, Default)]
pub(crate) struct DiceSlopes<T> {
    /// For every sample.
    pub(crate) everywhere: Vec<T>,
    /// In addition, for samples of the class.
    pub(crate) where_true: Vec<T>,
}

/// Adds the samples in `labels` to the sums; `scratch` is as large as `z` and keeps ŷ.
#[inline(always)]
pub(super) fn add<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    z: &[T],
    scratch: &mut [T],
    labels: &[u32],
    rows: &mut Rows<'_, T>,
    sums: &mut DiceSums,
) {
    terms::<T, S, NV>(simd, z, scratch, rows);
    normalise::<T, S, NV>(simd, scratch, rows);
    add_up::<T, S, NV>(simd, scratch, labels, sums);
}

/// Adds ŷ, or its tangents, to the sums.
#[inline(always)]
pub(super) fn add_up<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    predicted: &[T],
    labels: &[u32],
    sums: &mut DiceSums,
) {
    let panel = NV * T::lanes::<S>();
    let classes = T::vectors::<S>(predicted).as_chunks::<NV>().0;
    for (sum, values) in sums.predicted.iter_mut().zip(classes) {
        let mut total = values[0];
        for &value in &values[1..] {
            total = T::v_add(simd, total, value);
        }
        *sum += T::v_sum(simd, total).widened();
    }
    for (s, &label) in labels.iter().enumerate() {
        let class = label as usize;
        sums.overlap[class] += predicted[class * panel + s].widened();
        sums.support[class] += 1.0;
    }
}

/// Turns outputs to derivatives: δ = ŷ (g − Σ g ŷ), with g from `slopes`.
#[inline(always)]
pub(super) fn derivatives<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    z: &[T],
    delta: &mut [T],
    labels: &[u32],
    slopes: &DiceSlopes<T>,
    rows: &mut Rows<'_, T>,
) {
    let panel = NV * T::lanes::<S>();
    terms::<T, S, NV>(simd, z, delta, rows);
    normalise::<T, S, NV>(simd, delta, rows);
    let mut means = [T::v_zero(simd); NV];
    for (values, &slope) in T::vectors::<S>(delta)
        .as_chunks::<NV>()
        .0
        .iter()
        .zip(&slopes.everywhere)
    {
        for v in 0..NV {
            means[v] = T::v_mul_add(simd, T::v_splat(simd, slope), values[v], means[v]);
        }
    }
    T::vectors_mut::<S>(rows.sums).copy_from_slice(&means);
    for (s, &label) in labels.iter().enumerate() {
        let class = label as usize;
        let of_label = slopes.where_true[class] * delta[class * panel + s];
        rows.sums[s] += of_label;
        rows.largest[s] = of_label;
    }
    let means = T::vectors::<S>(rows.sums);
    let classes = T::vectors_mut::<S>(delta).as_chunks_mut::<NV>().0;
    for (values, &slope) in classes.iter_mut().zip(&slopes.everywhere) {
        for v in 0..NV {
            let slope = T::v_sub(simd, T::v_splat(simd, slope), means[v]);
            values[v] = T::v_mul(simd, values[v], slope);
        }
    }
    for (s, &label) in labels.iter().enumerate() {
        delta[label as usize * panel + s] += rows.largest[s];
    }
}

/// Turns ŷ and its tangents ŷ′ to derivatives δ = ŷ (g − Σ g ŷ) and their tangents
/// δ′ = ŷ′ (g − Σ g ŷ) + ŷ (g′ − Σ g′ ŷ + g ŷ′), with g from the first slopes and g′ from the second.
#[inline(always)]
pub(super) fn derivatives_along<T: Lanes, S: Simd, const NV: usize>(
    simd: S,
    predicted: &mut [T],
    along: &mut [T],
    labels: &[u32],
    (slopes, slopes_along): (&DiceSlopes<T>, &DiceSlopes<T>),
    rows: &mut Rows<'_, T>,
) {
    let panel = NV * T::lanes::<S>();
    let n_classes = slopes.everywhere.len();
    let everywhere = |class: usize| {
        let splat = |slopes: &DiceSlopes<T>| T::v_splat(simd, slopes.everywhere[class]);
        (splat(slopes), splat(slopes_along))
    };
    let mut means = [T::v_zero(simd); NV];
    let mut means_along = [T::v_zero(simd); NV];
    let classes = T::vectors::<S>(predicted).as_chunks::<NV>().0;
    let classes_along = T::vectors::<S>(along).as_chunks::<NV>().0;
    for class in 0..n_classes {
        let (g, g_along) = everywhere(class);
        for v in 0..NV {
            let (y, y_along) = (classes[class][v], classes_along[class][v]);
            means[v] = T::v_mul_add(simd, g, y, means[v]);
            means_along[v] = T::v_mul_add(simd, g_along, y, means_along[v]);
            means_along[v] = T::v_mul_add(simd, g, y_along, means_along[v]);
        }
    }
    T::vectors_mut::<S>(rows.sums).copy_from_slice(&means);
    T::vectors_mut::<S>(rows.largest).copy_from_slice(&means_along);
    let of_label = |predicted: &[T], along: &[T], s: usize, class: usize| {
        let (y, y_along) = (predicted[class * panel + s], along[class * panel + s]);
        let (g, g_along) = (slopes.where_true[class], slopes_along.where_true[class]);
        (g * y, g_along * y + g * y_along)
    };
    for (s, &label) in labels.iter().enumerate() {
        let (own, own_along) = of_label(predicted, along, s, label as usize);
        rows.sums[s] += own;
        rows.largest[s] += own_along;
    }
    let (means, means_along) = (T::vectors::<S>(rows.sums), T::vectors::<S>(rows.largest));
    // What samples of a class get in addition needs ŷ and ŷ′, which are about to be overwritten.
    let mut own = [(T::default(), T::default()); MAX_PANEL];
    for (s, (own, &label)) in own.iter_mut().zip(labels).enumerate() {
        *own = of_label(predicted, along, s, label as usize);
    }
    let classes = T::vectors_mut::<S>(predicted).as_chunks_mut::<NV>().0;
    let classes_along = T::vectors_mut::<S>(along).as_chunks_mut::<NV>().0;
    for class in 0..n_classes {
        let (g, g_along) = everywhere(class);
        for v in 0..NV {
            let (y, y_along) = (classes[class][v], classes_along[class][v]);
            let slope = T::v_sub(simd, g, means[v]);
            let slope_along = T::v_sub(simd, g_along, means_along[v]);
            classes[class][v] = T::v_mul(simd, y, slope);
            classes_along[class][v] = T::v_mul_add(simd, y_along, slope, T::v_mul(simd, y, slope_along));
        }
    }
    for (s, ((own, own_along), &label)) in own.into_iter().zip(labels).enumerate() {
        let at = label as usize * panel + s;
        predicted[at] += own;
        along[at] += own_along;
    }
}
