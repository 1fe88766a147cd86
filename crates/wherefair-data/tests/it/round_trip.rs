//! What is written comes back.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use wherefair_data::{Format, Table};

use crate::reading::{csv, read, request};

type Row = (f64, i64, String);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    prop::collection::vec((number, any::<i64>(), "[a-z\",;\\n]{1,5}[a-z]"), 1..80)
}

fn check(table: &Table, rows: &[Row], batch_rows: usize) -> Result<(), TestCaseError> {
    let mut ask = request(&["real"], &["int", "text"]);
    ask.batch_rows = batch_rows;
    let whole = read(table, &ask).unwrap();
    for (i, (real, int, text)) in rows.iter().enumerate() {
        prop_assert_eq!(whole.numbers[0][i].to_bits(), real.to_bits());
        prop_assert_eq!(whole.texts(1)[i], int.to_string());
        prop_assert_eq!(whole.texts(2)[i], text);
    }
    prop_assert_eq!(whole.codes[2].len(), rows.len());
    Ok(())
}

proptest! {
    #[test]
    fn csv_gives_back_what_was_written(rows in rows(), batch_rows in 1..100_usize) {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(["real", "int", "text"]).unwrap();
        for (real, int, text) in &rows {
            writer.write_record([real.to_string(), int.to_string(), text.clone()]).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        check(&csv(&text), &rows, batch_rows)?;
    }

    #[test]
    fn parquet_gives_back_what_was_written(rows in rows(), batch_rows in 1..100_usize, group in 1..100_usize) {
        let columns: [(&str, ArrayRef); 3] = [
            ("real", Arc::new(rows.iter().map(|row| row.0).collect::<Float64Array>())),
            ("int", Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>())),
            ("text", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.2)))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let table = Table::from_bytes("t.parquet", bytes, Format::Parquet).unwrap();
        check(&table, &rows, batch_rows)?;
    }
}
