//! Tests of the crate through its public interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod bad_input;
mod by_hand;
mod golden;
mod properties;
mod sampling;
