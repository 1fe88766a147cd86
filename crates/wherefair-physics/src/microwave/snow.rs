//! One layer of snow over ground: the HUT model.

use super::constants::{VACUUM_PERMEABILITY, VACUUM_PERMITTIVITY, WATER_AT_HIGH_FREQUENCY};
use super::reflectivity::fresnel;
use super::water::{Reading, ice};
use super::wave::{Incidence, Polarized, Wave};
use crate::complex::Complex;
use crate::number::{Real, choose, inlined, outlined};

/// A layer of snow.
///
/// DIFFERENCE: CMEM has 0.1 m³ m⁻³ of liquid water in all snow, and gives it the temperature of the soil's surface; here both are
/// inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnowLayer<T> {
    /// Depth in m.
    pub depth_m: T,
    /// Density in g cm⁻³, its liquid water included.
    pub density_g_cm3: T,
    /// Liquid water in m³ m⁻³; 0 for dry snow.
    pub liquid_water: T,
    /// Temperature in K.
    pub temperature_k: T,
}

/// What leaves snow upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnowEmission<T> {
    /// Emitted by ground and snow in K.
    pub brightness_temperature_k: Polarized<T>,
    /// The emissivity of both together.
    pub emissivity: Polarized<T>,
}

/// The share of scattered radiation that goes on forward.
const FORWARD_SCATTERING: f64 = 0.96;
/// Density of ice in g cm⁻³.
const ICE_DENSITY: f64 = 0.916;
/// Dielectric constant of water in snow at rest.
const AT_REST: f64 = 88.0;
/// Its relaxation frequency in GHz.
const RELAXATION_GHZ: f64 = 9.0;
/// dB in a neper of power.
const DECIBEL_A_NEPER: f64 = 4.3429;

/// The emission of snow over ground of a `ground_reflectivity` and temperature.
///
/// # Formula
/// With the loss `L = exp((κ_e − 0.96 κ_s) d sec θ_s)` through a layer `d`, reflectivity `R` of the surface of the snow and
/// `r` of the ground: `T_g (1 − r)(1 − R) / (L (1 − rR/L²))` from the ground and
/// `T_s (1 − R) κ_a/(κ_e − 0.96 κ_s) (1 − 1/L)(1 + r/L) / (1 − rR/L²)` from the snow;
/// `κ_e = 0.0018 f^2.8 D²` dB m⁻¹ with grains of `D = min(0.16 + 1.1·10⁻¹⁰ ρ⁴, 3)` mm (ρ in kg m⁻³), not below the
/// absorption `κ_a` of dry snow. The dielectric constant of dry snow is a mixture of ice in air, that of wet snow Mätzler's.
///
/// DIFFERENCE: CMEM divides the part of the ground by `1 − (1 − r)R/L²`, where that of the snow has `1 − rR/L²`;
/// [`Reading::Original`] does the same.
///
/// DIFFERENCE: CMEM's `R` has the real angle of propagation in Fresnel's formulas, which for lossy, wet snow is not their complex
/// angle; [`Reading::Original`] does the same. It also has CMEM's sign of the loss of ice (see [`ice`]), which lessens that of
/// wet snow a little.
///
/// # References
/// Pulliainen, Grandell and Hallikainen (1999), doi:10.1109/36.763302; Mätzler (1987), doi:10.1080/02757258709532086.
#[inline(always)]
pub fn snow<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    layer: SnowLayer<T>,
    ground_reflectivity: Polarized<T>,
    ground_temperature_k: Polarized<T>,
    reading: Reading,
) -> SnowEmission<T> {
    outlined!(incidence.cos, {
        let f = wave.frequency_ghz();
        let (dry, wet) = dielectric(wave, layer, reading);
        // Snell's law with the modulus of the real index: CMEM's propagation angle for snow of low loss.
        let refracted = refracted_cosine(incidence, wet);
        let surface = match reading {
            Reading::Corrected => fresnel(incidence, wet),
            Reading::Original => fresnel_of_real_angle(incidence, wet, refracted),
        };

        let density_kg_m3 = layer.density_g_cm3 * 1000.0;
        let grain_mm = (density_kg_m3.square().square() * 1.1e-10 + 0.16).at_most(3.0);
        let absorption_dry = absorption(wave, dry);
        let extinction_dry = grain_mm.square() * (0.0018 * f.powf(2.8) / DECIBEL_A_NEPER);
        let scattering = (extinction_dry - absorption_dry).at_least(0.0);
        let absorption = absorption(wave, wet);
        let lost = absorption + scattering * (1.0 - FORWARD_SCATTERING);
        let attenuation = (-(lost * layer.depth_m / refracted)).exp();
        let absorbed = absorption / lost;

        let part = inlined!(|ground: T, surface: T| {
            let passed = -surface + 1.0;
            let there_and_back = attenuation.square() * surface;
            let bounces = -(ground * there_and_back) + 1.0;
            let bounces_of_ground = match reading {
                Reading::Corrected => bounces,
                Reading::Original => (ground - 1.0) * there_and_back + 1.0,
            };
            let of_ground = (-ground + 1.0) * passed * attenuation / bounces_of_ground;
            let of_snow = passed * absorbed * (-attenuation + 1.0) * (ground * attenuation + 1.0) / bounces;
            [of_ground, of_snow]
        });
        let parts = ground_reflectivity.zip(surface, part);
        SnowEmission {
            brightness_temperature_k: parts.zip(
                ground_temperature_k,
                #[inline(always)]
                |[ground, snow], temperature| ground * temperature + snow * layer.temperature_k,
            ),
            emissivity: parts.map(
                #[inline(always)]
                |[ground, snow]| ground + snow,
            ),
        }
    })
}

/// The dielectric constants of the snow without and with its liquid water.
#[inline(always)]
fn dielectric<T: Real>(wave: Wave, layer: SnowLayer<T>, reading: Reading) -> (Complex<T>, Complex<T>) {
    outlined!(layer.depth_m, {
        let water = layer.liquid_water;
        let dry_density = (layer.density_g_cm3 - water) / (-water + 1.0);
        let re = dry_density * 1.58 / (-(dry_density * 0.365) + 1.0) + 1.0;
        let ice = ice(wave, layer.temperature_k, reading);
        let im = dry_density * (3.0 / ICE_DENSITY) * ice.im * re.square() * (re * 2.0 + 1.0)
            / ((ice.re + re * 2.0) * (ice.re + re.square() * 2.0));
        let dry = Complex::new(re, im);
        // Without water both are the same number, but only wet snow has the slope to it.
        let moist = if T::DIFFERENTIATES {
            wet(wave, dry, water)
        } else {
            choose!(water.is_zero(), dry, wet(wave, dry, water))
        };
        (dry, moist)
    })
}

/// Dry snow with water in three orientations of ellipsoids, each with its depolarisation factor.
#[inline(always)]
fn wet<T: Real>(wave: Wave, dry: Complex<T>, water: T) -> Complex<T> {
    outlined!(water, {
        let re = dry.re;
        let mut wet = dry;
        for factor in [0.005, 0.4975, 0.4975] {
            let share = inlined!(|of: f64| {
                let excess = -re + of;
                water * excess / (excess * factor / re + 1.0) / 3.0
            });
            let (fast, slow) = (share(WATER_AT_HIGH_FREQUENCY), share(AT_REST));
            let shift = re.constant(factor * (AT_REST - WATER_AT_HIGH_FREQUENCY))
                / (re + (-re + WATER_AT_HIGH_FREQUENCY) * factor);
            let x = ((shift + 1.0) * RELAXATION_GHZ).recip() * wave.frequency_ghz();
            let relaxed = (slow - fast) / (x.square() + 1.0);
            wet = wet + Complex::new(fast + relaxed, relaxed * x);
        }
        wet
    })
}

/// The power absorption coefficient in Np m⁻¹: `2ω √(μ₀ε₀ε′) √(½(√(1 + tan² δ) − 1))`, whatever the sign of the loss.
#[inline(always)]
fn absorption<T: Real>(wave: Wave, dielectric: Complex<T>) -> T {
    outlined!(dielectric.re, {
        // √(½(√(1 + x²) − 1)) √ε′ is the imaginary part of √ε.
        let speed = (VACUUM_PERMEABILITY * VACUUM_PERMITTIVITY).sqrt();
        dielectric.sqrt().im.abs() * (2.0 * wave.angular_frequency() * speed)
    })
}

/// The reflectivity of a boundary with air from impedances and the cosines of two real angles.
#[inline(always)]
fn fresnel_of_real_angle<T: Real>(
    incidence: Incidence<T>,
    dielectric: Complex<T>,
    refracted: T,
) -> Polarized<T> {
    outlined!(incidence.cos, {
        let index = dielectric.sqrt();
        let ratio = inlined!(|a: Complex<T>, b: T| (a - b).norm_squared() / (a + b).norm_squared());
        Polarized {
            h: ratio(index.scale(refracted), incidence.cos),
            v: ratio(index.scale(incidence.cos), refracted),
        }
    })
}

/// The cosine of the angle of the wave in snow.
#[inline(always)]
fn refracted_cosine<T: Real>(incidence: Incidence<T>, dielectric: Complex<T>) -> T {
    outlined!(incidence.cos, {
        // tan θ_s = sin θ / Re √(ε − sin² θ).
        let depth = (dielectric - incidence.sin_squared).sqrt().re;
        depth / (depth.square() + incidence.sin_squared).sqrt()
    })
}
