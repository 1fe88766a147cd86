//! GeoJSON, which is read whole.

use std::collections::HashMap;
use std::io::Read as _;

use geojson::{GeoJson, GeometryValue, JsonObject, Position};
use serde_json::Value;
use wherefair_core::Point;

use super::memory::{Cell, Feature};
use crate::geometry::{Geometry, Path};
use crate::input::Input;
use crate::{Crs, DataError};

const FORMAT: &str = "GeoJSON";
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// What a file of shapes holds.
#[derive(Debug)]
pub(crate) struct FeatureFile {
    pub(crate) crs: Crs,
    pub(crate) names: Vec<String>,
    pub(crate) features: Vec<Feature>,
}

pub(crate) fn read_geojson(input: &Input) -> Result<FeatureFile, DataError> {
    let file = input.name();
    let mut bytes = Vec::new();
    input
        .open()?
        .read_to_end(&mut bytes)
        .map_err(|error| DataError::io(&file, FORMAT, error))?;
    let text = bytes.strip_prefix(UTF8_BOM).unwrap_or(&bytes);
    let geojson = GeoJson::from_reader(text).map_err(|error| DataError::malformed(&file, FORMAT, error))?;
    drop(bytes);

    let (features, foreign) = match geojson {
        GeoJson::FeatureCollection(collection) => (collection.features, collection.foreign_members),
        GeoJson::Feature(mut feature) => {
            let foreign = feature.foreign_members.take();
            (vec![feature], foreign)
        }
        GeoJson::Geometry(geometry) => (vec![geometry.into()], None),
    };
    let mut names = Vec::new();
    let mut index_of_name = HashMap::new();
    let mut read = Vec::with_capacity(features.len());
    for (i, feature) in features.into_iter().enumerate() {
        let geometry = feature
            .geometry
            .map(|geometry| convert(&geometry.value))
            .transpose();
        let geometry = geometry
            .map_err(|detail| DataError::malformed(&file, FORMAT, format!("feature {}: {detail}", i + 1)))?;
        let mut cells = Vec::new();
        for (name, value) in feature.properties.unwrap_or_default() {
            let index = *index_of_name.entry(name).or_insert_with_key(|name: &String| {
                names.push(name.clone());
                names.len() - 1
            });
            if cells.len() <= index {
                cells.resize(index + 1, Cell::Missing);
            }
            cells[index] = cell(value);
        }
        read.push(Feature { geometry, cells });
    }
    let crs = crs(foreign.as_ref(), &read);
    Ok(FeatureFile {
        crs,
        names,
        features: read,
    })
}

/// The system that the old `crs` member names; else longitudes and latitudes, where the coordinates can be.
fn crs(foreign: Option<&JsonObject>, features: &[Feature]) -> Crs {
    match foreign.and_then(|foreign| foreign.get("crs")) {
        Some(Value::Null) => Crs::Unknown,
        Some(crs) => crs["properties"]["name"]
            .as_str()
            .map_or(Crs::Unknown, Crs::from_name),
        None => {
            let centroids = features
                .iter()
                .filter_map(|feature| feature.geometry.as_ref()?.centroid());
            let all_degrees = centroids.fold(true, |all, point| {
                all && (-360.0..=360.0).contains(&point.x) && (-90.0..=90.0).contains(&point.y)
            });
            if all_degrees {
                Crs::Epsg(4326)
            } else {
                Crs::Unknown
            }
        }
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Missing,
        Value::Bool(value) => Cell::Bool(value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Cell::Integer(value),
            (None, Some(value)) => Cell::Real(value),
            (None, None) => Cell::Text(number.to_string().into()),
        },
        Value::String(text) => Cell::Text(text.into()),
        Value::Array(_) | Value::Object(_) => Cell::Nested,
    }
}

fn convert(value: &GeometryValue) -> Result<Geometry, String> {
    Ok(match value {
        GeometryValue::Point { coordinates } if coordinates.is_empty() => Geometry::Points(vec![]),
        GeometryValue::Point { coordinates } => Geometry::Points(vec![point(coordinates)?]),
        GeometryValue::MultiPoint { coordinates } => Geometry::Points(path(coordinates)?),
        GeometryValue::LineString { coordinates } => Geometry::Lines(vec![path(coordinates)?]),
        GeometryValue::MultiLineString { coordinates } => Geometry::Lines(paths(coordinates)?),
        GeometryValue::Polygon { coordinates } => Geometry::Polygons(vec![paths(coordinates)?]),
        GeometryValue::MultiPolygon { coordinates } => Geometry::Polygons(
            coordinates
                .iter()
                .map(|polygon| paths(polygon))
                .collect::<Result<_, _>>()?,
        ),
        GeometryValue::GeometryCollection { .. } => return Err("a collection of shapes".to_owned()),
    })
}

fn point(position: &Position) -> Result<Point, String> {
    match position.as_slice() {
        [x, y, ..] => Ok(Point::new(*x, *y)),
        other => Err(format!(
            "a position of {} numbers (accepted: at least 2)",
            other.len()
        )),
    }
}

fn path(positions: &[Position]) -> Result<Path, String> {
    positions.iter().map(point).collect()
}

fn paths(lines: &[Vec<Position>]) -> Result<Vec<Path>, String> {
    lines.iter().map(|line| path(line)).collect()
}
