//! Reads `tests/golden/thermal.json`, which `thermal.py` beside it makes.

use serde::Deserialize;
use wherefair_physics::{
    Climate, ForwardModel, SplitWindow, SurfaceFluxes, ThermalAtmosphere, ThermalAtmosphereModel,
    ThermalBand, ThermalModel, ThermalParams, ThermalState, ThermalVariable, ViewAngle,
    effective_temperature_atmosphere, evaluate, single_channel_atmosphere, single_channel_temperature_k,
    slanted, split_window_temperature_k, surface_temperature_k, water_vapour_from_humidity,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    tolerance: f64,
    #[serde(rename = "tools")]
    _tools: serde_json::Value,
    black_bodies: Vec<BlackBody>,
    vapours: Vec<VapourCase>,
    air_temperatures: Vec<AirTemperature>,
    slants: Vec<Slant>,
    models: Vec<Model>,
    single_channels: Vec<SingleChannel>,
    split_windows: Vec<Split>,
    humidities: Vec<HumidityCase>,
    fluxes: Vec<Fluxes>,
}

#[derive(Deserialize)]
struct BlackBody {
    band: ThermalBand,
    kelvin: f64,
    radiance: f64,
    other_radiance: f64,
    other_kelvin: f64,
}

#[derive(Deserialize, Clone, Copy)]
struct Air {
    transmittance: f64,
    up: f64,
    down: f64,
}

#[derive(Deserialize)]
struct VapourCase {
    band: ThermalBand,
    vapour: f64,
    air: Air,
}

#[derive(Deserialize)]
struct AirTemperature {
    band: ThermalBand,
    climate: Climate,
    vapour: f64,
    air_k: f64,
    air: Air,
}

#[derive(Deserialize)]
struct Slant {
    nadir: Air,
    angle_deg: f64,
    air: Air,
}

#[derive(Deserialize)]
struct Model {
    band: ThermalBand,
    atmosphere: ThermalAtmosphereModel,
    climate: Climate,
    state: Vec<f64>,
    radiance: f64,
    kelvin: f64,
}

#[derive(Deserialize)]
struct SingleChannel {
    band: ThermalBand,
    radiance: f64,
    emissivity: f64,
    vapour: f64,
    kelvin: f64,
}

#[derive(Deserialize)]
struct Split {
    bands_k: [f64; 2],
    emissivity: f64,
    difference: f64,
    vapour: f64,
    kelvin: f64,
}

#[derive(Deserialize)]
struct HumidityCase {
    air_k: f64,
    humidity: f64,
    vapour: f64,
}

#[derive(Deserialize)]
struct Fluxes {
    surface_k: f64,
    emissivity: f64,
    shortwave_down: f64,
    shortwave_up: f64,
    longwave_down: f64,
    sensible: f64,
    latent: f64,
    ground: f64,
    longwave_up: f64,
    net: f64,
    residual: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/thermal.json")).unwrap()
}

/// Compares to the tolerance of the file.
struct Close(f64);

impl Close {
    #[track_caller]
    fn check(&self, found: f64, expected: f64, what: &str) {
        let error = (found - expected).abs();
        assert!(
            error <= self.0 * expected.abs(),
            "{what}: {found}, not {expected}"
        );
    }

    #[track_caller]
    fn air(&self, found: ThermalAtmosphere<f64>, expected: Air, what: &str) {
        self.check(found.transmittance, expected.transmittance, what);
        self.check(found.upwelling_radiance, expected.up, what);
        self.check(found.downwelling_radiance, expected.down, what);
    }
}

#[test]
fn the_golden_file_has_all_its_cases() {
    let golden = golden();
    assert!((golden.tolerance - 1e-12).abs() < 1e-15);
    let n_cases = [
        golden.black_bodies.len(),
        golden.vapours.len(),
        golden.air_temperatures.len(),
        golden.slants.len(),
        golden.models.len(),
        golden.single_channels.len(),
        golden.split_windows.len(),
        golden.humidities.len(),
        golden.fluxes.len(),
    ];
    assert_eq!(n_cases, [30, 21, 24, 12, 11, 9, 9, 4, 2]);
    for band in ThermalBand::ALL {
        assert_eq!(
            golden
                .black_bodies
                .iter()
                .filter(|case| case.band == band)
                .count(),
            3
        );
        assert!(golden.models.iter().any(|case| case.band == band));
    }
}

#[test]
fn black_bodies_have_the_golden_radiances_and_temperatures() {
    let golden = golden();
    let close = Close(golden.tolerance);
    for case in golden.black_bodies {
        let (band, name) = (case.band, case.band.name());
        close.check(band.radiance(case.kelvin), case.radiance, name);
        close.check(band.brightness_temperature_k(case.radiance), case.kelvin, name);
        close.check(
            band.brightness_temperature_k(case.other_radiance),
            case.other_kelvin,
            name,
        );
    }
}

#[test]
fn atmospheres_have_the_golden_transmittances_and_radiances() {
    let golden = golden();
    let close = Close(golden.tolerance);
    for case in golden.vapours {
        let what = format!("{} at {}", case.band.name(), case.vapour);
        close.air(
            single_channel_atmosphere(case.band, case.vapour).unwrap(),
            case.air,
            &what,
        );
    }
    for case in golden.air_temperatures {
        let what = format!("{} {:?} at {}", case.band.name(), case.climate, case.vapour);
        let air = effective_temperature_atmosphere(case.band, case.climate, case.vapour, case.air_k);
        close.air(air.unwrap(), case.air, &what);
    }
    for case in golden.slants {
        let nadir = ThermalAtmosphere {
            transmittance: case.nadir.transmittance,
            upwelling_radiance: case.nadir.up,
            downwelling_radiance: case.nadir.down,
        };
        close.air(
            slanted(nadir, case.angle_deg),
            case.air,
            &case.angle_deg.to_string(),
        );
    }
}

#[test]
fn models_have_the_golden_outputs() {
    let golden = golden();
    let close = Close(golden.tolerance);
    for case in golden.models {
        let model = ThermalParams::new(case.band)
            .atmosphere(case.atmosphere)
            .climate(case.climate)
            .view_angle(ViewAngle::Input)
            .check()
            .unwrap();
        let outputs = evaluate(&model, &case.state).unwrap();
        let what = format!("{} {}", case.band.name(), case.atmosphere.name());
        close.check(outputs[0], case.radiance, &what);
        close.check(outputs[1], case.kelvin, &what);
        let air = model.atmosphere(&state_of(&model, &case.state));
        let found = surface_temperature_k(case.band, case.radiance, case.state[1], air).unwrap();
        close.check(found, case.state[0], &what);
    }
}

fn state_of(model: &ThermalModel, numbers: &[f64]) -> ThermalState<f64> {
    let mut state = ThermalState::default();
    for (input, &number) in model.inputs().iter().zip(numbers) {
        let variable = ThermalVariable::ALL
            .into_iter()
            .find(|of| of.describe().name == input.name);
        state.set(variable.unwrap(), number);
    }
    state
}

#[test]
fn inversions_find_the_golden_temperatures() {
    let golden = golden();
    let close = Close(golden.tolerance);
    for case in golden.single_channels {
        let found = single_channel_temperature_k(case.band, case.radiance, case.emissivity, case.vapour);
        close.check(found.unwrap(), case.kelvin, case.band.name());
    }
    for case in golden.split_windows {
        let found = split_window_temperature_k(SplitWindow {
            band_10_k: case.bands_k[0],
            band_11_k: case.bands_k[1],
            emissivity: case.emissivity,
            emissivity_difference: case.difference,
            water_vapour_g_cm2: case.vapour,
        });
        close.check(found, case.kelvin, &format!("{:?}", case.bands_k));
    }
}

#[test]
fn vapour_and_the_energy_balance_have_the_golden_values() {
    let golden = golden();
    let close = Close(golden.tolerance);
    for case in golden.humidities {
        let found = water_vapour_from_humidity(case.air_k, case.humidity);
        close.check(found, case.vapour, "water vapour");
    }
    for case in golden.fluxes {
        let fluxes = SurfaceFluxes {
            shortwave_down: case.shortwave_down,
            shortwave_up: case.shortwave_up,
            longwave_down: case.longwave_down,
            sensible: case.sensible,
            latent: case.latent,
            ground: case.ground,
        };
        let (surface_k, emissivity) = (case.surface_k, case.emissivity);
        close.check(
            fluxes.longwave_up(surface_k, emissivity),
            case.longwave_up,
            "upwards",
        );
        close.check(fluxes.net_radiation(surface_k, emissivity), case.net, "net");
        close.check(fluxes.residual(surface_k, emissivity), case.residual, "residual");
    }
}
