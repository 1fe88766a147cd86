//! Rasters in TIFF files, read a band of rows at a time.

use std::fmt;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;

use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};
use wherefair_core::{ParamError, Point};

use crate::geokeys::read_geokeys;
use crate::guard;
use crate::input::{Input, ReadSeek};
use crate::{Crs, DataError};

const FORMAT: &str = "GeoTIFF";
/// No more samples than these are decoded at once (2 GiB as doubles).
const MOST_SAMPLES: u64 = 1 << 28;

type TiffDecoder = Decoder<BufReader<Box<dyn ReadSeek>>>;

/// The affine map from pixels to coordinates: x = `x0` + column · `x_column` + row · `x_row`, and y likewise,
/// where (0, 0) is the upper left corner of the first pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoTransform {
    /// x of the upper left corner.
    pub x0: f64,
    /// How x changes with the column: the width of a pixel.
    pub x_column: f64,
    /// How x changes with the row; 0 unless the raster is rotated.
    pub x_row: f64,
    /// y of the upper left corner.
    pub y0: f64,
    /// How y changes with the column; 0 unless the raster is rotated.
    pub y_column: f64,
    /// How y changes with the row: minus the height of a pixel in rasters with north up.
    pub y_row: f64,
}

impl GeoTransform {
    /// Pixels as coordinates: y counts rows downwards.
    pub const PIXELS: Self = Self {
        x0: 0.0,
        x_column: 1.0,
        x_row: 0.0,
        y0: 0.0,
        y_column: 0.0,
        y_row: 1.0,
    };

    /// The coordinates of a place given in pixels; (0.5, 0.5) is the centre of the first pixel.
    pub fn apply(&self, column: f64, row: f64) -> Point {
        Point::new(
            self.x0 + column * self.x_column + row * self.x_row,
            self.y0 + column * self.y_column + row * self.y_row,
        )
    }

    /// Whether pixels have finite, non-zero area.
    pub(crate) fn is_valid(&self) -> bool {
        let area = self.x_column * self.y_row - self.x_row * self.y_column;
        area.is_finite() && area != 0.0 && self.x0.is_finite() && self.y0.is_finite()
    }
}

impl fmt::Display for GeoTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            x0,
            x_column,
            x_row,
            y0,
            y_column,
            y_row,
        } = self;
        write!(
            f,
            "origin ({x0}, {y0}), pixel ({x_column}, {y_row}), rotation ({x_row}, {y_column})"
        )
    }
}

/// A TIFF file whose header has been read.
///
/// Strips and tiles, pixel-interleaved or one plane a band, of 8- to 64-bit integers and 16- to 64-bit floats
/// are read, uncompressed or compressed with LZW, Deflate or `PackBits`. Values are raw: scale and offset
/// metadata are not applied, nor palettes. 64-bit integers beyond 2⁵³ are rounded. Only the first image of
/// the file is read, overviews and masks are not.
///
/// Memory: one row of strips or tiles at a time, in all bands where the bands are interleaved by pixel.
///
/// # Examples
/// ```no_run
/// let mut raster = wherefair_data::Raster::open("ndvi.tif")?;
/// let bands = raster.read_rows(0..1)?;
/// assert_eq!(bands.len(), raster.n_bands());
/// assert_eq!(bands[0].len(), raster.width());
/// # Ok::<(), wherefair_data::DataError>(())
/// ```
pub struct Raster {
    file: String,
    decoder: TiffDecoder,
    width: usize,
    height: usize,
    n_bands: usize,
    is_planar: bool,
    chunk_width: usize,
    chunk_height: usize,
    transform: Option<GeoTransform>,
    crs: Crs,
    nodata: Option<f64>,
    is_integer: bool,
}

impl fmt::Debug for Raster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raster")
            .field("file", &self.file)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("n_bands", &self.n_bands)
            .finish_non_exhaustive()
    }
}

impl Raster {
    /// Opens the TIFF file at `path`.
    ///
    /// # Errors
    /// [`DataError`] when the file cannot be opened, is no TIFF file, or stores pixels in a way that is not
    /// read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::open_input(&Input::File(path.as_ref().to_owned()))
    }

    pub(crate) fn open_input(input: &Input) -> Result<Self, DataError> {
        let file = input.name();
        input.n_bytes()?;
        let reader = BufReader::new(input.open()?);
        let raster = guarded(|| Self::decode_header(file.clone(), reader));
        raster.map_err(|error| tiff_error(&file, error))?
    }

    fn decode_header(
        file: String,
        reader: BufReader<Box<dyn ReadSeek>>,
    ) -> Result<Result<Self, DataError>, TiffError> {
        let mut limits = Limits::default();
        limits.decoding_buffer_size = 1 << 31;
        limits.intermediate_buffer_size = 1 << 31;
        let mut decoder = Decoder::new(reader)?.with_limits(limits);
        let (width, height) = decoder.dimensions()?;
        let color = decoder.colortype()?;
        let bits = decoder
            .find_tag_unsigned_vec::<u16>(Tag::BitsPerSample)?
            .unwrap_or_else(|| vec![1]);
        let formats = decoder
            .find_tag_unsigned_vec::<u16>(Tag::SampleFormat)?
            .unwrap_or_else(|| vec![1]);
        let is_inverted = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)? == Some(0);
        let is_planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)? == Some(2);
        let n_bands = decoder
            .find_tag_unsigned::<u16>(Tag::SamplesPerPixel)?
            .unwrap_or(1);
        let is_uniform = |values: &[u16]| values.windows(2).all(|pair| pair[0] == pair[1]);
        let refuse = |detail: String| Ok(Err(DataError::unsupported(&file, detail)));
        if !matches!(bits[..], [8 | 16 | 32 | 64, ..]) || !is_uniform(&bits) || !is_uniform(&formats) {
            return refuse(format!(
                "pixels of {bits:?} bits in formats {formats:?} (accepted: one type for all bands, of 8, 16, 32 or 64 bits)"
            ));
        }
        if matches!(color, ColorType::YCbCr(_) | ColorType::Lab(_)) {
            return refuse(format!(
                "colours stored as {color:?} (accepted: bands of plain values)"
            ));
        }
        if is_inverted {
            // The decoder gives such values inverted, which suits pictures but no measurements.
            return refuse("grey levels stored inverted (white is zero; accepted: black is zero)".to_owned());
        }
        let chunk = decoder.chunk_dimensions();
        let [width, height, chunk_width, chunk_height] =
            [width, height, chunk.0, chunk.1].map(|n| n as usize);
        if [width, height, chunk_width, chunk_height].contains(&0) || n_bands == 0 {
            return refuse(format!(
                "a raster of {width} × {height} pixels in {n_bands} bands (accepted: at least one)"
            ));
        }
        let geokeys = read_geokeys(&mut decoder)?;
        if let Some(transform) = geokeys.transform.filter(|transform| !transform.is_valid()) {
            return refuse(format!(
                "its georeference is {transform} (accepted: finite, with pixels of some area)"
            ));
        }
        let nodata = match decoder.find_tag(Tag::Unknown(GDAL_NODATA))? {
            Some(value) => value
                .into_string()
                .ok()
                .and_then(|text| text.trim_matches(['\0', ' ']).parse().ok()),
            None => None,
        };
        Ok(Ok(Self {
            file,
            decoder,
            width,
            height,
            n_bands: usize::from(n_bands),
            is_planar,
            chunk_width,
            chunk_height,
            transform: geokeys.transform,
            crs: geokeys.crs,
            nodata,
            is_integer: formats[0] != 3,
        }))
    }

    /// The number of columns of pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows of pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The number of bands.
    pub fn n_bands(&self) -> usize {
        self.n_bands
    }

    /// The map from pixels to coordinates; `None` in a file without georeference.
    pub fn transform(&self) -> Option<GeoTransform> {
        self.transform
    }

    /// The coordinate reference system.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The value that marks pixels without data, where the file names one.
    pub fn nodata(&self) -> Option<f64> {
        self.nodata
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.is_integer
    }

    /// The number of rows that are decoded together; reading ranges that start and end at its multiples
    /// decodes nothing twice.
    pub fn rows_per_chunk(&self) -> usize {
        self.chunk_height.min(self.height)
    }

    /// Whether `value` marks a pixel without data. NaN does so too, unless the file names another mark.
    #[expect(clippy::float_cmp, reason = "a mark is an exact value")]
    pub fn is_nodata(&self, value: f64) -> bool {
        match self.nodata {
            Some(nodata) if !nodata.is_nan() => value == nodata || value == f64::from(as_f32(nodata)),
            _ => value.is_nan(),
        }
    }

    /// The values of all bands in `rows`, row by row.
    ///
    /// # Shapes
    /// `n_bands` vectors of shape `(n_rows * width,)`.
    ///
    /// # Errors
    /// [`DataError`] when the range reaches beyond the raster, asks for more than 2²⁸ values, or cannot be
    /// decoded.
    pub fn read_rows(&mut self, rows: Range<usize>) -> Result<Vec<Vec<f64>>, DataError> {
        let bands: Vec<usize> = (0..self.n_bands).collect();
        self.read_bands(rows, &bands)
    }

    /// As [`read_rows`](Self::read_rows), of the bands with indices `bands`, from 0.
    ///
    /// # Errors
    /// As [`read_rows`](Self::read_rows), and when there is no such band.
    pub fn read_bands(&mut self, rows: Range<usize>, bands: &[usize]) -> Result<Vec<Vec<f64>>, DataError> {
        if rows.start > rows.end || rows.end > self.height {
            let accepted = format!("a range within 0..{}", self.height);
            return Err(ParamError::new("rows", format!("{rows:?}"), accepted).into());
        }
        if let Some(band) = bands.iter().find(|&&band| band >= self.n_bands) {
            let accepted = format!("an index below {}", self.n_bands);
            return Err(ParamError::new("band", band, accepted).into());
        }
        let n_samples = (rows.len() as u64).saturating_mul(self.width as u64);
        if n_samples.saturating_mul(bands.len() as u64) > MOST_SAMPLES {
            let detail = format!(
                "{} rows of {} pixels in {} bands are stored together (accepted: at most {MOST_SAMPLES} values)",
                rows.len(),
                self.width,
                bands.len()
            );
            return Err(DataError::unsupported(&self.file, detail));
        }
        let file = self.file.clone();
        let read = guarded(|| self.decode(rows, bands));
        read.map_err(|error| tiff_error(&file, error))
    }

    fn decode(&mut self, rows: Range<usize>, bands: &[usize]) -> Result<Vec<Vec<f64>>, TiffError> {
        if rows.is_empty() {
            return Ok(bands.iter().map(|_| Vec::new()).collect());
        }
        let across = match self.decoder.get_chunk_type() {
            ChunkType::Strip => 1,
            ChunkType::Tile => self.width.div_ceil(self.chunk_width),
        };
        let chunks_per_plane = across * self.height.div_ceil(self.chunk_height);
        let chunk_rows = rows.start / self.chunk_height..rows.end.div_ceil(self.chunk_height);
        // Memory is reserved once the first piece is decoded, so that a bare header reserves none.
        let mut out: Vec<Vec<f64>> = bands.iter().map(|_| Vec::new()).collect();
        let n_out = rows.len() * self.width;
        for chunk_row in chunk_rows {
            for chunk_column in 0..across {
                let chunk = chunk_row * across + chunk_column;
                let top = chunk_row * self.chunk_height;
                let left = chunk_column * self.chunk_width;
                let n_columns = self.chunk_width.min(self.width - left);
                let bottom = (top + self.chunk_height).min(self.height);
                let wanted = rows.start.max(top)..rows.end.min(bottom);
                let place = Place {
                    wanted,
                    top,
                    left,
                    n_columns,
                    first_row: rows.start,
                    width: self.width,
                };
                if self.is_planar {
                    for (band, out) in bands.iter().zip(&mut out) {
                        let values =
                            self.chunk(band * chunks_per_plane + chunk, (bottom - top) * n_columns)?;
                        out.resize(n_out, 0.0);
                        place.copy(&values, 0, 1, out);
                    }
                } else {
                    let values = self.chunk(chunk, (bottom - top) * n_columns * self.n_bands)?;
                    for (&band, out) in bands.iter().zip(&mut out) {
                        out.resize(n_out, 0.0);
                        place.copy(&values, band, self.n_bands, out);
                    }
                }
            }
        }
        Ok(out)
    }

    /// Decodes a strip or tile, which must have `n_values` values.
    fn chunk(&mut self, index: usize, n_values: usize) -> Result<DecodingResult, TiffError> {
        let too_short = || TiffError::FormatError(tiff::TiffFormatError::InconsistentSizesEncountered);
        let index = u32::try_from(index).map_err(|_| too_short())?;
        let values = self.decoder.read_chunk(index)?;
        if n_decoded(&values) < n_values {
            Err(too_short())
        } else {
            Ok(values)
        }
    }
}

pub(crate) const GDAL_NODATA: u16 = 42_113;

#[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
fn as_f32(value: f64) -> f32 {
    value as f32
}

/// Where the pixels of a chunk go.
struct Place {
    /// The rows to copy.
    wanted: Range<usize>,
    /// The first row of the chunk.
    top: usize,
    /// The first column of the chunk.
    left: usize,
    n_columns: usize,
    /// The first row of the output.
    first_row: usize,
    /// The width of the output.
    width: usize,
}

impl Place {
    fn copy(&self, chunk: &DecodingResult, band: usize, stride: usize, out: &mut [f64]) {
        macro_rules! copy_all {
            ($values:expr, $to_real:expr) => {
                for row in self.wanted.clone() {
                    let from = (row - self.top) * self.n_columns * stride + band;
                    let to = (row - self.first_row) * self.width + self.left;
                    let source = $values[from..].iter().step_by(stride);
                    let target = &mut out[to..to + self.n_columns];
                    target
                        .iter_mut()
                        .zip(source)
                        .for_each(|(target, &value)| *target = $to_real(value));
                }
            };
        }
        match chunk {
            DecodingResult::U8(values) => copy_all!(values, f64::from),
            DecodingResult::U16(values) => copy_all!(values, f64::from),
            DecodingResult::U32(values) => copy_all!(values, f64::from),
            DecodingResult::U64(values) => copy_all!(values, |value: u64| value as f64),
            DecodingResult::I8(values) => copy_all!(values, f64::from),
            DecodingResult::I16(values) => copy_all!(values, f64::from),
            DecodingResult::I32(values) => copy_all!(values, f64::from),
            DecodingResult::I64(values) => copy_all!(values, |value: i64| value as f64),
            DecodingResult::F16(values) => copy_all!(values, f64::from),
            DecodingResult::F32(values) => copy_all!(values, f64::from),
            DecodingResult::F64(values) => copy_all!(values, |value: f64| value),
        }
    }
}

fn n_decoded(values: &DecodingResult) -> usize {
    match values {
        DecodingResult::U8(values) => values.len(),
        DecodingResult::U16(values) => values.len(),
        DecodingResult::U32(values) => values.len(),
        DecodingResult::U64(values) => values.len(),
        DecodingResult::I8(values) => values.len(),
        DecodingResult::I16(values) => values.len(),
        DecodingResult::I32(values) => values.len(),
        DecodingResult::I64(values) => values.len(),
        DecodingResult::F16(values) => values.len(),
        DecodingResult::F32(values) => values.len(),
        DecodingResult::F64(values) => values.len(),
    }
}

/// Turns a panic of the decoder, which corrupt files can provoke, into an error.
fn guarded<T>(decode: impl FnOnce() -> Result<T, TiffError>) -> Result<T, TiffError> {
    guard::guarded(decode).unwrap_or(Err(TiffError::FormatError(
        tiff::TiffFormatError::InconsistentSizesEncountered,
    )))
}

fn tiff_error(file: &str, error: TiffError) -> DataError {
    match error {
        TiffError::IoError(error) => DataError::io(file, FORMAT, error),
        TiffError::UnsupportedError(error) => {
            DataError::unsupported(file, format!("a kind of TIFF that is not read: {error}"))
        }
        other => DataError::malformed(file, FORMAT, other),
    }
}
