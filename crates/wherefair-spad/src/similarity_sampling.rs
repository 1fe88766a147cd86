//! Parameters of training on representative partitionings.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;
use wherefair_similarity::{CountRule, HdbscanConfig, Noise, Rescaling, SelectionRule};

/// Most loops of a training.
pub(crate) const MAX_LOOPS: u32 = 1_000_000;

/// Loops over the partitionings of which most train a representative sample only.
///
/// First come `n_initial` loops over all partitionings, as SPAD's. Then one loop trains each partitioning from the same
/// model, tentatively, to see what that does to the fairness of all others. In the `n_clustering` loops after it the
/// partitionings are clustered by that similarity and a sample of each cluster is trained, which adds to what is known
/// of the similarity. All other loops sample the last clusters.
///
/// # References
/// SPAD-SIM, journal version of Xie et al. (2022), Algorithm 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimilaritySampling {
    /// Loops of the whole training, the tentative one included; 50 in the paper. At least `n_initial` + 2.
    pub n_loops: u32,
    /// m: loops over all partitionings at the beginning; 5 in the paper.
    pub n_initial: u32,
    /// Loops that cluster anew, at least 1; 5 in the paper. They end with the training, if there are not as many.
    pub n_clustering: u32,
    /// How the shapes of partitionings enlarge their distances.
    pub rescaling: Rescaling,
    /// How partitionings are clustered.
    pub clustering: HdbscanConfig,
    /// What becomes of partitionings that belong to no cluster.
    pub noise: Noise,
    /// How many partitionings are sampled of a cluster.
    pub count_rule: CountRule,
    /// How probable each partitioning of a cluster is.
    pub selection_rule: SelectionRule,
}

impl Default for SimilaritySampling {
    fn default() -> Self {
        Self {
            n_loops: 50,
            n_initial: 5,
            n_clustering: 5,
            rescaling: Rescaling::default(),
            clustering: HdbscanConfig::default(),
            noise: Noise::default(),
            count_rule: CountRule::default(),
            selection_rule: SelectionRule::default(),
        }
    }
}

impl SimilaritySampling {
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        if self.n_clustering == 0 {
            return Err(ParamError::new("n_clustering", 0, "at least 1"));
        }
        let least = self.n_initial.saturating_add(2);
        if self.n_loops < least {
            let accepted = format!("at least {least}: the initial loops, the tentative one and one more");
            return Err(ParamError::new("n_loops", self.n_loops, accepted));
        }
        check_loops(self.n_loops)
    }

    /// The stage of a loop, counted from 0.
    pub(crate) fn stage(&self, index: usize) -> LoopStage {
        let (initial, clustering) = (self.n_initial as usize, self.n_clustering as usize);
        match index {
            _ if index < initial => LoopStage::Initial,
            _ if index == initial => LoopStage::Tentative,
            _ if index <= initial + clustering => LoopStage::Clustering,
            _ => LoopStage::Sampling,
        }
    }
}

pub(crate) fn check_loops(n_loops: u32) -> Result<(), ParamError> {
    if (1..=MAX_LOOPS).contains(&n_loops) {
        return Ok(());
    }
    Err(ParamError::new("n_loops", n_loops, format!("1 to {MAX_LOOPS}")))
}

/// What a loop is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopStage {
    /// All partitionings are trained.
    Initial,
    /// Each is trained from the same model, which is put back.
    Tentative,
    /// They are clustered anew and a sample is trained.
    Clustering,
    /// A sample of the last clusters is trained.
    Sampling,
}

/// One loop of a training on representative partitionings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoopRecord {
    /// What it is for.
    pub stage: LoopStage,
    /// Its first epoch.
    pub first_epoch: u64,
    /// The partitionings that it trains, in order; of the distribution, as everywhere.
    pub partitionings: Vec<usize>,
    /// The cluster of each partitioning of the distribution, `(n_partitionings,)`; `None` where nothing was clustered.
    pub clusters: Option<Vec<Option<usize>>>,
}
