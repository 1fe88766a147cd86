//! The common refinement of all candidate partitionings.

use std::sync::Arc;

use wherefair_core::{ParamError, Sites};

use crate::dense_lattice::{DenseLattice, GridProduct};
use crate::sparse_lattice::SparseLattice;
use crate::{PartitionError, Partitioning};

/// Grids are refined up front when that gives at most so many cells.
const MAX_DENSE_CELLS: usize = 65_536;

/// The common refinement of partitionings: two samples share a cell when no partitioning tells them apart.
///
/// Every partition is a union of cells, so its tally is the sum of its cells' tallies: one pass over the
/// samples serves all partitionings at once.
///
/// - When all candidates are grids (they have [`Partitioning::axis_cuts`]) and their cuts make at most 65,536
///   cells, the lattice is *dense*: all cells exist from the start, and threads can share it.
/// - Otherwise it is *sparse*: cells are numbered in the order in which samples first reach them.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, Sites};
/// use wherefair_partition::{Lattice, PartitioningDistribution};
///
/// let extent = Extent::new(0.0, 0.0, 1.0, 1.0)?;
/// let grids = PartitioningDistribution::equal_grids(extent, 5, 5)?;
/// let mut lattice = Lattice::new(grids.candidates())?;
/// assert!(lattice.is_dense());
/// assert_eq!((lattice.n_partitionings(), lattice.n_cells()), (24, 100));
///
/// let mut cells = [0; 2];
/// lattice.locate_into(Sites::new(&[0.05, 2.0], &[0.05, 0.5])?, &mut cells)?;
/// assert_eq!(cells, [0, Lattice::OUTSIDE]);
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lattice {
    n_partitionings: usize,
    cells: Cells,
}

#[derive(Debug, Clone)]
enum Cells {
    Dense(Box<DenseLattice>),
    Sparse(Box<SparseLattice>),
}

impl Lattice {
    /// Stands for no cell, and for no partition, in packed arrays.
    pub const OUTSIDE: u32 = u32::MAX;

    /// The common refinement of `candidates`.
    ///
    /// # Errors
    /// [`PartitionError::Empty`] without candidates; [`PartitionError::InvalidCuts`] when a candidate reports
    /// cuts that are not those of a grid.
    pub fn new(candidates: &[Arc<dyn Partitioning>]) -> Result<Self, PartitionError> {
        if candidates.is_empty() {
            return Err(PartitionError::Empty {
                what: "candidate partitioning",
            });
        }
        let grids: Vec<_> = candidates
            .iter()
            .filter_map(|candidate| Some((candidate.as_ref(), candidate.axis_cuts()?)))
            .collect();
        let all_grids = grids.len() == candidates.len();
        let cells = match GridProduct::new(&grids)? {
            Some(product) if all_grids && product.n_cells_up_to(MAX_DENSE_CELLS).is_some() => {
                Cells::Dense(Box::new(DenseLattice::new(product)))
            }
            product => Cells::Sparse(Box::new(SparseLattice::new(candidates, product))),
        };
        Ok(Self {
            n_partitionings: candidates.len(),
            cells,
        })
    }

    /// Whether all cells exist up front.
    pub fn is_dense(&self) -> bool {
        self.dense().is_some()
    }

    /// The lattice in its shareable form, when it is dense.
    pub fn dense(&self) -> Option<&DenseLattice> {
        match &self.cells {
            Cells::Dense(dense) => Some(dense),
            Cells::Sparse(_) => None,
        }
    }

    /// The number of cells so far; a dense lattice has them all from the start.
    pub fn n_cells(&self) -> usize {
        match &self.cells {
            Cells::Dense(dense) => dense.n_cells(),
            Cells::Sparse(sparse) => sparse.n_cells(),
        }
    }

    /// The number of partitionings that the lattice refines.
    pub fn n_partitionings(&self) -> usize {
        self.n_partitionings
    }

    /// Writes the cell of each site to `cells`, [`OUTSIDE`](Self::OUTSIDE) where it lies outside every
    /// partitioning. A sparse lattice gains the cells that it did not know.
    ///
    /// # Shapes
    /// `sites` and `cells` are `(n_samples,)`.
    ///
    /// # Errors
    /// [`PartitionError::Param`] when `cells` differs in length from `sites`; [`PartitionError::TooManyCells`]
    /// when cells run out of numbers.
    pub fn locate_into(&mut self, sites: Sites<'_>, cells: &mut [u32]) -> Result<(), PartitionError> {
        if cells.len() != sites.len() {
            let (value, accepted) = (
                format!("shape ({},)", cells.len()),
                format!("shape ({},), as sites", sites.len()),
            );
            return Err(ParamError::new("cells", value, accepted).into());
        }
        match &mut self.cells {
            Cells::Dense(dense) => {
                dense.locate_into(sites.x(), sites.y(), cells);
                Ok(())
            }
            Cells::Sparse(sparse) => sparse.locate_into(sites, cells),
        }
    }

    /// For every cell so far, the partition of partitioning number `partitioning_idx` that it lies in,
    /// [`OUTSIDE`](Self::OUTSIDE) where it lies in none.
    ///
    /// # Shapes
    /// Returns `(n_cells,)`.
    ///
    /// # Panics
    /// When `partitioning_idx` is not below [`n_partitionings`](Self::n_partitionings).
    pub fn partition_of(&self, partitioning_idx: usize) -> Vec<u32> {
        assert!(
            partitioning_idx < self.n_partitionings,
            "partitioning {partitioning_idx} of {}",
            self.n_partitionings
        );
        match &self.cells {
            Cells::Dense(dense) => dense.partition_of(partitioning_idx),
            Cells::Sparse(sparse) => sparse.partition_of(partitioning_idx),
        }
    }
}
