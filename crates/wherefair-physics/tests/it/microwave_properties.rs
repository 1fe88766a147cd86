//! Physical properties that hold for every state.

use proptest::prelude::*;
use wherefair_core::Seed;
use wherefair_physics::{
    AtmosphereModel, Channel, Complex, ForwardModel, Incidence, LandState, LandVariable, MicrowaveParams,
    Polarized, Reading, RoughGround, Roughness, Sampling, SnowLayer, SoilDielectric, SoilState, SoilTexture,
    Surface, Tile, VegetationOpacity, VegetationType, VegetationWater, Wave, evaluate, fresnel, rough,
    sample_states, snow, soil,
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
    // Away from frost, where emissivity hardly moves. That of open water falls faster than its temperature rises.
    for_states(|name, model, state, _| {
        if name == "water" {
            return;
        }
        let at = |warmer: f64| {
            let mut state = state.to_vec();
            for (input, value) in model.inputs().iter().zip(&mut state) {
                match input.name {
                    "water_fraction" => *value = 0.0,
                    "snow_temperature_k" => *value = value.min(270.0) + warmer,
                    name if TEMPERATURES.iter().any(|of| of.describe().name == name) => {
                        *value = value.clamp(275.0, 317.0) + warmer;
                    }
                    _ => {}
                }
            }
            evaluate(model, &state).unwrap()
        };
        for (cold, warm) in at(0.0).iter().zip(at(3.0)) {
            assert!(warm > *cold, "{name}: {cold} to {warm} at {state:?}");
        }
    });
}

proptest! {
    #[test]
    fn in_an_oven_everything_has_its_temperature(t in 200.0..274.0_f64, shares in prop::collection::vec(0.0..1.0_f64, 12)) {
        // A sky of the same temperature, no loss by scattering in plants: emissivity and reflectivity make one.
        for surface in Tile::ALL.map(Surface::Tile).into_iter().chain([Surface::Mixed]) {
            let model = MicrowaveParams::default()
                .surface(surface)
                .atmosphere(AtmosphereModel::Given)
                .scattering_albedo(Some(0.0))
                .check()
                .unwrap();
            let mut state = LandState::<f64> {
                soil_moisture: 0.4 * shares[0],
                leaf_area_index: 6.0 * shares[1],
                roughness_cm: 3.0 * shares[2],
                snow_depth_m: 2.0 * shares[3],
                snow_density_g_cm3: 0.1 + 0.5 * shares[4],
                snow_liquid_water: 0.1 * shares[5],
                low_vegetation_fraction: 0.4 * shares[6],
                high_vegetation_fraction: 0.3 * shares[7],
                water_fraction: 0.3 * shares[8],
                snow_fraction: shares[9],
                salinity_psu: 40.0 * shares[10],
                optical_depth: 0.0,
                upwelling_k: 0.0,
                downwelling_k: t,
                ..LandState::default()
            };
            for variable in TEMPERATURES {
                state.set(variable, t);
            }
            for brightness in evaluate(&model, &model.state(&state)).unwrap() {
                prop_assert!((brightness - t).abs() < 1e-9, "{:?}: {} at {:?}", surface, brightness, state);
            }
        }
    }

    #[test]
    fn bare_soil_is_brighter_vertically_below_the_brewster_angle(
        w in 0.0..0.4_f64, sand in 0.0..60.0_f64, clay in 0.0..40.0_f64, t in 240.0..320.0_f64, sigma in 0.0..3.0_f64,
        f in 1.0..37.0_f64, angle in 0.0..55.0_f64
    ) {
        for soil in [SoilDielectric::WangSchmugge, SoilDielectric::Dobson, SoilDielectric::Mironov] {
            for roughness in [
                Roughness::Smooth, Roughness::Choudhury, Roughness::WigneronSimple, Roughness::WigneronTexture,
                Roughness::Wigneron, Roughness::WegmullerMatzler,
            ] {
                let model = MicrowaveParams::default()
                    .channels(vec![Channel::at_any_angle(f)])
                    .surface(Surface::Tile(Tile::BareSoil))
                    .soil_dielectric(soil)
                    .roughness(roughness)
                    .atmosphere(AtmosphereModel::None)
                    .check()
                    .unwrap();
                let state = LandState {
                    soil_moisture: w,
                    sand_percent: sand,
                    clay_percent: clay,
                    surface_temperature_k: t,
                    deep_temperature_k: t,
                    roughness_cm: sigma,
                    incidence_deg: angle,
                    ..LandState::default()
                };
                let brightness = evaluate(&model, &model.state(&state)).unwrap();
                prop_assert!(brightness[1] >= brightness[0] - 1e-9, "{:?} {:?}: {:?}", soil, roughness, brightness);
            }
        }
    }
}

#[test]
fn plants_without_end_hide_all_behind_them_in_every_model() {
    // Those that grow with the leaves alone are thick enough at grazing incidence only.
    for (opacity, angle) in [
        (VegetationOpacity::Jackson, 80.0),
        (VegetationOpacity::Kirdyashev, 55.0),
        (VegetationOpacity::Wigneron, 89.5),
        (VegetationOpacity::Wegmuller, 55.0),
    ] {
        for (tile, albedo) in [(Tile::LowVegetation, 0.05), (Tile::HighVegetation, 0.05)] {
            let model = MicrowaveParams::default()
                .channels(vec![Channel::new(6.925, angle)])
                .surface(Surface::Tile(tile))
                .roughness(Roughness::Smooth)
                .vegetation_opacity(opacity)
                .vegetation_water(VegetationWater::Given)
                .scattering_albedo(Some(albedo))
                .atmosphere(AtmosphereModel::None)
                .check()
                .unwrap();
            let state = LandState {
                low_vegetation_water_kg_m2: 50.0,
                high_vegetation_water_kg_m2: 50.0,
                leaf_area_index: 20.0,
                vegetation_temperature_k: 300.0,
                ..LandState::default()
            };
            for brightness in evaluate(&model, &model.state(&state)).unwrap() {
                let own = (1.0 - albedo) * 300.0;
                assert!(
                    (brightness / own - 1.0).abs() < 1e-6,
                    "{opacity:?} {tile:?}: {brightness}"
                );
            }
        }
    }
}
