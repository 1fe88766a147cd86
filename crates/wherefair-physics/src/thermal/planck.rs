//! Planck's law.

use crate::number::Real;

/// First radiation constant for radiance, `2hc²`, in W µm⁴ m⁻² sr⁻¹.
const C1: f64 = 1.191_042_972_397_188e8;
/// Second radiation constant, `hc/k`, in µm K.
const C2: f64 = 14_387.768_775_039_337;
/// The Stefan–Boltzmann constant in W m⁻² K⁻⁴.
pub const STEFAN_BOLTZMANN: f64 = 5.670_374_419e-8;

/// The spectral radiance of a black body.
///
/// # Formula
/// `B_λ(T) = c₁ λ⁻⁵ / (e^(c₂/(λT)) − 1)`
///
/// # Units
/// Wavelength in µm, temperature in K; W m⁻² sr⁻¹ µm⁻¹.
#[inline(always)]
pub fn planck<T: Real>(wavelength_um: f64, temperature_k: T) -> T {
    let exponent = temperature_k.recip() * (C2 / wavelength_um);
    exponent.exp_m1().recip() * (C1 / wavelength_um.powi(5))
}

/// The temperature of a black body with this spectral radiance, in K.
///
/// # Formula
/// `T = c₂ / (λ ln(1 + c₁ λ⁻⁵/B))`
#[inline(always)]
pub fn inverse_planck<T: Real>(wavelength_um: f64, radiance: T) -> T {
    let ratio = radiance.recip() * (C1 / wavelength_um.powi(5));
    ratio.ln_1p().recip() * (C2 / wavelength_um)
}
