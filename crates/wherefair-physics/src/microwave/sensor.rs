//! What radiometers measure: frequencies and incidence angles.

use serde::{Deserialize, Serialize};

/// One frequency of a radiometer, at horizontal and vertical polarisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The frequency in GHz.
    pub frequency_ghz: f64,
    /// The incidence angle in degrees; where there is none it is an input of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidence_deg: Option<f64>,
}

impl Channel {
    /// A frequency at a constant incidence angle.
    pub const fn new(frequency_ghz: f64, incidence_deg: f64) -> Self {
        Self {
            frequency_ghz,
            incidence_deg: Some(incidence_deg),
        }
    }

    /// A frequency whose incidence angle is an input.
    pub const fn at_any_angle(frequency_ghz: f64) -> Self {
        Self {
            frequency_ghz,
            incidence_deg: None,
        }
    }
}

/// Radiometers in orbit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensor {
    /// AMSR2 on GCOM-W: 6.925, 7.3, 10.65, 18.7, 23.8 and 36.5 GHz at 55°. Its seventh frequency, 89 GHz, lies beyond the
    /// validity of the model and is left out; [`Channel`]s of one's own may have it.
    Amsr2,
    /// SMOS: 1.4 GHz, the incidence angle is an input.
    Smos,
    /// SMAP: 1.41 GHz at 40°.
    Smap,
}

impl Sensor {
    /// Its channels.
    pub fn channels(self) -> Vec<Channel> {
        match self {
            Self::Amsr2 => [6.925, 7.3, 10.65, 18.7, 23.8, 36.5]
                .map(|frequency| Channel::new(frequency, 55.0))
                .to_vec(),
            Self::Smos => vec![Channel::at_any_angle(1.4)],
            Self::Smap => vec![Channel::new(1.41, 40.0)],
        }
    }
}
