//! What an epoch can do.

use std::ops::Range;

use wherefair_audit::PartitionScores;
use wherefair_nn::{Model, Samples, StatePolicy};

use crate::{PartitionOrder, Phase, Player, Referee, SpatialSamples, TrainConfig, TrainError};

/// What an epoch did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// [`Phase::Fair`], or [`Phase::Tentative`] where the model was put back: then nothing is scored.
    pub phase: Phase,
    /// Index of the partitioning that was at hand, if one was.
    pub partitioning: Option<usize>,
    /// Mean loss over the samples trained; `None` where none was.
    pub loss: Option<f64>,
    /// Updates of the parameters.
    pub n_updates: u64,
    /// Partitions trained.
    pub n_partitions: u64,
}

impl Outcome {
    /// Nothing was done yet.
    pub fn none(phase: Phase, partitioning: Option<usize>) -> Self {
        Self {
            phase,
            partitioning,
            loss: None,
            n_updates: 0,
            n_partitions: 0,
        }
    }
}

/// A weighted mean of losses.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeanLoss {
    sum: f64,
    weight: f64,
}

impl MeanLoss {
    /// Takes in a loss.
    pub fn add(&mut self, loss: f64, weight: f64) {
        self.sum += loss * weight;
        self.weight += weight;
    }

    /// The mean; `None` of no losses.
    pub fn get(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

/// One epoch of a method: who is trained, on what, and what is known.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The number of the epoch in the whole training, from 1.
    pub epoch: u64,
    /// The partitioning at hand, as the plan has it.
    pub at_hand: Option<usize>,
    /// The model to be trained.
    pub player: &'a mut Player,
    /// The training samples.
    pub samples: &'a SpatialSamples,
    /// Their scores by the model as it stands.
    pub scores: &'a PartitionScores,
    /// Who rates partitions by these scores.
    pub referee: &'a dyn Referee,
    /// The parameters of the training.
    pub config: &'a TrainConfig,
}

impl Turn<'_> {
    /// The same turn for another player.
    pub fn of<'b>(&'b self, player: &'b mut Player) -> Turn<'b> {
        Turn {
            epoch: self.epoch,
            at_hand: self.at_hand,
            player,
            samples: self.samples,
            scores: self.scores,
            referee: self.referee,
            config: self.config,
        }
    }

    /// The partitions of the partitioning at hand at the rates of the referee, one after the other; all samples where none is
    /// at hand.
    ///
    /// # Errors
    /// Those of the referee and of [`partition_by_partition`](Self::partition_by_partition).
    pub fn by_referee(&mut self) -> Result<Outcome, TrainError> {
        let Some(at_hand) = self.at_hand else {
            return self.everywhere();
        };
        let rates = self
            .referee
            .rates(at_hand, self.scores, *self.config.learning_rate())?;
        self.partition_by_partition(at_hand, &rates)
    }

    /// All samples at the base model's rate, wherever they lie.
    ///
    /// # Errors
    /// Those of the model.
    pub fn everywhere(&mut self) -> Result<Outcome, TrainError> {
        everywhere(self.player, self.samples, self.config)
    }

    /// The partitions of a partitioning one after the other, each at its rate; those of rate 0 are not touched.
    ///
    /// # Shapes
    /// `rates` is `(n_partitions,)`.
    ///
    /// # Errors
    /// Those of the model.
    ///
    /// # Panics
    /// When there is no such partitioning, or there are more rates than partitions.
    pub fn partition_by_partition(
        &mut self,
        partitioning: usize,
        rates: &[f64],
    ) -> Result<Outcome, TrainError> {
        let config = self.config;
        let mut order: Vec<usize> = (0..rates.len())
            .filter(|&partition| rates[partition] > 0.0)
            .collect();
        if *config.partition_order() == PartitionOrder::Shuffled {
            config
                .seed()
                .indexed("spad/partition order", self.epoch)
                .shuffle(&mut order);
        }
        let mut outcome = Outcome::none(Phase::Fair, Some(partitioning));
        let mut loss = MeanLoss::default();
        let samples = self.samples.samples();
        for partition in order {
            let runs = self.samples.runs(partitioning, partition);
            if runs.is_empty() {
                continue;
            }
            let report = self.player.train(
                &samples,
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

    /// All samples in batches: a step along the gradient that `of_batch` gives, with its loss, for each.
    ///
    /// # Errors
    /// Those of `of_batch` and of the model.
    pub fn in_batches(
        &mut self,
        mut of_batch: impl FnMut(&mut Model, &Samples<'_>, &[Range<usize>]) -> Result<(f64, Vec<f32>), TrainError>,
    ) -> Result<Outcome, TrainError> {
        let mut outcome = Outcome::none(Phase::Fair, self.at_hand);
        let mut mean = MeanLoss::default();
        let samples = self.samples.samples();
        let n_samples = self.samples.n_samples();
        for runs in self.player.batches(n_samples, *self.config.batch_size()) {
            let model = self.player.model_mut();
            let (loss, gradient) = of_batch(model, &samples, &runs)?;
            model.apply_gradient(&gradient, *self.config.learning_rate())?;
            outcome.n_updates += 1;
            mean.add(
                loss,
                runs.iter().map(ExactSizeIterator::len).sum::<usize>() as f64,
            );
        }
        outcome.loss = mean.get();
        Ok(outcome)
    }

    /// How many updates an epoch over the partitions of rates above 0 makes.
    ///
    /// # Panics
    /// When there is no such partitioning, or there are more rates than partitions.
    pub fn n_updates(&self, partitioning: usize, rates: &[f64]) -> u64 {
        self.samples
            .n_updates(partitioning, rates, *self.config.batch_size())
    }
}

/// All samples at the base model's rate.
pub(crate) fn everywhere(
    player: &mut Player,
    samples: &SpatialSamples,
    config: &TrainConfig,
) -> Result<Outcome, TrainError> {
    let rate = config.base_learning_rate().unwrap_or(*config.learning_rate());
    let batch_size = *config.base_batch_size();
    let all = samples.all_rows();
    let report = player.train(&samples.samples(), &all, rate, batch_size, StatePolicy::Carried)?;
    Ok(Outcome {
        loss: Some(report.mean_loss),
        n_updates: report.n_steps,
        ..Outcome::none(Phase::Fair, None)
    })
}
