//! Who says how fast each place may teach.

use std::any::Any;
use std::fmt::Debug;

use serde_json::Value;
use wherefair_audit::PartitionScores;
use wherefair_metrics::Deviation;

use crate::TrainError;

/// A referee: exact scores go in, learning rates of partitions come out; no gradient passes through it.
///
/// Rules and learners alike: all that a referee has learned is its [`state`](Self::state), an opaque part of the checkpoint.
pub trait Referee: Any + Debug + Send + Sync {
    /// All that decides what the referee does, for the comparison of checkpoints.
    ///
    /// # Errors
    /// [`TrainError::State`] where they cannot be written as JSON.
    fn parameters(&self) -> Result<Value, TrainError>;

    /// Learns what is to be expected: the training scores of the base model, or of the untrained one where there is none.
    fn expect(&mut self, scores: &PartitionScores);

    /// The learning rates of the partitions of one partitioning for the next epoch, `(n_partitions,)`: at least 0 and at most
    /// `eta_init`. Partitions of rate 0 are not trained.
    ///
    /// # Errors
    /// [`TrainError::Param`] where `eta_init` is not finite or not above 0.
    ///
    /// # Panics
    /// When there is no such partitioning.
    fn rates(
        &self,
        partitioning: usize,
        scores: &PartitionScores,
        eta_init: f64,
    ) -> Result<Vec<f64>, TrainError>;

    /// What the partitions of a partitioning are expected to score, `E_P`; `None` where nothing is.
    fn expectation(&self, partitioning: usize) -> Option<f64>;

    /// `M_fair` of one partitioning: the distances of its partitions from what is expected; `None` where nothing is.
    ///
    /// # Panics
    /// When there is no such partitioning.
    fn unfairness(&self, partitioning: usize, scores: &PartitionScores) -> Option<Deviation>;

    /// The objective, Σ Prob(P) `M_fair`(P) over the partitionings that have one; `None` where none has.
    ///
    /// # Shapes
    /// `prior` is `(n_partitionings,)`.
    ///
    /// # References
    /// Xie et al. (2022), AAAI-22, Eq. 1.
    fn objective(&self, scores: &PartitionScores, prior: &[f64]) -> Option<f64> {
        let terms = prior.iter().enumerate().filter_map(|(partitioning, prior)| {
            let unfairness = self.unfairness(partitioning, scores)?;
            Some((prior * unfairness.mean, *prior))
        });
        let (sum, weight) = terms.fold((0.0, 0.0), |(sum, weight), (term, prior)| {
            (sum + term, weight + prior)
        });
        (weight > 0.0).then(|| sum / weight)
    }

    /// Learns from the scores after each epoch; by default nothing.
    fn scored(&mut self, _scores: &PartitionScores) {}

    /// What the referee has learned.
    ///
    /// # Errors
    /// [`TrainError::State`] where it cannot be written as JSON.
    fn state(&self) -> Result<Value, TrainError>;

    /// Takes over what another referee of the same parameters had learned.
    ///
    /// # Errors
    /// [`TrainError::State`] with what does not fit; the referee is then as it was.
    fn restore(&mut self, state: Value, n_partitionings: usize) -> Result<(), TrainError>;
}
