//! Tables that are held in memory: those of formats that cannot be read row by row.

use std::sync::Arc;

use crate::DataError;
use crate::block::{Block, RowSource};
use crate::column::{ColumnInfo, ColumnKind, check_unique, coordinate_names};
use crate::error::RowNumber;
use crate::geometry::Geometry;
use crate::request::MissingReason;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Missing,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(Box<str>),
    /// A list or another table.
    Nested,
}

/// One column in memory.
#[derive(Debug, Clone)]
pub(crate) enum MemoryColumn {
    Reals(Vec<f64>),
    Cells(Vec<Cell>),
}

/// A table in memory.
#[derive(Debug, Clone)]
pub(crate) struct MemoryTable {
    file: String,
    n_bytes: u64,
    n_rows: usize,
    columns: Vec<ColumnInfo>,
    /// As long as `columns`; unusable columns are empty.
    values: Arc<Vec<MemoryColumn>>,
}

/// One row of a file of shapes.
#[derive(Debug)]
pub(crate) struct Feature {
    pub(crate) geometry: Option<Geometry>,
    /// The cells, in the order of the columns; absent ones at the end are missing.
    pub(crate) cells: Vec<Cell>,
}

impl MemoryTable {
    pub(crate) fn new(
        file: String,
        n_bytes: u64,
        n_rows: usize,
        columns: Vec<(ColumnInfo, MemoryColumn)>,
    ) -> Result<Self, DataError> {
        let (columns, values): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        check_unique(&file, &columns)?;
        Ok(Self {
            file,
            n_bytes,
            n_rows,
            columns,
            values: Arc::new(values),
        })
    }

    /// The table of `features` with the centroids of their shapes as two more columns, whose names are
    /// returned too.
    pub(crate) fn of_features(
        file: String,
        n_bytes: u64,
        names: Vec<String>,
        features: Vec<Feature>,
    ) -> Result<(Self, (String, String)), DataError> {
        let n_rows = features.len();
        let mut cells: Vec<Vec<Cell>> = names.iter().map(|_| Vec::with_capacity(n_rows)).collect();
        let (mut x, mut y) = (Vec::with_capacity(n_rows), Vec::with_capacity(n_rows));
        for feature in features {
            let mut row = feature.cells.into_iter();
            for column in &mut cells {
                column.push(row.next().unwrap_or(Cell::Missing));
            }
            let centroid = feature.geometry.and_then(|geometry| geometry.centroid());
            x.push(centroid.map_or(Cell::Missing, |point| Cell::Real(point.x)));
            y.push(centroid.map_or(Cell::Missing, |point| Cell::Real(point.y)));
        }
        let mut columns: Vec<(ColumnInfo, MemoryColumn)> = names
            .into_iter()
            .zip(cells)
            .map(|(name, cells)| column_of(name, cells))
            .collect();
        let infos: Vec<ColumnInfo> = columns.iter().map(|(info, _)| info.clone()).collect();
        let pair = coordinate_names(&infos);
        for (name, cells) in [(&pair.0, x), (&pair.1, y)] {
            columns.push((
                ColumnInfo::new(name, ColumnKind::Real),
                MemoryColumn::Cells(cells),
            ));
        }
        Ok((Self::new(file, n_bytes, n_rows, columns)?, pair))
    }

    pub(crate) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(crate) fn read(&self, indices: &[usize]) -> Box<dyn RowSource> {
        Box::new(MemoryRows {
            table: self.clone(),
            indices: indices.to_vec(),
            next: 0,
        })
    }
}

/// A column of cells with the kind that they share.
pub(crate) fn column_of(name: String, cells: Vec<Cell>) -> (ColumnInfo, MemoryColumn) {
    let mut kind = None;
    for cell in &cells {
        let of_cell = match cell {
            Cell::Missing => continue,
            Cell::Bool(_) => ColumnKind::Boolean,
            Cell::Integer(_) => ColumnKind::Integer,
            Cell::Real(_) => ColumnKind::Real,
            Cell::Text(_) => ColumnKind::Text,
            Cell::Nested => {
                let info = ColumnInfo::unusable(name, ColumnKind::Text, "it holds lists or tables");
                return (info, MemoryColumn::Cells(Vec::new()));
            }
        };
        kind = match (kind, of_cell) {
            (None, kind) => Some(kind),
            (Some(a), b) if a == b => Some(a),
            (Some(ColumnKind::Integer | ColumnKind::Real), ColumnKind::Integer | ColumnKind::Real) => {
                Some(ColumnKind::Real)
            }
            _ => Some(ColumnKind::Text),
        };
    }
    (
        ColumnInfo::new(name, kind.unwrap_or(ColumnKind::Text)),
        MemoryColumn::Cells(cells),
    )
}

struct MemoryRows {
    table: MemoryTable,
    indices: Vec<usize>,
    next: usize,
}

impl RowSource for MemoryRows {
    fn fill(&mut self, block: &mut Block, max_rows: usize) -> Result<usize, DataError> {
        let rows = self.next..self.table.n_rows.min(self.next.saturating_add(max_rows));
        for (column, &index) in block.columns.iter_mut().zip(&self.indices) {
            match &self.table.values[index] {
                MemoryColumn::Reals(values) => {
                    values[rows.clone()]
                        .iter()
                        .for_each(|&value| column.push_real(value));
                }
                MemoryColumn::Cells(cells) => {
                    for (i, cell) in cells[rows.clone()].iter().enumerate() {
                        match cell {
                            Cell::Missing | Cell::Nested => column.push_missing(MissingReason::Empty, ""),
                            Cell::Bool(value) => column.push_bool(*value),
                            Cell::Integer(value) => column.push_integer(*value),
                            Cell::Real(value) => column.push_real(*value),
                            Cell::Text(text) => {
                                let row = RowNumber::Row((rows.start + i + 1) as u64);
                                column
                                    .push_text(text)
                                    .map_err(|bad| bad.at(&self.table.file, row, &column.name))?;
                            }
                        }
                    }
                }
            }
        }
        self.next = rows.end;
        Ok(rows.len())
    }

    fn bytes_read(&self, rows_read: u64) -> u64 {
        share_of_bytes(self.table.n_bytes, rows_read, self.table.n_rows as u64)
    }
}

/// The share of `n_bytes` that `rows_read` of `n_rows` rows are.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate between 0 and n_bytes"
)]
pub(crate) fn share_of_bytes(n_bytes: u64, rows_read: u64, n_rows: u64) -> u64 {
    (n_bytes as f64 * (rows_read as f64 / n_rows.max(1) as f64)) as u64
}
