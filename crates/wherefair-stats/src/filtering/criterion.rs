//! Which point of a path of filters is best.

use serde::Serialize;

/// What each further coefficient costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Akaike's: 2 a coefficient.
    Aic,
    /// Schwarz's (Bayesian): log n a coefficient.
    #[default]
    Bic,
}

impl Criterion {
    /// The cost of a coefficient.
    pub(crate) fn cost(self, n: usize) -> f64 {
        match self {
            Self::Aic => 2.0,
            Self::Bic => (n as f64).ln(),
        }
    }
}

/// Which −2 log-likelihood the criterion of a squared-error path is built on.
///
/// The paper does not say. With all n eigenvectors as candidates, the residuals can be made as small as one
/// likes, and [`Likelihood::ProfiledVariance`] then selects everything: −2ℓ falls to −∞. Two things guard
/// against this: only candidates that leave residual degrees of freedom are accepted, and the default fixes the
/// variance. The usual rules ([`CandidateRule`](crate::CandidateRule)) leave a part of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likelihood {
    /// n log(2πσ²) + RSS/σ² with σ² = RSS(all candidates)/(n − #candidates − rank X): the form of scikit-learn's
    /// `LassoLarsIC`.
    #[default]
    FixedVariance,
    /// n log(2π RSS/n) + n: the variance is estimated anew at each point.
    ProfiledVariance,
    /// The residual sum of squares of the variable scaled to variance 1 about its mean: the recipe often used with
    /// R's glmnet, deviance plus cost.
    StandardisedDeviance,
}
