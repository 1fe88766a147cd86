//! Alternatives and nulls, always named in full.

use std::f64::consts::SQRT_2;

use libm::erfc;
use serde::{Deserialize, Serialize};

/// Which values of a statistic speak against the null: always about the statistic itself.
///
/// For Geary's C positive autocorrelation makes the statistic small, so that it is found with
/// [`Less`](Self::Less).
///
/// DIFFERENCE: R's spdep turns the sign of Geary's C round, so that its `greater` is `Less` here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// Values far from the expectation on either side; the p-value is twice that of the nearer tail, at most 1.
    TwoSided,
    /// Values above the expectation.
    Greater,
    /// Values below the expectation.
    Less,
}

impl Alternative {
    /// The p-value of a standard normal `z_score`.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::Alternative;
    ///
    /// assert!((Alternative::Greater.normal_p_value(2.28) - 0.0113).abs() < 1e-4);
    /// assert_eq!(Alternative::TwoSided.normal_p_value(0.0), 1.0);
    /// ```
    pub fn normal_p_value(self, z_score: f64) -> f64 {
        match self {
            Self::TwoSided => erfc(z_score.abs() / SQRT_2),
            Self::Greater => 0.5 * erfc(z_score / SQRT_2),
            Self::Less => 0.5 * erfc(-z_score / SQRT_2),
        }
    }
}

/// What is taken to be random when no autocorrelation is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Null {
    /// The values: independent draws of one normal distribution.
    Normality,
    /// The places: the values at hand, in an order all of whose n! possibilities are equally likely.
    Randomization,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tails_of_a_normal_score_add_up() {
        for z in [-8.0, -1.5, 0.0, 0.3, 6.0] {
            let greater = Alternative::Greater.normal_p_value(z);
            let less = Alternative::Less.normal_p_value(z);
            assert!((greater + less - 1.0).abs() < f64::EPSILON * 4.0);
            let two_sided = Alternative::TwoSided.normal_p_value(z);
            assert!((two_sided - 2.0 * greater.min(less)).abs() < f64::EPSILON * 4.0);
        }
    }

    #[test]
    fn far_tails_keep_their_digits() {
        // scipy 1.17: norm.sf(6) and norm.sf(20)
        for (z, expected) in [
            (6.0, 9.865_876_450_376_946e-10),
            (20.0, 2.753_624_118_606_155_6e-89),
        ] {
            let p = Alternative::Greater.normal_p_value(z);
            assert!((p / expected - 1.0).abs() < 1e-12, "{p}");
        }
    }
}
