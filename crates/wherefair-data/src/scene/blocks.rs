//! A crop scene a few rows at a time.

use wherefair_core::{ParamError, Seed};

use super::CropSceneConfig;
use super::crop_scene::reserved;
use super::render::Renderer;
use super::spectrum::N_BANDS;

impl CropSceneConfig {
    /// Makes the scene `block_rows` rows at a time, from north to south; the last block may have fewer.
    ///
    /// The rows are bit for bit those of [`generate`](Self::generate). Only one block is in memory.
    ///
    /// # Errors
    /// [`ParamError`] where `block_rows` is 0, or a block does not fit in memory.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Seed;
    /// use wherefair_data::CropSceneParams;
    ///
    /// let config = CropSceneParams::default().rows(70).cols(40).check()?;
    /// let heights: Vec<usize> = config.blocks(Seed::new(1), 32)?.map(|block| block.n_rows()).collect();
    /// assert_eq!(heights, [32, 32, 6]);
    /// # Ok::<(), wherefair_core::ParamError>(())
    /// ```
    pub fn blocks(&self, seed: Seed, block_rows: usize) -> Result<SceneBlocks, ParamError> {
        if block_rows == 0 {
            return Err(ParamError::new("block_rows", block_rows, "at least 1"));
        }
        let block_rows = block_rows.min(self.rows());
        // The block itself is made anew each time; whether there is room for it is found out here, once.
        reserved::<f32>(
            (self.rows(), self.cols()),
            block_rows * self.cols() * (N_BANDS + 1),
        )?;
        Ok(SceneBlocks {
            renderer: Renderer::new(*self, seed),
            block_rows,
            next_row: 0,
        })
    }
}

/// The blocks of a scene, from north to south.
#[derive(Debug)]
pub struct SceneBlocks {
    renderer: Renderer,
    block_rows: usize,
    next_row: usize,
}

/// Some rows of a scene.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneBlock {
    first_row: usize,
    cols: usize,
    features: Vec<f32>,
    classes: Vec<u8>,
}

impl Iterator for SceneBlocks {
    type Item = SceneBlock;

    fn next(&mut self) -> Option<SceneBlock> {
        let config = self.renderer.config();
        let first_row = self.next_row;
        let end = (first_row + self.block_rows).min(config.rows());
        if first_row == end {
            return None;
        }
        let cols = config.cols();
        let n_pixels = (end - first_row) * cols;
        let mut features = vec![0.0; n_pixels * N_BANDS];
        let mut classes = vec![0; n_pixels];
        self.renderer.render(first_row..end, &mut features, &mut classes);
        self.next_row = end;
        Some(SceneBlock {
            first_row,
            cols,
            features,
            classes,
        })
    }
}

impl SceneBlock {
    /// The number of its first row, from 0 in the north.
    pub fn first_row(&self) -> usize {
        self.first_row
    }

    /// Its rows.
    pub fn n_rows(&self) -> usize {
        self.classes.len() / self.cols
    }

    /// Its columns: those of the scene.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Reflectances `(n_rows, cols, n_bands)`.
    pub fn features(&self) -> &[f32] {
        &self.features
    }

    /// Labels `(n_rows, cols)`.
    pub fn classes(&self) -> &[u8] {
        &self.classes
    }
}
