//! Audits made by hand, so that the tests here do not hang on the engine.

use wherefair_audit::{
    Audit, AuditParams, Limit, Measure, NullMethod, NullSummary, Orientation, PartitionAudit,
    PartitioningAudit, Place, Score, Spad, Stability,
};
use wherefair_core::{Extent, PartitionId};
use wherefair_metrics::{ErrorKind, ValueScore};
use wherefair_partition::{EqualGrid, Partitioning as _};

/// Partitions with a larger shortfall than this are called different.
const FOUND_SHORTFALL: f64 = 0.2;

pub(crate) fn extent() -> Extent {
    Extent::new(10.0, 40.0, 14.0, 43.0).unwrap()
}

pub(crate) fn params() -> AuditParams {
    AuditParams::new(Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanAbsolute,
    })
}

/// An audit over all equal grids up to `rows` × `columns` but the one of a single cell, with errors that grow to
/// the east.
pub(crate) fn grids(rows: usize, columns: usize) -> Audit {
    let mut partitionings = Vec::new();
    for n_rows in 1..=rows {
        for n_columns in 1..=columns {
            if n_rows * n_columns > 1 {
                partitionings.push(grid(n_rows, n_columns));
            }
        }
    }
    audit(partitionings)
}

/// One equal grid.
pub(crate) fn grid(n_rows: usize, n_columns: usize) -> PartitioningAudit {
    let grid = EqualGrid::new(extent(), n_rows, n_columns).unwrap();
    let reference = 2.0;
    let partitions: Vec<PartitionAudit> = (0..n_rows * n_columns)
        .map(|i| {
            let id = PartitionId::from_index(i).unwrap();
            let east = ((i % n_columns) as f64 + 0.5) / n_columns as f64;
            let n_samples = (i as u64 * 37) % 101;
            let score = (n_samples >= 30).then_some(1.5 + east);
            let shortfall = score.map(|score| score - reference);
            let p_value = shortfall.map(|shortfall| if shortfall > FOUND_SHORTFALL { 0.001 } else { 0.4 });
            PartitionAudit {
                label: grid.label(id),
                n_samples,
                score,
                deviation: shortfall.map(f64::abs),
                shortfall,
                p_value,
                q_value: p_value.map(|p| p * 2.0),
                area: grid.area(id),
                shape: grid.shape(id),
            }
        })
        .collect();
    partitioning(grid.name(), reference, partitions)
}

/// Groups without shapes.
pub(crate) fn groups(labels: &[&str]) -> PartitioningAudit {
    let partitions = labels
        .iter()
        .enumerate()
        .map(|(i, &label)| PartitionAudit {
            label: label.to_owned(),
            n_samples: 50 + i as u64,
            score: Some(1.0 + i as f64),
            deviation: Some((i as f64 - 1.0).abs()),
            shortfall: Some(i as f64 - 1.0),
            p_value: None,
            q_value: None,
            area: None,
            shape: None,
        })
        .collect();
    partitioning("land use".to_owned(), 2.0, partitions)
}

pub(crate) fn partitioning(
    name: String,
    reference: f64,
    partitions: Vec<PartitionAudit>,
) -> PartitioningAudit {
    let deviations: Vec<f64> = partitions
        .iter()
        .filter_map(|partition| partition.deviation)
        .collect();
    let mean = deviations.iter().sum::<f64>() / deviations.len().max(1) as f64;
    let max = deviations.iter().copied().fold(0.0, f64::max);
    let scored = !deviations.is_empty();
    PartitioningAudit {
        name,
        prior: 1.0,
        n_partitions: partitions.len(),
        n_empty: partitions
            .iter()
            .filter(|partition| partition.n_samples == 0)
            .count(),
        n_small: partitions
            .iter()
            .filter(|partition| (1..30).contains(&partition.n_samples))
            .count(),
        n_scored: deviations.len(),
        n_samples: partitions.iter().map(|partition| partition.n_samples).sum(),
        reference: scored.then_some(reference),
        mean_deviation: scored.then(|| measure(mean)),
        max_deviation: scored.then(|| measure(max)),
        most_deviant: scored.then_some(0),
        partitions,
    }
}

pub(crate) fn measure(observed: f64) -> Measure {
    Measure {
        observed,
        null: Some(NullSummary {
            mean: 0.1,
            quantile_95: 0.2,
            p_value: 0.012,
        }),
    }
}

/// The audit that holds `partitionings`.
pub(crate) fn audit(mut partitionings: Vec<PartitioningAudit>) -> Audit {
    let n = partitionings.len().max(1) as f64;
    for partitioning in &mut partitionings {
        partitioning.prior = 1.0 / n;
    }
    let means: Vec<f64> = partitionings
        .iter()
        .filter_map(|p| Some(p.mean_deviation?.observed))
        .collect();
    let n_above = means.iter().filter(|&&mean| mean > 0.2).count();
    let share_above = n_above as f64 / means.len().max(1) as f64;
    let sum: f64 = means.iter().sum();
    Audit {
        version: "0.0.0",
        config: params().check().unwrap(),
        score: "mean absolute error".to_owned(),
        orientation: Orientation::LowerIsBetter,
        n_samples: 12_345,
        n_outside: 0,
        n_cells: 100,
        extent: Some(extent()),
        global: Some(2.01),
        base_global: None,
        spad: Spad {
            expectation: measure(sum / n),
            sum_of_means: measure(sum),
            sum_of_maxima: measure(2.0 * sum),
            sd: 0.05,
            min: means.iter().copied().fold(f64::INFINITY, f64::min),
            median: 0.2,
            max: means.iter().copied().fold(0.0, f64::max),
            n_scored: means.len(),
        },
        stability: Some(Stability {
            limit: Limit::NoiseFloor,
            n_above,
            n_below: means.len() - n_above,
            share_above,
            agreement: share_above.max(1.0 - share_above),
        }),
        passed: None,
        noise_floor: Some(NullMethod::RowPermutation),
        worst_places: worst_places(&partitionings),
        partitionings,
        notes: Vec::new(),
    }
}

fn worst_places(partitionings: &[PartitioningAudit]) -> Vec<Place> {
    let mut places = Vec::new();
    for (partitioning_idx, partitioning) in partitionings.iter().enumerate() {
        for (partition_idx, partition) in partitioning.partitions.iter().enumerate() {
            if let (Some(score), Some(shortfall)) = (partition.score, partition.shortfall)
                && shortfall > 0.0
            {
                places.push(Place {
                    partitioning: partitioning.name.clone(),
                    partitioning_idx,
                    partition_idx,
                    label: partition.label.clone(),
                    n_samples: partition.n_samples,
                    score,
                    reference: score - shortfall,
                    shortfall,
                    deviation: shortfall,
                    interval: Some([score - 0.1, score + 0.1]),
                    p_value: partition.p_value,
                    q_value: partition.q_value,
                });
            }
        }
    }
    places.truncate(10);
    places
}

/// The same audit without any noise floor.
pub(crate) fn without_null(mut audit: Audit) -> Audit {
    audit.noise_floor = None;
    audit.stability = None;
    let spad = &mut audit.spad;
    for measure in [
        &mut spad.expectation,
        &mut spad.sum_of_means,
        &mut spad.sum_of_maxima,
    ] {
        measure.null = None;
    }
    for partitioning in &mut audit.partitionings {
        for measure in [&mut partitioning.mean_deviation, &mut partitioning.max_deviation]
            .into_iter()
            .flatten()
        {
            measure.null = None;
        }
        for partition in &mut partitioning.partitions {
            (partition.p_value, partition.q_value) = (None, None);
        }
    }
    for place in &mut audit.worst_places {
        (place.p_value, place.q_value) = (None, None);
    }
    audit
}
