//! Reading the units of a spatial statistic.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wherefair_core::{Extent, Point, Sites};
use wherefair_data::{ColumnRequest, Format, PolygonLayer, PolygonRings, Raster, Table};
use wherefair_train::Column;

use crate::audit_command::declared_crs;
use crate::columns::read_columns;
use crate::grid::Grid;
use crate::maps::{crs_note, may_be_degrees};
use crate::scan::points;
use crate::spatial_args::UnitArgs;
use crate::table::grouped;

/// The units: one place and id each.
#[derive(Debug)]
pub(crate) struct Units {
    pub(crate) path: PathBuf,
    pub(crate) ids: Vec<String>,
    /// The rows of the input that the units were read from, from 0.
    pub(crate) rows: Vec<u64>,
    pub(crate) points: Vec<Point>,
    /// Whether coordinates are degrees.
    pub(crate) geographic: bool,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) notes: Vec<String>,
    /// The cells that the units are, where the input is a raster.
    pub(crate) grid: Option<Grid>,
    pub(crate) polygons: OnceCell<Vec<PolygonRings>>,
}

/// Reads the units of `table` with one column of numbers.
pub(crate) fn read_numbers(args: &UnitArgs, column: &str) -> Result<(Units, Vec<f64>)> {
    let table = Table::open(&args.input)?;
    let (units, columns) = read_units(&table, args, &[ColumnRequest::number(column)])?;
    match columns.into_iter().next() {
        Some(Column::Numbers(values)) => Ok((units, values)),
        _ => bail!(
            "{}: column `{column}` cannot be read as numbers",
            table.path().display()
        ),
    }
}

/// Reads the units of `table` with the columns `wanted`.
pub(crate) fn read_units(
    table: &Table,
    args: &UnitArgs,
    wanted: &[ColumnRequest],
) -> Result<(Units, Vec<Column>)> {
    let file = table.path().display().to_string();
    let (x, y) = match (&args.x, &args.y) {
        (Some(x), Some(y)) => (x.clone(), y.clone()),
        _ => table
            .coordinates()
            .with_context(|| format!("{file}: no coordinates found: give --x COLUMN and --y COLUMN"))?,
    };
    let mut columns = vec![ColumnRequest::number(&x), ColumnRequest::number(&y)];
    columns.extend_from_slice(wanted);
    columns.extend(args.id.as_ref().map(ColumnRequest::label));
    let read = read_columns(table, columns, args.missing)?;
    let mut values = read.columns.into_iter();
    let (Some(Column::Numbers(x_values)), Some(Column::Numbers(y_values))) = (values.next(), values.next())
    else {
        bail!("{file}: the coordinates cannot be read as numbers");
    };
    let mut values: Vec<Column> = values.collect();
    let ids = match args.id.as_ref().and_then(|_| values.pop()) {
        Some(Column::Labels { codes, names }) => {
            codes.iter().map(|&code| names[code as usize].clone()).collect()
        }
        _ => (1..=read.rows.len()).map(|row| row.to_string()).collect(),
    };
    let (x_values, y_values, rows) = (&x_values, &y_values, read.rows);

    let crs = declared_crs(table, args.crs.as_deref())?;
    let extent = Extent::of(&Sites::new(x_values, y_values)?)?;
    let geographic = crs
        .is_geographic()
        .unwrap_or_else(|| extent.is_some_and(|extent| may_be_degrees(&extent)));
    let mut notes: Vec<String> = crs_note(&crs, geographic).into_iter().collect();
    notes.extend(read.left_out);
    let points = points(x_values, y_values);
    let grid = grid(table, &rows, &points)?;
    let facts = [
        ("input", file),
        ("units", grouped(rows.len() as u64)),
        ("coordinates", format!("{x}, {y}")),
        ("coordinate reference system", crs.describe()),
    ];
    let units = Units {
        path: args.input.clone(),
        ids,
        rows,
        points,
        geographic,
        facts: facts.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        notes,
        grid,
        polygons: OnceCell::new(),
    };
    Ok((units, values))
}

/// The cells of a raster, where the table is one.
fn grid(table: &Table, rows: &[u64], points: &[Point]) -> Result<Option<Grid>> {
    let cells: Vec<usize> = rows.iter().filter_map(|&row| usize::try_from(row).ok()).collect();
    let (n_rows, n_columns) = match table.format() {
        Format::GeoTiff => {
            let raster = Raster::open(table.path())?;
            (raster.height(), raster.width())
        }
        Format::Npz => match pixel_grid(&cells, points) {
            Some(size) => size,
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let mut mask = vec![false; n_rows.saturating_mul(n_columns)];
    for cell in cells {
        if let Some(is_unit) = mask.get_mut(cell) {
            *is_unit = true;
        }
    }
    Ok(Some(Grid {
        n_rows,
        n_columns,
        mask,
    }))
}

/// The rows and columns of arrays of pixels, whose centres lie at whole numbers and a half; none for other columns.
/// Rows without data at the end are not seen: they make no neighbours.
fn pixel_grid(cells: &[usize], points: &[Point]) -> Option<(usize, usize)> {
    let places: Option<Vec<(usize, usize)>> = points
        .iter()
        .map(|point| Some((pixel(point.y)?, pixel(point.x)?)))
        .collect();
    let places = places?;
    let below = places.iter().zip(cells).find(|((row, _), _)| *row > 0);
    let n_columns = match below {
        Some((&(row, column), &cell)) => cell.checked_sub(column)? / row,
        None => places.iter().map(|(_, column)| column + 1).max()?,
    };
    let n_rows = places.iter().map(|(row, _)| row + 1).max()?;
    let fits = |(&(row, column), &cell): (&(usize, usize), &usize)| {
        column < n_columns
            && row
                .checked_mul(n_columns)
                .and_then(|start| start.checked_add(column))
                == Some(cell)
    };
    places.iter().zip(cells).all(fits).then_some((n_rows, n_columns))
}

/// The number of the pixel whose centre is at `position`.
fn pixel(position: f64) -> Option<usize> {
    const MOST: f64 = 4_294_967_296.0;
    let start = position - 0.5;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number within bounds"
    )]
    let number = start as usize;
    ((0.0..MOST).contains(&start) && start.fract() <= 0.0).then_some(number)
}

impl Units {
    /// The polygons of every unit, where the input is a file of polygons; read once.
    pub(crate) fn polygons(&self) -> Result<&[PolygonRings]> {
        if let Some(polygons) = self.polygons.get() {
            return Ok(polygons);
        }
        let polygons = polygons_of(&self.path, &self.rows)?;
        Ok(self.polygons.get_or_init(|| polygons))
    }
}

fn polygons_of(path: &Path, rows: &[u64]) -> Result<Vec<PolygonRings>> {
    let layer = PolygonLayer::open(path, None)?;
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
    rows.iter()
        .map(of_row)
        .collect::<Option<Vec<PolygonRings>>>()
        .with_context(|| format!("{}: there is not one polygon a row", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(places: &[(f64, f64)]) -> Vec<Point> {
        places.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn pixels_are_told_from_other_points() {
        // Three columns; the second cell of the first row holds no data.
        let some = points(&[(0.5, 0.5), (2.5, 0.5), (0.5, 1.5)]);
        assert_eq!(pixel_grid(&[0, 2, 3], &some), Some((2, 3)));
        assert_eq!(pixel_grid(&[0, 1, 2], &some), None);
        assert_eq!(
            pixel_grid(&[0, 2], &points(&[(0.5, 0.5), (2.5, 0.5)])),
            Some((1, 3))
        );
        for other in [(0.0, 0.5), (-0.5, 0.5), (f64::NAN, 0.5), (1e300, 0.5)] {
            assert_eq!(pixel_grid(&[0], &points(&[other])), None, "{other:?}");
        }
    }
}
