//! The georeference of a TIFF file: its tags and keys.

use std::io::{Read, Seek};

use tiff::TiffError;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use crate::Crs;
use crate::raster::GeoTransform;

pub(crate) const MODEL_PIXEL_SCALE: u16 = 33_550;
pub(crate) const MODEL_TIEPOINT: u16 = 33_922;
pub(crate) const MODEL_TRANSFORMATION: u16 = 34_264;
pub(crate) const GEO_KEY_DIRECTORY: u16 = 34_735;
const GEO_ASCII_PARAMS: u16 = 34_737;

pub(crate) const KEY_RASTER_TYPE: u16 = 1025;
const KEY_CITATION: u16 = 1026;
pub(crate) const KEY_GEOGRAPHIC_TYPE: u16 = 2048;
const KEY_GEOGRAPHIC_CITATION: u16 = 2049;
pub(crate) const KEY_PROJECTED_TYPE: u16 = 3072;
const KEY_PROJECTED_CITATION: u16 = 3073;

const PIXEL_IS_POINT: u16 = 2;
const USER_DEFINED: u16 = 32_767;

pub(crate) struct Georeference {
    pub(crate) transform: Option<GeoTransform>,
    pub(crate) crs: Crs,
}

/// Reads what is there; a raster without georeference has neither transform nor system.
pub(crate) fn read_geokeys<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Georeference, TiffError> {
    let mut reals = |tag| match decoder.find_tag(Tag::Unknown(tag))? {
        Some(value) => value.into_f64_vec(),
        None => Ok(Vec::new()),
    };
    let (scale, tie, matrix) = (
        reals(MODEL_PIXEL_SCALE)?,
        reals(MODEL_TIEPOINT)?,
        reals(MODEL_TRANSFORMATION)?,
    );
    let directory = decoder
        .find_tag_unsigned_vec::<u16>(Tag::Unknown(GEO_KEY_DIRECTORY))?
        .unwrap_or_default();
    let ascii = match decoder.find_tag(Tag::Unknown(GEO_ASCII_PARAMS))? {
        Some(value) => value.into_string()?,
        None => String::new(),
    };
    let keys = Keys {
        entries: directory.as_chunks::<4>().0.get(1..).unwrap_or_default(),
        ascii: &ascii,
    };
    let mut transform = transform(&scale, &tie, &matrix);
    if let Some(transform) = transform
        .as_mut()
        .filter(|_| keys.short(KEY_RASTER_TYPE) == Some(PIXEL_IS_POINT))
    {
        let corner = transform.apply(-0.5, -0.5);
        (transform.x0, transform.y0) = (corner.x, corner.y);
    }
    Ok(Georeference {
        transform,
        crs: keys.crs(),
    })
}

fn transform(scale: &[f64], tie: &[f64], matrix: &[f64]) -> Option<GeoTransform> {
    if let [a, b, _, x0, d, e, _, y0, ..] = *matrix {
        return Some(GeoTransform {
            x0,
            x_column: a,
            x_row: b,
            y0,
            y_column: d,
            y_row: e,
        });
    }
    match (scale, tie) {
        (&[width, height, ..], &[column, row, _, x, y, ..]) => Some(GeoTransform {
            x0: x - column * width,
            x_column: width,
            x_row: 0.0,
            y0: y + row * height,
            y_column: 0.0,
            y_row: -height,
        }),
        _ => None,
    }
}

struct Keys<'a> {
    /// Key, tag that holds the value (0: the entry itself), count, value or offset.
    entries: &'a [[u16; 4]],
    ascii: &'a str,
}

impl Keys<'_> {
    fn short(&self, key: u16) -> Option<u16> {
        self.entries
            .iter()
            .find(|entry| entry[0] == key && entry[1] == 0)
            .map(|entry| entry[3])
    }

    fn text(&self, key: u16) -> Option<&str> {
        let [_, _, n, start] = self
            .entries
            .iter()
            .find(|entry| entry[0] == key && entry[1] == GEO_ASCII_PARAMS)?;
        let text = self
            .ascii
            .get(usize::from(*start)..usize::from(*start) + usize::from(*n))?;
        let text = text.trim_matches(['|', '\0', ' ']);
        (!text.is_empty()).then_some(text)
    }

    fn crs(&self) -> Crs {
        let code = |key| self.short(key).filter(|&code| code != 0);
        match (code(KEY_PROJECTED_TYPE), code(KEY_GEOGRAPHIC_TYPE)) {
            (Some(USER_DEFINED), _) => {}
            (Some(code), _) => return Crs::Epsg(code.into()),
            (None, Some(code)) if code != USER_DEFINED && self.text(KEY_PROJECTED_CITATION).is_none() => {
                return Crs::Epsg(code.into());
            }
            _ => {}
        }
        let citation = [KEY_PROJECTED_CITATION, KEY_CITATION, KEY_GEOGRAPHIC_CITATION];
        let citation = citation.into_iter().find_map(|key| self.text(key));
        citation.map_or(Crs::Unknown, |text| Crs::Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tiepoint_and_a_scale_make_a_transform() {
        let transform = transform(&[10.0, 20.0, 0.0], &[1.0, 2.0, 0.0, 500.0, 900.0, 0.0], &[]).unwrap();
        let corner = transform.apply(0.0, 0.0);
        assert_eq!(corner, wherefair_core::Point::new(490.0, 940.0));
        assert_eq!(
            transform.apply(1.0, 2.0),
            wherefair_core::Point::new(500.0, 900.0)
        );
    }

    #[test]
    fn keys_name_systems() {
        let crs = |entries: &[[u16; 4]], ascii: &str| Keys { entries, ascii }.crs();
        assert_eq!(crs(&[[3072, 0, 1, 32633]], ""), Crs::Epsg(32_633));
        assert_eq!(crs(&[[2048, 0, 1, 4326]], ""), Crs::Epsg(4326));
        assert_eq!(
            crs(
                &[[2048, 0, 1, 4326], [3072, 0, 1, 32_767], [3073, 34_737, 5, 0]],
                "Mine|"
            ),
            Crs::Text("Mine".into())
        );
        assert_eq!(
            crs(&[[3073, 34_737, 500, 0], [3072, 0, 1, 32_767]], "Mine|"),
            Crs::Unknown
        );
        assert_eq!(crs(&[], ""), Crs::Unknown);
    }
}
