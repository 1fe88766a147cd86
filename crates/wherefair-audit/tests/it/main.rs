//! Tests of the audit through its public interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod calibration;
mod degenerate;
mod figures;
mod reproducible;
mod scene;
