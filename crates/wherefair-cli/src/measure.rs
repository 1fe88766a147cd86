//! From the flags of the measure to the parameters of an audit.

use anyhow::{Context as _, Result, bail};
pub(crate) use wherefair_audit::wording::preview;
use wherefair_audit::{AuditConfig, AuditParams, ReferenceRule, Score};
use wherefair_core::Seed;
use wherefair_metrics::{Averaging, ClassScore, Distance, ErrorKind, ValueScore, ZeroDivision};

use crate::args::{DistanceArg, InferenceArgs, MeasureArgs, Metric, ZeroDivisionArg};

/// What a metric is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutcomeKind {
    Classes,
    Values,
}

impl Metric {
    pub(crate) fn outcome_kind(self) -> OutcomeKind {
        match self {
            Self::F1
            | Self::F1Macro
            | Self::F1Binary
            | Self::Accuracy
            | Self::BalancedAccuracy
            | Self::Precision
            | Self::PrecisionMacro
            | Self::PrecisionBinary
            | Self::Recall
            | Self::RecallMacro
            | Self::RecallBinary
            | Self::SelectionRate => OutcomeKind::Classes,
            Self::Mae
            | Self::Rmse
            | Self::Bias
            | Self::R2
            | Self::MedianError
            | Self::LogRatio
            | Self::LogRatioBias
            | Self::MedianLogRatio
            | Self::Mape => OutcomeKind::Values,
        }
    }

    fn needs_positive(self) -> bool {
        matches!(
            self,
            Self::F1Binary | Self::PrecisionBinary | Self::RecallBinary | Self::SelectionRate
        )
    }

    /// The score, given the labels of the classes.
    pub(crate) fn score(self, args: &MeasureArgs, labels: &[String]) -> Result<Score> {
        if self.outcome_kind() == OutcomeKind::Values {
            if args.positive.is_some() {
                bail!(
                    "--positive goes with a metric of classes, not with --metric {}",
                    self.flag()
                );
            }
            return Ok(self.value_score());
        }
        let positive = if self.needs_positive() {
            let label = args.positive.as_ref().with_context(|| {
                format!(
                    "--metric {} needs --positive LABEL (the labels are: {})",
                    self.flag(),
                    preview(labels)
                )
            })?;
            let index = labels.iter().position(|known| known == label).with_context(|| {
                format!(
                    "--positive {label}: no such label (the labels are: {})",
                    preview(labels)
                )
            })?;
            u32::try_from(index).context("too many labels")?
        } else {
            if args.positive.is_some() {
                bail!(
                    "--positive has no use with --metric {} (use f1-binary, precision-binary, recall-binary or selection-rate)",
                    self.flag()
                );
            }
            0
        };
        let zero = match args.zero_division {
            ZeroDivisionArg::Zero => ZeroDivision::Zero,
            ZeroDivisionArg::One => ZeroDivision::One,
            ZeroDivisionArg::Exclude => ZeroDivision::Exclude,
            ZeroDivisionArg::MeanOfOthers => ZeroDivision::MeanOfOthers,
        };
        let binary = Averaging::Binary { positive };
        Ok(Score::Class(match self {
            Self::F1 => ClassScore::F1(Averaging::Weighted, zero),
            Self::F1Macro => ClassScore::F1(Averaging::Macro, zero),
            Self::F1Binary => ClassScore::F1(binary, zero),
            Self::Precision => ClassScore::Precision(Averaging::Weighted, zero),
            Self::PrecisionMacro => ClassScore::Precision(Averaging::Macro, zero),
            Self::PrecisionBinary => ClassScore::Precision(binary, zero),
            Self::Recall => ClassScore::Recall(Averaging::Weighted, zero),
            Self::RecallMacro => ClassScore::Recall(Averaging::Macro, zero),
            Self::RecallBinary => ClassScore::Recall(binary, zero),
            Self::BalancedAccuracy => ClassScore::BalancedAccuracy,
            Self::SelectionRate => ClassScore::SelectionRate { positive },
            _ => ClassScore::Accuracy,
        }))
    }

    fn value_score(self) -> Score {
        let value = |error, score| Score::Value { error, score };
        match self {
            Self::Rmse => value(ErrorKind::Difference, ValueScore::RootMeanSquare),
            Self::Bias => value(ErrorKind::Difference, ValueScore::MeanSigned),
            Self::R2 => value(ErrorKind::Difference, ValueScore::RSquared),
            Self::LogRatio => value(ErrorKind::LogRatio, ValueScore::MeanAbsolute),
            Self::LogRatioBias => value(ErrorKind::LogRatio, ValueScore::MeanSigned),
            Self::Mape => value(ErrorKind::RelativeDifference, ValueScore::MeanAbsolute),
            Self::MedianError => Score::MedianAbsolute {
                error: ErrorKind::Difference,
            },
            Self::MedianLogRatio => Score::MedianAbsolute {
                error: ErrorKind::LogRatio,
            },
            _ => value(ErrorKind::Difference, ValueScore::MeanAbsolute),
        }
    }

    /// The name as it is typed.
    pub(crate) fn flag(self) -> String {
        use clap::ValueEnum as _;
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Reads `--reference`.
pub(crate) fn reference(text: &str) -> Result<ReferenceRule> {
    Ok(match text {
        "mean" => ReferenceRule::PartitionMean,
        "weighted-mean" => ReferenceRule::WeightedPartitionMean,
        "global" => ReferenceRule::Global,
        "base" => ReferenceRule::BaseModel,
        "weighted-base" => ReferenceRule::WeightedBaseModel,
        number => match number.parse::<f64>() {
            Ok(value) if value.is_finite() => ReferenceRule::Fixed(value),
            _ => bail!(
                "--reference {number}: accepted are mean, weighted-mean, global, base, weighted-base or a finite number"
            ),
        },
    })
}

/// The checked parameters of the audit.
pub(crate) fn config(score: Score, measure: &MeasureArgs, inference: &InferenceArgs) -> Result<AuditConfig> {
    let params = AuditParams::new(score)
        .reference(reference(&measure.reference)?)
        .distance(match measure.distance {
            DistanceArg::Absolute => Distance::Absolute,
            DistanceArg::Squared => Distance::Squared,
        })
        .min_samples(measure.min_samples)
        .fail_above(measure.fail_above)
        .n_permutations(inference.permutations)
        .n_bootstrap(inference.bootstrap)
        .confidence(inference.confidence)
        .false_discovery_rate(inference.fdr)
        .n_worst(inference.worst)
        .seed(Seed::new(inference.seed));
    let config = params.check().map_err(|error| {
        let flag = match error.name() {
            "n_permutations" => "permutations",
            "n_bootstrap" => "bootstrap",
            "false_discovery_rate" => "fdr",
            other => other,
        };
        anyhow::anyhow!(
            "--{} {}: accepted is {}",
            flag.replace('_', "-"),
            error.value(),
            error.accepted()
        )
    })?;
    Ok(config)
}
