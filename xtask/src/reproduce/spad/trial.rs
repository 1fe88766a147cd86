//! Every method on one split of one data set, from the same base model.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use wherefair::audit::{Measured, PartitionScores};
use wherefair::audit::{ReferenceRule, Score};
use wherefair::core::Seed;
use wherefair::metrics::{Distance, Reference, deviation};
use wherefair_nn::{
    AdamParams, Initializer, Loss, LstmNetwork, LstmShape, MlpShape, Model, Snapshot, autograd, fused_mlp,
};
use wherefair_spad::{LoopRecord, SpadParams, SpadSim, Strategy};
use wherefair_train::{EpochRecord, Phase, Schedule, SpatialSamples};

use super::super::progress::Progress;
use super::methods::Method;

/// The usual learning rate of Adam; the papers give none.
pub(super) const LEARNING_RATE: f64 = 1e-3;

/// What is trained.
#[derive(Debug, Clone)]
pub(super) enum Network {
    Dense(MlpShape),
    Recurrent(LstmShape),
}

/// Data and how to train on them.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) train: SpatialSamples,
    /// Where the model to keep is chosen; without it, on the training samples.
    pub(super) validation: Option<SpatialSamples>,
    pub(super) test: SpatialSamples,
    pub(super) network: Network,
    pub(super) initializer: Initializer,
    pub(super) loss: Loss,
    pub(super) schedule: Schedule,
    /// `η_init` of the epochs after the base model's, which has the usual one.
    pub(super) learning_rate: f64,
    pub(super) batch_size: usize,
    pub(super) base_batch_size: usize,
    /// Partitions of fewer test samples are left out.
    pub(super) min_test_samples: u64,
    pub(super) seed: Seed,
}

/// A trained base model.
pub(super) type BaseModel = Snapshot;

/// A model on the test samples.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tested {
    pub(super) measured: Measured,
    /// The mean distance from the mean of each partitioning, `(n_partitionings,)`; NaN where nothing has a score.
    pub(super) distances: Vec<f64>,
    /// The distances of the partitions of the first partitioning of six; empty where there is none.
    pub(super) of_six: Vec<f64>,
}

/// What one method came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) method: Method,
    /// After the last epoch.
    pub(super) last: Tested,
    /// The fairest model whose quality is near the base model's; the last where the method has no base model.
    pub(super) kept: Tested,
    /// Since the base model, those of the tentative loop included.
    pub(super) n_updates: u64,
    pub(super) seconds: f64,
    pub(super) records: Vec<EpochRecord>,
    /// Of SPAD-SIM.
    pub(super) loops: Vec<LoopRecord>,
}

impl Found {
    /// Epochs since the base model, those of the tentative loop included.
    pub(super) fn n_epochs(&self) -> usize {
        self.records
            .iter()
            .map(|record| n_epochs(record, self.last.distances.len()))
            .sum()
    }
}

/// Epochs that a record stands for: the tentative loop is one, of an epoch for each partitioning.
pub(super) fn n_epochs(record: &EpochRecord, n_partitionings: usize) -> usize {
    match record.phase {
        Phase::Base => 0,
        Phase::Fair => 1,
        Phase::Tentative => n_partitionings,
    }
}

/// Trains the base model; it does not depend on the score.
pub(super) fn base_model(problem: &Problem, score: Score) -> anyhow::Result<BaseModel> {
    let config = params(problem, score)
        .strategy(Strategy::Base)
        .schedule(problem.schedule.clone())
        .check()?;
    let mut training = config.train(network(problem)?, &problem.train, None)?;
    training.run(|_| ControlFlow::Continue(()))?;
    Ok(training.model().snapshot())
}

/// The classes that the base model predicts for the test samples, in their order.
pub(super) fn predicted(problem: &Problem, base: &BaseModel) -> anyhow::Result<Vec<u32>> {
    let mut model = network(problem)?;
    model.set_parameters(&base.parameters)?;
    let features = problem.test.samples().features();
    Ok(model.predict_classes(&features, &problem.test.all_rows())?)
}

/// Runs `methods` from the base model on and returns them in their order; SPAD and SPAD-SIM are run first, for others are
/// trained for as long.
pub(super) fn run(
    problem: &Problem,
    score: Score,
    base: &BaseModel,
    methods: &[Method],
    progress: &Progress,
) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::with_capacity(methods.len());
    let mut of_spad = None;
    let mut of_sim = None;
    let is_first = |method: &&Method| matches!(method.strategy, Strategy::Spad | Strategy::SpadSim(_));
    let (first, rest): (Vec<&Method>, Vec<&Method>) = methods.iter().partition(is_first);
    for method in first.into_iter().chain(rest) {
        let strategy = match &method.strategy {
            Strategy::BaseLonger { .. } => Strategy::BaseLonger { n_updates: of_spad },
            Strategy::SpadRnd {
                n_sampled: Some(n_sampled),
                ..
            } if method.is_as_long_as_sim => {
                let n_epochs: usize = of_sim.context("SPAD-SIM was not run")?;
                Strategy::SpadRnd {
                    n_loops: u32::try_from(n_epochs.div_ceil(*n_sampled))?,
                    n_sampled: Some(*n_sampled),
                }
            }
            other => other.clone(),
        };
        let one = of_method(problem, score, base, method, strategy)
            .with_context(|| format!("{} failed", method.name()))?;
        if method.strategy == Strategy::Spad {
            of_spad = Some(one.n_updates);
        }
        if matches!(method.strategy, Strategy::SpadSim(_)) {
            of_sim = Some(one.n_epochs());
        }
        found.push(one);
        progress.advance(1);
    }
    let place = |one: &Found| methods.iter().position(|method| *method == one.method);
    found.sort_by_key(place);
    Ok(found)
}

/// Trains one method, in the form of `strategy`, from the base model on.
pub(super) fn of_method(
    problem: &Problem,
    score: Score,
    base: &BaseModel,
    method: &Method,
    strategy: Strategy,
) -> anyhow::Result<Found> {
    let mut model = network(problem)?;
    let has_base = strategy != Strategy::SpadNoBase;
    if has_base {
        model.restore(base)?;
    }
    let config = params(problem, score)
        .strategy(strategy)
        .schedule(problem.schedule.clone().with_base_epochs(0))
        .check()?;
    let start = Instant::now();
    let validation = problem.validation.as_ref();
    let mut training = config.train(model, &problem.train, validation)?;
    training.run(|_| ControlFlow::Continue(()))?;
    let after_base = training
        .records()
        .iter()
        .filter(|record| record.phase != Phase::Base);
    let n_updates = after_base.map(|record| record.n_updates).sum();
    let (records, loops) = (training.records().to_vec(), training.method::<SpadSim>());
    let loops = loops.map_or_else(Vec::new, |sim| sim.loops().to_vec());
    let seconds = start.elapsed().as_secs_f64();
    let last = tested(problem, score, training.model())?;
    let (model, fairest) = training.into_fairest()?;
    let kept = match fairest {
        Some(_) => tested(problem, score, &model)?,
        None => last.clone(),
    };
    Ok(Found {
        method: method.clone(),
        last,
        kept,
        n_updates,
        seconds,
        records,
        loops,
    })
}

fn network(problem: &Problem) -> anyhow::Result<Model> {
    let adam = AdamParams::default().check()?;
    let (initializer, loss, seed) = (problem.initializer, problem.loss, problem.seed);
    Ok(match &problem.network {
        Network::Dense(shape) => fused_mlp(shape, initializer, loss, adam, seed)?,
        Network::Recurrent(shape) => {
            let build = |builder: &_| LstmNetwork::new(shape, builder);
            autograd(build, initializer, loss, adam, seed)?
        }
    })
}

fn params(problem: &Problem, score: Score) -> SpadParams {
    SpadParams::new(score)
        .learning_rate(problem.learning_rate)
        .base_learning_rate(Some(LEARNING_RATE))
        .batch_size(problem.batch_size)
        .base_batch_size(problem.base_batch_size)
        .seed(problem.seed)
}

fn tested(problem: &Problem, score: Score, model: &Model) -> anyhow::Result<Tested> {
    ensure!(
        model.parameters().iter().all(|value| value.is_finite()),
        "the parameters are not finite"
    );
    let scores = problem.test.scores(model, score, problem.min_test_samples)?;
    Ok(Tested {
        measured: scores.measured(ReferenceRule::PartitionMean, Distance::Absolute, None)?,
        distances: distances(&scores),
        of_six: of_six(&scores),
    })
}

/// The absolute distances of the partitions from their mean in the first partitioning of six; NaN for those without a score.
fn of_six(scores: &PartitionScores) -> Vec<f64> {
    let Some(of) = (0..scores.n_partitionings())
        .map(|index| scores.of(index))
        .find(|of| of.len() == 6)
    else {
        return Vec::new();
    };
    let known = of.iter().flatten();
    let mean = known.clone().sum::<f64>() / known.count() as f64;
    of.iter()
        .map(|score| score.map_or(f64::NAN, |score| (score - mean).abs()))
        .collect()
}

/// The mean absolute distance of the partitions from their mean, partitioning by partitioning.
fn distances(scores: &PartitionScores) -> Vec<f64> {
    let of = |partitioning| {
        let mean = scores.expectation(partitioning, Reference::PartitionMean)?;
        let deviation = deviation(scores.of(partitioning), mean, Distance::Absolute)?;
        Some(deviation.mean)
    };
    (0..scores.n_partitionings())
        .map(|partitioning| of(partitioning).unwrap_or(f64::NAN))
        .collect()
}
