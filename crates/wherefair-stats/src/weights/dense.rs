//! Dense spatial weights, for few units that are all linked.

use rayon::prelude::*;
use wherefair_core::{ParamError, Point};

use super::SpatialWeights;
use super::distance::{check_power, check_range, inverse_power, not_finite};
use super::metric::{Metric, Places};
use crate::StatsError;

/// Spatial weights as a full matrix with a zero diagonal; a weight of 0 is no link.
///
/// Takes 8 n² bytes: for a few thousand units whose weights are nearly all different from 0, where it is smaller
/// and faster than [`SpatialWeights`].
///
/// # Shapes
/// `(n, n)`, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseWeights {
    n: usize,
    values: Vec<f64>,
}

impl DenseWeights {
    /// Weights from all `n * n` values, row by row.
    ///
    /// # Errors
    /// [`StatsError`] when there are not `n * n` values, one is not finite, or one on the diagonal is not 0.
    pub fn from_values(n: usize, values: Vec<f64>) -> Result<Self, StatsError> {
        if n.checked_mul(n) != Some(values.len()) {
            let accepted = format!("shape ({n} * {n},)");
            return Err(ParamError::new("values", format!("shape ({},)", values.len()), accepted).into());
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(StatsError::NotFinite {
                name: "weights",
                index,
                value: values[index],
            });
        }
        if let Some(unit) = (0..n).find(|unit| values[unit * n + unit] != 0.0) {
            return Err(StatsError::SelfNeighbour {
                unit,
                weight: values[unit * n + unit],
            });
        }
        Ok(Self { n, values })
    }

    /// Inverse distances d⁻ᵖ with p = `power` between all pairs of points.
    ///
    /// # Errors
    /// [`StatsError`] when two points coincide, a weight overflows, `power` is not above 0, a coordinate is outside
    /// the domain of `metric`, or the matrix does not fit into memory.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Point;
    /// use wherefair_stats::{DenseWeights, Metric};
    ///
    /// let points = [Point::new(0.0, 0.0), Point::new(3.0, 4.0)];
    /// let w = DenseWeights::inverse_distance(&points, 1.0, Metric::Planar)?;
    /// assert_eq!(w.values(), [0.0, 0.2, 0.2, 0.0]);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn inverse_distance(points: &[Point], power: f64, metric: Metric) -> Result<Self, StatsError> {
        check_power(power)?;
        Self::of_distances(points, metric, |distance| inverse_power(distance, power))
    }

    /// Exponential covariance exp(−d/V) with V = `range` between all pairs of points.
    ///
    /// # Errors
    /// [`StatsError`] when `range` is not above 0, a coordinate is outside the domain of `metric`, or the matrix
    /// does not fit into memory.
    pub fn exponential_covariance(points: &[Point], range: f64, metric: Metric) -> Result<Self, StatsError> {
        check_range(range)?;
        Self::of_distances(points, metric, |distance| (-distance / range).exp())
    }

    fn of_distances(
        points: &[Point],
        metric: Metric,
        weight: impl Fn(f64) -> f64 + Sync,
    ) -> Result<Self, StatsError> {
        let places = Places::new(points, metric)?;
        let n = points.len();
        let mut values = zeros(n)?;
        values.par_chunks_mut(n.max(1)).enumerate().for_each(|(i, row)| {
            for (j, value) in row.iter_mut().enumerate().filter(|&(j, _)| j != i) {
                *value = weight(places.distance(i, j));
            }
        });
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let (i, j) = (at / n, at % n);
            return Err(not_finite(i, j, places.distance(i, j), at, values[at]));
        }
        Ok(Self { n, values })
    }

    /// The number of units.
    pub fn n(&self) -> usize {
        self.n
    }

    /// All weights, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The weights of unit `i`.
    ///
    /// # Panics
    /// When `i` is not below [`n`](Self::n).
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.n..(i + 1) * self.n]
    }

    /// The same weights in sparse form.
    pub fn to_sparse(&self) -> SpatialWeights {
        let mut sparse = SpatialWeights {
            offsets: vec![0],
            neighbours: vec![],
            values: vec![],
        };
        for i in 0..self.n {
            for (&value, j) in self
                .row(i)
                .iter()
                .zip(0_u32..)
                .filter(|&(&value, _)| value != 0.0)
            {
                sparse.neighbours.push(j);
                sparse.values.push(value);
            }
            sparse.offsets.push(sparse.neighbours.len());
        }
        sparse
    }
}

impl TryFrom<&SpatialWeights> for DenseWeights {
    type Error = StatsError;

    /// The same weights in dense form.
    ///
    /// # Errors
    /// [`StatsError::TooManyLinks`] when the matrix does not fit into memory.
    fn try_from(weights: &SpatialWeights) -> Result<Self, StatsError> {
        let n = weights.n();
        let mut values = zeros(n)?;
        for i in 0..n {
            let (neighbours, row) = weights.row(i);
            for (&neighbour, &value) in neighbours.iter().zip(row) {
                values[i * n + neighbour as usize] = value;
            }
        }
        Ok(Self { n, values })
    }
}

/// `n * n` zeros, where the system grants the memory.
fn zeros(n: usize) -> Result<Vec<f64>, StatsError> {
    let n_links = n.saturating_mul(n);
    let mut values: Vec<f64> = vec![];
    values
        .try_reserve_exact(n_links)
        .map_err(|_| StatsError::TooManyLinks { n_links })?;
    values.resize(n_links, 0.0);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_and_sparse_distances_are_the_same() {
        let points: Vec<Point> = (0..40)
            .map(|i| Point::new(f64::from(i * 37 % 41), f64::from(i * 11 % 29)))
            .collect();
        for metric in [Metric::Planar, Metric::EARTH] {
            for power in [1.0, 2.0, 1.5] {
                let dense = DenseWeights::inverse_distance(&points, power, metric).unwrap();
                let sparse = SpatialWeights::inverse_distance(&points, power, f64::INFINITY, metric).unwrap();
                assert_eq!(dense.to_sparse(), sparse);
                assert_eq!(DenseWeights::try_from(&sparse).unwrap(), dense);
                assert!(sparse.is_symmetric());
            }
            let dense = DenseWeights::exponential_covariance(&points, 5.0, metric).unwrap();
            let sparse = SpatialWeights::exponential_covariance(&points, 5.0, f64::INFINITY, metric).unwrap();
            assert_eq!(dense.to_sparse(), sparse);
        }
    }

    #[test]
    fn hostile_matrices_are_errors() {
        assert!(DenseWeights::from_values(2, vec![0.0; 3]).is_err());
        assert!(DenseWeights::from_values(usize::MAX, vec![]).is_err());
        assert!(matches!(
            DenseWeights::from_values(2, vec![0.0, f64::NAN, 0.0, 0.0]),
            Err(StatsError::NotFinite { index: 1, .. })
        ));
        assert!(matches!(
            DenseWeights::from_values(2, vec![0.0, 1.0, 1.0, 0.5]),
            Err(StatsError::SelfNeighbour { unit: 1, .. })
        ));
        assert_eq!(DenseWeights::from_values(0, vec![]).unwrap().n(), 0);
    }

    #[test]
    fn coinciding_points_have_no_inverse_distance() {
        let points = [Point::new(1.0, 1.0), Point::new(0.0, 0.0), Point::new(1.0, 1.0)];
        assert_eq!(
            DenseWeights::inverse_distance(&points, 1.0, Metric::Planar).unwrap_err(),
            StatsError::DuplicatePoints { first: 0, second: 2 }
        );
        assert_eq!(
            DenseWeights::inverse_distance(&[], 1.0, Metric::Planar)
                .unwrap()
                .n(),
            0
        );
    }
}
