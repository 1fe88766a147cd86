//! From map coordinates to pixels, north up.

use std::fmt::Write as _;

use wherefair_audit::PartitioningAudit;
use wherefair_core::{Extent, Point};
use wherefair_partition::{Ring, Shape};

use crate::svg::Linear;

/// Points nearer to the last drawn one than this, in pixels, are left out.
const MIN_STEP_PX: f64 = 0.35;
/// The smallest side of a map, in pixels.
const MIN_SIDE_PX: f64 = 24.0;
/// Shapes that cover more than this many times their bounding rectangle lie over one another.
const MAX_COVER: f64 = 1.05;
/// Longitudes are never narrowed more than this.
const MIN_NARROWING: f64 = 0.05;

/// Whether a partitioning can be drawn as a map: it has shapes, and they do not lie over one another, as those
/// of blocks of space and time do.
pub(crate) fn is_map(partitioning: &PartitioningAudit) -> bool {
    let Some(bounds) = bounds([partitioning]) else {
        return false;
    };
    let covered: f64 = shapes(partitioning).map(Shape::area).sum();
    // Shapes without area, as on a line, cover nothing.
    !covered.is_finite() || !bounds.area().is_finite() || covered <= bounds.area() * MAX_COVER
}

/// The rectangle around all finite points of all shapes of `partitionings`.
pub(crate) fn bounds<'a>(partitionings: impl IntoIterator<Item = &'a PartitioningAudit>) -> Option<Extent> {
    bounds_of(partitionings.into_iter().flat_map(shapes).flat_map(corners))
}

/// The rectangle around all finite points of `points`.
pub(super) fn bounds_of<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Extent> {
    let points = points.into_iter().filter(|point| is_finite(point));
    let bounds = points.fold(None, |bounds: Option<Extent>, point| {
        let bounds = bounds.unwrap_or(Extent {
            min_x: point.x,
            min_y: point.y,
            max_x: point.x,
            max_y: point.y,
        });
        Some(Extent {
            min_x: bounds.min_x.min(point.x),
            min_y: bounds.min_y.min(point.y),
            max_x: bounds.max_x.max(point.x),
            max_y: bounds.max_y.max(point.y),
        })
    })?;
    Extent::new(bounds.min_x, bounds.min_y, bounds.max_x, bounds.max_y).ok()
}

fn shapes(partitioning: &PartitioningAudit) -> impl Iterator<Item = &Shape> {
    partitioning
        .partitions
        .iter()
        .filter_map(|partition| partition.shape.as_ref())
}

/// All corners of a shape.
pub(super) fn corners(shape: &Shape) -> impl Iterator<Item = &Point> {
    shape.polygons.iter().flatten().flatten()
}

pub(super) fn is_finite(point: &Point) -> bool {
    point.x.is_finite() && point.y.is_finite()
}

/// A projection that keeps the shape of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Projection {
    pub(crate) x: Linear,
    pub(crate) y: Linear,
}

impl Projection {
    /// Fits `extent` into a rectangle of at most `max_width` × `max_height` pixels at (`left`, `top`).
    pub(crate) fn fit(
        extent: &Extent,
        geographic: bool,
        (left, top): (f64, f64),
        (max_width, max_height): (f64, f64),
    ) -> Self {
        let narrowing = if geographic {
            let middle_deg = f64::midpoint(extent.min_y, extent.max_y).clamp(-90.0, 90.0);
            middle_deg.to_radians().cos().max(MIN_NARROWING)
        } else {
            1.0
        };
        let (across, up) = (extent.width() * narrowing, extent.height());
        // Pixels a unit, both ways the same; without length one side alone decides.
        let scale = (max_width / across).min(max_height / up);
        let side = |length: f64, max: f64| {
            let side = length * scale;
            if side.is_finite() {
                side.clamp(MIN_SIDE_PX.min(max), max)
            } else {
                max
            }
        };
        let (width, height) = (side(across, max_width), side(up, max_height));
        Self {
            x: Linear::new((extent.min_x, extent.max_x), (left, left + width)),
            y: Linear::new((extent.min_y, extent.max_y), (top + height, top)),
        }
    }

    pub(crate) fn at(&self, point: &Point) -> (f64, f64) {
        (self.x.at(point.x), self.y.at(point.y))
    }

    /// The outline of `shape` as the data of an SVG path.
    pub(crate) fn path(&self, shape: &Shape) -> String {
        let mut path = String::new();
        for rings in &shape.polygons {
            for (i, ring) in rings.iter().enumerate() {
                self.add_ring(ring, i == 0, &mut path);
            }
        }
        path
    }

    fn add_ring(&self, ring: &Ring, is_outer: bool, path: &mut String) {
        let mut drawn: Vec<(f64, f64)> = Vec::new();
        for point in ring.iter().filter(|point| is_finite(point)) {
            let (x, y) = self.at(point);
            let far = |&(last_x, last_y): &(f64, f64)| (x - last_x).hypot(y - last_y) >= MIN_STEP_PX;
            if drawn.last().is_none_or(far) {
                drawn.push((x, y));
            }
        }
        let Some(&(x, y)) = drawn.first() else {
            return;
        };
        if drawn.len() < 3 {
            // Too small to have a shape, but its place must be seen.
            if is_outer {
                let _ = write!(path, "M{x:.1} {y:.1}h1v1h-1Z");
            }
            return;
        }
        for (i, (x, y)) in drawn.iter().enumerate() {
            let command = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{x:.1} {y:.1}");
        }
        path.push('Z');
    }

    /// Where a text of the given width and height, in pixels, can be centred within the largest part of `shape`:
    /// its centroid, where the whole text lies inside.
    pub(crate) fn place_for(&self, shape: &Shape, (width, height): (f64, f64)) -> Option<(f64, f64)> {
        let rings = shape.polygons.iter().filter_map(|rings| {
            let points = rings.first()?.iter().filter(|point| is_finite(point));
            Some(points.map(|point| self.at(point)).collect::<Vec<_>>())
        });
        let (_, (x, y), ring) = rings
            .filter_map(|ring| {
                let (area, centroid) = area_and_centroid(&ring)?;
                Some((area, centroid, ring))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        let fits = [-0.5, 0.0, 0.5].iter().all(|across| {
            let corner = |up: f64| (x + across * width, y + up * height);
            is_inside(corner(-0.5), &ring) && is_inside(corner(0.5), &ring)
        });
        fits.then_some((x, y))
    }
}

/// The area of a ring of pixels and its centroid; `None` where it has no area.
fn area_and_centroid(ring: &[(f64, f64)]) -> Option<(f64, (f64, f64))> {
    let (mut doubled, mut x, mut y) = (0.0, 0.0, 0.0);
    for (a, b) in edges(ring) {
        let cross = a.0 * b.1 - b.0 * a.1;
        doubled += cross;
        x += (a.0 + b.0) * cross;
        y += (a.1 + b.1) * cross;
    }
    let has_area = doubled.abs() > 1.0;
    has_area.then(|| (doubled.abs() / 2.0, (x / (3.0 * doubled), y / (3.0 * doubled))))
}

fn is_inside((x, y): (f64, f64), ring: &[(f64, f64)]) -> bool {
    let crosses = |(a, b): &((f64, f64), (f64, f64))| {
        (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)
    };
    edges(ring).filter(crosses).count() % 2 == 1
}

fn edges(ring: &[(f64, f64)]) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels that lie apart by rounding alone.
    const ROUNDING_PX: f64 = 1e-6;

    fn extent(x: f64, y: f64) -> Extent {
        Extent::new(0.0, 0.0, x, y).unwrap()
    }

    fn size(projection: &Projection) -> (f64, f64) {
        let (x, y) = (projection.x.range(), projection.y.range());
        (x.1 - x.0, y.0 - y.1)
    }

    #[test]
    fn both_axes_have_the_same_scale_and_north_is_up() {
        let projection = Projection::fit(&extent(4.0, 1.0), false, (10.0, 5.0), (400.0, 400.0));
        let (width, height) = size(&projection);
        assert!((width - 400.0).abs() < ROUNDING_PX && (height - 100.0).abs() < ROUNDING_PX);
        assert!(projection.at(&Point::new(0.0, 1.0)).1 < projection.at(&Point::new(0.0, 0.0)).1);
    }

    #[test]
    fn degrees_of_longitude_are_narrowed() {
        let north = Extent::new(0.0, 59.0, 2.0, 61.0).unwrap();
        let (width, height) = size(&Projection::fit(&north, true, (0.0, 0.0), (900.0, 300.0)));
        assert!((width / height - 0.5).abs() < 1e-9);
    }

    #[test]
    fn extents_without_length_still_have_a_size() {
        for (x, y) in [(0.0, 0.0), (5.0, 0.0), (0.0, 5.0), (1e300, 1e-300)] {
            let (width, height) = size(&Projection::fit(&extent(x, y), true, (0.0, 0.0), (200.0, 100.0)));
            assert!((MIN_SIDE_PX..=200.0).contains(&width), "{x} {y}: {width}");
            assert!((MIN_SIDE_PX..=100.0).contains(&height), "{x} {y}: {height}");
        }
    }

    #[test]
    fn tiny_shapes_stay_visible_and_points_that_are_not_finite_are_left_out() {
        let projection = Projection::fit(&extent(1.0, 1.0), false, (0.0, 0.0), (100.0, 100.0));
        let tiny = Shape::rectangle(&Extent::new(0.5, 0.5, 0.500_01, 0.500_01).unwrap());
        assert_eq!(projection.path(&tiny), "M50.0 50.0h1v1h-1Z");
        let mut broken = Shape::rectangle(&extent(1.0, 1.0));
        broken.polygons[0][0].push(Point::new(f64::NAN, 0.5));
        assert_eq!(
            projection.path(&broken),
            "M0.0 100.0L100.0 100.0L100.0 0.0L0.0 0.0Z"
        );
    }

    #[test]
    fn texts_are_placed_only_where_they_fit() {
        let projection = Projection::fit(&extent(1.0, 1.0), false, (0.0, 0.0), (100.0, 100.0));
        let square = Shape::rectangle(&extent(1.0, 1.0));
        let (x, y) = projection.place_for(&square, (90.0, 20.0)).unwrap();
        assert!((x - 50.0).abs() < ROUNDING_PX && (y - 50.0).abs() < ROUNDING_PX);
        assert_eq!(projection.place_for(&square, (110.0, 20.0)), None);
        // The centroid of a thin L lies outside of it.
        let corner = [
            (0.0, 0.0),
            (1.0, 0.0),
            (1.0, 0.1),
            (0.1, 0.1),
            (0.1, 1.0),
            (0.0, 1.0),
        ];
        let thin = Shape {
            polygons: vec![vec![corner.iter().map(|&(x, y)| Point::new(x, y)).collect()]],
        };
        assert_eq!(projection.place_for(&thin, (1.0, 1.0)), None);
        assert_eq!(projection.place_for(&Shape::default(), (1.0, 1.0)), None);
    }
}
