//! How much is done at a scale.

use wherefair_spad::SimilaritySampling;
use wherefair_train::Schedule;

use super::super::super::Setting;
use super::super::methods::Method;
use super::super::scene::{Layout, UPDATES_EACH_EPOCH};
use super::super::seed_of;
use super::super::trial::Problem;
use super::data::Data;
use super::methods::Pace;

/// The sets of partitionings of the paper besides 24, by their largest numbers of rows and columns: 15, 35, 63, 99, 143.
const SETS: [usize; 5] = [4, 6, 8, 10, 12];

/// The shares of the locations to train on.
const SHARES: [f64; 4] = [0.2, 0.35, 0.5, 0.65];

/// Numbers of initial loops that are compared.
const INITIAL: [u32; 5] = [1, 3, 5, 7, 10];

/// How much is done on a data set at a scale.
#[derive(Debug)]
pub(super) struct Effort {
    pub(super) data: Data,
    /// Rows and columns of the scenes.
    pub(super) side: usize,
    /// Whether SPAD-SIM is trained once more, with one thread.
    pub(super) repeats: bool,
    pub(super) n_seeds: u64,
    /// Seeds of the slow methods, the same on many partitionings, and of the slowest.
    n_seeds_slow: u64,
    n_seeds_slow_on_many: u64,
    n_seeds_slowest: u64,
    /// Updates of an epoch, before the last batch.
    n_updates: f64,
    base_epochs: u32,
    pub(super) n_loops: u32,
    /// Initial and clustering loops.
    pub(super) n_few: u32,
    /// The largest grid of the set on which most is compared: the paper's 24 partitionings.
    pub(super) usual: usize,
    /// The largest grid of its 99 partitionings.
    pub(super) many: usize,
    /// Largest grids of the comparison of costs besides the usual one.
    pub(super) of_cost: Vec<usize>,
    /// Shares of the locations to train on.
    pub(super) shares: Vec<f64>,
    /// Numbers of initial loops that are compared.
    pub(super) initial: Vec<u32>,
}

impl Effort {
    pub(super) fn new(setting: &Setting<'_>, data: Data) -> Self {
        let scale = setting.scale;
        let (side, n_seeds) = match data {
            Data::Crops => (scale.pick(96, 1024, 4096), scale.pick(1, 5, 5)),
            Data::Palms => (scale.pick(48, 256, 512), scale.pick(1, 5, 5)),
            Data::Series => (scale.pick(40, 96, 512), scale.pick(1, 5, 5)),
        };
        let is_series = data == Data::Series;
        let usual = scale.pick(if data == Data::Crops { 5 } else { 4 }, 5, 5);
        Self {
            data,
            side,
            n_seeds: setting.n_runs.unwrap_or(n_seeds),
            n_seeds_slow: scale.pick(u64::from(!is_series), 1, 5),
            n_seeds_slow_on_many: scale.pick(0, 0, 5),
            n_seeds_slowest: scale.pick(u64::from(!is_series), u64::from(!is_series), 5),
            n_updates: if is_series {
                scale.pick(4.0, 13.0, UPDATES_EACH_EPOCH)
            } else {
                UPDATES_EACH_EPOCH
            },
            repeats: scale.pick(true, false, false),
            base_epochs: if is_series {
                scale.pick(10, 240, 300)
            } else {
                scale.pick(40, 300, 300)
            },
            n_loops: if is_series {
                scale.pick(4, 20, 50)
            } else {
                scale.pick(10, 50, 50)
            },
            n_few: scale.pick(if is_series { 1 } else { 2 }, 5, 5),
            usual,
            many: scale.pick(6, 10, 10),
            of_cost: if data == Data::Crops {
                scale.pick(vec![4], SETS.to_vec(), SETS.to_vec())
            } else {
                Vec::new()
            },
            shares: if is_series {
                scale.pick(vec![0.2], vec![0.2, 0.65], SHARES.to_vec())
            } else {
                scale.pick(vec![0.2, 0.65], SHARES.to_vec(), SHARES.to_vec())
            },
            initial: scale.pick(vec![1, 2], INITIAL.to_vec(), INITIAL.to_vec()),
        }
    }

    pub(super) fn sampling(&self) -> SimilaritySampling {
        SimilaritySampling {
            n_loops: self.n_loops,
            n_initial: self.n_few,
            n_clustering: self.n_few,
            ..SimilaritySampling::default()
        }
    }

    /// The methods of run number `index`.
    pub(super) fn methods_of(&self, methods: &[Method], largest: usize, index: u64) -> Vec<Method> {
        let n_seeds = |method: &Method| match Pace::of(method) {
            Pace::Usual => self.n_seeds,
            Pace::Slow if largest > self.usual => self.n_seeds_slow_on_many,
            Pace::Slow => self.n_seeds_slow,
            Pace::Slowest => self.n_seeds_slowest,
        };
        let own = methods.iter().filter(|&method| index < n_seeds(method));
        own.cloned().collect()
    }

    pub(super) fn problem(
        &self,
        setting: &Setting<'_>,
        index: u64,
        largest: usize,
        share: f64,
    ) -> anyhow::Result<Problem> {
        let n = u32::try_from(largest * largest - 1)?;
        let schedule = Schedule::journal(self.n_loops, n)?.with_base_epochs(self.base_epochs);
        self.data.problem(&Layout {
            side: self.side,
            largest,
            share,
            schedule: &schedule,
            learning_rate: self.data.learning_rate(),
            n_updates: self.n_updates,
            seed: seed_of(setting, index),
        })
    }
}
