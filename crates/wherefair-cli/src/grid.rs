//! The cells of a raster that hold data, found from the centres of its pixels.

use anyhow::{Result, bail};
use wherefair_core::Point;

/// The cells of a raster that hold data.
#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) n_rows: usize,
    pub(crate) n_columns: usize,
    /// Which cells are units, row by row.
    pub(crate) mask: Vec<bool>,
}

impl Grid {
    /// The rows, columns and filled cells of the raster whose pixels have their centres at `points`, row by row.
    pub(crate) fn of_pixel_centres(points: &[Point]) -> Result<Grid> {
        let columns = steps(points.iter().map(|point| point.x))?;
        // Rows run from the top down in most rasters, upwards in others: contiguity is the same.
        let mut rows = steps(points.iter().map(|point| point.y))?;
        let (n_columns, n_rows) = (
            columns.iter().max().map_or(0, |last| last + 1),
            rows.iter().max().map_or(0, |last| last + 1),
        );
        if rows.first() > rows.last() {
            for row in &mut rows {
                *row = n_rows - 1 - *row;
            }
        }
        let cells: Vec<usize> = rows
            .iter()
            .zip(&columns)
            .map(|(row, column)| row * n_columns + column)
            .collect();
        if !cells.is_sorted_by(|a, b| a < b) {
            bail!("the pixels are not in rows along the axes (accepted: rasters that are not rotated)");
        }
        let mut mask = vec![false; n_rows.saturating_mul(n_columns)];
        for cell in cells {
            mask[cell] = true;
        }
        Ok(Grid {
            n_rows,
            n_columns,
            mask,
        })
    }
}

/// How many steps each coordinate is from the smallest one; a step is the smallest difference between two.
fn steps(values: impl Iterator<Item = f64> + Clone) -> Result<Vec<usize>> {
    /// Pixel centres are computed from their numbers: they are off by rounding alone.
    const SAME: f64 = 1e-6;
    let mut sorted: Vec<f64> = values.clone().collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) else {
        return Ok(Vec::new());
    };
    let rounding = 1e-12 * first.abs().max(last.abs());
    let step = sorted
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|gap| *gap > rounding)
        .fold(f64::INFINITY, f64::min);
    values
        .map(|value| {
            let steps = if step.is_finite() {
                (value - first) / step
            } else {
                0.0
            };
            if (steps - steps.round()).abs() > SAME * steps.max(1.0) {
                bail!("the pixels are not in rows along the axes (accepted: rasters that are not rotated)");
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number of at least 0, and at most the number of pixels along a side"
            )]
            let steps = steps.round() as usize;
            Ok(steps)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_find_their_rows_and_columns() {
        let points = [(0.5, 2.5), (2.5, 2.5), (0.5, 0.5), (1.5, 0.5)].map(|(x, y)| Point::new(x, y));
        let grid = Grid::of_pixel_centres(&points).unwrap();
        // The gap of two rows shows that one in between holds no data, but only beside a gap of one.
        assert_eq!((grid.n_rows, grid.n_columns), (2, 3));
        assert_eq!(grid.mask, [true, false, true, true, true, false]);
        let turned = [(0.0, 1.0), (1.0, 1.5), (0.5, 0.0), (1.5, 0.5)].map(|(x, y)| Point::new(x, y));
        assert!(Grid::of_pixel_centres(&turned).is_err());
    }
}
