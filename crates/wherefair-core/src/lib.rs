//! The small vocabulary that every wherefair crate shares.
//!
//! Seeds and named random streams ([`Seed`], [`Stream`]), places ([`Point`], [`Site`], [`Sites`], [`Extent`]) and their
//! division ([`LocationSplit`]), ids ([`PartitionId`]), mergeable sums ([`Tally`]), hashes that never change ([`fnv1a`]), the
//! parameter error ([`ParamError`]) and the methods of parameters ([`parameters!`]).
//!
//! This crate does no I/O, reads no clock, starts no thread and knows nothing of partitionings, metrics or
//! models.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod error;
mod hash;
mod id;
mod location_split;
mod number;
mod parameters;
mod place;
mod seed;
mod tally;

pub use error::ParamError;
pub use hash::{fnv1a, fnv1a_words};
pub use id::PartitionId;
pub use location_split::LocationSplit;
pub use number::narrowed;
pub use place::{Extent, Point, Site, Sites};
pub use seed::{Seed, Stream};
pub use tally::Tally;
