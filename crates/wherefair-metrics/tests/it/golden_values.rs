//! Scores of numeric predictions against scikit-learn.

use serde::Deserialize;
use wherefair_metrics::{ErrorKind, QuantileTally, ValueScore, ValueTally, median};

use crate::golden::{assert_close, cases, golden};

/// Sums of 50 errors in different orders; for R² the cancellation that the shift leaves.
const SCORE_TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Case {
    name: String,
    truth: Vec<f64>,
    pred: Vec<f64>,
    mean_absolute: f64,
    root_mean_square: f64,
    mean_signed: f64,
    r_squared: f64,
    median_absolute: f64,
    mean_absolute_percentage: f64,
    mean_absolute_log_ratio: Option<f64>,
    root_mean_square_log_ratio: Option<f64>,
}

impl Case {
    fn tally(&self, kind: ErrorKind) -> ValueTally {
        let mut tally = ValueTally::default();
        for (&truth, &pred) in self.truth.iter().zip(&self.pred) {
            tally.record(kind.error(truth, pred), truth - self.truth[0]);
        }
        tally
    }
}

#[test]
fn value_scores_agree_with_scikit_learn() {
    let mut n_with_logarithms = 0;
    for case in cases::<Case>(golden().values) {
        let check = |tally: &ValueTally, score: ValueScore, expected: f64, floor: f64| {
            let what = format!("{}, {}", case.name, score.name());
            assert_close(
                score.evaluate(tally).unwrap(),
                expected,
                SCORE_TOLERANCE,
                floor,
                &what,
            );
        };
        let tally = case.tally(ErrorKind::Difference);
        check(&tally, ValueScore::MeanAbsolute, case.mean_absolute, 0.0);
        check(&tally, ValueScore::RootMeanSquare, case.root_mean_square, 0.0);
        check(
            &tally,
            ValueScore::MeanSigned,
            case.mean_signed,
            case.mean_absolute,
        );
        check(&tally, ValueScore::RSquared, case.r_squared, 1.0);
        let relative = case.tally(ErrorKind::RelativeDifference);
        check(
            &relative,
            ValueScore::MeanAbsolute,
            case.mean_absolute_percentage,
            0.0,
        );
        let ratio = case.tally(ErrorKind::LogRatio);
        if let (Some(mean), Some(root)) = (case.mean_absolute_log_ratio, case.root_mean_square_log_ratio) {
            // The library subtracts logarithms; near 10⁶ that leaves errors of 10⁻¹⁵ in differences of 10⁻⁶.
            let floor = case.truth[0].abs().ln().abs().max(1.0) * 1e-3;
            check(&ratio, ValueScore::MeanAbsolute, mean, floor);
            check(&ratio, ValueScore::RootMeanSquare, root, floor);
            n_with_logarithms += 1;
        } else {
            assert_eq!(ValueScore::MeanAbsolute.evaluate(&ratio), None);
        }
    }
    assert_eq!(n_with_logarithms, 3);
}

#[test]
fn medians_agree_with_scikit_learn() {
    for case in cases::<Case>(golden().values) {
        let mut errors: Vec<f64> = case
            .truth
            .iter()
            .zip(&case.pred)
            .map(|(truth, pred)| (pred - truth).abs())
            .collect();
        let mut sketch = QuantileTally::default();
        for &error in &errors {
            sketch.record(error).unwrap();
        }
        let exact = median(&mut errors).unwrap();
        assert_close(exact, case.median_absolute, SCORE_TOLERANCE, 0.0, &case.name);
        let bound = QuantileTally::RELATIVE_ERROR * (1.0 + SCORE_TOLERANCE);
        let rough = sketch.quantile(0.5).unwrap();
        assert_close(rough, case.median_absolute, bound, 0.0, &case.name);
    }
}
