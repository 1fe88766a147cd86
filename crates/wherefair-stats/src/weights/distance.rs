//! Weights from distances: nearest neighbours, bands, inverse distances, exponential covariance.

use rayon::prelude::*;
use wherefair_core::{ParamError, Point};

use super::SpatialWeights;
use super::metric::{Metric, NeighbourRows, Places};
use crate::StatsError;

impl SpatialWeights {
    /// Each point's `k` nearest others, each with weight 1; ties go to the smaller index.
    ///
    /// Points may coincide. The weights are in general not symmetric.
    ///
    /// # Errors
    /// [`StatsError`] when `k` is 0 or not below the number of points, or a coordinate is outside the domain of
    /// `metric`.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Point;
    /// use wherefair_stats::{Metric, SpatialWeights};
    ///
    /// let points: Vec<Point> = [0.0, 1.0, 3.0, 7.0].map(|x| Point::new(x, 0.0)).to_vec();
    /// let w = SpatialWeights::k_nearest(&points, 2, Metric::Planar)?;
    /// assert_eq!(w.row(0).0, [1, 2]);
    /// assert_eq!(w.row(3).0, [1, 2]);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn k_nearest(points: &[Point], k: usize, metric: Metric) -> Result<Self, StatsError> {
        let (mut neighbours, distances) = Places::new(points, metric)?.nearest(k)?;
        let mut values = distances;
        values.fill(1.0);
        neighbours.par_chunks_mut(k).for_each(<[u32]>::sort_unstable);
        Ok(Self {
            offsets: (0..=points.len()).map(|row| row * k).collect(),
            neighbours,
            values,
        })
    }

    /// All pairs of points at a distance of at most `threshold`, each with weight 1.
    ///
    /// Points without others so near are isolates; see [`with_isolates`](Self::with_isolates).
    ///
    /// # Units
    /// `threshold` is in the units of the coordinates, or in metres along great circles.
    ///
    /// # Errors
    /// [`StatsError`] when `threshold` is NaN or below 0, a coordinate is outside the domain of `metric`, or there
    /// are too many pairs for the memory.
    pub fn distance_band(points: &[Point], threshold: f64, metric: Metric) -> Result<Self, StatsError> {
        let rows = rows_within(points, "threshold", threshold, metric)?;
        Ok(Self {
            values: vec![1.0; rows.neighbours.len()],
            offsets: rows.offsets,
            neighbours: rows.neighbours,
        })
    }

    /// Inverse distances d⁻ᵖ with p = `power`, of all pairs at a distance of at most `cutoff`.
    ///
    /// An infinite cut-off links all pairs; [`DenseWeights::inverse_distance`](super::DenseWeights::inverse_distance)
    /// is the smaller and faster form of that.
    ///
    /// # Formula
    /// ```text
    /// w_ij = d_ij^(−p)  for 0 < d_ij ≤ cutoff
    /// ```
    ///
    /// # Errors
    /// [`StatsError`] when two points coincide, a weight overflows, `power` is not above 0, `cutoff` is NaN or
    /// below 0, a coordinate is outside the domain of `metric`, or there are too many pairs for the memory.
    pub fn inverse_distance(
        points: &[Point],
        power: f64,
        cutoff: f64,
        metric: Metric,
    ) -> Result<Self, StatsError> {
        check_power(power)?;
        let rows = rows_within(points, "cutoff", cutoff, metric)?;
        weights_of(rows, |distance| inverse_power(distance, power))
    }

    /// Exponential covariance exp(−d/V) with V = `range`, of all pairs at a distance of at most `cutoff`.
    ///
    /// # Formula
    /// ```text
    /// w_ij = exp(−d_ij / V)  for d_ij ≤ cutoff, i ≠ j
    /// ```
    ///
    /// # Errors
    /// [`StatsError`] when `range` is not above 0, `cutoff` is NaN or below 0, a coordinate is outside the domain of
    /// `metric`, or there are too many pairs for the memory.
    pub fn exponential_covariance(
        points: &[Point],
        range: f64,
        cutoff: f64,
        metric: Metric,
    ) -> Result<Self, StatsError> {
        check_range(range)?;
        let rows = rows_within(points, "cutoff", cutoff, metric)?;
        weights_of(rows, |distance| (-distance / range).exp())
    }
}

/// d⁻ᵖ; squares, the usual case besides 1, without a general power.
pub(super) fn inverse_power(distance: f64, power: f64) -> f64 {
    if power.to_bits() == 1.0_f64.to_bits() {
        return distance.recip();
    }
    if power.to_bits() == 2.0_f64.to_bits() {
        return (distance * distance).recip();
    }
    distance.powf(-power)
}

pub(super) fn check_power(power: f64) -> Result<(), StatsError> {
    check_above_zero("power", power)
}

pub(super) fn check_range(range: f64) -> Result<(), StatsError> {
    check_above_zero("range", range)
}

fn check_above_zero(name: &str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(ParamError::new(name, value, "a finite number above 0").into())
}

fn rows_within(
    points: &[Point],
    name: &str,
    radius: f64,
    metric: Metric,
) -> Result<NeighbourRows, StatsError> {
    if radius.is_nan() || radius < 0.0 {
        return Err(ParamError::new(name, radius, "at least 0").into());
    }
    Places::new(points, metric)?.within(radius)
}

/// Weights as a function of distance.
///
/// # Errors
/// [`StatsError`] where a weight is not finite: coinciding points, or an overflow.
pub(super) fn weights_of(
    rows: NeighbourRows,
    weight: impl Fn(f64) -> f64 + Sync,
) -> Result<SpatialWeights, StatsError> {
    let values: Vec<f64> = rows
        .distances
        .par_iter()
        .map(|&distance| weight(distance))
        .collect();
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        let first = rows.offsets.partition_point(|&offset| offset <= at) - 1;
        return Err(not_finite(
            first,
            rows.neighbours[at] as usize,
            rows.distances[at],
            at,
            values[at],
        ));
    }
    let weights = SpatialWeights {
        offsets: rows.offsets,
        neighbours: rows.neighbours,
        values,
    };
    Ok(weights.without_zeros())
}

/// Why the weight of two points is not finite.
pub(super) fn not_finite(first: usize, second: usize, distance: f64, index: usize, value: f64) -> StatsError {
    if distance == 0.0 {
        return StatsError::DuplicatePoints { first, second };
    }
    StatsError::NotFinite {
        name: "weights",
        index,
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(xs: &[f64]) -> Vec<Point> {
        xs.iter().map(|&x| Point::new(x, 0.0)).collect()
    }

    #[test]
    fn nearest_neighbours_at_equal_distance_are_taken_by_index() {
        let w = SpatialWeights::k_nearest(&line(&[0.0, 1.0, -1.0, 1.0]), 2, Metric::Planar).unwrap();
        assert_eq!(w.row(0).0, [1, 2]);
        assert_eq!(w.row(1).0, [0, 3]);
    }

    #[test]
    fn k_outside_its_domain_names_what_is_accepted() {
        let error = SpatialWeights::k_nearest(&line(&[0.0, 1.0, 2.0]), 3, Metric::Planar).unwrap_err();
        assert_eq!(error.to_string(), "invalid k: 3 (accepted: 1 to 2 for 3 points)");
        assert!(SpatialWeights::k_nearest(&line(&[0.0, 1.0]), 0, Metric::Planar).is_err());
        assert!(SpatialWeights::k_nearest(&[], 1, Metric::Planar).is_err());
        assert!(SpatialWeights::k_nearest(&line(&[0.0]), usize::MAX, Metric::Planar).is_err());
    }

    #[test]
    fn bands_include_the_threshold_itself() {
        let w = SpatialWeights::distance_band(&line(&[0.0, 0.1, 0.3, 0.3]), 0.1, Metric::Planar).unwrap();
        assert_eq!(w.row(0).0, [1]);
        assert_eq!(w.row(2).0, [3]);
        let w = SpatialWeights::distance_band(&line(&[0.0, 1.0, 1.0]), 0.0, Metric::Planar).unwrap();
        assert_eq!(w.isolates(), [0]);
        assert_eq!(w.row(1).0, [2]);
    }

    #[test]
    fn duplicates_are_an_error_for_inverse_distances_alone() {
        let points = line(&[0.0, 5.0, 2.0, 5.0]);
        let error = SpatialWeights::inverse_distance(&points, 1.0, 1.0, Metric::Planar).unwrap_err();
        assert_eq!(
            error.to_string(),
            "points 1 and 3 coincide (accepted: points at a distance above 0)"
        );
        assert!(SpatialWeights::exponential_covariance(&points, 1.0, 1.0, Metric::Planar).is_ok());
        assert!(SpatialWeights::k_nearest(&points, 1, Metric::Planar).is_ok());
    }

    #[test]
    fn inverse_distances_that_overflow_are_an_error() {
        let points = line(&[0.0, 1e-120]);
        let error = SpatialWeights::inverse_distance(&points, 3.0, 1.0, Metric::Planar).unwrap_err();
        assert!(
            matches!(error, StatsError::NotFinite { name: "weights", .. }),
            "{error}"
        );
    }

    #[test]
    fn an_infinite_cutoff_links_all_pairs() {
        let points = line(&[0.0, 2.0, 6.0]);
        let w = SpatialWeights::inverse_distance(&points, 2.0, f64::INFINITY, Metric::Planar).unwrap();
        assert_eq!(w.row(1), ([0, 2].as_slice(), [0.25, 0.0625].as_slice()));
        let points = [Point::new(0.0, 0.0), Point::new(180.0, 0.0)];
        let sphere = SpatialWeights::distance_band(&points, f64::INFINITY, Metric::EARTH).unwrap();
        assert_eq!(sphere.n_nonzero(), 2);
    }

    #[test]
    fn covariances_that_underflow_are_no_links() {
        let w =
            SpatialWeights::exponential_covariance(&line(&[0.0, 1e9]), 1.0, f64::INFINITY, Metric::Planar);
        assert_eq!(w.unwrap().isolates(), [0, 1]);
    }

    #[test]
    fn parameters_outside_their_domain_are_errors() {
        let points = line(&[0.0, 1.0]);
        for bad in [f64::NAN, -1.0, f64::NEG_INFINITY] {
            assert!(SpatialWeights::distance_band(&points, bad, Metric::Planar).is_err());
            assert!(SpatialWeights::inverse_distance(&points, 1.0, bad, Metric::Planar).is_err());
            assert!(SpatialWeights::inverse_distance(&points, bad, 1.0, Metric::Planar).is_err());
            assert!(SpatialWeights::exponential_covariance(&points, bad, 1.0, Metric::Planar).is_err());
        }
        assert!(SpatialWeights::exponential_covariance(&points, 0.0, 1.0, Metric::Planar).is_err());
        assert!(SpatialWeights::inverse_distance(&points, f64::INFINITY, 1.0, Metric::Planar).is_err());
    }

    #[test]
    fn more_links_than_memory_are_an_error() {
        let points = line(&vec![0.0; 4_000_000]);
        let error = SpatialWeights::k_nearest(&points, 3_999_999, Metric::Planar).unwrap_err();
        assert!(matches!(error, StatsError::TooManyLinks { .. }), "{error}");
    }
}
