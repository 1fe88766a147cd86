//! Dielectric constants of water and ice.

use serde::{Deserialize, Serialize};

use super::constants::{FREEZING_K, VACUUM_PERMITTIVITY, WATER_AT_HIGH_FREQUENCY};
use super::soil::SoilTexture;
use super::wave::Wave;
use crate::complex::Complex;
use crate::number::{Real, outlined};

/// How to read a place where the original program slipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// As the cited papers have it.
    #[default]
    Corrected,
    /// As the Fortran of CMEM 5.1 computes it.
    Original,
}

/// Pure water by a Debye relaxation.
///
/// # Formula
/// `ε = 4.9 + (ε₀ − 4.9) / (1 − iωτ)`, `ε₀ = 88.045 − 0.4147 T + 6.295·10⁻⁴ T² + 1.075·10⁻⁵ T³`, `T` in °C
///
/// # References
/// Ulaby, Moore and Fung (1986), Microwave Remote Sensing, vol. III, appendix E.
#[inline(always)]
pub fn pure_water<T: Real>(wave: Wave, temperature_k: T) -> Complex<T> {
    let t = temperature_k - FREEZING_K;
    let at_rest = ((t * 1.075e-5 + 6.295e-4) * t - 0.4147) * t + 88.045;
    debye(wave, at_rest, relaxation(t))
}

/// Sea water of a salinity in practical salinity units.
///
/// # Formula
/// Klein and Swift's relaxation plus `iσ/(ωε₀)` with Stogryn's conductivity σ.
///
/// # References
/// Klein and Swift (1977), doi:10.1109/TAP.1977.1141539; Stogryn (1971), doi:10.1109/TMTT.1971.1127617.
#[inline(always)]
pub fn sea_water<T: Real>(wave: Wave, temperature_k: T, salinity_psu: T) -> Complex<T> {
    outlined!(temperature_k, {
        let (t, s) = (temperature_k - FREEZING_K, salinity_psu);
        let delta = -t + 25.0;
        let at_25 = s * (((s * -1.282_05e-7 + 2.093_24e-5) * s - 1.461_92e-3) * s + 0.182_521);
        let alpha = (delta * 2.464e-6 + 1.266e-4) * delta + 2.033e-2
            - s * ((delta * 2.551e-8 - 2.551e-7) * delta + 1.849e-5);
        let conductivity = at_25 * (-(delta * alpha)).exp();
        with_conductivity(wave, saline_water(wave, t, s), conductivity)
    })
}

/// Water in the pores of thawed soil without salt.
///
/// # Formula
/// `ε = ε(Klein–Swift) + i σ_eff/(ωε₀) · (ρ_s − ρ_b)/(ρ_s w)`,
/// `σ_eff = max(0, −1.645 + 1.939 ρ_b − 0.02256 sand + 0.01594 clay)`, `w ≥ 0.001`
///
/// DIFFERENCE: Dobson's Eq. 32 has 0.02013 for sand by some accounts; this is 0.02256, as in CMEM and LIS.
///
/// # References
/// Dobson et al. (1985), doi:10.1109/TGRS.1985.289498.
#[inline(always)]
pub fn soil_water<T: Real>(
    wave: Wave,
    temperature_k: T,
    soil: SoilTexture<T>,
    soil_moisture: T,
) -> Complex<T> {
    outlined!(temperature_k, {
        let density = soil.bulk_density_g_cm3();
        let conductivity = (density * 1.939 - soil.sand_percent * 0.02256 + soil.clay_percent * 0.01594
            - 1.645)
            .at_least(0.0);
        let share = soil.porosity() / soil_moisture.at_least(0.001);
        let fresh = saline_water(wave, temperature_k - FREEZING_K, temperature_k.constant(0.0));
        with_conductivity(wave, fresh, conductivity * share)
    })
}

/// Pure ice.
///
/// # Formula
/// `ε′ = 3.1884 + 9.1·10⁻⁴ (T − 273.15)`, `ε″ = α/f + βf`, both functions of temperature
///
/// DIFFERENCE: CMEM returns ice with a negative imaginary part, against the sign of all its other materials, so that
/// frozen vegetation gets a negative optical depth. [`Reading::Original`] does the same.
///
/// # References
/// Mätzler (2006), in Thermal Microwave Radiation, section 5.3; Hufford (1991), doi:10.1007/BF01008898.
#[inline(always)]
pub fn ice<T: Real>(wave: Wave, temperature_k: T, reading: Reading) -> Complex<T> {
    outlined!(temperature_k, {
        let f = wave.frequency_ghz();
        let warm = temperature_k - FREEZING_K;
        let theta = temperature_k.recip() * 300.0 - 1.0;
        let alpha = (theta * 0.0062 + 0.00504) * (theta * -22.1).exp();
        let boltzmann = (temperature_k.recip() * 335.0).exp();
        let beta = temperature_k.recip() * 0.0207 * boltzmann / (boltzmann - 1.0).square()
            + 1.16e-11 * f * f
            + (warm * 0.0364 - 10.02).exp();
        let loss = alpha / f + beta * f;
        let im = match reading {
            Reading::Corrected => loss,
            Reading::Original => -loss,
        };
        Complex::new(warm * 9.1e-4 + 3.1884, im)
    })
}

/// Klein and Swift's water of salinity `s` at `t` °C, without its conductivity.
#[inline(always)]
fn saline_water<T: Real>(wave: Wave, t: T, s: T) -> Complex<T> {
    let fresh = ((t * 2.491e-4 - 0.01276) * t - 0.1949) * t + 87.134;
    let a = s * t * 1.613e-5 + 1.0 + ((s * -4.232e-7 + 3.210e-5) * s - 3.656e-3) * s;
    let b = s * t * 2.282e-5 + 1.0 + ((s * 1.105e-8 - 7.760e-6) * s - 7.638e-4) * s;
    debye(wave, fresh * a, relaxation(t) * b)
}

/// The relaxation time of water at `t` °C in s.
#[inline(always)]
fn relaxation<T: Real>(t: T) -> T {
    ((t * -8.111e-17 + 1.104e-14) * t - 6.068e-13) * t + 1.768e-11
}

#[inline(always)]
fn debye<T: Real>(wave: Wave, at_rest: T, relaxation: T) -> Complex<T> {
    let x = relaxation * wave.angular_frequency();
    let share = (at_rest - WATER_AT_HIGH_FREQUENCY) / (x.square() + 1.0);
    Complex::new(share + WATER_AT_HIGH_FREQUENCY, share * x)
}

#[inline(always)]
fn with_conductivity<T: Real>(wave: Wave, water: Complex<T>, conductivity: T) -> Complex<T> {
    let loss = conductivity / (wave.angular_frequency() * VACUUM_PERMITTIVITY);
    Complex::new(water.re, water.im + loss)
}
