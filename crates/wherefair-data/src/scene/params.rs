//! Parameters of a crop scene.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::classes::{MIN_CLASSES, TABLE};

/// The longest side of a scene, in pixels.
const MAX_SIDE: usize = 1 << 16;

/// What a crop scene looks like; made valid by [`check`](Self::check).
///
/// The defaults are those on which the network of the SPAD paper scores about as the paper reports.
///
/// # Examples
/// ```
/// use wherefair_data::CropSceneParams;
///
/// let config = CropSceneParams::default().rows(64).cols(96).check()?;
/// assert_eq!((config.rows(), config.cols(), config.n_classes()), (64, 96, 23));
/// let error = CropSceneParams::default().label_noise(f64::NAN).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid label_noise: NaN (accepted: 0 to 0.5)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CropSceneParams {
    rows: usize,
    cols: usize,
    n_classes: usize,
    section_px: usize,
    field_px: f64,
    regional_mix: f64,
    spectral_drift: f64,
    field_variation: f64,
    pixel_noise: f64,
    label_noise: f64,
    edge_mixing: f64,
}

impl Default for CropSceneParams {
    fn default() -> Self {
        Self {
            rows: 1024,
            cols: 1024,
            n_classes: TABLE.len(),
            section_px: 80,
            field_px: 400.0,
            regional_mix: 1.0,
            spectral_drift: 1.0,
            field_variation: 1.0,
            pixel_noise: 0.008,
            label_noise: 0.06,
            edge_mixing: 0.1,
        }
    }
}

impl CropSceneParams {
    /// Rows, 1 to 65,536; 1,024 by default.
    #[must_use]
    pub fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Columns, 1 to 65,536; 1,024 by default.
    #[must_use]
    pub fn cols(self, cols: usize) -> Self {
        Self { cols, ..self }
    }

    /// Classes, 18 to 23 (the default); with fewer, the rarest crops are left out.
    #[must_use]
    pub fn n_classes(self, n_classes: usize) -> Self {
        Self { n_classes, ..self }
    }

    /// The side of the square sections between roads, in pixels, 16 to 1,024; 80 by default, which is a mile of 20 m
    /// pixels.
    #[must_use]
    pub fn section_px(self, section_px: usize) -> Self {
        Self { section_px, ..self }
    }

    /// The area that a field has typically, in pixels, 16 to 1,048,576; 400 by default, which is 16 ha.
    #[must_use]
    pub fn field_px(self, field_px: f64) -> Self {
        Self { field_px, ..self }
    }

    /// How strongly the mix of crops depends on the region, 0 (the same everywhere) to 3; 1 by default.
    #[must_use]
    pub fn regional_mix(self, regional_mix: f64) -> Self {
        Self { regional_mix, ..self }
    }

    /// How much the same crop looks different from region to region, 0 (not at all) to 3; 1 by default.
    #[must_use]
    pub fn spectral_drift(self, spectral_drift: f64) -> Self {
        Self {
            spectral_drift,
            ..self
        }
    }

    /// How much fields of one crop differ within a region, 0 to 5; 1 by default.
    #[must_use]
    pub fn field_variation(self, field_variation: f64) -> Self {
        Self {
            field_variation,
            ..self
        }
    }

    /// Standard deviation of the noise of a pixel in each band, as reflectance, 0 to 0.2; 0.008 by default.
    #[must_use]
    pub fn pixel_noise(self, pixel_noise: f64) -> Self {
        Self { pixel_noise, ..self }
    }

    /// The share of wrong labels, 0 to 0.5: half of it are whole fields, half single pixels; 0.06 by default.
    ///
    /// A wrong label is drawn from the crops that surround it, so some wrong labels are right by chance.
    #[must_use]
    pub fn label_noise(self, label_noise: f64) -> Self {
        Self { label_noise, ..self }
    }

    /// The share of its light that a pixel receives from each of its four neighbours, 0 to 0.2; 0.1 by default.
    #[must_use]
    pub fn edge_mixing(self, edge_mixing: f64) -> Self {
        Self { edge_mixing, ..self }
    }

    /// The parameters, if each lies in its domain.
    ///
    /// # Errors
    /// [`ParamError`] with the name, the value and the domain of the first that does not.
    pub fn check(self) -> Result<CropSceneConfig, ParamError> {
        whole("rows", self.rows, 1..=MAX_SIDE)?;
        whole("cols", self.cols, 1..=MAX_SIDE)?;
        whole("n_classes", self.n_classes, MIN_CLASSES..=TABLE.len())?;
        whole("section_px", self.section_px, 16..=1024)?;
        real("field_px", self.field_px, 16.0..=1_048_576.0)?;
        real("regional_mix", self.regional_mix, 0.0..=3.0)?;
        real("spectral_drift", self.spectral_drift, 0.0..=3.0)?;
        real("field_variation", self.field_variation, 0.0..=5.0)?;
        real("pixel_noise", self.pixel_noise, 0.0..=0.2)?;
        real("label_noise", self.label_noise, 0.0..=0.5)?;
        real("edge_mixing", self.edge_mixing, 0.0..=0.2)?;
        Ok(CropSceneConfig { params: self })
    }
}

pub(super) fn whole(name: &str, value: usize, domain: RangeInclusive<usize>) -> Result<(), ParamError> {
    if domain.contains(&value) {
        return Ok(());
    }
    let accepted = format!("a whole number from {} to {}", domain.start(), domain.end());
    Err(ParamError::new(name, value, accepted))
}

pub(super) fn real(name: &str, value: f64, domain: RangeInclusive<f64>) -> Result<(), ParamError> {
    if domain.contains(&value) {
        return Ok(());
    }
    let accepted = format!("{} to {}", domain.start(), domain.end());
    Err(ParamError::new(name, value, accepted))
}

/// Checked parameters of a crop scene.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CropSceneConfig {
    params: CropSceneParams,
}

impl CropSceneConfig {
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

    /// Classes.
    pub fn n_classes(&self) -> usize {
        self.params.n_classes
    }

    /// The parameters, as they were given.
    pub fn params(&self) -> &CropSceneParams {
        &self.params
    }

    pub(super) fn section_px(&self) -> usize {
        self.params.section_px
    }

    pub(super) fn field_px(&self) -> f64 {
        self.params.field_px
    }

    pub(super) fn regional_mix(&self) -> f64 {
        self.params.regional_mix
    }

    pub(super) fn spectral_drift(&self) -> f64 {
        self.params.spectral_drift
    }

    pub(super) fn field_variation(&self) -> f64 {
        self.params.field_variation
    }

    pub(super) fn pixel_noise(&self) -> f64 {
        self.params.pixel_noise
    }

    pub(super) fn label_noise(&self) -> f64 {
        self.params.label_noise
    }

    pub(super) fn edge_mixing(&self) -> f64 {
        self.params.edge_mixing
    }
}
