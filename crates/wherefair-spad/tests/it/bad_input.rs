//! Input at fault, and input that is odd but good.

use std::ops::ControlFlow;

use wherefair_audit::{AuditError, Score};
use wherefair_core::{Extent, Sites};
use wherefair_metrics::{Averaging, ClassScore, ErrorKind, Reference, ValueScore, ZeroDivision};
use wherefair_nn::{Loss, NnError, Samples};
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{Regularizer, SpadParams, Strategy, Threshold};
use wherefair_train::{Predictions, SpatialSamples, TrainError, partition_scores};

use crate::scene::{RMSE, Scene, WEIGHTED_F1, classifier, finished, grids, network, schedule};

#[test]
fn parameters_outside_their_domain_are_rejected() {
    let params = || SpadParams::new(WEIGHTED_F1);
    let regularized = |regularizer| params().strategy(Strategy::Regularized(regularizer));
    let default = Regularizer::default();
    for (name, params) in [
        ("learning_rate", params().learning_rate(0.0)),
        ("learning_rate", params().learning_rate(f64::NAN)),
        ("learning_rate", params().learning_rate(f64::INFINITY)),
        ("base_learning_rate", params().base_learning_rate(Some(0.0))),
        ("base_learning_rate", params().base_learning_rate(Some(f64::NAN))),
        ("batch_size", params().batch_size(0)),
        ("base_batch_size", params().base_batch_size(0)),
        ("min_samples", params().min_samples(0)),
        ("min_validation_samples", params().min_validation_samples(0)),
        ("max_quality_loss", params().max_quality_loss(-0.1)),
        ("max_quality_loss", params().max_quality_loss(f64::NAN)),
        ("reference", params().reference(Reference::Fixed(f64::NAN))),
        ("k", params().strategy(Strategy::SpadFixedK { k: 0 })),
        (
            "weight of the regularizer",
            regularized(Regularizer {
                weight: f64::NAN,
                ..default
            }),
        ),
        (
            "amplification of the regularizer",
            regularized(Regularizer {
                amplification: 0.0,
                ..default
            }),
        ),
        (
            "threshold of the regularizer",
            regularized(Regularizer {
                threshold: Threshold::Given(1.0),
                ..default
            }),
        ),
        (
            "score of the regularized strategy",
            SpadParams::new(Score::Class(ClassScore::CohenKappa)).strategy(Strategy::Regularized(default)),
        ),
        (
            "score",
            SpadParams::new(Score::MedianAbsolute {
                error: ErrorKind::Difference,
            }),
        ),
    ] {
        assert_eq!(params.check().unwrap_err().name(), name);
    }
}

#[test]
fn samples_at_fault_are_rejected() {
    let features = [0.0, f32::NAN];
    let error = Samples::classes(&features, 1, &[0, 1], 2).unwrap_err();
    assert!(matches!(error, NnError::NotFinite { row: 1, .. }), "{error}");
    let samples = Samples::classes(&[0.0, 1.0], 1, &[0, 1], 2).unwrap();
    let place = |x: &[f64], y: &[f64]| {
        SpatialSamples::new(&grids(), Sites::new(x, y).unwrap(), &samples).unwrap_err()
    };
    assert!(matches!(
        place(&[0.5], &[0.5]),
        TrainError::Shape { given: 1, .. }
    ));
    assert!(matches!(
        place(&[0.5, f64::NAN], &[0.5, 0.5]),
        TrainError::Param(_)
    ));
    let error = place(&[5.5, 7.0], &[0.5, 0.5]);
    assert!(matches!(error, TrainError::NoSamples { n_outside: 2 }), "{error}");
}

#[test]
fn what_does_not_fit_together_is_rejected() {
    let scene = Scene::new(60, 1);
    let (classes, values) = (scene.classes(), scene.values());
    let config = |score| {
        SpadParams::new(score)
            .schedule(schedule(2, &[(1, 1)]))
            .check()
            .unwrap()
    };
    let error = config(WEIGHTED_F1)
        .train(classifier(3), &values, None)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the training set holds 1 values a sample, but score `weighted F1` needs classes"
    );
    let error = config(WEIGHTED_F1)
        .train(classifier(3), &classes, Some(&values))
        .unwrap_err();
    assert!(
        matches!(
            error,
            TrainError::WrongTargets {
                what: "validation set",
                ..
            }
        ),
        "{error}"
    );
    let halves =
        PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), 1, 2).unwrap();
    let samples = Samples::classes(&[0.0; 6], 3, &[0, 1], 2).unwrap();
    let sites = Sites::new(&[0.1, 0.9], &[0.5, 0.5]).unwrap();
    let elsewhere = SpatialSamples::new(&halves, sites, &samples).unwrap();
    let error = config(WEIGHTED_F1)
        .train(classifier(3), &classes, Some(&elsewhere))
        .unwrap_err();
    assert!(matches!(error, TrainError::OtherDistribution { .. }), "{error}");
    // A network of other inputs fails at the first step, and stays as it was.
    let narrow = network(3, Loss::CrossEntropy, 1);
    let before = narrow.parameters().to_vec();
    let mut training = config(WEIGHTED_F1).train(narrow, &classes, None).unwrap();
    assert!(matches!(
        training.step().unwrap_err(),
        TrainError::Model(NnError::Mismatch { .. })
    ));
    assert_eq!(training.epoch(), 0);
    assert_eq!(training.model().parameters(), before);
    let error = partition_scores(&classes, Predictions::Classes(&[0]), WEIGHTED_F1, 1).unwrap_err();
    assert!(
        matches!(error, TrainError::Audit(AuditError::Shape { given: 1, .. })),
        "{error}"
    );
    let error = partition_scores(&classes, Predictions::Values(&[0.0; 60]), WEIGHTED_F1, 1).unwrap_err();
    assert!(matches!(error, TrainError::WrongTargets { .. }), "{error}");
}

#[test]
fn without_any_scored_partition_there_is_no_base_to_compare_with() {
    let train = Scene::new(60, 1).classes();
    let params = SpadParams::new(WEIGHTED_F1).schedule(schedule(2, &[(1, 1)]));
    for (params, what) in [
        (params.clone().min_samples(61), "training set"),
        (params.min_validation_samples(61), "training set"),
    ] {
        let model = classifier(3);
        let mut training = params.check().unwrap().train(model, &train, None).unwrap();
        training.step().unwrap();
        let error = training.step().unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        assert!(
            matches!(error, TrainError::NothingScored { min_samples: 61, .. }),
            "{error}"
        );
        assert_eq!(training.epoch(), 1);
    }
}

/// Few samples: partitions of one sample and of none, a class that is absent from most partitions and one from all.
#[test]
fn odd_samples_are_trained_without_complaint() {
    let x = [0.05, 0.4, 0.45, 0.9, 0.95];
    let y = [0.1, 0.5, 0.9, 0.2, 0.8];
    let features: Vec<f32> = x.iter().chain(&y).chain(&x).map(|&value| value as f32).collect();
    let samples = Samples::classes(&features, 3, &[0, 0, 1, 0, 0], 4).unwrap();
    let train = SpatialSamples::new(&grids(), Sites::new(&x, &y).unwrap(), &samples).unwrap();
    for averaging in [Averaging::Weighted, Averaging::Macro] {
        let score = Score::Class(ClassScore::F1(averaging, ZeroDivision::Zero));
        for strategy in [
            Strategy::Spad,
            Strategy::SpadGd,
            Strategy::SpadNoBase,
            Strategy::EqualRates,
            Strategy::Regularized(Regularizer::default()),
        ] {
            let config = SpadParams::new(score)
                .strategy(strategy)
                .schedule(schedule(5, &[(1, 20)]))
                .check()
                .unwrap();
            let model = network(4, Loss::CrossEntropy, 3);
            let training = finished(model, &train, None, config);
            assert!(
                training
                    .model()
                    .parameters()
                    .iter()
                    .all(|value| value.is_finite())
            );
        }
    }
}

#[test]
fn one_sample_alone_is_fair() {
    let samples = Samples::classes(&[0.0, 1.0, 2.0], 3, &[1], 2).unwrap();
    let train = SpatialSamples::new(&grids(), Sites::new(&[0.5], &[0.5]).unwrap(), &samples).unwrap();
    let config = SpadParams::new(WEIGHTED_F1)
        .schedule(schedule(2, &[(1, 8)]))
        .check()
        .unwrap();
    let model = classifier(3);
    let training = finished(model, &train, None, config);
    // The only partition of each partitioning is at its own mean.
    assert_eq!(training.n_fair_updates(), 0);
    let last = training.records().last().unwrap();
    assert_eq!(last.measured.map(|measured| measured.deviation_mean), Some(0.0));
    assert_eq!(last.loss, None);
}

#[test]
fn divergence_keeps_the_last_good_state() {
    let mut scene = Scene::new(200, 1);
    for value in &mut scene.values {
        *value *= 1e18;
    }
    let train = scene.values();
    let config = SpadParams::new(Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanAbsolute,
    })
    .schedule(schedule(50, &[(1, 10)]))
    .learning_rate(1e30)
    .check()
    .unwrap();
    let model = network(1, Loss::MeanSquared, 3);
    let mut training = config.train(model, &train, None).unwrap();
    let error = training.run(|_| ControlFlow::Continue(())).unwrap_err();
    let TrainError::Diverged { epoch, last_good, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!((*epoch, *last_good), (training.epoch() + 1, training.epoch()));
    let state = training.model().optimizer_state();
    assert_eq!(state.step, training.epoch());
    assert!(
        state
            .first
            .iter()
            .chain(training.model().parameters())
            .all(|value| value.is_finite())
    );
    // What stands can be saved, and fails again at the same place.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    training.save(&path).unwrap();
    training.resume(&path).unwrap();
    assert_eq!(training.step().unwrap_err().to_string(), error.to_string());
}

#[test]
fn values_that_a_model_cannot_be_scored_by_are_named() {
    let train = Scene::new(60, 1).values();
    let score = Score::Value {
        error: ErrorKind::LogRatio,
        score: ValueScore::MeanAbsolute,
    };
    let config = SpadParams::new(score)
        .schedule(schedule(1, &[(1, 1)]))
        .check()
        .unwrap();
    let model = network(1, Loss::MeanSquared, 3);
    let error = config.train(model, &train, None).unwrap().step().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("accepted: positive truth and prediction"),
        "{error}"
    );
    assert!(RMSE.error_kind().is_some());
}
