//! Tests of the crate as its users see it.
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::single_range_in_vec_init,
    reason = "a failing test may panic, data may round, and one run of rows is a list too"
)]

mod checkpoints;
mod errors;
mod fixtures;
mod gradients;
mod meta_step;
mod optimizers;
mod recurrent;
mod reference;
mod reproducible;
mod second_order;
