//! Getis and Ord's global G.

use super::asymptotic::AsymptoticResult;
use super::moran::cross_product;
use super::pair_sums::PairSums;
use super::variable::{Variable, weight_sum};
use crate::inference::QuadraticForm;
use crate::{Alternative, Null, PermutationResult, Permutations, StatsError, WeightsRef};

/// Tests the concentration of high or low values of `y` by Getis and Ord's global G, its moments exact for
/// random order of the values.
///
/// High values next to each other make G large, low ones make it small. G needs values with a natural zero and of
/// one sign; binary weights are usual.
///
/// # Formula
/// ```text
/// G = Σ_ij w_ij y_i y_j / Σ_{i≠j} y_i y_j,   E[G] = S0 / (n (n − 1))
/// ```
/// Var\[G\] is that over all n! orders of the values, from the sums of `a_ij = y_i y_j`.
///
/// # Errors
/// As [`moran`](crate::moran), and [`StatsError::Negative`] when a value is below 0.
///
/// # References
/// Getis & Ord (1992), doi:10.1111/j.1538-4632.1992.tb00261.x.
pub fn getis_ord<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    alternative: Alternative,
) -> Result<AsymptoticResult, StatsError> {
    let w = w.into();
    let (variable, values) = non_negative(y, w)?;
    let weights = w.moments();
    weight_sum(weights.s0)?;
    let n = variable.z.len() as f64;
    let divisor = pair_total(&variable)?;
    let (third, fourth, mean) = (variable.power_sum(3), variable.power_sum(4), variable.mean);
    let pairs = n * (n - 1.0);
    let products = PairSums {
        total: divisor,
        s1: 2.0 * (2.0 * mean * mean * (n - 2.0) * n + n * n - fourth - n * n / pairs - 4.0 * mean * third),
        s2: variable
            .z
            .iter()
            .map(|z| (2.0 * ((n - 2.0) * mean * z - z * z + 1.0)).powi(2))
            .sum(),
    };
    let sums = PairSums::of_weights(n, &weights);
    let moments = PairSums::moments(n, &sums, &products, divisor);
    let statistic = cross_product(w, &values, &values) / divisor;
    AsymptoticResult::new(statistic, moments, Null::Randomization, alternative, w)
}

/// Tests Getis and Ord's global G among its values under random permutations.
///
/// # Errors
/// As [`getis_ord`], save that G may be the same for every order of the values.
pub fn getis_ord_permutation<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    alternative: Alternative,
    permutations: Permutations,
) -> Result<PermutationResult, StatsError> {
    let w = w.into();
    let (variable, values) = non_negative(y, w)?;
    weight_sum(w.sum())?;
    let form = QuadraticForm::new(w, 1.0 / pair_total(&variable)?, &[]);
    let largest = values.iter().fold(0.0_f64, |largest, &value| largest.max(value));
    Ok(form.test(&values, largest, alternative, permutations))
}

/// The variable and its values in units of their standard deviation.
fn non_negative(y: &[f64], w: WeightsRef<'_>) -> Result<(Variable, Vec<f64>), StatsError> {
    let variable = Variable::new("y", y, w)?;
    if let Some(index) = y.iter().position(|&value| value < 0.0) {
        return Err(StatsError::Negative {
            name: "y",
            index,
            value: y[index],
        });
    }
    let values = variable.z.iter().map(|z| (z + variable.mean).max(0.0)).collect();
    Ok((variable, values))
}

/// Σ_{i≠j} yᵢ yⱼ, which a single value above 0 makes 0.
fn pair_total(variable: &Variable) -> Result<f64, StatsError> {
    let n = variable.z.len() as f64;
    let square = n * (n - 1.0) * variable.mean * variable.mean;
    let total = square - n;
    // Rounding of a difference of two sums of n terms.
    if total > 1e-12 * square.max(n) {
        Ok(total)
    } else {
        Err(StatsError::NoVariance {
            statistic: 0.0,
            variance: 0.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    /// Moments over thousands of orders, well below 1.
    const ROUNDING: f64 = 1e-12;
    const Y: [f64; 7] = [1.0, 4.0, 4.0, 2.0, 0.0, 9.0, 3.0];

    #[test]
    fn moments_equal_those_of_all_orders() {
        let w = asymmetric_weights();
        let g = |y: &[f64]| getis_ord(&w, y, Alternative::Greater).unwrap();
        let spread: Spread = orders(&Y).iter().map(|y| g(y).statistic).collect();
        let result = g(&Y);
        assert!((result.expectation - spread.mean()).abs() < ROUNDING);
        assert!((result.variance - spread.variance()).abs() < ROUNDING);
    }

    #[test]
    fn negative_values_and_single_positive_ones_are_rejected() {
        let w = asymmetric_weights();
        let mut y = Y;
        y[3] = -0.5;
        let error = getis_ord(&w, &y, Alternative::Greater).unwrap_err();
        assert_eq!(error.to_string(), "y[3] is -0.5 (accepted: at least 0)");
        let single = [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0];
        let error = getis_ord(&w, &single, Alternative::Greater).unwrap_err();
        assert!(matches!(error, StatsError::NoVariance { .. }));
    }

    #[test]
    fn the_permutation_test_has_the_same_statistic() {
        let w = asymmetric_weights();
        let permutations = Permutations::new(9, Seed::new(1)).unwrap();
        let drawn = getis_ord_permutation(&w, &Y, Alternative::Less, permutations).unwrap();
        let exact = getis_ord(&w, &Y, Alternative::Less).unwrap();
        assert!((drawn.statistic - exact.statistic).abs() < ROUNDING);
    }
}
