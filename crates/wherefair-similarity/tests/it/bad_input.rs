//! Bad input gives an error that says what, where, and what would be accepted, or what is documented; never a stall.

use std::sync::Arc;

use wherefair_core::{Extent, Seed};
use wherefair_partition::{EqualGrid, Groups, Partitioning, PartitioningDistribution};
use wherefair_similarity::{
    Clustering, CountRule, Distances, HdbscanParams, MutualSimilarity, Noise, Representatives, Rescaling,
    SelectionRule, SimilarityError, SpatialInformation, TrainingSimilarity, cluster, selection_probabilities,
};

fn equal_distances(n: usize, distance: f64) -> Distances {
    Distances::from_rows(&vec![vec![distance; n]; n]).unwrap()
}

fn default_clusters(distances: &Distances) -> Vec<Option<usize>> {
    let config = HdbscanParams::default().check().unwrap();
    cluster(distances, &config).unwrap().labels().to_vec()
}

#[test]
fn matrices_outside_their_domain_are_rejected_with_their_place() {
    let with = |row: usize, column: usize, value: f64| {
        let mut rows = vec![vec![0.5; 3]; 3];
        rows[row][column] = value;
        rows
    };
    for (rows, message) in [
        (
            with(0, 2, f64::NAN),
            "entry (0, 2) of the distances is NaN (accepted: a finite number of at least 0)",
        ),
        (
            with(2, 1, f64::INFINITY),
            "entry (2, 1) of the distances is inf (accepted: a finite number of at least 0)",
        ),
        (
            with(1, 0, -0.5),
            "entry (1, 0) of the distances is -0.5 (accepted: a finite number of at least 0)",
        ),
        (
            with(1, 2, 0.25),
            "entries (1, 2) and (2, 1) of the distances are 0.25 and 0.5 (accepted: equal ones)",
        ),
        (
            vec![vec![0.0, 1.0], vec![1.0, 0.0], vec![1.0, 1.0]],
            "row 0 of the distances has 2 entries (accepted: 3, one a row)",
        ),
        (
            vec![vec![0.0, 1.0], vec![1.0]],
            "row 1 of the distances has 1 entries (accepted: 2, one a row)",
        ),
    ] {
        assert_eq!(Distances::from_rows(&rows).unwrap_err().to_string(), message);
        let error = MutualSimilarity::from_rows(&rows).unwrap_err().to_string();
        assert_eq!(error, message.replace("distances", "similarities"));
    }
    // Nobody looks at the diagonal.
    let rows = vec![vec![f64::NAN, 0.5], vec![0.5, -1.0]];
    assert_eq!(Distances::from_rows(&rows).unwrap(), equal_distances(2, 0.5));
}

#[test]
fn records_that_do_not_fit_are_rejected_and_change_nothing() {
    let mut similarity = TrainingSimilarity::new(2);
    let good = [Some(0.5), Some(0.5)];
    for (trained, before, after) in [
        (2, good.to_vec(), good.to_vec()),
        (0, vec![Some(0.5)], good.to_vec()),
        (0, good.to_vec(), vec![Some(0.5); 3]),
        (0, good.to_vec(), vec![Some(0.5), Some(f64::NAN)]),
        (0, vec![Some(f64::INFINITY), None], good.to_vec()),
        (0, vec![Some(-0.1), None], good.to_vec()),
    ] {
        similarity.record(trained, &before, &after).unwrap_err();
    }
    assert_eq!(similarity, TrainingSimilarity::new(2));
    // A share that overflows is not measured.
    similarity
        .record(0, &[Some(f64::MIN_POSITIVE); 2], &[Some(f64::MAX); 2])
        .unwrap();
    assert_eq!(similarity.get(0, 1), None);
}

#[test]
fn parameters_outside_their_domain_are_rejected() {
    for size in [0, 1] {
        let error = HdbscanParams::default()
            .min_cluster_size(size)
            .check()
            .unwrap_err();
        let expected = format!("invalid min_cluster_size: {size} (accepted: a whole number of at least 2)");
        assert_eq!(error.to_string(), expected);
    }
    assert!(HdbscanParams::default().min_samples(0).check().is_err());
}

#[test]
fn none_one_and_two_partitionings_have_no_clusters_to_tell_apart() {
    for n in 0..3 {
        let labels = default_clusters(&equal_distances(n, 0.5));
        assert_eq!(labels, vec![None; n], "{n}");
    }
    let config = HdbscanParams::default()
        .min_samples(50)
        .min_cluster_size(9)
        .check()
        .unwrap();
    assert_eq!(cluster(&equal_distances(3, 0.5), &config).unwrap().n_noise(), 3);
    let empty = cluster(&equal_distances(0, 0.5), &config).unwrap();
    let error = Representatives::of(&empty, Noise::default(), CountRule::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid number of partitionings: 0 (accepted: at least 1)"
    );
    let one = cluster(&equal_distances(1, 0.5), &config).unwrap();
    let one = Representatives::of(&one, Noise::default(), CountRule::default()).unwrap();
    assert_eq!((one.clusters(), one.counts()), (&[vec![0]][..], &[1][..]));
}

#[test]
fn information_and_clusters_do_not_depend_on_where_the_coordinates_begin() {
    // Unit square, metres of UTM, degrees, and tenths, none of which divide evenly by all numbers of cells.
    let extents = [
        [0.0, 0.0, 1.0, 1.0],
        [448_262.3, 5_411_932.7, 453_377.1, 5_417_123.9],
        [-87.94, 41.64, -87.52, 42.02],
        [0.1, 0.1, 0.9, 0.9],
    ];
    let on = |[x0, y0, x1, y1]: [f64; 4], largest| {
        let extent = Extent::new(x0, y0, x1, y1).unwrap();
        let grids = PartitioningDistribution::equal_grids(extent, largest, largest).unwrap();
        SpatialInformation::of(grids.candidates()).unwrap()
    };
    for (largest, n) in [(5, 24), (10, 99)] {
        let unit = on(extents[0], largest);
        // A twentieth of all pairs is similar, so that ties among the others decide.
        let similar = |i: usize, j: usize| {
            let pair = (i.min(j) * n + i.max(j)) as u64;
            let mut stream = Seed::new(1).indexed("similar", pair);
            if stream.uniform() < 0.05 {
                stream.uniform()
            } else {
                0.0
            }
        };
        let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| similar(i, j)).collect()).collect();
        let distances = MutualSimilarity::from_rows(&rows).unwrap().distances();
        let labels = |information: &SpatialInformation| {
            default_clusters(&distances.rescaled(information, Rescaling::default()).unwrap())
        };
        for extent in &extents[1..] {
            let elsewhere = on(*extent, largest);
            assert_eq!(elsewhere, unit);
            assert_eq!(labels(&elsewhere), labels(&unit));
        }
    }
}

#[test]
fn what_is_read_is_checked() {
    let mut similarity = TrainingSimilarity::new(2);
    similarity.record(0, &[Some(0.5); 2], &[Some(0.25); 2]).unwrap();
    let text = serde_json::to_string(&similarity).unwrap();
    assert_eq!(
        serde_json::from_str::<TrainingSimilarity>(&text).unwrap(),
        similarity
    );
    let refusal = |text: &str| {
        serde_json::from_str::<TrainingSimilarity>(text)
            .unwrap_err()
            .to_string()
    };
    assert!(
        refusal(r#"{"n":2,"sums":[0.5],"counts":[1,0,0,0]}"#)
            .contains("sums has shape (1,) (accepted: shape (4,)")
    );
    assert!(refusal(r#"{"n":1,"sums":[0.5],"counts":[]}"#).contains("counts has shape (0,)"));
    assert!(refusal(r#"{"n":4294967296,"sums":[],"counts":[]}"#).contains("sums has shape (0,)"));

    let distances = equal_distances(3, 0.5);
    let text = serde_json::to_string(&distances).unwrap();
    assert_eq!(serde_json::from_str::<Distances>(&text).unwrap(), distances);
    let error = serde_json::from_str::<MutualSimilarity>("[[0.0,-1.0],[-1.0,0.0]]").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("entry (0, 1) of the similarities is -1"),
        "{error}"
    );

    let clustering: Clustering = serde_json::from_str("[0,null,1,0]").unwrap();
    assert_eq!((clustering.n_clusters(), clustering.n_noise()), (2, 1));
    assert_eq!(serde_json::to_string(&clustering).unwrap(), "[0,null,1,0]");
    for text in ["[1,0]", "[0,2]"] {
        let error = serde_json::from_str::<Clustering>(text).unwrap_err();
        assert!(error.to_string().contains("invalid cluster"), "{error}");
    }

    let representatives = Representatives::of(&clustering, Noise::default(), CountRule::default()).unwrap();
    let text = serde_json::to_string(&representatives).unwrap();
    assert_eq!(
        serde_json::from_str::<Representatives>(&text).unwrap(),
        representatives
    );
    for (text, message) in [
        (
            r#"{"clusters":[[0,1]],"counts":[3],"is_uniform":false}"#,
            "3 (accepted: 1 to 2",
        ),
        (
            r#"{"clusters":[[0,1]],"counts":[0],"is_uniform":false}"#,
            "0 (accepted: 1 to 2",
        ),
        (
            r#"{"clusters":[[0,1],[2]],"counts":[1],"is_uniform":false}"#,
            "counts has shape (1,)",
        ),
        (
            r#"{"clusters":[[0,1],[1]],"counts":[1,1],"is_uniform":false}"#,
            "invalid member: 1",
        ),
    ] {
        let error = serde_json::from_str::<Representatives>(text).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn without_any_similarity_all_are_noise_and_sampled_alike() {
    let similarity = TrainingSimilarity::new(24).mutual();
    let distances = similarity.distances();
    assert_eq!(distances, equal_distances(24, 1.0));
    assert!(similarity.is_zero());
    let clustering = cluster(&distances, &HdbscanParams::default().check().unwrap()).unwrap();
    assert_eq!((clustering.n_clusters(), clustering.n_noise()), (0, 24));
    for noise in [Noise::Singletons, Noise::OneCluster, Noise::LeftOut] {
        let representatives = Representatives::of(&clustering, noise, CountRule::default()).unwrap();
        assert!(representatives.is_uniform());
        assert_eq!(representatives.n_sampled(), 5);
        let mut counts = vec![0_u32; 24];
        for index in 0..4_800 {
            let mut stream = Seed::new(1).indexed("uniform", index);
            let rule = SelectionRule::default();
            let sampled = representatives
                .sample(&similarity, &[3; 24], rule, &mut stream)
                .unwrap();
            assert_eq!(sampled.len(), 5);
            for one in sampled {
                counts[one] += 1;
            }
        }
        let five_sigma = 5.0 * (4_800.0 * 5.0 / 24.0 * (19.0 / 24.0_f64)).sqrt();
        assert!(
            counts
                .iter()
                .all(|&count| (f64::from(count) - 1_000.0).abs() < five_sigma),
            "{counts:?}"
        );
    }
}

#[test]
fn one_giant_cluster_is_sampled_as_far_as_its_root() {
    // A chain of points, ever denser.
    let places: Vec<f64> = (0..100).map(|i| 1.02_f64.powi(-i)).collect();
    let rows: Vec<Vec<f64>> = places
        .iter()
        .map(|a| places.iter().map(|b| (a - b).abs()).collect())
        .collect();
    let params = HdbscanParams::default()
        .min_cluster_size(50)
        .allow_single_cluster(true);
    let clustering = cluster(&Distances::from_rows(&rows).unwrap(), &params.check().unwrap()).unwrap();
    assert_eq!(clustering.n_clusters(), 1);
    let representatives = Representatives::of(&clustering, Noise::LeftOut, CountRule::default()).unwrap();
    let size = representatives.clusters()[0].len();
    assert_eq!(representatives.counts(), [10.min(size)]);
    assert!(!representatives.is_uniform());
}

#[test]
fn coinciding_partitionings_are_one_cluster_and_no_infinite_density() {
    let places = [0.0_f64, 0.0, 0.0, 1.0, 1.0, 7.0];
    let rows: Vec<Vec<f64>> = places
        .iter()
        .map(|a| places.iter().map(|b| (a - b).abs()).collect())
        .collect();
    let labels = default_clusters(&Distances::from_rows(&rows).unwrap());
    assert_eq!(labels[0], labels[1]);
    assert_eq!(labels[3], labels[4]);
    assert!(labels[0].is_some() && labels[3].is_some() && labels[0] != labels[3] && labels[5].is_none());
    assert_eq!(default_clusters(&equal_distances(5, 0.0)), [None; 5]);
}

#[test]
fn samples_of_other_shapes_are_rejected() {
    let similarity = TrainingSimilarity::new(3).mutual();
    let rule = SelectionRule::default();
    let error = selection_probabilities(&similarity, &[0], &[0; 2], rule).unwrap_err();
    let expected = "n_selected has shape (2,) (accepted: shape (3,), as the similarities)";
    assert_eq!(error.to_string(), expected);
    assert!(selection_probabilities(&similarity, &[3], &[0; 3], rule).is_err());
    assert_eq!(
        selection_probabilities(&similarity, &[], &[0; 3], rule).unwrap(),
        Vec::<f64>::new()
    );
    let clustering = cluster(
        &equal_distances(4, 1.0),
        &HdbscanParams::default().check().unwrap(),
    )
    .unwrap();
    let representatives = Representatives::of(&clustering, Noise::default(), CountRule::default()).unwrap();
    let mut stream = Seed::new(1).stream("x");
    // Nothing is looked up where all are alike, so that nothing can be missing.
    assert_eq!(
        representatives
            .sample(&similarity, &[0; 3], rule, &mut stream)
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn partitionings_without_areas_have_no_information() {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let candidates: Vec<Arc<dyn Partitioning>> = vec![
        Arc::new(EqualGrid::new(extent, 1, 2).unwrap()),
        Arc::new(Groups::new("soil", vec!["clay".to_owned(), "sand".to_owned()]).unwrap()),
    ];
    let error = SpatialInformation::of(&candidates).unwrap_err();
    assert!(matches!(error, SimilarityError::Partition(_)), "{error}");
    let information = SpatialInformation::of(&candidates[..1]).unwrap();
    let error = equal_distances(2, 0.5)
        .rescaled(&information, Rescaling::default())
        .unwrap_err();
    let expected = "the mutual information has shape (1,) (accepted: shape (2,), as the distances)";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn partitionings_of_other_places_are_far_but_not_infinitely() {
    let grid = |x: f64| -> Arc<dyn Partitioning> {
        let extent = Extent::new(x, 0.0, x + 1.0, 1.0).unwrap();
        Arc::new(EqualGrid::new(extent, 1, 2).unwrap())
    };
    let information = SpatialInformation::of(&[grid(0.0), grid(5.0)]).unwrap();
    assert!(information.get(0, 1).abs() < 1e-15);
    let rescaled = equal_distances(2, 0.5)
        .rescaled(&information, Rescaling::default())
        .unwrap();
    assert!((rescaled.get(0, 1) - 0.5e6).abs() < 1e-6);
}
