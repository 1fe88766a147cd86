//! Scores of all partitions, and how far they lie from what they are held against.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;
use wherefair_metrics::{Deviation, Distance, Reference, deviation, reference_value};

use crate::{AuditError, ReferenceRule};

/// The scores of all partitions of all partitionings, and that of all samples together.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionScores {
    pub(crate) scores: Vec<Vec<Option<f64>>>,
    pub(crate) n_samples: Vec<Vec<u64>>,
    pub(crate) global: Option<f64>,
}

/// How good and how fair a model is on a set of samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The score of all samples together.
    pub quality: Option<f64>,
    /// S(d)mean: for each partitioning the mean distance of its partitions' scores from their reference, summed.
    pub deviation_mean: f64,
    /// S(d)max: the same with the largest distance.
    pub deviation_max: f64,
}

impl PartitionScores {
    /// The scores of the partitions of one partitioning, `(n_partitions,)`; `None` where there are too few samples or
    /// the score is undefined.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn of(&self, partitioning: usize) -> &[Option<f64>] {
        &self.scores[partitioning]
    }

    /// The number of samples in each partition of one partitioning, `(n_partitions,)`.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn n_samples(&self, partitioning: usize) -> &[u64] {
        &self.n_samples[partitioning]
    }

    /// The number of partitionings.
    pub fn n_partitionings(&self) -> usize {
        self.scores.len()
    }

    /// The score of all samples together.
    pub fn global(&self) -> Option<f64> {
        self.global
    }

    /// Whether no partition has a score.
    pub fn is_empty(&self) -> bool {
        self.scores.iter().flatten().all(Option::is_none)
    }

    /// What the scores of one partitioning are expected to be: Eq. 3 of SPAD, when these are the scores of the base model
    /// and `reference` is the mean over partitions.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn expectation(&self, partitioning: usize, reference: Reference) -> Option<f64> {
        reference_value(
            reference,
            self.of(partitioning),
            self.n_samples(partitioning),
            self.global,
        )
    }

    /// S(d)mean and S(d)max, the sums over partitionings of the mean and of the largest deviation, with the global score as
    /// quality; `base` holds the scores of the base model for the rules that need one. Partitionings none of whose
    /// partitions has a score, or that have no reference, add nothing.
    ///
    /// # Errors
    /// [`AuditError::NoBaseModel`] where `rule` needs a base model's scores, [`AuditError::Param`] where they are of
    /// another number of partitionings.
    ///
    /// # References
    /// Xie et al. (2022), AAAI-22, experiments, Tables 1 and 2: the mean over partitions and absolute distances.
    pub fn measured(
        &self,
        rule: ReferenceRule,
        distance: Distance,
        base: Option<&Self>,
    ) -> Result<Measured, AuditError> {
        let references = References::new(rule, distance, base, self)?;
        let mut measured = Measured {
            quality: self.global,
            deviation_mean: 0.0,
            deviation_max: 0.0,
        };
        for (i, (scores, n_samples)) in self.scores.iter().zip(&self.n_samples).enumerate() {
            if let Some(deviation) = references.deviation(i, scores, n_samples) {
                measured.deviation_mean += deviation.mean;
                measured.deviation_max += deviation.max;
            }
        }
        Ok(measured)
    }

    /// The same scores without those of partitions of fewer than `min_samples` samples.
    #[must_use]
    pub fn at_least(mut self, min_samples: u64) -> Self {
        let n_samples = self.n_samples.iter().flatten();
        for (score, n) in self.scores.iter_mut().flatten().zip(n_samples) {
            *score = score.filter(|_| *n >= min_samples);
        }
        self
    }
}

/// What the scores of each partitioning are held against.
#[derive(Debug, Clone)]
pub(crate) struct References {
    rule: Reference,
    distance: Distance,
    /// For each partitioning, where the reference comes from a base model.
    of_base: Option<Vec<Option<f64>>>,
    global: Option<f64>,
}

impl References {
    /// The references of `scores`, and of the same samples exchanged.
    pub(crate) fn new(
        rule: ReferenceRule,
        distance: Distance,
        base: Option<&PartitionScores>,
        scores: &PartitionScores,
    ) -> Result<Self, AuditError> {
        let reference = match rule {
            ReferenceRule::PartitionMean | ReferenceRule::BaseModel => Reference::PartitionMean,
            ReferenceRule::WeightedPartitionMean | ReferenceRule::WeightedBaseModel => {
                Reference::WeightedPartitionMean
            }
            ReferenceRule::Global => Reference::Global,
            ReferenceRule::Fixed(value) => Reference::Fixed(value),
        };
        let of_base = if rule.needs_base() {
            let base = base.ok_or(AuditError::NoBaseModel)?;
            let (given, expected) = (base.n_partitionings(), scores.n_partitionings());
            if given != expected {
                let accepted = format!("{expected} partitionings, as the scores");
                return Err(ParamError::new("base", format!("{given} partitionings"), accepted).into());
            }
            Some((0..given).map(|i| base.expectation(i, reference)).collect())
        } else {
            None
        };
        Ok(Self {
            rule: reference,
            distance,
            of_base,
            global: scores.global,
        })
    }

    /// The deviations of `scores`, the partitions of partitioning `i`; `None` where none is scored.
    pub(crate) fn deviation(&self, i: usize, scores: &[Option<f64>], n_samples: &[u64]) -> Option<Deviation> {
        let reference = match &self.of_base {
            Some(of_base) => of_base[i],
            None => reference_value(self.rule, scores, n_samples, self.global),
        };
        deviation(scores, reference?, self.distance)
    }
}
