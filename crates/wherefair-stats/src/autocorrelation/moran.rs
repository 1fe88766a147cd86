//! Moran's I.

use super::asymptotic::{AsymptoticResult, Moments, MoranResult};
use super::pair_sums::PairSums;
use super::variable::{Variable, weight_sum};
use crate::inference::QuadraticForm;
use crate::{
    Alternative, Null, PermutationResult, Permutations, SpatialWeights, StatsError, WeightMoments, WeightsRef,
};

/// Tests the autocorrelation of `y` by Moran's I and its moments under `null`.
///
/// Weights need not be symmetric. Isolates count as units; spdep does the same with `zero.policy = TRUE` and
/// `adjust.n = FALSE`.
///
/// # Formula
/// ```text
/// I = (n / S0) Σ_ij w_ij z_i z_j / Σ_i z_i²,   z = y − ȳ,   E[I] = −1 / (n − 1)
/// Normality:      Var[I] = (n² S1 − n S2 + 3 S0²) / ((n² − 1) S0²) − E[I]²
/// Randomization:  Var[I] = {n [(n² − 3n + 3) S1 − n S2 + 3 S0²] − b [(n² − n) S1 − 2n S2 + 6 S0²]}
///                          / ((n − 1)(n − 2)(n − 3) S0²) − E[I]²,   b = n Σ z⁴ / (Σ z²)²
/// ```
///
/// # Errors
/// [`StatsError`] when `y` does not fit the weights, is constant or not finite, there are fewer than 4 units, the
/// weights sum to 0, or I is the same for every order of the values (all pairs linked alike).
///
/// # Examples
/// ```
/// use wherefair_stats::{Alternative, Contiguity, Null, SpatialWeights, moran};
///
/// let w = SpatialWeights::from_raster(4, 4, None, Contiguity::Rook)?;
/// let y = [0.0, 1.0, 4.0, 2.0, 2.5, 4.5, 1.5, 0.5, 2.0, 5.0, 3.0, 3.0, 5.5, 2.5, 1.5, 2.5];
/// let result = moran(&w, &y, Null::Randomization, Alternative::Greater)?;
/// assert!((result.statistic + 0.024_252_679).abs() < 1e-9);
/// assert!((result.z_score - 0.231_771_722).abs() < 1e-9);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Moran (1950), doi:10.1093/biomet/37.1-2.17; Cliff & Ord (1981), Spatial Processes: Models and Applications.
pub fn moran<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    null: Null,
    alternative: Alternative,
) -> Result<MoranResult, StatsError> {
    let w = w.into();
    let variable = Variable::new("y", y, w)?;
    let weights = w.moments();
    let s0 = weight_sum(weights.s0)?;
    let statistic = cross_product(w, &variable.z, &variable.z) / s0;
    let moments = moran_moments(&variable, &weights, null);
    AsymptoticResult::new(statistic, moments, null, alternative, w)
}

/// Tests the autocorrelation of `y` by Moran's I among its values under random permutations.
///
/// # Errors
/// As [`moran`], save that I may be the same for every order of the values.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::{Alternative, Contiguity, Permutations, SpatialWeights, moran_permutation};
///
/// let w = SpatialWeights::from_raster(5, 5, None, Contiguity::Queen)?;
/// let y: Vec<f64> = (0..25).map(|i| f64::from(i / 5)).collect();
/// let result = moran_permutation(&w, &y, Alternative::Greater, Permutations::new(99, Seed::new(1))?)?;
/// assert_eq!(result.pseudo_p_value, 0.01);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn moran_permutation<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    alternative: Alternative,
    permutations: Permutations,
) -> Result<PermutationResult, StatsError> {
    let w = w.into();
    let variable = Variable::new("y", y, w)?;
    // Large weights come from memory: one pass for both sums.
    let (s0, magnitude) = w.sum_and_magnitude();
    let form = QuadraticForm::with_magnitude(w, 1.0 / weight_sum(s0)?, &[], magnitude);
    Ok(form.test(&variable.z, variable.largest, alternative, permutations))
}

/// The moments of I of a variable under a null.
pub(crate) fn moran_moments(variable: &Variable, weights: &WeightMoments, null: Null) -> Moments {
    let n = variable.z.len() as f64;
    let sums = PairSums::of_weights(n, weights);
    match null {
        Null::Randomization => {
            let products = PairSums::of_products(n, variable.power_sum(4));
            // Σ z² = n, so that I is Γ / S0.
            PairSums::moments(n, &sums, &products, weights.s0)
        }
        Null::Normality => {
            // In sums about the mean of the weights the terms in S0² cancel against E[I]².
            let terms = [n * n * sums.s1, -n * sums.s2];
            let divisor = (n * n - 1.0) * weights.s0 * weights.s0;
            Moments {
                expectation: -1.0 / (n - 1.0),
                variance: (terms[0] + terms[1]) / divisor,
                largest_term: terms[0].abs().max(terms[1].abs()) / divisor,
            }
        }
    }
}

/// Σ wᵢⱼ xᵢ yⱼ.
pub(crate) fn cross_product<'w>(w: impl Into<WeightsRef<'w>>, x: &[f64], y: &[f64]) -> f64 {
    let w = w.into();
    x.iter()
        .enumerate()
        .map(|(i, x)| x * w.row_sum(i, |j, weight| weight * y[j]))
        .sum()
}

/// Σⱼ wᵢⱼ yⱼ.
pub(crate) fn lag(w: &SpatialWeights, y: &[f64], i: usize) -> f64 {
    let (neighbours, weights) = w.row(i);
    neighbours
        .iter()
        .zip(weights)
        .map(|(&j, weight)| weight * y[j as usize])
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Contiguity;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    /// Moments over thousands of orders, below 1.
    const ROUNDING: f64 = 1e-12;

    #[test]
    fn moments_equal_those_of_all_orders() {
        let w = asymmetric_weights();
        let y = [1.0, 4.0, 4.0, -2.0, 0.0, 9.0, 3.0];
        let test = |y: &[f64]| moran(&w, y, Null::Randomization, Alternative::Less).unwrap();
        let spread: Spread = orders(&y).iter().map(|y| test(y).statistic).collect();
        assert!((test(&y).expectation - spread.mean()).abs() < ROUNDING);
        assert!((test(&y).variance - spread.variance()).abs() < ROUNDING);
    }

    #[test]
    fn both_nulls_give_the_known_variances_of_a_lattice() {
        let w = SpatialWeights::from_raster(4, 4, None, Contiguity::Rook).unwrap();
        let y = [
            0.0, 1.0, 4.0, 2.0, 2.5, 4.5, 1.5, 0.5, 2.0, 5.0, 3.0, 3.0, 5.5, 2.5, 1.5, 2.5,
        ];
        let test = |null| moran(&w, &y, null, Alternative::Greater).unwrap();
        let randomization = test(Null::Randomization);
        for (given, expected) in [
            (randomization.statistic, -0.024_252_679_075_014_1),
            (randomization.variance, 0.033_488_624_821_563_05),
            (randomization.z_score, 0.231_771_722_275_088_47),
            (test(Null::Normality).variance, 0.032_592_592_592_592_59),
        ] {
            assert!((given - expected).abs() < ROUNDING, "{given} {expected}");
        }
    }
}
