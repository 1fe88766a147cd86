//! The interface of one split of space.

use wherefair_core::{Extent, PartitionId, Point, Site};

use crate::ring;

/// A closed ring of points, first point not repeated.
pub type Ring = Vec<Point>;

/// The drawable shape of a partition: polygons, each an outer ring followed by its holes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape {
    /// Each polygon is its outer ring followed by its holes.
    pub polygons: Vec<Vec<Ring>>,
}

impl Shape {
    /// The shape of a rectangle, counter-clockwise from its smallest corner.
    pub fn rectangle(extent: &Extent) -> Self {
        Self {
            polygons: vec![vec![vec![
                Point::new(extent.min_x, extent.min_y),
                Point::new(extent.max_x, extent.min_y),
                Point::new(extent.max_x, extent.max_y),
                Point::new(extent.min_x, extent.max_y),
            ]]],
        }
    }

    /// The areas of the outer rings less those of the holes, in squared coordinate units.
    ///
    /// Does not check that the holes lie inside their outer ring.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Extent;
    /// use wherefair_partition::Shape;
    ///
    /// let shape = Shape::rectangle(&Extent::new(0.0, 0.0, 3.0, 2.0).unwrap());
    /// assert_eq!(shape.area(), 6.0);
    /// ```
    pub fn area(&self) -> f64 {
        self.polygons
            .iter()
            .map(|part| {
                part.iter().enumerate().fold(0.0, |sum, (i, points)| {
                    let area = ring::signed_area(points).abs();
                    if i == 0 { sum + area } else { sum - area }
                })
            })
            .sum()
    }

    /// The smallest rectangle around all rings, or `None` when there is no point.
    pub fn bounds(&self) -> Option<Extent> {
        self.polygons
            .iter()
            .flatten()
            .filter_map(|points| ring::bounds(points))
            .reduce(|a, b| a.union(&b))
    }
}

/// One split of space (or of space and time, or of the samples themselves) into partitions.
///
/// Every site lies in at most one partition. Partitions are numbered 0 to `n_partitions() − 1`; some may hold
/// no sample.
pub trait Partitioning: std::fmt::Debug + Send + Sync {
    /// A short name, unique among the candidates of a distribution, such as `3x4`.
    fn name(&self) -> String;

    /// The number of partitions, including those that hold no sample.
    fn n_partitions(&self) -> usize;

    /// The partition that holds `site`, or `None` when it lies in none.
    fn locate(&self, site: &Site) -> Option<PartitionId>;

    /// What to call a partition, such as `row 1, column 2` or a district's name.
    fn label(&self, id: PartitionId) -> String;

    /// The area of a partition in squared coordinate units; `None` where it has none (groups).
    fn area(&self, id: PartitionId) -> Option<f64>;

    /// The shape of a partition, for drawing; `None` where it has none (groups).
    fn shape(&self, id: PartitionId) -> Option<Shape>;

    /// The rectangle that the partitions cover; `None` where they cover no space (groups).
    fn extent(&self) -> Option<Extent>;

    /// The sorted cuts along x and y when the partitions are exactly the cells of a rectangular grid, so that
    /// a [`Lattice`](crate::Lattice) can refine many grids at once.
    fn axis_cuts(&self) -> Option<AxisCuts<'_>> {
        None
    }

    /// Whether the point of a site alone decides its partition, so that the partitions' areas do not overlap.
    /// Partitionings that look at times or groups say no.
    fn is_planar(&self) -> bool {
        true
    }
}

/// The cuts of a rectangular grid, borders included, ascending: `x` has one more entry than the grid has
/// columns, `y` one more than it has rows. Cell (row, column) is partition `row * n_columns + column`, rows
/// counted from the smallest y. Cells are half-open, the last one of each axis is closed. An axis without
/// length has two equal cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisCuts<'a> {
    /// Cuts along x.
    pub x: &'a [f64],
    /// Cuts along y.
    pub y: &'a [f64],
}
