//! Where the audit's samples come from.

use wherefair_core::{ParamError, Sites};

use crate::AuditError;

/// Truth and prediction of some samples.
///
/// # Shapes
/// All slices are `(n_samples,)`, as the sites of the same batch.
#[derive(Debug, Clone, Copy)]
pub enum Outcomes<'a> {
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
        truth: &'a [f64],
        /// The predicted values.
        pred: &'a [f64],
        /// The values that the base model predicts, where there is one.
        base: Option<&'a [f64]>,
    },
}

impl Outcomes<'_> {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Classes { .. } => "class labels",
            Self::Values { .. } => "real values",
        }
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
                ("base", base.map(<[f64]>::len)),
            ],
        }
    }
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
        let expected = self.sites.len();
        for (column, given) in self.outcomes.lengths() {
            if let Some(given) = given.filter(|&given| given != expected) {
                return Err(AuditError::Shape {
                    column,
                    given,
                    expected,
                });
            }
        }
        Ok(())
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
