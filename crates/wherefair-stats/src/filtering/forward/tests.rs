//! Tests of forward selection.

use serde_json::Value;

use super::*;
use crate::eigen::dense::tests::rook;
use crate::{Projection, dense_eigenbasis};

/// Relative, of figures printed with 15 digits by R.
const GOLDEN: f64 = 1e-9;

fn columbus() -> Value {
    let file: Value = serde_json::from_str(include_str!("../../../tests/golden/columbus.json")).unwrap();
    file["columbus"].clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

/// Row-standardised weights from lists of neighbours.
fn row_standardised(lists: &Value) -> SpatialWeights {
    let mut offsets = vec![0];
    let (mut neighbours, mut values) = (Vec::new(), Vec::new());
    for list in lists.as_array().unwrap() {
        let list = list.as_array().unwrap();
        for j in list {
            neighbours.push(u32::try_from(j.as_u64().unwrap()).unwrap());
            values.push(1.0 / list.len() as f64);
        }
        offsets.push(values.len());
    }
    SpatialWeights::from_rows(offsets, neighbours, values).unwrap()
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= GOLDEN * expected.abs().max(GOLDEN)
}

/// Compares every number of a table of spatialreg.
fn compare_with_spatialreg(name: &str, params: ForwardParams, stop: ForwardStop) {
    let data = columbus();
    let lists = &data["spatial_filtering_W_colgal"]["neighbours"];
    let w = row_standardised(lists);
    let (crime, inc, hoval) = (
        numbers(&data["CRIME"]),
        numbers(&data["INC"]),
        numbers(&data["HOVAL"]),
    );
    let covariates: [&[f64]; 2] = [&inc, &hoval];
    let basis = dense_eigenbasis(&w, Projection::Covariates(&covariates)).unwrap();
    let found = forward_filter(&crime, &covariates, &w, &basis, params).unwrap();
    let table = data[name]["table"].as_array().unwrap();
    assert_eq!(found.steps.len(), table.len());
    assert_eq!(found.stop, stop);
    let selected: Vec<f64> = found.selected.iter().map(|&j| (j + 1) as f64).collect();
    assert_eq!(selected, numbers(&data[name]["selected"]));
    for (step, row) in found.steps.iter().zip(table) {
        let expected = |key: &str| row[key].as_f64().unwrap();
        for (key, found) in [
            ("Eval", step.moran_coefficient),
            ("MinMi", step.statistic),
            ("ZMinMi", step.z_score),
            ("Pr(ZI)", step.p_value),
            ("R2", step.r_squared),
        ] {
            assert!(close(found, expected(key)), "{key}: {found} {}", expected(key));
        }
        // R leaves the sign of an eigenvector, and with it that of its coefficient, to LAPACK.
        assert!(close(step.coefficient.abs(), expected("gamma").abs()));
    }
}

#[test]
fn steps_with_the_moments_before_are_those_of_spatialreg() {
    compare_with_spatialreg(
        "spatial_filtering_W_colgal",
        ForwardParams::default(),
        ForwardStop::Inversion,
    );
}

#[test]
fn steps_with_exact_moments_are_those_of_spatialreg() {
    let params = ForwardParams::default().moments(MomentRule::Exact);
    compare_with_spatialreg("spatial_filtering_W_colgal_exact", params, ForwardStop::Reached);
}

#[test]
fn the_nearest_candidate_is_at_least_as_near_in_the_first_step_that_differs() {
    let data = columbus();
    let w = row_standardised(&data["spatial_filtering_W_colgal"]["neighbours"]);
    let y = numbers(&data["CRIME"]);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let run = |step| {
        let params = ForwardParams::default().step(step).moments(MomentRule::Exact);
        forward_filter(&y, &[], &w, &basis, params).unwrap()
    };
    let (nearest, first) = (run(StepRule::Nearest), run(StepRule::FirstOvershoot));
    let differ = nearest
        .selected
        .iter()
        .zip(&first.selected)
        .position(|(a, b)| a != b);
    let step = differ.expect("the rules part on these data") + 1;
    assert!(nearest.steps[step].z_score.abs() < first.steps[step].z_score.abs());
    assert!(first.steps[step].z_score < 0.0);
}

#[test]
fn eigenvalues_of_the_queen_weights_are_those_of_r() {
    let data = columbus();
    let lists = data["neighbours_queen"].as_array().unwrap();
    let mut matrix = vec![0.0; 49 * 49];
    for (i, list) in lists.iter().enumerate() {
        for j in numbers(list) {
            matrix[i * 49
                + lists
                    .iter()
                    .enumerate()
                    .position(|(k, _)| (k as f64 - j).abs() < 0.5)
                    .unwrap()] = 1.0;
        }
    }
    let basis = crate::dense_eigenbasis_of_matrix(49, &matrix, Projection::Mean).unwrap();
    let expected = numbers(&data["mcm_eigenvalues_B_queen"]);
    assert_eq!(basis.n_vectors(), expected.len());
    for (found, expected) in basis.values().iter().zip(&expected) {
        assert!(
            (found - expected).abs() < GOLDEN * expected.abs().max(1e-3),
            "{found} {expected}"
        );
    }
}

#[test]
fn a_search_by_p_value_stops_at_the_first_insignificant_step() {
    let data = columbus();
    let w = row_standardised(&data["spatial_filtering_W_colgal"]["neighbours"]);
    let (crime, inc, hoval) = (
        numbers(&data["CRIME"]),
        numbers(&data["INC"]),
        numbers(&data["HOVAL"]),
    );
    let covariates: [&[f64]; 2] = [&inc, &hoval];
    let basis = dense_eigenbasis(&w, Projection::Covariates(&covariates)).unwrap();
    let params = ForwardParams::default().stop(StopRule::PValue(0.1));
    let found = forward_filter(&crime, &covariates, &w, &basis, params).unwrap();
    // Two-sided p of the steps of the table: 0.0073, 0.0587, 0.1207.
    assert_eq!(found.selected, [4, 0]);
    assert_eq!(found.stop, ForwardStop::Reached);
    let sum: f64 = found.residuals.iter().sum();
    assert!(sum.abs() < 1e-9);
}

#[test]
fn running_sums_equal_the_residuals_themselves() {
    let w = rook(9, 11);
    let y: Vec<f64> = (0..99)
        .map(|i| f64::from(i % 11) + f64::from(i * i % 7))
        .collect();
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let found = forward_filter(&y, &[], &w, &basis, ForwardParams::default()).unwrap();
    let last = found.steps.last().unwrap();
    let weights = SymmetricPart::of(&w).unwrap();
    let squares = dot(&found.residuals, &found.residuals);
    let form = 99.0 / weights.s0 * dot(&found.residuals, &weights.product(&found.residuals));
    assert!((form / squares - last.statistic).abs() < 1e-10);
    assert!(found.selected.len() >= 2);
}

#[test]
fn negative_autocorrelation_is_filtered_by_alternating_patterns() {
    let w = rook(6, 7);
    let y: Vec<f64> = (0..42)
        .map(|i: i32| if (i / 7 + i % 7) % 2 == 0 { 1.0 } else { -1.0 } + 0.01 * f64::from(i % 5))
        .collect();
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let found = forward_filter(&y, &[], &w, &basis, ForwardParams::default()).unwrap();
    assert!(found.steps[0].statistic < -0.9);
    assert!(found.selected.iter().all(|&j| basis.moran(j) < 0.0));
}

#[test]
fn bad_input_is_a_typed_error() {
    let w = rook(4, 4);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let run = |y: &[f64], params| forward_filter(y, &[], &w, &basis, params);
    let plain = ForwardParams::default();
    assert!(matches!(run(&[1.0; 16], plain), Err(StatsError::Constant { .. })));
    assert!(matches!(run(&[1.0; 15], plain), Err(StatsError::Shape { .. })));
    let mut y: Vec<f64> = (0..16).map(f64::from).collect();
    for params in [
        plain.stop(StopRule::ZScore(f64::NAN)),
        plain.stop(StopRule::PValue(0.0)),
        plain.least_moran(-1.0),
    ] {
        assert!(matches!(run(&y, params), Err(StatsError::Param(_))));
    }
    let x = y.clone();
    let explained = forward_filter(&y, &[&x], &w, &basis, plain);
    assert!(matches!(explained, Err(StatsError::Param(_))), "{explained:?}");
    let with_x = dense_eigenbasis(&w, Projection::Covariates(&[&x])).unwrap();
    let explained = forward_filter(&y, &[&x], &w, &with_x, plain);
    assert!(matches!(explained, Err(StatsError::Constant { .. })));
    y[3] = f64::NAN;
    assert!(matches!(
        run(&y, plain),
        Err(StatsError::NotFinite { index: 3, .. })
    ));
}
