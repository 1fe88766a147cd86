//! Standardised Moran's I of two variables under the same permutations.

use crate::autocorrelation::{Variable, check_length, moran_moments, weight_sum};
use crate::inference::QuadraticForm;
use crate::{Null, Permutations, StatsError, WeightMoments, WeightsRef};

/// Weights made ready for tests of many pairs of variables.
///
/// [`intersection_union_tests`](crate::intersection_union_tests) and
/// [`equivalence_test_permutation`](crate::equivalence_test_permutation) prepare the weights and draw the permutations for each call; here that is done once for all pairs, and once for
/// all tests of a pair. The results are the same bits.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::{Contiguity, PValueForm, PairedMoran, Permutations, SpatialWeights, T2Tail};
///
/// let w = SpatialWeights::from_raster(6, 6, None, Contiguity::Queen)?;
/// let paired = PairedMoran::new(&w)?;
/// let y: Vec<f64> = (0..36).map(|i| f64::from(i / 6)).collect();
/// let a: Vec<f64> = (0..36).map(|i| f64::from(i % 6)).collect();
/// let draws = paired.draw(&y, &a, Permutations::new(199, Seed::new(1))?)?;
/// let both = draws.intersection_union(1.0, T2Tail::Small, PValueForm::WithData)?;
/// let alike = draws.equivalence(4.0)?;
/// assert_eq!((both.t1_p_value, alike.p_value), (0.005, 0.01));
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PairedMoran<'a> {
    w: WeightsRef<'a>,
    moments: WeightMoments,
    form: QuadraticForm,
}

impl<'a> PairedMoran<'a> {
    /// Prepares `w`.
    ///
    /// # Errors
    /// [`StatsError::TooFew`] below 4 units, [`StatsError::WeightSum`] when the weights do not sum to a number above 0.
    pub fn new(w: impl Into<WeightsRef<'a>>) -> Result<Self, StatsError> {
        let w = w.into();
        check_length("y", w.n(), w)?;
        let moments = w.moments();
        let form = QuadraticForm::new(w, 1.0 / weight_sum(moments.s0)?, &[]);
        Ok(Self { w, moments, form })
    }

    /// Standardised Moran's I of `y` and `a`, of the data and with both in the same random orders.
    ///
    /// # Errors
    /// As [`moran`](crate::moran) for each variable.
    pub fn draw(&self, y: &[f64], a: &[f64], permutations: Permutations) -> Result<PairedDraws, StatsError> {
        let variables = [Variable::new("y", y, self.w)?, Variable::new("a", a, self.w)?];
        let mut standardized = Vec::with_capacity(2);
        for variable in &variables {
            // Permutation changes neither moment: both are those of the values at hand.
            let moments = moran_moments(variable, &self.moments, Null::Randomization);
            let (statistic, draws) = self.form.observed_and_permuted(&variable.z, permutations);
            let deviation = moments.deviation(statistic)?;
            let standardize = |i: f64| (i - moments.expectation) / deviation;
            standardized.push((
                standardize(statistic),
                draws.into_iter().map(standardize).collect::<Vec<_>>(),
            ));
        }
        let draws = standardized[0]
            .1
            .iter()
            .copied()
            .zip(standardized[1].1.iter().copied())
            .collect();
        Ok(PairedDraws {
            y: standardized[0].0,
            a: standardized[1].0,
            draws,
            n_permutations: permutations.n(),
        })
    }
}

/// The errors of the variables, for callers who prepare weights next: a wrong variable is reported first.
pub(super) fn check_variables(w: WeightsRef<'_>, y: &[f64], a: &[f64]) -> Result<(), StatsError> {
    Variable::new("y", y, w)?;
    Variable::new("a", a, w)?;
    Ok(())
}

/// Standardised Moran's I of two variables, of the data and under permutations: what the tests of a pair are
/// made of.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedDraws {
    pub(super) y: f64,
    pub(super) a: f64,
    /// The same permutations for both, `(I_y, I_a)`.
    pub(super) draws: Vec<(f64, f64)>,
    pub(super) n_permutations: u32,
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::{
        Contiguity, PValueForm, SpatialWeights, T2Tail, equivalence_test_permutation,
        intersection_union_tests,
    };

    #[test]
    fn prepared_weights_give_the_bits_of_single_calls() {
        let w = SpatialWeights::from_raster(7, 5, None, Contiguity::Rook).unwrap();
        let paired = PairedMoran::new(&w).unwrap();
        for run in 0..3 {
            let mut stream = Seed::new(5).indexed("values", run);
            let mut normal = || -> Vec<f64> { (0..35).map(|_| stream.standard_normal()).collect() };
            let (y, a) = (normal(), normal());
            let permutations = Permutations::new(49, Seed::new(run)).unwrap();
            let draws = paired.draw(&y, &a, permutations).unwrap();
            for tail in [T2Tail::Small, T2Tail::Large] {
                let form = PValueForm::WithData;
                assert_eq!(
                    draws.intersection_union(1.0, tail, form),
                    intersection_union_tests(&w, &y, &a, 1.0, tail, form, permutations)
                );
            }
            assert_eq!(
                draws.equivalence(2.0),
                equivalence_test_permutation(&w, &y, &a, 2.0, permutations)
            );
        }
    }

    #[test]
    fn bad_weights_and_variables_are_errors() {
        let none = SpatialWeights::from_rows(vec![0; 6], vec![], vec![]).unwrap();
        assert!(PairedMoran::new(&none).is_err());
        let w = SpatialWeights::from_raster(2, 3, None, Contiguity::Rook).unwrap();
        let paired = PairedMoran::new(&w).unwrap();
        let permutations = Permutations::new(9, Seed::new(0)).unwrap();
        let y = [1.0, 2.0, 4.0, 3.0, 0.0, 1.0];
        assert!(matches!(
            paired.draw(&y, &y[1..], permutations),
            Err(StatsError::Shape { name: "a", .. })
        ));
        assert!(matches!(
            paired.draw(&[1.0; 6], &y, permutations),
            Err(StatsError::Constant { name: "y" })
        ));
    }
}
