//! Dielectric constants of soil.

use serde::{Deserialize, Serialize};

use super::constants::{
    FREEZING_K, FROZEN_BELOW_C, ICE_BELOW_C, PARTICLE_DENSITY, VACUUM_PERMITTIVITY, WATER_AT_HIGH_FREQUENCY,
};
use super::water::{Reading, ice, soil_water};
use super::wave::Wave;
use crate::complex::Complex;
use crate::number::{Mask as _, Real, choose, inlined, outlined};

/// What soil is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoilTexture<T> {
    /// Sand in percent of mass.
    pub sand_percent: T,
    /// Clay in percent of mass; the rest is silt.
    pub clay_percent: T,
}

impl<T: Real> SoilTexture<T> {
    /// The mass of a volume of dry soil in g cm⁻³.
    ///
    /// # Formula
    /// `ρ_b = (1.6 sand + 1.1 clay + 1.2 silt) / 100`
    #[inline(always)]
    pub fn bulk_density_g_cm3(self) -> T {
        let silt = -(self.sand_percent + self.clay_percent) + 100.0;
        (self.sand_percent * 1.6 + self.clay_percent * 1.1 + silt * 1.2) / 100.0
    }

    /// The share of a volume that is pores: the most water that soil holds.
    #[inline(always)]
    pub fn porosity(self) -> T {
        -(self.bulk_density_g_cm3() / PARTICLE_DENSITY) + 1.0
    }

    /// The soil moisture at which plants wilt, in m³ m⁻³.
    #[inline(always)]
    pub fn wilting_point(self) -> T {
        self.clay_percent * 0.004_78 - self.sand_percent * 0.000_64 + 0.067_74
    }

    /// The soil moisture below which water is bound to the particles, `w_t` of Wang and Schmugge.
    #[inline(always)]
    pub fn transition_moisture(self) -> T {
        self.wilting_point() * 0.49 + 0.165
    }
}

/// How water, air and rock mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SoilDielectric {
    /// [`wang_schmugge`], up to 11 GHz by its authors.
    WangSchmugge,
    /// [`dobson`], up to 20 GHz by its authors.
    Dobson,
    /// [`mironov`], fitted between 1 and 10 GHz and close to measurements beyond.
    #[default]
    Mironov,
}

/// The temperature, moisture and texture of soil.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoilState<T> {
    /// What it is made of.
    pub texture: SoilTexture<T>,
    /// Water in m³ m⁻³.
    pub soil_moisture: T,
    /// Temperature in K.
    pub temperature_k: T,
}

/// The dielectric constant of soil, dry, wet or frozen.
///
/// Very dry, very sandy soil (`w < 0.02`, sand above 90 %) has that of dry sand below 10 GHz. Below −0.5 °C the water is
/// taken for ice, and frozen ground (5 + 0.5i) has a share of one half, below −5 °C the whole; the constant jumps there,
/// and derivatives are those of the branch.
#[inline(always)]
pub fn soil<T: Real>(
    wave: Wave,
    state: SoilState<T>,
    model: SoilDielectric,
    ice_sign: Reading,
) -> Complex<T> {
    outlined!(state.soil_moisture, {
        let temperature = state.temperature_k;
        let t = temperature - FREEZING_K;
        let (texture, w) = (state.texture, state.soil_moisture);
        let is_ice = t.is_below(ICE_BELOW_C);
        let frozen = FROZEN_GROUND.lift(t);
        choose!(t.is_below(FROZEN_BELOW_C), frozen, {
            let thawed = choose!(
                is_dry_sand(wave, state),
                dry_sand(wave).lift(t),
                if model == SoilDielectric::Mironov {
                    mironov(wave, texture.clay_percent, w)
                } else {
                    let water = choose!(
                        is_ice,
                        ice(wave, temperature, ice_sign),
                        soil_water(wave, temperature, texture, w)
                    );
                    if model == SoilDielectric::Dobson {
                        dobson(water, texture, w)
                    } else {
                        wang_schmugge(wave, water, texture, w)
                    }
                }
            );
            let half = t.constant(0.5);
            choose!(is_ice, thawed.scale(half) + frozen.scale(half), thawed)
        })
    })
}

/// Whether soil is so dry and sandy that it counts as dry sand.
#[inline(always)]
pub(super) fn is_dry_sand<T: Real>(wave: Wave, state: SoilState<T>) -> T::Mask {
    let driest = if wave.frequency_ghz() < 10.0 { 0.02 } else { 0.0 };
    let is_dry = state.soil_moisture.is_below(driest);
    is_dry.and(state.texture.sand_percent.is_above(90.0))
}

/// Soil with water bound up to a transition moisture.
///
/// # Formula
/// `w ≤ w_t`: `ε = w ε_x + (P − w) + (1 − P) ε_r`, `ε_x = ε_i + (ε_w − ε_i) γ w/w_t`;
/// `w > w_t`: `ε = w_t ε_x + (w − w_t) ε_w + (P − w) + (1 − P) ε_r`, `ε_x = ε_i + (ε_w − ε_i) γ`;
/// plus `i α w²`, `α = min(100 w_p, 26)` up to 2.5 GHz. `γ = 0.481 − 0.57 w_p`, `ε_i = 3.2 + 0.1i`, `ε_r = 5.5 + 0.2i`.
/// Continuous at `w_t`, with a kink.
///
/// # References
/// Wang and Schmugge (1980), doi:10.1109/TGRS.1980.350304.
#[inline(always)]
pub fn wang_schmugge<T: Real>(
    wave: Wave,
    water: Complex<T>,
    soil: SoilTexture<T>,
    soil_moisture: T,
) -> Complex<T> {
    let mut mixed = wang_schmugge_lossless(water, soil, soil_moisture);
    if wave.frequency_ghz() <= 2.5 {
        let alpha = (soil.wilting_point() * 100.0).at_most(26.0);
        mixed.im = mixed.im + alpha * soil_moisture.square();
    }
    mixed
}

/// [`wang_schmugge`] without the term of conductivity.
#[inline(always)]
pub(super) fn wang_schmugge_lossless<T: Real>(
    water: Complex<T>,
    soil: SoilTexture<T>,
    soil_moisture: T,
) -> Complex<T> {
    outlined!(soil_moisture, {
        let (w, porosity) = (soil_moisture, soil.porosity());
        let gamma = soil.wilting_point() * -0.57 + 0.481;
        let transition = soil.transition_moisture();
        let ice = Complex::new(3.2, 0.1).lift(w);
        let rock = Complex::new(5.5, 0.2).lift(w).scale(-porosity + 1.0);
        let air = porosity - w;
        let bound = inlined!(|share: T| ice + (water - ice).scale(share));
        let wet = choose!(
            w.at_or_below(transition),
            bound(gamma * w / transition).scale(w),
            bound(gamma).scale(transition) + water.scale(w - transition)
        );
        wet + rock + air
    })
}

/// Soil by a power law of its parts.
///
/// # Formula
/// `ε′ = [1 + ρ_b/ρ_s (ε_s^a − 1) + w^β′ ε_w′^a − w]^(1/a)`, `ε″ = [w^β″ ε_w″^a]^(1/a)`, `a = 0.65`
///
/// # References
/// Dobson et al. (1985), doi:10.1109/TGRS.1985.289498.
#[inline(always)]
pub fn dobson<T: Real>(water: Complex<T>, soil: SoilTexture<T>, soil_moisture: T) -> Complex<T> {
    outlined!(soil_moisture, {
        const SHAPE: f64 = 0.65;
        let particles = (1.01 + 0.44 * PARTICLE_DENSITY).powi(2) - 0.062;
        let (w, sand, clay) = (soil_moisture, soil.sand_percent, soil.clay_percent);
        let beta_re = -(sand * 0.519 + clay * 0.152 - 127.48) / 100.0;
        let beta_im = -(sand * 0.603 + clay * 0.166 - 133.797) / 100.0;
        let solid = soil.bulk_density_g_cm3() * ((particles.powf(SHAPE) - 1.0) / PARTICLE_DENSITY);
        let re = (solid + w.pow(beta_re) * water.re.powf(SHAPE) - w + 1.0).powf(1.0 / SHAPE);
        let im = w.pow(beta_im / SHAPE) * water.im.abs();
        Complex::new(re, im)
    })
}

/// Soil by its refractive index, with bound and free water.
///
/// # Formula
/// `n = n_d + (n_b − 1) min(w, m_t) + (n_u − 1) max(w − m_t, 0)`,
/// `κ = κ_d + κ_b min(w, m_t) + κ_u max(w − m_t, 0)`, `ε = (n + iκ)²`; all parameters are polynomials of clay, those of
/// bound (b) and free (u) water follow from a Debye relaxation each. Continuous at `m_t`, with a kink; temperature does
/// not enter.
///
/// # References
/// Mironov et al. (2004), doi:10.1109/TGRS.2003.823288; Mironov et al. (2009), doi:10.1109/TGRS.2008.2011631.
#[inline(always)]
pub fn mironov<T: Real>(wave: Wave, clay_percent: T, soil_moisture: T) -> Complex<T> {
    outlined!(soil_moisture, {
        let (c, w) = (clay_percent * 0.01, soil_moisture);
        let omega = wave.angular_frequency();
        let of_conductivity = 1.0 / (omega * VACUUM_PERMITTIVITY);
        let index = inlined!(|share: T, x: T, conductivity: T| {
            let loss = share * x + conductivity * of_conductivity;
            Complex::new(share + WATER_AT_HIGH_FREQUENCY, loss).sqrt()
        });
        let dry = Complex::new((c * 0.2748 - 0.539) * c + 1.634, c * -0.040_38 + 0.039_52);
        let most_bound = c * 0.306_73 + 0.028_63;
        let at_rest = (c * 32.7 - 85.4) * c + 79.8;
        let x = (c * 3.45e-12 + 1.062e-11) * omega;
        let share = (at_rest - WATER_AT_HIGH_FREQUENCY) / (x.square() + 1.0);
        let bound = index(share, x, c * 0.467 + 0.3112);
        let one = w.constant(1.0);
        let refraction = choose!(w.at_or_below(most_bound), dry + (bound - one).scale(w), {
            let x = 8.5e-12 * omega;
            let share = (100.0 - WATER_AT_HIGH_FREQUENCY) / (x * x + 1.0);
            let free = index(c.constant(share), c.constant(x), c * 1.217 + 0.3631);
            dry + (bound - one).scale(most_bound) + (free - one).scale(w - most_bound)
        });
        refraction * refraction
    })
}

/// Dry sand.
///
/// # References
/// Mätzler (1998), Microwave permittivity of dry sand, IEEE Trans. Geosci. Remote Sens. 36, 317–319.
#[inline(always)]
pub fn dry_sand(wave: Wave) -> Complex<f64> {
    let x = wave.frequency_ghz() / 0.27;
    let share = 0.26 / (1.0 + x * x);
    Complex::new(2.53 + share, share * x + 0.002)
}

const FROZEN_GROUND: Complex<f64> = Complex { re: 5.0, im: 0.5 };
