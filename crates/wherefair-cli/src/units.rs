//! Reading the units of a spatial statistic.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use wherefair_core::{Extent, Point, Sites};
use wherefair_data::{ColumnRequest, Crs, MissingPolicy, PolygonLayer, PolygonRings, ReadRequest, Table};

use crate::args::Missing;
use crate::audit_command::declared_crs;
use crate::maps::may_be_degrees;
use crate::scan::points;
use crate::source::Columns;
use crate::spatial_args::SpatialArgs;
use crate::table::grouped;

/// The units: one value, place and id each.
#[derive(Debug)]
pub(crate) struct Units {
    pub(crate) path: PathBuf,
    pub(crate) ids: Vec<String>,
    /// The rows of the input that the units were read from, from 0.
    pub(crate) rows: Vec<u64>,
    pub(crate) points: Vec<Point>,
    pub(crate) values: Vec<f64>,
    /// Whether coordinates are degrees.
    pub(crate) geographic: bool,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) notes: Vec<String>,
}

/// Reads the units that the flags name.
pub(crate) fn read_units(args: &SpatialArgs) -> Result<Units> {
    let table = Table::open(&args.input)?;
    let file = table.path().display().to_string();
    let (x, y) = match (&args.x, &args.y) {
        (Some(x), Some(y)) => (x.clone(), y.clone()),
        _ => table
            .coordinates()
            .with_context(|| format!("{file}: no coordinates found: give --x COLUMN and --y COLUMN"))?,
    };
    let mut columns = vec![
        ColumnRequest::number(&x),
        ColumnRequest::number(&y),
        ColumnRequest::number(&args.value),
    ];
    columns.extend(args.id.as_ref().map(ColumnRequest::label));
    let mut request = ReadRequest::new(columns);
    request.missing = match args.missing {
        Missing::Error => MissingPolicy::Error,
        Missing::Skip => MissingPolicy::Skip,
    };
    let mut all = Columns::default();
    let mut rows = Vec::new();
    let mut batches = table.read(&request)?;
    for batch in batches.by_ref() {
        let batch = batch?;
        rows.extend(batch.rows());
        all.append(Columns::from_batch(batch));
    }
    if all.len() == 0 {
        bail!("{file}: every row was left out: all have missing or non-finite values");
    }
    let ids = match all.labels(Some(3)) {
        Some(codes) => codes
            .iter()
            .map(|&code| batches.labels(3)[code as usize].clone())
            .collect(),
        None => (1..=all.len()).map(|row| row.to_string()).collect(),
    };
    let (Some(x_values), Some(y_values), Some(values)) =
        (all.numbers(Some(0)), all.numbers(Some(1)), all.numbers(Some(2)))
    else {
        bail!("{file}: the columns cannot be read as numbers");
    };
    let crs = declared_crs(&table, args.crs.as_deref())?;
    let extent = Extent::of(&Sites::new(x_values, y_values)?)?;
    let geographic = crs
        .is_geographic()
        .unwrap_or_else(|| extent.is_some_and(|extent| may_be_degrees(&extent)));
    let mut notes = Vec::new();
    if crs == Crs::Unknown {
        notes.push(format!(
            "The input names no coordinate reference system; its coordinates look like {} (say which with --crs EPSG:CODE).",
            if geographic { "degrees" } else { "metres or feet" }
        ));
    }
    if batches.n_skipped() > 0 {
        notes.push(format!(
            "{} rows with missing or non-finite values were left out.",
            grouped(batches.n_skipped())
        ));
    }
    let facts = [
        ("input", file),
        ("units", grouped(all.len() as u64)),
        ("variable", args.value.clone()),
        ("coordinates", format!("{x}, {y}")),
        ("coordinate reference system", crs.describe()),
        ("permutations", args.permutations.to_string()),
        ("seed", args.seed.to_string()),
    ];
    Ok(Units {
        path: args.input.clone(),
        ids,
        rows,
        points: points(x_values, y_values),
        values: values.to_vec(),
        geographic,
        facts: facts.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        notes,
    })
}

impl Units {
    /// The polygons of every unit, where the input is a file of polygons.
    pub(crate) fn polygons(&self) -> Result<Vec<PolygonRings>> {
        let layer = PolygonLayer::open(&self.path, None)?;
        let mut polygons: Vec<Option<PolygonRings>> = layer
            .polygons
            .into_iter()
            .map(|(_, polygons)| Some(polygons))
            .collect();
        let of_row = |&row: &u64| {
            usize::try_from(row)
                .ok()
                .and_then(|row| polygons.get_mut(row)?.take())
        };
        self.rows
            .iter()
            .map(of_row)
            .collect::<Option<Vec<PolygonRings>>>()
            .with_context(|| format!("{}: there is not one polygon a row", self.path.display()))
    }
}
