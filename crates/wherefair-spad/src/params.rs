//! Parameters of a training by SPAD.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use wherefair_audit::{ReferenceRule, Score};
use wherefair_core::{ParamError, Seed};
use wherefair_metrics::{Distance, Reference};
use wherefair_nn::{Model, StatePolicy};
use wherefair_train::{
    PartitionOrder, Schedule, SpatialSamples, TrainConfig, TrainError, TrainParams, Training,
};

use crate::{RateRule, SpadReferee, Strategy};

/// Parameters of a training by SPAD, its variants or baselines; [`check`](Self::check) turns them into a [`SpadConfig`].
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_metrics::{Averaging, ClassScore, ZeroDivision};
/// use wherefair_spad::{SpadParams, Strategy};
///
/// let score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
/// let config = SpadParams::new(score).strategy(Strategy::SpadGd).learning_rate(0.002).check()?;
/// assert_eq!(config.training().schedule().n_fair_epochs(), 1_200);
/// let error = SpadParams::new(score).learning_rate(f64::NAN).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid learning_rate: NaN (accepted: a finite number above 0)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SpadParams {
    training: TrainParams,
    strategy: Strategy,
    reference: Reference,
    rate_rule: RateRule,
}

/// Checked parameters of a training by SPAD, made by [`SpadParams::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct SpadConfig {
    training: TrainConfig,
    strategy: Strategy,
    reference: Reference,
    rate_rule: RateRule,
}

/// Setters of the parameters that all trainings have.
macro_rules! of_training {
    ($($name:ident: $type:ty),+ $(,)?) => {
        impl SpadParams {
            $(#[doc = concat!("As [`TrainParams::", stringify!($name), "`].")]
            #[must_use]
            pub fn $name(mut self, $name: $type) -> Self {
                self.training = self.training.$name($name);
                self
            })+
        }
    };
}

of_training! {
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
    SpadParams;
    /// What is trained after the base model; SPAD by default.
    strategy: Strategy,
    /// What the base model's scores make `E_P`: their mean over partitions (Eq. 3) by default.
    reference: Reference,
    /// How deficits become rates; Eq. 4 by default.
    rate_rule: RateRule,
}

impl SpadParams {
    /// The paper's parameters for `score`.
    pub fn new(score: Score) -> Self {
        Self {
            training: TrainParams::new(score),
            strategy: Strategy::Spad,
            reference: Reference::PartitionMean,
            rate_rule: RateRule::Normalized,
        }
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
        let training = self.training.check()?;
        if let Reference::Fixed(value) = self.reference
            && !value.is_finite()
        {
            return Err(ParamError::new("reference", value, "a finite number"));
        }
        self.strategy.check(training.score())?;
        Ok(SpadConfig {
            training,
            strategy: self.strategy,
            reference: self.reference,
            rate_rule: self.rate_rule,
        })
    }
}

impl SpadConfig {
    /// The parameters that all trainings have.
    pub fn training(&self) -> &TrainConfig {
        &self.training
    }

    /// What is trained after the base model.
    pub fn strategy(&self) -> &Strategy {
        &self.strategy
    }

    /// The referee, who expects nothing yet.
    pub fn referee(&self) -> SpadReferee {
        let (score, distance) = (self.training.score(), *self.training.distance());
        let referee = SpadReferee::without_expectation(score, self.reference, distance, self.rate_rule);
        match self.strategy {
            Strategy::SpadNoBase => referee.without_base(*self.training.seed()),
            _ => referee,
        }
    }

    /// A training of `model` that has not begun. Quality and fairness are measured on `validation` where there is one.
    ///
    /// # Errors
    /// Those of [`Training::new`]; [`TrainError::Param`] where the strategy names a partitioning that the distribution does not
    /// have.
    pub fn train(
        &self,
        model: Model,
        samples: &SpatialSamples,
        validation: Option<&SpatialSamples>,
    ) -> Result<Training, TrainError> {
        Training::new(
            model,
            samples,
            validation,
            self.training.clone(),
            self.strategy.method(),
            Box::new(self.referee()),
        )
    }
}

/// One flat record, whichever part a parameter belongs to.
impl Serialize for SpadConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let training = &self.training;
        let mut fields = serializer.serialize_struct("SpadConfig", 17)?;
        fields.serialize_field("score", &training.score())?;
        fields.serialize_field("strategy", &self.strategy)?;
        fields.serialize_field("schedule", training.schedule())?;
        fields.serialize_field("learning_rate", training.learning_rate())?;
        if let Some(rate) = training.base_learning_rate() {
            fields.serialize_field("base_learning_rate", rate)?;
        }
        fields.serialize_field("batch_size", training.batch_size())?;
        fields.serialize_field("base_batch_size", training.base_batch_size())?;
        fields.serialize_field("reference", &self.reference)?;
        if *training.measured_from() != ReferenceRule::PartitionMean {
            fields.serialize_field("measured_from", training.measured_from())?;
        }
        fields.serialize_field("distance", training.distance())?;
        fields.serialize_field("rate_rule", &self.rate_rule)?;
        fields.serialize_field("adam_state", training.adam_state())?;
        fields.serialize_field("partition_order", training.partition_order())?;
        fields.serialize_field("min_samples", training.min_samples())?;
        fields.serialize_field("min_validation_samples", training.min_validation_samples())?;
        fields.serialize_field("max_quality_loss", training.max_quality_loss())?;
        fields.serialize_field("seed", training.seed())?;
        fields.end()
    }
}
