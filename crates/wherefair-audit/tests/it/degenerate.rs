//! Samples that leave little to audit.

use wherefair_audit::{
    AuditError, AuditParams, InMemory, Outcomes, ReferenceRule, SampleSource, Score, Silent, audit_source,
};
use wherefair_core::{Seed, Sites};
use wherefair_metrics::{ClassScore, ErrorKind, ValueScore};

use crate::scene::{F1, MAE, Scene, Streamed, config, grids, run};

const LOG_RATIO: Score = Score::Value {
    error: ErrorKind::LogRatio,
    score: ValueScore::MeanAbsolute,
};

fn fails(source: &mut dyn SampleSource, score: Score) -> String {
    audit_source(source, &grids(2, 2), &config(score), &Silent)
        .unwrap_err()
        .to_string()
}

#[test]
fn no_samples_are_an_error() {
    let empty = Scene::default();
    assert_eq!(
        fails(&mut empty.values(), MAE),
        "no sample lies in any partition (0 lie outside all of them)"
    );
    assert!(fails(&mut empty.classes(), F1).starts_with("no sample"));
    assert!(
        fails(
            &mut Streamed {
                all: empty.values(),
                n: 5
            },
            MAE
        )
        .starts_with("no sample")
    );
}

#[test]
fn samples_outside_every_partition_are_an_error() {
    let mut scene = Scene::new(100, 0.0, Seed::new(1));
    scene.x.iter_mut().for_each(|x| *x += 5.0);
    assert_eq!(
        fails(&mut scene.values(), MAE),
        "no sample lies in any partition (100 lie outside all of them)"
    );
}

#[test]
fn samples_outside_are_left_out_of_the_permutations_too() {
    let mut scene = Scene::new(2000, 0.0, Seed::new(1));
    for i in 0..500 {
        scene.x[i] += 5.0;
        scene.pred[i] += 1000.0;
        scene.pred_class[i] = (scene.true_class[i] + 1) % 4;
    }
    let few = scene.clone();
    let result = run(&mut few.values(), &config(MAE));
    assert_eq!((result.n_samples, result.n_outside), (1500, 500));
    assert!(result.spad.expectation.null.unwrap().mean < 1.0);
    let result = run(&mut few.classes(), &config(F1));
    assert_eq!((result.n_samples, result.n_outside), (1500, 500));
    assert!(result.global.unwrap() > 0.6);
}

#[test]
fn one_and_two_samples_can_be_audited_when_asked() {
    for n in [1, 2] {
        let scene = Scene::new(n, 0.0, Seed::new(4));
        assert!(fails(&mut scene.values(), MAE).starts_with("no partition can be scored"));
        let config = AuditParams::new(MAE)
            .min_samples(1)
            .n_permutations(9)
            .check()
            .unwrap();
        let result = run(&mut scene.values(), &config);
        assert_eq!(result.n_samples, n as u64);
        assert!(result.spad.expectation.observed.is_finite());
    }
}

#[test]
fn a_perfect_model_deviates_nowhere() {
    let mut scene = Scene::new(2000, 0.0, Seed::new(4));
    scene.pred = scene.truth.clone();
    scene.pred_class = scene.true_class.clone();
    for result in [
        run(&mut scene.values(), &config(MAE)),
        run(&mut scene.classes(), &config(F1)),
    ] {
        assert!(result.spad.expectation.observed.abs() < 1e-15);
        assert!((result.spad.expectation.null.unwrap().p_value - 1.0).abs() < 1e-15);
        assert!(result.worst_places.is_empty());
    }
}

#[test]
fn one_class_is_audited() {
    let mut scene = Scene::new(500, 0.0, Seed::new(4));
    scene.true_class = vec![0; 500];
    scene.pred_class = vec![0; 500];
    let result = run(&mut scene.classes(), &config(F1));
    assert_eq!(result.global, Some(1.0));
}

#[test]
fn a_log_ratio_of_nothing_names_the_row() {
    let mut scene = Scene::new(500, 0.0, Seed::new(4));
    scene
        .truth
        .iter_mut()
        .for_each(|truth| *truth = truth.abs() + 1.0);
    scene.pred = scene.truth.clone();
    scene.pred[123] = 0.0;
    let message = fails(&mut scene.values(), LOG_RATIO);
    assert!(
        message.starts_with("row 123: the log ratio of prediction 0 and truth "),
        "{message}"
    );
    assert!(
        message.ends_with("(accepted: positive truth and prediction)"),
        "{message}"
    );
}

#[test]
fn huge_values_overflow_into_an_error() {
    let mut scene = Scene::new(500, 0.0, Seed::new(4));
    scene.pred[7] = 1e200;
    assert!(fails(&mut scene.values(), MAE).starts_with("row 7"));
}

#[test]
fn values_and_classes_are_not_confused() {
    let scene = Scene::new(100, 0.0, Seed::new(1));
    assert_eq!(
        fails(&mut scene.classes(), MAE),
        "score `mean absolute error` needs real values, but the samples hold class labels"
    );
    assert!(matches!(
        audit_source(&mut scene.values(), &grids(2, 2), &config(F1), &Silent),
        Err(AuditError::WrongOutcome { .. })
    ));
}

#[test]
fn columns_of_different_length_are_named() {
    let sites = Sites::new(&[0.0, 1.0], &[0.0, 1.0]).unwrap();
    let outcomes = Outcomes::Classes {
        truth: &[0, 1],
        pred: &[0],
        base: None,
    };
    assert_eq!(
        InMemory::new(sites, outcomes).unwrap_err().to_string(),
        "column `pred` has shape (1,), the coordinates have shape (2,)"
    );
}

#[test]
fn values_that_are_not_finite_are_named() {
    let sites = Sites::new(&[0.0, 1.0], &[0.0, 1.0]).unwrap();
    for bad in [f64::NAN, f64::INFINITY] {
        let truth = [0.0, bad];
        let outcomes = Outcomes::Values {
            truth: &truth,
            pred: &[0.0, 0.0],
            base: None,
        };
        let message = InMemory::new(sites, outcomes).unwrap_err().to_string();
        assert!(message.starts_with("invalid truth of sample 1"), "{message}");
    }
}

#[test]
fn a_missing_base_model_is_an_error() {
    let scene = Scene::new(100, 0.0, Seed::new(1));
    let config = AuditParams::new(MAE)
        .reference(ReferenceRule::BaseModel)
        .check()
        .unwrap();
    assert!(matches!(
        audit_source(&mut scene.values(), &grids(2, 2), &config, &Silent),
        Err(AuditError::NoBaseModel)
    ));
}

#[test]
fn parameters_outside_their_domain_are_rejected() {
    let params = AuditParams::new(Score::Class(ClassScore::Accuracy));
    for bad in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(params.confidence(bad).check().is_err());
        assert!(params.false_discovery_rate(bad).check().is_err());
    }
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(params.fail_above(Some(bad)).check().is_err());
    }
    assert!(params.reference(ReferenceRule::Fixed(f64::NAN)).check().is_err());
    assert!(params.min_samples(0).check().is_err());
    assert!(params.n_permutations(u32::MAX).check().is_err());
}
