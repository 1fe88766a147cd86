//! Which interval of one axis holds a coordinate: a table of uniform bins, exact at the cuts.

/// Table sizes, smallest first; the smallest one whose bins hold at most one threshold each is taken.
const TABLE_SIZES: [usize; 3] = [256, 1024, 4096];

/// 2⁵²: a number below it plus it has its nearest whole number in the low bits of its mantissa.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// One bin of the table. Of the thresholds, `n_below` lie in lower bins and `threshold` in this one
/// (infinite where there is none).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bin {
    threshold: f64,
    n_below: u32,
}

/// The intervals [t₀, t₁), [t₁, t₂), … of strictly ascending thresholds along one axis.
///
/// The bin of a number is a non-decreasing function of it: a number in a lower bin than a threshold lies below
/// the threshold, one in a higher bin above. Only within the threshold's own bin must the two be compared, and
/// there they are; so where the bins' borders are, and how they round, does not matter.
#[derive(Debug, Clone)]
pub(crate) struct AxisIndex {
    thresholds: Vec<f64>,
    origin: f64,
    scale: f64,
    bins: Vec<Bin>,
    /// Thresholds in lower bins, for each bin and one past the last; holds where bins have several thresholds.
    starts: Vec<u32>,
    single: bool,
}

impl AxisIndex {
    /// Indexes strictly ascending thresholds, at least 2 of them, fewer than 2³², the last one possibly infinite.
    pub(crate) fn new(thresholds: Vec<f64>) -> Self {
        let mut index = Self::with_bins(&thresholds, TABLE_SIZES[0]);
        for n_bins in &TABLE_SIZES[1..] {
            if !index.single {
                index = Self::with_bins(&thresholds, *n_bins);
            }
        }
        index.thresholds = thresholds;
        index
    }

    /// The same thresholds in the table of size `n_bins`.
    pub(crate) fn resized(&self, n_bins: usize) -> Self {
        Self {
            thresholds: self.thresholds.clone(),
            ..Self::with_bins(&self.thresholds, n_bins)
        }
    }

    fn with_bins(thresholds: &[f64], n_bins: usize) -> Self {
        let origin = thresholds[0];
        let span = thresholds[thresholds.len() - 1] - origin;
        let scale = (n_bins - 1) as f64 / span;
        let mut bins = vec![
            Bin {
                threshold: f64::INFINITY,
                n_below: 0
            };
            n_bins
        ];
        let mut starts = vec![0; n_bins + 1];
        let mut single = true;
        for &threshold in thresholds {
            let b = bin_of(threshold, origin, scale, n_bins);
            single &= bins[b].threshold.is_infinite();
            bins[b].threshold = threshold;
            starts[b + 1] += 1;
        }
        for b in 0..n_bins {
            starts[b + 1] += starts[b];
            bins[b].n_below = starts[b];
        }
        Self {
            thresholds: Vec::new(),
            origin,
            scale,
            bins,
            starts,
            single,
        }
    }

    /// The number of intervals.
    pub(crate) fn n_intervals(&self) -> usize {
        self.thresholds.len() - 1
    }

    /// The lower threshold of every interval.
    pub(crate) fn lower_thresholds(&self) -> &[f64] {
        &self.thresholds[..self.n_intervals()]
    }

    /// The number of bins, when no bin holds more than one threshold.
    pub(crate) fn n_single_bins(&self) -> Option<usize> {
        self.single.then_some(self.bins.len())
    }

    /// The table as an array of known size, for loops without bounds checks.
    pub(crate) fn table<const N: usize>(&self) -> Option<Table<'_, N>> {
        let bins = <&[Bin; N]>::try_from(self.bins.as_slice()).ok()?;
        self.single.then_some(Table {
            bins,
            origin: self.origin,
            scale: self.scale,
        })
    }

    /// How many thresholds are at most `value`: interval number + 1, 0 below all intervals and for NaN, one more
    /// than the number of intervals above all of them.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are fewer thresholds than 2³²"
    )]
    pub(crate) fn n_at_most(&self, value: f64) -> u32 {
        let b = bin_of(value, self.origin, self.scale, self.bins.len());
        let (start, end) = (self.starts[b], self.starts[b + 1]);
        let inside = &self.thresholds[start as usize..end as usize];
        start + inside.partition_point(|threshold| *threshold <= value) as u32
    }

    /// The interval that holds `value`.
    pub(crate) fn interval(&self, value: f64) -> Option<u32> {
        let n = self.n_at_most(value);
        (n > 0 && (n as usize) < self.thresholds.len()).then(|| n - 1)
    }
}

/// A table of `N` bins with at most one threshold each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a, const N: usize> {
    bins: &'a [Bin; N],
    origin: f64,
    scale: f64,
}

impl<const N: usize> Table<'_, N> {
    /// As [`AxisIndex::n_at_most`], without branches.
    #[inline]
    pub(crate) fn n_at_most(&self, value: f64) -> u32 {
        let bin = &self.bins[bin_of(value, self.origin, self.scale, N)];
        bin.n_below + u32::from(value >= bin.threshold)
    }
}

/// A non-decreasing function of `value` below `n_bins`, a power of two; NaN and −∞ give 0.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the mask keeps the low bits only")]
fn bin_of(value: f64, origin: f64, scale: f64, n_bins: usize) -> usize {
    let position = (value - origin) * scale;
    // Written so that NaN becomes 0, in one instruction each.
    let position = if position > 0.0 { position } else { 0.0 };
    let last = (n_bins - 1) as f64;
    let position = if position < last { position } else { last };
    (position + WHOLE).to_bits() as usize & (n_bins - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(thresholds: &[f64], value: f64) -> u32 {
        u32::try_from(thresholds.iter().filter(|t| **t <= value).count()).unwrap()
    }

    fn probes(thresholds: &[f64]) -> Vec<f64> {
        let mut probes = vec![
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.0,
            -0.0,
            f64::MAX,
            f64::MIN,
        ];
        for &t in thresholds {
            probes.extend([t, t.next_up(), t.next_down(), t + 1.0, t - 1.0]);
        }
        probes
    }

    fn assert_exact(thresholds: &[f64]) {
        let index = AxisIndex::new(thresholds.to_vec());
        for value in probes(thresholds) {
            let expected = counted(thresholds, value);
            assert_eq!(index.n_at_most(value), expected, "{value} in {thresholds:?}");
            if let Some(table) = index.table::<256>() {
                assert_eq!(table.n_at_most(value), expected);
            }
            if let Some(table) = index.table::<1024>() {
                assert_eq!(table.n_at_most(value), expected);
            }
            if let Some(table) = index.table::<4096>() {
                assert_eq!(table.n_at_most(value), expected);
            }
        }
    }

    #[test]
    fn hostile_thresholds_are_compared_exactly() {
        let up = 1.0_f64.next_up();
        assert_exact(&[1.0, up]);
        assert_exact(&[0.0, f64::MIN_POSITIVE * f64::EPSILON]);
        assert_exact(&[-1e300, 0.0, 1e300]);
        assert_exact(&[0.0, 1.0, up, up.next_up(), 1e9]);
        assert_exact(&[f64::MAX.next_down(), f64::MAX, f64::INFINITY]);
        assert_exact(&[5e6, 5e6 + 1e-9, 5e6 + 10.0]);
    }

    #[test]
    fn crowded_bins_have_no_table() {
        let index = AxisIndex::new(vec![0.0, 1e-9, 2e-9, 1.0]);
        assert_eq!(index.n_single_bins(), None);
        assert!(index.table::<4096>().is_none());
        assert_eq!(AxisIndex::new(vec![0.0, 0.5, 1.0]).n_single_bins(), Some(256));
        assert_eq!(AxisIndex::new(vec![0.0, 0.001, 1.0]).n_single_bins(), Some(1024));
    }

    proptest! {
        #[test]
        fn every_number_is_in_the_interval_that_comparison_finds(
            thresholds in proptest::collection::btree_set(-1_000_000_i64..1_000_000, 2..60),
            scale in 1e-3..1e3_f64,
            values in proptest::collection::vec(-1e6..1e6_f64, 50),
        ) {
            let thresholds: Vec<f64> = thresholds.iter().map(|t| *t as f64 * scale).collect();
            assert_exact(&thresholds);
            let index = AxisIndex::new(thresholds.clone());
            for value in values {
                prop_assert_eq!(index.n_at_most(value * scale), counted(&thresholds, value * scale));
            }
        }
    }
}
