//! MPM89 against values of an independent implementation, and the regression against MPM89.

use wherefair_core::Seed;
use wherefair_physics::{
    AirLayer, Atmosphere, Incidence, REGRESSION_DOMAIN, REGRESSION_FREQUENCIES_GHZ, RegressionAtmosphere,
    StandardProfile, Wave, absorption, radiative_transfer, regression, standard_atmosphere,
};

#[test]
fn absorption_equals_the_reference_to_eight_digits() {
    // GHz, dry and vapour absorption in Np/m at 7.5 g/m³, 288.15 K, 101325 Pa.
    let reference = [
        (6.925, 1.505_860_676e-6, 5.946_918_052e-7),
        (18.7, 2.313_080_235e-6, 1.379_427_567e-5),
        (23.8, 3.069_962_470e-6, 3.793_527_352e-5),
        (36.5, 8.151_723_545e-6, 1.633_178_736e-5),
    ];
    for (f, dry, vapour) in reference {
        let ours = absorption(Wave::new(f).unwrap(), 101_325.0, 288.15, 0.0075);
        assert!((ours.dry / dry - 1.0).abs() < 1e-8, "{f}: dry {}", ours.dry);
        assert!(
            (ours.vapour / vapour - 1.0).abs() < 1e-8,
            "{f}: vapour {}",
            ours.vapour
        );
    }
}

#[test]
fn layers_of_one_temperature_radiate_as_one() {
    let (wave, incidence) = (Wave::new(22.235).unwrap(), Incidence::new(50.0));
    let layer = AirLayer {
        thickness_m: 500.0,
        pressure_pa: 90_000.0,
        temperature_k: 280.0,
        vapour_kg_m3: 0.01,
    };
    let four = radiative_transfer(wave, incidence, [layer; 4]);
    let one = radiative_transfer(
        wave,
        incidence,
        [AirLayer {
            thickness_m: 2000.0,
            ..layer
        }],
    );
    assert!((four.transmittance - one.transmittance).abs() < 1e-14);
    assert!((four.upwelling_k - one.upwelling_k).abs() < 1e-11);
    assert!((four.downwelling_k - one.downwelling_k).abs() < 1e-11);
    assert!((one.upwelling_k - 280.0 * (1.0 - one.transmittance)).abs() < 1e-11);
    let none = radiative_transfer::<f64>(wave, incidence, []);
    assert_eq!((none.transmittance, none.upwelling_k), (1.0, 0.0));
    assert!((none.downwelling_k - 2.7).abs() < 1e-15);
}

#[test]
fn an_opaque_layer_hides_all_behind_it() {
    let (wave, incidence) = (Wave::new(60.0).unwrap(), Incidence::new(0.0));
    let at = |temperature_k| AirLayer {
        thickness_m: 20_000.0,
        pressure_pa: 100_000.0,
        temperature_k,
        vapour_kg_m3: 0.005,
    };
    let air = radiative_transfer(wave, incidence, [at(290.0), at(250.0)]);
    assert!(air.transmittance < 1e-12);
    assert!((air.upwelling_k - 250.0).abs() < 1e-9 && (air.downwelling_k - 290.0).abs() < 1e-9);
}

/// The largest differences of the regression from the line-by-line model.
#[derive(Debug, Default)]
struct Largest {
    depth: f64,
    upwelling_k: f64,
    /// Above the atmosphere, over ground of air temperature that emits one half, and almost all.
    brightness_k: f64,
}

fn compare(f: f64, air: [f64; 2], pressure: [f64; 2], most_vapour: f64) -> Largest {
    let incidence = Incidence::new(55.0);
    let wave = Wave::new(f).unwrap();
    let of = RegressionAtmosphere::at(wave).unwrap();
    let mut stream = Seed::new(3).stream("profiles");
    let mut within = |[from, to]: [f64; 2]| from + (to - from) * stream.uniform();
    let mut largest = Largest::default();
    for _ in 0..60 {
        let air_temperature_k = within(air);
        // Warm air holds more vapour.
        let most = most_vapour.min(60.0 * ((air_temperature_k - 308.0) * 0.065).exp());
        let profile = StandardProfile {
            air_temperature_k,
            surface_pressure_pa: within(pressure),
            column_vapour_kg_m2: within([0.0, most]),
        };
        let lines = standard_atmosphere(wave, incidence, profile);
        let fitted = regression(of, incidence, profile);
        let depth = |transmittance: f64| -transmittance.ln() * incidence.cos;
        let error = (depth(lines.transmittance) - depth(fitted.transmittance)).abs();
        largest.depth = largest.depth.max(error);
        let error = (lines.upwelling_k - fitted.upwelling_k).abs();
        largest.upwelling_k = largest.upwelling_k.max(error);
        for emissivity in [0.5, 0.95] {
            let above = |air: &Atmosphere<f64>| {
                let ground = emissivity * air_temperature_k + (1.0 - emissivity) * air.downwelling_k;
                air.transmittance * ground + air.upwelling_k
            };
            largest.brightness_k = largest.brightness_k.max((above(&lines) - above(&fitted)).abs());
        }
    }
    largest
}

#[test]
fn the_regression_is_near_the_line_by_line_model_on_the_profiles_of_its_fit() {
    // Optical depth, upwelling and brightness in K. Its own residuals are 1e-4 to 7e-3 and 4e-2 at 89 GHz.
    let limits = [
        (5e-4, 0.11, 0.12),
        (8e-4, 0.17, 0.14),
        (8e-4, 0.18, 0.14),
        (1.1e-3, 0.27, 0.17),
        (2.5e-3, 0.63, 0.4),
        (4.4e-3, 1.15, 0.73),
        (1.1e-2, 2.6, 1.5),
        (1e-2, 3.9, 3.6),
    ];
    for (f, (depth, upwelling_k, brightness_k)) in REGRESSION_FREQUENCIES_GHZ.into_iter().zip(limits) {
        let largest = compare(f, [245.0, 308.0], [75_000.0, 102_000.0], 60.0);
        assert!(largest.depth < depth, "{f}: {largest:?}");
        assert!(largest.upwelling_k < upwelling_k, "{f}: {largest:?}");
        assert!(largest.brightness_k < brightness_k, "{f}: {largest:?}");
    }
}

#[test]
fn the_regression_is_near_the_line_by_line_model_on_all_that_a_model_accepts() {
    let [air, pressure, vapour] = REGRESSION_DOMAIN.map(|domain| [domain.from, domain.to]);
    let limits = [0.25, 0.41, 0.44, 0.71, 2.0, 3.3, 5.0, 5.0];
    for (f, limit) in REGRESSION_FREQUENCIES_GHZ.into_iter().zip(limits) {
        let largest = compare(f, air, pressure, vapour[1]);
        assert!(largest.brightness_k < limit, "{f}: {largest:?}");
    }
}

#[test]
fn a_frequency_without_coefficients_is_refused_with_those_that_have_some() {
    let error = RegressionAtmosphere::at(Wave::new(5.0).unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("invalid frequency_ghz: 5") && error.contains("6.925, 7.3, 10.65"),
        "{error}"
    );
    assert!(Wave::new(f64::NAN).is_err() && Wave::new(0.0).is_err() && Wave::new(-1.0).is_err());
}
