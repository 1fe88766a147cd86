//! Surface temperature from what a sensor measured: baselines for learned models.

use super::atmosphere::{ThermalAtmosphere, quadratic};
use super::band::ThermalBand;
use crate::error::PhysicsError;
use crate::number::Real;

/// The surface temperature in K that explains a radiance exactly: the inverse of the forward model.
///
/// # Formula
/// `T_s = B⁻¹(((L − L↑)/τ − (1 − ε) L↓)/ε)`
///
/// # Units
/// Radiances in W m⁻² sr⁻¹ µm⁻¹.
///
/// # Errors
/// Where the emissivity or the transmittance lies outside (0, 1], where a radiance is below 0 or not finite, and where the
/// one at the sensor is not more than the atmosphere alone gives.
pub fn surface_temperature_k(
    band: ThermalBand,
    radiance: f64,
    emissivity: f64,
    air: ThermalAtmosphere<f64>,
) -> Result<f64, PhysicsError> {
    within("radiance", radiance, RADIANCE)?;
    within("emissivity", emissivity, SHARE)?;
    within("transmittance", air.transmittance, SHARE)?;
    within("upwelling_radiance", air.upwelling_radiance, RADIANCE)?;
    within("downwelling_radiance", air.downwelling_radiance, RADIANCE)?;
    let leaving = (radiance - air.upwelling_radiance) / air.transmittance;
    let emitted = (leaving - (1.0 - emissivity) * air.downwelling_radiance) / emissivity;
    if !(emitted > 0.0 && emitted.is_finite()) {
        return Err(PhysicsError::NoInverse {
            quantity: "the radiance",
            value: radiance,
            accepted: "above what the atmosphere alone gives",
        });
    }
    Ok(band.brightness_temperature_k(emitted))
}

/// A share above 0.
const SHARE: (fn(f64) -> bool, &str) = (|value| value > 0.0 && value <= 1.0, "above 0 to 1");
/// A radiance.
const RADIANCE: (fn(f64) -> bool, &str) = (|value| value >= 0.0 && value.is_finite(), "finite, at least 0");

fn within(
    field: &'static str,
    value: f64,
    (is_within, accepted): (fn(f64) -> bool, &str),
) -> Result<(), PhysicsError> {
    if is_within(value) {
        return Ok(());
    }
    Err(PhysicsError::Domain {
        field,
        index: None,
        value,
        accepted: accepted.to_owned(),
    })
}

/// The surface temperature in K by the single-channel method, linear in the radiance.
///
/// # Formula
/// `T_s = γ ((ψ₁ L + ψ₂)/ε + ψ₃) + δ`, `γ = T_b²/(b_γ L)`, `δ = T_b − T_b²/b_γ`; `None` for bands without published
/// functions (all but Landsat 5 and 7 band 6 and Landsat 8 band 10).
///
/// # References
/// Jiménez-Muñoz et al. (2009), doi:10.1109/TGRS.2008.2007125; Jiménez-Muñoz et al. (2014), doi:10.1109/LGRS.2014.2312032.
#[inline(always)]
pub fn single_channel_temperature_k<T: Real>(
    band: ThermalBand,
    radiance: T,
    emissivity: T,
    water_vapour_g_cm2: T,
) -> Option<T> {
    let constant_k = band.single_channel_constant_k()?;
    let [psi1, psi2, psi3] = band.atmospheric_functions()?.map(
        #[inline(always)]
        |coefficients| quadratic(coefficients, water_vapour_g_cm2),
    );
    let brightness = band.brightness_temperature_k(radiance);
    let share = brightness.square() / constant_k;
    let gamma = share / radiance;
    Some(gamma * ((psi1 * radiance + psi2) / emissivity + psi3) + brightness - share)
}

/// What the split window reads of Landsat 8's bands 10 and 11.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitWindow<T> {
    /// Brightness temperature of band 10 in K.
    pub band_10_k: T,
    /// Brightness temperature of band 11 in K.
    pub band_11_k: T,
    /// The mean of the emissivities of both bands.
    pub emissivity: T,
    /// The emissivity of band 10 less that of band 11.
    pub emissivity_difference: T,
    /// Water vapour in the column in g cm⁻².
    pub water_vapour_g_cm2: T,
}

/// The surface temperature in K from two bands of Landsat 8.
///
/// # Formula
/// `T_s = T₁₀ + c₁ d + c₂ d² + c₀ + (c₃ + c₄ w)(1 − ε) + (c₅ + c₆ w) Δε`, `d = T₁₀ − T₁₁`
///
/// # References
/// Jiménez-Muñoz et al. (2014), doi:10.1109/LGRS.2014.2312032.
#[inline(always)]
pub fn split_window_temperature_k<T: Real>(of: SplitWindow<T>) -> T {
    const C: [f64; 7] = [-0.268, 1.378, 0.183, 54.30, -2.238, -129.20, 16.40];
    let d = of.band_10_k - of.band_11_k;
    let w = of.water_vapour_g_cm2;
    let grey = (w * C[4] + C[3]) * (-of.emissivity + 1.0);
    let coloured = (w * C[6] + C[5]) * of.emissivity_difference;
    of.band_10_k + (d * C[2] + C[1]) * d + C[0] + grey + coloured
}
