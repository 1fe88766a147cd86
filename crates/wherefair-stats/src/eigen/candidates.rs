//! Which eigenvectors a filter may use.

use serde::Serialize;
use wherefair_core::ParamError;

use super::EigenBasis;
use super::basis::ZERO;
use crate::StatsError;

/// Which eigenvectors a filter may use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateRule {
    /// All with a positive eigenvalue: every pattern of positive autocorrelation.
    AllPositive,
    /// Those whose Moran coefficient is at least this share of the largest one; 0.25 is usual and the default.
    RelativeMoran(f64),
    /// As many of the positive ones as the strength of the autocorrelation asks for.
    ///
    /// # Formula
    /// n₊ / (1 + exp[2.1480 − 6.1808 (z + 0.6)^0.1742 / n₊^0.1298 + 3.3534 / (z + 0.6)^0.1742]), rounded, where
    /// n₊ is the number of positive eigenvalues and z the standardised Moran's I of the variable (or of its
    /// residuals). None where z is at most −0.6.
    ///
    /// # References
    /// Chun, Griffith, Lee and Sinha (2016), Eigenvector selection with stepwise regression techniques to
    /// construct eigenvector spatial filters, doi:10.1007/s10109-015-0225-3.
    Chun2016 {
        /// The standardised Moran's I.
        z_score: f64,
    },
}

impl Default for CandidateRule {
    fn default() -> Self {
        Self::RelativeMoran(0.25)
    }
}

/// The indices of the eigenvectors that `rule` admits, ascending: those of descending eigenvalues.
///
/// # Errors
/// [`StatsError`] when the share of [`CandidateRule::RelativeMoran`] lies outside (0, 1] or the score of
/// [`CandidateRule::Chun2016`] is not finite.
pub fn candidates(basis: &EigenBasis, rule: CandidateRule) -> Result<Vec<usize>, StatsError> {
    let values = basis.values();
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let n_positive = values.iter().take_while(|&&value| value > ZERO * largest).count();
    let n = match rule {
        CandidateRule::AllPositive => n_positive,
        CandidateRule::RelativeMoran(share) => {
            if !(share > 0.0 && share <= 1.0) {
                return Err(
                    ParamError::new("share of the largest Moran coefficient", share, "(0, 1]").into(),
                );
            }
            let least = share * values.first().copied().unwrap_or(0.0);
            values[..n_positive]
                .iter()
                .take_while(|&&value| value >= least)
                .count()
        }
        CandidateRule::Chun2016 { z_score } => {
            if !z_score.is_finite() {
                return Err(ParamError::new("standardised Moran's I", z_score, "a finite number").into());
            }
            chun_count(n_positive, z_score)
        }
    };
    Ok((0..n).collect())
}

/// The number of candidates of Chun et al. (2016).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of positive eigenvalues"
)]
fn chun_count(n_positive: usize, z_score: f64) -> usize {
    let shifted = z_score + 0.6;
    if shifted <= 0.0 || n_positive == 0 {
        return 0;
    }
    let n = n_positive as f64;
    let power = shifted.powf(0.1742);
    let exponent = 2.1480 - 6.1808 * power / n.powf(0.1298) + 3.3534 / power;
    (n / (1.0 + exponent.exp())).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stronger_autocorrelation_admits_more_candidates() {
        let counts: Vec<usize> = [-1.0, -0.6, 0.0, 2.0, 10.0, 50.0]
            .iter()
            .map(|&z| chun_count(100, z))
            .collect();
        assert_eq!(counts[..2], [0, 0]);
        assert!(
            counts.is_sorted() && counts[2] < counts[5] && counts[5] <= 100,
            "{counts:?}"
        );
        assert_eq!(chun_count(0, 5.0), 0);
    }

    #[test]
    fn the_count_of_chun_et_al_by_hand() {
        // z = 0.4: (1.0)^0.1742 = 1, n₊ = 1: 1 / (1 + exp(2.1480 − 6.1808 + 3.3534)) = 0.66.
        assert_eq!(chun_count(1, 0.4), 1);
        // n₊ = 1000: 1000^0.1298 = 2.4514, exponent 2.1480 − 2.5213 + 3.3534 = 2.9801: 48.3.
        assert_eq!(chun_count(1000, 0.4), 48);
    }
}
