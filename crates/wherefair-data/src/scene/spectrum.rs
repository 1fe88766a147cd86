//! Reflectance as a mixture of a few materials.

/// Bands of a scene.
pub(super) const N_BANDS: usize = 10;

/// The names of the bands, as those of Sentinel-2.
pub(super) const BAND_NAMES: [&str; N_BANDS] = [
    "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12",
];

/// Reflectance in each band.
pub(super) type Spectrum = [f32; N_BANDS];

type Material = [f64; N_BANDS];

// Round figures of the usual shape: chlorophyll absorbs blue and red, leaves reflect the near infrared, water in leaf and
// soil absorbs the short-wave infrared.
const LEAVES: Material = [
    0.035, 0.062, 0.032, 0.090, 0.355, 0.470, 0.490, 0.505, 0.190, 0.085,
];
const STRAW: Material = [
    0.105, 0.145, 0.195, 0.235, 0.270, 0.300, 0.315, 0.335, 0.400, 0.300,
];
const SOIL: Material = [
    0.150, 0.180, 0.215, 0.240, 0.255, 0.270, 0.278, 0.292, 0.385, 0.335,
];
const WET_SOIL: Material = [
    0.070, 0.085, 0.100, 0.112, 0.122, 0.130, 0.135, 0.140, 0.160, 0.115,
];
const SHADE: Material = [
    0.020, 0.022, 0.018, 0.022, 0.050, 0.065, 0.068, 0.070, 0.035, 0.018,
];
const WATER: Material = [
    0.060, 0.065, 0.050, 0.042, 0.034, 0.032, 0.028, 0.026, 0.014, 0.009,
];
const BUILT: Material = [
    0.165, 0.180, 0.192, 0.203, 0.215, 0.225, 0.232, 0.240, 0.255, 0.230,
];
/// What haze adds, per unit.
const HAZE: Material = [
    0.030, 0.022, 0.015, 0.012, 0.007, 0.006, 0.005, 0.004, 0.001, 0.000,
];

/// What a patch of land is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits {
    /// The share of the ground under plants.
    pub(super) cover: f64,
    /// The share of the plants that are dry.
    pub(super) dry: f64,
    /// The share of the green plants in the shade of others.
    pub(super) shade: f64,
    /// How wet the soil is, 0 to 1.
    pub(super) wet: f64,
    /// Chlorophyll, 1 being usual: darkens the visible bands and the red edge.
    pub(super) chlorophyll: f64,
    /// Leaf layers, 1 being usual: brightens the near infrared.
    pub(super) structure: f64,
    /// The share of open water.
    pub(super) water: f64,
    /// The share of buildings and roads.
    pub(super) built: f64,
}

/// What lies between the ground and the sensor, and the colour of the ground.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// The brightness of the soil, 1 being usual.
    pub(super) soil: f64,
    /// Haze, 0 being usual; below 0 the air is clearer.
    pub(super) haze: f64,
}

impl Traits {
    /// The reflectance of such land.
    pub(super) fn spectrum(&self, surroundings: Surroundings) -> Spectrum {
        let share = |value: f64| value.clamp(0.0, 1.0);
        let (cover, dry, shade) = (share(self.cover), share(self.dry), share(self.shade));
        let (wet, water, built) = (share(self.wet), share(self.water), share(self.built));
        let (chlorophyll, structure) = (self.chlorophyll.max(0.2), self.structure.max(0.2));
        std::array::from_fn(|band| {
            let leaves = match band {
                0..=3 => LEAVES[band] / chlorophyll,
                4..=7 => LEAVES[band] * structure,
                _ => LEAVES[band],
            };
            let green = (1.0 - shade) * leaves + shade * SHADE[band];
            let plants = (1.0 - dry) * green + dry * STRAW[band];
            let soil = (1.0 - wet) * SOIL[band] * surroundings.soil + wet * WET_SOIL[band];
            let land = cover * plants + (1.0 - cover) * soil;
            let made = (1.0 - built) * land + built * BUILT[band];
            let reflectance = (1.0 - water) * made + water * WATER[band] + surroundings.haze * HAZE[band];
            narrow(reflectance.max(0.001))
        })
    }
}

/// How the bands answer to a little more green in a pixel.
pub(super) fn greening() -> Spectrum {
    std::array::from_fn(|band| narrow(LEAVES[band] - SOIL[band]))
}

#[expect(clippy::cast_possible_truncation, reason = "small numbers, rounded to f32")]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}
