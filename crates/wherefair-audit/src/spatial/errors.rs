//! The error of every sample.

use wherefair_core::{Point, Sites};
use wherefair_metrics::{ClassScore, ErrorKind, ValueScore};
use wherefair_stats::{SpatialWeights, StatsError};

use crate::cell_tallies::checked_error;
use crate::{AuditError, InMemory, Outcomes, SampleSource, Score};

/// How the error of a sample is made for a score.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Measure {
    Wrong,
    Signed(ErrorKind),
    Absolute(ErrorKind),
    Squared(ErrorKind),
}

impl Measure {
    /// The error whose mean comes nearest to `score`, and whether its mean tells the same as the score.
    fn of(score: Score) -> (Self, bool) {
        match score {
            Score::Class(score) => (Self::Wrong, score == ClassScore::Accuracy),
            Score::MedianAbsolute { error } => (Self::Absolute(error), false),
            Score::Value { error, score } => match score {
                ValueScore::MeanAbsolute => (Self::Absolute(error), true),
                ValueScore::MeanSigned => (Self::Signed(error), true),
                _ => (Self::Squared(error), false),
            },
        }
    }

    fn name(self) -> String {
        let of = |kind: ErrorKind| match kind {
            ErrorKind::Difference => "error",
            other => other.name(),
        };
        match self {
            Self::Wrong => "wrong prediction (1) or right one (0)".to_owned(),
            Self::Signed(kind) => of(kind).to_owned(),
            Self::Absolute(kind) => format!("absolute {}", of(kind)),
            Self::Squared(kind) => format!("squared {}", of(kind)),
        }
    }
}

/// The errors of all samples and where they are, held in memory.
///
/// # Shapes
/// Every column is `(n_samples,)`.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleErrors {
    name: String,
    is_score: bool,
    x: Vec<f64>,
    y: Vec<f64>,
    time: Option<Vec<f64>>,
    group: Option<Vec<u32>>,
    errors: Vec<f64>,
    zeros: Vec<f64>,
}

/// Reads the error of every sample of `source`, as it suits `score`.
///
/// For classes 1 where the prediction is wrong and 0 where it is right; for values the absolute error (mean and
/// median absolute error), the error with its sign (mean error) or its square (root mean square error, R²).
///
/// # Errors
/// [`AuditError`] when the source fails, its outcomes do not suit `score`, or an error is undefined.
pub fn sample_errors(source: &mut dyn SampleSource, score: Score) -> Result<SampleErrors, AuditError> {
    let (measure, is_score) = Measure::of(score);
    let mut all = SampleErrors {
        name: measure.name(),
        is_score,
        x: Vec::new(),
        y: Vec::new(),
        time: None,
        group: None,
        errors: Vec::new(),
        zeros: Vec::new(),
    };
    source.for_each(&mut |batch| {
        batch.check()?;
        batch.outcomes.check_kind(score, false)?;
        all.x.extend_from_slice(batch.sites.x());
        all.y.extend_from_slice(batch.sites.y());
        if let Some(time) = batch.sites.time() {
            all.time.get_or_insert_default().extend_from_slice(time);
        }
        if let Some(group) = batch.sites.group() {
            all.group.get_or_insert_default().extend_from_slice(group);
        }
        let number = |i: usize| batch.first_sample + i as u64;
        match (measure, batch.outcomes) {
            (Measure::Wrong, Outcomes::Classes { truth, pred, .. }) => {
                all.errors.extend(
                    truth
                        .iter()
                        .zip(pred)
                        .map(|(truth, pred)| f64::from(u8::from(truth != pred))),
                );
            }
            (
                Measure::Signed(kind) | Measure::Absolute(kind) | Measure::Squared(kind),
                Outcomes::Values { truth, pred, .. },
            ) => {
                for (i, (&truth, &pred)) in truth.iter().zip(pred).enumerate() {
                    let error = checked_error(kind, truth, pred, || number(i))?;
                    all.errors.push(match measure {
                        Measure::Absolute(_) => error.abs(),
                        Measure::Squared(_) => error * error,
                        Measure::Signed(_) | Measure::Wrong => error,
                    });
                }
            }
            // The outcomes are those that the score judges.
            _ => {}
        }
        Ok(())
    })?;
    all.zeros = vec![0.0; all.errors.len()];
    Ok(all)
}

impl SampleErrors {
    /// What the error of a sample is, such as "absolute error".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether places compare by the mean of these errors as they do by the score itself; not so for F1, whose
    /// counts are no mean over samples, or for the root mean square.
    pub fn is_score(&self) -> bool {
        self.is_score
    }

    /// The errors.
    pub fn errors(&self) -> &[f64] {
        &self.errors
    }

    /// Where the samples are.
    pub fn points(&self) -> Vec<Point> {
        self.x
            .iter()
            .zip(&self.y)
            .map(|(&x, &y)| Point::new(x, y))
            .collect()
    }

    /// Whether `weights` have a site for every sample.
    pub(super) fn check_weights(&self, weights: &SpatialWeights) -> Result<(), AuditError> {
        if weights.n() == self.errors.len() {
            return Ok(());
        }
        Err(StatsError::Shape {
            name: "errors",
            given: self.errors.len(),
            expected: weights.n(),
        }
        .into())
    }

    pub(super) fn coordinates(&self) -> (&[f64], &[f64]) {
        (&self.x, &self.y)
    }

    /// The errors as samples with truth 0, whose mean error is audited.
    pub(super) fn source(&self) -> Result<InMemory<'_>, AuditError> {
        let mut sites = Sites::new(&self.x, &self.y)?;
        if let Some(time) = &self.time {
            sites = sites.with_time(time)?;
        }
        if let Some(group) = &self.group {
            sites = sites.with_group(group)?;
        }
        InMemory::new(
            sites,
            Outcomes::Values {
                truth: &self.zeros,
                pred: &self.errors,
                base: None,
            },
        )
    }
}
