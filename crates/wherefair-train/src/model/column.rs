//! Columns of numbers or labels.

use std::collections::HashMap;

use wherefair_audit::{Outcome, ToOutcome};

/// A column of a data set, `(n_rows,)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Labels by their index in `names`.
    Labels {
        /// The label of each row, as an index below the number of names.
        codes: Vec<u32>,
        /// The labels, each once.
        names: Vec<String>,
    },
}

/// What is true of samples, or predicted of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// The class of each sample, as its index in [`Target::labels`](crate::Target::labels), `(n_samples,)`.
    Classes(Vec<u32>),
    /// The value of each sample, in the units of the target, `(n_samples,)`.
    Values(Vec<f64>),
}

impl Column {
    /// Labels of any type of text, integers or booleans, numbered in the order in which rows show them.
    ///
    /// # Examples
    /// ```
    /// use wherefair_train::Column;
    ///
    /// let column = Column::labels(&["oak", "fir", "oak"]);
    /// let names = vec!["oak".to_owned(), "fir".to_owned()];
    /// assert_eq!(column, Column::Labels { codes: vec![0, 1, 0], names });
    /// assert_eq!(Column::labels(&[2018, 2021]), Column::labels(&["2018".to_owned(), "2021".to_owned()]));
    /// assert_eq!(Column::from(&[1.5][..]), Column::Numbers(vec![1.5]));
    /// ```
    pub fn labels(values: &[impl ToOutcome]) -> Self {
        let mut code_of = HashMap::new();
        let mut names = Vec::new();
        let mut codes = Vec::with_capacity(values.len());
        for value in values {
            let name = match value.to_outcome() {
                Outcome::Text(text) => text.to_owned(),
                Outcome::Whole(number) => number.to_string(),
                Outcome::Real(number) => number.to_string(),
            };
            let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
            codes.push(*code_of.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                next
            }));
        }
        Self::Labels { codes, names }
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Labels { codes, .. } => codes.len(),
        }
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Self::Numbers(values)
    }
}

impl From<&[f64]> for Column {
    fn from(values: &[f64]) -> Self {
        Self::Numbers(values.to_vec())
    }
}
