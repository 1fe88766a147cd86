//! Is it more than neighbours being alike? The errors of an audit under spatial weights.

mod blocks;
mod errors;
mod regional;

use serde::Serialize;
use wherefair_partition::PartitioningDistribution;
use wherefair_stats::{
    Alternative, MoranResult, Null, PermutationResult, Permutations, Quadrant, SpatialWeights, moran,
    moran_local_permutation, moran_permutation,
};

use crate::{AuditConfig, AuditError, Progress, Stage};

pub use errors::{SampleErrors, sample_errors};
pub use regional::{RegionalPartition, RegionalPartitioning, RegionalTest, TwoNulls, regional_test};

/// What spatial weights tell about the errors of an audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorsInSpace {
    /// What the error of a sample is.
    pub error: String,
    /// Whether places compare by the mean of these errors as they do by the audit's score.
    pub is_score: bool,
    /// The number of samples, those outside all partitions too.
    pub n_samples: u64,
    /// Their mean error.
    pub mean: f64,
    /// Moran's I of the errors against its moments under randomisation; the alternative is that errors are alike
    /// among neighbours.
    pub moran: MoranResult,
    /// The same against permutations, where any were asked for.
    pub permutation: Option<PermutationResult>,
    /// Where neighbours are alike, where permutations were asked for.
    pub clusters: Option<ErrorClusters>,
    /// Whether partitions differ by more than neighbours being alike explains, where permutations were asked for.
    pub test: Option<RegionalTest>,
}

/// Clusters of error by local Moran, with conditional permutations and control of the false discovery rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorClusters {
    /// The false discovery rate at which a sample belongs to a cluster.
    pub false_discovery_rate: f64,
    /// Conditional permutations of every sample: those asked for, or up to 9,999 where they are cheap. Few samples
    /// among many survive the control of the false discovery rate unless their p-values can be small.
    pub n_permutations: u32,
    /// Samples of high error among samples of high error.
    pub n_high_high: usize,
    /// Low error among low.
    pub n_low_low: usize,
    /// High error among low.
    pub n_high_low: usize,
    /// Low error among high.
    pub n_low_high: usize,
    /// Samples that chance explains.
    pub n_not_significant: usize,
    /// Samples without neighbours.
    pub n_isolates: usize,
    /// The mean error in the clusters of high error.
    pub mean_in_high_high: Option<f64>,
    /// The cluster of every sample; `None` where chance explains it or there are no neighbours.
    #[serde(skip)]
    pub clusters: Vec<Option<Quadrant>>,
}

/// Tests the errors of samples for spatial autocorrelation, finds where they cluster, and tests whether partitions
/// differ by more than that.
///
/// See [`RegionalTest`] for the last. `None` when all errors are equal: then there is nothing to test.
///
/// # Shapes
/// `weights` has one unit a sample, in the same order.
///
/// # Errors
/// [`AuditError`] when `weights` is of another shape or has no links, there are fewer than 4 samples, or no
/// partition holds enough of them.
///
/// # Examples
/// ```
/// use wherefair_audit::{
///     AuditParams, InMemory, Outcomes, Score, Silent, errors_in_space, sample_errors,
/// };
/// use wherefair_core::{Extent, Sites};
/// use wherefair_metrics::{ErrorKind, ValueScore};
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_stats::{Metric, SpatialWeights, Transform};
///
/// // Off by 1 on the left and by 3 on the right.
/// let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20) / 19.0).collect();
/// let y: Vec<f64> = (0..400).map(|i| f64::from(i / 20) / 19.0).collect();
/// let truth = vec![10.0; 400];
/// let pred: Vec<f64> = x.iter().map(|&x| if x < 0.5 { 11.0 } else { 13.0 }).collect();
/// let outcomes = Outcomes::Values { truth: &truth, pred: &pred, base: None };
/// let mut source = InMemory::new(Sites::new(&x, &y)?, outcomes)?;
/// let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 2, 2)?;
/// let score = Score::Value { error: ErrorKind::Difference, score: ValueScore::MeanAbsolute };
/// let config = AuditParams::new(score).n_permutations(99).check()?;
///
/// let errors = sample_errors(&mut source, score)?;
/// let weights = SpatialWeights::k_nearest(&errors.points(), 8, Metric::Planar)?.transform(Transform::Row)?;
/// let found = errors_in_space(&errors, &weights, &maps, &config, &Silent)?.unwrap();
/// assert!(found.moran.statistic > 0.5);
/// let expectation = found.test.unwrap().expectation;
/// // Allowing for neighbours that are alike, the difference is no more surprising than before.
/// assert!(expectation.exchangeable.p_value <= expectation.spatial.p_value);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Moran (1950), doi:10.1093/biomet/37.1-2.17; Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x.
pub fn errors_in_space(
    errors: &SampleErrors,
    weights: &SpatialWeights,
    maps: &PartitioningDistribution,
    config: &AuditConfig,
    progress: &dyn Progress,
) -> Result<Option<ErrorsInSpace>, AuditError> {
    let values = errors.errors();
    errors.check_weights(weights)?;
    if values.iter().all(|&error| (error - values[0]).abs() <= 0.0) {
        return Ok(None);
    }
    progress.start(Stage::Autocorrelation, None);
    let asymptotic = moran(weights, values, Null::Randomization, Alternative::Greater)?;
    let mut found = ErrorsInSpace {
        error: errors.name().to_owned(),
        is_score: errors.is_score(),
        n_samples: values.len() as u64,
        mean: values.iter().sum::<f64>() / values.len() as f64,
        moran: asymptotic,
        permutation: None,
        clusters: None,
        test: None,
    };
    if config.n_permutations() > 0 {
        let permutations = Permutations::new(config.n_permutations(), config.seed())?;
        found.permutation = Some(moran_permutation(
            weights,
            values,
            Alternative::Greater,
            permutations,
        )?);
        found.clusters = Some(clusters(values, weights, config)?);
        found.test = Some(regional_test(errors, weights, maps, config, progress)?);
    }
    Ok(Some(found))
}

/// Conditional permutations that are drawn even where fewer were asked for, if they are cheap.
const LOCAL_PERMUTATIONS: u64 = 9_999;

/// Links times permutations that count as cheap: some seconds.
const CHEAP: u64 = 4_000_000_000;

/// The number of conditional permutations for weights of `n_links`.
fn local_permutations(asked: u32, n_links: usize) -> u32 {
    let cheap = (CHEAP / (n_links as u64).max(1)).min(LOCAL_PERMUTATIONS);
    asked.max(u32::try_from(cheap).unwrap_or(asked))
}

fn clusters(
    values: &[f64],
    weights: &SpatialWeights,
    config: &AuditConfig,
) -> Result<ErrorClusters, AuditError> {
    let n_permutations = local_permutations(config.n_permutations(), weights.n_nonzero());
    let permutations = Permutations::new(n_permutations, config.seed())?;
    let local = moran_local_permutation(weights, values, Alternative::TwoSided, permutations)?;
    let fdr = config.false_discovery_rate();
    let clusters: Vec<Option<Quadrant>> = local
        .adjusted_p_value()
        .iter()
        .zip(&local.quadrant)
        .map(|(q, quadrant)| quadrant.filter(|_| q.is_some_and(|q| q <= fdr)))
        .collect();
    let count = |wanted: Option<Quadrant>| clusters.iter().filter(|&&cluster| cluster == wanted).count();
    let high: Vec<f64> = clusters
        .iter()
        .zip(values)
        .filter(|(cluster, _)| **cluster == Some(Quadrant::HighHigh))
        .map(|(_, &error)| error)
        .collect();
    Ok(ErrorClusters {
        false_discovery_rate: fdr,
        n_permutations,
        n_high_high: high.len(),
        n_low_low: count(Some(Quadrant::LowLow)),
        n_high_low: count(Some(Quadrant::HighLow)),
        n_low_high: count(Some(Quadrant::LowHigh)),
        n_not_significant: count(None) - local.n_isolates,
        n_isolates: local.n_isolates,
        mean_in_high_high: (!high.is_empty()).then(|| high.iter().sum::<f64>() / high.len() as f64),
        clusters,
    })
}
