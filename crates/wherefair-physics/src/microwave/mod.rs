//! Passive microwave emission of land.

mod atmosphere;
mod channel;
mod constants;
mod effective_temperature;
mod layers;
mod model;
mod params;
mod parts;
mod reflectivity;
mod sensor;
mod snow;
mod soil;
mod state;
mod vegetation;
mod water;
mod wave;

pub use atmosphere::{
    Absorption, AirLayer, Atmosphere, AtmosphereModel, REGRESSION_DOMAIN, REGRESSION_FREQUENCIES_GHZ,
    RegressionAtmosphere, StandardProfile, absorption, pellarin, radiative_transfer, regression,
    standard_atmosphere, ulaby, ulaby_loss_db,
};
pub use effective_temperature::{EffectiveTemperature, SoilProfile, effective_temperature, surface_share};
pub use model::MicrowaveModel;
pub use params::{
    DielectricTemperature, FrequencyRange, FrequencySwitches, MicrowaveParams, Surface, Tile, VegetationWater,
};
pub use reflectivity::{RoughGround, Roughness, fresnel, polarization_mixing, rough, wegmuller_matzler};
pub use sensor::{Channel, Sensor};
pub use snow::{SnowEmission, SnowLayer, snow};
pub use soil::{SoilDielectric, SoilState, SoilTexture, dobson, dry_sand, mironov, soil, wang_schmugge};
pub use state::{LandState, LandVariable};
pub use vegetation::{
    Canopy, VegetationOpacity, VegetationType, jackson, kirdyashev, optical_depth, plant_water, wegmuller,
    wigneron,
};
pub use water::{Reading, ice, pure_water, sea_water, soil_water};
pub use wave::{Incidence, Polarized, Wave};
