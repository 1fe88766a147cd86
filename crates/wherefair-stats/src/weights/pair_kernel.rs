//! Weights that are a function of distance, computed where they are needed and never stored.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Point};

use super::distance::{check_power, check_range, inverse_power, not_finite};
use super::kernel::Kernel;
use super::metric::{Metric, Places};
use crate::StatsError;

/// A weight as a function of distance alone, for all pairs of points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PairKernel {
    /// d⁻ᵖ with p = `power`.
    InverseDistance {
        /// p, above 0.
        power: f64,
    },
    /// exp(−d/V) with V = `range`.
    ExponentialCovariance {
        /// V, above 0, in the units of the distances.
        range: f64,
    },
    /// K(d/h) with h = `bandwidth`.
    Kernel {
        /// K.
        kernel: Kernel,
        /// h, above 0, in the units of the distances.
        bandwidth: f64,
    },
}

impl PairKernel {
    /// The weight at a distance.
    fn at(self, distance: f64) -> f64 {
        match self {
            Self::InverseDistance { power } => inverse_power(distance, power),
            Self::ExponentialCovariance { range } => (-distance / range).exp(),
            Self::Kernel { kernel, bandwidth } => kernel.at(distance / bandwidth),
        }
    }

    /// The weight at distance 0, 0 where there is none.
    pub(crate) fn at_zero(self) -> f64 {
        match self {
            Self::InverseDistance { .. } => 0.0,
            Self::ExponentialCovariance { .. } | Self::Kernel { .. } => self.at(0.0),
        }
    }

    fn check(self) -> Result<(), StatsError> {
        match self {
            Self::InverseDistance { power } => check_power(power),
            Self::ExponentialCovariance { range } => check_range(range),
            Self::Kernel { bandwidth, .. } => {
                if !(bandwidth > 0.0 && bandwidth.is_finite()) {
                    return Err(ParamError::new("bandwidth", bandwidth, "a finite number above 0").into());
                }
                Ok(())
            }
        }
    }
}

/// The weights of all pairs of points under a kernel; the diagonal is zero.
#[derive(Debug)]
pub(crate) struct PairWeights {
    places: Places,
    kernel: PairKernel,
}

impl PairWeights {
    /// # Errors
    /// [`StatsError`] when a parameter of the kernel, a coordinate or the metric is not acceptable.
    pub(crate) fn new(points: &[Point], kernel: PairKernel, metric: Metric) -> Result<Self, StatsError> {
        kernel.check()?;
        Ok(Self {
            places: Places::new(points, metric)?,
            kernel,
        })
    }

    pub(crate) fn n(&self) -> usize {
        self.places.n()
    }

    pub(crate) fn distance(&self, i: usize, j: usize) -> f64 {
        self.places.distance(i, j)
    }

    /// Writes the weights of unit `i` to all units.
    ///
    /// # Errors
    /// [`StatsError`] when one of them is not finite.
    pub(crate) fn write_row(&self, i: usize, row: &mut [f64]) -> Result<(), StatsError> {
        for (j, weight) in row.iter_mut().enumerate() {
            *weight = self.kernel.at(self.places.distance(i, j));
        }
        row[i] = 0.0;
        match row.iter().position(|weight| !weight.is_finite()) {
            Some(j) => Err(not_finite(
                i.min(j),
                i.max(j),
                self.places.distance(i, j),
                i * self.n() + j,
                row[j],
            )),
            None => Ok(()),
        }
    }
}
