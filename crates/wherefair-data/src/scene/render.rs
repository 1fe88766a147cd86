//! Rows of pixels.

use std::ops::Range;

use rayon::prelude::*;
use wherefair_core::{Seed, Stream};

use super::CropSceneConfig;
use super::land::{Patch, River, Section};
use super::region::Region;
use super::spectrum::{N_BANDS, Spectrum, greening, narrow};

/// Change of green from pixel to pixel within a field, as a share of the ground.
const TEXTURE: f32 = 0.025;
/// The least reflectance of a pixel.
const DARKEST: f32 = 0.0005;

/// Makes any rows of a scene, from the parameters alone.
#[derive(Debug)]
pub(super) struct Renderer {
    config: CropSceneConfig,
    seed: Seed,
    region: Region,
    greening: Spectrum,
}

impl Renderer {
    pub(super) fn new(config: CropSceneConfig, seed: Seed) -> Self {
        Self {
            config,
            seed,
            region: Region::new(seed),
            greening: greening(),
        }
    }

    pub(super) fn config(&self) -> &CropSceneConfig {
        &self.config
    }

    /// Writes bands `(n_rows, cols, n_bands)` and labels `(n_rows, cols)` of some rows.
    pub(super) fn render(&self, rows: Range<usize>, bands: &mut [f32], labels: &mut [u8]) {
        let (side, cols) = (self.config.section_px(), self.config.cols());
        let last_row = self.config.rows() - 1;
        let first = rows.start.saturating_sub(1) / side;
        let last = rows.end.min(last_row) / side;
        let land: Vec<Vec<Section>> = (first..=last)
            .into_par_iter()
            .map(|row| self.sections(row))
            .collect();
        let line = |row: usize| -> Vec<&Patch> {
            let sections = &land[row / side - first];
            let mut line = vec![sections[0].road(); cols];
            let river = self.river(row);
            for section in sections {
                section.write_row(row, river, &mut line);
            }
            line
        };
        bands
            .par_chunks_mut(cols * N_BANDS)
            .zip(labels.par_chunks_mut(cols))
            .zip(rows)
            .for_each(|((bands, labels), row)| {
                let lines = [row.saturating_sub(1), row, (row + 1).min(last_row)].map(line);
                self.render_row(row, &lines, &land[row / side - first], (bands, labels));
            });
    }

    /// The sections beside each other from west to east.
    fn sections(&self, row: usize) -> Vec<Section> {
        let n_sections = self.config.cols().div_ceil(self.config.section_px());
        (0..n_sections)
            .map(|col| Section::new(&self.config, &self.region, self.seed, (row, col)))
            .collect()
    }

    fn river(&self, row: usize) -> River {
        let cols = self.config.cols() as f64;
        let south = (row as f64 + 0.5) / self.config.rows() as f64;
        let water = (0.0012 * cols).max(0.6);
        River {
            centre: cols * self.region.river(south),
            water,
            bank: 2.5 * water,
        }
    }

    fn render_row(
        &self,
        row: usize,
        [above, here, below]: &[Vec<&Patch>; 3],
        sections: &[Section],
        (bands, labels): (&mut [f32], &mut [u8]),
    ) {
        let mut stream = self.seed.indexed("scene/pixels", row as u64);
        let mut other_labels = self.seed.indexed("scene/labels", row as u64);
        let noise = narrow(self.config.pixel_noise());
        let share = narrow(self.config.edge_mixing());
        let n_wrong = 0.5 * self.config.label_noise() * f64::from(u32::MAX);
        let last_col = labels.len() - 1;
        for (col, (pixel, label)) in bands.chunks_exact_mut(N_BANDS).zip(labels).enumerate() {
            let patch = here[col];
            let around = [
                above[col],
                below[col],
                here[col.saturating_sub(1)],
                here[(col + 1).min(last_col)],
            ];
            let spectrum = if around.iter().all(|&other| std::ptr::eq(other, patch)) {
                patch.spectrum
            } else {
                mixed(patch, around, share)
            };
            let [texture, chance] = halves(&mut stream);
            let texture = TEXTURE * bell(texture);
            for (pair, values) in pixel.chunks_exact_mut(2).enumerate() {
                for (within, (value, random)) in values.iter_mut().zip(halves(&mut stream)).enumerate() {
                    let band = 2 * pair + within;
                    let clean = spectrum[band] + texture * self.greening[band];
                    *value = (clean + noise * bell(random)).max(DARKEST);
                }
            }
            *label = if f64::from(chance) < n_wrong {
                sections[col / self.config.section_px()].some_label(&mut other_labels)
            } else {
                patch.label
            };
        }
    }
}

/// The spectrum of a pixel whose neighbours shine into it.
fn mixed(patch: &Patch, around: [&Patch; 4], share: f32) -> Spectrum {
    std::array::from_fn(|band| {
        let others: f32 = around.iter().map(|other| other.spectrum[band]).sum();
        (1.0 - 4.0 * share) * patch.spectrum[band] + share * others
    })
}

/// 64 random bits as two times 32.
#[expect(clippy::cast_possible_truncation, reason = "the two halves")]
pub(super) fn halves(stream: &mut Stream) -> [u32; 2] {
    let bits = stream.next_u64();
    [bits as u32, (bits >> 32) as u32]
}

/// A number of mean 0 and variance 1, nearly normal: the sum of four uniform bytes.
pub(super) fn bell(bits: u32) -> f32 {
    /// The standard deviation of the sum: √(4 · (256² − 1) / 12).
    const SPREAD: f32 = 147.800_5;
    let sum: u16 = bits.to_le_bytes().into_iter().map(u16::from).sum();
    (f32::from(sum) - 510.0) / SPREAD
}
