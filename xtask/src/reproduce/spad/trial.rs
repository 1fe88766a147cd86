//! Every method on one split of one data set, from the same base model.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use wherefair::audit::Score;
use wherefair::core::Seed;
use wherefair::metrics::{Distance, Reference, deviation};
use wherefair_nn::{
    AdamParams, FusedMlp, Initializer, Loss, MlpShape, OptimizerState, Trainable as _, Trainer, fused_mlp,
};
use wherefair_spad::{
    EpochRecord, LoopRecord, Measured, PartitionScores, Player, Schedule, SpadParams, SpatialSamples,
    Strategy, Training,
};

use super::super::progress::Progress;
use super::methods::Method;

/// Data and how to train on them.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) train: SpatialSamples,
    /// Where the model to keep is chosen; without it, on the training samples.
    pub(super) validation: Option<SpatialSamples>,
    pub(super) test: SpatialSamples,
    pub(super) shape: MlpShape,
    pub(super) initializer: Initializer,
    pub(super) loss: Loss,
    pub(super) schedule: Schedule,
    pub(super) batch_size: usize,
    pub(super) base_batch_size: usize,
    /// Partitions of fewer test samples are left out.
    pub(super) min_test_samples: u64,
    pub(super) seed: Seed,
}

/// A trained base model.
#[derive(Debug)]
pub(super) struct BaseModel {
    parameters: Vec<f32>,
    optimizer: OptimizerState,
}

/// A model on the test samples.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tested {
    pub(super) measured: Measured,
    /// The mean distance from the mean of each partitioning, `(n_partitionings,)`; NaN where nothing has a score.
    pub(super) distances: Vec<f64>,
}

/// What one method came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) method: Method,
    /// After the last epoch.
    pub(super) last: Tested,
    /// The fairest model whose quality is near the base model's; the last where the method has no base model.
    pub(super) kept: Tested,
    pub(super) n_updates: u64,
    pub(super) seconds: f64,
    pub(super) records: Vec<EpochRecord>,
    /// Of SPAD-SIM.
    pub(super) loops: Vec<LoopRecord>,
}

/// Trains the base model; it does not depend on the score.
pub(super) fn base_model(problem: &Problem, score: Score) -> anyhow::Result<BaseModel> {
    let mut model = network(problem)?;
    let config = params(problem, score)
        .strategy(Strategy::Base)
        .schedule(problem.schedule.clone())
        .check()?;
    let mut training = Training::new(&mut model, &problem.train, None, config)?;
    training.run(|_| ControlFlow::Continue(()))?;
    Ok(BaseModel {
        parameters: model.parameters().to_vec(),
        optimizer: model.optimizer_state().clone(),
    })
}

/// The classes that the base model predicts for the test samples, in their order.
pub(super) fn predicted(problem: &Problem, base: &BaseModel) -> anyhow::Result<Vec<u32>> {
    let mut model = network(problem)?;
    model.set_parameters(&base.parameters)?;
    let samples = problem.test.samples()?;
    let all = 0..problem.test.n_samples();
    Ok(model.predict_classes(&samples.features(), std::slice::from_ref(&all))?)
}

/// Runs `methods` from the base model on, in their order; SPAD first, whose updates Base-longer gets.
pub(super) fn run(
    problem: &Problem,
    score: Score,
    base: &BaseModel,
    methods: &[Method],
    progress: &Progress,
) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::with_capacity(methods.len());
    let mut of_spad = None;
    let is_spad = |method: &&Method| method.strategy == Strategy::Spad;
    let (first, rest): (Vec<&Method>, Vec<&Method>) = methods.iter().partition(is_spad);
    for method in first.into_iter().chain(rest) {
        let strategy = match &method.strategy {
            Strategy::BaseLonger { .. } => Strategy::BaseLonger { n_updates: of_spad },
            other => other.clone(),
        };
        let one = of_method(problem, score, base, (method, strategy))
            .with_context(|| format!("{} failed", method.name()))?;
        if method.strategy == Strategy::Spad {
            of_spad = Some(one.n_updates);
        }
        found.push(one);
        progress.advance(1);
    }
    let place = |one: &Found| methods.iter().position(|method| *method == one.method);
    found.sort_by_key(place);
    Ok(found)
}

fn of_method(
    problem: &Problem,
    score: Score,
    base: &BaseModel,
    (method, strategy): (&Method, Strategy),
) -> anyhow::Result<Found> {
    let mut model = network(problem)?;
    let has_base = strategy != Strategy::SpadNoBase;
    if has_base {
        model.set_parameters(&base.parameters)?;
        model.set_optimizer_state(base.optimizer.clone())?;
    }
    let config = params(problem, score)
        .strategy(strategy)
        .schedule(problem.schedule.clone().with_base_epochs(0))
        .check()?;
    let start = Instant::now();
    let mut training = Training::new(&mut model, &problem.train, problem.validation.as_ref(), config)?;
    training.run(|_| ControlFlow::Continue(()))?;
    let n_updates = training.n_fair_updates();
    let fairest = training.fairest().cloned();
    let (records, loops) = (training.records().to_vec(), training.loops().to_vec());
    let seconds = start.elapsed().as_secs_f64();
    let last = tested(problem, score, &mut model)?;
    let kept = match fairest {
        Some(fairest) => {
            model.set_parameters(&fairest.parameters)?;
            tested(problem, score, &mut model)?
        }
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

fn network(problem: &Problem) -> anyhow::Result<Trainer<FusedMlp>> {
    let adam = AdamParams::default().check()?;
    Ok(fused_mlp(
        &problem.shape,
        problem.initializer,
        problem.loss,
        adam,
        problem.seed,
    )?)
}

fn params(problem: &Problem, score: Score) -> SpadParams {
    SpadParams::new(score)
        .batch_size(problem.batch_size)
        .base_batch_size(problem.base_batch_size)
        .seed(problem.seed)
}

fn tested(problem: &Problem, score: Score, model: &mut Trainer<FusedMlp>) -> anyhow::Result<Tested> {
    ensure!(
        model.parameters().iter().all(|value| value.is_finite()),
        "the parameters are not finite"
    );
    let player = Player::new(model, problem.seed);
    let samples = problem.test.samples()?;
    let scores = player.scores(&problem.test, &samples, score, problem.min_test_samples)?;
    Ok(Tested {
        measured: scores.measured(),
        distances: distances(&scores),
    })
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
