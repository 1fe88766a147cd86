//! The null of sums of errors when there are too many samples to permute.

use wherefair_core::Stream;
use wherefair_metrics::ValueTally;

use super::Null;
use crate::cell_tallies::CellTallies;
use crate::reservoir::{Reservoir, SampledError};

/// Cells of up to this many samples are drawn sample by sample.
const MAX_SINGLE_DRAWS: u64 = 4096;

/// The summed quantities: error, its absolute value, its square, shifted truth, its square.
const N_SUMS: usize = 5;

type Sums = [f64; N_SUMS];

/// Sums of exchanged errors, cell by cell.
///
/// # Formula
/// Large cells get `S_c = n_c μ + √n_c L z` with `L Lᵀ` the covariance of the sampled errors, small cells the
/// sum of `n_c` draws from the sampled errors. `S_c + (n_c / N)(T − Σ S)` then has the observed totals `T` and
/// the covariance of draws without replacement.
pub(super) struct NormalSums<'a> {
    kept: &'a [SampledError],
    mean: Sums,
    root: [Sums; N_SUMS],
    totals: Sums,
    n_samples: &'a [u64],
}

fn sums_of(sampled: &SampledError) -> Sums {
    let SampledError { error, shifted_truth } = *sampled;
    [
        error,
        error.abs(),
        error * error,
        shifted_truth,
        shifted_truth * shifted_truth,
    ]
}

impl<'a> NormalSums<'a> {
    pub(super) fn new(reservoir: &'a Reservoir, tallies: &[ValueTally], n_samples: &'a [u64]) -> Self {
        let kept = reservoir.kept();
        let n = (kept.len() as f64).max(1.0);
        let mut mean = [0.0; N_SUMS];
        for sampled in kept {
            for (mean, value) in mean.iter_mut().zip(sums_of(sampled)) {
                *mean += value / n;
            }
        }
        let mut covariance = [[0.0; N_SUMS]; N_SUMS];
        for sampled in kept {
            let mut centred = sums_of(sampled);
            for (value, mean) in centred.iter_mut().zip(mean) {
                *value -= mean;
            }
            for i in 0..N_SUMS {
                for j in 0..=i {
                    covariance[i][j] += centred[i] * centred[j] / n;
                }
            }
        }
        let mut totals = [0.0; N_SUMS];
        for tally in tallies {
            let sums = [
                tally.sum,
                tally.sum_abs,
                tally.sum_sq,
                tally.truth_sum,
                tally.truth_sum_sq,
            ];
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += sum;
            }
        }
        Self {
            kept,
            mean,
            root: cholesky(&covariance),
            totals,
            n_samples,
        }
    }

    fn cell(&self, stream: &mut Stream, n: u64) -> Sums {
        let mut sums = [0.0; N_SUMS];
        if n <= MAX_SINGLE_DRAWS {
            for _ in 0..n {
                let drawn = sums_of(&self.kept[stream.index(self.kept.len())]);
                for (sum, value) in sums.iter_mut().zip(drawn) {
                    *sum += value;
                }
            }
            return sums;
        }
        let normal: Sums = std::array::from_fn(|_| stream.standard_normal());
        let n = n as f64;
        std::array::from_fn(|i| {
            let spread: f64 = self.root[i].iter().zip(normal).map(|(root, z)| root * z).sum();
            n * self.mean[i] + n.sqrt() * spread
        })
    }
}

/// The lower Cholesky factor of a positive semi-definite matrix given by its lower half; columns of rank
/// deficiency are zero.
fn cholesky(matrix: &[Sums; N_SUMS]) -> [Sums; N_SUMS] {
    const RANK_TOLERANCE: f64 = 1e-12;
    let mut root = [[0.0; N_SUMS]; N_SUMS];
    for j in 0..N_SUMS {
        let pivot = matrix[j][j] - (0..j).map(|k| root[j][k] * root[j][k]).sum::<f64>();
        if pivot <= RANK_TOLERANCE * matrix[j][j] {
            continue;
        }
        root[j][j] = pivot.sqrt();
        for i in j + 1..N_SUMS {
            let rest = matrix[i][j] - (0..j).map(|k| root[i][k] * root[j][k]).sum::<f64>();
            root[i][j] = rest / root[j][j];
        }
    }
    root
}

impl Null for NormalSums<'_> {
    type Scratch = (Vec<Sums>, CellTallies);

    fn scratch(&self) -> Self::Scratch {
        let tallies = vec![ValueTally::default(); self.n_samples.len()];
        (Vec::new(), CellTallies::Values(tallies))
    }

    fn draw<T>(
        &self,
        stream: &mut Stream,
        scratch: &mut Self::Scratch,
        show: impl FnOnce(&CellTallies) -> T,
    ) -> T {
        let (drawn, cells) = scratch;
        drawn.clear();
        drawn.extend(self.n_samples.iter().map(|&n| self.cell(stream, n)));
        let mut missing = self.totals;
        for sums in drawn.iter() {
            for (missing, sum) in missing.iter_mut().zip(sums) {
                *missing -= sum;
            }
        }
        let total = self.n_samples.iter().sum::<u64>() as f64;
        if let CellTallies::Values(tallies) = cells {
            for ((tally, &n), sums) in tallies.iter_mut().zip(self.n_samples).zip(drawn.iter()) {
                let share = n as f64 / total;
                let sum = |i: usize| sums[i] + share * missing[i];
                *tally = ValueTally {
                    n,
                    sum: sum(0),
                    sum_abs: sum(1).max(0.0),
                    sum_sq: sum(2).max(0.0),
                    truth_sum: sum(3),
                    truth_sum_sq: sum(4).max(0.0),
                };
            }
        }
        show(cells)
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    #[test]
    fn sums_have_the_totals_and_the_variance_of_draws_without_replacement() {
        let mut reservoir = Reservoir::new(Seed::new(1));
        let mut stream = Seed::new(1).stream("errors");
        let n_samples = [20_000, 5_000, 300, 0, 34_700];
        let mut tallies = vec![ValueTally::default(); 5];
        for (tally, &n) in tallies.iter_mut().zip(&n_samples) {
            for _ in 0..n {
                let error = stream.standard_normal();
                let shifted_truth = error + 2.0 * stream.standard_normal();
                tally.record(error, shifted_truth);
                reservoir.offer(|| SampledError { error, shifted_truth });
            }
        }
        let null = NormalSums::new(&reservoir, &tallies, &n_samples);
        let mut scratch = null.scratch();
        let n_draws = 4000;
        let mut squares = [0.0; 5];
        for i in 0..n_draws {
            null.draw(&mut Seed::new(2).indexed("draw", i), &mut scratch, |cells| {
                let CellTallies::Values(cells) = cells else {
                    unreachable!("the null of sums gives sums")
                };
                let total: f64 = cells.iter().map(|cell| cell.sum_abs).sum();
                assert!((total - null.totals[1]).abs() < 1e-6 * total);
                let (mean, n) = (null.totals[0] / 60_000.0, 60_000.0);
                for (c, cell) in cells.iter().enumerate() {
                    let m = n_samples[c] as f64;
                    let variance = (m * (1.0 - m / n)).max(1.0);
                    squares[c] += (cell.sum - m * mean).powi(2) / variance;
                }
            });
        }
        for c in [0, 1, 2, 4] {
            let ratio = squares[c] / n_draws as f64;
            assert!(
                (ratio - 1.0).abs() < 0.13,
                "cell {c}: variance is {ratio} of the expected"
            );
        }
    }

    #[test]
    fn a_constant_error_has_no_spread() {
        let mut reservoir = Reservoir::new(Seed::new(1));
        let mut tally = ValueTally::default();
        for _ in 0..10_000 {
            tally.record(2.0, 0.0);
            reservoir.offer(|| SampledError {
                error: 2.0,
                shifted_truth: 0.0,
            });
        }
        let n_samples = [10_000];
        let null = NormalSums::new(&reservoir, &[tally], &n_samples);
        let mut scratch = null.scratch();
        null.draw(&mut Seed::new(0).stream("draw"), &mut scratch, |cells| {
            let CellTallies::Values(cells) = cells else {
                unreachable!("the null of sums gives sums")
            };
            assert!((cells[0].sum_sq - 40_000.0).abs() < 1e-6);
        });
    }
}
