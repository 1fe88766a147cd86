//! Reading whole columns into memory.

use anyhow::{Context as _, Result, bail};
use wherefair_data::{Batches, ColumnKind, ColumnRequest, Format, MissingPolicy, ReadRequest, Table};
use wherefair_train::Column;

use crate::args::Missing;
use crate::output::quoted;
use crate::source::Columns;
use crate::table::grouped;

/// How many of the rows left out are named.
const N_NAMED: usize = 12;

/// Columns that were read together.
#[derive(Debug)]
pub(crate) struct ReadColumns {
    /// In the order of the request.
    pub(crate) columns: Vec<Column>,
    /// The rows of the input that were kept, from 0.
    pub(crate) rows: Vec<u64>,
    /// How many rows the input has.
    pub(crate) n_read: u64,
    /// What was left out, for the reader.
    pub(crate) left_out: Option<String>,
}

/// Reads the columns `wanted` of all rows. Pixels that a raster marks as holding no data are always left out.
pub(crate) fn read_columns(
    table: &Table,
    wanted: Vec<ColumnRequest>,
    missing: Missing,
) -> Result<ReadColumns> {
    let file = table.path().display().to_string();
    let n_columns = wanted.len();
    let mut request = ReadRequest::new(wanted);
    let is_raster = table.format() == Format::GeoTiff;
    request.missing = match missing {
        // Whether what was left out of a raster is marked as no data is seen afterwards.
        Missing::Error if !is_raster => MissingPolicy::Error,
        Missing::Error | Missing::Skip => MissingPolicy::Skip,
    };
    let mut all = Columns::default();
    let mut rows = Vec::new();
    let mut batches = table.read(&request)?;
    for batch in batches.by_ref() {
        let batch = batch?;
        rows.extend(batch.rows());
        all.append(Columns::from_batch(batch));
    }
    if is_raster && missing == Missing::Error {
        check_only_nodata(&file, &batches)?;
    }
    if all.len() == 0 {
        bail!("{file}: every row was left out: all have missing or non-finite values");
    }
    let column = |i: usize| -> Option<Column> {
        let numbers = all.numbers(Some(i));
        numbers
            .map(|values| Column::Numbers(values.to_vec()))
            .or_else(|| {
                Some(Column::Labels {
                    codes: all.labels(Some(i))?.to_vec(),
                    names: batches.labels(i).to_vec(),
                })
            })
    };
    let columns: Option<Vec<Column>> = (0..n_columns).map(column).collect();
    Ok(ReadColumns {
        columns: columns.with_context(|| format!("{file}: the columns cannot be read"))?,
        left_out: left_out(&batches, &rows, is_raster),
        n_read: batches.rows_read(),
        rows,
    })
}

/// The cells of a table as text, to be written again.
#[derive(Debug)]
pub(crate) struct Cells {
    /// The names of the columns.
    pub(crate) names: Vec<String>,
    codes: Vec<Vec<u32>>,
    labels: Vec<Vec<String>>,
}

impl Cells {
    /// All columns that cells can be written of.
    pub(crate) fn read(table: &Table) -> Result<Self> {
        let columns = table.columns();
        let usable = columns
            .iter()
            .filter(|info| info.unusable.is_none() && info.kind != ColumnKind::Geometry);
        let names: Vec<String> = usable.map(|info| info.name.clone()).collect();
        let mut codes = vec![Vec::new(); names.len()];
        let mut labels = Vec::new();
        if !names.is_empty() {
            let mut request = ReadRequest::new(names.iter().map(ColumnRequest::label).collect());
            request.missing = MissingPolicy::Keep;
            let mut batches = table.read(&request)?;
            for batch in batches.by_ref() {
                for (codes, column) in codes.iter_mut().zip(batch?.columns) {
                    codes.extend(column.labels().unwrap_or_default());
                }
            }
            labels.extend((0..names.len()).map(|i| batches.labels(i).to_vec()));
        }
        Ok(Self { names, codes, labels })
    }

    /// Writes the cells of a row, each with a comma behind it; empty where the table has none or no finite number.
    pub(crate) fn write_row(&self, row: usize, text: &mut String) {
        for (codes, labels) in self.codes.iter().zip(&self.labels) {
            if let Some(label) = codes.get(row).and_then(|&code| labels.get(code as usize)) {
                text.push_str(&quoted(label));
            }
            text.push(',');
        }
    }
}

/// A table of `n_rows` rows: columns `copied`, written by `write_copied` of every row with a comma behind each, and
/// columns `added`, written by `write_added` of the `rows` that have them, counted among those, and empty elsewhere.
pub(crate) fn extended_csv(
    (copied, write_copied): (&[String], impl Fn(usize, &mut String)),
    (added, write_added): (&[String], impl Fn(usize, &mut String)),
    n_rows: usize,
    rows: &[u64],
) -> String {
    let header: Vec<String> = copied.iter().chain(added).map(|name| quoted(name)).collect();
    let mut text = header.join(",") + "\n";
    let mut next = 0;
    for row in 0..n_rows {
        write_copied(row, &mut text);
        if rows.get(next) == Some(&(row as u64)) {
            write_added(next, &mut text);
            next += 1;
        } else {
            text.push_str(&",".repeat(added.len().saturating_sub(1)));
        }
        text.push('\n');
    }
    text
}

/// Refuses rasters with pixels that are not finite, though not marked as holding no data.
fn check_only_nodata(file: &str, batches: &Batches) -> Result<()> {
    for column in batches.skipped_by_column() {
        let n = column.n_empty + column.n_not_finite;
        if n > 0 {
            bail!(
                "{file}: {} pixels of `{}` are not finite, though not marked as holding no data (add --missing skip to leave them out)",
                grouped(n),
                column.name
            );
        }
    }
    Ok(())
}

/// What was left out, the first rows by number.
fn left_out(batches: &Batches, kept: &[u64], is_raster: bool) -> Option<String> {
    let n = batches.n_skipped();
    if n == 0 {
        return None;
    }
    if is_raster {
        return Some(format!("{} pixels without data were left out.", grouped(n)));
    }
    let mut kept = kept.iter().copied().peekable();
    let mut missing = (0..batches.rows_read()).filter(|&row| kept.next_if_eq(&row).is_none());
    let named: Vec<String> = missing
        .by_ref()
        .take(N_NAMED)
        .map(|row| grouped(row + 1))
        .collect();
    let more = n.saturating_sub(named.len() as u64);
    let more = if more > 0 {
        format!(" and {} more", grouped(more))
    } else {
        String::new()
    };
    Some(format!(
        "{} with missing or non-finite values {} left out: row{} {}{more}.",
        if n == 1 {
            "1 row".to_owned()
        } else {
            format!("{} rows", grouped(n))
        },
        if n == 1 { "was" } else { "were" },
        if n == 1 { "" } else { "s" },
        named.join(", ")
    ))
}
