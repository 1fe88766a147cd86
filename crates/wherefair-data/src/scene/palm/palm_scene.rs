//! A whole oil-palm scene in memory.

use std::ops::Range;

use wherefair_core::{Extent, ParamError, Point, Seed};

use super::super::crop_scene::reserved;
use super::super::raster::{Raster, moments};
use super::PalmSceneConfig;
use super::climate::N_MONTHS;
use super::render::{N_VALUES, render};
use super::spectrum::{BAND_NAMES, N_BANDS};

/// The side of a pixel, in metres.
const PIXEL_M: f64 = 500.0;

/// A synthetic raster of a year of monthly reflectances and of oil-palm plantations, like Kalimantan seen by MODIS.
///
/// Pixels stand row by row from north to south, within a row from west to east. What is in a scene, and what it cannot
/// show, is told in the book's chapter on synthetic scenes.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_data::PalmSceneParams;
///
/// let scene = PalmSceneParams::default().rows(64).cols(96).check()?.generate(Seed::new(1))?;
/// assert_eq!(scene.series().len(), 64 * 96 * 12 * 7);
/// assert_eq!(scene.month(0)?.len(), 64 * 96 * 7);
/// assert_eq!(scene.classes().len(), 64 * 96);
/// assert_eq!(scene.class_names()[1], "plantation");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PalmScene {
    config: PalmSceneConfig,
    series: Vec<f32>,
    classes: Vec<u8>,
}

impl PalmSceneConfig {
    /// Makes the scene, on all threads of the current `rayon` pool; its bits depend on the seed alone.
    ///
    /// It takes 337 bytes a pixel, and while it is made 400 a parcel.
    ///
    /// # Errors
    /// [`ParamError`] where the scene does not fit in memory.
    pub fn generate(&self, seed: Seed) -> Result<PalmScene, ParamError> {
        let size = (self.rows(), self.cols());
        let mut series = reserved(size, self.n_pixels() * N_VALUES)?;
        series.resize(self.n_pixels() * N_VALUES, 0.0);
        let mut classes = reserved(size, self.n_pixels())?;
        classes.resize(self.n_pixels(), 0);
        render(self, seed, &mut series, &mut classes);
        Ok(PalmScene {
            config: *self,
            series,
            classes,
        })
    }
}

impl PalmScene {
    /// Rows.
    pub fn rows(&self) -> usize {
        self.config.rows()
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.config.cols()
    }

    /// Pixels: rows × columns.
    pub fn n_pixels(&self) -> usize {
        self.classes.len()
    }

    /// Months: 12, from January.
    pub fn n_months(&self) -> usize {
        N_MONTHS
    }

    /// Bands: 7.
    pub fn n_bands(&self) -> usize {
        N_BANDS
    }

    /// The parameters it was made from.
    pub fn config(&self) -> &PalmSceneConfig {
        &self.config
    }

    /// Reflectances pixel by pixel, month by month, from 0 to about 1.
    ///
    /// # Shapes
    /// `(rows, cols, n_months, n_bands)`, which is also `(n_pixels, n_months × n_bands)`: the rows of features that
    /// networks of series take, step by step.
    pub fn series(&self) -> &[f32] {
        &self.series
    }

    /// Reflectances of one month, from 0 for January: a copy. The journal paper's networks of a single date see January.
    ///
    /// # Shapes
    /// `(n_pixels, n_bands)`.
    ///
    /// # Errors
    /// [`ParamError`] for a month above 11.
    pub fn month(&self, month: usize) -> Result<Vec<f32>, ParamError> {
        if month >= N_MONTHS {
            let accepted = format!("a whole number from 0 to {}", N_MONTHS - 1);
            return Err(ParamError::new("month", month, accepted));
        }
        let of_pixel = |pixel: &[f32]| {
            let mut bands = [0.0; N_BANDS];
            bands.copy_from_slice(&pixel[month * N_BANDS..(month + 1) * N_BANDS]);
            bands
        };
        Ok(self.series.chunks_exact(N_VALUES).flat_map(of_pixel).collect())
    }

    /// The labels, noise included: 1 where at least half of a pixel is oil palm, else 0.
    ///
    /// # Shapes
    /// `(rows, cols)`, which is also `(n_pixels,)`.
    pub fn classes(&self) -> &[u8] {
        &self.classes
    }

    /// The number of classes: 2.
    pub fn n_classes(&self) -> usize {
        self.class_names().len()
    }

    /// The names of the classes, by code.
    pub fn class_names(&self) -> &'static [&'static str] {
        &["other land", "plantation"]
    }

    /// The names of the bands, in order: those of MODIS, red, near infrared, blue, green and three of the short-wave
    /// infrared.
    pub fn band_names(&self) -> &'static [&'static str] {
        &BAND_NAMES
    }

    /// The extent in metres from the south-western corner; a pixel is 500 m wide. There is no coordinate reference
    /// system.
    pub fn extent(&self) -> Extent {
        self.raster().extent()
    }

    /// The centre of pixel number `pixel`, in metres from the south-western corner.
    pub fn point(&self, pixel: usize) -> Point {
        self.raster().point(pixel)
    }

    fn raster(&self) -> Raster {
        Raster {
            rows: self.rows(),
            cols: self.cols(),
            pixel_m: PIXEL_M,
        }
    }

    /// Mean and standard deviation of each band over some pixels and months together, to standardise features with.
    ///
    /// # Formula
    /// Over all `n` values of a band, in one order: `mean = Σx/n`, `sd = √(Σ(x − mean)²/n)`. Both are 0 where there is
    /// no value.
    ///
    /// # Errors
    /// [`ParamError`] for a pixel or a month that the scene does not have.
    pub fn moments(&self, pixels: &[u32], months: Range<usize>) -> Result<Vec<(f64, f64)>, ParamError> {
        self.raster().check(pixels)?;
        if months.end > N_MONTHS {
            let given = format!("{}..{}", months.start, months.end);
            return Err(ParamError::new("months", given, format!("up to {N_MONTHS}")));
        }
        let rows = || {
            let of_pixel = |&pixel: &u32| {
                let first = pixel as usize * N_VALUES;
                months.clone().map(move |month| first + month * N_BANDS)
            };
            let firsts = pixels.iter().flat_map(of_pixel);
            firsts.map(|first| &self.series[first..first + N_BANDS])
        };
        Ok(moments::<N_BANDS, _>(pixels.len() * months.len(), rows))
    }
}
