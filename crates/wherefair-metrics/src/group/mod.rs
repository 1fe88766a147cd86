//! Bias metrics between groups, two-sample tests and correlations, one operation a file.

mod alternative;
mod demographic_parity;
mod disparate_impact;
mod equal_opportunity;
mod equalized_odds;
mod kendall;
mod kolmogorov_smirnov;
mod pearson;
mod predictive_parity;
mod rates;
mod sample;
mod spearman;
mod t_test;

pub use alternative::{Alternative, PValueMethod};
pub use demographic_parity::{demographic_parity_difference, demographic_parity_ratio};
pub use disparate_impact::disparate_impact;
pub use equal_opportunity::equal_opportunity_difference;
pub use equalized_odds::{OddsAggregate, equalized_odds_difference, equalized_odds_ratio};
pub use kendall::{KendallResult, kendall_tau_b};
pub use kolmogorov_smirnov::{KsResult, ks_two_sample};
pub use pearson::{CorrelationResult, pearson};
pub use predictive_parity::predictive_parity_difference;
pub use rates::{GroupRates, group_rates};
pub use spearman::spearman;
pub use t_test::{TTestResult, pooled_t_test, welch_t_test};
