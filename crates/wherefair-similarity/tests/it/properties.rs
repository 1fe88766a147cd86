//! What holds for any similarities.

use proptest::prelude::*;
use wherefair_core::Seed;
use wherefair_similarity::{
    CountRule, HdbscanParams, Noise, Representatives, SelectionRule, TrainingSimilarity, cluster,
};

/// Unfairness of up to 12 partitionings, before and after training each.
fn trained() -> impl Strategy<Value = TrainingSimilarity> {
    (1_usize..12).prop_flat_map(|n| {
        let unfairness = || prop::collection::vec(prop::option::weighted(0.9, 0.0..1.0_f64), n);
        prop::collection::vec((unfairness(), unfairness()), n).prop_map(move |rows| {
            let mut similarity = TrainingSimilarity::new(n);
            for (i, (before, after)) in rows.iter().enumerate() {
                similarity.record(i, before, after).unwrap();
            }
            similarity
        })
    })
}

proptest! {
    #[test]
    fn similarities_are_mutual_and_distances_of_the_papers_range(similarity in trained()) {
        let mutual = similarity.mutual();
        let distances = mutual.distances();
        for i in 0..mutual.len() {
            for j in 0..mutual.len() {
                prop_assert_eq!(mutual.get(i, j).to_bits(), mutual.get(j, i).to_bits());
                prop_assert!((0.0..f64::INFINITY).contains(&mutual.get(i, j)));
                let (a, b) = (similarity.get(i, j), similarity.get(j, i));
                if i == j {
                    prop_assert!(distances.get(i, j).abs() < f64::MIN_POSITIVE);
                } else {
                    let both = a.unwrap_or(0.0) > 0.0 && b.unwrap_or(0.0) > 0.0;
                    prop_assert_eq!(mutual.get(i, j) > 0.0, both);
                    prop_assert!(distances.get(i, j) > 0.0 && distances.get(i, j) <= 1.0);
                    // No ratio exceeds 1, so that no distance is below a half.
                    prop_assert!(distances.get(i, j) >= 0.5);
                }
            }
        }
    }

    #[test]
    fn samples_are_distinct_members_and_each_cluster_has_one(similarity in trained(), seed: u64, size in 2_usize..4) {
        let mutual = similarity.mutual();
        let n = mutual.len();
        let config = HdbscanParams::default().min_cluster_size(size).check().unwrap();
        let clustering = cluster(&mutual.distances(), &config).unwrap();
        prop_assert_eq!(clustering.labels().len(), n);
        for label in clustering.labels().iter().flatten() {
            prop_assert!(*label < clustering.n_clusters());
        }
        let n_selected = vec![1; n];
        for noise in [Noise::Singletons, Noise::OneCluster, Noise::LeftOut] {
            for rule in [CountRule::SizeByClusters, CountRule::SizeByClustersFloor, CountRule::RootShare] {
                let representatives = Representatives::of(&clustering, noise, rule).unwrap();
                let mut stream = Seed::new(seed).stream("sample");
                let selection = SelectionRule::default();
                let sampled = representatives.sample(&mutual, &n_selected, selection, &mut stream).unwrap();
                let mut unique = sampled.clone();
                unique.sort_unstable();
                unique.dedup();
                prop_assert_eq!(unique.len(), sampled.len());
                prop_assert_eq!(sampled.len(), representatives.n_sampled());
                for (members, &count) in representatives.clusters().iter().zip(representatives.counts()) {
                    let n_own = sampled.iter().filter(|one| members.contains(one)).count();
                    prop_assert_eq!(n_own, count);
                    prop_assert!(count >= 1 && count <= members.len());
                }
            }
        }
    }
}
