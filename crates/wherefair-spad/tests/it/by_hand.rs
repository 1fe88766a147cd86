//! Eqs. 1–5 on a small example, against numbers worked out by hand.

use wherefair_audit::{AuditError, ReferenceRule, Score};
use wherefair_core::{Extent, Sites};
use wherefair_metrics::{ClassScore, Distance, ErrorKind, Reference, ValueScore};
use wherefair_nn::Samples;
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{RateRule, SpadReferee};
use wherefair_train::{Predictions, Referee, SpatialSamples, TrainError, partition_scores};

/// Sums of a few fractions.
const ROUNDING: f64 = 1e-15;

const ACCURACY: Score = Score::Class(ClassScore::Accuracy);

/// Ten samples from west to east in 1×2, 1×3 and 1×4.
fn samples() -> SpatialSamples {
    let extent = Extent::new(0.0, 0.0, 12.0, 1.0).unwrap();
    let grids = PartitioningDistribution::equal_grids(extent, 1, 4).unwrap();
    // Quarters 0–3, 3–6, 6–9, 9–12 hold 2, 2, 2 and 4 samples; given in an order that is not that of the lattice.
    let x = [10.0, 0.5, 11.0, 2.5, 4.5, 9.5, 3.5, 6.5, 8.5, 11.5];
    let labels = [1; 10];
    let features: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    let samples = Samples::classes(&features, 1, &labels, 2).unwrap();
    SpatialSamples::new(&grids, Sites::new(&x, &[0.5; 10]).unwrap(), &samples).unwrap()
}

/// Predictions in lattice order, right where the place is listed.
fn right_at(samples: &SpatialSamples, places: &[f32]) -> Vec<u32> {
    let of_samples = samples.samples();
    let x = of_samples.features().values();
    x.iter().map(|x| u32::from(places.contains(x))).collect()
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < ROUNDING)
}

#[test]
fn the_five_equations_by_hand() {
    let samples = samples();
    // The base model is right at 0.5, 2.5, 3.5, 6.5, 10: of the quarters 1, 1/2, 1/2, 1/4.
    let base = right_at(&samples, &[0.5, 2.5, 3.5, 6.5, 10.0]);
    let base = partition_scores(&samples, Predictions::Classes(&base), ACCURACY, 1).unwrap();
    assert_eq!(base.of(2), [Some(1.0), Some(0.5), Some(0.5), Some(0.25)]);
    assert_eq!(base.of(0), [Some(0.75), Some(1.0 / 3.0)]);
    assert_eq!(base.global(), Some(0.5));
    let rule = RateRule::Normalized;
    let referee = SpadReferee::new(
        ACCURACY,
        Reference::PartitionMean,
        Distance::Absolute,
        rule,
        &base,
    );
    // Eq. 3.
    assert_eq!(referee.expectation(2), Some(2.25 / 4.0));
    assert!(close(referee.expectation(0), 13.0 / 24.0));
    // Now right at 0.5, 3.5, 4.5 and 9.5: of the quarters 1/2, 1, 0, 1/4.
    let now = right_at(&samples, &[0.5, 3.5, 4.5, 9.5]);
    let now = partition_scores(&samples, Predictions::Classes(&now), ACCURACY, 1).unwrap();
    assert_eq!(now.of(2), [Some(0.5), Some(1.0), Some(0.0), Some(0.25)]);
    // Eq. 2: distances 1/16, 7/16, 9/16, 5/16 from 9/16.
    let unfairness = referee.unfairness(2, &now).unwrap();
    assert!(close(Some(unfairness.mean), 22.0 / 64.0));
    assert_eq!(unfairness.worst, 2);
    // Eq. 5: η′ = 1/16, 0, 9/16, 5/16; Eq. 4 with η′min = 1/16 and η′max = 9/16: 0, 0, 1, 1/2.
    assert_eq!(referee.rates(2, &now, 0.25).unwrap(), [0.0, 0.0, 0.25, 0.125]);
    // Eq. 5 for the halves: 3/4 and 1/6 against 13/24, so that one η′ is positive: 0/0 in Eq. 4.
    assert_eq!(referee.rates(0, &now, 0.25).unwrap(), [0.0, 0.25]);
    // Thirds 0–4, 4–8, 8–12 hold 3, 2 and 5: base 1, 1/2, 1/5 and now 2/3, 1/2, 1/5.
    let expectation = 1.7 / 3.0;
    assert!(close(referee.expectation(1), expectation));
    let of_thirds = (2.0 / 3.0 - expectation + expectation - 0.5 + expectation - 0.2) / 3.0;
    assert!(close(referee.unfairness(1, &now).map(|one| one.mean), of_thirds));
    // Eq. 1; the halves are 5/24 above and 3/8 below 13/24.
    let of_halves = 7.0 / 24.0;
    let objective = 0.5 * of_halves + 0.25 * of_thirds + 0.25 * 22.0 / 64.0;
    assert!(close(referee.objective(&now, &[0.5, 0.25, 0.25]), objective));
    // S(d): the halves differ from their mean by 7/24 each, the thirds' mean is 41/90, the quarters' 7/16.
    let mean = 41.0 / 90.0;
    let thirds = [2.0 / 3.0_f64, 0.5, 0.2].map(|score| (score - mean).abs());
    let quarters = [1.0, 9.0, 7.0, 3.0].map(|sixteenths| sixteenths / 16.0);
    let measured = now
        .measured(ReferenceRule::PartitionMean, Distance::Absolute, None)
        .unwrap();
    let expected = 7.0 / 24.0 + thirds.iter().sum::<f64>() / 3.0 + quarters.iter().sum::<f64>() / 4.0;
    assert!(close(Some(measured.deviation_mean), expected));
    let largest = 7.0 / 24.0 + thirds[2] + 9.0 / 16.0;
    assert!(close(Some(measured.deviation_max), largest));
    assert_eq!(measured.quality, Some(0.4));
}

#[test]
fn what_is_expected_follows_the_reference() {
    let samples = samples();
    let base = right_at(&samples, &[0.5, 2.5, 3.5, 6.5, 10.0]);
    let base = partition_scores(&samples, Predictions::Classes(&base), ACCURACY, 1).unwrap();
    let expected = |reference| {
        let rule = RateRule::Normalized;
        SpadReferee::new(ACCURACY, reference, Distance::Absolute, rule, &base).expectation(2)
    };
    assert_eq!(expected(Reference::Global), Some(0.5));
    assert_eq!(expected(Reference::WeightedPartitionMean), Some(0.5));
    assert_eq!(expected(Reference::Fixed(0.7)), Some(0.7));
}

#[test]
fn of_errors_the_larger_is_the_deficient_one() {
    let extent = Extent::new(0.0, 0.0, 3.0, 1.0).unwrap();
    let grids = PartitioningDistribution::equal_grids(extent, 1, 3).unwrap();
    let x = [0.5, 1.5, 2.5];
    let of_model = Samples::values(&[0.0; 3], 1, &[1.0, 2.0, 4.0], 1).unwrap();
    let samples = SpatialSamples::new(&grids, Sites::new(&x, &[0.0; 3]).unwrap(), &of_model).unwrap();
    let score = Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanAbsolute,
    };
    let scores = |pred: &[f32]| partition_scores(&samples, Predictions::Values(pred), score, 1);
    let base = scores(&[2.0, 3.0, 5.0]).unwrap();
    let rule = RateRule::Normalized;
    let referee = SpadReferee::new(score, Reference::PartitionMean, Distance::Absolute, rule, &base);
    let now = scores(&[1.0, 0.0, 0.0]).unwrap();
    assert_eq!(now.of(1), [Some(0.0), Some(2.0), Some(4.0)]);
    assert_eq!(referee.rates(1, &now, 1.0).unwrap(), [0.0, 0.0, 1.0]);
    let log_ratio = Score::Value {
        error: ErrorKind::LogRatio,
        score: ValueScore::MeanAbsolute,
    };
    let of_ratio = |pred: &[f32]| partition_scores(&samples, Predictions::Values(pred), log_ratio, 1);
    let doubled = of_ratio(&[2.0, 4.0, 2.0]).unwrap();
    let ln_2 = std::f64::consts::LN_2;
    assert!(doubled.of(1).iter().all(|&score| close(score, ln_2)));
    let error = of_ratio(&[2.0, -4.0, 2.0]).unwrap_err();
    assert!(
        matches!(
            error,
            TrainError::Audit(AuditError::UndefinedError { row: 1, .. })
        ),
        "{error}"
    );
}

#[test]
fn partitions_of_few_samples_have_no_score() {
    let samples = samples();
    let base = right_at(&samples, &[0.5]);
    let scores = partition_scores(&samples, Predictions::Classes(&base), ACCURACY, 3).unwrap();
    assert_eq!(scores.of(2), [None, None, None, Some(0.0)]);
    let all = partition_scores(&samples, Predictions::Classes(&base), ACCURACY, 1).unwrap();
    assert_eq!(all.at_least(3), scores);
}

#[test]
fn every_partition_is_its_runs() {
    let samples = samples();
    let of_samples = samples.samples();
    let x = of_samples.features().values();
    for (partitioning, candidate) in samples.distribution().candidates().iter().enumerate() {
        let mut n = 0;
        for partition in 0..samples.n_partitions(partitioning) {
            for row in samples.runs(partitioning, partition).iter().cloned().flatten() {
                let site = wherefair_core::Site::at(f64::from(x[row]), 0.5);
                assert_eq!(candidate.locate(&site).unwrap().index(), partition);
                n += 1;
            }
            assert_eq!(samples.runs(partitioning, partition).len(), 1);
        }
        assert_eq!(n, 10);
    }
}
