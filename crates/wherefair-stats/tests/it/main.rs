//! Tests of `wherefair-stats` from outside.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod autocorrelation;
mod golden;
mod golden_esda;
mod golden_spdep;
mod permutation_inference;
mod weights_golden;
mod weights_properties;
