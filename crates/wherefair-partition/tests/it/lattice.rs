//! The lattice says what every partitioning says.

use std::sync::Arc;

use proptest::prelude::*;
use wherefair_core::{Extent, PartitionId, Seed, Site, Sites};
use wherefair_partition::{
    AxisCuts, EqualGrid, Groups, Lattice, PartitionError, Partitioning, Shape, SpaceTime, UnequalGrid,
};

use crate::partitionings::{all_kinds, columns, equal_grids, packed, random_extent, sites};

/// Checks the lattice against direct location, in two batches.
fn assert_equals_direct_location(candidates: &[Arc<dyn Partitioning>], sites: Sites<'_>) -> Lattice {
    let mut lattice = Lattice::new(candidates).unwrap();
    assert_eq!(lattice.n_partitionings(), candidates.len());
    let mut cells = vec![7; sites.len()];
    let half = sites.len() / 2;
    lattice
        .locate_into(sites.slice(0..half), &mut cells[..half])
        .unwrap();
    let n_early = lattice.n_cells();
    lattice
        .locate_into(sites.slice(half..sites.len()), &mut cells[half..])
        .unwrap();
    assert!(
        cells[..half]
            .iter()
            .all(|&cell| cell == Lattice::OUTSIDE || (cell as usize) < n_early)
    );
    let mut outside = vec![true; sites.len()];
    for (k, candidate) in candidates.iter().enumerate() {
        let partition_of = lattice.partition_of(k);
        assert_eq!(partition_of.len(), lattice.n_cells());
        for (i, &cell) in cells.iter().enumerate() {
            let by_lattice = partition_of
                .get(cell as usize)
                .copied()
                .unwrap_or(Lattice::OUTSIDE);
            let site = sites.get(i);
            assert_eq!(
                by_lattice,
                packed(candidate.as_ref(), &site),
                "{} {site:?}",
                candidate.name()
            );
            outside[i] &= by_lattice == Lattice::OUTSIDE;
        }
    }
    for (cell, outside) in cells.iter().zip(outside) {
        assert_eq!(*cell == Lattice::OUTSIDE, outside);
    }
    lattice
}

#[test]
fn the_published_sets_have_their_lattices() {
    let extent = Extent::new(-3.0, 1.0, 4.1, 1.7).unwrap();
    for (max, side) in [(4, 6), (5, 10), (6, 12), (12, 46)] {
        let lattice = Lattice::new(&equal_grids(extent, max)).unwrap();
        let dense = lattice.dense().unwrap();
        assert_eq!(
            (dense.n_rows(), dense.n_columns()),
            (side, side),
            "up to {max}x{max}"
        );
    }
}

#[test]
fn hostile_coordinates_are_outside() {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        1.0,
        1.0_f64.next_up(),
        0.0_f64.next_down(),
        f64::MAX,
    ];
    let (x, y): (Vec<f64>, Vec<f64>) = odd.iter().flat_map(|a| odd.iter().map(move |b| (*a, *b))).unzip();
    assert_equals_direct_location(&equal_grids(extent, 12), sites(&x, &y));
    let extreme = Extent::new(-f64::MAX / 2.0, 0.0, f64::MAX / 2.0, f64::MAX).unwrap();
    assert_equals_direct_location(&equal_grids(extreme, 5), sites(&x, &y));
}

#[test]
fn flat_extents_have_a_lattice() {
    let flat = Extent::new(0.0, 5.0, 1.0, 5.0).unwrap();
    let grids: Vec<Arc<dyn Partitioning>> = (1..5)
        .map(|n| Arc::new(EqualGrid::new(flat, 1, n).unwrap()) as Arc<dyn Partitioning>)
        .collect();
    let lattice = assert_equals_direct_location(&grids, sites(&[0.0, 0.5, 1.0, 0.3], &[5.0, 5.0, 5.0, 5.1]));
    assert_eq!(lattice.n_cells(), 6);
}

#[test]
fn grids_of_different_extents_end_where_they_end() {
    let grid = |x: f64, y: f64, n| -> Arc<dyn Partitioning> {
        Arc::new(EqualGrid::new(Extent::new(x, y, x + 1.0, y + 1.0).unwrap(), n, n).unwrap())
    };
    let grids = [
        grid(0.0, 0.0, 2),
        grid(0.5, 0.5, 3),
        grid(1.0, 0.0, 1),
        grid(7.0, 7.0, 2),
    ];
    let axis: Vec<f64> = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 7.0, 7.5, 8.0]
        .iter()
        .flat_map(|v: &f64| [v.next_down(), *v, v.next_up()])
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = axis
        .iter()
        .flat_map(|a| axis.iter().map(move |b| (*a, *b)))
        .unzip();
    assert!(assert_equals_direct_location(&grids, sites(&x, &y)).is_dense());
}

#[test]
fn large_products_are_sparse_and_numbered_by_first_appearance() {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let grids: Vec<Arc<dyn Partitioning>> = vec![
        Arc::new(EqualGrid::new(extent, 300, 300).unwrap()),
        Arc::new(EqualGrid::new(extent, 7, 1).unwrap()),
    ];
    let (x, y) = columns(&mut Seed::new(1).stream("sites"), &extent, 2000);
    let lattice = assert_equals_direct_location(&grids, sites(&x, &y));
    assert!(!lattice.is_dense());
    let mut lattice = Lattice::new(&grids).unwrap();
    let mut cells = [0; 5];
    let (x, y) = ([0.9, 0.1, 3.0, 0.9, 0.5], [0.9, 0.1, 0.0, 0.9, 0.5]);
    lattice.locate_into(sites(&x, &y), &mut cells).unwrap();
    assert_eq!(cells, [0, 1, Lattice::OUTSIDE, 0, 2]);
}

#[test]
fn crowded_cuts_fall_back_to_search() {
    let grid = |name: &str, x: Vec<f64>| -> Arc<dyn Partitioning> {
        Arc::new(UnequalGrid::from_edges(name, x, vec![0.0, 1e-300, 1.0]).unwrap())
    };
    let up = 0.5_f64.next_up();
    let grids = [
        grid("a", vec![0.0, 0.5, up, 1.0]),
        grid("b", vec![0.0, 1e-12, 2e-12, 1.0]),
    ];
    let x = [
        0.0,
        0.5,
        up,
        0.5_f64.next_down(),
        1e-12,
        2e-12,
        1.5e-12,
        1.0,
        1.1,
        f64::NAN,
    ];
    let lattice = assert_equals_direct_location(&grids, sites(&x, &[0.5; 10]));
    assert!(lattice.is_dense());
}

#[test]
fn times_and_groups_refine_too() {
    let mut stream = Seed::new(3).stream("sites");
    let extent = random_extent(&mut stream);
    let mut candidates = all_kinds(&mut stream, &extent);
    let grid = Arc::new(EqualGrid::new(extent, 2, 2).unwrap());
    candidates.push(Arc::new(SpaceTime::new(grid, vec![0.0, 0.5, 1.0]).unwrap()));
    candidates.push(Arc::new(Groups::new("g", vec!["a".into(), "b".into()]).unwrap()));
    let (x, y) = columns(&mut stream, &extent, 800);
    let time: Vec<f64> = (0..800).map(|_| stream.uniform() * 1.2).collect();
    let group: Vec<u32> = (0..800).map(|_| stream.next_u32() % 4).collect();
    let sites = sites(&x, &y)
        .with_time(&time)
        .unwrap()
        .with_group(&group)
        .unwrap();
    assert!(!assert_equals_direct_location(&candidates, sites).is_dense());
}

#[test]
fn missing_coordinates_are_outside_and_shapes_are_checked() {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let mut lattice = Lattice::new(&equal_grids(extent, 2)).unwrap();
    let mut cells = [7; 3];
    lattice
        .dense()
        .unwrap()
        .locate_into(&[0.1, 0.1], &[0.9], &mut cells);
    assert_eq!(cells, [2, Lattice::OUTSIDE, Lattice::OUTSIDE]);
    let error = lattice
        .locate_into(sites(&[0.1], &[0.1]), &mut cells)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid cells: shape (3,) (accepted: shape (1,), as sites)"
    );
    assert!(matches!(Lattice::new(&[]), Err(PartitionError::Empty { .. })));
}

/// A partitioning that reports cuts which are not its own.
#[derive(Debug)]
struct Liar(Vec<f64>);

impl Partitioning for Liar {
    fn name(&self) -> String {
        "liar".into()
    }
    fn n_partitions(&self) -> usize {
        2
    }
    fn locate(&self, _: &Site) -> Option<PartitionId> {
        None
    }
    fn label(&self, _: PartitionId) -> String {
        String::new()
    }
    fn area(&self, _: PartitionId) -> Option<f64> {
        None
    }
    fn shape(&self, _: PartitionId) -> Option<Shape> {
        None
    }
    fn extent(&self) -> Option<Extent> {
        None
    }
    fn axis_cuts(&self) -> Option<AxisCuts<'_>> {
        Some(AxisCuts {
            x: &self.0,
            y: &[0.0, 1.0],
        })
    }
}

#[test]
fn cuts_that_are_no_grid_are_rejected() {
    for cuts in [
        vec![],
        vec![0.0, 1.0],
        vec![0.0, 2.0, 1.0],
        vec![0.0, f64::NAN, 1.0],
        vec![0.0, 0.0, 1.0],
    ] {
        let error = Lattice::new(&[Arc::new(Liar(cuts))]).unwrap_err();
        assert!(matches!(error, PartitionError::InvalidCuts { .. }), "{error}");
    }
    assert!(Lattice::new(&[Arc::new(Liar(vec![0.0, 0.5, 1.0]))]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn dense_lattices_equal_direct_location(seed: u64, max in 2_usize..13, n_random in 0_u64..12) {
        let mut stream = Seed::new(seed).stream("dense");
        let extent = random_extent(&mut stream);
        let mut candidates = equal_grids(extent, max);
        for i in 0..n_random {
            candidates.push(Arc::new(UnequalGrid::random(extent, 4, 6, Seed::new(seed), i).unwrap()));
        }
        let (mut x, mut y) = columns(&mut stream, &extent, 400);
        for cuts in candidates.iter().rev().take(12).filter_map(|candidate| candidate.axis_cuts()) {
            x.extend(cuts.x.iter().zip(cuts.y).map(|(x, _)| *x));
            y.extend(cuts.x.iter().zip(cuts.y).map(|(_, y)| *y));
        }
        prop_assert!(assert_equals_direct_location(&candidates, sites(&x, &y)).is_dense());
    }

    #[test]
    fn sparse_lattices_equal_direct_location(seed: u64) {
        let mut stream = Seed::new(seed).stream("sparse");
        let extent = random_extent(&mut stream);
        let mut candidates = all_kinds(&mut stream, &extent);
        let other = random_extent(&mut stream);
        candidates.extend(all_kinds(&mut stream, &other));
        let (mut x, mut y) = columns(&mut stream, &extent, 200);
        let (more_x, more_y) = columns(&mut stream, &other, 200);
        x.extend(more_x);
        y.extend(more_y);
        prop_assert!(!assert_equals_direct_location(&candidates, sites(&x, &y)).is_dense());
    }
}
