//! Tiles, fractions, snow, and the readings of the original.

use wherefair_physics::{
    Atmosphere, AtmosphereModel, Channel, EffectiveTemperature, ForwardModel, Incidence, LandState,
    MicrowaveModel, MicrowaveParams, Polarized, Reading, Roughness, Sensor, SnowLayer, SoilProfile,
    SoilTexture, Surface, Tile, VegetationOpacity, Wave, effective_temperature, evaluate, jacobian, snow,
    surface_share,
};

fn model(change: impl Fn(MicrowaveParams) -> MicrowaveParams) -> MicrowaveModel {
    change(MicrowaveParams::for_sensor(Sensor::Amsr2))
        .check()
        .unwrap()
}

fn brightness(model: &MicrowaveModel, state: &LandState<f64>) -> Vec<f64> {
    evaluate(model, &model.state(state)).unwrap()
}

#[test]
fn a_place_of_one_tile_equals_that_tile() {
    let mixed = model(|params| params);
    for (tile, [low, high, water, snow_cover]) in Tile::ALL.into_iter().zip([
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0],
        [1.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 1.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 0.0],
    ]) {
        let state = LandState {
            low_vegetation_fraction: low,
            high_vegetation_fraction: high,
            water_fraction: water,
            snow_fraction: snow_cover,
            ..LandState::default()
        };
        let alone = model(|params| params.surface(Surface::Tile(tile)));
        assert!(alone.inputs().len() < mixed.inputs().len());
        assert_eq!(brightness(&mixed, &state), brightness(&alone, &state), "{tile:?}");
    }
}

#[test]
fn a_mixed_place_is_the_mean_of_its_tiles() {
    let state = LandState {
        low_vegetation_fraction: 0.4,
        high_vegetation_fraction: 0.1,
        water_fraction: 0.2,
        snow_fraction: 0.25,
        ..LandState::default()
    };
    let of = |tile| brightness(&model(|params| params.surface(Surface::Tile(tile))), &state);
    let shares = [0.225, 0.075, 0.3, 0.1, 0.075, 0.025, 0.2];
    let mut mean = vec![0.0; 12];
    for (tile, share) in Tile::ALL.into_iter().zip(shares) {
        for (mean, value) in mean.iter_mut().zip(of(tile)) {
            *mean += share * value;
        }
    }
    for (ours, mean) in brightness(&model(|params| params), &state).iter().zip(mean) {
        assert!((ours - mean).abs() < 1e-10);
    }
}

#[test]
fn transparent_plants_leave_the_soil_and_opaque_ones_themselves() {
    let params = |params: MicrowaveParams| {
        params
            .atmosphere(AtmosphereModel::None)
            .surface(Surface::Tile(Tile::LowVegetation))
    };
    let state = LandState::default();
    let bare = model(|p| params(p).surface(Surface::Tile(Tile::BareSoil)));
    let transparent = model(|p| params(p).vegetation_opacity(VegetationOpacity::Transparent));
    assert_eq!(brightness(&bare, &state), brightness(&transparent, &state));
    let none = LandState {
        leaf_area_index: 0.0,
        ..state
    };
    assert_eq!(brightness(&bare, &state), brightness(&model(params), &none));
    let opaque = model(|p| params(p).vegetation_opacity(VegetationOpacity::Kirdyashev));
    let thick = LandState {
        leaf_area_index: 20.0,
        vegetation_temperature_k: 300.0,
        ..state
    };
    for brightness in brightness(&opaque, &thick) {
        assert!((brightness - 0.95 * 300.0).abs() < 0.5, "{brightness}");
    }
}

#[test]
fn readings_of_the_original_differ_where_they_should_and_nowhere_else() {
    let warm = LandState::default();
    let frozen = LandState {
        vegetation_temperature_k: 265.0,
        surface_temperature_k: 265.0,
        deep_temperature_k: 270.0,
        low_vegetation_fraction: 1.0,
        high_vegetation_fraction: 0.0,
        ..warm
    };
    let corrected = model(|p| p.snow(Reading::Corrected));
    let ice = model(|p| p.ice_sign(Reading::Original));
    assert_eq!(brightness(&corrected, &warm), brightness(&ice, &warm));
    let (ours, original) = (brightness(&corrected, &frozen), brightness(&ice, &frozen));
    assert!(ours.iter().zip(&original).any(|(a, b)| (a - b).abs() > 1e-3));

    let snow_tile = |reading| model(|p| p.surface(Surface::Tile(Tile::BareSoilSnow)).snow(reading));
    let (ours, original) = (
        brightness(&snow_tile(Reading::Corrected), &warm),
        brightness(&snow_tile(Reading::Original), &warm),
    );
    assert!(ours.iter().zip(&original).all(|(a, b)| (a - b).abs() > 1e-3));

    // 0.0085 dB instead of Np at 36.5 GHz: 4.34 times the attenuation of the ground.
    let ulaby = |reading| model(|p| p.atmosphere(AtmosphereModel::Ulaby).ulaby_decibel(reading));
    let (ours, original) = (
        brightness(&ulaby(Reading::Corrected), &warm),
        brightness(&ulaby(Reading::Original), &warm),
    );
    assert!(ours.iter().zip(&original).all(|(a, b)| a > b));
}

#[test]
fn snow_of_no_depth_shows_the_ground_through_its_surface_and_deep_snow_itself() {
    let (wave, incidence) = (Wave::new(18.7).unwrap(), Incidence::new(55.0));
    let ground = Polarized { h: 0.3, v: 0.1 };
    let at = |depth_m, liquid_water| {
        let layer = SnowLayer {
            depth_m,
            density_g_cm3: 0.3,
            liquid_water,
            temperature_k: 265.0,
        };
        snow(
            wave,
            incidence,
            layer,
            ground,
            Polarized::both(270.0),
            Reading::Corrected,
        )
    };
    let thin = at(0.0, 0.0);
    assert!(thin.emissivity.h < 0.7 && thin.emissivity.h > 0.6);
    assert!((thin.brightness_temperature_k.h - 270.0 * thin.emissivity.h).abs() < 1e-9);
    // Wet snow is nearly black.
    let wet = at(1.0, 0.05);
    assert!(wet.emissivity.v > 0.9 && wet.emissivity.v > at(1.0, 0.0).emissivity.v);
    // Dry snow scatters: the deeper, the colder at 36.5 GHz.
    let model = MicrowaveParams::default()
        .channels(vec![Channel::new(36.5, 55.0)])
        .surface(Surface::Tile(Tile::BareSoilSnow))
        .atmosphere(AtmosphereModel::None)
        .check()
        .unwrap();
    let at_depth = |snow_depth_m| {
        brightness(
            &model,
            &LandState {
                snow_depth_m,
                ..LandState::default()
            },
        )[1]
    };
    assert!(at_depth(0.1) > at_depth(0.5) && at_depth(0.5) > at_depth(1.0));
}

#[test]
fn snow_as_the_original_has_the_brightness_of_cmem() {
    // By a transcription of CMEM_SNOW: 0.3 m of 250 kg/m³ with 0.1 m³/m³ of water, all at 265 K, at 55°.
    for (f, h, v) in [
        (6.925, 205.154_422, 262.258_446),
        (18.7, 223.287_455, 262.059_636),
        (36.5, 237.673_098, 262.979_251),
    ] {
        let layer = SnowLayer {
            depth_m: 0.3,
            density_g_cm3: 0.25,
            liquid_water: 0.1,
            temperature_k: 265.0,
        };
        let at = |reading| {
            let (wave, incidence) = (Wave::new(f).unwrap(), Incidence::new(55.0));
            let ground = Polarized { h: 0.3, v: 0.1 };
            snow(wave, incidence, layer, ground, Polarized::both(265.0), reading).brightness_temperature_k
        };
        let original = at(Reading::Original);
        assert!(
            (original.h - h).abs() < 1e-6 && (original.v - v).abs() < 1e-6,
            "{f}: {original:?}"
        );
        // The complex angle of refraction makes wet snow up to 5 K colder.
        assert!(original.h - at(Reading::Corrected).h > 1.0);
    }
}

#[test]
fn the_first_water_in_dry_snow_has_a_slope() {
    for tile in [
        Tile::BareSoilSnow,
        Tile::LowVegetationSnow,
        Tile::HighVegetationSnow,
    ] {
        let model = model(|p| p.surface(Surface::Tile(tile)));
        let at = |snow_liquid_water| {
            let state = LandState {
                snow_liquid_water,
                ..LandState::default()
            };
            model.state(&state)
        };
        let dry = jacobian(&model, &at(0.0)).unwrap();
        assert_eq!(dry.values, evaluate(&model, &at(0.0)).unwrap(), "the same bits");
        let inputs = model.inputs();
        let water = inputs
            .iter()
            .position(|input| input.name == "snow_liquid_water")
            .unwrap();
        // One-sided, by three points.
        let step = 1e-9;
        let [near, far] = [1.0, 2.0].map(|steps| evaluate(&model, &at(steps * step)).unwrap());
        for (output, value) in dry.values.iter().enumerate() {
            let slope = (4.0 * near[output] - 3.0 * value - far[output]) / (2.0 * step);
            let ours = dry.derivatives[output * inputs.len() + water];
            let error = (ours - slope).abs();
            assert!(
                error < 1e-3 * (1.0 + slope.abs()),
                "{tile:?} {output}: {ours}, not {slope}"
            );
        }
        if tile == Tile::BareSoilSnow {
            assert!(
                (dry.derivatives[water] / 24_106.0 - 1.0).abs() < 1e-3,
                "{}",
                dry.derivatives[water]
            );
        }
    }
}

#[test]
fn wigneron_s_depth_ends_at_the_surface_unless_the_original_is_asked_for() {
    use EffectiveTemperature::{Wigneron, WigneronUnbounded};
    let profile = |soil_moisture| SoilProfile {
        texture: SoilTexture {
            sand_percent: 40.0,
            clay_percent: 20.0,
        },
        soil_moisture,
        surface_temperature_k: 290.0,
        deep_temperature_k: 280.0,
    };
    let wave = Wave::new(1.4).unwrap();
    let at = |model, w| effective_temperature(wave, model, profile(w));
    assert!((at(Wigneron, 0.2) - at(WigneronUnbounded, 0.2)).abs() < 1e-12);
    assert!((at(Wigneron, 0.48) - 290.0).abs() < 1e-12 && at(WigneronUnbounded, 0.48) > 290.0);
}

#[test]
fn the_surface_alone_has_the_whole_share_and_no_air_lets_all_pass() {
    let profile = SoilProfile {
        texture: SoilTexture {
            sand_percent: 40.0,
            clay_percent: 20.0,
        },
        soil_moisture: 0.2,
        surface_temperature_k: 290.0,
        deep_temperature_k: 280.0,
    };
    let wave = Wave::new(6.925).unwrap();
    let share = surface_share(wave, EffectiveTemperature::Surface, profile);
    assert!((share - 1.0).abs() < 1e-15);
    let none = Atmosphere::none(0.0_f64);
    let expected = Atmosphere {
        transmittance: 1.0,
        upwelling_k: 0.0,
        downwelling_k: 0.0,
    };
    assert_eq!(none, expected);
}

#[test]
fn roughness_by_soil_and_plants_reads_a_height_from_2_ghz_where_polarisations_mix() {
    for roughness in [Roughness::Wigneron, Roughness::WigneronTexture] {
        for (frequency_ghz, is_read) in [(1.4, false), (1.99, false), (2.0, true), (6.925, true)] {
            let model = model(|p| {
                p.channels(vec![Channel::new(frequency_ghz, 40.0)])
                    .roughness(roughness)
                    .atmosphere(AtmosphereModel::None)
            });
            let mut names = model.inputs().iter().map(|input| input.name);
            assert_eq!(
                names.any(|name| name == "roughness_cm"),
                is_read,
                "{frequency_ghz}"
            );
        }
    }
}
