//! Exact scores of every partition of every partitioning, from one pass over the predictions.

use rayon::prelude::*;
use wherefair_audit::Score;
use wherefair_core::{ParamError, Tally as _};
use wherefair_metrics::{
    ClassTallies, Distance, ErrorKind, Reference, ValueScore, ValueTally, deviation, reference_value,
};
use wherefair_nn::Targets;
use wherefair_partition::Lattice;

use crate::{Measured, SpadError, SpatialSamples};

/// What a model says of samples, in their order.
#[derive(Debug, Clone, Copy)]
pub enum Predictions<'a> {
    /// Classes, `(n_samples,)`.
    Classes(&'a [u32]),
    /// Values, `(n_samples,)`.
    Values(&'a [f32]),
}

impl Predictions<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.len(),
            Self::Values(values) => values.len(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Classes(_) => "classes",
            Self::Values(_) => "values",
        }
    }
}

/// The scores of all partitions of all partitionings, and that of all samples together.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionScores {
    scores: Vec<Vec<Option<f64>>>,
    n_samples: Vec<Vec<u64>>,
    global: Option<f64>,
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

    /// The number of partitionings.
    pub fn n_partitionings(&self) -> usize {
        self.scores.len()
    }

    /// The score of all samples together.
    pub fn global(&self) -> Option<f64> {
        self.global
    }

    /// What the scores of one partitioning are expected to be: Eq. 3, when these are the scores of the base model and
    /// `reference` is the mean over partitions.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn expectation(&self, partitioning: usize, reference: Reference) -> Option<f64> {
        let n_samples = &self.n_samples[partitioning];
        reference_value(reference, &self.scores[partitioning], n_samples, self.global)
    }

    /// S(d)mean and S(d)max: for each partitioning the mean (the largest) absolute distance of its partitions from
    /// their mean, summed over partitionings; with the global score as quality. Partitionings none of whose partitions
    /// has a score add nothing.
    ///
    /// # References
    /// Xie et al. (2022), AAAI-22, experiments, Tables 1 and 2.
    pub fn measured(&self) -> Measured {
        let (mut mean, mut max) = (0.0, 0.0);
        for (partitioning, scores) in self.scores.iter().enumerate() {
            let own = self.expectation(partitioning, Reference::PartitionMean);
            if let Some(deviation) = own.and_then(|own| deviation(scores, own, Distance::Absolute)) {
                mean += deviation.mean;
                max += deviation.max;
            }
        }
        Measured {
            quality: self.global,
            deviation_mean: mean,
            deviation_max: max,
        }
    }

    /// The same scores without those of partitions of fewer than `min_samples` samples.
    #[must_use]
    pub fn at_least(mut self, min_samples: u64) -> Self {
        for (score, n) in self
            .scores
            .iter_mut()
            .flatten()
            .zip(self.n_samples.iter().flatten())
        {
            *score = score.filter(|_| *n >= min_samples);
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.scores.iter().flatten().all(Option::is_none)
    }
}

/// Scores `predictions` in every partition of every partitioning.
///
/// One pass tallies the lattice cells, each partition's score is that of the sum of its cells: exact, and no dearer for
/// many partitionings than for one. Sums of errors are taken cell by cell in the order of the samples, so that they do
/// not depend on the number of threads. Partitions of fewer than `min_samples` samples have no score.
///
/// # Shapes
/// `predictions` are `(n_samples,)`, in the order of `samples`.
///
/// # Errors
/// [`SpadError::WrongTargets`] where score, predictions and targets do not fit, [`SpadError::Shape`] for another number
/// of predictions, [`SpadError::Param`] for a score that cannot be tallied (the median), [`SpadError::Metric`] for a
/// class out of range, [`SpadError::UndefinedError`] where an error is not finite.
pub fn partition_scores(
    samples: &SpatialSamples,
    predictions: Predictions<'_>,
    score: Score,
    min_samples: u64,
) -> Result<PartitionScores, SpadError> {
    check_targets("samples", &samples.targets(), score)?;
    if predictions.len() != samples.n_samples() {
        return Err(SpadError::Shape {
            name: "predictions",
            given: predictions.len(),
            like: "samples",
            expected: samples.n_samples(),
        });
    }
    match (samples.targets(), predictions, score) {
        (Targets::Classes { labels, n_classes }, Predictions::Classes(classes), Score::Class(score)) => {
            let cells = class_tallies(samples, labels, classes, n_classes)?;
            let sum = |partition_of: &[u32], n_partitions: usize| {
                let mut sums = ClassTallies::try_new(n_partitions, n_classes)?;
                for (cell, &partition) in partition_of.iter().enumerate() {
                    if partition != Lattice::OUTSIDE {
                        sums.add_cell(partition as usize, &cells, cell);
                    }
                }
                let of = |partition| (sums.n_samples(partition), score.evaluate(sums.counts(partition)));
                Ok((0..n_partitions).map(of).collect())
            };
            combine(samples, min_samples, sum)
        }
        (Targets::Values { values, .. }, Predictions::Values(predicted), Score::Value { error, score }) => {
            let cells = value_tallies(samples, values, predicted, error)?;
            let sum = |partition_of: &[u32], n_partitions: usize| {
                let mut sums = vec![ValueTally::default(); n_partitions];
                for (cell, &partition) in cells.iter().zip(partition_of) {
                    if partition != Lattice::OUTSIDE {
                        sums[partition as usize].merge(cell);
                    }
                }
                Ok(sums.iter().map(|sum| (sum.n, score.evaluate(sum))).collect())
            };
            combine(samples, min_samples, sum)
        }
        _ => Err(SpadError::WrongTargets {
            what: "array of predictions",
            given: predictions.kind().to_owned(),
            score: score.name(),
            needed: needed(score),
        }),
    }
}

type Scored = Vec<(u64, Option<f64>)>;

fn combine(
    samples: &SpatialSamples,
    min_samples: u64,
    sum: impl Fn(&[u32], usize) -> Result<Scored, SpadError> + Sync,
) -> Result<PartitionScores, SpadError> {
    let of_each: Vec<Scored> = (0..samples.distribution().len())
        .into_par_iter()
        .map(|partitioning| {
            sum(
                samples.partition_of_cell(partitioning),
                samples.n_partitions(partitioning),
            )
        })
        .collect::<Result<_, _>>()?;
    let mut all = PartitionScores {
        scores: Vec::new(),
        n_samples: Vec::new(),
        global: sum(&vec![0; samples.n_cells()], 1)?[0].1,
    };
    for scored in of_each {
        let is_enough = |&(n, score): &(u64, Option<f64>)| score.filter(|_| n >= min_samples);
        all.scores.push(scored.iter().map(is_enough).collect());
        all.n_samples.push(scored.iter().map(|&(n, _)| n).collect());
    }
    Ok(all)
}

/// Fewest samples that are counted by one thread.
const MIN_COUNTED: usize = 1 << 15;

/// The counts of each cell: whole numbers, whose sum is exact in any order.
fn class_tallies(
    samples: &SpatialSamples,
    labels: &[u32],
    classes: &[u32],
    n_classes: usize,
) -> Result<ClassTallies, SpadError> {
    let size = samples
        .n_samples()
        .div_ceil(rayon::current_num_threads())
        .max(MIN_COUNTED);
    let parts = samples.cells().par_chunks(size);
    let labelled = labels.par_chunks(size).zip(classes.par_chunks(size));
    let counted = parts.zip(labelled).map(|(cells, (labels, classes))| {
        let mut counts = ClassTallies::try_new(samples.n_cells(), n_classes)?;
        counts.record(cells, labels, classes)?;
        Ok(counts)
    });
    let merged = counted.try_reduce_with(|mut one, other| {
        one.merge(&other);
        Ok::<_, SpadError>(one)
    });
    if let Some(Ok(counts)) = merged {
        return Ok(counts);
    }
    // All at once, which names the first sample at fault.
    let mut counts = ClassTallies::try_new(samples.n_cells(), n_classes)?;
    counts.record(samples.cells(), labels, classes)?;
    Ok(counts)
}

fn value_tallies(
    samples: &SpatialSamples,
    truth: &[f32],
    predicted: &[f32],
    kind: ErrorKind,
) -> Result<Vec<ValueTally>, SpadError> {
    let mut cells = vec![ValueTally::default(); samples.n_cells()];
    let shift = truth.first().copied().map_or(0.0, f64::from);
    let rows = samples.cells().iter().zip(truth.iter().zip(predicted));
    for (row, (&cell, (&truth, &pred))) in rows.enumerate() {
        let (truth, pred) = (f64::from(truth), f64::from(pred));
        let error = kind.error(truth, pred);
        if !(error * error).is_finite() {
            return Err(SpadError::UndefinedError {
                row: samples.input_rows()[row],
                kind: kind.name(),
                truth,
                pred,
                accepted: match kind {
                    ErrorKind::LogRatio => {
                        "truth and prediction above 0; or train on the logarithm and score its difference"
                    }
                    ErrorKind::RelativeDifference => "a truth other than 0",
                    ErrorKind::Difference => "finite values",
                },
            });
        }
        cells[cell as usize].record(error, truth - shift);
    }
    Ok(cells)
}

fn needed(score: Score) -> &'static str {
    match score {
        Score::Class(_) => "classes",
        Score::Value { .. } | Score::MedianAbsolute { .. } => "one value a sample",
    }
}

/// Checks that the targets are of the kind that the score judges, and that the score can be tallied.
pub(crate) fn check_targets(
    what: &'static str,
    targets: &Targets<'_>,
    score: Score,
) -> Result<(), SpadError> {
    if let Score::MedianAbsolute { .. } = score {
        let accepted = format!(
            "a score that sums of errors give, such as the {}",
            ValueScore::MeanAbsolute.name()
        );
        return Err(ParamError::new("score", score.name(), accepted).into());
    }
    let (fits, given) = match targets {
        Targets::Classes { .. } => (matches!(score, Score::Class(_)), "classes".to_owned()),
        Targets::Values { n_outputs, .. } => (
            *n_outputs == 1 && matches!(score, Score::Value { .. }),
            format!("{n_outputs} values a sample"),
        ),
    };
    if fits {
        return Ok(());
    }
    Err(SpadError::WrongTargets {
        what,
        given,
        score: score.name(),
        needed: needed(score),
    })
}
