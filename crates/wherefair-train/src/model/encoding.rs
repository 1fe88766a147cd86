//! From columns to the features of a network.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use wherefair_audit::wording::preview;

use crate::{Column, Dataset, Fault, TrainError};

/// Most categories that a column may have: each is a feature.
const MAX_CATEGORIES: usize = 1_000;

/// How features of numbers are brought to one scale, as the training part has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Mean 0 and standard deviation 1.
    #[default]
    Standard,
    /// Smallest 0 and largest 1.
    Range,
    /// As they are.
    None,
}

/// How to handle a category unseen in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unseen {
    /// As an error.
    #[default]
    Error,
    /// As none of the known categories: all their features are 0.
    Other,
}

/// One column and how it becomes features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Feature {
    /// One feature, (value − shift) / scale.
    Number {
        /// The column.
        name: String,
        /// What is 0.
        shift: f64,
        /// What is 1 more.
        scale: f64,
    },
    /// One feature a category, 1 for the one that the value is, else 0.
    Category {
        /// The column.
        name: String,
        /// The categories of the training part, sorted.
        categories: Vec<String>,
    },
}

impl Feature {
    /// The name of the column.
    pub fn name(&self) -> &str {
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

/// How columns become the features of a network, as the training part has them.
///
/// # Examples
/// ```
/// use wherefair_train::{Dataset, Encoding, Scaling, Unseen};
///
/// let data = Dataset::new().numbers("rooms", &[2.0, 4.0, 6.0])?.categories("wall", &["brick", "wood", "adobe"])?;
/// let (encoding, notes) = Encoding::fit(&data, &[0, 1], Scaling::Range)?;
/// assert_eq!(encoding.n_features(), 3);
/// assert_eq!(encoding.encode(&data, &[1], Unseen::Error)?, [1.0, 0.0, 1.0]);
/// assert_eq!(encoding.encode(&data, &[2], Unseen::Other)?, [2.0, 0.0, 0.0]);
/// # Ok::<(), wherefair_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    /// How numbers were brought to one scale.
    pub scaling: Scaling,
    /// The columns, in the order of their features.
    pub features: Vec<Feature>,
}

impl Encoding {
    /// Scales and categories of the rows `train`; with a note on every column that is left out, for it has one value in
    /// all of them.
    ///
    /// # Errors
    /// [`TrainError::Data`] for more than 1,000 categories, or where no column varies.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn fit(data: &Dataset, train: &[u32], scaling: Scaling) -> Result<(Self, Vec<String>), TrainError> {
        let mut features = Vec::new();
        let mut notes = Vec::new();
        for (name, column) in data.features() {
            let (feature, constant) = match column {
                Column::Numbers(values) => number(name, values, train, scaling),
                Column::Labels { codes, names } => category(data, name, (codes, names), train)?,
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
            let names: Vec<String> = data.features().iter().map(|(name, _)| name.clone()).collect();
            let problem = format!(
                "every feature has one value in all rows of the training part: {}",
                preview(&names)
            );
            let accepted = "at least one that varies";
            return Err(data.fault(Fault::Constant, None, None, problem, accepted).into());
        }
        Ok((Self { scaling, features }, notes))
    }

    /// Features of a row.
    pub fn n_features(&self) -> usize {
        self.features.iter().map(Feature::width).sum()
    }

    /// The features of the rows `rows`, `(n_rows, n_features)`.
    ///
    /// # Errors
    /// [`TrainError::Data`] for a column that is missing or of the other kind, a category unseen in training, or a number too
    /// large for a network.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn encode(&self, data: &Dataset, rows: &[u32], unseen: Unseen) -> Result<Vec<f32>, TrainError> {
        let width = self.n_features();
        let mut encoded = vec![0.0_f32; rows.len() * width];
        let mut at = 0;
        for feature in &self.features {
            let name = feature.name();
            let fault = |kind, row: u32, problem: String, accepted: String| {
                data.fault(kind, Some(row as usize), Some(name), problem, accepted)
            };
            let of_rows = encoded.chunks_exact_mut(width).zip(rows);
            match (feature, data.column(name)) {
                (Feature::Number { shift, scale, .. }, Some(Column::Numbers(values))) => {
                    for (cells, &row) in of_rows {
                        let value = values[row as usize];
                        #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
                        let scaled = ((value - shift) / scale) as f32;
                        if !scaled.is_finite() {
                            let problem = format!(
                                "{value:?}, less {shift:?} and divided by {scale:?}, is too large for a network"
                            );
                            let accepted = "up to about 1e38 so scaled".to_owned();
                            return Err(fault(Fault::NotFinite, row, problem, accepted).into());
                        }
                        cells[at] = scaled;
                    }
                }
                (Feature::Category { categories, .. }, Some(Column::Labels { codes, names })) => {
                    let index: HashMap<&String, usize> =
                        categories.iter().enumerate().map(|(i, name)| (name, i)).collect();
                    let place_of: Vec<Option<usize>> =
                        names.iter().map(|name| index.get(name).copied()).collect();
                    for (cells, &row) in of_rows {
                        let code = codes[row as usize] as usize;
                        match place_of[code] {
                            Some(place) => cells[at + place] = 1.0,
                            None if unseen == Unseen::Other => {}
                            None => {
                                let problem = format!("category {} was not seen in training", names[code]);
                                let known = preview(categories);
                                return Err(fault(Fault::UnseenCategory, row, problem, known).into());
                            }
                        }
                    }
                }
                (feature, column) => {
                    let problem = column.map_or("is missing", |_| "is of another kind");
                    let accepted = match feature {
                        Feature::Number { .. } => "numbers",
                        Feature::Category { .. } => "categories",
                    };
                    return Err(data
                        .fault(Fault::Missing, None, Some(name), problem, accepted)
                        .into());
                }
            }
            at += feature.width();
        }
        Ok(encoded)
    }
}

/// The scale of a column of numbers, and its value where all are equal.
fn number(name: &str, values: &[f64], train: &[u32], scaling: Scaling) -> (Feature, Option<String>) {
    let of_train = || train.iter().map(|&row| values[row as usize]);
    let low = of_train().fold(f64::INFINITY, f64::min);
    let high = of_train().fold(f64::NEG_INFINITY, f64::max);
    let (shift, scale) = match scaling {
        Scaling::Standard => mean_and_deviation(of_train()),
        Scaling::Range => (low, high - low),
        Scaling::None => (0.0, 1.0),
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
    data: &Dataset,
    name: &str,
    (codes, names): (&[u32], &[String]),
    train: &[u32],
) -> Result<(Feature, Option<String>), TrainError> {
    let mut categories = seen(codes, names, train, true);
    categories.sort_unstable();
    if categories.len() > MAX_CATEGORIES {
        let problem = format!("has {} categories", categories.len());
        let accepted = format!("up to {MAX_CATEGORIES}");
        return Err(data
            .fault(Fault::TooManyCategories, None, Some(name), problem, accepted)
            .into());
    }
    let constant = match &categories[..] {
        [only] => Some(only.clone()),
        _ => None,
    };
    let name = name.to_owned();
    Ok((Feature::Category { name, categories }, constant))
}

/// The names that the rows `train` have, or those that they lack.
pub(crate) fn seen(codes: &[u32], names: &[String], train: &[u32], are_seen: bool) -> Vec<String> {
    let mut is_seen = vec![false; names.len()];
    for &row in train {
        is_seen[codes[row as usize] as usize] = true;
    }
    let those = names
        .iter()
        .zip(is_seen)
        .filter(|(_, is_seen)| *is_seen == are_seen);
    those.map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Dataset {
        Dataset::new()
            .source("t.csv")
            .numbers("n", &[1.0, 3.0, 5.0, 9.0])
            .and_then(|data| data.numbers("same", &[7.0, 7.0, 7.0, 8.0]))
            .and_then(|data| data.categories("kind", &["b", "a", "b", "c"]))
            .and_then(|data| data.row_numbers(vec![0, 1, 2, 5]))
            .unwrap()
    }

    #[test]
    fn scales_and_categories_are_those_of_the_training_part() {
        let data = data();
        let (encoding, notes) = Encoding::fit(&data, &[0, 1, 2], Scaling::Range).unwrap();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("`same` is 7"), "{}", notes[0]);
        assert_eq!(encoding.n_features(), 3);
        let features = encoding.encode(&data, &[1, 2], Unseen::Error).unwrap();
        assert_eq!(features, [0.5, 1.0, 0.0, 1.0, 0.0, 1.0]);
        let error = encoding.encode(&data, &[3], Unseen::Error).unwrap_err();
        assert_eq!(
            error.to_string(),
            "t.csv: row 6 of the data, column `kind`: category c was not seen in training (accepted: a, b)"
        );
        let features = encoding.encode(&data, &[3], Unseen::Other).unwrap();
        assert_eq!(features, [2.0, 0.0, 0.0]);
        let other = Dataset::new().categories("n", &["x"]).unwrap();
        let error = encoding.encode(&other, &[0], Unseen::Error).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column `n`: is of another kind (accepted: numbers)"
        );
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
        let data = Dataset::new().numbers("same", &[7.0, 7.0]).unwrap();
        let error = Encoding::fit(&data, &[0, 1], Scaling::Standard).unwrap_err();
        assert!(error.to_string().contains("at least one that varies"));
    }
}
