//! Tests of the forward models.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod golden;
