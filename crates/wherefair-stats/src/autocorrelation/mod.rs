//! Statistics of spatial autocorrelation, each with its exact moments and its permutation test.

mod asymptotic;
mod bivariate;
#[cfg(test)]
mod exhaustive;
mod geary;
mod getis_ord;
mod join_counts;
mod lee_ogburn;
mod local_g;
mod local_moran;
mod moran;
mod pair_sums;
mod residual;
mod variable;

pub use asymptotic::{AsymptoticResult, MoranResult};
pub use bivariate::{moran_bivariate, moran_bivariate_permutation};
pub use geary::{geary, geary_permutation};
pub use getis_ord::{getis_ord, getis_ord_permutation};
pub use join_counts::{JoinCount, JoinCountResult, JoinKind, Sampling, join_counts};
pub use lee_ogburn::lee_ogburn_phi;
pub use local_g::{LocalGResult, SelfWeight, local_g, local_g_permutation};
pub use local_moran::{
    LocalNull, LocalPermutationResult, MoranLocalResult, Quadrant, moran_local, moran_local_permutation,
};
pub use moran::{moran, moran_permutation};
pub use residual::moran_residual;

#[cfg(test)]
pub(crate) use moran::lag;
pub(crate) use moran::moran_moments;
pub(crate) use variable::{Variable, check_length, weight_sum};
