//! Contiguity of polygons.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Point};

use super::SpatialWeights;
use super::components::DisjointSets;
use super::metric::{Metric, Places, check_n_links};
use crate::StatsError;

/// When two areas are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contiguity {
    /// They share a corner.
    Queen,
    /// They share an edge.
    Rook,
}

impl SpatialWeights {
    /// Contiguity of areas, each a slice of rings (outer boundaries and holes alike), each with weight 1.
    ///
    /// Areas are neighbours where they share vertices (queen) or edges between the same two vertices (rook).
    /// Rings may repeat their first vertex at the end or not. An area without rings is an isolate. Vertices are
    /// equal when their coordinates are; with `snap`, vertices within that distance of each other count as one,
    /// also through other vertices between them. An edge that one area splits with a vertex of its own is not the
    /// same edge: such borders need a common topology first.
    ///
    /// # Units
    /// `snap` is in the units of the coordinates, in the plane.
    ///
    /// # Errors
    /// [`StatsError`] when a ring has fewer than 3 different vertices, a coordinate is not finite, `snap` is not
    /// above 0, or there are too many pairs for the memory.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Point;
    /// use wherefair_stats::{Contiguity, SpatialWeights};
    ///
    /// let square = |x: f64, y: f64| {
    ///     vec![[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|(u, v)| Point::new(x + u, y + v)).to_vec()]
    /// };
    /// let areas = [square(0.0, 0.0), square(1.0, 0.0), square(1.0, 1.0)];
    /// let queen = SpatialWeights::from_polygons(&areas, Contiguity::Queen, None)?;
    /// let rook = SpatialWeights::from_polygons(&areas, Contiguity::Rook, None)?;
    /// assert_eq!(queen.row(0).0, [1, 2]);
    /// assert_eq!(rook.row(0).0, [1]);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn from_polygons(
        areas: &[Vec<Vec<Point>>],
        contiguity: Contiguity,
        snap: Option<f64>,
    ) -> Result<Self, StatsError> {
        if u32::try_from(areas.len()).is_err() {
            return Err(StatsError::TooManyLinks { n_links: areas.len() });
        }
        let vertices: Vec<Point> = areas.iter().flatten().flatten().copied().collect();
        let (names, distinct) = name_vertices(&vertices)?;
        let snapped = snap.map(|snap| snap_vertices(&distinct, snap)).transpose()?;
        let mut parts: Vec<(Part, u32)> = vec![];
        let mut names = names.into_iter();
        for (area, unit) in areas.iter().zip(0_u32..) {
            for (ring, points) in area.iter().enumerate() {
                let mut corners: Vec<u32> = names.by_ref().take(points.len()).collect();
                check_ring(unit, ring, &corners)?;
                if let Some(snapped) = &snapped {
                    for corner in &mut corners {
                        *corner = snapped[*corner as usize];
                    }
                }
                let next = corners.iter().skip(1).chain(corners.first());
                match contiguity {
                    Contiguity::Queen => parts.extend(corners.iter().map(|&corner| ((corner, corner), unit))),
                    Contiguity::Rook => parts.extend(
                        corners
                            .iter()
                            .zip(next)
                            .filter(|(from, to)| from != to)
                            .map(|(&from, &to)| ((from.min(to), from.max(to)), unit)),
                    ),
                }
            }
        }
        parts.sort_unstable();
        parts.dedup();
        link_sharing(areas.len(), &parts)
    }
}

/// A part of a boundary: two ends of an edge, or a vertex twice.
type Part = (u32, u32);

/// Links all units that have a part in common; `parts` ascend.
fn link_sharing(n: usize, parts: &[(Part, u32)]) -> Result<SpatialWeights, StatsError> {
    let groups = || parts.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
    let n_pairs = groups().fold(0_usize, |sum, group| {
        sum.saturating_add(group.len() * (group.len() - 1))
    });
    check_n_links(n_pairs)?;
    let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(n_pairs);
    for group in groups() {
        for &(_, from) in group {
            pairs.extend(
                group
                    .iter()
                    .filter(|&&(_, to)| to != from)
                    .map(|&(_, to)| (from, to)),
            );
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut offsets = vec![0; n + 1];
    for &(from, _) in &pairs {
        offsets[from as usize + 1] += 1;
    }
    for i in 0..n {
        offsets[i + 1] += offsets[i];
    }
    Ok(SpatialWeights {
        offsets,
        values: vec![1.0; pairs.len()],
        neighbours: pairs.into_iter().map(|pair| pair.1).collect(),
    })
}

/// # Errors
/// [`ParamError`] for a ring of fewer than 3 different corners.
fn check_ring(unit: u32, ring: usize, corners: &[u32]) -> Result<(), StatsError> {
    let mut distinct = corners.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 3 {
        let given = format!("{} different vertices", distinct.len());
        return Err(ParamError::new(format!("ring {ring} of area {unit}"), given, "at least 3").into());
    }
    Ok(())
}

/// A number for each vertex, the same for equal ones, and the vertices that differ, by number.
fn name_vertices(vertices: &[Point]) -> Result<(Vec<u32>, Vec<Point>), StatsError> {
    if u32::try_from(vertices.len()).is_err() {
        return Err(StatsError::TooManyLinks {
            n_links: vertices.len(),
        });
    }
    if let Some(i) = vertices
        .iter()
        .position(|vertex| !(vertex.x.is_finite() && vertex.y.is_finite()))
    {
        let given = format!("({}, {})", vertices[i].x, vertices[i].y);
        return Err(ParamError::new(format!("vertex {i}"), given, "finite coordinates").into());
    }
    // Adding 0 turns −0 into 0.
    let key = |i: u32| {
        let vertex = vertices[i as usize];
        ((vertex.x + 0.0).to_bits(), (vertex.y + 0.0).to_bits())
    };
    let mut order: Vec<u32> = (0..).take(vertices.len()).collect();
    order.sort_unstable_by_key(|&i| (key(i), i));
    let mut names = vec![0; vertices.len()];
    let mut distinct: Vec<Point> = vec![];
    for (group, name) in order.chunk_by(|&a, &b| key(a) == key(b)).zip(0_u32..) {
        distinct.push(vertices[group[0] as usize]);
        for &i in group {
            names[i as usize] = name;
        }
    }
    Ok((names, distinct))
}

/// A number for each vertex, the same for those that chains of steps of at most `snap` join.
fn snap_vertices(vertices: &[Point], snap: f64) -> Result<Vec<u32>, StatsError> {
    if !(snap > 0.0 && snap.is_finite()) {
        return Err(ParamError::new("snap", snap, "a finite number above 0").into());
    }
    let near = Places::new(vertices, Metric::Planar)?.within(snap)?;
    let mut sets = DisjointSets::new(vertices.len());
    for i in 0..vertices.len() {
        for &other in &near.neighbours[near.offsets[i]..near.offsets[i + 1]] {
            sets.join(i, other as usize);
        }
    }
    Ok(sets.labels().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A closed square of side 1.
    fn square(x: f64, y: f64) -> Vec<Vec<Point>> {
        vec![
            [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
                .map(|(u, v)| Point::new(x + u, y + v))
                .to_vec(),
        ]
    }

    #[test]
    fn squares_of_a_grid_have_the_contiguity_of_a_raster() {
        let areas: Vec<_> = (0..4)
            .flat_map(|y| (0..5).map(move |x| square(f64::from(x), f64::from(y))))
            .collect();
        for contiguity in [Contiguity::Queen, Contiguity::Rook] {
            let polygons = SpatialWeights::from_polygons(&areas, contiguity, None).unwrap();
            let raster = SpatialWeights::from_raster(4, 5, None, contiguity).unwrap();
            assert_eq!(polygons, raster);
        }
    }

    #[test]
    fn a_hole_borders_the_area_that_fills_it() {
        let mut frame = square(0.0, 0.0);
        let hole: Vec<Point> = [(0.4, 0.4), (0.4, 0.6), (0.6, 0.6)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec();
        frame.push(hole.clone());
        let inner = vec![hole.into_iter().rev().collect()];
        let w = SpatialWeights::from_polygons(&[frame, inner], Contiguity::Rook, None).unwrap();
        assert_eq!(w.row(0).0, [1]);
    }

    #[test]
    fn areas_of_several_parts_border_with_each() {
        let mut pair = square(1.0, 0.0);
        pair.extend(square(5.0, 0.0));
        let areas = [square(0.0, 0.0), pair, square(6.0, 0.0), vec![]];
        let w = SpatialWeights::from_polygons(&areas, Contiguity::Rook, None).unwrap();
        assert_eq!(w.row(1).0, [0, 2]);
        assert_eq!(w.isolates(), [3]);
    }

    #[test]
    fn snapping_joins_what_rounding_parted() {
        let areas = [square(0.0, 0.0), square(1.0 + 1e-9, -1e-9), square(3.0, 0.0)];
        let exact = SpatialWeights::from_polygons(&areas, Contiguity::Rook, None).unwrap();
        assert_eq!(exact.isolates(), [0, 1, 2]);
        let snapped = SpatialWeights::from_polygons(&areas, Contiguity::Rook, Some(1e-8)).unwrap();
        assert_eq!(snapped.row(0).0, [1]);
        assert_eq!(snapped.isolates(), [2]);
    }

    #[test]
    fn rings_that_snapping_collapses_still_touch() {
        let sliver = [(1.0, 0.0), (1.0 + 1e-9, 0.0), (1.0, 1e-9)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec();
        let areas = [square(0.0, 0.0), vec![sliver]];
        let queen = SpatialWeights::from_polygons(&areas, Contiguity::Queen, Some(1e-6)).unwrap();
        assert_eq!(queen.row(1).0, [0]);
        let rook = SpatialWeights::from_polygons(&areas, Contiguity::Rook, Some(1e-6)).unwrap();
        assert_eq!(rook.isolates(), [0, 1]);
    }

    #[test]
    fn negative_zero_is_zero() {
        let mut other = square(-1.0, 0.0);
        for vertex in &mut other[0] {
            vertex.x = if vertex.x == 0.0 { -0.0 } else { vertex.x };
        }
        let w = SpatialWeights::from_polygons(&[square(0.0, 0.0), other], Contiguity::Rook, None).unwrap();
        assert_eq!(w.row(0).0, [1]);
    }

    #[test]
    fn rings_that_are_no_rings_are_named() {
        let point = Point::new(0.0, 0.0);
        for ring in [vec![], vec![point; 4], vec![point, Point::new(1.0, 0.0), point]] {
            let areas = [square(0.0, 0.0), vec![ring]];
            let error = SpatialWeights::from_polygons(&areas, Contiguity::Queen, None)
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("invalid ring 0 of area 1"), "{error}");
        }
    }

    #[test]
    fn hostile_coordinates_and_tolerances_are_errors() {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut area = square(0.0, 0.0);
            area[0][2].y = bad;
            assert!(SpatialWeights::from_polygons(&[area], Contiguity::Queen, None).is_err());
        }
        for snap in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(
                SpatialWeights::from_polygons(&[square(0.0, 0.0)], Contiguity::Queen, Some(snap)).is_err()
            );
        }
        assert_eq!(
            SpatialWeights::from_polygons(&[], Contiguity::Queen, None)
                .unwrap()
                .n(),
            0
        );
    }
}
