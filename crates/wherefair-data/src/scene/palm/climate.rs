//! What a place does to plants, soil and light, and when.

use std::f64::consts::TAU;

use wherefair_core::Seed;

use super::super::region::{Place, Trend};

/// Months of a series, from January.
pub(super) const N_MONTHS: usize = 12;

/// The middle of the dry season where it is neither early nor late, in months from the start of January.
const DRY_MIDDLE: f64 = 8.0;

/// What a spectral drift of 1 stands for, tuned to the scores that the journal paper reports.
const DRIFT_EFFECT: f64 = 1.8;

/// The slow changes of one scene.
#[derive(Debug)]
pub(super) struct Climate {
    suitability: Trend,
    lateness: Trend,
    dryness: Trend,
    age: Trend,
    vigour: Trend,
    haze: [Trend; N_MONTHS],
}

/// What is the same all year in a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// How far the place invites planting oil palm, about −1.6 to 1.6.
    pub(super) suitability: f64,
    /// How much later than usual the dry season comes, in months.
    pub(super) lateness: f64,
    /// How dry it is, 1 being usual, at least 0.
    pub(super) dryness: f64,
    /// How much older than usual the palms are.
    pub(super) age: f64,
    /// Vigour of the plants.
    pub(super) vigour: f64,
    /// Coastal peat, 0 (none) to 1.
    pub(super) peat: f64,
}

/// The peat lowland at the south-western coast: drained, and its palms planted last.
fn peat(place: Place) -> f64 {
    const CENTRE: Place = Place {
        south: 0.76,
        east: 0.22,
    };
    const RADIUS: f64 = 0.18;
    place.bump(CENTRE, RADIUS)
}

impl Climate {
    pub(super) fn new(seed: Seed) -> Self {
        let trend = |name: &str, south, east| Trend::new(south, east, seed.stream(name));
        Self {
            suitability: trend("palm/suitability", 0.7, -0.3),
            lateness: trend("palm/lateness", 0.2, 0.6),
            dryness: trend("palm/dryness", 0.5, 0.5),
            age: trend("palm/age", -0.5, 0.3),
            vigour: trend("palm/vigour", -0.4, -0.5),
            haze: std::array::from_fn(|month| Trend::new(0.3, 0.1, seed.indexed("palm/haze", month as u64))),
        }
    }

    /// `drift` scales how far places differ in what they do to the looks of plants.
    pub(super) fn setting(&self, place: Place, drift: f64) -> Setting {
        let drift = DRIFT_EFFECT * drift;
        Setting {
            suitability: self.suitability.at(place),
            lateness: drift * self.lateness.at(place),
            dryness: (1.0 + 0.5 * drift * self.dryness.at(place)).max(0.0),
            age: drift * self.age.at(place),
            vigour: drift * self.vigour.at(place),
            peat: peat(place),
        }
    }

    /// The haze of the day of a month on which a place was seen.
    pub(super) fn haze(&self, place: Place, month: usize) -> f64 {
        self.haze[month].at(place)
    }
}

impl Setting {
    /// How far the dry season is on, 0 in the wettest month to 1 in the driest.
    pub(super) fn drought(&self, month: usize) -> f64 {
        0.5 + 0.5 * libm::cos(TAU * (month as f64 + 0.5 - DRY_MIDDLE - self.lateness) / N_MONTHS as f64)
    }
}
