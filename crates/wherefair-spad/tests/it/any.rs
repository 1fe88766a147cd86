//! Any partitioning can take part, and any model can play.

use std::sync::Arc;

use wherefair_core::{Extent, Point, Seed, Sites};
use wherefair_nn::{AdamParams, Initializer, Loss, LstmNetwork, LstmParams, Samples, autograd};
use wherefair_partition::{EqualGrid, Groups, Partitioning, PartitioningDistribution, Voronoi};
use wherefair_spad::SpadParams;
use wherefair_train::{Predictions, SpatialSamples, partition_scores};

use crate::scene::{Scene, WEIGHTED_F1, classifier, finished, schedule};

/// A grid, cells around three places, and groups that the data assign.
fn mixture() -> PartitioningDistribution {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let places = vec![Point::new(0.2, 0.2), Point::new(0.3, 0.8), Point::new(0.8, 0.5)];
    // The grid leaves out the north.
    let south = Extent::new(0.0, 0.0, 1.0, 0.7).unwrap();
    let candidates: Vec<(Arc<dyn Partitioning>, f64)> = vec![
        (Arc::new(EqualGrid::new(south, 2, 3).unwrap()), 1.0),
        (Arc::new(Voronoi::new(places, extent, None).unwrap()), 2.0),
        (
            Arc::new(Groups::new("soil", vec!["clay".to_owned(), "sand".to_owned()]).unwrap()),
            1.0,
        ),
    ];
    PartitioningDistribution::new(candidates).unwrap()
}

#[test]
fn any_partitioning_can_take_part() {
    let scene = Scene::new(500, 1);
    let groups: Vec<u32> = scene
        .x
        .iter()
        .map(|&x| u32::from((x * 7.0).fract() > 0.4))
        .collect();
    let sites = Sites::new(&scene.x, &scene.y)
        .unwrap()
        .with_group(&groups)
        .unwrap();
    let samples = Samples::classes(&scene.features, 3, &scene.labels, 2).unwrap();
    let train = SpatialSamples::new(&mixture(), sites, &samples).unwrap();

    // Every partition is its runs, and its score is that of its samples.
    let truth: Vec<u32> = train.input_rows().iter().map(|&row| scene.labels[row]).collect();
    let pred: Vec<u32> = train
        .input_rows()
        .iter()
        .map(|row| u32::from(row % 3 == 0))
        .collect();
    let scores = partition_scores(&train, Predictions::Classes(&pred), WEIGHTED_F1, 1).unwrap();
    for (index, candidate) in train.distribution().candidates().iter().enumerate() {
        for partition in 0..candidate.n_partitions() {
            let rows: Vec<usize> = train.runs(index, partition).iter().cloned().flatten().collect();
            let inside = (0..train.n_samples()).filter(|&row| {
                let located = candidate.locate(&sites.get(train.input_rows()[row]));
                located.is_some_and(|id| id.index() == partition)
            });
            assert_eq!(rows, inside.collect::<Vec<_>>());
            let pairs: Vec<_> = rows.iter().map(|&row| (truth[row], pred[row])).collect();
            let f1 = weighted_f1(&pairs);
            let ours = scores.of(index)[partition].unwrap();
            assert!((ours - f1).abs() < 1e-12, "{ours} and {f1}");
        }
    }

    let config = SpadParams::new(WEIGHTED_F1)
        .schedule(schedule(40, &[(2, 10), (1, 20)]))
        .learning_rate(0.01)
        .check()
        .unwrap();
    let model = classifier(3);
    let training = finished(model, &train, None, config);
    let seen = |index| {
        training
            .records()
            .iter()
            .any(|record| record.partitioning == Some(index))
    };
    assert!((0..3).all(seen));
    let base = training.records()[39].measured.unwrap();
    assert!(training.fairest().unwrap().measured.deviation_mean < base.deviation_mean);
}

/// By its definition, sample by sample.
fn weighted_f1(samples: &[(u32, u32)]) -> f64 {
    let n = samples.len() as f64;
    let of_class = |class: u32| {
        let count = |is: &dyn Fn((u32, u32)) -> bool| samples.iter().filter(|&&one| is(one)).count() as f64;
        let (support, predicted) = (count(&|one| one.0 == class), count(&|one| one.1 == class));
        let both = count(&|one| one == (class, class));
        if support + predicted > 0.0 {
            support / n * 2.0 * both / (support + predicted)
        } else {
            0.0
        }
    };
    of_class(0) + of_class(1)
}

#[test]
fn any_model_can_play() {
    let train = Scene::new(120, 1).classes();
    let shape = LstmParams::new(3, 1, 4, 2).check().unwrap();
    let adam = AdamParams::default().check().unwrap();
    let build = |builder: &_| LstmNetwork::new(&shape, builder);
    let model = autograd(build, Initializer::Glorot, Loss::CrossEntropy, adam, Seed::new(1)).unwrap();
    let config = SpadParams::new(WEIGHTED_F1)
        .schedule(schedule(4, &[(1, 6)]))
        .check()
        .unwrap();
    let mut training = config.train(model, &train, None).unwrap();
    assert!(training.run(|_| std::ops::ControlFlow::Continue(())).unwrap());
    assert!(training.n_fair_updates() > 0);
}
