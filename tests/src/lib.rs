//! Tests that cross crates live in this package's `it` folder.
