//! The tallies of lattice cells.
//!
//! Samples are cut into stripes. Sums of real numbers are taken over stripes of fixed length and merged in order, so that
//! they do not depend on the number of threads; counts do not anyway.

use std::ops::Range;

use rayon::prelude::*;
use wherefair_core::{Sites, Tally};
use wherefair_metrics::{ClassTallies, ErrorKind, MetricError, QuantileTally, ValueTally};
use wherefair_partition::{DenseLattice, Lattice};

use crate::{AuditError, Outcomes, Score};

/// Samples a stripe: large enough that merging its tallies is cheap beside filling them.
const STRIPE: usize = 1 << 18;

/// The shortest stripe of samples that are counted, which may be cut anywhere.
const MIN_COUNTED: usize = 1 << 15;

/// Stripes tallied before they are merged; bounds the memory of tallies in flight.
const WAVE: usize = 16;

/// Samples located at a time, so that their cell numbers stay in the first-level cache.
const BLOCK: usize = 2048;

/// The tallies of every lattice cell for one column of predictions.
#[derive(Debug, Clone)]
pub(crate) enum CellTallies {
    /// Counts by class.
    Classes(ClassTallies),
    /// Sums of errors.
    Values(Vec<ValueTally>),
    /// Absolute errors sorted by cell: those of cell `c` are `errors[starts[c]..starts[c + 1]]`.
    Ordered { errors: Vec<f64>, starts: Vec<usize> },
    /// Quantile sketches of the absolute errors.
    Sketches(Vec<QuantileTally>),
}

/// How samples are tallied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) score: Score,
    pub(crate) n_classes: usize,
    pub(crate) with_base: bool,
    /// Whether pairs of truth and prediction are counted.
    pub(crate) with_pairs: bool,
    /// Fixed at the first sample; keeps the sums of truth and its square small against cancellation.
    pub(crate) shift: f64,
    /// Whether medians come from sketches.
    pub(crate) sketch: bool,
}

/// The tallies of some samples.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) cells: CellTallies,
    pub(crate) base: Option<CellTallies>,
    /// Counts of the (truth, prediction) pairs inside the lattice, by `truth * n_classes + pred`.
    pub(crate) pairs: Option<Vec<u64>>,
    /// Samples inside the lattice and outside.
    pub(crate) n_seen: u64,
}

/// Where samples lie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cells<'a> {
    Known(&'a [u32]),
    Of(&'a DenseLattice, Sites<'a>),
}

/// Samples to be tallied; `row` names one in messages.
pub(crate) struct Batch<'a, V> {
    pub(crate) outcomes: Outcomes<'a, V>,
    pub(crate) cells: Cells<'a>,
    pub(crate) row: &'a (dyn Fn(usize) -> u64 + Sync),
}

impl CellTallies {
    fn new(n_cells: usize, plan: &Plan) -> Result<Self, MetricError> {
        Ok(match plan.score {
            Score::Class(_) => Self::Classes(ClassTallies::try_new(n_cells, plan.n_classes)?),
            Score::MedianAbsolute { .. } if plan.sketch => {
                Self::Sketches(vec![QuantileTally::default(); n_cells])
            }
            _ => Self::Values(vec![ValueTally::default(); n_cells]),
        })
    }

    /// Samples a cell.
    pub(crate) fn n_samples(&self) -> Vec<u64> {
        match self {
            Self::Classes(tallies) => (0..tallies.n_cells())
                .map(|cell| tallies.n_samples(cell))
                .collect(),
            Self::Values(tallies) => tallies.iter().map(Tally::n_samples).collect(),
            Self::Ordered { starts, .. } => {
                starts.windows(2).map(|ends| (ends[1] - ends[0]) as u64).collect()
            }
            Self::Sketches(tallies) => tallies.iter().map(Tally::n_samples).collect(),
        }
    }

    /// The number of cells.
    pub(crate) fn n_cells(&self) -> usize {
        match self {
            Self::Classes(tallies) => tallies.n_cells(),
            Self::Values(tallies) => tallies.len(),
            Self::Ordered { starts, .. } => starts.len().saturating_sub(1),
            Self::Sketches(tallies) => tallies.len(),
        }
    }

    fn grow(&mut self, n_cells: usize) {
        match self {
            Self::Classes(tallies) => tallies.grow(n_cells),
            Self::Values(tallies) => tallies.resize(n_cells, ValueTally::default()),
            Self::Sketches(tallies) => tallies.resize(n_cells, QuantileTally::default()),
            Self::Ordered { .. } => {}
        }
    }

    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Classes(into), Self::Classes(other)) => into.merge(other),
            (Self::Values(into), Self::Values(other)) => merge_each(into, other),
            (Self::Sketches(into), Self::Sketches(other)) => merge_each(into, other),
            // One plan makes all parts, so the kinds cannot differ.
            _ => {}
        }
    }

    /// Adds samples, by their truth and prediction; `row` names one in messages.
    fn record<V: Into<f64> + Copy>(
        &mut self,
        outcomes: Outcomes<'_, V>,
        cells: &[u32],
        row: impl Fn(usize) -> u64,
        plan: &Plan,
    ) -> Result<(), AuditError> {
        match (outcomes, &mut *self) {
            (Outcomes::Classes { truth, pred, .. }, Self::Classes(tallies)) => {
                (tallies.record(cells, truth, pred)).map_err(|error| placed(error, row))?;
            }
            (Outcomes::Values { truth, pred, .. }, _) => {
                let Some(kind) = plan.score.error_kind() else {
                    return Ok(());
                };
                let n_cells = self.n_cells();
                for (i, ((&cell, &truth), &pred)) in cells.iter().zip(truth).zip(pred).enumerate() {
                    if cell == Lattice::OUTSIDE {
                        continue;
                    }
                    if cell as usize >= n_cells {
                        let index = i;
                        return Err(placed(MetricError::Cell { index, cell, n_cells }, row).into());
                    }
                    let (truth, pred) = (truth.into(), pred.into());
                    let error = checked_error(kind, truth, pred, || row(i))?;
                    match self {
                        Self::Values(tallies) => tallies[cell as usize].record(error, truth - plan.shift),
                        Self::Sketches(tallies) => tallies[cell as usize].record(error.abs())?,
                        Self::Classes(_) | Self::Ordered { .. } => {}
                    }
                }
            }
            // The outcomes were checked against the score that the tallies are made for.
            (Outcomes::Classes { .. }, _) => {}
        }
        Ok(())
    }
}

fn merge_each<T: Tally>(into: &mut [T], other: &[T]) {
    for (into, other) in into.iter_mut().zip(other) {
        into.merge(other);
    }
}

/// The error with the row of the sample instead of its number in a block.
fn placed(mut error: MetricError, row: impl Fn(usize) -> u64) -> MetricError {
    if let MetricError::Label { index, .. } | MetricError::Cell { index, .. } = &mut error {
        *index = usize::try_from(row(*index)).unwrap_or(usize::MAX);
    }
    error
}

/// The error of one sample, or why it has none.
#[inline]
pub(crate) fn checked_error(
    kind: ErrorKind,
    truth: f64,
    pred: f64,
    row: impl FnOnce() -> u64,
) -> Result<f64, AuditError> {
    let error = kind.error(truth, pred);
    // Squares are summed: an error whose square overflows is as useless as an infinite one.
    if (error * error).is_finite() {
        return Ok(error);
    }
    Err(AuditError::UndefinedError {
        row: row(),
        kind: kind.name().to_owned(),
        truth,
        pred,
        accepted: match kind {
            ErrorKind::LogRatio => "positive truth and prediction",
            ErrorKind::RelativeDifference => "a truth other than 0, and values whose squares do not overflow",
            ErrorKind::Difference => "values whose squared difference does not overflow",
        },
    })
}

impl Part {
    pub(crate) fn new(n_cells: usize, plan: &Plan) -> Result<Self, AuditError> {
        let base = plan
            .with_base
            .then(|| CellTallies::new(n_cells, plan))
            .transpose()?;
        Ok(Self {
            cells: CellTallies::new(n_cells, plan)?,
            base,
            pairs: (plan.with_pairs).then(|| vec![0; plan.n_classes * plan.n_classes]),
            n_seen: 0,
        })
    }

    pub(crate) fn grow(&mut self, n_cells: usize) {
        self.cells.grow(n_cells);
        if let Some(base) = &mut self.base {
            base.grow(n_cells);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.cells.merge(&other.cells);
        if let (Some(base), Some(other)) = (&mut self.base, &other.base) {
            base.merge(other);
        }
        for (n, other) in self.pairs.iter_mut().flatten().zip(other.pairs.iter().flatten()) {
            *n += other;
        }
        self.n_seen += other.n_seen;
    }

    /// Adds the samples of `batch`, which lie in `n_cells` cells; `done` hears how many at a time.
    pub(crate) fn add<V: Into<f64> + Copy + Sync>(
        &mut self,
        batch: &Batch<'_, V>,
        n_cells: usize,
        plan: &Plan,
        done: &(dyn Fn(u64) + Sync),
    ) -> Result<(), AuditError> {
        let part_of = |stripes: &[Range<usize>]| {
            let mut part = Self::new(n_cells, plan)?;
            for stripe in stripes {
                part.add_stripe(batch, stripe.clone(), plan)?;
                done(stripe.len() as u64);
            }
            Ok::<Self, AuditError>(part)
        };
        let n_samples = batch.outcomes.n_samples();
        if let CellTallies::Classes(_) = self.cells {
            // Counts may be gathered in any order, so each thread fills tallies of its own, of as many samples as they are
            // worth.
            let n_threads = rayon::current_num_threads();
            let shortest = (n_cells * plan.n_classes).clamp(MIN_COUNTED, STRIPE);
            let stripes = stripes(n_samples, n_samples.div_ceil(n_threads).clamp(shortest, STRIPE));
            let run = stripes.len().div_ceil(2 * n_threads).max(1);
            let counted = stripes.par_chunks(run).map(part_of).reduce_with(|one, other| {
                // The first error in the order of the samples, whatever the threads.
                let (mut one, other) = (one?, other?);
                one.merge(&other);
                Ok(one)
            });
            if let Some(counted) = counted {
                self.merge(&counted?);
            }
        } else {
            for wave in stripes(n_samples, STRIPE).chunks(WAVE) {
                let parts: Vec<_> = wave.par_chunks(1).map(part_of).collect();
                for part in parts {
                    self.merge(&part?);
                }
            }
        }
        Ok(())
    }

    fn add_stripe<V: Into<f64> + Copy>(
        &mut self,
        batch: &Batch<'_, V>,
        stripe: Range<usize>,
        plan: &Plan,
    ) -> Result<(), AuditError> {
        let mut buffer = [0_u32; BLOCK];
        for start in stripe.clone().step_by(BLOCK) {
            let block = start..(start + BLOCK).min(stripe.end);
            let cells = match batch.cells {
                Cells::Known(cells) => &cells[block.clone()],
                Cells::Of(lattice, sites) => {
                    let (sites, cells) = (sites.slice(block.clone()), &mut buffer[..block.len()]);
                    lattice.locate_into(sites.x(), sites.y(), cells);
                    &*cells
                }
            };
            let (outcomes, row) = (batch.outcomes.slice(block), |i| (batch.row)(start + i));
            self.cells.record(outcomes, cells, row, plan)?;
            if let (Some(tallies), Some(base)) = (&mut self.base, outcomes.of_base()) {
                tallies.record(base, cells, row, plan)?;
            }
            if let (Some(pairs), Outcomes::Classes { truth, pred, .. }) = (&mut self.pairs, outcomes) {
                for ((&cell, &truth), &pred) in cells.iter().zip(truth).zip(pred) {
                    if cell != Lattice::OUTSIDE {
                        pairs[truth as usize * plan.n_classes + pred as usize] += 1;
                    }
                }
            }
            self.n_seen += cells.len() as u64;
        }
        Ok(())
    }
}

fn stripes(n_samples: usize, length: usize) -> Vec<Range<usize>> {
    (0..n_samples)
        .step_by(length)
        .map(|start| start..(start + length).min(n_samples))
        .collect()
}
