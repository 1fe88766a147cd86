//! Tests of the squared-error path.

use proptest::prelude::*;
use wherefair_core::Seed;

use super::*;
use crate::eigen::dense::tests::rook;
use crate::{CandidateRule, Projection, candidates, dense_eigenbasis};

/// Relative, of stationarity after coordinate descent.
const STATIONARY: f64 = 1e-8;

/// A variable of `n` normal numbers and a pattern of strength `signal`.
fn variable(basis: &EigenBasis, signal: f64, seed: u64) -> Vec<f64> {
    let mut stream = Seed::new(seed).stream("variable");
    let mut y: Vec<f64> = (0..basis.n()).map(|_| 3.0 + stream.standard_normal()).collect();
    add_scaled(&mut y, signal, basis.vector(1));
    add_scaled(&mut y, -signal, basis.vector(4));
    y
}

/// The conditions of the optimum: Eᵀ(residuals) = nλ sgn γ where γ ≠ 0, within nλ elsewhere.
fn assert_stationary(filter: &L1Filter, basis: &EigenBasis, candidates: &[usize]) {
    let bound = basis.n() as f64 * filter.penalty;
    let scale = dot(&filter.filtered, &filter.filtered).sqrt();
    for &j in candidates {
        let slope = dot(basis.vector(j), &filter.residuals);
        match filter.selected.iter().position(|&selected| selected == j) {
            Some(k) => assert!((slope - bound.copysign(filter.coefficients[k])).abs() < STATIONARY * scale),
            None => assert!(slope.abs() <= bound + STATIONARY * scale),
        }
    }
}

#[test]
fn a_planted_pattern_is_found_and_noise_is_not() {
    let basis = dense_eigenbasis(&rook(12, 13), Projection::Mean).unwrap();
    let candidates = candidates(&basis, CandidateRule::default()).unwrap();
    for likelihood in [
        Likelihood::FixedVariance,
        Likelihood::ProfiledVariance,
        Likelihood::StandardisedDeviance,
    ] {
        let params = L1Params::default()
            .likelihood(likelihood)
            .coefficients(Coefficients::Refitted);
        let y = variable(&basis, 30.0, 1);
        let found = l1_filter(&y, &[], &basis, &candidates, params).unwrap();
        assert!(found.exact && found.selected.contains(&1) && found.selected.contains(&4));
        assert!(found.selected.len() <= 6, "{likelihood:?} {:?}", found.selected);
    }
    let found = l1_filter(
        &variable(&basis, 0.0, 2),
        &[],
        &basis,
        &candidates,
        L1Params::default(),
    )
    .unwrap();
    assert!(found.selected.len() <= 2, "{:?}", found.selected);
}

#[test]
fn the_closed_form_is_the_optimum_and_so_is_descent() {
    let w = rook(7, 8);
    let x: Vec<f64> = (0..56).map(|i: i32| f64::from(i * i % 13)).collect();
    let covariates: [&[f64]; 1] = [&x];
    for (projection, exact) in [
        (Projection::Mean, false),
        (Projection::None, false),
        (Projection::Covariates(&covariates), true),
    ] {
        let basis = dense_eigenbasis(&w, projection).unwrap();
        let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
        let y = variable(&basis, 8.0, 3);
        for criterion in [Criterion::Aic, Criterion::Bic] {
            let params = L1Params::default().criterion(criterion);
            let found = l1_filter(&y, &covariates, &basis, &chosen, params).unwrap();
            assert_eq!((found.exact, found.converged), (exact, true));
            assert_stationary(&found, &basis, &chosen);
            let sum: f64 = found.residuals.iter().sum();
            assert!(sum.abs() < STATIONARY && dot(&found.residuals, &x).abs() < 1e2 * STATIONARY);
        }
    }
}

#[test]
fn descent_reproduces_the_criterion_of_the_closed_form() {
    let basis = dense_eigenbasis(&rook(6, 7), Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::default()).unwrap();
    let y = variable(&basis, 10.0, 5);
    let design = Design::with_intercept(42, &[]).unwrap();
    let problem = Problem::new(&y, &design, &basis, &chosen);
    let (solutions, _) = problem.descend(&L1Params::default());
    for coefficients in [Coefficients::Penalised, Coefficients::Refitted] {
        let params = L1Params::default().coefficients(coefficients);
        let (fast, _) = problem.choose(&solutions, &params);
        for (point, solution) in fast.iter().zip(&solutions) {
            let gamma = solution.gamma(&problem);
            let squares = match coefficients {
                Coefficients::Penalised => problem.residual_squares(&gamma),
                Coefficients::Refitted => problem.refit(&gamma).1,
            };
            assert_eq!(point.n_selected, gamma.iter().filter(|&&g| g != 0.0).count());
            let (_, rest, free) = problem.refit(&vec![1.0; chosen.len()]);
            let variance = rest / (42 - 1 - free) as f64;
            let expected = 42.0 * (std::f64::consts::TAU * variance).ln() + squares / variance;
            assert!((point.minus_two_log_likelihood - expected).abs() < 1e-8 * expected.abs());
        }
    }
}

#[test]
fn a_refit_is_least_squares() {
    let w = rook(6, 7);
    let x: Vec<f64> = (0..42).map(|i: i32| f64::from(i * 5 % 11)).collect();
    let basis = dense_eigenbasis(&w, Projection::None).unwrap();
    let chosen = candidates(&basis, CandidateRule::default()).unwrap();
    let params = L1Params::default().coefficients(Coefficients::Refitted);
    let y = variable(&basis, 8.0, 3);
    let found = l1_filter(&y, &[&x], &basis, &chosen, params).unwrap();
    assert!(!found.exact && found.selected.len() > 1);
    for &j in &found.selected {
        assert!(dot(basis.vector(j), &found.residuals).abs() < STATIONARY);
    }
}

#[test]
fn all_eigenvectors_as_candidates_are_refused() {
    let basis = dense_eigenbasis(&rook(4, 5), Projection::Mean).unwrap();
    let y = variable(&basis, 1.0, 1);
    let all: Vec<usize> = (0..20).collect();
    let error = l1_filter(&y, &[], &basis, &all, L1Params::default()).unwrap_err();
    assert_eq!(error, StatsError::Saturated { n: 20, terms: 21 });
}

#[test]
fn no_candidate_leaves_the_variable_as_it_is() {
    let basis = dense_eigenbasis(&rook(4, 5), Projection::Mean).unwrap();
    let y = variable(&basis, 1.0, 1);
    let found = l1_filter(&y, &[], &basis, &[], L1Params::default()).unwrap();
    assert!(found.selected.is_empty());
    assert_eq!(found.filtered, y);
}

#[test]
fn bad_input_is_a_typed_error() {
    let basis = dense_eigenbasis(&rook(4, 5), Projection::Mean).unwrap();
    let y = variable(&basis, 1.0, 1);
    let plain = L1Params::default();
    let run = |y: &[f64], chosen: &[usize], params| l1_filter(y, &[], &basis, chosen, params);
    assert!(matches!(
        run(&[2.0; 20], &[0], plain),
        Err(StatsError::Constant { .. })
    ));
    assert!(matches!(run(&y[1..], &[0], plain), Err(StatsError::Shape { .. })));
    assert!(matches!(run(&y, &[20], plain), Err(StatsError::Param(_))));
    assert!(matches!(run(&y, &[3, 3], plain), Err(StatsError::Param(_))));
    assert!(matches!(
        run(&y, &[3], plain.n_penalties(1)),
        Err(StatsError::Param(_))
    ));
    assert!(matches!(
        run(&y, &[3], plain.least_penalty(f64::NAN)),
        Err(StatsError::Param(_))
    ));
}

proptest! {
    #[test]
    fn every_point_of_an_exact_path_is_an_optimum(seed: u64, signal in 0.0..20.0) {
        let basis = dense_eigenbasis(&rook(5, 6), Projection::Mean).unwrap();
        let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
        let found = l1_filter(&variable(&basis, signal, seed), &[], &basis, &chosen, L1Params::default()).unwrap();
        assert_stationary(&found, &basis, &chosen);
        prop_assert!(found.path.is_sorted_by(|a, b| a.penalty >= b.penalty && a.n_selected <= b.n_selected));
    }
}
