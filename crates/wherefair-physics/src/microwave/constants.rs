//! Constants of CMEM, with its digits.

/// Speed of light in m s⁻¹.
pub(super) const LIGHT_SPEED: f64 = 2.998e8;
/// Permittivity of free space in F m⁻¹.
pub(super) const VACUUM_PERMITTIVITY: f64 = 8.854e-12;
/// Permeability of free space in H m⁻¹.
pub(super) const VACUUM_PERMEABILITY: f64 = 4.0e-7 * std::f64::consts::PI;
/// Dielectric constant of water at frequencies far above its relaxation.
pub(super) const WATER_AT_HIGH_FREQUENCY: f64 = 4.9;
/// Melting point of ice in K.
pub(super) const FREEZING_K: f64 = 273.15;
/// Brightness temperature of the sky beyond the atmosphere in K.
pub(super) const COSMIC_BACKGROUND_K: f64 = 2.7;
/// Density of soil particles in g cm⁻³.
pub(super) const PARTICLE_DENSITY: f64 = 2.66;
/// Temperature in °C below which water in soil and plants counts as ice.
pub(super) const ICE_BELOW_C: f64 = -0.5;
/// Temperature in °C below which soil counts as frozen throughout.
pub(super) const FROZEN_BELOW_C: f64 = -5.0;
