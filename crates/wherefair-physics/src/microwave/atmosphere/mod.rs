//! What the air between ground and sensor absorbs and emits.

mod liebe;
mod lines;
mod pellarin;
mod regression;
mod ulaby;

use serde::{Deserialize, Serialize};

use crate::number::Real;

pub use liebe::{Absorption, AirLayer, StandardProfile, absorption, radiative_transfer, standard_atmosphere};
pub use pellarin::pellarin;
pub use regression::{REGRESSION_DOMAIN, REGRESSION_FREQUENCIES_GHZ, RegressionAtmosphere, regression};
pub use ulaby::{ulaby, ulaby_loss_db};

/// How the atmosphere is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtmosphereModel {
    /// Neither air nor cosmic background.
    None,
    /// Optical depth at zenith, up- and downwelling brightness temperature are inputs.
    Given,
    /// [`pellarin`], below 10 GHz.
    Pellarin,
    /// [`ulaby`], by windows of frequency.
    Ulaby,
    /// Liebe's MPM89 in layers of a standard profile: [`standard_atmosphere`].
    Liebe,
    /// A regression on MPM89 at the frequencies of AMSR2 and of L band: [`regression`].
    #[default]
    Regression,
}

/// The atmosphere along the line of sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atmosphere<T> {
    /// The share of radiation that passes.
    pub transmittance: T,
    /// Emitted upwards in K.
    pub upwelling_k: T,
    /// Reaching the ground from above in K, the cosmic background included.
    pub downwelling_k: T,
}

impl<T: Real> Atmosphere<T> {
    /// Neither air nor cosmic background, of the kind of number of `like`.
    #[inline(always)]
    pub fn none(like: T) -> Self {
        Self {
            transmittance: like.constant(1.0),
            upwelling_k: like.constant(0.0),
            downwelling_k: like.constant(0.0),
        }
    }
}
