//! Parts of the model that depend on few inputs, at a constant incidence angle.

use super::reflectivity::{fresnel, wegmuller_matzler};
use super::soil::{SoilDielectric, SoilState, SoilTexture, mironov, soil};
use super::vegetation::{plant_water, wegmuller};
use super::water::Reading;
use super::wave::{Incidence, Polarized, Wave};
use crate::number::Real;
use crate::stage::Stage;

/// What thawed soil after Mironov reflects, from clay and moisture.
pub(super) struct MironovSoil {
    pub(super) wave: Wave,
    pub(super) incidence: Incidence<f64>,
}

impl Stage<2, 2> for MironovSoil {
    #[inline(always)]
    fn run<T: Real>(&self, [clay_percent, soil_moisture]: [T; 2]) -> [T; 2] {
        let dielectric = mironov(self.wave, clay_percent, soil_moisture);
        let reflected = fresnel(self.incidence.lift(clay_percent), dielectric);
        [reflected.h, reflected.v]
    }
}

/// What soil reflects, from sand, clay, moisture and temperature.
pub(super) struct AnySoil {
    pub(super) wave: Wave,
    pub(super) incidence: Incidence<f64>,
    pub(super) model: SoilDielectric,
    pub(super) ice_sign: Reading,
}

impl Stage<4, 2> for AnySoil {
    #[inline(always)]
    fn run<T: Real>(&self, [sand_percent, clay_percent, soil_moisture, temperature_k]: [T; 4]) -> [T; 2] {
        let state = SoilState {
            texture: SoilTexture {
                sand_percent,
                clay_percent,
            },
            soil_moisture,
            temperature_k,
        };
        let dielectric = soil(self.wave, state, self.model, self.ice_sign);
        let reflected = fresnel(self.incidence.lift(temperature_k), dielectric);
        [reflected.h, reflected.v]
    }
}

/// Rough over smooth reflectivity after Wegmüller and Mätzler, from the height of the roughness.
pub(super) struct RoughHeight {
    pub(super) wave: Wave,
    pub(super) incidence: Incidence<f64>,
}

impl Stage<1, 2> for RoughHeight {
    #[inline(always)]
    fn run<T: Real>(&self, [roughness_cm]: [T; 1]) -> [T; 2] {
        let mirror = Polarized::both(roughness_cm.constant(1.0));
        let rough = wegmuller_matzler(self.wave, self.incidence.lift(roughness_cm), mirror, roughness_cm);
        [rough.h, rough.v]
    }
}

/// The optical depth of a kg m⁻² of plants after Wegmüller, from their temperature.
pub(super) struct Leaves {
    pub(super) wave: Wave,
    pub(super) incidence: Incidence<f64>,
    pub(super) ice_sign: Reading,
    pub(super) structure: f64,
}

impl Stage<1, 2> for Leaves {
    #[inline(always)]
    fn run<T: Real>(&self, [temperature_k]: [T; 1]) -> [T; 2] {
        let water = plant_water(self.wave, temperature_k, self.ice_sign);
        let depth = wegmuller(
            self.wave,
            self.incidence.lift(temperature_k),
            water,
            self.structure,
            temperature_k.constant(1.0),
        );
        [depth.h, depth.v]
    }
}
