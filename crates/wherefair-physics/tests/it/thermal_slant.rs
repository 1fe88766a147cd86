//! Views off nadir, and the borders of the domain.

use wherefair_physics::{
    Climate, ForwardModel, ThermalAtmosphere, ThermalAtmosphereModel, ThermalBand, ThermalModel,
    ThermalParams, ViewAngle, evaluate, jacobian, single_channel_atmosphere, slanted,
};

/// Of derivatives against closed forms: near transparent air a quotient of small differences is left.
const TOLERANCE: f64 = 2e-11;

fn given() -> ThermalModel {
    ThermalParams::default()
        .atmosphere(ThermalAtmosphereModel::Given)
        .view_angle(ViewAngle::Input)
        .check()
        .unwrap()
}

/// All models that components can make, all of them with the angle as an input.
pub(crate) fn thermal_models() -> Vec<(String, ThermalModel)> {
    let mut models = Vec::new();
    for band in ThermalBand::ALL {
        for (atmosphere, climates) in [
            (ThermalAtmosphereModel::WaterVapour, &Climate::ALL[..1]),
            (ThermalAtmosphereModel::AirTemperature, &Climate::ALL[..]),
            (ThermalAtmosphereModel::Given, &Climate::ALL[..1]),
        ] {
            for &climate in climates {
                let params = ThermalParams::new(band)
                    .atmosphere(atmosphere)
                    .climate(climate)
                    .view_angle(ViewAngle::Input);
                if let Ok(model) = params.check() {
                    models.push((
                        format!("{} {} {climate:?}", band.name(), atmosphere.name()),
                        model,
                    ));
                }
            }
        }
    }
    assert_eq!(models.len(), 3 + 2 * 4 + 10);
    models
}

#[test]
fn a_view_from_the_side_sees_more_air() {
    let nadir = single_channel_atmosphere(ThermalBand::Landsat8Band10, 2.0).unwrap();
    let side = slanted(nadir, 60.0);
    assert!((side.transmittance - nadir.transmittance.powi(2)).abs() < 1e-12);
    assert!(side.upwelling_radiance > nadir.upwelling_radiance);
    let down = slanted(nadir, 0.0);
    assert!((down.transmittance - nadir.transmittance).abs() < 1e-15);
    assert_eq!(
        (down.upwelling_radiance, down.downwelling_radiance),
        (nadir.upwelling_radiance, nadir.downwelling_radiance)
    );
    let clear = ThermalAtmosphere {
        transmittance: 1.0,
        upwelling_radiance: 0.5,
        downwelling_radiance: 0.1,
    };
    assert!((slanted(clear, 60.0).upwelling_radiance - 1.0).abs() < 1e-12);
}

#[test]
fn derivatives_of_transparent_air_are_those_of_the_closed_form() {
    let model = given();
    let [surface_k, emissivity, up, down] = [300.0, 0.97, 5.0, 2.0];
    let leaving = emissivity * model.band().radiance(surface_k) + (1.0 - emissivity) * down;
    for transmittance in [
        1.0,
        1.0 - 1e-15,
        1.0 - 1e-12,
        1.0 - 1e-9,
        1.0 - 1e-6,
        1.0 - 1e-5,
        1.0 - 2e-5,
        1.0 - 5e-5,
        1.0 - 1.0001e-4,
        0.9997,
        0.999,
        0.9,
        0.3,
    ] {
        for airmass in [1_i32, 2, 3, 10] {
            let mass = f64::from(airmass);
            let angle = (1.0 / mass).acos();
            let state = [surface_k, emissivity, transmittance, up, down, angle.to_degrees()];
            // (1 − τ^m)/(1 − τ) is the sum of the powers below m.
            let shares = (0..airmass).map(|k| transmittance.powi(k));
            let slopes = (1..airmass).map(|k| f64::from(k) * transmittance.powi(k - 1));
            let radiance = leaving * transmittance.powi(airmass) + up * shares.sum::<f64>();
            let to_transmittance =
                leaving * mass * transmittance.powi(airmass - 1) + up * slopes.sum::<f64>();
            // −ln τ/(1 − τ) times τ^m is what the air gains, the surface loses ln τ times it.
            let depth = (transmittance - 1.0).ln_1p();
            let gained = if depth < 0.0 {
                depth / (transmittance - 1.0)
            } else {
                1.0
            };
            let to_airmass = transmittance.powi(airmass) * (leaving * depth + up * gained);
            let to_angle = to_airmass * (mass * mass * angle.sin()).to_radians();
            let found = jacobian(&model, &state).unwrap();
            for (name, ours, expected) in [
                ("radiance", found.values[0], radiance),
                ("to the transmittance", found.derivatives[2], to_transmittance),
                (
                    "to the radiance of the air",
                    found.derivatives[3],
                    shares_of(transmittance, airmass),
                ),
                ("to the angle", found.derivatives[5], to_angle),
            ] {
                assert!(
                    (ours - expected).abs() <= TOLERANCE * expected.abs().max(1.0),
                    "{name} at τ = {transmittance:e}, m = {airmass}: {ours}, not {expected}"
                );
            }
        }
    }
    let clear = jacobian(&model, &[300.0, 0.97, 1.0, 5.0, 2.0, 60.0]).unwrap();
    assert!(
        (clear.derivatives[2] - 23.737_75).abs() < 1e-5,
        "{}",
        clear.derivatives[2]
    );
}

fn shares_of(transmittance: f64, airmass: i32) -> f64 {
    (0..airmass).map(|k| transmittance.powi(k)).sum()
}

#[test]
fn a_view_angle_of_0_given_as_an_input_has_the_same_bits_with_and_without_derivatives() {
    for (name, model) in thermal_models() {
        for share in [0.0, 0.13, 0.41, 0.77, 1.0] {
            let mut state: Vec<f64> = model
                .inputs()
                .iter()
                .map(|input| input.prior[0] + share * (input.prior[1] - input.prior[0]))
                .collect();
            *state.last_mut().unwrap() = 0.0;
            let values = evaluate(&model, &state).unwrap();
            assert_eq!(
                jacobian(&model, &state).unwrap().values,
                values,
                "{name}: {state:?}"
            );
            let fixed = model
                .params()
                .clone()
                .view_angle(ViewAngle::Fixed(0.0))
                .check()
                .unwrap();
            let nadir = evaluate(&fixed, &state[..state.len() - 1]).unwrap();
            for (ours, nadir) in values.iter().zip(nadir) {
                assert!((ours / nadir - 1.0).abs() < 1e-14, "{name}: {ours} {nadir}");
            }
        }
    }
}

#[test]
fn values_and_derivatives_are_finite_at_every_corner_of_the_domain() {
    let mut n_corners = 0;
    for (name, model) in thermal_models() {
        let inputs = model.inputs();
        for corner in 0..1_u32 << inputs.len() {
            let ends = inputs.iter().enumerate().map(|(i, input)| {
                let is_high = corner >> i & 1 == 1;
                if is_high {
                    input.domain.to
                } else {
                    input.domain.from
                }
            });
            let state: Vec<f64> = ends.collect();
            let found = jacobian(&model, &state).unwrap();
            assert!(
                found
                    .values
                    .iter()
                    .chain(&found.derivatives)
                    .all(|number| number.is_finite()),
                "{name} at {state:?}: {found:?}"
            );
            assert!(
                found.values.iter().all(|&value| value > 0.0),
                "{name} at {state:?}"
            );
            n_corners += 1;
        }
    }
    assert_eq!(n_corners, 3 * 16 + 8 * 32 + 10 * 64);
}

#[test]
fn the_air_is_round_beyond_the_largest_angle() {
    let model = given();
    let angle = model.inputs().last().unwrap();
    assert_eq!(
        (angle.name, angle.domain.to_string().as_str()),
        ("view_angle_deg", "0 to 85")
    );
    assert!(model.check(&[300.0, 0.97, 0.8, 1.5, 2.5, 85.0]).is_ok());
    let error = model.check(&[300.0, 0.97, 0.8, 1.5, 2.5, 85.01]).unwrap_err();
    assert_eq!(error.to_string(), "view_angle_deg is 85.01 (accepted: 0 to 85)");
    for angle in [-1.0, 85.01, f64::NAN, f64::INFINITY] {
        let error = ThermalParams::default()
            .view_angle(ViewAngle::Fixed(angle))
            .check();
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("view_angle_deg") && error.contains("0 to 85, or \"input\""),
            "{error}"
        );
    }
    // Kasten and Young's air mass at 85°.
    let round = 1.0 / (5.0_f64.to_radians().sin() + 0.505_72 * 11.079_95_f64.powf(-1.6364));
    let flat = 1.0 / 85.0_f64.to_radians().cos();
    assert!(
        (round - 10.3).abs() < 0.05 && (flat - 11.5).abs() < 0.05,
        "{round} {flat}"
    );
}
