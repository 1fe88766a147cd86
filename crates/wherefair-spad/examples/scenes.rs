//! Fair training on synthetic scenes: crops by a network of one date; oil palm by the same, and by an LSTM of the year.
//!
//! Trains on a fifth of the pixels, keeps the fairest model by another fifth, and measures on the rest: F1 (weighted for
//! crops, of the plantations for oil palm), its differences over the 24 grids up to 5 by 5, and its mean difference on the
//! grid (4, 1) alone.
//!
//! `cargo run --release -p wherefair-spad --example scenes -- [key=value]…`, with keys `on` (`crop`, `palm` and `series`,
//! the last by an LSTM, between commas; all), `side` (256 pixels), `seeds` (1), `hidden` (16, the state of the LSTM),
//! `base_epochs` (150), `loops` (10, of an epoch for each grid; 0: the base model alone), `rate` (0.001), `weight` (1, of
//! the adversary), `only` (names of strategies, between commas) and `keep` (`fairest`, or `last` for the model of the last
//! epoch).
#![expect(clippy::print_stdout, reason = "an example that prints a table")]

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context as _, Result};
use wherefair_audit::{ReferenceRule, Score};
use wherefair_core::{Extent, Point, Seed, Sites};
use wherefair_data::{CropSceneParams, LocationSplit, PalmSceneParams};
use wherefair_metrics::{Averaging, ClassScore, Distance, Reference, ZeroDivision, deviation};
use wherefair_nn::{
    AdamParams, Initializer, Loss, LstmNetwork, LstmParams, MlpShape, Model, Samples, autograd, fused_mlp,
};
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{Adversary, Regularizer, SpadParams, Strategy};
use wherefair_train::{Schedule, SpatialSamples};

const SHARE: f64 = 0.2;
/// Updates of an epoch: those of the SPAD paper.
const UPDATES_EACH_EPOCH: usize = 52;
/// The grid of the strategies that know one alone.
const ONE: &str = "4x1";

struct Options(HashMap<String, String>);

impl Options {
    fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let Some(value) = self.0.get(key) else {
            return Ok(default);
        };
        value.parse().with_context(|| format!("{key}={value}"))
    }

    fn has(&self, key: &str, name: &str) -> bool {
        let Some(names) = self.0.get(key) else { return true };
        names.split(',').any(|one| one == name)
    }
}

/// Pixels as a network takes them.
struct Pixels {
    extent: Extent,
    points: Vec<Point>,
    /// `(n_pixels, n_steps × n_bands)`.
    features: Vec<f32>,
    /// Mean and standard deviation of each band.
    moments: Vec<(f64, f64)>,
    n_steps: usize,
    labels: Vec<u32>,
    n_classes: usize,
    score: Score,
    split: LocationSplit,
}

impl Pixels {
    fn n_features(&self) -> usize {
        self.n_steps * self.moments.len()
    }

    /// The pixels of one part, placed in all grids.
    fn placed(&self, pixels: &[u32], grids: &PartitioningDistribution) -> Result<SpatialSamples> {
        let points = || pixels.iter().map(|&pixel| self.points[pixel as usize]);
        let x: Vec<f64> = points().map(|point| point.x).collect();
        let y: Vec<f64> = points().map(|point| point.y).collect();
        let labels: Vec<u32> = pixels.iter().map(|&pixel| self.labels[pixel as usize]).collect();
        let n_features = self.n_features();
        let mut features = Vec::with_capacity(pixels.len() * n_features);
        for &pixel in pixels {
            let own = &self.features[pixel as usize * n_features..][..n_features];
            for (value, (mean, sd)) in own.iter().zip(self.moments.iter().cycle()) {
                #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
                features.push(((f64::from(*value) - mean) / sd) as f32);
            }
        }
        let samples = Samples::classes(&features, n_features, &labels, self.n_classes)?;
        Ok(SpatialSamples::new(grids, Sites::new(&x, &y)?, &samples)?)
    }
}

fn main() -> Result<()> {
    let pairs = std::env::args().skip(1).map(|argument| {
        let pair = argument.split_once('=');
        let (key, value) = pair.with_context(|| format!("`{argument}` is not key=value"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    let options = Options(pairs.collect::<Result<_>>()?);
    println!("scene  seed strategy         F1     S(d)mean  S(d)max  on 4x1  epoch  updates  seconds");
    for seed in 1..=options.number("seeds", 1_u64)? {
        for name in ["crop", "palm", "series"] {
            if options.has("on", name) {
                let pixels = pixels(&options, name, Seed::new(seed))?;
                strategies(&options, &pixels, name, Seed::new(seed))?;
            }
        }
    }
    Ok(())
}

fn pixels(options: &Options, name: &str, seed: Seed) -> Result<Pixels> {
    let side: usize = options.number("side", 256)?;
    let split = LocationSplit::new(side * side, SHARE, SHARE, seed)?;
    let codes = |classes: &[u8]| classes.iter().map(|&class| class.into()).collect();
    if name == "crop" {
        let scene = CropSceneParams::default().rows(side).cols(side).check()?;
        let scene = scene.generate(seed)?;
        return Ok(Pixels {
            extent: scene.extent(),
            points: (0..scene.n_pixels()).map(|pixel| scene.point(pixel)).collect(),
            features: scene.features().to_vec(),
            moments: scene.moments(split.train())?,
            n_steps: 1,
            labels: codes(scene.classes()),
            n_classes: scene.n_classes(),
            score: Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero)),
            split,
        });
    }
    let scene = PalmSceneParams::default().rows(side).cols(side).check()?;
    let scene = scene.generate(seed)?;
    let n_steps = if name == "series" { scene.n_months() } else { 1 };
    let average = Averaging::Binary { positive: 1 };
    Ok(Pixels {
        extent: scene.extent(),
        points: (0..scene.n_pixels()).map(|pixel| scene.point(pixel)).collect(),
        features: if name == "series" {
            scene.series().to_vec()
        } else {
            scene.month(0)?
        },
        moments: scene.moments(split.train(), 0..n_steps)?,
        n_steps,
        labels: codes(scene.classes()),
        n_classes: scene.n_classes(),
        score: Score::Class(ClassScore::F1(average, ZeroDivision::Zero)),
        split,
    })
}

/// The base model and all strategies from it.
fn strategies(options: &Options, pixels: &Pixels, name: &str, seed: Seed) -> Result<()> {
    let grids = PartitioningDistribution::equal_grids(pixels.extent, 5, 5)?;
    let train = pixels.placed(pixels.split.train(), &grids)?;
    let validation = pixels.placed(pixels.split.validation(), &grids)?;
    let test = pixels.placed(pixels.split.test(), &grids)?;
    let one = grids.candidates().iter().position(|grid| grid.name() == ONE);
    let one = one.context("no such grid")?;
    let batch_size = train.n_samples().div_ceil(UPDATES_EACH_EPOCH);
    let n_loops: u32 = options.number("loops", 10)?;
    let schedule = Schedule::journal(n_loops.max(1), u32::try_from(grids.len())?)?;
    let params = SpadParams::new(pixels.score)
        .batch_size(batch_size)
        .base_batch_size(batch_size)
        .learning_rate(options.number("rate", 1e-3)?)
        .seed(seed);
    let report = |model: &Model, strategy: &str, (epoch, n_updates, seconds): (u64, u64, f64)| {
        let scores = test.scores(model, pixels.score, 1)?;
        let measured = scores.measured(ReferenceRule::PartitionMean, Distance::Absolute, None)?;
        let mean = scores
            .expectation(one, Reference::PartitionMean)
            .unwrap_or(f64::NAN);
        let own = deviation(scores.of(one), mean, Distance::Absolute).map_or(f64::NAN, |own| own.mean);
        println!(
            "{name:6} {:4} {strategy:16} {:.3}  {:.3}     {:.3}    {own:.4}  {epoch:5}  {n_updates:7}  {seconds:7.1}",
            seed.value(),
            measured.quality.unwrap_or(f64::NAN),
            measured.deviation_mean,
            measured.deviation_max,
        );
        anyhow::Ok(())
    };

    let base = network(options, pixels, seed)?;
    let config = params
        .clone()
        .strategy(Strategy::Base)
        .schedule(
            schedule
                .clone()
                .with_base_epochs(options.number("base_epochs", 150)?),
        )
        .check()?;
    let start = Instant::now();
    let mut training = config.train(base, &train, None)?;
    training.run(|_| ControlFlow::Continue(()))?;
    let seconds = start.elapsed().as_secs_f64();
    report(training.model(), "Base", (0, 0, seconds))?;
    let base = training.model().snapshot();
    if n_loops == 0 {
        return Ok(());
    }
    let adversary = Adversary {
        weight: options.number("weight", 1.0)?,
        ..Adversary::default()
    };
    let partitioning = || ONE.to_owned();
    for strategy in [
        Strategy::RegularizedSingle {
            partitioning: partitioning(),
            regularizer: Regularizer::default(),
        },
        Strategy::Adversarial {
            partitioning: partitioning(),
            adversary,
        },
        Strategy::Single {
            partitioning: partitioning(),
        },
        Strategy::Spad,
    ] {
        if !options.has("only", &strategy.name()) {
            continue;
        }
        let mut model = network(options, pixels, seed)?;
        model.restore(&base)?;
        let config = params
            .clone()
            .strategy(strategy.clone())
            .schedule(schedule.clone().with_base_epochs(0))
            .check()?;
        let start = Instant::now();
        let mut training = config.train(model, &train, Some(&validation))?;
        training.run(|_| ControlFlow::Continue(()))?;
        let n_updates = training.n_fair_updates();
        let (model, epoch) = if options.0.get("keep").is_some_and(|keep| keep == "last") {
            let epoch = training.epoch();
            (training.into_model(), epoch)
        } else {
            let (model, fairest) = training.into_fairest()?;
            (model, fairest.map_or(0, |fairest| fairest.epoch))
        };
        let seconds = start.elapsed().as_secs_f64();
        report(&model, &strategy.name(), (epoch, n_updates, seconds))?;
    }
    Ok(())
}

fn network(options: &Options, pixels: &Pixels, seed: Seed) -> Result<Model> {
    let adam = AdamParams::default().check()?;
    let n_bands = pixels.moments.len();
    if pixels.n_steps == 1 {
        let shape = MlpShape::new(n_bands, &[10; 7], pixels.n_classes)?;
        return Ok(fused_mlp(
            &shape,
            Initializer::He,
            Loss::CrossEntropy,
            adam,
            seed,
        )?);
    }
    let hidden = options.number("hidden", 16)?;
    let shape = LstmParams::new(pixels.n_steps, n_bands, hidden, pixels.n_classes).check()?;
    let build = |builder: &_| LstmNetwork::new(&shape, builder);
    Ok(autograd(
        build,
        Initializer::Glorot,
        Loss::CrossEntropy,
        adam,
        seed,
    )?)
}
