//! What is trained after the base model, and how.

use serde::{Deserialize, Serialize};
use wherefair_audit::Score;
use wherefair_core::ParamError;
use wherefair_train::Method;

use crate::similarity_sampling::check_loops;
use crate::{
    Adversarial, Adversary, Base, BaseLonger, EqualRates, Regularized, RegularizedSingle, Regularizer,
    SimilaritySampling, Single, Spad, SpadFixedK, SpadGd, SpadNoBase, SpadRnd, SpadSim,
};

/// The SPAD method, its variants and its baselines.
///
/// All of them start from the same base model, but [`SpadNoBase`](Self::SpadNoBase), and all take the same number of
/// fair epochs from the [`Schedule`](wherefair_train::Schedule), but [`Base`](Self::Base), [`BaseLonger`](Self::BaseLonger),
/// [`SpadSim`](Self::SpadSim) and [`SpadRnd`](Self::SpadRnd).
///
/// # References
/// Xie et al. (2022), AAAI-22, experiments. The journal paper: He et al., Learning with Location-based Fairness, section 6.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strategy {
    /// The base model alone.
    Base,
    /// The base model trained on, without fairness, for as many updates as fair training makes.
    BaseLonger {
        /// How many updates, rounded up to whole epochs. `None`: as many as there would be were every partition of the
        /// plan trained, which is what [`EqualRates`](Self::EqualRates) makes and no less than [`Spad`](Self::Spad)
        /// does; for a comparison at equal cost give the number that the other training reported.
        n_updates: Option<u64>,
    },
    /// Fairness over one partitioning alone: the journal paper's BL-Single, with (4, 1) there.
    Single {
        /// Its name, such as `1x4`.
        partitioning: String,
    },
    /// A penalty on unfairness over one partitioning alone: the journal paper's REG-Single.
    RegularizedSingle {
        /// Its name, such as `4x1`.
        partitioning: String,
        /// The penalty.
        regularizer: Regularizer,
    },
    /// A discriminator that guesses the partition of one partitioning, against which the model is trained: the journal
    /// paper's ADL-Single.
    Adversarial {
        /// The name of the partitioning, such as `4x1`.
        partitioning: String,
        /// The discriminator.
        adversary: Adversary,
    },
    /// A penalty on unfairness in the loss, in place of a referee.
    Regularized(Regularizer),
    /// The SPAD method.
    #[default]
    Spad,
    /// SPAD without stochastic partitionings: each update follows the mean gradient over all of them, each partition's
    /// weighted by its share of the rate. It makes as many updates in an epoch as SPAD would with the partitioning at
    /// hand and the same scores. Each sees a batch spread over all places, and costs its passes for all partitionings.
    SpadGd,
    /// SPAD without a base model: no base epochs; `E_P` is random before the first epoch, and after each epoch what the
    /// model then scores.
    SpadNoBase,
    /// SPAD with draws of k epochs throughout, the last one cut so that the number of epochs stays: `SPAD-10-eps`.
    SpadFixedK {
        /// k, 10 in the paper.
        k: u32,
    },
    /// Every partition of the partitioning at hand, one after the other, at the same rate: what the released code runs,
    /// whose referee's rates never reach its optimiser.
    EqualRates,
    /// SPAD-SIM: after some loops over all partitionings, only those that stand for others are trained. Of the schedule
    /// only the base epochs count: the loops are its own.
    SpadSim(SimilaritySampling),
    /// SPAD-RND: a few partitionings a loop, drawn at random. Of the schedule only the base epochs count.
    SpadRnd {
        /// Loops of the whole training, 50 in the paper.
        n_loops: u32,
        /// Partitionings of a loop. `None`: round(√N) of N, which makes the paper's 5 of 24 and 10 of 99.
        n_sampled: Option<usize>,
    },
}

impl Strategy {
    /// Fairness over the one grid of `n_rows × n_columns` equal cells.
    pub fn single_grid(n_rows: usize, n_columns: usize) -> Self {
        Self::Single {
            partitioning: format!("{n_rows}x{n_columns}"),
        }
    }

    /// A short name, such as `SPAD-GD`.
    pub fn name(&self) -> String {
        self.method().name()
    }

    /// The method, ready for a [`Training`](wherefair_train::Training).
    pub fn method(&self) -> Box<dyn Method> {
        match self.clone() {
            Self::Base => Box::new(Base),
            Self::BaseLonger { n_updates } => Box::new(BaseLonger::new(n_updates)),
            Self::Single { partitioning } => Box::new(Single { partitioning }),
            Self::RegularizedSingle {
                partitioning,
                regularizer,
            } => Box::new(RegularizedSingle {
                partitioning,
                regularizer,
            }),
            Self::Adversarial {
                partitioning,
                adversary,
            } => Box::new(Adversarial::new(partitioning, adversary)),
            Self::Regularized(regularizer) => Box::new(Regularized { regularizer }),
            Self::Spad => Box::new(Spad),
            Self::SpadGd => Box::new(SpadGd),
            Self::SpadNoBase => Box::new(SpadNoBase),
            Self::SpadFixedK { k } => Box::new(SpadFixedK { k }),
            Self::EqualRates => Box::new(EqualRates),
            Self::SpadSim(sampling) => Box::new(SpadSim::new(sampling)),
            Self::SpadRnd { n_loops, n_sampled } => Box::new(SpadRnd { n_loops, n_sampled }),
        }
    }

    /// Checks the parameters of the strategy, for a training by `score`.
    pub(crate) fn check(&self, score: Score) -> Result<(), ParamError> {
        match self {
            Self::Regularized(regularizer) | Self::RegularizedSingle { regularizer, .. } => {
                regularizer.check(score)
            }
            Self::Adversarial { adversary, .. } => adversary.check(),
            Self::SpadFixedK { k: 0 } => Err(ParamError::new("k", 0, "at least 1")),
            Self::SpadSim(sampling) => sampling.check(),
            Self::SpadRnd { n_loops, .. } => check_loops(*n_loops),
            _ => Ok(()),
        }
    }
}
