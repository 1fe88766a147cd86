//! What the method is for: less unfairness at about the same quality.

use wherefair_audit::Orientation;
use wherefair_nn::Loss;
use wherefair_spad::{EpochRecord, Measured, Phase, SpadParams, Strategy, select_fair};

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
    let mut model = classifier(3);
    let training = finished(&mut model, &train, Some(&validation), params.check().unwrap());
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
    let mut model = network(1, Loss::MeanSquared, 3);
    let training = finished(&mut model, &train, Some(&validation), params.check().unwrap());
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
    let mut model = classifier(3);
    let training = finished(&mut model, &train, None, params.check().unwrap());
    let fairest = training.into_fairest().unwrap().unwrap();
    assert_eq!(wherefair_nn::Trainable::parameters(&model), fairest.parameters);
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
