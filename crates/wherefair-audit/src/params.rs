//! What to measure and how.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed};
use wherefair_metrics::{ClassScore, Distance, ErrorKind, ValueScore};

/// The score of a set of samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Score {
    /// A score of class predictions.
    Class(ClassScore),
    /// A score of the sums of errors.
    Value {
        /// How an error is made of truth and prediction.
        error: ErrorKind,
        /// How errors become a score.
        score: ValueScore,
    },
    /// The median of the absolute errors.
    MedianAbsolute {
        /// How an error is made of truth and prediction.
        error: ErrorKind,
    },
}

/// Which way a score is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// More is better, as for F1.
    HigherIsBetter,
    /// Less is better, as for the RMSE.
    LowerIsBetter,
    /// The nearer to zero the better, as for the signed mean error.
    NearestZeroIsBetter,
}

impl Orientation {
    /// How much worse `score` is than `reference`; negative where it is better.
    pub fn shortfall(self, score: f64, reference: f64) -> f64 {
        match self {
            Self::HigherIsBetter => reference - score,
            Self::LowerIsBetter => score - reference,
            Self::NearestZeroIsBetter => score.abs() - reference.abs(),
        }
    }
}

impl Score {
    /// A short name, such as `mean absolute log ratio`.
    pub fn name(&self) -> String {
        match self {
            Self::Class(score) => score.name(),
            Self::Value {
                error: ErrorKind::Difference,
                score,
            }
            | Self::Value {
                score: score @ ValueScore::RSquared,
                ..
            } => score.name(),
            Self::Value { error, score } => {
                let of = error.name();
                match score {
                    ValueScore::RootMeanSquare => format!("root mean square {of}"),
                    ValueScore::MeanSigned => format!("mean {of}"),
                    _ => format!("mean absolute {of}"),
                }
            }
            Self::MedianAbsolute {
                error: ErrorKind::Difference,
            } => "median absolute error".to_owned(),
            Self::MedianAbsolute { error } => format!("median absolute {}", error.name()),
        }
    }

    /// Which way the score is better.
    pub fn orientation(&self) -> Orientation {
        let higher = match self {
            Self::Class(score) => score.higher_is_better(),
            Self::Value {
                score: ValueScore::MeanSigned,
                ..
            } => return Orientation::NearestZeroIsBetter,
            Self::Value { score, .. } => score.higher_is_better(),
            Self::MedianAbsolute { .. } => false,
        };
        if higher {
            Orientation::HigherIsBetter
        } else {
            Orientation::LowerIsBetter
        }
    }

    /// How an error is made of truth and prediction; `None` for classes.
    pub fn error_kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Class(_) => None,
            Self::Value { error, .. } | Self::MedianAbsolute { error } => Some(*error),
        }
    }
}

/// What the scores of the partitions are held against: the `E_P` of the fairness measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceRule {
    /// The mean score over the partitions of the same partitioning.
    PartitionMean,
    /// That mean weighted by the number of samples.
    WeightedPartitionMean,
    /// The score of all samples together.
    Global,
    /// A given value.
    Fixed(f64),
    /// The mean over the partitions of the scores of a base model (SPAD, Eq. 3).
    BaseModel,
    /// That mean weighted by the number of samples.
    WeightedBaseModel,
}

impl ReferenceRule {
    /// Whether the scores of a base model decide.
    pub fn needs_base(self) -> bool {
        matches!(self, Self::BaseModel | Self::WeightedBaseModel)
    }
}

/// Parameters of an audit; [`check`](Self::check) turns them into an [`AuditConfig`].
///
/// # Examples
/// ```
/// use wherefair_audit::{AuditParams, Score};
/// use wherefair_metrics::{ErrorKind, ValueScore};
///
/// let score = Score::Value { error: ErrorKind::Difference, score: ValueScore::MeanAbsolute };
/// let config = AuditParams::new(score).n_permutations(199).check()?;
/// assert_eq!(config.n_permutations(), 199);
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditParams(AuditConfig);

/// Checked parameters of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AuditConfig {
    score: Score,
    reference: ReferenceRule,
    distance: Distance,
    min_samples: u64,
    n_permutations: u32,
    n_worst: usize,
    n_bootstrap: u32,
    confidence: f64,
    false_discovery_rate: f64,
    fail_above: Option<f64>,
    seed: Seed,
}

wherefair_core::parameters! {
    AuditParams(AuditConfig) by value;
    /// What the scores are held against; the mean over the partitions by default.
    reference: ReferenceRule,
    /// The distance between a score and its reference; absolute by default.
    distance: Distance,
    /// The smallest number of samples for a partition to be scored; 30 by default.
    min_samples: u64,
    /// The number of permutations for the noise floor; 999 by default, 0 for none.
    n_permutations: u32,
    /// How many of the worst places to list; 10 by default.
    n_worst: usize,
    /// The number of bootstrap copies for the confidence intervals of the worst places; 999 by default, 0 for none.
    n_bootstrap: u32,
    /// The level of the confidence intervals, between 0 and 1; 0.95 by default.
    confidence: f64,
    /// The false discovery rate at which partitions are called different, between 0 and 1; 0.05 by default.
    false_discovery_rate: f64,
    /// The largest mean deviation that passes the gate; no gate by default.
    fail_above: Option<f64>,
    /// The seed of all randomness; 0 by default.
    seed: Seed,
}

impl AuditConfig {
    /// The score of a partition.
    pub fn score(&self) -> Score {
        self.score
    }
}

impl AuditParams {
    /// The default parameters for `score`.
    pub fn new(score: Score) -> Self {
        Self(AuditConfig {
            score,
            reference: ReferenceRule::PartitionMean,
            distance: Distance::Absolute,
            min_samples: 30,
            n_permutations: 999,
            n_worst: 10,
            n_bootstrap: 999,
            confidence: 0.95,
            false_discovery_rate: 0.05,
            fail_above: None,
            seed: Seed::new(0),
        })
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] for the first parameter outside its domain.
    pub fn check(self) -> Result<AuditConfig, ParamError> {
        let config = self.0;
        for (name, value) in [
            ("confidence", config.confidence),
            ("false_discovery_rate", config.false_discovery_rate),
        ] {
            if !(value > 0.0 && value < 1.0) {
                return Err(ParamError::new(
                    name,
                    value,
                    "a number between 0 and 1, both excluded",
                ));
            }
        }
        if let ReferenceRule::Fixed(value) = config.reference
            && !value.is_finite()
        {
            return Err(ParamError::new("reference", value, "a finite number"));
        }
        if let Some(gate) = config.fail_above
            && !(0.0..f64::INFINITY).contains(&gate)
        {
            return Err(ParamError::new(
                "fail_above",
                gate,
                "a finite number of at least 0",
            ));
        }
        if config.min_samples == 0 {
            return Err(ParamError::new("min_samples", 0, "a whole number of at least 1"));
        }
        if config.n_permutations > 100_000 {
            return Err(ParamError::new(
                "n_permutations",
                config.n_permutations,
                "at most 100000",
            ));
        }
        if config.n_bootstrap > 100_000 {
            return Err(ParamError::new(
                "n_bootstrap",
                config.n_bootstrap,
                "at most 100000",
            ));
        }
        Ok(config)
    }
}
