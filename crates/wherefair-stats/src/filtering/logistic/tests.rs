//! Tests of the logistic path.

use wherefair_core::Seed;

use super::*;
use crate::eigen::dense::tests::rook;
use crate::{CandidateRule, Criterion, Projection, candidates, dense_eigenbasis};

/// Of slopes at the optimum.
const STATIONARY: f64 = 1e-6;

/// Zeros and ones whose log-odds are a constant and `signal` times two patterns.
fn variable(basis: &EigenBasis, signal: f64, seed: u64) -> Vec<f64> {
    let mut stream = Seed::new(seed).stream("variable");
    (0..basis.n())
        .map(|i| {
            let eta = 0.3 + signal * (basis.vector(0)[i] - basis.vector(3)[i]);
            f64::from(u8::from(stream.uniform() < logistic(eta)))
        })
        .collect()
}

#[test]
fn the_chosen_point_is_an_optimum_with_free_covariates() {
    let w = rook(10, 12);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::default()).unwrap();
    let x: Vec<f64> = (0..120).map(|i: i32| f64::from(i * i % 13)).collect();
    let y = variable(&basis, 15.0, 4);
    for criterion in [Criterion::Aic, Criterion::Bic] {
        let params = L1Params::default()
            .criterion(criterion)
            .n_penalties(40)
            .least_penalty(0.01);
        let found = l1_filter_logistic(&y, &[&x], &basis, &chosen, params).unwrap();
        assert!(found.converged && !found.separated);
        let rest: Vec<f64> = y.iter().zip(&found.probabilities).map(|(y, p)| y - p).collect();
        assert!(rest.iter().sum::<f64>().abs() < STATIONARY && dot(&rest, &x).abs() < 20.0 * STATIONARY);
        let bound = 120.0 * found.penalty;
        for &j in &chosen {
            let slope = dot(basis.vector(j), &rest);
            match found.selected.iter().position(|&selected| selected == j) {
                Some(k) => assert!((slope - bound.copysign(found.coefficients[k])).abs() < STATIONARY),
                None => assert!(slope.abs() <= bound + STATIONARY),
            }
        }
        assert!(
            found.selected.contains(&0) && found.selected.contains(&3),
            "{:?}",
            found.selected
        );
    }
}

#[test]
fn a_refit_is_maximum_likelihood() {
    let basis = dense_eigenbasis(&rook(10, 12), Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::default()).unwrap();
    let y = variable(&basis, 15.0, 4);
    let params = L1Params::default()
        .coefficients(Coefficients::Refitted)
        .n_penalties(30)
        .least_penalty(0.05);
    let found = l1_filter_logistic(&y, &[], &basis, &chosen, params).unwrap();
    assert!(!found.selected.is_empty() && found.converged);
    let rest: Vec<f64> = y.iter().zip(&found.probabilities).map(|(y, p)| y - p).collect();
    for &j in &found.selected {
        assert!(dot(basis.vector(j), &rest).abs() < STATIONARY);
    }
}

#[test]
fn noise_leaves_the_mean_alone() {
    let basis = dense_eigenbasis(&rook(10, 12), Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::default()).unwrap();
    let y = variable(&basis, 0.0, 8);
    let found = l1_filter_logistic(&y, &[], &basis, &chosen, L1Params::default().least_penalty(0.1)).unwrap();
    assert!(found.selected.is_empty(), "{:?}", found.selected);
    let mean = y.iter().sum::<f64>() / 120.0;
    assert!(found.probabilities.iter().all(|p| (p - mean).abs() < STATIONARY));
}

#[test]
fn perfect_separation_is_flagged() {
    let basis = dense_eigenbasis(&rook(8, 8), Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
    // Two halves: the first pattern of one direction tells them apart.
    let halves: Vec<f64> = (0..64).map(|i| if i < 32 { 0.0 } else { 1.0 }).collect();
    let params = L1Params::default().least_penalty(1e-6);
    let found = l1_filter_logistic(&halves, &[], &basis, &chosen, params).unwrap();
    assert!(found.separated && found.path.len() < 100);
    assert!(found.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
    // A covariate that is the variable itself leaves nothing to space.
    let found = l1_filter_logistic(&halves, &[&halves], &basis, &chosen, L1Params::default()).unwrap();
    assert!(found.separated && found.path.len() == 1 && found.selected.is_empty());
    assert!(found.covariate_coefficients.iter().all(|beta| beta.is_finite()));
}

#[test]
fn bad_input_is_a_typed_error() {
    let basis = dense_eigenbasis(&rook(4, 5), Projection::Mean).unwrap();
    let run = |y: &[f64]| l1_filter_logistic(y, &[], &basis, &[0, 1], L1Params::default());
    assert!(matches!(run(&[1.0; 20]), Err(StatsError::Constant { .. })));
    assert!(matches!(run(&[0.0; 19]), Err(StatsError::Shape { .. })));
    let mut y = [0.0; 20];
    y[4] = 2.0;
    assert!(matches!(run(&y), Err(StatsError::NotBinary { index: 4, .. })));
    y[4] = f64::NAN;
    assert!(matches!(run(&y), Err(StatsError::NotFinite { index: 4, .. })));
}
