//! From columns to the features of a network.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::args::{ScalingArg, UnseenArg};
use crate::columns::UnitColumn;
use crate::measure::preview;

/// Most categories that a column may have: each is a feature.
const MAX_CATEGORIES: usize = 1_000;

/// One column and how it becomes features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Feature {
    /// (value − shift) / scale.
    Number { name: String, shift: f64, scale: f64 },
    /// One feature a category, 1 for the one that the value is.
    Category { name: String, categories: Vec<String> },
}

impl Feature {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Number { name, .. } | Self::Category { name, .. } => name,
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Category { categories, .. } => categories.len(),
        }
    }
}

/// All columns, in order, as the training part makes them features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Encoding {
    pub(crate) scaling: ScalingArg,
    pub(crate) features: Vec<Feature>,
}

/// Rows of columns to be encoded, with what messages call them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) columns: &'a [(String, UnitColumn)],
    /// The data row of each row of the columns, from 0.
    pub(crate) rows: &'a [u64],
}

impl Source<'_> {
    /// How a message names row `i`.
    pub(crate) fn row(&self, i: u32) -> String {
        let row = self.rows.get(i as usize).map_or(0, |row| row + 1);
        format!("{}: row {row} of the data", self.file)
    }

    fn column(&self, name: &str) -> Option<&UnitColumn> {
        let named = self.columns.iter().find(|(known, _)| known == name)?;
        Some(&named.1)
    }
}

impl Encoding {
    /// Scales and categories of the rows `train`; with a note on every column that is left out, for it has one value in
    /// all of them.
    pub(crate) fn fit(source: Source<'_>, train: &[u32], scaling: ScalingArg) -> Result<(Self, Vec<String>)> {
        let mut features = Vec::new();
        let mut notes = Vec::new();
        for (name, column) in source.columns {
            let (feature, constant) = match column {
                UnitColumn::Numbers(values) => number(name, values, train, scaling),
                UnitColumn::Labels { codes, names } => category(source.file, name, (codes, names), train)?,
            };
            match constant {
                None => features.push(feature),
                Some(value) => notes.push(format!(
                    "`{name}` is {value} in all {} rows of the training part: the model does without it.",
                    train.len()
                )),
            }
        }
        if features.is_empty() {
            let names: Vec<String> = source.columns.iter().map(|(name, _)| name.clone()).collect();
            bail!(
                "{}: every feature has one value in all rows of the training part: {} (accepted: at least one that varies)",
                source.file,
                preview(&names)
            );
        }
        Ok((Self { scaling, features }, notes))
    }

    /// Features of a row.
    pub(crate) fn width(&self) -> usize {
        self.features.iter().map(Feature::width).sum()
    }

    /// The features of the rows `rows`, `(n_rows, width)`.
    pub(crate) fn encode(&self, source: Source<'_>, rows: &[u32], unseen: UnseenArg) -> Result<Vec<f32>> {
        let width = self.width();
        let mut encoded = vec![0.0_f32; rows.len() * width];
        let mut at = 0;
        for feature in &self.features {
            let column = source.column(feature.name());
            match (feature, column) {
                (Feature::Number { name, shift, scale }, Some(UnitColumn::Numbers(values))) => {
                    for (cells, &row) in encoded.chunks_exact_mut(width).zip(rows) {
                        let value = values[row as usize];
                        #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
                        let scaled = ((value - shift) / scale) as f32;
                        if !scaled.is_finite() {
                            bail!(
                                "{}, column `{name}`: {value:?}, less {shift:?} and divided by {scale:?}, is too large for a network (accepted: up to about 1e38 so scaled)",
                                source.row(row)
                            );
                        }
                        cells[at] = scaled;
                    }
                }
                (Feature::Category { name, categories }, Some(UnitColumn::Labels { codes, names })) => {
                    let index: HashMap<&str, usize> = categories
                        .iter()
                        .enumerate()
                        .map(|(i, name)| (name.as_str(), i))
                        .collect();
                    let place_of: Vec<Option<usize>> = names
                        .iter()
                        .map(|name| index.get(name.as_str()).copied())
                        .collect();
                    for (cells, &row) in encoded.chunks_exact_mut(width).zip(rows) {
                        let code = codes[row as usize] as usize;
                        match place_of[code] {
                            Some(place) => cells[at + place] = 1.0,
                            None if unseen == UnseenArg::Other => {}
                            None => bail!(
                                "{}, column `{name}`: category {} was not seen in training (accepted: {}; or --unseen other, to take it for none of them)",
                                source.row(row),
                                names[code],
                                preview(categories)
                            ),
                        }
                    }
                }
                // Columns are read as their features need them.
                _ => bail!("{}: column `{}` is missing", source.file, feature.name()),
            }
            at += feature.width();
        }
        Ok(encoded)
    }
}

/// The scale of a column of numbers, and its value where all are equal.
fn number(name: &str, values: &[f64], train: &[u32], scaling: ScalingArg) -> (Feature, Option<String>) {
    let of_train = || train.iter().map(|&row| values[row as usize]);
    let low = of_train().fold(f64::INFINITY, f64::min);
    let high = of_train().fold(f64::NEG_INFINITY, f64::max);
    let (shift, scale) = match scaling {
        ScalingArg::Standard => mean_and_deviation(of_train()),
        ScalingArg::Range => (low, high - low),
        ScalingArg::None => (0.0, 1.0),
    };
    let constant = (high <= low).then(|| low.to_string());
    // Numbers so close that their deviation underflows are told apart by their range.
    let scale = if scale > 0.0 {
        scale
    } else {
        (high - low).max(f64::MIN_POSITIVE)
    };
    let name = name.to_owned();
    (Feature::Number { name, shift, scale }, constant)
}

/// The mean and the standard deviation (divided by n), of numbers of any size; exactly 0 where all are equal.
pub(crate) fn mean_and_deviation(mut values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let all = values.clone();
    let Some(first) = values.next() else {
        return (0.0, 0.0);
    };
    let mean = first + all.clone().map(|value| (value - first) / n).sum::<f64>();
    let largest = all.clone().map(|value| (value - mean).abs()).fold(0.0, f64::max);
    if largest <= 0.0 {
        return (mean, 0.0);
    }
    let variance: f64 = all.map(|value| ((value - mean) / largest).powi(2) / n).sum();
    (mean, variance.sqrt() * largest)
}

/// The categories of the rows `train`, sorted; and the only one where there is one.
fn category(
    file: &str,
    name: &str,
    (codes, names): (&[u32], &[String]),
    train: &[u32],
) -> Result<(Feature, Option<String>)> {
    let mut is_seen = vec![false; names.len()];
    for &row in train {
        is_seen[codes[row as usize] as usize] = true;
    }
    let mut categories: Vec<String> = names
        .iter()
        .zip(is_seen)
        .filter(|(_, seen)| *seen)
        .map(|(name, _)| name.clone())
        .collect();
    categories.sort_unstable();
    if categories.len() > MAX_CATEGORIES {
        bail!(
            "{file}: column `{name}` has {} categories (accepted: up to {MAX_CATEGORIES}; name it in --features if it holds numbers)",
            categories.len()
        );
    }
    let constant = match &categories[..] {
        [only] => Some(only.clone()),
        _ => None,
    };
    let name = name.to_owned();
    Ok((Feature::Category { name, categories }, constant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<(String, UnitColumn)> {
        let names = ["b", "a", "c"].map(str::to_owned).to_vec();
        vec![
            ("n".to_owned(), UnitColumn::Numbers(vec![1.0, 3.0, 5.0, 9.0])),
            ("same".to_owned(), UnitColumn::Numbers(vec![7.0, 7.0, 7.0, 8.0])),
            (
                "kind".to_owned(),
                UnitColumn::Labels {
                    codes: vec![0, 1, 0, 2],
                    names,
                },
            ),
        ]
    }

    #[test]
    fn scales_and_categories_are_those_of_the_training_part() {
        let columns = columns();
        let source = Source {
            file: "t.csv",
            columns: &columns,
            rows: &[0, 1, 2, 5],
        };
        let (encoding, notes) = Encoding::fit(source, &[0, 1, 2], ScalingArg::Range).unwrap();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("`same` is 7"), "{}", notes[0]);
        assert_eq!(encoding.width(), 3);
        let features = encoding.encode(source, &[1, 2], UnseenArg::Error).unwrap();
        assert_eq!(features, [0.5, 1.0, 0.0, 1.0, 0.0, 1.0]);
        let error = encoding
            .encode(source, &[3], UnseenArg::Error)
            .unwrap_err()
            .to_string();
        for word in ["t.csv: row 6 of the data", "`kind`", "category c", "a, b"] {
            assert!(error.contains(word), "{error}");
        }
        let features = encoding.encode(source, &[3], UnseenArg::Other).unwrap();
        assert_eq!(features, [2.0, 0.0, 0.0]);
    }

    #[test]
    fn deviations_of_large_and_small_numbers_are_finite() {
        assert_eq!(mean_and_deviation([0.1; 450].into_iter()), (0.1, 0.0));
        for size in [1e-300, 1.0, 1e300] {
            let (mean, deviation) = mean_and_deviation([0.0, 2.0 * size].into_iter());
            assert!((mean / size - 1.0).abs() < 1e-12 && (deviation / size - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn without_a_feature_that_varies_there_is_nothing_to_learn_from() {
        let columns = [("same".to_owned(), UnitColumn::Numbers(vec![7.0, 7.0]))];
        let source = Source {
            file: "t.csv",
            columns: &columns,
            rows: &[0, 1],
        };
        let error = Encoding::fit(source, &[0, 1], ScalingArg::Standard).unwrap_err();
        assert!(error.to_string().contains("at least one that varies"));
    }
}
