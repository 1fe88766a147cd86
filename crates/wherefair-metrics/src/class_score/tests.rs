//! Hand-worked scores.

use super::*;

/// Quotients of small whole numbers, to the rounding of a few operations.
const ROUNDING: f64 = 1e-15;

/// Class 0: precision 2/4, recall 2/3. Class 1: never predicted. Class 2: no support. Class 3: absent.
const GAPS: ClassCounts<'static> = ClassCounts {
    true_positives: &[2, 0, 0, 0],
    support: &[3, 3, 0, 0],
    predicted: &[4, 0, 2, 0],
};

const NONE: ClassCounts<'static> = ClassCounts {
    true_positives: &[0, 0],
    support: &[0, 0],
    predicted: &[0, 0],
};

fn every_score() -> Vec<ClassScore> {
    let mut scores = vec![
        ClassScore::Accuracy,
        ClassScore::BalancedAccuracy,
        ClassScore::CohenKappa,
        ClassScore::Matthews,
        ClassScore::SelectionRate { positive: 0 },
        ClassScore::BaseRate { positive: 0 },
        ClassScore::TruePositiveRate { positive: 0 },
        ClassScore::FalsePositiveRate { positive: 0 },
        ClassScore::FalseNegativeRate { positive: 0 },
    ];
    for averaging in [
        Averaging::Weighted,
        Averaging::Macro,
        Averaging::Binary { positive: 1 },
    ] {
        for zero in [
            ZeroDivision::Zero,
            ZeroDivision::One,
            ZeroDivision::Exclude,
            ZeroDivision::MeanOfOthers,
        ] {
            scores.push(ClassScore::Precision(averaging, zero));
            scores.push(ClassScore::Recall(averaging, zero));
            scores.push(ClassScore::F1(averaging, zero));
            scores.push(ClassScore::Jaccard(averaging, zero));
        }
    }
    scores
}

fn assert_close(score: ClassScore, expected: f64) {
    let value = score.evaluate(GAPS).unwrap();
    assert!(
        (value - expected).abs() < ROUNDING,
        "{}: {value}, not {expected}",
        score.name()
    );
}

#[test]
fn no_sample_has_no_score() {
    for score in every_score() {
        assert_eq!(score.evaluate(NONE), None, "{}", score.name());
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<String> = every_score().iter().map(ClassScore::name).collect();
    let n = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), n);
}

#[test]
fn undefined_precision_follows_its_rule() {
    let precision = |averaging, zero| ClassScore::Precision(averaging, zero);
    // Defined: class 0 = 1/2, class 2 = 0; class 1 is 0/0; class 3 does not occur.
    assert_close(precision(Averaging::Macro, ZeroDivision::Zero), 0.5 / 3.0);
    assert_close(precision(Averaging::Macro, ZeroDivision::One), 1.5 / 3.0);
    assert_close(precision(Averaging::Macro, ZeroDivision::Exclude), 0.25);
    assert_close(precision(Averaging::Macro, ZeroDivision::MeanOfOthers), 0.25);
    assert_close(precision(Averaging::Weighted, ZeroDivision::Zero), 0.25);
    assert_close(precision(Averaging::Weighted, ZeroDivision::One), 0.75);
    assert_close(precision(Averaging::Weighted, ZeroDivision::Exclude), 0.5);
    assert_close(precision(Averaging::Weighted, ZeroDivision::MeanOfOthers), 0.375);
    let one = Averaging::Binary { positive: 1 };
    assert_close(precision(one, ZeroDivision::One), 1.0);
    assert_close(precision(one, ZeroDivision::MeanOfOthers), 0.25);
    assert_eq!(precision(one, ZeroDivision::Exclude).evaluate(GAPS), None);
}

#[test]
fn the_released_rule_changes_macro_f1_through_absent_classes_only() {
    // F1: class 0 = 4/7, classes 1 and 2 = 0, class 3 from mean precision 1/4 and mean recall 1/3.
    let filled = 2.0 * 0.25 / 3.0 / (0.25 + 1.0 / 3.0);
    let f1 = |averaging, zero| ClassScore::F1(averaging, zero);
    assert_close(f1(Averaging::Macro, ZeroDivision::Zero), 4.0 / 21.0);
    assert_close(
        f1(Averaging::Macro, ZeroDivision::MeanOfOthers),
        (4.0 / 7.0 + filled) / 4.0,
    );
    assert_close(f1(Averaging::Weighted, ZeroDivision::MeanOfOthers), 2.0 / 7.0);
    assert_close(f1(Averaging::Weighted, ZeroDivision::Zero), 2.0 / 7.0);
}

#[test]
fn a_cell_predicted_wrong_throughout_keeps_its_score_when_undefined_classes_are_left_out() {
    let counts = ClassCounts {
        true_positives: &[0, 0],
        support: &[5, 0],
        predicted: &[0, 5],
    };
    let score = ClassScore::Precision(Averaging::Weighted, ZeroDivision::Exclude);
    assert_eq!(score.evaluate(counts), Some(0.0));
}

#[test]
fn rates_of_one_class() {
    assert_close(ClassScore::SelectionRate { positive: 0 }, 4.0 / 6.0);
    assert_close(ClassScore::BaseRate { positive: 0 }, 0.5);
    assert_close(ClassScore::TruePositiveRate { positive: 0 }, 2.0 / 3.0);
    assert_close(ClassScore::FalseNegativeRate { positive: 0 }, 1.0 / 3.0);
    assert_close(ClassScore::FalsePositiveRate { positive: 0 }, 2.0 / 3.0);
    assert_eq!(ClassScore::TruePositiveRate { positive: 2 }.evaluate(GAPS), None);
    assert_eq!(ClassScore::SelectionRate { positive: 4 }.evaluate(GAPS), None);
}

#[test]
fn agreement_beyond_chance_is_undefined_for_a_single_class() {
    let counts = ClassCounts {
        true_positives: &[4],
        support: &[4],
        predicted: &[4],
    };
    assert_eq!(ClassScore::CohenKappa.evaluate(counts), None);
    assert_eq!(ClassScore::Matthews.evaluate(counts), None);
    assert_eq!(ClassScore::Accuracy.evaluate(counts), Some(1.0));
}

#[test]
fn counts_beyond_32_bits_stay_exact() {
    let big = 1 << 40;
    let counts = ClassCounts {
        true_positives: &[big, big],
        support: &[2 * big, 2 * big],
        predicted: &[2 * big, 2 * big],
    };
    assert_eq!(ClassScore::CohenKappa.evaluate(counts), Some(0.0));
    assert_eq!(ClassScore::Matthews.evaluate(counts), Some(0.0));
}
