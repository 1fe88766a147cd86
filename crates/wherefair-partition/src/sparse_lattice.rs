//! The common refinement of any partitionings, its cells numbered as samples reach them.

use std::collections::HashMap;
use std::sync::Arc;

use wherefair_core::Sites;

use crate::dense_lattice::GridProduct;
use crate::lattice::Lattice;
use crate::{PartitionError, Partitioning};

/// Where the codes of a cell hold what one partitioning says of it.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Grid number so many of the product, whose column and row are the first two codes.
    Grid(usize),
    /// The partition itself, at this place among the codes.
    Code(usize),
}

/// Cells known by their codes: column and row in the product of all grids, then the partition of every other
/// candidate, `OUTSIDE` where there is none.
#[derive(Debug, Clone)]
pub(crate) struct SparseLattice {
    product: Option<GridProduct>,
    others: Vec<Arc<dyn Partitioning>>,
    sources: Vec<Source>,
    /// Looked up only, never iterated over: its order does not show.
    cell_of: HashMap<Box<[u32]>, u32>,
    /// The codes of all cells, one after the other.
    codes: Vec<u32>,
    n_cells: u32,
}

impl SparseLattice {
    pub(crate) fn new(candidates: &[Arc<dyn Partitioning>], product: Option<GridProduct>) -> Self {
        let n_leading = if product.is_some() { 2 } else { 0 };
        let mut others = Vec::new();
        let mut n_grids = 0;
        let mut sources = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            if product.is_some() && candidate.axis_cuts().is_some() {
                sources.push(Source::Grid(n_grids));
                n_grids += 1;
            } else {
                sources.push(Source::Code(n_leading + others.len()));
                others.push(Arc::clone(candidate));
            }
        }
        Self {
            product,
            others,
            sources,
            cell_of: HashMap::new(),
            codes: Vec::new(),
            n_cells: 0,
        }
    }

    pub(crate) fn n_cells(&self) -> usize {
        self.n_cells as usize
    }

    fn n_codes(&self) -> usize {
        self.n_grid_codes() + self.others.len()
    }

    /// Codes that the product of the grids takes: column and row.
    fn n_grid_codes(&self) -> usize {
        if self.product.is_some() { 2 } else { 0 }
    }

    /// `cells` must be as long as `sites`.
    pub(crate) fn locate_into(&mut self, sites: Sites<'_>, cells: &mut [u32]) -> Result<(), PartitionError> {
        let mut codes = vec![Lattice::OUTSIDE; self.n_codes()];
        let mut last = (Vec::new(), Lattice::OUTSIDE);
        for (i, cell) in cells.iter_mut().enumerate() {
            let site = sites.get(i);
            let (of_grids, of_others) = codes.split_at_mut(self.n_grid_codes());
            if let Some(product) = &self.product {
                let (column, row) = product
                    .locate(site.point)
                    .unwrap_or((Lattice::OUTSIDE, Lattice::OUTSIDE));
                of_grids.copy_from_slice(&[column, row]);
            }
            for (code, other) in of_others.iter_mut().zip(&self.others) {
                *code = other.locate(&site).map_or(Lattice::OUTSIDE, |id| id.0);
            }
            // Neighbouring samples mostly share their cell.
            if codes != last.0 {
                last.1 = self.intern(&codes)?;
                last.0.clone_from(&codes);
            }
            *cell = last.1;
        }
        Ok(())
    }

    fn intern(&mut self, codes: &[u32]) -> Result<u32, PartitionError> {
        if codes.iter().all(|code| *code == Lattice::OUTSIDE) {
            return Ok(Lattice::OUTSIDE);
        }
        if let Some(&cell) = self.cell_of.get(codes) {
            return Ok(cell);
        }
        let cell = self.n_cells;
        if cell == Lattice::OUTSIDE {
            return Err(PartitionError::TooManyCells {
                max: Lattice::OUTSIDE,
            });
        }
        self.cell_of.insert(codes.into(), cell);
        self.codes.extend_from_slice(codes);
        self.n_cells += 1;
        Ok(cell)
    }

    /// For every cell so far the partition of candidate number `candidate`, or `OUTSIDE`.
    pub(crate) fn partition_of(&self, candidate: usize) -> Vec<u32> {
        self.codes
            .chunks_exact(self.n_codes())
            .map(|codes| match (self.sources[candidate], &self.product) {
                (Source::Code(place), _) => codes[place],
                (Source::Grid(grid), Some(product)) if codes[0] != Lattice::OUTSIDE => {
                    product.partition(grid, codes[0] as usize, codes[1] as usize)
                }
                (Source::Grid(_), _) => Lattice::OUTSIDE,
            })
            .collect()
    }
}
