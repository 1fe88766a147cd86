//! How many permutations, from which seed, and what comes of them.

use serde::Serialize;
use wherefair_core::{ParamError, Seed};

use super::Alternative;
use crate::StatsError;

/// A checked number of random permutations and the seed they are drawn from.
///
/// Permutation `p` of a seed is drawn from its own stream, so that it is the same for every statistic, every
/// variable and any number of threads.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::Permutations;
///
/// let permutations = Permutations::new(999, Seed::new(1))?;
/// assert_eq!(permutations.n(), 999);
/// let error = Permutations::new(0, Seed::new(1)).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid n_permutations: 0 (accepted: a whole number from 1 to 10000000)"
/// );
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Permutations {
    n: u32,
    seed: Seed,
    keep_draws: bool,
}

impl Permutations {
    /// The most permutations that can be asked for.
    pub const MOST: u32 = 10_000_000;

    /// `n` permutations drawn from `seed`.
    ///
    /// # Errors
    /// [`StatsError::Param`] when `n` is 0 or above [`MOST`](Self::MOST).
    pub fn new(n: u32, seed: Seed) -> Result<Self, StatsError> {
        if !(1..=Self::MOST).contains(&n) {
            let accepted = format!("a whole number from 1 to {}", Self::MOST);
            return Err(ParamError::new("n_permutations", n, accepted).into());
        }
        Ok(Self {
            n,
            seed,
            keep_draws: false,
        })
    }

    /// Keeps the statistic of every permutation in the result, for a plot of the null distribution.
    #[must_use]
    pub fn keep_draws(mut self) -> Self {
        self.keep_draws = true;
        self
    }

    /// How many permutations.
    pub fn n(self) -> u32 {
        self.n
    }

    /// Where they are drawn from.
    pub fn seed(self) -> Seed {
        self.seed
    }
}

/// A statistic among its values under random permutations.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PermutationResult {
    /// The statistic of the data.
    pub statistic: f64,
    /// The mean of the statistic over the permutations drawn.
    pub permutation_mean: f64,
    /// Its standard deviation over the permutations drawn (divisor R − 1; `None` for one permutation).
    pub permutation_sd: Option<f64>,
    /// How many permutations gave at least the statistic, ties included.
    pub n_greater_equal: u32,
    /// How many permutations gave at most the statistic, ties included.
    pub n_less_equal: u32,
    /// How many permutations were drawn.
    pub n_permutations: u32,
    /// What speaks against the null.
    pub alternative: Alternative,
    /// (M + 1)/(R + 1).
    pub pseudo_p_value: f64,
    /// The statistic of each permutation, if they were to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<Vec<f64>>,
}

impl PermutationResult {
    /// Counts `draws`; those within `tie` of the statistic differ from it by rounding only.
    pub(crate) fn of(
        statistic: f64,
        draws: Vec<f64>,
        tie: f64,
        alternative: Alternative,
        permutations: Permutations,
    ) -> Self {
        let count = |matches: &dyn Fn(f64) -> bool| draws.iter().map(|&draw| u32::from(matches(draw))).sum();
        let n_greater_equal = count(&|draw| draw >= statistic - tie);
        let n_less_equal = count(&|draw| draw <= statistic + tie);
        let n = draws.len() as f64;
        let permutation_mean = draws.iter().sum::<f64>() / n;
        let squares: f64 = draws.iter().map(|draw| (draw - permutation_mean).powi(2)).sum();
        Self {
            statistic,
            permutation_mean,
            permutation_sd: (draws.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
            n_greater_equal,
            n_less_equal,
            n_permutations: permutations.n,
            alternative,
            pseudo_p_value: pseudo_p_value(alternative, n_greater_equal, n_less_equal, permutations.n),
            draws: permutations.keep_draws.then_some(draws),
        }
    }
}

/// (M + 1)/(R + 1), M being how many of R permutations are at least as extreme; two-sided, twice the smaller
/// tail and at most 1.
pub(crate) fn pseudo_p_value(
    alternative: Alternative,
    n_greater_equal: u32,
    n_less_equal: u32,
    n: u32,
) -> f64 {
    let tail = |count: u32| (f64::from(count) + 1.0) / (f64::from(n) + 1.0);
    match alternative {
        Alternative::TwoSided => (2.0 * tail(n_greater_equal.min(n_less_equal))).min(1.0),
        Alternative::Greater => tail(n_greater_equal),
        Alternative::Less => tail(n_less_equal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_on_both_sides() {
        let permutations = Permutations::new(4, Seed::new(0)).unwrap();
        let draws = vec![1.0, 2.0 + 1e-15, 3.0, 0.0];
        let result = PermutationResult::of(2.0, draws, 1e-12, Alternative::Greater, permutations);
        assert_eq!((result.n_greater_equal, result.n_less_equal), (2, 3));
        assert!((result.pseudo_p_value - 0.6).abs() < f64::EPSILON);
        assert!((result.permutation_mean - 1.5).abs() < 1e-12);
        assert_eq!(result.draws, None);
    }

    #[test]
    fn pseudo_p_values_are_never_zero_and_never_above_one() {
        let p = |alternative, n_less_equal| Some(pseudo_p_value(alternative, 0, n_less_equal, 99));
        assert_eq!(p(Alternative::Greater, 99), Some(0.01));
        assert_eq!(p(Alternative::Less, 99), Some(1.0));
        assert_eq!(p(Alternative::TwoSided, 99), Some(0.02));
        assert_eq!(Some(pseudo_p_value(Alternative::TwoSided, 99, 99, 99)), Some(1.0));
    }

    #[test]
    fn one_permutation_has_no_deviation() {
        let permutations = Permutations::new(1, Seed::new(0)).unwrap().keep_draws();
        let result = PermutationResult::of(2.0, vec![1.0], 0.0, Alternative::Greater, permutations);
        assert_eq!((result.permutation_sd, result.draws), (None, Some(vec![1.0])));
    }
}
