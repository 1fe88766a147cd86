//! HDBSCAN on distances between partitionings.

use hdbscan::{DistanceMetric, Hdbscan, HdbscanHyperParams};
use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use crate::{Distances, SimilarityError};

/// Distances of 0 between different partitionings count as this share of the smallest other one: their density would
/// be infinite.
const COINCIDENT_SHARE: f64 = 1e-3;

/// Parameters of the clustering; [`check`](Self::check) turns them into a [`HdbscanConfig`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HdbscanParams(HdbscanConfig);

/// Checked parameters of the clustering, made by [`HdbscanParams::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HdbscanConfig {
    min_cluster_size: usize,
    min_samples: usize,
    allow_single_cluster: bool,
}

impl Default for HdbscanParams {
    fn default() -> Self {
        Self(HdbscanConfig {
            min_cluster_size: 2,
            min_samples: 2,
            allow_single_cluster: false,
        })
    }
}

impl Default for HdbscanConfig {
    fn default() -> Self {
        HdbscanParams::default().0
    }
}

impl HdbscanParams {
    /// The fewest members of a cluster, at least 2; 2 by default, for a set of 24 partitionings may hold no cluster of 5,
    /// the usual default elsewhere.
    #[must_use]
    pub fn min_cluster_size(mut self, min_cluster_size: usize) -> Self {
        self.0.min_cluster_size = min_cluster_size;
        self
    }

    /// The core distance of a member is that to its `min_samples`-th neighbour, *itself counted as the first*, as in
    /// Campello et al. and scikit-learn; 2 by default, the distance to the nearest other one, and at most the number of
    /// members.
    ///
    /// From 3 on many merges lie at exactly the same distance, a core distance; which of them comes first is then a matter
    /// of the implementation, and labels often differ from those of Python's packages. With 1 and 2 they agree.
    ///
    /// `DIFFERENCE:` Python's `hdbscan` does not count the member itself: its `min_samples=k` is k + 1 here. Both of
    /// Python's packages take `min_cluster_size` where nothing is said.
    #[must_use]
    pub fn min_samples(mut self, min_samples: usize) -> Self {
        self.0.min_samples = min_samples;
        self
    }

    /// Whether all members may be one cluster; not by default.
    #[must_use]
    pub fn allow_single_cluster(mut self, allow_single_cluster: bool) -> Self {
        self.0.allow_single_cluster = allow_single_cluster;
        self
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] where `min_cluster_size` is below 2 or `min_samples` is 0.
    pub fn check(self) -> Result<HdbscanConfig, ParamError> {
        let config = self.0;
        if config.min_cluster_size < 2 {
            let accepted = "a whole number of at least 2";
            return Err(ParamError::new(
                "min_cluster_size",
                config.min_cluster_size,
                accepted,
            ));
        }
        if config.min_samples == 0 {
            return Err(ParamError::new("min_samples", 0, "a whole number of at least 1"));
        }
        Ok(config)
    }
}

/// Which cluster each partitioning belongs to.
///
/// Clusters are numbered in the order of their first members.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Option<usize>>", into = "Vec<Option<usize>>")]
pub struct Clustering {
    labels: Vec<Option<usize>>,
    n_clusters: usize,
}

impl TryFrom<Vec<Option<usize>>> for Clustering {
    type Error = ParamError;

    /// Accepts labels that [`cluster`] may give.
    fn try_from(labels: Vec<Option<usize>>) -> Result<Self, ParamError> {
        let mut n_clusters = 0;
        for label in labels.iter().copied().flatten() {
            if label > n_clusters {
                let accepted = format!("at most {n_clusters}: clusters are numbered by their first members");
                return Err(ParamError::new("cluster", label, accepted));
            }
            n_clusters = n_clusters.max(label + 1);
        }
        Ok(Self { labels, n_clusters })
    }
}

impl From<Clustering> for Vec<Option<usize>> {
    fn from(clustering: Clustering) -> Self {
        clustering.labels
    }
}

impl Clustering {
    /// `n` partitionings that belong to no cluster.
    pub fn noise(n: usize) -> Self {
        Self {
            labels: vec![None; n],
            n_clusters: 0,
        }
    }

    /// The cluster of each partitioning, `(n_partitionings,)`; `None` for noise.
    pub fn labels(&self) -> &[Option<usize>] {
        &self.labels
    }

    /// The number of clusters.
    pub fn n_clusters(&self) -> usize {
        self.n_clusters
    }

    /// The number of partitionings that belong to none.
    pub fn n_noise(&self) -> usize {
        self.labels.iter().filter(|label| label.is_none()).count()
    }

    /// Labels of any numbers, those below 0 noise, renumbered in the order of first members.
    fn renumbered(raw: &[i32]) -> Self {
        let mut known: Vec<i32> = Vec::new();
        let labels = raw
            .iter()
            .map(|&label| {
                let place = known.iter().position(|&one| one == label);
                (label >= 0).then(|| {
                    place.unwrap_or_else(|| {
                        known.push(label);
                        known.len() - 1
                    })
                })
            })
            .collect();
        Self {
            labels,
            n_clusters: known.len(),
        }
    }
}

/// Clusters partitionings by their distances with HDBSCAN, clusters chosen by excess of mass.
///
/// Fewer than two partitionings are noise, and so are those whose cluster has no stability at all, as where all
/// distances are equal. The result depends on the distances alone.
///
/// # Errors
/// [`SimilarityError::Clustering`] where the algorithm refuses the distances, which checked ones give no reason for.
///
/// # Examples
/// ```
/// use wherefair_similarity::{Distances, HdbscanParams, cluster};
///
/// // Two near each other, three others, and one alone.
/// let places = [0.0_f64, 0.1, 5.0, 5.2, 5.3, 30.0];
/// let rows: Vec<Vec<f64>> = places.iter().map(|a| places.iter().map(|b| (a - b).abs()).collect()).collect();
/// let clustering = cluster(&Distances::from_rows(&rows)?, &HdbscanParams::default().check()?)?;
/// assert_eq!(clustering.labels(), [Some(0), Some(0), Some(1), Some(1), Some(1), None]);
/// # Ok::<(), wherefair_similarity::SimilarityError>(())
/// ```
///
/// # References
/// Campello, Moulavi, Zimek and Sander (2015), Hierarchical density estimates for data clustering, visualization, and
/// outlier detection, doi:10.1145/2733381.
pub fn cluster(distances: &Distances, config: &HdbscanConfig) -> Result<Clustering, SimilarityError> {
    let n = distances.len();
    if n < 2 {
        return Ok(Clustering::noise(n));
    }
    let least = distances
        .0
        .rows()
        .flatten()
        .copied()
        .filter(|&distance| distance > 0.0)
        .fold(f64::INFINITY, f64::min);
    let coincident = if least.is_finite() {
        COINCIDENT_SHARE * least
    } else {
        1.0
    };
    let mut rows: Vec<Vec<f64>> = distances.0.to_rows();
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, distance) in row.iter_mut().enumerate() {
            if i != j {
                *distance = distance.max(coincident);
            }
        }
    }
    let min_samples = config.min_samples.min(n);
    let parameters = HdbscanHyperParams::builder()
        .min_cluster_size(config.min_cluster_size)
        .min_samples(min_samples)
        .allow_single_cluster(config.allow_single_cluster)
        .dist_metric(DistanceMetric::Precalculated)
        .build();
    let labels = Hdbscan::new(&rows, parameters)
        .cluster()
        .map_err(|error| SimilarityError::Clustering {
            reason: error.to_string(),
        })?;
    Ok(Clustering::renumbered(&labels))
}
