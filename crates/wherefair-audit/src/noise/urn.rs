//! Cell contents drawn without replacement from the pooled samples.

use wherefair_core::Stream;

use crate::hypergeometric::hypergeometric;

/// A cell with at least this many samples a category is filled category by category, others item by item.
const SAMPLES_A_CATEGORY: u64 = 4;

/// All samples by category, and how many of them each cell holds.
///
/// When samples are exchangeable over locations, the contents of the cells are a random deal of the pooled
/// samples into hands of the cells' sizes. Large hands are drawn category by category (multivariate
/// hypergeometric), the rest is shuffled and dealt; both are exact.
#[derive(Debug)]
pub(super) struct Urn {
    pool: Vec<(u32, u64)>,
    large: Vec<(usize, u64)>,
    small: Vec<(usize, u64)>,
}

/// Memory that a draw needs; reused from draw to draw.
#[derive(Debug, Default)]
pub(super) struct UrnScratch {
    left: Vec<u64>,
    deck: Vec<u32>,
}

impl Urn {
    /// An urn of `pool[category]` samples, dealt to cells of `n_samples[cell]`; both must have the same sum.
    pub(super) fn new(pool: &[u64], n_samples: &[u64]) -> Self {
        let pool: Vec<(u32, u64)> = (0_u32..)
            .zip(pool.iter().copied())
            .filter(|&(_, count)| count > 0)
            .collect();
        let limit = SAMPLES_A_CATEGORY * pool.len() as u64;
        let (large, small) = n_samples
            .iter()
            .copied()
            .enumerate()
            .filter(|&(_, n)| n > 0)
            .partition(|&(_, n)| n >= limit);
        Self { pool, large, small }
    }

    /// Deals once: calls `visit(cell, category, count)` for what each cell gets, in parts.
    #[expect(clippy::cast_possible_truncation, reason = "the deck is in memory")]
    pub(super) fn deal(
        &self,
        stream: &mut Stream,
        scratch: &mut UrnScratch,
        mut visit: impl FnMut(usize, u32, u64),
    ) {
        scratch.left.clear();
        scratch.left.extend(self.pool.iter().map(|&(_, count)| count));
        let mut total: u64 = scratch.left.iter().sum();
        for &(cell, n) in &self.large {
            let mut wanted = n;
            let mut among = total;
            for (left, &(category, _)) in scratch.left.iter_mut().zip(&self.pool) {
                if wanted == 0 {
                    break;
                }
                let count = hypergeometric(stream, among, *left, wanted);
                among -= *left;
                *left -= count;
                wanted -= count;
                if count > 0 {
                    visit(cell, category, count);
                }
            }
            total -= n;
        }
        scratch.deck.clear();
        for (&left, &(category, _)) in scratch.left.iter().zip(&self.pool) {
            scratch.deck.extend(std::iter::repeat_n(category, left as usize));
        }
        stream.shuffle(&mut scratch.deck);
        let mut deck = scratch.deck.iter();
        for &(cell, n) in &self.small {
            for &category in deck.by_ref().take(n as usize) {
                visit(cell, category, 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    #[test]
    fn every_deal_empties_the_urn_and_fills_every_cell() {
        let pool = [500, 0, 3, 200, 297];
        let n_samples = [400, 0, 15, 1, 584];
        let urn = Urn::new(&pool, &n_samples);
        assert_eq!((urn.large.len(), urn.small.len()), (2, 2));
        let mut scratch = UrnScratch::default();
        for i in 0..200 {
            let (mut by_cell, mut by_category) = ([0; 5], [0; 5]);
            let mut stream = Seed::new(1).indexed("deal", i);
            urn.deal(&mut stream, &mut scratch, |cell, category, count| {
                by_cell[cell] += count;
                by_category[category as usize] += count;
            });
            assert_eq!(by_cell, n_samples);
            assert_eq!(by_category, pool);
        }
    }

    #[test]
    fn shares_have_the_variance_of_draws_without_replacement() {
        let (pool, n_samples) = ([60, 40], [50, 30, 20]);
        let urn = Urn::new(&pool, &n_samples);
        let mut scratch = UrnScratch::default();
        let n = 40_000;
        let (mut sum, mut squares) = ([0.0; 3], [0.0; 3]);
        for i in 0..n {
            let mut first = [0_u64; 3];
            urn.deal(
                &mut Seed::new(4).indexed("deal", i),
                &mut scratch,
                |cell, category, count| {
                    if category == 0 {
                        first[cell] += count;
                    }
                },
            );
            for cell in 0..3 {
                let centred = first[cell] as f64 - 0.6 * n_samples[cell] as f64;
                sum[cell] += centred;
                squares[cell] += centred * centred;
            }
        }
        let n = n as f64;
        for cell in 0..3 {
            let m = n_samples[cell] as f64;
            let variance = m * 0.6 * 0.4 * (100.0 - m) / 99.0;
            assert!((sum[cell] / n).abs() < 5.0 * (variance / n).sqrt());
            assert!((squares[cell] / n / variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        }
    }
}
