//! Bad input gets a typed error that names field, value and domain, never a panic.

use proptest::prelude::*;
use wherefair_physics::{
    AtmosphereModel, Channel, ForwardModel, FrequencyRange, LandState, MicrowaveParams, PhysicsError, Sensor,
    ThermalAtmosphereModel, ThermalBand, ThermalParams, VegetationType, evaluate, jacobian,
};

use crate::models::models;
use crate::thermal_slant::thermal_models;

fn refused(params: MicrowaveParams, words: &[&str]) {
    let error = params.check().unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "`{word}` is not in: {error}");
    }
}

#[test]
fn components_outside_their_domain_are_refused() {
    let at =
        |frequency_ghz, angle| MicrowaveParams::default().channels(vec![Channel::new(frequency_ghz, angle)]);
    for f in [0.5, 89.0, -1.0, f64::NAN, f64::INFINITY] {
        refused(at(f, 55.0), &["frequency_ghz", "1 to 37"]);
    }
    assert!(
        at(89.0, 55.0)
            .frequency_range(FrequencyRange::Extended)
            .check()
            .is_ok()
    );
    for angle in [90.0, -1.0, f64::NAN] {
        refused(at(6.925, angle), &["incidence_deg", "0 to below 90"]);
    }
    refused(at(6.925, 75.0), &["incidence_deg", "75", "0 to 70"]);
    refused(at(5.0, 55.0), &["5", "regression", "6.925"]);
    refused(
        MicrowaveParams::default().channels(vec![]),
        &["channels", "at least one"],
    );
    let twice = vec![Channel::new(1.4, 40.0), Channel::new(1.4, 40.0)];
    refused(MicrowaveParams::default().channels(twice), &["twice"]);
    refused(
        MicrowaveParams::default().low_vegetation(VegetationType::RainForest),
        &["low_vegetation", "C3Grass"],
    );
    refused(
        MicrowaveParams::default().high_vegetation(VegetationType::C3Crop),
        &["high_vegetation", "RainForest"],
    );
    for albedo in [-0.1, 1.1, f64::NAN] {
        refused(
            MicrowaveParams::default().scattering_albedo(Some(albedo)),
            &["scattering_albedo", "0 to 1"],
        );
    }
    let error = ThermalParams::new(ThermalBand::ModisBand31)
        .check()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("modis-band31")
            && error.contains("landsat8-band10")
            && error.contains("atmosphere given"),
        "{error}"
    );
    let error = ThermalParams::new(ThermalBand::Landsat7Band6)
        .atmosphere(ThermalAtmosphereModel::AirTemperature)
        .check();
    assert_eq!(
        error.unwrap_err().to_string(),
        "invalid band: landsat7-band6 (accepted: with the atmosphere air-temperature landsat8-band10, landsat8-band11, or the atmosphere given)"
    );
}

#[test]
fn states_outside_the_domain_name_the_field_the_value_and_the_domain() {
    let model = MicrowaveParams::for_sensor(Sensor::Smos)
        .atmosphere(AtmosphereModel::Pellarin)
        .check()
        .unwrap();
    let refused = |state: LandState<f64>, words: &[&str]| {
        let error = evaluate(&model, &model.state(&state)).unwrap_err();
        assert!(matches!(error, PhysicsError::Domain { index: None, .. }));
        let error = error.to_string();
        for word in words {
            assert!(error.contains(word), "`{word}` is not in: {error}");
        }
    };
    let usual = LandState::default();
    assert!(evaluate(&model, &model.state(&usual)).is_ok());
    refused(
        LandState {
            soil_moisture: -0.1,
            ..usual
        },
        &["soil_moisture is -0.1", "0 to 1"],
    );
    refused(
        LandState {
            soil_moisture: 0.6,
            ..usual
        },
        &["soil_moisture is 0.6", "porosity of this soil, 0.4962"],
    );
    refused(
        LandState {
            sand_percent: 85.0,
            ..usual
        },
        &["clay_percent is 20", "with 85 % sand at most 15"],
    );
    refused(
        LandState {
            incidence_deg: 90.0,
            ..usual
        },
        &["incidence_deg is 90", "0 to 70"],
    );
    refused(
        LandState {
            surface_temperature_k: -3.0,
            ..usual
        },
        &["surface_temperature_k is -3", "150 to 340"],
    );
    refused(
        LandState {
            air_temperature_k: f64::NAN,
            ..usual
        },
        &["air_temperature_k is NaN"],
    );
    refused(
        LandState {
            deep_temperature_k: f64::INFINITY,
            ..usual
        },
        &["deep_temperature_k is inf"],
    );
    refused(
        LandState {
            snow_liquid_water: 0.25,
            ..usual
        },
        &["snow_liquid_water is 0.25", "density of the snow, 0.25"],
    );
    refused(
        LandState {
            low_vegetation_fraction: 0.8,
            high_vegetation_fraction: 0.15,
            water_fraction: 0.1,
            ..usual
        },
        &[
            "low_vegetation_fraction + high_vegetation_fraction + water_fraction is 1.05",
            "at most 1",
        ],
    );
    let error = evaluate(&model, &[1.0, 2.0]).unwrap_err().to_string();
    assert!(error.starts_with("state has shape (2,) (accepted: ("), "{error}");
}

#[test]
fn air_far_from_the_profiles_of_the_regression_is_refused_where_the_regression_is_used() {
    let usual = LandState::<f64>::default();
    let cold = LandState {
        air_temperature_k: 200.0,
        ..usual
    };
    let high = LandState {
        surface_pressure_pa: 40_000.0,
        ..usual
    };
    let wet = LandState {
        column_vapour_kg_m2: 80.0,
        ..usual
    };
    let [regression, liebe] = [AtmosphereModel::Regression, AtmosphereModel::Liebe].map(|atmosphere| {
        let params = MicrowaveParams::for_sensor(Sensor::Smap);
        params.atmosphere(atmosphere).check().unwrap()
    });
    for (state, words) in [
        (cold, "air_temperature_k is 200 (accepted: 220 to 320)"),
        (high, "surface_pressure_pa is 40000 (accepted: 50000 to 110000)"),
        (wet, "column_vapour_kg_m2 is 80 (accepted: 0 to 70)"),
    ] {
        let error = evaluate(&regression, &regression.state(&state)).unwrap_err();
        assert_eq!(error.to_string(), words);
        assert!(evaluate(&liebe, &liebe.state(&state)).is_ok());
    }
}

/// Any number at all, unusual ones often.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3_f64,
        2 => 0.0..1.0_f64,
        1 => proptest::num::f64::ANY,
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(90.0), Just(273.15), Just(100.0), Just(f64::NAN)],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_accepted_gives_finite_temperatures(which in 0..13_usize, numbers in prop::collection::vec(any_number(), 28)) {
        let (name, model) = models().swap_remove(which);
        // Each input is taken from the numbers or is usual, so that some states are accepted.
        let state: Vec<f64> = model.inputs().iter().zip(&numbers)
            .map(|(input, &number)| if input.domain.contains(number) || number.is_nan() { number } else { input.default })
            .collect();
        if let Ok(outputs) = evaluate(&model, &state) {
            for output in outputs {
                prop_assert!(output.is_finite(), "{} gives {} for {:?}", name, output, state);
            }
        }
    }

    #[test]
    fn whatever_a_thermal_model_accepts_gives_finite_values_and_derivatives(
        which in 0..19_usize, numbers in prop::collection::vec(any_number(), 8)
    ) {
        let (name, model) = thermal_models().swap_remove(which);
        let state: Vec<f64> = model.inputs().iter().zip(&numbers)
            .map(|(input, &number)| if input.domain.contains(number) || number.is_nan() { number } else { input.default })
            .collect();
        if let Ok(found) = jacobian(&model, &state) {
            let mut all = found.values.iter().chain(&found.derivatives);
            prop_assert!(all.all(|number| number.is_finite()), "{}, {:?}: {:?}", name, state, found);
        }
    }
}
