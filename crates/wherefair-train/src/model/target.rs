//! The target of a model: what it learns, and what its outputs mean.

use serde::{Deserialize, Serialize};
use wherefair_audit::wording::preview;
use wherefair_audit::{ReferenceRule, Score};
use wherefair_metrics::{ErrorKind, ValueScore};

use super::encoding::{mean_and_deviation, seen};
use crate::{Column, Dataset, Fault, Response, TrainError};

/// How to handle a class absent from the training part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AbsentClass {
    /// As an error.
    #[default]
    Error,
    /// It is never predicted: its samples count as errors.
    Keep,
}

/// What the outputs of a network stand for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// One output a class, whose softmax are the probabilities.
    Classes {
        /// The labels of the classes, in the order of the outputs.
        labels: Vec<String>,
    },
    /// One output, (value − shift) / scale.
    Value {
        /// Whether the network learns the natural logarithm of the value, scaled so.
        logarithm: bool,
        /// What is 0.
        shift: f64,
        /// What is 1 more.
        scale: f64,
    },
}

impl Target {
    /// Classes, or scale of the values, as the rows `train` have them, for a model judged by `score`: the logarithm is learned
    /// for scores of log ratios. With a note on classes that these rows lack.
    ///
    /// # Errors
    /// [`TrainError::Data`] for a target of another kind than the score, a single class, an absent one that is not to be kept, a value without logarithm, or values that
    /// do not vary.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn fit(
        data: &Dataset,
        train: &[u32],
        score: Score,
        absent: AbsentClass,
    ) -> Result<(Self, Option<String>), TrainError> {
        let (name, column) = data.target_column()?;
        let fault = |fault, row: Option<usize>, problem: String, accepted: &str| {
            Err(data.fault(fault, row, Some(name), problem, accepted).into())
        };
        let (needs_labels, accepted) = match score {
            Score::Class(_) => (true, "labels"),
            Score::Value { .. } | Score::MedianAbsolute { .. } => (false, "numbers"),
        };
        if needs_labels != matches!(column, Column::Labels { .. }) {
            let problem = format!("is not of the kind that score `{}` judges", score.name());
            return fault(Fault::Missing, None, problem, accepted);
        }
        let values = match column {
            Column::Labels { codes, names } if names.len() >= 2 => {
                let lacking = seen(codes, names, train, false);
                let labels = names.clone();
                if lacking.is_empty() {
                    return Ok((Self::Classes { labels }, None));
                }
                let lacking = preview(&lacking);
                let lacks = format!("he training part has no sample of {lacking}");
                if absent == AbsentClass::Error {
                    let accepted = "every class in training, or absent classes kept";
                    return fault(Fault::AbsentClass, None, format!("t{lacks}"), accepted);
                }
                let note = format!("T{lacks}: the model cannot predict it, and its samples count as errors.");
                return Ok((Self::Classes { labels }, Some(note)));
            }
            Column::Labels { names, .. } => {
                let problem = format!("has one class, {}", preview(names));
                return fault(Fault::Constant, None, problem, "at least two");
            }
            Column::Numbers(values) => values,
        };
        let logarithm = matches!(
            score,
            Score::Value {
                error: ErrorKind::LogRatio,
                ..
            }
        );
        if logarithm && let Some(row) = values.iter().position(|value| *value <= 0.0) {
            let problem = format!("{} has no logarithm", values[row]);
            return fault(Fault::NoLogarithm, Some(row), problem, "numbers above 0");
        }
        let learned = |value: f64| if logarithm { value.ln() } else { value };
        let of_train = train.iter().map(|&row| learned(values[row as usize]));
        let (shift, scale) = mean_and_deviation(of_train);
        if !(scale > 0.0 && scale.is_finite() && shift.is_finite()) {
            let value = train.first().map_or(f64::NAN, |&row| values[row as usize]);
            let n = train.len();
            let problem = format!("`{name}` is {value} in all {n} rows of the training part");
            let accepted = "a target that varies";
            return Err(data.fault(Fault::Constant, None, None, problem, accepted).into());
        }
        Ok((
            Self::Value {
                logarithm,
                shift,
                scale,
            },
            None,
        ))
    }

    /// The labels of the classes; none of values.
    pub fn labels(&self) -> &[String] {
        match self {
            Self::Classes { labels } => labels,
            Self::Value { .. } => &[],
        }
    }

    /// Outputs of the network.
    pub fn n_outputs(&self) -> usize {
        match self {
            Self::Classes { labels } => labels.len(),
            Self::Value { .. } => 1,
        }
    }

    /// The value, in the units of the target, that an output stands for.
    ///
    /// # Formula
    /// output · scale + shift, or its exponential where the logarithm was learned.
    pub fn value(&self, output: f32) -> f64 {
        match self {
            Self::Value {
                logarithm,
                shift,
                scale,
            } => {
                let learned = f64::from(output) * scale + shift;
                if *logarithm { learned.exp() } else { learned }
            }
            Self::Classes { .. } => f64::from(output),
        }
    }

    /// The score that a training judges partitions by, on the scale on which the network learns; with the factor that turns it
    /// into the units of `score`.
    pub(crate) fn training_score(&self, score: Score) -> (Score, f64) {
        match (score, self) {
            (Score::Value { score, .. }, Self::Value { scale, .. }) => {
                // Errors of logarithms are logarithms of ratios; R² has no unit.
                let error = ErrorKind::Difference;
                let unit = if score == ValueScore::RSquared {
                    1.0
                } else {
                    *scale
                };
                (Score::Value { error, score }, unit)
            }
            _ => (score, 1.0),
        }
    }

    /// The truth of some rows, and, for values, what the network is to learn of it.
    pub(crate) fn truth(&self, data: &Dataset, rows: &[u32]) -> Result<(Response, Vec<f32>), TrainError> {
        let (name, column) = data.target_column()?;
        match (self, column) {
            (Self::Classes { .. }, Column::Labels { codes, .. }) => {
                let classes = rows.iter().map(|&row| codes[row as usize]);
                Ok((Response::Classes(classes.collect()), Vec::new()))
            }
            (
                Self::Value {
                    logarithm,
                    shift,
                    scale,
                },
                Column::Numbers(column),
            ) => {
                let values: Vec<f64> = rows.iter().map(|&row| column[row as usize]).collect();
                #[expect(clippy::cast_possible_truncation, reason = "to the precision of targets")]
                let scaled = |value: &f64| {
                    let learned = if *logarithm { value.ln() } else { *value };
                    ((learned - shift) / scale) as f32
                };
                let scaled: Vec<f32> = values.iter().map(scaled).collect();
                if let Some(i) = scaled.iter().position(|value| !value.is_finite()) {
                    let problem = format!(
                        "the target {} is too far from the others for a network",
                        values[i]
                    );
                    let (row, accepted) = (Some(rows[i] as usize), "up to about 1e38 so scaled");
                    return Err(data.fault(Fault::NotFinite, row, None, problem, accepted).into());
                }
                Ok((Response::Values(values), scaled))
            }
            _ => {
                let accepted = if self.labels().is_empty() {
                    "numbers"
                } else {
                    "labels"
                };
                Err(data
                    .fault(Fault::Missing, None, Some(name), "is of another kind", accepted)
                    .into())
            }
        }
    }
}

/// A rule on another scale: a fixed number divided by `unit`.
pub(crate) fn scaled_rule(rule: ReferenceRule, unit: f64) -> ReferenceRule {
    match rule {
        ReferenceRule::Fixed(value) => ReferenceRule::Fixed(value / unit),
        rule => rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN_ABSOLUTE: Score = Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanAbsolute,
    };

    #[test]
    fn outputs_turn_back_into_values() {
        for (error, values) in [
            (ErrorKind::Difference, [-3.0, 0.0, 8.0]),
            (ErrorKind::LogRatio, [0.1, 20.0, 3e5]),
        ] {
            let score = ValueScore::MeanAbsolute;
            let data = Dataset::new().values("y", &values).unwrap();
            let fitted = Target::fit(
                &data,
                &[0, 1, 2],
                Score::Value { error, score },
                AbsentClass::Error,
            );
            let target = fitted.unwrap().0;
            let (truth, scaled) = target.truth(&data, &[0, 1, 2]).unwrap();
            assert_eq!(truth, Response::Values(values.to_vec()));
            for (value, scaled) in values.iter().zip(scaled) {
                assert!((target.value(scaled) - value).abs() <= 1e-5 * value.abs().max(1.0));
            }
        }
    }

    #[test]
    fn scores_and_fixed_references_go_to_the_scale_of_the_network() {
        let target = Target::Value {
            logarithm: false,
            shift: 5.0,
            scale: 4.0,
        };
        let (score, unit) = target.training_score(MEAN_ABSOLUTE);
        assert_eq!((score, unit), (MEAN_ABSOLUTE, 4.0));
        assert_eq!(
            scaled_rule(ReferenceRule::Fixed(6.0), unit),
            ReferenceRule::Fixed(1.5)
        );
        assert_eq!(scaled_rule(ReferenceRule::Global, unit), ReferenceRule::Global);
        let r_squared = Score::Value {
            error: ErrorKind::Difference,
            score: ValueScore::RSquared,
        };
        assert_eq!(target.training_score(r_squared), (r_squared, 1.0));
    }

    #[test]
    fn a_target_must_vary() {
        let data = Dataset::new().values("y", &[2.0, 2.0]).unwrap();
        let error = Target::fit(&data, &[0, 1], MEAN_ABSOLUTE, AbsentClass::Error).unwrap_err();
        assert!(error.to_string().contains("`y` is 2 in all 2 rows"), "{error}");
    }
}
