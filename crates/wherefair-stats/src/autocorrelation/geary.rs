//! Geary's C.

use super::asymptotic::{AsymptoticResult, Moments};
use super::pair_sums::PairSums;
use super::variable::{Variable, weight_sum};
use crate::inference::QuadraticForm;
use crate::{Alternative, Null, PermutationResult, Permutations, StatsError, WeightsRef};

/// Tests the autocorrelation of `y` by Geary's C and its moments under `null`.
///
/// C is 1 in expectation, and less where neighbours are alike: positive autocorrelation is found with
/// [`Alternative::Less`].
///
/// DIFFERENCE: the z-score is (C − 1)/sd; R's spdep reports its negative.
///
/// # Formula
/// ```text
/// C = (n − 1) Σ_ij w_ij (y_i − y_j)² / (2 S0 Σ_i (y_i − ȳ)²),   E[C] = 1
/// Normality:      Var[C] = ((2 S1 + S2)(n − 1) − 4 S0²) / (2 (n + 1) S0²)
/// Randomization:  Var[C] over all n! orders of the values, from the sums of a_ij = (y_i − y_j)²
/// ```
///
/// # Errors
/// As [`moran`](crate::moran).
///
/// # References
/// Geary (1954), doi:10.2307/2986645; Cliff & Ord (1981), Spatial Processes: Models and Applications.
pub fn geary<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    null: Null,
    alternative: Alternative,
) -> Result<AsymptoticResult, StatsError> {
    let w = w.into();
    let variable = Variable::new("y", y, w)?;
    let weights = w.moments();
    let s0 = weight_sum(weights.s0)?;
    let n = variable.z.len() as f64;
    let mut sum = 0.0;
    for (i, z) in variable.z.iter().enumerate() {
        sum += w.row_sum(i, |j, weight| weight * (z - variable.z[j]).powi(2));
    }
    // Σ z² = n.
    let divisor = 2.0 * s0 * n / (n - 1.0);
    let sums = PairSums::of_weights(n, &weights);
    let moments = match null {
        Null::Randomization => {
            let fourth = variable.power_sum(4);
            let differences = PairSums {
                total: 2.0 * n * n,
                s1: 4.0 * n * fourth + 12.0 * n * n - 8.0 * n * n * n / (n - 1.0),
                s2: 4.0 * n * n * (fourth - n),
            };
            PairSums::moments(n, &sums, &differences, divisor)
        }
        Null::Normality => {
            // In sums about the mean of the weights the terms in S0² cancel.
            let terms = [2.0 * sums.s1 * (n - 1.0), sums.s2 * (n - 1.0)];
            let divisor = 2.0 * (n + 1.0) * s0 * s0;
            Moments {
                expectation: 1.0,
                variance: (terms[0] + terms[1]) / divisor,
                largest_term: terms[0].abs().max(terms[1].abs()) / divisor,
            }
        }
    };
    AsymptoticResult::new(sum / divisor, moments, null, alternative, w)
}

/// Tests the autocorrelation of `y` by Geary's C among its values under random permutations.
///
/// # Errors
/// As [`moran_permutation`](crate::moran_permutation).
pub fn geary_permutation<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    alternative: Alternative,
    permutations: Permutations,
) -> Result<PermutationResult, StatsError> {
    let w = w.into();
    let variable = Variable::new("y", y, w)?;
    let s0 = weight_sum(w.sum())?;
    let n = variable.z.len() as f64;
    // Σ w_ij (z_i − z_j)² = Σ (row sum + column sum) z² − 2 Σ w_ij z_i z_j.
    let scale = (n - 1.0) / (2.0 * s0 * n);
    let diagonal: Vec<f64> = w.row_and_column_sums().iter().map(|sum| sum * scale).collect();
    let form = QuadraticForm::new(w, -2.0 * scale, &diagonal);
    Ok(form.test(&variable.z, variable.largest, alternative, permutations))
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    /// Moments over thousands of orders, around 1.
    const ROUNDING: f64 = 1e-11;
    const Y: [f64; 7] = [1.0, 4.0, 4.0, -2.0, 0.0, 9.0, 3.0];

    #[test]
    fn moments_equal_those_of_all_orders() {
        let w = asymmetric_weights();
        let c = |y: &[f64]| geary(&w, y, Null::Randomization, Alternative::Less).unwrap();
        let spread: Spread = orders(&Y).iter().map(|y| c(y).statistic).collect();
        let result = c(&Y);
        assert!((spread.mean() - 1.0).abs() < ROUNDING && (result.expectation - 1.0).abs() < ROUNDING);
        assert!((result.variance - spread.variance()).abs() < ROUNDING);
    }

    #[test]
    fn the_permutation_test_has_the_same_statistic() {
        let w = asymmetric_weights();
        let permutations = Permutations::new(9, Seed::new(1)).unwrap();
        let drawn = geary_permutation(&w, &Y, Alternative::Less, permutations).unwrap();
        let exact = geary(&w, &Y, Null::Normality, Alternative::Less).unwrap();
        assert!((drawn.statistic - exact.statistic).abs() < ROUNDING);
    }
}
