//! Training that is fair by location.
//!
//! The referee ([`SpadReferee`]) says how fast each place may teach: before every epoch every partition of every partitioning is
//! scored exactly, and each partition of the partitioning at hand gets a learning rate: the further below expectation, the
//! higher ([`learning_rates`], Eqs. 4 and 5). A [`Strategy`] names the method, its variants and its baselines, each of them a
//! `wherefair_train::Method`; [`SpadParams`] make a `wherefair_train::Training` of one.
//!
//! Results are the same bits for the same seed with any number of threads. What is not SPAD's own, such as samples, epochs,
//! selection and checkpoints, is in `wherefair-train`.
//!
//! # References
//! Xie et al. (2022), Fairness by "Where": A Statistically-Robust and Model-Agnostic Bi-level Learning Framework,
//! AAAI-22.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod adversary;
mod loops;
mod mean_gradient;
mod params;
mod penalized;
mod planned;
mod rates;
mod referee;
mod regularizer;
mod similarity_sampling;
mod spad_sim;
mod strategy;
mod tentative;

pub use adversary::{Adversarial, Adversary};
pub use mean_gradient::SpadGd;
pub use params::{SpadConfig, SpadParams};
pub use penalized::{Regularized, RegularizedSingle};
pub use planned::{Base, BaseLonger, EqualRates, Single, Spad, SpadFixedK, SpadNoBase, SpadRnd};
pub use rates::{RateRule, learning_rates};
pub use referee::SpadReferee;
pub use regularizer::{Regularizer, Threshold};
pub use similarity_sampling::{LoopRecord, LoopStage, SimilaritySampling};
pub use spad_sim::SpadSim;
pub use strategy::Strategy;
