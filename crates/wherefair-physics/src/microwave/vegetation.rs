//! What plants absorb and emit.

use serde::{Deserialize, Serialize};

use super::constants::{FREEZING_K, ICE_BELOW_C};
use super::water::{Reading, ice, pure_water};
use super::wave::{Incidence, Polarized, Wave};
use crate::complex::Complex;
use crate::number::{Real, choose, inlined, outlined};

/// How thick plants are to microwaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VegetationOpacity {
    /// None at all.
    Transparent,
    /// [`jackson`], for L band.
    Jackson,
    /// [`kirdyashev`], up to 7.5 GHz.
    Kirdyashev,
    /// [`wigneron`], for L band.
    Wigneron,
    /// [`wegmuller`], up to 100 GHz.
    #[default]
    Wegmuller,
}

/// The types of vegetation of ECOCLIMAP, with CMEM's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VegetationType {
    /// None.
    BareSoil,
    /// Deciduous forest.
    #[default]
    DeciduousForest,
    /// Coniferous forest.
    ConiferousForest,
    /// Tropical rain forest.
    RainForest,
    /// Grass with C3 metabolism.
    C3Grass,
    /// Grass with C4 metabolism.
    C4Grass,
    /// Crops with C3 metabolism, such as wheat.
    C3Crop,
    /// Crops with C4 metabolism, such as maize.
    C4Crop,
}

/// Wigneron's roughness `h` under a type of vegetation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RoughnessOfCover {
    Constant(f64),
    /// Falls with soil moisture.
    Grass,
}

impl VegetationType {
    /// Whether it is low (grass and crops).
    pub fn is_low(self) -> bool {
        matches!(self, Self::C3Grass | Self::C4Grass | Self::C3Crop | Self::C4Crop)
    }

    /// Whether it is forest.
    pub fn is_forest(self) -> bool {
        matches!(
            self,
            Self::DeciduousForest | Self::ConiferousForest | Self::RainForest
        )
    }

    /// Optical depth for each kg m⁻² of water at L band, Jackson's `b`.
    pub fn jackson_b(self) -> f64 {
        match self {
            Self::BareSoil => 0.0,
            Self::DeciduousForest | Self::ConiferousForest | Self::RainForest => 0.33,
            Self::C3Grass | Self::C4Grass => 0.20,
            Self::C3Crop | Self::C4Crop => 0.15,
        }
    }

    /// The water in forest in kg m⁻²; 0 for low vegetation, whose water follows from its leaves.
    pub fn forest_water_kg_m2(self) -> f64 {
        match self {
            Self::DeciduousForest => 4.0,
            Self::ConiferousForest => 3.0,
            Self::RainForest => 10.0,
            _ => 0.0,
        }
    }

    /// Wigneron's `b₁` and `b₂`: optical depth at nadir `b₁ LAI + b₂`; constant in forests.
    fn wigneron_b(self) -> [f64; 2] {
        match self {
            Self::BareSoil => [0.0, 0.0],
            Self::DeciduousForest | Self::RainForest => [0.0, 0.70],
            Self::ConiferousForest => [0.0, 0.69],
            Self::C3Grass | Self::C4Grass => [0.0375, 0.05],
            Self::C3Crop | Self::C4Crop => [0.05, 0.0],
        }
    }

    /// Wigneron's correction of the optical depth by angle.
    fn angle_factors(self) -> Polarized<f64> {
        let (h, v) = match self {
            Self::DeciduousForest => (0.49, 0.46),
            Self::ConiferousForest => (0.8, 0.8),
            Self::C3Crop => (1.0, 2.0),
            Self::C4Crop => (2.0, 1.0),
            _ => (1.0, 1.0),
        };
        Polarized { h, v }
    }

    /// Wigneron's exponents of cos θ in the roughness.
    pub(super) fn roughness_exponents(self) -> Polarized<f64> {
        let (h, v) = match self {
            Self::BareSoil | Self::C3Crop | Self::C4Crop => (0.0, -1.0),
            Self::DeciduousForest => (1.0, 2.0),
            Self::ConiferousForest => (1.75, 0.0),
            Self::RainForest | Self::C3Grass | Self::C4Grass => (1.0, 0.0),
        };
        Polarized { h, v }
    }

    pub(super) fn roughness(self) -> RoughnessOfCover {
        match self {
            Self::BareSoil | Self::C3Crop => RoughnessOfCover::Constant(0.1),
            Self::DeciduousForest => RoughnessOfCover::Constant(1.0),
            Self::ConiferousForest => RoughnessOfCover::Constant(1.2),
            Self::RainForest => RoughnessOfCover::Constant(1.3),
            Self::C3Grass | Self::C4Grass => RoughnessOfCover::Grass,
            Self::C4Crop => RoughnessOfCover::Constant(0.6),
        }
    }

    /// Wigneron's single-scattering albedo ω.
    pub fn wigneron_albedo(self) -> f64 {
        match self {
            Self::BareSoil | Self::C3Crop => 0.0,
            Self::DeciduousForest => 0.07,
            Self::ConiferousForest => 0.08,
            Self::RainForest => 0.095,
            Self::C3Grass | Self::C4Grass | Self::C4Crop => 0.05,
        }
    }

    /// The structure coefficient `a_geo`: 0.66 for forest, 0.33 for low vegetation.
    pub fn structure(self) -> f64 {
        if self.is_forest() { 0.66 } else { 0.33 }
    }
}

/// Plants of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canopy<T> {
    /// Their type.
    pub kind: VegetationType,
    /// Water in kg m⁻².
    pub water_kg_m2: T,
    /// Leaf area index in m² m⁻², which Wigneron's model reads.
    pub leaf_area_index: T,
    /// Temperature in K.
    pub temperature_k: T,
}

/// The optical depth of plants along the line of sight.
#[inline(always)]
pub fn optical_depth<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    model: VegetationOpacity,
    canopy: Canopy<T>,
    ice_sign: Reading,
) -> Polarized<T> {
    outlined!(canopy.temperature_k, {
        let structure = canopy.kind.structure();
        match model {
            VegetationOpacity::Transparent => Polarized::both(canopy.water_kg_m2.constant(0.0)),
            VegetationOpacity::Jackson => Polarized::both(jackson(incidence, canopy)),
            VegetationOpacity::Wigneron => wigneron(incidence, canopy),
            VegetationOpacity::Kirdyashev => {
                let water = plant_water(wave, canopy.temperature_k, ice_sign);
                Polarized::both(kirdyashev(wave, incidence, water, structure, canopy.water_kg_m2))
            }
            VegetationOpacity::Wegmuller => {
                let water = plant_water(wave, canopy.temperature_k, ice_sign);
                wegmuller(wave, incidence, water, structure, canopy.water_kg_m2)
            }
        }
    })
}

/// Water in plants: pure water, below −0.5 °C ice.
#[inline(always)]
pub fn plant_water<T: Real>(wave: Wave, temperature_k: T, ice_sign: Reading) -> Complex<T> {
    let is_frozen = (temperature_k - FREEZING_K).is_below(ICE_BELOW_C);
    choose!(
        is_frozen,
        ice(wave, temperature_k, ice_sign),
        pure_water(wave, temperature_k)
    )
}

/// `τ = b VWC / cos θ`.
///
/// # References
/// Jackson and Schmugge (1991), doi:10.1016/0034-4257(91)90057-D.
#[inline(always)]
pub fn jackson<T: Real>(incidence: Incidence<T>, canopy: Canopy<T>) -> T {
    canopy.water_kg_m2 * canopy.kind.jackson_b() / incidence.cos
}

/// `τ_p = τ_N (cos² θ + tt_p sin² θ) / cos θ`, `τ_N = b₁ LAI + b₂`, constant in forests.
///
/// # References
/// Wigneron et al. (2007), doi:10.1016/j.rse.2006.10.014.
#[inline(always)]
pub fn wigneron<T: Real>(incidence: Incidence<T>, canopy: Canopy<T>) -> Polarized<T> {
    let [b1, b2] = canopy.kind.wigneron_b();
    let at_nadir = canopy.leaf_area_index * b1 + b2;
    canopy.kind.angle_factors().map(
        #[inline(always)]
        |factor| {
            let angle = incidence.cos.square() + incidence.sin_squared * factor;
            at_nadir * angle / incidence.cos
        },
    )
}

/// `τ = a_geo k VWC/1000 ε_w″ / cos θ`.
///
/// # References
/// Kirdyashev, Chukhlantsev and Shutko (1979), Radio Engineering and Electronic Physics 24, 256–264.
#[inline(always)]
pub fn kirdyashev<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    water: Complex<T>,
    structure: f64,
    water_kg_m2: T,
) -> T {
    water_kg_m2 * water.im * (structure * wave.wave_number_per_m() / 1000.0) / incidence.cos
}

/// Leaves as thin sheets of wet plant matter.
///
/// # Formula
/// `τ_p = a_geo k (VWC/(1 − m_d))/950 ε_v″ t_p / cos θ`, `ε_v = (0.51 − 0.64 m_d) ε_w + 3.2 m_d + 0.49`, `m_d = 0.3`;
/// `t_p` is the transmissivity of a leaf 0.2 mm thick:
/// `t_H = |4 k₀k₁E₁ / ((k₀ + k₁)² (1 − R_H² E₂))|²`, `k₀ = k cos θ`, `k₁ = k √(ε_v − sin² θ)`, and the same with `ε_v k₀`
/// for `t_V`.
///
/// # References
/// Wegmüller, Mätzler and Njoku (1995), in Passive Microwave Remote Sensing of Land–Atmosphere Interactions.
#[inline(always)]
pub fn wegmuller<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    water: Complex<T>,
    structure: f64,
    water_kg_m2: T,
) -> Polarized<T> {
    const DRY_MATTER: f64 = 0.3;
    const LEAF_M: f64 = 2e-4;
    const DENSITY_KG_M3: f64 = 950.0;
    let k = wave.wave_number_per_m();
    let matter = Complex::new(
        water.re * (0.51 - 0.64 * DRY_MATTER) + (3.2 * DRY_MATTER + 0.49),
        water.im * (0.51 - 0.64 * DRY_MATTER),
    );
    // In units of k, which cancels from all but the exponents.
    let k1 = (matter - incidence.sin_squared).sqrt();
    let damping = (k1.im * (-2.0 * k * LEAF_M)).exp();
    let (sin, cos) = (k1.re * (2.0 * k * LEAF_M)).sin_cos();
    let there_and_back = Complex::new(damping * cos, damping * sin);
    // |4 k₀k₁E₁ / ((k₀ + k₁)² − (k₀ − k₁)² E₂)|² with |E₁|² = |E₂|, the phase of E₁ does not matter.
    let transmissivity = inlined!(|k0: Complex<T>| {
        let (sum, difference) = (k0 + k1, k0 - k1);
        let denominator = sum * sum - difference * difference * there_and_back;
        (k0 * k1).norm_squared() * damping * 16.0 / denominator.norm_squared()
    });
    let depth =
        water_kg_m2 * matter.im * (structure * k / ((1.0 - DRY_MATTER) * DENSITY_KG_M3)) / incidence.cos;
    Polarized {
        h: depth * transmissivity(Complex::new(incidence.cos, incidence.cos.constant(0.0))),
        v: depth * transmissivity(matter.scale(incidence.cos)),
    }
}
