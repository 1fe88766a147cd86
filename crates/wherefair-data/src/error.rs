//! What can go wrong while reading data.

use std::fmt;

use wherefair_core::ParamError;

use crate::request::MissingReason;

/// Where a row stands, counted from 1 as a person counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowNumber {
    /// The line of a text file, its header being line 1.
    Line(u64),
    /// The data row of any other file.
    Row(u64),
}

impl fmt::Display for RowNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Row(n) => write!(f, "row {n}"),
        }
    }
}

/// Why a file could not be opened or read.
///
/// Every message names the file, and where it can the row, the column and the offending cell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A parameter of the request is outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The file name has no ending that names a format.
    #[error("{file}: unknown file format (accepted: {})", crate::format::ACCEPTED)]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// The operating system could not open or read the file.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file has no bytes.
    #[error("{file}: the file is empty (0 bytes)")]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// The file was read to its end and holds no data row, or no feature.
    #[error("{file}: there is no data row")]
    NoRows {
        /// The file.
        file: String,
    },
    /// The file does not follow its format, or ends too early.
    #[error("{file}: not a valid {format} file: {detail}")]
    Malformed {
        /// The file.
        file: String,
        /// The format it was read as.
        format: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The file follows its format in a way that this crate does not read.
    #[error("{file}: {detail}")]
    Unsupported {
        /// The file.
        file: String,
        /// What is not read, and what would be.
        detail: String,
    },
    /// Two columns have the same name.
    #[error("{file}: column name \"{name}\" appears twice (columns {first} and {second})")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        name: String,
        /// The first column of that name, from 1.
        first: usize,
        /// The second column of that name, from 1.
        second: usize,
    },
    /// A requested column does not exist.
    #[error("{file}: no column \"{name}\"{} (columns: {})", Suggestion(.nearest), .columns.join(", "))]
    MissingColumn {
        /// The file.
        file: String,
        /// The requested name.
        name: String,
        /// The most similar name that exists, if one is similar.
        nearest: Option<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// A requested column has a type that cannot be read.
    #[error("{file}: column \"{name}\" cannot be read: {reason}")]
    UnusableColumn {
        /// The file.
        file: String,
        /// The column.
        name: String,
        /// Why, and what would be accepted.
        reason: String,
    },
    /// A row of a text table has another number of fields than its header.
    #[error("{file}, {row}: {found} fields (accepted: {expected}, as in the header)")]
    RaggedRow {
        /// The file.
        file: String,
        /// The row.
        row: RowNumber,
        /// Its number of fields.
        found: u64,
        /// The number of columns.
        expected: u64,
    },
    /// Text that is not UTF-8.
    #[error("{file}, {row}: the text is not UTF-8 (accepted: UTF-8; save or convert the file as such)")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The row.
        row: RowNumber,
    },
    /// A cell that is no number where a number is wanted.
    #[error("{file}, {row}, column \"{column}\": \"{text}\" is not a number")]
    NotANumber {
        /// The file.
        file: String,
        /// The row.
        row: RowNumber,
        /// The column.
        column: String,
        /// The cell, as it stands in the file.
        text: String,
    },
    /// A missing or non-finite cell under [`MissingPolicy::Error`](crate::MissingPolicy::Error).
    #[error(
        "{file}, {row}, column \"{column}\": {reason}: \"{text}\" (accepted: a value, or rows with missing values skipped)"
    )]
    MissingValue {
        /// The file.
        file: String,
        /// The row.
        row: RowNumber,
        /// The column.
        column: String,
        /// The cell, as it stands in the file.
        text: String,
        /// What is missing about it.
        reason: MissingReason,
    },
    /// A feature of a polygon layer that cannot serve as a partition.
    #[error("{file}, feature {feature}: {detail} (accepted: polygons of at least three distinct points)")]
    BadPolygon {
        /// The file.
        file: String,
        /// The feature, from 1.
        feature: usize,
        /// What is wrong.
        detail: String,
    },
    /// Two rasters that do not cover the same pixels.
    #[error(
        "rasters differ in {what}: {truth_file} has {truth}, {pred_file} has {pred} (accepted: rasters on the same pixels)"
    )]
    RasterMismatch {
        /// In what they differ.
        what: &'static str,
        /// The file with the truth.
        truth_file: String,
        /// What it has.
        truth: String,
        /// The file with the prediction.
        pred_file: String,
        /// What that has.
        pred: String,
    },
    /// A label column has more than 4,294,967,294 distinct labels.
    #[error("{file}: more than 4294967294 distinct labels")]
    TooManyLabels {
        /// The file.
        file: String,
    },
}

impl DataError {
    /// Names the offending `file` for an error of the operating system; early ends are malformed files.
    pub(crate) fn io(file: &str, format: &'static str, source: std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match source.kind() {
            UnexpectedEof | InvalidData | InvalidInput => Self::malformed(file, format, source),
            _ => Self::Io {
                file: file.to_owned(),
                source,
            },
        }
    }

    pub(crate) fn malformed(file: &str, format: &'static str, detail: impl fmt::Display) -> Self {
        Self::Malformed {
            file: file.to_owned(),
            format,
            detail: detail.to_string(),
        }
    }

    pub(crate) fn unsupported(file: &str, detail: impl Into<String>) -> Self {
        Self::Unsupported {
            file: file.to_owned(),
            detail: detail.into(),
        }
    }
}

struct Suggestion<'a>(&'a Option<String>);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "; did you mean \"{name}\"?"),
            None => Ok(()),
        }
    }
}
