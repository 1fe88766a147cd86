//! What the square roots and quotients of one evaluation take by themselves.

use std::hint::black_box;

use crate::bench::timing::best_of;

/// Square roots and quotients of one evaluation: two refractive indices of soil water, Fresnel, a leaf, two
/// transmissivities. There are five exponentials, a logarithm and a pair of sine and cosine besides.
const N_ROOTS: u8 = 8;
const N_QUOTIENTS: u8 = 15;

/// The least seconds for `n` evaluations on one core: their square roots and quotients on numbers that are at hand, with
/// the vector instructions of this machine.
pub(super) fn seconds_of_roots_and_quotients(n: usize) -> f64 {
    let numbers: Vec<f64> = (0..1024).map(|i| 0.5 + 0.001 * f64::from(i)).collect();
    let mut sums = vec![0.0; numbers.len()];
    let once = || {
        for _ in 0..n.div_ceil(numbers.len()) {
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (sum, &x) in sums.iter_mut().zip(&numbers) {
                        for part in 0..N_ROOTS {
                            *sum += (x + f64::from(part)).sqrt();
                        }
                        for part in 0..N_QUOTIENTS {
                            *sum += x / (x + f64::from(part));
                        }
                    }
                },
            );
            black_box(&mut sums);
        }
        Ok(())
    };
    // The work cannot fail.
    best_of(3, once).unwrap_or(f64::INFINITY)
}
