//! What covers the land: how it looks, and how its look changes over the year.

use std::f64::consts::TAU;

use wherefair_core::Stream;

use super::super::region::Place;
use super::PalmSceneConfig;
use super::climate::{Climate, N_MONTHS, Setting};
use super::spectrum::{Spectrum, Surroundings, Traits};

/// What the parameters' strengths of 1 stand for, tuned to the scores that the journal paper reports.
const VARIATION_EFFECT: f64 = 0.65;
const SEASON_EFFECT: f64 = 0.5;

/// What grows on a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    Palm,
    Forest,
    SwampForest,
    /// Rubber, acacia and forest growing back.
    Trees,
    /// Rice and other crops of the year, and grass.
    Crops,
    Cleared,
    Water,
}

impl Cover {
    pub(super) const ALL: [Self; 7] = [
        Self::Palm,
        Self::Forest,
        Self::SwampForest,
        Self::Trees,
        Self::Crops,
        Self::Cleared,
        Self::Water,
    ];

    /// Its mean look in the wet season.
    fn traits(self) -> Traits {
        let [cover, dry, shade, moisture, structure, water] = match self {
            Self::Palm => [0.84, 0.07, 0.25, 1.00, 1.05, 0.00],
            Self::Forest => [0.93, 0.04, 0.36, 1.04, 0.99, 0.00],
            Self::SwampForest => [0.88, 0.05, 0.38, 1.06, 0.95, 0.04],
            Self::Trees => [0.82, 0.09, 0.27, 0.98, 0.98, 0.00],
            Self::Crops => [0.62, 0.20, 0.06, 0.96, 0.98, 0.02],
            Self::Cleared => [0.30, 0.45, 0.03, 0.92, 0.90, 0.00],
            Self::Water => [0.10, 0.20, 0.10, 1.00, 0.90, 0.85],
        };
        Traits {
            cover,
            dry,
            shade,
            moisture,
            structure,
            burnt: 0.0,
            water,
        }
    }

    /// Change of cover and of the dry share from the wettest to the driest month.
    fn dry_season(self) -> [f64; 2] {
        match self {
            Self::Palm => [-0.02, 0.03],
            // Leaves flush when the sky clears.
            Self::Forest => [0.02, -0.02],
            Self::SwampForest => [0.01, 0.00],
            // Rubber sheds its leaves.
            Self::Trees => [-0.09, 0.10],
            Self::Crops => [-0.18, 0.22],
            Self::Cleared => [-0.12, 0.15],
            Self::Water => [0.00, 0.00],
        }
    }
}

/// The look of one parcel in each month.
pub(super) fn looks(
    config: &PalmSceneConfig,
    climate: &Climate,
    (place, setting): (Place, &Setting),
    cover: Cover,
    stream: &mut Stream,
) -> [Spectrum; N_MONTHS] {
    let variation = VARIATION_EFFECT * config.parcel_variation();
    let mut varied = |spread: f64| variation * spread * stream.standard_normal();
    let drift = config.spectral_drift();
    let mut traits = cover.traits();
    let [cover_change, dry_change] = cover.dry_season();
    // Drawn for every cover, so that a parcel's numbers do not depend on what grows there.
    let age = varied(1.0) + 0.8 * setting.age - 1.6 * drift * setting.peat;
    traits.cover += 0.03 * setting.vigour + varied(0.05);
    traits.dry += -0.02 * setting.vigour + varied(0.035);
    traits.shade += varied(0.045);
    traits.moisture += 0.04 * setting.vigour + varied(0.05);
    traits.structure += 0.05 * setting.vigour + varied(0.05);
    let phase = varied(1.0);
    let fire = varied(1.0);
    if cover == Cover::Palm {
        // Young palms leave the ground open, old ones close above it.
        traits.cover += 0.08 * age.clamp(-4.0, 1.5);
        traits.shade += 0.03 * age.clamp(-4.0, 2.0);
    }
    let bare = Surroundings {
        peat: drift * setting.peat,
        haze: 0.0,
    };
    let seasons = SEASON_EFFECT * config.seasonality();
    std::array::from_fn(|month| {
        let drought = seasons * setting.drought(month) * setting.dryness;
        let mut now = traits;
        now.cover += cover_change * drought;
        now.dry += dry_change * drought;
        now.moisture -= 0.05 * drought;
        if cover == Cover::Crops {
            // Two harvests a year.
            let cycle = libm::sin(TAU * (2.0 * (month as f64 - setting.lateness) + phase) / N_MONTHS as f64);
            now.cover += 0.16 * seasons * cycle;
            now.dry -= 0.10 * seasons * cycle;
        }
        if cover == Cover::Cleared && fire > 0.0 && (8..11).contains(&month) {
            now.burnt = 0.6 * seasons * setting.dryness;
        }
        now.spectrum(Surroundings {
            haze: 0.5 * drift * climate.haze(place, month),
            ..bare
        })
    })
}
