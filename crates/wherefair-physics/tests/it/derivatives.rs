//! Derivatives against central differences, at states from the whole domain of every input: all thermal models, and
//! microwave models that have every component at least once. States within two steps of a border are left out on that side.

use wherefair_core::Seed;
use wherefair_physics::{
    Dual, ForwardModel, PhysicsError, Real, Sampling, ThermalBand, Variable, evaluate, jacobian,
    single_channel_atmosphere, unit_cube,
};

use crate::models::models;
use crate::thermal_slant::thermal_models;

/// How derivatives are compared.
#[derive(Debug, Clone, Copy)]
struct Precision {
    /// The step as a share of the domain of the input.
    step: f64,
    /// Of the output, or of its change over the domain of the input at this slope where that is more.
    tolerance: f64,
}

const THERMAL: Precision = Precision {
    step: 1e-5,
    tolerance: 2e-10,
};
/// Thin snow is steep.
const MICROWAVE: Precision = Precision {
    step: 2e-6,
    tolerance: 1e-8,
};
/// What extrapolation leaves of the disagreement of two differences, where curves are sharper than the step.
const UNCONVERGED: f64 = 0.005;
/// Two differences that disagree by more have a switch between their points.
const SWITCH: f64 = 1e-4;
/// States that are drawn for each that is needed: few have shares, texture and moisture that fit together.
const N_DRAWN: usize = 60;

/// How many derivatives were compared, and how many lay across a switch.
#[derive(Debug, Default)]
struct Compared {
    n: usize,
    n_switches: usize,
}

/// Valid states from the whole domain.
fn states<M: ForwardModel>(model: &M, n_states: usize, seed: u64) -> Vec<Vec<f64>> {
    let n = N_DRAWN * n_states;
    let inputs = model.inputs();
    let columns = unit_cube(Sampling::LatinHypercube, n, inputs.len(), Seed::new(seed)).unwrap();
    let state = |sample: usize| -> Vec<f64> {
        let of_input = |(input, column): (&Variable, &Vec<f64>)| {
            input.domain.from + column[sample] * (input.domain.to - input.domain.from)
        };
        inputs.iter().zip(&columns).map(of_input).collect()
    };
    let valid = (0..n).map(state).filter(|state| model.check(state).is_ok());
    valid.take(n_states).collect()
}

fn compare<M: ForwardModel>(
    name: &str,
    model: &M,
    (n_states, seed): (usize, u64),
    precision: Precision,
) -> Compared {
    let states = states(model, n_states, seed);
    assert_eq!(states.len(), n_states, "{name}");
    let n_outputs = model.outputs().len();
    let mut compared = Compared::default();
    for state in states {
        let exact = jacobian(model, &state).unwrap();
        assert_eq!(
            exact.values,
            evaluate(model, &state).unwrap(),
            "{name}: values with and without derivatives"
        );
        for (i, input) in model.inputs().iter().enumerate() {
            let range = input.domain.to - input.domain.from;
            let at = |steps: f64| -> Result<Vec<f64>, PhysicsError> {
                let mut moved = state.clone();
                moved[i] += steps * precision.step * range;
                evaluate(model, &moved)
            };
            // At the border of the domain there is nothing to compare.
            let (Ok(before), Ok(after), Ok(far_before), Ok(far_after)) =
                (at(-1.0), at(1.0), at(-2.0), at(2.0))
            else {
                continue;
            };
            for output in 0..n_outputs {
                let slope = |low: &[f64], high: &[f64], steps: f64| {
                    (high[output] - low[output]) / (steps * precision.step)
                };
                let near = slope(&before, &after, 2.0);
                let far = slope(&far_before, &far_after, 4.0);
                let difference = near + (near - far) / 3.0;
                let ours = exact.derivatives[output * state.len() + i] * range;
                let scale = exact.values[output].abs().max(1.0).max(difference.abs());
                if (near - far).abs() > SWITCH * scale {
                    compared.n_switches += 1;
                    continue;
                }
                assert!(
                    (ours - difference).abs()
                        <= precision.tolerance * scale + UNCONVERGED * (near - far).abs(),
                    "{name}: derivative of {} to {} is {ours}, by differences {difference} ({near}, {far}) at {state:?}",
                    model.outputs()[output],
                    input.name
                );
                compared.n += 1;
            }
        }
    }
    compared
}

#[test]
fn derivatives_of_every_microwave_component_equal_central_differences() {
    for (name, model) in models() {
        let n_states = if name == "Liebe" { 20 } else { 120 };
        let compared = compare(name, &model, (n_states, 11), MICROWAVE);
        let n_all = n_states * model.inputs().len() * model.outputs().len();
        assert!(compared.n * 10 >= n_all * 9, "{name}: {compared:?} of {n_all}");
        assert!(compared.n_switches * 100 <= compared.n, "{name}: {compared:?}");
    }
}

#[test]
fn derivatives_of_every_thermal_model_equal_central_differences() {
    for (name, model) in thermal_models() {
        let compared = compare(&name, &model, (200, 5), THERMAL);
        assert!(
            compared.n >= 200 * model.inputs().len() * 2 - 40,
            "{name}: {compared:?}"
        );
        assert_eq!(compared.n_switches, 0, "{name}: only the clamp of the sky is one");
    }
}

#[test]
fn a_sky_that_is_clamped_does_not_depend_on_water_vapour() {
    for (vapour, is_clamped) in [(0.0, true), (0.17, true), (0.21, false), (1.0, false)] {
        for band in [
            ThermalBand::Landsat5Band6,
            ThermalBand::Landsat7Band6,
            ThermalBand::Landsat8Band10,
        ] {
            let air = single_channel_atmosphere(band, Dual::<1>::variable(vapour, 0)).unwrap();
            let sky = air.downwelling_radiance;
            assert_eq!(
                (sky.value <= 0.0, sky.partials[0].abs() < 1.0),
                (is_clamped, is_clamped)
            );
            assert!(
                !is_clamped || sky.partials[0].abs() <= 0.0,
                "{band:?} at {vapour}"
            );
            assert!(air.upwelling_radiance.partials[0].abs() > 1e-3);
        }
    }
}

#[test]
fn every_operation_on_dual_numbers_follows_the_chain_rule() {
    type Operation = (&'static str, fn(f64) -> f64, fn(Dual<1>) -> Dual<1>);
    let operations: [Operation; 12] = [
        ("exp", |x| x.exp(), |x| x.exp()),
        ("exp_m1", |x| x.exp_m1(), |x| x.exp_m1()),
        ("ln", |x| x.ln(), |x| x.ln()),
        ("ln_1p", |x| x.ln_1p(), |x| x.ln_1p()),
        ("sqrt", |x| x.sqrt(), |x| x.sqrt()),
        ("sin", |x| x.sin(), |x| x.sin_cos().0),
        ("cos", |x| x.cos(), |x| x.sin_cos().1),
        ("powf", |x| x.powf(1.7), |x| x.powf(1.7)),
        ("pow", |x| x.powf(x), |x| x.pow(x)),
        ("recip", |x| x.recip(), |x| x.recip()),
        ("div", |x| (x + 2.0) / (x * x), |x| (x + 2.0) / (x * x)),
        (
            "sub",
            |x| (1.0 - x) / 3.0 - x * 0.5,
            |x| (-x + 1.0) / 3.0 - x * 0.5,
        ),
    ];
    for (name, plain, dual) in operations {
        for x in [0.03, 0.7, 1.0, 2.9] {
            let h = 1e-5 * x;
            let difference = (plain(x + h) - plain(x - h)) / (2.0 * h);
            let exact = dual(Dual::variable(x, 0));
            assert!(
                (exact.value - plain(x)).abs() <= 1e-14 * plain(x).abs(),
                "{name} at {x}"
            );
            assert!(
                (exact.partials[0] - difference).abs() <= 1e-8 * difference.abs().max(1.0),
                "{name} at {x}: {} against {difference}",
                exact.partials[0]
            );
        }
    }
}
