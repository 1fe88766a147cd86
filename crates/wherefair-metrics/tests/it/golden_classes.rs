//! Class scores against scikit-learn (and the rule of the released SPAD code against a plain reading of it).

use serde::Deserialize;
use wherefair_metrics::{Averaging, ClassScore, ClassTallies, ZeroDivision};

use crate::golden::{assert_close, cases, golden};

/// Means of quotients of small whole numbers, taken in different orders.
const SCORE_TOLERANCE: f64 = 1e-12;

const N_SCORES: usize = 2254;

#[derive(Deserialize)]
struct Case {
    name: String,
    n_classes: usize,
    truth: Vec<u32>,
    pred: Vec<u32>,
    scores: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    score: String,
    averaging: Option<String>,
    zero: Option<String>,
    positive: Option<u32>,
    value: Option<f64>,
}

impl Expected {
    fn score(&self) -> ClassScore {
        let averaged = || (self.averaging(), self.zero());
        let positive = || self.positive.unwrap();
        match self.score.as_str() {
            "accuracy" => ClassScore::Accuracy,
            "balanced_accuracy" => ClassScore::BalancedAccuracy,
            "cohen_kappa" => ClassScore::CohenKappa,
            "matthews" => ClassScore::Matthews,
            "precision" => ClassScore::Precision(averaged().0, averaged().1),
            "recall" => ClassScore::Recall(averaged().0, averaged().1),
            "f1" => ClassScore::F1(averaged().0, averaged().1),
            "jaccard" => ClassScore::Jaccard(averaged().0, averaged().1),
            "selection_rate" => ClassScore::SelectionRate { positive: positive() },
            "base_rate" => ClassScore::BaseRate { positive: positive() },
            "true_positive_rate" => ClassScore::TruePositiveRate { positive: positive() },
            "false_positive_rate" => ClassScore::FalsePositiveRate { positive: positive() },
            "false_negative_rate" => ClassScore::FalseNegativeRate { positive: positive() },
            other => panic!("unknown score {other}"),
        }
    }

    fn averaging(&self) -> Averaging {
        match self.averaging.as_deref().unwrap() {
            "weighted" => Averaging::Weighted,
            "macro" => Averaging::Macro,
            "binary" => Averaging::Binary {
                positive: self.positive.unwrap(),
            },
            other => panic!("unknown averaging {other}"),
        }
    }

    fn zero(&self) -> ZeroDivision {
        match self.zero.as_deref().unwrap() {
            "zero" => ZeroDivision::Zero,
            "one" => ZeroDivision::One,
            "exclude" => ZeroDivision::Exclude,
            "mean_of_others" => ZeroDivision::MeanOfOthers,
            other => panic!("unknown rule {other}"),
        }
    }
}

#[test]
fn class_scores_agree_with_scikit_learn() {
    let mut n_scores = 0;
    let mut n_undefined = 0;
    for case in cases::<Case>(golden().classes) {
        // The case lies in the middle cell, so that neighbours would show.
        let mut tallies = ClassTallies::new(3, case.n_classes);
        let cells = vec![1; case.truth.len()];
        tallies.record(&cells, &case.truth, &case.pred).unwrap();
        for expected in &case.scores {
            let score = expected.score();
            let what = format!("{}, {}", case.name, score.name());
            let found = score.evaluate(tallies.counts(1));
            match (found, expected.value) {
                (Some(found), Some(value)) => assert_close(found, value, SCORE_TOLERANCE, 1.0, &what),
                (None, None) => n_undefined += 1,
                (found, value) => panic!("{what}: {found:?}, not {value:?}"),
            }
            n_scores += 1;
        }
    }
    assert_eq!(n_scores, N_SCORES);
    assert!(n_undefined > 0);
}
