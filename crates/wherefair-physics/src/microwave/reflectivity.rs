//! What smooth and rough ground reflects.

use serde::{Deserialize, Serialize};

use super::soil::SoilTexture;
use super::vegetation::{RoughnessOfCover, VegetationType};
use super::wave::{Incidence, Polarized, Wave};
use crate::complex::Complex;
use crate::number::{Real, choose, inlined, outlined};

/// How roughness lowers reflectivity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Roughness {
    /// None: smooth ground.
    Smooth,
    /// `h = (2kσ)²`: Choudhury et al. (1979), doi:10.1029/JC084iC09p05699. For heights of about 0.35 cm.
    Choudhury,
    /// `h = 1.3972 (σ/6)^0.5879`, for L band: Wigneron et al. (2001), doi:10.1109/36.942548. CMEM's default
    /// height of 2.2 cm belongs to this model.
    WigneronSimple,
    /// `h` from 0.05 to 0.10 by soil moisture, for L band.
    WigneronTexture,
    /// `h` by vegetation type, for L band: Wigneron et al. (2007), doi:10.1016/j.rse.2006.10.014.
    Wigneron,
    /// [`wegmuller_matzler`], 1 to 100 GHz, heights of 0 to 5 cm.
    #[default]
    WegmullerMatzler,
}

/// The ground as far as roughness looks at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoughGround<T> {
    /// Standard deviation of heights σ in cm.
    pub roughness_cm: T,
    /// Water in m³ m⁻³.
    pub soil_moisture: T,
    /// What the soil is made of.
    pub texture: SoilTexture<T>,
    /// What grows on it.
    pub cover: VegetationType,
}

/// The reflectivity of a smooth boundary with air.
///
/// # Formula
/// `r_H = |(cos θ − g)/(cos θ + g)|²`, `r_V = |(ε cos θ − g)/(ε cos θ + g)|²`, `g = √(ε − sin² θ)`
#[inline(always)]
pub fn fresnel<T: Real>(incidence: Incidence<T>, dielectric: Complex<T>) -> Polarized<T> {
    let g = (dielectric - incidence.sin_squared).sqrt();
    let ratio = inlined!(|a: Complex<T>, b: Complex<T>| (a - b).norm_squared() / (a + b).norm_squared());
    let cos = Complex::new(incidence.cos, incidence.cos.constant(0.0));
    Polarized {
        h: ratio(cos, g),
        v: ratio(dielectric.scale(incidence.cos), g),
    }
}

/// The reflectivity of rough ground from that of smooth ground.
///
/// A height of 0 leaves Choudhury's, Wigneron's simple and Wegmüller's ground smooth, with derivative 0 to the height.
///
/// DIFFERENCE: CMEM takes ground below −5 °C for smooth; here it stays as rough as it is.
/// [`Roughness::Smooth`] for frozen states does as the original.
#[inline(always)]
pub fn rough<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    model: Roughness,
    smooth: Polarized<T>,
    ground: RoughGround<T>,
) -> Polarized<T> {
    outlined!(incidence.cos, {
        let sigma = ground.roughness_cm;
        let mut exponents = Polarized::both(0.0);
        let h = match model {
            Roughness::Smooth => return smooth,
            Roughness::WegmullerMatzler => return wegmuller_matzler(wave, incidence, smooth, sigma),
            Roughness::Choudhury => (sigma * (0.02 * wave.wave_number_per_m())).square(),
            Roughness::WigneronSimple => (sigma / 6.0).powf(0.5879) * 1.3972,
            Roughness::WigneronTexture => {
                exponents = ground.cover.roughness_exponents();
                texture_height(ground.texture, ground.soil_moisture)
            }
            Roughness::Wigneron => {
                exponents = ground.cover.roughness_exponents();
                match ground.cover.roughness() {
                    RoughnessOfCover::Constant(h) => sigma.constant(h),
                    RoughnessOfCover::Grass => (ground.soil_moisture * -1.13 + 1.3).at_least(0.0),
                }
            }
        };
        let mixing = polarization_mixing(wave, sigma);
        let attenuation = inlined!(|exponent: f64| {
            // A whole factor where the exponent is 0 spares a power.
            let angle = if exponent == 0.0 {
                h
            } else {
                h * incidence.cos.powf(exponent)
            };
            (-angle).exp()
        });
        let rough = Polarized {
            h: (mixing * (smooth.v - smooth.h) + smooth.h) * attenuation(exponents.h),
            v: (mixing * (smooth.h - smooth.v) + smooth.v) * attenuation(exponents.v),
        };
        match model {
            Roughness::Choudhury | Roughness::WigneronSimple => choose!(sigma.is_zero(), smooth, rough),
            _ => rough,
        }
    })
}

/// The share `Q` of the other polarisation in the h–Q family: 0 below 2 GHz, else `0.35 (1 − e^(−0.6 σ² f))`.
#[inline(always)]
pub fn polarization_mixing<T: Real>(wave: Wave, roughness_cm: T) -> T {
    if wave.frequency_ghz() < 2.0 {
        return roughness_cm.constant(0.0);
    }
    (roughness_cm.square() * (-0.6 * wave.frequency_ghz())).exp_m1() * -0.35
}

/// Rough ground by an exponential of `kσ`.
///
/// # Formula
/// `r_H = r_H(smooth) exp(−(kσ)^√(0.1 cos θ))`, `r_V = r_H cos^0.655 θ` up to 60° and `r_H (0.635 − 0.0014 (θ − 60°))`
/// from there to 70°, where the validity ends. The two differ by 8·10⁻⁵ of `r_H` at 60°.
///
/// # References
/// Wegmüller and Mätzler (1999), doi:10.1109/36.763303.
#[inline(always)]
pub fn wegmuller_matzler<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    smooth: Polarized<T>,
    roughness_cm: T,
) -> Polarized<T> {
    let height = roughness_cm * (0.01 * wave.wave_number_per_m());
    choose!(roughness_cm.is_zero(), smooth, {
        let h = smooth.h * (-height.pow(incidence.roughness_exponent)).exp();
        Polarized {
            h,
            v: h * incidence.roughness_ratio,
        }
    })
}

/// `h` falls from 0.10 at the transition moisture `w_t` to 0.05 at `w_t + 0.1 clay`.
#[inline(always)]
fn texture_height<T: Real>(texture: SoilTexture<T>, soil_moisture: T) -> T {
    outlined!(soil_moisture, {
        let transition = texture.transition_moisture();
        let span = texture.clay_percent * 0.001;
        let above = soil_moisture - transition;
        choose!(
            above.is_above(0.0),
            choose!(
                span.at_or_below(above),
                span.constant(0.05),
                above / span * -0.05 + 0.10
            ),
            span.constant(0.10)
        )
    })
}
