//! The reading of a table, batch by batch.

use std::fmt;

use wherefair_core::ParamError;

use crate::block::{Block, ColumnBuffer, RowSource};
use crate::column::{ColumnInfo, find};
use crate::error::{DataError, RowNumber};
use crate::interner::{Interner, NO_CODE};
use crate::request::{Batch, ColumnValues, MissingPolicy, MissingReason, ReadRequest, SkippedColumn, Want};

/// The batches of one reading of a table, made by [`Table::read`](crate::Table::read).
///
/// Batches come in the order of the file and hold at most the requested number of rows; the same rows come
/// back, with the same label codes, whatever that number is. After an error the iteration ends.
pub struct Batches {
    file: String,
    source: Box<dyn RowSource>,
    block: Block,
    batch_rows: usize,
    missing: MissingPolicy,
    dictionaries: Vec<Interner>,
    /// For each requested column, its dictionary and the code there of each of its raw codes.
    translations: Vec<Option<Translation>>,
    skipped: Vec<SkippedColumn>,
    n_skipped: u64,
    rows_read: u64,
    is_done: bool,
}

struct Translation {
    dictionary: usize,
    codes: Vec<u32>,
}

impl fmt::Debug for Batches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("file", &self.file)
            .field("rows_read", &self.rows_read)
            .field("n_skipped", &self.n_skipped)
            .finish_non_exhaustive()
    }
}

/// The indices of the requested columns in `columns`, the request having been checked.
pub(crate) fn resolve(
    file: &str,
    columns: &[ColumnInfo],
    request: &ReadRequest,
) -> Result<Vec<usize>, DataError> {
    if request.columns.is_empty() {
        return Err(ParamError::new("columns", "none", "at least one column").into());
    }
    if request.batch_rows == 0 {
        return Err(ParamError::new("batch_rows", 0, "a whole number of at least 1").into());
    }
    let mut is_shared = vec![false; request.columns.len()];
    for &i in request.shared_labels.iter().flatten() {
        let is_label = request
            .columns
            .get(i)
            .is_some_and(|column| column.want == Want::Label);
        if !is_label || std::mem::replace(&mut is_shared[i], true) {
            return Err(ParamError::new(
                "shared_labels",
                format!("{:?}", request.shared_labels),
                "groups of indices of label columns, each index at most once",
            )
            .into());
        }
    }
    request
        .columns
        .iter()
        .map(|column| find(file, columns, &column.name))
        .collect()
}

impl Batches {
    /// Starts to read; `indices` are those that [`resolve`] gave.
    pub(crate) fn new(
        file: String,
        columns: &[ColumnInfo],
        request: &ReadRequest,
        indices: &[usize],
        source: Box<dyn RowSource>,
    ) -> Self {
        let buffers = request.columns.iter().zip(indices);
        let buffers =
            buffers.map(|(column, &i)| ColumnBuffer::new(&column.name, column.want, columns[i].kind));
        let mut dictionaries: Vec<Interner> = request
            .shared_labels
            .iter()
            .map(|_| Interner::default())
            .collect();
        let translation = |(i, column): (usize, &crate::ColumnRequest)| {
            (column.want == Want::Label).then(|| {
                let shared = request.shared_labels.iter().position(|group| group.contains(&i));
                let dictionary = shared.unwrap_or_else(|| {
                    dictionaries.push(Interner::default());
                    dictionaries.len() - 1
                });
                Translation {
                    dictionary,
                    codes: Vec::new(),
                }
            })
        };
        let translations = request.columns.iter().enumerate().map(translation).collect();
        let skipped = |column: &crate::ColumnRequest| SkippedColumn {
            name: column.name.clone(),
            n_empty: 0,
            n_not_finite: 0,
            n_nodata: 0,
        };
        Self {
            file,
            source,
            block: Block {
                columns: buffers.collect(),
                lines: Vec::new(),
            },
            batch_rows: request.batch_rows,
            missing: request.missing,
            dictionaries,
            translations,
            skipped: request.columns.iter().map(skipped).collect(),
            n_skipped: 0,
            rows_read: 0,
            is_done: false,
        }
    }

    /// The dictionary so far of requested column `request_idx`: label number i is the i-th distinct label, in
    /// the order in which kept rows show them (row by row, within a row in the order of the request). Empty
    /// for a column of numbers.
    pub fn labels(&self, request_idx: usize) -> &[String] {
        match self.translations.get(request_idx) {
            Some(Some(translation)) => self.dictionaries[translation.dictionary].labels(),
            _ => &[],
        }
    }

    /// The number of rows left out so far.
    pub fn n_skipped(&self) -> u64 {
        self.n_skipped
    }

    /// The cells that made rows be left out so far, by requested column.
    pub fn skipped_by_column(&self) -> &[SkippedColumn] {
        &self.skipped
    }

    /// The number of rows read so far, kept or left out.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// About how many of the [`n_bytes`](crate::Table::n_bytes) of the file have been read, for showing
    /// progress.
    pub fn bytes_read_hint(&self) -> u64 {
        self.source.bytes_read(self.rows_read)
    }

    fn advance(&mut self) -> Result<Option<Batch>, DataError> {
        loop {
            self.block.lines.clear();
            self.block.columns.iter_mut().for_each(ColumnBuffer::clear);
            let n_rows = self.source.fill(&mut self.block, self.batch_rows)?;
            if n_rows == 0 {
                if self.rows_read == 0 {
                    return Err(DataError::NoRows {
                        file: self.file.clone(),
                    });
                }
                return Ok(None);
            }
            let first_row = self.rows_read;
            let is_skipped = self.skip(n_rows)?;
            self.rows_read += n_rows as u64;
            let first_kept = match &is_skipped {
                None => Some(0),
                Some(is_skipped) => is_skipped.iter().position(|skipped| !skipped),
            };
            if let Some(first_kept) = first_kept {
                return self
                    .keep(is_skipped, first_row, first_row + first_kept as u64)
                    .map(Some);
            }
        }
    }

    /// Which rows of the block are to be left out; `None` when none is.
    fn skip(&mut self, n_rows: usize) -> Result<Option<Vec<bool>>, DataError> {
        for column in self
            .block
            .columns
            .iter_mut()
            .filter(|column| column.want == Want::Number)
        {
            column.list_not_finite();
        }
        let is_whole = self.block.columns.iter().all(|column| column.missing.is_empty());
        if is_whole || self.missing == MissingPolicy::Keep {
            return Ok(None);
        }
        if self.missing == MissingPolicy::Error {
            self.refuse_missing()?;
        }
        let mut is_skipped = vec![false; n_rows];
        for (column, counts) in self.block.columns.iter().zip(&mut self.skipped) {
            for missing in &column.missing {
                is_skipped[missing.row] = true;
                match missing.reason {
                    MissingReason::Empty => counts.n_empty += 1,
                    MissingReason::NotFinite => counts.n_not_finite += 1,
                    MissingReason::Nodata => counts.n_nodata += 1,
                }
            }
        }
        self.n_skipped += is_skipped.iter().filter(|&&skipped| skipped).count() as u64;
        Ok(Some(is_skipped))
    }

    /// The error of the first missing cell that the source does not leave out by itself.
    fn refuse_missing(&self) -> Result<(), DataError> {
        let ignores = |reason| reason == MissingReason::Nodata && self.source.skips_nodata();
        let first_of = |column: &ColumnBuffer| {
            column
                .missing
                .iter()
                .find(|missing| !ignores(missing.reason))
                .cloned()
        };
        let firsts = self
            .block
            .columns
            .iter()
            .filter_map(|column| Some((first_of(column)?, &column.name)));
        let Some((missing, column)) = firsts.min_by_key(|(missing, _)| missing.row) else {
            return Ok(());
        };
        let row = match self.block.lines.get(missing.row) {
            Some(&line) => RowNumber::Line(line),
            None => RowNumber::Row(self.rows_read + missing.row as u64 + 1),
        };
        Err(DataError::MissingValue {
            file: self.file.clone(),
            row,
            column: column.clone(),
            text: missing.text.unwrap_or_default().into(),
            reason: missing.reason,
        })
    }

    fn keep(
        &mut self,
        is_skipped: Option<Vec<bool>>,
        block_row: u64,
        first_row: u64,
    ) -> Result<Batch, DataError> {
        if let Some(is_skipped) = &is_skipped {
            for column in &mut self.block.columns {
                let mut rows = is_skipped.iter();
                column.numbers.retain(|_| rows.next() == Some(&false));
                let mut rows = is_skipped.iter();
                column.codes.retain(|_| rows.next() == Some(&false));
            }
        }
        self.translate()?;
        let values = |column: &mut ColumnBuffer| match column.want {
            Want::Number => ColumnValues::Numbers(std::mem::take(&mut column.numbers)),
            Want::Label => ColumnValues::Labels(std::mem::take(&mut column.codes)),
        };
        let columns: Vec<ColumnValues> = self.block.columns.iter_mut().map(values).collect();
        let n_rows = match &columns[0] {
            ColumnValues::Numbers(values) => values.len(),
            ColumnValues::Labels(codes) => codes.len(),
        };
        Ok(Batch {
            first_row,
            columns,
            n_rows,
            block_row,
            is_skipped,
        })
    }

    /// Turns raw codes into codes of the dictionaries. New labels are entered row by row, so that neither the
    /// size of batches nor skipped rows show in the dictionaries.
    fn translate(&mut self) -> Result<(), DataError> {
        let too_many = || DataError::TooManyLabels {
            file: self.file.clone(),
        };
        let mut newcomers = Vec::new();
        for (i, (column, translation)) in self.block.columns.iter().zip(&mut self.translations).enumerate() {
            let Some(translation) = translation else { continue };
            translation.codes.resize(column.interner.labels().len(), NO_CODE);
            // Missing labels that are kept; of those that are not, no row is left.
            let mut missing = column.missing.iter().map(|missing| missing.row).peekable();
            for (row, &raw) in column.codes.iter().enumerate() {
                if self.missing == MissingPolicy::Keep && missing.next_if_eq(&row).is_some() {
                    continue;
                }
                match translation.codes.get(raw as usize) {
                    None => return Err(too_many()),
                    Some(&NO_CODE) => newcomers.push((row, i, raw as usize)),
                    Some(_) => {}
                }
            }
        }
        newcomers.sort_unstable();
        for (_, i, raw) in newcomers {
            if let Some(translation) = &mut self.translations[i] {
                let label = &self.block.columns[i].interner.labels()[raw];
                let code = self.dictionaries[translation.dictionary].text(label);
                if code == NO_CODE {
                    return Err(too_many());
                }
                translation.codes[raw] = code;
            }
        }
        for (column, translation) in self.block.columns.iter_mut().zip(&self.translations) {
            if let Some(translation) = translation {
                for code in &mut column.codes {
                    *code = translation.codes.get(*code as usize).copied().unwrap_or(NO_CODE);
                }
            }
        }
        Ok(())
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let item = self.advance().transpose();
        self.is_done = !matches!(item, Some(Ok(_)));
        item
    }
}
