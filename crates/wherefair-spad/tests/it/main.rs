//! Tests of fair training through its public interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "synthetic numbers are narrowed to the model's precision"
)]

mod any;
mod bad_input;
mod by_hand;
mod fairness;
mod rates;
mod recurrent;
mod representatives;
mod resume;
mod scene;
mod strategies;
