//! What the machine can do at most: bytes read, operations and random reads a second.

use std::hint::black_box;
use std::time::{Duration, Instant};

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Every rate is the best of so many.
const N_REPEATS: usize = 5;

/// Values of a table that no cache holds.
const LARGE: usize = 1 << 25;

/// Bytes a second that the threads read from columns of 64-bit numbers.
pub(super) fn read_bandwidth(columns: &[&[f64]]) -> f64 {
    let n_values: usize = columns.iter().map(|column| column.len()).sum();
    let once = || {
        let sum: f64 = columns
            .par_iter()
            .flat_map(|column| column.par_chunks(1 << 16))
            .map(|chunk| {
                let mut sums = [0.0; 16];
                for part in chunk.chunks_exact(16) {
                    for (sum, value) in sums.iter_mut().zip(part) {
                        *sum += value;
                    }
                }
                sums.iter().sum::<f64>()
            })
            .sum();
        black_box(sum);
    };
    8.0 * n_values as f64 / best_of(once)
}

/// Bytes a second read from memory that no cache holds.
pub(super) fn memory_bandwidth() -> f64 {
    read_bandwidth(&[&vec![1.0; LARGE]])
}

/// Operations on 64-bit numbers a second, two a fused multiply-add, with the widest instructions on all threads.
pub(super) fn peak_flops() -> f64 {
    const N_ROUNDS: usize = 20_000_000;
    let n_threads = rayon::current_num_threads();
    let seconds = best_of(|| {
        let flops = rayon::broadcast(|_| Arch::new().dispatch(MultiplyAdd { n_rounds: N_ROUNDS }));
        black_box(flops);
    });
    let once = Arch::new().dispatch(MultiplyAdd { n_rounds: 1 });
    once * N_ROUNDS as f64 * n_threads as f64 / seconds
}

/// Independent sums, enough to keep two units of four cycles each busy.
const N_SUMS: usize = 12;

struct MultiplyAdd {
    n_rounds: usize,
}

impl WithSimd for MultiplyAdd {
    /// Operations done.
    type Output = f64;

    #[expect(
        clippy::inline_always,
        reason = "only what is inlined into the dispatched function gets its vector instructions"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let factor = simd.splat_f64s(black_box(0.999_999));
        let term = simd.splat_f64s(black_box(1e-6));
        let mut sums = [simd.splat_f64s(1.0); N_SUMS];
        for _ in 0..self.n_rounds {
            for sum in &mut sums {
                *sum = simd.mul_add_f64s(*sum, factor, term);
            }
        }
        let total: f64 = sums.iter().map(|&sum| simd.reduce_sum_f64s(sum)).sum();
        black_box(total);
        let n_lanes = size_of::<S::f64s>() / size_of::<f64>();
        2.0 * (n_lanes * N_SUMS) as f64 * self.n_rounds as f64
    }
}

/// Reads a second of random entries of one table of `n` 64-bit numbers by all threads.
pub(super) fn random_reads(n: usize) -> f64 {
    const N_READS: usize = 1 << 24;
    const N_LANES: usize = 8;
    let table = vec![1.0; n];
    let bound = n as u64;
    let seconds = best_of(|| {
        let sums = rayon::broadcast(|context| {
            // Congruential generators: a multiplication and an addition a number.
            let mut states = [0_u32; N_LANES];
            for (lane, state) in (1_u32..).zip(&mut states) {
                *state = lane.wrapping_mul(0x2545_F491) ^ u32::try_from(context.index()).unwrap_or(0);
            }
            let mut sums = [0.0; N_LANES];
            for _ in 0..N_READS / N_LANES {
                for (sum, state) in sums.iter_mut().zip(&mut states) {
                    *state = state.wrapping_mul(0x2C92_77B5).wrapping_add(0x9E37_79B9);
                    let index = (u64::from(*state) * bound) >> 32;
                    *sum += usize::try_from(index).map_or(0.0, |index| table[index]);
                }
            }
            sums.iter().sum::<f64>()
        });
        black_box(sums);
    });
    N_READS as f64 * rayon::current_num_threads() as f64 / seconds
}

/// The best time in seconds.
fn best_of(work: impl Fn()) -> f64 {
    let once = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let best = (0..N_REPEATS).map(|_| once()).min();
    best.unwrap_or(Duration::MAX).as_secs_f64()
}
