//! Training, epoch by epoch.

use std::ops::ControlFlow;

use wherefair_core::ParamError;
use wherefair_nn::{NnError, Trainable};
use wherefair_similarity::TrainingSimilarity;

use crate::adversary::{Discriminator, adversarial};
use crate::epoch::{self, Outcome, Set};
use crate::history::{base_quality, is_good_enough};
use crate::representative_loops::{RepresentativeLoops, Turn, random_loops};
use crate::schedule::{self, Stage};
use crate::scores::check_targets;
use crate::tentative::tentative;
use crate::{
    EpochRecord, LoopRecord, Measured, PartitionScores, Phase, Player, Referee, SpadConfig, SpadError,
    SpatialSamples, Strategy,
};

/// The fairest model so far whose quality is close enough to that of the base model: see [`select_fair`](crate::select_fair).
#[derive(Debug, Clone, PartialEq)]
pub struct Fairest {
    /// Epochs it was trained for.
    pub epoch: u64,
    /// Its quality and fairness.
    pub measured: Measured,
    /// Its parameters, `(n_parameters,)`.
    pub parameters: Vec<f32>,
}

/// A training that can be stopped after any epoch and resumed with the same bits.
///
/// The model is trained in place: it stands after the last epoch, whatever happens. An epoch that fails leaves it as it
/// was before that epoch.
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_core::{Extent, Seed, Sites};
/// use wherefair_metrics::ClassScore;
/// use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, Samples, fused_mlp};
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_spad::{Sampling, Schedule, SpadParams, SpatialSamples, Stage, Training};
///
/// let grids = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 2, 2)?;
/// let x: Vec<f64> = (0..40).map(|i| f64::from(i) / 40.0).collect();
/// let features: Vec<f32> = x.iter().map(|&x| (x * 12.0).sin() as f32).collect();
/// let labels: Vec<u32> = features.iter().zip(&x).map(|(&f, &x)| u32::from((f > 0.0) == (x < 0.7))).collect();
/// let samples = Samples::classes(&features, 1, &labels, 2)?;
/// let samples = SpatialSamples::new(&grids, Sites::new(&x, &x)?, &samples)?;
///
/// let adam = AdamParams::default().check()?;
/// let shape = MlpShape::new(1, &[8], 2)?;
/// let mut model = fused_mlp(&shape, Initializer::Glorot, Loss::CrossEntropy, adam, Seed::new(1))?;
/// let stages = vec![Stage { epochs_each: 2, n_draws: 3 }];
/// let schedule = Schedule::new(10, stages, Sampling::Independent)?;
/// let config = SpadParams::new(Score::Class(ClassScore::Accuracy)).schedule(schedule).check()?;
/// let mut training = Training::new(&mut model, &samples, None, config)?;
/// training.run(|_| std::ops::ControlFlow::Continue(()))?;
/// assert_eq!(training.records().len(), 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    pub(crate) player: Player<'a>,
    pub(crate) referee: Referee,
    pub(crate) train: Set<'a>,
    pub(crate) validation: Option<Set<'a>>,
    pub(crate) config: SpadConfig,
    /// The partitioning at hand in each fair epoch.
    plan: Vec<usize>,
    /// What says it in place of the plan, for [`Strategy::SpadSim`].
    pub(crate) loops: Option<RepresentativeLoops>,
    n_epochs: u64,
    pub(crate) records: Vec<EpochRecord>,
    pub(crate) fairest: Option<Fairest>,
    /// The parameters of the base model, once it is trained.
    pub(crate) base: Option<Vec<f32>>,
    /// The training scores of the model as it stands, once they are known.
    pub(crate) scores: Option<PartitionScores>,
    /// Who guesses partitions, for [`Strategy::Adversarial`].
    pub(crate) discriminator: Option<Discriminator>,
}

impl<'a> Training<'a> {
    /// A training of `model` that has not begun. Quality and fairness are measured on `validation` where there is one.
    ///
    /// # Errors
    /// [`SpadError::WrongTargets`] where the samples do not fit the score, [`SpadError::OtherDistribution`] where the
    /// two sets are placed in different partitionings, [`SpadError::Param`] where a strategy names a partitioning that
    /// the distribution does not have or asks for too many epochs.
    pub fn new(
        model: &'a mut dyn Trainable,
        train: &'a SpatialSamples,
        validation: Option<&'a SpatialSamples>,
        config: SpadConfig,
    ) -> Result<Self, SpadError> {
        check_targets("training set", &train.targets(), config.score())?;
        if let Some(validation) = validation {
            check_targets("validation set", &validation.targets(), config.score())?;
            let (given, expected) = (described(validation), described(train));
            if given != expected {
                return Err(SpadError::OtherDistribution { given, expected });
            }
        }
        let plan = plan(train, &config)?;
        let n_fair = match config.strategy() {
            Strategy::Base => 0,
            Strategy::BaseLonger { n_updates } => {
                let n_updates = n_updates.unwrap_or_else(|| n_planned_updates(train, &config));
                n_updates.div_ceil(train.n_samples().div_ceil(*config.base_batch_size()) as u64)
            }
            _ => plan.len() as u64,
        };
        let loops = match config.strategy() {
            Strategy::SpadSim(sampling) => {
                let distribution = train.distribution();
                Some(RepresentativeLoops::new(*sampling, distribution, *config.seed())?)
            }
            _ => None,
        };
        let base_epochs = base_epochs(&config);
        let discriminator = discriminator(train, &config)?;
        Ok(Self {
            player: Player::new(model, *config.seed()),
            referee: Referee::without_expectation(
                config.score(),
                *config.reference(),
                *config.distance(),
                *config.rate_rule(),
            ),
            train: Set::new(train)?,
            validation: validation.map(Set::new).transpose()?,
            plan,
            loops,
            n_epochs: base_epochs.saturating_add(n_fair),
            records: Vec::new(),
            fairest: None,
            base: None,
            scores: None,
            discriminator,
            config,
        })
    }

    /// The parameters of the training.
    pub fn config(&self) -> &SpadConfig {
        &self.config
    }

    /// The model as it stands.
    pub fn model(&self) -> &dyn Trainable {
        self.player.model()
    }

    /// The referee, who expects nothing before the base model is trained.
    pub fn referee(&self) -> &Referee {
        &self.referee
    }

    /// What every epoch so far did, in order.
    pub fn records(&self) -> &[EpochRecord] {
        &self.records
    }

    /// Epochs trained so far.
    pub fn epoch(&self) -> u64 {
        self.records.last().map_or(0, |record| record.epoch)
    }

    /// Epochs of the whole training; for [`Strategy::SpadSim`], whose loops are as long as its clusters make them, as many as
    /// it would have if all later loops were as long as the last one.
    pub fn n_epochs(&self) -> u64 {
        let of_loops = self.loops.as_ref().map_or(0, RepresentativeLoops::n_epochs);
        self.n_epochs.saturating_add(of_loops)
    }

    /// The loops that have begun, with their clusters; empty for strategies other than [`Strategy::SpadSim`].
    pub fn loops(&self) -> &[LoopRecord] {
        self.loops.as_ref().map_or(&[], RepresentativeLoops::loops)
    }

    /// What is known of the similarity of the partitionings that can be drawn, with their indices in the distribution;
    /// `None` for strategies other than [`Strategy::SpadSim`].
    pub fn similarity(&self) -> Option<(&[usize], &TrainingSimilarity)> {
        self.loops.as_ref().map(RepresentativeLoops::similarity)
    }

    /// Updates of the parameters since the base model.
    pub fn n_fair_updates(&self) -> u64 {
        let fair = self.records.iter().filter(|record| record.phase == Phase::Fair);
        fair.map(|record| record.n_updates).sum()
    }

    /// The fairest model so far that is good enough; `None` before the base model is trained, where it has no score, and
    /// for [`Strategy::SpadNoBase`], where nothing says what is good enough.
    pub fn fairest(&self) -> Option<&Fairest> {
        self.fairest.as_ref()
    }

    /// The parameters of the base model, `(n_parameters,)`; `None` before it is trained, and for
    /// [`Strategy::SpadNoBase`], which has none.
    pub fn base(&self) -> Option<&[f32]> {
        self.base.as_deref()
    }

    /// Ends the training with the model set to the fairest one, or left as it stands where there is none.
    ///
    /// # Errors
    /// None for parameters that were the model's, as these were.
    pub fn into_fairest(mut self) -> Result<Option<Fairest>, SpadError> {
        if let Some(fairest) = &self.fairest {
            self.player.model_mut().set_parameters(&fairest.parameters)?;
        }
        Ok(self.fairest)
    }

    /// Whether all epochs are trained.
    pub fn is_finished(&self) -> bool {
        let are_loops_finished = self.loops.as_ref().is_none_or(RepresentativeLoops::is_finished);
        !self.is_unmeasured_start() && self.epoch() >= self.n_epochs && are_loops_finished
    }

    /// Trains until all epochs are done or `on_epoch`, called after each, breaks; returns whether all are done.
    ///
    /// # Errors
    /// Those of [`step`](Self::step).
    pub fn run(
        &mut self,
        mut on_epoch: impl FnMut(&EpochRecord) -> ControlFlow<()>,
    ) -> Result<bool, SpadError> {
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
    /// [`SpadError::Diverged`] where loss or parameters were no longer finite, [`SpadError::NothingScored`] where no
    /// partition has a score once the base model is trained, [`SpadError::Model`] where the samples do not fit the model,
    /// and those of [`partition_scores`](crate::partition_scores). The training then stands where it stood before.
    pub fn step(&mut self) -> Result<Option<&EpochRecord>, SpadError> {
        if self.is_finished() {
            return Ok(None);
        }
        let before = (self.player.snapshot(), self.discriminator.clone());
        match self.advance() {
            Ok(record) => {
                self.keep_if_fairest(&record);
                self.records.push(record);
                Ok(self.records.last())
            }
            Err(error) => {
                self.discriminator = before.1;
                self.player.restore(before.0)?;
                self.scores = None;
                let last_good = self.epoch();
                Err(match error {
                    SpadError::Model(source @ NnError::Diverged { .. }) => SpadError::Diverged {
                        epoch: last_good + 1,
                        last_good,
                        source,
                    },
                    error => error,
                })
            }
        }
    }

    fn is_unmeasured_start(&self) -> bool {
        self.records.is_empty() && base_epochs(&self.config) == 0
    }

    fn advance(&mut self) -> Result<EpochRecord, SpadError> {
        let base_epochs = base_epochs(&self.config);
        if self.is_unmeasured_start() {
            return self.end_of_base(0, Outcome::default());
        }
        let epoch = self.epoch() + 1;
        if epoch > base_epochs {
            return self.fair_epoch(epoch, epoch - base_epochs - 1);
        }
        let outcome = epoch::everywhere(&mut self.player, &self.train, &self.config)?;
        if epoch == base_epochs {
            return self.end_of_base(epoch, outcome);
        }
        Ok(record(epoch, Phase::Base, None, outcome))
    }

    /// The base model is trained: the referee learns what to expect.
    fn end_of_base(&mut self, epoch: u64, outcome: Outcome) -> Result<EpochRecord, SpadError> {
        let all = self.all_scores(&self.train)?;
        let measured = self.measured(&all)?;
        let scores = all.at_least(*self.config.min_samples());
        if scores.is_empty() {
            return Err(self.nothing_scored("training set", *self.config.min_samples()));
        }
        if *self.config.strategy() == Strategy::SpadNoBase {
            let mut stream = self.config.seed().stream("spad/expectation");
            self.referee.expect_random(&scores, &mut stream);
        } else {
            self.referee.expect(&scores);
            self.base = Some(self.player.model().parameters().to_vec());
        }
        let mut record = record(epoch, Phase::Base, None, outcome);
        record.measured = Some(measured);
        record.objective = self.objective(&scores);
        self.scores = Some(scores);
        Ok(record)
    }

    fn fair_epoch(&mut self, epoch: u64, index: u64) -> Result<EpochRecord, SpadError> {
        let scores = match self.scores.take() {
            Some(scores) => scores,
            None => self.all_scores(&self.train)?.at_least(*self.config.min_samples()),
        };
        let distribution = self.train.spatial.distribution();
        let turn = match &mut self.loops {
            Some(loops) => Some(loops.turn(epoch, distribution)?),
            None => None,
        };
        let at_hand = match turn {
            Some(Turn::Tentative) => return self.try_all(epoch, scores),
            Some(Turn::Train(at_hand)) => Some(at_hand),
            None => usize::try_from(index)
                .ok()
                .and_then(|index| self.plan.get(index).copied()),
        };
        let before = turn.is_some().then(|| scores.clone());
        let outcome = self.train_fairly(epoch, at_hand, &scores)?;
        let all = self.all_scores(&self.train)?;
        let measured = self.measured(&all)?;
        let scores = all.at_least(*self.config.min_samples());
        if *self.config.strategy() == Strategy::SpadNoBase {
            self.referee.expect(&scores);
        }
        if let (Some(loops), Some(turn), Some(before)) = (&mut self.loops, turn, before) {
            loops.finish(turn, &self.referee, &before, &scores)?;
        }
        let mut record = record(epoch, Phase::Fair, at_hand, outcome);
        record.measured = Some(measured);
        record.objective = self.objective(&scores);
        self.scores = Some(scores);
        Ok(record)
    }

    /// Trains every partitioning from the model as it stands, which it is again afterwards.
    fn try_all(&mut self, epoch: u64, scores: PartitionScores) -> Result<EpochRecord, SpadError> {
        let Self {
            player,
            referee,
            train,
            config,
            loops,
            ..
        } = self;
        let mut outcome = Outcome::default();
        if let Some(loops) = loops {
            let (after, of_all) = tentative(player, train, config, (referee, &scores), loops, epoch)?;
            loops.finish_tentative(referee, &scores, &after)?;
            outcome = of_all;
        }
        self.scores = Some(scores);
        Ok(record(epoch, Phase::Tentative, None, outcome))
    }

    fn train_fairly(
        &mut self,
        epoch: u64,
        at_hand: Option<usize>,
        scores: &PartitionScores,
    ) -> Result<Outcome, SpadError> {
        let Self {
            player,
            referee,
            train,
            config,
            discriminator,
            ..
        } = self;
        let Some(at_hand) = at_hand else {
            return epoch::everywhere(player, train, config);
        };
        let rates = match config.strategy() {
            Strategy::SpadGd => {
                return epoch::all_partitionings(player, train, config, (referee, scores), at_hand, epoch);
            }
            Strategy::Regularized(regularizer) | Strategy::RegularizedSingle { regularizer, .. } => {
                let penalty = (regularizer, referee.expectation(at_hand));
                return epoch::regularized(player, train, config, penalty, at_hand);
            }
            Strategy::Adversarial { adversary, .. } => {
                // It is made with the training.
                let Some(discriminator) = discriminator else {
                    return Ok(Outcome::default());
                };
                return adversarial(player, train, config, (adversary, discriminator), at_hand);
            }
            Strategy::EqualRates => epoch::equal_rates(at_hand, scores, config)?,
            _ => referee.rates(at_hand, scores, *config.learning_rate())?,
        };
        epoch::partition_by_partition(player, train, config, (at_hand, &rates), epoch)
    }

    /// The scores of all partitions that hold a sample.
    fn all_scores(&self, set: &Set<'_>) -> Result<PartitionScores, SpadError> {
        self.player
            .scores(set.spatial, &set.samples, self.config.score(), 1)
    }

    /// Quality and fairness on the validation samples, or on the training samples, whose scores are given.
    fn measured(&self, of_training: &PartitionScores) -> Result<Measured, SpadError> {
        let min_samples = *self.config.min_validation_samples();
        let (what, scores) = match &self.validation {
            Some(set) => ("validation set", self.all_scores(set)?),
            None => ("training set", of_training.clone()),
        };
        let scores = scores.at_least(min_samples);
        if scores.is_empty() {
            return Err(self.nothing_scored(what, min_samples));
        }
        Ok(scores.measured())
    }

    fn objective(&self, scores: &PartitionScores) -> Option<f64> {
        self.referee
            .objective(scores, self.train.spatial.distribution().prior())
    }

    fn nothing_scored(&self, what: &'static str, min_samples: u64) -> SpadError {
        SpadError::NothingScored {
            what,
            min_samples,
            score: self.config.score().name(),
        }
    }

    /// Keeps the parameters where [`select_fair`](crate::select_fair) would now choose this record.
    fn keep_if_fairest(&mut self, record: &EpochRecord) {
        let Some(measured) = record.measured else { return };
        if *self.config.strategy() == Strategy::SpadNoBase {
            return;
        }
        let Some(base) = base_quality(&self.records).or(measured.quality) else {
            return;
        };
        let orientation = self.config.score().orientation();
        let is_fairer = self
            .fairest
            .as_ref()
            .is_none_or(|fairest| measured.deviation_mean < fairest.measured.deviation_mean);
        if is_fairer && is_good_enough(&measured, base, orientation, *self.config.max_quality_loss()) {
            self.fairest = Some(Fairest {
                epoch: record.epoch,
                measured,
                parameters: self.player.model().parameters().to_vec(),
            });
        }
    }
}

fn record(epoch: u64, phase: Phase, partitioning: Option<usize>, outcome: Outcome) -> EpochRecord {
    EpochRecord {
        epoch,
        phase,
        partitioning,
        loss: outcome.loss,
        n_updates: outcome.n_updates,
        n_partitions: outcome.n_partitions,
        objective: None,
        measured: None,
    }
}

fn base_epochs(config: &SpadConfig) -> u64 {
    match config.strategy() {
        Strategy::SpadNoBase => 0,
        _ => config.schedule().base_epochs(),
    }
}

/// The partitioning at hand in each fair epoch; empty for strategies that look at none.
fn plan(train: &SpatialSamples, config: &SpadConfig) -> Result<Vec<usize>, SpadError> {
    let (distribution, schedule) = (train.distribution(), config.schedule());
    let drawn = |stages: &[Stage]| schedule::plan(stages, schedule.sampling(), distribution, *config.seed());
    Ok(match config.strategy() {
        Strategy::Base | Strategy::BaseLonger { .. } | Strategy::SpadSim(_) => Vec::new(),
        Strategy::SpadRnd { n_loops, n_sampled } => {
            random_loops(distribution, *config.seed(), *n_loops, *n_sampled)?
        }
        Strategy::Single { partitioning }
        | Strategy::RegularizedSingle { partitioning, .. }
        | Strategy::Adversarial { partitioning, .. } => {
            let index = named(train, partitioning)?;
            drawn(schedule.stages()).iter().map(|_| index).collect()
        }
        Strategy::SpadFixedK { k } => drawn(&schedule.with_fixed_k(*k)),
        _ => drawn(schedule.stages()),
    })
}

/// The number of the partitioning of a name.
fn named(train: &SpatialSamples, name: &str) -> Result<usize, ParamError> {
    let candidates = train.distribution().candidates();
    let index = candidates.iter().position(|one| one.name() == name);
    index.ok_or_else(|| {
        let names: Vec<String> = candidates.iter().map(|one| one.name()).collect();
        ParamError::new("partitioning", name, names.join(", "))
    })
}

/// Who guesses partitions, before the first guess; `None` for strategies without.
fn discriminator(train: &SpatialSamples, config: &SpadConfig) -> Result<Option<Discriminator>, SpadError> {
    let Strategy::Adversarial {
        partitioning,
        adversary,
    } = config.strategy()
    else {
        return Ok(None);
    };
    let n_partitions = train.n_partitions(named(train, partitioning)?);
    let n_outputs = train.targets().n_outputs();
    Ok(Some(Discriminator::new(
        adversary,
        n_outputs,
        n_partitions,
        *config.seed(),
    )?))
}

/// The updates of the schedule were every partition trained.
fn n_planned_updates(train: &SpatialSamples, config: &SpadConfig) -> u64 {
    let plan = config.schedule().plan(train.distribution(), *config.seed());
    let of_each: Vec<u64> = (0..train.distribution().len())
        .map(|partitioning| {
            let rates = vec![1.0; train.n_partitions(partitioning)];
            epoch::n_updates(train, partitioning, &rates, *config.batch_size())
        })
        .collect();
    plan.into_iter().map(|partitioning| of_each[partitioning]).sum()
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
