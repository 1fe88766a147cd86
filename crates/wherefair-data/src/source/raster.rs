//! Rasters as tables: a row is a pixel.

use std::path::PathBuf;

use wherefair_core::ParamError;

use super::memory::share_of_bytes;
use crate::DataError;
use crate::block::{Block, ColumnBuffer, RowSource};
use crate::column::{ColumnInfo, ColumnKind};
use crate::crs::Crs;
use crate::input::Input;
use crate::raster::{GeoTransform, Raster};
use crate::request::MissingReason;

/// How far, in pixels, the corners of two rasters may lie apart for them to cover the same pixels.
const SAME_PIXEL: f64 = 1e-3;

/// One band of a raster file.
///
/// # Examples
/// ```
/// let band = wherefair_data::RasterBand::new("ndvi.tif", 2);
/// assert_eq!(band.band, 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RasterBand {
    /// The file.
    pub path: PathBuf,
    /// The band, from 1.
    pub band: usize,
}

impl RasterBand {
    /// Band number `band` (from 1) of the file at `path`.
    pub fn new(path: impl Into<PathBuf>, band: usize) -> Self {
        Self {
            path: path.into(),
            band,
        }
    }
}

/// One raster, or two on the same pixels, seen as a table.
#[derive(Debug, Clone)]
pub(crate) struct RasterTable {
    inputs: Vec<Input>,
    n_bytes: u64,
    /// For each column after the coordinates, the input and the index of the band.
    bands: Vec<(usize, usize)>,
    columns: Vec<ColumnInfo>,
    crs: Crs,
    transform: GeoTransform,
    width: usize,
    height: usize,
    is_pair: bool,
}

impl RasterTable {
    pub(crate) fn open(input: Input) -> Result<Self, DataError> {
        let raster = Raster::open_input(&input)?;
        let bands: Vec<(usize, usize)> = (0..raster.n_bands()).map(|band| (0, band)).collect();
        let names = (1..=raster.n_bands())
            .map(|band| format!("band_{band}"))
            .collect();
        let n_bytes = input.n_bytes()?;
        Ok(Self::new(vec![input], n_bytes, &[raster], bands, names, false))
    }

    pub(crate) fn pair(truth: &RasterBand, pred: &RasterBand) -> Result<Self, DataError> {
        let inputs = vec![Input::File(truth.path.clone()), Input::File(pred.path.clone())];
        let rasters = [Raster::open_input(&inputs[0])?, Raster::open_input(&inputs[1])?];
        for (band, raster) in [truth, pred].into_iter().zip(&rasters) {
            if !(1..=raster.n_bands()).contains(&band.band) {
                let name = format!("band of {}", band.path.display());
                let accepted = format!("a whole number from 1 to {}", raster.n_bands());
                return Err(ParamError::new(name, band.band, accepted).into());
            }
        }
        check_same_pixels(&inputs, &rasters)?;
        let bands = vec![(0, truth.band - 1), (1, pred.band - 1)];
        let n_bytes = inputs[0].n_bytes()?.saturating_add(inputs[1].n_bytes()?);
        let names = vec!["truth".to_owned(), "pred".to_owned()];
        Ok(Self::new(inputs, n_bytes, &rasters, bands, names, true))
    }

    fn new(
        inputs: Vec<Input>,
        n_bytes: u64,
        rasters: &[Raster],
        bands: Vec<(usize, usize)>,
        names: Vec<String>,
        is_pair: bool,
    ) -> Self {
        let mut columns = ["x", "y"]
            .map(|name| ColumnInfo::new(name, ColumnKind::Real))
            .to_vec();
        columns.extend(names.into_iter().zip(&bands).map(|(name, &(input, _))| {
            let kind = if rasters[input].is_integer() {
                ColumnKind::Integer
            } else {
                ColumnKind::Real
            };
            ColumnInfo::new(name, kind)
        }));
        let known = rasters.iter().find(|raster| *raster.crs() != Crs::Unknown);
        let (crs, first) = (
            known.map_or(Crs::Unknown, |raster| raster.crs().clone()),
            &rasters[0],
        );
        let transform = rasters
            .iter()
            .find_map(Raster::transform)
            .unwrap_or(GeoTransform::PIXELS);
        let (width, height) = (first.width(), first.height());
        Self {
            inputs,
            n_bytes,
            bands,
            columns,
            crs,
            transform,
            width,
            height,
            is_pair,
        }
    }

    pub(crate) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    pub(crate) fn crs(&self) -> Crs {
        self.crs.clone()
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub(crate) fn n_rows(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    pub(crate) fn read(&self, indices: &[usize]) -> Result<Box<dyn RowSource>, DataError> {
        let mut layers: Vec<Layer> = Vec::new();
        for (i, input) in self.inputs.iter().enumerate() {
            let wanted = indices
                .iter()
                .filter_map(|&index| self.bands.get(index.checked_sub(2)?));
            let mut bands: Vec<usize> = wanted
                .filter(|(input, _)| *input == i)
                .map(|(_, band)| *band)
                .collect();
            bands.sort_unstable();
            bands.dedup();
            layers.push(Layer {
                raster: Raster::open_input(input)?,
                bands,
                values: Vec::new(),
                rows: 0..0,
            });
        }
        let origin = |&index: &usize| match index {
            0 => Origin::X,
            1 => Origin::Y,
            _ => {
                let (layer, band) = self.bands[index - 2];
                Origin::Band(layer, layers[layer].bands.partition_point(|&other| other < band))
            }
        };
        let origins = indices.iter().map(origin).collect();
        Ok(Box::new(RasterRows {
            table: self.clone(),
            layers,
            origins,
            next: 0,
        }))
    }
}

fn check_same_pixels(inputs: &[Input], rasters: &[Raster; 2]) -> Result<(), DataError> {
    let [truth, pred] = rasters;
    let differ = |what, of: &dyn Fn(&Raster) -> String| {
        let (truth_file, pred_file) = (inputs[0].name(), inputs[1].name());
        Err(DataError::RasterMismatch {
            what,
            truth_file,
            truth: of(truth),
            pred_file,
            pred: of(pred),
        })
    };
    if (truth.width(), truth.height()) != (pred.width(), pred.height()) {
        return differ("size", &|raster| {
            format!("{} × {} pixels", raster.width(), raster.height())
        });
    }
    let is_same_place = match (truth.transform(), pred.transform()) {
        (Some(a), Some(b)) => {
            let pixel = a.x_column.hypot(a.y_column).min(a.x_row.hypot(a.y_row));
            [(0, 0), (truth.width(), 0), (0, truth.height())]
                .into_iter()
                .all(|(column, row)| {
                    let (column, row) = (column as f64, row as f64);
                    let (a, b) = (a.apply(column, row), b.apply(column, row));
                    (a.x - b.x).hypot(a.y - b.y) <= SAME_PIXEL * pixel
                })
        }
        (a, b) => a == b,
    };
    if !is_same_place {
        let describe = |raster: &Raster| match raster.transform() {
            Some(transform) => transform.to_string(),
            None => "none".to_owned(),
        };
        return differ("georeference", &describe);
    }
    // A file that does not name its system cannot contradict the other.
    let is_unknown = rasters.iter().any(|raster| *raster.crs() == Crs::Unknown);
    if !is_unknown && truth.crs() != pred.crs() {
        return differ("coordinate reference system", &|raster| raster.crs().describe());
    }
    Ok(())
}

/// A raster, and the rows of it that are decoded.
struct Layer {
    raster: Raster,
    bands: Vec<usize>,
    values: Vec<Vec<f64>>,
    rows: std::ops::Range<usize>,
}

#[derive(Clone, Copy)]
enum Origin {
    X,
    Y,
    Band(usize, usize),
}

struct RasterRows {
    table: RasterTable,
    layers: Vec<Layer>,
    origins: Vec<Origin>,
    /// The next pixel, counted row by row.
    next: u64,
}

impl RasterRows {
    /// Has row `row` decoded in every layer that is needed.
    fn decode(&mut self, row: usize) -> Result<(), DataError> {
        for layer in &mut self.layers {
            if layer.bands.is_empty() || layer.rows.contains(&row) {
                continue;
            }
            let chunk = layer.raster.rows_per_chunk();
            let start = row / chunk * chunk;
            layer.rows = 0..0;
            let rows = start..(start + chunk).min(layer.raster.height());
            layer.values = layer.raster.read_bands(rows.clone(), &layer.bands)?;
            layer.rows = rows;
        }
        Ok(())
    }
}

impl RowSource for RasterRows {
    fn fill(&mut self, block: &mut Block, max_rows: usize) -> Result<usize, DataError> {
        let width = self.table.width;
        let n_rows = (self.table.n_rows() - self.next).min(max_rows as u64);
        let (mut done, n_rows) = (0, usize::try_from(n_rows).unwrap_or(max_rows));
        while done < n_rows {
            let position = |pixel: u64| usize::try_from(pixel).unwrap_or(usize::MAX);
            let (row, left) = (
                position(self.next / width as u64),
                position(self.next % width as u64),
            );
            self.decode(row)?;
            let columns = left..width.min(left + n_rows - done);
            for (column, &origin) in block.columns.iter_mut().zip(&self.origins) {
                match origin {
                    Origin::X | Origin::Y => {
                        for i in columns.clone() {
                            let centre = self.table.transform.apply(i as f64 + 0.5, row as f64 + 0.5);
                            column.push_real(if matches!(origin, Origin::X) {
                                centre.x
                            } else {
                                centre.y
                            });
                        }
                    }
                    Origin::Band(layer, place) => {
                        let layer = &self.layers[layer];
                        let start = (row - layer.rows.start) * width;
                        let values = &layer.values[place][start + columns.start..start + columns.end];
                        for &value in values {
                            push_pixel(column, value, &layer.raster);
                        }
                    }
                }
            }
            done += columns.len();
            self.next += columns.len() as u64;
        }
        Ok(n_rows)
    }

    fn bytes_read(&self, rows_read: u64) -> u64 {
        share_of_bytes(self.table.n_bytes, rows_read, self.table.n_rows())
    }

    fn skips_nodata(&self) -> bool {
        self.table.is_pair
    }
}

fn push_pixel(column: &mut ColumnBuffer, value: f64, raster: &Raster) {
    if raster.is_nodata(value) {
        column.push_missing(MissingReason::Nodata, &value.to_string());
    } else {
        column.push_real(value);
    }
}
