//! What to read and what comes back.

use std::fmt;

use crate::interner::NO_CODE;

/// What a column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Want {
    /// Finite numbers. Booleans read as 1 and 0, dates as days and timestamps as seconds since 1970-01-01.
    Number,
    /// Labels: text as it stands, whole numbers without a decimal part, booleans as `true` and `false`.
    Label,
}

/// One column of a [`ReadRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRequest {
    /// The name of the column.
    pub name: String,
    /// What to read it as.
    pub want: Want,
}

impl ColumnRequest {
    /// Column `name` as numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            want: Want::Number,
        }
    }

    /// Column `name` as labels.
    pub fn label(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            want: Want::Label,
        }
    }
}

/// What to do with a row in which a requested cell is missing or not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MissingPolicy {
    /// Stop with an error that names the file, the row, the column and the cell.
    #[default]
    Error,
    /// Leave the row out and count it.
    Skip,
    /// Keep the row: a missing number is NaN, a missing label [`NO_LABEL`]. Nothing is counted as skipped.
    Keep,
}

/// The code of a missing label under [`MissingPolicy::Keep`]; no label has it.
pub const NO_LABEL: u32 = NO_CODE;

/// Why a cell counts as missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingReason {
    /// An empty cell, a null, or, where a number is wanted, the text `NA`, `N/A`, `null` or `none`.
    Empty,
    /// NaN or an infinity.
    NotFinite,
    /// A pixel that its raster marks as holding no data.
    Nodata,
}

impl fmt::Display for MissingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "missing value",
            Self::NotFinite => "not a finite number",
            Self::Nodata => "no data",
        })
    }
}

/// Which columns to read, and how.
///
/// # Examples
/// ```
/// use wherefair_data::{ColumnRequest, MissingPolicy, ReadRequest};
///
/// let mut request = ReadRequest::new(vec![ColumnRequest::number("x"), ColumnRequest::label("class")]);
/// request.missing = MissingPolicy::Skip;
/// assert_eq!(request.batch_rows, 65_536);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The columns, in the order in which they come back; a column may appear more than once.
    pub columns: Vec<ColumnRequest>,
    /// The largest number of rows in a batch.
    pub batch_rows: usize,
    /// What to do with missing and non-finite cells.
    pub missing: MissingPolicy,
    /// Groups of indices into `columns` whose labels share one dictionary, so that equal labels have equal
    /// codes.
    pub shared_labels: Vec<Vec<usize>>,
}

impl ReadRequest {
    /// A request for `columns` in batches of 65,536 rows; a missing value is an error and no dictionary is
    /// shared.
    pub fn new(columns: Vec<ColumnRequest>) -> Self {
        Self {
            columns,
            batch_rows: 1 << 16,
            missing: MissingPolicy::Error,
            shared_labels: Vec::new(),
        }
    }
}

/// The values of one column in one batch, of shape `(n_rows,)`.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// Finite numbers, and NaN under [`MissingPolicy::Keep`].
    Numbers(Vec<f64>),
    /// [`NO_LABEL`] under [`MissingPolicy::Keep`], else indices into the dictionary of the column, see [`Batches::labels`](crate::Batches::labels).
    Labels(Vec<u32>),
}

impl ColumnValues {
    /// The numbers, if the column was requested as numbers.
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Numbers(values) => Some(values),
            Self::Labels(_) => None,
        }
    }

    /// The label codes, if the column was requested as labels.
    pub fn labels(&self) -> Option<&[u32]> {
        match self {
            Self::Numbers(_) => None,
            Self::Labels(codes) => Some(codes),
        }
    }
}

/// Rows that were read together.
///
/// # Shapes
/// Every column is `(n_rows,)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The data row of the first kept row, from 0; skipped rows count.
    pub first_row: u64,
    /// The columns, in the order of the request.
    pub columns: Vec<ColumnValues>,
    pub(crate) n_rows: usize,
    /// The data row of the first row read, kept or not.
    pub(crate) block_row: u64,
    /// Which of the rows read were left out; `None` when none was.
    pub(crate) is_skipped: Option<Vec<bool>>,
}

impl Batch {
    /// The number of rows, at least 1 in the batches that a table gives.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The data rows of the kept rows, from 0, of shape `(n_rows,)`; skipped rows count.
    pub fn rows(&self) -> Vec<u64> {
        match &self.is_skipped {
            None => (self.block_row..).take(self.n_rows).collect(),
            Some(is_skipped) => {
                let rows = (self.block_row..).zip(is_skipped);
                rows.filter(|(_, skipped)| !**skipped)
                    .map(|(row, _)| row)
                    .collect()
            }
        }
    }
}

/// How many cells of one requested column made their row be skipped.
///
/// A row with several missing cells counts in each of their columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedColumn {
    /// The column.
    pub name: String,
    /// Empty cells and nulls.
    pub n_empty: u64,
    /// NaN and infinities.
    pub n_not_finite: u64,
    /// Pixels marked as holding no data.
    pub n_nodata: u64,
}
