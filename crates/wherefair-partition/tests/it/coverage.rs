//! Every partitioning covers its extent exactly once.

use proptest::prelude::*;
use wherefair_core::{PartitionId, Point, Seed};
use wherefair_partition::{Partitioning, Shape};

use crate::partitionings::{all_kinds, columns, random_extent, sites};

/// Sums of areas agree within this share of the extent's area.
const AREA_TOLERANCE: f64 = 1e-9;
/// Points nearer to a border than this share of the extent may be drawn on its other side.
const BORDER_TOLERANCE: f64 = 1e-9;

fn ids(partitioning: &dyn Partitioning) -> impl Iterator<Item = PartitionId> {
    (0..partitioning.n_partitions()).map(|i| PartitionId::from_index(i).unwrap())
}

/// Whether the point lies inside the shape and clear of its borders.
fn clearly_inside(shape: &Shape, p: Point, tolerance: f64) -> Option<bool> {
    let mut inside = false;
    for ring in shape.polygons.iter().flatten() {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let length = dx.hypot(dy);
            let t = (((p.x - a.x) * dx + (p.y - a.y) * dy) / (length * length)).clamp(0.0, 1.0);
            if (p.x - a.x - t * dx).hypot(p.y - a.y - t * dy) < tolerance {
                return None;
            }
            if (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / dy * dx {
                inside = !inside;
            }
        }
    }
    Some(inside)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_sample_in_the_extent_is_in_the_one_partition_whose_shape_holds_it(seed: u64) {
        let mut stream = Seed::new(seed).stream("coverage");
        let extent = random_extent(&mut stream);
        let tolerance = BORDER_TOLERANCE * extent.height();
        for partitioning in all_kinds(&mut stream, &extent) {
            let (x, y) = columns(&mut stream, &extent, 100);
            let shapes: Vec<Shape> = ids(partitioning.as_ref()).map(|id| partitioning.shape(id).unwrap()).collect();
            for i in 0..x.len() {
                let site = sites(&x, &y).get(i);
                let located = partitioning.locate(&site).map(PartitionId::index);
                prop_assert_eq!(located.is_some(), extent.contains(site.point), "{} {:?}", partitioning.name(), site);
                for (k, shape) in shapes.iter().enumerate() {
                    if let Some(inside) = clearly_inside(shape, site.point, tolerance) {
                        prop_assert_eq!(located == Some(k), inside, "{} {:?}", partitioning.name(), site);
                    }
                }
            }
        }
    }

    #[test]
    fn areas_sum_to_the_area_of_the_extent(seed: u64) {
        let mut stream = Seed::new(seed).stream("areas");
        let extent = random_extent(&mut stream);
        for partitioning in all_kinds(&mut stream, &extent) {
            let shapes = ids(partitioning.as_ref()).map(|id| partitioning.shape(id).unwrap().area());
            let areas = ids(partitioning.as_ref()).map(|id| partitioning.area(id).unwrap());
            for total in [shapes.sum::<f64>(), areas.sum::<f64>()] {
                prop_assert!((total - extent.area()).abs() <= AREA_TOLERANCE * extent.area(), "{}", partitioning.name());
            }
        }
    }
}
