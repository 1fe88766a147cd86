//! Join counts: how often neighbours are of which categories.

use serde::{Deserialize, Serialize};

use super::asymptotic::{AsymptoticResult, Moments};
use super::pair_sums::PairSums;
use super::variable::{Categories, weight_sum};
use crate::{Alternative, Null, SpatialWeights, StatsError, WeightMoments};

/// How the labels under the null come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Each unit draws its category on its own, with the shares at hand (sampling with replacement).
    Free,
    /// The labels at hand are put into random order (sampling without replacement).
    NonFree,
}

/// Which joins are counted; categories are named by their labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// Both ends in one category.
    Same {
        /// That category.
        category: u32,
    },
    /// One end in each of two categories.
    Between {
        /// The one with the smaller label.
        first: u32,
        /// The other one.
        second: u32,
    },
    /// The ends in different categories, whichever.
    Different,
}

/// One count and its test.
///
/// A count that cannot vary, such as that of a category with one unit, has no test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JoinCount {
    /// Which joins are counted.
    pub kind: JoinKind,
    /// Half the sum of the weights of these joins: for binary symmetric weights, their number.
    pub count: f64,
    /// The count against its expectation and variance.
    pub test: Option<AsymptoticResult>,
}

/// All join counts of a variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JoinCountResult {
    /// Joins within each category in ascending order of labels, then between each two of them, then different
    /// ones.
    pub counts: Vec<JoinCount>,
    /// How the labels under the null come about.
    pub sampling: Sampling,
}

impl JoinCountResult {
    /// The count of `kind`.
    pub fn get(&self, kind: JoinKind) -> Option<&JoinCount> {
        self.counts.iter().find(|count| count.kind == kind)
    }
}

/// Counts and tests the joins within and between categories.
///
/// Two categories give the classical BB, WW and BW (`Same`, `Same`, `Between`, which then equals `Different`).
/// Same-category joins above expectation and different-category joins below it speak for positive
/// autocorrelation. The p-values are not adjusted for their number.
///
/// # Formula
/// ```text
/// J = ½ Σ_ij w_ij a_ij,   a_ij = 1 where units i and j are of the categories counted
/// NonFree:  moments over all n! orders of the labels, exact
/// Free:     E[J] = ½ S0 μ,   Var[J] = ¼ (v S1 + c (S2 − 2 S1)),   μ and v the mean and variance of a_ij,
///           c the covariance of a_ij and a_ik, from the shares of the categories
/// ```
///
/// # Errors
/// As [`lee_ogburn_phi`](crate::lee_ogburn_phi).
///
/// # Examples
/// ```
/// use wherefair_stats::{Alternative, Contiguity, JoinKind, Sampling, SpatialWeights, join_counts};
///
/// let w = SpatialWeights::from_raster(2, 4, None, Contiguity::Rook)?;
/// let result = join_counts(&w, &[1, 1, 0, 0, 1, 1, 0, 0], Sampling::NonFree, Alternative::Greater)?;
/// let both_one = result.get(JoinKind::Same { category: 1 }).expect("label 1 occurs");
/// assert_eq!(both_one.count, 4.0);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Cliff & Ord (1981), Spatial Processes: Models and Applications, sections 1.4 and 2.3.
pub fn join_counts(
    w: &SpatialWeights,
    labels: &[u32],
    sampling: Sampling,
    alternative: Alternative,
) -> Result<JoinCountResult, StatsError> {
    let categories = Categories::new("labels", labels, w)?;
    let weights = w.moments();
    weight_sum(weights.s0)?;
    let k = categories.sizes.len();
    let mut sums = vec![0.0; k * k];
    for (i, &own) in categories.of_unit.iter().enumerate() {
        let (neighbours, weights) = w.row(i);
        for (&j, weight) in neighbours.iter().zip(weights) {
            sums[own * k + categories.of_unit[j as usize]] += 0.5 * weight;
        }
    }
    let n = w.n() as f64;
    let size = |category: usize| categories.sizes[category] as f64;
    let test = |kind, count, sums: JoinSums, process: FreeProcess| {
        let moments = match sampling {
            Sampling::NonFree => {
                let sums = PairSums::about_zero(n, sums.total, sums.s1, sums.s2);
                PairSums::moments(n, &PairSums::of_weights(n, &weights), &sums, 2.0)
            }
            Sampling::Free => process.moments(&weights),
        };
        let test = AsymptoticResult::new(count, moments, Null::Randomization, alternative, w);
        JoinCount {
            kind,
            count,
            test: test.ok(),
        }
    };
    let mut counts = Vec::new();
    for (r, &label) in categories.labels.iter().enumerate() {
        let kind = JoinKind::Same { category: label };
        counts.push(test(
            kind,
            sums[r * k + r],
            JoinSums::same(size(r)),
            FreeProcess::same(size(r) / n),
        ));
    }
    for r in 0..k {
        for s in r + 1..k {
            let kind = JoinKind::Between {
                first: categories.labels[r],
                second: categories.labels[s],
            };
            let count = sums[r * k + s] + sums[s * k + r];
            let process = FreeProcess::between(size(r) / n, size(s) / n);
            counts.push(test(kind, count, JoinSums::between(size(r), size(s)), process));
        }
    }
    let count = (0..k * k).filter(|at| at / k != at % k).map(|at| sums[at]).sum();
    let sizes: Vec<f64> = (0..k).map(size).collect();
    counts.push(test(
        JoinKind::Different,
        count,
        JoinSums::different(n, &sizes),
        FreeProcess::different(n, &sizes),
    ));
    Ok(JoinCountResult { counts, sampling })
}

/// Sums of a over all pairs, as those of the weights.
struct JoinSums {
    total: f64,
    s1: f64,
    s2: f64,
}

impl JoinSums {
    fn same(size: f64) -> Self {
        let total = size * (size - 1.0);
        Self {
            total,
            s1: 2.0 * total,
            s2: 4.0 * total * (size - 1.0),
        }
    }

    fn between(r: f64, s: f64) -> Self {
        Self {
            total: 2.0 * r * s,
            s1: 4.0 * r * s,
            s2: 4.0 * r * s * (r + s),
        }
    }

    fn different(n: f64, sizes: &[f64]) -> Self {
        let total: f64 = sizes.iter().map(|size| size * (n - size)).sum();
        Self {
            total,
            s1: 2.0 * total,
            s2: sizes.iter().map(|size| 4.0 * size * (n - size).powi(2)).sum(),
        }
    }
}

/// Moments of a for independent labels: its mean, and the mean of the product of two a that share a unit.
struct FreeProcess {
    mean: f64,
    shared: f64,
}

impl FreeProcess {
    fn same(p: f64) -> Self {
        Self {
            mean: p * p,
            shared: p * p * p,
        }
    }

    fn between(p: f64, q: f64) -> Self {
        Self {
            mean: 2.0 * p * q,
            shared: p * q * (p + q),
        }
    }

    fn different(n: f64, sizes: &[f64]) -> Self {
        let sum = |power: i32| {
            sizes
                .iter()
                .map(|size| size / n * ((n - size) / n).powi(power))
                .sum()
        };
        Self {
            mean: sum(1),
            shared: sum(2),
        }
    }

    fn moments(&self, weights: &WeightMoments) -> Moments {
        let variance = self.mean - self.mean * self.mean;
        let covariance = self.shared - self.mean * self.mean;
        let terms = [
            variance * weights.s1 / 4.0,
            covariance * (weights.s2 - 2.0 * weights.s1) / 4.0,
        ];
        Moments {
            expectation: 0.5 * weights.s0 * self.mean,
            variance: terms[0] + terms[1],
            largest_term: terms[0].abs().max(terms[1].abs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    const ROUNDING: f64 = 1e-10;

    fn counts(labels: &[u32], sampling: Sampling) -> Vec<JoinCount> {
        join_counts(&asymmetric_weights(), labels, sampling, Alternative::Greater)
            .unwrap()
            .counts
    }

    #[test]
    fn moments_without_replacement_equal_those_of_all_orders() {
        let labels = [0, 1, 2, 1, 2, 2, 0];
        let all: Vec<_> = orders(&labels)
            .iter()
            .map(|labels| counts(labels, Sampling::NonFree))
            .collect();
        let given = counts(&labels, Sampling::NonFree);
        assert_eq!(given.len(), 3 + 3 + 1);
        for (at, count) in given.iter().enumerate() {
            let spread: Spread = all.iter().map(|counts| counts[at].count).collect();
            let test = count.test.unwrap();
            assert!(
                (test.expectation - spread.mean()).abs() < ROUNDING,
                "{:?}",
                count.kind
            );
            assert!(
                (test.variance - spread.variance()).abs() < ROUNDING,
                "{:?}",
                count.kind
            );
        }
    }

    #[test]
    fn moments_with_replacement_equal_those_of_all_labellings() {
        // Shares 4/7 and 3/7: every one of the 2⁷ labellings, weighted by its probability.
        let labels = [0, 1, 0, 1, 0, 1, 0];
        let given = counts(&labels, Sampling::Free);
        let w = asymmetric_weights();
        for (at, kind) in [(0, (0, 0)), (1, (1, 1)), (2, (0, 1)), (3, (0, 1))] {
            let (mut mean, mut square) = (0.0, 0.0);
            for labelling in 0..128_u32 {
                let label = |unit: usize| (labelling >> unit) & 1;
                let ones = f64::from(labelling.count_ones());
                let probability = (3.0_f64 / 7.0).powf(ones) * (4.0_f64 / 7.0).powf(7.0 - ones);
                let mut count = 0.0;
                for i in 0..7 {
                    let (neighbours, weights) = w.row(i);
                    for (&j, weight) in neighbours.iter().zip(weights) {
                        let ends = (label(i).min(label(j as usize)), label(i).max(label(j as usize)));
                        count += if ends == kind { 0.5 * weight } else { 0.0 };
                    }
                }
                mean += probability * count;
                square += probability * count * count;
            }
            let test = given[at].test.unwrap();
            assert!((test.expectation - mean).abs() < ROUNDING);
            assert!((test.variance - (square - mean * mean)).abs() < ROUNDING);
        }
    }

    #[test]
    fn a_single_unit_has_no_test_within_its_category() {
        let given = counts(&[0, 1, 1, 1, 1, 1, 1], Sampling::NonFree);
        assert_eq!((given[0].count, given[0].test), (0.0, None));
        assert!(given[1].test.is_some());
    }
}
