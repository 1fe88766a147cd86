//! Do partitions differ in mean error by more than neighbours being alike explains?

use serde::Serialize;
use wherefair_core::ParamError;
use wherefair_metrics::{ErrorKind, ValueScore};
use wherefair_partition::PartitioningDistribution;
use wherefair_stats::{
    FittedSpectrum, Projection, SpatialWeights, SpectralMethod, SpectralRandomization, degree_normalized,
    dense_eigenbasis,
};

use super::SampleErrors;
use super::blocks::{Blocks, MAX_UNITS};
use crate::audit::audit_against;
use crate::noise::Surrogates;
use crate::{
    Audit, AuditConfig, AuditError, AuditParams, Measure, NullSummary, Progress, ReferenceRule, Score,
};

/// A measure of mean error beside its null distributions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoNulls {
    /// The measure of the errors as they are.
    pub observed: f64,
    /// Were errors exchangeable over the places of the samples.
    pub exchangeable: NullSummary,
    /// Were they a stationary field as autocorrelated as they are.
    pub spatial: NullSummary,
}

/// Partitions compared by mean error, against two nulls.
///
/// The exchangeable null is that of the audit: errors in random order. Where errors are alike among neighbours it
/// takes patches for partitions that differ, and its p-values are too small. The spatial null draws fields with
/// the autocorrelation of the errors, fitted under the weights ([`SpectralMethod::Fitted`]), which know nothing
/// of the partitions.
///
/// A small spatial p-value says that partitions differ by more than patches of such a field would make them. A
/// large one does not say that they are alike: a regional difference and autocorrelation that reaches as far look
/// the same, and the test gives the benefit of the doubt to autocorrelation.
///
/// With more than 2,000 samples the field is drawn for blocks of equal numbers of nearby samples, linked by the
/// sums of the links between their samples; within a block errors are dealt anew.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionalTest {
    /// Units of the spatial null: the samples, or blocks of them.
    pub n_units: usize,
    /// The autocorrelation of the units.
    pub spectrum: FittedSpectrum,
    /// The mean deviation expected over the distribution of partitionings (SPAD, Eq. 1), of mean errors.
    pub expectation: TwoNulls,
    /// S(d)mean of mean errors.
    pub sum_of_means: TwoNulls,
    /// S(d)max of mean errors.
    pub sum_of_maxima: TwoNulls,
    /// One entry a partitioning, in the order of the candidates.
    pub partitionings: Vec<RegionalPartitioning>,
}

/// One partitioning by mean error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionalPartitioning {
    /// Its name.
    pub name: String,
    /// The mean deviation of the mean errors.
    pub mean_deviation: Option<TwoNulls>,
    /// The largest deviation.
    pub max_deviation: Option<TwoNulls>,
    /// Its partitions.
    pub partitions: Vec<RegionalPartition>,
}

/// One partition by mean error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionalPartition {
    /// What it is called.
    pub label: String,
    /// Its mean error, where it holds enough samples.
    pub mean_error: Option<f64>,
    /// The p-value of its deviation, were errors exchangeable.
    pub exchangeable_p_value: Option<f64>,
    /// The p-value of its deviation under the spatial null.
    pub spatial_p_value: Option<f64>,
    /// The latter adjusted for the false discovery rate over all partitions of all partitionings.
    pub spatial_q_value: Option<f64>,
}

/// Audits the mean error against both nulls; [`errors_in_space`](crate::errors_in_space) does so beside Moran's I.
///
/// # Shapes
/// `weights` are between all samples of `errors`.
///
/// # Errors
/// [`AuditError`] when the weights are of another number of samples or do not suit the test, all errors are equal,
/// or `config` asks for no permutations.
pub fn regional_test(
    errors: &SampleErrors,
    weights: &SpatialWeights,
    maps: &PartitioningDistribution,
    config: &AuditConfig,
    progress: &dyn Progress,
) -> Result<RegionalTest, AuditError> {
    errors.check_weights(weights)?;
    if config.n_permutations() == 0 {
        return Err(ParamError::new("n_permutations", 0, "a number above 0").into());
    }
    let surrogates = surrogates(errors, weights, MAX_UNITS)?;
    let config = of_mean_error(config)?;
    let mut source = errors.source()?;
    let exchangeable = audit_against(&mut source, maps, &config, None, progress)?;
    let spatial = audit_against(&mut source, maps, &config, Some(&surrogates), progress)?;
    Ok(join(&exchangeable, &spatial, &surrogates))
}

/// Surrogates of the errors, of at most `max_units` units.
fn surrogates(
    errors: &SampleErrors,
    weights: &SpatialWeights,
    max_units: usize,
) -> Result<Surrogates, AuditError> {
    let blocks = Blocks::new(errors.coordinates(), errors.errors(), weights, max_units)?;
    let basis = dense_eigenbasis(&degree_normalized(&blocks.weights)?, Projection::Mean)?;
    Ok(Surrogates {
        random: SpectralRandomization::new(&basis, &blocks.means, SpectralMethod::Fitted)?,
        n_units: blocks.n_units,
        unit_of: blocks.unit_of,
        rests: blocks.rests,
    })
}

/// The same audit of the mean of errors, without places and their intervals.
fn of_mean_error(config: &AuditConfig) -> Result<AuditConfig, AuditError> {
    let score = Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanSigned,
    };
    // A given value or a base model is a reference for the score, not for the mean error.
    let reference = match config.reference() {
        ReferenceRule::Fixed(_) | ReferenceRule::BaseModel => ReferenceRule::PartitionMean,
        ReferenceRule::WeightedBaseModel => ReferenceRule::WeightedPartitionMean,
        rule => rule,
    };
    Ok(AuditParams::new(score)
        .reference(reference)
        .distance(config.distance())
        .min_samples(config.min_samples())
        .n_permutations(config.n_permutations())
        .n_worst(0)
        .n_bootstrap(0)
        .false_discovery_rate(config.false_discovery_rate())
        .seed(config.seed())
        .check()?)
}

fn join(exchangeable: &Audit, spatial: &Audit, surrogates: &Surrogates) -> RegionalTest {
    let partitionings = exchangeable
        .partitionings
        .iter()
        .zip(&spatial.partitionings)
        .map(|(a, b)| {
            let partitions = a
                .partitions
                .iter()
                .zip(&b.partitions)
                .map(|(a, b)| RegionalPartition {
                    label: a.label.clone(),
                    mean_error: a.score,
                    exchangeable_p_value: a.p_value,
                    spatial_p_value: b.p_value,
                    spatial_q_value: b.q_value,
                });
            RegionalPartitioning {
                name: a.name.clone(),
                mean_deviation: a.mean_deviation.zip(b.mean_deviation).map(both),
                max_deviation: a.max_deviation.zip(b.max_deviation).map(both),
                partitions: partitions.collect(),
            }
        });
    let (a, b) = (&exchangeable.spad, &spatial.spad);
    RegionalTest {
        n_units: surrogates.n_units,
        spectrum: surrogates.random.spectrum().unwrap_or(FittedSpectrum {
            rho: 0.0,
            noise: 0.0,
            gain: 0.0,
        }),
        expectation: both((a.expectation, b.expectation)),
        sum_of_means: both((a.sum_of_means, b.sum_of_means)),
        sum_of_maxima: both((a.sum_of_maxima, b.sum_of_maxima)),
        partitionings: partitionings.collect(),
    }
}

fn both((exchangeable, spatial): (Measure, Measure)) -> TwoNulls {
    // Both were drawn: permutations were asked for, and the errors are in memory.
    let missing = NullSummary {
        mean: f64::NAN,
        quantile_95: f64::NAN,
        p_value: 1.0,
    };
    TwoNulls {
        observed: exchangeable.observed,
        exchangeable: exchangeable.null.unwrap_or(missing),
        spatial: spatial.null.unwrap_or(missing),
    }
}

#[cfg(test)]
mod tests;
