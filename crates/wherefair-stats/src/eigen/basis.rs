//! Eigenvectors with their eigenvalues, in one fixed order and sign.

use rayon::prelude::*;
use serde::Serialize;

use super::design::{add_scaled, dot};
use super::{Approximation, Design, LandmarkRule, SymmetricPart};

/// Eigenvalues within this share of the largest one are one eigenvalue. Solvers find eigenvalues to about
/// 1e-14, so this keeps an order of safety on either side.
const SAME: f64 = 1e-11;

/// Entries within this share of the largest one are as large. Symmetric maps give entries that are equal but
/// for rounding.
const AS_LARGE: f64 = 1e-6;

/// Eigenvalues below this share of the largest one are zero.
pub(crate) const ZERO: f64 = 1e-10;

/// How eigenvectors were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EigenSolver {
    /// All of them, by `faer`'s dense symmetric solver.
    Faer,
    /// The leading ones, by block Lanczos.
    Lanczos,
    /// All of them, by LAPACK (feature `lapack`).
    Lapack,
    /// The leading ones of weights between all pairs, extended from landmarks.
    Nystrom {
        /// How many landmarks there were.
        n_landmarks: usize,
        /// How they were chosen.
        rule: LandmarkRule,
    },
}

/// How well an iterative solver did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Convergence {
    /// Whether every vector reached the tolerance asked for.
    pub converged: bool,
    /// The number of vectors that did.
    pub n_converged: usize,
    /// The largest ‖A v − λ v‖ over a bound of |λ|.
    pub residual: f64,
    /// Rounds (restarts) done.
    pub rounds: usize,
    /// Products of the weights with one vector.
    pub products: usize,
}

/// Orthonormal eigenvectors of the symmetric part of spatial weights, with descending eigenvalues.
///
/// Moran's coefficient of eigenvector `j` is n λⱼ / S₀, so the first patterns are the most clustered ones.
/// The sign of each vector makes its largest entry positive (the first of the largest, should there be several).
/// Where eigenvalues coincide, as on regular lattices, any rotation within their space is as good; the vectors
/// are then rotated to one form that depends on that space alone: each peaks at the unit that the space
/// describes best. Different solvers therefore give the same vectors up to rounding.
///
/// # Shapes
/// `n_vectors` vectors of shape `(n,)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EigenBasis {
    n: usize,
    values: Vec<f64>,
    vectors: Vec<f64>,
    s0: f64,
    trace: f64,
    trace_of_square: f64,
    n_isolates: usize,
    solver: EigenSolver,
    convergence: Option<Convergence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approximation: Option<Approximation>,
}

/// What of the weights a basis keeps beside its vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) s0: f64,
    pub(crate) trace: f64,
    pub(crate) trace_of_square: f64,
    pub(crate) n_isolates: usize,
}

impl Origin {
    /// Of weights and the space projected out.
    pub(crate) fn new(weights: &SymmetricPart, design: &Design) -> Self {
        let (trace, trace_of_square) = weights.traces(design);
        Self {
            s0: weights.s0,
            trace,
            trace_of_square,
            n_isolates: weights.n_isolates,
        }
    }
}

impl EigenBasis {
    /// Puts column-major `vectors` with descending `values` into their canonical form.
    pub(crate) fn canonical(
        n: usize,
        mut values: Vec<f64>,
        mut vectors: Vec<f64>,
        origin: Origin,
        solver: EigenSolver,
        convergence: Option<Convergence>,
    ) -> Self {
        let largest = values
            .iter()
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let mut start = 0;
        while start < values.len() {
            let mut end = start + 1;
            while end < values.len() && values[end - 1] - values[end] <= SAME * largest {
                end += 1;
            }
            // Nobody asks for the null space, which can be large.
            if end - start > 1 && values[start].abs() > ZERO * largest {
                let mean = values[start..end].iter().sum::<f64>() / (end - start) as f64;
                values[start..end].fill(mean);
                rotate(n, &mut vectors[start * n..end * n]);
            }
            start = end;
        }
        vectors.par_chunks_exact_mut(n.max(1)).for_each(fix_sign);
        Self {
            n,
            values,
            vectors,
            s0: origin.s0,
            trace: origin.trace,
            trace_of_square: origin.trace_of_square,
            n_isolates: origin.n_isolates,
            solver,
            convergence,
            approximation: None,
        }
    }

    /// The same vectors, with what is known of their error.
    pub(crate) fn with_approximation(mut self, approximation: Approximation) -> Self {
        self.approximation = Some(approximation);
        self
    }

    /// The first `k` vectors.
    pub(crate) fn truncated(mut self, k: usize) -> Self {
        self.values.truncate(k);
        self.vectors.truncate(k * self.n);
        self
    }

    /// The number of units.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The number of eigenvectors.
    pub fn n_vectors(&self) -> usize {
        self.values.len()
    }

    /// The eigenvalues, descending.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Eigenvector `j`, of length 1.
    ///
    /// # Panics
    /// When `j` is not below [`n_vectors`](Self::n_vectors).
    pub fn vector(&self, j: usize) -> &[f64] {
        &self.vectors[j * self.n..(j + 1) * self.n]
    }

    /// Moran's coefficient n λⱼ / S₀ of eigenvector `j`.
    ///
    /// # Panics
    /// When `j` is not below [`n_vectors`](Self::n_vectors).
    pub fn moran(&self, j: usize) -> f64 {
        self.scale() * self.values[j]
    }

    /// The sum of all weights, S₀.
    pub fn s0(&self) -> f64 {
        self.s0
    }

    /// The number of units without any weight; their entries are those of the projection alone.
    pub fn n_isolates(&self) -> usize {
        self.n_isolates
    }

    /// How the vectors were found.
    pub fn solver(&self) -> EigenSolver {
        self.solver
    }

    /// How well an iterative solver did; `None` for direct ones.
    pub fn convergence(&self) -> Option<Convergence> {
        self.convergence
    }

    /// How far the vectors of an approximate solver are from exact ones; `None` for the others.
    pub fn approximation(&self) -> Option<&Approximation> {
        self.approximation.as_ref()
    }

    /// n / S₀.
    pub(crate) fn scale(&self) -> f64 {
        self.n as f64 / self.s0
    }

    /// The traces of n/S₀ M S M and of its square, over all eigenvalues, kept here or not.
    pub(crate) fn traces(&self) -> (f64, f64) {
        let scale = self.scale();
        (scale * self.trace, scale * scale * self.trace_of_square)
    }
}

/// Makes the first of the largest entries positive.
fn fix_sign(vector: &mut [f64]) {
    let largest = vector.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let first = vector.iter().find(|x| x.abs() >= (1.0 - AS_LARGE) * largest);
    if first.is_some_and(|&x| x < 0.0) {
        for x in vector {
            *x = -*x;
        }
    }
}

/// Rotates orthonormal columns to a form that depends on their span alone: each next vector is the unit vector
/// of the span, orthogonal to those before it, with the largest entry possible.
fn rotate(n: usize, vectors: &mut [f64]) {
    let m = vectors.len() / n;
    let row = |i: usize| -> Vec<f64> { (0..m).map(|j| vectors[j * n + i]).collect() };
    let mut left: Vec<f64> = (0..n).map(|i| row(i).iter().map(|x| x * x).sum()).collect();
    let mut coefficients: Vec<Vec<f64>> = Vec::with_capacity(m);
    let mut rotated = Vec::with_capacity(vectors.len());
    for _ in 0..m {
        let largest = left.iter().copied().fold(0.0, f64::max);
        let peak = left
            .iter()
            .position(|&x| x >= (1.0 - AS_LARGE) * largest)
            .unwrap_or(0);
        let mut c = row(peak);
        for _ in 0..2 {
            for before in &coefficients {
                let along = dot(before, &c);
                add_scaled(&mut c, -along, before);
            }
        }
        let length = dot(&c, &c).sqrt();
        for c in &mut c {
            *c /= length;
        }
        let mut u = vec![0.0; n];
        for (&c, column) in c.iter().zip(vectors.chunks_exact(n)) {
            add_scaled(&mut u, c, column);
        }
        for (left, u) in left.iter_mut().zip(&u) {
            *left = (*left - u * u).max(0.0);
        }
        rotated.extend(u);
        coefficients.push(c);
    }
    vectors.copy_from_slice(&rotated);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of a few sums.
    const ROUNDING: f64 = 1e-12;

    fn basis(values: Vec<f64>, vectors: Vec<f64>) -> EigenBasis {
        let origin = Origin {
            s0: 1.0,
            trace: 0.0,
            trace_of_square: 0.0,
            n_isolates: 0,
        };
        let n = vectors.len() / values.len();
        EigenBasis::canonical(n, values, vectors, origin, EigenSolver::Faer, None)
    }

    #[test]
    fn the_first_of_the_largest_entries_is_positive() {
        let found = basis(vec![1.0], vec![0.1, -0.7, 0.7 - 1e-9, 0.0]);
        assert_eq!(found.vector(0), [-0.1, 0.7, -0.7 + 1e-9, 0.0]);
    }

    #[test]
    fn a_rotation_within_an_eigenspace_does_not_show() {
        let (a, b) = ([0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.28, 0.96]);
        let turned = |angle: f64| {
            let (sin, cos) = angle.sin_cos();
            let first = a.iter().zip(&b).map(|(a, b)| cos * a + sin * b);
            let second = a.iter().zip(&b).map(|(a, b)| cos * b - sin * a);
            basis(vec![2.0, 2.0], first.chain(second).collect())
        };
        let plain = turned(0.0);
        for angle in [0.3, 1.0, 2.5, 4.0] {
            let other = turned(angle);
            for j in 0..2 {
                let difference = plain.vector(j).iter().zip(other.vector(j));
                assert!(difference.map(|(a, b)| (a - b).abs()).all(|d| d < ROUNDING));
            }
        }
    }
}
