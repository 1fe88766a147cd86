//! Components are written and read as configuration.

use wherefair_physics::{
    AtmosphereModel, Climate, MicrowaveParams, Reading, Roughness, Sensor, Surface, ThermalAtmosphereModel,
    ThermalBand, ThermalParams, Tile,
};

#[test]
fn components_survive_json_and_toml() {
    let params = MicrowaveParams::ecmwf()
        .channels(Sensor::Smos.channels())
        .surface(Surface::Tile(Tile::LowVegetationSnow))
        .roughness(Roughness::WegmullerMatzler)
        .atmosphere(AtmosphereModel::Liebe)
        .scattering_albedo(Some(0.07))
        .snow(Reading::Original);
    let json = serde_json::to_string(&params).unwrap();
    assert_eq!(serde_json::from_str::<MicrowaveParams>(&json).unwrap(), params);
    let text = toml::to_string(&params).unwrap();
    assert_eq!(toml::from_str::<MicrowaveParams>(&text).unwrap(), params);
    let thermal = ThermalParams::new(ThermalBand::Landsat8Band11)
        .atmosphere(ThermalAtmosphereModel::AirTemperature)
        .climate(Climate::Tropical)
        .view_angle_deg(Some(5.0));
    let json = serde_json::to_string(&thermal).unwrap();
    assert_eq!(serde_json::from_str::<ThermalParams>(&json).unwrap(), thermal);
}

#[test]
fn what_is_not_written_is_the_default_and_what_is_unknown_an_error() {
    let params: MicrowaveParams =
        toml::from_str("roughness = \"smooth\"\nsurface = { tile = \"open-water\" }").unwrap();
    let expected = MicrowaveParams::default()
        .roughness(Roughness::Smooth)
        .surface(Surface::Tile(Tile::OpenWater));
    assert_eq!(params, expected);
    assert!(toml::from_str::<MicrowaveParams>("rougness = \"smooth\"").is_err());
    assert!(toml::from_str::<MicrowaveParams>("roughness = \"rough\"").is_err());
}
