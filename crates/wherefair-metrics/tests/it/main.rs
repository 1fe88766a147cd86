//! Golden values from other libraries, and properties.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod golden;
mod golden_classes;
mod golden_groups;
mod golden_tests;
mod golden_values;
mod properties;
