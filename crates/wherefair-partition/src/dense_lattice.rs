//! The common refinement of grids, with all cells known up front.

use wherefair_core::Point;

use crate::axis_index::{AxisIndex, Table};
use crate::cuts::{interval_of, is_ascending};
use crate::lattice::Lattice;
use crate::{AxisCuts, PartitionError, Partitioning};

/// The product of the unions of many grids' cuts, plus which row and column of each grid a cell lies in.
///
/// Grids may have different extents. A grid ends at its last cut, that cut included, where another grid's cell
/// may go on; the first number beyond the last cut is therefore a cut of the lattice too, which makes all its
/// intervals half-open.
#[derive(Debug, Clone)]
pub(crate) struct GridProduct {
    pub(crate) x: AxisIndex,
    pub(crate) y: AxisIndex,
    grids: Vec<GridCells>,
}

/// For one grid, its column (row) of every interval of the lattice along x (y); `OUTSIDE` where it has none.
#[derive(Debug, Clone)]
struct GridCells {
    n_columns: u32,
    column_of: Vec<u32>,
    row_of: Vec<u32>,
}

impl GridProduct {
    /// The refinement of the partitionings in `grids`, which have the given cuts; `None` without grids.
    pub(crate) fn new(grids: &[(&dyn Partitioning, AxisCuts<'_>)]) -> Result<Option<Self>, PartitionError> {
        if grids.is_empty() {
            return Ok(None);
        }
        for (grid, cuts) in grids {
            let cells = cuts.x.len().checked_sub(1).zip(cuts.y.len().checked_sub(1));
            let n_cells = cells.and_then(|(columns, rows)| rows.checked_mul(columns));
            let numbered = grid.n_partitions() < Lattice::OUTSIDE as usize;
            if !(is_ascending(cuts.x) && is_ascending(cuts.y) && numbered)
                || n_cells != Some(grid.n_partitions())
            {
                return Err(PartitionError::InvalidCuts {
                    name: grid.name(),
                    n_x: cuts.x.len(),
                    n_y: cuts.y.len(),
                    n_partitions: grid.n_partitions(),
                });
            }
        }
        let x = AxisIndex::new(thresholds(grids.iter().map(|(_, cuts)| cuts.x)));
        let y = AxisIndex::new(thresholds(grids.iter().map(|(_, cuts)| cuts.y)));
        let grids = grids
            .iter()
            .map(|(_, cuts)| GridCells::new(&x, &y, *cuts))
            .collect();
        Ok(Some(Self { x, y, grids }))
    }

    /// The number of cells, if that is at most `max`.
    pub(crate) fn n_cells_up_to(&self, max: usize) -> Option<usize> {
        let n = self.x.n_intervals().checked_mul(self.y.n_intervals())?;
        (n <= max).then_some(n)
    }

    /// The partition of grid number `grid` that holds the cell at `column`, `row`, or `OUTSIDE`.
    pub(crate) fn partition(&self, grid: usize, column: usize, row: usize) -> u32 {
        let grid = &self.grids[grid];
        let (column, row) = (grid.column_of[column], grid.row_of[row]);
        if column == Lattice::OUTSIDE || row == Lattice::OUTSIDE {
            return Lattice::OUTSIDE;
        }
        row * grid.n_columns + column
    }

    /// Whether any grid covers the cell at `column`, `row`.
    pub(crate) fn is_covered(&self, column: usize, row: usize) -> bool {
        (0..self.grids.len()).any(|grid| self.partition(grid, column, row) != Lattice::OUTSIDE)
    }

    /// Column and row of the cell that holds `point`, if any grid covers it.
    pub(crate) fn locate(&self, point: Point) -> Option<(u32, u32)> {
        let (column, row) = (self.x.interval(point.x)?, self.y.interval(point.y)?);
        self.is_covered(column as usize, row as usize)
            .then_some((column, row))
    }
}

impl GridCells {
    #[expect(clippy::cast_possible_truncation, reason = "grids have fewer than 2³² cells")]
    fn new(x: &AxisIndex, y: &AxisIndex, cuts: AxisCuts<'_>) -> Self {
        // No grid border lies inside an interval of the lattice, so its smallest number stands for all.
        let own = |axis: &AxisIndex, cuts: &[f64]| {
            axis.lower_thresholds()
                .iter()
                .map(|&value| interval_of(cuts, value).map_or(Lattice::OUTSIDE, |i| i as u32))
                .collect()
        };
        Self {
            n_columns: (cuts.x.len() - 1) as u32,
            column_of: own(x, cuts.x),
            row_of: own(y, cuts.y),
        }
    }
}

fn thresholds<'a>(cuts: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
    let mut all = Vec::new();
    for cuts in cuts {
        let last = cuts.len() - 1;
        all.extend_from_slice(&cuts[..last]);
        all.push(cuts[last].next_up());
    }
    // Adding 0 turns −0 into 0, so that the two cannot both stay.
    for cut in &mut all {
        *cut += 0.0;
    }
    all.sort_unstable_by(f64::total_cmp);
    all.dedup_by(|a, b| a.total_cmp(b).is_eq());
    all
}

/// The lattice of grids whose cells exist up front; it only reads itself, so threads can share it.
///
/// Cell (row, column) is number `row * n_columns + column`, rows counted from the smallest y.
#[derive(Debug, Clone)]
pub struct DenseLattice {
    product: GridProduct,
    /// For every cell its number, or `OUTSIDE` where no grid covers it; `None` when every cell is covered.
    covered: Option<Vec<u32>>,
}

impl DenseLattice {
    pub(crate) fn new(product: GridProduct) -> Self {
        let (n_columns, n_rows) = (product.x.n_intervals(), product.y.n_intervals());
        let mut next = 0..Lattice::OUTSIDE;
        let mut numbers = Vec::with_capacity(n_columns * n_rows);
        for row in 0..n_rows {
            for column in 0..n_columns {
                let number = next.next().unwrap_or(Lattice::OUTSIDE);
                let covered = product.is_covered(column, row);
                numbers.push(if covered { number } else { Lattice::OUTSIDE });
            }
        }
        let product = match (product.x.n_single_bins(), product.y.n_single_bins()) {
            // One table size for both axes, so that one loop serves both.
            (Some(a), Some(b)) if a != b => GridProduct {
                x: product.x.resized(a.max(b)),
                y: product.y.resized(a.max(b)),
                grids: product.grids,
            },
            _ => product,
        };
        Self {
            covered: numbers.contains(&Lattice::OUTSIDE).then_some(numbers),
            product,
        }
    }

    /// The number of columns.
    pub fn n_columns(&self) -> usize {
        self.product.x.n_intervals()
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.product.y.n_intervals()
    }

    /// The number of cells.
    pub fn n_cells(&self) -> usize {
        self.n_columns() * self.n_rows()
    }

    /// Writes the cell of each point (`x[i]`, `y[i]`) to `cells[i]`, [`Lattice::OUTSIDE`] where it lies in none.
    ///
    /// A point's cell lies in exactly those partitions that [`Partitioning::locate`] gives for it: a table finds
    /// the neighbourhood of a coordinate, a comparison with the cut decides.
    ///
    /// # Shapes
    /// `x`, `y` and `cells` are all `(n_samples,)`. Where a coordinate is missing because `x` or `y` is shorter
    /// than `cells`, the cell is [`Lattice::OUTSIDE`]; coordinates beyond `cells` are left out.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    ///
    /// use wherefair_core::Extent;
    /// use wherefair_partition::{EqualGrid, Lattice, Partitioning};
    ///
    /// let extent = Extent::new(0.0, 0.0, 1.0, 1.0)?;
    /// let candidates: [Arc<dyn Partitioning>; 2] =
    ///     [Arc::new(EqualGrid::new(extent, 1, 2)?), Arc::new(EqualGrid::new(extent, 2, 1)?)];
    /// let lattice = Lattice::new(&candidates)?;
    /// let mut cells = [0; 3];
    /// lattice.dense().unwrap().locate_into(&[0.1, 0.5, 1.5], &[0.9, 0.0, 0.0], &mut cells);
    /// assert_eq!(cells, [2, 1, Lattice::OUTSIDE]);
    /// # Ok::<(), wherefair_partition::PartitionError>(())
    /// ```
    pub fn locate_into(&self, x: &[f64], y: &[f64], cells: &mut [u32]) {
        let n_located = cells.len().min(x.len()).min(y.len());
        let (cells, missing) = cells.split_at_mut(n_located);
        missing.fill(Lattice::OUTSIDE);
        let (across, up) = (&self.product.x, &self.product.y);
        if let (Some(across), Some(up)) = (across.table::<256>(), up.table()) {
            self.locate_in_tables(across, up, x, y, cells);
        } else if let (Some(across), Some(up)) = (across.table::<1024>(), up.table()) {
            self.locate_in_tables(across, up, x, y, cells);
        } else if let (Some(across), Some(up)) = (across.table::<4096>(), up.table()) {
            self.locate_in_tables(across, up, x, y, cells);
        } else {
            self.locate_each(|x| across.n_at_most(x), |y| up.n_at_most(y), x, y, cells);
        }
        if let Some(covered) = &self.covered {
            for cell in cells {
                *cell = covered.get(*cell as usize).copied().unwrap_or(Lattice::OUTSIDE);
            }
        }
    }

    fn locate_in_tables<const N: usize>(
        &self,
        across: Table<'_, N>,
        up: Table<'_, N>,
        x: &[f64],
        y: &[f64],
        cells: &mut [u32],
    ) {
        self.locate_each(|x| across.n_at_most(x), |y| up.n_at_most(y), x, y, cells);
    }

    #[inline]
    #[expect(clippy::needless_bitwise_bool, reason = "keeps the loop without branches")]
    #[expect(clippy::cast_possible_truncation, reason = "dense lattices have few cells")]
    fn locate_each(
        &self,
        across: impl Fn(f64) -> u32,
        up: impl Fn(f64) -> u32,
        x: &[f64],
        y: &[f64],
        cells: &mut [u32],
    ) {
        let (n_columns, n_rows) = (self.n_columns() as u32, self.n_rows() as u32);
        for ((cell, &x), &y) in cells.iter_mut().zip(x).zip(y) {
            // Counts start at 1 inside; 0, below all cuts, wraps around to the largest number.
            let (column, row) = (across(x).wrapping_sub(1), up(y).wrapping_sub(1));
            let number = row.wrapping_mul(n_columns).wrapping_add(column);
            let inside = (column < n_columns) & (row < n_rows);
            *cell = if inside { number } else { Lattice::OUTSIDE };
        }
    }

    /// For every cell the partition of grid number `grid`, or `OUTSIDE`.
    pub(crate) fn partition_of(&self, grid: usize) -> Vec<u32> {
        (0..self.n_rows())
            .flat_map(|row| (0..self.n_columns()).map(move |column| (column, row)))
            .map(|(column, row)| self.product.partition(grid, column, row))
            .collect()
    }
}
