//! Opening the input and choosing its columns.

use std::path::Path;

use anyhow::{Result, bail};
use wherefair_data::{ColumnKind, Format, RasterBand, Table};

use crate::args::{AuditArgs, Metric};
use crate::measure::OutcomeKind;
use crate::scan::ColumnNames;

/// An opened input.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) table: Table,
    /// What to call it.
    pub(crate) title: String,
    /// Whether truth and prediction are bands of rasters.
    rasters: bool,
}

impl Input {
    /// Opens the input that the flags name.
    pub(crate) fn open(args: &AuditArgs) -> Result<Self> {
        let title = args.input.display().to_string();
        if Format::of(&args.input).is_ok_and(|format| format == Format::GeoTiff) {
            let truth = band(&args.input, "--truth", args.truth.as_deref().unwrap_or("band_1"))?;
            let pred = match args.pred.as_deref() {
                Some(pred) => band(&args.input, "--pred", pred)?,
                None if truth.path != args.input => RasterBand::new(&args.input, 1),
                None => bail!(
                    "{title}: --pred is missing (accepted is a band of it, such as band_2, or another raster of the same shape)"
                ),
            };
            let title = format!("{} and {}", truth.path.display(), pred.path.display());
            if args.base.is_some() {
                bail!("--base has no use with rasters: put the predictions into a table");
            }
            return Ok(Self {
                table: Table::rasters(&truth, &pred)?,
                title,
                rasters: true,
            });
        }
        Ok(Self {
            table: Table::open(&args.input)?,
            title,
            rasters: false,
        })
    }

    /// The bundled houses.
    pub(crate) fn bundled_houses() -> Result<Self> {
        Ok(Self {
            table: wherefair_data::bundled::lucas_county_houses()?,
            title: "25,357 houses sold 1993–1998 in Lucas County, Ohio (bundled)".to_owned(),
            rasters: false,
        })
    }

    fn require(&self, name: &str) -> Result<ColumnKind> {
        Ok(self.table.column(name)?.kind)
    }
}

/// A band of `input` (`band_2`), or of another raster (`other.tif` or `other.tif:band_2`).
fn band(input: &Path, flag: &str, value: &str) -> Result<RasterBand> {
    let is_raster = |text: &str| Format::of(text).is_ok_and(|format| format == Format::GeoTiff);
    if is_raster(value) {
        return Ok(RasterBand::new(value, 1));
    }
    let (path, name) = match value.rsplit_once(':') {
        Some((path, name)) if is_raster(path) => (Path::new(path), name),
        _ => (input, value),
    };
    match name.strip_prefix("band_").unwrap_or(name).parse() {
        Ok(number) if number > 0 => Ok(RasterBand::new(path, number)),
        _ => bail!(
            "{flag} {value}: accepted is a band of {}, such as band_1, or a raster, such as other.tif or other.tif:band_2",
            input.display()
        ),
    }
}

/// The columns that play each part; all of them exist.
pub(crate) fn choose_columns(input: &Input, args: &AuditArgs) -> Result<ColumnNames> {
    if input.rasters {
        return Ok(ColumnNames {
            truth: "truth".to_owned(),
            pred: "pred".to_owned(),
            coordinates: Some(("x".to_owned(), "y".to_owned())),
            ..ColumnNames::default()
        });
    }
    let columns = || {
        let names: Vec<&str> = input
            .table
            .columns()
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        crate::measure::preview(&names.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let file = input.table.path().display();
    let Some(truth) = args.truth.clone() else {
        bail!("{file}: --truth is missing (the columns are: {})", columns());
    };
    let Some(pred) = args.pred.clone() else {
        bail!("{file}: --pred is missing (the columns are: {})", columns());
    };
    for name in [
        Some(&truth),
        Some(&pred),
        args.base.as_ref(),
        args.maps.group.as_ref(),
        args.maps.time.as_ref(),
    ]
    .into_iter()
    .flatten()
    {
        input.require(name)?;
    }
    let coordinates = match (&args.x, &args.y) {
        (Some(x), Some(y)) => {
            input.require(x)?;
            input.require(y)?;
            Some((x.clone(), y.clone()))
        }
        (None, None) => input.table.coordinates(),
        (Some(_), None) => bail!("--x needs --y"),
        (None, Some(_)) => bail!("--y needs --x"),
    };
    if coordinates.is_none() && args.maps.needs_coordinates() {
        bail!(
            "{file}: no coordinates found: give --x COLUMN and --y COLUMN (the columns are: {})",
            columns()
        );
    }
    Ok(ColumnNames {
        truth,
        pred,
        base: args.base.clone(),
        coordinates,
        time: args.maps.time.clone(),
        group: args.maps.group.clone(),
    })
}

/// The metric that was asked for, or the one that the columns call for.
pub(crate) fn choose_metric(input: &Input, names: &ColumnNames, args: &AuditArgs) -> Result<Metric> {
    let (truth, pred) = if input.rasters {
        (ColumnKind::Real, ColumnKind::Real)
    } else {
        (input.require(&names.truth)?, input.require(&names.pred)?)
    };
    let file = input.table.path().display();
    if let Some(metric) = args.measure.metric
        && metric.outcome_kind() == OutcomeKind::Values
    {
        // The kind of a column is a guess from its first rows: the reader names the very cell that is no number.
        return Ok(metric);
    }
    let others = [Some((&names.pred, pred)), base_kind(input, names)];
    for (name, kind) in others.into_iter().flatten() {
        if !compatible(truth, kind) {
            bail!(
                "{file}: column `{}` holds {} but column `{name}` holds {}: truth and prediction must be of one kind",
                names.truth,
                describe(truth),
                describe(kind)
            );
        }
    }
    if let Some(metric) = args.measure.metric {
        return Ok(metric);
    }
    if input.rasters {
        bail!(
            "{file}: pixels may be classes or values: say which with --metric f1 (classes) or --metric mae (values)"
        );
    }
    match (truth, pred) {
        (ColumnKind::Text | ColumnKind::Boolean, _) => Ok(Metric::F1),
        (ColumnKind::Integer, ColumnKind::Integer) => bail!(
            "{file}: columns `{}` and `{}` hold whole numbers, which may be classes or values: say which with --metric f1 (classes) or --metric mae (values)",
            names.truth,
            names.pred
        ),
        _ => Ok(Metric::Mae),
    }
}

fn base_kind<'a>(input: &Input, names: &'a ColumnNames) -> Option<(&'a String, ColumnKind)> {
    let base = names.base.as_ref()?;
    let column = input.table.column(base).ok()?;
    Some((base, column.kind))
}

fn is_number(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Integer | ColumnKind::Real)
}

fn compatible(truth: ColumnKind, pred: ColumnKind) -> bool {
    truth == pred || (is_number(truth) && is_number(pred))
}

fn describe(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Integer => "whole numbers",
        ColumnKind::Real => "real numbers",
        ColumnKind::Text => "text",
        ColumnKind::Boolean => "booleans",
        _ => "geometries",
    }
}
