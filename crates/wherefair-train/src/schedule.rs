//! Which partitioning is at hand in which epoch.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed};
use wherefair_partition::PartitioningDistribution;

/// Most epochs of a schedule, base epochs and fair ones each.
const MAX_EPOCHS: u64 = 10_000_000;

/// How partitionings are drawn from their distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Each independently of all others, from the prior: the paper's generator.
    #[default]
    Independent,
    /// All in random order, then all in another random order, and so on, whatever the prior: the released code, and the
    /// loops of the journal paper.
    Enumerated,
}

/// Some draws of partitionings that are all trained for the same number of epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// k: epochs before another partitioning is drawn.
    pub epochs_each: u32,
    /// How many partitionings are drawn.
    pub n_draws: u32,
}

impl Stage {
    /// The epochs of the stage.
    pub fn n_epochs(&self) -> u64 {
        u64::from(self.epochs_each) * u64::from(self.n_draws)
    }
}

/// The epochs of a training: those of the base model, then stages of fair ones.
///
/// # Examples
/// ```
/// use wherefair_train::Schedule;
///
/// let paper = Schedule::paper();
/// assert_eq!((paper.base_epochs(), paper.n_fair_epochs()), (300, 1_200));
/// assert_eq!(paper.stages().iter().map(|stage| stage.n_draws).sum::<u32>(), 384);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    base_epochs: u64,
    stages: Vec<Stage>,
    sampling: Sampling,
}

impl Schedule {
    /// `base_epochs` without fairness, then `stages`.
    ///
    /// # Errors
    /// [`ParamError`] for a stage of no epochs or no draws, or more than 10 million epochs in all.
    pub fn new(base_epochs: u64, stages: Vec<Stage>, sampling: Sampling) -> Result<Self, ParamError> {
        for (index, stage) in stages.iter().enumerate() {
            for (name, value) in [("epochs_each", stage.epochs_each), ("n_draws", stage.n_draws)] {
                if value == 0 {
                    return Err(ParamError::new(
                        format!("{name} of stage {index}"),
                        value,
                        "at least 1",
                    ));
                }
            }
        }
        let n_fair = stages.iter().map(Stage::n_epochs).fold(0, u64::saturating_add);
        for (name, value) in [("base_epochs", base_epochs), ("epochs of all stages", n_fair)] {
            if value > MAX_EPOCHS {
                return Err(ParamError::new(name, value, format!("at most {MAX_EPOCHS}")));
            }
        }
        Ok(Self {
            base_epochs,
            stages,
            sampling,
        })
    }

    /// The schedule of the AAAI paper: 300 base epochs, 48 draws of 10 epochs, 96 of 5, 240 of 1, independent draws.
    ///
    /// # References
    /// Xie et al. (2022), AAAI-22, implementation details.
    pub fn paper() -> Self {
        Self::of(300, &[(10, 48), (5, 96), (1, 240)], Sampling::Independent)
    }

    /// The schedule of the journal paper: loops of one epoch for each of `n_partitionings`, 50 loops by default there;
    /// 300 base epochs.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn journal(n_loops: u32, n_partitionings: u32) -> Result<Self, ParamError> {
        let stage = Stage {
            epochs_each: 1,
            n_draws: n_loops.saturating_mul(n_partitionings),
        };
        Self::new(300, vec![stage], Sampling::Enumerated)
    }

    /// The schedule of the released code for its 24 partitionings: 4 loops of 5 epochs each, then 30 loops of 1.
    pub fn released() -> Self {
        Self::of(300, &[(5, 4 * 24), (1, 30 * 24)], Sampling::Enumerated)
    }

    fn of(base_epochs: u64, stages: &[(u32, u32)], sampling: Sampling) -> Self {
        let stage = |&(epochs_each, n_draws): &(u32, u32)| Stage { epochs_each, n_draws };
        Self {
            base_epochs,
            stages: stages.iter().map(stage).collect(),
            sampling,
        }
    }

    /// The same fair epochs after another number of base epochs.
    #[must_use]
    pub fn with_base_epochs(mut self, base_epochs: u32) -> Self {
        self.base_epochs = base_epochs.into();
        self
    }

    /// The same schedule with another way to draw partitionings.
    #[must_use]
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// The same number of fair epochs, in draws of `k` epochs throughout; the last draw may get fewer.
    #[must_use]
    pub fn with_fixed_k(mut self, k: u32) -> Self {
        let (n, each) = (self.n_fair_epochs(), u64::from(k.max(1)));
        let stage = |epochs_each: u64, n_draws: u64| Stage {
            epochs_each: u32::try_from(epochs_each).unwrap_or(u32::MAX),
            n_draws: u32::try_from(n_draws).unwrap_or(u32::MAX),
        };
        let stages = [stage(each, n / each), stage(n % each, 1)];
        self.stages = stages.into_iter().filter(|stage| stage.n_epochs() > 0).collect();
        self
    }

    /// Epochs of the base model.
    pub fn base_epochs(&self) -> u64 {
        self.base_epochs
    }

    /// The stages of fair training.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// How partitionings are drawn.
    pub fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// Epochs of fair training.
    pub fn n_fair_epochs(&self) -> u64 {
        self.stages.iter().map(Stage::n_epochs).sum()
    }

    /// The partitioning at hand in each fair epoch, `(n_fair_epochs,)`.
    pub fn plan(&self, distribution: &PartitioningDistribution, seed: Seed) -> Vec<usize> {
        let n_draws = self.stages.iter().map(|stage| stage.n_draws as usize).sum();
        let draws = match self.sampling {
            Sampling::Independent => distribution.sample(seed, n_draws),
            Sampling::Enumerated => {
                let mut draws = Vec::with_capacity(n_draws);
                for index in 0.. {
                    if draws.len() >= n_draws {
                        break;
                    }
                    draws.extend(loop_order(distribution, seed, index));
                }
                draws.truncate(n_draws);
                draws
            }
        };
        let epochs_each = self
            .stages
            .iter()
            .flat_map(|stage| std::iter::repeat_n(stage.epochs_each as usize, stage.n_draws as usize));
        draws
            .into_iter()
            .zip(epochs_each)
            .flat_map(|(draw, n_epochs)| std::iter::repeat_n(draw, n_epochs))
            .collect()
    }
}

/// All partitionings that can be drawn, in the random order of loop number `index`.
pub fn loop_order(distribution: &PartitioningDistribution, seed: Seed, index: u64) -> Vec<usize> {
    let of_loop = Seed::new(seed.indexed("spad/loop", index).next_u64());
    distribution.shuffled(of_loop)
}
