//! A method and a referee of one's own, trained, stopped and resumed with the same bits.
//!
//! The referee learns: each partition has a weight that grows while it lags behind the base model, as an expert's weight does in
//! the multiplicative weights algorithm (Arora, Hazan and Kale, 2012, doi:10.4086/toc.2012.v008a006). The method draws in each epoch
//! a partitioning in proportion to its unfairness.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wherefair_audit::{PartitionScores, Score};
use wherefair_core::{Extent, ParamError, Seed};
use wherefair_metrics::{Deviation, Distance, ErrorKind, Reference, ValueScore, deviation};
use wherefair_partition::PartitioningDistribution;
use wherefair_train::{
    Dataset, FitParams, Method, Outcome, Prepared, Referee, Sampling, Schedule, SpatialSamples, Stage,
    TrainConfig, TrainError, TrainParams, Training, Turn, json, restored,
};

/// Weights of partitions, multiplied after each epoch by exp(step × shortfall).
#[derive(Debug, Default, Serialize, Deserialize)]
struct MultiplicativeWeights {
    step: f64,
    /// What the base model scored, by partitioning.
    expected: Vec<Option<f64>>,
    /// By partitioning and partition; no partition is above 1.
    weights: Vec<Vec<f64>>,
}

impl MultiplicativeWeights {
    fn new(step: f64) -> Result<Self, ParamError> {
        if !(step > 0.0 && step.is_finite()) {
            return Err(ParamError::new("step", step, "a finite number above 0"));
        }
        Ok(Self {
            step,
            ..Self::default()
        })
    }
}

impl Referee for MultiplicativeWeights {
    fn parameters(&self) -> Result<Value, TrainError> {
        json(&self.step)
    }

    fn expect(&mut self, scores: &PartitionScores) {
        let all = 0..scores.n_partitionings();
        self.weights = all.clone().map(|map| vec![1.0; scores.of(map).len()]).collect();
        self.expected = all
            .map(|map| scores.expectation(map, Reference::PartitionMean))
            .collect();
    }

    /// Partitions without a score are not trained.
    fn rates(&self, map: usize, scores: &PartitionScores, eta_init: f64) -> Result<Vec<f64>, TrainError> {
        let rate = |(weight, score): (&f64, &Option<f64>)| score.map_or(0.0, |_| weight * eta_init);
        Ok(self.weights[map].iter().zip(scores.of(map)).map(rate).collect())
    }

    fn expectation(&self, map: usize) -> Option<f64> {
        *self.expected.get(map)?
    }

    fn unfairness(&self, map: usize, scores: &PartitionScores) -> Option<Deviation> {
        deviation(scores.of(map), self.expectation(map)?, Distance::Absolute)
    }

    fn scored(&mut self, scores: &PartitionScores) {
        for (map, weights) in self.weights.iter_mut().enumerate() {
            let expected = self.expected[map].unwrap_or(0.0);
            for (weight, score) in weights.iter_mut().zip(scores.of(map)) {
                // An error: less is better.
                *weight *= (self.step * score.map_or(0.0, |score| score - expected)).exp();
            }
            let largest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            for weight in weights {
                *weight /= largest;
            }
        }
    }

    fn state(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn restore(&mut self, state: Value, n_partitionings: usize) -> Result<(), TrainError> {
        let state: Self = restored(state)?;
        if ![0, n_partitionings].contains(&state.weights.len()) {
            return Err(TrainError::state(format!(
                "it has weights of {} maps",
                state.weights.len()
            )));
        }
        *self = state;
        Ok(())
    }
}

/// In each epoch one partitioning, drawn in proportion to its unfairness. It remembers how often it drew each.
#[derive(Debug, Default, Serialize, Deserialize)]
struct ByUnfairness {
    n_drawn: Vec<u64>,
    last: Option<usize>,
}

impl Method for ByUnfairness {
    fn name(&self) -> String {
        "By unfairness".to_owned()
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        self.n_drawn = vec![0; samples.distribution().len()];
        // The plan says how many epochs there are; which partitioning is at hand is drawn later.
        Ok(config.schedule().plan(samples.distribution(), *config.seed()))
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        let unfairness = |map| {
            turn.referee
                .unfairness(map, turn.scores)
                .map_or(0.0, |one| one.mean)
        };
        let shares: Vec<f64> = (0..self.n_drawn.len()).map(unfairness).collect();
        // The draw of an epoch is a function of seed and epoch alone, so that a resumed training draws the same.
        let mut stream = turn.config.seed().indexed("example/by unfairness", turn.epoch);
        let mut rest = stream.uniform() * shares.iter().sum::<f64>();
        let drawn = shares.iter().position(|share| {
            rest -= share;
            rest < 0.0
        });
        let drawn = drawn.unwrap_or(0);
        self.n_drawn[drawn] += 1;
        self.last = Some(drawn);
        turn.at_hand = Some(drawn);
        turn.by_referee()
    }

    fn undo(&mut self) {
        if let Some(last) = self.last.take() {
            self.n_drawn[last] -= 1;
        }
    }

    fn state(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn restore(&mut self, state: Value, n_done: u64) -> Result<(), TrainError> {
        let state: Self = restored(state)?;
        let n_drawn = state.n_drawn.iter().sum::<u64>();
        if state.n_drawn.len() != self.n_drawn.len() || n_drawn != n_done {
            return Err(TrainError::state(format!(
                "it drew {n_drawn} times in {n_done} epochs"
            )));
        }
        *self = state;
        Ok(())
    }
}

/// A field whose yield follows the water otherwise in the east, at 900 places.
fn field(seed: Seed) -> Result<Dataset, TrainError> {
    let mut stream = seed.stream("example/field");
    let mut column = || (0..900).map(|_| stream.uniform()).collect::<Vec<f64>>();
    let (x, y, water) = (column(), column(), column());
    let soil: Vec<&str> = (0..900).map(|i| ["clay", "loam", "sand"][i % 3]).collect();
    let of = |(x, water): (&f64, &f64)| 4.0 + if *x > 0.6 { 1.0 - 3.0 * water } else { 2.0 * water };
    let tons: Vec<f64> = x.iter().zip(&water).map(of).collect();
    Dataset::new()
        .positions(&x, &y)?
        .numbers("water", &water)?
        .numbers("east", &x)?
        .categories("soil", &soil)?
        .values("tons", &tons)
}

/// Trains to the end, once in one go and once with a stop.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = field(Seed::new(1))?;
    let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 3, 3)?;
    let score = Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanAbsolute,
    };
    let fit = FitParams::default().hidden(vec![16, 8]).check()?;
    let prepared = Prepared::new(&data, &maps, score, &fit)?;

    let stages = vec![Stage {
        epochs_each: 1,
        n_draws: 60,
    }];
    let config = TrainParams::new(prepared.score())
        .schedule(Schedule::new(60, stages, Sampling::Independent)?)
        .learning_rate(0.005)
        .batch_size(64)
        .base_batch_size(64)
        .max_quality_loss(0.1)
        .check()?;
    let begin = || -> Result<Training, TrainError> {
        let referee = Box::new(MultiplicativeWeights::new(2.0)?);
        prepared.training(config.clone(), Box::new(ByUnfairness::default()), referee)
    };

    let mut whole = begin()?;
    whole.run(|_| ControlFlow::Continue(()))?;

    let folder = tempfile::tempdir()?;
    let checkpoint = folder.path().join("training.safetensors");
    let mut stopped = begin()?;
    stopped.run(|record| {
        if record.epoch == 85 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    stopped.save(&checkpoint)?;
    let mut resumed = begin()?;
    resumed.resume(&checkpoint)?;
    resumed.run(|_| ControlFlow::Continue(()))?;

    let [whole_model, resumed_model] = [&whole, &resumed].map(|training| prepared.fitted(training));
    let (whole_model, resumed_model) = (whole_model?, resumed_model?);
    assert_eq!(whole_model.records, resumed_model.records);
    assert_eq!(whole_model.fair.to_bytes()?, resumed_model.fair.to_bytes()?);
    assert_eq!(whole.referee().state()?, resumed.referee().state()?);

    let drawn = whole.method::<ByUnfairness>().map(|method| &method.n_drawn);
    assert_eq!(drawn.map(|drawn| drawn.iter().sum::<u64>()), Some(60));
    let deviation = |epoch: u64| {
        let record = whole_model.records.iter().find(|record| record.epoch == epoch)?;
        Some(
            prepared
                .in_units(record.measured?, Distance::Absolute)
                .deviation_mean,
        )
    };
    let kept = whole_model.fair.description().epoch;
    let (base, fair) = (
        deviation(60).unwrap_or(f64::NAN),
        deviation(kept).unwrap_or(f64::NAN),
    );
    assert!(fair < base, "{fair} {base}");
    #[expect(clippy::print_stdout, reason = "an example shows what it found")]
    {
        println!("S(d)mean {base:.3} t of the base model, {fair:.3} t of the model of epoch {kept}");
    }
    Ok(())
}
