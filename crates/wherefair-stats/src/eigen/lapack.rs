//! All eigenvectors, by LAPACK.

use ndarray::{Array2, ShapeBuilder};
use ndarray_linalg::{EighInto, UPLO};

use super::dense::solve;
use super::{EigenBasis, EigenSolver, Projection};
use crate::{StatsError, WeightsRef};

/// All eigenvectors of spatial weights, by LAPACK's `dsyev` through `ndarray-linalg`.
///
/// The same basis as that of [`dense_eigenbasis`](crate::dense_eigenbasis) up to rounding, for programs that already
/// link a LAPACK; this crate is built with the system's `OpenBLAS`. The last bits of the result are those of the
/// library at hand, which may split its sums by the number of threads.
///
/// # Errors
/// As [`dense_eigenbasis`](crate::dense_eigenbasis).
///
/// # Examples
/// ```
/// use wherefair_stats::{Contiguity, EigenSolver, Projection, SpatialWeights, dense_eigenbasis_lapack};
///
/// let w = SpatialWeights::from_raster(3, 4, None, Contiguity::Rook)?;
/// let basis = dense_eigenbasis_lapack(&w, Projection::Mean)?;
/// assert_eq!((basis.n_vectors(), basis.solver()), (12, EigenSolver::Lapack));
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn dense_eigenbasis_lapack<'w>(
    w: impl Into<WeightsRef<'w>>,
    projection: Projection<'_>,
) -> Result<EigenBasis, StatsError> {
    solve(w.into(), projection, solve_lapack, EigenSolver::Lapack)
}

/// The dense solver of LAPACK.
fn solve_lapack(n: usize, matrix: &[f64]) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
    let none = |_| StatsError::NoEigenvectors { n };
    let matrix = Array2::from_shape_vec((n, n).f(), matrix.to_vec()).map_err(none)?;
    let (values, vectors) = matrix
        .eigh_into(UPLO::Lower)
        .map_err(|_| StatsError::NoEigenvectors { n })?;
    let columns = vectors.columns().into_iter().flatten().copied().collect();
    Ok((values.to_vec(), columns))
}

#[cfg(test)]
mod tests {
    use wherefair_core::Point;

    use super::*;
    use crate::eigen::dense::tests::rook;
    use crate::{CandidateRule, L1Params, Metric, SpatialWeights, candidates, dense_eigenbasis, l1_filter};

    /// Of eigenvalues, relative to the largest one.
    const VALUES: f64 = 1e-10;

    /// Of projectors and of what filters make of a variable.
    const FILTERED: f64 = 1e-8;

    fn weights() -> [SpatialWeights; 3] {
        let points: Vec<Point> = (0..90)
            .map(|i| Point::new(f64::from(i * 37 % 91), f64::from(i * 11 % 29)))
            .collect();
        [
            rook(9, 9),
            SpatialWeights::inverse_distance(&points, 1.0, f64::INFINITY, Metric::Planar).unwrap(),
            SpatialWeights::k_nearest(&points, 5, Metric::Planar).unwrap(),
        ]
    }

    #[test]
    fn both_solvers_give_the_same_basis() {
        for w in weights() {
            for projection in [Projection::None, Projection::Mean] {
                let faer = dense_eigenbasis(&w, projection).unwrap();
                let lapack = dense_eigenbasis_lapack(&w, projection).unwrap();
                assert_eq!(lapack.solver(), EigenSolver::Lapack);
                let scale = faer.values()[0];
                for (a, b) in faer.values().iter().zip(lapack.values()) {
                    assert!((a - b).abs() < VALUES * scale, "{a} {b}");
                }
                // The projector on the positive patterns, whatever the rotation within an eigenspace.
                let leading = candidates(&faer, CandidateRule::RelativeMoran(0.25)).unwrap();
                let entry = |basis: &EigenBasis, i: usize, j: usize| -> f64 {
                    leading
                        .iter()
                        .map(|&k| basis.vector(k)[i] * basis.vector(k)[j])
                        .sum()
                };
                for i in 0..w.n() {
                    for j in 0..=i {
                        let difference = entry(&faer, i, j) - entry(&lapack, i, j);
                        assert!(difference.abs() < FILTERED, "{i} {j}: {difference}");
                    }
                }
            }
        }
    }

    #[test]
    fn filters_give_the_same_result_on_both_bases() {
        for w in &weights() {
            let basis = dense_eigenbasis(w, Projection::Mean).unwrap();
            let pattern = |i: usize| 5.0 * basis.vector(0)[i] + 2.0 * basis.vector(1)[i];
            let y: Vec<f64> = (0..w.n())
                .map(|i| pattern(i) + 0.05 * (i as f64 * 0.37).sin())
                .collect();
            let filtered = |basis: &EigenBasis| {
                let chosen = candidates(basis, CandidateRule::default()).unwrap();
                l1_filter(&y, &[], basis, &chosen, L1Params::default()).unwrap()
            };
            let faer = filtered(&basis);
            let lapack = filtered(&dense_eigenbasis_lapack(w, Projection::Mean).unwrap());
            assert_eq!(faer.selected, lapack.selected);
            assert!(!faer.selected.is_empty());
            for (a, b) in faer.filtered.iter().zip(&lapack.filtered) {
                assert!((a - b).abs() < FILTERED, "{a} {b}");
            }
        }
    }

    #[test]
    fn bad_input_is_a_typed_error() {
        let w = rook(1, 3);
        assert_eq!(
            dense_eigenbasis_lapack(&w, Projection::Mean).unwrap_err(),
            StatsError::TooFew { n: 3, at_least: 4 }
        );
    }
}
