//! Data and models that the tests share.

use wherefair_core::Seed;
use wherefair_nn::{AdamConfig, AdamParams, Epoch, Loss, Order, Samples};

/// Every loss.
pub(crate) const LOSSES: [Loss; 5] = [
    Loss::CrossEntropy,
    Loss::SOFT_DICE,
    Loss::MeanSquared,
    Loss::MeanAbsolute,
    Loss::Huber { threshold: 0.7 },
];

/// Random features with labels and values.
pub(crate) struct Data {
    pub(crate) n_features: usize,
    pub(crate) n_outputs: usize,
    pub(crate) features: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    pub(crate) values: Vec<f32>,
}

impl Data {
    pub(crate) fn new(n: usize, n_features: usize, n_outputs: usize) -> Self {
        let mut stream = Seed::new(11).stream("data");
        let mut normal = |n: usize| {
            (0..n)
                .map(|_| stream.standard_normal() as f32)
                .collect::<Vec<_>>()
        };
        let (features, values) = (normal(n * n_features), normal(n * n_outputs));
        let mut stream = Seed::new(11).stream("labels");
        let labels = (0..n).map(|_| stream.below(n_outputs as u64) as u32).collect();
        Self {
            n_features,
            n_outputs,
            features,
            labels,
            values,
        }
    }

    /// Samples of the kind that the loss compares.
    pub(crate) fn samples(&self, loss: &Loss) -> Samples<'_> {
        if loss.is_of_classes() {
            Samples::classes(&self.features, self.n_features, &self.labels, self.n_outputs).unwrap()
        } else {
            Samples::values(&self.features, self.n_features, &self.values, self.n_outputs).unwrap()
        }
    }
}

pub(crate) fn adam() -> AdamConfig {
    AdamParams::default().check().unwrap()
}

pub(crate) fn epoch(learning_rate: f64, batch_size: usize) -> Epoch {
    Epoch {
        learning_rate,
        batch_size,
        order: Order::AsGiven,
    }
}
