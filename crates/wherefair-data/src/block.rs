//! Raw rows on their way from a file to a batch: every row is there, and what is missing is listed.

use crate::cell::{NumberCell, parse_bool, parse_number};
use crate::column::ColumnKind;
use crate::error::{DataError, RowNumber};
use crate::interner::{Interner, NO_CODE};
use crate::request::{MissingReason, Want};

/// Gives the rows of one reading of a table, in order.
pub(crate) trait RowSource: Send {
    /// Appends up to `max_rows` rows to every column of `block` and returns how many; 0 only at the end.
    fn fill(&mut self, block: &mut Block, max_rows: usize) -> Result<usize, DataError>;

    /// About how many bytes of the file have been read, given the number of rows read.
    fn bytes_read(&self, rows_read: u64) -> u64;

    /// Whether pixels without data are left out whatever the policy.
    fn skips_nodata(&self) -> bool {
        false
    }
}

/// Raw rows.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) columns: Vec<ColumnBuffer>,
    /// The line of each row, in files that have lines.
    pub(crate) lines: Vec<u64>,
}

/// A cell that is not a number where a number is wanted.
#[derive(Debug)]
pub(crate) struct NotANumber(pub(crate) String);

impl NotANumber {
    pub(crate) fn at(self, file: &str, row: RowNumber, column: &str) -> DataError {
        DataError::NotANumber {
            file: file.to_owned(),
            row,
            column: column.to_owned(),
            text: self.0,
        }
    }
}

/// A missing cell; its text is kept for the first of each reason in a block.
#[derive(Debug, Clone)]
pub(crate) struct Missing {
    pub(crate) row: usize,
    pub(crate) reason: MissingReason,
    pub(crate) text: Option<Box<str>>,
}

/// One raw column. A missing number is NaN, a missing label [`NO_CODE`], and both are in `missing`.
#[derive(Debug)]
pub(crate) struct ColumnBuffer {
    pub(crate) name: String,
    pub(crate) want: Want,
    pub(crate) kind: ColumnKind,
    pub(crate) numbers: Vec<f64>,
    pub(crate) codes: Vec<u32>,
    pub(crate) interner: Interner,
    pub(crate) missing: Vec<Missing>,
    /// The reasons that `missing` shows, in no order.
    reasons: Vec<MissingReason>,
}

impl ColumnBuffer {
    pub(crate) fn new(name: &str, want: Want, kind: ColumnKind) -> Self {
        Self {
            name: name.to_owned(),
            want,
            kind,
            numbers: Vec::new(),
            codes: Vec::new(),
            interner: Interner::default(),
            missing: Vec::new(),
            reasons: Vec::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.codes.clear();
        self.missing.clear();
        self.reasons.clear();
    }

    fn len(&self) -> usize {
        match self.want {
            Want::Number => self.numbers.len(),
            Want::Label => self.codes.len(),
        }
    }

    pub(crate) fn push_missing(&mut self, reason: MissingReason, text: &str) {
        let row = self.len();
        let is_first = !self.reasons.contains(&reason);
        if is_first {
            self.reasons.push(reason);
        }
        self.missing.push(Missing {
            row,
            reason,
            text: is_first.then(|| text.into()),
        });
        match self.want {
            Want::Number => self.numbers.push(f64::NAN),
            Want::Label => self.codes.push(NO_CODE),
        }
    }

    pub(crate) fn push_real(&mut self, value: f64) {
        match self.want {
            Want::Number => self.numbers.push(value),
            Want::Label if value.is_finite() => self.codes.push(self.interner.real(value)),
            Want::Label => self.push_missing(MissingReason::NotFinite, &value.to_string()),
        }
    }

    pub(crate) fn push_integer(&mut self, value: i64) {
        match self.want {
            Want::Number => self.numbers.push(value as f64),
            Want::Label => self.codes.push(self.interner.integer(value)),
        }
    }

    pub(crate) fn push_bool(&mut self, value: bool) {
        match self.want {
            Want::Number => self.numbers.push(f64::from(u8::from(value))),
            Want::Label => self
                .codes
                .push(self.interner.text(if value { "true" } else { "false" })),
        }
    }

    /// Pushes a label whose text was made of something else, such as a date.
    pub(crate) fn push_label(&mut self, label: &str) {
        self.codes.push(self.interner.text(label));
    }

    /// Pushes a cell of text.
    ///
    /// Labels are the text as it stands, except in columns of numbers and truth values, where equal values
    /// have equal labels however they are spelled.
    pub(crate) fn push_text(&mut self, text: &str) -> Result<(), NotANumber> {
        let as_bool = || {
            if self.kind == ColumnKind::Boolean {
                parse_bool(text.as_bytes())
            } else {
                None
            }
        };
        match self.want {
            Want::Number => match parse_number(text.as_bytes()) {
                NumberCell::Number(value) => self.numbers.push(value),
                NumberCell::Missing(reason) => self.push_missing(reason, text),
                NumberCell::NotANumber => match as_bool() {
                    Some(value) => self.push_bool(value),
                    None => return Err(NotANumber(text.to_owned())),
                },
            },
            Want::Label if text.trim().is_empty() => self.push_missing(MissingReason::Empty, text),
            Want::Label => match (self.kind, as_bool()) {
                (_, Some(value)) => self.push_bool(value),
                (ColumnKind::Integer | ColumnKind::Real, _) => self.push_numeric_label(text),
                _ => self.push_label(text),
            },
        }
        Ok(())
    }

    fn push_numeric_label(&mut self, text: &str) {
        if let Ok(value) = text.trim().parse() {
            return self.push_integer(value);
        }
        let digits = text.trim().trim_start_matches('-');
        match parse_number(text.as_bytes()) {
            // Whole numbers of more than 64 bits stay apart as text; as reals they would merge.
            NumberCell::Number(_) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.push_label(text.trim());
            }
            NumberCell::Number(value) => self.push_real(value),
            NumberCell::Missing(reason) => self.push_missing(reason, text),
            NumberCell::NotANumber => self.push_label(text),
        }
    }

    /// Lists the numbers that are not finite and not yet listed as missing.
    pub(crate) fn list_not_finite(&mut self) {
        const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
        let is_bad = |value: &f64| value.to_bits() & EXPONENT == EXPONENT;
        let n_bad: usize = self.numbers.iter().map(|value| usize::from(is_bad(value))).sum();
        if n_bad == self.missing.len() {
            return;
        }
        let mut listed = std::mem::take(&mut self.missing).into_iter().peekable();
        let mut is_first = true;
        for (row, value) in self.numbers.iter().enumerate().filter(|(_, value)| is_bad(value)) {
            if let Some(missing) = listed.next_if(|missing| missing.row == row) {
                self.missing.push(missing);
                continue;
            }
            let text = is_first.then(|| value.to_string().into());
            is_first = false;
            self.missing.push(Missing {
                row,
                reason: MissingReason::NotFinite,
                text,
            });
        }
    }
}
