//! REG and REG-Single: training with the penalty in the loss.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use wherefair_audit::Score;
use wherefair_nn::{Model, NnError, Samples, Targets};
use wherefair_train::{Method, Outcome, SpatialSamples, TrainConfig, TrainError, Turn, json};

use crate::Regularizer;
use crate::planned::always;
use crate::regularizer::{Batch, Truth, penalty};

/// REG: the penalty on the unfairness of the partitioning at hand, in place of a referee.
#[derive(Debug, Clone, Serialize)]
pub struct Regularized {
    /// The penalty.
    pub regularizer: Regularizer,
}

impl Method for Regularized {
    fn name(&self) -> String {
        "REG".to_owned()
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        regularized(turn, &self.regularizer)
    }
}

/// REG-Single: the penalty on the unfairness of one partitioning alone.
#[derive(Debug, Clone, Serialize)]
pub struct RegularizedSingle {
    /// Its name, such as `4x1`.
    pub partitioning: String,
    /// The penalty.
    pub regularizer: Regularizer,
}

impl Method for RegularizedSingle {
    fn name(&self) -> String {
        format!("REG-Single-{}", self.partitioning)
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        always(&self.partitioning, samples, config)
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        regularized(turn, &self.regularizer)
    }
}

/// An epoch over all samples with the penalty on the unfairness of the partitioning at hand in the loss.
fn regularized(turn: &mut Turn<'_>, regularizer: &Regularizer) -> Result<Outcome, TrainError> {
    let Some(at_hand) = turn.at_hand else {
        return turn.everywhere();
    };
    let (spatial, config) = (turn.samples, turn.config);
    let expectation = turn.referee.expectation(at_hand);
    turn.in_batches(|model, samples, runs| {
        let (mut loss, mut gradient) = model.loss_and_gradient(samples, runs)?;
        if let Some(expectation) = expectation {
            let penalty = (regularizer, expectation, config);
            let (sum, derivatives) = penalty_of(model, (spatial, samples), penalty, at_hand, runs)?;
            loss += sum;
            add_output_gradient(model, samples, runs, &derivatives, &mut gradient)?;
        }
        Ok((loss, gradient))
    })
}

/// Adds to `gradient` what follows from the derivatives of a term by the outputs of `runs`.
pub(crate) fn add_output_gradient(
    model: &mut Model,
    samples: &Samples<'_>,
    runs: &[Range<usize>],
    derivatives: &[f32],
    gradient: &mut [f32],
) -> Result<(), NnError> {
    if derivatives.iter().all(|derivative| *derivative == 0.0) {
        return Ok(());
    }
    let by_term = model.output_gradient(&samples.features(), runs, derivatives)?;
    for (sum, derivative) in gradient.iter_mut().zip(by_term) {
        *sum += derivative;
    }
    Ok(())
}

/// The penalty of a batch, and its derivatives by the outputs.
fn penalty_of(
    model: &Model,
    (spatial, samples): (&SpatialSamples, &Samples<'_>),
    (regularizer, expectation, config): (&Regularizer, f64, &TrainConfig),
    at_hand: usize,
    runs: &[Range<usize>],
) -> Result<(f64, Vec<f32>), TrainError> {
    let features = samples.features();
    let rows = || runs.iter().cloned().flatten();
    let partitions: Vec<Option<usize>> = rows().map(|row| spatial.partition_of(at_hand, row)).collect();
    let (labels, values, outputs): (Vec<u32>, Vec<f32>, Vec<f32>);
    let truth = match (samples.targets(), config.score()) {
        (
            Targets::Classes {
                labels: all,
                n_classes,
            },
            Score::Class(score),
        ) => {
            labels = rows().map(|row| all[row]).collect();
            outputs = model.predict_probabilities(&features, runs)?;
            Truth::Classes {
                labels: &labels,
                probabilities: &outputs,
                n_classes,
                score,
            }
        }
        (Targets::Values { values: all, .. }, Score::Value { error, score }) => {
            values = rows().map(|row| all[row]).collect();
            outputs = model.predict_values(&features, runs)?;
            Truth::Values {
                values: &values,
                predicted: &outputs,
                error,
                score,
            }
        }
        // The targets were checked against the score when the training was made.
        _ => return Ok((0.0, Vec::new())),
    };
    let batch = Batch {
        partitions: &partitions,
        n_partitions: spatial.n_partitions(at_hand),
        truth,
        expectation,
        distance: *config.distance(),
    };
    Ok(penalty(regularizer, &batch))
}
