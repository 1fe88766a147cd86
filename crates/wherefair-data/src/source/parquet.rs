//! Apache Parquet and `GeoParquet`.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};

use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};

use super::geojson::FeatureFile;
use super::geoparquet::{centroids_of, geo_metadata, is_readable, shapes};
use super::memory::{Cell, Feature, share_of_bytes};
use super::parquet_column::{append, kind_of};
use crate::block::{Block, ColumnBuffer, RowSource};
use crate::column::{ColumnInfo, ColumnKind, check_unique, coordinate_names};
use crate::error::RowNumber;
use crate::guard;
use crate::input::Input;
use crate::request::{MissingReason, Want};
use crate::{Crs, DataError};

const FORMAT: &str = "Parquet";
/// Batches need not be larger, and a hostile request must not reserve memory for more.
const LARGEST_BATCH: usize = 1 << 20;

/// A Parquet file whose schema has been read.
#[derive(Debug, Clone)]
pub(crate) struct ParquetTable {
    input: Input,
    n_bytes: u64,
    n_rows: u64,
    metadata: ArrowReaderMetadata,
    /// The columns of the file, then the coordinates of its shapes.
    columns: Vec<ColumnInfo>,
    geometry: Option<GeometryColumn>,
}

#[derive(Debug, Clone)]
struct GeometryColumn {
    index: usize,
    crs: Crs,
    names: (String, String),
}

impl ParquetTable {
    pub(crate) fn open(input: Input) -> Result<Self, DataError> {
        let file = input.name();
        let n_bytes = input.n_bytes()?;
        let malformed = |error| DataError::malformed(&file, FORMAT, error);
        let source = Source::open(&input)?;
        let metadata = guarded(|| ArrowReaderMetadata::load(&source, ArrowReaderOptions::new()))
            .and_then(|result| result.map_err(|error| error.to_string()))
            .map_err(malformed)?;
        let groups = metadata.metadata().row_groups().iter();
        if let Some(detail) = misplaced_column(metadata.metadata(), n_bytes) {
            return Err(malformed(detail));
        }
        let n_rows = groups
            .map(|group| u64::try_from(group.num_rows()).ok())
            .try_fold(0_u64, |sum, n| sum.checked_add(n?))
            .ok_or_else(|| malformed("its numbers of rows are impossible".to_owned()))?;
        let fields = metadata.schema().fields().iter();
        let mut columns: Vec<ColumnInfo> = fields
            .map(|field| match kind_of(field.data_type()) {
                Ok(kind) => ColumnInfo::new(field.name(), kind),
                Err(reason) => ColumnInfo::unusable(field.name(), ColumnKind::Text, reason),
            })
            .collect();
        let geometry = geo_metadata(&metadata).and_then(|geo| {
            let name = geo["primary_column"].as_str()?;
            let index = columns.iter().position(|column| column.name == name)?;
            is_readable(metadata.schema().field(index).data_type()).then(|| GeometryColumn {
                index,
                crs: geo["columns"][name]
                    .get("crs")
                    .map_or(Crs::Epsg(4326), Crs::from_projjson),
                names: coordinate_names(&columns),
            })
        });
        if let Some(geometry) = &geometry {
            let (x, y) = &geometry.names;
            let reason = format!("it holds shapes (accepted: their coordinates, {x} and {y})");
            columns[geometry.index] =
                ColumnInfo::unusable(columns[geometry.index].name.clone(), ColumnKind::Geometry, reason);
            columns.extend([x, y].map(|name| ColumnInfo::new(name, ColumnKind::Real)));
        }
        check_unique(&file, &columns)?;
        Ok(Self {
            input,
            n_bytes,
            n_rows,
            metadata,
            columns,
            geometry,
        })
    }

    pub(crate) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    pub(crate) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    pub(crate) fn crs(&self) -> Crs {
        self.geometry
            .as_ref()
            .map_or(Crs::Unknown, |geometry| geometry.crs.clone())
    }

    pub(crate) fn coordinates(&self) -> Option<(String, String)> {
        self.geometry.as_ref().map(|geometry| geometry.names.clone())
    }

    pub(crate) fn read(&self, indices: &[usize], batch_rows: usize) -> Result<Box<dyn RowSource>, DataError> {
        let n_fields = self.metadata.schema().fields().len();
        let field_of = |index: usize| match &self.geometry {
            Some(geometry) if index >= n_fields => geometry.index,
            _ => index,
        };
        let mut roots: Vec<usize> = indices.iter().map(|&index| field_of(index)).collect();
        roots.sort_unstable();
        roots.dedup();
        let place = |index: usize| roots.partition_point(|&root| root < field_of(index));
        let origins = indices.iter().map(|&index| match index.checked_sub(n_fields) {
            None => Origin::Column(place(index)),
            Some(0) => Origin::X(place(index)),
            Some(_) => Origin::Y(place(index)),
        });
        Ok(Box::new(ParquetRows {
            file: self.input.name(),
            n_bytes: self.n_bytes,
            n_rows: self.n_rows,
            rows_read: 0,
            origins: origins.collect(),
            reader: self.reader(roots, batch_rows)?,
        }))
    }

    fn reader(&self, roots: Vec<usize>, batch_rows: usize) -> Result<ParquetRecordBatchReader, DataError> {
        let source = Source::open(&self.input)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(source, self.metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let builder = builder
            .with_projection(mask)
            .with_batch_size(batch_rows.min(LARGEST_BATCH));
        guarded(|| builder.build())
            .and_then(|result| result.map_err(|error| error.to_string()))
            .map_err(|error| DataError::malformed(&self.input.name(), FORMAT, error))
    }
}

/// The bytes of the file; reading beyond them is an error before any memory is reserved.
struct Source {
    bytes: SourceBytes,
    n_bytes: u64,
}

enum SourceBytes {
    File(File),
    Memory(Bytes),
}

impl Source {
    fn open(input: &Input) -> Result<Self, DataError> {
        let bytes = match input {
            Input::File(_) => SourceBytes::File(input.open_file()?),
            Input::Memory { bytes, .. } => SourceBytes::Memory(bytes.clone()),
        };
        Ok(Self {
            bytes,
            n_bytes: input.n_bytes()?,
        })
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.n_bytes
    }
}

impl ChunkReader for Source {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        match &self.bytes {
            SourceBytes::File(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(start))?;
                Ok(Box::new(BufReader::new(file)))
            }
            SourceBytes::Memory(bytes) => {
                let start = usize::try_from(start).map_or(bytes.len(), |start| start.min(bytes.len()));
                Ok(Box::new(std::io::Cursor::new(bytes.slice(start..))))
            }
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.n_bytes) {
            let message = format!("{length} bytes at {start} are beyond the end of the file");
            return Err(ParquetError::EOF(message));
        }
        let mut buffer = Vec::with_capacity(length);
        self.get_read(start)?
            .take(length as u64)
            .read_to_end(&mut buffer)?;
        if buffer.len() != length {
            return Err(ParquetError::EOF("the file ends too early".to_owned()));
        }
        Ok(buffer.into())
    }
}

/// Turns a panic of the decoder, which corrupt files can provoke, into an error.
fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    guard::guarded(decode).ok_or_else(|| "the decoder failed on corrupt data".to_owned())
}

/// Where a requested column comes from: a column of the record batch, or the shapes in one.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Column(usize),
    X(usize),
    Y(usize),
}

struct ParquetRows {
    file: String,
    n_bytes: u64,
    n_rows: u64,
    rows_read: u64,
    origins: Vec<Origin>,
    reader: ParquetRecordBatchReader,
}

impl ParquetRows {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, DataError> {
        let batch = guarded(|| self.reader.next())
            .and_then(|batch| batch.transpose().map_err(|error| error.to_string()));
        batch.map_err(|error| DataError::malformed(&self.file, FORMAT, error))
    }
}

impl RowSource for ParquetRows {
    fn fill(&mut self, block: &mut Block, _max_rows: usize) -> Result<usize, DataError> {
        let Some(batch) = self.next_batch()? else {
            if self.rows_read != self.n_rows {
                let detail = format!(
                    "it has {} rows where its metadata promise {}",
                    self.rows_read, self.n_rows
                );
                return Err(DataError::malformed(&self.file, FORMAT, detail));
            }
            return Ok(0);
        };
        let row = |i: usize| RowNumber::Row(self.rows_read + i as u64 + 1);
        let mut centroids = None;
        for (column, origin) in block.columns.iter_mut().zip(&self.origins) {
            match *origin {
                Origin::Column(place) => {
                    append(batch.column(place).as_ref(), column)
                        .map_err(|(i, bad)| bad.at(&self.file, row(i), &column.name))?;
                }
                Origin::X(place) | Origin::Y(place) => {
                    if centroids.is_none() {
                        let points = centroids_of(batch.column(place)).map_err(|(i, error)| {
                            DataError::malformed(&self.file, FORMAT, format!("{}: {error}", row(i)))
                        })?;
                        centroids = Some(points);
                    }
                    for point in centroids.iter().flatten() {
                        match (point, origin) {
                            (None, _) => column.push_missing(MissingReason::Empty, ""),
                            (Some(point), Origin::X(_)) => column.push_real(point.x),
                            (Some(point), _) => column.push_real(point.y),
                        }
                    }
                }
            }
        }
        self.rows_read += batch.num_rows() as u64;
        Ok(batch.num_rows())
    }

    fn bytes_read(&self, rows_read: u64) -> u64 {
        share_of_bytes(self.n_bytes, rows_read, self.n_rows)
    }
}

/// A complaint about a column whose place in the file is impossible; the decoder would panic on some.
fn misplaced_column(metadata: &ParquetMetaData, n_bytes: u64) -> Option<String> {
    metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
        .find_map(|column| {
            let start = column
                .dictionary_page_offset()
                .unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let is_inside = start >= 0
                && column.compressed_size() >= 0
                && end.is_some_and(|end| u64::try_from(end).is_ok_and(|end| end <= n_bytes));
            (!is_inside).then(|| {
                format!(
                    "column \"{}\" lies beyond the end of the file",
                    column.column_path().string()
                )
            })
        })
}

/// Reads the shapes of a `GeoParquet` file, with the other columns as text.
pub(crate) fn read_features(input: &Input) -> Result<FeatureFile, DataError> {
    let table = ParquetTable::open(input.clone())?;
    let file = input.name();
    let Some(geometry) = &table.geometry else {
        let detail = "no shapes (accepted: GeoParquet with a primary geometry column in well-known binary)";
        return Err(DataError::unsupported(&file, detail));
    };
    let n_fields = table.metadata.schema().fields().len();
    let usable: Vec<usize> = (0..n_fields)
        .filter(|&i| table.columns[i].unusable.is_none())
        .collect();
    let buffer = |&i: &usize| ColumnBuffer::new(&table.columns[i].name, Want::Label, table.columns[i].kind);
    let mut buffers: Vec<ColumnBuffer> = usable.iter().map(buffer).collect();
    let mut roots = usable.clone();
    roots.push(geometry.index);
    let mut rows = ParquetRows {
        file: file.clone(),
        n_bytes: table.n_bytes,
        n_rows: table.n_rows,
        rows_read: 0,
        origins: Vec::new(),
        reader: table.reader(roots, LARGEST_BATCH)?,
    };
    let place = |index: usize| usable.partition_point(|&i| i < index);
    let mut features = Vec::new();
    while let Some(batch) = rows.next_batch()? {
        let shapes = shapes(batch.column(place(geometry.index))).map_err(|(i, error)| {
            DataError::malformed(&file, FORMAT, format!("row {}: {error}", features.len() + i + 1))
        })?;
        for (buffer, &index) in buffers.iter_mut().zip(&usable) {
            buffer.clear();
            let place = place(index) + usize::from(index > geometry.index);
            append(batch.column(place).as_ref(), buffer).map_err(|(i, bad)| {
                bad.at(
                    &file,
                    RowNumber::Row((features.len() + i + 1) as u64),
                    &buffer.name,
                )
            })?;
        }
        for (row, geometry) in shapes.into_iter().enumerate() {
            let label =
                |buffer: &ColumnBuffer| buffer.interner.labels().get(buffer.codes[row] as usize).cloned();
            let cell = |buffer| label(buffer).map_or(Cell::Missing, |label| Cell::Text(label.into()));
            features.push(Feature {
                geometry,
                cells: buffers.iter().map(cell).collect(),
            });
        }
    }
    let names = usable.iter().map(|&i| table.columns[i].name.clone()).collect();
    Ok(FeatureFile {
        crs: table.crs(),
        names,
        features,
    })
}
