//! How many fused multiply-adds the machine does when it does nothing else.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use std::hint::black_box;
use std::time::Instant;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Independent sums: enough to hide the latency of the instruction, few enough for 16 registers.
const SUMS: usize = 12;

const N_ROUNDS: usize = 4_000_000;

const N_REPEATS: usize = 5;

/// Products and sums of 32-bit numbers a second, all threads together.
pub(super) fn fused_multiply_adds_per_second() -> f64 {
    let once = || {
        let start = Instant::now();
        let n: usize = rayon::broadcast(|_| pulp::Arch::new().dispatch(Rounds))
            .into_par_iter()
            .sum();
        n as f64 / start.elapsed().as_secs_f64()
    };
    (0..N_REPEATS).map(|_| once()).fold(0.0, f64::max)
}

struct Rounds;

impl WithSimd for Rounds {
    /// Fused multiply-adds done.
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, term) = (
            simd.splat_f32s(black_box(0.999)),
            simd.splat_f32s(black_box(0.001)),
        );
        let mut sums = [term; SUMS];
        for _ in 0..N_ROUNDS {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f32s(*sum, factor, term);
            }
        }
        black_box(sums.map(|sum| simd.reduce_sum_f32s(sum)));
        N_ROUNDS * SUMS * S::F32_LANES
    }
}
