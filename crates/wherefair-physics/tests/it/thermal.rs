//! The thermal model: check values, limits, inversions.

use proptest::prelude::*;
use wherefair_physics::{
    Climate, ForwardModel, STEFAN_BOLTZMANN, SplitWindow, SurfaceFluxes, ThermalAtmosphere,
    ThermalAtmosphereModel, ThermalBand, ThermalParams, ThermalState, ViewAngle,
    effective_temperature_atmosphere, evaluate, inverse_planck, planck, single_channel_atmosphere,
    single_channel_temperature_k, split_window_temperature_k, surface_temperature_k,
    water_vapour_from_humidity,
};

/// Half of the last digit of published check values.
fn near(ours: f64, theirs: f64, digits: i32) {
    assert!(
        (ours - theirs).abs() <= 0.5001 * 10.0_f64.powi(-digits),
        "{ours} against {theirs}"
    );
}

#[test]
fn landsat_8_has_the_check_values() {
    let band = ThermalBand::Landsat8Band10;
    for (w, transmittance, down, up) in [
        (1.0, 0.9220, 1.0948, 0.5424),
        (2.0, 0.8102, 2.4830, 1.5012),
        (3.0, 0.6829, 3.8896, 2.6399),
        (4.0, 0.5634, 5.3146, 3.7338),
    ] {
        let air = single_channel_atmosphere(band, w).unwrap();
        near(air.transmittance, transmittance, 4);
        near(air.downwelling_radiance, down, 4);
        near(air.upwelling_radiance, up, 4);
    }
    near(band.radiance(300.0), 9.596_778, 6);
    let model = ThermalParams::new(band).check().unwrap();
    let state = ThermalState::default();
    let outputs = evaluate(&model, &model.state(&state)).unwrap();
    near(outputs[0], 9.103_309, 6);
    near(outputs[1], 296.4881, 4);
    assert!(
        single_channel_atmosphere(band, 0.1)
            .unwrap()
            .downwelling_radiance
            .abs()
            < 1e-15
    );
}

#[test]
fn planck_integrates_to_stefan_and_boltzmann() {
    for temperature_k in [200.0, 300.0, 1000.0, 5772.0] {
        // ∫ π B_λ dλ by Simpson's rule over ln λ.
        let (from, to, n) = (0.02_f64.ln(), 1e7_f64.ln(), 4000);
        let h = (to - from) / f64::from(n);
        let integrand = |i: i32| {
            let wavelength = (from + h * f64::from(i)).exp();
            planck(wavelength, temperature_k) * wavelength
        };
        let mut sum = integrand(0) + integrand(n);
        for i in 1..n {
            sum += integrand(i) * if i % 2 == 1 { 4.0 } else { 2.0 };
        }
        let exitance = std::f64::consts::PI * sum * h / 3.0;
        let expected = STEFAN_BOLTZMANN * temperature_k.powi(4);
        assert!(
            (exitance / expected - 1.0).abs() < 1e-9,
            "{temperature_k}: {exitance} {expected}"
        );
    }
}

#[test]
fn planck_has_the_limits_of_wien_and_of_rayleigh_and_jeans() {
    // c₂ in µm K and c₁ in W µm⁴ m⁻² sr⁻¹ from the law itself, at the two ends.
    let wien = |wavelength: f64, t: f64| {
        1.191_042_972e8 / wavelength.powi(5) * (-14_387.768_775 / (wavelength * t)).exp()
    };
    assert!((planck(0.5, 300.0) / wien(0.5, 300.0) - 1.0).abs() < 1e-9);
    let jeans = |wavelength: f64, t: f64| 1.191_042_972e8 / 14_387.768_775 * t / wavelength.powi(4);
    assert!((planck(1e7, 300.0) / jeans(1e7, 300.0) - 1.0).abs() < 1e-5);
    // Wien's displacement: the largest radiance is at 2897.771955 µm K.
    let peak = 2_897.771_955 / 300.0;
    let at = |share: f64| planck(peak * share, 300.0);
    assert!(at(1.0) > at(0.999) && at(1.0) > at(1.001));
    for t in [150.0, 250.0, 350.0] {
        assert!((inverse_planck(11.0, planck(11.0, t)) - t).abs() < 1e-10);
    }
}

#[test]
fn band_constants_agree_with_planck_at_the_centre_of_the_band() {
    /// What a response over a band differs from one wavelength.
    const TOLERANCE: f64 = 3e-3;
    for (band, wavelength) in [
        (ThermalBand::Landsat8Band10, 10.895),
        (ThermalBand::Landsat8Band11, 12.005),
    ] {
        assert!(
            (band.radiance(300.0) / planck(wavelength, 300.0) - 1.0).abs() < TOLERANCE,
            "{band:?}"
        );
    }
    for band in ThermalBand::ALL {
        for t in [220.0, 280.0, 330.0] {
            assert!(
                (band.brightness_temperature_k(band.radiance(t)) - t).abs() < 1e-9,
                "{band:?}"
            );
        }
    }
}

#[test]
fn inversions_find_the_temperature_again() {
    for band in [
        ThermalBand::Landsat5Band6,
        ThermalBand::Landsat7Band6,
        ThermalBand::Landsat8Band10,
    ] {
        let model = ThermalParams::new(band).check().unwrap();
        for t in [280.0, 295.0, 310.0] {
            for w in [0.5, 1.5, 2.5] {
                for emissivity in [0.94, 0.98] {
                    let radiance = evaluate(&model, &[t, emissivity, w]).unwrap()[0];
                    let air = single_channel_atmosphere(band, w).unwrap();
                    let exact = surface_temperature_k(band, radiance, emissivity, air).unwrap();
                    assert!((exact - t).abs() < 1e-9);
                    // Its authors give it about 1 K.
                    let linear = single_channel_temperature_k(band, radiance, emissivity, w).unwrap();
                    assert!(
                        (linear - t).abs() < 2.0,
                        "{band:?} at {t} K, {w} g cm⁻²: {linear}"
                    );
                }
            }
        }
    }
    assert!(single_channel_temperature_k(ThermalBand::ModisBand31, 9.0, 0.97, 1.0).is_none());
}

#[test]
fn the_split_window_is_near_the_truth_of_the_two_band_models() {
    let band = |band| {
        ThermalParams::new(band)
            .atmosphere(ThermalAtmosphereModel::AirTemperature)
            .climate(Climate::MidLatitudeSummer)
            .check()
            .unwrap()
    };
    let (ten, eleven) = (
        band(ThermalBand::Landsat8Band10),
        band(ThermalBand::Landsat8Band11),
    );
    for (t, w) in [(290.0, 1.0), (300.0, 2.0), (305.0, 2.5)] {
        let state = ThermalState {
            surface_temperature_k: t,
            emissivity: 0.98,
            water_vapour_g_cm2: w,
            air_temperature_k: t - 5.0,
            ..ThermalState::default()
        };
        let of = SplitWindow {
            band_10_k: evaluate(&ten, &ten.state(&state)).unwrap()[1],
            band_11_k: evaluate(&eleven, &eleven.state(&state)).unwrap()[1],
            emissivity: 0.98,
            emissivity_difference: 0.0,
            water_vapour_g_cm2: w,
        };
        let found = split_window_temperature_k(of);
        assert!((found - t).abs() < 3.0, "{found} for {t}");
    }
}

#[test]
fn inversions_without_an_answer_say_so() {
    let band = ThermalBand::Landsat8Band10;
    let air = single_channel_atmosphere(band, 2.0).unwrap();
    let error = |radiance, emissivity| {
        surface_temperature_k(band, radiance, emissivity, air)
            .unwrap_err()
            .to_string()
    };
    assert!(error(1.0, 0.97).contains("the radiance 1 (accepted: above what the atmosphere"));
    assert!(error(f64::NAN, 0.97).contains("radiance is NaN (accepted: finite, at least 0)"));
    assert!(error(-1.0, 0.97).contains("radiance is -1 (accepted: finite, at least 0)"));
    assert!(error(9.0, 0.0).contains("emissivity is 0 (accepted: above 0 to 1)"));
    assert!(error(9.0, 1.2).contains("emissivity is 1.2"));
    for wrong in [f64::NAN, f64::INFINITY, -500.0] {
        let of = |air| {
            surface_temperature_k(band, 9.0, 0.97, air)
                .unwrap_err()
                .to_string()
        };
        let upwelling = of(ThermalAtmosphere {
            upwelling_radiance: wrong,
            ..air
        });
        let downwelling = of(ThermalAtmosphere {
            downwelling_radiance: wrong,
            ..air
        });
        let transmittance = of(ThermalAtmosphere {
            transmittance: wrong,
            ..air
        });
        let accepted = "(accepted: finite, at least 0)";
        assert_eq!(upwelling, format!("upwelling_radiance is {wrong} {accepted}"));
        assert_eq!(downwelling, format!("downwelling_radiance is {wrong} {accepted}"));
        assert_eq!(
            transmittance,
            format!("transmittance is {wrong} (accepted: above 0 to 1)")
        );
    }
}

#[test]
fn vapour_from_humidity_and_the_energy_balance_by_hand() {
    // 20 °C, 50 %: saturation 2.3383 kPa.
    near(water_vapour_from_humidity(293.15, 0.5), 1.3165, 3);
    let fluxes = SurfaceFluxes {
        shortwave_down: 800.0,
        shortwave_up: 160.0,
        longwave_down: 350.0,
        sensible: 150.0,
        latent: 250.0,
        ground: 60.0,
    };
    // ε σ 300⁴ = 0.97 · 459.3003.
    let up = 0.97 * STEFAN_BOLTZMANN * 8.1e9 + 0.03 * 350.0;
    assert!((fluxes.longwave_up(300.0, 0.97) - up).abs() < 1e-9);
    assert!((fluxes.net_radiation(300.0, 0.97) - (640.0 + 350.0 - up)).abs() < 1e-9);
    assert!((fluxes.residual(300.0, 0.97) - (990.0 - up - 460.0)).abs() < 1e-9);
}

proptest! {
    #[test]
    fn radiance_grows_with_temperature_and_lies_between_its_sources(
        t in 150.0..399.0_f64, emissivity in 0.5..1.0_f64, w in 0.0..6.0_f64, angle in 0.0..85.0_f64
    ) {
        for band in [ThermalBand::Landsat5Band6, ThermalBand::Landsat7Band6, ThermalBand::Landsat8Band10] {
            let model = ThermalParams::new(band).view_angle(ViewAngle::Input).check().unwrap();
            prop_assert_eq!(model.inputs().len(), 4);
            let at = |t: f64| evaluate(&model, &[t, emissivity, w, angle]).unwrap();
            let (cold, warm) = (at(t), at(t + 1.0));
            prop_assert!(warm[0] > cold[0] && warm[1] > cold[1]);
            let air = single_channel_atmosphere(band, w).unwrap();
            prop_assert!(air.transmittance > 0.0 && air.transmittance < 1.0);
            prop_assert!(air.upwelling_radiance >= 0.0 && air.downwelling_radiance >= 0.0);
            // The mean of surface, sky and the black body that the air is, each by its share.
            let air_alone = air.upwelling_radiance / (1.0 - air.transmittance);
            let sources = [band.radiance(t), air.downwelling_radiance, air_alone];
            let least = sources.into_iter().fold(f64::INFINITY, f64::min);
            let greatest = sources.into_iter().fold(0.0, f64::max);
            let rounding = 1e-12 * greatest;
            prop_assert!(cold[0] >= least - rounding && cold[0] <= greatest + rounding, "{} {:?}", cold[0], sources);
        }
    }

    #[test]
    fn nothing_in_between_leaves_the_surface_and_everything_the_air(t in 250.0..330.0_f64) {
        let band = ThermalBand::Landsat8Band10;
        let model = ThermalParams::new(band).atmosphere(ThermalAtmosphereModel::Given).check().unwrap();
        // τ → 1: the black surface itself.
        let clear = evaluate(&model, &[t, 1.0, 1.0, 0.0, 0.0]).unwrap();
        prop_assert!((clear[1] - t).abs() < 1e-9);
        // τ → 0 : the air alone.
        let air_radiance = band.radiance(270.0);
        let opaque = evaluate(&model, &[t, 1.0, 0.01, air_radiance * 0.99, 0.0]).unwrap();
        prop_assert!((opaque[1] - 270.0).abs() < 1.0);
    }

    #[test]
    fn effective_temperatures_give_air_colder_than_the_ground_under_it(w in 0.2..5.0_f64, t in 270.0..310.0_f64) {
        for climate in Climate::ALL {
            for band in [ThermalBand::Landsat8Band10, ThermalBand::Landsat8Band11] {
                let air = effective_temperature_atmosphere(band, climate, w, t).unwrap();
                prop_assert!(air.transmittance > 0.0 && air.transmittance < 1.0);
                prop_assert!(air.upwelling_radiance < band.radiance(t));
                prop_assert!(air.downwelling_radiance >= air.upwelling_radiance);
            }
        }
    }
}
