//! What the microwave model is put together from.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::atmosphere::AtmosphereModel;
use super::effective_temperature::EffectiveTemperature;
use super::model::MicrowaveModel;
use super::reflectivity::Roughness;
use super::sensor::{Channel, Sensor};
use super::soil::SoilDielectric;
use super::vegetation::{VegetationOpacity, VegetationType};
use super::water::Reading;
use super::wave::Wave;
use crate::error::PhysicsError;

/// What a place is covered with: CMEM's seven tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tile {
    /// Bare soil.
    BareSoil,
    /// Snow on bare soil.
    BareSoilSnow,
    /// Low vegetation.
    LowVegetation,
    /// Snow on low vegetation.
    LowVegetationSnow,
    /// High vegetation.
    HighVegetation,
    /// High vegetation over snow.
    HighVegetationSnow,
    /// Open water, ice below −0.5 °C.
    OpenWater,
}

impl Tile {
    /// All seven, in CMEM's order.
    pub const ALL: [Self; 7] = [
        Self::BareSoil,
        Self::BareSoilSnow,
        Self::LowVegetation,
        Self::LowVegetationSnow,
        Self::HighVegetation,
        Self::HighVegetationSnow,
        Self::OpenWater,
    ];

    /// Whether there is snow on it.
    pub fn has_snow(self) -> bool {
        matches!(
            self,
            Self::BareSoilSnow | Self::LowVegetationSnow | Self::HighVegetationSnow
        )
    }
}

/// What a place consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// One tile.
    Tile(Tile),
    /// All tiles by their fractions, which are inputs; the rest is bare soil.
    #[default]
    Mixed,
}

/// Where the water in plants comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VegetationWater {
    /// Low vegetation has 0.5 kg m⁻² for each unit of leaf area, forest a constant by type.
    #[default]
    FromLeafArea,
    /// Both are inputs.
    Given,
}

/// At which temperature soil has its dielectric constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DielectricTemperature {
    /// The effective temperature.
    #[default]
    Effective,
    /// The temperature of the surface.
    Surface,
}

/// Whether components are exchanged where a frequency lies beyond their validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrequencySwitches {
    /// Each component as it was chosen, at all frequencies.
    #[default]
    Off,
    /// As CMEM does: effective temperature by Choudhury above 2.5 GHz; Wigneron's roughnesses by Choudhury's from 2 and
    /// Wegmüller's above 10 GHz; vegetation by Wegmüller instead of Kirdyashev above 7.5 and of Wigneron above 11 GHz;
    /// Pellarin's atmosphere by Ulaby's from 10 GHz.
    Cmem,
}

/// Which frequencies are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrequencyRange {
    /// 1 to 37 GHz, where the components have been validated.
    #[default]
    Validated,
    /// 0.3 to 100 GHz: scattering by plants, snow and clouds, which the model lacks, counts beyond 37 GHz.
    Extended,
}

impl FrequencyRange {
    fn bounds(self) -> (f64, f64, &'static str) {
        match self {
            Self::Validated => (1.0, 37.0, "1 to 37, or with the extended range 0.3 to 100"),
            Self::Extended => (0.3, 100.0, "0.3 to 100"),
        }
    }
}

/// The components of a [`MicrowaveModel`], each a named option.
///
/// The default is made for L band and AMSR2: Mironov's soil, Choudhury's effective temperature, Wegmüller's roughness and
/// vegetation, which have values from 1 to 37 GHz, and the regression on MPM89, which has coefficients for
/// [`REGRESSION_FREQUENCIES_GHZ`](crate::REGRESSION_FREQUENCIES_GHZ) alone. Other frequencies, such as 5 GHz, need another
/// atmosphere: [`AtmosphereModel::Liebe`] and [`AtmosphereModel::Ulaby`] have values at all of them.
/// [`MicrowaveParams::ecmwf`] has the defaults of CMEM at ECMWF.
///
/// # Examples
/// ```
/// use wherefair_physics::{ForwardModel, MicrowaveParams, Sensor, Surface, Tile, evaluate};
///
/// let model = MicrowaveParams::for_sensor(Sensor::Smap)
///     .surface(Surface::Tile(Tile::BareSoil))
///     .check()?;
/// let names: Vec<&str> = model.inputs().iter().map(|input| input.name).collect();
/// assert_eq!(names[..3], ["soil_moisture", "sand_percent", "clay_percent"]);
/// assert_eq!(model.outputs(), ["tb_1.41ghz_h_k", "tb_1.41ghz_v_k"]);
/// let mut state: Vec<f64> = model.inputs().iter().map(|input| input.default).collect();
/// let moist = evaluate(&model, &state)?;
/// state[0] = 0.4;
/// assert!(evaluate(&model, &state)?[0] < moist[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MicrowaveParams {
    pub(super) channels: Vec<Channel>,
    pub(super) frequency_range: FrequencyRange,
    pub(super) frequency_switches: FrequencySwitches,
    pub(super) surface: Surface,
    pub(super) soil_dielectric: SoilDielectric,
    pub(super) dielectric_temperature: DielectricTemperature,
    pub(super) effective_temperature: EffectiveTemperature,
    pub(super) roughness: Roughness,
    pub(super) vegetation_opacity: VegetationOpacity,
    pub(super) vegetation_water: VegetationWater,
    pub(super) low_vegetation: VegetationType,
    pub(super) high_vegetation: VegetationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scattering_albedo: Option<f64>,
    pub(super) atmosphere: AtmosphereModel,
    pub(super) ice_sign: Reading,
    pub(super) snow: Reading,
    pub(super) ulaby_decibel: Reading,
}

impl Default for MicrowaveParams {
    /// AMSR2, all tiles.
    fn default() -> Self {
        Self {
            channels: Sensor::Amsr2.channels(),
            frequency_range: FrequencyRange::default(),
            frequency_switches: FrequencySwitches::default(),
            surface: Surface::default(),
            soil_dielectric: SoilDielectric::default(),
            dielectric_temperature: DielectricTemperature::default(),
            effective_temperature: EffectiveTemperature::default(),
            roughness: Roughness::default(),
            vegetation_opacity: VegetationOpacity::default(),
            vegetation_water: VegetationWater::default(),
            low_vegetation: VegetationType::C3Grass,
            high_vegetation: VegetationType::DeciduousForest,
            scattering_albedo: None,
            atmosphere: AtmosphereModel::default(),
            ice_sign: Reading::default(),
            snow: Reading::default(),
            ulaby_decibel: Reading::default(),
        }
    }
}

wherefair_core::parameters! {
    MicrowaveParams;
    /// The frequencies and incidence angles.
    channels: Vec<Channel>,
    /// Which frequencies are accepted.
    frequency_range: FrequencyRange,
    /// Whether components are exchanged beyond their validity.
    frequency_switches: FrequencySwitches,
    /// What a place consists of.
    surface: Surface,
    /// How water, air and rock mix.
    soil_dielectric: SoilDielectric,
    /// At which temperature soil has its dielectric constant.
    dielectric_temperature: DielectricTemperature,
    /// How deep the emission comes from.
    effective_temperature: EffectiveTemperature,
    /// How roughness lowers reflectivity.
    roughness: Roughness,
    /// How thick plants are to microwaves.
    vegetation_opacity: VegetationOpacity,
    /// Where the water in plants comes from.
    vegetation_water: VegetationWater,
    /// The type of the low vegetation.
    low_vegetation: VegetationType,
    /// The type of the high vegetation.
    high_vegetation: VegetationType,
    /// The single-scattering albedo ω of all plants; where there is none, 0.05, and Wigneron's by type with Wigneron's opacity.
    scattering_albedo: Option<f64>,
    /// How the atmosphere is modelled.
    atmosphere: AtmosphereModel,
    /// The sign of the dielectric loss of ice.
    ice_sign: Reading,
    /// What divides the emission of the ground under snow, and where the sky is reflected.
    snow: Reading,
    /// The unit of Ulaby's optical depth.
    ulaby_decibel: Reading,
}

impl MicrowaveParams {
    /// The default components for a sensor.
    pub fn for_sensor(sensor: Sensor) -> Self {
        Self::default().channels(sensor.channels())
    }

    /// The components of CMEM at ECMWF: Wang and Schmugge's soil, Wigneron's effective temperature, simple roughness and
    /// vegetation, Pellarin's atmosphere, exchanged by frequency.
    pub fn ecmwf() -> Self {
        Self::default()
            .soil_dielectric(SoilDielectric::WangSchmugge)
            .effective_temperature(EffectiveTemperature::Wigneron)
            .roughness(Roughness::WigneronSimple)
            .vegetation_opacity(VegetationOpacity::Wigneron)
            .atmosphere(AtmosphereModel::Pellarin)
            .frequency_switches(FrequencySwitches::Cmem)
    }

    /// Checks the components and makes the model of them.
    ///
    /// # Errors
    /// Where there is no channel or one twice, a frequency or angle lies outside its domain, a vegetation type is of the
    /// wrong kind, the albedo lies outside 0 to 1, or the atmosphere has no coefficients for a frequency.
    pub fn check(self) -> Result<MicrowaveModel, PhysicsError> {
        if self.channels.is_empty() {
            return Err(ParamError::new("channels", "none", "at least one").into());
        }
        let (from, to, accepted) = self.frequency_range.bounds();
        for (i, channel) in self.channels.iter().enumerate() {
            let f = channel.frequency_ghz;
            if !(from..=to).contains(&f) {
                return Err(ParamError::new("frequency_ghz", f, accepted).into());
            }
            if let Some(angle) = channel.incidence_deg
                && !(0.0..90.0).contains(&angle)
            {
                return Err(ParamError::new("incidence_deg", angle, "0 to below 90").into());
            }
            if self.channels[..i].contains(channel) {
                return Err(
                    ParamError::new("channels", format!("{f} GHz twice"), "each channel once").into(),
                );
            }
        }
        if !self.low_vegetation.is_low() {
            let accepted = "C3Grass, C4Grass, C3Crop or C4Crop";
            return Err(
                ParamError::new("low_vegetation", format!("{:?}", self.low_vegetation), accepted).into(),
            );
        }
        if !self.high_vegetation.is_forest() {
            let accepted = "DeciduousForest, ConiferousForest or RainForest";
            return Err(
                ParamError::new("high_vegetation", format!("{:?}", self.high_vegetation), accepted).into(),
            );
        }
        if let Some(albedo) = self.scattering_albedo
            && !(0.0..=1.0).contains(&albedo)
        {
            return Err(ParamError::new("scattering_albedo", albedo, "0 to 1").into());
        }
        MicrowaveModel::new(self)
    }

    /// The components at one frequency, exchanged where the switches say so.
    pub(super) fn at(&self, wave: Wave) -> Self {
        let f = wave.frequency_ghz();
        let mut params = self.clone();
        if params.frequency_switches == FrequencySwitches::Cmem {
            if f > 2.5 && params.effective_temperature != EffectiveTemperature::Surface {
                params.effective_temperature = EffectiveTemperature::Choudhury;
            }
            let is_l_band = matches!(
                params.roughness,
                Roughness::WigneronSimple | Roughness::WigneronTexture | Roughness::Wigneron
            );
            if is_l_band && f >= 2.0 {
                params.roughness = if f <= 10.0 {
                    Roughness::Choudhury
                } else {
                    Roughness::WegmullerMatzler
                };
            }
            let opacity = params.vegetation_opacity;
            if (opacity == VegetationOpacity::Kirdyashev && f > 7.5)
                || (opacity == VegetationOpacity::Wigneron && f > 11.0)
            {
                params.vegetation_opacity = VegetationOpacity::Wegmuller;
            }
            if params.atmosphere == AtmosphereModel::Pellarin && f >= 10.0 {
                params.atmosphere = AtmosphereModel::Ulaby;
            }
        }
        params
    }
}
