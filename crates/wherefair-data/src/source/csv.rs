//! Delimited text, plain or compressed.

use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use flate2::read::MultiGzDecoder;

use crate::DataError;
use crate::block::{Block, RowSource};
use crate::cell::{NumberCell, parse_bool, parse_number};
use crate::column::{ColumnInfo, ColumnKind, check_unique};
use crate::error::RowNumber;
use crate::input::{Counting, Input};
use crate::request::MissingReason;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BUFFER_BYTES: usize = 1 << 16;
const N_ROWS_TO_GUESS_KINDS: usize = 10_000;

/// A delimited text file whose header has been read.
#[derive(Debug, Clone)]
pub(crate) struct CsvTable {
    input: Input,
    delimiter: u8,
    columns: Vec<ColumnInfo>,
}

impl CsvTable {
    pub(crate) fn open(input: Input) -> Result<Self, DataError> {
        let file = input.name();
        let (mut text, _) = open_text(&input)?;
        let mut start = Vec::new();
        let sniffed = text.by_ref().take(BUFFER_BYTES as u64).read_to_end(&mut start);
        sniffed.map_err(|error| DataError::io(&file, "CSV", error))?;
        let is_tsv = file.to_lowercase().trim_end_matches(".gz").rsplit('.').next() == Some("tsv");
        let delimiter = sniff_delimiter(&start, if is_tsv { b'\t' } else { b',' });

        let mut reader = reader(delimiter, start.as_slice().chain(text));
        let header = reader
            .byte_headers()
            .map_err(|error| csv_error(&file, error))?
            .clone();
        if header.is_empty() {
            return Err(DataError::malformed(&file, "CSV", "there is no header line"));
        }
        let mut columns = Vec::with_capacity(header.len());
        for name in &header {
            let name = std::str::from_utf8(name).map_err(|_| DataError::NotUtf8 {
                file: file.clone(),
                row: RowNumber::Line(1),
            })?;
            columns.push(ColumnInfo::new(name.trim(), ColumnKind::Text));
        }
        check_unique(&file, &columns)?;
        guess_kinds(&mut reader, &mut columns);
        Ok(Self {
            input,
            delimiter,
            columns,
        })
    }

    pub(crate) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    pub(crate) fn read(&self, indices: &[usize]) -> Result<Box<dyn RowSource>, DataError> {
        let (text, count) = open_text(&self.input)?;
        Ok(Box::new(CsvRows {
            file: self.input.name(),
            reader: reader(self.delimiter, text),
            record: ByteRecord::new(),
            indices: indices.to_vec(),
            count,
        }))
    }
}

type Text = Box<dyn Read + Send>;

/// The inflated text and a count of the bytes taken from the file so far.
fn open_text(input: &Input) -> Result<(Text, Arc<AtomicU64>), DataError> {
    let io = |error| DataError::io(&input.name(), "CSV", error);
    let mut file = input.open()?;
    let mut magic = Vec::new();
    file.by_ref()
        .take(GZIP_MAGIC.len() as u64)
        .read_to_end(&mut magic)
        .map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let (counting, count) = Counting::new(file);
    if magic == GZIP_MAGIC {
        let buffered = BufReader::with_capacity(BUFFER_BYTES, counting);
        return Ok((Box::new(MultiGzDecoder::new(buffered)), count));
    }
    Ok((Box::new(counting), count))
}

fn reader<R: Read>(delimiter: u8, text: R) -> Reader<R> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(text)
}

/// The delimiter that occurs most often in the first line, outside quotes; `default` when none occurs.
fn sniff_delimiter(start: &[u8], default: u8) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(default, 0_usize), (b',', 0), (b';', 0), (b'\t', 0)];
    for &byte in start {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts
                .iter_mut()
                .filter(|(delimiter, _)| *delimiter == byte)
                .for_each(|(_, n)| *n += 1),
        }
    }
    // The default comes first and so wins ties.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, n)| *n)
        .map_or(default, |(delimiter, _)| *delimiter)
}

/// Guesses kinds from the first rows; what is wrong with a row is left for reading to report.
fn guess_kinds<R: Read>(reader: &mut Reader<R>, columns: &mut [ColumnInfo]) {
    let mut guesses: Vec<Option<ColumnKind>> = vec![None; columns.len()];
    let mut record = ByteRecord::new();
    for _ in 0..N_ROWS_TO_GUESS_KINDS {
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            break;
        }
        for (guess, cell) in guesses.iter_mut().zip(&record) {
            if *guess == Some(ColumnKind::Text) {
                continue;
            }
            *guess = match (*guess, kind_of(cell)) {
                (guess, None) => guess,
                (None, kind) => kind,
                (Some(a), Some(b)) if a == b => Some(a),
                (
                    Some(ColumnKind::Integer | ColumnKind::Real),
                    Some(ColumnKind::Integer | ColumnKind::Real),
                ) => Some(ColumnKind::Real),
                _ => Some(ColumnKind::Text),
            };
        }
    }
    for (column, guess) in columns.iter_mut().zip(guesses) {
        column.kind = guess.unwrap_or(ColumnKind::Text);
    }
}

/// The kind that a cell speaks for; `None` when it is missing. Codes with leading zeros are text.
fn kind_of(cell: &[u8]) -> Option<ColumnKind> {
    let cell = cell.trim_ascii();
    match parse_number(cell) {
        NumberCell::Missing(MissingReason::Empty) => None,
        NumberCell::NotANumber => Some(parse_bool(cell).map_or(ColumnKind::Text, |_| ColumnKind::Boolean)),
        NumberCell::Missing(_) => Some(ColumnKind::Real),
        NumberCell::Number(_) => {
            let is_integer = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            let digits = cell.strip_prefix(b"-").unwrap_or(cell);
            Some(match (is_integer(digits), digits) {
                (true, [b'0', _, ..]) => ColumnKind::Text,
                (true, _) => ColumnKind::Integer,
                _ => ColumnKind::Real,
            })
        }
    }
}

struct CsvRows {
    file: String,
    reader: Reader<Text>,
    record: ByteRecord,
    indices: Vec<usize>,
    count: Arc<AtomicU64>,
}

impl RowSource for CsvRows {
    fn fill(&mut self, block: &mut Block, max_rows: usize) -> Result<usize, DataError> {
        for n_rows in 0..max_rows {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(n_rows),
                Err(error) => return Err(csv_error(&self.file, error)),
            }
            let line = self.record.position().map_or(0, csv::Position::line);
            block.lines.push(line);
            for (column, &index) in block.columns.iter_mut().zip(&self.indices) {
                let cell = self.record.get(index).unwrap_or_default();
                let row = RowNumber::Line(line);
                let text = std::str::from_utf8(cell).map_err(|_| DataError::NotUtf8 {
                    file: self.file.clone(),
                    row,
                })?;
                column
                    .push_text(text)
                    .map_err(|bad| bad.at(&self.file, row, &column.name))?;
            }
        }
        Ok(max_rows)
    }

    fn bytes_read(&self, _rows_read: u64) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

fn csv_error(file: &str, error: csv::Error) -> DataError {
    let message = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(error) => DataError::io(file, "CSV", error),
        ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => DataError::RaggedRow {
            file: file.to_owned(),
            row: RowNumber::Line(pos.map_or(0, |pos| pos.line())),
            found: len,
            expected: expected_len,
        },
        _ => DataError::malformed(file, "CSV", message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_commonest_outside_quotes() {
        assert_eq!(sniff_delimiter(b"a;b;c\n1,2", b','), b';');
        assert_eq!(sniff_delimiter(b"\"a;;;\",b\n", b','), b',');
        assert_eq!(sniff_delimiter(b"a\tb", b','), b'\t');
        assert_eq!(sniff_delimiter(b"a,b\tc", b'\t'), b'\t');
        assert_eq!(sniff_delimiter(b"a,b\tc", b','), b',');
        assert_eq!(sniff_delimiter(b"", b'\t'), b'\t');
    }

    #[test]
    fn kinds_are_told_from_cells() {
        for (cell, kind) in [
            ("12", Some(ColumnKind::Integer)),
            ("-0", Some(ColumnKind::Integer)),
            ("007", Some(ColumnKind::Text)),
            ("1.0", Some(ColumnKind::Real)),
            ("nan", Some(ColumnKind::Real)),
            ("True", Some(ColumnKind::Boolean)),
            ("x", Some(ColumnKind::Text)),
            ("NA", None),
            ("", None),
        ] {
            assert_eq!(kind_of(cell.as_bytes()), kind, "{cell}");
        }
    }
}
