//! Exact nulls: dealing class pairs, shuffling samples.

use wherefair_core::Stream;
use wherefair_metrics::{ClassTallies, ValueTally};

use super::Null;
use super::urn::{Urn, UrnScratch};
use crate::cell_tallies::CellTallies;
use crate::tally::{Tallied, starts_of};
use crate::{AuditConfig, Outcomes, SampleBatch};

/// Class pairs dealt to cells.
pub(super) struct ClassDeal {
    urn: Urn,
    /// (truth, prediction) of each category.
    pairs: Vec<(u32, u32)>,
    n_cells: usize,
    n_classes: usize,
}

impl ClassDeal {
    /// From dense pooled counts by `truth * n_classes + pred`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 1024 classes are counted densely"
    )]
    pub(super) fn of_pairs(counts: &[u64], n_classes: usize, n_samples: &[u64]) -> Self {
        let pairs = (0..counts.len())
            .map(|pair| ((pair / n_classes.max(1)) as u32, (pair % n_classes.max(1)) as u32))
            .collect();
        Self {
            urn: Urn::new(counts, n_samples),
            pairs,
            n_cells: n_samples.len(),
            n_classes,
        }
    }

    /// From the samples themselves, when there are too many classes to count pairs densely.
    pub(super) fn of_samples(
        (truth, pred): (&[u32], &[u32]),
        n_classes: usize,
        n_samples: &[u64],
        inside: Option<&[bool]>,
    ) -> Self {
        let is_inside = |i: &usize| inside.is_none_or(|inside| inside[*i]);
        let mut all: Vec<(u32, u32)> = (0..truth.len())
            .filter(is_inside)
            .map(|i| (truth[i], pred[i]))
            .collect();
        all.sort_unstable();
        let (mut pairs, mut counts): (Vec<(u32, u32)>, Vec<u64>) = (Vec::new(), Vec::new());
        for pair in all {
            if pairs.last() == Some(&pair) {
                if let Some(count) = counts.last_mut() {
                    *count += 1;
                }
            } else {
                pairs.push(pair);
                counts.push(1);
            }
        }
        Self {
            urn: Urn::new(&counts, n_samples),
            pairs,
            n_cells: n_samples.len(),
            n_classes,
        }
    }
}

impl Null for ClassDeal {
    type Scratch = (UrnScratch, CellTallies);

    fn scratch(&self) -> Self::Scratch {
        let tallies = ClassTallies::new(self.n_cells, self.n_classes);
        (UrnScratch::default(), CellTallies::Classes(tallies))
    }

    fn draw<T>(
        &self,
        stream: &mut Stream,
        scratch: &mut Self::Scratch,
        show: impl FnOnce(&CellTallies) -> T,
    ) -> T {
        let (urn, cells) = scratch;
        if let CellTallies::Classes(tallies) = cells {
            tallies.clear();
            let k = self.n_classes;
            let counts = tallies.as_mut_slice();
            self.urn.deal(stream, urn, |cell, category, count| {
                let (truth, pred) = self.pairs[category as usize];
                let planes = &mut counts[cell * 3 * k..(cell + 1) * 3 * k];
                if truth == pred {
                    planes[truth as usize] += count;
                }
                planes[k + truth as usize] += count;
                planes[2 * k + pred as usize] += count;
            });
        }
        show(cells)
    }
}

/// Samples shuffled over the places of the lattice.
pub(super) struct RowShuffle {
    errors: Vec<f64>,
    /// Shifted truth of each sample, where the score needs it.
    truth: Vec<f64>,
    starts: Vec<usize>,
    sums: bool,
}

impl RowShuffle {
    /// Shuffles errors and truth, tallied as sums.
    pub(super) fn of_sums(
        batch: &SampleBatch<'_>,
        config: &AuditConfig,
        tallied: &Tallied,
        inside: Option<&[bool]>,
    ) -> Option<Self> {
        let (Outcomes::Values { truth, pred, .. }, Some(kind)) =
            (batch.outcomes, config.score().error_kind())
        else {
            return None;
        };
        // The shuffle makes the places of the samples irrelevant: only those inside must be known.
        let kept = || (0..truth.len()).filter(|&i| inside.is_none_or(|inside| inside[i]));
        Some(Self {
            errors: kept().map(|i| kind.error(truth[i], pred[i])).collect(),
            truth: kept().map(|i| truth[i] - tallied.shift).collect(),
            starts: starts_of(&tallied.n_samples),
            sums: true,
        })
    }

    /// Shuffles absolute errors, kept one by one.
    pub(super) fn of_ordered(errors: &[f64], starts: &[usize]) -> Self {
        Self {
            errors: errors.to_vec(),
            truth: Vec::new(),
            starts: starts.to_vec(),
            sums: false,
        }
    }
}

impl Null for RowShuffle {
    type Scratch = (Vec<(f64, f64)>, CellTallies);

    fn scratch(&self) -> Self::Scratch {
        let tallies = if self.sums {
            CellTallies::Values(vec![ValueTally::default(); self.starts.len() - 1])
        } else {
            CellTallies::Ordered {
                errors: Vec::new(),
                starts: self.starts.clone(),
            }
        };
        (Vec::new(), tallies)
    }

    fn draw<T>(
        &self,
        stream: &mut Stream,
        scratch: &mut Self::Scratch,
        show: impl FnOnce(&CellTallies) -> T,
    ) -> T {
        let (samples, cells) = scratch;
        match cells {
            CellTallies::Ordered { errors, .. } => {
                errors.clear();
                errors.extend_from_slice(&self.errors);
                stream.shuffle(errors);
            }
            CellTallies::Values(tallies) => {
                samples.clear();
                samples.extend(self.errors.iter().copied().zip(self.truth.iter().copied()));
                stream.shuffle(samples);
                for (tally, places) in tallies.iter_mut().zip(self.starts.windows(2)) {
                    *tally = ValueTally::default();
                    for &(error, truth) in &samples[places[0]..places[1]] {
                        tally.record(error, truth);
                    }
                }
            }
            CellTallies::Classes(_) | CellTallies::Sketches(_) => {}
        }
        show(cells)
    }
}
