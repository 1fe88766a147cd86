//! Physical properties that hold for every state.

use proptest::prelude::*;
use wherefair_core::Seed;
use wherefair_physics::{
    Complex, ForwardModel, Incidence, LandState, LandVariable, Polarized, Reading, RoughGround, Roughness,
    Sampling, SnowLayer, SoilDielectric, SoilState, SoilTexture, VegetationType, Wave, evaluate, fresnel,
    rough, sample_states, snow, soil,
};

use crate::models::models;

/// The inputs that are temperatures of matter.
pub(crate) const TEMPERATURES: [LandVariable; 6] = [
    LandVariable::SurfaceTemperature,
    LandVariable::DeepTemperature,
    LandVariable::VegetationTemperature,
    LandVariable::SnowTemperature,
    LandVariable::WaterTemperature,
    LandVariable::AirTemperature,
];

fn dielectric_constants() -> impl Strategy<Value = Complex<f64>> {
    (1.0..80.0_f64, 0.0..60.0_f64).prop_map(|(re, im)| Complex { re, im })
}

proptest! {
    #[test]
    fn reflectivity_lies_between_nothing_and_everything(dielectric in dielectric_constants(), angle in 0.0..89.9_f64) {
        let reflected = fresnel(Incidence::new(angle), dielectric);
        for r in [reflected.h, reflected.v] {
            prop_assert!((0.0..=1.0).contains(&r), "{}", r);
            // Emissivity and reflectivity make one.
            prop_assert!(((1.0 - r) + r - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn the_vertical_is_brighter_below_the_brewster_angle(dielectric in dielectric_constants(), share in 0.0..1.0_f64) {
        // tan θ_B = √|ε| for what loses little; beyond it both fall towards 0 with r_V < r_H still.
        let brewster = dielectric.norm().sqrt().atan().to_degrees();
        let reflected = fresnel(Incidence::new(share * brewster), dielectric);
        prop_assert!(reflected.v <= reflected.h + 1e-12);
        let below = fresnel(Incidence::new(0.0), dielectric);
        prop_assert!((below.v - below.h).abs() < 1e-12);
    }

    #[test]
    fn soil_has_a_dielectric_constant_above_air_that_loses(
        w in 0.0..0.4_f64, sand in 0.0..60.0_f64, clay in 0.0..40.0_f64, t in 240.0..320.0_f64, f in 1.0..37.0_f64
    ) {
        for model in [SoilDielectric::WangSchmugge, SoilDielectric::Dobson, SoilDielectric::Mironov] {
            let state = SoilState {
                texture: SoilTexture { sand_percent: sand, clay_percent: clay },
                soil_moisture: w,
                temperature_k: t,
            };
            let dielectric = soil(Wave::new(f).unwrap(), state, model, Reading::Corrected);
            prop_assert!(dielectric.re > 1.0 && dielectric.re < 80.0, "{:?} {:?}", model, dielectric);
            prop_assert!(dielectric.im >= 0.0, "{:?} {:?}", model, dielectric);
        }
    }

    #[test]
    fn rough_ground_reflects_between_nothing_and_everything(
        dielectric in dielectric_constants(), sigma in 0.0..10.0_f64, angle in 0.0..70.0_f64, f in 1.0..37.0_f64, w in 0.0..1.0_f64
    ) {
        let (wave, incidence) = (Wave::new(f).unwrap(), Incidence::new(angle));
        let smooth = fresnel(incidence, dielectric);
        for model in [
            Roughness::Smooth, Roughness::Choudhury, Roughness::WigneronSimple, Roughness::WigneronTexture,
            Roughness::Wigneron, Roughness::WegmullerMatzler,
        ] {
            for cover in [VegetationType::BareSoil, VegetationType::C3Grass, VegetationType::ConiferousForest] {
                let ground = RoughGround {
                    roughness_cm: sigma,
                    soil_moisture: w,
                    texture: SoilTexture { sand_percent: 40.0, clay_percent: 20.0 },
                    cover,
                };
                let reflected = rough(wave, incidence, model, smooth, ground);
                let most = smooth.h.max(smooth.v);
                prop_assert!(reflected.h >= 0.0 && reflected.h <= most + 1e-15);
                prop_assert!(reflected.v >= 0.0 && reflected.v <= most + 1e-15);
            }
        }
    }

    #[test]
    fn snow_emits_no_more_than_a_black_body(
        depth_m in 0.0..20.0_f64, density in 0.06..0.9_f64, water in 0.0..0.05_f64, t in 230.0..273.0_f64,
        h in 0.0..1.0_f64, v in 0.0..1.0_f64, angle in 0.0..80.0_f64, f in 1.0..37.0_f64
    ) {
        let layer = SnowLayer { depth_m, density_g_cm3: density, liquid_water: water, temperature_k: t };
        let emitted = snow(
            Wave::new(f).unwrap(), Incidence::new(angle), layer, Polarized { h, v }, Polarized::both(t), Reading::Corrected,
        );
        for (emissivity, brightness) in [
            (emitted.emissivity.h, emitted.brightness_temperature_k.h),
            (emitted.emissivity.v, emitted.brightness_temperature_k.v),
        ] {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&emissivity), "{}", emissivity);
            prop_assert!((brightness - emissivity * t).abs() < 1e-9);
        }
    }
}

/// States of every model with their brightness temperatures, and how these change with `change`.
fn for_states(check: impl Fn(&str, &wherefair_physics::MicrowaveModel, &[f64], &[f64])) {
    for (name, model) in models() {
        let n = if name == "Liebe" { 30 } else { 400 };
        let columns = sample_states(&model, n, &[], Sampling::LatinHypercube, Seed::new(17)).unwrap();
        for i in 0..n {
            let state: Vec<f64> = columns.iter().map(|column| column[i]).collect();
            let brightness = evaluate(&model, &state).unwrap();
            check(name, &model, &state, &brightness);
        }
    }
}

#[test]
fn nothing_is_brighter_than_the_warmest_thing_in_it() {
    for_states(|name, model, state, brightness| {
        if name.contains("original") || name == "grass Wigneron" {
            // The original's snow counts the sky twice; a given atmosphere may be as bright as it likes.
            return;
        }
        let names = TEMPERATURES.map(|variable| variable.describe().name);
        let warmest = model
            .inputs()
            .iter()
            .zip(state)
            .filter(|(input, _)| names.contains(&input.name))
            .fold(0.0_f64, |warmest, (_, &value)| warmest.max(value));
        for &brightness in brightness {
            assert!(
                brightness > 0.0 && brightness <= warmest + 1e-9,
                "{name}: {brightness} of {warmest} at {state:?}"
            );
        }
    });
}

#[test]
fn warming_everything_makes_everything_brighter() {
    // Away from frost, where emissivity hardly moves. That of water falls faster than its temperature rises.
    for (name, model) in models().into_iter().filter(|(name, _)| *name != "water") {
        let usual = LandState::<f64>::default();
        let at = |warmer: f64| {
            let mut state = usual;
            for variable in TEMPERATURES {
                if variable != LandVariable::SnowTemperature {
                    state.set(variable, usual.get(variable) + warmer);
                }
            }
            state.set(LandVariable::SnowTemperature, 262.0 + warmer);
            evaluate(&model, &model.state(&state)).unwrap()
        };
        for (cold, warm) in at(0.0).iter().zip(at(3.0)) {
            assert!(warm > *cold, "{name}: {cold} to {warm}");
        }
    }
}

#[test]
fn equal_temperatures_all_around_are_seen_as_such() {
    // In an oven of one temperature, without loss by scattering, everything has that temperature.
    let params = wherefair_physics::MicrowaveParams::default()
        .atmosphere(wherefair_physics::AtmosphereModel::Given)
        .scattering_albedo(Some(0.0));
    let model = params.check().unwrap();
    let t = 280.0;
    let mut state = LandState::<f64> {
        optical_depth: 0.0,
        upwelling_k: 0.0,
        downwelling_k: t,
        water_fraction: 0.2,
        ..LandState::default()
    };
    for variable in TEMPERATURES {
        if variable != LandVariable::SnowTemperature {
            state.set(variable, t);
        }
    }
    for brightness in evaluate(&model, &model.state(&state)).unwrap() {
        assert!((brightness - t).abs() < 1e-9, "{brightness}");
    }
}
