//! How much of one partitioning is in another.

use wherefair_core::PartitionId;

use crate::overlap::{check_planar, overlap_areas};
use crate::{AxisCuts, PartitionError, Partitioning};

/// The mutual information of two partitionings by the areas that their partitions share: 1 for equal ones, the
/// smaller the more each partition is torn apart by the other partitioning.
///
/// # Formula
/// MI(Pᵢ, Pⱼ) = ½ (Σ_{a ∈ Pᵢ} max_{b ∈ Pⱼ} |a ∩ b| / Lᵢ + Σ_{b ∈ Pⱼ} max_{a ∈ Pᵢ} |a ∩ b| / Lⱼ), where L is the
/// covered area: the sum of the partitions' areas. It lies in (0, 1] where the two share an area, and is 0 where
/// they do not. For grids it factorises along the axes, exactly; other shapes are intersected polygon by polygon,
/// exactly up to rounding.
///
/// `DIFFERENCE:` the paper has one L, for its grids cover one and the same rectangle. Here each sum is divided by
/// the area that its own partitioning covers, so that polygons which leave part of their extent empty still
/// have mutual information 1 with themselves.
///
/// An axis along which two grids have no length counts as one shared interval when both lie at the same place.
///
/// # Errors
/// [`PartitionError::NotPlanar`] when a partitioning looks at times or groups, or has partitions without a shape;
/// [`PartitionError::Param`] when a coordinate of a shape is not finite; [`PartitionError::NoArea`] when one covers
/// no area, or one that overflows.
///
/// # Examples
/// ```
/// use wherefair_core::Extent;
/// use wherefair_partition::{EqualGrid, mutual_information};
///
/// let extent = Extent::new(0.0, 0.0, 1.0, 1.0)?;
/// let (a, b) = (EqualGrid::new(extent, 1, 2)?, EqualGrid::new(extent, 1, 4)?);
/// assert_eq!(mutual_information(&a, &b)?, 0.75);
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
///
/// # References
/// SPAD-SIM, journal version of Xie et al. (2022), Eq. 7.
pub fn mutual_information(a: &dyn Partitioning, b: &dyn Partitioning) -> Result<f64, PartitionError> {
    check_planar(a)?;
    check_planar(b)?;
    let (kept_a, kept_b) = match (a.axis_cuts(), b.axis_cuts()) {
        (Some(cuts_a), Some(cuts_b)) => of_grids(cuts_a, cuts_b),
        _ => of_shapes(a, b)?,
    };
    for (kept, partitioning) in [(kept_a, a), (kept_b, b)] {
        if !kept.is_finite() {
            return Err(no_area(partitioning, 0.0));
        }
    }
    Ok((0.5 * (kept_a + kept_b)).min(1.0))
}

/// The two sums of Eq. 7, each divided by L; the largest rectangle that a cell shares is as wide as its column's
/// longest shared interval and as high as its row's.
fn of_grids(a: AxisCuts<'_>, b: AxisCuts<'_>) -> (f64, f64) {
    let (x_a, x_b) = along_axis(a.x, b.x);
    let (y_a, y_b) = along_axis(a.y, b.y);
    (x_a * y_a, x_b * y_b)
}

/// For either set of cuts, the sum of its intervals' longest shared parts by its length; NaN without length.
fn along_axis(a: &[f64], b: &[f64]) -> (f64, f64) {
    let span = |cuts: &[f64]| match (cuts.first(), cuts.last()) {
        (Some(first), Some(last)) => (*first, last - first),
        _ => (f64::NAN, f64::NAN),
    };
    let ((start_a, length_a), (start_b, length_b)) = (span(a), span(b));
    if length_a <= 0.0 && length_b <= 0.0 {
        let same = f64::from(u8::from((start_a - start_b).abs() <= 0.0));
        return (same, same);
    }
    let (kept_a, kept_b) = longest_shared(a, b);
    (kept_a / length_a, kept_b / length_b)
}

/// For either set of cuts, the sum over its intervals of the longest part shared with an interval of the other.
fn longest_shared(a: &[f64], b: &[f64]) -> (f64, f64) {
    let (mut i, mut j) = (0, 0);
    let (mut kept_a, mut kept_b) = (0.0, 0.0);
    let (mut longest_a, mut longest_b) = (0.0_f64, 0.0_f64);
    while i + 1 < a.len() && j + 1 < b.len() {
        let shared = a[i + 1].min(b[j + 1]) - a[i].max(b[j]);
        longest_a = longest_a.max(shared);
        longest_b = longest_b.max(shared);
        if a[i + 1] <= b[j + 1] {
            i += 1;
            kept_a += std::mem::take(&mut longest_a);
        } else {
            j += 1;
            kept_b += std::mem::take(&mut longest_b);
        }
    }
    (kept_a + longest_a, kept_b + longest_b)
}

fn of_shapes(a: &dyn Partitioning, b: &dyn Partitioning) -> Result<(f64, f64), PartitionError> {
    let shared = overlap_areas(a, b)?;
    let kept_a = sum_of_largest(
        a.n_partitions(),
        shared.iter().map(|(i, _, area)| (i.index(), *area)),
    );
    let kept_b = sum_of_largest(
        b.n_partitions(),
        shared.iter().map(|(_, j, area)| (j.index(), *area)),
    );
    Ok((kept_a / covered_area(a)?, kept_b / covered_area(b)?))
}

fn sum_of_largest(n: usize, shared: impl Iterator<Item = (usize, f64)>) -> f64 {
    let mut largest = vec![0.0_f64; n];
    for (i, value) in shared {
        largest[i] = largest[i].max(value);
    }
    largest.iter().sum()
}

/// The sum of the areas of all partitions.
fn covered_area(partitioning: &dyn Partitioning) -> Result<f64, PartitionError> {
    let mut sum = 0.0;
    for i in 0..partitioning.n_partitions() {
        sum += partitioning.area(PartitionId::from_index(i)?).unwrap_or(0.0);
    }
    if sum > 0.0 && sum.is_finite() {
        return Ok(sum);
    }
    Err(no_area(partitioning, sum))
}

fn no_area(partitioning: &dyn Partitioning, area: f64) -> PartitionError {
    let name = partitioning.name();
    PartitionError::NoArea { name, area }
}
