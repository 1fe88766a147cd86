//! Mergeable tallies, scores and fairness measures for groups and for partitions of space.
//!
#![doc = include_str!("../README.md")]

mod class_score;
mod class_tally;
mod distribution;
mod error;
mod fairness;
mod group;
mod quantile_tally;
mod value_score;
mod value_tally;

pub use class_score::{Averaging, ClassScore, ZeroDivision};
pub use class_tally::{ClassCounts, ClassTallies};
pub use distribution::{ScoreDistribution, SpadSummary, spad_summary};
pub use error::MetricError;
pub use fairness::{
    AdjustedVariant, Deviation, Distance, Reference, adjusted_locational_fairness, deviation,
    locational_fairness, pairwise_wins, reference_value, simfair_fairness,
};
pub use group::{
    Alternative, CorrelationResult, GroupRates, KendallResult, KsResult, OddsAggregate, PValueMethod,
    TTestResult, demographic_parity_difference, demographic_parity_ratio, disparate_impact,
    equal_opportunity_difference, equalized_odds_difference, equalized_odds_ratio, group_rates,
    kendall_tau_b, ks_two_sample, pearson, pooled_t_test, predictive_parity_difference, spearman,
    welch_t_test,
};
pub use quantile_tally::{QuantileTally, median};
pub use value_score::ValueScore;
pub use value_tally::{ErrorKind, ValueTally};
