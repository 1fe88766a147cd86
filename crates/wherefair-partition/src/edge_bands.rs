//! Where a point lies relative to one polygon.

use wherefair_core::{Extent, Point};

use crate::edge::Edge;

/// Edges a band, about.
const EDGES_PER_BAND: usize = 4;
const MAX_BANDS: usize = 256;

/// Where a point lies relative to a polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The half-open crossing rule counts the point in; it may lie on the border.
    Inside,
    /// On the border, and the crossing rule does not count it in.
    Border,
    Outside,
}

/// The edges of one polygon in bands of y.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EdgeBands {
    min_y: f64,
    scale: f64,
    /// Edges of band b are `edges[starts[b]..starts[b + 1]]`.
    starts: Vec<usize>,
    edges: Vec<Edge>,
}

impl EdgeBands {
    pub(crate) fn new(edges: &[Edge], bounds: &Extent) -> Self {
        let n_bands = (edges.len() / EDGES_PER_BAND).clamp(1, MAX_BANDS);
        let (min_y, scale) = (bounds.min_y, n_bands as f64 / bounds.height());
        let bands =
            |edge: &Edge| bin(edge.low.y, min_y, scale, n_bands)..=bin(edge.high.y, min_y, scale, n_bands);
        let mut starts = vec![0; n_bands + 1];
        for edge in edges {
            for b in bands(edge) {
                starts[b + 1] += 1;
            }
        }
        for b in 0..n_bands {
            starts[b + 1] += starts[b];
        }
        let mut next = starts.clone();
        let filler = Edge::new(Point::default(), Point::default());
        let mut banded = vec![filler; starts[n_bands]];
        for edge in edges {
            for b in bands(edge) {
                banded[next[b]] = *edge;
                next[b] += 1;
            }
        }
        Self {
            min_y,
            scale,
            starts,
            edges: banded,
        }
    }

    /// Where a finite point lies, by the parity of the edges that a ray towards larger x crosses. An edge holds
    /// its lower end but not its upper one, and a point on an edge counts as beyond it: of two polygons on
    /// either side of an edge, exactly one counts the point in.
    pub(crate) fn place(&self, p: Point) -> Place {
        let b = bin(p.y, self.min_y, self.scale, self.starts.len() - 1);
        let (mut inside, mut border) = (false, false);
        for edge in &self.edges[self.starts[b]..self.starts[b + 1]] {
            if p.y < edge.low.y || p.y > edge.high.y || p.x > edge.max_x() {
                continue;
            }
            let crossable = edge.low.y <= p.y && p.y < edge.high.y;
            if p.x < edge.min_x() {
                inside ^= crossable;
                continue;
            }
            let side = edge.side(p);
            inside ^= crossable && side > 0.0;
            border |= side.abs() <= 0.0;
        }
        match (inside, border) {
            (true, _) => Place::Inside,
            (false, true) => Place::Border,
            (false, false) => Place::Outside,
        }
    }
}

/// A non-decreasing function of `value` below `n`: what lies between two values lies in or between their bins.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, NaN becomes 0"
)]
pub(crate) fn bin(value: f64, min: f64, scale: f64, n: usize) -> usize {
    (((value - min) * scale) as usize).min(n - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_holds_its_inside_and_knows_its_border() {
        let ring = [Point::new(0.0, 0.0), Point::new(4.0, 0.0), Point::new(0.0, 4.0)];
        let edges: Vec<_> = Edge::of_ring(&ring).collect();
        let bands = EdgeBands::new(&edges, &Extent::new(0.0, 0.0, 4.0, 4.0).unwrap());
        let expected = [
            (1.0, 1.0, Place::Inside),
            (0.0, 0.0, Place::Inside),
            (2.0, 2.0, Place::Border),
            (4.0, 0.0, Place::Border),
            (0.0, 4.0, Place::Border),
            (2.1, 2.0, Place::Outside),
            (-0.1, 1.0, Place::Outside),
            (5.0, 0.0, Place::Outside),
        ];
        for (x, y, place) in expected {
            assert_eq!(bands.place(Point::new(x, y)), place, "({x}, {y})");
        }
    }
}
