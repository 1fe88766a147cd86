//! Voronoi cells: every place belongs to its nearest seed.

use std::collections::HashMap;
use std::ops::ControlFlow;

use wherefair_core::{Extent, ParamError, PartitionId, Point, Site};

use crate::partition_labels::check_distinct;
use crate::seed_index::SeedIndex;
use crate::{PartitionError, Partitioning, Ring, Shape};

/// Largest absolute coordinate: beyond it, squared distances overflow.
const MAX_COORDINATE: f64 = 1e150;

/// The cells of points nearest to each of several seeds, within an extent.
///
/// Distances are Euclidean in coordinate units; a place equally near to several seeds belongs to the one with
/// the lowest index. Places outside the extent belong to none. Seeds may lie outside the extent; their cells
/// may then be empty.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, PartitionId, Point, Site};
/// use wherefair_partition::{Partitioning, Voronoi};
///
/// let seeds = vec![Point::new(1.0, 1.0), Point::new(3.0, 1.0)];
/// let cells = Voronoi::new(seeds, Extent::new(0.0, 0.0, 4.0, 2.0)?, None)?;
/// assert_eq!(cells.locate(&Site::at(2.0, 0.0)), Some(PartitionId(0)));
/// assert_eq!(cells.area(PartitionId(1)), Some(4.0));
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Voronoi {
    name: String,
    seeds: Vec<Point>,
    labels: Option<Vec<String>>,
    extent: Extent,
    index: SeedIndex,
}

impl Voronoi {
    /// The cells of `seeds` within `extent`, named `voronoi {n}`; cells are called `names`, or `seed 1`,
    /// `seed 2`, … without names.
    ///
    /// # Shapes
    /// `seeds` and `names` are `(n_partitions,)`.
    ///
    /// # Errors
    /// [`PartitionError::Empty`] without seeds; [`PartitionError::DuplicateSeeds`] when two lie at one place;
    /// [`PartitionError::DuplicateLabel`] when two names are the same; [`PartitionError::Param`] when
    /// `names` differs in length from `seeds`, or a coordinate is not finite or beyond 10¹⁵⁰.
    pub fn new(
        seeds: Vec<Point>,
        extent: Extent,
        names: Option<Vec<String>>,
    ) -> Result<Self, PartitionError> {
        let extent = Extent::new(extent.min_x, extent.min_y, extent.max_x, extent.max_y)?;
        if seeds.is_empty() {
            return Err(PartitionError::Empty { what: "seed" });
        }
        PartitionId::from_index(seeds.len())?;
        let corners = [
            Point::new(extent.min_x, extent.min_y),
            Point::new(extent.max_x, extent.max_y),
        ];
        for (i, point) in seeds.iter().chain(&corners).enumerate() {
            let range = -MAX_COORDINATE..=MAX_COORDINATE;
            if !(range.contains(&point.x) && range.contains(&point.y)) {
                let what = if i < seeds.len() {
                    format!("seed {i}")
                } else {
                    "extent".to_owned()
                };
                let value = format!("({}, {})", point.x, point.y);
                return Err(ParamError::new(what, value, "finite coordinates from -1e150 to 1e150").into());
            }
        }
        let mut first_at = HashMap::new();
        for (second, seed) in seeds.iter().enumerate() {
            // Adding 0 makes −0 and 0 the same place.
            let place = ((seed.x + 0.0).to_bits(), (seed.y + 0.0).to_bits());
            if let Some(first) = first_at.insert(place, second) {
                let Point { x, y } = *seed;
                return Err(PartitionError::DuplicateSeeds { first, second, x, y });
            }
        }
        if let Some(names) = &names {
            if names.len() != seeds.len() {
                let value = format!("shape ({},)", names.len());
                let accepted = format!("shape ({},), as seeds", seeds.len());
                return Err(ParamError::new("names", value, accepted).into());
            }
            check_distinct("name", names.iter().map(String::as_str))?;
        }
        Ok(Self {
            name: format!("voronoi {}", seeds.len()),
            index: SeedIndex::new(&seeds),
            seeds,
            labels: names,
            extent,
        })
    }

    /// The same cells called `name`.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The seeds, in the order of their cells.
    pub fn seeds(&self) -> &[Point] {
        &self.seeds
    }

    /// Index of the seed nearest to a finite point, the lowest one where several are.
    fn nearest(&self, p: Point) -> usize {
        let mut best = (f64::INFINITY, usize::MAX);
        self.index.visit_near(p, |distance, members| {
            if distance * distance > best.0 {
                return ControlFlow::Break(());
            }
            for &i in members {
                let candidate = (squared_distance(self.seeds[i], p), i);
                if candidate < best {
                    best = candidate;
                }
            }
            ControlFlow::Continue(())
        });
        best.1
    }

    /// The extent, cut by the bisectors between seed `i` and the others, nearest first.
    fn cell(&self, i: usize) -> Ring {
        let seed = self.seeds[i];
        let mut ring = Shape::rectangle(&self.extent)
            .polygons
            .swap_remove(0)
            .swap_remove(0);
        self.index.visit_near(seed, |distance, members| {
            // A seed cuts nothing off when it is more than twice as far away as the farthest corner.
            let reach = ring
                .iter()
                .map(|p| squared_distance(*p, seed))
                .fold(0.0, f64::max);
            if ring.is_empty() || 0.25 * distance * distance > reach {
                return ControlFlow::Break(());
            }
            for &j in members {
                if j != i {
                    ring = clip(&ring, seed, self.seeds[j]);
                }
            }
            ControlFlow::Continue(())
        });
        ring
    }
}

fn squared_distance(a: Point, b: Point) -> f64 {
    let (dx, dy) = (a.x - b.x, a.y - b.y);
    dx * dx + dy * dy
}

/// The part of a convex ring that is nearer to `seed` than to `other`.
fn clip(ring: &[Point], seed: Point, other: Point) -> Ring {
    let normal = Point::new(other.x - seed.x, other.y - seed.y);
    let middle = Point::new(seed.x + 0.5 * normal.x, seed.y + 0.5 * normal.y);
    let beyond = |p: &Point| (p.x - middle.x) * normal.x + (p.y - middle.y) * normal.y;
    let mut kept = Vec::with_capacity(ring.len() + 1);
    for (p, q) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (at_p, at_q) = (beyond(p), beyond(q));
        if at_p <= 0.0 {
            kept.push(*p);
        }
        if (at_p < 0.0 && at_q > 0.0) || (at_p > 0.0 && at_q < 0.0) {
            let t = at_p / (at_p - at_q);
            kept.push(Point::new(p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)));
        }
    }
    kept
}

impl Partitioning for Voronoi {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn n_partitions(&self) -> usize {
        self.seeds.len()
    }

    fn locate(&self, site: &Site) -> Option<PartitionId> {
        if !self.extent.contains(site.point) {
            return None;
        }
        PartitionId::from_index(self.nearest(site.point)).ok()
    }

    fn label(&self, id: PartitionId) -> String {
        let name = self.labels.as_ref().and_then(|labels| labels.get(id.index()));
        name.cloned()
            .unwrap_or_else(|| format!("seed {}", id.index() + 1))
    }

    fn area(&self, id: PartitionId) -> Option<f64> {
        self.shape(id).map(|shape| shape.area())
    }

    fn shape(&self, id: PartitionId) -> Option<Shape> {
        if id.index() >= self.seeds.len() {
            return None;
        }
        let ring = self.cell(id.index());
        let polygons = if ring.len() < 3 {
            Vec::new()
        } else {
            vec![vec![ring]]
        };
        Some(Shape { polygons })
    }

    fn extent(&self) -> Option<Extent> {
        Some(self.extent)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wherefair_core::Seed;

    use super::*;

    const AREA_TOLERANCE: f64 = 1e-9;

    fn unit() -> Extent {
        Extent::new(0.0, 0.0, 1.0, 1.0).unwrap()
    }

    fn brute_force(seeds: &[Point], p: Point) -> usize {
        let mut best = 0;
        for i in 1..seeds.len() {
            if squared_distance(seeds[i], p) < squared_distance(seeds[best], p) {
                best = i;
            }
        }
        best
    }

    fn assert_covers(cells: &Voronoi) {
        let n = u32::try_from(cells.n_partitions()).unwrap();
        let total: f64 = (0..n).map(|i| cells.area(PartitionId(i)).unwrap()).sum();
        let area = cells.extent.area();
        assert!((total - area).abs() <= AREA_TOLERANCE * area, "{total} of {area}");
    }

    #[test]
    fn ties_go_to_the_lowest_seed() {
        let seeds = vec![
            Point::new(1.0, 0.0),
            Point::new(0.0, 0.0),
            Point::new(1.0, 1.0),
            Point::new(0.0, 1.0),
        ];
        let cells = Voronoi::new(seeds, unit(), None).unwrap();
        assert_eq!(cells.locate(&Site::at(0.5, 0.5)), Some(PartitionId(0)));
        assert_eq!(cells.locate(&Site::at(0.5, 1.0)), Some(PartitionId(2)));
        assert_eq!(cells.locate(&Site::at(1.5, 0.5)), None);
        assert_eq!(cells.locate(&Site::at(f64::NAN, 0.5)), None);
        assert_covers(&cells);
    }

    #[test]
    fn hostile_seeds_are_rejected() {
        let at = Point::new;
        let error = Voronoi::new(vec![at(0.0, 1.0), at(2.0, 2.0), at(-0.0, 1.0)], unit(), None).unwrap_err();
        assert!(matches!(
            error,
            PartitionError::DuplicateSeeds {
                first: 0,
                second: 2,
                ..
            }
        ));
        assert!(Voronoi::new(vec![], unit(), None).is_err());
        assert!(Voronoi::new(vec![at(f64::NAN, 0.0)], unit(), None).is_err());
        assert!(Voronoi::new(vec![at(1e200, 0.0)], unit(), None).is_err());
        assert!(Voronoi::new(vec![at(0.0, 0.0)], unit(), Some(vec![])).is_err());
        let same = Some(vec!["a".into(), "a".into()]);
        assert!(Voronoi::new(vec![at(0.0, 0.0), at(1.0, 0.0)], unit(), same).is_err());
    }

    #[test]
    fn seeds_on_a_line_and_seeds_outside_still_cover_the_extent() {
        let line: Vec<_> = (0..40)
            .map(|i| Point::new(f64::from(i) * 0.1 - 1.0, 0.5))
            .collect();
        let cells = Voronoi::new(line, unit(), None).unwrap();
        assert_covers(&cells);
        assert_eq!(cells.area(PartitionId(0)), Some(0.0));
        let far = vec![
            Point::new(-100.0, 0.0),
            Point::new(0.2, 50.0),
            Point::new(7.0, 0.1),
        ];
        assert_covers(&Voronoi::new(far, unit(), None).unwrap());
        let one = Voronoi::new(vec![Point::new(0.5, 0.5)], unit(), Some(vec!["only".into()])).unwrap();
        assert_covers(&one);
        assert_eq!(one.label(PartitionId(0)), "only");
        assert_eq!(one.shape(PartitionId(1)), None);
    }

    proptest! {
        #[test]
        fn the_index_finds_what_brute_force_finds(
            seed: u64,
            n in 1_usize..200,
            power in 1..6_i32,
            on_grid: bool,
            aspect in 1e-3..1e3_f64,
        ) {
            let mut stream = Seed::new(seed).stream("voronoi");
            let mut draw = || {
                let (x, y) = (stream.uniform().powi(power), stream.uniform());
                // Points on a coarse grid make many ties.
                if on_grid { Point::new((x * 16.0).floor(), (y * 16.0).floor()) } else { Point::new(x, y * aspect) }
            };
            let mut seeds: Vec<Point> = Vec::new();
            for _ in 0..n {
                let candidate = draw();
                if !seeds.contains(&candidate) {
                    seeds.push(candidate);
                }
            }
            let extent = Extent::new(-1.0, -1.0, 17.0, 17.0f64.max(aspect)).unwrap();
            let cells = Voronoi::new(seeds.clone(), extent, None).unwrap();
            for _ in 0..50 {
                let p = draw();
                prop_assert_eq!(cells.locate(&Site::at(p.x, p.y)).unwrap().index(), brute_force(&seeds, p));
            }
            assert_covers(&cells);
        }
    }
}
