//! Spatial statistics that stand alone.
//!
//! Sparse and dense spatial weights ([`SpatialWeights`], [`DenseWeights`]), autocorrelation ([`moran`], [`moran_local`],
//! [`geary`], [`getis_ord`], [`local_g`], [`join_counts`], [`lee_ogburn_phi`]) with exact moments and permutation
//! inference, tests of two variables ([`intersection_union_tests`], [`equivalence_test`]), eigenvector spatial
//! filtering ([`forward_filter`], [`l1_filter`]) and tests of association adjusted by it ([`adjusted_bias`]).
//!
//! Functions take plain slices; randomness comes from a [`Seed`](wherefair_core::Seed), and results are the same bits
//! with any number of threads. This crate opens no files and knows nothing of metrics, partitionings or models.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod autocorrelation;
mod bias;
mod eigen;
mod error;
mod filtering;
mod inference;
mod iu;
mod weights;

pub use autocorrelation::{
    AsymptoticResult, JoinCount, JoinCountResult, JoinKind, LocalGResult, LocalNull, LocalPermutationResult,
    MoranLocalResult, MoranResult, Quadrant, Sampling, SelfWeight, geary, geary_permutation, getis_ord,
    getis_ord_permutation, join_counts, lee_ogburn_phi, local_g, local_g_permutation, moran, moran_bivariate,
    moran_bivariate_permutation, moran_local, moran_local_permutation, moran_permutation, moran_residual,
};
pub use bias::{
    AdjustedBias, AdjustedBiasParams, BiasCase, BiasMetric, ContinuousPart, CopySummary, CorrelationTest,
    FilterSummary, FilteredPair, MetricFn, Variable, adjusted_bias, correlation_test,
};
#[cfg(feature = "lapack")]
pub use eigen::dense_eigenbasis_lapack;
pub use eigen::{
    Approximation, CandidateRule, Convergence, DENSE_LIMIT, EigenBasis, EigenSolver, LanczosParams,
    LandmarkRule, NystromParams, Projection, candidates, dense_eigenbasis, dense_eigenbasis_of_matrix,
    leading_eigenbasis, nystrom_eigenbasis,
};
pub use error::StatsError;
pub use filtering::{
    Coefficients, Criterion, ForwardFilter, ForwardParams, ForwardStep, ForwardStop, L1Filter, L1Params,
    Likelihood, LogisticFilter, MomentRule, PathPoint, StepRule, StopRule, forward_filter, l1_filter,
    l1_filter_logistic,
};
pub use inference::{
    Alternative, FittedSpectrum, Null, PermutationResult, Permutations, SpectralMethod,
    SpectralRandomization, SurrogateSums, benjamini_hochberg, degree_normalized,
};
pub use iu::{
    EquivalenceLaw, EquivalenceResult, EquivalenceTest, IntersectionUnionResult, PValueForm, PairedDraws,
    PairedMoran, T2Tail, equivalence_test, equivalence_test_permutation, intersection_union_tests,
};
pub use weights::{
    Bandwidth, Components, Contiguity, DenseWeights, HopRule, Isolates, Kernel, LabelledWeights, Metric,
    PairKernel, PowerIteration, SpatialWeights, SpectralRadius, Symmetrization, Transform, WeightMoments,
    WeightsRef, read_gal, read_gwt, write_gal, write_gwt,
};
#[cfg(feature = "parquet")]
pub use weights::{read_parquet, write_parquet};
