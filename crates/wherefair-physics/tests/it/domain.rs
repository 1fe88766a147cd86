//! Brightness temperatures over the whole domain of every component, its corners included.

use proptest::prelude::*;
use proptest::sample::select;
use wherefair_physics::{
    AtmosphereModel, Channel, DielectricTemperature, EffectiveTemperature, ForwardModel, FrequencyRange,
    FrequencySwitches, LandState, LandVariable, MicrowaveModel, MicrowaveParams, Reading, Roughness,
    SoilDielectric, SoilTexture, Surface, Tile, VegetationOpacity, VegetationType, VegetationWater, evaluate,
    jacobian,
};

use crate::microwave_properties::TEMPERATURES;

/// Rounding, relative to the temperature.
const ROUNDING: f64 = 1e-12;

fn surfaces() -> impl Strategy<Value = Surface> {
    let tiles = Tile::ALL.into_iter().map(Surface::Tile);
    select(tiles.chain([Surface::Mixed]).collect::<Vec<_>>())
}

fn soils() -> impl Strategy<Value = (SoilDielectric, DielectricTemperature, EffectiveTemperature)> {
    let models = [
        SoilDielectric::WangSchmugge,
        SoilDielectric::Dobson,
        SoilDielectric::Mironov,
    ];
    (
        select(models.to_vec()),
        select(vec![
            DielectricTemperature::Effective,
            DielectricTemperature::Surface,
        ]),
        select(vec![
            EffectiveTemperature::Surface,
            EffectiveTemperature::Choudhury,
            EffectiveTemperature::Wigneron,
            EffectiveTemperature::WigneronUnbounded,
            EffectiveTemperature::Holmes,
        ]),
    )
}

fn roughnesses() -> impl Strategy<Value = Roughness> {
    select(vec![
        Roughness::Smooth,
        Roughness::Choudhury,
        Roughness::WigneronSimple,
        Roughness::WigneronTexture,
        Roughness::Wigneron,
        Roughness::WegmullerMatzler,
    ])
}

fn plants() -> impl Strategy<
    Value = (
        VegetationOpacity,
        VegetationWater,
        VegetationType,
        VegetationType,
        Option<f64>,
    ),
> {
    use VegetationType as T;
    (
        select(vec![
            VegetationOpacity::Transparent,
            VegetationOpacity::Jackson,
            VegetationOpacity::Kirdyashev,
            VegetationOpacity::Wigneron,
            VegetationOpacity::Wegmuller,
        ]),
        select(vec![VegetationWater::FromLeafArea, VegetationWater::Given]),
        select(vec![T::C3Grass, T::C4Grass, T::C3Crop, T::C4Crop]),
        select(vec![T::DeciduousForest, T::ConiferousForest, T::RainForest]),
        select(vec![None, Some(0.0), Some(0.4)]),
    )
}

fn atmospheres() -> impl Strategy<Value = AtmosphereModel> {
    select(vec![
        AtmosphereModel::None,
        AtmosphereModel::Given,
        AtmosphereModel::Pellarin,
        AtmosphereModel::Ulaby,
        AtmosphereModel::Liebe,
        AtmosphereModel::Regression,
    ])
}

fn channels() -> impl Strategy<Value = Channel> {
    let frequencies = prop_oneof![
        select(vec![1.4, 6.925, 7.3, 10.65, 18.7, 23.8, 36.5, 89.0]),
        0.3..100.0_f64,
    ];
    (
        frequencies,
        select(vec![
            None,
            Some(0.0),
            Some(40.0),
            Some(55.0),
            Some(69.0),
            Some(89.9),
        ]),
    )
        .prop_map(|(frequency_ghz, incidence_deg)| Channel {
            frequency_ghz,
            incidence_deg,
        })
}

/// Components that go together, with two of them; others are drawn anew.
fn models() -> impl Strategy<Value = (MicrowaveModel, EffectiveTemperature, AtmosphereModel)> {
    let readings = select(vec![Reading::Corrected, Reading::Corrected, Reading::Original]);
    let switches = select(vec![FrequencySwitches::Off, FrequencySwitches::Cmem]);
    let parts = (
        surfaces(),
        soils(),
        roughnesses(),
        plants(),
        atmospheres(),
        channels(),
        readings,
        switches,
    );
    parts.prop_filter_map(
        "the components do not go together",
        |(surface, soil, roughness, plants, atmosphere, channel, reading, switches)| {
            let params = MicrowaveParams::default()
                .channels(vec![channel])
                .frequency_range(FrequencyRange::Extended)
                .frequency_switches(switches)
                .surface(surface)
                .soil_dielectric(soil.0)
                .dielectric_temperature(soil.1)
                .effective_temperature(soil.2)
                .roughness(roughness)
                .vegetation_opacity(plants.0)
                .vegetation_water(plants.1)
                .low_vegetation(plants.2)
                .high_vegetation(plants.3)
                .scattering_albedo(plants.4)
                .atmosphere(atmosphere)
                .ulaby_decibel(reading);
            let model = params.check().ok()?;
            Some((model, soil.2, atmosphere))
        },
    )
}

/// Where in its domain an input lies: anywhere, often at one of its ends or close to them.
fn shares() -> impl Strategy<Value = Vec<f64>> {
    let share = prop_oneof![
        4 => 0.0..=1.0_f64,
        2 => Just(0.0),
        2 => Just(1.0),
        1 => (0.0..12.0_f64).prop_map(|digits| 10.0_f64.powf(-digits)),
    ];
    prop::collection::vec(share, 28)
}

/// The state at these shares of the domains, changed as little as the conditions on several inputs ask for.
fn state_at(model: &MicrowaveModel, shares: &[f64]) -> LandState<f64> {
    let mut state = LandState::default();
    for (variable, share) in LandVariable::ALL.into_iter().zip(shares) {
        let inputs = model.inputs().iter();
        let Some(input) = inputs
            .clone()
            .find(|input| input.name == variable.describe().name)
        else {
            continue;
        };
        let domain = input.domain;
        let value = domain.from + share * (domain.to - domain.from);
        state.set(
            variable,
            if domain.contains(value) {
                value
            } else {
                domain.from + 0.999 * (domain.to - domain.from)
            },
        );
    }
    state.clay_percent = state.clay_percent.min(100.0 - state.sand_percent);
    let texture = SoilTexture {
        sand_percent: state.sand_percent,
        clay_percent: state.clay_percent,
    };
    state.soil_moisture = (state.soil_moisture * texture.porosity()).min(texture.porosity());
    state.snow_liquid_water = state.snow_liquid_water.min(0.999_999 * state.snow_density_g_cm3);
    state.high_vegetation_fraction *= 1.0 - state.low_vegetation_fraction;
    state.water_fraction *= 1.0 - state.low_vegetation_fraction - state.high_vegetation_fraction;
    state
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn whatever_is_accepted_is_no_brighter_than_the_warmest_thing_in_it(
        (model, depth, atmosphere) in models(), shares in shares()
    ) {
        let state = state_at(&model, &shares);
        let warmest_of = |variables: &[LandVariable]| {
            let is_read = |variable: &&LandVariable| {
                model.inputs().iter().any(|input| input.name == variable.describe().name)
            };
            let read = variables.iter().filter(is_read);
            read.fold(0.0_f64, |warmest, &variable| warmest.max(state.get(variable)))
        };
        let sky = warmest_of(&[LandVariable::Downwelling]).max(2.7);
        // An atmosphere that is given may emit as it likes, and hide all without emission.
        let warmest = warmest_of(&TEMPERATURES).max(sky) + warmest_of(&[LandVariable::Upwelling]);
        let is_given = atmosphere == AtmosphereModel::Given;
        // Which extrapolates beyond the temperatures of the soil.
        let is_unbounded = depth == EffectiveTemperature::WigneronUnbounded;
        for brightness in evaluate(&model, &model.state(&state)).unwrap() {
            prop_assert!(brightness.is_finite(), "{} at {:?}", brightness, state);
            prop_assert!(brightness > 0.0 || (is_given && brightness >= 0.0), "{} at {:?}", brightness, state);
            prop_assert!(
                is_unbounded || brightness <= warmest * (1.0 + ROUNDING),
                "{} above {} at {:?}", brightness, warmest, state
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn derivatives_are_finite_and_leave_the_values_as_they_are((model, ..) in models(), shares in shares()) {
        let state = model.state(&state_at(&model, &shares));
        let jacobian = jacobian(&model, &state).unwrap();
        prop_assert_eq!(&jacobian.values, &evaluate(&model, &state).unwrap(), "at {:?}", state);
        for (i, derivative) in jacobian.derivatives.iter().enumerate() {
            let input = model.inputs()[i % state.len()].name;
            prop_assert!(derivative.is_finite(), "{} to {} at {:?} of {:?}", derivative, input, state, model.params());
        }
    }
}
