//! Properties that hold for all weights.

use proptest::prelude::*;
use wherefair_core::Point;
use wherefair_stats::{
    Contiguity, DenseWeights, Isolates, Metric, SpatialWeights, Symmetrization, Transform, read_gal,
    read_gwt, write_gal, write_gwt,
};

/// Sums of up to a few hundred numbers around 1, relative.
const ROUNDING: f64 = 1e-12;

const RULES: [Symmetrization; 3] = [Symmetrization::Max, Symmetrization::Mean, Symmetrization::Sum];

/// Weights above 0 of up to 20 units, in general asymmetric and with isolates.
fn weights() -> impl Strategy<Value = SpatialWeights> {
    (1_usize..20).prop_flat_map(|n| {
        proptest::collection::btree_map((0..n, 0..n), 1e-3..1e3, 0..3 * n).prop_map(move |links| {
            let off_diagonal = links.into_iter().filter(|((i, j), _)| i != j);
            SpatialWeights::from_edges(n, off_diagonal.map(|((i, j), weight)| (i, j, weight))).unwrap()
        })
    })
}

fn cloud() -> impl Strategy<Value = Vec<Point>> {
    proptest::collection::vec((0_u8..15, 0_u8..15), 2..60).prop_map(|cells| {
        cells
            .iter()
            .map(|&(x, y)| Point::new(f64::from(x) * 0.3, f64::from(y)))
            .collect()
    })
}

/// The haversine of the angle between two points, by another formula than the crate's.
fn haversine(a: Point, b: Point) -> f64 {
    let half = |angle: f64| (0.5 * angle.to_radians()).sin().powi(2);
    half(a.y - b.y) + a.y.to_radians().cos() * b.y.to_radians().cos() * half(a.x - b.x)
}

proptest! {
    #[test]
    fn rows_sum_to_one_except_those_of_isolates(w in weights()) {
        let row = w.transform(Transform::Row).unwrap();
        prop_assert_eq!(row.isolates(), w.isolates());
        for i in 0..w.n() {
            let sum: f64 = row.row(i).1.iter().sum();
            prop_assert!(row.row(i).0.is_empty() || (sum - 1.0).abs() < ROUNDING);
        }
    }

    #[test]
    fn global_transforms_sum_to_their_totals(w in weights()) {
        let n_linked = (w.n() - w.isolates().len()) as f64;
        for (transform, total) in [
            (Transform::GlobalUnit, 1.0),
            (Transform::GlobalN, n_linked),
            (Transform::VarianceStabilizing, n_linked),
        ] {
            let s0 = w.transform(transform).unwrap().moments().s0;
            prop_assert!(w.n_nonzero() == 0 || (s0 - total).abs() < ROUNDING * total);
        }
    }

    #[test]
    fn symmetrised_weights_are_symmetric_and_then_stay_as_they_are(w in weights()) {
        for rule in RULES {
            let symmetric = w.symmetrize(rule);
            prop_assert!(symmetric.is_symmetric());
            prop_assert_eq!(&symmetric, &symmetric.transpose());
            if rule != Symmetrization::Sum {
                prop_assert_eq!(&symmetric.symmetrize(rule), &symmetric);
            }
        }
    }

    #[test]
    fn dense_and_sparse_forms_are_the_same(w in weights()) {
        let dense = DenseWeights::try_from(&w).unwrap();
        prop_assert_eq!(dense.to_sparse(), w.clone());
        let (sparse, dense) = (w.moments(), dense.moments());
        for (a, b) in [(sparse.s0, dense.s0), (sparse.s1, dense.s1), (sparse.s2, dense.s2)] {
            prop_assert!((a - b).abs() <= ROUNDING * a.abs());
        }
    }

    #[test]
    fn nearest_neighbours_equal_those_of_comparing_all_pairs(points in cloud(), k in 1_usize..10) {
        let k = k.min(points.len() - 1);
        let w = SpatialWeights::k_nearest(&points, k, Metric::Planar).unwrap();
        for (i, point) in points.iter().enumerate() {
            let squared = |j: u32| {
                let other = points[j as usize];
                (point.x - other.x).powi(2) + (point.y - other.y).powi(2)
            };
            let others = 0..u32::try_from(points.len()).unwrap();
            let mut nearest: Vec<u32> = others.filter(|&j| j as usize != i).collect();
            nearest.sort_by(|&a, &b| squared(a).total_cmp(&squared(b)).then(a.cmp(&b)));
            nearest.truncate(k);
            nearest.sort_unstable();
            prop_assert_eq!(w.row(i).0, nearest.as_slice());
        }
    }

    #[test]
    fn no_point_outside_is_nearer_along_great_circles(
        places in proptest::collection::vec((-180.0..360.0_f64, -90.0..=90.0_f64), 2..50),
        k in 1_usize..6,
    ) {
        let points: Vec<Point> = places.iter().map(|&(x, y)| Point::new(x, y)).collect();
        let k = k.min(points.len() - 1);
        let w = SpatialWeights::k_nearest(&points, k, Metric::EARTH).unwrap();
        for (i, &point) in points.iter().enumerate() {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                (0..points.len()).filter(|&j| j != i).partition(|&j| w.weight(i, j) > 0.0);
            prop_assert_eq!(inside.len(), k);
            let farthest = inside.iter().map(|&j| haversine(point, points[j])).fold(0.0, f64::max);
            prop_assert!(outside.iter().all(|&j| haversine(point, points[j]) >= farthest - ROUNDING));
        }
    }

    #[test]
    fn bands_link_all_pairs_within_the_threshold(points in cloud(), threshold in 0.0..8.0) {
        let w = SpatialWeights::distance_band(&points, threshold, Metric::Planar).unwrap();
        for i in 0..points.len() {
            for j in (0..points.len()).filter(|&j| j != i) {
                let (x, y) = (points[i].x - points[j].x, points[i].y - points[j].y);
                prop_assert_eq!(w.weight(i, j) > 0.0, (x * x + y * y).sqrt() <= threshold);
            }
        }
    }

    #[test]
    fn attaching_leaves_no_isolate(points in cloud(), threshold in 0.0..2.0) {
        let w = SpatialWeights::distance_band(&points, threshold, Metric::Planar).unwrap();
        let policy = Isolates::AttachNearest { points: &points, metric: Metric::Planar, weight: 1.0 };
        let attached = w.with_isolates(policy).unwrap();
        prop_assert!(attached.isolates().is_empty());
        prop_assert!(attached.is_symmetric());
    }

    #[test]
    fn gal_files_bring_the_links_back(w in weights()) {
        let ids: Vec<String> = (0..w.n()).map(|i| format!("unit-{}", w.n() - i)).collect();
        let mut file = vec![];
        write_gal(&mut file, &w, &ids).unwrap();
        let read = read_gal(file.as_slice()).unwrap();
        prop_assert_eq!(&read.ids, &ids);
        prop_assert_eq!(read.weights, w.transform(Transform::Binary).unwrap());
    }

    #[test]
    fn gwt_files_bring_all_bits_back(w in weights()) {
        let ids: Vec<String> = (0..w.n()).map(|i| format!("é{i}")).collect();
        let mut file = vec![];
        write_gwt(&mut file, &w, &ids).unwrap();
        let read = read_gwt(file.as_slice(), Some(&ids)).unwrap();
        prop_assert_eq!(&read.ids, &ids);
        prop_assert_eq!(read.weights, w);
    }

    #[test]
    fn hostile_files_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_gal(bytes.as_slice());
        let _ = read_gwt(bytes.as_slice(), None);
        let digits: String = bytes.iter().map(|byte| [' ', '\n', '0', '1', '2', '3'][usize::from(byte % 6)]).collect();
        let _ = read_gal(digits.as_bytes());
        let _ = read_gwt(digits.as_bytes(), None);
    }

    #[test]
    fn masked_rasters_are_the_raster_without_the_masked_cells(
        n_rows in 1_usize..7,
        mask in proptest::collection::vec(any::<bool>(), 6 * 5),
    ) {
        let mask = &mask[..n_rows * 5];
        let units: Vec<usize> = (0..mask.len()).filter(|&cell| mask[cell]).collect();
        for contiguity in [Contiguity::Queen, Contiguity::Rook] {
            let all = SpatialWeights::from_raster(n_rows, 5, None, contiguity).unwrap();
            let masked = SpatialWeights::from_raster(n_rows, 5, Some(mask), contiguity).unwrap();
            prop_assert_eq!(masked.n(), units.len());
            for (i, &cell) in units.iter().enumerate() {
                for (j, &other) in units.iter().enumerate() {
                    prop_assert_eq!(masked.weight(i, j).to_bits(), all.weight(cell, other).to_bits());
                }
            }
        }
    }
}

#[test]
fn weights_have_the_same_bits_for_any_number_of_threads() {
    let points: Vec<Point> = (0..5000_u32)
        .map(|i| Point::new(f64::from(i * 7919 % 4999), f64::from(i * 104_729 % 5003)))
        .collect();
    let make = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        pool.install(|| {
            let nearest = SpatialWeights::k_nearest(&points, 8, Metric::Planar).unwrap();
            let inverse = SpatialWeights::inverse_distance(&points, 1.0, 100.0, Metric::Planar).unwrap();
            let radius = inverse
                .spectral_radius(wherefair_stats::PowerIteration::default())
                .unwrap();
            let moments = inverse.moments();
            let hops = nearest.h_hop(2, wherefair_stats::HopRule::UpTo).unwrap();
            (nearest, inverse, format!("{radius:?} {moments:?}"), hops)
        })
    };
    assert_eq!(make(1), make(3));
}
