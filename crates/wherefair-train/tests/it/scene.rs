//! A small scene, and short trainings on it.

use wherefair_audit::Score;
use wherefair_core::{Extent, Seed};
use wherefair_metrics::{Averaging, ClassScore, ErrorKind, ValueScore, ZeroDivision};
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{SpadConfig, SpadParams};
use wherefair_train::{Dataset, FitParams, Sampling, Schedule, Stage};

/// F1 of classes.
pub(crate) const F1: Score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));

/// A mean absolute error.
pub(crate) const fn mean_absolute(error: ErrorKind) -> Score {
    let score = ValueScore::MeanAbsolute;
    Score::Value { error, score }
}

/// 600 samples on a square with a feature of numbers, one of categories, and no target.
pub(crate) fn features() -> Dataset {
    let mut stream = Seed::new(3).stream("scene");
    let mut column = || (0..600).map(|_| 10.0 * stream.uniform()).collect::<Vec<f64>>();
    let (x, y, height) = (column(), column(), column());
    let soil: Vec<&str> = (0..600).map(|i| ["clay", "loam", "sand"][i % 3]).collect();
    Dataset::new()
        .positions(&x, &y)
        .and_then(|data| data.numbers("height", &height))
        .and_then(|data| data.categories("soil", &soil))
        .unwrap()
}

/// What the scene yields: it follows the features, in the east otherwise than in the west, and is above 0.
pub(crate) fn yields() -> Vec<f64> {
    let mut stream = Seed::new(3).stream("scene");
    let mut column = || (0..600).map(|_| 10.0 * stream.uniform()).collect::<Vec<f64>>();
    let (x, _, height) = (column(), column(), column());
    let of = |(i, (x, height)): (usize, (&f64, &f64))| {
        let slope = if *x > 7.0 { 0.4 } else { 1.0 };
        slope * height + [1.0, 3.0, 4.0][i % 3]
    };
    x.iter().zip(&height).enumerate().map(of).collect()
}

/// The scene with its yield, or whether that is high.
pub(crate) fn scene(score: Score) -> Dataset {
    let yields = yields();
    match score {
        Score::Class(_) => features().classes("high", &yields.iter().map(|y| *y > 7.0).collect::<Vec<_>>()),
        _ => features().values("yield", &yields),
    }
    .unwrap()
}

/// All grids up to 2 × 2.
pub(crate) fn maps() -> PartitioningDistribution {
    PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 10.0, 10.0).unwrap(), 2, 2).unwrap()
}

/// A short training.
pub(crate) fn spad(score: Score) -> SpadParams {
    let stages = vec![Stage {
        epochs_each: 2,
        n_draws: 5,
    }];
    SpadParams::new(score)
        .schedule(Schedule::new(30, stages, Sampling::Independent).unwrap())
        .learning_rate(0.02)
        .batch_size(64)
        .base_batch_size(64)
        .max_quality_loss(0.5)
}

/// A fit of that training.
pub(crate) fn fit(score: Score, spad: &SpadConfig) -> wherefair_train::Fitted {
    let fit = FitParams::default()
        .hidden(vec![8, 6])
        .seed(Seed::new(5))
        .check()
        .unwrap();
    let (method, referee) = (spad.strategy().method(), Box::new(spad.referee()));
    let data = scene(score);
    wherefair_train::FairModel::fit(&data, &maps(), &fit, spad.training(), method, referee).unwrap()
}
