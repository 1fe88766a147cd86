//! Batches give what single states give, in any number of threads.

use wherefair_core::Seed;
use wherefair_physics::{
    ForwardModel, MicrowaveParams, OutOfDomain, PhysicsError, Sampling, Simulation, ThermalBand,
    ThermalParams, Variable, evaluate, jacobian, sample_states, simulate, simulate_into,
    simulate_with_derivatives, simulate_with_derivatives_into, unit_cube,
};

use crate::thermal_slant::thermal_models;

#[test]
fn a_batch_equals_its_states_one_by_one() {
    let model = MicrowaveParams::default().check().unwrap();
    assert!(model.inputs().len() > 16, "more inputs than one pass takes");
    let n = 2500;
    let columns = sample_states(&model, n, &[], Sampling::Uniform, Seed::new(4)).unwrap();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let batch = simulate_with_derivatives(&model, &views, OutOfDomain::Fail).unwrap();
    let values = simulate(&model, &views, OutOfDomain::Fail).unwrap();
    assert_eq!(batch.values, values.values);
    let (n_in, n_out) = (model.inputs().len(), model.outputs().len());
    let derivatives = batch.derivatives.unwrap();
    assert_eq!(
        (batch.values.len(), derivatives.len()),
        (n * n_out, n * n_out * n_in)
    );
    for sample in (0..n).step_by(83) {
        let state: Vec<f64> = columns.iter().map(|column| column[sample]).collect();
        assert_eq!(
            values.values[sample * n_out..][..n_out],
            evaluate(&model, &state).unwrap()
        );
        let one = jacobian(&model, &state).unwrap();
        assert_eq!(
            derivatives[sample * n_out * n_in..][..n_out * n_in],
            one.derivatives
        );
    }
    assert!(
        values
            .output(3)
            .zip(values.values[3..].iter().step_by(n_out))
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}

#[test]
fn memory_of_another_simulation_leaves_no_trace() {
    let model = ThermalParams::new(ThermalBand::Landsat8Band10).check().unwrap();
    let mut again = Simulation::default();
    for (n, outside) in [(3000, None), (7, Some(2)), (0, None), (2100, Some(2099))] {
        let mut columns = sample_states(&model, n, &[], Sampling::Uniform, Seed::new(n as u64)).unwrap();
        if let Some(outside) = outside {
            columns[1][outside] = 2.0;
        }
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let all_bits = |simulation: &Simulation| {
            let derivatives = simulation.derivatives.as_ref();
            let numbers = simulation.values.iter().chain(derivatives.into_iter().flatten());
            let bits: Vec<u64> = numbers.map(|number| number.to_bits()).collect();
            (bits, derivatives.is_some(), simulation.masked.clone())
        };
        simulate_with_derivatives_into(&model, &views, OutOfDomain::Mask, &mut again).unwrap();
        let fresh = simulate_with_derivatives(&model, &views, OutOfDomain::Mask).unwrap();
        assert_eq!(all_bits(&again), all_bits(&fresh));
        assert_eq!(again.masked, outside.into_iter().collect::<Vec<_>>());
        simulate_into(&model, &views, OutOfDomain::Mask, &mut again).unwrap();
        let fresh = simulate(&model, &views, OutOfDomain::Mask).unwrap();
        assert_eq!(all_bits(&again), all_bits(&fresh));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    one_thread_equals_three("microwave", &MicrowaveParams::default().check().unwrap());
    for (name, model) in thermal_models() {
        one_thread_equals_three(&name, &model);
    }
}

fn one_thread_equals_three<M: ForwardModel>(name: &str, model: &M) {
    let columns = sample_states(model, 5000, &[], Sampling::Sobol, Seed::new(9)).unwrap();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let with = |n_threads| {
        let pool = rayon_pool(n_threads);
        pool.install(|| simulate_with_derivatives(model, &views, OutOfDomain::Mask).unwrap())
    };
    let one = with(1);
    assert_eq!(one, with(3), "{name}");
    let values = simulate(model, &views, OutOfDomain::Fail).unwrap().values;
    assert_eq!(one.values, values, "{name}: with and without derivatives");
    for sample in (0..5000).step_by(499) {
        let state: Vec<f64> = columns.iter().map(|column| column[sample]).collect();
        let alone = evaluate(model, &state).unwrap();
        assert_eq!(values[sample * alone.len()..][..alone.len()], alone, "{name}");
    }
}

#[test]
fn states_are_accepted_that_the_check_accepts() {
    for (name, model) in crate::models::models() {
        accepts_as_it_checks(name, &model);
    }
    for (name, model) in thermal_models() {
        accepts_as_it_checks(&name, &model);
    }
}

fn accepts_as_it_checks<M: ForwardModel>(name: &str, model: &M) {
    let inputs = model.inputs();
    let columns = unit_cube(Sampling::Uniform, 400, inputs.len(), Seed::new(3)).unwrap();
    let mut n_refused = 0;
    for sample in 0..400 {
        let at = |(column, input): (&Vec<f64>, &Variable)| {
            let share = 1.02 * column[sample] - 0.01;
            input.domain.from + share * (input.domain.to - input.domain.from)
        };
        let state: Vec<f64> = columns.iter().zip(inputs).map(at).collect();
        let accepted = model.accepts(&state);
        assert_eq!(accepted, model.check(&state).is_ok(), "{name}: {state:?}");
        n_refused += usize::from(!accepted);
    }
    assert!(n_refused > 0, "{name}");
}

fn rayon_pool(n_threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap()
}

#[test]
fn states_outside_the_domain_are_masked_and_listed_or_the_first_is_named() {
    let model = ThermalParams::new(ThermalBand::Landsat8Band10).check().unwrap();
    let n = 3000;
    let mut emissivity = vec![0.97; n];
    for at in [2999, 1500, 7] {
        emissivity[at] = f64::NAN;
    }
    let (temperature, vapour) = (vec![300.0; n], vec![2.0; n]);
    let columns: [&[f64]; 3] = [&temperature, &emissivity, &vapour];
    let masked = simulate_with_derivatives(&model, &columns, OutOfDomain::Mask).unwrap();
    assert_eq!(masked.masked, [7, 1500, 2999]);
    let derivatives = masked.derivatives.as_ref().unwrap();
    for at in 0..n {
        let is_masked = masked.masked.contains(&at);
        assert_eq!(masked.values[2 * at].is_nan(), is_masked);
        assert_eq!(derivatives[6 * at].is_nan(), is_masked);
    }
    let error = simulate(&model, &columns, OutOfDomain::Fail).unwrap_err();
    assert!(matches!(
        error,
        PhysicsError::Domain {
            field: "emissivity",
            index: Some(7),
            ..
        }
    ));
    assert_eq!(error.to_string(), "emissivity[7] is NaN (accepted: 0.5 to 1)");
}

#[test]
fn no_states_one_state_and_columns_of_other_lengths() {
    let model = ThermalParams::new(ThermalBand::Landsat8Band10).check().unwrap();
    let none: [&[f64]; 3] = [&[], &[], &[]];
    assert!(
        simulate(&model, &none, OutOfDomain::Fail)
            .unwrap()
            .values
            .is_empty()
    );
    let one: [&[f64]; 3] = [&[300.0], &[0.97], &[2.0]];
    assert_eq!(simulate(&model, &one, OutOfDomain::Fail).unwrap().values.len(), 2);
    let uneven: [&[f64]; 3] = [&[300.0, 301.0], &[0.97], &[2.0, 2.0]];
    let error = simulate(&model, &uneven, OutOfDomain::Fail)
        .unwrap_err()
        .to_string();
    assert_eq!(error, "emissivity has shape (1,) (accepted: (2,))");
    let error = simulate(&model, &one[..2], OutOfDomain::Fail)
        .unwrap_err()
        .to_string();
    assert_eq!(error, "columns has shape (2,) (accepted: (3,))");
}
