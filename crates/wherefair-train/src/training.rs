//! Training, epoch by epoch.

use std::any::Any;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use wherefair_audit::{Measured, PartitionScores};
use wherefair_core::ParamError;
use wherefair_nn::{Model, NnError};

use crate::epoch::everywhere;
use crate::history::{base_quality, is_good_enough};
use crate::scores::check_targets;
use crate::{
    EpochRecord, Method, Outcome, Phase, Player, Referee, SpatialSamples, TrainConfig, TrainError, Turn,
};

/// The fairest model so far whose quality is close enough to that of the base model: see [`select_fair`](crate::select_fair).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fairest {
    /// Epochs it was trained for.
    pub epoch: u64,
    /// Its quality and fairness.
    pub measured: Measured,
    /// Its parameters, `(n_parameters,)`.
    #[serde(with = "wherefair_nn::bits")]
    pub parameters: Vec<f32>,
}

/// A training that can be stopped after any epoch and resumed with the same bits.
///
/// It owns its model, which stands after the last epoch, whatever happens, and shares its samples: it can be kept in a struct,
/// returned, and sent to another thread. An epoch that fails leaves the model as it was before that epoch. What the methods of
/// a paper are is a matter of crates above this one; `examples/own_method.rs` has one with a referee of its own.
#[derive(Debug)]
pub struct Training {
    pub(crate) player: Player,
    pub(crate) method: Box<dyn Method>,
    pub(crate) referee: Box<dyn Referee>,
    pub(crate) train: SpatialSamples,
    pub(crate) validation: Option<SpatialSamples>,
    pub(crate) config: TrainConfig,
    /// The partitioning at hand in each epoch after the base model.
    plan: Vec<usize>,
    pub(crate) progress: Progress,
    /// The training scores of the model as it stands, once they are known.
    pub(crate) scores: Option<PartitionScores>,
    /// The scores of the base model that S(d) is measured from, where that is the base model's to say.
    of_base: Option<PartitionScores>,
}

/// How far a training has come, besides model, method and referee.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) records: Vec<EpochRecord>,
    pub(crate) fairest: Option<Fairest>,
    /// The parameters of the base model, once it is trained.
    pub(crate) base: Option<Base>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Base(#[serde(with = "wherefair_nn::bits")] pub(crate) Vec<f32>);

impl Training {
    /// A training of `model` by `method` and `referee` that has not begun. Quality and fairness are measured on `validation`
    /// where there is one.
    ///
    /// # Errors
    /// [`TrainError::WrongTargets`] where the samples do not fit the score, [`TrainError::OtherDistribution`] where the
    /// two sets are placed in different partitionings, [`TrainError::Param`] where S(d) is to be measured from a base model that
    /// the method does not have, and those of [`Method::plan`].
    pub fn new(
        model: Model,
        train: &SpatialSamples,
        validation: Option<&SpatialSamples>,
        config: TrainConfig,
        mut method: Box<dyn Method>,
        referee: Box<dyn Referee>,
    ) -> Result<Self, TrainError> {
        check_targets("training set", train, config.score())?;
        if let Some(validation) = validation {
            check_targets("validation set", validation, config.score())?;
            let (given, expected) = (described(validation), described(train));
            if given != expected {
                return Err(TrainError::OtherDistribution { given, expected });
            }
        }
        if config.measured_from().needs_base() && !method.has_base() {
            let accepted = format!("a rule without a base model, which {} has not", method.name());
            return Err(ParamError::new("measured_from", "the base model", accepted).into());
        }
        Ok(Self {
            plan: method.plan(train, &config)?,
            player: Player::new(model, *config.seed()),
            method,
            referee,
            train: train.clone(),
            validation: validation.cloned(),
            config,
            progress: Progress::default(),
            scores: None,
            of_base: None,
        })
    }

    /// The parameters of the training.
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }

    /// The model as it stands.
    pub fn model(&self) -> &Model {
        self.player.model()
    }

    /// The name of the method.
    pub fn method_name(&self) -> String {
        self.method.name()
    }

    /// The method, if it is of this type.
    pub fn method<M: Method>(&self) -> Option<&M> {
        (self.method.as_ref() as &dyn Any).downcast_ref()
    }

    /// The referee, who expects nothing before the base model is trained.
    pub fn referee(&self) -> &dyn Referee {
        self.referee.as_ref()
    }

    /// What every epoch so far did, in order.
    pub fn records(&self) -> &[EpochRecord] {
        &self.progress.records
    }

    /// Epochs trained so far.
    pub fn epoch(&self) -> u64 {
        self.records().last().map_or(0, |record| record.epoch)
    }

    /// Epochs of the whole training; an estimate where the method's later epochs depend on earlier ones.
    pub fn n_epochs(&self) -> u64 {
        let of_method = self.method.n_epochs(self.plan.len() as u64);
        self.base_epochs().saturating_add(of_method)
    }

    /// Updates of the parameters since the base model.
    pub fn n_fair_updates(&self) -> u64 {
        let fair = self.records().iter().filter(|record| record.phase == Phase::Fair);
        fair.map(|record| record.n_updates).sum()
    }

    /// The fairest model so far that is good enough; `None` before the base model is trained, where it has no score, and
    /// for methods without a base model, where nothing says what is good enough.
    pub fn fairest(&self) -> Option<&Fairest> {
        self.progress.fairest.as_ref()
    }

    /// The parameters of the base model, `(n_parameters,)`; `None` before it is trained, and for methods without one.
    pub fn base(&self) -> Option<&[f32]> {
        self.progress.base.as_ref().map(|base| &base.0[..])
    }

    /// Ends the training with the model as it stands.
    pub fn into_model(self) -> Model {
        self.player.into_model()
    }

    /// Ends the training with the model set to the fairest one, or left as it stands where there is none.
    ///
    /// # Errors
    /// None for parameters that were the model's, as these were.
    pub fn into_fairest(mut self) -> Result<(Model, Option<Fairest>), TrainError> {
        if let Some(fairest) = &self.progress.fairest {
            self.player.model_mut().set_parameters(&fairest.parameters)?;
        }
        Ok((self.player.into_model(), self.progress.fairest))
    }

    /// Whether all epochs are trained.
    pub fn is_finished(&self) -> bool {
        let n_done = self.epoch().checked_sub(self.base_epochs());
        let n_planned = self.plan.len() as u64;
        !self.is_unmeasured_start() && n_done.is_some_and(|n_done| self.method.is_finished(n_done, n_planned))
    }

    /// Trains until all epochs are done or `on_epoch`, called after each, breaks; returns whether all are done.
    ///
    /// # Errors
    /// Those of [`step`](Self::step).
    pub fn run(
        &mut self,
        mut on_epoch: impl FnMut(&EpochRecord) -> ControlFlow<()>,
    ) -> Result<bool, TrainError> {
        while let Some(record) = self.step()? {
            if on_epoch(record).is_break() {
                break;
            }
        }
        Ok(self.is_finished())
    }

    /// Trains one epoch and returns what it did; `None` where all are done. Without base epochs the first step trains
    /// nothing, but measures the model as it is.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] where loss or parameters were no longer finite, [`TrainError::NothingScored`] where no
    /// partition has a score once the base model is trained, [`TrainError::Model`] where the samples do not fit the model,
    /// those of [`partition_scores`](crate::partition_scores), and those of the method. The training then stands where it
    /// stood before.
    pub fn step(&mut self) -> Result<Option<&EpochRecord>, TrainError> {
        if self.is_finished() {
            return Ok(None);
        }
        let before = self.player.snapshot();
        match self.advance() {
            Ok(record) => {
                self.keep_if_fairest(&record);
                self.progress.records.push(record);
                Ok(self.progress.records.last())
            }
            Err(error) => {
                self.method.undo();
                self.player.restore(&before)?;
                self.scores = None;
                let last_good = self.epoch();
                Err(match error {
                    TrainError::Model(source @ NnError::Diverged { .. }) => TrainError::Diverged {
                        epoch: last_good + 1,
                        last_good,
                        source,
                    },
                    error => error,
                })
            }
        }
    }

    /// Epochs before those of the method.
    pub(crate) fn base_epochs(&self) -> u64 {
        if self.method.has_base() {
            self.config.schedule().base_epochs()
        } else {
            0
        }
    }

    fn is_unmeasured_start(&self) -> bool {
        self.records().is_empty() && self.base_epochs() == 0
    }

    fn advance(&mut self) -> Result<EpochRecord, TrainError> {
        let base_epochs = self.base_epochs();
        let nothing = Outcome::none(Phase::Base, None);
        if self.is_unmeasured_start() {
            return self.end_of_base(0, nothing);
        }
        let epoch = self.epoch() + 1;
        if epoch > base_epochs {
            return self.fair_epoch(epoch, epoch - base_epochs - 1);
        }
        let outcome = Outcome {
            phase: Phase::Base,
            ..everywhere(&mut self.player, &self.train, &self.config)?
        };
        if epoch == base_epochs {
            return self.end_of_base(epoch, outcome);
        }
        Ok(record(epoch, outcome))
    }

    /// The base model is trained: the referee learns what to expect.
    fn end_of_base(&mut self, epoch: u64, outcome: Outcome) -> Result<EpochRecord, TrainError> {
        let scores = self.all_scores(&self.train)?;
        let on_validation = self.measured_scores(&scores)?;
        let scores = scores.at_least(*self.config.min_samples());
        if scores.is_empty() {
            return Err(self.nothing_scored("training set", *self.config.min_samples()));
        }
        self.of_base = self
            .config
            .measured_from()
            .needs_base()
            .then(|| on_validation.clone());
        let measured = self.measured(&on_validation)?;
        self.referee.expect(&scores);
        let has_base = self.method.has_base();
        self.progress.base = has_base.then(|| Base(self.model().parameters().to_vec()));
        Ok(self.scored(epoch, outcome, measured, scores))
    }

    fn fair_epoch(&mut self, epoch: u64, index: u64) -> Result<EpochRecord, TrainError> {
        let before = match self.scores.take() {
            Some(scores) => scores,
            None => self.all_scores(&self.train)?.at_least(*self.config.min_samples()),
        };
        let outcome = self.method.epoch(&mut Turn {
            epoch,
            at_hand: usize::try_from(index)
                .ok()
                .and_then(|index| self.plan.get(index).copied()),
            player: &mut self.player,
            samples: &self.train,
            scores: &before,
            referee: self.referee.as_ref(),
            config: &self.config,
        })?;
        if outcome.phase == Phase::Tentative {
            self.scores = Some(before);
            return Ok(record(epoch, outcome));
        }
        let scores = self.all_scores(&self.train)?;
        let on_validation = self.measured_scores(&scores)?;
        let measured = self.measured(&on_validation)?;
        let scores = scores.at_least(*self.config.min_samples());
        self.method.scored(self.referee.as_ref(), &before, &scores)?;
        self.referee.scored(&scores);
        Ok(self.scored(epoch, outcome, measured, scores))
    }

    /// The record of an epoch after which the training samples have these scores.
    fn scored(
        &mut self,
        epoch: u64,
        outcome: Outcome,
        measured: Measured,
        scores: PartitionScores,
    ) -> EpochRecord {
        let prior = self.train.distribution().prior();
        let record = EpochRecord {
            measured: Some(measured),
            objective: self.referee.objective(&scores, prior),
            ..record(epoch, outcome)
        };
        self.scores = Some(scores);
        record
    }

    /// The scores of all partitions that hold a sample.
    fn all_scores(&self, samples: &SpatialSamples) -> Result<PartitionScores, TrainError> {
        samples.scores(self.model(), self.config.score(), 1)
    }

    /// The scores that quality and fairness are measured by: on the validation samples, or on the training samples, whose
    /// scores are given.
    fn measured_scores(&self, of_training: &PartitionScores) -> Result<PartitionScores, TrainError> {
        let min_samples = *self.config.min_validation_samples();
        let (what, scores) = match &self.validation {
            Some(samples) => ("validation set", self.all_scores(samples)?),
            None => ("training set", of_training.clone()),
        };
        let scores = scores.at_least(min_samples);
        if scores.is_empty() {
            return Err(self.nothing_scored(what, min_samples));
        }
        Ok(scores)
    }

    fn measured(&self, scores: &PartitionScores) -> Result<Measured, TrainError> {
        let (rule, distance) = (*self.config.measured_from(), *self.config.distance());
        Ok(scores.measured(rule, distance, self.of_base.as_ref())?)
    }

    /// Scores the base model anew, where S(d) is measured from it.
    pub(crate) fn score_base(&mut self) -> Result<(), TrainError> {
        self.of_base = None;
        let base = self.progress.base.clone();
        let Some(Base(base)) = base.filter(|_| self.config.measured_from().needs_base()) else {
            return Ok(());
        };
        let now = self.model().parameters().to_vec();
        self.player.model_mut().set_parameters(&base)?;
        let scores = self
            .all_scores(&self.train)
            .and_then(|of_training| self.measured_scores(&of_training));
        self.player.model_mut().set_parameters(&now)?;
        self.of_base = Some(scores?);
        Ok(())
    }

    fn nothing_scored(&self, what: &'static str, min_samples: u64) -> TrainError {
        TrainError::NothingScored {
            what,
            min_samples,
            score: self.config.score().name(),
        }
    }

    /// Keeps the parameters where [`select_fair`](crate::select_fair) would now choose this record.
    fn keep_if_fairest(&mut self, record: &EpochRecord) {
        let Some(measured) = record.measured.filter(|_| self.method.has_base()) else {
            return;
        };
        let Some(base) = base_quality(self.records()).or(measured.quality) else {
            return;
        };
        let orientation = self.config.score().orientation();
        let is_fairer = self
            .fairest()
            .is_none_or(|fairest| measured.deviation_mean < fairest.measured.deviation_mean);
        if is_fairer && is_good_enough(&measured, base, orientation, *self.config.max_quality_loss()) {
            self.progress.fairest = Some(Fairest {
                epoch: record.epoch,
                measured,
                parameters: self.player.model().parameters().to_vec(),
            });
        }
    }
}

fn record(epoch: u64, outcome: Outcome) -> EpochRecord {
    EpochRecord {
        epoch,
        phase: outcome.phase,
        partitioning: outcome.partitioning,
        loss: outcome.loss,
        n_updates: outcome.n_updates,
        n_partitions: outcome.n_partitions,
        objective: None,
        measured: None,
    }
}

/// Names and probabilities of the partitionings, for comparison.
fn described(samples: &SpatialSamples) -> String {
    let distribution = samples.distribution();
    let named = distribution.candidates().iter().zip(distribution.prior());
    let named: Vec<String> = named
        .map(|(one, prior)| format!("{} ({prior})", one.name()))
        .collect();
    named.join(", ")
}
