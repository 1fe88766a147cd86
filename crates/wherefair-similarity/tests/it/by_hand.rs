//! Four partitionings from unfairness to probabilities, worked by hand.

use wherefair_core::Extent;
use wherefair_partition::{EqualGrid, Partitioning, PartitioningDistribution};
use wherefair_similarity::{
    CountRule, HdbscanParams, MutualSimilarity, Noise, Representatives, Rescaling, SelectionRule,
    SpatialInformation, TrainingSimilarity, cluster, selection_probabilities,
};

const TOLERANCE: f64 = 1e-15;

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0),
        "{found}, not {expected}"
    );
}

/// 1×2, 1×4, 2×1, 4×1.
fn four() -> PartitioningDistribution {
    let unit = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let grid = |rows, columns| -> (std::sync::Arc<dyn Partitioning>, f64) {
        (
            std::sync::Arc::new(EqualGrid::new(unit, rows, columns).unwrap()),
            1.0,
        )
    };
    PartitioningDistribution::new(vec![grid(1, 2), grid(1, 4), grid(2, 1), grid(4, 1)]).unwrap()
}

fn known(values: [f64; 4]) -> [Option<f64>; 4] {
    values.map(Some)
}

/// Eq. 6 with each partitioning trained once.
fn trained() -> TrainingSimilarity {
    let mut similarity = TrainingSimilarity::new(4);
    let before = known([0.5, 0.8, 0.4, 1.0]);
    for (i, after) in [
        [0.25, 0.6, 0.4, 1.1],
        [0.25, 0.4, 0.3, 1.0],
        [0.5, 0.6, 0.2, 0.6],
        [0.6, 0.8, 0.16, 0.5],
    ]
    .into_iter()
    .enumerate()
    {
        similarity.record(i, &before, &known(after)).unwrap();
    }
    similarity
}

#[test]
fn similarities_are_shares_of_unfairness() {
    let similarity = trained();
    let expected = [
        [0.5, 0.25, 0.0, -0.1],
        [0.5, 0.5, 0.25, 0.0],
        [0.0, 0.25, 0.5, 0.4],
        [-0.2, 0.0, 0.6, 0.5],
    ];
    for (i, row) in expected.into_iter().enumerate() {
        for (j, value) in row.into_iter().enumerate() {
            assert_near(similarity.get(i, j).unwrap(), value);
        }
    }
}

/// The harmonic means of what two do for each other.
fn mutual() -> [[f64; 4]; 4] {
    [
        [1.0, 1.0 / 3.0, 0.0, 0.0],
        [1.0 / 3.0, 1.0, 0.25, 0.0],
        [0.0, 0.25, 1.0, 0.48],
        [0.0, 0.0, 0.48, 1.0],
    ]
}

#[test]
fn distances_follow_from_harmonic_means_and_mutual_information() {
    let similarity = trained().mutual();
    let distances = similarity.distances();
    let information = SpatialInformation::of(four().candidates()).unwrap();
    let expected_information = [
        [1.0, 0.75, 0.5, 0.375],
        [0.75, 1.0, 0.375, 0.25],
        [0.5, 0.375, 1.0, 0.75],
        [0.375, 0.25, 0.75, 1.0],
    ];
    let rescaled = |rule| distances.rescaled(&information, rule).unwrap();
    let divided = rescaled(Rescaling::DividedByInformation);
    for (i, row) in expected_information.into_iter().enumerate() {
        for (j, expected) in row.into_iter().enumerate() {
            assert_near(similarity.get(i, j), mutual()[i][j]);
            assert_near(information.get(i, j), expected);
            let distance = if i == j { 0.0 } else { 1.0 / (1.0 + mutual()[i][j]) };
            assert_near(distances.get(i, j), distance);
            assert_near(divided.get(i, j), distance / expected);
        }
    }
    // 1×2 and 1×4: ¾ / ¾; 1×2 and 2×1: 1 / ½; 2×1 and 4×1: (1 / 1.48) / ¾.
    assert_near(divided.get(0, 1), 1.0);
    assert_near(divided.get(0, 2), 2.0);
    assert_near(divided.get(2, 3), 100.0 / 111.0);
    assert_near(rescaled(Rescaling::TwoMinusInformation).get(0, 1), 0.75 * 1.25);
    assert_near(
        rescaled(Rescaling::ExponentialOfInformation).get(0, 1),
        0.75 * 0.25_f64.exp(),
    );
    assert_eq!(rescaled(Rescaling::None), distances);
    // Every variant enlarges the distance of unlike patterns more.
    for rule in [
        Rescaling::DividedByInformation,
        Rescaling::TwoMinusInformation,
        Rescaling::ExponentialOfInformation,
    ] {
        let enlarged = |i, j| rescaled(rule).get(i, j) / distances.get(i, j);
        assert!(
            enlarged(1, 3) > enlarged(0, 1) && enlarged(0, 1) > 1.0,
            "{rule:?}"
        );
    }
}

#[test]
fn rows_and_columns_are_two_clusters_of_which_one_each_is_sampled() {
    let information = SpatialInformation::of(four().candidates()).unwrap();
    let similarity = trained().mutual();
    let distances = similarity
        .distances()
        .rescaled(&information, Rescaling::default())
        .unwrap();
    let config = HdbscanParams::default().check().unwrap();
    let clustering = cluster(&distances, &config).unwrap();
    assert_eq!(clustering.labels(), [Some(0), Some(0), Some(1), Some(1)]);
    let representatives = Representatives::of(&clustering, Noise::default(), CountRule::default()).unwrap();
    assert_eq!(representatives.clusters(), [vec![0, 1], vec![2, 3]]);
    assert_eq!(representatives.counts(), [1, 1]);

    let probabilities = |members: &[usize], n_selected: [u64; 4]| {
        selection_probabilities(&similarity, members, &n_selected, SelectionRule::default()).unwrap()
    };
    // (⅓ / 2, ⅓) and (0.48, 0.48 / 3).
    for (found, expected) in [
        (probabilities(&[0, 1], [1, 0, 0, 2]), [1.0 / 3.0, 2.0 / 3.0]),
        (probabilities(&[2, 3], [1, 0, 0, 2]), [0.75, 0.25]),
    ] {
        assert_near(found[0], expected[0]);
        assert_near(found[1], expected[1]);
    }
    // All four as one cluster: ⅓, ⅓ + ¼, ¼ + 0.48 and 0.48 of 2.12667.
    let sums = [1.0 / 3.0, 7.0 / 12.0, 0.73, 0.48];
    let total: f64 = sums.iter().sum();
    for (found, sum) in probabilities(&[0, 1, 2, 3], [0; 4]).into_iter().zip(sums) {
        assert_near(found, sum / total);
    }
}

#[test]
fn ratios_are_averaged_over_all_times_they_were_measured() {
    let mut similarity = trained();
    similarity
        .record(0, &known([0.25, 0.5, 0.4, 1.0]), &known([0.0, 0.125, 0.2, 0.9]))
        .unwrap();
    // (½ + 1) / 2, (¼ + ¾) / 2, (0 + ½) / 2, (−0.1 + 0.1) / 2.
    for (j, expected) in [0.75, 0.5, 0.25, 0.0].into_iter().enumerate() {
        assert_near(similarity.get(0, j).unwrap(), expected);
        assert_eq!((similarity.n_measured(0, j), similarity.n_measured(1, j)), (2, 1));
    }
    // Perfectly fair before, or not known: no share.
    similarity
        .record(
            3,
            &[Some(0.0), None, Some(0.5), Some(0.5)],
            &[Some(0.1), Some(0.1), None, Some(0.5)],
        )
        .unwrap();
    let counts = [0, 1, 2, 3].map(|j| similarity.n_measured(3, j));
    assert_eq!(counts, [1, 1, 1, 2]);
    assert_near(similarity.get(3, 3).unwrap(), 0.25);
}

#[test]
fn what_was_never_measured_counts_as_no_similarity() {
    let mut similarity = TrainingSimilarity::new(2);
    similarity.record(0, &[Some(1.0); 2], &[Some(0.5); 2]).unwrap();
    assert_eq!(similarity.get(1, 0), None);
    let expected = MutualSimilarity::from_rows(&[vec![1.0, 0.0], vec![0.0, 1.0]]).unwrap();
    assert_eq!(similarity.mutual(), expected);
}
