//! The audit of four columns, against the audit of the same samples step by step.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers are cast"
)]

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use wherefair_audit::{
    Audit, AuditError, AuditParams, InMemory, Outcome, Outcomes, Score, Silent, ToOutcome, audit,
    audit_source,
};
use wherefair_core::{Extent, Sites};
use wherefair_data::{ColumnRequest, ReadRequest, bundled};
use wherefair_partition::PartitioningDistribution;

use crate::scene::{F1, MAE};

/// Every eighth of the bundled houses: x, y, price, the assessor's value, and their storeys.
struct Houses {
    x: Vec<f64>,
    y: Vec<f64>,
    price: Vec<f64>,
    value: Vec<f64>,
    storeys: Vec<u32>,
    labels: Vec<String>,
}

impl Houses {
    fn new() -> Self {
        let table = bundled::lucas_county_houses().unwrap();
        let numbers = ["x_m", "y_m", "price", "avalue"].map(ColumnRequest::number);
        let columns = numbers.into_iter().chain([ColumnRequest::label("stories")]);
        let mut batches = table.read(&ReadRequest::new(columns.collect())).unwrap();
        let batch = batches.next().unwrap().unwrap();
        let some = |i: usize| {
            batch.columns[i]
                .numbers()
                .unwrap()
                .iter()
                .step_by(8)
                .copied()
                .collect()
        };
        Self {
            x: some(0),
            y: some(1),
            price: some(2),
            value: some(3),
            storeys: batch.columns[4]
                .labels()
                .unwrap()
                .iter()
                .step_by(8)
                .copied()
                .collect(),
            labels: batches.labels(4).to_vec(),
        }
    }

    fn step_by_step(&self, outcomes: Outcomes<'_>, score: Score) -> Audit {
        let sites = Sites::new(&self.x, &self.y).unwrap();
        let maps = PartitioningDistribution::equal_grids(Extent::of(&sites).unwrap().unwrap(), 5, 5).unwrap();
        let config = AuditParams::new(score).check().unwrap();
        audit_source(
            &mut InMemory::new(sites, outcomes).unwrap(),
            &maps,
            &config,
            &Silent,
        )
        .unwrap()
    }

    fn audit<T: ToOutcome, P: ToOutcome>(&self, truth: &[T], pred: &[P]) -> Result<Audit, AuditError> {
        audit(truth, pred, &self.x, &self.y)
    }
}

#[test]
fn values_of_any_type_are_audited_as_step_by_step() {
    let houses = Houses::new();
    let (truth, pred) = (houses.price.as_slice(), houses.value.as_slice());
    let expected = houses.step_by_step(
        Outcomes::Values {
            truth,
            pred,
            base: None,
        },
        MAE,
    );
    assert_eq!(houses.audit(truth, pred).unwrap(), expected);
    // Prices are whole numbers below 2²⁴.
    let single: Vec<f32> = pred.iter().map(|&value| value as f32).collect();
    let whole: Vec<u32> = truth.iter().map(|&price| price as u32).collect();
    assert_eq!(houses.audit(&whole, &single).unwrap(), expected);
}

#[test]
fn labels_of_any_type_are_audited_as_step_by_step() {
    let houses = Houses::new();
    // Storeys, and those of a neighbour for every third house, numbered as rows show them.
    let n = houses.storeys.len();
    let storeys: Vec<&str> = houses
        .storeys
        .iter()
        .map(|&label| houses.labels[label as usize].as_str())
        .collect();
    let guess: Vec<&str> = (0..n)
        .map(|i| storeys[if i % 3 == 0 { (i + 1) % n } else { i }])
        .collect();
    let mut seen: Vec<&str> = Vec::new();
    let (mut truth, mut pred) = (Vec::new(), Vec::new());
    for (own, guessed) in storeys.iter().zip(&guess) {
        for (label, numbers) in [(own, &mut truth), (guessed, &mut pred)] {
            let known = seen.iter().position(|seen| seen == label).unwrap_or(seen.len());
            if known == seen.len() {
                seen.push(label);
            }
            numbers.push(known as u32);
        }
    }
    let outcomes = Outcomes::Classes {
        truth: &truth,
        pred: &pred,
        base: None,
    };
    let expected = houses.step_by_step(outcomes, F1);
    let owned: Vec<String> = storeys.iter().map(|&label| label.to_owned()).collect();
    let boxed: Vec<Box<str>> = guess.iter().map(|&label| label.into()).collect();
    let shared: Vec<Arc<str>> = guess.iter().map(|&label| label.into()).collect();
    let counted: Vec<Rc<str>> = guess.iter().map(|&label| label.into()).collect();
    let borrowed: Vec<Cow<'_, str>> = guess.iter().map(|&label| label.into()).collect();
    let references: Vec<&String> = owned.iter().collect();
    assert_eq!(houses.audit(&owned, &guess).unwrap(), expected);
    assert_eq!(houses.audit(&storeys, &boxed).unwrap(), expected);
    assert_eq!(houses.audit(&references, &shared).unwrap(), expected);
    assert_eq!(houses.audit(&storeys, &counted).unwrap(), expected);
    assert_eq!(houses.audit(&storeys, &borrowed).unwrap(), expected);
    // Codes of any size, negative ones too.
    let codes: Vec<i64> = truth.iter().map(|&label| 7 - i64::from(label)).collect();
    let guessed: Vec<i8> = pred.iter().map(|&label| 7 - label as i8).collect();
    assert_eq!(houses.audit(&codes, &guessed).unwrap(), expected);
}

#[test]
fn booleans_are_two_classes() {
    let houses = Houses::new();
    let dear = |values: &[f64]| -> Vec<bool> { values.iter().map(|&value| value > 80_000.0).collect() };
    let (truth, pred) = (dear(&houses.price), dear(&houses.value));
    let number =
        |column: &[bool]| -> Vec<u32> { column.iter().map(|&is| u32::from(is != truth[0])).collect() };
    let outcomes = Outcomes::Classes {
        truth: &number(&truth),
        pred: &number(&pred),
        base: None,
    };
    assert_eq!(
        houses.audit(&truth, &pred).unwrap(),
        houses.step_by_step(outcomes, F1)
    );
}

#[test]
fn types_of_users_can_be_audited() {
    enum Crop {
        Wheat,
        Maize,
    }
    impl ToOutcome for Crop {
        fn to_outcome(&self) -> Outcome<'_> {
            Outcome::Text(match self {
                Self::Wheat => "wheat",
                Self::Maize => "maize",
            })
        }
    }
    let x: Vec<f64> = (0..200).map(f64::from).collect();
    let crops: Vec<Crop> = (0..200)
        .map(|i| if i % 2 == 0 { Crop::Wheat } else { Crop::Maize })
        .collect();
    let result = audit(&crops, &crops, &x, &x).unwrap();
    assert_eq!(result.global, Some(1.0));
    assert!(
        result
            .sentence()
            .starts_with("No evidence that the model works better in some places")
    );
}

#[test]
fn labels_of_one_column_only_are_noted_and_one_class_alone_is_audited() {
    let x: Vec<f64> = (0..1000).map(f64::from).collect();
    let truth: Vec<u8> = (0..1000).map(|i| u8::from(i == 50)).collect();
    let result = audit(&truth, &[0_u8; 1000], &x, &x).unwrap();
    assert_eq!(
        result.notes[0],
        "Some labels are seen in one column only (only in truth: 1)."
    );
    let result = audit(&["a"; 1000], &["a"; 1000], &x, &x).unwrap();
    assert_eq!(
        (result.global, result.spad.max, result.notes.len()),
        (Some(1.0), 0.0, 0)
    );
}

#[test]
fn bad_columns_are_errors_with_a_place() {
    let x: Vec<f64> = (0..100).map(f64::from).collect();
    let message = |result: Result<Audit, AuditError>| result.unwrap_err().to_string();
    let (ones, labels) = ([1.0; 100], ["a"; 100]);
    let mut broken = ones;
    broken[7] = f64::NAN;
    let mut empty = labels;
    empty[3] = "";
    for (result, expected) in [
        (
            audit(&ones, &ones[1..], &x, &x),
            "column `pred` has shape (99,), the coordinates have shape (100,)",
        ),
        (
            audit(&ones, &broken, &x, &x),
            "invalid pred of sample 7: NaN (accepted: a finite number)",
        ),
        (
            audit(&labels, &ones, &x, &x),
            "invalid truth of sample 0: a (accepted: a number, as the other column holds)",
        ),
        (
            audit(&labels, &empty, &x, &x),
            "invalid pred of sample 3: \"\" (accepted: a label that is not empty, or a whole number)",
        ),
        (
            audit(&labels, &["b"; 100], &x, &x),
            "invalid pred: b (accepted: labels of truth: a)",
        ),
        (
            audit(&ones, &ones, &x, &ones),
            "invalid y: 1 for all samples (accepted: coordinates that differ; maps of one row or one column are for `audit_source`)",
        ),
        (
            audit(&ones[..0], &ones[..0], &[], &[]),
            "no sample lies in any partition (0 lie outside all of them)",
        ),
    ] {
        assert_eq!(message(result), expected);
    }
    let error = message(audit(&ones, &ones, &broken, &x));
    assert!(error.contains("coordinate of sample 7"), "{error}");
    assert!(message(audit(&ones, &ones, &x[1..], &x)).contains("99"));
    assert!(message(audit(&ones[..1], &ones[..1], &x[..1], &x[..1])).contains("for all samples"));
    let error = audit(&ones[..2], &ones[..2], &x[..2], &x[..2]).unwrap_err();
    assert!(
        matches!(error, AuditError::NothingScored { min_samples: 30, .. }),
        "{error}"
    );
}
