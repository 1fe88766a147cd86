//! The table: an opened file that can be read again and again.

use std::borrow::Cow;
use std::path::Path;

use crate::batches::{Batches, resolve};
use crate::column::{ColumnInfo, guess_coordinates};
use crate::input::Input;
use crate::request::ReadRequest;
use crate::source::csv::CsvTable;
use crate::source::geojson::{FeatureFile, read_geojson};
use crate::source::memory::MemoryTable;
use crate::source::npy::NpyTable;
use crate::source::npz::NpzTable;
use crate::source::parquet::ParquetTable;
use crate::source::raster::{RasterBand, RasterTable};
use crate::source::shapefile::read_shapefile;
use crate::{Crs, DataError, Format};

/// An opened file of rows and columns; reading leaves it as it is, so it can be read again.
///
/// Opening reads the header or schema (GeoJSON and Shapefile files are read whole) and checks nothing else.
///
/// # Examples
/// ```
/// use wherefair_data::{ColumnRequest, Format, ReadRequest, Table};
///
/// let table = Table::from_bytes("points.csv", b"lon,lat,class\n1,2,a\n3,4,b\n".as_slice(), Format::Csv)?;
/// assert_eq!(table.coordinates(), Some(("lon".to_owned(), "lat".to_owned())));
///
/// let request = ReadRequest::new(vec![ColumnRequest::number("lat"), ColumnRequest::label("class")]);
/// let mut batches = table.read(&request)?;
/// let batch = batches.next().unwrap()?;
/// assert_eq!(batch.columns[0].numbers(), Some([2.0, 4.0].as_slice()));
/// assert_eq!(batch.columns[1].labels(), Some([0, 1].as_slice()));
/// assert_eq!(batches.labels(1), ["a", "b"]);
/// # Ok::<(), wherefair_data::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    input: Input,
    format: Format,
    n_bytes: u64,
    crs: Crs,
    geometry: Option<(String, String)>,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Csv(CsvTable),
    Parquet(ParquetTable),
    Memory(MemoryTable),
    Raster(RasterTable),
    Npy(NpyTable),
    Npz(NpzTable),
}

impl Table {
    /// Opens the file at `path`, whose ending names its format.
    ///
    /// # Errors
    /// [`DataError`] when the ending is unknown, the file cannot be opened or is empty, its header or schema
    /// is not valid, or two columns have one name.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let format = Format::of(path)?;
        Self::of_input(Input::File(path.to_owned()), format)
    }

    /// Opens a file that is held in memory; `name` is what messages call it. A Shapefile, being several
    /// files, cannot be opened so.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(
        name: &str,
        bytes: impl Into<Cow<'static, [u8]>>,
        format: Format,
    ) -> Result<Self, DataError> {
        Self::of_input(Input::memory(name, bytes.into()), format)
    }

    fn of_input(input: Input, format: Format) -> Result<Self, DataError> {
        let n_bytes = input.n_bytes()?;
        let (mut crs, mut geometry) = (Crs::Unknown, None);
        let mut of_features = |features: FeatureFile| -> Result<Content, DataError> {
            let FeatureFile {
                crs: found,
                names,
                features,
            } = features;
            let (table, pair) = MemoryTable::of_features(input.name(), n_bytes, names, features)?;
            (crs, geometry) = (found, Some(pair));
            Ok(Content::Memory(table))
        };
        let content = match format {
            Format::Csv => Content::Csv(CsvTable::open(input.clone())?),
            Format::GeoJson => of_features(read_geojson(&input)?)?,
            Format::Shapefile => of_features(read_shapefile(&input)?)?,
            Format::Parquet => {
                let table = ParquetTable::open(input.clone())?;
                (crs, geometry) = (table.crs(), table.coordinates());
                Content::Parquet(table)
            }
            Format::GeoTiff => {
                let table = RasterTable::open(input.clone())?;
                crs = table.crs();
                Content::Raster(table)
            }
            Format::Npy => Content::Npy(NpyTable::open(input.clone())?),
            Format::Npz => {
                let table = NpzTable::open(input.clone())?;
                geometry = table.coordinates();
                Content::Npz(table)
            }
        };
        Ok(Self {
            input,
            format,
            n_bytes,
            crs,
            geometry,
            content,
        })
    }

    /// Two raster bands, of two files or of one, read in step: columns `x`, `y`, `truth` and `pred`.
    ///
    /// A pixel that holds no data in either band is left out and counted, unless the
    /// [`MissingPolicy`](crate::MissingPolicy) is to keep all, for that is what the mark means.
    ///
    /// # Errors
    /// [`DataError`] when a file cannot be opened, a band does not exist, or the rasters differ in size, in
    /// georeference or in coordinate reference system (where both name one).
    pub fn rasters(truth: &RasterBand, pred: &RasterBand) -> Result<Self, DataError> {
        let table = RasterTable::pair(truth, pred)?;
        Ok(Self {
            input: Input::File(truth.path.clone()),
            format: Format::GeoTiff,
            n_bytes: table.n_bytes(),
            crs: table.crs(),
            geometry: None,
            content: Content::Raster(table),
        })
    }

    /// The same table with another coordinate reference system, for files that do not name theirs.
    #[must_use]
    pub fn with_crs(self, crs: Crs) -> Self {
        Self { crs, ..self }
    }

    /// The path; for a pair of rasters that of the truth, for a table in memory its name.
    pub fn path(&self) -> &Path {
        self.input.path()
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The coordinate reference system, as far as the file names it.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The columns. Files of shapes have two more for the coordinates: of points, or of the centroids of
    /// lines (by length) and polygons (by area); they are called `x` and `y`, or `geometry_x` and
    /// `geometry_y` where one of those is taken.
    pub fn columns(&self) -> &[ColumnInfo] {
        match &self.content {
            Content::Csv(table) => table.columns(),
            Content::Parquet(table) => table.columns(),
            Content::Memory(table) => table.columns(),
            Content::Raster(table) => table.columns(),
            Content::Npy(table) => table.columns(),
            Content::Npz(table) => table.columns(),
        }
    }

    /// The column called `name`.
    ///
    /// # Errors
    /// [`DataError`] when there is no such column (it names the nearest one) or it cannot be read.
    pub fn column(&self, name: &str) -> Result<&ColumnInfo, DataError> {
        let columns = self.columns();
        Ok(&columns[crate::column::find(&self.input.name(), columns, name)?])
    }

    /// The columns that most likely hold the coordinates, x first: those of the shapes or pixels, else a pair
    /// with customary names such as `x` and `y`, `lon` and `lat` or `easting` and `northing`, in any case.
    pub fn coordinates(&self) -> Option<(String, String)> {
        self.geometry
            .clone()
            .or_else(|| guess_coordinates(self.columns()))
    }

    /// The number of rows, where the format tells it without reading: everywhere but in CSV.
    pub fn n_rows(&self) -> Option<u64> {
        match &self.content {
            Content::Csv(_) => None,
            Content::Parquet(table) => Some(table.n_rows()),
            Content::Memory(table) => Some(table.n_rows() as u64),
            Content::Raster(table) => Some(table.n_rows()),
            Content::Npy(table) => Some(table.n_rows()),
            Content::Npz(table) => Some(table.n_rows()),
        }
    }

    /// The size of the file (of both, for a pair of rasters) in bytes.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Starts to read the columns of `request` from the first row on.
    ///
    /// # Errors
    /// [`DataError`] when a column does not exist or cannot be read, when the request is empty or shares
    /// labels of columns that are none, or when the file cannot be opened any more. What is wrong with rows
    /// shows while the batches are taken.
    pub fn read(&self, request: &ReadRequest) -> Result<Batches, DataError> {
        let file = self.input.name();
        let indices = resolve(&file, self.columns(), request)?;
        let source = match &self.content {
            Content::Csv(table) => table.read(&indices)?,
            Content::Parquet(table) => table.read(&indices, request.batch_rows)?,
            Content::Memory(table) => table.read(&indices),
            Content::Raster(table) => table.read(&indices)?,
            Content::Npy(table) => table.read(&indices)?,
            Content::Npz(table) => table.read(&indices)?,
        };
        Ok(Batches::new(file, self.columns(), request, &indices, source))
    }
}
