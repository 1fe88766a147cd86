//! Samples to train on: random ones, whose time is that of any others, and those of a synthetic scene.

use anyhow::Context as _;
use wherefair::core::{Seed, Sites};
use wherefair::data::{CropSceneParams, LocationSplit};
use wherefair::partition::PartitioningDistribution;
use wherefair_nn::Samples;
use wherefair_train::SpatialSamples;

/// Features of a sample: the bands of the paper, and of the scene.
pub(crate) const N_FEATURES: usize = 10;

/// Classes: those of the released network, and of the scene.
pub(crate) const N_CLASSES: usize = 23;

/// Random samples at random places of the unit square.
pub(crate) struct Data {
    pub(crate) features: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Data {
    pub(crate) fn new(n: usize) -> Self {
        let mut stream = Seed::new(3).stream("bench/spad");
        #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
        let features = (0..n * N_FEATURES)
            .map(|_| stream.standard_normal() as f32)
            .collect();
        let labels = (0..n)
            .map(|_| u32::try_from(stream.below(N_CLASSES as u64)).unwrap_or(0))
            .collect();
        let mut places = || (0..n).map(|_| stream.uniform()).collect();
        Self {
            features,
            labels,
            x: places(),
            y: places(),
        }
    }

    /// The first `n` samples.
    pub(crate) fn samples(&self, n: usize) -> anyhow::Result<Samples<'_>> {
        let features = &self.features[..n * N_FEATURES];
        Ok(Samples::classes(
            features,
            N_FEATURES,
            &self.labels[..n],
            N_CLASSES,
        )?)
    }

    /// All samples, placed in partitionings.
    pub(crate) fn placed(&self, maps: &PartitioningDistribution) -> anyhow::Result<SpatialSamples> {
        let sites = Sites::new(&self.x, &self.y)?;
        Ok(SpatialSamples::new(
            maps,
            sites,
            &self.samples(self.labels.len())?,
        )?)
    }
}

/// The part of the pixels to train on: the paper's.
const TRAINING_SHARE: f64 = 0.2;

/// The training pixels of a synthetic scene of `side` × `side`, standardised, in the grids up to 5 × 5.
pub(crate) fn scene(side: usize) -> anyhow::Result<SpatialSamples> {
    scene_in_grids(side, 5)
}

/// The same in the grids up to `largest` × `largest`.
pub(crate) fn scene_in_grids(side: usize, largest: usize) -> anyhow::Result<SpatialSamples> {
    let config = CropSceneParams::default().rows(side).cols(side).check()?;
    let scene = config.generate(Seed::new(1))?;
    let split = LocationSplit::new(scene.n_pixels(), TRAINING_SHARE, 0.0, Seed::new(1))?;
    let moments = scene.moments(split.train())?;
    let n = split.train().len();
    let (mut x, mut y) = (Vec::with_capacity(n), Vec::with_capacity(n));
    let (mut features, mut labels) = (Vec::with_capacity(n * N_FEATURES), Vec::with_capacity(n));
    for &pixel in split.train() {
        let pixel = pixel as usize;
        let point = scene.point(pixel);
        x.push(point.x);
        y.push(point.y);
        labels.push(u32::from(scene.classes()[pixel]));
        let bands = scene.features().chunks_exact(N_FEATURES).nth(pixel);
        let bands = bands.context("the pixel lies in the scene")?;
        #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
        features.extend(
            bands
                .iter()
                .zip(&moments)
                .map(|(&band, (mean, sd))| ((f64::from(band) - mean) / sd) as f32),
        );
    }
    let maps = PartitioningDistribution::equal_grids(scene.extent(), largest, largest)?;
    drop(scene);
    let samples = Samples::classes(&features, N_FEATURES, &labels, N_CLASSES)?;
    Ok(SpatialSamples::new(&maps, Sites::new(&x, &y)?, &samples)?)
}
