//! How unequal the scores of the partitions of one partitioning are.

use serde::{Deserialize, Serialize};

use crate::error::{MetricError, check_shape};

/// How far a score is from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// |m − E|.
    #[default]
    Absolute,
    /// (m − E)².
    Squared,
}

impl Distance {
    /// The distance of `score` from `reference`.
    pub fn between(self, score: f64, reference: f64) -> f64 {
        match self {
            Self::Absolute => (score - reference).abs(),
            Self::Squared => (score - reference).powi(2),
        }
    }
}

/// What the scores of the partitions are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The mean score over the partitions, each counted once: Eq. (3) of SPAD for the audited model itself.
    #[default]
    PartitionMean,
    /// The mean score over the partitions weighted by their samples.
    WeightedPartitionMean,
    /// The score of all samples together, as in Eq. (1) of `SimFair`.
    Global,
    /// A given number, above all the `E_P` of a base model: Eq. (3) of SPAD.
    Fixed(f64),
}

/// The number to compare the scores of the partitions with; `None` where it is undefined: no partition has a
/// score, `global` is missing though asked for, `n_samples` differs in shape though needed, or the number is
/// not finite.
///
/// # Shapes
/// `scores` and `n_samples` are `(n_partitions,)`. A score of `None` or one that is not finite takes no part.
///
/// # Examples
/// ```
/// use wherefair_metrics::{Reference, reference_value};
///
/// let scores = [Some(0.2), None, Some(0.8)];
/// let mean = reference_value(Reference::PartitionMean, &scores, &[30, 0, 10], Some(0.4));
/// assert_eq!(mean, Some(0.5));
/// let global = reference_value(Reference::Global, &scores, &[30, 0, 10], Some(0.4));
/// assert_eq!(global, Some(0.4));
/// ```
pub fn reference_value(
    reference: Reference,
    scores: &[Option<f64>],
    n_samples: &[u64],
    global: Option<f64>,
) -> Option<f64> {
    let value = match reference {
        Reference::PartitionMean => mean(scored(scores).map(|(_, score)| score))?,
        Reference::WeightedPartitionMean => {
            if n_samples.len() != scores.len() {
                return None;
            }
            let (mut sum, mut weight) = (0.0, 0.0);
            for (i, score) in scored(scores) {
                let n = n_samples[i] as f64;
                sum += n * score;
                weight += n;
            }
            sum / weight
        }
        Reference::Global => global?,
        Reference::Fixed(value) => value,
    };
    value.is_finite().then_some(value)
}

/// How far the scores of one partitioning are from their reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Deviation {
    /// The mean distance over the partitions with a score.
    pub mean: f64,
    /// The largest distance.
    pub max: f64,
    /// The partition at the largest distance; the first of several.
    pub worst: usize,
    /// The number of partitions with a score.
    pub n_scored: usize,
    /// What the scores were compared with.
    pub reference: f64,
}

/// The mean and the largest distance of the partitions' scores from `reference`; `None` where no partition
/// has a score or `reference` is not finite.
///
/// Partitions whose score is `None` or not finite are left out, and the mean is over the others.
///
/// # Formula
/// ```text
/// M_fair = (1/|P|) Σ_{p ∈ P} d(M_F(p), E_P), with P the partitions that have a score.
/// ```
///
/// # Shapes
/// `scores` is `(n_partitions,)`.
///
/// # Examples
/// ```
/// use wherefair_metrics::{Distance, deviation};
///
/// let scores = [Some(0.75), Some(0.5), None, Some(0.0)];
/// let unfairness = deviation(&scores, 0.5, Distance::Absolute).unwrap();
/// assert_eq!((unfairness.mean, unfairness.max), (0.25, 0.5));
/// assert_eq!((unfairness.worst, unfairness.n_scored), (3, 3));
/// ```
///
/// # References
/// Xie et al. (2022), Fairness by "Where": A Statistically-Robust and Model-Agnostic Bi-level Learning
/// Framework, AAAI-22, Eq. (2).
pub fn deviation(scores: &[Option<f64>], reference: f64, distance: Distance) -> Option<Deviation> {
    if !reference.is_finite() {
        return None;
    }
    let (mut sum, mut n_scored, mut worst) = (0.0, 0_usize, None);
    for (i, score) in scored(scores) {
        let far = distance.between(score, reference);
        sum += far;
        n_scored += 1;
        if worst.is_none_or(|(_, max)| far > max) {
            worst = Some((i, far));
        }
    }
    let (worst, max) = worst?;
    Some(Deviation {
        mean: sum / n_scored as f64,
        max,
        worst,
        n_scored,
        reference,
    })
}

/// LF: the population standard deviation of the locations' scores; `None` where no location has one.
///
/// # Formula
/// LF = √((1/n) Σ (pᵢ − p̄)²)
///
/// # References
/// Meta-Ref, AAAI-24 (arXiv 2402.13379), evaluation.
pub fn locational_fairness(scores: &[Option<f64>]) -> Option<f64> {
    let mean = mean(scored(scores).map(|(_, score)| score))?;
    Some(deviation(scores, mean, Distance::Squared)?.mean.sqrt())
}

/// How [`adjusted_locational_fairness`] averages the deviations from the best score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustedVariant {
    /// √((1/n) Σ (pᵢ − p*)²). The default: the text derives ALF from a standard deviation by replacing the
    /// mean.
    #[default]
    RootMeanSquare,
    /// (1/n) Σ |pᵢ − p*|, which the words "average deviation" admit as well.
    MeanAbsolute,
}

/// ALF: how far the locations' scores are from `best`, the best performance any compared method reaches;
/// `None` where no location has a score or `best` is not finite.
///
/// Unlike LF it does not reward scores that are equally bad.
///
/// DIFFERENCE: the formula is lost in the public text of the paper; both readings are [`AdjustedVariant`]s.
///
/// # References
/// Meta-Ref, AAAI-24 (arXiv 2402.13379), Eq. (17).
pub fn adjusted_locational_fairness(
    scores: &[Option<f64>],
    best: f64,
    variant: AdjustedVariant,
) -> Option<f64> {
    match variant {
        AdjustedVariant::RootMeanSquare => Some(deviation(scores, best, Distance::Squared)?.mean.sqrt()),
        AdjustedVariant::MeanAbsolute => Some(deviation(scores, best, Distance::Absolute)?.mean),
    }
}

/// The mean absolute difference between the locations' losses and the loss of all samples together; `None`
/// where no location has one or `global` is not finite.
///
/// # Formula
/// ```text
/// L_f = (1/|S|) Σ_{sᵢ ∈ S} |L_p(F(xᵢ), yᵢ) − L_p(F(X), Y)|
/// ```
///
/// # References
/// `SimFair`, AAAI-24 (arXiv 2401.15270), Eq. (1).
pub fn simfair_fairness(local: &[Option<f64>], global: f64) -> Option<f64> {
    Some(deviation(local, global, Distance::Absolute)?.mean)
}

/// How often each method beats each other one, pairwise over the same cases: entry `[a][b]` is the number of
/// cases in which `a` is better than `b`, a tie counted half; the diagonal is 0.
///
/// # Shapes
/// Each of `methods` is `(n_cases,)`; the result is `(n_methods, n_methods)`.
///
/// # Errors
/// [`MetricError::Shape`] when the methods differ in their number of cases, [`MetricError::NotFinite`] when a
/// score is NaN or infinite.
///
/// # Examples
/// ```
/// use wherefair_metrics::pairwise_wins;
///
/// let wins = pairwise_wins(&[vec![0.9, 0.8, 0.7], vec![0.5, 0.8, 0.6]], true)?;
/// assert_eq!(wins, [[0.0, 2.5], [0.5, 0.0]]);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
pub fn pairwise_wins(methods: &[Vec<f64>], higher_is_better: bool) -> Result<Vec<Vec<f64>>, MetricError> {
    let n_cases = methods.first().map_or(0, Vec::len);
    for scores in methods {
        check_shape("scores of a method", scores.len(), "the first method", n_cases)?;
        crate::error::check_finite("scores of a method", scores)?;
    }
    let better = |a: f64, b: f64| if higher_is_better { a > b } else { a < b };
    let mut wins = vec![vec![0.0; methods.len()]; methods.len()];
    for (a, scores_a) in methods.iter().enumerate() {
        for (b, scores_b) in methods.iter().enumerate() {
            if a == b {
                continue;
            }
            for (&x, &y) in scores_a.iter().zip(scores_b) {
                if better(x, y) {
                    wins[a][b] += 1.0;
                } else if !better(y, x) {
                    wins[a][b] += 0.5;
                }
            }
        }
    }
    Ok(wins)
}

/// The partitions with a finite score, and that score.
fn scored(scores: &[Option<f64>]) -> impl Iterator<Item = (usize, f64)> + '_ {
    scores
        .iter()
        .enumerate()
        .filter_map(|(i, score)| Some((i, score.filter(|score| score.is_finite())?)))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0_u64, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of a few numbers around 1.
    const ROUNDING: f64 = 1e-15;

    fn close(a: Option<f64>, b: f64) -> bool {
        a.is_some_and(|a| (a - b).abs() < ROUNDING)
    }

    #[test]
    fn each_reference_by_hand() {
        let scores = [Some(0.9), Some(0.6), None, Some(0.3)];
        let n = [10, 20, 5, 70];
        let value = |reference| reference_value(reference, &scores, &n, Some(0.45));
        assert!(close(value(Reference::PartitionMean), 0.6));
        // (9 + 12 + 21) / 100; the partition without a score has no weight.
        assert!(close(value(Reference::WeightedPartitionMean), 0.42));
        assert_eq!(value(Reference::Global), Some(0.45));
        assert_eq!(value(Reference::Fixed(0.7)), Some(0.7));
    }

    #[test]
    fn deviations_by_hand() {
        let scores = [Some(0.9), Some(0.6), None, Some(0.3)];
        let absolute = deviation(&scores, 0.7, Distance::Absolute).unwrap();
        assert!(close(Some(absolute.mean), 0.7 / 3.0));
        assert!(close(Some(absolute.max), 0.4));
        assert_eq!((absolute.worst, absolute.n_scored), (3, 3));
        let squared = deviation(&scores, 0.7, Distance::Squared).unwrap();
        assert!(close(Some(squared.mean), (0.04 + 0.01 + 0.16) / 3.0));
        assert!(close(Some(squared.max), 0.16));
    }

    #[test]
    fn the_first_of_equally_bad_partitions_is_the_worst() {
        let scores = [Some(0.5), Some(1.0), Some(0.0), Some(1.0)];
        assert_eq!(deviation(&scores, 0.5, Distance::Absolute).unwrap().worst, 1);
    }

    #[test]
    fn undefined_references_are_none() {
        let none = [None, Some(f64::NAN)];
        let some = [Some(1.0), Some(2.0)];
        for reference in [Reference::PartitionMean, Reference::WeightedPartitionMean] {
            assert_eq!(reference_value(reference, &none, &[1, 1], Some(1.0)), None);
        }
        let weighted = Reference::WeightedPartitionMean;
        assert_eq!(reference_value(weighted, &some, &[1], None), None);
        assert_eq!(reference_value(weighted, &some, &[0, 0], None), None);
        assert_eq!(reference_value(Reference::Global, &some, &[1, 1], None), None);
        assert_eq!(
            reference_value(Reference::Fixed(f64::NAN), &some, &[1, 1], None),
            None
        );
    }

    #[test]
    fn hostile_scores_have_no_deviation() {
        for reference in [f64::NAN, f64::INFINITY] {
            assert_eq!(deviation(&[Some(1.0)], reference, Distance::Absolute), None);
        }
        let hostile = [None, Some(f64::NAN), Some(f64::INFINITY)];
        assert_eq!(deviation(&hostile, 0.0, Distance::Absolute), None);
        assert_eq!(deviation(&[], 0.0, Distance::Absolute), None);
        let variant = AdjustedVariant::MeanAbsolute;
        assert_eq!(adjusted_locational_fairness(&hostile, 1.0, variant), None);
        assert_eq!(locational_fairness(&hostile), None);
        assert_eq!(simfair_fairness(&[], 1.0), None);
    }

    #[test]
    fn fairness_over_locations_by_hand() {
        let scores = [Some(0.2), Some(0.6), None];
        assert!(close(locational_fairness(&scores), 0.2));
        let adjusted = |variant| adjusted_locational_fairness(&scores, 0.9, variant);
        assert!(close(adjusted(AdjustedVariant::MeanAbsolute), 0.5));
        assert!(close(adjusted(AdjustedVariant::RootMeanSquare), 0.29_f64.sqrt()));
        assert!(close(simfair_fairness(&scores, 0.3), 0.2));
    }

    #[test]
    fn wins_of_one_method_and_of_the_other_make_all_cases() {
        let methods = [vec![1.0, 2.0, 3.0], vec![1.0, 1.0, 5.0], vec![0.0, 9.0, 3.0]];
        let wins = pairwise_wins(&methods, false).unwrap();
        assert_eq!(wins, [[0.0, 1.5, 1.5], [1.5, 0.0, 1.0], [1.5, 2.0, 0.0]]);
        assert_eq!(pairwise_wins(&[], true), Ok(vec![]));
        assert!(pairwise_wins(&[vec![1.0], vec![]], true).is_err());
        assert!(pairwise_wins(&[vec![1.0], vec![f64::NAN]], true).is_err());
    }
}
