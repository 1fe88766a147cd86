//! What an audit finds.

use serde::Serialize;
use wherefair_core::Extent;
use wherefair_partition::Shape;

use crate::noise::NullMethod;
use crate::{AuditConfig, Orientation};

/// The result of an audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// The version of the audit engine.
    pub version: &'static str,
    /// What was asked for.
    pub config: AuditConfig,
    /// The name of the score.
    pub score: String,
    /// Which way the score is better.
    pub orientation: Orientation,
    /// Samples inside at least one partition.
    pub n_samples: u64,
    /// Samples in no partition of any partitioning.
    pub n_outside: u64,
    /// Cells of the lattice, the common refinement of all partitionings.
    pub n_cells: usize,
    /// The rectangle that the partitionings cover, where they cover any.
    pub extent: Option<Extent>,
    /// The score of all samples together.
    pub global: Option<f64>,
    /// The base model's score of all samples together, where there is a base model.
    pub base_global: Option<f64>,
    /// The space-as-distribution summary over all partitionings.
    pub spad: Spad,
    /// How firm the verdict is under a change of map.
    pub stability: Option<Stability>,
    /// Whether the gate is passed, where there is one.
    pub passed: Option<bool>,
    /// How the noise floor was drawn, where it was.
    pub noise_floor: Option<NullMethod>,
    /// One entry a partitioning, in the order of the candidates.
    pub partitionings: Vec<PartitioningAudit>,
    /// The worst places, most severe first; places that mostly repeat a worse one are left out.
    pub worst_places: Vec<Place>,
    /// What a reader should know about how the figures came to be.
    pub notes: Vec<String>,
}

/// A measure beside its noise floor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measure {
    /// The measure of the samples as they are.
    pub observed: f64,
    /// What it would be if errors did not depend on location.
    pub null: Option<NullSummary>,
}

/// The null distribution of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NullSummary {
    /// Its mean.
    pub mean: f64,
    /// Its 95 % quantile: the noise floor.
    pub quantile_95: f64,
    /// The share of draws, the observed one included, that are at least as large as the observed one.
    pub p_value: f64,
}

/// Fairness over the distribution of partitionings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spad {
    /// The mean deviation expected over the distribution of partitionings (SPAD, Eq. 1).
    pub expectation: Measure,
    /// S(d)mean: the sum over partitionings of the mean deviation.
    pub sum_of_means: Measure,
    /// S(d)max: the sum over partitionings of the maximum deviation.
    pub sum_of_maxima: Measure,
    /// Prior-weighted standard deviation of the mean deviations.
    pub sd: f64,
    /// Smallest mean deviation.
    pub min: f64,
    /// Prior-weighted median of the mean deviations.
    pub median: f64,
    /// Largest mean deviation.
    pub max: f64,
    /// Partitionings in which at least one partition has a score.
    pub n_scored: usize,
}

/// The share of partitionings on each side of a limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stability {
    /// What the mean deviations are held against.
    pub limit: Limit,
    /// Partitionings whose mean deviation lies above the limit.
    pub n_above: usize,
    /// Partitionings at or below the limit.
    pub n_below: usize,
    /// The prior weight of those above.
    pub share_above: f64,
    /// The prior weight of the majority: 1 when every map gives the same verdict, 0.5 when the verdict is a coin
    /// toss.
    pub agreement: f64,
}

/// What separates fair from unfair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The gate that the caller set.
    Gate(f64),
    /// The 95 % quantile of each partitioning's own null distribution.
    NoiseFloor,
}

/// One partitioning.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartitioningAudit {
    /// Its name.
    pub name: String,
    /// Its prior probability.
    pub prior: f64,
    /// The number of its partitions.
    pub n_partitions: usize,
    /// How many of them hold no sample.
    pub n_empty: usize,
    /// How many hold samples but too few to be scored.
    pub n_small: usize,
    /// How many are scored.
    pub n_scored: usize,
    /// Samples inside its partitions.
    pub n_samples: u64,
    /// What the scores are held against.
    pub reference: Option<f64>,
    /// The fairness measure: the mean deviation of the scored partitions (SPAD, Eq. 2).
    pub mean_deviation: Option<Measure>,
    /// The largest deviation.
    pub max_deviation: Option<Measure>,
    /// The index of the partition that deviates most.
    pub most_deviant: Option<usize>,
    /// Its partitions.
    pub partitions: Vec<PartitionAudit>,
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartitionAudit {
    /// What it is called.
    pub label: String,
    /// Its samples.
    pub n_samples: u64,
    /// Its score, where it has one and enough samples.
    pub score: Option<f64>,
    /// The distance of its score from the reference.
    pub deviation: Option<f64>,
    /// How much worse than the reference it is; negative where it is better.
    pub shortfall: Option<f64>,
    /// The share of permutations, the observed data included, that deviate at least as much here.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the false discovery rate over all partitions of all partitionings.
    pub q_value: Option<f64>,
    /// Its area in squared coordinate units.
    pub area: Option<f64>,
    /// Its shape, for drawing.
    #[serde(skip)]
    pub shape: Option<Shape>,
}

/// One of the worst places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The name of the partitioning.
    pub partitioning: String,
    /// Its index among the partitionings.
    pub partitioning_idx: usize,
    /// The index of the partition in it.
    pub partition_idx: usize,
    /// What the partition is called.
    pub label: String,
    /// Its samples.
    pub n_samples: u64,
    /// Its score.
    pub score: f64,
    /// What the score is held against.
    pub reference: f64,
    /// How much worse than the reference it is.
    pub shortfall: f64,
    /// The distance of the score from the reference.
    pub deviation: f64,
    /// The bootstrap confidence interval of the score, for this place taken by itself.
    pub interval: Option<[f64; 2]>,
    /// The permutation p-value of the deviation.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the false discovery rate.
    pub q_value: Option<f64>,
}
