//! Parquet and `GeoParquet`.

use wherefair_data::{ColumnKind, Crs, MissingPolicy, Table};

use crate::reading::{error, fixture, labels, numbers, read, request};

/// Centroids are quotients of small whole numbers.
const TOLERANCE: f64 = 1e-12;

fn open(name: &str) -> Table {
    Table::open(fixture(name)).unwrap()
}

#[test]
fn every_readable_type_gives_its_numbers() {
    let table = open("types.parquet");
    assert_eq!(table.n_rows(), Some(3));
    for (name, expected) in [
        ("i8", [1.0, -2.0]),
        ("u64", [18_446_744_073_709_551_615.0, 7.0]),
        ("i64", [9_007_199_254_740_992.0, 7.0]),
        ("f16", [0.5, 2.0]),
        ("f32", [f64::from(0.1_f32), 2.0]),
        ("f64", [0.1, 2.0]),
        ("flag", [1.0, 0.0]),
        ("date", [0.0, 18_321.0]),
        ("moment", [0.0, 1_582_977_600.5]),
        ("price", [1250.0, 700.0]),
    ] {
        assert_eq!(numbers(&table, &[name]), [expected], "{name}");
    }
}

#[test]
fn every_readable_type_gives_its_labels() {
    let table = open("types.parquet");
    for (name, expected) in [
        ("i8", ["1", "-2"]),
        ("u64", ["18446744073709551615", "7"]),
        ("i64", ["9007199254740993", "7"]),
        ("f16", ["0.5", "2"]),
        ("f32", ["0.1", "2"]),
        ("f64", ["0.1", "2"]),
        ("flag", ["true", "false"]),
        ("text", ["a", "12.5"]),
        ("large", ["a", "b"]),
        ("view", ["a", "b"]),
        ("category", ["b", "a"]),
        ("date", ["1970-01-01", "2020-02-29"]),
        ("moment", ["1970-01-01T00:00:00", "2020-02-29T12:00:00.500"]),
        ("price", ["1250", "700"]),
    ] {
        assert_eq!(labels(&table, name), expected, "{name}");
    }
}

#[test]
fn nulls_are_missing_and_text_is_no_number() {
    let table = open("types.parquet");
    let message = error(&table, &request(&["f64"], &[]));
    assert!(
        message.contains("row 3, column \"f64\": missing value: \"\""),
        "{message}"
    );
    assert!(error(&table, &request(&[], &["category"])).contains("row 3"));
    assert!(
        error(&table, &request(&["text"], &[])).contains("row 1, column \"text\": \"a\" is not a number")
    );
    assert!(error(&table, &request(&["category"], &[])).contains("\"b\" is not a number"));
}

#[test]
fn types_that_cannot_be_read_are_listed_and_refused() {
    let table = open("types.parquet");
    for name in ["nested", "blob"] {
        assert!(
            table
                .columns()
                .iter()
                .any(|column| column.name == name && column.unusable.is_some())
        );
        assert!(
            error(&table, &request(&[], &[name])).contains("its type is"),
            "{name}"
        );
    }
}

#[test]
fn row_groups_and_batch_sizes_do_not_show() {
    let table = open("groups.parquet");
    let mut ask = request(&["b", "a"], &["c", "b"]);
    let whole = read(&table, &ask).unwrap();
    for i in 0..1000_usize {
        assert_eq!(
            (whole.numbers[0][i], whole.numbers[1][i]),
            ((i % 7) as f64, i as f64 * 0.5)
        );
        assert_eq!(whole.texts(2)[i], ["u", "v", "w"][i % 3]);
    }
    for batch_rows in [1, 7, 300, 301, usize::MAX] {
        ask.batch_rows = batch_rows;
        assert_eq!(read(&table, &ask).unwrap(), whole, "{batch_rows}");
    }
}

#[test]
fn points_become_coordinates_in_both_encodings() {
    for name in ["points.parquet", "points_native.parquet"] {
        let table = open(name);
        assert_eq!(table.coordinates(), Some(("x".to_owned(), "y".to_owned())));
        assert_eq!(*table.crs(), Crs::Epsg(4326));
        let whole = read(&table, &request(&["y", "v", "x"], &["name"])).unwrap();
        assert_eq!(whole.numbers[..3], [[2.0, 4.0], [1.5, 2.5], [1.0, 3.0]], "{name}");
        assert_eq!(whole.texts(3), ["a", "b"]);
        let geometry = table
            .columns()
            .iter()
            .find(|column| column.kind == ColumnKind::Geometry)
            .unwrap();
        assert!(error(&table, &request(&[&geometry.name], &[])).contains("it holds shapes"));
    }
}

#[test]
fn polygons_become_their_centroids() {
    let table = open("areas.parquet");
    assert_eq!(*table.crs(), Crs::Epsg(2834));
    let mut ask = request(&["x", "y", "code"], &[]);
    ask.missing = MissingPolicy::Error;
    let whole = read(&table, &ask).unwrap();
    // (16 · 2 − 1 · 1.5) / 15, and the mean of two unit squares.
    let expected = [[30.5 / 15.0, 15.5], [30.5 / 15.0, 0.5], [7.0, 8.0]];
    for (values, expected) in whole.numbers.iter().zip(expected) {
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < TOLERANCE);
        }
    }
}
