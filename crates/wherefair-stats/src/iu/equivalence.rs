//! Two one-sided tests for equal autocorrelation.

use serde::Serialize;
use wherefair_core::ParamError;

use super::PairedMoran;
use super::paired::PairedDraws;
use crate::{Permutations, StatsError, WeightsRef};

/// Differences between standardised statistics below this are rounding.
const TIE: f64 = 1e-9;

/// Whether two variables are autocorrelated alike, up to a margin.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EquivalenceResult {
    /// Standardised Moran's I of the outcome.
    pub standardized_y: f64,
    /// Standardised Moran's I of the sensitive variable.
    pub standardized_a: f64,
    /// Their difference.
    pub difference: f64,
    /// The margin Δ.
    pub margin: f64,
    /// Against "the difference is at least Δ".
    pub upper_p_value: f64,
    /// Against "the difference is at most −Δ".
    pub lower_p_value: f64,
    /// The larger of the two: against "the difference is Δ or more on either side".
    pub p_value: f64,
    /// The standard deviation of the difference under the null of the permutations.
    pub difference_sd: f64,
    /// How many permutations were drawn.
    pub n_permutations: u32,
}

/// Tests that the autocorrelations of `y` and `a` differ by less than `margin`, in standardised Moran's I.
///
/// Unlike T2, whose permutation p-value takes both variables to be without autocorrelation, this test has
/// "differ by the margin or more" as its null and rejects in favour of equality.
///
/// # Formula
/// ```text
/// D = I_y − I_a,   D* the same under permutations common to both variables (mean 0)
/// p_upper = (#{D* ≤ D − Δ} + 1) / (R + 1),   p_lower = (#{D* ≥ D + Δ} + 1) / (R + 1)
/// p = max(p_upper, p_lower)
/// ```
/// Each one-sided test is of level α for its own null when the standardised statistics follow a location family
/// (their means move with autocorrelation, the joint law about the means is that of the permutations: the paper's
/// assumption in section 2.1); the larger of the two p-values then is of level α for the union of the nulls, by the
/// intersection–union principle, without adjustment.
///
/// The assumption fails where autocorrelation is strong: the law of I then widens, most where few eigenvalues
/// dominate the weights, and the test rejects more often than its level at the margin. On 100 places it keeps the
/// level 0.05 with ρ = 0.4 against 0 on a lattice; with 0.5 against 0.8 it rejects in 6 to 10 % of cases on a
/// lattice, and in 20 % with eight nearest neighbours or inverse distances (`cargo xtask reproduce
/// autocorrelation`). Where both variables are strongly autocorrelated, take
/// [`p_value`](EquivalenceResult::p_value) as optimistic.
///
/// # Errors
/// As [`moran`](crate::moran) for each variable, and [`StatsError::Param`] when `margin` is not above 0.
///
/// # References
/// Schuirmann (1987), doi:10.1007/BF01068419; Berger & Hsu (1996), doi:10.1214/ss/1032280304; Arboretti et al.
/// (2018), doi:10.1080/19466315.2017.1393770.
pub fn equivalence_test<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    a: &[f64],
    margin: f64,
    permutations: Permutations,
) -> Result<EquivalenceResult, StatsError> {
    check_margin(margin)?;
    PairedMoran::new(w)?.draw(y, a, permutations)?.equivalence(margin)
}

fn check_margin(margin: f64) -> Result<(), StatsError> {
    if !(margin > 0.0 && margin.is_finite()) {
        return Err(ParamError::new("margin", margin, "a finite number above 0").into());
    }
    Ok(())
}

impl PairedDraws {
    /// The test of [`equivalence_test`] with these permutations.
    ///
    /// # Errors
    /// [`StatsError::Param`] when `margin` is not above 0.
    pub fn equivalence(&self, margin: f64) -> Result<EquivalenceResult, StatsError> {
        check_margin(margin)?;
        let difference = self.y - self.a;
        let differences = self.draws.iter().map(|(y, a)| y - a);
        let n = self.draws.len() as f64;
        let p_value = |extreme: &dyn Fn(f64) -> bool| {
            let count = differences
                .clone()
                .filter(|&difference| extreme(difference))
                .count();
            (count as f64 + 1.0) / (n + 1.0)
        };
        let upper_p_value = p_value(&|drawn| drawn <= difference - margin + TIE);
        let lower_p_value = p_value(&|drawn| drawn >= difference + margin - TIE);
        // The exact mean of the differences is 0.
        let difference_sd = (differences.clone().map(|d| d * d).sum::<f64>() / n).sqrt();
        Ok(EquivalenceResult {
            standardized_y: self.y,
            standardized_a: self.a,
            difference,
            margin,
            upper_p_value,
            lower_p_value,
            p_value: upper_p_value.max(lower_p_value),
            difference_sd,
            n_permutations: self.n_permutations,
        })
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::{Contiguity, SpatialWeights, Transform};

    const SIDE: usize = 12;
    const N_RUNS: u64 = 400;
    /// Five standard errors of a rejection rate of 0.05.
    const FIVE_ERRORS: f64 = 5.0 * 0.0109;

    fn lattice() -> SpatialWeights {
        let w = SpatialWeights::from_raster(SIDE, SIDE, None, Contiguity::Rook).unwrap();
        w.transform(Transform::Row).unwrap()
    }

    /// x = ρ W x + ε as a series; row-standardised weights have spectral radius 1.
    fn autoregressive(w: &SpatialWeights, rho: f64, index: u64) -> Vec<f64> {
        let mut stream = Seed::new(31).indexed("errors", index);
        let errors: Vec<f64> = (0..w.n()).map(|_| stream.standard_normal()).collect();
        let mut x = errors.clone();
        for _ in 0..60 {
            x = (0..w.n())
                .map(|i| errors[i] + rho * crate::autocorrelation::lag(w, &x, i))
                .collect();
        }
        x
    }

    /// The mean difference, and the share of runs that reject at 0.05, for a margin.
    fn simulate(rho_y: f64, rho_a: f64, margin: f64) -> (f64, f64) {
        let w = lattice();
        let (mut mean, mut rejected) = (0.0, 0.0);
        for run in 0..N_RUNS {
            let (y, a) = (
                autoregressive(&w, rho_y, 2 * run),
                autoregressive(&w, rho_a, 2 * run + 1),
            );
            let permutations = Permutations::new(99, Seed::new(run)).unwrap();
            let result = equivalence_test(&w, &y, &a, margin, permutations).unwrap();
            mean += result.difference / N_RUNS as f64;
            rejected += f64::from(u8::from(result.p_value <= 0.05)) / N_RUNS as f64;
        }
        (mean, rejected)
    }

    #[test]
    fn at_the_margin_the_level_is_kept() {
        for (rho_y, rho_a) in [(0.4, 0.0), (0.7, 0.0), (0.5, 0.8)] {
            let (mean, _) = simulate(rho_y, rho_a, 1.0);
            assert!(mean.abs() > 1.0, "{mean}");
            let (_, rejected) = simulate(rho_y, rho_a, mean.abs());
            assert!(rejected <= 0.05 + FIVE_ERRORS, "{rho_y} {rho_a}: {rejected}");
        }
    }

    #[test]
    fn equal_autocorrelation_is_found_where_the_margin_is_wide() {
        let (mean, rejected) = simulate(0.6, 0.6, 6.0);
        assert!(mean.abs() < 0.5 && rejected > 0.8, "{mean} {rejected}");
    }

    #[test]
    fn narrow_margins_and_bad_ones_do_not_reject() {
        let (_, rejected) = simulate(0.0, 0.0, 0.1);
        assert!(rejected <= 0.05, "{rejected}");
        let w = lattice();
        let (y, a) = (autoregressive(&w, 0.0, 0), autoregressive(&w, 0.0, 1));
        let permutations = Permutations::new(9, Seed::new(0)).unwrap();
        for margin in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let result = equivalence_test(&w, &y, &a, margin, permutations);
            assert!(matches!(result, Err(StatsError::Param(_))), "{margin}");
        }
    }

    #[test]
    fn a_variable_is_equivalent_to_itself() {
        let w = lattice();
        let y = autoregressive(&w, 0.5, 0);
        let result = equivalence_test(&w, &y, &y, 0.5, Permutations::new(99, Seed::new(0)).unwrap()).unwrap();
        assert_eq!((result.difference, result.p_value), (0.0, 0.01));
    }
}
