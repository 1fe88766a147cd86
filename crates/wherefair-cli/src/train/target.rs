//! The target of a model: what it learns, and what its outputs mean.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use wherefair_audit::Score;
use wherefair_data::{ColumnKind, Format, Table};
use wherefair_metrics::{ErrorKind, ValueScore};

use super::args::AbsentClassArg;
use super::encoding::{Source, mean_and_deviation};
use crate::args::{MeasureArgs, Metric};
use crate::columns::UnitColumn;
use crate::measure::preview;

/// What the outputs of a network stand for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Target {
    /// One output a class.
    Classes { labels: Vec<String> },
    /// One output, (value − shift) / scale, of the natural logarithm of the value where `logarithm` is set.
    Value { logarithm: bool, shift: f64, scale: f64 },
}

/// True values of some samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Truth {
    Classes(Vec<u32>),
    Values {
        /// In the units of the input.
        values: Vec<f64>,
        /// As the network learns them.
        scaled: Vec<f32>,
    },
}

/// The metric that was asked for, or the one that the target calls for.
pub(crate) fn choose_metric(table: &Table, target: &str, asked: Option<Metric>) -> Result<Metric> {
    let kind = table.column(target)?.kind;
    let file = table.path().display();
    let metric = match asked {
        Some(metric) => metric,
        None if table.format() == Format::GeoTiff => bail!(
            "{file}: pixels may be classes or values: say which with --metric f1 (classes) or --metric mae (values)"
        ),
        None => match kind {
            ColumnKind::Text | ColumnKind::Boolean => Metric::F1,
            ColumnKind::Integer => bail!(
                "{file}: column `{target}` holds whole numbers, which may be classes or values: say which with --metric f1 (classes) or --metric mae (values)"
            ),
            _ => Metric::Mae,
        },
    };
    if matches!(
        metric,
        Metric::MedianError | Metric::MedianLogRatio | Metric::Mape
    ) {
        bail!(
            "--metric {}: cannot be trained for (accepted for values: mae, rmse, bias, r2, log-ratio or log-ratio-bias)",
            metric.flag()
        );
    }
    Ok(metric)
}

/// The score that training judges places by: that of the metric on the scale on which the network learns; with the
/// factor that turns it into the units of the metric.
pub(crate) fn training_score(metric: Metric, target: &Target, measure: &MeasureArgs) -> Result<(Score, f64)> {
    let score = metric.score(measure, target.labels())?;
    Ok(match (score, target) {
        (Score::Value { score, .. }, Target::Value { scale, .. }) => {
            // Errors of logarithms are logarithms of ratios.
            let error = ErrorKind::Difference;
            let unit = if score == ValueScore::RSquared {
                1.0
            } else {
                *scale
            };
            (Score::Value { error, score }, unit)
        }
        _ => (score, 1.0),
    })
}

impl Target {
    /// Classes, or scale of the values, as the rows `train` have them; with a note on classes that they lack.
    pub(crate) fn fit(
        source: Source<'_>,
        (name, column): (&str, &UnitColumn),
        train: &[u32],
        metric: Metric,
        absent: AbsentClassArg,
    ) -> Result<(Self, Option<String>)> {
        match column {
            UnitColumn::Labels { codes, names } => classes(source.file, name, (codes, names), train, absent),
            UnitColumn::Numbers(values) => {
                let logarithm = matches!(metric, Metric::LogRatio | Metric::LogRatioBias);
                if logarithm && let Some(row) = (0_u32..).zip(values).find(|(_, value)| **value <= 0.0) {
                    bail!(
                        "{}, column `{name}`: {} has no logarithm (accepted with --metric {}: numbers above 0)",
                        source.row(row.0),
                        row.1,
                        metric.flag()
                    );
                }
                let learned = |value: f64| if logarithm { value.ln() } else { value };
                let of_train = train.iter().map(|&row| learned(values[row as usize]));
                let (shift, scale) = mean_and_deviation(of_train);
                if !(scale > 0.0 && scale.is_finite() && shift.is_finite()) {
                    bail!(
                        "{}: `{name}` is {} in all {} rows of the training part (accepted: a target that varies)",
                        source.file,
                        train.first().map_or(f64::NAN, |&row| values[row as usize]),
                        train.len()
                    );
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
        }
    }

    /// The labels of the classes; none of values.
    pub(crate) fn labels(&self) -> &[String] {
        match self {
            Self::Classes { labels } => labels,
            Self::Value { .. } => &[],
        }
    }

    /// Outputs of the network.
    pub(crate) fn n_outputs(&self) -> usize {
        match self {
            Self::Classes { labels } => labels.len(),
            Self::Value { .. } => 1,
        }
    }

    /// The truth of the rows `rows`.
    pub(crate) fn truth(&self, source: Source<'_>, column: &UnitColumn, rows: &[u32]) -> Result<Truth> {
        match (self, column) {
            (Self::Classes { .. }, UnitColumn::Labels { codes, .. }) => Ok(Truth::Classes(
                rows.iter().map(|&row| codes[row as usize]).collect(),
            )),
            (Self::Value { .. }, UnitColumn::Numbers(column)) => {
                let values: Vec<f64> = rows.iter().map(|&row| column[row as usize]).collect();
                let scaled = values
                    .iter()
                    .map(|&value| self.scaled(value))
                    .collect::<Vec<f32>>();
                if let Some(i) = scaled.iter().position(|value| !value.is_finite()) {
                    bail!(
                        "{}: the target {} is too far from the others for a network",
                        source.row(rows[i]),
                        values[i]
                    );
                }
                Ok(Truth::Values { values, scaled })
            }
            _ => bail!("{}: the target cannot be read", source.file),
        }
    }

    fn scaled(&self, value: f64) -> f32 {
        #[expect(clippy::cast_possible_truncation, reason = "to the precision of targets")]
        match self {
            Self::Value {
                logarithm,
                shift,
                scale,
            } => {
                let learned = if *logarithm { value.ln() } else { value };
                ((learned - shift) / scale) as f32
            }
            Self::Classes { .. } => value as f32,
        }
    }

    /// The value, in the units of the input, that an output stands for.
    pub(crate) fn value(&self, output: f32) -> f64 {
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
}

fn classes(
    file: &str,
    name: &str,
    (codes, labels): (&[u32], &[String]),
    train: &[u32],
    absent: AbsentClassArg,
) -> Result<(Target, Option<String>)> {
    if labels.len() < 2 {
        bail!(
            "{file}: `{name}` has one class, {} (accepted: at least two)",
            preview(labels)
        );
    }
    let mut is_trained = vec![false; labels.len()];
    for &row in train {
        is_trained[codes[row as usize] as usize] = true;
    }
    let lacking: Vec<String> = labels
        .iter()
        .zip(is_trained)
        .filter(|(_, trained)| !trained)
        .map(|(label, _)| label.clone())
        .collect();
    let target = Target::Classes {
        labels: labels.to_vec(),
    };
    if lacking.is_empty() {
        return Ok((target, None));
    }
    if absent == AbsentClassArg::Error {
        bail!(
            "{file}: column `{name}`: the training part has no sample of {} (accepted: every class in training, by another --split or --seed or by merging rare classes; or --absent-class keep, to count their samples as errors)",
            preview(&lacking)
        );
    }
    let note = format!(
        "The training part has no sample of {}: the model cannot predict it, and its samples count as errors.",
        preview(&lacking)
    );
    Ok((target, Some(note)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_turn_back_into_values() {
        for (logarithm, values) in [(false, [-3.0, 0.0, 8.0]), (true, [0.1, 20.0, 3e5])] {
            let column = UnitColumn::Numbers(values.to_vec());
            let source = Source {
                file: "t.csv",
                columns: &[],
                rows: &[0, 1, 2],
            };
            let metric = if logarithm { Metric::LogRatio } else { Metric::Mae };
            let fitted = Target::fit(source, ("y", &column), &[0, 1, 2], metric, AbsentClassArg::Error);
            let target = fitted.unwrap().0;
            let Truth::Values { scaled, .. } = target.truth(source, &column, &[0, 1, 2]).unwrap() else {
                panic!("values were expected");
            };
            for (value, scaled) in values.iter().zip(scaled) {
                assert!((target.value(scaled) - value).abs() <= 1e-5 * value.abs().max(1.0));
            }
        }
    }
}
