//! What the machine can do at most: bytes read, operations and random reads a second.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use std::hint::black_box;
use std::marker::PhantomData;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::timing;

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

/// Operations on numbers of one kind a second, two a fused multiply-add, with the widest instructions on all threads.
pub(super) fn peak_flops<T: Lanes>() -> f64 {
    const N_ROUNDS: usize = 20_000_000;
    let n_threads = rayon::current_num_threads();
    let rounds = |n_rounds| {
        Arch::new().dispatch(MultiplyAdd::<T> {
            n_rounds,
            numbers: PhantomData,
        })
    };
    let seconds = best_of(|| {
        black_box(rayon::broadcast(|_| rounds(N_ROUNDS)));
    });
    rounds(1) * N_ROUNDS as f64 * n_threads as f64 / seconds
}

/// A kind of number that vector instructions work on.
pub(super) trait Lanes: Sync {
    /// A vector of them.
    type Vector<S: Simd>: Copy;

    fn splat<S: Simd>(simd: S, value: f32) -> Self::Vector<S>;

    fn multiply_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
}

macro_rules! lanes {
    ($number:ty, $vector:ident, $splat:ident, $multiply_add:ident) => {
        impl Lanes for $number {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: f32) -> S::$vector {
                simd.$splat(value.into())
            }

            #[inline(always)]
            fn multiply_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$multiply_add(a, b, c)
            }
        }
    };
}

lanes!(f32, f32s, splat_f32s, mul_add_f32s);
lanes!(f64, f64s, splat_f64s, mul_add_f64s);

/// Independent sums, enough to keep two units of four cycles each busy.
const N_SUMS: usize = 12;

struct MultiplyAdd<T> {
    n_rounds: usize,
    numbers: PhantomData<T>,
}

impl<T: Lanes> WithSimd for MultiplyAdd<T> {
    /// Operations done.
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let factor = T::splat(simd, black_box(0.999_999));
        let term = T::splat(simd, black_box(1e-6));
        let mut sums = [T::splat(simd, 1.0); N_SUMS];
        for _ in 0..self.n_rounds {
            for sum in &mut sums {
                *sum = T::multiply_add(simd, *sum, factor, term);
            }
        }
        black_box(sums);
        let n_lanes = size_of::<T::Vector<S>>() / size_of::<T>();
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
        work();
        Ok(())
    };
    // The work cannot fail.
    timing::best_of(N_REPEATS, once).unwrap_or(f64::INFINITY)
}
