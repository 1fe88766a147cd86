//! Reads whole tables, for comparing.

use std::path::PathBuf;

use wherefair_data::{
    ColumnRequest, ColumnValues, DataError, Format, MissingPolicy, ReadRequest, SkippedColumn, Table, Want,
};

/// A fixture, made by `fixtures/make.py`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

pub(crate) fn csv(text: &str) -> Table {
    Table::from_bytes("t.csv", text.as_bytes().to_vec(), Format::Csv).unwrap()
}

/// A whole table: columns of numbers or of label texts, and what was skipped.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Whole {
    pub(crate) numbers: Vec<Vec<f64>>,
    pub(crate) codes: Vec<Vec<u32>>,
    pub(crate) labels: Vec<Vec<String>>,
    pub(crate) skipped: Vec<SkippedColumn>,
    pub(crate) n_skipped: u64,
}

impl Whole {
    /// The label texts of requested column `i`.
    pub(crate) fn texts(&self, i: usize) -> Vec<&str> {
        self.codes[i]
            .iter()
            .map(|&code| self.labels[i][code as usize].as_str())
            .collect()
    }
}

pub(crate) fn request(numbers: &[&str], labels: &[&str]) -> ReadRequest {
    let numbers = numbers.iter().map(|&name| ColumnRequest::number(name));
    ReadRequest::new(
        numbers
            .chain(labels.iter().map(|&name| ColumnRequest::label(name)))
            .collect(),
    )
}

pub(crate) fn read(table: &Table, request: &ReadRequest) -> Result<Whole, DataError> {
    let n = request.columns.len();
    let mut whole = Whole {
        numbers: vec![vec![]; n],
        codes: vec![vec![]; n],
        ..Whole::default()
    };
    let mut batches = table.read(request)?;
    let mut next_row = 0;
    for batch in batches.by_ref() {
        let batch = batch?;
        assert!((1..=request.batch_rows).contains(&batch.n_rows()));
        assert!(batch.first_row >= next_row);
        next_row = batch.first_row + batch.n_rows() as u64;
        for (i, column) in batch.columns.iter().enumerate() {
            match column {
                ColumnValues::Numbers(values) => {
                    assert_eq!(
                        (request.columns[i].want, values.len()),
                        (Want::Number, batch.n_rows())
                    );
                    assert!(values.iter().all(|value| value.is_finite()));
                    whole.numbers[i].extend(values);
                }
                ColumnValues::Labels(codes) => {
                    assert_eq!(
                        (request.columns[i].want, codes.len()),
                        (Want::Label, batch.n_rows())
                    );
                    whole.codes[i].extend(codes);
                }
            }
        }
    }
    assert!(batches.next().is_none());
    assert!(batches.bytes_read_hint() <= table.n_bytes());
    whole.labels = (0..n).map(|i| batches.labels(i).to_vec()).collect();
    whole.skipped = batches.skipped_by_column().to_vec();
    whole.n_skipped = batches.n_skipped();
    let n_kept = whole
        .numbers
        .iter()
        .zip(&whole.codes)
        .map(|(a, b)| a.len() + b.len())
        .max()
        .unwrap_or(0);
    assert_eq!(batches.rows_read(), n_kept as u64 + whole.n_skipped);
    if let Some(n_rows) = table.n_rows() {
        assert_eq!(batches.rows_read(), n_rows);
    }
    Ok(whole)
}

/// Reads columns of numbers, skipping rows with missing values.
pub(crate) fn numbers(table: &Table, names: &[&str]) -> Vec<Vec<f64>> {
    let mut request = request(names, &[]);
    request.missing = MissingPolicy::Skip;
    read(table, &request).unwrap().numbers
}

/// Reads columns of labels, skipping rows with missing values.
pub(crate) fn labels(table: &Table, name: &str) -> Vec<String> {
    let mut request = request(&[], &[name]);
    request.missing = MissingPolicy::Skip;
    read(table, &request)
        .unwrap()
        .texts(0)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// The message of the error that reading ends with.
pub(crate) fn error(table: &Table, request: &ReadRequest) -> String {
    read(table, request).unwrap_err().to_string()
}
