//! Parameters of an oil-palm scene.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::super::params::{real, whole};

/// The longest side of a scene, in pixels.
const MAX_SIDE: usize = 1 << 14;

/// What an oil-palm scene looks like; made valid by [`check`](Self::check).
///
/// The defaults are those on which networks score about as the journal paper on SPAD reports: F1 near 0.65 from January alone,
/// near 0.80 from the series.
///
/// # Examples
/// ```
/// use wherefair_data::PalmSceneParams;
///
/// let config = PalmSceneParams::default().rows(64).cols(96).check()?;
/// assert_eq!((config.rows(), config.cols()), (64, 96));
/// let error = PalmSceneParams::default().cloudiness(f64::NAN).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid cloudiness: NaN (accepted: 0 to 1)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PalmSceneParams {
    rows: usize,
    cols: usize,
    concession_px: f64,
    parcel_px: f64,
    regional_mix: f64,
    spectral_drift: f64,
    parcel_variation: f64,
    seasonality: f64,
    cloudiness: f64,
    pixel_noise: f64,
    label_noise: f64,
    blur: f64,
}

impl Default for PalmSceneParams {
    fn default() -> Self {
        Self {
            rows: 512,
            cols: 512,
            concession_px: 14.0,
            parcel_px: 3.0,
            regional_mix: 1.0,
            spectral_drift: 1.0,
            parcel_variation: 1.0,
            seasonality: 1.0,
            cloudiness: 0.3,
            pixel_noise: 0.008,
            label_noise: 0.08,
            blur: 0.25,
        }
    }
}

impl PalmSceneParams {
    /// Rows, 1 to 16,384; 512 by default.
    #[must_use]
    pub fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Columns, 1 to 16,384; 512 by default.
    #[must_use]
    pub fn cols(self, cols: usize) -> Self {
        Self { cols, ..self }
    }

    /// The side that a concession has typically, in pixels, 4 to 1,024; 14 by default, which is 7 km.
    #[must_use]
    pub fn concession_px(self, concession_px: f64) -> Self {
        Self {
            concession_px,
            ..self
        }
    }

    /// The side that a parcel of one cover has typically, in pixels, 1 to 256; 3 by default, which is 1.5 km.
    #[must_use]
    pub fn parcel_px(self, parcel_px: f64) -> Self {
        Self { parcel_px, ..self }
    }

    /// How strongly the share of plantations depends on the region, 0 (the same everywhere) to 3; 1 by default.
    #[must_use]
    pub fn regional_mix(self, regional_mix: f64) -> Self {
        Self { regional_mix, ..self }
    }

    /// How much the same cover looks different from region to region, 0 (not at all) to 3; 1 by default.
    #[must_use]
    pub fn spectral_drift(self, spectral_drift: f64) -> Self {
        Self {
            spectral_drift,
            ..self
        }
    }

    /// How much parcels of one cover differ within a region, all year alike, 0 to 5; 1 by default.
    #[must_use]
    pub fn parcel_variation(self, parcel_variation: f64) -> Self {
        Self {
            parcel_variation,
            ..self
        }
    }

    /// How much the seasons change the looks of covers, each in its own way, 0 (not at all) to 3; 1 by default. This is
    /// what a series tells beyond a single date, besides evening out clouds and noise.
    #[must_use]
    pub fn seasonality(self, seasonality: f64) -> Self {
        Self { seasonality, ..self }
    }

    /// The share of dates on which a pixel lies in part under a cloud that was not recognised, 0 to 1; 0.3 by default.
    #[must_use]
    pub fn cloudiness(self, cloudiness: f64) -> Self {
        Self { cloudiness, ..self }
    }

    /// Standard deviation of the noise of a pixel in each band and month, as reflectance, 0 to 0.2; 0.008 by default.
    #[must_use]
    pub fn pixel_noise(self, pixel_noise: f64) -> Self {
        Self { pixel_noise, ..self }
    }

    /// The share of labels that are drawn anew from how common oil palm is in the concession, 0 to 0.5: half of them
    /// whole parcels, half single pixels; 0.08 by default. Some are right by chance.
    #[must_use]
    pub fn label_noise(self, label_noise: f64) -> Self {
        Self { label_noise, ..self }
    }

    /// How far the footprint of a pixel reaches into its neighbours on each side, as a share of the pixel, 0 to 0.5;
    /// 0.25 by default.
    #[must_use]
    pub fn blur(self, blur: f64) -> Self {
        Self { blur, ..self }
    }

    /// The parameters, if each lies in its domain.
    ///
    /// # Errors
    /// [`ParamError`] with the name, the value and the domain of the first that does not.
    pub fn check(self) -> Result<PalmSceneConfig, ParamError> {
        whole("rows", self.rows, 1..=MAX_SIDE)?;
        whole("cols", self.cols, 1..=MAX_SIDE)?;
        real("concession_px", self.concession_px, 4.0..=1024.0)?;
        real("parcel_px", self.parcel_px, 1.0..=256.0)?;
        real("regional_mix", self.regional_mix, 0.0..=3.0)?;
        real("spectral_drift", self.spectral_drift, 0.0..=3.0)?;
        real("parcel_variation", self.parcel_variation, 0.0..=5.0)?;
        real("seasonality", self.seasonality, 0.0..=3.0)?;
        real("cloudiness", self.cloudiness, 0.0..=1.0)?;
        real("pixel_noise", self.pixel_noise, 0.0..=0.2)?;
        real("label_noise", self.label_noise, 0.0..=0.5)?;
        real("blur", self.blur, 0.0..=0.5)?;
        Ok(PalmSceneConfig { params: self })
    }
}

/// Checked parameters of an oil-palm scene.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct PalmSceneConfig {
    params: PalmSceneParams,
}

impl PalmSceneConfig {
    /// Rows of pixels.
    pub fn rows(&self) -> usize {
        self.params.rows
    }

    /// Columns of pixels.
    pub fn cols(&self) -> usize {
        self.params.cols
    }

    /// Pixels: rows × columns.
    pub fn n_pixels(&self) -> usize {
        self.params.rows * self.params.cols
    }

    /// The parameters, as they were given.
    pub fn params(&self) -> &PalmSceneParams {
        &self.params
    }

    pub(super) fn concession_px(&self) -> f64 {
        self.params.concession_px
    }

    pub(super) fn parcel_px(&self) -> f64 {
        self.params.parcel_px
    }

    pub(super) fn regional_mix(&self) -> f64 {
        self.params.regional_mix
    }

    pub(super) fn spectral_drift(&self) -> f64 {
        self.params.spectral_drift
    }

    pub(super) fn parcel_variation(&self) -> f64 {
        self.params.parcel_variation
    }

    pub(super) fn seasonality(&self) -> f64 {
        self.params.seasonality
    }

    pub(super) fn cloudiness(&self) -> f64 {
        self.params.cloudiness
    }

    pub(super) fn pixel_noise(&self) -> f64 {
        self.params.pixel_noise
    }

    pub(super) fn label_noise(&self) -> f64 {
        self.params.label_noise
    }

    pub(super) fn blur(&self) -> f64 {
        self.params.blur
    }
}
