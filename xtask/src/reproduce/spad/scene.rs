//! Tables 1 and 2 and Figs. 5 to 7 on synthetic scenes.

use wherefair::core::{Seed, Sites};
use wherefair::data::{CropScene, CropSceneParams, LocationSplit};
use wherefair::partition::PartitioningDistribution;
use wherefair_nn::{Initializer, Loss, MlpShape, Samples};
use wherefair_spad::{Schedule, SpatialSamples};

use super::trial::Problem;

/// The shares of the locations to train and to validate on.
pub(super) const SHARE: f64 = 0.2;

/// Training locations of the paper for each sample of its mini-batches, as 52 updates an epoch say.
const UPDATES_EACH_EPOCH: f64 = 51.2;

/// A scene of `side × side` pixels, split.
pub(super) fn problem(side: usize, schedule: &Schedule, seed: Seed) -> anyhow::Result<Problem> {
    problem_in_grids(side, 5, SHARE, schedule, seed)
}

/// The same in all grids up to `largest` rows and columns, with another share of the locations to train on.
pub(super) fn problem_in_grids(
    side: usize,
    largest: usize,
    share: f64,
    schedule: &Schedule,
    seed: Seed,
) -> anyhow::Result<Problem> {
    let scene = CropSceneParams::default()
        .rows(side)
        .cols(side)
        .check()?
        .generate(seed)?;
    let split = LocationSplit::new(scene.n_pixels(), share, SHARE, seed)?;
    let moments = scene.moments(split.train())?;
    let grids = PartitioningDistribution::equal_grids(scene.extent(), largest, largest)?;
    let place = |pixels: &[u32]| placed(&scene, pixels, &moments, &grids);
    let batch_size = batch_size(split.train().len());
    Ok(Problem {
        train: place(split.train())?,
        validation: Some(place(split.validation())?),
        test: place(split.test())?,
        shape: MlpShape::spad(scene.n_classes())?,
        initializer: Initializer::He,
        loss: Loss::CrossEntropy,
        schedule: schedule.clone(),
        batch_size,
        base_batch_size: batch_size,
        min_test_samples: 1,
        seed,
    })
}

/// The batch that makes as many updates of an epoch as the paper's 65,536 of 3,355,443 samples.
pub(super) fn batch_size(n_samples: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "less than the number of samples"
    )]
    let size = (n_samples as f64 / UPDATES_EACH_EPOCH).ceil() as usize;
    size.max(1)
}

fn placed(
    scene: &CropScene,
    pixels: &[u32],
    moments: &[(f64, f64)],
    grids: &PartitioningDistribution,
) -> anyhow::Result<SpatialSamples> {
    let n_bands = scene.n_bands();
    let points = pixels.iter().map(|&pixel| scene.point(pixel as usize));
    let (x, y): (Vec<f64>, Vec<f64>) = points.map(|point| (point.x, point.y)).unzip();
    let labels: Vec<u32> = pixels
        .iter()
        .map(|&pixel| u32::from(scene.classes()[pixel as usize]))
        .collect();
    let mut bands = Vec::with_capacity(pixels.len() * n_bands);
    for &pixel in pixels {
        let own = &scene.features()[pixel as usize * n_bands..][..n_bands];
        bands.extend(own.iter().zip(moments).map(standardised));
    }
    let samples = Samples::classes(&bands, n_bands, &labels, scene.n_classes())?;
    Ok(SpatialSamples::new(grids, Sites::new(&x, &y)?, &samples)?)
}

#[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
pub(super) fn standardised((value, &(mean, sd)): (&f32, &(f64, f64))) -> f32 {
    ((f64::from(*value) - mean) / sd) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_the_paper_s_at_its_size_and_make_as_many_updates_elsewhere() {
        assert_eq!(batch_size(3_355_443), 65_536);
        for n in [5_120_usize, 209_715, 3_355_443] {
            assert_eq!(n.div_ceil(batch_size(n)), 52, "{n}");
        }
        assert_eq!(batch_size(1), 1);
    }
}
