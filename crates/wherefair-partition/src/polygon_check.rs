//! What makes polygons a partitioning: proper rings, proper nesting, no shared area.

use wherefair_core::{Extent, ParamError, Point};

use crate::edge::{Edge, pairs_that_overlap};
use crate::intersection::intersection;
use crate::{PartitionError, Ring, Shape, ring};

/// Largest absolute coordinate: products of four of them must not overflow.
const MAX_COORDINATE: f64 = 1e75;

/// Relative difference between the area that rings enclose and that of the parts less their holes which
/// rounding may explain.
const NESTING_TOLERANCE: f64 = 1e-6;

/// Share of the smaller of two polygons that may lie in both: neighbours whose corners were rounded to a few
/// decimals overlap by slivers.
const OVERLAP_TOLERANCE: f64 = 1e-6;

/// The shape with repeated points of its rings dropped, once its rings are found proper.
pub(crate) fn checked_shape(index: usize, label: &str, shape: &Shape) -> Result<Shape, PartitionError> {
    let mut polygons = Vec::with_capacity(shape.polygons.len());
    for (p, part) in shape.polygons.iter().enumerate() {
        let mut rings = Vec::with_capacity(part.len());
        for (r, points) in part.iter().enumerate() {
            let invalid = |reason| PartitionError::InvalidRing {
                label: label.to_owned(),
                index,
                part: p,
                ring: r,
                reason,
            };
            rings.push(checked_ring(points).map_err(invalid)?);
        }
        if !rings.is_empty() {
            polygons.push(rings);
        }
    }
    let shape = Shape { polygons };
    if shape.polygons.is_empty() {
        let (name, accepted) = (format!("polygon {index} ({label:?})"), "at least 1 ring");
        return Err(ParamError::new(name, "no ring", accepted).into());
    }
    check_crossings(index, label, &shape)?;
    check_nesting(index, label, &shape)?;
    Ok(shape)
}

/// The points without repetitions, or what is wrong with them.
fn checked_ring(points: &[Point]) -> Result<Ring, String> {
    let range = -MAX_COORDINATE..=MAX_COORDINATE;
    if let Some(p) = points
        .iter()
        .find(|p| !(range.contains(&p.x) && range.contains(&p.y)))
    {
        return Err(format!(
            "point ({}, {}) (accepted: finite coordinates from -1e75 to 1e75)",
            p.x, p.y
        ));
    }
    let mut kept: Ring = points.to_vec();
    kept.dedup();
    while kept.len() > 1 && kept.first() == kept.last() {
        kept.pop();
    }
    let mut distinct: Vec<(f64, f64)> = kept.iter().map(|p| (p.x + 0.0, p.y + 0.0)).collect();
    distinct.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    distinct.dedup();
    if distinct.len() < 3 {
        return Err(format!(
            "{} distinct points (accepted: at least 3)",
            distinct.len()
        ));
    }
    if ring::signed_area(&kept).abs() <= 0.0 {
        return Err("an area of 0 (accepted: points that bound an area)".to_owned());
    }
    Ok(kept)
}

/// Rejects rings that cross themselves or each other, and rings that fold back on themselves. Touching in single
/// points is accepted: the even–odd rule still tells inside from outside.
fn check_crossings(index: usize, label: &str, shape: &Shape) -> Result<(), PartitionError> {
    let rings = shape.polygons.iter().enumerate().flat_map(|(p, part)| {
        let rings = part.iter().enumerate();
        rings.flat_map(move |(r, points)| Edge::of_ring(points).map(move |edge| (edge, (p, r))))
    });
    let mut edges: Vec<(Edge, (usize, usize))> = rings.collect();
    edges.sort_by(|(e, _), (f, _)| e.low.y.total_cmp(&f.low.y));
    let mut active: Vec<&(Edge, (usize, usize))> = Vec::new();
    for new in &edges {
        let (edge, of) = new;
        active.retain(|(other, _)| other.high.y >= edge.low.y);
        for (other, other_of) in &active {
            let crosses = edge.crosses(other);
            if crosses || (of == other_of && edge.runs_along(other)) {
                let (place, other_place) = (edge.low, other.low);
                let (part, ring) = *of;
                let what = if crosses { "crosses" } else { "runs along" };
                return Err(PartitionError::InvalidRing {
                    label: label.to_owned(),
                    index,
                    part,
                    ring,
                    reason: format!(
                        "the edge at ({}, {}) {what} the edge at ({}, {}) of ring {} of part {} (accepted: rings \
                         that meet in no more than points)",
                        place.x, place.y, other_place.x, other_place.y, other_of.1, other_of.0
                    ),
                });
            }
        }
        active.push(new);
    }
    Ok(())
}

fn check_nesting(index: usize, label: &str, shape: &Shape) -> Result<(), PartitionError> {
    // One ring encloses what it bounds.
    if shape.polygons.iter().flatten().count() < 2 {
        return Ok(());
    }
    let Some(bounds) = shape.bounds() else {
        return Ok(());
    };
    let edges = Edge::of_shape(shape);
    let enclosed = intersection(&edges, &edges, &bounds).area;
    let nominal = shape.area();
    if (enclosed - nominal).abs() <= NESTING_TOLERANCE * enclosed {
        return Ok(());
    }
    Err(PartitionError::InvalidNesting {
        label: label.to_owned(),
        index,
        enclosed,
        nominal,
    })
}

/// Rejects polygons that share more than slivers. `edges` and `bounds` are those of the polygons.
pub(crate) fn check_overlaps(
    labels: &[String],
    areas: &[f64],
    edges: &[Vec<Edge>],
    bounds: &[Extent],
) -> Result<(), PartitionError> {
    let boxes: Vec<_> = bounds.iter().copied().map(Some).collect();
    for (i, j) in pairs_that_overlap(&boxes, &boxes) {
        if i >= j {
            continue;
        }
        let (a, b) = (&bounds[i], &bounds[j]);
        let window = Extent {
            min_x: a.min_x.max(b.min_x),
            min_y: a.min_y.max(b.min_y),
            max_x: a.max_x.min(b.max_x),
            max_y: a.max_y.min(b.max_y),
        };
        let shared = intersection(&edges[i], &edges[j], &window);
        if let Some(at) = shared
            .inside
            .filter(|_| shared.area > OVERLAP_TOLERANCE * areas[i].min(areas[j]))
        {
            return Err(PartitionError::OverlappingPolygons {
                first: labels[i].clone(),
                second: labels[j].clone(),
                at: (at.x, at.y),
            });
        }
    }
    Ok(())
}
