//! Training that is fair by location.
//!
//! A [`Player`] is trained, a [`Referee`] says how fast each place may teach it. Before every epoch the referee scores
//! every partition of every partitioning exactly, from one pass of predictions over the samples, and gives each
//! partition of the partitioning at hand a learning rate: the further below expectation, the higher ([`learning_rates`],
//! Eqs. 4 and 5). Which partitioning is at hand is drawn from their distribution by a [`Schedule`]. [`Training`] runs a
//! [`Strategy`] (the SPAD method, its variants and its baselines), epoch by epoch, can be stopped and resumed with the
//! same bits, and keeps the fairest model whose quality is close to that of the base model ([`select_fair`]).
//!
//! Results are the same bits for the same seed with any number of threads. This crate reads no data but its own
//! checkpoints, prints nothing, and knows no network: whatever implements `wherefair_nn::Trainable` can play.
//!
//! # References
//! Xie et al. (2022), Fairness by "Where": A Statistically-Robust and Model-Agnostic Bi-level Learning Framework,
//! AAAI-22.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod adversary;
mod checkpoint;
mod epoch;
mod error;
mod history;
mod params;
mod player;
mod rates;
mod referee;
mod regularizer;
mod representative_loops;
mod samples;
mod schedule;
mod scores;
mod similarity_sampling;
mod strategy;
mod tentative;
mod training;

pub use adversary::Adversary;
pub use error::SpadError;
pub use history::{EpochRecord, Measured, Phase, select_fair};
pub use params::{PartitionOrder, SpadConfig, SpadParams};
pub use player::Player;
pub use rates::{RateRule, learning_rates};
pub use referee::Referee;
pub use regularizer::{Regularizer, Threshold};
pub use samples::SpatialSamples;
pub use schedule::{Sampling, Schedule, Stage};
pub use scores::{PartitionScores, Predictions, partition_scores};
pub use similarity_sampling::{LoopRecord, LoopStage, SimilaritySampling};
pub use strategy::Strategy;
pub use training::{Fairest, Training};
