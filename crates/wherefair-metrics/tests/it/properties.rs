//! Properties that hold for all inputs.

use proptest::prelude::*;
use wherefair_core::Tally as _;
use wherefair_metrics::{
    Alternative, Averaging, ClassScore, ClassTallies, Distance, PValueMethod, QuantileTally, Reference,
    ScoreDistribution, ValueTally, ZeroDivision, deviation, kendall_tau_b, ks_two_sample, median, pearson,
    reference_value, spearman, welch_t_test,
};

/// Sums of at most 200 numbers of magnitude around 1, taken in another order.
const ORDER_OF_SUMMATION: f64 = 1e-12;

const N_CELLS: usize = 4;
const N_CLASSES: usize = 5;

const AVERAGINGS: [Averaging; 3] = [
    Averaging::Weighted,
    Averaging::Macro,
    Averaging::Binary { positive: 2 },
];

const RULES: [ZeroDivision; 4] = [
    ZeroDivision::Zero,
    ZeroDivision::One,
    ZeroDivision::Exclude,
    ZeroDivision::MeanOfOthers,
];

/// Columns of cells (some samples in none), truths and predictions.
fn samples() -> impl Strategy<Value = Vec<(u32, u32, u32)>> {
    let cell = prop_oneof![9 => 0..4_u32, 1 => Just(u32::MAX)];
    prop::collection::vec((cell, 0..5_u32, 0..5_u32), 0..200)
}

fn tally(samples: &[(u32, u32, u32)]) -> ClassTallies {
    let mut tallies = ClassTallies::new(N_CELLS, N_CLASSES);
    let cells: Vec<u32> = samples.iter().map(|sample| sample.0).collect();
    let truth: Vec<u32> = samples.iter().map(|sample| sample.1).collect();
    let pred: Vec<u32> = samples.iter().map(|sample| sample.2).collect();
    tallies.record(&cells, &truth, &pred).unwrap();
    tallies
}

fn averaged(averaging: Averaging, zero: ZeroDivision) -> [ClassScore; 4] {
    [
        ClassScore::Precision(averaging, zero),
        ClassScore::Recall(averaging, zero),
        ClassScore::F1(averaging, zero),
        ClassScore::Jaccard(averaging, zero),
    ]
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= ORDER_OF_SUMMATION,
        (a, b) => a == b,
    }
}

fn scores() -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(prop::option::weighted(0.8, 0.0..1.0_f64), 0..30)
}

proptest! {
    #[test]
    fn merged_halves_of_classes_are_the_whole(samples in samples(), part in 0.0..1.0_f64) {
        let (left, right) = samples.split_at(split(samples.len(), part));
        let mut merged = tally(left);
        merged.merge(&tally(right));
        prop_assert_eq!(merged, tally(&samples));
    }

    #[test]
    fn every_sample_in_a_cell_is_counted_once(samples in samples()) {
        let tallies = tally(&samples);
        let inside = samples.iter().filter(|sample| sample.0 != u32::MAX).count();
        prop_assert_eq!(wherefair_core::Tally::n_samples(&tallies), inside as u64);
        for cell in 0..N_CELLS {
            let counts = tallies.counts(cell);
            prop_assert_eq!(counts.support.iter().sum::<u64>(), counts.predicted.iter().sum::<u64>());
        }
    }

    #[test]
    fn scores_lie_between_their_bounds(samples in samples()) {
        let tallies = tally(&samples);
        for cell in 0..N_CELLS {
            let counts = tallies.counts(cell);
            for averaging in AVERAGINGS {
                for rule in RULES {
                    for score in averaged(averaging, rule) {
                        if let Some(value) = score.evaluate(counts) {
                            let top = 1.0 + ORDER_OF_SUMMATION;
                            prop_assert!((0.0..=top).contains(&value), "{}", score.name());
                        }
                    }
                }
            }
            for score in [ClassScore::CohenKappa, ClassScore::Matthews] {
                if let Some(value) = score.evaluate(counts) {
                    prop_assert!(value.abs() <= 1.0 + ORDER_OF_SUMMATION, "{}", score.name());
                }
            }
        }
    }

    #[test]
    fn names_of_classes_do_not_matter(
        samples in samples(),
        order in Just((0..5_u32).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let renamed: Vec<_> = samples
            .iter()
            .map(|&(cell, truth, pred)| (cell, order[truth as usize], order[pred as usize]))
            .collect();
        let (before, after) = (tally(&samples), tally(&renamed));
        for averaging in [Averaging::Weighted, Averaging::Macro] {
            for rule in RULES {
                for score in averaged(averaging, rule) {
                    for cell in 0..N_CELLS {
                        let old = score.evaluate(before.counts(cell));
                        let new = score.evaluate(after.counts(cell));
                        prop_assert!(close(old, new), "{}", score.name());
                    }
                }
            }
        }
    }

    #[test]
    fn weighted_recall_is_accuracy(samples in samples()) {
        let tallies = tally(&samples);
        for cell in 0..N_CELLS {
            let counts = tallies.counts(cell);
            for rule in RULES {
                let recall = ClassScore::Recall(Averaging::Weighted, rule).evaluate(counts);
                prop_assert!(close(recall, ClassScore::Accuracy.evaluate(counts)));
            }
        }
    }

    #[test]
    fn merged_halves_of_values_are_the_whole(
        errors in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 0..200),
        part in 0.0..1.0_f64,
    ) {
        let tally = |rows: &[(f64, f64)]| {
            let mut tally = ValueTally::default();
            for &(error, truth) in rows {
                tally.record(error, truth);
            }
            tally
        };
        let (left, right) = errors.split_at(split(errors.len(), part));
        let (mut merged, whole) = (tally(left), tally(&errors));
        merged.merge(&tally(right));
        prop_assert_eq!(merged.n, whole.n);
        for (found, expected) in [
            (merged.sum, whole.sum),
            (merged.sum_abs, whole.sum_abs),
            (merged.sum_sq, whole.sum_sq),
            (merged.truth_sum, whole.truth_sum),
            (merged.truth_sum_sq, whole.truth_sum_sq),
        ] {
            prop_assert!((found - expected).abs() <= ORDER_OF_SUMMATION);
        }
    }

    #[test]
    fn sketched_quantiles_keep_their_bound_however_they_are_merged(
        values in prop::collection::vec(prop_oneof![-1e6..1e6_f64, -1e-3..1e-3_f64, Just(0.0)], 1..200),
        part in 0.0..1.0_f64,
        q in 0.0..=1.0_f64,
    ) {
        let sketch = |values: &[f64]| {
            let mut tally = QuantileTally::default();
            for &value in values {
                tally.record(value).unwrap();
            }
            tally
        };
        let (left, right) = values.split_at(split(values.len(), part));
        let mut merged = sketch(left);
        merged.merge(&sketch(right));
        let whole = sketch(&values);
        prop_assert_eq!(merged.quantile(q), whole.quantile(q));
        prop_assert_eq!(merged.n_samples(), whole.n_samples());
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let (low, high) = (sorted[(n - 1) / 2], sorted[n / 2]);
        let exact = median(&mut sorted).unwrap();
        let bound = QuantileTally::RELATIVE_ERROR * low.abs().max(high.abs()) * (1.0 + 1e-9)
            + QuantileTally::SMALLEST;
        let found = whole.quantile(0.5).unwrap();
        prop_assert!((found - exact).abs() <= bound, "{} for {}", found, exact);
    }

    #[test]
    fn deviations_are_at_least_zero_and_at_most_the_largest(scores in scores(), reference in 0.0..1.0_f64) {
        for distance in [Distance::Absolute, Distance::Squared] {
            match deviation(&scores, reference, distance) {
                None => prop_assert!(scores.iter().all(Option::is_none)),
                Some(found) => {
                    prop_assert!(found.mean >= 0.0);
                    prop_assert!(found.mean <= found.max + ORDER_OF_SUMMATION);
                    prop_assert_eq!(found.n_scored, scores.iter().flatten().count());
                    let worst = scores[found.worst].unwrap();
                    prop_assert_eq!(distance.between(worst, reference).to_bits(), found.max.to_bits());
                }
            }
        }
    }

    #[test]
    fn references_lie_among_the_scores(scores in scores(), n in prop::collection::vec(1..1000_u64, 30)) {
        let n = &n[..scores.len()];
        let scored: Vec<f64> = scores.iter().flatten().copied().collect();
        let low = scored.iter().copied().fold(f64::INFINITY, f64::min) - ORDER_OF_SUMMATION;
        let high = scored.iter().copied().fold(f64::NEG_INFINITY, f64::max) + ORDER_OF_SUMMATION;
        for reference in [Reference::PartitionMean, Reference::WeightedPartitionMean] {
            match reference_value(reference, &scores, n, None) {
                None => prop_assert!(scored.is_empty()),
                Some(value) => prop_assert!((low..=high).contains(&value)),
            }
        }
    }

    #[test]
    fn quantiles_grow_with_their_level(
        rows in prop::collection::vec((-1.0..1.0_f64, 0.01..1.0_f64), 1..50),
        p in 0.0..=1.0_f64,
        q in 0.0..=1.0_f64,
    ) {
        let (scores, prior): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let distribution = ScoreDistribution::new(&scores, &prior).unwrap();
        prop_assert!(distribution.quantile(p.min(q)) <= distribution.quantile(p.max(q)));
        prop_assert_eq!(distribution.quantile(1.0), Some(distribution.max()));
        prop_assert!(distribution.expectation() >= distribution.min() - ORDER_OF_SUMMATION);
        prop_assert!(distribution.expectation() <= distribution.max() + ORDER_OF_SUMMATION);
    }

    #[test]
    fn tests_of_hostile_numbers_give_a_probability_or_an_error(
        a in prop::collection::vec(any::<f64>(), 0..12),
        b in prop::collection::vec(any::<f64>(), 0..12),
    ) {
        let probability = |p: f64| (0.0..=1.0 + ORDER_OF_SUMMATION).contains(&p);
        for alternative in [Alternative::TwoSided, Alternative::Greater, Alternative::Less] {
            if let Ok(result) = welch_t_test(&a, &b, alternative) {
                prop_assert!(probability(result.p_value), "{:?}", result);
            }
            if let Ok(result) = ks_two_sample(&a, &b, alternative, PValueMethod::Auto) {
                prop_assert!(probability(result.p_value), "{:?}", result);
            }
            let correlations = [pearson(&a, &b, alternative), spearman(&a, &b, alternative)];
            for result in correlations.into_iter().flatten() {
                prop_assert!(probability(result.p_value), "{:?}", result);
                prop_assert!((-1.0..=1.0).contains(&result.statistic));
            }
            if let Ok(result) = kendall_tau_b(&a, &b, alternative, PValueMethod::Auto) {
                prop_assert!(probability(result.p_value), "{:?}", result);
            }
        }
    }

    #[test]
    fn correlations_keep_the_order_of_their_columns_out(
        rows in prop::collection::vec((0..6_i8, 0..6_i8), 3..40),
    ) {
        let x: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let both = |x: &[f64], y: &[f64]| {
            let kendall = kendall_tau_b(x, y, Alternative::TwoSided, PValueMethod::Auto);
            let spearman = spearman(x, y, Alternative::TwoSided);
            kendall.ok().zip(spearman.ok()).map(|(k, s)| [k.statistic, k.p_value, s.statistic])
        };
        match (both(&x, &y), both(&y, &x)) {
            (Some(forward), Some(backward)) => {
                for (a, b) in forward.into_iter().zip(backward) {
                    prop_assert!((a - b).abs() <= ORDER_OF_SUMMATION);
                }
            }
            (forward, backward) => prop_assert_eq!(forward, backward),
        }
    }
}

/// The index of the cut of `n` samples at `part`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a small length"
)]
fn split(n: usize, part: f64) -> usize {
    (n as f64 * part) as usize
}
