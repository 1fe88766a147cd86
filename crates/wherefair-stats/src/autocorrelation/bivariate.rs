//! Bivariate Moran's I: one variable against another one at the neighbours.

use rayon::prelude::*;

use super::asymptotic::{AsymptoticResult, Moments, MoranResult};
use super::moran::lag;
use super::variable::{Variable, weight_sum};
use crate::inference::Shuffler;
use crate::{Alternative, Null, PermutationResult, Permutations, SpatialWeights, StatsError};

/// Tests whether `x` at a unit goes with `y` at its neighbours, were `y` put into random order over all units.
///
/// The null breaks the association of `x` with `y`, also that at the same unit, and the autocorrelation of `y`:
/// with an autocorrelated `y` the test rejects too often as a test of association alone.
///
/// # Formula
/// ```text
/// I = (n / S0) Σ_ij w_ij x_i y_j / √(Σ x_i² Σ y_i²),   x and y as deviations from their means
/// E[I] = 0,   Var[I] = n² Σ_j (c_j − c̄)² / ((n − 1) S0² Σ x_i²),   c_j = Σ_i w_ij x_i
/// ```
/// Exact for random order of `y`.
///
/// # Errors
/// As [`moran`](crate::moran).
///
/// # References
/// Wartenberg (1985), doi:10.1111/j.1538-4632.1985.tb00849.x; Lee (2001), doi:10.1007/s101090100064.
pub fn moran_bivariate(
    w: &SpatialWeights,
    x: &[f64],
    y: &[f64],
    alternative: Alternative,
) -> Result<MoranResult, StatsError> {
    let linear = Linear::new(w, x, y)?;
    let n = linear.y.z.len() as f64;
    let mean = linear.c.iter().sum::<f64>() / n;
    let squares: f64 = linear.c.iter().map(|c| (c - mean).powi(2)).sum();
    let moments = Moments {
        expectation: 0.0,
        variance: squares * n / (n - 1.0),
        largest_term: linear.c.iter().map(|c| c * c).sum(),
    };
    AsymptoticResult::new(linear.statistic(), moments, Null::Randomization, alternative, w)
}

/// Tests bivariate Moran's I among its values under random permutations of `y`.
///
/// # Errors
/// As [`moran_permutation`](crate::moran_permutation).
pub fn moran_bivariate_permutation(
    w: &SpatialWeights,
    x: &[f64],
    y: &[f64],
    alternative: Alternative,
    permutations: Permutations,
) -> Result<PermutationResult, StatsError> {
    let linear = Linear::new(w, x, y)?;
    let draws: Vec<f64> = (0..u64::from(permutations.n()))
        .into_par_iter()
        .map_init(
            || (Shuffler::default(), vec![0.0; w.n()]),
            |(shuffler, shuffled), index| {
                shuffler.permute(&linear.y.z, shuffled, permutations, index);
                linear.c.iter().zip(shuffled.iter()).map(|(c, y)| c * y).sum()
            },
        )
        .collect();
    let tie = 1e-13 * linear.y.largest * linear.c.iter().map(|c| c.abs()).sum::<f64>();
    Ok(PermutationResult::of(
        linear.statistic(),
        draws,
        tie,
        alternative,
        permutations,
    ))
}

/// The statistic as Σ cⱼ yⱼ.
struct Linear {
    c: Vec<f64>,
    y: Variable,
}

impl Linear {
    fn new(w: &SpatialWeights, x: &[f64], y: &[f64]) -> Result<Self, StatsError> {
        let x = Variable::new("x", x, w)?;
        let y = Variable::new("y", y, w)?;
        let s0 = weight_sum(w.values().iter().sum())?;
        let transposed = w.transpose();
        let c = (0..w.n()).map(|j| lag(&transposed, &x.z, j) / s0).collect();
        Ok(Self { c, y })
    }

    fn statistic(&self) -> f64 {
        self.c.iter().zip(&self.y.z).map(|(c, y)| c * y).sum()
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    /// Moments over thousands of orders.
    const ROUNDING: f64 = 1e-11;

    #[test]
    fn moments_equal_those_of_all_orders() {
        let w = asymmetric_weights();
        let x = [0.5, 2.0, -1.0, 3.5, 0.0, 1.0, 7.0];
        let y = [1.0, 4.0, 4.0, -2.0, 0.0, 9.0, 3.0];
        let result = moran_bivariate(&w, &x, &y, Alternative::TwoSided).unwrap();
        let spread: Spread = orders(&y)
            .iter()
            .map(|y| Linear::new(&w, &x, y).unwrap().statistic())
            .collect();
        assert!((result.expectation - spread.mean()).abs() < ROUNDING);
        assert!((result.variance - spread.variance()).abs() < ROUNDING);
    }

    #[test]
    fn a_variable_with_itself_is_the_univariate_statistic() {
        let w = asymmetric_weights();
        let y = [1.0, 4.0, 4.0, -2.0, 0.0, 9.0, 3.0];
        let both = moran_bivariate(&w, &y, &y, Alternative::Greater).unwrap();
        let one = crate::moran(&w, &y, Null::Randomization, Alternative::Greater).unwrap();
        assert!((both.statistic - one.statistic).abs() < ROUNDING);
    }

    #[test]
    fn permuted_draws_have_the_exact_moments() {
        let w = asymmetric_weights();
        let x = [0.5, 2.0, -1.0, 3.5, 0.0, 1.0, 7.0];
        let y = [1.0, 4.0, 4.0, -2.0, 0.0, 9.0, 3.0];
        let exact = moran_bivariate(&w, &x, &y, Alternative::TwoSided).unwrap();
        let permutations = Permutations::new(20_000, Seed::new(3)).unwrap();
        let drawn = moran_bivariate_permutation(&w, &x, &y, Alternative::TwoSided, permutations).unwrap();
        let standard_error = (exact.variance / 20_000.0).sqrt();
        assert!(drawn.permutation_mean.abs() < 5.0 * standard_error);
        assert!((drawn.permutation_sd.unwrap().powi(2) / exact.variance - 1.0).abs() < 0.05);
    }
}
