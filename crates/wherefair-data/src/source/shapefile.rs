//! ESRI Shapefile, which is read whole (the format ends at 2 GB).

use shapefile::dbase::{FieldValue, Reader as DbaseReader};
use shapefile::record::polygon::GenericPolygon;
use shapefile::{PolygonRing, Reader, Shape};
use wherefair_core::Point;

use super::geojson::FeatureFile;
use super::memory::{Cell, Feature};
use crate::geometry::{Geometry, Path};
use crate::input::Input;
use crate::{Crs, DataError};

const FORMAT: &str = "Shapefile";

pub(crate) fn read_shapefile(input: &Input) -> Result<FeatureFile, DataError> {
    let file = input.name();
    let Input::File(path) = input else {
        return Err(DataError::unsupported(
            &file,
            "a Shapefile is several files and cannot be read from memory",
        ));
    };
    let malformed = |error: shapefile::Error| match error {
        shapefile::Error::IoError(error) => DataError::io(&file, FORMAT, error),
        shapefile::Error::MissingDbf => DataError::unsupported(
            &file,
            "the .dbf file with the columns is missing beside the .shp file",
        ),
        other => DataError::malformed(&file, FORMAT, other),
    };
    let mut reader = Reader::from_path(path).map_err(malformed)?;
    let names: Vec<String> = DbaseReader::from_path(path.with_extension("dbf"))
        .map_err(|error| DataError::malformed(&file, FORMAT, error))?
        .fields()
        .iter()
        .map(|field| field.name().to_owned())
        .collect();
    let mut features = Vec::new();
    for item in reader.iter_shapes_and_records() {
        let (shape, record) = item.map_err(malformed)?;
        let geometry = convert(shape).map_err(|detail| {
            DataError::malformed(&file, FORMAT, format!("feature {}: {detail}", features.len() + 1))
        })?;
        let cells = names
            .iter()
            .map(|name| record.get(name).map_or(Cell::Missing, cell))
            .collect();
        features.push(Feature { geometry, cells });
    }
    let crs = std::fs::read_to_string(path.with_extension("prj"));
    Ok(FeatureFile {
        crs: crs.map_or(Crs::Unknown, |text| Crs::from_wkt(&text)),
        names,
        features,
    })
}

fn cell(value: &FieldValue) -> Cell {
    let real = |value: f64| crate::cell::as_integer(value).map_or(Cell::Real(value), Cell::Integer);
    match value {
        FieldValue::Character(Some(text)) | FieldValue::Memo(text) => Cell::Text(text.as_str().into()),
        FieldValue::Numeric(Some(value)) | FieldValue::Currency(value) | FieldValue::Double(value) => {
            real(*value)
        }
        FieldValue::Float(Some(value)) => real(f64::from(*value)),
        FieldValue::Integer(value) => Cell::Integer(i64::from(*value)),
        FieldValue::Logical(Some(value)) => Cell::Bool(*value),
        FieldValue::Date(Some(date)) => Cell::Text(date.to_string().into()),
        FieldValue::DateTime(moment) => Cell::Text(format!("{moment:?}").into()),
        FieldValue::Character(None)
        | FieldValue::Numeric(None)
        | FieldValue::Float(None)
        | FieldValue::Logical(None)
        | FieldValue::Date(None) => Cell::Missing,
    }
}

fn convert(shape: Shape) -> Result<Option<Geometry>, String> {
    Ok(Some(match shape {
        Shape::NullShape => return Ok(None),
        Shape::Point(point) => Geometry::Points(vec![Point::new(point.x, point.y)]),
        Shape::PointM(point) => Geometry::Points(vec![Point::new(point.x, point.y)]),
        Shape::PointZ(point) => Geometry::Points(vec![Point::new(point.x, point.y)]),
        Shape::Multipoint(points) => Geometry::Points(path(points.points(), |p| Point::new(p.x, p.y))),
        Shape::MultipointM(points) => Geometry::Points(path(points.points(), |p| Point::new(p.x, p.y))),
        Shape::MultipointZ(points) => Geometry::Points(path(points.points(), |p| Point::new(p.x, p.y))),
        Shape::Polyline(lines) => Geometry::Lines(
            lines
                .parts()
                .iter()
                .map(|part| path(part, |p| Point::new(p.x, p.y)))
                .collect(),
        ),
        Shape::PolylineM(lines) => Geometry::Lines(
            lines
                .parts()
                .iter()
                .map(|part| path(part, |p| Point::new(p.x, p.y)))
                .collect(),
        ),
        Shape::PolylineZ(lines) => Geometry::Lines(
            lines
                .parts()
                .iter()
                .map(|part| path(part, |p| Point::new(p.x, p.y)))
                .collect(),
        ),
        Shape::Polygon(polygon) => polygons(&polygon, |p| Point::new(p.x, p.y)),
        Shape::PolygonM(polygon) => polygons(&polygon, |p| Point::new(p.x, p.y)),
        Shape::PolygonZ(polygon) => polygons(&polygon, |p| Point::new(p.x, p.y)),
        Shape::Multipatch(_) => return Err("a multipatch (accepted: points, lines, polygons)".to_owned()),
    }))
}

fn path<P>(points: &[P], point: impl Fn(&P) -> Point) -> Path {
    points.iter().map(point).collect()
}

/// Groups rings into polygons: a hole belongs to the outer ring around it, whatever their order in the file.
fn polygons<P>(polygon: &GenericPolygon<P>, point: impl Fn(&P) -> Point + Copy) -> Geometry {
    let mut outers: Vec<Vec<Path>> = Vec::new();
    let mut holes = Vec::new();
    for ring in polygon.rings() {
        match ring {
            PolygonRing::Outer(points) => outers.push(vec![path(points, point)]),
            PolygonRing::Inner(points) => holes.push(path(points, point)),
        }
    }
    for hole in holes {
        let home = outers
            .iter()
            .position(|outer| hole.first().is_some_and(|&p| contains(&outer[0], p)));
        match (home, outers.is_empty()) {
            (Some(home), _) => outers[home].push(hole),
            // A lone ring that is wound like a hole is an outer ring that some program wrote backwards.
            (None, true) => outers.push(vec![hole]),
            (None, false) => {
                let last = outers.len() - 1;
                outers[last].push(hole);
            }
        }
    }
    Geometry::Polygons(outers)
}

/// Whether `point` lies inside `ring` (even–odd rule).
fn contains(ring: &[Point], point: Point) -> bool {
    let nexts = ring.iter().cycle().skip(1);
    let crossings = ring.iter().zip(nexts).filter(|(a, b)| {
        (a.y > point.y) != (b.y > point.y) && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x
    });
    crossings.count() % 2 == 1
}
