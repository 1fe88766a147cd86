//! Intersection–union tests: whether two variables are autocorrelated together.

mod equivalence;
mod intersection_union;
mod paired;
mod spectra;
mod spectral_equivalence;

pub use equivalence::{EquivalenceLaw, EquivalenceResult, equivalence_test, equivalence_test_permutation};
pub use intersection_union::{IntersectionUnionResult, PValueForm, T2Tail, intersection_union_tests};
pub use paired::{PairedDraws, PairedMoran};
pub use spectral_equivalence::EquivalenceTest;
