//! Grids of equal cells.

use wherefair_core::{Extent, ParamError, PartitionId, Site};

use crate::cuts::{Cuts, check_cell_counts};
use crate::{AxisCuts, PartitionError, Partitioning, Shape};

/// A grid that divides an extent into `n_rows × n_columns` cells of equal size, named `{rows}x{columns}`.
///
/// # Formula
/// Cut i of s along an axis lies at `min + (max − min) · (i / s)`, the last one exactly at `max`: equal
/// fractions give identical cuts, so the second of 4 is the first of 2. A cell holds its lower cuts but not
/// its upper ones; the last cell of each axis holds both. Sites are compared with the cuts, never scaled and
/// rounded.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, PartitionId, Site};
/// use wherefair_partition::{EqualGrid, Partitioning};
///
/// let grid = EqualGrid::new(Extent::new(0.0, 0.0, 3.0, 2.0)?, 2, 3)?;
/// assert_eq!(grid.name(), "2x3");
/// let id = grid.locate(&Site::at(1.0, 0.5)).unwrap();
/// assert_eq!(id, PartitionId(1));
/// assert_eq!(grid.label(id), "row 1, column 2");
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
///
/// # References
/// Xie et al. (2022), Fairness by "where", AAAI-22: the s1 × s2 partitionings.
#[derive(Debug, Clone, PartialEq)]
pub struct EqualGrid {
    cuts: Cuts,
}

impl EqualGrid {
    /// Divides `extent` into `n_rows × n_columns` equal cells.
    ///
    /// # Errors
    /// [`PartitionError::Param`] when a number of cells is 0 or beyond a million, when there are several rows
    /// but the extent has no height (several columns but no width), or when the extent is too small for
    /// distinct cuts.
    pub fn new(extent: Extent, n_rows: usize, n_columns: usize) -> Result<Self, PartitionError> {
        // The fields of an extent are public, so they may not have been checked yet.
        let extent = Extent::new(extent.min_x, extent.min_y, extent.max_x, extent.max_y)?;
        check_cell_counts(n_rows, n_columns)?;
        let x = equal_cuts(extent.min_x, extent.max_x, n_columns);
        let y = equal_cuts(extent.min_y, extent.max_y, n_rows);
        for (cuts, name, n, span, size) in [
            (&x, "columns", n_columns, "width", extent.width()),
            (&y, "rows", n_rows, "height", extent.height()),
        ] {
            if n > 1 && !cuts.windows(2).all(|pair| pair[0] < pair[1]) {
                let accepted =
                    format!("1 for an extent of {span} {size}, or a {span} that {n} cells can divide");
                return Err(ParamError::new(name, n, accepted).into());
            }
        }
        Ok(Self {
            cuts: Cuts::new(x, y)?,
        })
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.cuts.n_rows()
    }

    /// The number of columns.
    pub fn n_columns(&self) -> usize {
        self.cuts.n_columns()
    }
}

fn equal_cuts(min: f64, max: f64, n: usize) -> Vec<f64> {
    let mut cuts: Vec<f64> = (0..n)
        .map(|i| min + (max - min) * (i as f64 / n as f64))
        .collect();
    cuts.push(max);
    cuts
}

impl Partitioning for EqualGrid {
    fn name(&self) -> String {
        format!("{}x{}", self.n_rows(), self.n_columns())
    }

    fn n_partitions(&self) -> usize {
        self.cuts.n_cells()
    }

    fn locate(&self, site: &Site) -> Option<PartitionId> {
        self.cuts.locate(site.point)
    }

    fn label(&self, id: PartitionId) -> String {
        self.cuts.label(id)
    }

    fn area(&self, id: PartitionId) -> Option<f64> {
        self.cuts.area(id)
    }

    fn shape(&self, id: PartitionId) -> Option<Shape> {
        self.cuts.shape(id)
    }

    fn extent(&self) -> Option<Extent> {
        Some(self.cuts.extent())
    }

    fn axis_cuts(&self) -> Option<AxisCuts<'_>> {
        Some(self.cuts.axis_cuts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent() -> Extent {
        Extent::new(-0.3, 0.1, 0.7, 11.3).unwrap()
    }

    #[test]
    fn equal_fractions_give_identical_cuts() {
        for s in 1..=12 {
            for t in 1..=12 {
                let (a, b) = (equal_cuts(-0.3, 0.7, s), equal_cuts(-0.3, 0.7, t));
                for i in 0..=s {
                    if i * t % s == 0 {
                        assert_eq!(a[i].to_bits(), b[i * t / s].to_bits(), "{i}/{s}");
                    }
                }
            }
        }
    }

    #[test]
    fn borders_belong_to_the_grid() {
        let grid = EqualGrid::new(extent(), 3, 4).unwrap();
        assert_eq!(grid.locate(&Site::at(-0.3, 0.1)), Some(PartitionId(0)));
        assert_eq!(grid.locate(&Site::at(0.7, 11.3)), Some(PartitionId(11)));
        assert_eq!(grid.locate(&Site::at(0.7, 0.1)), Some(PartitionId(3)));
        assert_eq!(grid.locate(&Site::at(0.7_f64.next_up(), 0.1)), None);
        assert_eq!(grid.locate(&Site::at(f64::NAN, 1.0)), None);
    }

    #[test]
    fn rows_without_height_are_rejected() {
        let flat = Extent::new(0.0, 5.0, 1.0, 5.0).unwrap();
        assert_eq!(
            EqualGrid::new(flat, 2, 1).unwrap_err().to_string(),
            "invalid rows: 2 (accepted: 1 for an extent of height 0, or a height that 2 cells can divide)"
        );
        let grid = EqualGrid::new(flat, 1, 4).unwrap();
        assert_eq!(grid.locate(&Site::at(0.25, 5.0)), Some(PartitionId(1)));
        let dot = Extent::new(2.0, 5.0, 2.0, 5.0).unwrap();
        assert!(EqualGrid::new(dot, 1, 2).is_err());
        let grid = EqualGrid::new(dot, 1, 1).unwrap();
        assert_eq!(grid.locate(&Site::at(2.0, 5.0)), Some(PartitionId(0)));
    }

    #[test]
    fn grids_of_no_or_too_many_cells_are_rejected() {
        for (rows, columns) in [
            (0, 1),
            (1, 0),
            (1_000_001, 1),
            (usize::MAX, usize::MAX),
            (1_000_000, 4_295),
        ] {
            assert!(
                EqualGrid::new(extent(), rows, columns).is_err(),
                "{rows}x{columns}"
            );
        }
    }

    #[test]
    fn an_extent_too_small_for_its_cuts_is_rejected() {
        let tiny = Extent::new(1.0, 0.0, 1.0_f64.next_up().next_up(), 1.0).unwrap();
        assert!(EqualGrid::new(tiny, 1, 2).is_ok());
        assert!(EqualGrid::new(tiny, 1, 3).is_err());
        let unchecked = Extent {
            min_x: f64::NAN,
            ..extent()
        };
        assert!(EqualGrid::new(unchecked, 1, 1).is_err());
    }
}
