//! The referee: what each partitioning is expected to score, and how fast each partition may teach.

use wherefair_audit::Score;
use wherefair_core::{ParamError, Stream};
use wherefair_metrics::{Deviation, Distance, Reference, deviation};

use crate::{PartitionScores, RateRule, learning_rates};

/// Judges partitions by exact scores (Eqs. 2–5); no gradient passes through it.
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_core::{Extent, Sites};
/// use wherefair_metrics::{ClassScore, Distance, Reference};
/// use wherefair_nn::Samples;
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_spad::{Predictions, RateRule, Referee, SpatialSamples, partition_scores};
///
/// let halves = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 2)?;
/// let sites = Sites::new(&[0.1, 0.2, 0.8, 0.9], &[0.5; 4])?;
/// let samples = Samples::classes(&[1.0, 2.0, 3.0, 4.0], 1, &[0, 1, 1, 0], 2)?;
/// let samples = SpatialSamples::new(&halves, sites, &samples)?;
/// let score = Score::Class(ClassScore::Accuracy);
/// let base = partition_scores(&samples, Predictions::Classes(&[0, 1, 1, 1]), score, 1)?;
/// assert_eq!(base.of(0), [Some(1.0), Some(0.5)]);
/// let referee = Referee::new(score, Reference::PartitionMean, Distance::Absolute, RateRule::Normalized, &base);
/// assert_eq!(referee.expectation(0), Some(0.75));
/// assert_eq!(referee.unfairness(0, &base).map(|unfairness| unfairness.mean), Some(0.25));
/// assert_eq!(referee.rates(0, &base, 0.001)?, [0.0, 0.001]);
/// # Ok::<(), wherefair_spad::SpadError>(())
/// ```
///
/// # References
/// Xie et al. (2022), AAAI-22, "Bi-level fairness enforcement".
#[derive(Debug, Clone, PartialEq)]
pub struct Referee {
    score: Score,
    reference: Reference,
    distance: Distance,
    rule: RateRule,
    expectations: Vec<Option<f64>>,
}

impl Referee {
    /// A referee who expects of each partitioning what the base model scored there: with
    /// [`Reference::PartitionMean`] Eq. 3, the paper's `E_P`.
    ///
    /// `DIFFERENCE:` the released code expects of every partitioning the base model's score of all samples together,
    /// which is [`Reference::Global`].
    pub fn new(
        score: Score,
        reference: Reference,
        distance: Distance,
        rule: RateRule,
        base: &PartitionScores,
    ) -> Self {
        let mut referee = Self::without_expectation(score, reference, distance, rule);
        referee.expect(base);
        referee
    }

    pub(crate) fn without_expectation(
        score: Score,
        reference: Reference,
        distance: Distance,
        rule: RateRule,
    ) -> Self {
        Self {
            score,
            reference,
            distance,
            rule,
            expectations: Vec::new(),
        }
    }

    /// Expects from now on what these scores are.
    pub fn expect(&mut self, scores: &PartitionScores) {
        self.expectations = (0..scores.n_partitionings())
            .map(|partitioning| scores.expectation(partitioning, self.reference))
            .collect();
    }

    /// Expects random scores, as a referee without a base model does before the first epoch: uniform in [0, 1) for
    /// scores of which more is better, else uniform between 0 and what the untrained model scores.
    pub(crate) fn expect_random(&mut self, scores: &PartitionScores, stream: &mut Stream) {
        self.expect(scores);
        let scale = match self.score {
            Score::Class(_) => None,
            Score::Value { score, .. } => (!score.higher_is_better()).then_some(()),
            Score::MedianAbsolute { .. } => Some(()),
        };
        for expectation in &mut self.expectations {
            let u = stream.uniform();
            *expectation = expectation.map(|own| if scale.is_some() { u * own } else { u });
        }
    }

    pub(crate) fn set_expectations(&mut self, expectations: Vec<Option<f64>>) {
        self.expectations = expectations;
    }

    /// `E_P` of each partitioning, `(n_partitionings,)`.
    pub fn expectations(&self) -> &[Option<f64>] {
        &self.expectations
    }

    /// `E_P` of one partitioning; `None` where none of its partitions had a score.
    pub fn expectation(&self, partitioning: usize) -> Option<f64> {
        self.expectations.get(partitioning).copied().flatten()
    }

    /// `M_fair` of one partitioning (Eq. 2): the distances of its partitions from `E_P`.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn unfairness(&self, partitioning: usize, scores: &PartitionScores) -> Option<Deviation> {
        deviation(
            scores.of(partitioning),
            self.expectation(partitioning)?,
            self.distance,
        )
    }

    /// The objective (Eq. 1): Σ Prob(P) `M_fair`(P), over the partitionings that have one; `None` where none has.
    ///
    /// # Shapes
    /// `prior` is `(n_partitionings,)`.
    pub fn objective(&self, scores: &PartitionScores, prior: &[f64]) -> Option<f64> {
        let terms = prior.iter().enumerate().filter_map(|(partitioning, prior)| {
            let unfairness = self.unfairness(partitioning, scores)?;
            Some((prior * unfairness.mean, *prior))
        });
        let (sum, weight) = terms.fold((0.0, 0.0), |(sum, weight), (term, prior)| {
            (sum + term, weight + prior)
        });
        (weight > 0.0).then(|| sum / weight)
    }

    /// The learning rates of the partitions of one partitioning (Eqs. 4 and 5), see [`learning_rates`].
    ///
    /// # Errors
    /// [`ParamError`] where `eta_init` is not finite or not above 0.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn rates(
        &self,
        partitioning: usize,
        scores: &PartitionScores,
        eta_init: f64,
    ) -> Result<Vec<f64>, ParamError> {
        let expectation = self.expectation(partitioning);
        learning_rates(
            self.rule,
            scores.of(partitioning),
            expectation,
            self.score.orientation(),
            eta_init,
        )
    }
}
