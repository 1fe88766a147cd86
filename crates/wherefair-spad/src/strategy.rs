//! What is trained after the base model, and how.

use serde::{Deserialize, Serialize};

use crate::{Adversary, Regularizer, SimilaritySampling};

/// The SPAD method, its variants and its baselines.
///
/// All of them start from the same base model, but [`SpadNoBase`](Self::SpadNoBase), and all take the same number of
/// fair epochs from the [`Schedule`](crate::Schedule), but [`Base`](Self::Base), [`BaseLonger`](Self::BaseLonger),
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
        match self {
            Self::Base => "Base".to_owned(),
            Self::BaseLonger { .. } => "Base-longer".to_owned(),
            Self::Single { partitioning } => format!("Single-{partitioning}"),
            Self::RegularizedSingle { partitioning, .. } => format!("REG-Single-{partitioning}"),
            Self::Adversarial { partitioning, .. } => format!("ADL-Single-{partitioning}"),
            Self::Regularized(_) => "REG".to_owned(),
            Self::Spad => "SPAD".to_owned(),
            Self::SpadGd => "SPAD-GD".to_owned(),
            Self::SpadNoBase => "SPAD-no-base".to_owned(),
            Self::SpadFixedK { k } => format!("SPAD-{k}-eps"),
            Self::EqualRates => "Equal-rates".to_owned(),
            Self::SpadSim(_) => "SPAD-SIM".to_owned(),
            Self::SpadRnd { .. } => "SPAD-RND".to_owned(),
        }
    }
}
