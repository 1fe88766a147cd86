//! Which part of the space of variables the eigenvectors may use.

use super::Design;
use crate::StatsError;

/// The projection M around the weights whose eigenvectors are taken.
///
/// Eigenvectors of M W M with M = I − Q Qᵀ are orthogonal to the columns of Q: what they explain is not
/// explained by the mean or the covariates.
///
/// DIFFERENCE: the paper takes the eigenvectors of W itself. Where W has rows of nearly equal sums the first of
/// these is nearly constant, and an intercept competes with it; [`Projection::Mean`] avoids that.
///
/// # References
/// Griffith, Chun and Li (2019), Spatial Regression Analysis Using Eigenvector Spatial Filtering, chapter 2.
/// Tiefelsdorf and Griffith (2007), Semiparametric filtering of spatial autocorrelation, doi:10.1068/a37378.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Projection<'a> {
    /// No projection: W itself.
    None,
    /// M = I − 11ᵀ/n.
    #[default]
    Mean,
    /// M = I − X(XᵀX)⁻¹Xᵀ, where X is a column of ones and these columns of shape `(n,)`.
    Covariates(&'a [&'a [f64]]),
}

impl Projection<'_> {
    /// The space projected out.
    pub(crate) fn design(self, n: usize) -> Result<Design, StatsError> {
        match self {
            Self::None => Ok(Design::empty(n)),
            Self::Mean => Design::with_intercept(n, &[]),
            Self::Covariates(columns) => Design::with_intercept(n, columns),
        }
    }
}
