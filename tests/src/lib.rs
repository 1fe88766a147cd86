//! Nothing of its own: the tests in `it/` cross crates, and `golden/` holds their reference values.
