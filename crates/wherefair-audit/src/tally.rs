//! One pass over the samples into the tallies of the lattice.
//!
//! Batches are cut into stripes of fixed length. Sums of real numbers are taken stripe by stripe and merged in
//! order, so that they do not depend on the number of threads; counts do not anyway.

use rayon::prelude::*;
use wherefair_core::{Sites, Tally as _};
use wherefair_metrics::{ClassTallies, ErrorKind, QuantileTally, ValueTally};
use wherefair_partition::Lattice;

use crate::noise::permutes_rows;
use crate::progress::{Progress, Stage};
use crate::reservoir::{Reservoir, SampledError};
use crate::{AuditConfig, AuditError, Outcomes, SampleBatch, SampleSource, Score};

/// Samples a stripe: large enough that merging its tallies is cheap beside filling them.
const STRIPE: usize = 1 << 18;

/// Stripes tallied before they are merged; bounds the memory of tallies in flight.
const WAVE: usize = 16;

/// Samples located at a time, so that their cell numbers stay in the first-level cache.
const BLOCK: usize = 2048;

/// How many distinct classes may be paired in one dense table of pooled counts.
const MAX_PAIRED_CLASSES: usize = 1024;

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

/// What one pass over the samples gives.
#[derive(Debug)]
pub(crate) struct Tallied {
    /// The tallies of the audited predictions.
    pub(crate) cells: CellTallies,
    /// The tallies of the base model's predictions, where there are any.
    pub(crate) base: Option<CellTallies>,
    /// Samples a cell.
    pub(crate) n_samples: Vec<u64>,
    /// Samples in no cell.
    pub(crate) n_outside: u64,
    /// Pooled counts of the (truth, prediction) pairs inside the lattice, by `truth * n_classes + pred`.
    pub(crate) pairs: Option<Vec<u64>>,
    /// A uniform sample of the errors inside the lattice, where the samples are real values.
    pub(crate) reservoir: Option<Reservoir>,
    /// What is subtracted from every true value before its sums are taken.
    pub(crate) shift: f64,
}

/// The tallies of one stripe.
struct Part {
    cells: CellTallies,
    base: Option<CellTallies>,
    n_samples: Vec<u64>,
    n_outside: u64,
    pairs: Option<Vec<u64>>,
}

/// How a pass tallies its samples.
#[derive(Clone, Copy)]
struct Plan {
    score: Score,
    n_classes: usize,
    with_base: bool,
    /// Fixed at the first sample; keeps the sums of truth and its square small against cancellation.
    shift: f64,
    sketch: bool,
}

/// Tallies all samples of `source` over `lattice`.
pub(crate) fn tally(
    source: &mut dyn SampleSource,
    lattice: &mut Lattice,
    config: &AuditConfig,
    progress: &dyn Progress,
) -> Result<Tallied, AuditError> {
    let in_memory = source.in_memory().is_some();
    let median = matches!(config.score(), Score::MedianAbsolute { .. });
    let mut plan = Plan {
        score: config.score(),
        n_classes: source.n_classes(),
        with_base: config.reference().needs_base(),
        shift: 0.0,
        sketch: median && !in_memory,
    };
    let mut total: Option<Part> = None;
    let mut reservoir = needs_reservoir(source, config).then(|| Reservoir::new(config.seed()));
    let mut ordered = (median && in_memory).then(|| (Vec::new(), Vec::new(), Vec::new()));
    source.for_each(&mut |batch| {
        batch.check()?;
        check_kind(batch, &plan)?;
        if total.is_none()
            && let Outcomes::Values { truth, .. } = batch.outcomes
        {
            plan.shift = truth.first().copied().unwrap_or(0.0);
        }
        let n_cells_before = lattice.n_cells();
        let mut cells = Vec::new();
        if reservoir.is_some() || ordered.is_some() || !lattice.is_dense() {
            cells = vec![0; batch.sites.len()];
            lattice.locate_into(batch.sites, &mut cells)?;
        }
        if let Some((all_cells, errors, base_errors)) = &mut ordered {
            collect_errors(batch, &plan, &cells, all_cells, errors, base_errors)?;
        } else {
            let n_cells = lattice.n_cells();
            let part = total.get_or_insert_with(|| Part::new(n_cells_before, &plan));
            part.grow(n_cells);
            let stripes = stripes(batch.sites.len());
            let tally_one = |stripe: &std::ops::Range<usize>, into: &mut Part| {
                let located = cells.get(stripe.clone());
                tally_stripe(batch, stripe.clone(), located, lattice, &plan, into)?;
                progress.advance(stripe.len() as u64);
                Ok(())
            };
            if matches!(part.cells, CellTallies::Classes(_)) {
                part.merge(&tally_counts(&stripes, n_cells, &plan, tally_one)?);
            } else {
                for wave in stripes.chunks(WAVE) {
                    for stripe_part in tally_sums(wave, n_cells, &plan, tally_one) {
                        part.merge(&stripe_part?);
                    }
                }
            }
        }
        if let Some(reservoir) = &mut reservoir {
            offer_errors(reservoir, batch, &plan, &cells);
        }
        Ok(())
    })?;
    progress.start(Stage::Scoring, None);
    if let Some((cells, errors, base_errors)) = ordered {
        return Ok(order_by_cell(
            &cells,
            &errors,
            &base_errors,
            lattice.n_cells(),
            &plan,
        ));
    }
    let part = total.unwrap_or_else(|| Part::new(lattice.n_cells(), &plan));
    Ok(Tallied {
        cells: part.cells,
        base: part.base,
        n_samples: part.n_samples,
        n_outside: part.n_outside,
        pairs: part.pairs,
        reservoir,
        shift: plan.shift,
    })
}

/// Errors are sampled where they are values that cannot be permuted themselves.
fn needs_reservoir(source: &dyn SampleSource, config: &AuditConfig) -> bool {
    let values = config.score().error_kind().is_some();
    let permuted = source.in_memory().is_some_and(|batch| {
        let median = matches!(config.score(), Score::MedianAbsolute { .. });
        median || permutes_rows(batch.sites.len() as u64, config)
    });
    values && !permuted && config.n_permutations() > 0
}

fn check_kind(batch: &SampleBatch<'_>, plan: &Plan) -> Result<(), AuditError> {
    let (fits, needed, base) = match batch.outcomes {
        Outcomes::Classes { base, .. } => (plan.score.error_kind().is_none(), "real values", base.is_some()),
        Outcomes::Values { base, .. } => (plan.score.error_kind().is_some(), "class labels", base.is_some()),
    };
    if !fits {
        return Err(AuditError::WrongOutcome {
            score: plan.score.name(),
            needed,
            given: batch.outcomes.kind(),
        });
    }
    if plan.with_base && !base {
        return Err(AuditError::NoBaseModel);
    }
    Ok(())
}

fn stripes(n_samples: usize) -> Vec<std::ops::Range<usize>> {
    (0..n_samples)
        .step_by(STRIPE)
        .map(|start| start..(start + STRIPE).min(n_samples))
        .collect()
}

/// The error of one sample, or why it has none.
pub(crate) fn checked_error(kind: ErrorKind, truth: f64, pred: f64, sample: u64) -> Result<f64, AuditError> {
    let error = kind.error(truth, pred);
    // Squares are summed: an error whose square overflows is as useless as an infinite one.
    if (error * error).is_finite() {
        return Ok(error);
    }
    Err(AuditError::UndefinedError {
        row: sample,
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

/// Counts are whole numbers: stripes may be gathered in any order, so each thread fills tallies of its own.
fn tally_counts(
    stripes: &[std::ops::Range<usize>],
    n_cells: usize,
    plan: &Plan,
    tally_one: impl Fn(&std::ops::Range<usize>, &mut Part) -> Result<(), AuditError> + Sync,
) -> Result<Part, AuditError> {
    let empty = || Ok(Part::new(n_cells, plan));
    let run = stripes.len().div_ceil(2 * rayon::current_num_threads()).max(1);
    stripes
        .par_chunks(run)
        .map(|run| {
            let mut part = Part::new(n_cells, plan);
            for stripe in run {
                tally_one(stripe, &mut part)?;
            }
            Ok(part)
        })
        .reduce(empty, |a: Result<Part, AuditError>, b| {
            let (mut a, b) = (a?, b?);
            a.merge(&b);
            Ok(a)
        })
}

/// Sums of real numbers depend on their order: each stripe fills tallies of its own, to be merged in order.
fn tally_sums(
    stripes: &[std::ops::Range<usize>],
    n_cells: usize,
    plan: &Plan,
    tally_one: impl Fn(&std::ops::Range<usize>, &mut Part) -> Result<(), AuditError> + Sync,
) -> Vec<Result<Part, AuditError>> {
    stripes
        .par_iter()
        .map(|stripe| {
            let mut part = Part::new(n_cells, plan);
            tally_one(stripe, &mut part)?;
            Ok(part)
        })
        .collect()
}

fn tally_stripe(
    batch: &SampleBatch<'_>,
    stripe: std::ops::Range<usize>,
    located: Option<&[u32]>,
    lattice: &Lattice,
    plan: &Plan,
    part: &mut Part,
) -> Result<(), AuditError> {
    let mut buffer = [0_u32; BLOCK];
    for start in stripe.clone().step_by(BLOCK) {
        let block = start..(start + BLOCK).min(stripe.end);
        let cells = match (lattice.dense(), located) {
            (_, Some(located)) => &located[block.start - stripe.start..block.end - stripe.start],
            (Some(dense), None) => {
                let sites: Sites<'_> = batch.sites.slice(block.clone());
                let cells = &mut buffer[..block.len()];
                dense.locate_into(sites.x(), sites.y(), cells);
                &*cells
            }
            (None, None) => &[],
        };
        part.record(batch, block, cells, plan)?;
    }
    Ok(())
}

impl Part {
    fn new(n_cells: usize, plan: &Plan) -> Self {
        let cells = || match plan.score {
            Score::Class(_) => CellTallies::Classes(ClassTallies::new(n_cells, plan.n_classes)),
            Score::MedianAbsolute { .. } if plan.sketch => {
                CellTallies::Sketches(vec![QuantileTally::default(); n_cells])
            }
            _ => CellTallies::Values(vec![ValueTally::default(); n_cells]),
        };
        let paired = matches!(plan.score, Score::Class(_)) && plan.n_classes <= MAX_PAIRED_CLASSES;
        Self {
            cells: cells(),
            base: plan.with_base.then(cells),
            n_samples: vec![0; n_cells],
            n_outside: 0,
            pairs: paired.then(|| vec![0; plan.n_classes * plan.n_classes]),
        }
    }

    fn grow(&mut self, n_cells: usize) {
        self.n_samples.resize(n_cells, 0);
        for tallies in [Some(&mut self.cells), self.base.as_mut()].into_iter().flatten() {
            match tallies {
                CellTallies::Classes(tallies) => tallies.grow(n_cells),
                CellTallies::Values(tallies) => tallies.resize(n_cells, ValueTally::default()),
                CellTallies::Sketches(tallies) => tallies.resize(n_cells, QuantileTally::default()),
                CellTallies::Ordered { .. } => {}
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.n_outside += other.n_outside;
        for (n, other) in self.n_samples.iter_mut().zip(&other.n_samples) {
            *n += other;
        }
        if let (Some(pairs), Some(other)) = (&mut self.pairs, &other.pairs) {
            for (n, other) in pairs.iter_mut().zip(other) {
                *n += other;
            }
        }
        merge_cells(&mut self.cells, &other.cells);
        if let (Some(base), Some(other)) = (&mut self.base, &other.base) {
            merge_cells(base, other);
        }
    }

    /// Adds the samples of `block`, whose cells are `cells`.
    fn record(
        &mut self,
        batch: &SampleBatch<'_>,
        block: std::ops::Range<usize>,
        cells: &[u32],
        plan: &Plan,
    ) -> Result<(), AuditError> {
        for &cell in cells {
            match self.n_samples.get_mut(cell as usize) {
                Some(n) => *n += 1,
                None => self.n_outside += 1,
            }
        }
        match batch.outcomes {
            Outcomes::Classes { truth, pred, base } => {
                let (truth, pred) = (&truth[block.clone()], &pred[block.clone()]);
                if let CellTallies::Classes(tallies) = &mut self.cells {
                    tallies.record(cells, truth, pred)?;
                }
                if let (Some(CellTallies::Classes(tallies)), Some(base)) = (&mut self.base, base) {
                    tallies.record(cells, truth, &base[block])?;
                }
                if let Some(pairs) = &mut self.pairs {
                    for ((&cell, &truth), &pred) in cells.iter().zip(truth).zip(pred) {
                        let pair = truth as usize * plan.n_classes + pred as usize;
                        pairs[pair] += u64::from(cell != Lattice::OUTSIDE);
                    }
                }
            }
            Outcomes::Values { truth, pred, base } => {
                record_values(&mut self.cells, batch, block.clone(), cells, (truth, pred), plan)?;
                if let (Some(tallies), Some(base)) = (&mut self.base, base) {
                    record_values(tallies, batch, block, cells, (truth, base), plan)?;
                }
            }
        }
        Ok(())
    }
}

fn merge_cells(into: &mut CellTallies, other: &CellTallies) {
    match (into, other) {
        (CellTallies::Classes(into), CellTallies::Classes(other)) => into.merge(other),
        (CellTallies::Values(into), CellTallies::Values(other)) => {
            for (into, other) in into.iter_mut().zip(other) {
                into.merge(other);
            }
        }
        (CellTallies::Sketches(into), CellTallies::Sketches(other)) => {
            for (into, other) in into.iter_mut().zip(other) {
                into.merge(other);
            }
        }
        // One plan makes all parts, so the kinds cannot differ.
        _ => {}
    }
}

fn record_values(
    tallies: &mut CellTallies,
    batch: &SampleBatch<'_>,
    block: std::ops::Range<usize>,
    cells: &[u32],
    (truth, pred): (&[f64], &[f64]),
    plan: &Plan,
) -> Result<(), AuditError> {
    let Some(kind) = plan.score.error_kind() else {
        return Ok(());
    };
    for (i, &cell) in block.zip(cells) {
        if cell == Lattice::OUTSIDE {
            continue;
        }
        let error = checked_error(kind, truth[i], pred[i], batch.first_sample + i as u64)?;
        match tallies {
            CellTallies::Values(tallies) => tallies[cell as usize].record(error, truth[i] - plan.shift),
            CellTallies::Sketches(tallies) => tallies[cell as usize].record(error.abs())?,
            CellTallies::Classes(_) | CellTallies::Ordered { .. } => {}
        }
    }
    Ok(())
}

fn collect_errors(
    batch: &SampleBatch<'_>,
    plan: &Plan,
    cells: &[u32],
    all_cells: &mut Vec<u32>,
    errors: &mut Vec<f64>,
    base_errors: &mut Vec<f64>,
) -> Result<(), AuditError> {
    let (Outcomes::Values { truth, pred, base }, Some(kind)) = (batch.outcomes, plan.score.error_kind())
    else {
        return Ok(());
    };
    for (i, &cell) in cells.iter().enumerate() {
        let sample = batch.first_sample + i as u64;
        all_cells.push(cell);
        let inside = cell != Lattice::OUTSIDE;
        errors.push(if inside {
            checked_error(kind, truth[i], pred[i], sample)?.abs()
        } else {
            0.0
        });
        if let Some(base) = base.filter(|_| plan.with_base) {
            base_errors.push(if inside {
                checked_error(kind, truth[i], base[i], sample)?.abs()
            } else {
                0.0
            });
        }
    }
    Ok(())
}

fn offer_errors(reservoir: &mut Reservoir, batch: &SampleBatch<'_>, plan: &Plan, cells: &[u32]) {
    let (Outcomes::Values { truth, pred, .. }, Some(kind)) = (batch.outcomes, plan.score.error_kind()) else {
        return;
    };
    for (i, &cell) in cells.iter().enumerate() {
        if cell != Lattice::OUTSIDE {
            reservoir.offer(|| SampledError {
                error: kind.error(truth[i], pred[i]),
                shifted_truth: truth[i] - plan.shift,
            });
        }
    }
}

/// Sorts in-memory errors by cell (counting sort, stable).
fn order_by_cell(cells: &[u32], errors: &[f64], base_errors: &[f64], n_cells: usize, plan: &Plan) -> Tallied {
    let mut n_samples = vec![0_u64; n_cells];
    let mut n_outside = 0;
    for &cell in cells {
        match n_samples.get_mut(cell as usize) {
            Some(n) => *n += 1,
            None => n_outside += 1,
        }
    }
    let starts = starts_of(&n_samples);
    let order = |errors: &[f64]| {
        let mut next = starts.clone();
        let mut ordered = vec![0.0; starts.last().copied().unwrap_or(0)];
        for (&cell, &error) in cells.iter().zip(errors) {
            if let Some(next) = next.get_mut(cell as usize).filter(|_| cell != Lattice::OUTSIDE) {
                ordered[*next] = error;
                *next += 1;
            }
        }
        CellTallies::Ordered {
            errors: ordered,
            starts: starts.clone(),
        }
    };
    Tallied {
        cells: order(errors),
        base: plan.with_base.then(|| order(base_errors)),
        n_samples,
        n_outside,
        pairs: None,
        reservoir: None,
        shift: 0.0,
    }
}

/// Where the samples of each cell start when samples are sorted by cell; one entry more than there are cells.
#[expect(
    clippy::cast_possible_truncation,
    reason = "counts samples that are in memory"
)]
pub(crate) fn starts_of(n_samples: &[u64]) -> Vec<usize> {
    let mut starts = Vec::with_capacity(n_samples.len() + 1);
    let mut start = 0;
    starts.push(0);
    for &n in n_samples {
        start += n as usize;
        starts.push(start);
    }
    starts
}
