//! Shapes as files store them, and the point that stands for each.

use wherefair_core::Point;

/// A ring or a line.
pub(crate) type Path = Vec<Point>;

/// A shape in the plane; heights and measures are dropped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Geometry {
    Points(Vec<Point>),
    Lines(Vec<Path>),
    /// Each polygon is its outer ring followed by its holes.
    Polygons(Vec<Vec<Path>>),
}

impl Geometry {
    /// The point itself, or the centroid: of all points, of the lines by length, of the polygons by area.
    /// `None` for an empty shape. Not a number where a coordinate is none.
    pub(crate) fn centroid(&self) -> Option<Point> {
        match self {
            Self::Points(points) => mean(points),
            Self::Lines(lines) => line_centroid(lines),
            Self::Polygons(polygons) => polygon_centroid(polygons),
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Points(_) => "point",
            Self::Lines(_) => "line",
            Self::Polygons(_) => "polygon",
        }
    }
}

fn mean(points: &[Point]) -> Option<Point> {
    let &first = points.first()?;
    weighted(first, points.iter().map(|&point| (point, 1.0)))
}

/// The weighted mean, summed relative to `origin` for the sake of far-away coordinates; `None` where the
/// weights sum to 0.
fn weighted(origin: Point, items: impl Iterator<Item = (Point, f64)>) -> Option<Point> {
    let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
    for (point, weight) in items {
        x += weight * (point.x - origin.x);
        y += weight * (point.y - origin.y);
        total += weight;
    }
    (total != 0.0).then(|| Point::new(origin.x + x / total, origin.y + y / total))
}

fn line_centroid(lines: &[Path]) -> Option<Point> {
    let &origin = lines.iter().flatten().next()?;
    let segments = lines.iter().flat_map(|line| line.windows(2)).map(|ends| {
        let middle = Point::new(
            f64::midpoint(ends[0].x, ends[1].x),
            f64::midpoint(ends[0].y, ends[1].y),
        );
        (middle, (ends[1].x - ends[0].x).hypot(ends[1].y - ends[0].y))
    });
    weighted(origin, segments).or_else(|| mean(&lines.concat()))
}

fn polygon_centroid(polygons: &[Vec<Path>]) -> Option<Point> {
    let &origin = polygons.iter().flatten().flatten().next()?;
    let rings = polygons.iter().flat_map(|polygon| {
        polygon.iter().enumerate().filter_map(|(i, ring)| {
            let (centroid, area) = ring_centroid(ring)?;
            // Winding is not relied upon: whatever follows the outer ring is a hole.
            Some((centroid, if i == 0 { area } else { -area }))
        })
    });
    weighted(origin, rings).or_else(|| mean(&polygons.concat().concat()))
}

/// The centroid of a ring and its area; `None` where it has none.
fn ring_centroid(ring: &[Point]) -> Option<(Point, f64)> {
    let &origin = ring.first()?;
    let (mut x, mut y, mut double_area) = (0.0, 0.0, 0.0);
    let nexts = ring.iter().cycle().skip(1);
    for (a, b) in ring.iter().zip(nexts) {
        let (ax, ay, bx, by) = (a.x - origin.x, a.y - origin.y, b.x - origin.x, b.y - origin.y);
        let cross = ax * by - bx * ay;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
        double_area += cross;
    }
    (double_area != 0.0).then(|| {
        let scale = 3.0 * double_area;
        (
            Point::new(origin.x + x / scale, origin.y + y / scale),
            double_area.abs() / 2.0,
        )
    })
}

/// The ring as partitionings want it: finite, without the repeated last point, of at least three points.
pub(crate) fn open_ring(mut ring: Path) -> Result<Path, String> {
    if let Some(bad) = ring
        .iter()
        .find(|point| !(point.x.is_finite() && point.y.is_finite()))
    {
        return Err(format!("the coordinate ({}, {}) is not finite", bad.x, bad.y));
    }
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if ring.len() < 3 {
        return Err(format!("a ring has {} distinct points", ring.len()));
    }
    Ok(ring)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: f64 = 1e-9;

    fn path(points: &[(f64, f64)]) -> Path {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    fn square(min: f64, max: f64) -> Path {
        path(&[(min, min), (max, min), (max, max), (min, max), (min, min)])
    }

    fn assert_near(a: Option<Point>, x: f64, y: f64) {
        let a = a.unwrap();
        assert!(
            (a.x - x).abs() < TOLERANCE && (a.y - y).abs() < TOLERANCE,
            "{a:?}"
        );
    }

    #[test]
    fn the_centroid_of_a_polygon_weighs_holes_and_parts_by_area() {
        assert_near(
            Geometry::Polygons(vec![vec![square(0.0, 2.0)]]).centroid(),
            1.0,
            1.0,
        );
        let far = 5e6;
        assert_near(
            Geometry::Polygons(vec![vec![square(far, far + 2.0)]]).centroid(),
            far + 1.0,
            far + 1.0,
        );
        let mut backwards = square(0.0, 1.0);
        backwards.reverse();
        // (1 · 4 − 0.5 · 1) / 3
        let holed = Geometry::Polygons(vec![vec![square(0.0, 2.0), backwards]]);
        assert_near(holed.centroid(), 3.5 / 3.0, 3.5 / 3.0);
        let two = Geometry::Polygons(vec![vec![square(0.0, 2.0)], vec![square(4.0, 5.0)]]);
        assert_near(two.centroid(), 8.5 / 5.0, 8.5 / 5.0);
    }

    #[test]
    fn degenerate_shapes_have_the_mean_of_their_points() {
        let flat = path(&[(0.0, 0.0), (4.0, 0.0), (2.0, 0.0)]);
        assert_near(Geometry::Polygons(vec![vec![flat]]).centroid(), 2.0, 0.0);
        assert_near(
            Geometry::Lines(vec![path(&[(1.0, 1.0), (1.0, 1.0)])]).centroid(),
            1.0,
            1.0,
        );
        for empty in [
            Geometry::Points(vec![]),
            Geometry::Lines(vec![vec![]]),
            Geometry::Polygons(vec![vec![vec![]]]),
        ] {
            assert_eq!(empty.centroid(), None);
        }
    }

    #[test]
    fn lines_are_weighed_by_length() {
        let lines = Geometry::Lines(vec![
            path(&[(0.0, 0.0), (2.0, 0.0)]),
            path(&[(0.0, 4.0), (1.0, 4.0)]),
        ]);
        assert_near(lines.centroid(), 2.5 / 3.0, 4.0 / 3.0);
    }

    #[test]
    fn rings_are_opened_and_checked() {
        assert_eq!(open_ring(square(0.0, 1.0)).unwrap().len(), 4);
        assert!(open_ring(path(&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)])).is_err());
        assert!(open_ring(path(&[(0.0, 0.0), (f64::NAN, 0.0), (1.0, 1.0)])).is_err());
        assert!(open_ring(vec![]).is_err());
    }
}
