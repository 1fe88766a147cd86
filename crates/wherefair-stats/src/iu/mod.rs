//! Intersection–union tests: whether two variables are autocorrelated together.

mod equivalence;
mod intersection_union;
mod paired;

pub use equivalence::{EquivalenceResult, equivalence_test};
pub use intersection_union::{IntersectionUnionResult, PValueForm, T2Tail, intersection_union_tests};
pub use paired::{PairedDraws, PairedMoran};
