//! The null of median errors when there are too many samples to permute.

use super::urn::{Urn, UrnScratch};
use super::{NullDraws, NullMethod, Observed};
use crate::Progress;

/// Quantile classes of the pooled errors.
const N_BINS: usize = 64;

/// Cells hold counts of errors by quantile class of the pooled errors; a partition's median is where half of
/// its count is reached, interpolated in its class and carried back through the pooled quantiles.
pub(super) struct Histograms {
    /// Pooled absolute errors, ascending.
    pooled: Vec<f64>,
    urn: Urn,
    n_cells: usize,
}

impl Histograms {
    pub(super) fn new(mut pooled: Vec<f64>, n_samples: &[u64]) -> Self {
        pooled.sort_unstable_by(f64::total_cmp);
        let total: u64 = n_samples.iter().sum();
        let bins = N_BINS as u64;
        let pool: Vec<u64> = (0..bins)
            .map(|bin| total / bins + u64::from(bin < total % bins))
            .collect();
        Self {
            pooled,
            urn: Urn::new(&pool, n_samples),
            n_cells: n_samples.len(),
        }
    }

    pub(super) fn run(&self, observed: &Observed<'_>, progress: &dyn Progress) -> NullDraws {
        let scratch = || (UrnScratch::default(), vec![0_u64; self.n_cells * N_BINS]);
        observed.collect(
            NullMethod::QuantileCounts,
            progress,
            scratch,
            |stream, scratch| {
                let ((urn, counts), _, scores) = scratch;
                counts.fill(0);
                self.urn.deal(stream, urn, |cell, bin, count| {
                    counts[cell * N_BINS + bin as usize] += count;
                });
                let min_samples = observed.config.min_samples();
                observed.measure(
                    |i, into| {
                        let members = &observed.refinement.members[i];
                        into.clear();
                        into.extend(members.n_samples.iter().enumerate().map(|(p, &n)| {
                            (n >= min_samples)
                                .then(|| self.median(counts, members.cells(p), n))
                                .flatten()
                        }));
                    },
                    scores,
                )
            },
        )
    }

    fn median(&self, counts: &[u64], cells: &[u32], n: u64) -> Option<f64> {
        let mut bins = [0_u64; N_BINS];
        for &cell in cells {
            let cell = &counts[cell as usize * N_BINS..][..N_BINS];
            for (bin, count) in bins.iter_mut().zip(cell) {
                *bin += count;
            }
        }
        let half = n as f64 / 2.0;
        let mut below = 0.0;
        for (bin, &count) in bins.iter().enumerate() {
            let count = count as f64;
            if count > 0.0 && below + count >= half {
                return self.quantile((bin as f64 + (half - below) / count) / N_BINS as f64);
            }
            below += count;
        }
        None
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position between 0 and the last"
    )]
    fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.pooled.len().checked_sub(1)?;
        let position = (share.clamp(0.0, 1.0) * self.pooled.len() as f64 - 0.5).clamp(0.0, last as f64);
        let low = position.floor() as usize;
        let high = (low + 1).min(last);
        Some(self.pooled[low] + (position - low as f64) * (self.pooled[high] - self.pooled[low]))
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    #[test]
    fn medians_of_dealt_counts_spread_as_medians_of_samples() {
        let mut stream = Seed::new(9).stream("pool");
        let pooled: Vec<f64> = (0..50_000).map(|_| stream.standard_normal().abs()).collect();
        let n_samples = [400, 49_600];
        let histograms = Histograms::new(pooled, &n_samples);
        let mut counts = vec![0; 2 * N_BINS];
        let mut scratch = UrnScratch::default();
        let n = 4000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..n {
            counts.fill(0);
            histograms.urn.deal(
                &mut Seed::new(3).indexed("deal", i),
                &mut scratch,
                |cell, bin, count| {
                    counts[cell * N_BINS + bin as usize] += count;
                },
            );
            let median = histograms.median(&counts, &[0], 400).unwrap();
            sum += median;
            squares += median * median;
        }
        let n = n as f64;
        let (mean, sd) = (sum / n, (squares / n - (sum / n).powi(2)).sqrt());
        // The median of |z| is 0.6745, its density there 2 φ(0.6745) = 0.6356.
        let expected = 0.5 / (0.6356 * 400_f64.sqrt());
        assert!((mean - 0.6745).abs() < 0.01, "{mean}");
        assert!((sd / expected - 1.0).abs() < 0.1, "{sd} is not {expected}");
    }
}
