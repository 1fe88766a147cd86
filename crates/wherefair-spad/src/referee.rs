//! The referee of SPAD: the further a partition is below expectation, the faster it may teach.

use serde::Serialize;
use serde_json::Value;
use wherefair_audit::PartitionScores;
use wherefair_audit::Score;
use wherefair_core::Seed;
use wherefair_metrics::{Deviation, Distance, Reference, deviation};
use wherefair_train::{Referee, TrainError, json, restored};

use crate::{RateRule, learning_rates};

/// Judges partitions by exact scores (Eqs. 2–5); no gradient passes through it.
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_core::{Extent, Sites};
/// use wherefair_metrics::{ClassScore, Distance, Reference};
/// use wherefair_nn::Samples;
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_spad::{RateRule, SpadReferee};
/// use wherefair_train::{Predictions, Referee, SpatialSamples, partition_scores};
///
/// let halves = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 2)?;
/// let sites = Sites::new(&[0.1, 0.2, 0.8, 0.9], &[0.5; 4])?;
/// let samples = Samples::classes(&[1.0, 2.0, 3.0, 4.0], 1, &[0, 1, 1, 0], 2)?;
/// let samples = SpatialSamples::new(&halves, sites, &samples)?;
/// let score = Score::Class(ClassScore::Accuracy);
/// let base = partition_scores(&samples, Predictions::Classes(&[0, 1, 1, 1]), score, 1)?;
/// assert_eq!(base.of(0), [Some(1.0), Some(0.5)]);
/// let referee = SpadReferee::new(score, Reference::PartitionMean, Distance::Absolute, RateRule::Normalized, &base);
/// assert_eq!(referee.expectation(0), Some(0.75));
/// assert_eq!(referee.unfairness(0, &base).map(|unfairness| unfairness.mean), Some(0.25));
/// assert_eq!(referee.rates(0, &base, 0.001)?, [0.0, 0.001]);
/// # Ok::<(), wherefair_train::TrainError>(())
/// ```
///
/// # References
/// Xie et al. (2022), AAAI-22, "Bi-level fairness enforcement".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpadReferee {
    #[serde(skip)]
    score: Score,
    reference: Reference,
    distance: Distance,
    rate_rule: RateRule,
    /// The seed of the first expectations where there is no base model.
    #[serde(skip)]
    without_base: Option<Seed>,
    #[serde(skip)]
    expectations: Vec<Option<f64>>,
}

impl SpadReferee {
    /// A referee who expects of each partitioning what the base model scored there: with
    /// [`Reference::PartitionMean`] Eq. 3, the paper's `E_P`.
    ///
    /// `DIFFERENCE:` the released code expects of every partitioning the base model's score of all samples together,
    /// which is [`Reference::Global`].
    pub fn new(
        score: Score,
        reference: Reference,
        distance: Distance,
        rate_rule: RateRule,
        base: &PartitionScores,
    ) -> Self {
        let mut referee = Self::without_expectation(score, reference, distance, rate_rule);
        referee.expect(base);
        referee
    }

    pub(crate) fn without_expectation(
        score: Score,
        reference: Reference,
        distance: Distance,
        rate_rule: RateRule,
    ) -> Self {
        Self {
            score,
            reference,
            distance,
            rate_rule,
            without_base: None,
            expectations: Vec::new(),
        }
    }

    /// The same referee without a base model to go by: he expects random scores before the first epoch, uniform in [0, 1)
    /// where more is better, else uniform between 0 and what the untrained model scores; after each epoch what the model then
    /// scores.
    #[must_use]
    pub(crate) fn without_base(mut self, seed: Seed) -> Self {
        self.without_base = Some(seed);
        self
    }

    fn expect_these(&mut self, scores: &PartitionScores) {
        self.expectations = (0..scores.n_partitionings())
            .map(|partitioning| scores.expectation(partitioning, self.reference))
            .collect();
    }

    fn expect_random(&mut self, seed: Seed) {
        let mut stream = seed.stream("spad/expectation");
        let is_scaled = match self.score {
            Score::Class(_) => false,
            Score::Value { score, .. } => !score.higher_is_better(),
            Score::MedianAbsolute { .. } => true,
        };
        for expectation in &mut self.expectations {
            let u = stream.uniform();
            *expectation = expectation.map(|own| if is_scaled { u * own } else { u });
        }
    }

    /// `E_P` of each partitioning, `(n_partitionings,)`; empty before anything is expected.
    pub fn expectations(&self) -> &[Option<f64>] {
        &self.expectations
    }
}

impl Referee for SpadReferee {
    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn expect(&mut self, scores: &PartitionScores) {
        self.expect_these(scores);
        if let Some(seed) = self.without_base {
            self.expect_random(seed);
        }
    }

    /// Eqs. 4 and 5, see [`learning_rates`].
    fn rates(
        &self,
        partitioning: usize,
        scores: &PartitionScores,
        eta_init: f64,
    ) -> Result<Vec<f64>, TrainError> {
        Ok(learning_rates(
            self.rate_rule,
            scores.of(partitioning),
            self.expectation(partitioning),
            self.score.orientation(),
            eta_init,
        )?)
    }

    fn expectation(&self, partitioning: usize) -> Option<f64> {
        self.expectations.get(partitioning).copied().flatten()
    }

    /// Eq. 2.
    fn unfairness(&self, partitioning: usize, scores: &PartitionScores) -> Option<Deviation> {
        deviation(
            scores.of(partitioning),
            self.expectation(partitioning)?,
            self.distance,
        )
    }

    fn scored(&mut self, scores: &PartitionScores) {
        if self.without_base.is_some() {
            self.expect_these(scores);
        }
    }

    fn state(&self) -> Result<Value, TrainError> {
        json(&self.expectations)
    }

    fn restore(&mut self, state: Value, n_partitionings: usize) -> Result<(), TrainError> {
        let expectations: Vec<Option<f64>> = restored(state)?;
        if ![0, n_partitionings].contains(&expectations.len()) {
            let n = expectations.len();
            return Err(TrainError::state(format!(
                "it expects of {n} partitionings (accepted: {n_partitionings})"
            )));
        }
        self.expectations = expectations;
        Ok(())
    }
}
