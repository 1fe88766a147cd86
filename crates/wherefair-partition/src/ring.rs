//! Areas and bounds of rings of points.

use wherefair_core::{Extent, Point};

/// The area that a ring bounds, positive where it turns counter-clockwise.
///
/// Coordinates are taken relative to the first point, so that a small ring far from the origin keeps its
/// digits.
pub(crate) fn signed_area(points: &[Point]) -> f64 {
    let Some(&origin) = points.first() else {
        return 0.0;
    };
    let relative = |p: &Point| (p.x - origin.x, p.y - origin.y);
    let twice: f64 = points
        .iter()
        .zip(points.iter().cycle().skip(1))
        .map(|(p, q)| {
            let ((px, py), (qx, qy)) = (relative(p), relative(q));
            px * qy - qx * py
        })
        .sum();
    0.5 * twice
}

/// The smallest rectangle around the points, or `None` when there is none.
pub(crate) fn bounds(points: &[Point]) -> Option<Extent> {
    let first = points.first()?;
    let start = Extent {
        min_x: first.x,
        min_y: first.y,
        max_x: first.x,
        max_y: first.y,
    };
    Some(points.iter().fold(start, |e, p| Extent {
        min_x: e.min_x.min(p.x),
        min_y: e.min_y.min(p.y),
        max_x: e.max_x.max(p.x),
        max_y: e.max_y.max(p.y),
    }))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "areas of small whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_signed_by_the_turn() {
        let triangle = [Point::new(0.0, 0.0), Point::new(4.0, 0.0), Point::new(0.0, 3.0)];
        assert_eq!(signed_area(&triangle), 6.0);
        let reversed: Vec<_> = triangle.iter().rev().copied().collect();
        assert_eq!(signed_area(&reversed), -6.0);
    }

    #[test]
    fn a_ring_far_from_the_origin_keeps_its_area() {
        let at = |dx: f64, dy: f64| Point::new(5e6 + dx, 4e6 + dy);
        let square = [at(0.0, 0.0), at(0.5, 0.0), at(0.5, 0.5), at(0.0, 0.5)];
        assert_eq!(signed_area(&square), 0.25);
    }

    #[test]
    fn no_points_have_no_area_and_no_bounds() {
        assert_eq!(signed_area(&[]), 0.0);
        assert_eq!(bounds(&[]), None);
    }
}
