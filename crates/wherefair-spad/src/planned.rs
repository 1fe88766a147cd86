//! Methods that differ in which partitioning is at hand: SPAD itself, its variants, and the base model alone.

use serde::Serialize;
use serde_json::Value;
use wherefair_core::ParamError;
use wherefair_train::{Method, Outcome, SpatialSamples, TrainConfig, TrainError, Turn, json, loop_order};

use crate::loops::round_root;
use crate::{RateRule, learning_rates};

/// The draws of the schedule.
pub(crate) fn drawn(samples: &SpatialSamples, config: &TrainConfig) -> Vec<usize> {
    config.schedule().plan(samples.distribution(), *config.seed())
}

/// One partitioning throughout.
pub(crate) fn always(
    name: &str,
    samples: &SpatialSamples,
    config: &TrainConfig,
) -> Result<Vec<usize>, TrainError> {
    let index = samples.named(name)?;
    Ok(drawn(samples, config).iter().map(|_| index).collect())
}

/// The base model alone.
#[derive(Debug, Clone, Copy)]
pub struct Base;

impl Method for Base {
    fn name(&self) -> String {
        "Base".to_owned()
    }

    fn plan(&mut self, _: &SpatialSamples, _: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        Ok(Vec::new())
    }
}

/// The base model trained on, without fairness; see [`Strategy::BaseLonger`](crate::Strategy::BaseLonger).
#[derive(Debug, Clone, Serialize)]
pub struct BaseLonger {
    /// How many updates; `None` for those of the schedule were every partition trained.
    pub n_updates: Option<u64>,
    #[serde(skip)]
    n_epochs: u64,
}

impl BaseLonger {
    /// Trained on for so many updates.
    pub fn new(n_updates: Option<u64>) -> Self {
        Self {
            n_updates,
            n_epochs: 0,
        }
    }
}

impl Method for BaseLonger {
    fn name(&self) -> String {
        "Base-longer".to_owned()
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        let n_updates = self.n_updates.unwrap_or_else(|| {
            let of_each: Vec<u64> = (0..samples.distribution().len())
                .map(|partitioning| {
                    let rates = vec![1.0; samples.n_partitions(partitioning)];
                    samples.n_updates(partitioning, &rates, *config.batch_size())
                })
                .collect();
            drawn(samples, config).into_iter().map(|at| of_each[at]).sum()
        });
        let n_batches = samples.n_samples().div_ceil(*config.base_batch_size());
        self.n_epochs = n_updates.div_ceil(n_batches as u64);
        Ok(Vec::new())
    }

    fn n_epochs(&self, _: u64) -> u64 {
        self.n_epochs
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        turn.everywhere()
    }
}

/// The SPAD method: draws of the schedule, partitions at the rates of the referee.
#[derive(Debug, Clone, Copy)]
pub struct Spad;

impl Method for Spad {
    fn name(&self) -> String {
        "SPAD".to_owned()
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        Ok(drawn(samples, config))
    }
}

/// SPAD without a base model; see [`Strategy::SpadNoBase`](crate::Strategy::SpadNoBase).
#[derive(Debug, Clone, Copy)]
pub struct SpadNoBase;

impl Method for SpadNoBase {
    fn name(&self) -> String {
        "SPAD-no-base".to_owned()
    }

    fn has_base(&self) -> bool {
        false
    }
}

/// SPAD with draws of k epochs throughout; see [`Strategy::SpadFixedK`](crate::Strategy::SpadFixedK).
#[derive(Debug, Clone, Serialize)]
pub struct SpadFixedK {
    /// k.
    pub k: u32,
}

impl Method for SpadFixedK {
    fn name(&self) -> String {
        format!("SPAD-{}-eps", self.k)
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        let schedule = config.schedule().clone().with_fixed_k(self.k);
        Ok(schedule.plan(samples.distribution(), *config.seed()))
    }
}

/// SPAD over one partitioning alone: the journal paper's BL-Single.
#[derive(Debug, Clone, Serialize)]
pub struct Single {
    /// Its name, such as `1x4`.
    pub partitioning: String,
}

impl Method for Single {
    fn name(&self) -> String {
        format!("Single-{}", self.partitioning)
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        always(&self.partitioning, samples, config)
    }
}

/// Every partition of the partitioning at hand at the same rate; see [`Strategy::EqualRates`](crate::Strategy::EqualRates).
#[derive(Debug, Clone, Copy)]
pub struct EqualRates;

impl Method for EqualRates {
    fn name(&self) -> String {
        "Equal-rates".to_owned()
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        let Some(at_hand) = turn.at_hand else {
            return turn.everywhere();
        };
        let (of, orientation) = (turn.scores.of(at_hand), turn.config.score().orientation());
        let eta_init = *turn.config.learning_rate();
        let rates = learning_rates(RateRule::Equal, of, None, orientation, eta_init)?;
        turn.partition_by_partition(at_hand, &rates)
    }
}

/// SPAD-RND: a few partitionings a loop, drawn at random; see [`Strategy::SpadRnd`](crate::Strategy::SpadRnd).
#[derive(Debug, Clone, Serialize)]
pub struct SpadRnd {
    /// Loops of the whole training.
    pub n_loops: u32,
    /// Partitionings of a loop; `None` for round(√N).
    pub n_sampled: Option<usize>,
}

impl Method for SpadRnd {
    fn name(&self) -> String {
        "SPAD-RND".to_owned()
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(self)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        let order = |index| loop_order(samples.distribution(), *config.seed(), index);
        let n = order(0).len();
        let n_sampled = self.n_sampled.unwrap_or_else(|| round_root(n));
        if !(1..=n).contains(&n_sampled) {
            let accepted = format!("1 to {n}, the number of partitionings");
            return Err(ParamError::new("n_sampled", n_sampled, accepted).into());
        }
        let of_loop = |index| {
            let mut order = order(index);
            order.truncate(n_sampled);
            order
        };
        Ok((0..u64::from(self.n_loops)).flat_map(of_loop).collect())
    }
}
