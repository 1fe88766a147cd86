//! Writing a raster on the pixels of another one.

use std::io::Cursor;

use tiff::TiffError;
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, TiffKind, TiffValue, colortype};
use tiff::tags::Tag;
use wherefair_core::ParamError;

use crate::geokeys::{
    GEO_KEY_DIRECTORY, KEY_GEOGRAPHIC_TYPE, KEY_PROJECTED_TYPE, KEY_RASTER_TYPE, MODEL_PIXEL_SCALE,
    MODEL_TIEPOINT, MODEL_TRANSFORMATION,
};
use crate::raster::GDAL_NODATA;
use crate::{Crs, DataError, GeoTransform, Raster};

const KEY_MODEL_TYPE: u16 = 1024;
const MODEL_PROJECTED: u16 = 1;
const MODEL_GEOGRAPHIC: u16 = 2;
const PIXEL_IS_AREA: u16 = 1;

/// The pixels of one band, row by row, `(height × width,)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pixels<'a> {
    /// 32-bit floats; NaN marks pixels without data.
    Reals(&'a [f32]),
    /// 32-bit integers; the smallest, −2147483648, marks pixels without data.
    Integers(&'a [i32]),
}

impl Pixels<'_> {
    /// The integer that marks pixels without data.
    pub const NODATA: i32 = i32::MIN;

    fn len(&self) -> usize {
        match self {
            Self::Reals(values) => values.len(),
            Self::Integers(values) => values.len(),
        }
    }
}

/// The bytes of a `GeoTIFF` of one band on the pixels of `like`, with its georeference and, where that is an EPSG code up to
/// 65,535, its coordinate reference system; compressed with Deflate.
///
/// # Errors
/// [`DataError::Param`] where there is not one value a pixel, [`DataError::Malformed`] where it cannot be encoded.
///
/// # Examples
/// ```no_run
/// use wherefair_data::{Pixels, Raster, geotiff_like};
///
/// let like = Raster::open("bands.tif")?;
/// let values = vec![0.5; like.width() * like.height()];
/// std::fs::write("prediction.tif", geotiff_like(&like, Pixels::Reals(&values))?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn geotiff_like(like: &Raster, pixels: Pixels<'_>) -> Result<Vec<u8>, DataError> {
    let n_pixels = like.width() * like.height();
    if pixels.len() != n_pixels {
        let accepted = format!("{n_pixels}: {} × {}", like.height(), like.width());
        return Err(ParamError::new("pixels", pixels.len(), accepted).into());
    }
    let failed = |error: TiffError| DataError::malformed("the raster to write", "GeoTIFF", error);
    let size = u32::try_from(like.width())
        .ok()
        .zip(u32::try_from(like.height()).ok());
    let Some(size) = size else {
        let accepted = "sides below 2^32";
        return Err(
            ParamError::new("size", format!("{} × {}", like.height(), like.width()), accepted).into(),
        );
    };
    let georeference = (like.transform(), like.crs());
    match pixels {
        Pixels::Reals(values) => encoded::<colortype::Gray32Float>(size, values, georeference, "nan"),
        Pixels::Integers(values) => {
            encoded::<colortype::GrayI32>(size, values, georeference, &Pixels::NODATA.to_string())
        }
    }
    .map_err(failed)
}

fn encoded<C: colortype::ColorType>(
    (width, height): (u32, u32),
    values: &[C::Inner],
    (transform, crs): (Option<GeoTransform>, &Crs),
    nodata: &str,
) -> Result<Vec<u8>, TiffError>
where
    [C::Inner]: TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder =
        TiffEncoder::new(&mut bytes)?.with_compression(Compression::Deflate(DeflateLevel::Balanced));
    let mut image = encoder.new_image::<C>(width, height)?;
    let tags = image.encoder();
    if let Some(transform) = transform {
        write_transform(tags, &transform)?;
    }
    let mut keys: Vec<u16> = vec![1, 1, 0, 1, KEY_RASTER_TYPE, 0, 1, PIXEL_IS_AREA];
    if let Crs::Epsg(code) = crs
        && let Ok(code) = u16::try_from(*code)
    {
        let (model, key) = if crs.is_geographic() == Some(true) {
            (MODEL_GEOGRAPHIC, KEY_GEOGRAPHIC_TYPE)
        } else {
            (MODEL_PROJECTED, KEY_PROJECTED_TYPE)
        };
        // Keys stand in ascending order.
        keys = vec![1, 1, 0, 3, KEY_MODEL_TYPE, 0, 1, model];
        keys.extend([KEY_RASTER_TYPE, 0, 1, PIXEL_IS_AREA, key, 0, 1, code]);
    }
    tags.write_tag(Tag::Unknown(GEO_KEY_DIRECTORY), &keys[..])?;
    tags.write_tag(Tag::Unknown(GDAL_NODATA), nodata)?;
    image.write_data(values)?;
    Ok(bytes.into_inner())
}

fn write_transform<W: std::io::Write + std::io::Seek, K: TiffKind>(
    tags: &mut tiff::encoder::DirectoryEncoder<'_, W, K>,
    transform: &GeoTransform,
) -> Result<(), TiffError> {
    let GeoTransform {
        x0,
        x_column,
        x_row,
        y0,
        y_column,
        y_row,
    } = *transform;
    if x_row == 0.0 && y_column == 0.0 {
        tags.write_tag(Tag::Unknown(MODEL_PIXEL_SCALE), &[x_column, -y_row, 0.0][..])?;
        return tags.write_tag(Tag::Unknown(MODEL_TIEPOINT), &[0.0, 0.0, 0.0, x0, y0, 0.0][..]);
    }
    let matrix = [
        x_column, x_row, 0.0, x0, y_column, y_row, 0.0, y0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    ];
    tags.write_tag(Tag::Unknown(MODEL_TRANSFORMATION), &matrix[..])
}
