//! The player: the model that is trained.

use std::ops::Range;

use wherefair_audit::Score;
use wherefair_core::Seed;
use wherefair_nn::{Epoch, EpochReport, NnError, OptimizerState, Order, Samples, StatePolicy, Trainable};

use crate::{PartitionScores, Predictions, SpadError, SpatialSamples, partition_scores};

/// A model with what its training remembers besides: the position of its random stream.
pub struct Player<'m> {
    model: &'m mut dyn Trainable,
    seed: Seed,
    /// How many epochs were shuffled so far.
    n_shuffled: u64,
}

impl std::fmt::Debug for Player<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player")
            .field("model", &self.model.description())
            .field("seed", &self.seed)
            .field("n_shuffled", &self.n_shuffled)
            .finish()
    }
}

/// All that a player's later steps depend on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    parameters: Vec<f32>,
    optimizer: OptimizerState,
    n_shuffled: u64,
}

impl<'m> Player<'m> {
    /// A player that draws the order of its samples from `seed`.
    pub fn new(model: &'m mut dyn Trainable, seed: Seed) -> Self {
        Self {
            model,
            seed,
            n_shuffled: 0,
        }
    }

    /// The model.
    pub fn model(&self) -> &dyn Trainable {
        self.model
    }

    pub(crate) fn model_mut(&mut self) -> &mut dyn Trainable {
        self.model
    }

    pub(crate) fn seed(&self) -> Seed {
        self.seed
    }

    pub(crate) fn n_shuffled(&self) -> u64 {
        self.n_shuffled
    }

    pub(crate) fn set_n_shuffled(&mut self, n_shuffled: u64) {
        self.n_shuffled = n_shuffled;
    }

    /// One epoch over `runs` in mini-batches of `batch_size`, shuffled; where one batch holds them all, its order would
    /// only move rounding errors, and it is left as it is. `policy` says what becomes of the optimiser's state first.
    ///
    /// # Errors
    /// Those of [`Trainable::train`].
    pub fn train(
        &mut self,
        samples: &Samples<'_>,
        runs: &[Range<usize>],
        learning_rate: f64,
        batch_size: usize,
        policy: StatePolicy,
    ) -> Result<EpochReport, NnError> {
        if policy == StatePolicy::ResetEachPartition {
            let n_parameters = self.model.parameters().len();
            self.model
                .set_optimizer_state(OptimizerState::new(n_parameters))?;
        }
        let n_rows: usize = runs.iter().map(ExactSizeIterator::len).sum();
        let order = if n_rows <= batch_size {
            Order::AsGiven
        } else {
            self.next_order()
        };
        let epoch = Epoch {
            learning_rate,
            batch_size,
            order,
        };
        self.model.train(samples, runs, &epoch)
    }

    /// All rows in batches, each as runs; shuffled where there are several batches.
    pub(crate) fn batches(&mut self, n_samples: usize, batch_size: usize) -> Vec<Vec<Range<usize>>> {
        let all = 0..n_samples;
        if n_samples <= batch_size {
            return vec![vec![all]];
        }
        let mut rows: Vec<usize> = all.collect();
        self.seed
            .indexed("spad/batches", self.n_shuffled)
            .shuffle(&mut rows);
        self.n_shuffled += 1;
        let runs = |rows: &[usize]| rows.iter().map(|&row| row..row + 1).collect();
        rows.chunks(batch_size).map(runs).collect()
    }

    fn next_order(&mut self) -> Order {
        let index = self.n_shuffled;
        self.n_shuffled += 1;
        Order::Shuffled {
            seed: self.seed,
            index,
        }
    }

    /// The model's exact scores in every partition of every partitioning, from one pass over the samples.
    ///
    /// # Errors
    /// Those of the model, and of [`partition_scores`].
    pub fn scores(
        &self,
        spatial: &SpatialSamples,
        samples: &Samples<'_>,
        score: Score,
        min_samples: u64,
    ) -> Result<PartitionScores, SpadError> {
        let (features, all) = (samples.features(), 0..spatial.n_samples());
        let all = std::slice::from_ref(&all);
        match score {
            Score::Class(_) => {
                let classes = self.model.predict_classes(&features, all)?;
                partition_scores(spatial, Predictions::Classes(&classes), score, min_samples)
            }
            Score::Value { .. } | Score::MedianAbsolute { .. } => {
                let values = self.model.predict_values(&features, all)?;
                partition_scores(spatial, Predictions::Values(&values), score, min_samples)
            }
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            parameters: self.model.parameters().to_vec(),
            optimizer: self.model.optimizer_state().clone(),
            n_shuffled: self.n_shuffled,
        }
    }

    pub(crate) fn restore(&mut self, snapshot: Snapshot) -> Result<(), NnError> {
        self.n_shuffled = snapshot.n_shuffled;
        self.model.set_parameters(&snapshot.parameters)?;
        self.model.set_optimizer_state(snapshot.optimizer)
    }
}
