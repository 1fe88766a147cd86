//! Eigenvectors of spatial weights: the patterns that eigenvector spatial filtering takes out of a variable.

mod basis;
mod candidates;
pub(crate) mod dense;
pub(crate) mod design;
mod lanczos;
#[cfg(feature = "lapack")]
mod lapack;
mod nystrom;
mod projection;
mod symmetric;
mod vectors;

pub use basis::{Convergence, EigenBasis, EigenSolver};
pub use candidates::{CandidateRule, candidates};
pub use dense::{DENSE_LIMIT, dense_eigenbasis, dense_eigenbasis_of_matrix};
pub use lanczos::{LanczosParams, leading_eigenbasis};
#[cfg(feature = "lapack")]
pub use lapack::dense_eigenbasis_lapack;
pub use nystrom::{Approximation, LandmarkRule, NystromParams, nystrom_eigenbasis};
pub use projection::Projection;

pub(crate) use design::Design;
pub(crate) use symmetric::SymmetricPart;
