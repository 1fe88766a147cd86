//! What the air absorbs and emits in a thermal band.

use serde::{Deserialize, Serialize};

use super::band::ThermalBand;
use crate::number::{Blend, Mask as _, Real, choose, outlined};

/// How the atmosphere is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThermalAtmosphereModel {
    /// [`single_channel_atmosphere`], from column water vapour: Landsat 5, 7 and 8 (band 10).
    #[default]
    WaterVapour,
    /// [`effective_temperature_atmosphere`], from column water vapour and air temperature: Landsat 8.
    AirTemperature,
    /// Transmittance and radiances at nadir are inputs: all bands.
    Given,
}

impl ThermalAtmosphereModel {
    /// Its name in configurations, such as `water-vapour`.
    pub fn name(self) -> &'static str {
        match self {
            Self::WaterVapour => "water-vapour",
            Self::AirTemperature => "air-temperature",
            Self::Given => "given",
        }
    }
}

/// The climate whose profiles link air temperature at the ground with the effective temperature of the atmosphere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Climate {
    /// The U.S. Standard Atmosphere of 1976.
    #[default]
    UsStandard,
    /// Tropical.
    Tropical,
    /// Summer in middle latitudes.
    MidLatitudeSummer,
    /// Winter in middle latitudes.
    MidLatitudeWinter,
}

impl Climate {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::UsStandard,
        Self::Tropical,
        Self::MidLatitudeSummer,
        Self::MidLatitudeWinter,
    ];
}

/// The atmosphere in a thermal band along the line of sight; radiances in W m⁻² sr⁻¹ µm⁻¹.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThermalAtmosphere<T> {
    /// The share of radiation that passes.
    pub transmittance: T,
    /// Emitted towards the sensor.
    pub upwelling_radiance: T,
    /// Reaching the ground, averaged over the sky.
    pub downwelling_radiance: T,
}

impl<M: Copy, T: Blend<M>> Blend<M> for ThermalAtmosphere<T> {
    #[inline(always)]
    fn blend(mask: M, yes: Self, no: Self) -> Self {
        Self {
            transmittance: T::blend(mask, yes.transmittance, no.transmittance),
            upwelling_radiance: T::blend(mask, yes.upwelling_radiance, no.upwelling_radiance),
            downwelling_radiance: T::blend(mask, yes.downwelling_radiance, no.downwelling_radiance),
        }
    }
}

/// The atmosphere at nadir from column water vapour `w`, by the functions of the single-channel method.
///
/// # Formula
/// `τ = 1/ψ₁`, `L↓ = max(ψ₃, 0)`, `L↑ = −(ψ₂ + ψ₃)/ψ₁`, `ψ_k = a_k w² + b_k w + c_k`; `None` for bands without.
/// `ψ₃` is negative below `w` of 0.18 (Landsat 5 and 7) and 0.20 (Landsat 8), where the derivative of `L↓` is 0.
///
/// The authors found temperatures by these functions within 1 K below 2 g cm⁻² and unacceptable above 3 (Landsat 5 and 7).
///
/// # Units
/// `w` in g cm⁻².
///
/// # References
/// Jiménez-Muñoz et al. (2009), doi:10.1109/TGRS.2008.2007125; Jiménez-Muñoz et al. (2014), doi:10.1109/LGRS.2014.2312032.
#[inline(always)]
pub fn single_channel_atmosphere<T: Real>(
    band: ThermalBand,
    water_vapour_g_cm2: T,
) -> Option<ThermalAtmosphere<T>> {
    outlined!(water_vapour_g_cm2, {
        let [psi1, psi2, psi3] = band.atmospheric_functions()?.map(
            #[inline(always)]
            |coefficients| quadratic(coefficients, water_vapour_g_cm2),
        );
        Some(ThermalAtmosphere {
            transmittance: psi1.recip(),
            upwelling_radiance: -((psi2 + psi3) / psi1),
            downwelling_radiance: psi3.at_least(0.0),
        })
    })
}

/// The atmosphere at nadir from column water vapour and air temperature.
///
/// # Formula
/// `τ = a w² + b w + c`, `L↑ = (1 − τ) B(T_a)`, `L↓ = (1 − τ^1.66) B(T_a)` with the effective temperature of the
/// atmosphere `T_a` a line of the air temperature at the ground; `None` for bands other than Landsat 8's.
///
/// # Units
/// `w` in g cm⁻², air temperature (at 2 m) in K.
///
/// # References
/// Qin et al. (2001), doi:10.1080/01431160010006971; Rozenstein et al. (2014), doi:10.3390/s140405768, whose own transmittances are
/// lines in water vapour: these polynomials are those that R's package LST gives.
#[inline(always)]
pub fn effective_temperature_atmosphere<T: Real>(
    band: ThermalBand,
    climate: Climate,
    water_vapour_g_cm2: T,
    air_temperature_k: T,
) -> Option<ThermalAtmosphere<T>> {
    outlined!(water_vapour_g_cm2, {
        const DIFFUSIVITY: f64 = 1.66;
        let transmittance = quadratic(band.transmittance_polynomial()?, water_vapour_g_cm2);
        let (offset_k, slope) = match climate {
            Climate::UsStandard => (25.940, 0.8805),
            Climate::Tropical => (17.977, 0.9172),
            Climate::MidLatitudeSummer => (16.011, 0.9262),
            Climate::MidLatitudeWinter => (19.270, 0.9112),
        };
        let emitted = band.radiance(air_temperature_k * slope + offset_k);
        Some(ThermalAtmosphere {
            transmittance,
            upwelling_radiance: emitted - emitted * transmittance,
            downwelling_radiance: emitted - emitted * transmittance.powf(DIFFUSIVITY),
        })
    })
}

/// Below this optical depth along the line of sight the share of emission off nadir is a series.
const THIN: f64 = 1e-4;

/// The same atmosphere seen at an angle from nadir, in plane-parallel layers.
///
/// # Formula
/// `τ(θ) = τ₀^m`, `L↑(θ) = L↑₀ (1 − τ(θ))/(1 − τ₀)`, `m = 1/cos θ`; `L↓` does not change. With `d = ln τ₀` near 0 the quotient is
/// `m (1 + (m − 1) d/2 + (m − 1)(2m − 1) d²/12 + m (m − 1)² d³/24)`: where `τ₀ = 1`, `L↑(θ) = m L↑₀`.
///
/// # Units
/// Degrees. The earth is round: at 85° `m` is 11.5 and the air mass of a curved atmosphere 10.3, at 90° infinite and 38.
///
/// # References
/// Air mass of a curved atmosphere: Kasten and Young (1989), doi:10.1364/AO.28.004735.
#[inline(always)]
pub fn slanted<T: Real>(nadir: ThermalAtmosphere<T>, view_angle_deg: T) -> ThermalAtmosphere<T> {
    outlined!(view_angle_deg, {
        let (_, cos) = (view_angle_deg * (std::f64::consts::PI / 180.0)).sin_cos();
        let airmass = cos.recip();
        let depth = nadir.transmittance.ln();
        let slant = depth * airmass;
        let is_thin = slant.is_above(-THIN).and(slant.is_below(THIN));
        let factor = choose!(
            is_thin,
            thin_emission(airmass, depth),
            slant.exp_m1() / depth.exp_m1()
        );
        ThermalAtmosphere {
            transmittance: slant.exp(),
            upwelling_radiance: nadir.upwelling_radiance * factor,
            downwelling_radiance: nadir.downwelling_radiance,
        }
    })
}

/// `(e^(md) − 1)/(e^d − 1)` for `md` near 0, where the quotient has no digits left for its derivative.
#[inline(always)]
fn thin_emission<T: Real>(airmass: T, depth: T) -> T {
    let excess = airmass - 1.0;
    let third = airmass * excess * depth / 24.0;
    let second = (airmass * 2.0 - 1.0) / 12.0 + third;
    let series = (second * depth + 0.5) * (excess * depth) + 1.0;
    airmass * series
}

/// Column water vapour from air temperature and relative humidity at the ground.
///
/// # Formula
/// `w = 0.0981 · 10 · 0.6108 e^(17.27 t/(237.3 + t)) RH + 0.1697`, `t` in °C
///
/// # Units
/// Air temperature in K, relative humidity 0 to 1; g cm⁻².
///
/// # References
/// Liu and Zhang (2011), doi:10.3390/rs3071535.
#[inline(always)]
pub fn water_vapour_from_humidity<T: Real>(air_temperature_k: T, relative_humidity: T) -> T {
    let t = air_temperature_k - 273.15;
    let saturation = (t * 17.27 / (t + 237.3)).exp() * 0.6108;
    saturation * relative_humidity * (0.0981 * 10.0) + 0.1697
}

#[inline(always)]
pub(super) fn quadratic<T: Real>([a, b, c]: [f64; 3], x: T) -> T {
    (x * a + b) * x + c
}
