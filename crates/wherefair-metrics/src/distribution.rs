//! Unfairness over a distribution of partitionings.

use serde::{Deserialize, Serialize};

use crate::error::{MetricError, check_enough, check_finite, check_shape};

/// How far a cumulative share may fall short of a quantile's share through rounding.
const SHARE_ROUNDING: f64 = 1e-12;

/// One score for each of several partitionings, each with its probability.
///
/// # Examples
/// ```
/// use wherefair_metrics::ScoreDistribution;
///
/// let distribution = ScoreDistribution::new(&[0.1, 0.4, 0.2], &[1.0, 1.0, 2.0])?;
/// assert_eq!(distribution.quantile(0.5), Some(0.2));
/// assert!((distribution.expectation() - 0.225).abs() < 1e-15);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreDistribution {
    /// (score, probability), by score; the probabilities sum to 1.
    sorted: Vec<(f64, f64)>,
    /// In the order of the input, so that the sum does not depend on the sorting.
    sum: f64,
    expectation: f64,
    variance: f64,
}

impl ScoreDistribution {
    /// The distribution of `scores` under `prior`, which is divided by its sum: the prior of the papers,
    /// 1/(rows · columns), leaves out the one partitioning that does not split and sums to less than 1.
    ///
    /// # Shapes
    /// Both are `(n_partitionings,)`.
    ///
    /// # Errors
    /// [`MetricError`] when the shapes differ, there is no partitioning, a number is NaN or infinite, or the
    /// prior is negative somewhere or 0 everywhere.
    pub fn new(scores: &[f64], prior: &[f64]) -> Result<Self, MetricError> {
        check_shape("prior", prior.len(), "scores", scores.len())?;
        check_enough("scores", scores.len(), 1)?;
        check_finite("scores", scores)?;
        let at_fault = |&weight: &f64| !(0.0..f64::INFINITY).contains(&weight);
        let total: f64 = prior.iter().sum();
        if let Some(index) = prior.iter().position(at_fault).or((total == 0.0).then_some(0)) {
            return Err(MetricError::Weight {
                name: "prior",
                index,
                value: prior[index],
            });
        }
        // Dividing by the largest first keeps a sum near the largest number from overflowing.
        let scale = prior.iter().copied().fold(0.0, f64::max);
        let total: f64 = prior.iter().map(|weight| weight / scale).sum();
        let weights: Vec<f64> = prior.iter().map(|weight| weight / scale / total).collect();
        let expectation: f64 = scores.iter().zip(&weights).map(|(x, w)| x * w).sum();
        let variance = scores
            .iter()
            .zip(&weights)
            .map(|(x, w)| w * (x - expectation).powi(2))
            .sum();
        let mut sorted: Vec<(f64, f64)> = scores.iter().copied().zip(weights).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self {
            sorted,
            sum: scores.iter().sum(),
            expectation,
            variance,
        })
    }

    /// The number of partitionings.
    pub fn n_partitionings(&self) -> usize {
        self.sorted.len()
    }

    /// Σ Prob(Γ) · score(Γ).
    pub fn expectation(&self) -> f64 {
        self.expectation
    }

    /// The plain sum of the scores, whatever the prior.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The population standard deviation under the prior.
    pub fn sd(&self) -> f64 {
        self.variance.sqrt()
    }

    /// The smallest score, whatever its probability.
    pub fn min(&self) -> f64 {
        self.sorted[0].0
    }

    /// The largest score, whatever its probability.
    pub fn max(&self) -> f64 {
        self.sorted[self.sorted.len() - 1].0
    }

    /// The `q`-quantile under the prior: the smallest score of probability above 0 up to which the
    /// probabilities sum to at least `q`. `None` when `q` lies outside [0, 1].
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        let mut share = 0.0;
        let mut last = None;
        for &(score, weight) in self.sorted.iter().filter(|&&(_, weight)| weight > 0.0) {
            share += weight;
            last = Some(score);
            if share >= q - SHARE_ROUNDING {
                break;
            }
        }
        last
    }
}

/// What one number a partitioning says about a distribution of partitionings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpadSummary {
    /// The number of partitionings.
    pub n_partitionings: usize,
    /// The expectation under the prior: Eq. (1) of SPAD.
    pub expectation: f64,
    /// The plain sum over partitionings: S(d)mean for mean deviations, S(d)max for largest ones.
    pub sum: f64,
    /// The population standard deviation under the prior.
    pub sd: f64,
    /// The smallest value.
    pub min: f64,
    /// The quantiles under the prior at [`SpadSummary::LEVELS`].
    pub quantiles: [f64; 5],
    /// The largest value.
    pub max: f64,
}

impl SpadSummary {
    /// The levels of [`quantiles`](Self::quantiles).
    pub const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
}

/// Summarises one unfairness a partitioning over a distribution of partitionings.
///
/// # Formula
/// With M(P) the [`deviation`](crate::deviation) of partitioning P from its own mean:
/// ```text
/// expectation = Σ_P Prob(P) M(P)
/// sum = S(d)mean = Σ_P mean_{p∈P} |M_F(p) − M̄_P|   for mean deviations
/// sum = S(d)max  = Σ_P max_{p∈P} |M_F(p) − M̄_P|    for the largest ones
/// ```
///
/// # Shapes
/// Both are `(n_partitionings,)`.
///
/// # Errors
/// As [`ScoreDistribution::new`].
///
/// # References
/// Xie et al. (2022), AAAI-22, Eq. (1).
pub fn spad_summary(per_partitioning: &[f64], prior: &[f64]) -> Result<SpadSummary, MetricError> {
    let distribution = ScoreDistribution::new(per_partitioning, prior)?;
    Ok(SpadSummary {
        n_partitionings: distribution.n_partitionings(),
        expectation: distribution.expectation(),
        sum: distribution.sum(),
        sd: distribution.sd(),
        min: distribution.min(),
        quantiles: SpadSummary::LEVELS.map(|q| distribution.quantile(q).unwrap_or(f64::NAN)),
        max: distribution.max(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairness::{Distance, Reference, deviation, reference_value};

    /// Sums of a few numbers around 1.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn sums_of_mean_and_largest_deviations_by_hand() {
        // Two partitionings of 2 and 3 partitions, each compared with its own mean (0.6 and 0.5).
        let partitionings: [&[Option<f64>]; 2] =
            [&[Some(0.5), Some(0.7)], &[Some(0.2), Some(0.5), Some(0.8)]];
        let mut means = vec![];
        let mut maxima = vec![];
        for scores in partitionings {
            let n = vec![1; scores.len()];
            let reference = reference_value(Reference::PartitionMean, scores, &n, None).unwrap();
            let deviation = deviation(scores, reference, Distance::Absolute).unwrap();
            means.push(deviation.mean);
            maxima.push(deviation.max);
        }
        let mean = spad_summary(&means, &[0.25, 0.25]).unwrap();
        assert!((mean.sum - (0.1 + 0.2)).abs() < ROUNDING);
        assert!((mean.expectation - 0.15).abs() < ROUNDING);
        assert!((mean.sd - 0.05).abs() < ROUNDING);
        let max = spad_summary(&maxima, &[0.75, 0.25]).unwrap();
        assert!((max.sum - (0.1 + 0.3)).abs() < ROUNDING);
        assert!((max.expectation - 0.15).abs() < ROUNDING);
    }

    #[test]
    fn uniform_quantiles_meet_their_rank_in_spite_of_rounding() {
        let scores: Vec<f64> = (1..=24).map(f64::from).collect();
        let distribution = ScoreDistribution::new(&scores, &[1.0 / 25.0; 24]).unwrap();
        assert_eq!(distribution.quantile(0.5), Some(12.0));
        assert_eq!(distribution.quantile(0.25), Some(6.0));
        assert_eq!(distribution.quantile(1.0), Some(24.0));
        assert_eq!(distribution.quantile(0.0), Some(1.0));
    }

    #[test]
    fn scores_of_probability_zero_are_no_quantile() {
        let distribution = ScoreDistribution::new(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0]).unwrap();
        for q in [0.0, 0.5, 1.0] {
            assert_eq!(distribution.quantile(q), Some(2.0));
        }
        assert_eq!(distribution.sd().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn hostile_distributions_are_rejected() {
        assert!(ScoreDistribution::new(&[], &[]).is_err());
        assert!(ScoreDistribution::new(&[1.0], &[]).is_err());
        assert!(ScoreDistribution::new(&[f64::NAN], &[1.0]).is_err());
        for prior in [[0.0, 0.0], [-1.0, 2.0], [f64::NAN, 1.0], [f64::INFINITY, 1.0]] {
            assert!(matches!(
                ScoreDistribution::new(&[1.0, 2.0], &prior),
                Err(MetricError::Weight { index: 0, .. })
            ));
        }
        let distribution = ScoreDistribution::new(&[1.0, 3.0], &[f64::MAX, f64::MAX]).unwrap();
        assert!((distribution.expectation() - 2.0).abs() < ROUNDING);
        assert_eq!(distribution.quantile(f64::NAN), None);
    }
}
