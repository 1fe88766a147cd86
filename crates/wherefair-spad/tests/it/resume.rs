//! Interruption, threads, and checkpoints that do not belong.

use std::ops::ControlFlow;

use rayon::ThreadPoolBuilder;
use wherefair_core::Seed;
use wherefair_similarity::TrainingSimilarity;
use wherefair_spad::{Adversary, LoopRecord, Regularizer, SpadConfig, SpadParams, Strategy};
use wherefair_train::{EpochRecord, TrainError, Training};

use crate::scene::{Scene, WEIGHTED_F1, classifier, few_loops, finished, loops, schedule, similarity};

fn config(strategy: Strategy) -> SpadConfig {
    SpadParams::new(WEIGHTED_F1)
        .strategy(strategy)
        .schedule(schedule(3, &[(2, 3), (1, 4)]))
        .learning_rate(0.02)
        // Several batches a partition, so that their order matters.
        .batch_size(40)
        .base_batch_size(100)
        .check()
        .unwrap()
}

fn against() -> Strategy {
    Strategy::Adversarial {
        partitioning: "3x3".to_owned(),
        adversary: Adversary::default(),
    }
}

/// All that a training ends with.
#[derive(Debug, PartialEq)]
struct End {
    parameters: Vec<f32>,
    records: Vec<EpochRecord>,
    fairest: Option<Vec<f32>>,
    base: Option<Vec<f32>>,
    loops: Vec<LoopRecord>,
    similarity: Option<TrainingSimilarity>,
}

fn end(training: &Training) -> End {
    End {
        parameters: training.model().parameters().to_vec(),
        records: training.records().to_vec(),
        fairest: training.fairest().map(|fairest| fairest.parameters.clone()),
        base: training.base().map(<[f32]>::to_vec),
        loops: loops(training).to_vec(),
        similarity: similarity(training).map(|(_, similarity)| similarity.clone()),
    }
}

#[test]
fn a_training_interrupted_at_any_epoch_ends_the_same() {
    let (train, validation) = (Scene::new(300, 1).classes(), Scene::new(200, 2).classes());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    for strategy in [
        Strategy::Spad,
        Strategy::SpadNoBase,
        Strategy::SpadGd,
        Strategy::EqualRates,
        Strategy::BaseLonger { n_updates: Some(30) },
        Strategy::Regularized(Regularizer::default()),
        Strategy::RegularizedSingle {
            partitioning: "2x1".to_owned(),
            regularizer: Regularizer::default(),
        },
        against(),
        Strategy::SpadSim(few_loops()),
        Strategy::SpadRnd {
            n_loops: 4,
            n_sampled: None,
        },
    ] {
        let model = classifier(3);
        let whole = end(&finished(
            model,
            &train,
            Some(&validation),
            config(strategy.clone()),
        ));
        for stop in 0..=whole.records.len() {
            let model = classifier(3);
            let mut first = config(strategy.clone())
                .train(model, &train, Some(&validation))
                .unwrap();
            for _ in 0..stop {
                first.step().unwrap();
            }
            first.save(&path).unwrap();
            drop(first);
            // Another model and another process: nothing but the file goes on.
            let model = classifier(4);
            let mut second = config(strategy.clone())
                .train(model, &train, Some(&validation))
                .unwrap();
            second.resume(&path).unwrap();
            assert_eq!(second.records().len(), stop);
            assert!(second.run(|_| ControlFlow::Continue(())).unwrap());
            assert_eq!(end(&second), whole, "{strategy:?}, stopped after {stop}");
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let train = Scene::new(5_000, 1).classes();
    for strategy in [Strategy::Spad, Strategy::SpadSim(few_loops()), against()] {
        let run = |n_threads| {
            let pool = ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            pool.install(|| {
                let model = classifier(3);
                end(&finished(model, &train, None, config(strategy.clone())))
            })
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(5));
    }
}

#[test]
fn another_seed_is_another_training() {
    let train = Scene::new(300, 1).classes();
    let run = |seed| {
        let params = SpadParams::new(WEIGHTED_F1)
            .schedule(schedule(3, &[(1, 5)]))
            .seed(Seed::new(seed));
        let model = classifier(3);
        end(&finished(model, &train, None, params.check().unwrap()))
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn breaking_stops_and_stepping_goes_on() {
    let train = Scene::new(300, 1).classes();
    let model = classifier(3);
    let mut training = config(Strategy::Spad).train(model, &train, None).unwrap();
    let mut seen = Vec::new();
    let is_finished = training
        .run(|record| {
            seen.push(record.epoch);
            if record.epoch == 4 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
    assert!(!is_finished && !training.is_finished());
    assert_eq!(seen, [1, 2, 3, 4]);
    while training.step().unwrap().is_some() {}
    assert_eq!((training.epoch(), training.n_epochs()), (13, 13));
    assert!(training.step().unwrap().is_none());
}

#[test]
fn a_checkpoint_of_another_training_is_rejected_and_changes_nothing() {
    let (train, other) = (Scene::new(300, 1).classes(), Scene::new(300, 5).classes());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    let model = classifier(3);
    let mut training = config(Strategy::Spad).train(model, &train, None).unwrap();
    training.step().unwrap();
    training.save(&path).unwrap();

    for (samples, validation, strategy) in [
        (&other, None, Strategy::Spad),
        (&train, Some(&other), Strategy::Spad),
        (&train, None, Strategy::EqualRates),
    ] {
        let model = classifier(9);
        let before = model.parameters().to_vec();
        let mut fresh = config(strategy).train(model, samples, validation).unwrap();
        let error = fresh.resume(&path).unwrap_err();
        assert!(matches!(error, TrainError::OtherTraining { .. }), "{error}");
        assert!(fresh.records().is_empty());
        assert_eq!(fresh.model().parameters(), before);
    }

    // One parameter deep within: it alone is named.
    let of_loops = |n_loops| {
        config(Strategy::SpadRnd {
            n_loops,
            n_sampled: None,
        })
    };
    let rnd = folder.path().join("rnd.safetensors");
    of_loops(4)
        .train(classifier(3), &train, None)
        .unwrap()
        .save(&rnd)
        .unwrap();
    let error = of_loops(5)
        .train(classifier(3), &train, None)
        .unwrap()
        .resume(&rnd)
        .unwrap_err();
    let expected = "the parameter method_parameters.n_loops = 4 (accepted: method_parameters.n_loops = 5)";
    assert!(error.to_string().ends_with(expected), "{error}");
    let error = config(Strategy::Spad)
        .train(classifier(3), &train, None)
        .unwrap()
        .resume(&rnd)
        .unwrap_err();
    assert!(
        error.to_string().contains("the parameter method = \"SPAD-RND\""),
        "{error}"
    );

    let plain = folder.path().join("plain.safetensors");
    wherefair_nn::save_checkpoint(&plain, &classifier(3), &wherefair_nn::Progress::new(Seed::new(0)))
        .unwrap();
    assert!(matches!(
        training.resume(&plain).unwrap_err(),
        TrainError::NotATraining { .. }
    ));
    std::fs::write(&plain, b"x").unwrap();
    assert!(matches!(
        training.resume(&plain).unwrap_err(),
        TrainError::Model(_)
    ));
    assert_eq!(training.epoch(), 1);
}
