//! Space as a distribution of partitionings.

use std::collections::HashSet;
use std::sync::Arc;

use wherefair_core::{Extent, ParamError, Seed};

use crate::{EqualGrid, PartitionError, Partitioning, UnequalGrid};

/// Most grids of one set of equal grids.
const MAX_EQUAL_GRIDS: usize = 65_536;

/// Candidate partitionings, each with its prior probability.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, Seed};
/// use wherefair_partition::PartitioningDistribution;
///
/// let extent = Extent::new(0.0, 0.0, 1.0, 1.0)?;
/// let grids = PartitioningDistribution::equal_grids(extent, 5, 5)?;
/// assert_eq!(grids.len(), 24);
/// assert_eq!(grids.candidates()[0].name(), "1x2");
/// assert_eq!(grids.shuffled(Seed::new(1)).len(), 24);
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
///
/// # References
/// Xie et al. (2022), Fairness by "where", AAAI-22, section "Space as a distribution of partitionings".
#[derive(Debug, Clone)]
pub struct PartitioningDistribution {
    candidates: Vec<Arc<dyn Partitioning>>,
    prior: Vec<f64>,
}

impl PartitioningDistribution {
    /// Candidates with weights that are proportional to their prior probabilities.
    ///
    /// # Errors
    /// [`PartitionError::Empty`] without candidates; [`PartitionError::DuplicateName`] when two have the same
    /// name; [`PartitionError::Param`] when a weight is negative or not finite, or all are 0.
    pub fn new(candidates: Vec<(Arc<dyn Partitioning>, f64)>) -> Result<Self, PartitionError> {
        let (candidates, weights): (Vec<_>, Vec<_>) = candidates.into_iter().unzip();
        if candidates.is_empty() {
            return Err(PartitionError::Empty {
                what: "candidate partitioning",
            });
        }
        let mut names = HashSet::new();
        for candidate in &candidates {
            let name = candidate.name();
            if names.contains(&name) {
                return Err(PartitionError::DuplicateName { name });
            }
            names.insert(name);
        }
        let prior = normalised(&weights, |i| {
            format!("weight of partitioning {:?}", candidates[i].name())
        })?;
        Ok(Self { candidates, prior })
    }

    /// All grids of up to `max_rows × max_columns` equal cells but the 1×1 one, equally likely, in the order
    /// 1x2, 1x3, …, 2x1, 2x2, ….
    ///
    /// # Errors
    /// [`PartitionError::Param`] when a maximum is 0, when both are 1, when their product exceeds 65,536, or
    /// when the extent cannot be divided so often.
    ///
    /// # References
    /// Xie et al. (2022), Fairness by "where", AAAI-22: s1 × s2 partitionings, of probability
    /// `1 / (max_rows · max_columns)` each; without the 1×1 one, which has nothing to compare.
    pub fn equal_grids(extent: Extent, max_rows: usize, max_columns: usize) -> Result<Self, PartitionError> {
        check_maxima(max_rows, max_columns)?;
        if max_rows.saturating_mul(max_columns) > MAX_EQUAL_GRIDS {
            let accepted = format!("at most {MAX_EQUAL_GRIDS} grids");
            return Err(ParamError::new("grids", format!("up to {max_rows}x{max_columns}"), accepted).into());
        }
        // The finest grids fail first where the extent cannot be divided, before the others are made.
        EqualGrid::new(extent, max_rows, 1)?;
        EqualGrid::new(extent, 1, max_columns)?;
        let mut candidates: Vec<(Arc<dyn Partitioning>, f64)> = Vec::new();
        for rows in 1..=max_rows {
            for columns in 1..=max_columns {
                if rows * columns > 1 {
                    candidates.push((Arc::new(EqualGrid::new(extent, rows, columns)?), 1.0));
                }
            }
        }
        Self::new(candidates)
    }

    /// `n` random grids of unequal cells, equally likely. Rows and columns are uniform up to the maxima, 1×1
    /// drawn anew; grid i is [`UnequalGrid::random`] number i of `seed`, whatever `n` is.
    ///
    /// # Errors
    /// [`PartitionError::Param`] when `n` or a maximum is 0, when both maxima are 1, or when the extent cannot be
    /// divided so often.
    pub fn random_unequal_grids(
        extent: Extent,
        n: usize,
        max_rows: usize,
        max_columns: usize,
        seed: Seed,
    ) -> Result<Self, PartitionError> {
        check_maxima(max_rows, max_columns)?;
        if n == 0 {
            return Err(ParamError::new("n", n, "a whole number of at least 1").into());
        }
        let mut candidates: Vec<(Arc<dyn Partitioning>, f64)> = Vec::new();
        for i in 0..n as u64 {
            let mut sizes = seed.indexed("random unequal grid sizes", i);
            let (rows, columns) = loop {
                let size = (1 + sizes.index(max_rows), 1 + sizes.index(max_columns));
                if size != (1, 1) {
                    break size;
                }
            };
            candidates.push((
                Arc::new(UnequalGrid::random(extent, rows, columns, seed, i)?),
                1.0,
            ));
        }
        Self::new(candidates)
    }

    /// Several distributions as one, each with a weight that is proportional to its probability.
    ///
    /// # Errors
    /// [`PartitionError::Empty`] without parts; [`PartitionError::DuplicateName`] when two parts have a candidate
    /// of the same name; [`PartitionError::Param`] when a weight is negative or not finite, or all are 0.
    pub fn mixture(parts: Vec<(Self, f64)>) -> Result<Self, PartitionError> {
        let (parts, weights): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        if parts.is_empty() {
            return Err(PartitionError::Empty { what: "distribution" });
        }
        let weights = normalised(&weights, |i| format!("weight of distribution {i}"))?;
        let candidates = parts.into_iter().zip(weights).flat_map(|(part, weight)| {
            let prior = part.prior.into_iter().map(move |p| p * weight);
            part.candidates.into_iter().zip(prior)
        });
        Self::new(candidates.collect())
    }

    /// The candidates, in order.
    pub fn candidates(&self) -> &[Arc<dyn Partitioning>] {
        &self.candidates
    }

    /// The prior probability of each candidate, of shape `(n_partitionings,)`; they sum to 1.
    pub fn prior(&self) -> &[f64] {
        &self.prior
    }

    /// The number of candidates, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a distribution is never empty")]
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Indices of `n` candidates drawn independently from the prior.
    ///
    /// # Shapes
    /// Returns `(n,)`.
    pub fn sample(&self, seed: Seed, n: usize) -> Vec<usize> {
        let mut stream = seed.stream("partitioning sample");
        let mut total = 0.0;
        let cumulative: Vec<f64> = self
            .prior
            .iter()
            .map(|p| {
                total += p;
                total
            })
            .collect();
        let last_possible = self.prior.iter().rposition(|p| *p > 0.0).unwrap_or(0);
        (0..n)
            .map(|_| {
                let u = stream.uniform() * total;
                cumulative.partition_point(|sum| *sum <= u).min(last_possible)
            })
            .collect()
    }

    /// Indices of all candidates of positive prior probability, each once, in uniformly random order.
    pub fn shuffled(&self, seed: Seed) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).filter(|&i| self.prior[i] > 0.0).collect();
        seed.stream("partitioning order").shuffle(&mut order);
        order
    }
}

fn check_maxima(max_rows: usize, max_columns: usize) -> Result<(), PartitionError> {
    for (name, max) in [("max rows", max_rows), ("max columns", max_columns)] {
        if max == 0 {
            return Err(ParamError::new(name, max, "a whole number of at least 1").into());
        }
    }
    if (max_rows, max_columns) == (1, 1) {
        return Err(ParamError::new("grids", "up to 1x1", "more than 1 row or more than 1 column").into());
    }
    Ok(())
}

/// The weights divided by their sum; scaled by the largest one first, so that the sum cannot overflow.
fn normalised(weights: &[f64], name: impl Fn(usize) -> String) -> Result<Vec<f64>, PartitionError> {
    if let Some(i) = weights.iter().position(|w| !(0.0..f64::INFINITY).contains(w)) {
        return Err(ParamError::new(name(i), weights[i], "a finite number of at least 0").into());
    }
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest <= 0.0 {
        return Err(ParamError::new("sum of weights", 0, "a positive sum").into());
    }
    let sum: f64 = weights.iter().map(|w| w / largest).sum();
    Ok(weights.iter().map(|w| w / largest / sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normalised priors sum to 1 within rounding.
    const PRIOR_TOLERANCE: f64 = 1e-12;

    fn unit() -> Extent {
        Extent::new(0.0, 0.0, 1.0, 1.0).unwrap()
    }

    fn grid(rows: usize, columns: usize) -> Arc<dyn Partitioning> {
        Arc::new(EqualGrid::new(unit(), rows, columns).unwrap())
    }

    #[test]
    fn sets_of_equal_grids_have_the_published_sizes() {
        for (max, n) in [(4, 15), (5, 24), (6, 35), (8, 63), (10, 99), (12, 143)] {
            let grids = PartitioningDistribution::equal_grids(unit(), max, max).unwrap();
            assert_eq!(grids.len(), n);
            assert!(
                grids
                    .prior()
                    .iter()
                    .all(|p| (p * n as f64 - 1.0).abs() < PRIOR_TOLERANCE)
            );
        }
        let names: Vec<_> = PartitioningDistribution::equal_grids(unit(), 2, 3)
            .unwrap()
            .candidates()
            .iter()
            .map(|candidate| candidate.name())
            .collect();
        assert_eq!(names, ["1x2", "1x3", "2x1", "2x2", "2x3"]);
    }

    #[test]
    fn sets_with_nothing_to_compare_are_rejected() {
        for (rows, columns) in [(1, 1), (0, 3), (3, 0), (usize::MAX, 2)] {
            assert!(PartitioningDistribution::equal_grids(unit(), rows, columns).is_err());
        }
        let random = |n, rows, columns| {
            PartitioningDistribution::random_unequal_grids(unit(), n, rows, columns, Seed::new(1))
        };
        assert!(random(0, 2, 2).is_err());
        assert!(random(1, 1, 1).is_err());
        assert_eq!(random(50, 1, 2).unwrap().len(), 50);
        let flat = Extent::new(0.0, 0.0, 1.0, 0.0).unwrap();
        assert!(PartitioningDistribution::equal_grids(flat, 2, 2).is_err());
        assert_eq!(
            PartitioningDistribution::equal_grids(flat, 1, 5).unwrap().len(),
            4
        );
    }

    #[test]
    fn weights_outside_their_domain_are_rejected() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            let error =
                PartitioningDistribution::new(vec![(grid(1, 2), 1.0), (grid(2, 1), bad)]).unwrap_err();
            assert!(
                error.to_string().contains("weight of partitioning \"2x1\""),
                "{error}"
            );
        }
        assert!(PartitioningDistribution::new(vec![(grid(1, 2), 0.0)]).is_err());
        assert!(PartitioningDistribution::new(vec![]).is_err());
        let huge =
            PartitioningDistribution::new(vec![(grid(1, 2), f64::MAX), (grid(2, 1), f64::MAX)]).unwrap();
        assert!(huge.prior().iter().all(|p| (p - 0.5).abs() < PRIOR_TOLERANCE));
    }

    #[test]
    fn candidates_of_one_name_are_rejected() {
        let error = PartitioningDistribution::new(vec![(grid(1, 2), 1.0), (grid(1, 2), 1.0)]).unwrap_err();
        assert_eq!(error, PartitionError::DuplicateName { name: "1x2".into() });
    }

    #[test]
    fn a_mixture_weighs_its_parts() {
        let equal = PartitioningDistribution::equal_grids(unit(), 2, 2).unwrap();
        let random = PartitioningDistribution::random_unequal_grids(unit(), 2, 3, 3, Seed::new(4)).unwrap();
        let mixture = PartitioningDistribution::mixture(vec![(equal.clone(), 3.0), (random, 1.0)]).unwrap();
        let expected = [0.25, 0.25, 0.25, 0.125, 0.125];
        assert_eq!(mixture.len(), 5);
        for (p, expected) in mixture.prior().iter().zip(expected) {
            assert!((p - expected).abs() < PRIOR_TOLERANCE);
        }
        assert!(PartitioningDistribution::mixture(vec![(equal.clone(), 1.0), (equal, 1.0)]).is_err());
        assert!(PartitioningDistribution::mixture(vec![]).is_err());
    }

    #[test]
    fn samples_follow_the_prior() {
        let candidates = vec![
            (grid(1, 2), 1.0),
            (grid(2, 1), 0.0),
            (grid(2, 2), 3.0),
            (grid(3, 3), 0.0),
        ];
        let distribution = PartitioningDistribution::new(candidates).unwrap();
        let n = 40_000;
        let mut counts = [0_u32; 4];
        for i in distribution.sample(Seed::new(9), n) {
            counts[i] += 1;
        }
        assert_eq!((counts[1], counts[3]), (0, 0));
        let five_sigma = 5.0 * (n as f64 * 0.25 * 0.75).sqrt();
        assert!((f64::from(counts[0]) - 0.25 * n as f64).abs() < five_sigma);
        let mut order = distribution.shuffled(Seed::new(9));
        order.sort_unstable();
        assert_eq!(order, [0, 2]);
    }

    #[test]
    fn orders_and_samples_depend_on_the_seed_alone() {
        let grids = PartitioningDistribution::equal_grids(unit(), 5, 5).unwrap();
        assert_eq!(grids.shuffled(Seed::new(1)), grids.shuffled(Seed::new(1)));
        assert_ne!(grids.shuffled(Seed::new(1)), grids.shuffled(Seed::new(2)));
        let long = grids.sample(Seed::new(1), 30);
        assert_eq!(grids.sample(Seed::new(1), 10), long[..10]);
    }
}
