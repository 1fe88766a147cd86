//! Points in the cube and states in the domain.

use proptest::prelude::*;
use wherefair_core::Seed;
use wherefair_physics::{
    ForwardModel, MicrowaveParams, Prior, Sampling, ThermalBand, ThermalParams, sample_states, unit_cube,
};

#[test]
fn every_slice_of_a_latin_hypercube_holds_one_point() {
    let n = 257;
    let columns = unit_cube(Sampling::LatinHypercube, n, 5, Seed::new(1)).unwrap();
    for column in &columns {
        let mut slices: Vec<usize> = column.iter().map(|x| slice(*x, n)).collect();
        slices.sort_unstable();
        assert_eq!(slices, (0..n).collect::<Vec<_>>());
    }
    assert_ne!(columns[0], columns[1]);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of 0 to n"
)]
fn slice(x: f64, n: usize) -> usize {
    (x * n as f64) as usize
}

#[test]
fn every_elementary_box_of_a_power_of_two_of_sobol_points_holds_one() {
    // A shifted net stays a net: with 256 points every box of 16 by 16 in the first two dimensions holds one.
    let columns = unit_cube(Sampling::Sobol, 256, 2, Seed::new(8)).unwrap();
    for (rows, across) in [(16, 16), (256, 1), (1, 256), (64, 4)] {
        let mut boxes: Vec<usize> = columns[0]
            .iter()
            .zip(&columns[1])
            .map(|(x, y)| slice(*x, rows) * across + slice(*y, across))
            .collect();
        boxes.sort_unstable();
        assert_eq!(boxes, (0..256).collect::<Vec<_>>());
    }
}

#[test]
fn differences_of_sobol_points_are_those_of_joe_and_kuo() {
    // SciPy 1.17, qmc.Sobol(6, scramble=False), points 1 to 4; the shift cancels from differences of bits.
    let reference = [
        [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
        [0.75, 0.25, 0.25, 0.25, 0.75, 0.75],
        [0.25, 0.75, 0.75, 0.75, 0.25, 0.25],
        [0.375, 0.375, 0.625, 0.875, 0.375, 0.125],
    ];
    let columns = unit_cube(Sampling::Sobol, 5, 6, Seed::new(21)).unwrap();
    for (at, row) in reference.iter().enumerate() {
        for (column, expected) in columns.iter().zip(row) {
            let bits = |x: f64| slice(x, 1 << 20);
            let shifted = bits(column[at + 1]) ^ bits(column[0]);
            assert_eq!(shifted, bits(*expected), "point {}", at + 1);
        }
    }
}

#[test]
fn low_discrepancy_integrates_better_than_chance() {
    let error = |sampling| {
        let columns = unit_cube(sampling, 4096, 3, Seed::new(2)).unwrap();
        let sum: f64 = (0..4096)
            .map(|i| columns.iter().map(|column| 2.0 * column[i]).product::<f64>())
            .sum();
        (sum / 4096.0 - 1.0).abs()
    };
    assert!(error(Sampling::Sobol) < 0.1 * error(Sampling::Uniform).max(1e-3));
    assert!(error(Sampling::LatinHypercube) < 0.02);
}

#[test]
fn states_are_valid_and_the_same_for_the_same_seed() {
    let model = MicrowaveParams::default().check().unwrap();
    for sampling in [Sampling::Uniform, Sampling::LatinHypercube, Sampling::Sobol] {
        let draw = |seed| sample_states(&model, 1000, &[], sampling, Seed::new(seed)).unwrap();
        let columns = draw(5);
        assert_eq!(columns, draw(5));
        assert_ne!(columns, draw(6));
        for i in 0..1000 {
            let state: Vec<f64> = columns.iter().map(|column| column[i]).collect();
            assert!(model.check(&state).is_ok());
        }
    }
    for n in [0, 1, 2] {
        let columns = sample_states(&model, n, &[], Sampling::Sobol, Seed::new(1)).unwrap();
        assert!(columns.iter().all(|column| column.len() == n));
    }
}

#[test]
fn priors_that_do_not_fit_are_refused() {
    let model = ThermalParams::new(ThermalBand::Landsat8Band10).check().unwrap();
    let draw = |input: &str, from, to| {
        let prior = Prior {
            input: input.to_owned(),
            from,
            to,
        };
        sample_states(&model, 10, &[prior], Sampling::Sobol, Seed::new(1))
    };
    assert!(
        draw("emissivity", 0.9, 0.9).unwrap()[1]
            .iter()
            .all(|e| (e - 0.9).abs() < 1e-15)
    );
    let error = |result: Result<_, wherefair_physics::PhysicsError>| {
        result.map(|_: Vec<Vec<f64>>| ()).unwrap_err().to_string()
    };
    assert!(
        error(draw("albedo", 0.0, 1.0))
            .contains("no input `albedo` (accepted: surface_temperature_k, emissivity")
    );
    assert!(error(draw("emissivity", 0.9, 1.1)).contains("a range within 0.5 to 1"));
    assert!(error(draw("emissivity", 0.99, 0.9)).contains("0.99 to 0.9"));
    assert!(error(draw("emissivity", f64::NAN, 0.9)).contains("NaN"));
    let soil = MicrowaveParams::default().check().unwrap();
    let too_much =
        [("sand_percent", 90.0, 100.0), ("clay_percent", 50.0, 100.0)].map(|(input, from, to)| Prior {
            input: input.to_owned(),
            from,
            to,
        });
    let none = sample_states(&soil, 10, &too_much, Sampling::LatinHypercube, Seed::new(1));
    let none = error(none);
    assert!(
        none.contains("320 states drawn only 0 are valid, 10 are needed") && none.contains("clay_percent"),
        "{none}"
    );
    assert!(unit_cube(Sampling::Sobol, 4, 101, Seed::new(1)).is_err());
}

#[test]
fn more_points_than_the_sequence_has_are_refused_at_once() {
    let thermal = ThermalParams::new(ThermalBand::Landsat8Band10).check().unwrap();
    for n in [(1 << 31) + 1, usize::MAX] {
        for sampling in [Sampling::Uniform, Sampling::LatinHypercube, Sampling::Sobol] {
            let expected = format!("invalid n: {n} (accepted: at most 2147483648)");
            let states = sample_states(&thermal, n, &[], sampling, Seed::new(1));
            assert_eq!(states.unwrap_err().to_string(), expected);
            let points = unit_cube(sampling, n, 1, Seed::new(1));
            assert_eq!(points.unwrap_err().to_string(), expected);
        }
    }
}

proptest! {
    #[test]
    fn points_lie_in_the_half_open_cube(n in 0..300_usize, seed: u64, n_dimensions in 0..9_usize) {
        for sampling in [Sampling::Uniform, Sampling::LatinHypercube, Sampling::Sobol] {
            let columns = unit_cube(sampling, n, n_dimensions, Seed::new(seed)).unwrap();
            prop_assert_eq!(columns.len(), n_dimensions);
            for column in columns {
                prop_assert_eq!(column.len(), n);
                prop_assert!(column.iter().all(|x| (0.0..1.0).contains(x)));
            }
        }
    }
}
