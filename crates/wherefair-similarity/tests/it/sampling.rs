//! How many representatives, and which.

use wherefair_core::Seed;
use wherefair_similarity::{
    Clustering, CountRule, Distances, HdbscanParams, MutualSimilarity, Noise, Representatives, SelectionRule,
    cluster, selection_probabilities,
};

const EVERY_RULE: [SelectionRule; 4] = [
    SelectionRule::SimilarityByOnePlusTimes,
    SelectionRule::SimilarityByTimes,
    SelectionRule::SimilarityDecaying,
    SelectionRule::Softmax,
];

/// Groups of places far from each other, and one place alone.
fn clustered(sizes: &[u32]) -> Clustering {
    let mut places = Vec::new();
    for (group, &size) in (0_u32..).zip(sizes) {
        let start = 1_000.0 * f64::from(group);
        // Steps that widen, so that no two distances are equal.
        places.extend((0..size).map(|i| start + f64::from(i) + 0.01 * f64::from(i * i)));
    }
    places.push(-5_000.0);
    let rows: Vec<Vec<f64>> = places
        .iter()
        .map(|a| places.iter().map(|b| (a - b).abs()).collect())
        .collect();
    let clustering = cluster(
        &Distances::from_rows(&rows).unwrap(),
        &HdbscanParams::default().check().unwrap(),
    )
    .unwrap();
    assert_eq!((clustering.n_clusters(), clustering.n_noise()), (sizes.len(), 1));
    clustering
}

#[test]
fn counts_follow_their_rules() {
    let clustering = clustered(&[9, 3, 2]);
    let counts = |noise, rule| {
        let representatives = Representatives::of(&clustering, noise, rule).unwrap();
        representatives.counts().to_vec()
    };
    // Four clusters with the place alone, of 15 partitionings in all.
    for (rule, expected) in [
        (CountRule::SizeByClusters, [3, 1, 1, 1]),
        (CountRule::SizeByClustersFloor, [2, 1, 1, 1]),
        (CountRule::RootShare, [2, 1, 1, 1]),
    ] {
        assert_eq!(counts(Noise::Singletons, rule), expected, "{rule:?}");
        assert_eq!(counts(Noise::OneCluster, rule), expected, "{rule:?}");
    }
    assert_eq!(counts(Noise::LeftOut, CountRule::SizeByClusters), [3, 1, 1]);
    assert_eq!(counts(Noise::LeftOut, CountRule::SizeByClustersFloor), [3, 1, 1]);
}

fn similarity() -> MutualSimilarity {
    let rows = [
        vec![1.0, 0.4, 0.2, 0.0],
        vec![0.4, 1.0, 0.1, 0.0],
        vec![0.2, 0.1, 1.0, 0.0],
        vec![0.0, 0.0, 0.0, 1.0],
    ];
    MutualSimilarity::from_rows(&rows).unwrap()
}

#[test]
fn rules_differ_as_they_are_documented() {
    let of = |rule, n_selected: [u64; 4]| {
        selection_probabilities(&similarity(), &[0, 1, 2], &n_selected, rule).unwrap()
    };
    let expected = |weights: [f64; 3]| {
        let total: f64 = weights.iter().sum();
        weights.map(|weight| weight / total)
    };
    let sums = [0.6, 0.5, 0.3];
    let times = [2, 0, 1, 0];
    let decayed = [sums[0] * (-2.0_f64).exp(), sums[1], sums[2] * (-1.0_f64).exp()];
    let soft = [(0.2_f64).exp(), (0.5_f64).exp(), (0.15_f64).exp()];
    for (rule, times, weights) in [
        (SelectionRule::SimilarityByOnePlusTimes, times, [0.2, 0.5, 0.15]),
        (SelectionRule::SimilarityByTimes, times, [0.0, 1.0, 0.0]),
        (SelectionRule::SimilarityByTimes, [2, 1, 1, 0], [0.3, 0.5, 0.3]),
        (SelectionRule::SimilarityDecaying, times, decayed),
        (SelectionRule::Softmax, times, soft),
    ] {
        for (found, expected) in of(rule, times).into_iter().zip(expected(weights)) {
            assert!(
                (found - expected).abs() < 1e-15,
                "{rule:?}: {found}, not {expected}"
            );
        }
    }
}

#[test]
fn probabilities_of_members_selected_often_do_not_vanish() {
    // Softmax: sums of 1,000 and more, all selected before. Decaying: exp(−750) is 0 in doubles.
    let n = 2_000;
    let rows: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            (0..n)
                .map(|j| if i == 0 || j == 0 { 0.51 } else { 0.5 })
                .collect()
        })
        .collect();
    let similar = MutualSimilarity::from_rows(&rows).unwrap();
    let members: Vec<usize> = (0..n).collect();
    let found = selection_probabilities(&similar, &members, &vec![1; n], SelectionRule::Softmax).unwrap();
    // 1,999 · 0.51 = 1,019.49 against 1,998 · 0.5 + 0.51 = 999.51, both halved.
    assert!((found[0] / found[1] / 9.99_f64.exp() - 1.0).abs() < 1e-9);
    let times = [751, 750, 752, 0];
    let found = selection_probabilities(
        &similarity(),
        &[0, 1, 2],
        &times,
        SelectionRule::SimilarityDecaying,
    )
    .unwrap();
    let weights = [0.6 * (-1.0_f64).exp(), 0.5, 0.3 * (-2.0_f64).exp()];
    for (found, weight) in found.iter().zip(weights) {
        assert!(
            (found - weight / weights.iter().sum::<f64>()).abs() < 1e-15,
            "{found}"
        );
    }
}

#[test]
fn members_without_similarity_are_all_equally_probable() {
    for rule in EVERY_RULE {
        let found = selection_probabilities(&similarity(), &[3], &[9; 4], rule).unwrap();
        assert_eq!(found, [1.0], "{rule:?}");
        let none = MutualSimilarity::from_rows(&vec![vec![0.0; 4]; 4]).unwrap();
        let found = selection_probabilities(&none, &[0, 1, 2, 3], &[0, 5, 9, u64::MAX], rule).unwrap();
        assert_eq!(found, [0.25; 4], "{rule:?}");
    }
}

#[test]
fn first_draws_follow_the_probabilities_and_none_is_drawn_twice() {
    let clustering = clustered(&[9, 3, 2]);
    let n = clustering.labels().len();
    let rows: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| ((i + j) % 7) as f64 / 10.0).collect())
        .collect();
    let similarity = MutualSimilarity::from_rows(&rows).unwrap();
    let n_selected: Vec<u64> = (0..n as u64).map(|i| i % 3).collect();
    let representatives = Representatives::of(&clustering, Noise::Singletons, CountRule::default()).unwrap();
    let members = &representatives.clusters()[0];
    for rule in EVERY_RULE {
        let probabilities = selection_probabilities(&similarity, members, &n_selected, rule).unwrap();
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let mut counts = vec![0_u32; n];
        let n_draws = 20_000;
        for index in 0..n_draws {
            let mut stream = Seed::new(3).indexed("draw", index);
            let mut sampled = representatives
                .sample(&similarity, &n_selected, rule, &mut stream)
                .unwrap();
            counts[sampled[0]] += 1;
            assert_eq!(sampled.len(), representatives.n_sampled());
            sampled.sort_unstable();
            sampled.dedup();
            assert_eq!(sampled.len(), representatives.n_sampled());
        }
        for (&member, p) in members.iter().zip(probabilities) {
            let n_draws = n_draws as f64;
            let five_sigma = 5.0 * (n_draws * p * (1.0 - p)).sqrt() + 1e-9;
            let error = (f64::from(counts[member]) - n_draws * p).abs();
            assert!(
                error <= five_sigma,
                "{rule:?}, member {member}: {} of {n_draws}, p {p}",
                counts[member]
            );
        }
    }
}

#[test]
fn a_cluster_is_sampled_whole_where_it_must_be_even_if_some_are_improbable() {
    let clustering = clustered(&[4, 3]);
    let similarity = MutualSimilarity::from_rows(&vec![vec![0.0; 8]; 8]).unwrap();
    let representatives =
        Representatives::of(&clustering, Noise::Singletons, CountRule::SizeByClusters).unwrap();
    assert_eq!(representatives.counts(), [2, 1, 1]);
    let mut stream = Seed::new(1).stream("x");
    let rule = SelectionRule::default();
    let sampled = representatives
        .sample(&similarity, &[0; 8], rule, &mut stream)
        .unwrap();
    assert_eq!(sampled.len(), 4);
    assert_ne!(sampled[0], sampled[1]);
    assert_eq!(sampled[3], 7);
}
