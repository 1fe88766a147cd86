//! Tests of bias before and after spatial structure is taken into account.

mod adjusted;
mod correlation;
mod metric;

pub use adjusted::{
    AdjustedBias, AdjustedBiasParams, BiasCase, ContinuousPart, CopySummary, FilterSummary, FilteredPair,
    Variable, adjusted_bias,
};
pub use correlation::{CorrelationTest, correlation_test};
pub use metric::{BiasMetric, MetricFn};
