//! Distances between partitionings, and how their shapes enlarge them.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wherefair_partition::{Partitioning, mutual_information};

use crate::SimilarityError;
use crate::symmetric::Symmetric;

/// Mutual information below this counts as this, so that partitionings of different places are very far from each other
/// and not infinitely.
const LEAST_INFORMATION: f64 = 1e-6;

/// Mutual information is rounded to multiples of this, 2⁻³⁰: what is equal by geometry is then equal in numbers wherever
/// the partitionings lie, and what no rounding of coordinates should decide is decided by none.
const INFORMATION_STEP: f64 = 1.0 / (1_u64 << 30) as f64;

/// Distances between partitionings: symmetric, finite, at least 0, and 0 from each to itself.
///
/// # Examples
/// ```
/// use wherefair_similarity::Distances;
///
/// let distances = Distances::from_rows(&[vec![0.0, 0.5], vec![0.5, 0.0]])?;
/// assert_eq!(distances.get(0, 1), 0.5);
/// let error = Distances::from_rows(&[vec![0.0, f64::NAN], vec![0.5, 0.0]]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "entry (0, 1) of the distances is NaN (accepted: a finite number of at least 0)"
/// );
/// # Ok::<(), wherefair_similarity::SimilarityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")]
pub struct Distances(pub(crate) Symmetric);

impl TryFrom<Vec<Vec<f64>>> for Distances {
    type Error = SimilarityError;

    fn try_from(rows: Vec<Vec<f64>>) -> Result<Self, SimilarityError> {
        Self::from_rows(&rows)
    }
}

impl From<Distances> for Vec<Vec<f64>> {
    fn from(distances: Distances) -> Self {
        distances.0.to_rows()
    }
}

impl Distances {
    /// Distances from elsewhere; the diagonal is ignored and counts as 0.
    ///
    /// # Shapes
    /// `rows` are `(n, n)`.
    ///
    /// # Errors
    /// [`SimilarityError::NotSquare`], [`SimilarityError::Entry`] for one that is negative, NaN or infinite,
    /// [`SimilarityError::Asymmetric`].
    pub fn from_rows(rows: &[Vec<f64>]) -> Result<Self, SimilarityError> {
        Symmetric::checked("distances", rows, 0.0).map(Self)
    }

    /// The number of partitionings.
    pub fn len(&self) -> usize {
        self.0.n()
    }

    /// Whether there are no partitionings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The distance between i and j.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.0.get(i, j)
    }

    /// The same distances, enlarged where the shapes differ.
    ///
    /// # Errors
    /// [`SimilarityError::Shape`] where the information is of another number of partitionings.
    pub fn rescaled(
        &self,
        information: &SpatialInformation,
        rule: Rescaling,
    ) -> Result<Self, SimilarityError> {
        if information.len() != self.len() {
            return Err(SimilarityError::Shape {
                name: "the mutual information",
                given: information.len(),
                like: "the distances",
                expected: self.len(),
            });
        }
        let rescaled = |i, j| rule.apply(self.get(i, j), information.get(i, j));
        Ok(Self(Symmetric::from_fn(self.len(), 0.0, rescaled)))
    }
}

/// How the mutual information of two partitionings (Eq. 7) rescales their distance.
///
/// The paper's formula is lost in its text, which says that the distance is *enlarged* where the patterns differ: all
/// variants do that, and `dist · (1 − MI)`, which would shrink it, is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rescaling {
    /// dist / MI. The default: the shortest formula that does what the text says. MI below 10⁻⁶ counts as 10⁻⁶.
    #[default]
    DividedByInformation,
    /// dist · (2 − MI): at most doubled.
    TwoMinusInformation,
    /// dist · exp(1 − MI): at most e-fold.
    ExponentialOfInformation,
    /// dist: shapes are not looked at. For partitionings without areas, such as groups of samples.
    None,
}

impl Rescaling {
    fn apply(self, distance: f64, information: f64) -> f64 {
        match self {
            Self::DividedByInformation => distance / information.max(LEAST_INFORMATION),
            Self::TwoMinusInformation => distance * (2.0 - information),
            Self::ExponentialOfInformation => distance * (1.0 - information).exp(),
            Self::None => distance,
        }
    }
}

/// The mutual information of all pairs of partitionings by the areas that their partitions share (Eq. 7).
///
/// # Examples
/// ```
/// use wherefair_core::Extent;
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_similarity::SpatialInformation;
///
/// let grids = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 4)?;
/// let information = SpatialInformation::of(grids.candidates())?;
/// // 1×2 and 1×4.
/// assert_eq!(information.get(0, 2), 0.75);
/// # Ok::<(), wherefair_similarity::SimilarityError>(())
/// ```
///
/// # References
/// SPAD-SIM, journal version of Xie et al. (2022), Eq. 7.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpatialInformation(Symmetric);

impl SpatialInformation {
    /// Measures all pairs, see [`mutual_information`]; in parallel, with the same bits for any number of threads. Rounded to
    /// multiples of 2⁻³⁰ ≈ 10⁻⁹, so that clusters do not depend on where the coordinates begin and how they are scaled.
    ///
    /// # Errors
    /// [`SimilarityError::Partition`] where a partitioning has no areas.
    pub fn of(candidates: &[Arc<dyn Partitioning>]) -> Result<Self, SimilarityError> {
        let n = candidates.len();
        let above_diagonal: Vec<Vec<f64>> = (0..n)
            .into_par_iter()
            .map(|i| {
                let with = |other: &Arc<dyn Partitioning>| mutual_information(&*candidates[i], &**other);
                candidates[i + 1..].iter().map(with).collect()
            })
            .collect::<Result<_, _>>()?;
        let entry = |i: usize, j: usize| {
            let information: f64 = above_diagonal[i][j - i - 1];
            (information / INFORMATION_STEP).round() * INFORMATION_STEP
        };
        Ok(Self(Symmetric::from_fn(n, 1.0, entry)))
    }

    /// The number of partitionings.
    pub fn len(&self) -> usize {
        self.0.n()
    }

    /// Whether there are no partitionings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// MI(Pᵢ, Pⱼ); 1 for i = j.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.0.get(i, j)
    }
}
