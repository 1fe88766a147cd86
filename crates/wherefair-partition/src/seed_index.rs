//! A grid of buckets over points, for finding near ones first.

use std::ops::ControlFlow;

use wherefair_core::Point;

/// Points a bucket, about.
const POINTS_PER_BUCKET: usize = 2;

/// Rounding may put a point into the neighbour of its true bucket: distances to rings of buckets are taken
/// this much smaller.
const SLACK: f64 = 1.0 - 1e-9;

/// Points in buckets of a grid around them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeedIndex {
    min: Point,
    size: Point,
    n_columns: usize,
    n_rows: usize,
    /// Points of bucket b are `members[starts[b]..starts[b + 1]]`, ascending.
    starts: Vec<usize>,
    members: Vec<usize>,
}

impl SeedIndex {
    /// Indexes finite points whose spans do not overflow, at least one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of floats saturate, and the result is clamped"
    )]
    pub(crate) fn new(points: &[Point]) -> Self {
        let fold =
            |f: fn(f64, f64) -> f64, of: fn(&Point) -> f64| points.iter().map(of).fold(of(&points[0]), f);
        let min = Point::new(fold(f64::min, |p| p.x), fold(f64::min, |p| p.y));
        let span = Point::new(fold(f64::max, |p| p.x) - min.x, fold(f64::max, |p| p.y) - min.y);
        let n_buckets = points.len().div_ceil(POINTS_PER_BUCKET);
        // Near-square buckets, as many as wanted; an axis without length has one.
        let columns = (n_buckets as f64 * (span.x / span.y)).sqrt().ceil();
        let n_columns = match (span.x > 0.0, span.y > 0.0) {
            (true, true) => (columns as usize).clamp(1, n_buckets),
            (true, false) => n_buckets,
            (false, _) => 1,
        };
        let n_rows = if span.y > 0.0 {
            n_buckets.div_ceil(n_columns)
        } else {
            1
        };
        let mut index = Self {
            min,
            size: Point::new(span.x / n_columns as f64, span.y / n_rows as f64),
            n_columns,
            n_rows,
            starts: vec![0; n_columns * n_rows + 1],
            members: vec![0; points.len()],
        };
        let buckets: Vec<usize> = points.iter().map(|&p| index.bucket_of(p)).collect();
        for &b in &buckets {
            index.starts[b + 1] += 1;
        }
        for b in 0..n_columns * n_rows {
            index.starts[b + 1] += index.starts[b];
        }
        let mut next = index.starts.clone();
        for (i, &b) in buckets.iter().enumerate() {
            index.members[next[b]] = i;
            next[b] += 1;
        }
        index
    }

    fn bucket_of(&self, p: Point) -> usize {
        let (column, row) = self.column_row(p);
        row * self.n_columns + column
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of floats saturate, and the result is clamped"
    )]
    fn column_row(&self, p: Point) -> (usize, usize) {
        // 0/0, where an axis has no length, casts to 0.
        let place = |value: f64, min: f64, size: f64, n: usize| (((value - min) / size) as usize).min(n - 1);
        (
            place(p.x, self.min.x, self.size.x, self.n_columns),
            place(p.y, self.min.y, self.size.y, self.n_rows),
        )
    }

    /// Visits the buckets around `p` ring by ring until `visit` breaks. It is given the points of a bucket and a
    /// distance: neither they nor any points visited later are nearer to `p`.
    pub(crate) fn visit_near(&self, p: Point, mut visit: impl FnMut(f64, &[usize]) -> ControlFlow<()>) {
        let (column, row) = self.column_row(p);
        let side = match (self.n_columns > 1, self.n_rows > 1) {
            (true, true) => self.size.x.min(self.size.y),
            (true, false) => self.size.x,
            (false, _) => self.size.y,
        };
        for ring in 0..self.n_columns.max(self.n_rows) {
            let distance = ring.saturating_sub(1) as f64 * side * SLACK;
            let (first, last) = (
                column.saturating_sub(ring),
                (column + ring).min(self.n_columns - 1),
            );
            for r in row.saturating_sub(ring)..=(row + ring).min(self.n_rows - 1) {
                // The first and the last row of a ring are whole, the others have two buckets.
                let spans = if r.abs_diff(row) == ring {
                    [Some((first, last)), None]
                } else {
                    let right = Some(column + ring).filter(|c| *c < self.n_columns);
                    [column.checked_sub(ring), right].map(|c| c.map(|c| (c, c)))
                };
                for (first, last) in spans.into_iter().flatten() {
                    let b = r * self.n_columns;
                    let members = &self.members[self.starts[b + first]..self.starts[b + last + 1]];
                    if visit(distance, members).is_break() {
                        return;
                    }
                }
            }
        }
    }
}
