//! The exact median in memory, and a mergeable sketch of quantiles for data of any size.

use std::fmt;

use sketches_ddsketch::{Config, DDSketch};
use wherefair_core::Tally;

use crate::error::MetricError;

/// The exact median: the middle value, or the mean of the two middle values. Reorders `values`.
///
/// `None` for no values, for any NaN, and between −∞ and ∞.
///
/// # Examples
/// ```
/// assert_eq!(wherefair_metrics::median(&mut [9.0, 1.0, 5.0]), Some(5.0));
/// assert_eq!(wherefair_metrics::median(&mut [9.0, 1.0, 5.0, 3.0]), Some(4.0));
/// ```
pub fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let middle = values.len() / 2;
    let n_is_even = values.len().is_multiple_of(2);
    let (lower_half, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let median = if n_is_even {
        let lower = lower_half.iter().copied().max_by(f64::total_cmp)?;
        f64::midpoint(lower, upper)
    } else {
        upper
    };
    (!median.is_nan()).then_some(median)
}

/// A mergeable sketch of the distribution of signed values.
///
/// Each value is remembered to within [`RELATIVE_ERROR`](Self::RELATIVE_ERROR) of its magnitude; magnitudes
/// up to [`SMALLEST`](Self::SMALLEST) count as 0. A quantile between two samples of one sign is therefore
/// right to within 0.5 %, one between samples of either sign to within 0.5 % of the larger magnitude. The
/// sketch keeps whole-number counts by magnitude and never drops any, so that the order of merging does not
/// show. It needs 8 bytes for each step of 1 % between the smallest and largest magnitude of either sign:
/// 11 kB for six powers of ten, 600 kB a sign at most.
///
/// # References
/// Masson, Rim and Lee (2019), `DDSketch`, doi:10.14778/3352063.3352135.
///
/// # Examples
/// ```
/// use wherefair_metrics::QuantileTally;
///
/// let mut tally = QuantileTally::default();
/// for i in 1..=1001 {
///     tally.record(f64::from(i))?;
/// }
/// let median = tally.quantile(0.5).unwrap();
/// assert!((median - 501.0).abs() <= QuantileTally::RELATIVE_ERROR * 501.0);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
#[derive(Clone)]
pub struct QuantileTally {
    sketch: DDSketch,
    n: u64,
}

impl QuantileTally {
    /// The largest relative error of a remembered value.
    pub const RELATIVE_ERROR: f64 = 0.005;

    /// The largest magnitude that counts as 0.
    pub const SMALLEST: f64 = 1e-12;

    /// More bins than there are between [`SMALLEST`](Self::SMALLEST) and `f64::MAX` (73,743), so that the
    /// sketch never collapses its lowest bins, which would void the bound on the error.
    const MAX_BINS: u32 = 1 << 17;

    /// Counts one value.
    ///
    /// # Errors
    /// [`MetricError::NotFinite`] when `value` is NaN or infinite; it is not counted then.
    pub fn record(&mut self, value: f64) -> Result<(), MetricError> {
        if !value.is_finite() {
            return Err(MetricError::NotFinite {
                name: "value",
                index: usize::try_from(self.n).unwrap_or(usize::MAX),
                value,
            });
        }
        self.sketch.add(value);
        self.n += 1;
        Ok(())
    }

    /// The `q`-quantile, linear between the samples of rank ⌊h⌋ and ⌊h⌋ + 1 with h = q (n − 1): for `q` = ½
    /// the conventional median. `None` when nothing was counted or `q` lies outside [0, 1].
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.n == 0 || !(0.0..=1.0).contains(&q) {
            return None;
        }
        let last = (self.n - 1) as f64;
        let h = q * last;
        let lower = self.at_rank(h.floor(), last)?;
        let part = h.fract();
        if part == 0.0 {
            return Some(lower);
        }
        let upper = self.at_rank(h.floor() + 1.0, last)?;
        Some(lower * (1.0 - part) + upper * part)
    }

    /// The value of whole-number `rank` of 0 to `last`.
    fn at_rank(&self, rank: f64, last: f64) -> Option<f64> {
        // The sketch truncates q (n − 1); half a rank more keeps rounding from reaching the rank below.
        let q = if rank <= 0.0 {
            0.0
        } else if rank >= last {
            1.0
        } else {
            (rank + 0.5) / last
        };
        let value = self.sketch.quantile(q).ok().flatten()?;
        Some(value.clamp(self.sketch.min()?, self.sketch.max()?))
    }
}

impl Default for QuantileTally {
    fn default() -> Self {
        Self {
            sketch: DDSketch::new(Config::new(Self::RELATIVE_ERROR, Self::MAX_BINS, Self::SMALLEST)),
            n: 0,
        }
    }
}

impl fmt::Debug for QuantileTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuantileTally")
            .field("n", &self.n)
            .field("min", &self.sketch.min())
            .field("median", &self.quantile(0.5))
            .field("max", &self.sketch.max())
            .finish()
    }
}

impl Tally for QuantileTally {
    fn merge(&mut self, other: &Self) {
        // All sketches share one configuration, the only thing that merging can fail over.
        if self.sketch.merge(&other.sketch).is_ok() {
            self.n += other.n;
        }
    }

    fn n_samples(&self) -> u64 {
        self.n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(values: &[f64]) -> QuantileTally {
        let mut tally = QuantileTally::default();
        for &value in values {
            tally.record(value).unwrap();
        }
        tally
    }

    #[test]
    fn median_of_hostile_values_is_none() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [1.0, f64::NAN, 2.0]), None);
        assert_eq!(median(&mut [f64::NEG_INFINITY, f64::INFINITY]), None);
        assert_eq!(median(&mut [f64::MAX, f64::MAX]), Some(f64::MAX));
        assert_eq!(median(&mut [f64::INFINITY, 1.0, 0.0]), Some(1.0));
        assert_eq!(median(&mut [7.0]), Some(7.0));
    }

    #[test]
    fn a_value_that_is_not_finite_is_not_counted() {
        let mut tally = sketch(&[1.0]);
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(tally.record(bad).is_err());
        }
        assert_eq!(tally.n_samples(), 1);
        assert_eq!(tally.quantile(0.5), Some(1.0));
    }

    #[test]
    fn quantiles_outside_their_domain_are_none() {
        let tally = sketch(&[1.0, 2.0]);
        for q in [-0.1, 1.1, f64::NAN] {
            assert_eq!(tally.quantile(q), None);
        }
        assert_eq!(QuantileTally::default().quantile(0.5), None);
    }

    #[test]
    fn the_full_range_of_magnitudes_keeps_the_bound() {
        let mut values: Vec<f64> = (-11..=308).map(|power| 10_f64.powi(power)).collect();
        values.extend((-11..=308).map(|power| -(10_f64.powi(power))));
        values.push(0.0);
        values.push(f64::MAX);
        values.push(f64::MIN);
        let tally = sketch(&values);
        values.sort_by(f64::total_cmp);
        let last = (values.len() - 1) as f64;
        for (rank, &value) in values.iter().enumerate() {
            let found = tally.at_rank(rank as f64, last).unwrap();
            let bound = QuantileTally::RELATIVE_ERROR * value.abs() * (1.0 + 1e-9);
            assert!((found - value).abs() <= bound, "{found} for {value}");
        }
    }

    #[test]
    fn the_median_of_two_signs_lies_between_them() {
        let found = sketch(&[-1.0, 3.0]).quantile(0.5).unwrap();
        assert!((found - 1.0).abs() <= QuantileTally::RELATIVE_ERROR * 3.0);
    }
}
