//! Tests of the forward models.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod bad_input;
mod batch;
mod derivatives;
mod domain;
mod golden;
mod liebe;
mod microwave_golden;
mod microwave_properties;
mod models;
mod sampling;
mod serialization;
mod thermal;
mod thermal_golden;
mod thermal_slant;
mod tiles;
