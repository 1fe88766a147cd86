//! All eigenvectors of the weights that are orthogonal to the mean.

use wherefair_core::ParamError;

use super::combine;
use crate::eigen::design::{add_scaled, dot};
use crate::{EigenBasis, StatsError};

/// Eigenvalues below this share of the largest one belong to the null space, in which the mean lies.
const ZERO: f64 = 1e-9;

/// The mean must lie in the null space up to this share of its length.
const CONTAINED: f64 = 1e-6;

/// An orthonormal basis of all fields of mean 0, in the order of the eigenvalues.
#[derive(Debug, Clone)]
pub(crate) struct Modes {
    n: usize,
    values: Vec<f64>,
    /// Column-major `(n, n − 1)`.
    vectors: Vec<f64>,
}

impl Modes {
    /// Takes the mean out of the null space of a full basis, which holds it mixed with the patterns that the
    /// weights do not see.
    pub(crate) fn of(basis: &EigenBasis) -> Result<Self, StatsError> {
        let n = basis.n();
        if basis.n_vectors() != n {
            let accepted = format!("all {n}, as the dense solver finds them");
            return Err(ParamError::new("number of eigenvectors", basis.n_vectors(), accepted).into());
        }
        let largest = basis
            .values()
            .iter()
            .fold(0.0_f64, |most, value| most.max(value.abs()));
        let is_null = |j: usize| basis.values()[j].abs() <= ZERO * largest;
        let null: Vec<usize> = (0..n).filter(|&j| is_null(j)).collect();
        let mut along: Vec<f64> = null
            .iter()
            .map(|&j| basis.vector(j).iter().sum::<f64>() / (n as f64).sqrt())
            .collect();
        let length = dot(&along, &along).sqrt();
        if (length - 1.0).abs() > CONTAINED {
            return Err(ParamError::new(
                "projection of the eigenvectors",
                format!("leaves {length:.3} of the mean"),
                "eigenvectors of M W M with M taking out the mean",
            )
            .into());
        }
        // A reflection that carries the mean to the first of the null vectors, which is then dropped.
        let flip = if along[0] > 0.0 { -length } else { length };
        along[0] -= flip;
        let squared = dot(&along, &along);
        let mut mixed = vec![0.0; n];
        for (&j, &weight) in null.iter().zip(&along) {
            add_scaled(&mut mixed, weight, basis.vector(j));
        }
        let (mut values, mut vectors) = (Vec::with_capacity(n - 1), Vec::with_capacity(n * (n - 1)));
        let mut nulls = along.iter();
        for j in 0..n {
            let start = vectors.len();
            if is_null(j) {
                let weight = nulls.next().copied().unwrap_or(0.0);
                if j == null[0] {
                    continue;
                }
                vectors.extend_from_slice(basis.vector(j));
                add_scaled(&mut vectors[start..], -2.0 * weight / squared, &mixed);
            } else {
                vectors.extend_from_slice(basis.vector(j));
            }
            values.push(basis.values()[j]);
        }
        Ok(Self { n, values, vectors })
    }

    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// The eigenvalues, `(n − 1,)`.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Vᵀ x.
    pub(crate) fn coefficients(&self, x: &[f64]) -> Vec<f64> {
        self.vectors
            .chunks_exact(self.n)
            .map(|vector| dot(vector, x))
            .collect()
    }

    /// Vᵀ a of a sparse a.
    pub(crate) fn weighted(&self, row: &[(usize, f64)]) -> Vec<f64> {
        let of_mode = |vector: &[f64]| row.iter().map(|&(unit, weight)| weight * vector[unit]).sum();
        self.vectors.chunks_exact(self.n).map(of_mode).collect()
    }

    /// V c.
    pub(crate) fn field(&self, coefficients: &[f64]) -> Vec<f64> {
        combine(self.n, &self.vectors, coefficients)
    }
}
