//! The cuts of one rectangular grid: location, labels and areas of its cells.

use std::cmp::Ordering;

use wherefair_core::{Extent, ParamError, PartitionId, Point};

use crate::{AxisCuts, PartitionError, Shape};

/// Most rows, and most columns, of one grid.
pub(crate) const MAX_AXIS_CELLS: usize = 1_000_000;

/// Cuts along both axes. Invariant: each axis is finite and strictly ascending, or two equal cuts; its span
/// does not overflow; all cells can be numbered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cuts {
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Cuts {
    /// Checks the cuts of both axes; two equal cuts are accepted as an axis without length.
    pub(crate) fn new(x: Vec<f64>, y: Vec<f64>) -> Result<Self, PartitionError> {
        check_cuts("x cuts", &x)?;
        check_cuts("y cuts", &y)?;
        check_cell_counts(y.len() - 1, x.len() - 1)?;
        Ok(Self { x, y })
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.x.len() - 1
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.y.len() - 1
    }

    pub(crate) fn n_cells(&self) -> usize {
        self.n_rows() * self.n_columns()
    }

    pub(crate) fn locate(&self, point: Point) -> Option<PartitionId> {
        let column = interval_of(&self.x, point.x)?;
        let row = interval_of(&self.y, point.y)?;
        PartitionId::from_index(row * self.n_columns() + column).ok()
    }

    /// Row and column of a cell, or `None` when there is no such cell.
    fn row_column(&self, id: PartitionId) -> Option<(usize, usize)> {
        let index = id.index();
        (index < self.n_cells()).then(|| (index / self.n_columns(), index % self.n_columns()))
    }

    pub(crate) fn label(&self, id: PartitionId) -> String {
        match self.row_column(id) {
            Some((row, column)) => format!("row {}, column {}", row + 1, column + 1),
            None => format!("partition {id}"),
        }
    }

    pub(crate) fn cell(&self, id: PartitionId) -> Option<Extent> {
        let (row, column) = self.row_column(id)?;
        Some(Extent {
            min_x: self.x[column],
            min_y: self.y[row],
            max_x: self.x[column + 1],
            max_y: self.y[row + 1],
        })
    }

    pub(crate) fn area(&self, id: PartitionId) -> Option<f64> {
        self.cell(id).map(|cell| cell.area())
    }

    pub(crate) fn shape(&self, id: PartitionId) -> Option<Shape> {
        self.cell(id).map(|cell| Shape::rectangle(&cell))
    }

    pub(crate) fn extent(&self) -> Extent {
        Extent {
            min_x: self.x[0],
            min_y: self.y[0],
            max_x: self.x[self.x.len() - 1],
            max_y: self.y[self.y.len() - 1],
        }
    }

    pub(crate) fn axis_cuts(&self) -> AxisCuts<'_> {
        AxisCuts {
            x: &self.x,
            y: &self.y,
        }
    }
}

/// Whether `cuts` are finite and strictly ascending, or two equal numbers.
pub(crate) fn is_ascending(cuts: &[f64]) -> bool {
    let finite = cuts.iter().all(|cut| cut.is_finite());
    let strictly = first_descent(cuts).is_none();
    let point = cuts.len() == 2 && cuts[0] <= cuts[1];
    finite && cuts.len() >= 2 && (strictly || point) && (cuts[cuts.len() - 1] - cuts[0]).is_finite()
}

fn check_cuts(name: &str, cuts: &[f64]) -> Result<(), PartitionError> {
    if is_ascending(cuts) {
        return Ok(());
    }
    let value = match first_descent(cuts) {
        Some((p, q)) => format!("{p} before {q}"),
        None => format!("{} cuts from {:?} to {:?}", cuts.len(), cuts.first(), cuts.last()),
    };
    Err(ParamError::new(name, value, "at least 2 finite numbers, strictly ascending").into())
}

/// The first neighbours that do not ascend strictly; NaN does not ascend.
pub(crate) fn first_descent(cuts: &[f64]) -> Option<(f64, f64)> {
    let mut pairs = cuts.iter().zip(cuts.iter().skip(1));
    let found = pairs.find(|(p, q)| p.partial_cmp(q) != Some(Ordering::Less));
    found.map(|(p, q)| (*p, *q))
}

/// Rejects grids without cells and grids whose cells cannot be numbered.
pub(crate) fn check_cell_counts(n_rows: usize, n_columns: usize) -> Result<(), PartitionError> {
    for (name, n) in [("rows", n_rows), ("columns", n_columns)] {
        if !(1..=MAX_AXIS_CELLS).contains(&n) {
            let accepted = format!("a whole number from 1 to {MAX_AXIS_CELLS}");
            return Err(ParamError::new(name, n, accepted).into());
        }
    }
    // The product of two axes within the limit cannot overflow 64 bits.
    if n_rows as u64 * n_columns as u64 >= u64::from(u32::MAX) {
        let value = format!("{n_rows} rows by {n_columns} columns");
        return Err(ParamError::new("grid", value, "fewer than 4294967295 cells").into());
    }
    Ok(())
}

/// The half-open interval of ascending `cuts` that holds `value`, the last one closed.
pub(crate) fn interval_of(cuts: &[f64], value: f64) -> Option<usize> {
    let below = cuts.partition_point(|cut| *cut <= value);
    match below {
        0 => None,
        n if n < cuts.len() => Some(n - 1),
        // Above the last cut, unless on it.
        n => (value <= cuts[n - 1]).then(|| n - 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_half_open_and_the_last_is_closed() {
        let cuts = [0.0, 1.0, 2.0];
        let expected = [
            (-0.5, None),
            (0.0, Some(0)),
            (0.5, Some(0)),
            (1.0, Some(1)),
            (2.0, Some(1)),
            (2.0_f64.next_up(), None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
        ];
        for (value, interval) in expected {
            assert_eq!(interval_of(&cuts, value), interval, "at {value}");
        }
    }

    #[test]
    fn an_axis_without_length_holds_its_one_value() {
        assert_eq!(interval_of(&[3.0, 3.0], 3.0), Some(0));
        assert_eq!(interval_of(&[3.0, 3.0], 3.5), None);
        assert_eq!(interval_of(&[3.0, 3.0], 2.5), None);
    }

    #[test]
    fn cuts_that_do_not_ascend_are_rejected() {
        for bad in [
            vec![],
            vec![1.0],
            vec![1.0, 0.0],
            vec![0.0, 1.0, 1.0],
            vec![0.0, f64::NAN],
            vec![0.0, f64::INFINITY],
            vec![-f64::MAX, f64::MAX],
        ] {
            assert!(Cuts::new(bad.clone(), vec![0.0, 1.0]).is_err(), "{bad:?}");
            assert!(Cuts::new(vec![0.0, 1.0], bad).is_err());
        }
    }

    #[test]
    fn cells_beyond_the_grid_have_no_shape() {
        let cuts = Cuts::new(vec![0.0, 1.0, 2.0], vec![0.0, 1.0]).unwrap();
        assert!(cuts.shape(PartitionId(1)).is_some());
        assert_eq!(cuts.shape(PartitionId(2)), None);
        assert_eq!(cuts.label(PartitionId(2)), "partition 2");
    }
}
