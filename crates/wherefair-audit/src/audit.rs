//! The audit itself.

use wherefair_core::Extent;
use wherefair_metrics::{Deviation, ScoreDistribution};
use wherefair_partition::{Lattice, PartitioningDistribution};
use wherefair_stats::benjamini_hochberg;

use crate::bootstrap::quantile;
use crate::cell_tallies::CellTallies;
use crate::noise::{NullDraws, Observed, Surrogates, at_least};
use crate::partition_scores::References;
use crate::places::{add_intervals, worst_places};
use crate::refinement::Refinement;
use crate::tally::tally;
use crate::{
    Audit, AuditConfig, AuditError, Limit, Measure, NullSummary, PartitionAudit, PartitionScores,
    PartitioningAudit, Progress, SampleSource, Spad, Stability, Stage,
};

/// Audits samples over a distribution of partitionings.
///
/// One pass over the samples fills the tallies of the lattice, the common refinement of all partitionings;
/// every score, for the data and for every permutation, is a sum of those tallies.
///
/// # Errors
/// [`AuditError`] when the samples are of the wrong kind or shape, an error is undefined, no sample lies in any
/// partition, no partition can be scored, or the source fails.
///
/// # Examples
/// ```
/// use wherefair_audit::{AuditParams, InMemory, Outcomes, Score, Silent, audit_source};
/// use wherefair_core::{Extent, Sites};
/// use wherefair_metrics::{ErrorKind, ValueScore};
/// use wherefair_partition::PartitioningDistribution;
///
/// // Predictions that are off by 1 in the left half and by 3 in the right half.
/// let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20) / 19.0).collect();
/// let y: Vec<f64> = (0..400).map(|i| f64::from(i / 20) / 19.0).collect();
/// let truth = vec![10.0; 400];
/// let pred: Vec<f64> = x.iter().map(|&x| if x < 0.5 { 11.0 } else { 13.0 }).collect();
///
/// let outcomes = Outcomes::Values { truth: &truth, pred: &pred, base: None };
/// let mut source = InMemory::new(Sites::new(&x, &y)?, outcomes)?;
/// let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 2, 2)?;
/// let score = Score::Value { error: ErrorKind::Difference, score: ValueScore::MeanAbsolute };
/// let audit = audit_source(&mut source, &maps, &AuditParams::new(score).check()?, &Silent)?;
///
/// let halves = &audit.partitionings[0]; // 1x2: one row, two columns
/// assert_eq!(halves.name, "1x2");
/// assert!((halves.mean_deviation.unwrap().observed - 1.0).abs() < 1e-12);
/// assert!(halves.mean_deviation.unwrap().null.unwrap().p_value <= 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Xie et al. (2022), Fairness by "Where": a statistically-robust and model-agnostic bi-level learning
/// framework, AAAI-22 (space as a distribution of partitionings).
pub fn audit_source(
    source: &mut dyn SampleSource,
    maps: &PartitioningDistribution,
    config: &AuditConfig,
    progress: &dyn Progress,
) -> Result<Audit, AuditError> {
    audit_against(source, maps, config, None, progress)
}

/// The audit, with the noise floor of `surrogates` instead of that of exchanged samples where they are given.
pub(crate) fn audit_against(
    source: &mut dyn SampleSource,
    maps: &PartitioningDistribution,
    config: &AuditConfig,
    surrogates: Option<&Surrogates>,
    progress: &dyn Progress,
) -> Result<Audit, AuditError> {
    let candidates = maps.candidates();
    let mut lattice = Lattice::new(candidates)?;
    let n_samples = source.in_memory().map(|batch| batch.sites.len() as u64);
    progress.start(Stage::Tallying, n_samples);
    let tallied = tally(source, &mut lattice, config, progress)?;
    let n_inside: u64 = tallied.n_samples.iter().sum();
    if n_inside == 0 {
        return Err(AuditError::NoSamples {
            n_outside: tallied.n_outside,
        });
    }
    let refinement = Refinement::new(&lattice, candidates, &tallied.n_samples);
    let n_classes = source.n_classes();
    let judge =
        |cells: &CellTallies| refinement.scores_of(cells, config.score(), n_classes, config.min_samples());
    let scores = judge(&tallied.cells);
    let base = tallied.base.as_ref().map(judge);
    let references = References::new(config.reference(), config.distance(), base.as_ref(), &scores)?;
    let found = Found::new(scores, config, &references);
    if found.by_partitioning.iter().all(Option::is_none) {
        return Err(AuditError::NothingScored {
            min_samples: config.min_samples(),
            score: config.score().name(),
        });
    }
    let inside = inside_mask(source, &mut lattice, tallied.n_outside)?;
    let observed = Observed {
        config,
        tallied: &tallied,
        refinement: &refinement,
        references: &references,
        deviations: &found.deviations,
        n_classes,
        samples: source.in_memory(),
        inside: inside.as_deref(),
    };
    let null = match surrogates {
        Some(surrogates) => observed.draw_surrogates(surrogates, &mut lattice, progress)?,
        None => observed.draw_null(progress),
    };
    let partitionings = describe(maps, config, &refinement, &found, null.as_ref());
    let mut worst = worst_places(&partitionings, &refinement, &tallied.n_samples, config);
    add_intervals(
        &mut worst,
        source,
        &mut lattice,
        &refinement,
        config,
        tallied.shift,
        progress,
    )?;

    let spad = summarise(maps.prior(), &partitionings, null.as_ref())?;
    Ok(Audit {
        version: env!("CARGO_PKG_VERSION"),
        config: *config,
        score: config.score().name(),
        orientation: config.score().orientation(),
        n_samples: n_inside,
        n_outside: tallied.n_outside,
        n_cells: lattice.n_cells(),
        extent: extent_of(maps),
        global: found.scores.global(),
        base_global: base.and_then(|base| base.global()),
        stability: stability(config, &partitionings),
        passed: config.fail_above().map(|gate| spad.expectation.observed <= gate),
        spad,
        noise_floor: null.as_ref().map(|null| null.method),
        notes: notes(
            config,
            &partitionings,
            null.is_some(),
            tallied.n_outside,
            n_inside,
        ),
        partitionings,
        worst_places: worst,
    })
}

fn extent_of(maps: &PartitioningDistribution) -> Option<Extent> {
    maps.candidates()
        .iter()
        .filter_map(|candidate| candidate.extent())
        .reduce(|a, b| a.union(&b))
}

/// Which samples in memory lie in the lattice, where not all do.
fn inside_mask(
    source: &dyn SampleSource,
    lattice: &mut Lattice,
    n_outside: u64,
) -> Result<Option<Vec<bool>>, AuditError> {
    let Some(batch) = source.in_memory().filter(|_| n_outside > 0) else {
        return Ok(None);
    };
    let mut cells = vec![0; batch.sites.len()];
    lattice.locate_into(batch.sites, &mut cells)?;
    Ok(Some(cells.iter().map(|&cell| cell != Lattice::OUTSIDE).collect()))
}

/// The measures of the samples as they are.
struct Found {
    scores: PartitionScores,
    /// Of all partitions of all partitionings.
    deviations: Vec<Option<f64>>,
    by_partitioning: Vec<Option<Deviation>>,
}

impl Found {
    fn new(scores: PartitionScores, config: &AuditConfig, references: &References) -> Self {
        let (mut deviations, mut by_partitioning) = (Vec::new(), Vec::new());
        for i in 0..scores.n_partitionings() {
            let deviation = references.deviation(i, scores.of(i), scores.n_samples(i));
            let reference = deviation.as_ref().map(|deviation| deviation.reference);
            let between = |(score, reference)| config.distance().between(score, reference);
            deviations.extend(scores.of(i).iter().map(|score| score.zip(reference).map(between)));
            by_partitioning.push(deviation);
        }
        Self {
            scores,
            deviations,
            by_partitioning,
        }
    }
}

fn describe(
    maps: &PartitioningDistribution,
    config: &AuditConfig,
    refinement: &Refinement,
    observed: &Found,
    null: Option<&NullDraws>,
) -> Vec<PartitioningAudit> {
    let (p_values, q_values) = p_values(config, observed, null);
    let n_partitionings = refinement.members.len();
    let column = |draws: &[f64], i: usize| -> Vec<f64> {
        draws.iter().skip(i).step_by(n_partitionings).copied().collect()
    };
    let orientation = config.score().orientation();
    (maps.candidates().iter().zip(maps.prior()))
        .zip(&refinement.members)
        .enumerate()
        .map(|(i, ((candidate, &prior), members))| {
            let deviation = observed.by_partitioning[i].as_ref();
            let reference = deviation.map(|deviation| deviation.reference);
            let scores = observed.scores.of(i);
            let partitions = (members.first..)
                .zip(scores.iter().enumerate())
                .filter_map(|(k, (p, &score))| {
                    let id = wherefair_core::PartitionId::from_index(p).ok()?;
                    Some(PartitionAudit {
                        label: candidate.label(id),
                        n_samples: members.n_samples[p],
                        score,
                        deviation: observed.deviations[k],
                        shortfall: score
                            .zip(reference)
                            .map(|(score, reference)| orientation.shortfall(score, reference)),
                        p_value: p_values[k],
                        q_value: q_values[k],
                        area: candidate.area(id),
                        shape: candidate.shape(id),
                    })
                })
                .collect();
            let measure = |observed: f64, draws: Option<&[f64]>| Measure {
                observed,
                null: draws.map(|draws| null_summary(observed, column(draws, i))),
            };
            PartitioningAudit {
                name: candidate.name(),
                prior,
                n_partitions: members.len(),
                n_empty: members.n_samples.iter().filter(|&&n| n == 0).count(),
                n_small: members
                    .n_samples
                    .iter()
                    .filter(|&&n| n > 0 && n < config.min_samples())
                    .count(),
                n_scored: scores.iter().flatten().count(),
                n_samples: members.n_samples.iter().sum(),
                reference,
                mean_deviation: deviation
                    .map(|deviation| measure(deviation.mean, null.map(|null| null.mean.as_slice()))),
                max_deviation: deviation
                    .map(|deviation| measure(deviation.max, null.map(|null| null.max.as_slice()))),
                most_deviant: deviation.map(|deviation| deviation.worst),
                partitions,
            }
        })
        .collect()
}

/// P-values of all partitions, and the same adjusted over all partitions that have one.
fn p_values(
    config: &AuditConfig,
    observed: &Found,
    null: Option<&NullDraws>,
) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let n = observed.deviations.len();
    let Some(null) = null else {
        return (vec![None; n], vec![None; n]);
    };
    let n_draws = f64::from(config.n_permutations()) + 1.0;
    let p_values: Vec<Option<f64>> = observed
        .deviations
        .iter()
        .zip(&null.exceedances)
        .map(|(deviation, &count)| deviation.map(|_| (f64::from(count) + 1.0) / n_draws))
        .collect();
    let q_values = benjamini_hochberg(&p_values);
    (p_values, q_values)
}

fn null_summary(observed: f64, mut draws: Vec<f64>) -> NullSummary {
    let n = draws.len() as f64;
    let exceedances = draws.iter().filter(|&&drawn| at_least(drawn, observed)).count() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    draws.sort_unstable_by(f64::total_cmp);
    NullSummary {
        mean,
        quantile_95: quantile(&draws, 0.95),
        p_value: (exceedances + 1.0) / (n + 1.0),
    }
}

fn summarise(
    prior: &[f64],
    partitionings: &[PartitioningAudit],
    null: Option<&NullDraws>,
) -> Result<Spad, AuditError> {
    let scored = |partitioning: &&PartitioningAudit| partitioning.mean_deviation.is_some();
    // Partitionings without a score draw zeros, as they add nothing to the observed sums.
    let weights: Vec<f64> = partitionings
        .iter()
        .zip(prior)
        .map(|(partitioning, &prior)| if scored(&partitioning) { prior } else { 0.0 })
        .collect();
    let total: f64 = weights.iter().sum();
    let weights: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
    let means: Vec<f64> = partitionings
        .iter()
        .map(|partitioning| partitioning.mean_deviation.map_or(0.0, |mean| mean.observed))
        .collect();
    let of_scored = |values: &[f64]| -> Vec<f64> {
        let pairs = values.iter().zip(partitionings);
        pairs
            .filter(|(_, partitioning)| scored(partitioning))
            .map(|(value, _)| *value)
            .collect()
    };
    let distribution = ScoreDistribution::new(&of_scored(&means), &of_scored(&weights))?;
    let ones = vec![1.0; partitionings.len()];
    let draws = |rows: &[f64], weights: &[f64]| -> Vec<f64> {
        let rows = rows.chunks(partitionings.len().max(1));
        rows.map(|row| {
            row.iter()
                .zip(weights)
                .map(|(drawn, weight)| drawn * weight)
                .sum()
        })
        .collect()
    };
    let measure = |observed: f64, draws: Option<Vec<f64>>| Measure {
        observed,
        null: draws.map(|draws| null_summary(observed, draws)),
    };
    Ok(Spad {
        expectation: measure(
            distribution.expectation(),
            null.map(|null| draws(&null.mean, &weights)),
        ),
        sum_of_means: measure(distribution.sum(), null.map(|null| draws(&null.mean, &ones))),
        sum_of_maxima: measure(
            partitionings
                .iter()
                .filter_map(|partitioning| partitioning.max_deviation)
                .map(|max| max.observed)
                .sum(),
            null.map(|null| draws(&null.max, &ones)),
        ),
        sd: distribution.sd(),
        min: distribution.min(),
        median: distribution.quantile(0.5).unwrap_or(f64::NAN),
        max: distribution.max(),
        n_scored: distribution.n_partitionings(),
    })
}

fn stability(config: &AuditConfig, partitionings: &[PartitioningAudit]) -> Option<Stability> {
    let limit = match config.fail_above() {
        Some(gate) => Limit::Gate(gate),
        None => Limit::NoiseFloor,
    };
    let (mut n_above, mut n_below, mut above, mut total) = (0, 0, 0.0, 0.0);
    for partitioning in partitionings {
        let Some(measure) = partitioning.mean_deviation else {
            continue;
        };
        let bound = match limit {
            Limit::Gate(gate) => gate,
            Limit::NoiseFloor => measure.null?.quantile_95,
        };
        total += partitioning.prior;
        if measure.observed > bound {
            n_above += 1;
            above += partitioning.prior;
        } else {
            n_below += 1;
        }
    }
    let share_above = if total > 0.0 { above / total } else { 0.0 };
    Some(Stability {
        limit,
        n_above,
        n_below,
        share_above,
        agreement: share_above.max(1.0 - share_above),
    })
}

fn notes(
    config: &AuditConfig,
    partitionings: &[PartitioningAudit],
    has_null: bool,
    n_outside: u64,
    n_inside: u64,
) -> Vec<String> {
    let mut notes = Vec::new();
    if n_outside > 0 {
        notes.push(format!(
            "{n_outside} of {} samples lie in no partition and are left out.",
            n_outside + n_inside
        ));
    }
    if config.n_permutations() == 0 {
        notes.push(
            "No permutations were asked for: there is no noise floor and there are no p-values.".to_owned(),
        );
    } else if !has_null {
        notes.push(
            "There are too many classes to draw the noise floor without the samples in memory: there are no p-values."
                .to_owned(),
        );
    }
    let left_out: Vec<&str> = partitionings
        .iter()
        .filter(|partitioning| partitioning.n_scored == 0)
        .map(|partitioning| partitioning.name.as_str())
        .collect();
    if !left_out.is_empty() {
        notes.push(format!(
            "No partition of {} has a score: left out of all summaries.",
            left_out.join(", ")
        ));
    }
    let n_small: usize = partitionings
        .iter()
        .map(|partitioning| partitioning.n_small)
        .sum();
    let n_filled: usize = partitionings
        .iter()
        .map(|partitioning| partitioning.n_partitions - partitioning.n_empty)
        .sum();
    if n_small * 2 > n_filled {
        notes.push(format!(
            "{n_small} of {n_filled} partitions that hold samples have fewer than {} and are not scored: use fewer, larger partitions or a lower minimum.",
            config.min_samples()
        ));
    }
    notes
}
