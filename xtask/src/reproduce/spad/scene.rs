//! Synthetic scenes of crops and of oil palm, split and placed.

use wherefair::core::{Extent, Point, Seed, Sites};
use wherefair::data::{CropSceneParams, LocationSplit, PalmSceneParams};
use wherefair::partition::PartitioningDistribution;
use wherefair_nn::{Initializer, Loss, LstmParams, MlpShape, Samples};
use wherefair_train::{Schedule, SpatialSamples};

use super::trial::{LEARNING_RATE, Network, Problem};

/// The shares of the locations to train and to validate on.
pub(super) const SHARE: f64 = 0.2;

/// Training locations of the paper for each sample of its mini-batches, as 52 updates an epoch say.
pub(super) const UPDATES_EACH_EPOCH: f64 = 51.2;

/// State numbers of the LSTM; the paper gives none.
const LSTM_STATE: usize = 16;

/// How a scene is made and split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    /// Rows and columns of pixels.
    pub(super) side: usize,
    /// Largest grids.
    pub(super) largest: usize,
    /// The share of the locations to train on.
    pub(super) share: f64,
    pub(super) schedule: &'a Schedule,
    /// `η_init` of the epochs after the base model's.
    pub(super) learning_rate: f64,
    /// Training locations for each sample of a mini-batch.
    pub(super) n_updates: f64,
    pub(super) seed: Seed,
}

/// A scene of crops with `side × side` pixels, split.
pub(super) fn problem(side: usize, schedule: &Schedule, seed: Seed) -> anyhow::Result<Problem> {
    crops(&Layout {
        side,
        largest: 5,
        share: SHARE,
        schedule,
        learning_rate: LEARNING_RATE,
        n_updates: UPDATES_EACH_EPOCH,
        seed,
    })
}

/// A scene of crops.
pub(super) fn crops(layout: &Layout<'_>) -> anyhow::Result<Problem> {
    let scene = CropSceneParams::default()
        .rows(layout.side)
        .cols(layout.side)
        .check()?
        .generate(layout.seed)?;
    let split = layout.split()?;
    let pixels = Pixels {
        extent: scene.extent(),
        point: &|pixel| scene.point(pixel),
        features: scene.features(),
        moments: &scene.moments(split.train())?,
        classes: scene.classes(),
        n_classes: scene.n_classes(),
    };
    let network = Network::Dense(MlpShape::spad(scene.n_classes())?);
    layout.problem(&pixels, &split, network)
}

/// A scene of oil palm, seen in January by a dense network.
pub(super) fn palms(layout: &Layout<'_>) -> anyhow::Result<Problem> {
    of_palms(layout, false)
}

/// A scene of oil palm, seen every month of a year by an LSTM.
pub(super) fn palm_series(layout: &Layout<'_>) -> anyhow::Result<Problem> {
    of_palms(layout, true)
}

fn of_palms(layout: &Layout<'_>, is_series: bool) -> anyhow::Result<Problem> {
    let scene = PalmSceneParams::default()
        .rows(layout.side)
        .cols(layout.side)
        .check()?
        .generate(layout.seed)?;
    let split = layout.split()?;
    let january;
    let (n_months, features) = if is_series {
        (scene.n_months(), scene.series())
    } else {
        january = scene.month(0)?;
        (1, january.as_slice())
    };
    let pixels = Pixels {
        extent: scene.extent(),
        point: &|pixel| scene.point(pixel),
        features,
        moments: &scene.moments(split.train(), 0..n_months)?,
        classes: scene.classes(),
        n_classes: scene.n_classes(),
    };
    let (n_bands, n_classes) = (scene.n_bands(), scene.n_classes());
    let network = if is_series {
        Network::Recurrent(LstmParams::new(n_months, n_bands, LSTM_STATE, n_classes).check()?)
    } else {
        Network::Dense(MlpShape::new(n_bands, &[10; 7], n_classes)?)
    };
    layout.problem(&pixels, &split, network)
}

impl Layout<'_> {
    fn split(&self) -> anyhow::Result<LocationSplit> {
        Ok(LocationSplit::new(
            self.side * self.side,
            self.share,
            SHARE,
            self.seed,
        )?)
    }

    fn problem(
        &self,
        pixels: &Pixels<'_>,
        split: &LocationSplit,
        network: Network,
    ) -> anyhow::Result<Problem> {
        let grids = PartitioningDistribution::equal_grids(pixels.extent, self.largest, self.largest)?;
        let batch_size = batch_of(split.train().len(), self.n_updates);
        Ok(Problem {
            train: pixels.placed(split.train(), &grids)?,
            validation: Some(pixels.placed(split.validation(), &grids)?),
            test: pixels.placed(split.test(), &grids)?,
            initializer: match network {
                Network::Dense(_) => Initializer::He,
                Network::Recurrent(_) => Initializer::Glorot,
            },
            network,
            loss: Loss::CrossEntropy,
            schedule: self.schedule.clone(),
            learning_rate: self.learning_rate,
            batch_size,
            base_batch_size: batch_size,
            min_test_samples: 1,
            seed: self.seed,
        })
    }
}

/// The batch that makes as many updates of an epoch as the paper's 65,536 of 3,355,443 samples.
pub(super) fn batch_size(n_samples: usize) -> usize {
    batch_of(n_samples, UPDATES_EACH_EPOCH)
}

fn batch_of(n_samples: usize, n_updates: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "less than the number of samples"
    )]
    let size = (n_samples as f64 / n_updates).ceil() as usize;
    size.max(1)
}

/// The pixels of a scene as networks take them.
struct Pixels<'a> {
    extent: Extent,
    /// Where a pixel lies.
    point: &'a dyn Fn(usize) -> Point,
    /// `(n_pixels, n_steps, n_bands)`.
    features: &'a [f32],
    /// Mean and standard deviation of each band.
    moments: &'a [(f64, f64)],
    classes: &'a [u8],
    n_classes: usize,
}

impl Pixels<'_> {
    /// Some of them in all grids, standardised.
    fn placed(&self, pixels: &[u32], grids: &PartitioningDistribution) -> anyhow::Result<SpatialSamples> {
        let n_features = self.features.len() / self.classes.len();
        let points = pixels.iter().map(|&pixel| (self.point)(pixel as usize));
        let (x, y): (Vec<f64>, Vec<f64>) = points.map(|point| (point.x, point.y)).unzip();
        let labels: Vec<u32> = pixels
            .iter()
            .map(|&pixel| u32::from(self.classes[pixel as usize]))
            .collect();
        let mut features = Vec::with_capacity(pixels.len() * n_features);
        for &pixel in pixels {
            let own = &self.features[pixel as usize * n_features..][..n_features];
            features.extend(own.iter().zip(self.moments.iter().cycle()).map(standardised));
        }
        let samples = Samples::classes(&features, n_features, &labels, self.n_classes)?;
        Ok(SpatialSamples::new(grids, Sites::new(&x, &y)?, &samples)?)
    }
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
