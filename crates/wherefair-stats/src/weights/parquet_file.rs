//! Parquet files: one row a link, as libpysal's `Graph` writes and reads them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;

use super::SpatialWeights;
use super::text::{LabelledWeights, check_ids};
use crate::StatsError;

const FORMAT: &str = "Parquet";

/// Reads weights from a Parquet file with the columns `focal`, `neighbor` (text or whole numbers) and `weight`.
///
/// Units are numbered as their ids first appear in `focal`, then as they first appear in `neighbor`. An isolate is
/// a link of weight 0 to itself.
///
/// # Errors
/// [`StatsError`] when the file cannot be read, lacks a column, holds an empty cell, or as
/// [`SpatialWeights::from_edges`].
///
/// # Examples
/// ```
/// use wherefair_stats::{SpatialWeights, read_parquet, write_parquet};
///
/// let w = SpatialWeights::from_edges(3, [(0, 1, 0.5)])?;
/// let ids = ["a", "b", "c"].map(str::to_owned);
/// let mut file = vec![];
/// write_parquet(&mut file, &w, &ids)?;
/// let read = read_parquet(file.as_slice())?;
/// assert_eq!((read.weights, read.ids), (w, ids.to_vec()));
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn read_parquet(mut reader: impl Read) -> Result<LabelledWeights, StatsError> {
    let mut bytes = vec![];
    reader
        .read_to_end(&mut bytes)
        .map_err(|error| failed("reading weights", &error))?;
    // The decoder may panic on corrupt data; nothing that it touched is used after that.
    let Ok(links) = catch_unwind(AssertUnwindSafe(|| decode(bytes.into()))) else {
        return Err(broken("data".to_owned(), "the decoder failed on corrupt data"));
    };
    let Links {
        focal,
        neighbour,
        weights,
    } = links?;
    let mut ids: Vec<String> = vec![];
    let mut units: BTreeMap<String, usize> = BTreeMap::new();
    for id in focal.iter().chain(&neighbour) {
        if !units.contains_key(id) {
            units.insert(id.clone(), ids.len());
            ids.push(id.clone());
        }
    }
    let links = focal.iter().zip(&neighbour).zip(weights);
    let edges = links.map(|((from, to), weight)| (units[from], units[to], weight));
    let weights = SpatialWeights::from_edges(ids.len(), edges)?;
    Ok(LabelledWeights { ids, weights })
}

/// The columns of a file.
#[derive(Default)]
struct Links {
    focal: Vec<String>,
    neighbour: Vec<String>,
    weights: Vec<f64>,
}

fn decode(bytes: bytes::Bytes) -> Result<Links, StatsError> {
    let batches = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| failed("reading weights", &error))?;
    let mut links = Links::default();
    for batch in batches {
        let batch = batch.map_err(|error| failed("reading weights", &error))?;
        let first_row = links.weights.len();
        links.focal.extend(id_column(&batch, "focal", first_row)?);
        links.neighbour.extend(id_column(&batch, "neighbor", first_row)?);
        links.weights.extend(weight_column(&batch, first_row)?);
    }
    Ok(links)
}

/// Writes the weights as a Parquet file with the columns `focal`, `neighbor` and `weight`.
///
/// Isolates are written as links of weight 0 to themselves. Ids are written as whole numbers where all of them are
/// such, as text otherwise. libpysal's `graph.read_parquet` reads the file.
///
/// # Errors
/// [`StatsError`] when ids are not one a unit, one is given twice, is empty or holds white space, or when writing
/// fails.
pub fn write_parquet(
    writer: impl Write + Send,
    weights: &SpatialWeights,
    ids: &[String],
) -> Result<(), StatsError> {
    check_ids(ids, weights.n())?;
    let mut links: Vec<(usize, usize, f64)> = Vec::with_capacity(weights.n_nonzero());
    for i in 0..weights.n() {
        let (neighbours, values) = weights.row(i);
        links.extend(
            neighbours
                .iter()
                .zip(values)
                .map(|(&j, &value)| (i, j as usize, value)),
        );
        if neighbours.is_empty() {
            links.push((i, i, 0.0));
        }
    }
    let focal = id_array(ids, links.iter().map(|link| link.0));
    let neighbour = id_array(ids, links.iter().map(|link| link.1));
    let values: ArrayRef = Arc::new(Float64Array::from_iter_values(links.iter().map(|link| link.2)));
    let schema = Schema::new(vec![
        Field::new("focal", focal.data_type().clone(), false),
        Field::new("neighbor", neighbour.data_type().clone(), false),
        Field::new("weight", DataType::Float64, false),
    ])
    .with_metadata(metadata(focal.data_type()));
    let written = RecordBatch::try_new(Arc::new(schema), vec![focal, neighbour, values])
        .map_err(parquet::errors::ParquetError::from)
        .and_then(|batch| {
            let mut writer = ArrowWriter::try_new(writer, batch.schema(), None)?;
            writer.write(&batch)?;
            writer.close()
        });
    written
        .map(|_| ())
        .map_err(|error| failed("writing weights", &error))
}

/// What pandas needs to take the ids as an index, and libpysal to take the weights as they are.
fn metadata(id_type: &DataType) -> std::collections::HashMap<String, String> {
    let (pandas_type, numpy_type) = match id_type {
        DataType::Int64 => ("int64", "int64"),
        _ => ("unicode", "object"),
    };
    let column = |name: &str, pandas_type: &str, numpy_type: &str| {
        json!({
            "name": name, "field_name": name, "pandas_type": pandas_type, "numpy_type": numpy_type, "metadata": null,
        })
    };
    let pandas = json!({
        "index_columns": ["focal", "neighbor"],
        "column_indexes": [],
        "columns": [
            column("weight", "float64", "float64"),
            column("focal", pandas_type, numpy_type),
            column("neighbor", pandas_type, numpy_type),
        ],
    });
    let libpysal = json!({ "transformation": "O" });
    [("pandas", pandas), ("libpysal", libpysal)]
        .map(|(key, value)| (key.to_owned(), value.to_string()))
        .into()
}

/// The ids of `units`, as whole numbers where all `ids` are such in their usual form.
fn id_array(ids: &[String], units: impl Iterator<Item = usize>) -> ArrayRef {
    let whole: Option<Vec<i64>> = ids
        .iter()
        .map(|id| id.parse().ok().filter(|number: &i64| number.to_string() == *id))
        .collect();
    match whole {
        Some(whole) => Arc::new(Int64Array::from_iter_values(units.map(|unit| whole[unit]))),
        None => Arc::new(StringArray::from_iter_values(units.map(|unit| &ids[unit]))),
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str, first_row: usize) -> Result<&'a ArrayRef, StatsError> {
    let column = batch.column_by_name(name).ok_or_else(|| {
        broken(
            format!("column {name}"),
            "is missing (accepted: focal, neighbor, weight)",
        )
    })?;
    match (0..column.len()).find(|&row| column.is_null(row)) {
        Some(row) => Err(broken(
            format!("row {}", first_row + row + 1),
            format!("{name} is empty"),
        )),
        None => Ok(column),
    }
}

/// The ids of a column without empty cells.
fn id_column(batch: &RecordBatch, name: &str, first_row: usize) -> Result<Vec<String>, StatsError> {
    let column = column(batch, name, first_row)?;
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().map(text).collect(),
        DataType::LargeUtf8 => column.as_string::<i64>().iter().map(text).collect(),
        DataType::Utf8View => column.as_string_view().iter().map(text).collect(),
        DataType::Int32 => column
            .as_primitive::<Int32Type>()
            .values()
            .iter()
            .map(i32::to_string)
            .collect(),
        DataType::Int64 => column
            .as_primitive::<Int64Type>()
            .values()
            .iter()
            .map(i64::to_string)
            .collect(),
        DataType::UInt32 => column
            .as_primitive::<UInt32Type>()
            .values()
            .iter()
            .map(u32::to_string)
            .collect(),
        DataType::UInt64 => column
            .as_primitive::<UInt64Type>()
            .values()
            .iter()
            .map(u64::to_string)
            .collect(),
        other => {
            let problem = format!("is of type {other} (accepted: text or whole numbers)");
            return Err(broken(format!("column {name}"), problem));
        }
    })
}

/// The weights of a column without empty cells.
fn weight_column(batch: &RecordBatch, first_row: usize) -> Result<Vec<f64>, StatsError> {
    let column = column(batch, "weight", first_row)?;
    Ok(match column.data_type() {
        DataType::Float64 => column.as_primitive::<Float64Type>().values().to_vec(),
        DataType::Float32 => column
            .as_primitive::<Float32Type>()
            .values()
            .iter()
            .map(|&x| x.into())
            .collect(),
        DataType::Int64 => column
            .as_primitive::<Int64Type>()
            .values()
            .iter()
            .map(|&x| x as f64)
            .collect(),
        other => {
            let problem = format!("is of type {other} (accepted: float64, float32 or int64)");
            return Err(broken("column weight".to_owned(), problem));
        }
    })
}

fn broken(place: String, problem: impl Into<String>) -> StatsError {
    StatsError::WeightsFile {
        format: FORMAT,
        place,
        problem: problem.into(),
    }
}

fn failed(action: &'static str, error: &dyn std::error::Error) -> StatsError {
    StatsError::Io {
        action,
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut file = vec![];
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        file
    }

    fn texts(ids: [Option<&str>; 2]) -> ArrayRef {
        Arc::new(ids.into_iter().collect::<StringArray>())
    }

    fn weights(values: [f64; 2]) -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(values))
    }

    #[test]
    fn isolates_and_all_bits_come_back() {
        let w = SpatialWeights::from_edges(4, [(0, 2, 0.1 + 0.2), (2, 3, 1e-300), (3, 0, -7.0)]).unwrap();
        for ids in [["10", "-2", "3", "4"], ["a", "b", "3", "04"]] {
            let ids = ids.map(str::to_owned);
            let mut file = vec![];
            write_parquet(&mut file, &w, &ids).unwrap();
            let read = read_parquet(file.as_slice()).unwrap();
            assert_eq!((read.ids.as_slice(), &read.weights), (ids.as_slice(), &w));
        }
        let none = SpatialWeights::from_edges(0, []).unwrap();
        let mut file = vec![];
        write_parquet(&mut file, &none, &[]).unwrap();
        assert_eq!(read_parquet(file.as_slice()).unwrap().weights, none);
    }

    #[test]
    fn columns_that_are_missing_empty_or_of_another_type_are_named() {
        let ids = || texts([Some("a"), Some("b")]);
        for (columns, expected) in [
            (
                vec![("focal", ids()), ("weight", weights([0.0; 2]))],
                "Parquet column neighbor: is missing (accepted: focal, neighbor, weight)",
            ),
            (
                vec![
                    ("focal", ids()),
                    ("neighbor", texts([Some("b"), None])),
                    ("weight", weights([1.0; 2])),
                ],
                "Parquet row 2: neighbor is empty",
            ),
            (
                vec![
                    ("focal", weights([0.0; 2])),
                    ("neighbor", ids()),
                    ("weight", weights([1.0; 2])),
                ],
                "Parquet column focal: is of type Float64 (accepted: text or whole numbers)",
            ),
            (
                vec![("focal", ids()), ("neighbor", ids()), ("weight", ids())],
                "Parquet column weight: is of type Utf8 (accepted: float64, float32 or int64)",
            ),
            (
                vec![
                    ("focal", ids()),
                    ("neighbor", ids()),
                    ("weight", weights([0.0, 2.0])),
                ],
                "unit 1 is its own neighbour with weight 2 (accepted: a zero diagonal)",
            ),
        ] {
            assert_eq!(
                read_parquet(file(columns).as_slice()).unwrap_err().to_string(),
                expected
            );
        }
    }

    #[test]
    fn files_that_are_no_parquet_are_errors() {
        for bytes in [b"".as_slice(), b"PAR1", b"PAR1PAR1PAR1PAR1"] {
            assert!(matches!(read_parquet(bytes), Err(StatsError::Io { .. })));
        }
    }
}
