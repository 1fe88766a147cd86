//! Where the audit's samples come from.

use std::ops::Range;

use wherefair_core::{ParamError, Sites};

use crate::{AuditError, Score};

/// Truth and prediction of some samples.
///
/// # Shapes
/// All slices are `(n_samples,)`, as the sites of the same batch.
#[derive(Debug, Clone, Copy)]
pub enum Outcomes<'a, V = f64> {
    /// Class labels, numbered from 0.
    Classes {
        /// The true classes.
        truth: &'a [u32],
        /// The predicted classes.
        pred: &'a [u32],
        /// The classes that the base model predicts, where there is one.
        base: Option<&'a [u32]>,
    },
    /// Real values.
    Values {
        /// The true values.
        truth: &'a [V],
        /// The predicted values.
        pred: &'a [V],
        /// The values that the base model predicts, where there is one.
        base: Option<&'a [V]>,
    },
}

impl<V> Outcomes<'_, V> {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Classes { .. } => "class labels",
            Self::Values { .. } => "real values",
        }
    }

    /// Checks that these are the outcomes that `score` judges, with those of a base model where they are needed.
    pub(crate) fn check_kind(&self, score: Score, with_base: bool) -> Result<(), AuditError> {
        let (is_of_classes, needed, base) = match self {
            Self::Classes { base, .. } => (true, "real values", base.is_some()),
            Self::Values { base, .. } => (false, "class labels", base.is_some()),
        };
        if is_of_classes != score.error_kind().is_none() {
            return Err(AuditError::WrongOutcome {
                score: score.name(),
                needed,
                given: self.kind(),
            });
        }
        if with_base && !base {
            return Err(AuditError::NoBaseModel);
        }
        Ok(())
    }

    /// Checks that all columns have the shape of the sites.
    pub(crate) fn check_shape(&self, expected: usize) -> Result<(), AuditError> {
        for (column, given) in self.lengths() {
            check_column(column, given.unwrap_or(expected), expected)?;
        }
        Ok(())
    }

    pub(crate) fn n_samples(&self) -> usize {
        match self {
            Self::Classes { truth, .. } => truth.len(),
            Self::Values { truth, .. } => truth.len(),
        }
    }

    /// Those of the samples in `range`.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        match *self {
            Self::Classes { truth, pred, base } => Self::Classes {
                truth: &truth[range.clone()],
                pred: &pred[range.clone()],
                base: base.map(|base| &base[range]),
            },
            Self::Values { truth, pred, base } => Self::Values {
                truth: &truth[range.clone()],
                pred: &pred[range.clone()],
                base: base.map(|base| &base[range]),
            },
        }
    }

    /// The base model's predictions instead of those that are audited, where there are any.
    pub(crate) fn of_base(&self) -> Option<Self> {
        Some(match *self {
            Self::Classes { truth, base, .. } => Self::Classes {
                truth,
                pred: base?,
                base: None,
            },
            Self::Values { truth, base, .. } => Self::Values {
                truth,
                pred: base?,
                base: None,
            },
        })
    }

    fn lengths(&self) -> [(&'static str, Option<usize>); 3] {
        match self {
            Self::Classes { truth, pred, base } => [
                ("truth", Some(truth.len())),
                ("pred", Some(pred.len())),
                ("base", base.map(<[u32]>::len)),
            ],
            Self::Values { truth, pred, base } => [
                ("truth", Some(truth.len())),
                ("pred", Some(pred.len())),
                ("base", base.map(<[V]>::len)),
            ],
        }
    }
}

/// Checks that a column has the shape of the sites.
pub(crate) fn check_column(column: &'static str, given: usize, expected: usize) -> Result<(), AuditError> {
    if given == expected {
        return Ok(());
    }
    Err(AuditError::Shape {
        column,
        given,
        expected,
    })
}

/// Samples that were read together.
#[derive(Debug, Clone, Copy)]
pub struct SampleBatch<'a> {
    /// The number of the first sample among all samples of the source, from 0.
    pub first_sample: u64,
    /// Where the samples are.
    pub sites: Sites<'a>,
    /// Their truth and prediction.
    pub outcomes: Outcomes<'a>,
}

impl SampleBatch<'_> {
    /// Checks that all columns have the shape of the sites.
    ///
    /// # Errors
    /// [`AuditError::Shape`] for the first column that does not.
    pub fn check(&self) -> Result<(), AuditError> {
        self.outcomes.check_shape(self.sites.len())
    }
}

/// What a source calls with each batch.
pub type Visit<'v> = dyn FnMut(&SampleBatch<'_>) -> Result<(), AuditError> + 'v;

/// Samples that can be read more than once, in the same order each time.
///
/// The audit reads them once for the tallies and, where confidence intervals are asked for, once more for the
/// worst places; it never needs all of them at once.
pub trait SampleSource {
    /// Calls `visit` with every batch, in order, and stops at its first error.
    ///
    /// # Errors
    /// The source's own errors as [`AuditError::Source`], and whatever `visit` returns.
    fn for_each(&mut self, visit: &mut Visit<'_>) -> Result<(), AuditError>;

    /// All samples as one batch where they are in memory anyway; this allows exact row-level permutations.
    fn in_memory(&self) -> Option<SampleBatch<'_>> {
        None
    }

    /// The number of classes, where the outcomes are classes.
    fn n_classes(&self) -> usize;
}

/// Samples held in memory by the caller.
#[derive(Debug, Clone, Copy)]
pub struct InMemory<'a> {
    batch: SampleBatch<'a>,
    n_classes: usize,
}

impl<'a> InMemory<'a> {
    /// The samples at `sites` with the given `outcomes`.
    ///
    /// # Errors
    /// [`AuditError::Shape`] when the columns differ in length, [`AuditError::Param`] when a real value is not
    /// finite.
    pub fn new(sites: Sites<'a>, outcomes: Outcomes<'a>) -> Result<Self, AuditError> {
        let batch = SampleBatch {
            first_sample: 0,
            sites,
            outcomes,
        };
        batch.check()?;
        let n_classes = match outcomes {
            Outcomes::Classes { truth, pred, base } => [Some(truth), Some(pred), base]
                .into_iter()
                .flatten()
                .flatten()
                .max()
                .map_or(0, |&label| label as usize + 1),
            Outcomes::Values { truth, pred, base } => {
                for (name, column) in [("truth", Some(truth)), ("pred", Some(pred)), ("base", base)] {
                    let bad = column.and_then(|column| {
                        let i = column.iter().position(|value| !value.is_finite())?;
                        Some((i, column[i]))
                    });
                    if let Some((i, value)) = bad {
                        return Err(ParamError::new(
                            format!("{name} of sample {i}"),
                            value,
                            "a finite number",
                        )
                        .into());
                    }
                }
                0
            }
        };
        Ok(Self { batch, n_classes })
    }
}

impl SampleSource for InMemory<'_> {
    fn for_each(&mut self, visit: &mut Visit<'_>) -> Result<(), AuditError> {
        visit(&self.batch)
    }

    fn in_memory(&self) -> Option<SampleBatch<'_>> {
        Some(self.batch)
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }
}
