//! Reflectance of mixtures in the seven land bands of MODIS.

use super::super::spectrum::narrow;

/// Bands of a scene.
pub(super) const N_BANDS: usize = 7;

/// The names of the bands: MODIS numbers its land bands from red over near infrared, blue and green to the short-wave
/// infrared.
pub(super) const BAND_NAMES: [&str; N_BANDS] = ["b01", "b02", "b03", "b04", "b05", "b06", "b07"];

/// Reflectance in each band.
pub(super) type Spectrum = [f32; N_BANDS];

type Material = [f64; N_BANDS];

// Round figures of the usual shape at 645, 858, 469, 555, 1240, 1640 and 2130 nm.
const LEAVES: Material = [0.028, 0.470, 0.020, 0.052, 0.450, 0.225, 0.085];
const LITTER: Material = [0.140, 0.270, 0.065, 0.100, 0.330, 0.350, 0.240];
const SOIL: Material = [0.160, 0.265, 0.080, 0.120, 0.320, 0.370, 0.310];
const PEAT: Material = [0.070, 0.150, 0.040, 0.055, 0.200, 0.210, 0.140];
const SHADE: Material = [0.010, 0.085, 0.009, 0.013, 0.075, 0.034, 0.012];
const CHAR: Material = [0.055, 0.095, 0.040, 0.048, 0.130, 0.165, 0.160];
const WATER: Material = [0.050, 0.030, 0.055, 0.060, 0.015, 0.010, 0.006];
/// What covers the land where a cloud was not recognised.
pub(super) const CLOUD: Spectrum = [0.62, 0.66, 0.60, 0.61, 0.60, 0.45, 0.32];
/// What haze adds, per unit.
const HAZE: Material = [0.024, 0.008, 0.040, 0.030, 0.004, 0.002, 0.001];

/// What a patch of land is made of in one month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits {
    /// The share of the ground under plants.
    pub(super) cover: f64,
    /// The share of the plants that are dry or dead.
    pub(super) dry: f64,
    /// The share of the green plants in the shade of others.
    pub(super) shade: f64,
    /// How wet the leaves are, 1 being usual: darkens the short-wave infrared.
    pub(super) moisture: f64,
    /// Leaf layers, 1 being usual: brightens the near infrared.
    pub(super) structure: f64,
    /// The share of the ground that is burnt.
    pub(super) burnt: f64,
    /// The share of open water.
    pub(super) water: f64,
}

/// What lies between the ground and the sensor, and the colour of the ground.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// How much of the ground is peat, 0 to 1.
    pub(super) peat: f64,
    /// Haze, 0 being usual; below 0 the air is clearer.
    pub(super) haze: f64,
}

impl Traits {
    /// The reflectance of such land.
    pub(super) fn spectrum(&self, surroundings: Surroundings) -> Spectrum {
        let share = |value: f64| value.clamp(0.0, 1.0);
        let (cover, dry, shade) = (share(self.cover), share(self.dry), share(self.shade));
        let (burnt, water, peat) = (share(self.burnt), share(self.water), share(surroundings.peat));
        let (moisture, structure) = (self.moisture.max(0.2), self.structure.max(0.2));
        std::array::from_fn(|band| {
            let leaves = match band {
                1 | 4 => LEAVES[band] * structure,
                5 | 6 => LEAVES[band] / moisture,
                _ => LEAVES[band],
            };
            let green = (1.0 - shade) * leaves + shade * SHADE[band];
            let plants = (1.0 - dry) * green + dry * LITTER[band];
            let bare = (1.0 - peat) * SOIL[band] + peat * PEAT[band];
            let ground = (1.0 - burnt) * bare + burnt * CHAR[band];
            let land = cover * plants + (1.0 - cover) * ground;
            let reflectance = (1.0 - water) * land + water * WATER[band] + surroundings.haze * HAZE[band];
            narrow(reflectance.max(0.001))
        })
    }
}
