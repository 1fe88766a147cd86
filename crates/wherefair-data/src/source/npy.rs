//! `NumPy` arrays: their cells, and tables of one array in an `.npy` file.

use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};

use super::memory::{Cell, MemoryColumn, MemoryTable};
use crate::DataError;
use crate::block::{Block, ColumnBuffer, RowSource};
use crate::column::{ColumnInfo, ColumnKind};
use crate::error::RowNumber;
use crate::input::{Counting, Input};

/// Cells are decoded in pieces of about this many bytes, so that a header cannot reserve memory that the file
/// does not fill.
const PIECE_BYTES: usize = 1 << 16;

/// How one cell is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CellType {
    kind: TypeChar,
    n_bytes: usize,
    is_big_endian: bool,
}

/// What the header of an array says.
#[derive(Debug, Clone)]
pub(crate) struct ArrayHeader {
    pub(crate) shape: Vec<u64>,
    pub(crate) order: Order,
    pub(crate) cell: Result<CellType, String>,
}

impl ArrayHeader {
    pub(crate) fn new(header: &NpyHeader) -> Self {
        Self {
            shape: header.shape().to_vec(),
            order: header.order(),
            cell: CellType::new(&header.dtype()),
        }
    }

    pub(crate) fn n_cells(&self) -> Result<usize, String> {
        let n = self
            .shape
            .iter()
            .try_fold(1_u64, |product, &n| product.checked_mul(n));
        n.and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| format!("the shape {:?} is too large", self.shape))
    }
}

impl CellType {
    fn new(dtype: &DType) -> Result<Self, String> {
        let refuse = || {
            format!(
                "its type is {} (accepted: booleans, integers, floats of up to 8 bytes, text)",
                dtype.descr()
            )
        };
        let DType::Plain(plain) = dtype else {
            return Err(refuse());
        };
        let n_bytes = plain.num_bytes().ok_or_else(refuse)?;
        let is_known = match plain.type_char() {
            TypeChar::Bool => n_bytes == 1,
            TypeChar::Int | TypeChar::Uint => matches!(n_bytes, 1 | 2 | 4 | 8),
            TypeChar::Float => matches!(n_bytes, 4 | 8),
            TypeChar::ByteStr | TypeChar::UnicodeStr => n_bytes > 0 && n_bytes <= PIECE_BYTES,
            _ => false,
        };
        let is_big_endian = plain.endianness() == Endianness::Big;
        if is_known {
            Ok(Self {
                kind: plain.type_char(),
                n_bytes,
                is_big_endian,
            })
        } else {
            Err(refuse())
        }
    }

    pub(crate) const fn column_kind(self) -> ColumnKind {
        match self.kind {
            TypeChar::Bool => ColumnKind::Boolean,
            TypeChar::Int | TypeChar::Uint => ColumnKind::Integer,
            TypeChar::Float => ColumnKind::Real,
            _ => ColumnKind::Text,
        }
    }

    /// The value of a cell of `n_bytes` bytes.
    fn decode(self, bytes: &[u8]) -> Cell {
        let mut word = [0; 8];
        if self.n_bytes <= word.len() {
            word[..self.n_bytes].copy_from_slice(bytes);
            if self.is_big_endian {
                word[..self.n_bytes].reverse();
            }
        }
        let word = u64::from_le_bytes(word);
        match (self.kind, self.n_bytes) {
            (TypeChar::Bool, _) => Cell::Bool(word != 0),
            (TypeChar::Uint, _) => i64::try_from(word).map_or(Cell::Real(word as f64), Cell::Integer),
            (TypeChar::Int, n) => {
                let unused_bits = 64 - 8 * n;
                Cell::Integer((word << unused_bits).cast_signed() >> unused_bits)
            }
            #[expect(clippy::cast_possible_truncation, reason = "four bytes were read")]
            (TypeChar::Float, 4) => Cell::Real(f32::from_bits(word as u32).into()),
            (TypeChar::Float, _) => Cell::Real(f64::from_bits(word)),
            (TypeChar::UnicodeStr, _) => {
                let (points, _) = bytes.as_chunks::<4>();
                let point = |bytes: &[u8; 4]| {
                    if self.is_big_endian {
                        u32::from_be_bytes(*bytes)
                    } else {
                        u32::from_le_bytes(*bytes)
                    }
                };
                let text = points
                    .iter()
                    .map(|bytes| char::from_u32(point(bytes)).unwrap_or('\u{fffd}'));
                Cell::Text(text.collect::<String>().trim_end_matches('\0').into())
            }
            _ => Cell::Text(String::from_utf8_lossy(bytes).trim_end_matches('\0').into()),
        }
    }

    /// Reads `n` cells that follow one another.
    fn read(self, reader: &mut dyn Read, n: usize, mut push: impl FnMut(Cell)) -> std::io::Result<()> {
        let cells_per_piece = (PIECE_BYTES / self.n_bytes).max(1);
        let mut piece = vec![0; cells_per_piece.min(n) * self.n_bytes];
        let mut left = n;
        while left > 0 {
            let piece = &mut piece[..cells_per_piece.min(left) * self.n_bytes];
            reader.read_exact(piece)?;
            piece
                .chunks_exact(self.n_bytes)
                .for_each(|bytes| push(self.decode(bytes)));
            left -= piece.len() / self.n_bytes;
        }
        Ok(())
    }
}

/// An `.npy` file whose header has been read.
#[derive(Debug, Clone)]
pub(crate) struct NpyTable {
    input: Input,
    header: ArrayHeader,
    data_offset: u64,
    columns: Vec<ColumnInfo>,
}

impl NpyTable {
    pub(crate) fn open(input: Input) -> Result<Self, DataError> {
        let file = input.name();
        let mut reader = BufReader::new(input.open()?);
        let npy =
            NpyHeader::from_reader(&mut reader).map_err(|error| DataError::malformed(&file, "npy", error))?;
        let data_offset = reader
            .stream_position()
            .map_err(|error| DataError::io(&file, "npy", error))?;
        let header = ArrayHeader::new(&npy);
        let n_columns = match header.shape[..] {
            [_] => 1,
            [_, n_columns] => n_columns,
            _ => {
                let detail = format!("an array of shape {:?} (accepted: (n,) or (n, k))", header.shape);
                return Err(DataError::unsupported(&file, detail));
            }
        };
        let cell = header
            .cell
            .clone()
            .map_err(|reason| DataError::unsupported(&file, reason))?;
        if n_columns == 0 {
            return Err(DataError::NoRows { file });
        }
        // Each column takes room in the file unless there is no row, so this bounds the columns by the file.
        let n_bytes = input.n_bytes()?;
        let n_data_bytes = header
            .n_cells()
            .ok()
            .and_then(|n| (n as u64).checked_mul(cell.n_bytes as u64));
        let expected = n_data_bytes.and_then(|n| n.checked_add(data_offset));
        if expected.is_none_or(|expected| expected > n_bytes) || n_columns > n_bytes {
            let detail = format!(
                "the file has {n_bytes} bytes, too few for its shape {:?}",
                header.shape
            );
            return Err(DataError::malformed(&file, "npy", detail));
        }
        let column = |i| ColumnInfo::new(format!("col_{i}"), cell.column_kind());
        let columns = (0..n_columns).map(column).collect();
        Ok(Self {
            input,
            header,
            data_offset,
            columns,
        })
    }

    pub(crate) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    pub(crate) fn n_rows(&self) -> u64 {
        self.header.shape[0]
    }

    /// Rows in C order are read as they come; an array in Fortran order is read whole.
    pub(crate) fn read(&self, indices: &[usize]) -> Result<Box<dyn RowSource>, DataError> {
        let file = self.input.name();
        let io = |error| DataError::io(&file, "npy", error);
        let cell = self
            .header
            .cell
            .clone()
            .map_err(|reason| DataError::unsupported(&file, reason))?;
        let mut reader = self.input.open()?;
        reader.seek(SeekFrom::Start(self.data_offset)).map_err(io)?;
        let (counting, count) = Counting::new(reader);
        let mut reader = BufReader::with_capacity(PIECE_BYTES, counting);
        if self.header.order == Order::Fortran && self.columns.len() > 1 {
            let n_rows = usize::try_from(self.n_rows())
                .map_err(|error| DataError::unsupported(&file, error.to_string()))?;
            let mut columns = Vec::new();
            for info in &self.columns {
                columns.push((info.clone(), read_column(&mut reader, cell, n_rows).map_err(io)?));
            }
            let table = MemoryTable::new(self.input.name(), self.input.n_bytes()?, n_rows, columns)?;
            return Ok(table.read(indices));
        }
        Ok(Box::new(NpyRows {
            file,
            reader,
            count,
            cell,
            row: vec![0; cell.n_bytes * self.columns.len()],
            rows_left: self.n_rows(),
            rows_read: 0,
            indices: indices.to_vec(),
        }))
    }
}

struct NpyRows<R> {
    file: String,
    reader: R,
    count: Arc<AtomicU64>,
    cell: CellType,
    row: Vec<u8>,
    rows_left: u64,
    rows_read: u64,
    indices: Vec<usize>,
}

impl<R: Read + Send> RowSource for NpyRows<R> {
    fn fill(&mut self, block: &mut Block, max_rows: usize) -> Result<usize, DataError> {
        let n_rows = self.rows_left.min(max_rows as u64);
        for _ in 0..n_rows {
            self.reader
                .read_exact(&mut self.row)
                .map_err(|error| DataError::io(&self.file, "npy", error))?;
            self.rows_read += 1;
            for (column, &index) in block.columns.iter_mut().zip(&self.indices) {
                let start = index * self.cell.n_bytes;
                let cell = self.cell.decode(&self.row[start..start + self.cell.n_bytes]);
                push(column, cell, &self.file, self.rows_read)?;
            }
        }
        self.rows_left -= n_rows;
        Ok(usize::try_from(n_rows).unwrap_or(max_rows))
    }

    fn bytes_read(&self, _rows_read: u64) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

fn push(column: &mut ColumnBuffer, cell: Cell, file: &str, row: u64) -> Result<(), DataError> {
    match cell {
        Cell::Bool(value) => column.push_bool(value),
        Cell::Integer(value) => column.push_integer(value),
        Cell::Real(value) => column.push_real(value),
        Cell::Text(text) => {
            column
                .push_text(&text)
                .map_err(|bad| bad.at(file, RowNumber::Row(row), &column.name))?;
        }
        Cell::Missing | Cell::Nested => column.push_missing(crate::MissingReason::Empty, ""),
    }
    Ok(())
}

pub(crate) fn read_column(reader: &mut dyn Read, cell: CellType, n: usize) -> std::io::Result<MemoryColumn> {
    if cell.kind == TypeChar::Float {
        let mut values = Vec::new();
        cell.read(reader, n, |cell| {
            if let Cell::Real(value) = cell {
                values.push(value);
            }
        })?;
        return Ok(MemoryColumn::Reals(values));
    }
    let mut cells = Vec::new();
    cell.read(reader, n, |cell| cells.push(cell))?;
    Ok(MemoryColumn::Cells(cells))
}
