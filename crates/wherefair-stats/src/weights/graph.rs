//! Neighbours of neighbours.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::SpatialWeights;
use super::metric::check_n_links;
use crate::StatsError;

/// Units whose neighbours are found before the memory is checked again.
const UNITS_A_BATCH: usize = 16_384;

/// Which units count as h-hop neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HopRule {
    /// Those that are reached in h hops and not in fewer.
    Exactly,
    /// Those that are reached in at most h hops.
    UpTo,
}

impl SpatialWeights {
    /// The units `hops` links away, each with weight 1; links are followed in their direction and their weights
    /// do not matter.
    ///
    /// # Errors
    /// [`StatsError`] when `hops` is 0 or there are too many pairs for the memory.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::{Contiguity, HopRule, SpatialWeights};
    ///
    /// let chain = SpatialWeights::from_raster(1, 5, None, Contiguity::Rook)?;
    /// assert_eq!(chain.h_hop(2, HopRule::Exactly)?.row(1).0, [3]);
    /// assert_eq!(chain.h_hop(2, HopRule::UpTo)?.row(1).0, [0, 2, 3]);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn h_hop(&self, hops: usize, rule: HopRule) -> Result<Self, StatsError> {
        if hops == 0 {
            return Err(ParamError::new("hops", hops, "at least 1").into());
        }
        let mut hop_rows = Self {
            offsets: vec![0],
            neighbours: vec![],
            values: vec![],
        };
        // The rows of one batch are held beside the result, and the size is checked after each.
        for start in (0..self.n()).step_by(UNITS_A_BATCH) {
            let units = start..(start + UNITS_A_BATCH).min(self.n());
            let rows: Vec<Vec<u32>> = units
                .into_par_iter()
                .map(|unit| self.reach(unit, hops, rule))
                .collect();
            check_n_links(hop_rows.neighbours.len() + rows.iter().map(Vec::len).sum::<usize>())?;
            for row in rows {
                hop_rows.neighbours.extend(row);
                hop_rows.offsets.push(hop_rows.neighbours.len());
            }
        }
        hop_rows.values = vec![1.0; hop_rows.neighbours.len()];
        Ok(hop_rows)
    }

    /// The units that `rule` takes from `unit`, ascending.
    fn reach(&self, unit: usize, hops: usize, rule: HopRule) -> Vec<u32> {
        let mut frontier: Vec<u32> = u32::try_from(unit).into_iter().collect();
        let mut reached = frontier.clone();
        for _ in 0..hops {
            let mut next: Vec<u32> = frontier
                .iter()
                .flat_map(|&at| self.row(at as usize).0)
                .copied()
                .collect();
            next.sort_unstable();
            next.dedup();
            next.retain(|neighbour| reached.binary_search(neighbour).is_err());
            frontier = next;
            if frontier.is_empty() {
                break;
            }
            reached.extend_from_slice(&frontier);
            reached.sort_unstable();
        }
        match rule {
            HopRule::Exactly => frontier,
            HopRule::UpTo => {
                reached.retain(|&neighbour| neighbour as usize != unit);
                reached
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Contiguity;

    #[test]
    fn one_hop_is_the_binary_form() {
        let w = SpatialWeights::from_edges(3, [(0, 1, 0.5), (1, 2, 3.0), (2, 0, -1.0)]).unwrap();
        for rule in [HopRule::Exactly, HopRule::UpTo] {
            assert_eq!(
                w.h_hop(1, rule).unwrap(),
                w.transform(crate::Transform::Binary).unwrap()
            );
        }
    }

    #[test]
    fn exact_hops_of_a_lattice_are_rings_and_sum_up() {
        let lattice = SpatialWeights::from_raster(20, 30, None, Contiguity::Rook).unwrap();
        let far = |i: usize, j: u32| (i / 30).abs_diff(j as usize / 30) + (i % 30).abs_diff(j as usize % 30);
        let mut n_up_to = 0;
        for hops in 1..5 {
            let w = lattice.h_hop(hops, HopRule::Exactly).unwrap();
            assert!((0..w.n()).all(|i| w.row(i).0.iter().all(|&j| far(i, j) == hops)));
            n_up_to += w.n_nonzero();
            assert_eq!(lattice.h_hop(hops, HopRule::UpTo).unwrap().n_nonzero(), n_up_to);
        }
    }

    #[test]
    fn directed_links_are_followed_one_way() {
        let w = SpatialWeights::from_edges(3, [(0, 1, 1.0), (1, 2, 1.0)]).unwrap();
        let two = w.h_hop(2, HopRule::Exactly).unwrap();
        assert_eq!((two.row(0).0, two.isolates()), ([2].as_slice(), vec![1, 2]));
    }

    #[test]
    fn hops_beyond_the_graph_end_and_zero_hops_are_an_error() {
        let w = SpatialWeights::from_raster(1, 4, None, Contiguity::Rook).unwrap();
        assert_eq!(w.h_hop(usize::MAX, HopRule::UpTo).unwrap().n_nonzero(), 12);
        assert_eq!(w.h_hop(usize::MAX, HopRule::Exactly).unwrap().n_nonzero(), 0);
        assert!(w.h_hop(0, HopRule::UpTo).is_err());
        let none = SpatialWeights::from_edges(0, []).unwrap();
        assert_eq!(none.h_hop(3, HopRule::UpTo).unwrap().n(), 0);
    }
}
