//! Several `NumPy` arrays in an `.npz` archive: columns, or the bands of a raster.

use std::io::{Cursor, Read as _};

use npyz::zip::ZipArchive;
use npyz::{NpyHeader, Order};

use super::memory::{MemoryColumn, MemoryTable};
use super::npy::{ArrayHeader, read_column};
use crate::DataError;
use crate::block::RowSource;
use crate::column::{ColumnInfo, ColumnKind, check_unique, coordinate_names};
use crate::input::Input;

/// An `.npz` archive whose headers have been read.
#[derive(Debug, Clone)]
pub(crate) struct NpzTable {
    input: Input,
    arrays: Vec<(String, ArrayHeader)>,
    /// The arrays, in the order of the archive; after them the coordinates of a raster.
    columns: Vec<ColumnInfo>,
    n_rows: u64,
    /// Width and coordinate columns, where the arrays are bands of a raster.
    raster: Option<(u64, (String, String))>,
}

impl NpzTable {
    pub(crate) fn open(input: Input) -> Result<Self, DataError> {
        let file = input.name();
        let mut archive = open_archive(&input)?;
        let mut arrays = Vec::new();
        for index in 0..archive.len() {
            let malformed = |error: &dyn std::fmt::Display| DataError::malformed(&file, "npz", error);
            let mut entry = archive.by_index(index).map_err(|error| malformed(&error))?;
            let Some(name) = entry.name().strip_suffix(".npy").map(str::to_owned) else {
                continue;
            };
            let header = NpyHeader::from_reader(&mut entry)
                .map_err(|error| malformed(&format!("array \"{name}\": {error}")))?;
            arrays.push((name, ArrayHeader::new(&header)));
        }
        let shape_of = |n_dims: usize| {
            let mut shapes = arrays
                .iter()
                .map(|(_, header)| &header.shape)
                .filter(|shape| shape.len() == n_dims);
            let first = shapes.next()?;
            shapes.all(|shape| shape == first).then(|| first.clone())
        };
        let has_vectors = arrays.iter().any(|(_, header)| header.shape.len() == 1);
        let shape = if has_vectors { shape_of(1) } else { shape_of(2) };
        let mut columns: Vec<ColumnInfo> = arrays
            .iter()
            .map(|(name, header)| match &header.cell {
                Ok(cell) if Some(&header.shape) == shape.as_ref() => ColumnInfo::new(name, cell.column_kind()),
                Ok(_) => ColumnInfo::unusable(
                    name,
                    ColumnKind::Real,
                    format!(
                        "its shape is {:?} (accepted: arrays (n,) of one length, or without such arrays (rows, columns) of one shape)",
                        header.shape
                    ),
                ),
                Err(reason) => ColumnInfo::unusable(name, ColumnKind::Text, reason),
            })
            .collect();
        let n_rows = shape.as_ref().map_or(Some(0), |shape| {
            shape.iter().try_fold(1, |n: u64, &k| n.checked_mul(k))
        });
        let n_rows = n_rows.ok_or_else(|| DataError::malformed(&file, "npz", "its shapes are too large"))?;
        let raster = match shape.as_deref() {
            Some(&[_, width]) => Some((width, coordinate_names(&columns))),
            _ => None,
        };
        if let Some((_, (x, y))) = &raster {
            columns.extend([x, y].map(|name| ColumnInfo::new(name, ColumnKind::Real)));
        }
        check_unique(&file, &columns)?;
        Ok(Self {
            input,
            arrays,
            columns,
            n_rows,
            raster,
        })
    }

    pub(crate) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    pub(crate) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    pub(crate) fn coordinates(&self) -> Option<(String, String)> {
        self.raster.as_ref().map(|(_, names)| names.clone())
    }

    /// Reads the requested arrays whole.
    pub(crate) fn read(&self, indices: &[usize]) -> Result<Box<dyn RowSource>, DataError> {
        let file = self.input.name();
        let mut archive = open_archive(&self.input)?;
        let mut columns: Vec<_> = self
            .columns
            .iter()
            .map(|info| (info.clone(), MemoryColumn::Cells(Vec::new())))
            .collect();
        let mut is_read = vec![false; columns.len()];
        // Arrays first: what they hold bounds the number of coordinates.
        let mut sorted = indices.to_vec();
        sorted.sort_unstable();
        let first_array = self.columns[..self.arrays.len()]
            .iter()
            .position(|info| info.unusable.is_none());
        sorted.splice(0..0, first_array);
        for index in sorted {
            if std::mem::replace(&mut is_read[index], true) {
                continue;
            }
            columns[index].1 = match self.arrays.get(index) {
                Some((name, header)) => read_array(&mut archive, name, header).map_err(|error| {
                    DataError::malformed(&file, "npz", format!("array \"{name}\": {error}"))
                })?,
                None => MemoryColumn::Reals(self.pixel_centres(index == self.arrays.len())),
            };
        }
        let n_rows =
            usize::try_from(self.n_rows).map_err(|error| DataError::unsupported(&file, error.to_string()))?;
        Ok(MemoryTable::new(file, self.input.n_bytes()?, n_rows, columns)?.read(indices))
    }

    /// Column (or row) number + ½ of every pixel, row by row.
    fn pixel_centres(&self, is_x: bool) -> Vec<f64> {
        let width = self.raster.as_ref().map_or(1, |(width, _)| *width).max(1);
        (0..self.n_rows)
            .map(|i| (if is_x { i % width } else { i / width }) as f64 + 0.5)
            .collect()
    }
}

fn read_array(archive: &mut Archive, name: &str, header: &ArrayHeader) -> Result<MemoryColumn, String> {
    let cell = header.cell.clone()?;
    let n = header.n_cells()?;
    let mut entry = archive
        .by_name(&format!("{name}.npy"))
        .map_err(|error| error.to_string())?;
    NpyHeader::from_reader(&mut entry).map_err(|error| error.to_string())?;
    let column = read_column(&mut entry, cell, n).map_err(|error| error.to_string())?;
    match (header.order, &header.shape[..]) {
        (Order::Fortran, &[n_rows, n_columns]) => Ok(transposed(column, n_rows, n_columns)),
        _ => Ok(column),
    }
}

type Archive = ZipArchive<Cursor<Vec<u8>>>;

fn open_archive(input: &Input) -> Result<Archive, DataError> {
    let file = input.name();
    let mut bytes = Vec::new();
    input
        .open()?
        .read_to_end(&mut bytes)
        .map_err(|error| DataError::io(&file, "npz", error))?;
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| DataError::malformed(&file, "npz", error))
}

/// Puts cells that stand column by column into row-by-row order.
fn transposed(column: MemoryColumn, n_rows: u64, n_columns: u64) -> MemoryColumn {
    fn reorder<T: Clone>(cells: &[T], n_rows: usize, n_columns: usize) -> Vec<T> {
        let cell = |i: usize| cells[i % n_columns * n_rows + i / n_columns].clone();
        (0..n_rows * n_columns).map(cell).collect()
    }
    let (Ok(n_rows), Ok(n_columns)) = (usize::try_from(n_rows), usize::try_from(n_columns)) else {
        return column;
    };
    match column {
        MemoryColumn::Reals(values) => MemoryColumn::Reals(reorder(&values, n_rows, n_columns)),
        MemoryColumn::Cells(cells) => MemoryColumn::Cells(reorder(&cells, n_rows, n_columns)),
    }
}
