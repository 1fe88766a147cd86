//! A statistic against its exact expectation and variance.

use serde::Serialize;

use crate::{Alternative, Null, SpatialWeights, StatsError, WeightsRef};

/// A variance below this share of its largest term is rounding.
const ROUNDING: f64 = 1e-13;

/// A statistic, its moments under the null, and the p-value of the standard normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AsymptoticResult {
    /// The statistic of the data.
    pub statistic: f64,
    /// Its expectation under the null.
    pub expectation: f64,
    /// Its variance under the null.
    pub variance: f64,
    /// (statistic − expectation) / √variance.
    pub z_score: f64,
    /// The share of the standard normal distribution that is at least as extreme.
    pub p_value: f64,
    /// What the null takes to be random.
    pub null: Null,
    /// What speaks against it.
    pub alternative: Alternative,
    /// How many units there are, isolates included.
    pub n_units: usize,
    /// How many of them have no neighbours. They take part in the mean and the moments of the values, and in no
    /// pair.
    pub n_isolates: usize,
}

/// The result of the tests of Moran's I.
pub type MoranResult = AsymptoticResult;

/// Expectation and variance under a null.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    pub(crate) expectation: f64,
    pub(crate) variance: f64,
    /// The largest of the terms that the variance is a sum of.
    pub(crate) largest_term: f64,
}

impl Moments {
    /// √variance, unless `statistic` cannot vary.
    pub(crate) fn deviation(&self, statistic: f64) -> Result<f64, StatsError> {
        let variance = self.variance;
        // NaN and infinities, which overflowing weights lead to, fail too.
        if variance > ROUNDING * self.largest_term && variance.is_finite() && statistic.is_finite() {
            Ok(variance.sqrt())
        } else {
            Err(StatsError::NoVariance { statistic, variance })
        }
    }
}

impl AsymptoticResult {
    pub(crate) fn new<'w>(
        statistic: f64,
        moments: Moments,
        null: Null,
        alternative: Alternative,
        w: impl Into<WeightsRef<'w>>,
    ) -> Result<Self, StatsError> {
        let w = w.into();
        let Moments {
            expectation,
            variance,
            ..
        } = moments;
        let z_score = (statistic - expectation) / moments.deviation(statistic)?;
        Ok(Self {
            statistic,
            expectation,
            variance,
            z_score,
            p_value: alternative.normal_p_value(z_score),
            null,
            alternative,
            n_units: w.n(),
            n_isolates: w.n_isolates(),
        })
    }
}

pub(crate) fn n_isolates(w: &SpatialWeights) -> usize {
    WeightsRef::from(w).n_isolates()
}
