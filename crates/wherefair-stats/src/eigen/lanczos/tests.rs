//! Tests of the block Lanczos solver.

use super::*;
use crate::eigen::dense::tests::rook;

/// Of eigenvalues, whose error is the square of the residual.
const EIGENVALUE: f64 = 1e-10;

fn leading(w: &SpatialWeights, projection: Projection<'_>, k: usize) -> EigenBasis {
    leading_eigenbasis(w, projection, k, LanczosParams::default(), Seed::new(1)).unwrap()
}

#[test]
fn leading_vectors_are_those_of_the_dense_solver() {
    let w = rook(25, 31);
    let x: Vec<f64> = (0..775).map(|i: i32| f64::from(i * i % 17)).collect();
    let covariates: [&[f64]; 1] = [&x];
    for projection in [
        Projection::None,
        Projection::Mean,
        Projection::Covariates(&covariates),
    ] {
        let dense = dense_eigenbasis(&w, projection).unwrap();
        let found = leading(&w, projection, 40);
        let convergence = found.convergence().unwrap();
        assert!(convergence.converged, "{convergence:?}");
        assert_eq!((found.n_vectors(), found.solver()), (40, EigenSolver::Lanczos));
        for j in 0..40 {
            assert!((found.values()[j] - dense.values()[j]).abs() < EIGENVALUE, "{j}");
            assert!(dot(found.vector(j), dense.vector(j)) > 1.0 - 1e-6, "{j}");
        }
        assert!((found.traces().0 - dense.traces().0).abs() < 1e-9);
    }
}

#[test]
fn many_equal_eigenvalues_are_all_found() {
    // Twenty copies of one lattice without a link between them: every eigenvalue comes twenty times.
    let part = rook(6, 7);
    let (mut offsets, mut neighbours, mut values) = (vec![0], vec![], vec![]);
    for copy in 0..20_u32 {
        for i in 0..42 {
            let (to, weights) = part.row(i);
            neighbours.extend(to.iter().map(|j| j + 42 * copy));
            values.extend_from_slice(weights);
            offsets.push(values.len());
        }
    }
    let w = SpatialWeights::from_rows(offsets, neighbours, values).unwrap();
    let dense = dense_eigenbasis(&w, Projection::None).unwrap();
    let found = leading(&w, Projection::None, 50);
    assert!(found.convergence().unwrap().converged);
    for (found, dense) in found.values().iter().zip(dense.values()) {
        assert!((found - dense).abs() < EIGENVALUE, "{found} {dense}");
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    let w = rook(40, 110);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| leading(&w, Projection::Mean, 10))
    };
    let one = with(1);
    assert!(one.convergence().unwrap().converged);
    for threads in [2, 3] {
        assert_eq!(with(threads), one, "{threads} threads");
    }
}

#[test]
fn a_lack_of_convergence_is_a_field() {
    let w = rook(25, 31);
    let params = LanczosParams::default().tolerance(1e-300).most_rounds(1);
    let found = leading_eigenbasis(&w, Projection::Mean, 30, params, Seed::new(1)).unwrap();
    let convergence = found.convergence().unwrap();
    assert!(!convergence.converged && convergence.n_converged == 0 && convergence.rounds == 1);
}

#[test]
fn small_weights_are_solved_densely_and_bad_input_is_a_typed_error() {
    let w = rook(5, 5);
    let found = leading(&w, Projection::Mean, 3);
    assert_eq!((found.n_vectors(), found.solver()), (3, EigenSolver::Faer));
    let run = |k, params| leading_eigenbasis(&w, Projection::Mean, k, params, Seed::new(1));
    assert!(matches!(
        run(0, LanczosParams::default()),
        Err(StatsError::Param(_))
    ));
    assert!(matches!(
        run(26, LanczosParams::default()),
        Err(StatsError::Param(_))
    ));
    for tolerance in [0.0, -1.0, f64::NAN] {
        assert!(run(3, LanczosParams::default().tolerance(tolerance)).is_err());
    }
    assert!(run(3, LanczosParams::default().most_rounds(0)).is_err());
}
