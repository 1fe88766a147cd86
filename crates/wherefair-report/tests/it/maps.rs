//! Maps on their own.

use wherefair_audit::PartitioningAudit;
use wherefair_report::{Context, svg_of_map};

use crate::fixtures::{audit, grid, groups};
use crate::reading::read;

/// The fill of the partition that is worst by far.
const WORST_FILL: &str = "#9d4508";

#[test]
fn every_partition_is_drawn_once_and_found_ones_are_outlined() {
    let audit = audit(vec![grid(3, 4)]);
    let found = audit.partitionings[0]
        .partitions
        .iter()
        .filter(|p| p.q_value.is_some_and(|q| q <= 0.05))
        .count();
    assert!(found > 0);
    let map = read(&svg_of_map(&audit, &Context::default(), 0, 500.0).unwrap());
    assert_eq!(map.count("path"), 12 + found);
    assert_eq!(map.values("path", "fill").len(), 12);
    assert_eq!(map.values("svg", "width"), ["500"]);
}

#[test]
fn the_worst_partition_has_the_end_of_the_scale() {
    let map = svg_of_map(&audit(vec![grid(3, 4)]), &Context::default(), 0, 500.0).unwrap();
    assert!(map.contains(WORST_FILL));
}

#[test]
fn what_is_no_map_is_not_drawn() {
    let mut stacked = grid(2, 2);
    let mut more = stacked.partitions.clone();
    stacked.partitions.append(&mut more);
    let audit = audit(vec![groups(&["a"]), stacked]);
    for i in [0, 1, 2, usize::MAX] {
        assert_eq!(svg_of_map(&audit, &Context::default(), i, 500.0), None, "{i}");
    }
}

#[test]
fn any_width_gives_a_map() {
    let audit = audit(vec![grid(2, 2)]);
    for width in [0.0, -5.0, f64::NAN, f64::INFINITY, 1e300] {
        read(&svg_of_map(&audit, &Context::default(), 0, width).unwrap());
    }
}

#[test]
fn geographic_maps_are_narrower() {
    let audit = audit(vec![grid(1, 2)]);
    let height = |geographic| {
        let context = Context {
            geographic,
            ..Context::default()
        };
        let map = read(&svg_of_map(&audit, &context, 0, 500.0).unwrap());
        map.values("svg", "height")[0].parse::<f64>().unwrap()
    };
    assert!(height(true) > height(false));
}

#[test]
fn coordinates_that_are_not_finite_are_not_drawn() {
    let mut broken: PartitioningAudit = grid(2, 2);
    for (partition, bad) in broken
        .partitions
        .iter_mut()
        .zip([f64::NAN, f64::INFINITY, f64::MAX, -f64::MAX])
    {
        partition.shape.as_mut().unwrap().polygons[0][0][0].x = bad;
    }
    let audit = audit(vec![broken]);
    if let Some(map) = svg_of_map(&audit, &Context::default(), 0, 500.0) {
        read(&map);
    }
    read(&wherefair_report::html(&audit, &Context::default()));
}
