//! `NumPy` arrays and archives.

use wherefair_data::{ColumnKind, Table};

use crate::reading::{error, fixture, labels, numbers, read, request};

fn open(name: &str) -> Table {
    Table::open(fixture(name)).unwrap()
}

#[test]
fn a_matrix_reads_alike_in_both_orders() {
    for name in ["matrix_c.npy", "matrix_fortran.npy"] {
        let table = open(name);
        assert_eq!(table.n_rows(), Some(3));
        assert_eq!(
            numbers(&table, &["col_1", "col_0"]),
            [[2.0, 6.0], [1.5, 5.0]],
            "{name}"
        );
        let message = error(&table, &request(&["col_1"], &[]));
        assert!(
            message.contains("row 2, column \"col_1\": not a finite number: \"NaN\""),
            "{message}"
        );
    }
}

#[test]
fn a_vector_is_one_column_and_keeps_its_sign() {
    let table = open("vector_i2.npy");
    assert_eq!(table.columns()[0].kind, ColumnKind::Integer);
    assert_eq!(numbers(&table, &["col_0"]), [[-1.0, 0.0, 300.0]]);
    assert_eq!(labels(&table, "col_0"), ["-1", "0", "300"]);
}

#[test]
fn an_archive_of_vectors_is_a_table() {
    let table = open("columns.npz");
    assert_eq!(
        numbers(&table, &["x", "flag"]),
        [[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 1.0, 1.0]]
    );
    assert_eq!(labels(&table, "label"), ["a", "bé", "a", "b"]);
    assert_eq!(labels(&table, "flag"), ["true", "false", "true", "true"]);
    assert_eq!(
        numbers(&table, &["big"])[0][0].to_bits(),
        9_223_372_036_854_775_808.0_f64.to_bits()
    );
    assert!(error(&table, &request(&["cube"], &[])).contains("its shape is [2, 2, 2]"));
    assert!(error(&table, &request(&["c"], &[])).contains("its type is '<c16'"));
    assert!(error(&table, &request(&["label"], &[])).contains("\"a\" is not a number"));
}

#[test]
fn an_archive_of_matrices_is_a_raster() {
    let table = open("bands.npz");
    assert_eq!(table.coordinates(), Some(("x".to_owned(), "y".to_owned())));
    assert_eq!(table.n_rows(), Some(35));
    let whole = read(&table, &request(&["x", "y", "truth", "pred"], &[])).unwrap();
    for i in 0..35_usize {
        let (row, column) = ((i / 7) as f64, (i % 7) as f64);
        let pixel: Vec<f64> = whole.numbers.iter().map(|values| values[i]).collect();
        let value = 10.0 * row + column;
        assert_eq!(pixel, [column + 0.5, row + 0.5, value, 100.0 + value]);
    }
}
