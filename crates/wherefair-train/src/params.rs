//! Parameters of a training, whatever its method.

use serde::{Deserialize, Serialize};
use wherefair_audit::{ReferenceRule, Score};
use wherefair_core::{ParamError, Seed};
use wherefair_metrics::Distance;
use wherefair_nn::StatePolicy;

use crate::Schedule;

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

/// Parameters of a training; [`check`](Self::check) turns them into a [`TrainConfig`].
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_metrics::{Averaging, ClassScore, ZeroDivision};
/// use wherefair_train::TrainParams;
///
/// let score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
/// let config = TrainParams::new(score).learning_rate(0.002).check()?;
/// assert_eq!(config.schedule().n_fair_epochs(), 1_200);
/// let error = TrainParams::new(score).learning_rate(f64::NAN).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid learning_rate: NaN (accepted: a finite number above 0)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TrainParams(TrainConfig);

/// Checked parameters of a training, made by [`TrainParams::check`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainConfig {
    score: Score,
    schedule: Schedule,
    learning_rate: f64,
    base_learning_rate: Option<f64>,
    batch_size: usize,
    base_batch_size: usize,
    distance: Distance,
    measured_from: ReferenceRule,
    adam_state: StatePolicy,
    partition_order: PartitionOrder,
    min_samples: u64,
    min_validation_samples: u64,
    max_quality_loss: f64,
    seed: Seed,
}

wherefair_core::parameters! {
    TrainParams(TrainConfig) by reference;
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
    /// d of Eq. 2, for S(d), the objective and penalties; absolute by default.
    distance: Distance,
    /// What S(d) is measured from when the fairest model is chosen: the mean of the partitions' own scores by default, as in
    /// the paper. The audit's rules, so that the model kept is the one that an audit with the same rule finds fairest; with
    /// that of the base model, the scores of the base model on the same samples.
    measured_from: ReferenceRule,
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

impl TrainConfig {
    /// The score that partitions are judged by.
    pub fn score(&self) -> Score {
        self.score
    }

    /// The same parameters for another score, with S(d) measured from another rule.
    pub(crate) fn on_scale(&self, score: Score, measured_from: ReferenceRule) -> Self {
        Self {
            score,
            measured_from,
            ..self.clone()
        }
    }
}

impl TrainParams {
    /// The paper's parameters for `score`.
    pub fn new(score: Score) -> Self {
        Self(TrainConfig {
            score,
            schedule: Schedule::paper(),
            learning_rate: 1e-3,
            base_learning_rate: None,
            batch_size: 65_536,
            base_batch_size: 65_536,
            distance: Distance::Absolute,
            measured_from: ReferenceRule::PartitionMean,
            adam_state: StatePolicy::Carried,
            partition_order: PartitionOrder::Shuffled,
            min_samples: 1,
            min_validation_samples: 1,
            max_quality_loss: 0.01,
            seed: Seed::new(0),
        })
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] for the first one outside its domain.
    pub fn check(self) -> Result<TrainConfig, ParamError> {
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
            ("batch_size", config.batch_size as u64),
            ("base_batch_size", config.base_batch_size as u64),
            ("min_samples", config.min_samples),
            ("min_validation_samples", config.min_validation_samples),
        ] {
            if size == 0 {
                return Err(ParamError::new(name, size, "at least 1"));
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
        if let ReferenceRule::Fixed(value) = config.measured_from
            && !value.is_finite()
        {
            return Err(ParamError::new("measured_from", value, "a finite number"));
        }
        config.score.check_sums()?;
        Ok(config)
    }
}
