//! Random partitionings of all planar kinds, and random sites.

use std::sync::Arc;

use wherefair_core::{Extent, Point, Seed, Site, Sites, Stream};
use wherefair_partition::{
    EqualGrid, Partitioning, PartitioningDistribution, Polygons, Quadtree, UnequalGrid, Voronoi,
};

/// Coordinates of random sites: many on the cuts of small grids, on borders, and beyond them.
pub(crate) fn columns(stream: &mut Stream, extent: &Extent, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut coordinate = |min: f64, span: f64| match stream.index(8) {
        0 => min + span,
        1 => min,
        2..=4 => {
            let s = 1 + stream.index(12);
            let cut = min + span * (stream.index(s + 1) as f64 / s as f64);
            [cut, cut.next_up(), cut.next_down()][stream.index(3)]
        }
        5 => min + span * (stream.uniform() * 1.4 - 0.2),
        _ => min + span * stream.uniform(),
    };
    let x = (0..n).map(|_| coordinate(extent.min_x, extent.width())).collect();
    let y = (0..n)
        .map(|_| coordinate(extent.min_y, extent.height()))
        .collect();
    (x, y)
}

pub(crate) fn random_extent(stream: &mut Stream) -> Extent {
    let mut draw = |scale: f64| scale * (stream.uniform() - 0.5);
    let (x, y) = (draw(1e3), draw(1e3));
    Extent::new(x, y, x + 1.0 + draw(1.0), y + 10.0 + draw(1.0)).unwrap()
}

pub(crate) fn quadtree(stream: &mut Stream, extent: &Extent) -> Quadtree {
    let (x, y) = columns(stream, extent, 60);
    let n = 1 + stream.index(20);
    Quadtree::by_count(Sites::new(&x, &y).unwrap(), *extent, n, 6).unwrap()
}

pub(crate) fn voronoi(stream: &mut Stream, extent: &Extent) -> Voronoi {
    let mut draw = || {
        Point::new(
            extent.min_x + extent.width() * stream.uniform(),
            extent.min_y + extent.height() * stream.uniform(),
        )
    };
    let seeds = (0..12).map(|_| draw()).collect();
    Voronoi::new(seeds, *extent, None).unwrap()
}

/// The leaves of a quadtree as polygons, whose corners lie within the edges of larger ones.
pub(crate) fn polygons(stream: &mut Stream, extent: &Extent) -> Polygons {
    let cells = quadtree(stream, extent);
    let shapes = (0..cells.n_partitions()).map(|i| {
        let id = wherefair_core::PartitionId::from_index(i).unwrap();
        (cells.label(id), cells.shape(id).unwrap())
    });
    Polygons::new("polygons", shapes.collect()).unwrap()
}

/// One partitioning of each planar kind that covers `extent`.
pub(crate) fn all_kinds(stream: &mut Stream, extent: &Extent) -> Vec<Arc<dyn Partitioning>> {
    let (rows, columns_) = (1 + stream.index(12), 1 + stream.index(12));
    let seed = Seed::new(stream.next_u64());
    vec![
        Arc::new(EqualGrid::new(*extent, rows, columns_).unwrap()),
        Arc::new(UnequalGrid::random(*extent, rows, columns_, seed, 0).unwrap()),
        Arc::new(quadtree(stream, extent)),
        Arc::new(voronoi(stream, extent)),
        Arc::new(polygons(stream, extent)),
    ]
}

pub(crate) fn equal_grids(extent: Extent, max: usize) -> Vec<Arc<dyn Partitioning>> {
    PartitioningDistribution::equal_grids(extent, max, max)
        .unwrap()
        .candidates()
        .to_vec()
}

pub(crate) fn sites<'a>(x: &'a [f64], y: &'a [f64]) -> Sites<'a> {
    Sites::new(x, y).unwrap()
}

/// The partition of a site as a packed number.
pub(crate) fn packed(partitioning: &dyn Partitioning, site: &Site) -> u32 {
    partitioning.locate(site).map_or(u32::MAX, |id| id.0)
}
