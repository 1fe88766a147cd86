//! Every strategy runs, and does what sets it apart.

use wherefair_nn::{Loss, StatePolicy};
use wherefair_spad::{Adversary, Regularizer, SpadConfig, SpadParams, Strategy, Threshold};
use wherefair_train::Phase;

use crate::scene::{RMSE, Scene, WEIGHTED_F1, classifier, few_loops, finished, network, schedule};

const STAGES: &[(u32, u32)] = &[(3, 4), (1, 5)];

fn params(strategy: Strategy) -> SpadParams {
    SpadParams::new(WEIGHTED_F1)
        .strategy(strategy)
        .schedule(schedule(20, STAGES))
        .learning_rate(0.01)
}

fn config(strategy: Strategy) -> SpadConfig {
    params(strategy).check().unwrap()
}

fn every() -> Vec<Strategy> {
    vec![
        Strategy::Base,
        Strategy::BaseLonger { n_updates: Some(7) },
        Strategy::BaseLonger { n_updates: None },
        Strategy::single_grid(1, 3),
        Strategy::Regularized(Regularizer::default()),
        Strategy::RegularizedSingle {
            partitioning: "3x1".to_owned(),
            regularizer: Regularizer::default(),
        },
        Strategy::Adversarial {
            partitioning: "1x3".to_owned(),
            adversary: Adversary::default(),
        },
        Strategy::Spad,
        Strategy::SpadGd,
        Strategy::SpadNoBase,
        Strategy::SpadFixedK { k: 5 },
        Strategy::EqualRates,
        Strategy::SpadSim(few_loops()),
        Strategy::SpadRnd {
            n_loops: 6,
            n_sampled: Some(2),
        },
    ]
}

#[test]
fn every_strategy_trains_classes_and_values() {
    let scene = Scene::new(300, 1);
    let (classes, values) = (scene.classes(), scene.values());
    for strategy in every() {
        let n_fair = match &strategy {
            Strategy::Base => Some(0),
            Strategy::BaseLonger { n_updates } => n_updates.map(|n| n as usize),
            Strategy::SpadSim(_) => None,
            Strategy::SpadRnd { .. } => Some(12),
            _ => Some(17),
        };
        let n_base = if strategy == Strategy::SpadNoBase { 0 } else { 20 };
        let model = classifier(3);
        let training = finished(model, &classes, None, config(strategy.clone()));
        if let Some(n_fair) = n_fair {
            let records = training.records();
            assert_eq!(training.n_epochs() as usize, n_base + n_fair, "{strategy:?}");
            let of_fair = records.iter().filter(|record| record.phase == Phase::Fair);
            assert_eq!(of_fair.count(), n_fair);
        }
        let moved = training.n_fair_updates() > 0;
        assert_eq!(moved, strategy != Strategy::Base, "{strategy:?}");
        assert!(
            training
                .records()
                .iter()
                .all(|record| record.phase != Phase::Fair || record.measured.is_some())
        );

        let config = SpadParams::new(RMSE)
            .strategy(strategy.clone())
            .schedule(schedule(20, STAGES))
            .check()
            .unwrap();
        let model = network(1, Loss::MeanSquared, 3);
        let training = finished(model, &values, None, config);
        let has_base = strategy != Strategy::SpadNoBase;
        assert_eq!(training.fairest().is_some(), has_base, "{strategy:?}");
    }
}

#[test]
fn all_strategies_share_the_base_model() {
    let train = Scene::new(300, 1).classes();
    let base = classifier(3);
    let before = finished(base, &train, None, config(Strategy::Base))
        .model()
        .parameters()
        .to_vec();
    for strategy in every() {
        if strategy == Strategy::SpadNoBase {
            continue;
        }
        let model = classifier(3);
        let mut training = config(strategy).train(model, &train, None).unwrap();
        for _ in 0..20 {
            training.step().unwrap();
        }
        assert_eq!(training.model().parameters(), before);
    }
}

#[test]
fn a_rate_of_its_own_is_the_base_model_s_alone() {
    let train = Scene::new(300, 1).classes();
    // The parameters after the base epochs, and at the end.
    let trained = |learning_rate, base, strategy| {
        let model = classifier(3);
        let config = params(strategy)
            .learning_rate(learning_rate)
            .base_learning_rate(base)
            .check()
            .unwrap();
        let training = finished(model, &train, None, config);
        [training.base().unwrap(), training.model().parameters()].map(<[f32]>::to_vec)
    };
    let [of_10, end_of_10] = trained(0.01, None, Strategy::Spad);
    assert_eq!(
        trained(0.01, Some(0.01), Strategy::Spad),
        [of_10.clone(), end_of_10.clone()]
    );
    let [base, end] = trained(1e-9, Some(0.01), Strategy::Spad);
    assert_eq!(base, of_10);
    assert_ne!(end, end_of_10);
    let moved = base
        .iter()
        .zip(&end)
        .map(|(before, after)| (before - after).abs());
    assert!(moved.fold(0.0, f32::max) < 1e-5);
    assert_ne!(trained(0.01, Some(0.002), Strategy::Spad)[0], of_10);
    // Longer base training goes on at the base model's rate.
    let longer = || Strategy::BaseLonger { n_updates: Some(30) };
    assert_eq!(trained(1e-9, Some(0.01), longer()), trained(0.01, None, longer()));
}

#[test]
fn a_single_partitioning_is_always_at_hand() {
    let train = Scene::new(300, 1).classes();
    let model = classifier(3);
    let training = finished(model, &train, None, config(Strategy::single_grid(2, 2)));
    let index = train
        .distribution()
        .candidates()
        .iter()
        .position(|one| one.name() == "2x2");
    let fair = training
        .records()
        .iter()
        .filter(|record| record.phase == Phase::Fair);
    assert!(
        fair.map(|record| record.partitioning)
            .all(|at_hand| at_hand == index)
    );
    let model = classifier(3);
    let error = config(Strategy::single_grid(9, 9))
        .train(model, &train, None)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("invalid partitioning: 9x9 (accepted: 1x2, 1x3, 2x1"),
        "{error}"
    );
}

#[test]
fn partitions_of_rate_0_are_not_trained() {
    let train = Scene::new(300, 1).classes();
    let (spad, equal) = (classifier(3), classifier(3));
    let spad = finished(spad, &train, None, config(Strategy::Spad));
    let equal = finished(equal, &train, None, config(Strategy::EqualRates));
    for (ours, all) in spad.records().iter().zip(equal.records()).skip(20) {
        assert_eq!(ours.partitioning, all.partitioning);
        // The least deficient partition of several never is, and those at or above expectation are not.
        assert!(ours.n_partitions < all.n_partitions);
        assert_eq!(ours.n_updates, ours.n_partitions);
    }
    // Without a number of its own, the longer base training makes as many updates as equal rates.
    let longer = classifier(3);
    let longer = finished(
        longer,
        &train,
        None,
        config(Strategy::BaseLonger { n_updates: None }),
    );
    assert_eq!(longer.n_fair_updates(), equal.n_fair_updates());
}

#[test]
fn gradient_descent_over_all_partitionings_makes_the_updates_of_the_one_at_hand() {
    let train = Scene::new(300, 1).classes();
    let model = classifier(3);
    let mut training = config(Strategy::SpadGd).train(model, &train, None).unwrap();
    let other = classifier(3);
    let mut spad = config(Strategy::Spad).train(other, &train, None).unwrap();
    for _ in 0..21 {
        training.step().unwrap();
        spad.step().unwrap();
    }
    let (of_all, of_one) = (&training.records()[20], &spad.records()[20]);
    assert_eq!(of_all.n_updates, of_one.n_updates);
    assert!(of_all.n_partitions > of_one.n_partitions);
}

#[test]
fn over_one_partitioning_with_one_deficient_partition_both_follow_the_same_gradient() {
    use wherefair_core::{Extent, Sites};
    use wherefair_nn::Samples;
    use wherefair_partition::PartitioningDistribution;
    use wherefair_train::SpatialSamples;

    let scene = Scene::new(300, 1);
    let halves =
        PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), 1, 2).unwrap();
    let samples = Samples::classes(&scene.features, 3, &scene.labels, 2).unwrap();
    let sites = Sites::new(&scene.x, &scene.y).unwrap();
    let train = SpatialSamples::new(&halves, sites, &samples).unwrap();
    let run = |strategy| {
        let model = classifier(3);
        let training = finished(model, &train, None, config(strategy));
        training.model().parameters().to_vec()
    };
    assert_eq!(run(Strategy::Spad), run(Strategy::SpadGd));
}

#[test]
fn a_penalty_of_weight_0_is_none_and_a_gentle_one_is_felt() {
    let train = Scene::new(300, 1).classes();
    let run = |regularizer| {
        let model = classifier(3);
        let training = finished(model, &train, None, config(Strategy::Regularized(regularizer)));
        let parameters = training.model().parameters().to_vec();
        let last = training.records().last().unwrap().clone();
        (parameters, last)
    };
    let without = run(Regularizer {
        weight: 0.0,
        ..Regularizer::default()
    });
    let model = classifier(3);
    let longer = finished(
        model,
        &train,
        None,
        config(Strategy::BaseLonger { n_updates: Some(17) }),
    );
    assert_eq!(longer.model().parameters(), without.0);
    let gentle = run(Regularizer {
        amplification: 2.0,
        threshold: Threshold::Given(0.25),
        ..Regularizer::default()
    });
    assert_ne!(gentle.0, without.0);
    assert!(gentle.1.objective.unwrap() < without.1.objective.unwrap());
}

#[test]
fn one_partitioning_is_at_hand_for_the_penalty_and_the_adversary_too() {
    let train = Scene::new(300, 1).classes();
    let names: Vec<String> = train
        .distribution()
        .candidates()
        .iter()
        .map(|one| one.name())
        .collect();
    for at in ["2x2", "9x9"] {
        let partitioning = at.to_owned();
        for strategy in [
            Strategy::RegularizedSingle {
                partitioning: partitioning.clone(),
                regularizer: Regularizer::default(),
            },
            Strategy::Adversarial {
                partitioning: partitioning.clone(),
                adversary: Adversary::default(),
            },
        ] {
            let model = classifier(3);
            let Some(index) = names.iter().position(|name| name == at) else {
                let error = config(strategy).train(model, &train, None).unwrap_err();
                assert!(
                    error.to_string().starts_with("invalid partitioning: 9x9"),
                    "{error}"
                );
                continue;
            };
            let training = finished(model, &train, None, config(strategy));
            let fair = training.records().iter().skip(20);
            assert!(fair.map(|record| record.partitioning).all(|at| at == Some(index)));
        }
    }
}

#[test]
fn the_penalty_on_one_partitioning_is_that_of_all_where_there_is_only_one() {
    use wherefair_core::{Extent, Sites};
    use wherefair_nn::Samples;
    use wherefair_partition::PartitioningDistribution;
    use wherefair_train::SpatialSamples;

    let scene = Scene::new(300, 1);
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let halves = PartitioningDistribution::equal_grids(extent, 1, 2).unwrap();
    let samples = Samples::classes(&scene.features, 3, &scene.labels, 2).unwrap();
    let train = SpatialSamples::new(&halves, Sites::new(&scene.x, &scene.y).unwrap(), &samples).unwrap();
    let regularizer = Regularizer {
        amplification: 2.0,
        threshold: Threshold::Given(0.25),
        ..Regularizer::default()
    };
    let run = |strategy| {
        let model = classifier(3);
        let training = finished(model, &train, None, config(strategy));
        training.model().parameters().to_vec()
    };
    let partitioning = "1x2".to_owned();
    assert_eq!(
        run(Strategy::Regularized(regularizer)),
        run(Strategy::RegularizedSingle {
            partitioning,
            regularizer
        })
    );
}

#[test]
fn an_adversary_of_weight_0_is_none() {
    let train = Scene::new(300, 1).classes();
    let run = |strategy| {
        let model = classifier(3);
        let training = finished(model, &train, None, config(strategy));
        training.model().parameters().to_vec()
    };
    let against = |weight| {
        run(Strategy::Adversarial {
            partitioning: "1x3".to_owned(),
            adversary: Adversary {
                weight,
                ..Adversary::default()
            },
        })
    };
    let longer = run(Strategy::BaseLonger { n_updates: Some(17) });
    assert_eq!(against(0.0), longer);
    assert_ne!(against(1.0), longer);
}

#[test]
fn an_adversary_outside_its_domain_is_rejected() {
    let good = Adversary::default();
    for (adversary, message) in [
        (
            Adversary {
                weight: f64::NAN,
                ..good
            },
            "invalid weight of the adversary: NaN (accepted: a finite number of at least 0)",
        ),
        (
            Adversary { weight: -1.0, ..good },
            "invalid weight of the adversary: -1 (accepted: a finite number of at least 0)",
        ),
        (
            Adversary { hidden: 0, ..good },
            "invalid hidden units of the adversary: 0 (accepted: 1 to 1024)",
        ),
        (
            Adversary {
                learning_rate: 0.0,
                ..good
            },
            "invalid learning rate of the adversary: 0 (accepted: a finite number above 0)",
        ),
        (
            Adversary {
                learning_rate: f64::INFINITY,
                ..good
            },
            "invalid learning rate of the adversary: inf (accepted: a finite number above 0)",
        ),
    ] {
        let partitioning = "1x3".to_owned();
        let strategy = Strategy::Adversarial {
            partitioning,
            adversary,
        };
        assert_eq!(params(strategy).check().unwrap_err().to_string(), message);
    }
}

#[test]
fn the_state_of_adam_is_carried_unless_it_is_to_be_zeroed() {
    let train = Scene::new(300, 1).classes();
    let step_after = |policy| {
        let model = classifier(3);
        let config = params(Strategy::EqualRates).adam_state(policy).check().unwrap();
        let training = finished(model, &train, None, config);
        let updates: u64 = training.records().iter().map(|record| record.n_updates).sum();
        (training.model().optimizer_state().step, updates)
    };
    let (carried, updates) = step_after(StatePolicy::Carried);
    assert_eq!(carried, updates);
    let (zeroed, _) = step_after(StatePolicy::ResetEachPartition);
    assert_eq!(zeroed, 1);
}

#[test]
fn the_released_parameters_run() {
    let train = Scene::new(300, 1).classes();
    let config = SpadParams::released(WEIGHTED_F1)
        .schedule(schedule(20, STAGES))
        .check()
        .unwrap();
    assert_eq!(config.strategy(), &Strategy::EqualRates);
    let model = network(2, Loss::SOFT_DICE, 3);
    let training = finished(model, &train, None, config);
    assert!(training.n_fair_updates() > 0);
    let global = training.records()[19].measured.unwrap().quality;
    let n = train.distribution().len();
    assert!((0..n).all(|index| training.referee().expectation(index) == global));
}
