//! What every method of training that is fair by location shares.
//!
//! [`SpatialSamples`] are placed in all partitionings once and lie in lattice order. [`Training`] trains a base model, then
//! gives the epochs to a [`Method`], which asks a [`Referee`] how fast each place may teach; it scores every epoch exactly
//! ([`partition_scores`]), keeps the fairest model whose quality is close to that of the base model ([`select_fair`]), and can
//! be stopped and resumed with the same bits.
//!
//! A new method is a type that implements [`Method`], a new referee one that implements [`Referee`]; both live in crates of
//! their own. This crate knows none of them. Results are the same bits for the same seed with any number of threads. It reads
//! no data but its own files, prints nothing, and knows no network: whatever `wherefair_nn::Engine` computes can play.
//!
//! # References
//! Xie et al. (2022), Fairness by "Where": A Statistically-Robust and Model-Agnostic Bi-level Learning Framework,
//! AAAI-22, whose player, referee and schedule these are.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod checkpoint;
mod epoch;
mod error;
mod history;
mod method;
mod model;
mod params;
mod player;
mod referee;
mod samples;
mod schedule;
mod scores;
mod training;

pub use checkpoint::{json, restored};
pub use epoch::{MeanLoss, Outcome, Turn};
pub use error::TrainError;
pub use history::{EpochRecord, Phase, select_fair};
pub use method::Method;
pub use model::{
    AbsentClass, Column, DataFault, Dataset, Description, Encoding, FairModel, Fault, Feature, FitConfig,
    FitParams, Fitted, Part, Prepared, Response, Scaling, SplitBy, Target, Unseen,
};
pub use params::{PartitionOrder, TrainConfig, TrainParams};
pub use player::Player;
pub use referee::Referee;
pub use samples::SpatialSamples;
pub use schedule::{Sampling, Schedule, Stage, loop_order};
pub use scores::{Predictions, partition_scores};
pub use training::{Fairest, Training};
