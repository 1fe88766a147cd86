//! The player: the model that is trained.

use std::ops::Range;

use wherefair_core::Seed;
use wherefair_nn::{
    Epoch, EpochReport, Model, NnError, OptimizerState, Order, Samples, Snapshot, StatePolicy,
};

/// A model with what its training remembers besides: the position of its random stream.
#[derive(Debug)]
pub struct Player {
    model: Model,
    seed: Seed,
    /// How many epochs were shuffled so far.
    n_shuffled: u64,
}

impl Player {
    /// A player that draws the order of its samples from `seed`.
    pub fn new(model: Model, seed: Seed) -> Self {
        Self {
            model,
            seed,
            n_shuffled: 0,
        }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model, to be changed.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// The model alone.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// Another player with the same model and position, which can be trained at the same time; `None` where the model has no
    /// replica.
    pub fn replica(&self) -> Option<Self> {
        Some(Self {
            model: self.model.replica()?,
            ..*self
        })
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
    /// Those of [`Model::train`].
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

    /// All that later steps depend on.
    pub fn snapshot(&self) -> (Snapshot, u64) {
        (self.model.snapshot(), self.n_shuffled)
    }

    /// Goes back to a snapshot.
    ///
    /// # Errors
    /// None for a snapshot of this player or of a replica.
    pub fn restore(&mut self, snapshot: &(Snapshot, u64)) -> Result<(), NnError> {
        self.n_shuffled = snapshot.1;
        self.model.restore(&snapshot.0)
    }
}
