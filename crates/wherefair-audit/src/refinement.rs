//! Which lattice cells make up each partition, and the scores that follow.

use wherefair_core::Tally as _;
use wherefair_metrics::{ClassTallies, ValueTally, deviation, median, reference_value};
use wherefair_metrics::{Deviation, Distance, QuantileTally, Reference};
use wherefair_partition::{Lattice, Partitioning};

use crate::tally::CellTallies;
use crate::{AuditConfig, AuditError, ReferenceRule, Score};

/// The partitions of all candidates as sums of lattice cells.
#[derive(Debug)]
pub(crate) struct Refinement {
    /// One entry a partitioning, in the order of the candidates.
    pub(crate) members: Vec<Members>,
    /// All cells that hold samples: the whole.
    pub(crate) whole: Vec<u32>,
}

/// The cells of one partitioning's partitions.
#[derive(Debug)]
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
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cell numbers are u32 in the lattice"
    )]
    pub(crate) fn new(
        lattice: &Lattice,
        candidates: &[std::sync::Arc<dyn Partitioning>],
        n_samples: &[u64],
    ) -> Self {
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
        Self { members, whole }
    }

    /// The number of partitions of all candidates together.
    pub(crate) fn n_partitions(&self) -> usize {
        self.members.last().map_or(0, |last| last.first + last.len())
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

/// What the scores of each partitioning are held against.
#[derive(Debug, Clone)]
pub(crate) struct References {
    rule: ReferenceRule,
    distance: Distance,
    /// For each partitioning, where the reference does not depend on the audited predictions.
    fixed: Option<Vec<Option<f64>>>,
    global: Option<f64>,
}

impl References {
    pub(crate) fn new(
        config: &AuditConfig,
        refinement: &Refinement,
        scorer: &mut Scorer,
        base: Option<&CellTallies>,
        global: Option<f64>,
    ) -> Result<Self, AuditError> {
        let rule = config.reference();
        let fixed = if rule.needs_base() {
            let base = base.ok_or(AuditError::NoBaseModel)?;
            let mut scores = Vec::new();
            let mean = if rule == ReferenceRule::BaseModel {
                Reference::PartitionMean
            } else {
                Reference::WeightedPartitionMean
            };
            let by_partitioning = refinement.members.iter().map(|members| {
                scorer.scores(base, members, config.min_samples(), &mut scores);
                reference_value(mean, &scores, &members.n_samples, None)
            });
            Some(by_partitioning.collect())
        } else {
            None
        };
        Ok(Self {
            rule,
            distance: config.distance(),
            fixed,
            global,
        })
    }

    /// The deviations of `scores`, the partitions of partitioning `i`; `None` where none is scored.
    pub(crate) fn deviation(&self, i: usize, scores: &[Option<f64>], n_samples: &[u64]) -> Option<Deviation> {
        let reference = match (self.rule, &self.fixed) {
            (_, Some(fixed)) => fixed[i],
            (ReferenceRule::Fixed(value), _) => Some(value),
            (ReferenceRule::Global, _) => self.global,
            (ReferenceRule::WeightedPartitionMean, _) => {
                reference_value(Reference::WeightedPartitionMean, scores, n_samples, self.global)
            }
            _ => reference_value(Reference::PartitionMean, scores, n_samples, self.global),
        };
        deviation(scores, reference?, self.distance)
    }
}
