//! Every value that the compiled CMEM 5.1 printed.

use wherefair_physics::{
    AtmosphereModel, Canopy, Channel, Complex, EffectiveTemperature, FrequencyRange, Incidence, LandState,
    MicrowaveParams, Polarized, Reading, RoughGround, Roughness, SoilDielectric, SoilProfile, SoilState,
    SoilTexture, Surface, Tile, VegetationOpacity, VegetationType, VegetationWater, Wave,
    effective_temperature, evaluate, fresnel, ice, optical_depth, pellarin, plant_water, polarization_mixing,
    pure_water, rough, sea_water, soil, surface_share, wegmuller_matzler,
};

const REFERENCE: &str = include_str!("../golden/cmem_reference_values.txt");

/// How many lines and numbers the file holds.
const N_LINES: usize = 200;
const N_NUMBERS: usize = 976;

/// Relative to the value; the file has eight decimals, less for reflectivities near 0.
const TOLERANCE: f64 = 1e-6;
/// Half of the last decimal that is printed.
const ROUNDING: f64 = 0.51e-8;
const ROUNDING_OF_KELVINS: f64 = 0.51e-6;

const SURFACE_K: f64 = 290.0;
const DEEP_K: f64 = 285.0;
const PLANTS_K: f64 = 290.0;
const SKY_K: f64 = 20.0;
const TEXTURE: SoilTexture<f64> = SoilTexture {
    sand_percent: 40.0,
    clay_percent: 20.0,
};

/// The numbers of a line, in order; words are left out.
fn numbers(line: &str) -> Vec<f64> {
    line.split(|c: char| c.is_whitespace() || c == ',')
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[derive(Default)]
struct Count {
    numbers: usize,
    lines: usize,
}

impl Count {
    /// Compares the last numbers of a line with ours.
    fn compare(&mut self, line: &str, ours: &[f64], rounding: f64) {
        let given = numbers(line);
        let theirs = &given[given.len() - ours.len()..];
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!(
                (ours - theirs).abs() <= (TOLERANCE * theirs.abs()).max(rounding),
                "{ours} against {theirs} in {line}"
            );
        }
        self.numbers += ours.len();
        self.lines += 1;
    }
}

fn incidence(wave: Wave) -> Incidence<f64> {
    Incidence::new(if wave.frequency_ghz() < 2.0 { 40.0 } else { 55.0 })
}

fn wave_of(line: &str) -> Wave {
    Wave::new(numbers(line)[0]).unwrap()
}

fn profile(soil_moisture: f64) -> SoilProfile<f64> {
    SoilProfile {
        texture: TEXTURE,
        soil_moisture,
        surface_temperature_k: SURFACE_K,
        deep_temperature_k: DEEP_K,
    }
}

fn teff_model(wave: Wave) -> EffectiveTemperature {
    if wave.frequency_ghz() < 2.0 {
        EffectiveTemperature::Wigneron
    } else {
        EffectiveTemperature::Choudhury
    }
}

fn smooth(wave: Wave, soil_moisture: f64, model: SoilDielectric) -> (Complex<f64>, Polarized<f64>) {
    let state = SoilState {
        texture: TEXTURE,
        soil_moisture,
        temperature_k: effective_temperature(wave, teff_model(wave), profile(soil_moisture)),
    };
    let dielectric = soil(wave, state, model, Reading::Corrected);
    (dielectric, fresnel(incidence(wave), dielectric))
}

fn rough_ground(wave: Wave, soil_moisture: f64, model: Roughness, roughness_cm: f64) -> Polarized<f64> {
    let ground = RoughGround {
        roughness_cm,
        soil_moisture,
        texture: TEXTURE,
        cover: VegetationType::BareSoil,
    };
    let (_, smooth) = smooth(wave, soil_moisture, SoilDielectric::Dobson);
    rough(wave, incidence(wave), model, smooth, ground)
}

/// What the model sees without air but with 20 K from the sky.
fn seen(wave: Wave, soil_moisture: f64, tile: Tile, opacity: VegetationOpacity, sky_k: f64) -> Vec<f64> {
    let angle = incidence(wave).angle_deg;
    let model = MicrowaveParams::default()
        .channels(vec![Channel::new(wave.frequency_ghz(), angle)])
        .frequency_range(FrequencyRange::Extended)
        .surface(Surface::Tile(tile))
        .soil_dielectric(SoilDielectric::Dobson)
        .effective_temperature(teff_model(wave))
        .roughness(Roughness::WegmullerMatzler)
        .vegetation_opacity(opacity)
        .vegetation_water(VegetationWater::Given)
        .low_vegetation(VegetationType::C3Crop)
        .atmosphere(AtmosphereModel::Given)
        .check()
        .unwrap();
    let state = LandState {
        soil_moisture,
        sand_percent: TEXTURE.sand_percent,
        clay_percent: TEXTURE.clay_percent,
        surface_temperature_k: SURFACE_K,
        deep_temperature_k: DEEP_K,
        vegetation_temperature_k: PLANTS_K,
        low_vegetation_water_kg_m2: 1.0,
        roughness_cm: 1.0,
        optical_depth: 0.0,
        upwelling_k: 0.0,
        downwelling_k: sky_k,
        ..LandState::default()
    };
    evaluate(&model, &model.state(&state)).unwrap()
}

fn vegetation(count: &mut Count, line: &str, model: VegetationOpacity) {
    let (wave, w) = (wave_of(line), numbers(line)[1]);
    let canopy = Canopy {
        kind: VegetationType::C3Crop,
        water_kg_m2: 1.0,
        leaf_area_index: 2.0,
        temperature_k: PLANTS_K,
    };
    let depth = optical_depth(wave, incidence(wave), model, canopy, Reading::Corrected);
    let given = numbers(line);
    let depths = &given[2..4];
    for (ours, theirs) in [depth.h, depth.v].iter().zip(depths) {
        assert!(
            (ours - theirs).abs() <= (TOLERANCE * theirs).max(ROUNDING),
            "{line}"
        );
    }
    count.numbers += 2;
    // The soil alone emits under a sky of 0 K; plants stand under 20 K.
    let mut brightness = seen(wave, w, Tile::BareSoil, model, 0.0);
    brightness.extend(seen(wave, w, Tile::LowVegetation, model, SKY_K));
    count.compare(line, &brightness, ROUNDING_OF_KELVINS);
}

fn dielectric(count: &mut Count, line: &str, model: SoilDielectric) {
    let (wave, w) = (wave_of(line), numbers(line)[1]);
    let (dielectric, reflectivity) = smooth(wave, w, model);
    let effective = effective_temperature(wave, teff_model(wave), profile(w));
    let share = surface_share(wave, teff_model(wave), profile(w));
    let given = numbers(line);
    let ours = [
        dielectric.re,
        dielectric.im,
        reflectivity.h,
        reflectivity.v,
        effective,
    ];
    for (ours, theirs) in ours.iter().zip(&given[2..]) {
        assert!(
            (ours - theirs).abs() <= (TOLERANCE * theirs).max(ROUNDING),
            "{ours} against {theirs} in {line}"
        );
    }
    count.numbers += ours.len();
    count.compare(line, &[share], ROUNDING_OF_KELVINS);
}

#[test]
fn every_value_of_the_compiled_cmem_is_met() {
    let mut count = Count::default();
    for line in REFERENCE.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let wave = || wave_of(line);
        let c = &mut count;
        match (
            words[0],
            words
                .iter()
                .find(|word| word.starts_with(char::is_uppercase) && **word != words[0]),
        ) {
            ("rho_b,porosity,wp,rho_s", _) => c.compare(
                line,
                &[
                    TEXTURE.bulk_density_g_cm3(),
                    TEXTURE.porosity(),
                    TEXTURE.wilting_point(),
                    2.66,
                ],
                0.51e-7,
            ),
            ("PUREWATER20C", _) => {
                let water = pure_water(wave(), 293.15);
                c.compare(line, &[water.re, water.im], ROUNDING);
            }
            ("SEAWATER20C", _) => {
                let water = sea_water(wave(), 293.15, 32.5);
                c.compare(line, &[water.re, water.im], ROUNDING);
            }
            ("ICE263.15K", _) => {
                let original = ice(wave(), 263.15, Reading::Original);
                c.compare(line, &[original.re, original.im], ROUNDING);
                let corrected = ice(wave(), 263.15, Reading::Corrected);
                assert!((corrected.im + original.im).abs() < 1e-18 && corrected.im > 0.0);
            }
            ("SOIL", Some(&"Wang")) => dielectric(c, line, SoilDielectric::WangSchmugge),
            ("SOIL", Some(&"Dobson")) => dielectric(c, line, SoilDielectric::Dobson),
            ("SOIL", Some(&"Mironov")) => dielectric(c, line, SoilDielectric::Mironov),
            ("CHOU(s=.35cm,N=0)", _) => {
                // At 89 GHz the height runs into its label.
                let line = &line.replace("h,Q", "h,Q ");
                let (wave, w) = (wave_of(line), numbers(line)[1]);
                // What a mirror still reflects is e^(−h).
                let ground = RoughGround {
                    roughness_cm: 0.35,
                    soil_moisture: w,
                    texture: TEXTURE,
                    cover: VegetationType::BareSoil,
                };
                let mirror = Polarized::both(1.0);
                let height = -rough(wave, incidence(wave), Roughness::Choudhury, mirror, ground)
                    .h
                    .ln();
                let mixing = polarization_mixing(wave, 0.35);
                let reflectivity = rough_ground(wave, w, Roughness::Choudhury, 0.35);
                c.compare(line, &[reflectivity.h, reflectivity.v], ROUNDING);
                for (ours, theirs) in [height, mixing].iter().zip(&numbers(line)[2..]) {
                    assert!(
                        (ours - theirs).abs() <= (TOLERANCE * theirs).max(ROUNDING),
                        "{line}"
                    );
                    c.numbers += 1;
                }
            }
            ("WEGM(s=1cm)", _) => {
                let (wave, w) = (wave(), numbers(line)[1]);
                // What a mirror still reflects is e^(−(kσ)^√(0.1 cos θ)).
                let incidence = incidence(wave);
                let left = wegmuller_matzler(wave, incidence, Polarized::both(1.0), 1.0).h;
                let height = (-left.ln()).powf((0.1 * incidence.cos).sqrt().recip());
                let reflectivity = rough_ground(wave, w, Roughness::WegmullerMatzler, 1.0);
                c.compare(line, &[height, reflectivity.h, reflectivity.v], ROUNDING);
            }
            ("VEG", Some(&"Jackson")) => vegetation(c, line, VegetationOpacity::Jackson),
            ("VEG", Some(&"Kirdyashev")) => vegetation(c, line, VegetationOpacity::Kirdyashev),
            ("VEG", Some(&"Wegmueller")) => vegetation(c, line, VegetationOpacity::Wegmuller),
            ("PELLARIN", _) => {
                let incidence = Incidence::new(numbers(line)[1]);
                let air = pellarin(incidence, 0.3, 288.0);
                let depth = -air.transmittance.ln() * incidence.cos;
                c.compare(line, &[depth, air.downwelling_k, air.upwelling_k], ROUNDING);
            }
            ("HOLMES", _) => {
                let (wave, profile) = (Wave::new(1.4).unwrap(), profile(numbers(line)[0]));
                let share = surface_share(wave, EffectiveTemperature::Holmes, profile);
                let effective = effective_temperature(wave, EffectiveTemperature::Holmes, profile);
                c.compare(line, &[share, effective], ROUNDING);
            }
            (other, _) => panic!("a line of an unknown kind: {other}"),
        }
    }
    assert_eq!((count.lines, count.numbers), (N_LINES, N_NUMBERS));
}

#[test]
fn plants_hold_pure_water_and_below_half_a_degree_of_frost_ice() {
    let wave = Wave::new(6.925).unwrap();
    let (warm, cold) = (
        plant_water(wave, 272.66, Reading::Corrected),
        plant_water(wave, 272.64, Reading::Corrected),
    );
    assert!(warm.re > 50.0 && cold.re < 4.0);
}
