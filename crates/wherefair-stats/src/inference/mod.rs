//! How a statistic becomes a p-value: alternatives, nulls, permutations and false discovery rates.

mod alternative;
mod conditional;
mod dense_kernel;
mod dense_triangle;
mod draws;
mod false_discovery;
mod generator;
mod kernel;
mod permutations;
mod quadratic_form;
mod shuffle;
mod sparse_triangle;
mod spectral_randomization;
mod unit_order;

pub use alternative::{Alternative, Null};
pub(crate) use conditional::{Conditional, TailCounts};
pub use false_discovery::benjamini_hochberg;
pub(crate) use permutations::pseudo_p_value;
pub use permutations::{PermutationResult, Permutations};
pub(crate) use quadratic_form::QuadraticForm;
pub(crate) use shuffle::Shuffler;
pub use spectral_randomization::{
    FittedSpectrum, SpectralMethod, SpectralRandomization, SurrogateSums, degree_normalized,
};
pub(crate) use spectral_randomization::{Modes, spectral_likelihood, spectral_shape};
