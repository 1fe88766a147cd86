//! Scores of samples whose lattice cells are known, against counting by definition.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers are cast"
)]

use std::sync::Arc;

use wherefair_audit::{
    AuditError, LocatedSamples, Measured, Outcomes, PartitionScores, ReferenceRule, Refinement, Score,
};
use wherefair_core::{Extent, Point, Sites};
use wherefair_metrics::{Averaging, ClassScore, Distance, ErrorKind, Reference, ValueScore, ZeroDivision};
use wherefair_partition::{
    EqualGrid, Groups, Lattice, Partitioning, PartitioningDistribution, Polygons, Shape, Voronoi,
};

use crate::scene::MAE;

/// Sums of a few fractions.
const ROUNDING: f64 = 1e-12;

const ACCURACY: Score = Score::Class(ClassScore::Accuracy);

/// Samples in lattice order, with their rows of the input.
struct Placed {
    lattice: Lattice,
    maps: PartitioningDistribution,
    cells: Vec<u32>,
    rows: Vec<usize>,
}

impl Placed {
    fn new(maps: PartitioningDistribution, sites: Sites<'_>) -> Self {
        let mut lattice = Lattice::new(maps.candidates()).unwrap();
        let mut cells = vec![0; sites.len()];
        lattice.locate_into(sites, &mut cells).unwrap();
        let mut rows: Vec<usize> = (0..sites.len()).collect();
        rows.sort_by_key(|&row| cells[row]);
        Self {
            cells: rows.iter().map(|&row| cells[row]).collect(),
            lattice,
            maps,
            rows,
        }
    }

    fn samples<'a, V>(&'a self, outcomes: Outcomes<'a, V>) -> LocatedSamples<'a, V> {
        LocatedSamples {
            cells: &self.cells,
            n_cells: self.lattice.n_cells(),
            rows: &self.rows,
            outcomes,
            n_classes: 3,
        }
    }

    fn scores<V: Into<f64> + Copy + Sync>(
        &self,
        (truth, pred): (&[V], &[V]),
        score: Score,
        min_samples: u64,
    ) -> Result<PartitionScores, AuditError> {
        let base = None;
        self.judge(Outcomes::Values { truth, pred, base }, score, min_samples)
    }

    fn class_scores(&self, truth: &[u32], pred: &[u32], score: Score) -> Result<PartitionScores, AuditError> {
        let base = None;
        self.judge::<f64>(Outcomes::Classes { truth, pred, base }, score, 1)
    }

    fn judge<V: Into<f64> + Copy + Sync>(
        &self,
        outcomes: Outcomes<'_, V>,
        score: Score,
        min_samples: u64,
    ) -> Result<PartitionScores, AuditError> {
        let tallies = self.samples(outcomes).tally(score)?;
        Refinement::new(&self.lattice, self.maps.candidates(), &tallies.n_samples())
            .scores(&tallies, min_samples)
    }
}

/// A grid that leaves out the north, cells around three places, groups that the data assign, and one polygon.
fn mixture() -> PartitioningDistribution {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let south = Extent::new(0.0, 0.0, 1.0, 0.7).unwrap();
    let points = |all: &[[f64; 2]]| all.iter().map(|at| Point::new(at[0], at[1])).collect::<Vec<_>>();
    let corner = Shape {
        polygons: vec![vec![points(&[[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [0.0, 0.0]])]],
    };
    let soils = ["clay", "sand", "peat"].map(str::to_owned).to_vec();
    let places = points(&[[0.2, 0.2], [0.3, 0.8], [0.8, 0.5]]);
    let candidates: Vec<(Arc<dyn Partitioning>, f64)> = vec![
        (Arc::new(EqualGrid::new(south, 2, 3).unwrap()), 1.0),
        (Arc::new(Voronoi::new(places, extent, None).unwrap()), 2.0),
        (Arc::new(Groups::new("soil", soils).unwrap()), 1.0),
        (
            Arc::new(Polygons::new("corner", vec![("corner".to_owned(), corner)]).unwrap()),
            1.0,
        ),
    ];
    PartitioningDistribution::new(candidates).unwrap()
}

/// Numbers between 0 and 1 without a pattern.
fn scattered(i: usize, step: f64) -> f64 {
    (i as f64 * step).fract()
}

/// The score of (truth, prediction) pairs by its definition.
fn weighted_f1(pairs: &[(u32, u32)]) -> Option<f64> {
    let count = |is: &dyn Fn(&(u32, u32)) -> bool| pairs.iter().filter(|&pair| is(pair)).count() as f64;
    let of_class = |class: u32| {
        let (support, predicted) = (count(&|pair| pair.0 == class), count(&|pair| pair.1 == class));
        let both = count(&|&pair| pair == (class, class));
        support * 2.0 * both / (support + predicted).max(1.0)
    };
    (!pairs.is_empty()).then(|| (0..3).map(of_class).sum::<f64>() / pairs.len() as f64)
}

#[test]
fn scores_are_those_of_the_samples_in_each_partition() {
    let n = 700;
    let x: Vec<f64> = (0..n).map(|i| 1.3 * scattered(i, 0.618_034)).collect();
    let y: Vec<f64> = (0..n).map(|i| scattered(i, 0.414_214)).collect();
    // No sample is on peat; one soil in ten is unknown.
    let soil: Vec<u32> = (0..n as u32)
        .map(|i| if i % 10 == 0 { Lattice::OUTSIDE } else { i % 2 })
        .collect();
    let sites = Sites::new(&x, &y).unwrap().with_group(&soil).unwrap();
    let placed = Placed::new(mixture(), sites);
    let of_row = |step: f64| -> Vec<f32> {
        placed
            .rows
            .iter()
            .map(|&row| scattered(row, step) as f32)
            .collect()
    };
    let (truth, pred) = (of_row(0.732_051), of_row(0.236_068));
    let classes = |values: &[f32]| -> Vec<u32> { values.iter().map(|value| (value * 3.0) as u32).collect() };
    let (labels, predicted) = (classes(&truth), classes(&pred));

    let f1 = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
    let of_classes = placed.class_scores(&labels, &predicted, f1).unwrap();
    let of_values = placed.scores((&truth, &pred), MAE, 20).unwrap();
    let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < ROUNDING,
        (a, b) => a == b,
    };
    let mean_error = |samples: &[usize]| {
        let sum: f64 = samples
            .iter()
            .map(|&i| (f64::from(pred[i]) - f64::from(truth[i])).abs())
            .sum();
        sum / samples.len() as f64
    };
    let inside: Vec<usize> = (0..n).filter(|&i| placed.cells[i] != Lattice::OUTSIDE).collect();
    assert!(inside.len() < n && close(of_values.global(), Some(mean_error(&inside))));
    let mut n_empty = 0;
    for (i, candidate) in placed.maps.candidates().iter().enumerate() {
        for partition in 0..candidate.n_partitions() {
            let lies_in = |&sample: &usize| {
                let located = candidate.locate(&sites.get(placed.rows[sample]));
                located.is_some_and(|id| id.index() == partition)
            };
            let here: Vec<usize> = (0..n).filter(lies_in).collect();
            n_empty += usize::from(here.is_empty());
            let pairs: Vec<_> = here
                .iter()
                .map(|&sample| (labels[sample], predicted[sample]))
                .collect();
            assert_eq!(of_classes.n_samples(i)[partition], here.len() as u64);
            assert!(close(of_classes.of(i)[partition], weighted_f1(&pairs)));
            let scored = (here.len() >= 20).then(|| mean_error(&here));
            assert!(close(of_values.of(i)[partition], scored));
        }
    }
    assert!(n_empty > 0);
    assert_eq!(
        placed.scores((&truth, &pred), MAE, 1).unwrap().at_least(20),
        of_values
    );
    assert!(of_values.at_least(1000).is_empty());
}

/// Ten samples from west to east in 1×2, 1×3 and 1×4; the quarters hold 2, 2, 2 and 4.
fn ten() -> Placed {
    let maps =
        PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 12.0, 1.0).unwrap(), 1, 4).unwrap();
    let x = [10.0, 0.5, 11.0, 2.5, 4.5, 9.5, 3.5, 6.5, 8.5, 11.5];
    Placed::new(maps, Sites::new(&x, &[0.5; 10]).unwrap())
}

/// Accuracies of predictions that are right at these rows.
fn right_at(placed: &Placed, rows: &[usize]) -> PartitionScores {
    let pred: Vec<u32> = placed
        .rows
        .iter()
        .map(|row| u32::from(rows.contains(row)))
        .collect();
    placed.class_scores(&[1; 10], &pred, ACCURACY).unwrap()
}

#[test]
fn deviations_are_summed_from_every_reference() {
    let placed = ten();
    // Of the quarters 1, 1/2, 1/2, 1/4; then 1/2, 1, 0, 1/4, and 2/3, 1/2, 1/5 of the thirds.
    let base = right_at(&placed, &[1, 3, 6, 7, 0]);
    assert_eq!(base.of(2), [Some(1.0), Some(0.5), Some(0.5), Some(0.25)]);
    assert_eq!(base.expectation(2, Reference::PartitionMean), Some(2.25 / 4.0));
    assert_eq!(base.expectation(2, Reference::WeightedPartitionMean), Some(0.5));
    assert_eq!(base.expectation(2, Reference::Global), base.global());
    let now = right_at(&placed, &[1, 6, 4, 5]);
    assert_eq!(now.of(2), [Some(0.5), Some(1.0), Some(0.0), Some(0.25)]);
    let mean = 41.0 / 90.0;
    let thirds = [2.0 / 3.0_f64, 0.5, 0.2].map(|score| (score - mean).abs());
    let expected = Measured {
        quality: Some(0.4),
        deviation_mean: 7.0 / 24.0 + thirds.iter().sum::<f64>() / 3.0 + 20.0 / 64.0,
        deviation_max: 7.0 / 24.0 + thirds[2] + 9.0 / 16.0,
    };
    let close = |a: Measured, b: Measured| {
        assert_eq!(a.quality, b.quality);
        assert!(
            (a.deviation_mean - b.deviation_mean).abs() < ROUNDING,
            "{a:?}, {b:?}"
        );
        assert!(
            (a.deviation_max - b.deviation_max).abs() < ROUNDING,
            "{a:?}, {b:?}"
        );
    };
    let measured = |rule, distance, base| now.measured(rule, distance, base).unwrap();
    close(
        measured(ReferenceRule::PartitionMean, Distance::Absolute, None),
        expected,
    );
    for rule in [
        ReferenceRule::WeightedPartitionMean,
        ReferenceRule::Global,
        ReferenceRule::Fixed(0.3),
        ReferenceRule::BaseModel,
        ReferenceRule::WeightedBaseModel,
    ] {
        let mut by_hand = Measured {
            deviation_mean: 0.0,
            deviation_max: 0.0,
            ..expected
        };
        for i in 0..3 {
            // Every sample lies in every partitioning: both weighted means are global scores.
            let reference = match rule {
                ReferenceRule::Fixed(value) => value,
                ReferenceRule::BaseModel => base.of(i).iter().flatten().sum::<f64>() / (i + 2) as f64,
                ReferenceRule::WeightedBaseModel => 0.5,
                _ => 0.4,
            };
            let far: Vec<f64> = now
                .of(i)
                .iter()
                .flatten()
                .map(|score| (score - reference).powi(2))
                .collect();
            by_hand.deviation_mean += far.iter().sum::<f64>() / far.len() as f64;
            by_hand.deviation_max += far.iter().copied().fold(0.0, f64::max);
        }
        close(measured(rule, Distance::Squared, Some(&base)), by_hand);
    }
    let error = now
        .measured(ReferenceRule::BaseModel, Distance::Absolute, None)
        .unwrap_err();
    assert!(matches!(error, AuditError::NoBaseModel), "{error}");
    let halves =
        PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 12.0, 1.0).unwrap(), 1, 2).unwrap();
    let other = right_at(
        &Placed {
            maps: halves,
            ..ten()
        },
        &[1],
    );
    let error = now
        .measured(ReferenceRule::BaseModel, Distance::Absolute, Some(&other))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid base: 1 partitionings (accepted: 3 partitionings, as the scores)"
    );
}

#[test]
fn sums_are_sequential_in_stripes_of_fixed_length() {
    const STRIPE: usize = 1 << 18;
    let n = 2 * STRIPE + 1000;
    let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), 1, 2).unwrap();
    let zeros = vec![0.25; n];
    let placed = Placed::new(maps, Sites::new(&zeros, &zeros).unwrap());
    let truth: Vec<f32> = (0..n).map(|i| scattered(i, 0.618_034) as f32).collect();
    let pred: Vec<f32> = (0..n).map(|i| scattered(i, 0.414_214) as f32).collect();
    let sums = truth
        .chunks(STRIPE)
        .zip(pred.chunks(STRIPE))
        .map(|(truth, pred)| {
            let errors = truth
                .iter()
                .zip(pred)
                .map(|(&truth, &pred)| (f64::from(pred) - f64::from(truth)).abs());
            errors.fold(0.0, |sum, error| sum + error)
        });
    let expected = sums.fold(0.0, |sum, part| sum + part) / n as f64;
    for n_threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        let scores = pool.install(|| placed.scores((&truth, &pred), MAE, 1)).unwrap();
        assert_eq!(scores.global().map(f64::to_bits), Some(expected.to_bits()));
        assert_eq!(scores.of(0), [scores.global(), None]);
        // The first sample at fault is named, whichever thread finds one first.
        let mut labels = vec![1; n];
        (labels[n - 1], labels[100_000]) = (7, 9);
        let error = pool
            .install(|| placed.class_scores(&labels, &vec![1; n], ACCURACY))
            .unwrap_err();
        assert_eq!(error.to_string(), "truth[100000] is class 9 (accepted: below 3)");
    }
}

#[test]
fn samples_that_do_not_fit_are_errors_with_a_place() {
    let placed = ten();
    let (truth, mut pred) = ([1.0_f32; 10], [2.0_f32; 10]);
    let log_ratio = Score::Value {
        error: ErrorKind::LogRatio,
        score: ValueScore::MeanAbsolute,
    };
    pred[3] = -4.0;
    let row = placed.rows[3];
    let message = |result: Result<PartitionScores, AuditError>| result.unwrap_err().to_string();
    assert_eq!(
        message(placed.scores((&truth, &pred), log_ratio, 1)),
        format!(
            "row {row}: the log ratio of prediction -4 and truth 1 is not a finite number (accepted: positive truth and prediction)"
        )
    );
    assert_eq!(
        message(placed.scores((&truth, &pred[..9]), MAE, 1)),
        "column `pred` has shape (9,), the coordinates have shape (10,)"
    );
    assert_eq!(
        message(placed.scores((&truth, &pred), ACCURACY, 1)),
        "score `accuracy` needs class labels, but the samples hold real values"
    );
    assert_eq!(
        message(placed.class_scores(&[1; 10], &[1; 10], MAE)),
        "score `mean absolute error` needs real values, but the samples hold class labels"
    );
    let median = Score::MedianAbsolute {
        error: ErrorKind::Difference,
    };
    assert_eq!(
        message(placed.scores((&truth, &pred), median, 1)),
        "invalid score: median absolute error (accepted: a score that sums of errors give, such as the mean absolute error)"
    );
    let mut labels = [1; 10];
    labels[4] = 3;
    assert_eq!(
        message(placed.class_scores(&labels, &[1; 10], ACCURACY)),
        format!("truth[{}] is class 3 (accepted: below 3)", placed.rows[4])
    );
    let outcomes = Outcomes::Values {
        truth: &truth,
        pred: &truth,
        base: None,
    };
    let few_cells = LocatedSamples {
        n_cells: 2,
        ..placed.samples(outcomes)
    };
    let error = few_cells.tally(MAE).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cells[{}] is 2 (accepted: below 2", placed.rows[3])),
        "{error}"
    );
    let no_rows = LocatedSamples {
        rows: &[],
        ..placed.samples(outcomes)
    };
    assert!(matches!(
        no_rows.tally(MAE),
        Err(AuditError::Shape { column: "rows", .. })
    ));
    let tallies = placed.samples(outcomes).tally(MAE).unwrap();
    let other = Refinement::new(&placed.lattice, placed.maps.candidates(), &[1]);
    let error = other.scores(&tallies, 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid tallies: 6 cells (accepted: 1 cells, as the refinement)"
    );
}
