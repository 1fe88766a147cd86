//! The area that two shapes share.

use wherefair_core::{Extent, Point};

use crate::edge::Edge;

/// What two shapes share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Intersection {
    pub(crate) area: f64,
    /// A point well inside the shared area, where there is any.
    pub(crate) inside: Option<Point>,
}

/// The area that two shapes, given as edges, share inside the bounds of both; insides are even–odd.
///
/// Horizontal lines through all corners and crossings cut the plane into slabs. Within a slab no edges cross, so
/// the shared width is linear in y: its value at mid-height times the slab's height is the shared area, up to
/// rounding.
pub(crate) fn intersection(a: &[Edge], b: &[Edge], window: &Extent) -> Intersection {
    let mut edges: Vec<(Edge, bool)> = Vec::new();
    for (shape, is_b) in [(a, false), (b, true)] {
        // Written with `<` so that horizontal edges drop out.
        let near = |edge: &&Edge| {
            edge.low.y < edge.high.y && edge.high.y > window.min_y && edge.low.y < window.max_y
        };
        edges.extend(shape.iter().filter(near).map(|edge| (*edge, is_b)));
    }
    edges.sort_by(|(e, _), (f, _)| e.low.y.total_cmp(&f.low.y));
    let heights = slab_borders(&edges, window);

    let mut found = Intersection {
        area: 0.0,
        inside: None,
    };
    let mut largest = 0.0;
    let mut next = 0;
    let mut active: Vec<(Edge, bool)> = Vec::new();
    let (mut in_a, mut in_b) = (Vec::new(), Vec::new());
    for slab in heights.windows(2) {
        let (height, middle) = (slab[1] - slab[0], slab[0] + 0.5 * (slab[1] - slab[0]));
        while next < edges.len() && edges[next].0.low.y < slab[1] {
            active.push(edges[next]);
            next += 1;
        }
        active.retain(|(edge, _)| edge.high.y > slab[0]);
        in_a.clear();
        in_b.clear();
        for (edge, is_b) in &active {
            let x = edge.x_at(middle).clamp(window.min_x, window.max_x);
            if *is_b { in_b.push(x) } else { in_a.push(x) }
        }
        in_a.sort_unstable_by(f64::total_cmp);
        in_b.sort_unstable_by(f64::total_cmp);
        shared_runs(&in_a, &in_b, |start, end| {
            let area = height * (end - start);
            found.area += area;
            if area > largest {
                largest = area;
                found.inside = Some(Point::new(start + 0.5 * (end - start), middle));
            }
        });
    }
    found
}

/// Calls `visit` with every interval inside both; insides lie between ends 0 and 1, 2 and 3, ….
fn shared_runs(a: &[f64], b: &[f64], mut visit: impl FnMut(f64, f64)) {
    let (mut i, mut j) = (0, 0);
    while i + 1 < a.len() && j + 1 < b.len() {
        let (start, end) = (a[i].max(b[j]), a[i + 1].min(b[j + 1]));
        if start < end {
            visit(start, end);
        }
        if a[i + 1] < b[j + 1] {
            i += 2;
        } else {
            j += 2;
        }
    }
}

/// Heights of all corners and all crossings between the two shapes, and of the window's borders, ascending.
fn slab_borders(edges: &[(Edge, bool)], window: &Extent) -> Vec<f64> {
    let mut heights = vec![window.min_y, window.max_y];
    let mut active: Vec<&(Edge, bool)> = Vec::new();
    for new in edges {
        let (edge, is_b) = new;
        heights.extend([edge.low.y, edge.high.y]);
        active.retain(|(other, _)| other.high.y > edge.low.y);
        if edge.min_x() <= window.max_x && edge.max_x() >= window.min_x {
            for (other, other_is_b) in &active {
                if is_b != other_is_b {
                    heights.extend(crossing_height(edge, other));
                }
            }
            active.push(new);
        }
    }
    heights.retain(|y| (window.min_y..=window.max_y).contains(y));
    heights.sort_unstable_by(f64::total_cmp);
    heights.dedup_by(|a, b| a.total_cmp(b).is_eq());
    heights
}

fn crossing_height(e: &Edge, f: &Edge) -> Option<f64> {
    if e.max_x() < f.min_x() || f.max_x() < e.min_x() {
        return None;
    }
    let (bottom, top) = (e.low.y.max(f.low.y), e.high.y.min(f.high.y));
    let (below, above) = (e.x_at(bottom) - f.x_at(bottom), e.x_at(top) - f.x_at(top));
    let crosses = (below < 0.0 && above > 0.0) || (below > 0.0 && above < 0.0);
    crosses.then(|| (bottom + (top - bottom) * (below / (below - above))).clamp(bottom, top))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shape;

    const AREA_TOLERANCE: f64 = 1e-12;

    fn shared(a: &Shape, b: &Shape) -> f64 {
        let (e, f) = (a.bounds().unwrap(), b.bounds().unwrap());
        intersection(&Edge::of_shape(a), &Edge::of_shape(b), &e.union(&f)).area
    }

    fn ring(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|(x, y)| Point::new(*x, *y)).collect()
    }

    fn shape(points: &[(f64, f64)]) -> Shape {
        Shape {
            polygons: vec![vec![ring(points)]],
        }
    }

    #[test]
    fn a_star_of_two_triangles_shares_its_hexagon() {
        let h = 3.0_f64.sqrt();
        let up = shape(&[(-1.0, -h / 3.0), (1.0, -h / 3.0), (0.0, 2.0 * h / 3.0)]);
        let down = shape(&[(-1.0, h / 3.0), (1.0, h / 3.0), (0.0, -2.0 * h / 3.0)]);
        assert!((shared(&up, &down) - up.area() * 2.0 / 3.0).abs() < AREA_TOLERANCE);
        assert!((shared(&up, &up) - up.area()).abs() < AREA_TOLERANCE);
    }

    #[test]
    fn holes_are_left_out() {
        let frame = Shape {
            polygons: vec![vec![
                ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]),
                ring(&[(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)]),
            ]],
        };
        let band = shape(&[(-1.0, 1.5), (9.0, 1.5), (9.0, 2.5), (-1.0, 2.5)]);
        assert!((shared(&frame, &band) - 2.0).abs() < AREA_TOLERANCE);
        let diamond = shape(&[(2.0, 1.0), (3.0, 2.0), (2.0, 3.0), (1.0, 2.0)]);
        assert!(shared(&frame, &diamond).abs() < AREA_TOLERANCE);
    }

    #[test]
    fn neighbours_share_nothing() {
        let left = shape(&[(0.0, 0.0), (0.7, 0.1), (0.3, 0.9), (0.0, 1.0)]);
        let right = shape(&[(0.7, 0.1), (2.0, 0.0), (2.0, 1.0), (0.3, 0.9)]);
        assert!(shared(&left, &right).abs() < AREA_TOLERANCE);
    }
}
