//! Eigenvector spatial filtering: taking spatial patterns out of a variable.

mod criterion;
mod forward;
mod l1;
mod logistic;
mod pseudo_inverse;

pub use criterion::{Criterion, Likelihood};
pub use forward::{
    ForwardFilter, ForwardParams, ForwardStep, ForwardStop, MomentRule, StepRule, StopRule, forward_filter,
};
pub use l1::{Coefficients, L1Filter, L1Params, PathPoint, l1_filter};
pub use logistic::{LogisticFilter, l1_filter_logistic};

pub(crate) use logistic::check_binary;
