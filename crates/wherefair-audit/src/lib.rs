//! Does a model work equally well everywhere, and does the answer survive a change of map?
//!
//! [`audit`] takes four columns and audits them by the defaults of the program; [`audit_source`] takes samples with truth,
//! prediction and place from anywhere, and a distribution of partitionings of space. Both give the score of every partition
//! of every partitioning, the fairness measure of each partitioning, its distribution over all of them, the *noise floor*
//! (what all of this would be if errors did not depend on location), p-values with control of the false discovery rate, and
//! the worst places with confidence intervals.
//!
//! [`errors_in_space`] asks more of the same samples, given spatial weights: are errors alike among neighbours,
//! where are neighbourhoods of high error, and do places differ by more than that explains?
//!
//! The cost of an audit is one pass over the samples, whatever the number of partitionings; sources larger than memory are
//! streamed. Results are the same bits for the same seed, whatever the number of threads.
//!
//! [`LocatedSamples`] and [`Refinement`] give the same scores to callers that place their samples once and score many models,
//! as a training does.
//!
//! This crate reads no files and draws no pictures: see `wherefair-data` and `wherefair-report`.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod audit;
mod bootstrap;
mod cell_tallies;
mod columns;
mod error;
mod hypergeometric;
mod located;
mod noise;
mod params;
mod partition_scores;
mod places;
mod progress;
mod refinement;
mod reservoir;
mod result;
mod source;
mod spatial;
mod tally;
pub mod wording;

pub use audit::audit_source;
pub use columns::{Outcome, ToOutcome, audit};
pub use error::AuditError;
pub use located::{LatticeTallies, LocatedSamples};
pub use noise::NullMethod;
pub use params::{AuditConfig, AuditParams, Orientation, ReferenceRule, Score};
pub use partition_scores::{Measured, PartitionScores};
pub use progress::{Progress, Silent, Stage};
pub use refinement::Refinement;
pub use result::{
    Audit, Limit, Measure, NullSummary, PartitionAudit, PartitioningAudit, Place, Spad, Stability,
};
pub use source::{InMemory, Outcomes, SampleBatch, SampleSource, Visit};
pub use spatial::{
    ErrorClusters, ErrorsInSpace, RegionalPartition, RegionalPartitioning, RegionalTest, SampleErrors,
    TwoNulls, errors_in_space, regional_test, sample_errors,
};
