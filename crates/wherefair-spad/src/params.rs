//! Parameters of a training.

use serde::{Deserialize, Serialize};
use wherefair_audit::Score;
use wherefair_core::{ParamError, Seed};
use wherefair_metrics::{Distance, Reference};
use wherefair_nn::StatePolicy;

use crate::similarity_sampling::check_loops;
use crate::{RateRule, Schedule, Strategy};

/// In which order the partitions of a partitioning are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionOrder {
    /// In a new random order every epoch, so that no partition always has the last word. The paper names no order.
    #[default]
    Shuffled,
    /// By their numbers, as the released code does.
    AsNumbered,
}

/// Parameters of a training; [`check`](Self::check) turns them into a [`SpadConfig`].
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_metrics::{Averaging, ClassScore, ZeroDivision};
/// use wherefair_spad::SpadParams;
///
/// let score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
/// let config = SpadParams::new(score).learning_rate(0.002).check()?;
/// assert_eq!(config.schedule().n_fair_epochs(), 1_200);
/// let error = SpadParams::new(score).learning_rate(f64::NAN).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid learning_rate: NaN (accepted: a finite number above 0)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SpadParams(SpadConfig);

/// Checked parameters of a training, made by [`SpadParams::check`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpadConfig {
    score: Score,
    strategy: Strategy,
    schedule: Schedule,
    learning_rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_learning_rate: Option<f64>,
    batch_size: usize,
    base_batch_size: usize,
    reference: Reference,
    distance: Distance,
    rate_rule: RateRule,
    adam_state: StatePolicy,
    partition_order: PartitionOrder,
    min_samples: u64,
    min_validation_samples: u64,
    max_quality_loss: f64,
    seed: Seed,
}

macro_rules! parameters {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty),+ $(,)?) => {
        impl SpadParams {
            $($(#[doc = $doc])+
            #[must_use]
            pub fn $name(mut self, $name: $type) -> Self {
                self.0.$name = $name;
                self
            })+
        }
        impl SpadConfig {
            $($(#[doc = $doc])+
            pub fn $name(&self) -> &$type {
                &self.$name
            })+
        }
    };
}

parameters! {
    /// What is trained after the base model; SPAD by default.
    strategy: Strategy,
    /// The epochs; those of the paper by default.
    schedule: Schedule,
    /// `η_init`: the rate of the base model, and the highest of any partition; 0.001 by default.
    learning_rate: f64,
    /// Another rate for the base model's epochs; none by default, as Eq. 4 has it. A lower rate after them makes fairness
    /// swing less from epoch to epoch.
    base_learning_rate: Option<f64>,
    /// Samples of a mini-batch within a partition; 65,536 by default, as in the released code. A partition of no more
    /// samples is one full batch, and its epoch one update.
    batch_size: usize,
    /// Samples of a mini-batch of the base model; 65,536 by default.
    base_batch_size: usize,
    /// What the base model's scores make `E_P`: their mean over partitions (Eq. 3) by default.
    reference: Reference,
    /// d of Eq. 2, for the objective and the penalty of REG; absolute by default.
    distance: Distance,
    /// How deficits become rates; Eq. 4 by default.
    rate_rule: RateRule,
    /// What becomes of Adam's state between partitions; carried by default. The released code zeroes it before every
    /// partition, which the paper does not say and which makes results worse. The state policy of the model itself should
    /// be left as it is by default, for this one is applied after the base epochs alone.
    adam_state: StatePolicy,
    /// In which order partitions are trained; shuffled by default.
    partition_order: PartitionOrder,
    /// The fewest training samples of a partition that the referee scores and rates; 1 by default.
    min_samples: u64,
    /// The fewest samples of a partition for it to take part in S(d) as it is measured; 1 by default.
    min_validation_samples: u64,
    /// By what part of its size the base model's quality may be missed by the model that is kept; 0.01 by default.
    max_quality_loss: f64,
    /// The seed of draws and orders; 0 by default. The model's initial parameters have their own.
    seed: Seed,
}

impl SpadConfig {
    /// The score that partitions are judged by.
    pub fn score(&self) -> Score {
        self.score
    }
}

impl SpadParams {
    /// The paper's parameters for `score`.
    pub fn new(score: Score) -> Self {
        Self(SpadConfig {
            score,
            strategy: Strategy::Spad,
            schedule: Schedule::paper(),
            learning_rate: 1e-3,
            base_learning_rate: None,
            batch_size: 65_536,
            base_batch_size: 65_536,
            reference: Reference::PartitionMean,
            distance: Distance::Absolute,
            rate_rule: RateRule::Normalized,
            adam_state: StatePolicy::Carried,
            partition_order: PartitionOrder::Shuffled,
            min_samples: 1,
            min_validation_samples: 1,
            max_quality_loss: 0.01,
            seed: Seed::new(0),
        })
    }

    /// What the released code runs: equal rates, Adam zeroed before every partition, its schedule and order. The model
    /// that goes with it has `Loss::SOFT_DICE` and `Initializer::SPAD`.
    pub fn released(score: Score) -> Self {
        Self::new(score)
            .strategy(Strategy::EqualRates)
            .schedule(Schedule::released())
            .reference(Reference::Global)
            .rate_rule(RateRule::Released)
            .adam_state(StatePolicy::ResetEachPartition)
            .partition_order(PartitionOrder::AsNumbered)
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] for the first one outside its domain.
    pub fn check(self) -> Result<SpadConfig, ParamError> {
        let config = self.0;
        let rates = [
            ("learning_rate", Some(config.learning_rate)),
            ("base_learning_rate", config.base_learning_rate),
        ];
        for (name, rate) in rates {
            if let Some(rate) = rate.filter(|rate| !(*rate > 0.0 && rate.is_finite())) {
                return Err(ParamError::new(name, rate, "a finite number above 0"));
            }
        }
        for (name, size) in [
            ("batch_size", config.batch_size),
            ("base_batch_size", config.base_batch_size),
        ] {
            if size == 0 {
                return Err(ParamError::new(name, size, "at least 1"));
            }
        }
        for (name, n) in [
            ("min_samples", config.min_samples),
            ("min_validation_samples", config.min_validation_samples),
        ] {
            if n == 0 {
                return Err(ParamError::new(name, n, "at least 1"));
            }
        }
        if !(0.0..f64::INFINITY).contains(&config.max_quality_loss) {
            let accepted = "a finite number of at least 0";
            return Err(ParamError::new(
                "max_quality_loss",
                config.max_quality_loss,
                accepted,
            ));
        }
        if let Reference::Fixed(value) = config.reference
            && !value.is_finite()
        {
            return Err(ParamError::new("reference", value, "a finite number"));
        }
        if let Score::MedianAbsolute { .. } = config.score {
            let accepted = "a score that sums give; the median has none";
            return Err(ParamError::new("score", config.score.name(), accepted));
        }
        match &config.strategy {
            Strategy::Regularized(regularizer) | Strategy::RegularizedSingle { regularizer, .. } => {
                regularizer.check(config.score)?;
            }
            Strategy::Adversarial { adversary, .. } => adversary.check()?,
            Strategy::SpadFixedK { k: 0 } => return Err(ParamError::new("k", 0, "at least 1")),
            Strategy::SpadSim(sampling) => sampling.check()?,
            Strategy::SpadRnd { n_loops, .. } => check_loops(*n_loops)?,
            _ => {}
        }
        Ok(config)
    }
}
