//! Kernel weights.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Point};

use super::SpatialWeights;
use super::distance::weights_of;
use super::metric::{Metric, NeighbourRows, Places};
use crate::StatsError;

/// By how much an adaptive bandwidth exceeds the distance of the k-th neighbour, so that kernels that vanish at
/// their bandwidth keep it. The value is libpysal's.
const ADAPTIVE_STRETCH: f64 = 1.0 + 1e-7;

/// A weight as a function of z = distance / bandwidth, 0 for z > 1.
///
/// DIFFERENCE: libpysal's `Kernel` stores K(0) on the diagonal by default; here the diagonal is always zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// 1 − z.
    Triangular,
    /// ½.
    Uniform,
    /// ¾ (1 − z²), the kernel of Epanechnikov.
    Quadratic,
    /// 15⁄16 (1 − z²)².
    Quartic,
    /// exp(−z²/2) / √(2π), cut off at the bandwidth.
    Gaussian,
}

impl Kernel {
    pub(super) fn at(self, z: f64) -> f64 {
        if z > 1.0 {
            return 0.0;
        }
        match self {
            Self::Triangular => 1.0 - z,
            Self::Uniform => 0.5,
            Self::Quadratic => 0.75 * (1.0 - z * z),
            Self::Quartic => 0.9375 * (1.0 - z * z) * (1.0 - z * z),
            Self::Gaussian => (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        }
    }
}

/// How far a kernel reaches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bandwidth {
    /// The same distance for all points.
    Fixed(f64),
    /// The distance of each point's k-th nearest other, stretched by 10⁻⁷; exactly k points enter.
    Adaptive(usize),
}

impl SpatialWeights {
    /// Kernel weights K(d/h) with bandwidth h. Adaptive bandwidths make the weights asymmetric.
    ///
    /// # Errors
    /// [`StatsError`] when a fixed bandwidth is not above 0, k is 0 or not below the number of points, the k nearest
    /// of a point all coincide with it (its bandwidth would be 0), or a coordinate is outside the domain of
    /// `metric`.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Point;
    /// use wherefair_stats::{Bandwidth, Kernel, Metric, SpatialWeights};
    ///
    /// let points: Vec<Point> = [0.0, 1.0, 3.0].map(|x| Point::new(x, 0.0)).to_vec();
    /// let w = SpatialWeights::kernel(&points, Kernel::Triangular, Bandwidth::Fixed(4.0), Metric::Planar)?;
    /// assert_eq!(w.row(0).1, [0.75, 0.25]);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn kernel(
        points: &[Point],
        kernel: Kernel,
        bandwidth: Bandwidth,
        metric: Metric,
    ) -> Result<Self, StatsError> {
        match bandwidth {
            Bandwidth::Fixed(h) => {
                if !(h > 0.0 && h.is_finite()) {
                    return Err(ParamError::new("bandwidth", h, "a finite number above 0").into());
                }
                weights_of(Places::new(points, metric)?.within(h)?, |distance| {
                    kernel.at(distance / h)
                })
            }
            Bandwidth::Adaptive(k) => {
                let (neighbours, distances) = Places::new(points, metric)?.nearest(k)?;
                let mut rows = NeighbourRows {
                    offsets: (0..=points.len()).map(|row| row * k).collect(),
                    neighbours: Vec::with_capacity(neighbours.len()),
                    distances: Vec::with_capacity(neighbours.len()),
                };
                for (i, (ids, distances)) in neighbours.chunks(k).zip(distances.chunks(k)).enumerate() {
                    let h = distances[k - 1] * ADAPTIVE_STRETCH;
                    if h == 0.0 {
                        return Err(StatsError::DuplicatePoints {
                            first: i,
                            second: ids[k - 1] as usize,
                        });
                    }
                    let mut row: Vec<(u32, f64)> = ids
                        .iter()
                        .copied()
                        .zip(distances.iter().map(|distance| distance / h))
                        .collect();
                    row.sort_unstable_by_key(|&(id, _)| id);
                    rows.neighbours.extend(row.iter().map(|entry| entry.0));
                    rows.distances.extend(row.iter().map(|entry| entry.1));
                }
                weights_of(rows, |z| kernel.at(z))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kernel; 5] = [
        Kernel::Triangular,
        Kernel::Uniform,
        Kernel::Quadratic,
        Kernel::Quartic,
        Kernel::Gaussian,
    ];

    fn line(xs: &[f64]) -> Vec<Point> {
        xs.iter().map(|&x| Point::new(x, 0.0)).collect()
    }

    #[test]
    fn kernels_fall_with_distance_and_end_at_the_bandwidth() {
        for kernel in ALL {
            let heights: Vec<f64> = (0..=10).map(|i| kernel.at(f64::from(i) / 10.0)).collect();
            assert!(heights.windows(2).all(|pair| pair[0] >= pair[1]), "{kernel:?}");
            assert_eq!(kernel.at(1.0 + f64::EPSILON).to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn adaptive_bandwidths_keep_the_last_neighbour() {
        for kernel in ALL {
            let points = line(&[0.0, 1.0, 3.0, 7.0]);
            let w = SpatialWeights::kernel(&points, kernel, Bandwidth::Adaptive(2), Metric::Planar).unwrap();
            assert_eq!(w.n_nonzero(), 8, "{kernel:?}");
        }
    }

    #[test]
    fn neighbours_at_the_fixed_bandwidth_vanish_with_their_weight() {
        let points = line(&[0.0, 1.0]);
        let n = |kernel| {
            SpatialWeights::kernel(&points, kernel, Bandwidth::Fixed(1.0), Metric::Planar)
                .unwrap()
                .n_nonzero()
        };
        assert_eq!(ALL.map(n), [0, 2, 0, 0, 2]);
    }

    #[test]
    fn bandwidths_outside_their_domain_are_errors() {
        let points = line(&[0.0, 0.0, 1.0]);
        for h in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let w = SpatialWeights::kernel(&points, Kernel::Uniform, Bandwidth::Fixed(h), Metric::Planar);
            assert!(w.is_err(), "{h}");
        }
        for k in [0, 3, usize::MAX] {
            let w = SpatialWeights::kernel(&points, Kernel::Uniform, Bandwidth::Adaptive(k), Metric::Planar);
            assert!(w.is_err(), "{k}");
        }
        assert_eq!(
            SpatialWeights::kernel(&points, Kernel::Uniform, Bandwidth::Adaptive(1), Metric::Planar),
            Err(StatsError::DuplicatePoints { first: 0, second: 1 })
        );
    }
}
