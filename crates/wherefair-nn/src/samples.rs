//! Data to learn from: rows of features, and what is true of them.

use std::ops::Range;
#[cfg(feature = "cuda")]
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use wherefair_core::ParamError;

use crate::{NnError, Scalar};

/// Rows of features, checked once: finite numbers, `(n_samples, n_features)` row by row.
///
/// # Examples
/// ```
/// use wherefair_nn::Features;
///
/// let features = Features::new(&[0.1, 0.2, 0.3, 0.4], 2)?;
/// assert_eq!(features.n_samples(), 2);
/// let error = Features::new(&[0.1, f32::NAN], 2).unwrap_err();
/// assert_eq!(error.to_string(), "feature of sample 0, column 1, is NaN (accepted: finite numbers)");
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Features<'a, T = f32> {
    values: &'a [T],
    width: usize,
    n_samples: usize,
    #[cfg(feature = "cuda")]
    id: u64,
}

/// How many sets of features there were so far.
#[cfg(feature = "cuda")]
static N_FEATURES_MADE: AtomicU64 = AtomicU64::new(0);

impl<'a, T: Scalar> Features<'a, T> {
    /// Takes `values` as rows of `n_features` each.
    ///
    /// # Errors
    /// [`NnError::Param`] where `n_features` is 0 or there are 2³² samples or more, [`NnError::Shape`] for a part of a
    /// row, [`NnError::NotFinite`] with the place of the first number that is none.
    pub fn new(values: &'a [T], n_features: usize) -> Result<Self, NnError> {
        if n_features == 0 {
            return Err(ParamError::new("n_features", n_features, "at least 1").into());
        }
        let n_samples = values.len() / n_features;
        if u32::try_from(n_samples).is_err() {
            return Err(ParamError::new("n_samples", n_samples, "fewer than 2^32").into());
        }
        if values.len() != n_samples * n_features {
            return Err(NnError::Shape {
                name: "features",
                given: values.len(),
                expected: (n_samples + 1) * n_features,
                because: format!("{} samples × {n_features} features", n_samples + 1),
            });
        }
        all_finite("feature", values, n_features)?;
        Ok(Self {
            values,
            width: n_features,
            n_samples,
            #[cfg(feature = "cuda")]
            id: Self::next_id(),
        })
    }

    /// A number that was not given before.
    #[cfg(feature = "cuda")]
    pub(crate) fn next_id() -> u64 {
        N_FEATURES_MADE.fetch_add(1, Ordering::Relaxed)
    }

    /// Rows that were checked before.
    pub(crate) fn of_checked(values: &'a [T], width: usize, #[cfg(feature = "cuda")] id: u64) -> Self {
        Self {
            values,
            width,
            n_samples: values.len() / width,
            #[cfg(feature = "cuda")]
            id,
        }
    }

    /// A number that no other features of this process have, but copies of these: as long as it is in use, the numbers
    /// are borrowed and stay the same.
    #[cfg(feature = "cuda")]
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &'a [T] {
        self.values
    }

    /// Numbers of a row.
    pub fn n_features(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// All rows, as one run.
    pub fn all_rows(&self) -> [Range<usize>; 1] {
        std::array::from_fn(|_| 0..self.n_samples)
    }
}

/// What is true of each sample.
#[derive(Debug, Clone, Copy)]
pub enum Targets<'a, T = f32> {
    /// Its class, from 0.
    Classes {
        /// `(n_samples,)`.
        labels: &'a [u32],
        /// How many classes there are.
        n_classes: usize,
    },
    /// Its values.
    Values {
        /// `(n_samples, n_outputs)`, row by row.
        values: &'a [T],
        /// Values of a sample.
        n_outputs: usize,
    },
}

impl<T> Targets<'_, T> {
    /// Outputs that a network needs to answer.
    pub fn n_outputs(&self) -> usize {
        match self {
            Self::Classes { n_classes, .. } => *n_classes,
            Self::Values { n_outputs, .. } => *n_outputs,
        }
    }
}

/// Features with targets, checked once.
///
/// # Examples
/// ```
/// use wherefair_nn::Samples;
///
/// let samples = Samples::classes(&[0.1, 0.2, 0.3, 0.4], 2, &[0, 1], 2)?;
/// assert_eq!(samples.features().n_samples(), 2);
/// let error = Samples::classes(&[0.1, 0.2], 2, &[7], 2).unwrap_err();
/// assert_eq!(error.to_string(), "label of sample 0 is 7 (accepted: classes below 2)");
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a, T = f32> {
    features: Features<'a, T>,
    targets: Targets<'a, T>,
}

impl<'a, T: Scalar> Samples<'a, T> {
    /// Samples of classes: `features` is `(n_samples, n_features)`, `labels` is `(n_samples,)`.
    ///
    /// # Errors
    /// Those of [`Features::new`]; [`NnError::Shape`] where labels are missing or too many,
    /// [`NnError::UnknownClass`] for a label of at least `n_classes`.
    pub fn classes(
        features: &'a [T],
        n_features: usize,
        labels: &'a [u32],
        n_classes: usize,
    ) -> Result<Self, NnError> {
        let features = Features::new(features, n_features)?;
        let n_samples = features.n_samples();
        if labels.len() != n_samples {
            return Err(NnError::Shape {
                name: "labels",
                given: labels.len(),
                expected: n_samples,
                because: "the number of samples".to_owned(),
            });
        }
        let is_unknown = |&label: &u32| label as usize >= n_classes;
        if let Some(row) = labels.par_iter().position_first(is_unknown) {
            return Err(NnError::UnknownClass {
                row,
                label: labels[row],
                n_classes,
            });
        }
        let targets = Targets::Classes { labels, n_classes };
        Ok(Self { features, targets })
    }

    /// Samples of values: `features` is `(n_samples, n_features)`, `values` is `(n_samples, n_outputs)`.
    ///
    /// # Errors
    /// Those of [`Features::new`]; [`NnError::Shape`] and [`NnError::NotFinite`] for the values.
    pub fn values(
        features: &'a [T],
        n_features: usize,
        values: &'a [T],
        n_outputs: usize,
    ) -> Result<Self, NnError> {
        let features = Features::new(features, n_features)?;
        let n_samples = features.n_samples();
        if n_outputs == 0 {
            return Err(ParamError::new("n_outputs", n_outputs, "at least 1").into());
        }
        if values.len() != n_samples * n_outputs {
            return Err(NnError::Shape {
                name: "true values",
                given: values.len(),
                expected: n_samples * n_outputs,
                because: format!("{n_samples} samples × {n_outputs} outputs"),
            });
        }
        all_finite("true value", values, n_outputs)?;
        let targets = Targets::Values { values, n_outputs };
        Ok(Self { features, targets })
    }

    /// Samples that were checked before.
    pub(crate) fn of_checked(features: Features<'a, T>, targets: Targets<'a, T>) -> Self {
        Self { features, targets }
    }

    /// The features alone.
    pub fn features(&self) -> Features<'a, T> {
        self.features
    }

    /// The targets alone.
    pub fn targets(&self) -> Targets<'a, T> {
        self.targets
    }
}

/// Numbers that are looked at together.
const BLOCK: usize = 1 << 12;

fn all_finite<T: Scalar>(name: &'static str, values: &[T], n_columns: usize) -> Result<(), NnError> {
    // Without branches within a block, so that vectors are looked at.
    let is_bad = |block: &[T]| block.iter().fold(false, |bad, value| bad | !value.is_number());
    let Some(block) = values.par_chunks(BLOCK).position_first(is_bad) else {
        return Ok(());
    };
    let first = block * BLOCK;
    let rest = values[first..].iter().position(|value| !value.is_number());
    let index = first + rest.unwrap_or(0);
    Err(NnError::NotFinite {
        name,
        row: index / n_columns,
        column: index % n_columns,
        value: values[index].widened(),
    })
}

/// Checked runs of rows, taken a block at a time.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    runs: &'a [Range<usize>],
    /// Rows of the first run that were taken already.
    n_taken: usize,
    block: Vec<u32>,
}

impl<'a> Rows<'a> {
    /// Runs that must lie within the samples and hold at least one row; with how many rows they hold.
    pub(crate) fn new(runs: &'a [Range<usize>], n_samples: usize) -> Result<(Self, usize), NnError> {
        for (index, run) in runs.iter().enumerate() {
            if run.start > run.end || run.end > n_samples {
                return Err(NnError::RunOutside {
                    index,
                    start: run.start,
                    end: run.end,
                    n_samples,
                });
            }
        }
        let n_rows = runs.iter().map(ExactSizeIterator::len).sum();
        if n_rows == 0 {
            return Err(NnError::NoSamples);
        }
        let rows = Self {
            runs,
            n_taken: 0,
            block: Vec::new(),
        };
        Ok((rows, n_rows))
    }

    /// The next rows, `at_most` of them; none at the end.
    pub(crate) fn next_block(&mut self, at_most: usize) -> &[u32] {
        self.block.clear();
        while let [run, rest @ ..] = self.runs
            && self.block.len() < at_most
        {
            let start = run.start + self.n_taken;
            let end = run.end.min(start.saturating_add(at_most - self.block.len()));
            #[expect(
                clippy::cast_possible_truncation,
                reason = "features are fewer than 2^32 rows"
            )]
            self.block.extend(start as u32..end as u32);
            self.n_taken += end - start;
            if end == run.end {
                (self.runs, self.n_taken) = (rest, 0);
            }
        }
        &self.block
    }

    /// All rows that are left.
    pub(crate) fn all(mut self) -> Vec<u32> {
        self.next_block(usize::MAX);
        self.block
    }
}
