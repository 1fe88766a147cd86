//! What the method is for: less unfairness at about the same quality.

use wherefair_audit::{Measured, Orientation, ReferenceRule};
use wherefair_metrics::Distance;
use wherefair_nn::Loss;
use wherefair_spad::{SpadParams, Strategy};
use wherefair_train::{EpochRecord, Phase, Training, select_fair};

use crate::scene::{RMSE, Scene, WEIGHTED_F1, classifier, finished, network, schedule};

/// By what factor SPAD must lower S(d)mean on validation samples.
const MARGIN: f64 = 0.7;

#[test]
fn spad_lowers_unfairness_of_classes() {
    let (train, validation) = (Scene::new(2_000, 1).classes(), Scene::new(2_000, 2).classes());
    let params = SpadParams::new(WEIGHTED_F1)
        .schedule(schedule(150, &[(5, 16), (1, 60)]))
        .learning_rate(0.01)
        .max_quality_loss(0.03);
    let model = classifier(3);
    let training = finished(model, &train, Some(&validation), params.check().unwrap());
    let base = training.records()[149].measured.unwrap();
    let fairest = training.fairest().unwrap();
    let (before, after) = (base.deviation_mean, fairest.measured.deviation_mean);
    assert!(after < MARGIN * before, "{before} to {after}");
    assert!(fairest.measured.quality.unwrap() > 0.97 * base.quality.unwrap());
    let selected = select_fair(training.records(), WEIGHTED_F1.orientation(), 0.03).unwrap();
    assert_eq!(selected.epoch, fairest.epoch);
}

#[test]
fn spad_lowers_unfairness_of_errors() {
    let (train, validation) = (Scene::new(2_000, 1).values(), Scene::new(2_000, 2).values());
    let params = SpadParams::new(RMSE)
        .schedule(schedule(100, &[(5, 16), (1, 60)]))
        .learning_rate(0.01)
        .max_quality_loss(0.1);
    let model = network(1, Loss::MeanSquared, 3);
    let training = finished(model, &train, Some(&validation), params.check().unwrap());
    let base = training.records()[99].measured.unwrap();
    let fairest = training.fairest().unwrap();
    let (before, after) = (base.deviation_mean, fairest.measured.deviation_mean);
    assert!(after < MARGIN * before, "{before} to {after}");
}

#[test]
fn the_fairest_model_can_be_kept() {
    let train = Scene::new(600, 1).classes();
    let params = SpadParams::new(WEIGHTED_F1)
        .strategy(Strategy::Spad)
        .schedule(schedule(60, &[(1, 40)]))
        .learning_rate(0.01);
    let model = classifier(3);
    let training = finished(model, &train, None, params.check().unwrap());
    let (model, fairest) = training.into_fairest().unwrap();
    let fairest = fairest.unwrap();
    assert_eq!(model.parameters(), fairest.parameters);
}

#[test]
fn where_nothing_is_good_enough_the_base_model_is_kept() {
    let record = |epoch, quality, deviation_mean| EpochRecord {
        epoch,
        phase: Phase::Fair,
        partitioning: None,
        loss: None,
        n_updates: 1,
        n_partitions: 1,
        objective: None,
        measured: Some(Measured {
            quality,
            deviation_mean,
            deviation_max: 1.0,
        }),
    };
    let chosen = |records: &[EpochRecord], orientation| {
        select_fair(records, orientation, 0.01).map(|record| record.epoch)
    };
    let higher = Orientation::HigherIsBetter;
    let records = [
        record(5, Some(0.8), 2.0),
        record(6, Some(0.7), 1.0),
        record(7, None, 0.5),
        record(8, Some(0.793), 2.0),
    ];
    assert_eq!(chosen(&records, higher), Some(5));
    // Of errors, 0.7 is better than 0.8.
    assert_eq!(chosen(&records, Orientation::LowerIsBetter), Some(6));
    assert_eq!(chosen(&records[2..3], higher), None);
    assert_eq!(chosen(&[], higher), None);
}

/// What every record measures, with S(d) measured by `rule` and `distance`, interrupted or not.
fn measured_by(rule: ReferenceRule, distance: Distance) -> Vec<(EpochRecord, Measured)> {
    let (train, validation) = (Scene::new(300, 1).classes(), Scene::new(200, 2).classes());
    let config = SpadParams::new(WEIGHTED_F1)
        .schedule(schedule(20, &[(1, 8)]))
        .learning_rate(0.02)
        .measured_from(rule)
        .distance(distance)
        .min_validation_samples(5)
        .check()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    let mut training = config.train(classifier(3), &train, Some(&validation)).unwrap();
    let mut of_base = None;
    let mut measured = Vec::new();
    while let Some(record) = training.step().unwrap().cloned() {
        // Another training goes on: what the base model scored is found anew.
        training.save(&path).unwrap();
        training = config.train(classifier(9), &train, Some(&validation)).unwrap();
        training.resume(&path).unwrap();
        let scores = validation.scores(training.model(), WEIGHTED_F1, 5).unwrap();
        if record.phase == Phase::Base {
            of_base = Some(scores.clone());
        }
        if record.measured.is_some() {
            let expected = scores.measured(rule, distance, of_base.as_ref()).unwrap();
            measured.push((record, expected));
        }
    }
    let orientation = WEIGHTED_F1.orientation();
    let selected = select_fair(training.records(), orientation, 0.01).unwrap().epoch;
    assert_eq!(training.fairest().unwrap().epoch, selected);
    measured
}

#[test]
fn the_model_to_keep_is_chosen_by_the_reference_and_distance_of_the_audit() {
    let of_paper = measured_by(ReferenceRule::PartitionMean, Distance::Absolute);
    for (rule, distance) in [
        (ReferenceRule::PartitionMean, Distance::Absolute),
        (ReferenceRule::PartitionMean, Distance::Squared),
        (ReferenceRule::WeightedPartitionMean, Distance::Absolute),
        (ReferenceRule::Global, Distance::Absolute),
        (ReferenceRule::Fixed(0.9), Distance::Absolute),
        (ReferenceRule::BaseModel, Distance::Absolute),
        (ReferenceRule::WeightedBaseModel, Distance::Squared),
    ] {
        let found = measured_by(rule, distance);
        assert_eq!(found.len(), 9);
        for (record, expected) in &found {
            assert_eq!(record.measured, Some(*expected), "{rule:?}, {distance:?}");
        }
        let is_of_paper = rule == ReferenceRule::PartitionMean && distance == Distance::Absolute;
        assert_eq!(found == of_paper, is_of_paper, "{rule:?}, {distance:?}");
    }
}

#[test]
fn without_a_base_model_nothing_is_measured_from_one() {
    let train = Scene::new(100, 1).classes();
    let config = SpadParams::new(WEIGHTED_F1)
        .strategy(Strategy::SpadNoBase)
        .measured_from(ReferenceRule::BaseModel)
        .check()
        .unwrap();
    let error = config.train(classifier(3), &train, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid measured_from: the base model (accepted: a rule without a base model, which SPAD-no-base has not)"
    );
}

#[test]
fn a_training_can_be_kept_returned_and_sent() {
    struct Kept {
        training: Training,
    }
    let begin = || {
        let train = Scene::new(200, 1).classes();
        let params = SpadParams::new(WEIGHTED_F1).schedule(schedule(3, &[(1, 2)]));
        let training = params.check().unwrap().train(classifier(3), &train, None);
        Kept {
            training: training.unwrap(),
        }
    };
    let mut here = begin();
    while here.training.step().unwrap().is_some() {}
    let there = std::thread::spawn(move || {
        let mut kept = begin();
        while kept.training.step().unwrap().is_some() {}
        kept
    });
    let there = there.join().unwrap();
    assert_eq!(
        here.training.model().parameters(),
        there.training.into_model().parameters()
    );
}
