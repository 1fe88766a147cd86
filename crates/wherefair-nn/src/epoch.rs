//! How an epoch trains, and what it did.

use wherefair_core::Seed;

/// In which order an epoch visits the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Run by run, as given: memory is read in sequence.
    #[default]
    AsGiven,
    /// All rows of all runs in random order, drawn from the stream `nn/order` with this index. Counting the index up
    /// from epoch to epoch makes a stopped training continue with the same bits.
    Shuffled {
        /// The seed of the training.
        seed: Seed,
        /// Which epoch, or another number that is used once.
        index: u64,
    },
}

/// How one epoch trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// η, above 0. A partition whose rate is 0 is not trained at all: leave it out.
    pub learning_rate: f64,
    /// Samples of a step; the last step of an epoch takes what is left.
    pub batch_size: usize,
    /// In which order rows are visited.
    pub order: Order,
}

/// What an epoch did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochReport {
    /// Steps of the optimiser.
    pub n_steps: u64,
    /// Samples seen.
    pub n_samples: u64,
    /// Mean over samples of the loss at the step that saw them.
    pub mean_loss: f64,
}
