//! The worst places.

use wherefair_partition::Lattice;

use crate::bootstrap::{PlaceSamples, interval};
use crate::refinement::Refinement;
use crate::reservoir::SampledError;
use crate::{AuditConfig, AuditError, Outcomes, PartitioningAudit, Place, Progress, SampleSource, Stage};

/// A place is not listed when it shares more than this of the smaller one's samples with a worse place, or more
/// than this of its own samples with all worse places together.
const MAX_SHARED: f64 = 1.0 / 3.0;

/// Places that do not stand out of the noise fill the list up to this length only.
const N_UNREMARKABLE: usize = 3;

/// The partitions that fall short of their reference most, without places that mostly repeat a worse one.
///
/// Places whose deviation survives the control of the false discovery rate come first, then the larger
/// shortfall. Others are listed only where there are fewer than three of those, or no noise floor.
pub(crate) fn worst_places(
    partitionings: &[PartitioningAudit],
    refinement: &Refinement,
    n_samples: &[u64],
    config: &AuditConfig,
) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (partitioning_idx, partitioning) in partitionings.iter().enumerate() {
        for (partition_idx, partition) in partitioning.partitions.iter().enumerate() {
            let (Some(score), Some(reference), Some(deviation), Some(shortfall)) = (
                partition.score,
                partitioning.reference,
                partition.deviation,
                partition.shortfall,
            ) else {
                continue;
            };
            if shortfall > 0.0 {
                places.push(Place {
                    partitioning: partitioning.name.clone(),
                    partitioning_idx,
                    partition_idx,
                    label: partition.label.clone(),
                    n_samples: partition.n_samples,
                    score,
                    reference,
                    shortfall,
                    deviation,
                    interval: None,
                    p_value: partition.p_value,
                    q_value: partition.q_value,
                });
            }
        }
    }
    let found = |place: &Place| place.q_value.is_some_and(|q| q <= config.false_discovery_rate());
    places.sort_by(|a, b| {
        (found(b).cmp(&found(a)))
            .then(b.shortfall.total_cmp(&a.shortfall))
            .then(b.n_samples.cmp(&a.n_samples))
            .then((a.partitioning_idx, a.partition_idx).cmp(&(b.partitioning_idx, b.partition_idx)))
    });
    let cells = |place: &Place| refinement.members[place.partitioning_idx].cells(place.partition_idx);
    let mut kept: Vec<Place> = Vec::new();
    let mut covered = vec![false; n_samples.len()];
    for place in places {
        let unremarkable = place.q_value.is_some() && !found(&place);
        if kept.len() == config.n_worst() || (unremarkable && kept.len() >= N_UNREMARKABLE) {
            break;
        }
        let seen = cells(&place)
            .iter()
            .map(|&cell| cell as usize)
            .filter(|&cell| covered[cell]);
        if seen.map(|cell| n_samples[cell]).sum::<u64>() as f64 > MAX_SHARED * place.n_samples as f64 {
            continue;
        }
        let repeats = kept.iter().any(|worse| {
            let shared = shared_samples(cells(worse), cells(&place), n_samples) as f64;
            shared > MAX_SHARED * worse.n_samples.min(place.n_samples) as f64
        });
        if !repeats {
            for &cell in cells(&place) {
                covered[cell as usize] = true;
            }
            kept.push(place);
        }
    }
    kept
}

/// The samples in cells of both lists; both ascend.
fn shared_samples(a: &[u32], b: &[u32], n_samples: &[u64]) -> u64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (Some(&left), Some(&right)) = (a.get(i), b.get(j)) {
        if left == right {
            shared += n_samples[left as usize];
        }
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    shared
}

/// Reads the samples once more and gives every place its confidence interval.
pub(crate) fn add_intervals(
    places: &mut [Place],
    source: &mut dyn SampleSource,
    lattice: &mut Lattice,
    refinement: &Refinement,
    config: &AuditConfig,
    shift: f64,
    progress: &dyn Progress,
) -> Result<(), AuditError> {
    if places.is_empty() || config.n_bootstrap() == 0 {
        return Ok(());
    }
    progress.start(Stage::WorstPlaces, Some(places.len() as u64));
    let mut places_of: Vec<Vec<usize>> = vec![Vec::new(); lattice.n_cells()];
    for (i, place) in places.iter().enumerate() {
        for &cell in refinement.members[place.partitioning_idx].cells(place.partition_idx) {
            places_of[cell as usize].push(i);
        }
    }
    let mut samples: Vec<PlaceSamples> = (0..places.len() as u64)
        .map(|place| PlaceSamples::new(config.score(), config.seed(), place))
        .collect();
    let mut cells = Vec::new();
    source.for_each(&mut |batch| {
        cells.clear();
        cells.resize(batch.sites.len(), 0);
        lattice.locate_into(batch.sites, &mut cells)?;
        for (i, &cell) in cells.iter().enumerate() {
            let Some(here) = places_of.get(cell as usize) else {
                continue;
            };
            for &place in here {
                match (&mut samples[place], batch.outcomes) {
                    (PlaceSamples::Pairs(pairs), Outcomes::Classes { truth, pred, .. }) => {
                        *pairs.entry((truth[i], pred[i])).or_insert(0) += 1;
                    }
                    (PlaceSamples::Errors(errors), Outcomes::Values { truth, pred, .. }) => {
                        errors.offer(|| SampledError {
                            error: config
                                .score()
                                .error_kind()
                                .map_or(f64::NAN, |kind| kind.error(truth[i], pred[i])),
                            shifted_truth: truth[i] - shift,
                        });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    })?;
    let n_classes = source.n_classes();
    for (i, (place, samples)) in places.iter_mut().zip(&samples).enumerate() {
        place.interval = interval(samples, config, n_classes, i as u64, place.score);
        progress.advance(1);
    }
    Ok(())
}
