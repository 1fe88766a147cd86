//! LSTM players: every strategy, the same bits again, with any number of threads, interrupted or not.

use std::ops::ControlFlow;

use rayon::ThreadPoolBuilder;
use wherefair_core::Seed;
use wherefair_nn::{AdamParams, Initializer, Loss, LstmNetwork, LstmParams, Model, autograd};
use wherefair_spad::{Adversary, Regularizer, SpadConfig, SpadParams, Strategy, Threshold};
use wherefair_train::{EpochRecord, Phase, SpatialSamples};

use crate::scene::{Scene, WEIGHTED_F1, few_loops, schedule};

/// The three features as a series of three steps.
fn player(hidden: usize, seed: u64) -> Model {
    let shape = LstmParams::new(3, 1, hidden, 2).check().unwrap();
    let adam = AdamParams::default().check().unwrap();
    let build = |builder: &_| LstmNetwork::new(&shape, builder);
    autograd(
        build,
        Initializer::Glorot,
        Loss::CrossEntropy,
        adam,
        Seed::new(seed),
    )
    .unwrap()
}

fn config(strategy: Strategy) -> SpadConfig {
    SpadParams::new(WEIGHTED_F1)
        .strategy(strategy)
        .schedule(schedule(3, &[(2, 2), (1, 2)]))
        .learning_rate(0.02)
        .batch_size(40)
        .base_batch_size(100)
        .check()
        .unwrap()
}

fn every() -> Vec<Strategy> {
    let partitioning = || "2x1".to_owned();
    let regularizer = Regularizer {
        amplification: 2.0,
        threshold: Threshold::Given(0.25),
        ..Regularizer::default()
    };
    vec![
        Strategy::Base,
        Strategy::BaseLonger { n_updates: Some(7) },
        Strategy::single_grid(2, 1),
        Strategy::Regularized(regularizer),
        Strategy::RegularizedSingle {
            partitioning: partitioning(),
            regularizer,
        },
        Strategy::Adversarial {
            partitioning: partitioning(),
            adversary: Adversary::default(),
        },
        Strategy::Spad,
        Strategy::SpadGd,
        Strategy::SpadNoBase,
        Strategy::SpadFixedK { k: 2 },
        Strategy::EqualRates,
        Strategy::SpadSim(few_loops()),
        Strategy::SpadRnd {
            n_loops: 2,
            n_sampled: None,
        },
    ]
}

fn run(train: &SpatialSamples, hidden: usize, strategy: Strategy) -> (Vec<f32>, Vec<EpochRecord>) {
    let model = player(hidden, 3);
    let mut training = config(strategy).train(model, train, None).unwrap();
    assert!(training.run(|_| ControlFlow::Continue(())).unwrap());
    let records = training.records().to_vec();
    (training.into_model().parameters().to_vec(), records)
}

#[test]
fn an_lstm_plays_every_strategy_and_gives_the_same_bits_again() {
    let train = Scene::new(200, 1).classes();
    let (base, _) = run(&train, 4, Strategy::Base);
    for strategy in every() {
        let (parameters, records) = run(&train, 4, strategy.clone());
        let is_fair = |record: &&EpochRecord| record.phase == Phase::Fair;
        let moved = records.iter().filter(is_fair).any(|record| record.n_updates > 0);
        assert_eq!(moved, strategy != Strategy::Base, "{strategy:?}");
        assert_eq!(parameters != base, moved, "{strategy:?}");
        assert_eq!(
            (parameters, records),
            run(&train, 4, strategy.clone()),
            "{strategy:?}"
        );
    }
}

#[test]
fn an_lstm_does_not_depend_on_the_number_of_threads() {
    let train = Scene::new(6_000, 1).classes();
    let config = || {
        SpadParams::new(WEIGHTED_F1)
            .schedule(schedule(1, &[(1, 2)]))
            .learning_rate(0.02)
            .base_batch_size(3_000)
            .check()
            .unwrap()
    };
    let run = |n_threads| {
        let pool = ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| {
            // Products large enough to be divided among threads.
            let model = player(32, 3);
            let mut training = config().train(model, &train, None).unwrap();
            assert!(training.run(|_| ControlFlow::Continue(())).unwrap());
            training.model().parameters().to_vec()
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn an_lstm_interrupted_at_any_epoch_ends_the_same() {
    let train = Scene::new(200, 1).classes();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    for strategy in every() {
        let whole = run(&train, 4, strategy.clone());
        for stop in [1, whole.1.len() / 2, whole.1.len() - 1] {
            let model = player(4, 3);
            let mut first = config(strategy.clone()).train(model, &train, None).unwrap();
            for _ in 0..stop {
                first.step().unwrap();
            }
            first.save(&path).unwrap();
            // Another model: nothing but the file goes on.
            let model = player(4, 9);
            let mut second = config(strategy.clone()).train(model, &train, None).unwrap();
            second.resume(&path).unwrap();
            assert!(second.run(|_| ControlFlow::Continue(())).unwrap());
            let records = second.records().to_vec();
            assert_eq!(
                (second.model().parameters().to_vec(), records),
                whole,
                "{strategy:?}, after {stop}"
            );
        }
    }
}
