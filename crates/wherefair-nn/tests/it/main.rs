//! Tests of the crate as its users see it.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

mod checkpoints;
mod errors;
mod fixtures;
mod gradients;
mod optimizers;
mod recurrent;
mod reference;
mod reproducible;
