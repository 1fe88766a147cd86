//! How much training on one partitioning makes another one fairer.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use crate::symmetric::Symmetric;
use crate::{Distances, SimilarityError};

/// The similarity of partitionings as training shows it: entry (i, j) is the share by which the unfairness of
/// partitioning j fell when partitioning i was trained, averaged over all times that was measured.
///
/// # Formula
/// `Mat_adj`\[i, j\] = mean of (`M_fair`(F before, Pⱼ) − `M_fair`(F after, Pⱼ)) / `M_fair`(F before, Pⱼ) (Eq. 6).
///
/// An entry that was never measured is `None`. A measurement is skipped for partitionings whose unfairness is not known
/// before or after, and for those that were perfectly fair before, of which no share can be taken.
///
/// # Examples
/// ```
/// use wherefair_similarity::TrainingSimilarity;
///
/// let mut similarity = TrainingSimilarity::new(2);
/// similarity.record(0, &[Some(0.5), Some(0.5)], &[Some(0.25), Some(0.625)])?;
/// assert_eq!((similarity.get(0, 0), similarity.get(1, 0)), (Some(0.5), None));
/// similarity.record(0, &[Some(0.25), Some(0.5)], &[Some(0.25), Some(0.25)])?;
/// assert_eq!((similarity.get(0, 0), similarity.get(0, 1)), (Some(0.25), Some(0.125)));
/// # Ok::<(), wherefair_similarity::SimilarityError>(())
/// ```
///
/// # References
/// SPAD-SIM, journal version of Xie et al. (2022), Eq. 6 and "Training process".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Measurements")]
pub struct TrainingSimilarity {
    n: usize,
    sums: Vec<f64>,
    counts: Vec<u32>,
}

/// A [`TrainingSimilarity`] as it is read, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measurements {
    n: usize,
    /// `(n, n)`
    sums: Vec<f64>,
    /// `(n, n)`
    counts: Vec<u32>,
}

impl TryFrom<Measurements> for TrainingSimilarity {
    type Error = SimilarityError;

    fn try_from(written: Measurements) -> Result<Self, SimilarityError> {
        let Measurements { n, sums, counts } = written;
        for (name, given) in [("sums", sums.len()), ("counts", counts.len())] {
            if n.checked_mul(n) != Some(given) {
                return Err(SimilarityError::Shape {
                    name,
                    given,
                    like: "the pairs of partitionings",
                    expected: n.saturating_mul(n),
                });
            }
        }
        if let Some(at) = sums.iter().position(|sum| !sum.is_finite()) {
            return Err(SimilarityError::Entry {
                what: "sums",
                row: at / n,
                column: at % n,
                value: sums[at],
                accepted: "a finite number",
            });
        }
        Ok(Self { n, sums, counts })
    }
}

impl TrainingSimilarity {
    /// The similarity of `n` partitionings of which nothing is known.
    pub fn new(n: usize) -> Self {
        Self {
            n,
            sums: vec![0.0; n * n],
            counts: vec![0; n * n],
        }
    }

    /// The number of partitionings.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are no partitionings.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Adds what one training of partitioning `trained` did to the unfairness of all of them.
    ///
    /// # Shapes
    /// `before` and `after` are `(n_partitionings,)`.
    ///
    /// # Errors
    /// [`SimilarityError::Param`] where there is no such partitioning or an unfairness is negative or not finite,
    /// [`SimilarityError::Shape`] for another number of partitionings. Nothing is then recorded.
    pub fn record(
        &mut self,
        trained: usize,
        before: &[Option<f64>],
        after: &[Option<f64>],
    ) -> Result<(), SimilarityError> {
        if trained >= self.n {
            let accepted = format!("less than {}, the number of partitionings", self.n);
            return Err(ParamError::new("partitioning", trained, accepted).into());
        }
        for (name, given) in [("before", before), ("after", after)] {
            if given.len() != self.n {
                return Err(SimilarityError::Shape {
                    name,
                    given: given.len(),
                    like: "the partitionings",
                    expected: self.n,
                });
            }
            let is_bad = |value: &f64| !(0.0..f64::INFINITY).contains(value);
            if let Some(value) = given.iter().copied().flatten().find(is_bad) {
                let name = format!("unfairness {name} training partitioning {trained}");
                return Err(ParamError::new(name, value, "finite numbers of at least 0").into());
            }
        }
        let start = trained * self.n;
        for (j, (before, after)) in before.iter().zip(after).enumerate() {
            if let (Some(before), Some(after)) = (*before, *after)
                && before > 0.0
            {
                let ratio = (before - after) / before;
                // A share of next to nothing may overflow.
                if ratio.is_finite() {
                    self.sums[start + j] += ratio;
                    self.counts[start + j] += 1;
                }
            }
        }
        Ok(())
    }

    /// Entry (i, j): by what share the unfairness of j fell when i was trained; `None` where that was never measured.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn get(&self, i: usize, j: usize) -> Option<f64> {
        let entry = i * self.n + j;
        let count = self.counts[entry];
        (count > 0).then(|| self.sums[entry] / f64::from(count))
    }

    /// How often entry (i, j) was measured.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn n_measured(&self, i: usize, j: usize) -> u32 {
        self.counts[i * self.n + j]
    }

    /// What two partitionings do for each other: see [`MutualSimilarity`].
    pub fn mutual(&self) -> MutualSimilarity {
        let half = |i, j| self.get(i, j).unwrap_or(0.0).max(0.0);
        let mutual = Symmetric::from_fn(self.n, 1.0, |i, j| harmonic_mean(half(i, j), half(j, i)));
        MutualSimilarity(mutual)
    }
}

/// 2ab / (a + b), and 0 where either is.
fn harmonic_mean(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 {
        2.0 * (a / (a + b)) * b
    } else {
        0.0
    }
}

/// The similarity of partitionings in both directions, symmetric and at least 0.
///
/// # Formula
/// Negative and unknown entries of `Mat_adj` count as 0; sᵢⱼ is the harmonic mean of entries (i, j) and (j, i), 0 where
/// either is 0. The diagonal is not looked at.
///
/// # References
/// SPAD-SIM, journal version of Xie et al. (2022), "Similarity estimation", steps (i) and (ii).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")]
pub struct MutualSimilarity(Symmetric);

impl TryFrom<Vec<Vec<f64>>> for MutualSimilarity {
    type Error = SimilarityError;

    fn try_from(rows: Vec<Vec<f64>>) -> Result<Self, SimilarityError> {
        Self::from_rows(&rows)
    }
}

impl From<MutualSimilarity> for Vec<Vec<f64>> {
    fn from(similarity: MutualSimilarity) -> Self {
        similarity.0.to_rows()
    }
}

impl MutualSimilarity {
    /// Similarities from elsewhere; the diagonal is ignored.
    ///
    /// # Shapes
    /// `rows` are `(n_partitionings, n_partitionings)`.
    ///
    /// # Errors
    /// [`SimilarityError::NotSquare`], [`SimilarityError::Entry`] for one that is negative, NaN or infinite,
    /// [`SimilarityError::Asymmetric`].
    pub fn from_rows(rows: &[Vec<f64>]) -> Result<Self, SimilarityError> {
        Symmetric::checked("similarities", rows, 1.0).map(Self)
    }

    /// The number of partitionings.
    pub fn len(&self) -> usize {
        self.0.n()
    }

    /// Whether there are no partitionings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// sᵢⱼ; 1 for i = j.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.0.get(i, j)
    }

    /// Whether no two of them are similar.
    pub fn is_zero(&self) -> bool {
        let n = self.len();
        (0..n).all(|i| (i + 1..n).all(|j| self.get(i, j) <= 0.0))
    }

    /// 1 / (1 + sᵢⱼ), and 0 for i = j.
    pub fn distances(&self) -> Distances {
        let distance = |i, j| 1.0 / (1.0 + self.get(i, j));
        Distances(Symmetric::from_fn(self.len(), 0.0, distance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmonic_means_vanish_with_either_number() {
        assert_eq!(harmonic_mean(0.0, 0.5).to_bits(), 0.0_f64.to_bits());
        assert!((harmonic_mean(0.25, 0.5) - 1.0 / 3.0).abs() < 1e-15);
        assert!((harmonic_mean(0.3, 0.3) - 0.3).abs() < 1e-15);
    }
}
