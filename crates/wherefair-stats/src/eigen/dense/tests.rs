//! Tests of the dense solver.

use super::*;
use crate::eigen::{CandidateRule, candidates};
use crate::{DenseWeights, SpatialWeights};

/// Relative, of eigenvalues and of entries of well separated eigenvectors.
const SOLVER_ACCURACY: f64 = 1e-11;

/// A lattice of `rows` × `columns` cells with the four edge neighbours.
pub(crate) fn rook(rows: usize, columns: usize) -> SpatialWeights {
    let mut offsets = vec![0];
    let (mut neighbours, mut values) = (Vec::new(), Vec::new());
    for i in 0..rows {
        for j in 0..columns {
            let mut push = |unit: usize| {
                neighbours.push(u32::try_from(unit).unwrap());
                values.push(1.0);
            };
            let unit = i * columns + j;
            if i > 0 {
                push(unit - columns);
            }
            if j > 0 {
                push(unit - 1);
            }
            if j + 1 < columns {
                push(unit + 1);
            }
            if i + 1 < rows {
                push(unit + columns);
            }
            offsets.push(values.len());
        }
    }
    SpatialWeights::from_rows(offsets, neighbours, values).unwrap()
}

/// The largest ‖M S M v − λ v‖ of a basis.
fn worst_residual(w: &SpatialWeights, projection: Projection<'_>, basis: &EigenBasis) -> f64 {
    let design = projection.design(w.n()).unwrap();
    let weights = SymmetricPart::of(w).unwrap();
    (0..basis.n_vectors())
        .map(|j| {
            let mut x = basis.vector(j).to_vec();
            design.project_out(&mut x);
            let mut product = weights.product(&x);
            design.project_out(&mut product);
            add_scaled(&mut product, -basis.values()[j], basis.vector(j));
            dot(&product, &product).sqrt()
        })
        .fold(0.0, f64::max)
}

#[test]
fn the_spectrum_of_a_lattice_is_the_known_one() {
    let (rows, columns) = (5, 8);
    let basis = dense_eigenbasis(&rook(rows, columns), Projection::None).unwrap();
    let wave = |j: usize, n: usize| 2.0 * (std::f64::consts::PI * (j + 1) as f64 / (n + 1) as f64).cos();
    let mut expected: Vec<f64> = (0..rows)
        .flat_map(|i| (0..columns).map(move |j| wave(i, rows) + wave(j, columns)))
        .collect();
    expected.sort_by(|a, b| b.total_cmp(a));
    for (found, expected) in basis.values().iter().zip(&expected) {
        assert!((found - expected).abs() < SOLVER_ACCURACY);
    }
}

#[test]
fn vectors_are_orthonormal_eigenvectors_under_every_projection() {
    let w = rook(6, 6);
    let x: Vec<f64> = (0..36).map(|i| f64::from(i * i % 17)).collect();
    let covariates: [&[f64]; 1] = [&x];
    for projection in [
        Projection::None,
        Projection::Mean,
        Projection::Covariates(&covariates),
    ] {
        let basis = dense_eigenbasis(&w, projection).unwrap();
        assert!(worst_residual(&w, projection, &basis) < SOLVER_ACCURACY);
        for i in 0..36 {
            for j in 0..=i {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(basis.vector(i), basis.vector(j)) - expected).abs() < SOLVER_ACCURACY);
            }
        }
        let (trace, square) = basis.traces();
        let scale = 36.0 / basis.s0();
        let sum: f64 = basis.values().iter().map(|v| scale * v).sum();
        let squares: f64 = basis.values().iter().map(|v| (scale * v).powi(2)).sum();
        assert!((trace - sum).abs() < SOLVER_ACCURACY && (square - squares).abs() < 36.0 * SOLVER_ACCURACY);
    }
}

#[test]
fn an_asymmetric_matrix_counts_by_its_symmetric_part() {
    let asymmetric = [
        0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 3.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0,
    ];
    let mut symmetric = asymmetric;
    for i in 0..4 {
        for j in 0..4 {
            symmetric[i * 4 + j] = 0.5 * (asymmetric[i * 4 + j] + asymmetric[j * 4 + i]);
        }
    }
    let first = dense_eigenbasis_of_matrix(4, &asymmetric, Projection::Mean).unwrap();
    let second = dense_eigenbasis_of_matrix(4, &symmetric, Projection::Mean).unwrap();
    assert_eq!(first, second);
}

#[test]
fn the_number_of_threads_does_not_show() {
    let w = rook(20, 21);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| dense_eigenbasis(&w, Projection::Mean).unwrap())
    };
    let one = with(1);
    for threads in [2, 3, 7] {
        assert_eq!(with(threads), one, "{threads} threads");
    }
}

#[test]
fn isolates_and_parts_without_links_are_no_obstacle() {
    // Two pairs and two isolates.
    let w = SpatialWeights::from_rows(vec![0, 1, 2, 3, 4, 4, 4], vec![1, 0, 3, 2], vec![1.0; 4]).unwrap();
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    assert_eq!(basis.n_isolates(), 2);
    assert!(basis.values().iter().all(|value| value.is_finite()));
    assert!(worst_residual(&w, Projection::Mean, &basis) < SOLVER_ACCURACY);
    let positive = candidates(&basis, CandidateRule::AllPositive).unwrap();
    assert_eq!(positive, [0, 1]);
    assert_eq!(
        candidates(&basis, CandidateRule::RelativeMoran(1.0)).unwrap(),
        [0]
    );
}

#[test]
fn bad_input_is_a_typed_error() {
    assert!(matches!(
        dense_eigenbasis_of_matrix(3, &[0.0; 9], Projection::Mean).unwrap_err(),
        StatsError::TooFew { n: 3, at_least: 4 }
    ));
    assert!(matches!(
        dense_eigenbasis_of_matrix(4, &[0.0; 16], Projection::Mean).unwrap_err(),
        StatsError::NoWeights { .. }
    ));
    assert!(dense_eigenbasis_of_matrix(4, &[1.0; 15], Projection::Mean).is_err());
    let mut with_nan = [1.0; 16];
    with_nan[2] = f64::NAN;
    assert!(dense_eigenbasis_of_matrix(4, &with_nan, Projection::Mean).is_err());
    let w = rook(3, 3);
    let ones = [1.0; 9];
    assert_eq!(
        dense_eigenbasis(&w, Projection::Covariates(&[&ones])).unwrap_err(),
        StatsError::RankDeficient { column: 0 }
    );
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    for share in [0.0, -1.0, 1.5, f64::NAN] {
        assert!(candidates(&basis, CandidateRule::RelativeMoran(share)).is_err());
    }
    assert!(candidates(&basis, CandidateRule::Chun2016 { z_score: f64::NAN }).is_err());
}

#[test]
fn dense_and_sparse_weights_have_the_same_basis() {
    // Asymmetric, with a unit that nobody is linked to.
    let links = (0..39).flat_map(|i| (0..39).map(move |j| (i, j, f64::from((i * 7 + j * 3) % 11))));
    let links = links.filter(|&(i, j, weight)| i != j && weight > 0.5);
    let links =
        links.map(|(i, j, weight)| (usize::try_from(i).unwrap(), usize::try_from(j).unwrap(), weight));
    let sparse = SpatialWeights::from_edges(40, links).unwrap();
    let dense = DenseWeights::try_from(&sparse).unwrap();
    for projection in [Projection::None, Projection::Mean] {
        let (a, b) = (
            dense_eigenbasis(&sparse, projection).unwrap(),
            dense_eigenbasis(&dense, projection).unwrap(),
        );
        assert_eq!((a.n_isolates(), b.n_isolates()), (1, 1));
        assert!((a.s0() / b.s0() - 1.0).abs() < SOLVER_ACCURACY);
        assert!((a.traces().0 - b.traces().0).abs() < SOLVER_ACCURACY);
        assert!((a.traces().1 / b.traces().1 - 1.0).abs() < SOLVER_ACCURACY);
        for (a, b) in a.values().iter().zip(b.values()) {
            assert!((a - b).abs() < SOLVER_ACCURACY * 200.0, "{a} {b}");
        }
        assert!(worst_residual(&sparse, projection, &b) < SOLVER_ACCURACY * 200.0);
    }
}
