//! Tests that cross crates.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod columns;
mod houses;
mod real_data;
