//! Representative partitionings: how many of each cluster, and which.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Stream};

use crate::{Clustering, MutualSimilarity, SimilarityError};

/// What becomes of partitionings that belong to no cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Noise {
    /// Each is a cluster of its own: none stands for it, so it is always sampled. Where half of the partitionings belong to
    /// no cluster, as it happens with 99 of them, half of them are then trained in every loop.
    Singletons,
    /// All of them together are one more cluster. The default: it keeps the sample small, which is what it is for.
    #[default]
    OneCluster,
    /// They are never sampled.
    LeftOut,
}

/// How many partitionings are sampled from a cluster: at least 1, at most all.
///
/// The paper's formula is lost in its text, which defines two numbers, |C| of partitionings in the cluster and K of
/// clusters, and says that each cluster has at least one selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CountRule {
    /// ⌈|C| / K⌉: the two numbers that the text defines, and no other.
    SizeByClusters,
    /// max(1, ⌊|C| / K⌋).
    SizeByClustersFloor,
    /// max(1, round(√N · |C| / N)) of N partitionings. The default: their sum is near √N, as are the 5 of 24 and 10 of 99
    /// that the paper calls similar to its samples; the other rules make two to four times as many of 99 and more.
    #[default]
    RootShare,
}

/// How the similarity sᵢ of a partitioning to the others of its cluster, and the number of times tᵢ it was selected
/// before, become its probability.
///
/// The paper's formula is lost in its text, which names these two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SelectionRule {
    /// Proportional to sᵢ / (1 + tᵢ). The default: defined from the first time on.
    #[default]
    SimilarityByOnePlusTimes,
    /// Proportional to sᵢ / tᵢ; as long as some with sᵢ > 0 were never selected, one of those, proportional to sᵢ.
    SimilarityByTimes,
    /// Proportional to sᵢ exp(−tᵢ).
    SimilarityDecaying,
    /// Proportional to exp(sᵢ / (1 + tᵢ)).
    Softmax,
}

/// The clusters to sample from, noise treated as told; each is the ascending indices of its members.
///
/// Where there is no cluster at all, everything being noise, the result is empty: see [`Representatives::of`] for what
/// is sampled then.
///
/// # Examples
/// ```
/// use wherefair_similarity::{Distances, HdbscanParams, Noise, cluster, members};
///
/// let places = [0.0_f64, 0.1, 30.0, 5.0, 5.2, 5.3, 90.0];
/// let rows: Vec<Vec<f64>> = places.iter().map(|a| places.iter().map(|b| (a - b).abs()).collect()).collect();
/// let clustering = cluster(&Distances::from_rows(&rows)?, &HdbscanParams::default().check()?)?;
/// assert_eq!(members(&clustering, Noise::Singletons), [vec![0, 1], vec![3, 4, 5], vec![2], vec![6]]);
/// assert_eq!(members(&clustering, Noise::OneCluster), [vec![0, 1], vec![3, 4, 5], vec![2, 6]]);
/// assert_eq!(members(&clustering, Noise::LeftOut), [vec![0, 1], vec![3, 4, 5]]);
/// # Ok::<(), wherefair_similarity::SimilarityError>(())
/// ```
pub fn members(clustering: &Clustering, noise: Noise) -> Vec<Vec<usize>> {
    let mut clusters = vec![Vec::new(); clustering.n_clusters()];
    let mut outside = Vec::new();
    for (index, label) in clustering.labels().iter().enumerate() {
        match label {
            Some(label) => clusters[*label].push(index),
            None => outside.push(index),
        }
    }
    if clusters.is_empty() || outside.is_empty() {
        return clusters;
    }
    match noise {
        Noise::Singletons => clusters.extend(outside.into_iter().map(|index| vec![index])),
        Noise::OneCluster => clusters.push(outside),
        Noise::LeftOut => {}
    }
    clusters
}

/// What is sampled: clusters, and how many of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Plan")]
pub struct Representatives {
    clusters: Vec<Vec<usize>>,
    counts: Vec<usize>,
    is_uniform: bool,
}

/// [`Representatives`] as they are read, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    clusters: Vec<Vec<usize>>,
    counts: Vec<usize>,
    is_uniform: bool,
}

impl TryFrom<Plan> for Representatives {
    type Error = SimilarityError;

    fn try_from(written: Plan) -> Result<Self, SimilarityError> {
        let Plan {
            clusters,
            counts,
            is_uniform,
        } = written;
        if counts.len() != clusters.len() {
            return Err(SimilarityError::Shape {
                name: "counts",
                given: counts.len(),
                like: "the clusters",
                expected: clusters.len(),
            });
        }
        for (members, &count) in clusters.iter().zip(&counts) {
            if !(1..=members.len()).contains(&count) {
                let accepted = format!("1 to {}, the members of the cluster", members.len());
                return Err(ParamError::new("number sampled of a cluster", count, accepted).into());
            }
        }
        let mut members: Vec<usize> = clusters.iter().flatten().copied().collect();
        members.sort_unstable();
        if let Some(twice) = members.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ParamError::new("member", twice[0], "one cluster each").into());
        }
        Ok(Self {
            clusters,
            counts,
            is_uniform,
        })
    }
}

impl Representatives {
    /// The clusters of `clustering`, and how many are sampled of each.
    ///
    /// Where nothing is to be told from the clustering, since everything is noise or everything is one cluster, round(√N)
    /// of all N partitionings are sampled instead, where everything is noise with equal probabilities.
    ///
    /// # Errors
    /// [`ParamError`] where there are no partitionings.
    pub fn of(clustering: &Clustering, noise: Noise, rule: CountRule) -> Result<Self, ParamError> {
        let n = clustering.labels().len();
        if n == 0 {
            return Err(ParamError::new("number of partitionings", 0, "at least 1"));
        }
        let mut clusters = members(clustering, noise);
        let is_uniform = clusters.is_empty();
        if is_uniform {
            clusters.push((0..n).collect());
        }
        let counts = if clusters.len() == 1 {
            vec![root(n).min(clusters[0].len())]
        } else {
            let n_clusters = clusters.len();
            clusters
                .iter()
                .map(|members| count(rule, members.len(), n_clusters, n))
                .collect()
        };
        Ok(Self {
            clusters,
            counts,
            is_uniform,
        })
    }

    /// The members of each cluster.
    pub fn clusters(&self) -> &[Vec<usize>] {
        &self.clusters
    }

    /// How many are sampled of each cluster, `(n_clusters,)`.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// How many are sampled in all.
    pub fn n_sampled(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Whether there is no cluster, so that all partitionings are sampled from alike.
    pub fn is_uniform(&self) -> bool {
        self.is_uniform
    }

    /// Samples each cluster without replacement, cluster by cluster: whom the first draw takes, the others share the
    /// probabilities of.
    ///
    /// # Shapes
    /// `similarity` and `n_selected` are of all partitionings, `n_selected` `(n_partitionings,)`.
    ///
    /// # Errors
    /// [`SimilarityError::Shape`] where they are of another number.
    pub fn sample(
        &self,
        similarity: &MutualSimilarity,
        n_selected: &[u64],
        rule: SelectionRule,
        stream: &mut Stream,
    ) -> Result<Vec<usize>, SimilarityError> {
        let mut sampled = Vec::with_capacity(self.n_sampled());
        for (members, &count) in self.clusters.iter().zip(&self.counts) {
            let mut weights = if self.is_uniform {
                vec![1.0; members.len()]
            } else {
                selection_probabilities(similarity, members, n_selected, rule)?
            };
            for _ in 0..count {
                let place = draw(&weights, stream);
                sampled.push(members[place]);
                // Drawn already: below every weight that can be drawn.
                weights[place] = -1.0;
            }
        }
        Ok(sampled)
    }
}

fn count(rule: CountRule, size: usize, n_clusters: usize, n: usize) -> usize {
    let count = match rule {
        CountRule::SizeByClusters => size.div_ceil(n_clusters),
        CountRule::SizeByClustersFloor => size / n_clusters,
        CountRule::RootShare => rounded((n as f64).sqrt() * size as f64 / n as f64),
    };
    count.clamp(1, size)
}

/// round(√n), at least 1.
pub(crate) fn root(n: usize) -> usize {
    rounded((n as f64).sqrt()).max(1)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and no more than a number of partitionings"
)]
fn rounded(value: f64) -> usize {
    value.round() as usize
}

/// The probabilities of the members of one cluster to be drawn first.
///
/// # Formula
/// sᵢ = Σ over the other members j of sᵢⱼ; then as `rule` says, tᵢ being the number of times i was selected before. Where all
/// sᵢ are 0, as for a member alone, all are equally probable.
///
/// # Shapes
/// `members` are indices into `similarity` and `n_selected`; the result is `(n_members,)`.
///
/// # Errors
/// [`SimilarityError::Shape`] where `n_selected` is of another number than `similarity`, [`SimilarityError::Param`] for a
/// member that neither has.
///
/// # Examples
/// ```
/// use wherefair_similarity::{MutualSimilarity, SelectionRule, selection_probabilities};
///
/// let rows = [vec![1.0, 0.5, 0.25], vec![0.5, 1.0, 0.0], vec![0.25, 0.0, 1.0]];
/// let similarity = MutualSimilarity::from_rows(&rows)?;
/// let rule = SelectionRule::default();
/// assert_eq!(selection_probabilities(&similarity, &[0, 1, 2], &[0, 0, 0], rule)?, [0.5, 1.0 / 3.0, 1.0 / 6.0]);
/// assert_eq!(selection_probabilities(&similarity, &[0, 1], &[1, 0, 0], rule)?, [1.0 / 3.0, 2.0 / 3.0]);
/// # Ok::<(), wherefair_similarity::SimilarityError>(())
/// ```
pub fn selection_probabilities(
    similarity: &MutualSimilarity,
    members: &[usize],
    n_selected: &[u64],
    rule: SelectionRule,
) -> Result<Vec<f64>, SimilarityError> {
    let n = similarity.len();
    if n_selected.len() != n {
        return Err(SimilarityError::Shape {
            name: "n_selected",
            given: n_selected.len(),
            like: "the similarities",
            expected: n,
        });
    }
    if let Some(&member) = members.iter().find(|&&member| member >= n) {
        return Err(ParamError::new("member", member, format!("less than {n}")).into());
    }
    let sums: Vec<f64> = members
        .iter()
        .map(|&i| {
            let others = members.iter().filter(|&&j| j != i);
            others.map(|&j| similarity.get(i, j)).sum()
        })
        .collect();
    let times = || members.iter().map(|&i| n_selected[i] as f64);
    let is_new = |(sum, times): (&f64, f64)| *sum > 0.0 && times < 1.0;
    let some_are_new = sums.iter().zip(times()).any(is_new);
    let largest = sums.iter().copied().fold(0.0, f64::max);
    // Exponentials are taken relative to the largest one, which is then 1 and cannot vanish.
    let exponents = sums.iter().zip(times()).map(|(sum, times)| sum / (1.0 + times));
    let largest_exponent = exponents.fold(f64::NEG_INFINITY, f64::max);
    let similar = sums.iter().zip(times()).filter(|(sum, _)| **sum > 0.0);
    let fewest_times = similar.map(|(_, times)| times).fold(f64::INFINITY, f64::min);
    let weight = |(&sum, times): (&f64, f64)| match rule {
        SelectionRule::SimilarityByOnePlusTimes => sum / (1.0 + times),
        SelectionRule::SimilarityByTimes if some_are_new => {
            if times < 1.0 {
                sum
            } else {
                0.0
            }
        }
        SelectionRule::SimilarityByTimes => sum / times.max(1.0),
        SelectionRule::SimilarityDecaying if sum > 0.0 => sum * (fewest_times - times).exp(),
        SelectionRule::Softmax if largest > 0.0 => (sum / (1.0 + times) - largest_exponent).exp(),
        SelectionRule::SimilarityDecaying | SelectionRule::Softmax => 0.0,
    };
    let weights: Vec<f64> = sums.iter().zip(times()).map(weight).collect();
    let total: f64 = weights.iter().sum();
    if total > 0.0 && total.is_finite() {
        return Ok(weights.into_iter().map(|weight| weight / total).collect());
    }
    Ok(vec![1.0 / members.len() as f64; members.len()])
}

/// Draws an index with probability proportional to its weight, those below 0 never; where all others are 0, each alike.
fn draw(weights: &[f64], stream: &mut Stream) -> usize {
    let left = || weights.iter().enumerate().filter(|(_, weight)| **weight >= 0.0);
    let total: f64 = left().map(|(_, weight)| weight).sum();
    if total > 0.0 {
        let mut rest = stream.uniform() * total;
        let mut last = 0;
        for (index, &weight) in left().filter(|(_, weight)| **weight > 0.0) {
            last = index;
            if rest < weight {
                break;
            }
            rest -= weight;
        }
        return last;
    }
    let among: Vec<usize> = left().map(|(index, _)| index).collect();
    among.get(stream.index(among.len())).copied().unwrap_or(0)
}
