//! Isolates and connected components.

use serde::{Deserialize, Serialize};

use super::SpatialWeights;

/// The connected components of spatial weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Components {
    /// The component of each unit, numbered from 0 in the order of their first units.
    pub labels: Vec<u32>,
    /// The number of components.
    pub n_components: usize,
}

impl SpatialWeights {
    /// The units that have no neighbours, ascending. Other units may still name them as neighbours.
    pub fn isolates(&self) -> Vec<usize> {
        (0..self.n())
            .filter(|&i| self.offsets[i] == self.offsets[i + 1])
            .collect()
    }

    /// The connected components, where a link in either direction connects.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::SpatialWeights;
    ///
    /// let w = SpatialWeights::from_edges(5, [(0, 3, 1.0), (4, 1, 1.0)])?;
    /// let components = w.components();
    /// assert_eq!(components.labels, [0, 1, 2, 0, 1]);
    /// assert_eq!(components.n_components, 3);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn components(&self) -> Components {
        let mut sets = DisjointSets::new(self.n());
        for i in 0..self.n() {
            for &neighbour in self.row(i).0 {
                sets.join(i, neighbour as usize);
            }
        }
        let (labels, n_components) = sets.labels();
        Components { labels, n_components }
    }
}

/// Sets of numbers that join, each led by its smallest member.
pub(super) struct DisjointSets {
    parents: Vec<usize>,
}

impl DisjointSets {
    /// `n` sets of one number each.
    pub(super) fn new(n: usize) -> Self {
        Self {
            parents: (0..n).collect(),
        }
    }

    /// The smallest number of the set of `i`.
    fn leader(&mut self, mut i: usize) -> usize {
        while self.parents[i] != i {
            self.parents[i] = self.parents[self.parents[i]];
            i = self.parents[i];
        }
        i
    }

    /// Joins the sets of `i` and `j`.
    pub(super) fn join(&mut self, i: usize, j: usize) {
        let (a, b) = (self.leader(i), self.leader(j));
        self.parents[a.max(b)] = a.min(b);
    }

    /// The set of each number, numbered in the order of their leaders, and how many sets there are.
    pub(super) fn labels(mut self) -> (Vec<u32>, usize) {
        let mut labels: Vec<u32> = Vec::with_capacity(self.parents.len());
        let mut next = 0;
        for i in 0..self.parents.len() {
            let leader = self.leader(i);
            if leader == i {
                labels.push(next);
                next += 1;
            } else {
                labels.push(labels[leader]);
            }
        }
        (labels, next as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolates_are_units_with_empty_rows() {
        let w = SpatialWeights::from_edges(4, [(0, 3, 1.0), (2, 0, 1.0)]).unwrap();
        assert_eq!(w.isolates(), [1, 3]);
    }

    #[test]
    fn long_chains_are_one_component() {
        let n = 100_000;
        let chain = (1..n).rev().map(|i| (i, i - 1, 1.0));
        let w = SpatialWeights::from_edges(n, chain).unwrap();
        assert_eq!(w.components().n_components, 1);
    }

    #[test]
    fn no_units_have_no_components() {
        let components = SpatialWeights::from_edges(0, []).unwrap().components();
        assert_eq!((components.labels.len(), components.n_components), (0, 0));
    }
}
