//! Tests of the audit through its public interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod calibration;
mod columns;
mod degenerate;
mod figures;
mod located;
mod reproducible;
mod scene;
