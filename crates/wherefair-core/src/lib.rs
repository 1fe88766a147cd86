//! The small vocabulary that every wherefair crate shares.
//!
//! Seeds and named random streams ([`Seed`], [`Stream`]), places ([`Point`], [`Site`], [`Sites`], [`Extent`]),
//! ids ([`PartitionId`]), mergeable sums ([`Tally`]) and the parameter error ([`ParamError`]).
//!
//! This crate does no I/O, reads no clock, starts no thread and knows nothing of partitionings, metrics or
//! models.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod error;
mod id;
mod place;
mod seed;
mod tally;

pub use error::ParamError;
pub use id::PartitionId;
pub use place::{Extent, Point, Site, Sites};
pub use seed::{Seed, Stream};
pub use tally::Tally;
