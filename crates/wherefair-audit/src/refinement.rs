//! Which lattice cells make up each partition, and the scores that follow.

use std::sync::Arc;

use rayon::prelude::*;
use wherefair_core::{ParamError, Tally as _};
use wherefair_metrics::{ClassTallies, QuantileTally, ValueTally, median};
use wherefair_partition::{Lattice, Partitioning};

use crate::cell_tallies::CellTallies;
use crate::{AuditError, LatticeTallies, PartitionScores, Score};

/// The partitions of all candidates as sums of the lattice cells that hold samples; made once, it scores any number of
/// models on the same samples. See [`LocatedSamples`](crate::LocatedSamples) for an example.
#[derive(Debug, Clone)]
pub struct Refinement {
    n_cells: usize,
    /// One entry a partitioning, in the order of the candidates.
    pub(crate) members: Vec<Members>,
    /// All cells that hold samples: the whole.
    pub(crate) whole: Vec<u32>,
}

/// The cells of one partitioning's partitions.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    /// Those of partition `p` are `cells[starts[p]..starts[p + 1]]`; only cells that hold samples.
    cells: Vec<u32>,
    starts: Vec<usize>,
    /// Samples a partition.
    pub(crate) n_samples: Vec<u64>,
    /// Number of the first partition among the partitions of all candidates.
    pub(crate) first: usize,
}

impl Members {
    /// The cells of partition `p` that hold samples.
    pub(crate) fn cells(&self, p: usize) -> &[u32] {
        &self.cells[self.starts[p]..self.starts[p + 1]]
    }

    /// The number of partitions.
    pub(crate) fn len(&self) -> usize {
        self.n_samples.len()
    }
}

impl Refinement {
    /// The partitions of `candidates`, whose `lattice` holds `n_samples` in each of its cells.
    ///
    /// # Shapes
    /// `n_samples` is `(n_cells,)`; cells beyond its end hold none.
    ///
    /// # Panics
    /// When `lattice` refines fewer partitionings than there are `candidates`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cell numbers are u32 in the lattice"
    )]
    pub fn new(lattice: &Lattice, candidates: &[Arc<dyn Partitioning>], n_samples: &[u64]) -> Self {
        let mut first = 0;
        let members = candidates
            .iter()
            .enumerate()
            .map(|(i, candidate)| {
                let members = members_of(
                    &lattice.partition_of(i),
                    candidate.n_partitions(),
                    n_samples,
                    first,
                );
                first += members.len();
                members
            })
            .collect();
        let whole = (0..n_samples.len())
            .filter(|&cell| n_samples[cell] > 0)
            .map(|cell| cell as u32)
            .collect();
        Self {
            n_cells: n_samples.len(),
            members,
            whole,
        }
    }

    /// The scores of all partitions of all partitionings, those of fewer than `min_samples` samples left out, and the
    /// score of all samples together.
    ///
    /// # Errors
    /// [`AuditError::Param`] for tallies of another number of cells.
    pub fn scores(&self, tallies: &LatticeTallies, min_samples: u64) -> Result<PartitionScores, AuditError> {
        let n_cells = tallies.cells.n_cells();
        if n_cells != self.n_cells {
            let accepted = format!("{} cells, as the refinement", self.n_cells);
            return Err(ParamError::new("tallies", format!("{n_cells} cells"), accepted).into());
        }
        Ok(self.scores_of(&tallies.cells, tallies.score, tallies.n_classes, min_samples))
    }

    /// The scores of tallies that are of this lattice.
    pub(crate) fn scores_of(
        &self,
        tallies: &CellTallies,
        score: Score,
        n_classes: usize,
        min_samples: u64,
    ) -> PartitionScores {
        let scorer = || Scorer::new(score, n_classes);
        let of_each = self.members.par_iter().map_init(scorer, |scorer, members| {
            let mut scores = Vec::with_capacity(members.len());
            scorer.scores(tallies, members, min_samples, &mut scores);
            scores
        });
        PartitionScores {
            scores: of_each.collect(),
            n_samples: self
                .members
                .iter()
                .map(|members| members.n_samples.clone())
                .collect(),
            global: scorer().score(tallies, &self.whole),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "cell numbers are u32 in the lattice"
)]
fn members_of(partition_of: &[u32], n_partitions: usize, n_samples: &[u64], first: usize) -> Members {
    let filled = |cell: usize| n_samples.get(cell).is_some_and(|&n| n > 0);
    let mut counts = vec![0_usize; n_partitions];
    let mut n = vec![0_u64; n_partitions];
    for (cell, &partition) in partition_of.iter().enumerate() {
        if let Some(count) = counts.get_mut(partition as usize).filter(|_| filled(cell)) {
            *count += 1;
            n[partition as usize] += n_samples[cell];
        }
    }
    let mut starts = vec![0; n_partitions + 1];
    for p in 0..n_partitions {
        starts[p + 1] = starts[p] + counts[p];
    }
    let mut next = starts.clone();
    let mut cells = vec![0; starts[n_partitions]];
    for (cell, &partition) in partition_of.iter().enumerate() {
        if (partition as usize) < n_partitions && filled(cell) {
            cells[next[partition as usize]] = cell as u32;
            next[partition as usize] += 1;
        }
    }
    Members {
        cells,
        starts,
        n_samples: n,
        first,
    }
}

/// Scores sums of cells; holds the memory that this needs.
#[derive(Debug)]
pub(crate) struct Scorer {
    score: Score,
    classes: ClassTallies,
    errors: Vec<f64>,
}

impl Scorer {
    pub(crate) fn new(score: Score, n_classes: usize) -> Self {
        Self {
            score,
            classes: ClassTallies::new(1, n_classes),
            errors: Vec::new(),
        }
    }

    /// The score of the union of `cells`; `None` where it is not defined.
    pub(crate) fn score(&mut self, tallies: &CellTallies, cells: &[u32]) -> Option<f64> {
        match (tallies, self.score) {
            (CellTallies::Classes(tallies), Score::Class(score)) => {
                self.classes.clear();
                for &cell in cells {
                    self.classes.add_cell(0, tallies, cell as usize);
                }
                score.evaluate(self.classes.counts(0))
            }
            (CellTallies::Values(tallies), Score::Value { score, .. }) => {
                let mut sum = ValueTally::default();
                for &cell in cells {
                    sum.merge(&tallies[cell as usize]);
                }
                score.evaluate(&sum)
            }
            (CellTallies::Ordered { errors, starts }, _) => {
                self.errors.clear();
                for &cell in cells {
                    let cell = cell as usize;
                    self.errors
                        .extend_from_slice(&errors[starts[cell]..starts[cell + 1]]);
                }
                median(&mut self.errors)
            }
            (CellTallies::Sketches(sketches), _) => {
                let mut sum = QuantileTally::default();
                for &cell in cells {
                    sum.merge(&sketches[cell as usize]);
                }
                sum.quantile(0.5)
            }
            // The tallies are made for the score, so no other pair occurs.
            _ => None,
        }
    }

    /// The scores of all partitions of one partitioning; `None` below `min_samples`.
    pub(crate) fn scores(
        &mut self,
        tallies: &CellTallies,
        members: &Members,
        min_samples: u64,
        into: &mut Vec<Option<f64>>,
    ) {
        into.clear();
        for (p, &n) in members.n_samples.iter().enumerate() {
            let score = if n >= min_samples {
                self.score(tallies, members.cells(p))
            } else {
                None
            };
            into.push(score.filter(|score| score.is_finite()));
        }
    }
}
