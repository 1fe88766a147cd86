//! Samples that are kept.

use crate::{Features, Samples, Targets};

/// Features with targets in memory of their own: checked once, lent to models as often as need be.
///
/// # Examples
/// ```
/// use wherefair_nn::{SampleSet, Samples};
///
/// let samples = Samples::classes(&[0.1, 0.2, 0.3], 1, &[0, 1, 1], 2)?;
/// let set = SampleSet::gather(&samples, &[2, 0]);
/// assert_eq!(set.samples().features().values(), [0.3, 0.1]);
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SampleSet {
    features: Vec<f32>,
    n_features: usize,
    targets: Kept,
    #[cfg(feature = "cuda")]
    id: u64,
}

#[derive(Debug, Clone)]
enum Kept {
    Classes { labels: Vec<u32>, n_classes: usize },
    Values { values: Vec<f32>, n_outputs: usize },
}

impl SampleSet {
    /// The rows `rows` of `samples`, in this order.
    ///
    /// # Panics
    /// Where there is no such row.
    pub fn gather(samples: &Samples<'_>, rows: &[usize]) -> Self {
        let features = samples.features();
        let gathered = |values: &[f32], n_columns: usize| {
            let mut gathered = Vec::with_capacity(rows.len() * n_columns);
            for &row in rows {
                gathered.extend_from_slice(&values[row * n_columns..(row + 1) * n_columns]);
            }
            gathered
        };
        Self {
            features: gathered(features.values(), features.n_features()),
            n_features: features.n_features(),
            targets: match samples.targets() {
                Targets::Classes { labels, n_classes } => Kept::Classes {
                    labels: rows.iter().map(|&row| labels[row]).collect(),
                    n_classes,
                },
                Targets::Values { values, n_outputs } => Kept::Values {
                    values: gathered(values, n_outputs),
                    n_outputs,
                },
            },
            #[cfg(feature = "cuda")]
            id: Features::<f32>::next_id(),
        }
    }

    /// The samples, as a model takes them.
    pub fn samples(&self) -> Samples<'_> {
        let features = Features::of_checked(
            &self.features,
            self.n_features,
            #[cfg(feature = "cuda")]
            self.id,
        );
        let targets = match &self.targets {
            Kept::Classes { labels, n_classes } => Targets::Classes {
                labels,
                n_classes: *n_classes,
            },
            Kept::Values { values, n_outputs } => Targets::Values {
                values,
                n_outputs: *n_outputs,
            },
        };
        Samples::of_checked(features, targets)
    }
}
