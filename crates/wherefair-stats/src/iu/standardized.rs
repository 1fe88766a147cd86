//! Standardised Moran's I of two variables under the same permutations.

use crate::autocorrelation::{Variable, moran_moments, weight_sum};
use crate::inference::QuadraticForm;
use crate::{Null, Permutations, SpatialWeights, StatsError};

/// Standardised I of two variables, of the data and under permutations.
pub(super) struct Standardized {
    pub(super) y: f64,
    pub(super) a: f64,
    /// The same permutations for both, `(I_y, I_a)`.
    pub(super) draws: Vec<(f64, f64)>,
}

impl Standardized {
    pub(super) fn new(
        w: &SpatialWeights,
        y: &[f64],
        a: &[f64],
        permutations: Permutations,
    ) -> Result<Self, StatsError> {
        let variables = [Variable::new("y", y, w)?, Variable::new("a", a, w)?];
        let weights = w.moments();
        let form = QuadraticForm::new(w, 1.0 / weight_sum(weights.s0)?, &[]);
        let mut standardized = Vec::with_capacity(2);
        for variable in &variables {
            // Permutation changes neither moment: both are those of the values at hand.
            let moments = moran_moments(variable, &weights, Null::Randomization);
            let statistic = form.evaluate(&variable.z);
            let deviation = moments.deviation(statistic)?;
            let standardize = |i: f64| (i - moments.expectation) / deviation;
            let draws = form.permuted(&variable.z, permutations);
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
        Ok(Self {
            y: standardized[0].0,
            a: standardized[1].0,
            draws,
        })
    }
}
