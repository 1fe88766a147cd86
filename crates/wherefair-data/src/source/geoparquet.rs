//! The shapes in `GeoParquet` files.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Float64Type;
use arrow_array::{Array as _, ArrayRef};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use serde_json::Value;
use wherefair_core::Point;

use crate::geometry::Geometry;
use crate::wkb::parse_wkb;

/// What the file says of its shapes, where it holds any.
pub(crate) fn geo_metadata(metadata: &ArrowReaderMetadata) -> Option<Value> {
    let pairs = metadata.metadata().file_metadata().key_value_metadata()?;
    let geo = pairs.iter().find(|pair| pair.key == "geo")?;
    serde_json::from_str(geo.value.as_deref()?).ok()
}

/// Whether shapes of this type can be read: well-known binary, or points as a structure of coordinates.
pub(crate) fn is_readable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Struct(fields) => ["x", "y"].iter().all(|name| {
            fields
                .iter()
                .any(|field| field.name() == name && *field.data_type() == DataType::Float64)
        }),
        _ => false,
    }
}

/// The shapes in a column that [`is_readable`], with the row of the first that is not valid.
pub(crate) fn shapes(array: &ArrayRef) -> Result<Vec<Option<Geometry>>, (usize, String)> {
    fn parse<'a>(
        values: impl Iterator<Item = Option<&'a [u8]>>,
    ) -> Result<Vec<Option<Geometry>>, (usize, String)> {
        let parse = |(i, bytes): (usize, Option<&[u8]>)| {
            bytes
                .map(parse_wkb)
                .transpose()
                .map_err(|error| (i, format!("not a valid shape: {error}")))
        };
        values.enumerate().map(parse).collect()
    }
    match array.data_type() {
        DataType::LargeBinary => parse(array.as_binary::<i64>().iter()),
        DataType::BinaryView => parse(array.as_binary_view().iter()),
        DataType::Struct(_) => {
            let array = array.as_struct();
            let part = |name| {
                array
                    .column_by_name(name)
                    .and_then(|part| part.as_primitive_opt::<Float64Type>())
            };
            let (Some(x), Some(y)) = (part("x"), part("y")) else {
                return Err((0, "points without x and y".to_owned()));
            };
            let point = |i| {
                let is_null = array.is_null(i) || x.is_null(i) || y.is_null(i);
                (!is_null).then(|| Geometry::Points(vec![Point::new(x.value(i), y.value(i))]))
            };
            Ok((0..array.len()).map(point).collect())
        }
        _ => parse(array.as_binary::<i32>().iter()),
    }
}

pub(crate) fn centroids_of(array: &ArrayRef) -> Result<Vec<Option<Point>>, (usize, String)> {
    Ok(shapes(array)?
        .into_iter()
        .map(|shape| shape?.centroid())
        .collect())
}
