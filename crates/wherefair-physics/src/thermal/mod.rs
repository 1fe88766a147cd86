//! Thermal infrared emission of land.

mod atmosphere;
mod band;
mod energy_balance;
mod inversion;
mod model;
mod planck;
mod view_angle;

pub use atmosphere::{
    Climate, ThermalAtmosphere, ThermalAtmosphereModel, effective_temperature_atmosphere,
    single_channel_atmosphere, slanted, water_vapour_from_humidity,
};
pub use band::ThermalBand;
pub use energy_balance::SurfaceFluxes;
pub use inversion::{
    SplitWindow, single_channel_temperature_k, split_window_temperature_k, surface_temperature_k,
};
pub use model::{ThermalModel, ThermalParams, ThermalState, ThermalVariable};
pub use planck::{STEFAN_BOLTZMANN, inverse_planck, planck};
pub use view_angle::ViewAngle;
