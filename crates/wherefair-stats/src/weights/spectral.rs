//! The spectral radius of weights, and weights scaled to have radius 1.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::{DenseWeights, SpatialWeights};
use crate::StatsError;

/// Numbers of one parallel piece of a sum: sums do not depend on the number of threads.
const SUM_BLOCK: usize = 4096;

/// Rows below which a product is not shared between threads.
const ROWS_A_TASK: usize = 256;

/// The multiple of the identity added to a matrix of radius at most 1, which parts eigenvalues of opposite sign.
const SHIFT: f64 = 0.5;

/// When the search for the spectral radius ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PowerIteration {
    /// The residual ‖Wx − ρx‖ / ρ, with ‖x‖ = 1, at which the iteration has converged.
    pub tolerance: f64,
    /// The largest number of iterations.
    pub max_iterations: usize,
}

impl Default for PowerIteration {
    /// A residual of 10⁻¹⁰ within 10,000 iterations.
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            max_iterations: 10_000,
        }
    }
}

/// The spectral radius of weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpectralRadius {
    /// The radius ρ: the largest absolute eigenvalue.
    pub radius: f64,
    /// ‖Wx − ρx‖ / ρ for the last vector x of length 1; for symmetric W it bounds the relative error of ρ.
    pub residual: f64,
    /// The number of products with W.
    pub n_iterations: usize,
    /// Whether the residual fell to the tolerance.
    pub converged: bool,
}

impl SpatialWeights {
    /// The spectral radius of weights that are not negative, by power iteration from the vector of ones.
    ///
    /// W is shifted by half its largest row sum, so that graphs with eigenvalues ±ρ (bipartite ones) converge too.
    /// Weights without cycles have radius 0, which is reported as not converged. Large sparse lattices, whose
    /// first eigenvalues lie close together, may stop at the largest number of iterations: the radius is then
    /// accurate to about the square of the residual over the gap.
    ///
    /// # Errors
    /// [`StatsError`] when a weight is negative or the sum of a row overflows, or the tolerance or the number of
    /// iterations is not above 0.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::{Contiguity, PowerIteration, SpatialWeights};
    ///
    /// let w = SpatialWeights::from_raster(1, 2, None, Contiguity::Rook)?;
    /// let found = w.spectral_radius(PowerIteration::default())?;
    /// assert!(found.converged && (found.radius - 1.0).abs() < 1e-12);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    ///
    /// # References
    /// Golub & Van Loan (2013), Matrix Computations, 4th edition, section 7.3.
    pub fn spectral_radius(&self, iteration: PowerIteration) -> Result<SpectralRadius, StatsError> {
        self.check_not_negative()?;
        let product = |i: usize, x: &[f64]| {
            let (neighbours, values) = self.row(i);
            neighbours
                .iter()
                .zip(values)
                .map(|(&j, value)| value * x[j as usize])
                .sum()
        };
        power_iteration(self.n(), iteration, product)
    }

    /// The weights divided by their spectral radius, and the radius they had.
    ///
    /// (I − λW)⁻¹ then exists for all |λ| < 1, and symmetric weights stay symmetric.
    ///
    /// # Errors
    /// As [`spectral_radius`](Self::spectral_radius), and [`StatsError::WeightSum`] when the radius is 0.
    pub fn scale_to_unit_radius(
        &self,
        iteration: PowerIteration,
    ) -> Result<(Self, SpectralRadius), StatsError> {
        let found = self.spectral_radius(iteration)?;
        Ok((self.with_values(divided(&self.values, found.radius)?), found))
    }

    fn check_not_negative(&self) -> Result<(), StatsError> {
        let Some(at) = self.values.iter().position(|&value| value < 0.0) else {
            return Ok(());
        };
        Err(StatsError::NegativeWeight {
            from: self.offsets.partition_point(|&offset| offset <= at) - 1,
            to: self.neighbours[at] as usize,
            weight: self.values[at],
        })
    }
}

impl DenseWeights {
    /// The spectral radius, as [`SpatialWeights::spectral_radius`].
    ///
    /// # Errors
    /// As [`SpatialWeights::spectral_radius`].
    pub fn spectral_radius(&self, iteration: PowerIteration) -> Result<SpectralRadius, StatsError> {
        if let Some(at) = self.values().iter().position(|&value| value < 0.0) {
            return Err(StatsError::NegativeWeight {
                from: at / self.n(),
                to: at % self.n(),
                weight: self.values()[at],
            });
        }
        let product = |i: usize, x: &[f64]| self.row(i).iter().zip(x).map(|(value, x)| value * x).sum();
        power_iteration(self.n(), iteration, product)
    }

    /// The weights divided by their spectral radius, as [`SpatialWeights::scale_to_unit_radius`].
    ///
    /// # Errors
    /// As [`SpatialWeights::scale_to_unit_radius`].
    pub fn scale_to_unit_radius(
        &self,
        iteration: PowerIteration,
    ) -> Result<(Self, SpectralRadius), StatsError> {
        let found = self.spectral_radius(iteration)?;
        Ok((
            Self::from_values(self.n(), divided(self.values(), found.radius)?)?,
            found,
        ))
    }
}

/// The spectral radius of the matrix with row products `product(i, x)` and entries of at least 0.
fn power_iteration(
    n: usize,
    iteration: PowerIteration,
    product: impl Fn(usize, &[f64]) -> f64 + Sync,
) -> Result<SpectralRadius, StatsError> {
    check_iteration(iteration)?;
    let mut found = SpectralRadius {
        radius: 0.0,
        residual: 0.0,
        n_iterations: 0,
        converged: true,
    };
    let ones = vec![1.0; n];
    let largest = (0..n).map(|i| product(i, &ones)).fold(0.0, f64::max);
    if !largest.is_finite() {
        return Err(StatsError::WeightSum {
            of: "a unit".to_owned(),
            sum: largest,
        });
    }
    if largest == 0.0 {
        return Ok(found);
    }
    let mut x = vec![1.0 / (n as f64).sqrt(); n];
    let mut y = vec![0.0; n];
    found.converged = false;
    while !found.converged && found.n_iterations < iteration.max_iterations {
        // Divided by its largest row sum, the matrix has a radius of at most 1 and squares cannot overflow.
        y.par_iter_mut()
            .with_min_len(ROWS_A_TASK)
            .enumerate()
            .for_each(|(i, y)| *y = product(i, &x) / largest);
        found.n_iterations += 1;
        let radius = sum(&x, &y, |x, y| x * y);
        let residual = sum(&x, &y, |x, y| (y - radius * x).powi(2)).sqrt();
        found.radius = radius * largest;
        found.residual = if radius > 0.0 {
            residual / radius
        } else {
            f64::INFINITY
        };
        found.converged = found.residual <= iteration.tolerance;
        let length = sum(&x, &y, |x, y| (y + SHIFT * x).powi(2)).sqrt();
        for (x, y) in x.iter_mut().zip(&y) {
            *x = (y + SHIFT * *x) / length;
        }
    }
    Ok(found)
}

/// `values` divided by the spectral radius.
fn divided(values: &[f64], radius: f64) -> Result<Vec<f64>, StatsError> {
    let values: Vec<f64> = values.iter().map(|value| value / radius).collect();
    if radius == 0.0 || values.iter().any(|value| !value.is_finite()) {
        return Err(StatsError::WeightSum {
            of: "a graph whose spectral radius is 0".to_owned(),
            sum: radius,
        });
    }
    Ok(values)
}

fn check_iteration(iteration: PowerIteration) -> Result<(), StatsError> {
    if !(iteration.tolerance > 0.0 && iteration.tolerance.is_finite()) {
        return Err(ParamError::new("tolerance", iteration.tolerance, "a finite number above 0").into());
    }
    if iteration.max_iterations == 0 {
        return Err(ParamError::new("max_iterations", 0, "at least 1").into());
    }
    Ok(())
}

/// Σ term(x, y), in blocks of fixed size.
fn sum(x: &[f64], y: &[f64], term: impl Fn(f64, f64) -> f64 + Sync) -> f64 {
    let blocks: Vec<f64> = x
        .par_chunks(SUM_BLOCK)
        .zip(y.par_chunks(SUM_BLOCK))
        .map(|(x, y)| x.iter().zip(y).map(|(&x, &y)| term(x, y)).sum())
        .collect();
    blocks.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Contiguity, Transform};

    /// The default tolerance of the iteration, with room for the error of the eigenvalue.
    const RADIUS_ERROR: f64 = 1e-10;

    #[test]
    fn the_radius_of_a_lattice_is_known() {
        for (rows, columns) in [(1, 2), (1, 9), (4, 4), (6, 11)] {
            let w = SpatialWeights::from_raster(rows, columns, None, Contiguity::Rook).unwrap();
            let cosine = |n: usize| 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos();
            let expected = cosine(rows) + cosine(columns);
            let found = w.spectral_radius(PowerIteration::default()).unwrap();
            assert!(found.converged);
            assert!(
                (found.radius - expected).abs() < RADIUS_ERROR * expected,
                "{found:?} {expected}"
            );
            let (scaled, _) = w.scale_to_unit_radius(PowerIteration::default()).unwrap();
            let dense = DenseWeights::try_from(&w).unwrap();
            let (dense, _) = dense.scale_to_unit_radius(PowerIteration::default()).unwrap();
            assert!(
                dense
                    .values()
                    .iter()
                    .zip(DenseWeights::try_from(&scaled).unwrap().values())
                    .all(|(a, b)| { (a - b).abs() < RADIUS_ERROR })
            );
            let again = scaled.spectral_radius(PowerIteration::default()).unwrap();
            assert!((again.radius - 1.0).abs() < RADIUS_ERROR);
        }
    }

    #[test]
    fn row_standardised_weights_have_radius_one_at_once() {
        let w = SpatialWeights::from_raster(9, 9, None, Contiguity::Queen).unwrap();
        let found = w
            .transform(Transform::Row)
            .unwrap()
            .spectral_radius(PowerIteration::default())
            .unwrap();
        assert!(found.converged && found.n_iterations == 1);
        assert!((found.radius - 1.0).abs() < RADIUS_ERROR);
    }

    #[test]
    fn isolates_and_other_components_do_not_matter() {
        let w = SpatialWeights::from_edges(6, [(0, 1, 2.0), (1, 0, 2.0), (3, 4, 5.0), (4, 3, 5.0)]).unwrap();
        let found = w.spectral_radius(PowerIteration::default()).unwrap();
        assert!(found.converged && (found.radius - 5.0).abs() < 5.0 * RADIUS_ERROR);
    }

    #[test]
    fn an_early_end_is_flagged() {
        let w = SpatialWeights::from_raster(30, 30, None, Contiguity::Rook).unwrap();
        let iteration = PowerIteration {
            max_iterations: 3,
            ..PowerIteration::default()
        };
        let found = w.spectral_radius(iteration).unwrap();
        assert!(!found.converged && found.n_iterations == 3 && found.residual > iteration.tolerance);
    }

    #[test]
    fn weights_without_cycles_are_flagged() {
        let w = SpatialWeights::from_edges(2, [(0, 1, 1.0)]).unwrap();
        let found = w.spectral_radius(PowerIteration::default()).unwrap();
        assert!(!found.converged, "{found:?}");
        let empty = SpatialWeights::from_edges(3, []).unwrap();
        assert!(
            empty
                .spectral_radius(PowerIteration::default())
                .unwrap()
                .converged
        );
        assert!(empty.scale_to_unit_radius(PowerIteration::default()).is_err());
    }

    #[test]
    fn hostile_weights_and_parameters_are_errors() {
        let w = SpatialWeights::from_edges(3, [(0, 1, 1.0), (2, 1, -1.0)]).unwrap();
        assert_eq!(
            w.spectral_radius(PowerIteration::default()),
            Err(StatsError::NegativeWeight {
                from: 2,
                to: 1,
                weight: -1.0
            })
        );
        let huge = SpatialWeights::from_edges(3, [(0, 1, f64::MAX), (0, 2, f64::MAX)]).unwrap();
        assert!(matches!(
            huge.spectral_radius(PowerIteration::default()),
            Err(StatsError::WeightSum { .. })
        ));
        for (tolerance, max_iterations) in [(f64::NAN, 1), (0.0, 1), (-1.0, 1), (1e-6, 0)] {
            let iteration = PowerIteration {
                tolerance,
                max_iterations,
            };
            assert!(w.spectral_radius(iteration).is_err());
        }
    }
}
