//! Reading whole columns into memory.

use anyhow::{Context as _, Result, bail};
use wherefair_data::{Batches, ColumnRequest, Format, MissingPolicy, ReadRequest, Table};

use crate::args::Missing;
use crate::source::Columns;
use crate::table::grouped;

/// How many of the rows left out are named.
const N_NAMED: usize = 12;

/// The values of a column, one a row kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum UnitColumn {
    Numbers(Vec<f64>),
    Labels { codes: Vec<u32>, names: Vec<String> },
}

/// Columns that were read together.
#[derive(Debug)]
pub(crate) struct ReadColumns {
    /// In the order of the request.
    pub(crate) columns: Vec<UnitColumn>,
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
    let column = |i: usize| -> Option<UnitColumn> {
        let numbers = all.numbers(Some(i));
        numbers
            .map(|values| UnitColumn::Numbers(values.to_vec()))
            .or_else(|| {
                Some(UnitColumn::Labels {
                    codes: all.labels(Some(i))?.to_vec(),
                    names: batches.labels(i).to_vec(),
                })
            })
    };
    let columns: Option<Vec<UnitColumn>> = (0..n_columns).map(column).collect();
    Ok(ReadColumns {
        columns: columns.with_context(|| format!("{file}: the columns cannot be read"))?,
        left_out: left_out(&batches, &rows, is_raster),
        n_read: batches.rows_read(),
        rows,
    })
}

/// The cells of a column as text, whatever is missing in other columns; none where the cell is empty or not finite.
pub(crate) fn cells(table: &Table, name: &str, n_rows: usize) -> Result<(Vec<Option<u32>>, Vec<String>)> {
    let mut request = ReadRequest::new(vec![ColumnRequest::label(name)]);
    request.missing = MissingPolicy::Skip;
    let mut cells = vec![None; n_rows];
    let mut batches = table.read(&request)?;
    for batch in batches.by_ref() {
        let batch = batch?;
        for (row, &code) in batch
            .rows()
            .iter()
            .zip(batch.columns[0].labels().unwrap_or_default())
        {
            if let Some(cell) = usize::try_from(*row).ok().and_then(|row| cells.get_mut(row)) {
                *cell = Some(code);
            }
        }
    }
    Ok((cells, batches.labels(0).to_vec()))
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
