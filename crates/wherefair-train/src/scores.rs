//! Exact scores of every partition of every partitioning, by the audit's scorer.

use wherefair_audit::{LocatedSamples, Outcomes, PartitionScores, Score};
use wherefair_nn::Targets;

use crate::{SpatialSamples, TrainError};

/// What a model says of samples, in their order.
#[derive(Debug, Clone, Copy)]
pub enum Predictions<'a> {
    /// Classes, `(n_samples,)`.
    Classes(&'a [u32]),
    /// Values, `(n_samples,)`.
    Values(&'a [f32]),
}

/// Scores `predictions` in every partition of every partitioning.
///
/// One pass tallies the lattice cells, each partition's score is that of the sum of its cells: exact, and no dearer for
/// many partitionings than for one. Partitions of fewer than `min_samples` samples have no score.
///
/// # Shapes
/// `predictions` are `(n_samples,)`, in the order of `samples`.
///
/// # Errors
/// [`TrainError::WrongTargets`] where score, predictions and targets do not fit, [`TrainError::Param`] for a score that sums do
/// not give (the median), [`TrainError::Audit`] for another number of predictions, a class out of range, or an error that is not
/// finite, with the row of the input.
pub fn partition_scores(
    samples: &SpatialSamples,
    predictions: Predictions<'_>,
    score: Score,
    min_samples: u64,
) -> Result<PartitionScores, TrainError> {
    check_targets("samples", samples, score)?;
    let targets = samples.targets();
    let outcomes = match (targets, predictions) {
        (Targets::Classes { labels: truth, .. }, Predictions::Classes(pred)) => Outcomes::Classes {
            truth,
            pred,
            base: None,
        },
        (Targets::Values { values: truth, .. }, Predictions::Values(pred)) => Outcomes::Values {
            truth,
            pred,
            base: None,
        },
        (_, predictions) => {
            let given = match predictions {
                Predictions::Classes(_) => "classes",
                Predictions::Values(_) => "values",
            };
            return Err(wrong_targets("array of predictions", given.to_owned(), score));
        }
    };
    let tallies = LocatedSamples {
        cells: samples.cells(),
        n_cells: samples.n_cells(),
        rows: samples.input_rows(),
        outcomes,
        n_classes: targets.n_outputs(),
    }
    .tally(score)?;
    Ok(samples.refinement().scores(&tallies, min_samples)?)
}

/// Checks that the targets are of the kind that the score judges, and that the score can be tallied.
pub(crate) fn check_targets(
    what: &'static str,
    samples: &SpatialSamples,
    score: Score,
) -> Result<(), TrainError> {
    score.check_sums()?;
    let (fits, given) = match samples.targets() {
        Targets::Classes { .. } => (matches!(score, Score::Class(_)), "classes".to_owned()),
        Targets::Values { n_outputs, .. } => (
            n_outputs == 1 && matches!(score, Score::Value { .. }),
            format!("{n_outputs} values a sample"),
        ),
    };
    if fits {
        return Ok(());
    }
    Err(wrong_targets(what, given, score))
}

fn wrong_targets(what: &'static str, given: String, score: Score) -> TrainError {
    TrainError::WrongTargets {
        what,
        given,
        score: score.name(),
        needed: match score {
            Score::Class(_) => "classes",
            Score::Value { .. } | Score::MedianAbsolute { .. } => "one value a sample",
        },
    }
}
