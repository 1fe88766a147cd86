//! Properties of learning rates.

use proptest::prelude::*;
use wherefair_audit::Orientation;
use wherefair_spad::{RateRule, learning_rates};

const HIGHER: Orientation = Orientation::HigherIsBetter;

fn any_score() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        8 => (0.0..=1.0).prop_map(Some),
        2 => prop::sample::select(vec![0.0, 0.25, 0.5, 1.0]).prop_map(Some),
        1 => any::<f64>().prop_map(Some),
        1 => Just(None),
    ]
}

fn any_expectation() -> impl Strategy<Value = Option<f64>> {
    any_score()
}

proptest! {
    #[test]
    fn rates_are_finite_and_within_the_cap(
        scores in prop::collection::vec(any_score(), 0..30),
        expectation in any_expectation(),
        eta_init in 1e-12..10.0_f64,
        lower in any::<bool>(),
    ) {
        let orientation = if lower { Orientation::LowerIsBetter } else { HIGHER };
        let expectation = expectation.filter(|value| value.is_finite());
        let rates = learning_rates(RateRule::Normalized, &scores, expectation, orientation, eta_init).unwrap();
        prop_assert_eq!(rates.len(), scores.len());
        let deficient = |score: Option<f64>| {
            let (Some(score), Some(expectation)) = (score.filter(|score| score.is_finite()), expectation) else {
                return false;
            };
            orientation.shortfall(score, expectation) > 0.0
        };
        for (&rate, &score) in rates.iter().zip(&scores) {
            prop_assert!(rate.is_finite() && (0.0..=eta_init).contains(&rate));
            prop_assert!(deficient(score) || rate == 0.0);
        }
        // Where anything is deficient, something is trained at the full rate.
        let any_deficient = scores.iter().any(|&score| deficient(score));
        prop_assert_eq!(rates.iter().any(|&rate| (rate - eta_init).abs() <= 1e-12 * eta_init), any_deficient);
        let released = learning_rates(RateRule::Released, &scores, expectation, orientation, eta_init).unwrap();
        for (&rate, score) in released.iter().zip(&scores) {
            let is_scored = score.is_some_and(f64::is_finite);
            prop_assert!(rate.is_finite() && rate <= eta_init / 2.0 + 1e-7 && (rate > 0.0) == is_scored);
        }
    }

    #[test]
    fn a_worse_partition_never_has_the_lower_rate(
        scores in prop::collection::vec(0.0..1.0_f64, 2..20),
        expectation in 0.0..1.0_f64,
    ) {
        let scored: Vec<_> = scores.iter().copied().map(Some).collect();
        let rates = learning_rates(RateRule::Normalized, &scored, Some(expectation), HIGHER, 1.0).unwrap();
        for i in 0..scores.len() {
            for j in 0..scores.len() {
                prop_assert!(scores[i] < scores[j] || rates[i] <= rates[j]);
            }
        }
    }
}

#[test]
fn equal_deficits_all_get_the_full_rate() {
    let scores = [Some(0.25), Some(0.25), Some(0.75), None];
    let rates = learning_rates(RateRule::Normalized, &scores, Some(0.5), HIGHER, 0.5).unwrap();
    assert_eq!(rates, [0.5, 0.5, 0.0, 0.0]);
}

#[test]
fn without_a_deficit_nothing_is_trained() {
    let scores = [Some(0.5), Some(0.75), Some(f64::NAN)];
    for expectation in [Some(0.5), Some(f64::NAN), None] {
        let rates = learning_rates(RateRule::Normalized, &scores, expectation, HIGHER, 0.5).unwrap();
        assert_eq!(rates, [0.0; 3]);
    }
    let equal = learning_rates(RateRule::Equal, &scores, None, HIGHER, 0.5).unwrap();
    assert_eq!(equal, [0.5, 0.5, 0.0]);
}

#[test]
fn the_rule_of_the_released_code_by_hand() {
    let scores = [Some(0.25), Some(0.375), Some(0.75)];
    let rates = learning_rates(RateRule::Released, &scores, Some(0.5), HIGHER, 1e-3).unwrap();
    assert_eq!(rates, [5e-4 + 1e-7, 2.5e-4 + 1e-7, 1e-7]);
}

#[test]
fn rates_that_cannot_train_are_rejected() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = learning_rates(RateRule::Normalized, &[Some(0.5)], Some(0.6), HIGHER, bad).unwrap_err();
        assert_eq!(error.name(), "learning_rate");
    }
}
