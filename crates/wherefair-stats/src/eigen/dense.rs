//! All eigenvectors, by a dense symmetric solver.

use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{MatMut, MatRef, Par};
use rayon::prelude::*;
use wherefair_core::ParamError;

use super::basis::Origin;
use super::design::{add_scaled, dot};
use super::{Design, EigenBasis, EigenSolver, Projection, SymmetricPart};
use crate::{StatsError, WeightsRef};

/// The largest number of units for which all eigenvectors are found: the vectors of 20,000 units fill 3 GiB, and
/// the work grows with the cube.
pub const DENSE_LIMIT: usize = 20_000;

/// Into how many parts the solver splits its work, whatever the number of threads: the order of its sums, and
/// with it the last bits of the result, depend on this number alone.
const PARTS: usize = 4;

/// Rows and columns of a matrix that are transposed at once.
const TILE: usize = 64;

/// All eigenvectors of spatial weights, sparse or dense.
///
/// # Formula
/// M (W + Wᵀ)/2 M = E Λ Eᵀ with M from `projection`. The symmetric part is what Moran's I sees:
/// xᵀ W x = xᵀ (W + Wᵀ)/2 x for every x, symmetric W or not.
///
/// # Errors
/// [`StatsError`] when there are fewer than 4 units or more than [`DENSE_LIMIT`], a weight is not finite, the
/// weights do not sum to a number above 0, or covariates have another length, a value that is not finite, or
/// depend on each other.
///
/// # Examples
/// ```
/// use wherefair_stats::{Projection, SpatialWeights, dense_eigenbasis};
///
/// // Four units in a row.
/// let w = SpatialWeights::from_rows(vec![0, 1, 3, 5, 6], vec![1, 0, 2, 1, 3, 2], vec![1.0; 6])?;
/// let basis = dense_eigenbasis(&w, Projection::Mean)?;
/// // The most clustered pattern runs from one end to the other.
/// assert!(basis.vector(0)[0] > basis.vector(0)[1] && basis.vector(0)[1] > 0.0);
/// assert!((basis.values()[0] - 0.618_033_988_749_895).abs() < 1e-12);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Griffith (2000), A linear regression solution to the spatial autocorrelation problem,
/// doi:10.1007/PL00011451.
pub fn dense_eigenbasis<'w>(
    w: impl Into<WeightsRef<'w>>,
    projection: Projection<'_>,
) -> Result<EigenBasis, StatsError> {
    solve(w.into(), projection, solve_faer, EigenSolver::Faer)
}

/// All eigenvectors of weights given as a dense row-major matrix of shape `(n, n)`, such as a kernel.
///
/// The diagonal is taken as zero.
///
/// # Errors
/// As [`dense_eigenbasis`]; also when `matrix` does not have `n`² entries.
pub fn dense_eigenbasis_of_matrix(
    n: usize,
    matrix: &[f64],
    projection: Projection<'_>,
) -> Result<EigenBasis, StatsError> {
    check_size(n)?;
    if matrix.len() != n * n {
        return Err(StatsError::Shape {
            name: "matrix",
            given: matrix.len(),
            expected: n * n,
        });
    }
    let design = projection.design(n)?;
    Problem::of_matrix(n, matrix, &design)?.solve(&design, solve_faer, EigenSolver::Faer)
}

/// That the dense solver is for this many units.
pub(crate) fn check_size(n: usize) -> Result<(), StatsError> {
    if n > DENSE_LIMIT {
        let accepted = format!("at most {DENSE_LIMIT}; find the leading eigenvectors instead");
        return Err(ParamError::new("number of units of a dense eigenproblem", n, accepted).into());
    }
    Ok(())
}

/// A solver: the lower triangle of a column-major `(n, n)` matrix in, ascending eigenvalues and their
/// column-major vectors out.
pub(crate) type DenseSolver = fn(usize, &[f64]) -> Result<(Vec<f64>, Vec<f64>), StatsError>;

/// All eigenvectors of M S M by `solver`.
pub(crate) fn solve(
    w: WeightsRef<'_>,
    projection: Projection<'_>,
    solver: DenseSolver,
    name: EigenSolver,
) -> Result<EigenBasis, StatsError> {
    check_size(w.n())?;
    let design = projection.design(w.n())?;
    let problem = match w {
        WeightsRef::Sparse(w) => Problem::of_rows(&SymmetricPart::of(w)?, &design),
        WeightsRef::Dense(w) => Problem::of_matrix(w.n(), w.values(), &design)?,
    };
    problem.solve(&design, solver, name)
}

/// A dense symmetric matrix S, and what a basis and the projection need of it.
struct Problem {
    n: usize,
    matrix: Vec<f64>,
    /// S q of each column q of the design.
    products: Vec<Vec<f64>>,
    origin: Origin,
}

impl Problem {
    fn of_rows(weights: &SymmetricPart, design: &Design) -> Self {
        let n = weights.n();
        let mut matrix = vec![0.0; n * n];
        matrix
            .par_chunks_exact_mut(n)
            .enumerate()
            .for_each(|(i, column)| {
                let (neighbours, values) = weights.row(i);
                for (&j, &value) in neighbours.iter().zip(values) {
                    column[j as usize] = value;
                }
            });
        Self {
            n,
            matrix,
            products: (0..design.rank())
                .map(|j| weights.product(design.column(j)))
                .collect(),
            origin: Origin::new(weights, design),
        }
    }

    /// That of the symmetric part of a full matrix.
    fn of_matrix(n: usize, given: &[f64], design: &Design) -> Result<Self, StatsError> {
        if n < 4 {
            return Err(StatsError::TooFew { n, at_least: 4 });
        }
        let off_diagonal = |index: usize| !index.is_multiple_of(n + 1);
        let infinite = |(index, value): (usize, &f64)| !value.is_finite() && off_diagonal(index);
        if let Some(index) = given.par_iter().enumerate().position_first(infinite) {
            return Err(StatsError::NotFinite {
                name: "weights",
                index,
                value: given[index],
            });
        }
        let mut matrix = vec![0.0; n * n];
        // Tile by tile, so that rows and columns are read from cache.
        matrix
            .par_chunks_mut(n * TILE)
            .enumerate()
            .for_each(|(tile, columns)| {
                for first in (0..n).step_by(TILE) {
                    for (offset, column) in columns.chunks_exact_mut(n).enumerate() {
                        let j = tile * TILE + offset;
                        for i in (first..(first + TILE).min(n)).filter(|&i| i != j) {
                            column[i] = 0.5 * (given[i * n + j] + given[j * n + i]);
                        }
                    }
                }
            });
        // The sum of a row, its sum of squares and its products with the design.
        let rows: Vec<(f64, f64, Vec<f64>)> = matrix
            .par_chunks_exact(n)
            .map(|row| (row.iter().sum(), dot(row, row), design.coordinates(row)))
            .collect();
        let s0: f64 = rows.iter().map(|row| row.0).sum();
        if !(0.0..f64::INFINITY).contains(&s0) || s0 <= 0.0 {
            return Err(StatsError::NoWeights { sum: s0 });
        }
        let products: Vec<Vec<f64>> = (0..design.rank())
            .map(|j| rows.iter().map(|row| row.2[j]).collect())
            .collect();
        let (trace, trace_of_square) = design.traces(rows.iter().map(|row| row.1).sum(), &products);
        let isolated =
            |i: usize| (0..n).all(|j| i == j || (given[i * n + j] == 0.0 && given[j * n + i] == 0.0));
        let origin = Origin {
            s0,
            trace,
            trace_of_square,
            n_isolates: (0..n).filter(|&i| rows[i].1 <= 0.0 && isolated(i)).count(),
        };
        Ok(Self {
            n,
            matrix,
            products,
            origin,
        })
    }

    fn solve(
        mut self,
        design: &Design,
        solver: DenseSolver,
        name: EigenSolver,
    ) -> Result<EigenBasis, StatsError> {
        let n = self.n;
        self.project(design);
        let (mut values, vectors) = solver(n, &self.matrix)?;
        drop(self.matrix);
        values.reverse();
        let mut descending = Vec::with_capacity(vectors.len());
        for column in vectors.chunks_exact(n).rev() {
            descending.extend_from_slice(column);
        }
        drop(vectors);
        Ok(EigenBasis::canonical(
            n,
            values,
            descending,
            self.origin,
            name,
            None,
        ))
    }

    /// Makes S into M S M.
    fn project(&mut self, design: &Design) {
        // With B = S Q and C = Qᵀ B: M S M = S − (B − Q C/2) Qᵀ − Q (B − Q C/2)ᵀ.
        let mut halves = self.products.clone();
        for half in &mut halves {
            for (i, c) in design.coordinates(half).into_iter().enumerate() {
                add_scaled(half, -0.5 * c, design.column(i));
            }
        }
        self.matrix
            .par_chunks_exact_mut(self.n)
            .enumerate()
            .for_each(|(i, column)| {
                for (k, half) in halves.iter().enumerate() {
                    let q = design.column(k);
                    add_scaled(column, -q[i], half);
                    add_scaled(column, -half[i], q);
                }
            });
    }
}

/// The dense solver of `faer`.
pub(crate) fn solve_faer(n: usize, matrix: &[f64]) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
    let par = Par::rayon(PARTS);
    let mut values = vec![0.0; n];
    let mut vectors = vec![0.0; n * n];
    let scratch = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, par, faer::prelude::default());
    self_adjoint_evd(
        MatRef::from_column_major_slice(matrix, n, n),
        DiagMut::from_slice_mut(&mut values),
        Some(MatMut::from_column_major_slice_mut(&mut vectors, n, n)),
        par,
        MemStack::new(&mut MemBuffer::new(scratch)),
        faer::prelude::default(),
    )
    .map_err(|_| StatsError::NoEigenvectors { n })?;
    Ok((values, vectors))
}

#[cfg(test)]
pub(crate) mod tests;
