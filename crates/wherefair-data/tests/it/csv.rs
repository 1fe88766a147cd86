//! Delimited text.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use wherefair_data::{ColumnKind, DataError, Format, Table};

use crate::reading::{csv, error, labels, numbers, read, request};

fn open_bytes(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    Table::from_bytes(name, bytes.to_vec(), Format::Csv)
}

#[test]
fn delimiters_quotes_bom_and_crlf_are_understood() {
    let same = [
        ("t.csv", "a,b\n1,\"x\ny\"\n2,\"q\"\"\"\n".to_owned()),
        ("t.csv", "\u{feff}a;b\r\n1;\"x\ny\"\r\n2;\"q\"\"\"\r\n".to_owned()),
        ("t.tsv", "a\tb\n1\t\"x\ny\"\n2\t\"q\"\"\"".to_owned()),
        (
            "t.csv",
            "\u{feff}\"a\",\"b\"\n1,\"x\ny\"\n\n2,\"q\"\"\"\n\n".to_owned(),
        ),
    ];
    for (name, text) in same {
        let table = open_bytes(name, text.as_bytes()).unwrap();
        let whole = read(&table, &request(&["a"], &["b"])).unwrap();
        assert_eq!(whole.numbers[0], [1.0, 2.0], "{text:?}");
        assert_eq!(whole.texts(1), ["x\ny", "q\""], "{text:?}");
    }
}

#[test]
fn compressed_text_is_inflated_in_all_members() {
    let mut bytes = Vec::new();
    for part in ["a,b\n1,", "2\n3,4\n"] {
        let mut encoder = GzEncoder::new(&mut bytes, Compression::best());
        encoder.write_all(part.as_bytes()).unwrap();
        encoder.finish().unwrap();
    }
    let table = open_bytes("t.csv.gz", &bytes).unwrap();
    assert_eq!(numbers(&table, &["b", "a"]), [[2.0, 4.0], [1.0, 3.0]]);
    assert_eq!(table.n_bytes(), bytes.len() as u64);
    let cut = open_bytes("t.csv.gz", &bytes[..bytes.len() - 3]);
    let message = cut.map_or_else(
        |error| error.to_string(),
        |table| error(&table, &request(&["a"], &[])),
    );
    assert!(message.starts_with("t.csv.gz: not a valid CSV file"), "{message}");
}

#[test]
fn kinds_are_guessed() {
    use ColumnKind::{Boolean, Integer, Real, Text};
    let table = csv("i,r,t,b,code,empty,mixed\n1,1,x,true,01,,1\n-2,2.5,2,FALSE,02,NA,true\n,,,,,,\n");
    let kinds: Vec<ColumnKind> = table.columns().iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Integer, Real, Text, Boolean, Text, Text, Text]);
    assert_eq!(table.n_rows(), None);
}

#[test]
fn labels_of_numbers_are_canonical_and_text_stays_as_it_is() {
    let table = csv("n,t,b,code\n1,1.0, true,01\n1.0, x,TRUE,1\n 1 ,x,False,01\n2.50,1.0,false,2\n");
    assert_eq!(labels(&table, "n"), ["1", "1", "1", "2.5"]);
    assert_eq!(labels(&table, "t"), ["1.0", " x", "x", "1.0"]);
    assert_eq!(labels(&table, "b"), ["true", "true", "false", "false"]);
    assert_eq!(labels(&table, "code"), ["01", "1", "01", "2"]);
    assert_eq!(numbers(&table, &["b"]), [[1.0, 1.0, 0.0, 0.0]]);
}

#[test]
fn large_integers_keep_their_labels_apart() {
    for ids in [
        ["9007199254740993", "9007199254740992"],
        ["99999999999999999999", "99999999999999999998"],
    ] {
        let table = csv(&format!("id\n{}\n{}\n", ids[0], ids[1]));
        assert_eq!(labels(&table, "id"), ids);
    }
}

#[test]
fn a_cell_that_is_no_number_is_an_error_even_when_skipping() {
    let mut ask = request(&["a"], &[]);
    ask.missing = wherefair_data::MissingPolicy::Skip;
    let table = csv("a,b\n1,2\n\"x\ny\",3\n1.5.2,1\n");
    assert_eq!(
        error(&table, &ask),
        "t.csv, line 3, column \"a\": \"x\ny\" is not a number"
    );
    // The quoted cell spans two lines, so the next row is on line 5.
    let table = csv("a,b\n1,2\n2,\"x\ny\"\n1.5.2,1\n");
    assert_eq!(
        error(&table, &ask),
        "t.csv, line 5, column \"a\": \"1.5.2\" is not a number"
    );
}

#[test]
fn ragged_rows_are_errors_with_their_line() {
    let ask = request(&["a"], &[]);
    assert_eq!(
        error(&csv("a,b\n1,2\n1\n"), &ask),
        "t.csv, line 3: 1 fields (accepted: 2, as in the header)"
    );
    assert!(error(&csv("a,b\n1,2,3\n"), &ask).contains("line 2: 3 fields"));
}

#[test]
fn text_that_is_not_utf8_is_an_error_with_its_line() {
    let table = open_bytes("t.csv", b"a,b\n1,x\n2,M\xfcnchen\n").unwrap();
    assert!(error(&table, &request(&[], &["b"])).starts_with("t.csv, line 3: the text is not UTF-8"));
    assert!(
        open_bytes("t.csv", b"\xfc,b\n1,x\n")
            .unwrap_err()
            .to_string()
            .contains("line 1")
    );
    assert!(open_bytes("t.csv", &[0xff, 0xfe, b'a', 0, b'\n', 0]).is_err());
}

#[test]
fn empty_files_and_bare_headers_are_told_apart() {
    assert!(matches!(
        open_bytes("t.csv", b""),
        Err(DataError::EmptyFile { .. })
    ));
    assert!(matches!(
        open_bytes("t.csv", b"\n\n"),
        Err(DataError::Malformed { .. })
    ));
    for text in ["a,b\n", "a,b", "\u{feff}a,b\r\n"] {
        let read = read(&csv(text), &request(&["a"], &[]));
        assert!(matches!(read, Err(DataError::NoRows { .. })), "{text:?}");
    }
}

#[test]
fn duplicate_and_unknown_columns_are_errors() {
    let message = open_bytes("t.csv", b"a,b, a\n1,2,3\n").unwrap_err().to_string();
    assert_eq!(
        message,
        "t.csv: column name \"a\" appears twice (columns 1 and 3)"
    );
    let table = csv("price,other\n1,2\n");
    let message = error(&table, &request(&["Price"], &[]));
    assert_eq!(
        message,
        "t.csv: no column \"Price\"; did you mean \"price\"? (columns: price, other)"
    );
}

#[test]
fn one_column_and_one_row_are_enough() {
    assert_eq!(numbers(&csv("a\n7\n"), &["a"]), [[7.0]]);
    assert_eq!(numbers(&csv("a\n7\n"), &["a", "a"]), [[7.0], [7.0]]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let message = Table::open("no/such/file.csv").unwrap_err().to_string();
    assert!(message.starts_with("no/such/file.csv: "), "{message}");
    assert!(matches!(
        Table::open("no/such/file.docx"),
        Err(DataError::UnknownFormat { .. })
    ));
}
