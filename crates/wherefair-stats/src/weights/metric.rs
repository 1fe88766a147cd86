//! Distances in the plane and on the sphere, and the search for neighbours under them.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Point};

use super::kd_tree::{KdTree, RowBlock, row_at, squared_distance};
use crate::StatsError;

/// The largest coordinate whose squared distances stay finite.
const LARGEST_COORDINATE: f64 = 1e150;

/// By how much a squared search radius is widened, so that rounding loses no point at the exact radius.
const RADIUS_SLACK: f64 = 1.0 + 1e-9;

/// How distances between points are measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Straight lines in the plane, in the units of the coordinates.
    Planar,
    /// Great circles on a sphere; points are longitude (x) and latitude (y) in degrees, distances in metres.
    ///
    /// Distances come from chords between unit vectors: exact to a few nanometres on Earth, to centimetres
    /// between antipodes.
    GreatCircle {
        /// The radius of the sphere, in metres.
        radius_m: f64,
    },
}

impl Metric {
    /// Great circles on a sphere of Earth's mean radius.
    pub const EARTH: Self = Self::GreatCircle {
        radius_m: 6_371_008.8,
    };

    /// The distance that belongs to a squared straight-line distance of the embedded points.
    fn distance(self, squared: f64) -> f64 {
        match self {
            Self::Planar => squared.sqrt(),
            Self::GreatCircle { radius_m } => 2.0 * radius_m * (0.5 * squared.sqrt()).min(1.0).asin(),
        }
    }

    /// A squared straight-line distance that no pair within `radius` exceeds.
    fn squared_bound(self, radius: f64) -> f64 {
        let chord = match self {
            Self::Planar => radius,
            Self::GreatCircle { radius_m } => {
                let half_angle = (0.5 * radius / radius_m).min(std::f64::consts::FRAC_PI_2);
                2.0 * half_angle.sin()
            }
        };
        (chord * chord * RADIUS_SLACK).max(f64::MIN_POSITIVE)
    }
}

/// The points of a tree, embedded so that straight lines order as distances do.
#[derive(Debug)]
enum Embedding {
    Plane(Vec<[f64; 2]>, KdTree<2>),
    Sphere(Vec<[f64; 3]>, KdTree<3>),
}

/// Points that can be searched for neighbours.
#[derive(Debug)]
pub(super) struct Places {
    metric: Metric,
    embedding: Embedding,
}

/// Neighbours of all units: row `i` is `offsets[i]..offsets[i + 1]`, ascending by index.
#[derive(Debug)]
pub(super) struct NeighbourRows {
    pub(super) offsets: Vec<usize>,
    pub(super) neighbours: Vec<u32>,
    pub(super) distances: Vec<f64>,
}

impl Places {
    /// # Errors
    /// [`StatsError`] when a coordinate or the radius of the sphere is not acceptable.
    pub(super) fn new(points: &[Point], metric: Metric) -> Result<Self, StatsError> {
        let embedding = match metric {
            Metric::Planar => {
                let points = embed_plane(points)?;
                let tree = KdTree::new(&points);
                Embedding::Plane(points, tree)
            }
            Metric::GreatCircle { radius_m } => {
                check_radius(radius_m)?;
                let points = embed_sphere(points)?;
                let tree = KdTree::new(&points);
                Embedding::Sphere(points, tree)
            }
        };
        Ok(Self { metric, embedding })
    }

    pub(super) fn n(&self) -> usize {
        match &self.embedding {
            Embedding::Plane(points, _) => points.len(),
            Embedding::Sphere(points, _) => points.len(),
        }
    }

    /// Every unit's `k` nearest others, nearest first, ties by index: indices of shape `(n, k)`.
    ///
    /// # Errors
    /// [`ParamError`] when `k` is 0 or there are not that many others.
    pub(super) fn nearest(&self, k: usize) -> Result<(Vec<u32>, Vec<f64>), StatsError> {
        let n = self.n();
        if k == 0 || k >= n {
            let accepted = match n {
                0 | 1 => format!("no number for {n} points"),
                _ => format!("1 to {} for {n} points", n - 1),
            };
            return Err(ParamError::new("k", k, accepted).into());
        }
        check_n_links(n.saturating_mul(k))?;
        let (ids, mut distances) = match &self.embedding {
            Embedding::Plane(_, tree) => tree.nearest_of_all(k),
            Embedding::Sphere(_, tree) => tree.nearest_of_all(k),
        };
        for distance in &mut distances {
            *distance = self.metric.distance(*distance);
        }
        Ok((ids, distances))
    }

    /// The unit nearest to unit `i`, ties by index; `None` where there is no other.
    pub(super) fn nearest_of(&self, i: u32) -> Option<u32> {
        let found = match &self.embedding {
            Embedding::Plane(points, tree) => tree.nearest_of(&points[i as usize], i),
            Embedding::Sphere(points, tree) => tree.nearest_of(&points[i as usize], i),
        };
        found.map(|(_, id)| id)
    }

    /// Every unit's others at a distance of at most `radius`.
    ///
    /// # Errors
    /// [`StatsError::TooManyLinks`] when they do not fit into memory.
    pub(super) fn within(&self, radius: f64) -> Result<NeighbourRows, StatsError> {
        let bound = self.metric.squared_bound(radius);
        match &self.embedding {
            Embedding::Plane(_, tree) => self.rows_within(tree, bound, radius),
            Embedding::Sphere(_, tree) => self.rows_within(tree, bound, radius),
        }
    }

    fn rows_within<const D: usize>(
        &self,
        tree: &KdTree<D>,
        bound: f64,
        radius: f64,
    ) -> Result<NeighbourRows, StatsError> {
        let n_links = tree.n_pairs_within(bound);
        check_n_links(n_links)?;
        let blocks: Vec<RowBlock> = tree.all_within(bound);
        let mut rows = NeighbourRows {
            offsets: Vec::with_capacity(self.n() + 1),
            neighbours: Vec::with_capacity(n_links),
            distances: Vec::with_capacity(n_links),
        };
        rows.offsets.push(0);
        for place in tree.places() {
            for &(squared, neighbour) in row_at(&blocks, place) {
                let distance = self.metric.distance(squared);
                if distance <= radius {
                    rows.neighbours.push(neighbour);
                    rows.distances.push(distance);
                }
            }
            rows.offsets.push(rows.neighbours.len());
        }
        Ok(rows)
    }

    /// The distance of units `i` and `j`.
    pub(super) fn distance(&self, i: usize, j: usize) -> f64 {
        self.metric.distance(match &self.embedding {
            Embedding::Plane(points, _) => squared_distance(&points[i], &points[j]),
            Embedding::Sphere(points, _) => squared_distance(&points[i], &points[j]),
        })
    }
}

/// # Errors
/// [`StatsError::TooManyLinks`] when the system refuses memory for `n_links` links.
pub(super) fn check_n_links(n_links: usize) -> Result<(), StatsError> {
    // A neighbour, a weight and a copy of both while rows are put in order.
    let mut probe: Vec<[u64; 4]> = vec![];
    probe
        .try_reserve_exact(n_links)
        .map_err(|_| StatsError::TooManyLinks { n_links })
}

fn check_radius(radius_m: f64) -> Result<(), StatsError> {
    if radius_m > 0.0 && radius_m < LARGEST_COORDINATE {
        return Ok(());
    }
    Err(ParamError::new(
        "radius_m",
        radius_m,
        format!("above 0 and below {LARGEST_COORDINATE:e}"),
    )
    .into())
}

fn check_n(points: &[Point]) -> Result<(), StatsError> {
    u32::try_from(points.len())
        .map(|_| ())
        .map_err(|_| StatsError::TooManyLinks {
            n_links: points.len(),
        })
}

fn bad_point(i: usize, point: Point, accepted: &str) -> StatsError {
    ParamError::new(
        format!("point {i}"),
        format!("({}, {})", point.x, point.y),
        accepted,
    )
    .into()
}

fn embed_plane(points: &[Point]) -> Result<Vec<[f64; 2]>, StatsError> {
    check_n(points)?;
    let fits = |coordinate: f64| coordinate.abs() <= LARGEST_COORDINATE;
    let embed = |(i, point): (usize, &Point)| {
        if fits(point.x) && fits(point.y) {
            // Adding 0 turns −0 into 0.
            return Ok([point.x + 0.0, point.y + 0.0]);
        }
        Err(bad_point(i, *point, "finite coordinates of at most 1e150"))
    };
    points.iter().enumerate().map(embed).collect()
}

fn embed_sphere(points: &[Point]) -> Result<Vec<[f64; 3]>, StatsError> {
    check_n(points)?;
    let embed = |(i, point): (usize, &Point)| {
        if !((-180.0..=360.0).contains(&point.x) && (-90.0..=90.0).contains(&point.y)) {
            return Err(bad_point(
                i,
                *point,
                "longitude −180 to 360 and latitude −90 to 90, in degrees",
            ));
        }
        Ok(unit_vector(*point))
    };
    points.iter().enumerate().map(embed).collect()
}

/// The unit vector of a longitude and a latitude in degrees; equal places have equal bits.
fn unit_vector(point: Point) -> [f64; 3] {
    let longitude = if point.x >= 180.0 {
        point.x - 360.0
    } else {
        point.x
    };
    if point.y.abs() >= 90.0 {
        return [0.0, 0.0, point.y.signum()];
    }
    let (sin_longitude, cos_longitude) = longitude.to_radians().sin_cos();
    let (sin_latitude, cos_latitude) = point.y.to_radians().sin_cos();
    [
        cos_latitude * cos_longitude,
        cos_latitude * sin_longitude + 0.0,
        sin_latitude + 0.0,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A millimetre: sines of angles near 1 rad, times Earth's radius.
    const ONE_MILLIMETRE: f64 = 1e-3;

    #[test]
    fn a_quarter_of_the_equator_is_a_quarter_of_the_circumference() {
        let points = [Point::new(0.0, 0.0), Point::new(90.0, 0.0), Point::new(0.0, 90.0)];
        let places = Places::new(&points, Metric::EARTH).unwrap();
        let quarter = 6_371_008.8 * std::f64::consts::FRAC_PI_2;
        for (i, j) in [(0, 1), (1, 2), (2, 0)] {
            assert!((places.distance(i, j) - quarter).abs() < ONE_MILLIMETRE);
        }
    }

    #[test]
    fn the_same_place_by_other_names_is_at_distance_zero() {
        for (a, b) in [
            (Point::new(180.0, 10.0), Point::new(-180.0, 10.0)),
            (Point::new(270.0, -5.0), Point::new(-90.0, -5.0)),
            (Point::new(12.0, 90.0), Point::new(-77.0, 90.0)),
            (Point::new(360.0, 1.0), Point::new(0.0, 1.0)),
        ] {
            let places = Places::new(&[a, b], Metric::EARTH).unwrap();
            assert_eq!(places.distance(0, 1).to_bits(), 0.0_f64.to_bits(), "{a:?} {b:?}");
        }
    }

    #[test]
    fn coordinates_outside_their_domain_are_named() {
        for bad in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e151] {
            let points = [Point::new(0.0, 0.0), Point::new(0.0, bad)];
            for metric in [Metric::Planar, Metric::EARTH] {
                let error = Places::new(&points, metric).unwrap_err().to_string();
                assert!(error.starts_with("invalid point 1"), "{error}");
            }
        }
        for (x, y) in [(-181.0, 0.0), (361.0, 0.0), (0.0, 90.1), (0.0, -91.0)] {
            assert!(Places::new(&[Point::new(x, y)], Metric::EARTH).is_err());
        }
    }

    #[test]
    fn the_radius_of_the_sphere_must_be_positive_and_finite() {
        for radius_m in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Places::new(&[], Metric::GreatCircle { radius_m }).is_err());
        }
    }
}
