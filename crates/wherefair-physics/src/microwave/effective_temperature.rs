//! The temperature that emits: between surface and depth.

use serde::{Deserialize, Serialize};

use super::soil::{SoilTexture, wang_schmugge_lossless};
use super::water::pure_water;
use super::wave::Wave;
use crate::number::{Real, outlined};

/// How deep the emission comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectiveTemperature {
    /// The surface alone.
    Surface,
    /// A share by wavelength: Choudhury et al. (1982), doi:10.1029/JC087iC02p01301.
    #[default]
    Choudhury,
    /// A share by soil moisture, for L band: Wigneron et al. (2001), doi:10.1109/36.942548.
    Wigneron,
    /// The same as CMEM has it, above 1 for moistures above 0.41, which extrapolates beyond the surface. Soil that becomes
    /// warmer than 340 K by that has the dielectric constant of 340 K.
    WigneronUnbounded,
    /// A share by dielectric loss, for L band: Holmes et al. (2006), doi:10.1029/2006GL025724.
    Holmes,
}

/// Temperature, moisture and texture of soil with its temperature at depth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoilProfile<T> {
    /// What it is made of.
    pub texture: SoilTexture<T>,
    /// Water in m³ m⁻³.
    pub soil_moisture: T,
    /// Temperature at the surface in K.
    pub surface_temperature_k: T,
    /// Temperature at depth (50 to 100 cm) in K.
    pub deep_temperature_k: T,
}

/// The share `C` of the surface.
///
/// # Formula
/// Choudhury: 0.802 for wavelengths below 4.4 cm, 0.667 below 8.5, 0.480 below 16, 0.246 below 35, else 0.084.
/// Wigneron: `max(0.001, (w/0.41)^0.35)`, not above 1. Holmes: `(ε″/ε′/0.08)^0.87` between 0.001 and 1, with the mixture
/// of Wang and Schmugge of pure water.
///
/// DIFFERENCE: Wigneron's share exceeds 1 above `w = 0.41` in CMEM, which extrapolates beyond the surface temperature; it
/// is 1 here. [`EffectiveTemperature::WigneronUnbounded`] does as the original.
#[inline(always)]
pub fn surface_share<T: Real>(wave: Wave, model: EffectiveTemperature, soil: SoilProfile<T>) -> T {
    outlined!(soil.soil_moisture, {
        match model {
            EffectiveTemperature::Surface => soil.soil_moisture.constant(1.0),
            EffectiveTemperature::Choudhury => soil.soil_moisture.constant(choudhury_share(wave)),
            EffectiveTemperature::Wigneron => wigneron_share(soil.soil_moisture).at_most(1.0),
            EffectiveTemperature::WigneronUnbounded => wigneron_share(soil.soil_moisture),
            EffectiveTemperature::Holmes => {
                let water = pure_water(wave, soil.surface_temperature_k);
                let mixed = wang_schmugge_lossless(water, soil.texture, soil.soil_moisture);
                (mixed.im / mixed.re / 0.08)
                    .powf(0.87)
                    .at_least(0.001)
                    .at_most(1.0)
            }
        }
    })
}

/// The effective temperature in K: `T_eff = T_deep + C (T_surf − T_deep)`, `C` of [`surface_share`].
#[inline(always)]
pub fn effective_temperature<T: Real>(wave: Wave, model: EffectiveTemperature, soil: SoilProfile<T>) -> T {
    let (surface, deep) = (soil.surface_temperature_k, soil.deep_temperature_k);
    match model {
        EffectiveTemperature::Surface => surface,
        EffectiveTemperature::Choudhury => {
            let share = choudhury_share(wave);
            deep * (1.0 - share) + surface * share
        }
        _ => deep + surface_share(wave, model, soil) * (surface - deep),
    }
}

#[inline(always)]
fn wigneron_share<T: Real>(soil_moisture: T) -> T {
    (soil_moisture / 0.41).powf(0.35).at_least(0.001)
}

fn choudhury_share(wave: Wave) -> f64 {
    match wave.wavelength_cm() {
        length if length < 4.4 => 0.802,
        length if length < 8.5 => 0.667,
        length if length < 16.0 => 0.480,
        length if length < 35.0 => 0.246,
        _ => 0.084,
    }
}
