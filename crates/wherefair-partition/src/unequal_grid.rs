//! Grids of unequal cells.

use wherefair_core::{Extent, ParamError, PartitionId, Seed, Site, Sites, Stream};

use crate::cuts::{Cuts, check_cell_counts, first_descent};
use crate::{AxisCuts, PartitionError, Partitioning, Shape};

/// How often a random cut that falls on another one is drawn anew before the extent is called too small.
const MAX_DRAWS: usize = 64;

/// A rectangular grid with cuts at any place, half-open cells, the last of each axis closed.
#[derive(Debug, Clone, PartialEq)]
pub struct UnequalGrid {
    name: String,
    cuts: Cuts,
}

impl UnequalGrid {
    /// The grid called `name` with the given edges, borders included.
    ///
    /// # Shapes
    /// `x_edges` is `(n_columns + 1,)`, `y_edges` is `(n_rows + 1,)`.
    ///
    /// # Errors
    /// [`PartitionError::Param`] when there are fewer than 2 edges along an axis, or when they are not finite
    /// and strictly ascending.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::{PartitionId, Site};
    /// use wherefair_partition::{Partitioning, UnequalGrid};
    ///
    /// let grid = UnequalGrid::from_edges("zones", vec![0.0, 1.0, 10.0], vec![0.0, 5.0])?;
    /// assert_eq!(grid.locate(&Site::at(10.0, 0.0)), Some(PartitionId(1)));
    /// assert!(UnequalGrid::from_edges("zones", vec![0.0, 0.0], vec![0.0, 5.0]).is_err());
    /// # Ok::<(), wherefair_partition::PartitionError>(())
    /// ```
    pub fn from_edges(
        name: impl Into<String>,
        x_edges: Vec<f64>,
        y_edges: Vec<f64>,
    ) -> Result<Self, PartitionError> {
        for (axis, edges) in [("x edges", &x_edges), ("y edges", &y_edges)] {
            if let Some((p, q)) = first_descent(edges) {
                let value = format!("{p} before {q}");
                return Err(ParamError::new(axis, value, "finite numbers, strictly ascending").into());
            }
        }
        Ok(Self {
            name: name.into(),
            cuts: Cuts::new(x_edges, y_edges)?,
        })
    }

    /// A grid named `quantiles {rows}x{columns}` whose rows, and whose columns, hold about equally many sites.
    ///
    /// Edge k of s along an axis is the site of rank ⌈k n / s⌉ (counted from 0) in ascending order. Edges that
    /// ties make equal, or equal to the largest coordinate, collapse into one: the grid then has fewer rows or
    /// columns than asked for, rather than rows or columns without sites. Cells may still be empty where x
    /// and y depend on each other.
    ///
    /// # Errors
    /// [`PartitionError::Empty`] without sites; [`PartitionError::Param`] when a coordinate is not finite or a
    /// number of cells is 0 or beyond a million.
    pub fn quantiles(sites: Sites<'_>, n_rows: usize, n_columns: usize) -> Result<Self, PartitionError> {
        check_cell_counts(n_rows, n_columns)?;
        if Extent::of(&sites)?.is_none() {
            return Err(PartitionError::Empty { what: "sites" });
        }
        Ok(Self {
            name: format!("quantiles {n_rows}x{n_columns}"),
            cuts: Cuts::new(
                quantile_cuts(sites.x(), n_columns),
                quantile_cuts(sites.y(), n_rows),
            )?,
        })
    }

    /// Random grid number `index` of `seed`, named `random {index} {rows}x{columns}`: the inner cuts are
    /// uniform over the extent and sorted.
    ///
    /// # Errors
    /// As [`EqualGrid::new`](crate::EqualGrid::new).
    pub fn random(
        extent: Extent,
        n_rows: usize,
        n_columns: usize,
        seed: Seed,
        index: u64,
    ) -> Result<Self, PartitionError> {
        let extent = Extent::new(extent.min_x, extent.min_y, extent.max_x, extent.max_y)?;
        check_cell_counts(n_rows, n_columns)?;
        let mut stream = seed.indexed("random unequal grid", index);
        let x = random_cuts(&mut stream, "columns", extent.min_x, extent.max_x, n_columns)?;
        let y = random_cuts(&mut stream, "rows", extent.min_y, extent.max_y, n_rows)?;
        Ok(Self {
            name: format!("random {index} {n_rows}x{n_columns}"),
            cuts: Cuts::new(x, y)?,
        })
    }

    /// The same grid called `name`.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
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

/// `values` must be finite and at least one.
fn quantile_cuts(values: &[f64], n_cells: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (n, max) = (sorted.len() as u128, sorted[sorted.len() - 1]);
    let mut cuts = vec![sorted[0]];
    let mut last = sorted[0];
    for k in 1..n_cells {
        let rank = (k as u128 * n).div_ceil(n_cells as u128);
        let value = usize::try_from(rank).ok().and_then(|rank| sorted.get(rank));
        if let Some(&value) = value.filter(|value| last < **value && **value < max) {
            cuts.push(value);
            last = value;
        }
    }
    cuts.push(max);
    cuts
}

fn random_cuts(
    stream: &mut Stream,
    name: &str,
    min: f64,
    max: f64,
    n: usize,
) -> Result<Vec<f64>, PartitionError> {
    let mut cuts = vec![min];
    if n > 1 {
        for _ in 1..n {
            cuts.push(uniform_cut(stream, min, max));
        }
        cuts.push(max);
        cuts.sort_unstable_by(f64::total_cmp);
        let mut draws = 0;
        // Cuts that coincide are all but impossible unless the extent spans only a few numbers.
        while let Some(i) = (1..cuts.len()).find(|&i| cuts[i - 1] >= cuts[i]) {
            draws += 1;
            if draws > MAX_DRAWS {
                let accepted = format!("few enough for distinct cuts between {min} and {max}");
                return Err(ParamError::new(name, n, accepted).into());
            }
            let inner = if i == cuts.len() - 1 { i - 1 } else { i };
            cuts[inner.max(1)] = uniform_cut(stream, min, max);
            cuts.sort_unstable_by(f64::total_cmp);
        }
    } else {
        cuts.push(max);
    }
    Ok(cuts)
}

/// Rounding must not carry a cut beyond `max`.
fn uniform_cut(stream: &mut Stream, min: f64, max: f64) -> f64 {
    (min + (max - min) * stream.uniform()).min(max)
}

impl Partitioning for UnequalGrid {
    fn name(&self) -> String {
        self.name.clone()
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

    #[test]
    fn quantiles_hold_equal_counts() {
        let mut stream = Seed::new(5).stream("sites");
        let x: Vec<f64> = (0..1_200).map(|_| stream.standard_normal()).collect();
        let y: Vec<f64> = (0..1_200).map(|_| stream.uniform().powi(3)).collect();
        let sites = Sites::new(&x, &y).unwrap();
        let grid = UnequalGrid::quantiles(sites, 3, 4).unwrap();
        assert_eq!((grid.n_rows(), grid.n_columns()), (3, 4));
        let (mut rows, mut columns) = ([0; 3], [0; 4]);
        for i in 0..sites.len() {
            let id = grid.locate(&sites.get(i)).unwrap().index();
            rows[id / 4] += 1;
            columns[id % 4] += 1;
        }
        assert_eq!(rows, [400; 3]);
        assert_eq!(columns, [300; 4]);
    }

    #[test]
    fn ties_collapse_edges_instead_of_leaving_empty_columns() {
        let x = [0.0, 1.0, 1.0, 1.0, 1.0, 2.0];
        let y = [7.0; 6];
        let grid = UnequalGrid::quantiles(Sites::new(&x, &y).unwrap(), 3, 4).unwrap();
        assert_eq!(grid.axis_cuts().unwrap().x, [0.0, 1.0, 2.0]);
        assert_eq!(grid.axis_cuts().unwrap().y, [7.0, 7.0]);
        assert_eq!(grid.locate(&Site::at(1.0, 7.0)), Some(PartitionId(1)));
        assert_eq!(grid.name(), "quantiles 3x4");
    }

    #[test]
    fn quantiles_of_nothing_or_of_nan_are_rejected() {
        let empty = Sites::new(&[], &[]).unwrap();
        let error = UnequalGrid::quantiles(empty, 1, 1).unwrap_err();
        assert_eq!(error, PartitionError::Empty { what: "sites" });
        assert!(UnequalGrid::quantiles(Sites::new(&[f64::NAN], &[0.0]).unwrap(), 1, 1).is_err());
        assert!(UnequalGrid::quantiles(Sites::new(&[1.0], &[0.0]).unwrap(), 0, 1).is_err());
        let one = UnequalGrid::quantiles(Sites::new(&[1.0], &[0.0]).unwrap(), 5, 5).unwrap();
        assert_eq!(one.n_partitions(), 1);
    }

    #[test]
    fn edges_that_do_not_ascend_are_rejected() {
        for bad in [
            vec![],
            vec![0.0],
            vec![1.0, 1.0],
            vec![0.0, f64::NAN],
            vec![0.0, f64::INFINITY],
        ] {
            assert!(UnequalGrid::from_edges("a", bad, vec![0.0, 1.0]).is_err());
        }
    }

    #[test]
    fn random_grids_depend_on_seed_and_index_alone() {
        let extent = Extent::new(0.0, 0.0, 8.0, 2.0).unwrap();
        let draw = |seed, index| UnequalGrid::random(extent, 4, 3, Seed::new(seed), index).unwrap();
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0).cuts, draw(1, 1).cuts);
        assert_ne!(draw(1, 0).cuts, draw(2, 0).cuts);
        assert_eq!(draw(1, 0).name(), "random 0 4x3");
        assert_eq!(draw(1, 0).extent(), Some(extent));
    }

    #[test]
    fn random_cuts_of_an_extent_too_small_are_rejected() {
        let next = 1.0_f64.next_up();
        let tiny = Extent::new(1.0, 0.0, next, 1.0).unwrap();
        assert!(UnequalGrid::random(tiny, 1, 2, Seed::new(1), 0).is_err());
        assert!(UnequalGrid::random(tiny, 2, 1, Seed::new(1), 0).is_ok());
        let flat = Extent::new(0.0, 5.0, 1.0, 5.0).unwrap();
        assert!(UnequalGrid::random(flat, 2, 1, Seed::new(1), 0).is_err());
        assert!(UnequalGrid::random(flat, 1, 2, Seed::new(1), 0).is_ok());
    }
}
