//! Tests of the crate as its users see it.
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a failing test may panic, and data may round"
)]

mod checkpoints;
mod errors;
mod fixtures;
mod gradients;
mod optimizers;
mod recurrent;
mod reference;
mod reproducible;
