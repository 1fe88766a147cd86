//! Mutual information: published values and properties.

use std::sync::Arc;

use proptest::prelude::*;
use wherefair_core::{Extent, PartitionId, Point, Seed, Site};
use wherefair_partition::{
    EqualGrid, Groups, PartitionError, Partitioning, Polygons, Shape, SpaceTime, mutual_information,
    overlap_areas,
};

use crate::partitionings::{all_kinds, equal_grids, random_extent};

const EXACT_TOLERANCE: f64 = 1e-12;
/// Intersections of polygons round at every crossing.
const AREA_TOLERANCE: f64 = 1e-9;

fn extent() -> Extent {
    Extent::new(0.0, 0.0, 1.0, 1.0).unwrap()
}

fn grid(extent: Extent, rows: usize, columns: usize) -> EqualGrid {
    EqualGrid::new(extent, rows, columns).unwrap()
}

/// The same cells as polygons, so that the general path computes them.
fn as_polygons(partitioning: &dyn Partitioning) -> Polygons {
    let cells = (0..partitioning.n_partitions()).map(|i| {
        let id = PartitionId::from_index(i).unwrap();
        (partitioning.label(id), partitioning.shape(id).unwrap())
    });
    Polygons::new("cells", cells.collect()).unwrap()
}

#[test]
fn known_values_are_met() {
    let cases = [
        ((1, 2), (1, 4), 3.0 / 4.0),
        ((1, 5), (1, 6), 3.0 / 4.0),
        ((1, 5), (5, 1), 1.0 / 5.0),
        ((2, 2), (4, 4), 5.0 / 8.0),
        ((3, 3), (4, 4), 41.0 / 72.0),
        ((2, 3), (3, 2), 5.0 / 9.0),
        ((1, 2), (5, 5), 49.0 / 100.0),
    ];
    let far = Extent::new(512_000.0, 5_400_000.0, 521_130.0, 5_400_777.0).unwrap();
    for (a, b, expected) in cases {
        for extent in [extent(), far] {
            let (a, b) = (grid(extent, a.0, a.1), grid(extent, b.0, b.1));
            let mi = mutual_information(&a, &b).unwrap();
            assert!(
                (mi - expected).abs() < EXACT_TOLERANCE,
                "{} {}: {mi}",
                a.name(),
                b.name()
            );
            let by_polygons = mutual_information(&as_polygons(&a), &b).unwrap();
            assert!((by_polygons - expected).abs() < AREA_TOLERANCE, "{by_polygons}");
        }
    }
}

#[test]
fn the_24_grids_have_their_published_range_and_mean() {
    let grids = equal_grids(extent(), 5);
    let mut values = Vec::new();
    for i in 0..grids.len() {
        for j in 0..i {
            values.push(mutual_information(grids[i].as_ref(), grids[j].as_ref()).unwrap());
        }
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert_eq!(values.len(), 276);
    assert!((mean - 0.561).abs() < 0.0005, "{mean}");
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(0.0, f64::max);
    assert!((smallest - 0.2).abs() < EXACT_TOLERANCE);
    assert!((largest - 0.75).abs() < EXACT_TOLERANCE);
}

#[test]
fn partitionings_apart_share_nothing() {
    let away = Extent::new(5.0, 5.0, 6.0, 6.0).unwrap();
    let (a, b) = (grid(extent(), 2, 2), grid(away, 2, 2));
    assert!(mutual_information(&a, &b).unwrap().abs() <= 0.0);
    assert_eq!(overlap_areas(&a, &b).unwrap(), []);
    assert_eq!(overlap_areas(&as_polygons(&a), &b).unwrap(), []);
}

#[test]
fn flat_grids_compare_along_their_axis() {
    let flat = Extent::new(0.0, 5.0, 1.0, 5.0).unwrap();
    let mi = mutual_information(&grid(flat, 1, 2), &grid(flat, 1, 4)).unwrap();
    assert!((mi - 0.75).abs() < EXACT_TOLERANCE);
    let error = mutual_information(&grid(flat, 1, 2), &grid(extent(), 1, 4)).unwrap_err();
    assert!(matches!(error, PartitionError::NoArea { .. }), "{error}");
}

#[test]
fn partitionings_without_areas_of_their_own_are_rejected() {
    let grid = Arc::new(grid(extent(), 1, 2));
    let groups = Groups::new("groups", vec!["a".into()]).unwrap();
    let blocks = SpaceTime::new(grid.clone(), vec![0.0, 1.0, 2.0]).unwrap();
    for odd in [&groups as &dyn Partitioning, &blocks] {
        let expected = PartitionError::NotPlanar { name: odd.name() };
        assert_eq!(mutual_information(odd, grid.as_ref()), Err(expected.clone()));
        assert_eq!(overlap_areas(grid.as_ref(), odd), Err(expected));
    }
}

/// One partition with the given shape, whatever it is.
#[derive(Debug)]
struct Blob(Shape);

impl Partitioning for Blob {
    fn name(&self) -> String {
        "blob".into()
    }
    fn n_partitions(&self) -> usize {
        1
    }
    fn locate(&self, _: &Site) -> Option<PartitionId> {
        None
    }
    fn label(&self, _: PartitionId) -> String {
        "blob".into()
    }
    fn area(&self, _: PartitionId) -> Option<f64> {
        Some(self.0.area())
    }
    fn shape(&self, _: PartitionId) -> Option<Shape> {
        Some(self.0.clone())
    }
    fn extent(&self) -> Option<Extent> {
        None
    }
}

#[test]
fn hostile_shapes_are_errors() {
    let grid = grid(extent(), 2, 2);
    for bad in [f64::NAN, f64::INFINITY] {
        let ring = vec![Point::new(0.0, 0.0), Point::new(bad, 0.0), Point::new(bad, bad)];
        let blob = Blob(Shape {
            polygons: vec![vec![ring]],
        });
        let error = overlap_areas(&blob, &grid).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("invalid shape of partition 0 of \"blob\""),
            "{error}"
        );
    }
    let empty = Blob(Shape::default());
    assert_eq!(overlap_areas(&empty, &grid), Ok(vec![]));
    assert!(matches!(
        mutual_information(&empty, &grid),
        Err(PartitionError::NoArea { .. })
    ));
    let huge = Extent::new(0.0, 0.0, 1e200, 1e200).unwrap();
    assert!(mutual_information(&Blob(Shape::rectangle(&huge)), &grid).is_err());
}

#[test]
fn polygons_with_gaps_equal_themselves() {
    let at = |x: f64| Shape::rectangle(&Extent::new(x, 0.0, x + 1.0, 1.0).unwrap());
    let islands = Polygons::new("islands", vec![("a".into(), at(0.0)), ("b".into(), at(10.0))]).unwrap();
    assert!((mutual_information(&islands, &islands).unwrap() - 1.0).abs() < EXACT_TOLERANCE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn it_is_symmetric_within_bounds_and_1_with_itself(seed: u64) {
        let mut stream = Seed::new(seed).stream("mi");
        let extent = random_extent(&mut stream);
        let all = all_kinds(&mut stream, &extent);
        for (i, a) in all.iter().enumerate() {
            for b in &all[..=i] {
                let (forth, back) = (mutual_information(a.as_ref(), b.as_ref()), mutual_information(b.as_ref(), a.as_ref()));
                let (forth, back) = (forth.unwrap(), back.unwrap());
                prop_assert!((forth - back).abs() <= EXACT_TOLERANCE);
                prop_assert!(forth > 0.0 && forth <= 1.0);
            }
            let own = mutual_information(a.as_ref(), a.as_ref()).unwrap();
            prop_assert!((own - 1.0).abs() <= AREA_TOLERANCE, "{}: {}", a.name(), own);
        }
    }

    #[test]
    fn overlaps_sum_to_the_areas_of_the_partitions(seed: u64) {
        let mut stream = Seed::new(seed).stream("overlaps");
        let extent = random_extent(&mut stream);
        let all = all_kinds(&mut stream, &extent);
        for a in &all {
            for b in &all {
                let mut sums = vec![0.0; a.n_partitions()];
                let areas = overlap_areas(a.as_ref(), b.as_ref()).unwrap();
                prop_assert!(areas.is_sorted_by_key(|(i, j, _)| (*i, *j)));
                for (i, _, area) in areas {
                    sums[i.index()] += area;
                }
                for (i, sum) in sums.iter().enumerate() {
                    let area = a.area(PartitionId::from_index(i).unwrap()).unwrap();
                    prop_assert!((sum - area).abs() <= AREA_TOLERANCE * extent.area(), "{} {}", a.name(), b.name());
                }
            }
        }
    }
}
