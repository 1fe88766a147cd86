//! Learning rates by location: Eqs. 4 and 5.

use serde::{Deserialize, Serialize};
use wherefair_audit::Orientation;
use wherefair_core::ParamError;

/// The rate that the released code adds to every partition's.
const RELEASED_FLOOR: f64 = 1e-7;

/// How the deficits of partitions become learning rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RateRule {
    /// Eq. 4 of the paper.
    ///
    /// # Formula
    /// ηᵢ = `η_init` (ηᵢ′ − η′min) / (η′max − η′min) where ηᵢ′ > 0, else 0; η′min is the smallest *positive* η′.
    ///
    /// Of several deficient partitions the least deficient therefore gets 0. Where all positive η′ are the same, above
    /// all where there is only one, Eq. 4 is 0/0: they get `η_init`, so that the one partition in need is trained.
    #[default]
    Normalized,
    /// What the released code computes (but never uses: see [`Strategy::EqualRates`](crate::Strategy::EqualRates)).
    ///
    /// # Formula
    /// ηᵢ = (`η_init` / 2) ηᵢ′ / η′max + 10⁻⁷.
    ///
    /// `DIFFERENCE:` η′min is not subtracted, the cap is half of `η_init`, and no partition with a score is left out.
    Released,
    /// `η_init` for every partition with a score.
    Equal,
}

/// The learning rates of the partitions of one partitioning for the next epoch.
///
/// # Formula
/// ηᵢ′ = max(−(M(F, pᵢ) − E), 0) (Eq. 5), for scores of which less is better max(M(F, pᵢ) − E, 0); then `rule`.
///
/// All rates lie between 0 and `eta_init` (with [`RateRule::Released`] there is a floor of 10⁻⁷, which may lie above
/// it). A partition without a finite score has rate 0. Where E is `None` or not finite nothing is known to be deficient.
///
/// # Shapes
/// `scores` and the result are `(n_partitions,)`.
///
/// # Errors
/// [`ParamError`] where `eta_init` is not finite or not above 0.
///
/// # Examples
/// ```
/// use wherefair_audit::Orientation;
/// use wherefair_spad::{RateRule, learning_rates};
///
/// let scores = [Some(0.75), Some(0.25), Some(0.375), Some(0.0), None];
/// let higher = Orientation::HigherIsBetter;
/// let rates = learning_rates(RateRule::Normalized, &scores, Some(0.5), higher, 1.0)?;
/// assert_eq!(rates, [0.0, (0.25 - 0.125) / (0.5 - 0.125), 0.0, 1.0, 0.0]);
/// let alone = learning_rates(RateRule::Normalized, &[Some(0.75), Some(0.25)], Some(0.5), higher, 1.0)?;
/// assert_eq!(alone, [0.0, 1.0]);
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
///
/// # References
/// Xie et al. (2022), AAAI-22, Eqs. 4 and 5.
pub fn learning_rates(
    rule: RateRule,
    scores: &[Option<f64>],
    expectation: Option<f64>,
    orientation: Orientation,
    eta_init: f64,
) -> Result<Vec<f64>, ParamError> {
    if !(eta_init > 0.0 && eta_init.is_finite()) {
        return Err(ParamError::new(
            "learning_rate",
            eta_init,
            "a finite number above 0",
        ));
    }
    let expectation = expectation.filter(|expectation| expectation.is_finite());
    // `None` where there is no score.
    let deficits: Vec<Option<f64>> = scores
        .iter()
        .map(|score| {
            let score = score.filter(|score| score.is_finite())?;
            let deficit = expectation.map_or(0.0, |expectation| orientation.shortfall(score, expectation));
            Some(deficit.clamp(0.0, f64::MAX))
        })
        .collect();
    let positive = || {
        deficits
            .iter()
            .flatten()
            .copied()
            .filter(|&deficit| deficit > 0.0)
    };
    let largest = positive().fold(0.0, f64::max);
    let least = positive().fold(f64::INFINITY, f64::min);
    let rate = |deficit: f64| {
        let share = match rule {
            RateRule::Released if deficit > 0.0 => deficit / largest / 2.0,
            RateRule::Normalized if deficit > 0.0 && least < largest => (deficit - least) / (largest - least),
            RateRule::Normalized if deficit > 0.0 => 1.0,
            RateRule::Released | RateRule::Normalized => 0.0,
            RateRule::Equal => 1.0,
        };
        let floor = if rule == RateRule::Released {
            RELEASED_FLOOR
        } else {
            0.0
        };
        eta_init * share + floor
    };
    Ok(deficits
        .into_iter()
        .map(|deficit| deficit.map_or(0.0, rate))
        .collect())
}
