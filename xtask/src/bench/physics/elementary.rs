//! What the elementary functions of one evaluation take by themselves.

use std::hint::black_box;

use crate::bench::timing::best_of;

/// Exponentials, square roots and quotients of one evaluation: two refractive indices of soil water, Fresnel, a leaf, two
/// transmissivities. There are a logarithm and a pair of sine and cosine besides.
const N_EXPONENTIALS: usize = 5;
const N_ROOTS: usize = 8;
const N_QUOTIENTS: usize = 15;

/// The least seconds for `n` evaluations on one core: their elementary functions on numbers that are at hand.
pub(super) fn seconds_of_elementary_functions(n: usize) -> f64 {
    let numbers: Vec<f64> = (0..1024).map(|i| 0.5 + 0.001 * f64::from(i)).collect();
    let once = || {
        let mut sum = 0.0;
        for i in 0..n {
            let x = numbers[i % numbers.len()];
            for part in 0..N_EXPONENTIALS {
                sum += (-x * part as f64).exp();
            }
            for part in 0..N_ROOTS {
                sum += (x + part as f64).sqrt();
            }
            for part in 0..N_QUOTIENTS {
                sum += x / (x + part as f64);
            }
            let (sin, cos) = x.sin_cos();
            sum += x.ln() + sin + cos;
        }
        black_box(sum);
        Ok(())
    };
    // The work cannot fail.
    best_of(3, once).unwrap_or(f64::INFINITY)
}
