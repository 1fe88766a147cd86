//! The program, run as a user runs it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod audit_errors;
mod bad_input;
mod bias;
mod formats;
mod good_input;
mod outputs;
mod rasters;
mod simulate;
mod spatial;
mod train;
mod train_bad_input;
mod train_resume;
mod training_data;
mod workbench;
