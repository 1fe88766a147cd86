//! Derivatives against central differences over the whole domain.

use wherefair_core::Seed;
use wherefair_physics::{
    Climate, Dual, ForwardModel, PhysicsError, Prior, Real, Sampling, ThermalAtmosphereModel, ThermalBand,
    ThermalParams, ViewAngle, evaluate, jacobian, sample_states,
};

use crate::models::models;

/// Of the largest change of an output over the range of an input.
const TOLERANCE: f64 = 2e-6;
/// The step as a share of the range of the input.
const STEP: f64 = 1e-5;

/// How many derivatives were compared, and how many lay across a switch.
#[derive(Debug, Default)]
struct Compared {
    n: usize,
    n_switches: usize,
}

fn compare<M: ForwardModel>(name: &str, model: &M, n_states: usize, seed: u64) -> Compared {
    // The whole domain where that is small, a wide range where it is not physical.
    let wide = |input: &wherefair_physics::Variable| Prior {
        input: input.name.to_owned(),
        from: input.prior[0].max(input.domain.from),
        to: input.prior[1].min(input.domain.to),
    };
    let priors: Vec<Prior> = model.inputs().iter().map(wide).collect();
    let columns = sample_states(
        model,
        n_states,
        &priors,
        Sampling::LatinHypercube,
        Seed::new(seed),
    )
    .unwrap();
    let n_outputs = model.outputs().len();
    let mut compared = Compared::default();
    for sample in 0..n_states {
        let state: Vec<f64> = columns.iter().map(|column| column[sample]).collect();
        let exact = jacobian(model, &state).unwrap();
        assert_eq!(
            exact.values,
            evaluate(model, &state).unwrap(),
            "{name}: values with and without derivatives"
        );
        for (i, input) in model.inputs().iter().enumerate() {
            let range = input.prior[1] - input.prior[0];
            let at = |steps: f64| -> Result<Vec<f64>, PhysicsError> {
                let mut moved = state.clone();
                moved[i] += steps * STEP * range;
                evaluate(model, &moved)
            };
            // At the border of the domain there is nothing to compare.
            let (Ok(before), Ok(after), Ok(far_before), Ok(far_after)) =
                (at(-1.0), at(1.0), at(-2.0), at(2.0))
            else {
                continue;
            };
            for output in 0..n_outputs {
                let slope =
                    |low: &[f64], high: &[f64], steps: f64| (high[output] - low[output]) / (steps * STEP);
                let near = slope(&before, &after, 2.0);
                let far = slope(&far_before, &far_after, 4.0);
                let difference = near + (near - far) / 3.0;
                let ours = exact.derivatives[output * state.len() + i] * range;
                let scale = exact.values[output].abs().max(1.0).max(difference.abs());
                // Two slopes that disagree have a switch between their points.
                if (near - far).abs() > 1e-4 * scale {
                    compared.n_switches += 1;
                    continue;
                }
                assert!(
                    (ours - difference).abs() <= TOLERANCE * scale.max((near - far).abs() / TOLERANCE),
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
        let compared = compare(name, &model, n_states, 11);
        assert!(compared.n > 50, "{name}: {compared:?}");
        assert!(compared.n_switches * 100 <= compared.n, "{name}: {compared:?}");
    }
}

#[test]
fn derivatives_of_every_thermal_band_equal_central_differences() {
    for band in ThermalBand::ALL {
        for atmosphere in [
            ThermalAtmosphereModel::WaterVapour,
            ThermalAtmosphereModel::AirTemperature,
            ThermalAtmosphereModel::Given,
        ] {
            let params = ThermalParams::new(band)
                .atmosphere(atmosphere)
                .climate(Climate::MidLatitudeSummer)
                .view_angle(ViewAngle::Input);
            let Ok(model) = params.check() else {
                continue;
            };
            let compared = compare(&format!("{band:?} {atmosphere:?}"), &model, 60, 5);
            assert!(compared.n > 100);
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
