//! Tests of the crate through its public interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod model;
mod model_file;
mod own_method;
mod scene;
mod schedule;
