//! Models of many components for the other tests.

use wherefair_physics::{
    AtmosphereModel, Channel, EffectiveTemperature, FrequencySwitches, MicrowaveModel, MicrowaveParams,
    Reading, Roughness, Sensor, SoilDielectric, Surface, Tile, VegetationOpacity, VegetationType,
    VegetationWater,
};

/// Every soil, roughness, vegetation, atmosphere and tile at least once.
pub(crate) fn models() -> Vec<(&'static str, MicrowaveModel)> {
    let tile = |tile| Surface::Tile(tile);
    let all = [
        ("default", MicrowaveParams::default()),
        ("ecmwf", MicrowaveParams::ecmwf()),
        ("smos", MicrowaveParams::for_sensor(Sensor::Smos)),
        (
            "bare Dobson Choudhury",
            MicrowaveParams::for_sensor(Sensor::Smap)
                .surface(tile(Tile::BareSoil))
                .soil_dielectric(SoilDielectric::Dobson)
                .roughness(Roughness::Choudhury)
                .effective_temperature(EffectiveTemperature::Holmes)
                .atmosphere(AtmosphereModel::Pellarin),
        ),
        (
            "grass Wigneron",
            MicrowaveParams::for_sensor(Sensor::Smos)
                .surface(tile(Tile::LowVegetation))
                .soil_dielectric(SoilDielectric::WangSchmugge)
                .roughness(Roughness::Wigneron)
                .vegetation_opacity(VegetationOpacity::Wigneron)
                .effective_temperature(EffectiveTemperature::Wigneron)
                .atmosphere(AtmosphereModel::Given),
        ),
        (
            "crops Jackson texture",
            MicrowaveParams::for_sensor(Sensor::Smap)
                .surface(tile(Tile::LowVegetation))
                .low_vegetation(VegetationType::C4Crop)
                .vegetation_opacity(VegetationOpacity::Jackson)
                .roughness(Roughness::WigneronTexture)
                .effective_temperature(EffectiveTemperature::Surface)
                .atmosphere(AtmosphereModel::Ulaby),
        ),
        (
            "forest Kirdyashev",
            MicrowaveParams::default()
                .channels(vec![Channel::at_any_angle(6.925)])
                .surface(tile(Tile::HighVegetation))
                .high_vegetation(VegetationType::RainForest)
                .vegetation_water(VegetationWater::Given)
                .vegetation_opacity(VegetationOpacity::Kirdyashev)
                .roughness(Roughness::Smooth)
                .atmosphere(AtmosphereModel::None),
        ),
        (
            "snow",
            MicrowaveParams::default()
                .surface(tile(Tile::BareSoilSnow))
                .atmosphere(AtmosphereModel::None),
        ),
        (
            "snow in forest, original",
            MicrowaveParams::default()
                .surface(tile(Tile::HighVegetationSnow))
                .snow(Reading::Original)
                .ulaby_decibel(Reading::Original)
                .atmosphere(AtmosphereModel::Ulaby),
        ),
        (
            "snow on grass",
            MicrowaveParams::default()
                .surface(tile(Tile::LowVegetationSnow))
                .low_vegetation(VegetationType::C3Crop),
        ),
        ("water", MicrowaveParams::default().surface(tile(Tile::OpenWater))),
        (
            "Liebe",
            MicrowaveParams::default()
                .channels(vec![Channel::new(23.8, 55.0)])
                .surface(tile(Tile::BareSoil))
                .roughness(Roughness::WigneronSimple)
                .atmosphere(AtmosphereModel::Liebe),
        ),
        (
            "switched",
            MicrowaveParams::ecmwf()
                .channels(Sensor::Amsr2.channels())
                .frequency_switches(FrequencySwitches::Cmem),
        ),
    ];
    all.map(|(name, params)| (name, params.check().unwrap())).to_vec()
}
