//! Areas that the partitions of two partitionings share.

use wherefair_core::{Extent, ParamError, PartitionId};

use crate::edge::{Edge, pairs_that_overlap};
use crate::intersection::intersection;
use crate::{PartitionError, Partitioning};

/// The area that each partition of `a` shares with each partition of `b`, where it is positive, in ascending
/// order of the two ids.
///
/// Grids are overlapped interval by interval, other shapes by horizontal slabs within which no edges cross;
/// both are exact up to rounding.
///
/// # Units
/// Squared coordinate units.
///
/// # Errors
/// [`PartitionError::NotPlanar`] when a partitioning looks at times or groups, or has partitions without a
/// shape; [`PartitionError::Param`] when a coordinate of a shape is not finite.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, PartitionId};
/// use wherefair_partition::{EqualGrid, overlap_areas};
///
/// let extent = Extent::new(0.0, 0.0, 2.0, 1.0)?;
/// let (halves, whole) = (EqualGrid::new(extent, 1, 2)?, EqualGrid::new(extent, 1, 1)?);
/// let areas = overlap_areas(&halves, &whole)?;
/// assert_eq!(areas, [(PartitionId(0), PartitionId(0), 1.0), (PartitionId(1), PartitionId(0), 1.0)]);
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
pub fn overlap_areas(
    a: &dyn Partitioning,
    b: &dyn Partitioning,
) -> Result<Vec<(PartitionId, PartitionId, f64)>, PartitionError> {
    check_planar(a)?;
    check_planar(b)?;
    if let (Some(cuts_a), Some(cuts_b)) = (a.axis_cuts(), b.axis_cuts()) {
        let across = interval_overlaps(cuts_a.x, cuts_b.x);
        let up = interval_overlaps(cuts_a.y, cuts_b.y);
        let columns = (cuts_a.x.len().saturating_sub(1), cuts_b.x.len().saturating_sub(1));
        let mut areas = Vec::with_capacity(across.len() * up.len());
        for &(row_a, row_b, height) in &up {
            for &(column_a, column_b, width) in &across {
                let id_a = PartitionId::from_index(row_a * columns.0 + column_a)?;
                let id_b = PartitionId::from_index(row_b * columns.1 + column_b)?;
                areas.push((id_a, id_b, width * height));
            }
        }
        areas.retain(|(_, _, area)| *area > 0.0);
        areas.sort_by_key(|(id_a, id_b, _)| (*id_a, *id_b));
        return Ok(areas);
    }
    let ((edges_a, bounds_a), (edges_b, bounds_b)) = (outlines(a)?, outlines(b)?);
    let mut areas = Vec::new();
    for (i, j) in pairs_that_overlap(&bounds_a, &bounds_b) {
        let (Some(e), Some(f)) = (bounds_a[i], bounds_b[j]) else {
            continue;
        };
        let window = Extent {
            min_x: e.min_x.max(f.min_x),
            min_y: e.min_y.max(f.min_y),
            max_x: e.max_x.min(f.max_x),
            max_y: e.max_y.min(f.max_y),
        };
        let area = intersection(&edges_a[i], &edges_b[j], &window).area;
        if area > 0.0 {
            areas.push((PartitionId::from_index(i)?, PartitionId::from_index(j)?, area));
        }
    }
    Ok(areas)
}

pub(crate) fn check_planar(partitioning: &dyn Partitioning) -> Result<(), PartitionError> {
    if partitioning.is_planar() {
        return Ok(());
    }
    Err(PartitionError::NotPlanar {
        name: partitioning.name(),
    })
}

/// Lengths that intervals i of `a` and j of `b` share, where positive, ascending; cuts must ascend.
pub(crate) fn interval_overlaps(a: &[f64], b: &[f64]) -> Vec<(usize, usize, f64)> {
    let (mut i, mut j) = (0, 0);
    let mut shared = Vec::new();
    while i + 1 < a.len() && j + 1 < b.len() {
        let length = a[i + 1].min(b[j + 1]) - a[i].max(b[j]);
        if length > 0.0 {
            shared.push((i, j, length));
        }
        if a[i + 1] <= b[j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    shared
}

type Outlines = (Vec<Vec<Edge>>, Vec<Option<Extent>>);

fn outlines(partitioning: &dyn Partitioning) -> Result<Outlines, PartitionError> {
    let n = partitioning.n_partitions();
    let (mut edges, mut bounds) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for i in 0..n {
        let shape = partitioning.shape(PartitionId::from_index(i)?);
        let shape = shape.ok_or_else(|| PartitionError::NotPlanar {
            name: partitioning.name(),
        })?;
        if let Some(p) = shape
            .polygons
            .iter()
            .flatten()
            .flatten()
            .find(|p| !(p.x.is_finite() && p.y.is_finite()))
        {
            let name = format!("shape of partition {i} of {:?}", partitioning.name());
            return Err(ParamError::new(name, format!("({}, {})", p.x, p.y), "finite coordinates").into());
        }
        edges.push(Edge::of_shape(&shape));
        bounds.push(shape.bounds());
    }
    Ok((edges, bounds))
}
