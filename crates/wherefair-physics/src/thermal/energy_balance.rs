//! The energy balance of the surface.

use super::planck::STEFAN_BOLTZMANN;
use crate::number::Real;

/// The fluxes at the surface in W m⁻²; turbulent and ground fluxes are positive away from the surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceFluxes<T> {
    /// Sunlight that arrives.
    pub shortwave_down: T,
    /// Sunlight that is reflected.
    pub shortwave_up: T,
    /// Thermal radiation of the air that arrives.
    pub longwave_down: T,
    /// Sensible heat `H`.
    pub sensible: T,
    /// Latent heat `LE`.
    pub latent: T,
    /// Heat into the ground `G`.
    pub ground: T,
}

impl<T: Real> SurfaceFluxes<T> {
    /// Thermal radiation upwards in W m⁻²: `ε σ T_s⁴ + (1 − ε) L↓`.
    #[inline(always)]
    pub fn longwave_up(&self, surface_temperature_k: T, emissivity: T) -> T {
        let emitted = surface_temperature_k.square().square() * STEFAN_BOLTZMANN;
        emissivity * (emitted - self.longwave_down) + self.longwave_down
    }

    /// Net radiation in W m⁻²: `R_n = S↓ − S↑ + L↓ − L↑`.
    #[inline(always)]
    pub fn net_radiation(&self, surface_temperature_k: T, emissivity: T) -> T {
        self.shortwave_down - self.shortwave_up + self.longwave_down
            - self.longwave_up(surface_temperature_k, emissivity)
    }

    /// What is missing to balance in W m⁻²: `R_n − (H + LE + G)`.
    ///
    /// # References
    /// Wang et al. (2024), SimFair: Physics-Guided Fairness-Aware Learning with Simulation Models, AAAI-24.
    #[inline(always)]
    pub fn residual(&self, surface_temperature_k: T, emissivity: T) -> T {
        self.net_radiation(surface_temperature_k, emissivity) - (self.sensible + self.latent + self.ground)
    }
}
