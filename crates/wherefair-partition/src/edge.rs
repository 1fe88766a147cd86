//! Edges of polygons, directed upwards so that both neighbours of a border compute alike.

use robust::{Coord, orient2d};
use wherefair_core::{Extent, Point};

use crate::Shape;

/// A straight edge. `low` comes before `high` by y, then by x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) low: Point,
    pub(crate) high: Point,
}

impl Edge {
    pub(crate) fn new(p: Point, q: Point) -> Self {
        if (p.y, p.x) <= (q.y, q.x) {
            Self { low: p, high: q }
        } else {
            Self { low: q, high: p }
        }
    }

    /// All edges of a ring, the closing one included.
    pub(crate) fn of_ring(points: &[Point]) -> impl Iterator<Item = Self> + '_ {
        let next = points.iter().cycle().skip(1);
        points.iter().zip(next).map(|(p, q)| Self::new(*p, *q))
    }

    /// All edges of all rings of a shape.
    pub(crate) fn of_shape(shape: &Shape) -> Vec<Self> {
        let rings = shape.polygons.iter().flatten();
        rings.flat_map(|points| Self::of_ring(points)).collect()
    }

    pub(crate) fn min_x(&self) -> f64 {
        self.low.x.min(self.high.x)
    }

    pub(crate) fn max_x(&self) -> f64 {
        self.low.x.max(self.high.x)
    }

    /// Positive where `p` lies to the left of the upward edge, 0 on its line, negative to the right; the sign
    /// is exact.
    pub(crate) fn side(&self, p: Point) -> f64 {
        let coord = |p: Point| Coord { x: p.x, y: p.y };
        orient2d(coord(self.low), coord(self.high), coord(p))
    }

    /// Where the edge is at height `y`, which must lie between its ends; the edge must not be horizontal.
    pub(crate) fn x_at(&self, y: f64) -> f64 {
        let t = (y - self.low.y) / (self.high.y - self.low.y);
        (self.low.x + t * (self.high.x - self.low.x)).clamp(self.min_x(), self.max_x())
    }

    /// Whether the edges cross in a point that is an end of neither.
    pub(crate) fn crosses(&self, other: &Self) -> bool {
        let parts = |edge: &Self, other: &Self| {
            let (low, high) = (edge.side(other.low), edge.side(other.high));
            (low > 0.0 && high < 0.0) || (low < 0.0 && high > 0.0)
        };
        self.bounds_meet(other) && parts(self, other) && parts(other, self)
    }

    /// Whether the edges share more than a point.
    pub(crate) fn runs_along(&self, other: &Self) -> bool {
        let starts = max_by_height(self.low, other.low);
        let ends = max_by_height(self.high, other.high);
        let end = if ends == self.high { other.high } else { self.high };
        let on_line = |p: Point| self.side(p).abs() <= 0.0;
        self.bounds_meet(other)
            && (starts.y, starts.x) < (end.y, end.x)
            && on_line(other.low)
            && on_line(other.high)
    }

    fn bounds_meet(&self, other: &Self) -> bool {
        self.min_x() <= other.max_x()
            && other.min_x() <= self.max_x()
            && self.low.y <= other.high.y
            && other.low.y <= self.high.y
    }
}

fn max_by_height(p: Point, q: Point) -> Point {
    if (p.y, p.x) >= (q.y, q.x) { p } else { q }
}

/// Pairs (i, j) of rectangles `a[i]` and `b[j]` that share an area, ascending.
pub(crate) fn pairs_that_overlap(a: &[Option<Extent>], b: &[Option<Extent>]) -> Vec<(usize, usize)> {
    let by_start = |boxes: &[Option<Extent>]| {
        let mut all: Vec<(Extent, usize)> = boxes
            .iter()
            .enumerate()
            .filter_map(|(i, e)| Some(((*e)?, i)))
            .collect();
        all.sort_by(|(e, i), (f, j)| e.min_x.total_cmp(&f.min_x).then(i.cmp(j)));
        all
    };
    let (a, b) = (by_start(a), by_start(b));
    let (mut i, mut j) = (0, 0);
    let mut open_a: Vec<(Extent, usize)> = Vec::new();
    let mut open_b: Vec<(Extent, usize)> = Vec::new();
    let mut pairs = Vec::new();
    let meets = |e: &Extent, f: &Extent| {
        e.min_y.max(f.min_y) < e.max_y.min(f.max_y) && e.min_x.max(f.min_x) < e.max_x.min(f.max_x)
    };
    while i < a.len() || j < b.len() {
        let take_a = j >= b.len() || (i < a.len() && a[i].0.min_x <= b[j].0.min_x);
        let (new, others) = if take_a {
            (a[i], &mut open_b)
        } else {
            (b[j], &mut open_a)
        };
        others.retain(|(other, _)| other.max_x > new.0.min_x);
        for (other, k) in others.iter() {
            if meets(&new.0, other) {
                pairs.push(if take_a { (new.1, *k) } else { (*k, new.1) });
            }
        }
        if take_a {
            open_a.push(new);
            i += 1;
        } else {
            open_b.push(new);
            j += 1;
        }
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(ax: f64, ay: f64, bx: f64, by: f64) -> Edge {
        Edge::new(Point::new(ax, ay), Point::new(bx, by))
    }

    #[test]
    fn edges_cross_only_in_inner_points() {
        let diagonal = edge(0.0, 0.0, 2.0, 2.0);
        assert!(diagonal.crosses(&edge(0.0, 2.0, 2.0, 0.0)));
        assert!(!diagonal.crosses(&edge(0.0, 2.0, 1.0, 1.0)));
        assert!(!diagonal.crosses(&edge(2.0, 2.0, 3.0, 0.0)));
        assert!(!diagonal.crosses(&edge(0.5, 0.5, 3.0, 3.0)));
        assert!(!diagonal.crosses(&edge(5.0, 0.0, 5.0, 2.0)));
    }

    #[test]
    fn edges_run_along_each_other_when_they_share_a_stretch() {
        let diagonal = edge(0.0, 0.0, 2.0, 2.0);
        assert!(diagonal.runs_along(&edge(1.0, 1.0, 3.0, 3.0)));
        assert!(diagonal.runs_along(&diagonal));
        assert!(!diagonal.runs_along(&edge(2.0, 2.0, 3.0, 3.0)));
        assert!(!diagonal.runs_along(&edge(0.0, 0.0, 2.0, 2.5)));
        assert!(edge(0.0, 1.0, 2.0, 1.0).runs_along(&edge(1.5, 1.0, 1.0, 1.0)));
    }

    #[test]
    fn pairs_of_rectangles_are_those_that_share_area() {
        let at = |x: f64, y: f64| Some(Extent::new(x, y, x + 1.0, y + 1.0).unwrap());
        let a = [at(0.0, 0.0), at(1.0, 0.0), None, at(5.0, 5.0)];
        let b = [at(0.5, 0.5), at(2.0, 0.0), at(0.0, 0.0)];
        assert_eq!(pairs_that_overlap(&a, &b), [(0, 0), (0, 2), (1, 0)]);
    }
}
