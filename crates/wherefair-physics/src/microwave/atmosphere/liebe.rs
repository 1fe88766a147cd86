//! Absorption by oxygen and water vapour line by line, and radiative transfer through layers.

use super::Atmosphere;
use super::lines::{OXYGEN, WATER};
use crate::microwave::constants::COSMIC_BACKGROUND_K;
use crate::microwave::wave::{Incidence, Wave};
use crate::number::{Real, choose, inlined, outlined};

/// Power absorption coefficients in Np m⁻¹.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Absorption<T> {
    /// By oxygen and dry air.
    pub dry: T,
    /// By water vapour.
    pub vapour: T,
}

/// A layer of air.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirLayer<T> {
    /// Thickness in m.
    pub thickness_m: T,
    /// Pressure in Pa.
    pub pressure_pa: T,
    /// Temperature in K.
    pub temperature_k: T,
    /// Water vapour in kg m⁻³.
    pub vapour_kg_m3: T,
}

/// dB in a neper of power, as Liebe's program has it.
const DECIBEL_A_NEPER: f64 = 4.343;

/// The absorption coefficients of air.
///
/// # Formula
/// `α = 0.182·10⁻³/4.343 f N″`; `N″` sums the lines `S F″` of oxygen and of water vapour, the Debye spectrum of oxygen, the
/// pressure-induced absorption of nitrogen and the continuum of vapour. Lines of vapour end 40 widths above their centre.
///
/// DIFFERENCE: the interference of the oxygen lines makes their sum negative above 65 to 85 GHz in air below 240 K, where air
/// would amplify; the absorption of dry air is not below 0 here.
///
/// # Units
/// Pressure in Pa, temperature in K, vapour in kg m⁻³; Np m⁻¹.
///
/// # References
/// Liebe (1989), doi:10.1007/BF01009565; Liebe, Manabe and Hufford (1989), Millimeter-wave attenuation and delay rates due to
/// fog/cloud conditions, IEEE Trans. Antennas Propag. 37, 1617–1623.
#[inline(always)]
pub fn absorption<T: Real>(wave: Wave, pressure_pa: T, temperature_k: T, vapour_kg_m3: T) -> Absorption<T> {
    outlined!(pressure_pa, {
        let f = wave.frequency_ghz();
        let inverse = temperature_k.recip() * 300.0;
        let log_inverse = inverse.ln();
        let power = inlined!(|exponent: f64| (log_inverse * exponent).exp());
        let e = vapour_kg_m3 * temperature_k * 0.461_52;
        let p = pressure_pa / 1000.0 - e;
        let to_nepers = 0.182e-3 / DECIBEL_A_NEPER * f;

        let mut oxygen = p.constant(0.0);
        let is_thin = p.is_below(0.7);
        let strength_of_lines = p * inverse.square() * inverse * 1e-6;
        let p_power = p * power(0.8);
        let e_inverse = e * inverse * 1.1;
        for [centre, a1, a2, a3, a4, a5, a6] in OXYGEN {
            let strength = strength_of_lines * ((-inverse + 1.0) * a2).exp() * a1;
            let pressure = if a4 == 0.0 { p_power } else { p * power(0.8 - a4) };
            let width = (pressure + e_inverse) * (a3 * 1e-3);
            let width = choose!(is_thin, (width.square() + 0.0015 * 0.0015).sqrt(), width);
            let interference = p * power(a6) * (a5 * 1e-3);
            oxygen = oxygen + strength * line_shape(f, centre, width, interference);
        }
        let width = (p + e * 1.1) * power(0.8) * 4.8e-3;
        let debye = p * inverse.square() * width * 6.14e-4 / (width.square() + f * f);
        let nitrogen = p.square() * power(3.5) * (1.4e-10 * (1.0 - 1.2e-5 * f.powf(1.5)));
        let dry = (oxygen + (debye + nitrogen) * f).at_least(0.0);

        let mut vapour = e.constant(0.0);
        let strength_of_lines = e * power(3.5);
        for [centre, b1, b2, b3, b4, b5, b6] in WATER {
            let width = (p * power(b4) + e * power(b6) * b5) * (b3 * 1e-3);
            vapour = choose!((width * 40.0 + centre).is_below(f), vapour, {
                let strength = strength_of_lines * ((-inverse + 1.0) * b2).exp() * b1;
                vapour + strength * line_shape(f, centre, width, e.constant(0.0))
            });
        }
        let continuum = e * p * power(3.0) * 1.13e-6 + e.square() * power(10.8) * 3.57e-5;
        vapour = vapour + continuum * f;
        Absorption {
            dry: dry * to_nepers,
            vapour: vapour * to_nepers,
        }
    })
}

/// `F″` of a line with this width and interference.
#[inline(always)]
fn line_shape<T: Real>(f: f64, centre: f64, width: T, interference: T) -> T {
    outlined!(width, {
        let (below, above) = (centre - f, centre + f);
        let square = width.square();
        let near = (width - interference * below) / (square + below * below);
        let far = (width - interference * above) / (square + above * above);
        (near + far) * (f / centre)
    })
}

/// Transmittance and emission of layers of air, listed from the ground up.
///
/// # Formula
/// In each layer with `c = exp(−α Δz / cos θ)`: up `TB ← c TB + (1 − c) T` from 0 at the ground, down the same from 2.7 K at
/// the top.
#[inline(always)]
pub fn radiative_transfer<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    layers: impl IntoIterator<Item = AirLayer<T>>,
) -> Atmosphere<T> {
    outlined!(incidence.cos, {
        let nothing = incidence.cos.constant(0.0);
        let (mut depth, mut upwelling, mut downwelling) = (nothing, nothing, nothing);
        // Going up once: what comes down through a layer is dimmed by all below it.
        let mut below = incidence.cos.constant(1.0);
        for layer in layers {
            let absorbed = absorption(wave, layer.pressure_pa, layer.temperature_k, layer.vapour_kg_m3);
            let slant = (absorbed.dry + absorbed.vapour) * layer.thickness_m / incidence.cos;
            let emitted = -((-slant).exp_m1() * layer.temperature_k);
            let passed = (-slant).exp();
            upwelling = upwelling * passed + emitted;
            downwelling = downwelling + below * emitted;
            below = below * passed;
            depth = depth + slant;
        }
        let transmittance = (-depth).exp();
        Atmosphere {
            transmittance,
            upwelling_k: upwelling,
            downwelling_k: downwelling + transmittance * COSMIC_BACKGROUND_K,
        }
    })
}

/// A profile of air from what is known at the surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardProfile<T> {
    /// Air temperature at the surface in K.
    pub air_temperature_k: T,
    /// Pressure at the surface in Pa.
    pub surface_pressure_pa: T,
    /// Water vapour in the whole column in kg m⁻² (mm).
    pub column_vapour_kg_m2: T,
}

/// Layers of 250 m up to 5 km, 500 m up to 12 km, 2 km up to 30 km: about 0.01 K from finer ones.
const LAYERS: [(usize, f64); 3] = [(20, 250.0), (14, 500.0), (9, 2000.0)];
/// Fall of temperature with height in K m⁻¹, up to the tropopause.
const LAPSE: f64 = 6.5e-3;
/// Height of the tropopause above the surface in m.
const TROPOPAUSE_M: f64 = 11_000.0;
/// Height over which water vapour falls to 1/e, in m.
const VAPOUR_SCALE_M: f64 = 2000.0;
/// g M / R of dry air in K m⁻¹.
const HYDROSTATIC: f64 = 0.034_163_2;

/// The atmosphere of a profile whose temperature falls by 6.5 K km⁻¹ up to 11 km above the surface and is constant
/// from there, in hydrostatic balance, whose water vapour falls exponentially with 2 km.
#[inline(always)]
pub fn standard_atmosphere<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    profile: StandardProfile<T>,
) -> Atmosphere<T> {
    outlined!(incidence.cos, {
        let surface = profile.air_temperature_k;
        let mut bottom = 0.0_f64;
        let mut layers = Vec::with_capacity(LAYERS.iter().map(|(n, _)| n).sum());
        for (n, thickness) in LAYERS {
            for _ in 0..n {
                let top = bottom + thickness;
                let middle = 0.5 * (bottom + top);
                let share = (-bottom / VAPOUR_SCALE_M).exp() - (-top / VAPOUR_SCALE_M).exp();
                bottom = top;
                let temperature_k = surface - LAPSE * middle.min(TROPOPAUSE_M);
                let pressure = (temperature_k / surface).ln() * (HYDROSTATIC / LAPSE);
                let above = (temperature_k.recip() * (HYDROSTATIC * (middle - TROPOPAUSE_M).max(0.0))) * -1.0;
                layers.push(AirLayer {
                    thickness_m: surface.constant(thickness),
                    pressure_pa: profile.surface_pressure_pa * (pressure + above).exp(),
                    temperature_k,
                    vapour_kg_m3: profile.column_vapour_kg_m2 * (share / thickness),
                });
            }
        }
        radiative_transfer(wave, incidence, layers)
    })
}
