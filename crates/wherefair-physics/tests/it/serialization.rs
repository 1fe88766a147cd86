//! Components are written and read as configuration.

use wherefair_physics::{
    AtmosphereModel, Climate, MicrowaveParams, Reading, Roughness, Sensor, Surface, ThermalAtmosphereModel,
    ThermalBand, ThermalParams, Tile, ViewAngle,
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
}

#[test]
fn thermal_components_survive_json_and_toml() {
    let params = ThermalParams::new(ThermalBand::Landsat8Band11)
        .atmosphere(ThermalAtmosphereModel::AirTemperature)
        .climate(Climate::Tropical);
    for angle in [
        ViewAngle::Fixed(0.0),
        ViewAngle::Fixed(5.0),
        ViewAngle::Fixed(7.25),
        ViewAngle::Input,
    ] {
        let thermal = params.clone().view_angle(angle);
        let json = serde_json::to_string(&thermal).unwrap();
        assert_eq!(serde_json::from_str::<ThermalParams>(&json).unwrap(), thermal);
        let text = toml::to_string(&thermal).unwrap();
        assert_eq!(toml::from_str::<ThermalParams>(&text).unwrap(), thermal);
    }
    assert_eq!(
        toml::to_string(&params.view_angle(ViewAngle::Input)).unwrap(),
        "band = \"landsat8-band11\"\natmosphere = \"air-temperature\"\nclimate = \"tropical\"\nview_angle_deg = \"input\"\n"
    );
    for band in ThermalBand::ALL {
        assert_eq!(serde_json::to_value(band).unwrap(), band.name());
    }
    for atmosphere in [
        ThermalAtmosphereModel::WaterVapour,
        ThermalAtmosphereModel::AirTemperature,
        ThermalAtmosphereModel::Given,
    ] {
        assert_eq!(serde_json::to_value(atmosphere).unwrap(), atmosphere.name());
    }
}

#[test]
fn a_thermal_configuration_without_a_line_has_the_default_of_it() {
    let read = |text: &str| toml::from_str::<ThermalParams>(text);
    assert_eq!(read("").unwrap(), ThermalParams::default());
    assert_eq!(
        ThermalParams::default(),
        ThermalParams::new(ThermalBand::Landsat8Band10)
    );
    assert_eq!(
        read("view_angle_deg = 7").unwrap(),
        ThermalParams::default().view_angle(ViewAngle::Fixed(7.0))
    );
    for wrong in [
        "view_angle_deg = \"nadir\"",
        "view_angle_deg = [1.0]",
        "view_angle_deg = true",
    ] {
        let error = read(wrong).unwrap_err().to_string();
        assert!(
            error.contains("expected degrees from nadir, 0 to 85, or \"input\""),
            "{error}"
        );
    }
    assert!(read("bands = \"landsat8-band10\"").is_err());
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
