//! A whole crop scene in memory.

use wherefair_core::{Extent, ParamError, Point, Seed};

use super::CropSceneConfig;
use super::classes::NAMES;
use super::raster::{Raster, moments};
use super::render::Renderer;
use super::spectrum::{BAND_NAMES, N_BANDS};

/// The side of a pixel, in metres.
const PIXEL_M: f64 = 20.0;

/// A synthetic raster of August reflectances and crop classes, like California's Central Valley seen by Sentinel-2.
///
/// Pixels stand row by row from north to south, within a row from west to east. What is in a scene, and what it cannot
/// show, is told in the book's chapter on synthetic scenes.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_data::CropSceneParams;
///
/// let scene = CropSceneParams::default().rows(64).cols(96).check()?.generate(Seed::new(1))?;
/// assert_eq!(scene.features().len(), 64 * 96 * 10);
/// assert_eq!(scene.classes().len(), 64 * 96);
/// assert_eq!(scene.class_names()[9], "rice");
/// assert_eq!((scene.point(0).x, scene.point(0).y), (10.0, 64.0 * 20.0 - 10.0));
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CropScene {
    config: CropSceneConfig,
    features: Vec<f32>,
    classes: Vec<u8>,
}

impl CropSceneConfig {
    /// Makes the whole scene, on all threads of the current `rayon` pool; its bits depend on the seed alone.
    ///
    /// It takes 41 bytes a pixel, and little besides.
    ///
    /// # Errors
    /// [`ParamError`] where the scene does not fit in memory; [`blocks`](Self::blocks) makes it piece by piece.
    pub fn generate(&self, seed: Seed) -> Result<CropScene, ParamError> {
        let mut features = reserved((self.rows(), self.cols()), self.n_pixels() * N_BANDS)?;
        features.resize(self.n_pixels() * N_BANDS, 0.0);
        let mut classes = reserved((self.rows(), self.cols()), self.n_pixels())?;
        classes.resize(self.n_pixels(), 0);
        Renderer::new(*self, seed).render(0..self.rows(), &mut features, &mut classes);
        Ok(CropScene {
            config: *self,
            features,
            classes,
        })
    }
}

/// An empty vector with room for `n` numbers.
pub(super) fn reserved<T>((rows, cols): (usize, usize), n: usize) -> Result<Vec<T>, ParamError> {
    let mut room = Vec::new();
    match room.try_reserve_exact(n) {
        Ok(()) => Ok(room),
        Err(_) => Err(ParamError::new(
            "size of the scene",
            format!("{rows} × {cols} pixels"),
            "one that fits in memory, or blocks of a few rows",
        )),
    }
}

impl CropScene {
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

    /// Bands: 10.
    pub fn n_bands(&self) -> usize {
        N_BANDS
    }

    /// The parameters it was made from.
    pub fn config(&self) -> &CropSceneConfig {
        &self.config
    }

    /// Reflectances pixel by pixel, from 0 to about 1.
    ///
    /// # Shapes
    /// `(rows, cols, n_bands)`, which is also `(n_pixels, n_bands)`: the rows of features that networks take.
    pub fn features(&self) -> &[f32] {
        &self.features
    }

    /// Reflectances band by band: a copy.
    ///
    /// # Shapes
    /// `(n_bands, rows, cols)`.
    pub fn bands(&self) -> Vec<f32> {
        let bands = (0..N_BANDS).flat_map(|band| self.features.iter().skip(band).step_by(N_BANDS));
        bands.copied().collect()
    }

    /// The labels: the code of each pixel's class, noise included.
    ///
    /// # Shapes
    /// `(rows, cols)`, which is also `(n_pixels,)`.
    pub fn classes(&self) -> &[u8] {
        &self.classes
    }

    /// How many classes there can be; a small scene need not have all.
    pub fn n_classes(&self) -> usize {
        self.config.n_classes()
    }

    /// The names of the classes, by code.
    pub fn class_names(&self) -> &'static [&'static str] {
        &NAMES[..self.n_classes()]
    }

    /// The names of the bands, in order: those of Sentinel-2 at 10 and 20 m.
    pub fn band_names(&self) -> &'static [&'static str] {
        &BAND_NAMES
    }

    /// The extent in metres from the south-western corner; a pixel is 20 m wide. There is no coordinate reference
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

    /// Mean and standard deviation of each band, to standardise features with.
    ///
    /// # Formula
    /// Over `pixels`, all in one order: `mean = Σx/n`, `sd = √(Σ(x − mean)²/n)`. Both are 0 where there is no pixel.
    ///
    /// # Errors
    /// [`ParamError`] for a pixel that the scene does not have.
    pub fn moments(&self, pixels: &[u32]) -> Result<Vec<(f64, f64)>, ParamError> {
        self.raster().check(pixels)?;
        let of_pixel = |&pixel: &u32| &self.features[pixel as usize * N_BANDS..][..N_BANDS];
        let rows = || pixels.iter().map(of_pixel);
        Ok(moments::<N_BANDS, _>(pixels.len(), rows))
    }
}
