//! What can be wrong with data that a model is fitted to or applied to.

use std::fmt;

use crate::TrainError;

/// Data that a model cannot be fitted or applied to: where, what, and what would be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFault {
    /// What kind of fault it is, for programs that add advice of their own.
    pub fault: Fault,
    /// What messages call the data set; may be empty.
    pub source: String,
    /// The row of the source, from 1, where one is at fault.
    pub row: Option<u64>,
    /// The column, where one is at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What would be accepted.
    pub accepted: String,
}

/// Kinds of [`DataFault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A column of another length than those before it.
    Length,
    /// A number that is not finite, or too large for a network.
    NotFinite,
    /// A name that is taken.
    Duplicate,
    /// A column that is not there, or holds labels for numbers or numbers for labels.
    Missing,
    /// A column of more categories than a network should have features.
    TooManyCategories,
    /// Features, or a target, of one value in all training samples.
    Constant,
    /// A category that the training samples do not have.
    UnseenCategory,
    /// A class that the training samples do not have.
    AbsentClass,
    /// A value that has no logarithm.
    NoLogarithm,
    /// No sample for one of the three parts.
    EmptyPart,
    /// A part of which no partition holds enough samples to be scored.
    TooFewSamples,
}

impl fmt::Display for DataFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row.map(|row| format!("row {row} of the data"));
        let column = self.column.as_ref().map(|column| format!("column `{column}`"));
        let in_source = match (row, column) {
            (Some(row), Some(column)) => Some(format!("{row}, {column}")),
            (row, column) => row.or(column),
        };
        let source = Some(self.source.clone()).filter(|source| !source.is_empty());
        for place in [source, in_source].into_iter().flatten() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{} (accepted: {})", self.problem, self.accepted)
    }
}

impl std::error::Error for DataFault {}

impl From<DataFault> for TrainError {
    fn from(fault: DataFault) -> Self {
        Self::Data(Box::new(fault))
    }
}
