//! One epoch of each strategy.

use std::borrow::Cow;
use std::ops::Range;

use wherefair_audit::Score;
use wherefair_core::ParamError;
use wherefair_nn::{NnError, Samples, StatePolicy, Targets};

use crate::regularizer::{Batch, Truth, penalty};
use crate::{
    PartitionOrder, PartitionScores, Player, RateRule, Referee, Regularizer, SpadConfig, SpadError,
    SpatialSamples, learning_rates,
};

/// Samples, placed and as a model takes them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set<'a> {
    pub(crate) spatial: &'a SpatialSamples,
    pub(crate) samples: Samples<'a>,
}

impl<'a> Set<'a> {
    pub(crate) fn new(spatial: &'a SpatialSamples) -> Result<Self, NnError> {
        Ok(Self {
            spatial,
            samples: spatial.samples()?,
        })
    }

    pub(crate) fn all(&self) -> Range<usize> {
        0..self.spatial.n_samples()
    }
}

/// What an epoch did.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Outcome {
    pub(crate) loss: Option<f64>,
    pub(crate) n_updates: u64,
    pub(crate) n_partitions: u64,
}

/// A mean of losses.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MeanLoss {
    sum: f64,
    weight: f64,
}

impl MeanLoss {
    pub(crate) fn add(&mut self, loss: f64, weight: f64) {
        self.sum += loss * weight;
        self.weight += weight;
    }

    pub(crate) fn get(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

/// All samples at the base model's rate, wherever they lie.
pub(crate) fn everywhere(
    player: &mut Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
) -> Result<Outcome, SpadError> {
    let rate = config.base_learning_rate().unwrap_or(*config.learning_rate());
    let batch_size = *config.base_batch_size();
    let report = player.train(&set.samples, &[set.all()], rate, batch_size, StatePolicy::Carried)?;
    Ok(Outcome {
        loss: Some(report.mean_loss),
        n_updates: report.n_steps,
        n_partitions: 0,
    })
}

/// The same rate for all partitions of a partitioning that have a score.
pub(crate) fn equal_rates(
    partitioning: usize,
    scores: &PartitionScores,
    config: &SpadConfig,
) -> Result<Vec<f64>, ParamError> {
    let (of, orientation) = (scores.of(partitioning), config.score().orientation());
    learning_rates(RateRule::Equal, of, None, orientation, *config.learning_rate())
}

/// The partitions of a partitioning one after the other, each at its rate; those of rate 0 are not touched.
pub(crate) fn partition_by_partition(
    player: &mut Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
    (partitioning, rates): (usize, &[f64]),
    epoch: u64,
) -> Result<Outcome, SpadError> {
    let mut order: Vec<usize> = (0..rates.len())
        .filter(|&partition| rates[partition] > 0.0)
        .collect();
    if *config.partition_order() == PartitionOrder::Shuffled {
        config
            .seed()
            .indexed("spad/partition order", epoch)
            .shuffle(&mut order);
    }
    let mut outcome = Outcome::default();
    let mut loss = MeanLoss::default();
    for partition in order {
        let runs = set.spatial.runs(partitioning, partition);
        if runs.is_empty() {
            continue;
        }
        let report = player.train(
            &set.samples,
            runs,
            rates[partition],
            *config.batch_size(),
            *config.adam_state(),
        )?;
        outcome.n_updates += report.n_steps;
        outcome.n_partitions += 1;
        loss.add(report.mean_loss, report.n_samples as f64);
    }
    outcome.loss = loss.get();
    Ok(outcome)
}

/// How many updates an epoch over the partitions of rates above 0 makes.
pub(crate) fn n_updates(
    spatial: &SpatialSamples,
    partitioning: usize,
    rates: &[f64],
    batch_size: usize,
) -> u64 {
    let trained = rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0);
    trained
        .map(|(partition, _)| spatial.n_in(partitioning, partition).div_ceil(batch_size) as u64)
        .sum()
}

/// Updates with the mean gradient over all partitionings, as many as the partitions at hand would have made.
///
/// Where the samples are more than a batch, each update sees every n-th of them in lattice order, from another first
/// one each time: as many as a batch, spread over all places.
pub(crate) fn all_partitionings(
    player: &mut Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
    (referee, scores): (&Referee, &PartitionScores),
    at_hand: usize,
    epoch: u64,
) -> Result<Outcome, SpadError> {
    let eta_init = *config.learning_rate();
    let rates_at_hand = referee.rates(at_hand, scores, eta_init)?;
    let n_updates = n_updates(set.spatial, at_hand, &rates_at_hand, *config.batch_size());
    // Each partition that counts, with its weight.
    let mut parts: Vec<(&[Range<usize>], f64)> = Vec::new();
    for (partitioning, &prior) in set.spatial.distribution().prior().iter().enumerate() {
        let rates = referee.rates(partitioning, scores, eta_init)?;
        let trained = rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0);
        let n_trained = trained.clone().count() as f64;
        parts.extend(trained.map(|(partition, rate)| {
            let weight = prior * (rate / eta_init) / n_trained;
            (set.spatial.runs(partitioning, partition), weight)
        }));
    }
    parts.retain(|(runs, weight)| *weight > 0.0 && !runs.is_empty());
    let n_batches = set.spatial.n_samples().div_ceil(*config.batch_size());
    let mut firsts: Vec<usize> = (0..n_batches).collect();
    config
        .seed()
        .indexed("spad/batches over all partitionings", epoch)
        .shuffle(&mut firsts);
    let mut outcome = Outcome {
        n_partitions: parts.len() as u64,
        ..Outcome::default()
    };
    let mut mean = MeanLoss::default();
    for (_, &first) in (0..n_updates).zip(firsts.iter().cycle()) {
        let mut sum = vec![0.0; player.model().parameters().len()];
        for &(runs, weight) in &parts {
            let runs = every_nth(runs, first, n_batches);
            if runs.is_empty() {
                continue;
            }
            let (loss, gradient) = player.model_mut().loss_and_gradient(&set.samples, &runs)?;
            mean.add(loss, weight);
            for (sum, derivative) in sum.iter_mut().zip(gradient) {
                *sum += weight * f64::from(derivative);
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "to the precision of parameters")]
        let gradient: Vec<f32> = sum.into_iter().map(|sum| sum as f32).collect();
        player.model_mut().apply_gradient(&gradient, eta_init)?;
        outcome.n_updates += 1;
    }
    outcome.loss = mean.get();
    Ok(outcome)
}

/// The rows of `runs` that leave the remainder `first` when divided by `n`.
fn every_nth(runs: &[Range<usize>], first: usize, n: usize) -> Cow<'_, [Range<usize>]> {
    if n <= 1 {
        return Cow::Borrowed(runs);
    }
    let rows = runs.iter().flat_map(|run| {
        let start = run.start + (first + n - run.start % n) % n;
        (start..run.end).step_by(n)
    });
    Cow::Owned(rows.map(|row| row..row + 1).collect())
}

/// An epoch over all samples in batches: a step along the gradient that `of_batch` gives, with its loss, for each.
pub(crate) fn in_batches<'m>(
    player: &mut Player<'m>,
    set: &Set<'_>,
    config: &SpadConfig,
    mut of_batch: impl FnMut(&mut Player<'m>, &[Range<usize>]) -> Result<(f64, Vec<f32>), SpadError>,
) -> Result<Outcome, SpadError> {
    let mut outcome = Outcome::default();
    let mut mean = MeanLoss::default();
    for runs in player.batches(set.spatial.n_samples(), *config.batch_size()) {
        let (loss, gradient) = of_batch(player, &runs)?;
        player
            .model_mut()
            .apply_gradient(&gradient, *config.learning_rate())?;
        outcome.n_updates += 1;
        mean.add(
            loss,
            runs.iter().map(ExactSizeIterator::len).sum::<usize>() as f64,
        );
    }
    outcome.loss = mean.get();
    Ok(outcome)
}

/// Adds to `gradient` what follows from the derivatives of a term by the outputs of `runs`.
pub(crate) fn add_output_gradient(
    player: &mut Player<'_>,
    set: &Set<'_>,
    runs: &[Range<usize>],
    derivatives: &[f32],
    gradient: &mut [f32],
) -> Result<(), NnError> {
    if derivatives.iter().all(|derivative| *derivative == 0.0) {
        return Ok(());
    }
    let features = set.samples.features();
    let by_term = player.model_mut().output_gradient(&features, runs, derivatives)?;
    for (sum, derivative) in gradient.iter_mut().zip(by_term) {
        *sum += derivative;
    }
    Ok(())
}

/// An epoch over all samples with the penalty on the unfairness of one partitioning in the loss.
pub(crate) fn regularized(
    player: &mut Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
    (regularizer, expectation): (&Regularizer, Option<f64>),
    at_hand: usize,
) -> Result<Outcome, SpadError> {
    in_batches(player, set, config, |player, runs| {
        let (mut loss, mut gradient) = player.model_mut().loss_and_gradient(&set.samples, runs)?;
        if let Some(expectation) = expectation {
            let (sum, derivatives) =
                penalty_of(player, set, config, (regularizer, expectation), at_hand, runs)?;
            loss += sum;
            add_output_gradient(player, set, runs, &derivatives, &mut gradient)?;
        }
        Ok((loss, gradient))
    })
}

/// The penalty of a batch, and its derivatives by the outputs.
fn penalty_of(
    player: &Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
    (regularizer, expectation): (&Regularizer, f64),
    at_hand: usize,
    runs: &[Range<usize>],
) -> Result<(f64, Vec<f32>), SpadError> {
    let features = set.samples.features();
    let rows = || runs.iter().cloned().flatten();
    let partitions: Vec<Option<usize>> = rows().map(|row| set.spatial.partition_of(at_hand, row)).collect();
    let (labels, values, outputs): (Vec<u32>, Vec<f32>, Vec<f32>);
    let truth = match (set.spatial.targets(), config.score()) {
        (
            Targets::Classes {
                labels: all,
                n_classes,
            },
            Score::Class(score),
        ) => {
            labels = rows().map(|row| all[row]).collect();
            outputs = player.model().predict_probabilities(&features, runs)?;
            Truth::Classes {
                labels: &labels,
                probabilities: &outputs,
                n_classes,
                score,
            }
        }
        (Targets::Values { values: all, .. }, Score::Value { error, score }) => {
            values = rows().map(|row| all[row]).collect();
            outputs = player.model().predict_values(&features, runs)?;
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
        n_partitions: set.spatial.n_partitions(at_hand),
        truth,
        expectation,
        distance: *config.distance(),
    };
    Ok(penalty(regularizer, &batch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batches_of_all_partitionings_share_the_rows_among_them() {
        let runs = [3..9, 9..10, 14..31];
        let all: Vec<usize> = runs.iter().cloned().flatten().collect();
        for n in [1, 2, 5, 7, 40] {
            let mut seen: Vec<usize> = (0..n)
                .flat_map(|first| every_nth(&runs, first, n).into_owned())
                .flatten()
                .collect();
            seen.sort_unstable();
            assert_eq!(seen, all, "{n} batches");
        }
        assert_eq!(every_nth(&runs, 4, 7).into_owned(), [4..5, 18..19, 25..26]);
    }
}
