//! One pass over the samples into the tallies of the lattice.

use wherefair_partition::Lattice;

use crate::cell_tallies::{Batch, CellTallies, Cells, Part, Plan, checked_error};
use crate::noise::permutes_rows;
use crate::progress::{Progress, Stage};
use crate::reservoir::{Reservoir, SampledError};
use crate::{AuditConfig, AuditError, Outcomes, SampleBatch, SampleSource, Score};

/// How many distinct classes may be paired in one dense table of pooled counts.
const MAX_PAIRED_CLASSES: usize = 1024;

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

/// Tallies all samples of `source` over `lattice`.
pub(crate) fn tally(
    source: &mut dyn SampleSource,
    lattice: &mut Lattice,
    config: &AuditConfig,
    progress: &dyn Progress,
) -> Result<Tallied, AuditError> {
    let in_memory = source.in_memory().is_some();
    let median = matches!(config.score(), Score::MedianAbsolute { .. });
    let n_classes = source.n_classes();
    let mut plan = Plan {
        score: config.score(),
        n_classes,
        with_base: config.reference().needs_base(),
        with_pairs: matches!(config.score(), Score::Class(_)) && n_classes <= MAX_PAIRED_CLASSES,
        shift: 0.0,
        sketch: median && !in_memory,
    };
    let mut total: Option<Part> = None;
    let mut reservoir = needs_reservoir(source, config).then(|| Reservoir::new(config.seed()));
    let mut ordered = (median && in_memory).then(|| (Vec::new(), Vec::new(), Vec::new()));
    source.for_each(&mut |batch| {
        batch.check()?;
        batch.outcomes.check_kind(plan.score, plan.with_base)?;
        if total.is_none()
            && let Outcomes::Values { truth, .. } = batch.outcomes
        {
            plan.shift = truth.first().copied().unwrap_or(0.0);
        }
        let mut cells = Vec::new();
        if reservoir.is_some() || ordered.is_some() || !lattice.is_dense() {
            cells = vec![0; batch.sites.len()];
            lattice.locate_into(batch.sites, &mut cells)?;
        }
        if let Some((all_cells, errors, base_errors)) = &mut ordered {
            collect_errors(batch, &plan, &cells, all_cells, errors, base_errors)?;
        } else {
            let n_cells = lattice.n_cells();
            let part = match &mut total {
                Some(part) => part,
                none => none.insert(Part::new(n_cells, &plan)?),
            };
            part.grow(n_cells);
            let located = Batch {
                outcomes: batch.outcomes,
                cells: match lattice.dense() {
                    Some(dense) if cells.is_empty() => Cells::Of(dense, batch.sites),
                    _ => Cells::Known(&cells),
                },
                row: &|i| batch.first_sample + i as u64,
            };
            part.add(&located, n_cells, &plan, &|n| progress.advance(n))?;
        }
        if let Some(reservoir) = &mut reservoir {
            offer_errors(reservoir, batch, &plan, &cells);
        }
        Ok(())
    })?;
    progress.start(Stage::Scoring, None);
    if let Some((cells, errors, base_errors)) = ordered {
        let n_cells = lattice.n_cells();
        return Ok(order_by_cell(&cells, &errors, &base_errors, n_cells, &plan));
    }
    let part = match total {
        Some(part) => part,
        None => Part::new(lattice.n_cells(), &plan)?,
    };
    let n_samples = part.cells.n_samples();
    Ok(Tallied {
        n_outside: part.n_seen - n_samples.iter().sum::<u64>(),
        n_samples,
        cells: part.cells,
        base: part.base,
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
            checked_error(kind, truth[i], pred[i], || sample)?.abs()
        } else {
            0.0
        });
        if let Some(base) = base.filter(|_| plan.with_base) {
            base_errors.push(if inside {
                checked_error(kind, truth[i], base[i], || sample)?.abs()
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
