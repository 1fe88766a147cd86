//! Forward models of remote sensing: what a sensor in orbit sees of a state of land and air.
//!
//! Two models, each put together from named components: [`MicrowaveModel`], the passive microwave emission of soil, plants,
//! snow, water and air after ECMWF's CMEM ([`MicrowaveParams`]), and [`ThermalModel`], thermal infrared radiance of Landsat
//! and MODIS ([`ThermalParams`]). Both implement [`ForwardModel`] and give exact derivatives to every input
//! ([`jacobian`]), run over millions of states on all cores ([`simulate`]), and draw states for simulation data sets
//! ([`sample_states`]). The components are public functions of their own, from [`mironov`]'s soil to Liebe's
//! [`absorption`] lines.
//!
//! All formulas are written once over [`Real`] numbers: with `f64` they give values, with [`Dual`] numbers values and
//! derivatives. Functions of components evaluate formulas as they stand and check nothing; models check every input.
//!
//! This crate does no I/O, knows no tensor library, and inverts nothing but the thermal equation.

#![expect(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "only what is inlined into a function compiled for vector instructions makes use of them"
)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod batch;
mod complex;
mod dual;
mod elementary;
mod error;
mod forward_model;
mod lanes;
mod microwave;
mod number;
mod sampling;
mod stage;
mod thermal;
mod variable;

pub use batch::{
    OutOfDomain, Simulation, simulate, simulate_into, simulate_with_derivatives,
    simulate_with_derivatives_into,
};
pub use complex::Complex;
pub use dual::Dual;
pub use error::PhysicsError;
pub use forward_model::{ForwardModel, Jacobian, evaluate, jacobian};
pub use microwave::{
    Absorption, AirLayer, Atmosphere, AtmosphereModel, Canopy, Channel, DielectricTemperature,
    EffectiveTemperature, FrequencyRange, FrequencySwitches, Incidence, LandState, LandVariable,
    MicrowaveModel, MicrowaveParams, Polarized, REGRESSION_DOMAIN, REGRESSION_FREQUENCIES_GHZ, Reading,
    RegressionAtmosphere, RoughGround, Roughness, Sensor, SnowEmission, SnowLayer, SoilDielectric,
    SoilProfile, SoilState, SoilTexture, StandardProfile, Surface, Tile, VegetationOpacity, VegetationType,
    VegetationWater, Wave, absorption, dobson, dry_sand, effective_temperature, fresnel, ice, jackson,
    kirdyashev, mironov, optical_depth, pellarin, plant_water, polarization_mixing, pure_water,
    radiative_transfer, regression, rough, sea_water, snow, soil, soil_water, standard_atmosphere,
    surface_share, ulaby, ulaby_loss_db, wang_schmugge, wegmuller, wegmuller_matzler, wigneron,
};
pub use number::{Blend, Mask, Real};
pub use sampling::{MAX_DIMENSIONS, Prior, Sampling, sample_states, unit_cube};
pub use thermal::{
    Climate, STEFAN_BOLTZMANN, SplitWindow, SurfaceFluxes, ThermalAtmosphere, ThermalAtmosphereModel,
    ThermalBand, ThermalModel, ThermalParams, ThermalState, ThermalVariable, ViewAngle,
    effective_temperature_atmosphere, inverse_planck, planck, single_channel_atmosphere,
    single_channel_temperature_k, slanted, split_window_temperature_k, surface_temperature_k,
    water_vapour_from_humidity,
};
pub use variable::{Domain, Variable};
