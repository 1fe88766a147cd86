//! Bands of thermal sensors.

use serde::{Deserialize, Serialize};

use super::planck::{inverse_planck, planck};
use crate::number::{Real, outlined};

/// A band of a thermal sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThermalBand {
    /// Landsat 5 TM, band 6.
    Landsat5Band6,
    /// Landsat 7 ETM+, band 6.
    Landsat7Band6,
    /// Landsat 8 TIRS, band 10 (10.60 to 11.19 µm).
    #[default]
    Landsat8Band10,
    /// Landsat 8 TIRS, band 11 (11.50 to 12.51 µm).
    Landsat8Band11,
    /// Landsat 9 TIRS-2, band 10.
    Landsat9Band10,
    /// Landsat 9 TIRS-2, band 11.
    Landsat9Band11,
    /// MODIS on Terra, band 31.
    ModisBand31,
    /// MODIS on Terra, band 32.
    ModisBand32,
    /// MODIS on Aqua, band 31.
    ModisAquaBand31,
    /// MODIS on Aqua, band 32.
    ModisAquaBand32,
}

/// How a band sees a black body.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Response {
    /// `K₁ / (e^(K₂/T) − 1)`.
    Calibrated { k1: f64, k2: f64 },
    /// Planck's law at one wave number and a temperature corrected by a line.
    Monochromatic { per_cm: f64, slope: f64, offset_k: f64 },
}

impl ThermalBand {
    /// All bands.
    pub const ALL: [Self; 10] = [
        Self::Landsat5Band6,
        Self::Landsat7Band6,
        Self::Landsat8Band10,
        Self::Landsat8Band11,
        Self::Landsat9Band10,
        Self::Landsat9Band11,
        Self::ModisBand31,
        Self::ModisBand32,
        Self::ModisAquaBand31,
        Self::ModisAquaBand32,
    ];

    /// Its name in configurations, such as `landsat8-band10`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Landsat5Band6 => "landsat5-band6",
            Self::Landsat7Band6 => "landsat7-band6",
            Self::Landsat8Band10 => "landsat8-band10",
            Self::Landsat8Band11 => "landsat8-band11",
            Self::Landsat9Band10 => "landsat9-band10",
            Self::Landsat9Band11 => "landsat9-band11",
            Self::ModisBand31 => "modis-band31",
            Self::ModisBand32 => "modis-band32",
            Self::ModisAquaBand31 => "modis-aqua-band31",
            Self::ModisAquaBand32 => "modis-aqua-band32",
        }
    }

    fn response(self) -> Response {
        let calibrated = |k1, k2| Response::Calibrated { k1, k2 };
        let monochromatic = |per_cm, slope, offset_k| Response::Monochromatic {
            per_cm,
            slope,
            offset_k,
        };
        match self {
            Self::Landsat5Band6 => calibrated(607.76, 1260.56),
            Self::Landsat7Band6 => calibrated(666.09, 1282.71),
            Self::Landsat8Band10 => calibrated(774.8853, 1321.0789),
            Self::Landsat8Band11 => calibrated(480.8883, 1201.1442),
            Self::Landsat9Band10 => calibrated(799.0284, 1329.2405),
            Self::Landsat9Band11 => calibrated(475.6581, 1198.3494),
            Self::ModisBand31 => monochromatic(908.0884, 0.999_560_8, 0.130_269_9),
            Self::ModisBand32 => monochromatic(831.5399, 0.999_725_6, 0.071_818_33),
            Self::ModisAquaBand31 => monochromatic(907.6813, 0.999_527_0, 0.134_343_3),
            Self::ModisAquaBand32 => monochromatic(830.8411, 0.999_727_1, 0.071_350_51),
        }
    }

    /// The radiance of a black body in this band.
    ///
    /// # Formula
    /// Landsat: `B(T) = K₁ / (e^(K₂/T) − 1)` with the constants of the products' metadata; MODIS: Planck's law at the
    /// effective wave number and at `t_s T + t_i`.
    ///
    /// # Units
    /// W m⁻² sr⁻¹ µm⁻¹
    #[inline(always)]
    pub fn radiance<T: Real>(self, temperature_k: T) -> T {
        outlined!(temperature_k, {
            match self.response() {
                Response::Calibrated { k1, k2 } => (temperature_k.recip() * k2).exp_m1().recip() * k1,
                Response::Monochromatic {
                    per_cm,
                    slope,
                    offset_k,
                } => planck(1e4 / per_cm, temperature_k * slope + offset_k),
            }
        })
    }

    /// The temperature of a black body with this radiance in this band, in K: the inverse of [`radiance`](Self::radiance).
    #[inline(always)]
    pub fn brightness_temperature_k<T: Real>(self, radiance: T) -> T {
        outlined!(radiance, {
            match self.response() {
                Response::Calibrated { k1, k2 } => (radiance.recip() * k1).ln_1p().recip() * k2,
                Response::Monochromatic {
                    per_cm,
                    slope,
                    offset_k,
                } => (inverse_planck(1e4 / per_cm, radiance) - offset_k) / slope,
            }
        })
    }

    /// The published functions of column water vapour, where there are: `ψ = a w² + b w + c`.
    pub(super) fn atmospheric_functions(self) -> Option<[[f64; 3]; 3]> {
        match self {
            Self::Landsat5Band6 => Some([
                [0.07518, -0.00492, 1.03189],
                [-0.59600, -1.22554, 0.08104],
                [-0.02767, 1.43740, -0.25844],
            ]),
            Self::Landsat7Band6 => Some([
                [0.06518, 0.00683, 1.02717],
                [-0.53003, -1.25866, 0.10490],
                [-0.01965, 1.36947, -0.24310],
            ]),
            Self::Landsat8Band10 => Some([
                [0.04019, 0.02916, 1.01523],
                [-0.38333, -1.50294, 0.20324],
                [0.00918, 1.36072, -0.27514],
            ]),
            _ => None,
        }
    }

    /// The transmittance as a polynomial `a w² + b w + c` of column water vapour, where one was published.
    pub(super) fn transmittance_polynomial(self) -> Option<[f64; 3]> {
        match self {
            Self::Landsat8Band10 => Some([-0.0164, -0.04203, 0.9715]),
            Self::Landsat8Band11 => Some([-0.01218, -0.07735, 0.9603]),
            _ => None,
        }
    }

    /// `b_γ` of the single-channel inversion in K.
    pub(super) fn single_channel_constant_k(self) -> Option<f64> {
        match self {
            Self::Landsat5Band6 => Some(1256.0),
            Self::Landsat7Band6 => Some(1277.0),
            Self::Landsat8Band10 => Some(1324.0),
            _ => None,
        }
    }
}
