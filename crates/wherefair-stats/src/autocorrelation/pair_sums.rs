//! Exact moments of Γ = Σ wᵢⱼ aᵢⱼ when the values behind a are put into random order.

use super::asymptotic::Moments;
use crate::WeightMoments;

/// The share of a sum of squares that rounding leaves when all else cancels.
const ROUNDING: f64 = 1e-13;

/// Sums of a matrix with zero diagonal, the squares about the mean of its off-diagonal entries.
///
/// # Formula
/// With bᵢⱼ = aᵢⱼ − ā for i ≠ j: total = Σ aᵢⱼ, s1 = ½ Σ (bᵢⱼ + bⱼᵢ)², s2 = Σᵢ (Σⱼ bᵢⱼ + bⱼᵢ)².
/// About the mean, because the difference E Γ² − (E Γ)² loses all digits for large n.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairSums {
    pub(crate) total: f64,
    pub(crate) s1: f64,
    pub(crate) s2: f64,
}

impl PairSums {
    /// Those of a matrix whose squares are not yet taken about the mean.
    pub(crate) fn about_zero(n: f64, total: f64, s1: f64, s2: f64) -> Self {
        // Where all entries are alike, what is left of the squares is rounding.
        let about_mean = |square: f64, mean_part: f64| {
            let rest = square - mean_part;
            if rest.abs() <= ROUNDING * square.abs() {
                0.0
            } else {
                rest
            }
        };
        Self {
            total,
            s1: about_mean(s1, 2.0 * total * (total / (n * (n - 1.0)))),
            s2: about_mean(s2, 4.0 * total * (total / n)),
        }
    }

    pub(crate) fn of_weights(n: f64, moments: &WeightMoments) -> Self {
        Self::about_zero(n, moments.s0, moments.s1, moments.s2)
    }

    /// Those of aᵢⱼ = zᵢ zⱼ, for Σ z = 0, Σ z² = n and Σ z⁴ = `fourth`.
    pub(crate) fn of_products(n: f64, fourth: f64) -> Self {
        Self::about_zero(n, -n, 2.0 * (n * n - fourth), 4.0 * fourth)
    }

    /// Expectation and variance of Γ / `divisor` over all n! orders of the values.
    pub(crate) fn moments(n: f64, w: &Self, a: &Self, divisor: f64) -> Moments {
        let pairs = n * (n - 1.0);
        let triples = pairs * (n - 2.0);
        let quadruples = triples * (n - 3.0);
        let terms = [
            w.s1 * a.s1 / (2.0 * pairs),
            (w.s2 - 2.0 * w.s1) * (a.s2 - 2.0 * a.s1) / (4.0 * triples),
            (w.s1 - w.s2) * (a.s1 - a.s2) / quadruples,
        ];
        let square = divisor * divisor;
        Moments {
            expectation: w.total * a.total / pairs / divisor,
            variance: terms.iter().sum::<f64>() / square,
            largest_term: terms
                .iter()
                .fold(0.0_f64, |largest, term| largest.max(term.abs()))
                / square,
        }
    }
}
