//! Samples whose lattice cells are known, as they are in a training.

use wherefair_core::ParamError;
use wherefair_metrics::ValueScore;

use crate::cell_tallies::{Batch, CellTallies, Cells, Part, Plan};
use crate::source::check_column;
use crate::{AuditError, Outcomes, Score};

/// Samples whose lattice cells are known: what a training asks of its model epoch by epoch.
///
/// Predictions may be of any type that becomes an `f64`. Those of a base model are not looked at.
///
/// # Shapes
/// All columns are `(n_samples,)`.
///
/// # Examples
/// ```
/// use wherefair_audit::{LocatedSamples, Outcomes, ReferenceRule, Refinement, Score};
/// use wherefair_core::{Extent, Sites};
/// use wherefair_metrics::{ClassScore, Distance};
/// use wherefair_partition::{Lattice, PartitioningDistribution};
///
/// let halves = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 2)?;
/// let mut lattice = Lattice::new(halves.candidates())?;
/// let mut cells = [0; 4];
/// lattice.locate_into(Sites::new(&[0.1, 0.2, 0.8, 0.9], &[0.5; 4])?, &mut cells)?;
/// let refinement = Refinement::new(&lattice, halves.candidates(), &[2, 2]);
///
/// let outcomes: Outcomes<'_, f32> = Outcomes::Classes { truth: &[1; 4], pred: &[1, 1, 0, 1], base: None };
/// let samples = LocatedSamples {
///     cells: &cells,
///     n_cells: lattice.n_cells(),
///     rows: &[0, 1, 2, 3],
///     outcomes,
///     n_classes: 2,
/// };
/// let scores = refinement.scores(&samples.tally(Score::Class(ClassScore::Accuracy))?, 1)?;
/// assert_eq!(scores.of(0), [Some(1.0), Some(0.5)]);
/// let measured = scores.measured(ReferenceRule::PartitionMean, Distance::Absolute, None)?;
/// assert_eq!((measured.quality, measured.deviation_mean), (Some(0.75), 0.25));
/// # Ok::<(), wherefair_audit::AuditError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct LocatedSamples<'a, V = f64> {
    /// The lattice cell of each sample, `Lattice::OUTSIDE` where it has none.
    pub cells: &'a [u32],
    /// The number of cells of the lattice.
    pub n_cells: usize,
    /// The row of each sample in the input, from 0, for messages.
    pub rows: &'a [usize],
    /// Truth and prediction of each sample.
    pub outcomes: Outcomes<'a, V>,
    /// The number of classes, where the outcomes are classes.
    pub n_classes: usize,
}

/// The tallies of all lattice cells under one score, made by [`LocatedSamples::tally`].
#[derive(Debug, Clone)]
pub struct LatticeTallies {
    pub(crate) cells: CellTallies,
    pub(crate) score: Score,
    pub(crate) n_classes: usize,
}

impl<V: Into<f64> + Copy + Sync> LocatedSamples<'_, V> {
    /// Tallies the samples of each cell in one pass, in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`AuditError::Param`] for a score that sums do not give (see [`Score::check_sums`]), [`AuditError::WrongOutcome`]
    /// for classes where it judges values or the reverse, [`AuditError::Shape`] where columns differ in length, and with
    /// the row at fault [`AuditError::Metric`] for a class or cell out of range and [`AuditError::UndefinedError`] where
    /// an error is not finite.
    pub fn tally(&self, score: Score) -> Result<LatticeTallies, AuditError> {
        score.check_sums()?;
        self.outcomes.check_kind(score, false)?;
        self.outcomes.check_shape(self.cells.len())?;
        check_column("rows", self.rows.len(), self.cells.len())?;
        let plan = Plan {
            score,
            n_classes: self.n_classes,
            with_base: false,
            with_pairs: false,
            shift: match self.outcomes {
                Outcomes::Values { truth, .. } => truth.first().map_or(0.0, |&truth| truth.into()),
                Outcomes::Classes { .. } => 0.0,
            },
            sketch: false,
        };
        let batch = Batch {
            outcomes: self.outcomes,
            cells: Cells::Known(self.cells),
            row: &|i| self.rows[i] as u64,
        };
        let mut part = Part::new(self.n_cells, &plan)?;
        part.add(&batch, self.n_cells, &plan, &|_| {})?;
        Ok(LatticeTallies {
            cells: part.cells,
            score,
            n_classes: self.n_classes,
        })
    }
}

impl LatticeTallies {
    /// The number of samples in each cell, `(n_cells,)`.
    pub fn n_samples(&self) -> Vec<u64> {
        self.cells.n_samples()
    }

    /// The score that they are made for.
    pub fn score(&self) -> Score {
        self.score
    }
}

impl Score {
    /// Checks that sums over cells give this score, as they do all but medians.
    ///
    /// # Errors
    /// [`ParamError`] for a median.
    pub fn check_sums(&self) -> Result<(), ParamError> {
        let Self::MedianAbsolute { .. } = self else {
            return Ok(());
        };
        let example = ValueScore::MeanAbsolute.name();
        let accepted = format!("a score that sums of errors give, such as the {example}");
        Err(ParamError::new("score", self.name(), accepted))
    }
}
