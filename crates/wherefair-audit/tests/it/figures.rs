//! The figures of an audit against direct computation.

use std::sync::Arc;

use wherefair_audit::{
    AuditParams, InMemory, Limit, NullMethod, Outcomes, Place, ReferenceRule, Score, Silent, audit_source,
};
use wherefair_core::{Extent, PartitionId, Seed, Site, Sites};
use wherefair_metrics::{ClassScore, ErrorKind};
use wherefair_partition::{Groups, Partitioning, PartitioningDistribution, Quadtree};

use crate::scene::{F1, MAE, Scene, Streamed, config, grids, run};

const ROUNDING: f64 = 1e-10;

#[test]
fn scores_of_every_partition_equal_direct_computation() {
    let scene = Scene::new(5000, 1.0, Seed::new(1));
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let tree = Quadtree::by_count(scene.sites(), extent, 300, 10).unwrap();
    let mut candidates: Vec<(Arc<dyn Partitioning>, f64)> = vec![(Arc::new(tree), 1.0)];
    candidates.extend(
        grids(3, 3)
            .candidates()
            .iter()
            .map(|grid| (Arc::clone(grid), 1.0)),
    );
    let maps = PartitioningDistribution::new(candidates).unwrap();
    let result = audit_source(&mut scene.values(), &maps, &config(MAE), &Silent).unwrap();
    assert_eq!(result.partitionings.len(), 9);
    for (candidate, found) in maps.candidates().iter().zip(&result.partitionings) {
        let (mut sums, mut n) = (
            vec![0.0; candidate.n_partitions()],
            vec![0_u64; candidate.n_partitions()],
        );
        for i in 0..scene.x.len() {
            let id: PartitionId = candidate.locate(&Site::at(scene.x[i], scene.y[i])).unwrap();
            sums[id.index()] += (scene.pred[i] - scene.truth[i]).abs();
            n[id.index()] += 1;
        }
        let scored: Vec<f64> = (0..n.len())
            .filter(|&p| n[p] >= 30)
            .map(|p| sums[p] / n[p] as f64)
            .collect();
        let mean = scored.iter().sum::<f64>() / scored.len() as f64;
        let deviations: Vec<f64> = scored.iter().map(|score| (score - mean).abs()).collect();
        let mean_deviation = deviations.iter().sum::<f64>() / scored.len() as f64;
        assert_eq!(found.n_scored, scored.len());
        for p in 0..n.len() {
            assert_eq!(found.partitions[p].n_samples, n[p]);
            if let Some(score) = found.partitions[p].score {
                assert!((score - sums[p] / n[p] as f64).abs() < ROUNDING);
            }
        }
        assert!((found.reference.unwrap() - mean).abs() < ROUNDING);
        assert!((found.mean_deviation.unwrap().observed - mean_deviation).abs() < ROUNDING);
        let max = deviations.iter().copied().fold(0.0, f64::max);
        assert!((found.max_deviation.unwrap().observed - max).abs() < ROUNDING);
    }
}

#[test]
fn a_biased_corner_is_found_and_named() {
    let scene = Scene::new(20_000, 0.5, Seed::new(2));
    for result in [
        run(&mut scene.values(), &config(MAE)),
        run(&mut scene.classes(), &config(F1)),
    ] {
        assert!(result.spad.expectation.null.unwrap().p_value <= 0.005 + ROUNDING);
        let worst = &result.worst_places[0];
        assert_eq!(
            (worst.partitioning.as_str(), worst.label.as_str()),
            ("4x4", "row 4, column 4")
        );
        assert!(worst.q_value.unwrap() <= 0.05);
        let [low, high] = worst.interval.unwrap();
        assert!(low < worst.score && worst.score < high);
        let stability = result.stability.unwrap();
        assert_eq!(stability.limit, Limit::NoiseFloor);
        assert_eq!(stability.n_above, 15);
    }
}

#[test]
fn worst_places_do_not_repeat_one_another() {
    let scene = Scene::new(20_000, 0.5, Seed::new(2));
    let result = run(&mut scene.values(), &config(MAE));
    assert!(result.worst_places.len() > 1);
    let maps = grids(4, 4);
    let inside = |place: &Place, i: usize| {
        let site = Site::at(scene.x[i], scene.y[i]);
        maps.candidates()[place.partitioning_idx]
            .locate(&site)
            .unwrap()
            .index()
            == place.partition_idx
    };
    for (rank, place) in result.worst_places.iter().enumerate() {
        for worse in &result.worst_places[..rank] {
            let shared = (0..scene.x.len())
                .filter(|&i| inside(place, i) && inside(worse, i))
                .count();
            let smaller = place.n_samples.min(worse.n_samples);
            assert!(
                shared as f64 <= smaller as f64 / 3.0,
                "{} and {}",
                worse.label,
                place.label
            );
        }
    }
}

#[test]
fn streamed_classes_give_the_same_figures_as_classes_in_memory() {
    let scene = Scene::new(30_000, 0.4, Seed::new(3));
    let whole = run(&mut scene.classes(), &config(F1));
    let streamed = run(
        &mut Streamed {
            all: scene.classes(),
            n: 7000,
        },
        &config(F1),
    );
    assert_eq!(whole, streamed);
    assert_eq!(whole.noise_floor, Some(NullMethod::TallyPermutation));
}

#[test]
fn streamed_values_have_nearly_the_noise_floor_of_values_in_memory() {
    let scene = Scene::new(120_000, 0.0, Seed::new(4));
    let config = AuditParams::new(MAE)
        .n_permutations(999)
        .n_bootstrap(0)
        .check()
        .unwrap();
    let whole = run(&mut scene.values(), &config);
    let streamed = run(
        &mut Streamed {
            all: scene.values(),
            n: 50_000,
        },
        &config,
    );
    assert_eq!(whole.noise_floor, Some(NullMethod::RowPermutation));
    assert_eq!(streamed.noise_floor, Some(NullMethod::SampledSums));
    for (a, b) in whole.partitionings.iter().zip(&streamed.partitionings) {
        let (a, b) = (a.mean_deviation.unwrap(), b.mean_deviation.unwrap());
        assert!((a.observed - b.observed).abs() < ROUNDING);
        let (a, b) = (a.null.unwrap(), b.null.unwrap());
        assert!((a.mean / b.mean - 1.0).abs() < 0.12, "{} {}", a.mean, b.mean);
        assert!((a.quantile_95 / b.quantile_95 - 1.0).abs() < 0.15);
    }
}

#[test]
fn medians_in_memory_are_exact_and_streamed_medians_are_close() {
    let scene = Scene::new(20_000, 0.8, Seed::new(5));
    let score = Score::MedianAbsolute {
        error: ErrorKind::Difference,
    };
    let whole = run(&mut scene.values(), &config(score));
    let streamed = run(
        &mut Streamed {
            all: scene.values(),
            n: 9000,
        },
        &config(score),
    );
    let mut right: Vec<f64> = (0..scene.x.len())
        .filter(|&i| scene.x[i] >= 0.5)
        .map(|i| (scene.pred[i] - scene.truth[i]).abs())
        .collect();
    right.sort_by(f64::total_cmp);
    let n = right.len();
    let median = f64::midpoint(right[(n - 1) / 2], right[n / 2]);
    let of = |result: &wherefair_audit::Audit| result.partitionings[0].partitions[1].score.unwrap();
    assert!((of(&whole) - median).abs() < ROUNDING);
    assert!((of(&streamed) / median - 1.0).abs() < 0.02);
    assert_eq!(streamed.noise_floor, Some(NullMethod::QuantileCounts));
    let floors = [&whole, &streamed].map(|result| result.spad.expectation.null.unwrap().quantile_95);
    assert!((floors[0] / floors[1] - 1.0).abs() < 0.2, "{floors:?}");
}

#[test]
fn the_base_model_sets_the_reference_of_each_map() {
    let scene = Scene::new(4000, 0.0, Seed::new(6));
    let outcomes = Outcomes::Values {
        truth: &scene.truth,
        pred: &scene.pred,
        base: Some(&scene.truth),
    };
    let mut source = InMemory::new(scene.sites(), outcomes).unwrap();
    for rule in [ReferenceRule::BaseModel, ReferenceRule::WeightedBaseModel] {
        let config = AuditParams::new(MAE)
            .reference(rule)
            .n_permutations(19)
            .check()
            .unwrap();
        let result = run(&mut source, &config);
        assert_eq!(result.base_global, Some(0.0));
        for map in &result.partitionings {
            assert_eq!(map.reference, Some(0.0));
            let mean: f64 = map
                .partitions
                .iter()
                .map(|partition| partition.score.unwrap())
                .sum::<f64>()
                / map.partitions.len() as f64;
            assert!((map.mean_deviation.unwrap().observed - mean).abs() < ROUNDING);
        }
    }
}

#[test]
fn the_gate_splits_the_maps_and_decides() {
    let scene = Scene::new(8000, 0.5, Seed::new(7));
    let open = run(&mut scene.values(), &config(MAE));
    let limit = open.spad.median;
    let gated = AuditParams::new(MAE)
        .fail_above(Some(limit))
        .n_permutations(0)
        .check()
        .unwrap();
    let result = run(&mut scene.values(), &gated);
    let stability = result.stability.unwrap();
    assert_eq!(stability.n_above, 7);
    assert_eq!(stability.n_below, 8);
    assert_eq!(result.passed, Some(open.spad.expectation.observed <= limit));
    assert!(result.noise_floor.is_none());
}

#[test]
fn sums_over_maps_are_sums_of_the_maps() {
    let scene = Scene::new(8000, 0.5, Seed::new(8));
    let result = run(&mut scene.values(), &config(MAE));
    let sum: f64 = result
        .partitionings
        .iter()
        .map(|map| map.mean_deviation.unwrap().observed)
        .sum();
    let sum_of_maxima: f64 = result
        .partitionings
        .iter()
        .map(|map| map.max_deviation.unwrap().observed)
        .sum();
    assert!((result.spad.sum_of_means.observed - sum).abs() < ROUNDING);
    assert!((result.spad.sum_of_maxima.observed - sum_of_maxima).abs() < ROUNDING);
    assert!((result.spad.expectation.observed - sum / 15.0).abs() < ROUNDING);
}

#[test]
fn groups_need_no_place() {
    let nowhere = vec![0.0; 300];
    let group: Vec<u32> = (0..300).map(|i| u32::from(i >= 150)).collect();
    let truth = vec![1; 300];
    let pred = group.clone();
    let sites = Sites::new(&nowhere, &nowhere)
        .unwrap()
        .with_group(&group)
        .unwrap();
    let outcomes = Outcomes::Classes {
        truth: &truth,
        pred: &pred,
        base: None,
    };
    let groups: Arc<dyn Partitioning> =
        Arc::new(Groups::new("district", vec!["north".to_owned(), "south".to_owned()]).unwrap());
    let maps = PartitioningDistribution::new(vec![(groups, 1.0)]).unwrap();
    let score = config(Score::Class(ClassScore::Accuracy));
    let result = audit_source(
        &mut InMemory::new(sites, outcomes).unwrap(),
        &maps,
        &score,
        &Silent,
    )
    .unwrap();
    let partitions = &result.partitionings[0].partitions;
    assert_eq!((partitions[0].score, partitions[1].score), (Some(0.0), Some(1.0)));
    assert_eq!(result.worst_places[0].label, "north");
    assert_eq!(result.extent, None);
}
