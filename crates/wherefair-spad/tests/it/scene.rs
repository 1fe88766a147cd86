//! Synthetic data that the tests share.

use std::borrow::Borrow;
use std::ops::ControlFlow;

use wherefair_audit::Score;
use wherefair_core::{Extent, Seed, Sites};
use wherefair_metrics::{Averaging, ClassScore, ErrorKind, ValueScore, ZeroDivision};
use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, Model, Samples, fused_mlp};
use wherefair_partition::PartitioningDistribution;
use wherefair_similarity::TrainingSimilarity;
use wherefair_spad::{LoopRecord, SimilaritySampling, SpadConfig, SpadSim};
use wherefair_train::{Sampling, Schedule, SpatialSamples, Stage, Training};

pub(crate) const WEIGHTED_F1: Score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));

pub(crate) const RMSE: Score = Score::Value {
    error: ErrorKind::Difference,
    score: ValueScore::RootMeanSquare,
};

/// The unit square in all grids up to 3 by 3.
pub(crate) fn grids() -> PartitioningDistribution {
    PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), 3, 3).unwrap()
}

/// A rare region with a relation of its own.
///
/// There are two features. In the west (nine tenths of the samples) the first decides; in the east, which is as large
/// but holds the last tenth, the second does. A model of few neurons trained on all samples alike serves the west.
pub(crate) struct Scene {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) features: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    pub(crate) values: Vec<f32>,
}

impl Scene {
    pub(crate) fn new(n: usize, seed: u64) -> Self {
        let mut stream = Seed::new(seed).stream("scene");
        let mut scene = Self {
            x: Vec::new(),
            y: Vec::new(),
            features: Vec::new(),
            labels: Vec::new(),
            values: Vec::new(),
        };
        for i in 0..n {
            let is_east = i % 10 == 9;
            let u = stream.uniform() / 2.0;
            scene.x.push(if is_east { 0.5 + u } else { u });
            scene.y.push(stream.uniform());
            let (a, b) = (stream.standard_normal() as f32, stream.standard_normal() as f32);
            scene.features.extend([a, b, if is_east { 0.5 } else { 0.0 }]);
            let value = if is_east { b } else { a };
            scene.labels.push(u32::from(value > 0.0));
            scene.values.push(value);
        }
        scene
    }

    fn sites(&self) -> Sites<'_> {
        Sites::new(&self.x, &self.y).unwrap()
    }

    pub(crate) fn classes(&self) -> SpatialSamples {
        let samples = Samples::classes(&self.features, 3, &self.labels, 2).unwrap();
        SpatialSamples::new(&grids(), self.sites(), &samples).unwrap()
    }

    pub(crate) fn values(&self) -> SpatialSamples {
        let samples = Samples::values(&self.features, 3, &self.values, 1).unwrap();
        SpatialSamples::new(&grids(), self.sites(), &samples).unwrap()
    }
}

pub(crate) fn classifier(seed: u64) -> Model {
    network(2, Loss::CrossEntropy, seed)
}

pub(crate) fn network(n_outputs: usize, loss: Loss, seed: u64) -> Model {
    let shape = MlpShape::new(3, &[8, 8], n_outputs).unwrap();
    let adam = AdamParams::default().check().unwrap();
    fused_mlp(&shape, Initializer::Glorot, loss, adam, Seed::new(seed)).unwrap()
}

pub(crate) fn schedule(base_epochs: u64, stages: &[(u32, u32)]) -> Schedule {
    let stages = stages
        .iter()
        .map(|&(epochs_each, n_draws)| Stage { epochs_each, n_draws });
    Schedule::new(base_epochs, stages.collect(), Sampling::Independent).unwrap()
}

/// SPAD-SIM in little: 2 loops over all partitionings, the tentative one, 2 that cluster and 2 that only sample.
pub(crate) fn few_loops() -> SimilaritySampling {
    SimilaritySampling {
        n_loops: 7,
        n_initial: 2,
        n_clustering: 2,
        ..SimilaritySampling::default()
    }
}

/// Trains to the end.
pub(crate) fn finished(
    model: Model,
    train: &SpatialSamples,
    validation: Option<&SpatialSamples>,
    config: impl Borrow<SpadConfig>,
) -> Training {
    let mut training = config.borrow().train(model, train, validation).unwrap();
    assert!(training.run(|_| ControlFlow::Continue(())).unwrap());
    training
}

/// The loops of a training by SPAD-SIM; none of others.
pub(crate) fn loops(training: &Training) -> &[LoopRecord] {
    training.method::<SpadSim>().map_or(&[], SpadSim::loops)
}

/// What a training by SPAD-SIM knows of similarity.
pub(crate) fn similarity(training: &Training) -> Option<(&[usize], &TrainingSimilarity)> {
    training.method::<SpadSim>()?.similarity()
}
