//! Polygon layers: districts, tracts and other areas with names.

use std::path::Path as FilePath;

use wherefair_core::Point;

use crate::column::{ColumnInfo, ColumnKind, find};
use crate::geometry::{Geometry, open_ring};
use crate::input::Input;
use crate::source::geojson::{FeatureFile, read_geojson};
use crate::source::memory::{Cell, Feature};
use crate::source::parquet::read_features;
use crate::source::shapefile::read_shapefile;
use crate::{Crs, DataError, Format};

/// The polygons of one feature: each is an outer ring followed by its holes, rings without a repeated last
/// point.
pub type PolygonRings = Vec<Vec<Vec<Point>>>;

/// Columns that customarily hold the name of an area, best first; compared without regard to case.
const LABEL_COLUMNS: [&str; 10] = [
    "name", "label", "geoid", "geoid20", "geoid10", "district", "id", "fid", "objectid", "code",
];

/// The areas of a file of polygons.
///
/// # Examples
/// ```
/// use std::io::Write as _;
/// use wherefair_data::PolygonLayer;
///
/// let mut file = tempfile::Builder::new().suffix(".geojson").tempfile()?;
/// write!(
///     file,
///     r#"{{"type": "Feature", "properties": {{"name": "North"}}, "geometry":
///        {{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}}}"#
/// )?;
/// let layer = PolygonLayer::open(file.path(), None)?;
/// let (label, polygons) = &layer.polygons[0];
/// assert_eq!((label.as_str(), polygons[0][0].len()), ("North", 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PolygonLayer {
    /// The coordinate reference system.
    pub crs: Crs,
    /// The label and the polygons of each feature, in the order of the file. Labels may repeat.
    pub polygons: Vec<(String, PolygonRings)>,
}

impl PolygonLayer {
    /// Reads a GeoJSON, Shapefile or `GeoParquet` file whole.
    ///
    /// Labels come from `label_column`; without one, from the first column with a customary name (`name`,
    /// `label`, `geoid`, `district`, `id` and the like, in any case); else, and for features whose cell is
    /// empty, they are `polygon 1`, `polygon 2` and so on.
    ///
    /// # Errors
    /// [`DataError`] when the file cannot be read, holds no feature, has no such column, or has a feature
    /// that is not a polygon of finite rings of at least three distinct points.
    pub fn open(path: impl AsRef<FilePath>, label_column: Option<&str>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let input = Input::File(path.to_owned());
        let format = Format::of(path)?;
        input.n_bytes()?;
        let file = input.name();
        let FeatureFile { crs, names, features } = match format {
            Format::GeoJson => read_geojson(&input)?,
            Format::Shapefile => read_shapefile(&input)?,
            Format::Parquet => read_features(&input)?,
            other => {
                let detail =
                    format!("{other} files hold no polygons (accepted: GeoJSON, Shapefile, GeoParquet)");
                return Err(DataError::unsupported(&file, detail));
            }
        };
        if features.is_empty() {
            return Err(DataError::NoRows { file });
        }
        let label_index = match label_column {
            Some(name) => Some(find_label(&file, &names, name)?),
            None => LABEL_COLUMNS
                .iter()
                .find_map(|wanted| names.iter().position(|name| name.eq_ignore_ascii_case(wanted))),
        };
        let polygons = features.into_iter().enumerate().map(|(i, feature)| {
            let cell = label_index.and_then(|index| feature.cells.get(index));
            let label = cell
                .and_then(label_of)
                .unwrap_or_else(|| format!("polygon {}", i + 1));
            let rings = rings_of(feature);
            let rings = rings.map_err(|detail| DataError::BadPolygon {
                file: file.clone(),
                feature: i + 1,
                detail,
            })?;
            Ok((label, rings))
        });
        Ok(Self {
            crs,
            polygons: polygons.collect::<Result<_, DataError>>()?,
        })
    }
}

fn find_label(file: &str, names: &[String], name: &str) -> Result<usize, DataError> {
    let columns: Vec<ColumnInfo> = names
        .iter()
        .map(|name| ColumnInfo::new(name, ColumnKind::Text))
        .collect();
    find(file, &columns, name)
}

fn label_of(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Missing | Cell::Nested => None,
        Cell::Bool(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Real(value) => {
            Some(crate::cell::as_integer(*value).map_or_else(|| value.to_string(), |value| value.to_string()))
        }
        Cell::Text(text) => (!text.trim().is_empty()).then(|| text.to_string()),
    }
}

fn rings_of(feature: Feature) -> Result<PolygonRings, String> {
    let polygons = match feature.geometry {
        Some(Geometry::Polygons(polygons)) => polygons,
        Some(other) => return Err(format!("a {}, not a polygon", other.name())),
        None => return Err("no shape".to_owned()),
    };
    let polygons: Vec<_> = polygons
        .into_iter()
        .filter(|polygon| !polygon.is_empty())
        .collect();
    if polygons.is_empty() {
        return Err("an empty polygon".to_owned());
    }
    let open_all = |rings: Vec<_>| rings.into_iter().map(open_ring).collect::<Result<_, _>>();
    polygons.into_iter().map(open_all).collect()
}
