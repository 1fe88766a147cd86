//! GeoJSON, Shapefile and polygon layers.

use wherefair_data::{ColumnKind, Crs, DataError, Format, PolygonLayer, Table};

use crate::reading::{error, fixture, numbers, read, request};

fn geojson(text: &str) -> Result<Table, DataError> {
    Table::from_bytes("t.geojson", text.as_bytes().to_vec(), Format::GeoJson)
}

fn feature(geometry: &str, properties: &str) -> String {
    format!(r#"{{"type": "Feature", "geometry": {geometry}, "properties": {properties}}}"#)
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type": "FeatureCollection", "features": [{}]}}"#,
        features.join(",")
    )
}

fn layer(text: &str, label: Option<&str>) -> Result<PolygonLayer, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layer.geojson");
    std::fs::write(&path, text).unwrap();
    PolygonLayer::open(&path, label)
}

const SQUARE: &str = r#"{"type": "Polygon", "coordinates": [[[0,0],[2,0],[2,2],[0,2],[0,0]]]}"#;

#[test]
fn points_and_properties_are_a_table() {
    let point = |x: i32| format!(r#"{{"type": "Point", "coordinates": [{x}, 5, 9]}}"#);
    let text = collection(&[
        feature(&point(1), r#"{"v": 1, "name": "a", "deep": [1], "x": true}"#),
        feature("null", r#"{"v": 1.5, "x": null}"#),
        feature(&point(3), r#"{"v": "2", "late": 7, "x": false}"#),
    ]);
    let table = geojson(&text).unwrap();
    assert_eq!(
        table.coordinates(),
        Some(("geometry_x".to_owned(), "geometry_y".to_owned()))
    );
    assert_eq!((table.crs(), table.n_rows()), (&Crs::Epsg(4326), Some(3)));
    assert_eq!(numbers(&table, &["geometry_x", "v"]), [[1.0, 3.0], [1.0, 2.0]]);
    assert_eq!(numbers(&table, &["late"]), [[7.0]]);
    assert!(
        error(&table, &request(&["geometry_x"], &[])).contains("row 2, column \"geometry_x\": missing value")
    );
    assert!(error(&table, &request(&[], &["deep"])).contains("it holds lists"));
    let kind = |name: &str| {
        table
            .columns()
            .iter()
            .find(|column| column.name == name)
            .unwrap()
            .kind
    };
    assert_eq!(
        (kind("v"), kind("x"), kind("late")),
        (ColumnKind::Text, ColumnKind::Boolean, ColumnKind::Integer)
    );
}

#[test]
fn the_old_crs_member_is_honoured() {
    let text = collection(&[feature(r#"{"type": "Point", "coordinates": [5e5, 4e6]}"#, "{}")]);
    assert_eq!(*geojson(&text).unwrap().crs(), Crs::Unknown);
    let crs = r#"{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2834"}}"#;
    let named = text.replacen('{', &format!(r#"{{"crs": {crs}, "#), 1);
    assert_eq!(*geojson(&named).unwrap().crs(), Crs::Epsg(2834));
}

#[test]
fn broken_geojson_is_an_error() {
    for text in [
        "{",
        "[]",
        "null",
        "{\"type\": \"Topology\"}",
        "{\"type\": \"Feature\"}{",
        "\u{feff}",
    ] {
        assert!(
            matches!(geojson(text), Err(DataError::Malformed { .. })),
            "{text:?}"
        );
    }
    let short = collection(&[feature(r#"{"type": "Point", "coordinates": [1]}"#, "{}")]);
    assert!(geojson(&short).is_err());
    let table = geojson(&collection(&[])).unwrap();
    assert!(matches!(
        read(&table, &request(&["x"], &[])),
        Err(DataError::NoRows { .. })
    ));
    assert!(geojson(&"[".repeat(100_000)).is_err());
}

#[test]
fn shapefile_points_are_a_table() {
    let table = Table::open(fixture("points.shp")).unwrap();
    assert_eq!(table.crs().is_geographic(), Some(false));
    let whole = read(&table, &request(&["x", "v"], &["name"])).unwrap();
    assert_eq!(
        (whole.numbers[0].len(), &whole.numbers[1][..]),
        (2, &[1.5, 2.5][..])
    );
    assert_eq!(whole.texts(2), ["a", "b"]);
    let memory = Table::from_bytes("p.shp", b"x".as_slice(), Format::Shapefile);
    assert!(matches!(memory, Err(DataError::Unsupported { .. })));
}

#[test]
fn polygon_layers_agree_across_formats() {
    let layers = ["areas.geojson", "areas.shp", "areas.parquet"];
    for name in layers {
        let layer = PolygonLayer::open(fixture(name), None).unwrap();
        let labels: Vec<&str> = layer.polygons.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Holed", "Süd"], "{name}");
        assert!(
            layer.crs.describe().contains("Ohio North")
                || layer.crs.describe().contains("Ohio_North")
                || layer.crs == Crs::Epsg(2834),
            "{name}: {}",
            layer.crs
        );
        let shape: Vec<Vec<usize>> = layer
            .polygons
            .iter()
            .flat_map(|(_, polygons)| polygons.iter().map(|rings| rings.iter().map(Vec::len).collect()))
            .collect();
        assert_eq!(shape, [vec![4, 4], vec![4], vec![4]], "{name}");
        assert_eq!(layer.polygons[1].1.len(), 2);
        let by_code = PolygonLayer::open(fixture(name), Some("code")).unwrap();
        assert_eq!(by_code.polygons[1].0, "8", "{name}");
        let message = PolygonLayer::open(fixture(name), Some("cod"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("did you mean \"code\"?"), "{message}");
    }
}

#[test]
fn features_without_a_label_are_numbered() {
    let text = collection(&[
        feature(SQUARE, r#"{"name": null}"#),
        feature(SQUARE, r#"{"name": "B"}"#),
    ]);
    let layer = layer(&text, None).unwrap();
    assert_eq!(
        (layer.polygons[0].0.as_str(), layer.polygons[1].0.as_str()),
        ("polygon 1", "B")
    );
}

#[test]
fn features_that_are_no_areas_are_errors_with_their_number() {
    for (geometry, complaint) in [
        (
            r#"{"type": "Point", "coordinates": [1, 2]}"#,
            "a point, not a polygon",
        ),
        (
            r#"{"type": "LineString", "coordinates": [[1, 2], [2, 3]]}"#,
            "a line, not a polygon",
        ),
        (
            r#"{"type": "MultiPolygon", "coordinates": []}"#,
            "an empty polygon",
        ),
        (
            r#"{"type": "Polygon", "coordinates": [[[0,0],[1,0],[0,0]]]}"#,
            "a ring has 2 distinct points",
        ),
        ("null", "no shape"),
    ] {
        let message = layer(
            &collection(&[feature(SQUARE, "{}"), feature(geometry, "{}")]),
            None,
        )
        .unwrap_err()
        .to_string();
        assert!(message.contains(&format!("feature 2: {complaint}")), "{message}");
    }
    assert!(matches!(
        layer(&collection(&[]), None),
        Err(DataError::NoRows { .. })
    ));
    let message = PolygonLayer::open(fixture("bands.npz"), None)
        .unwrap_err()
        .to_string();
    assert!(message.contains("npz files hold no polygons"), "{message}");
    assert!(PolygonLayer::open(fixture("types.parquet"), None).is_err());
}
