//! Kendall's rank correlation tau-b.

use serde::{Deserialize, Serialize};

use super::alternative::{Alternative, PValueMethod, normal_p_value};
use super::sample::check_varying;
use crate::error::{MetricError, check_shape};

/// Up to how many pairs `Auto` takes the exact distribution.
const AUTO_EXACT: usize = 50;

/// Up to how many pairs 1/n!, the smallest probability, is a normal number.
const MAX_EXACT: usize = 170;

/// Kendall's tau-b and its p-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KendallResult {
    /// Tau-b, −1 to 1.
    pub statistic: f64,
    /// The p-value against no association.
    pub p_value: f64,
    /// How the p-value was found: exact or asymptotic.
    pub method: PValueMethod,
    /// The number of pairs.
    pub n: usize,
}

/// Kendall's tau-b of `x` and `y`, in O(n log n).
///
/// # Formula
/// ```text
/// τ_b = (C − D) / √((T − T_x) (T − T_y))
/// ```
/// C and D are the numbers of concordant and discordant pairs, T of all pairs, `T_x` and `T_y` of pairs
/// tied in x and in y. The asymptotic p-value is that of (C − D)/σ with σ² corrected for ties; the exact
/// one counts permutations by their inversions and needs columns without ties.
///
/// # Shapes
/// Both are `(n_samples,)`.
///
/// # Errors
/// [`MetricError`] when the shapes differ, there are fewer than 3 pairs, a value is NaN or infinite, a
/// column is constant, or an exact p-value is asked for with ties or more than 170 pairs. `Auto` is exact
/// without ties up to 50 pairs.
///
/// # Examples
/// ```
/// use wherefair_metrics::{Alternative, PValueMethod, kendall_tau_b};
///
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]);
/// let result = kendall_tau_b(&x, &y, Alternative::TwoSided, PValueMethod::Exact)?;
/// assert!((result.statistic - 2.0 / 3.0).abs() < 1e-12);
/// assert!((result.p_value - 8.0 / 24.0).abs() < 1e-12);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
///
/// # References
/// Kendall (1945), doi:10.1093/biomet/33.3.239; Knight (1966), doi:10.1080/01621459.1966.10480879.
pub fn kendall_tau_b(
    x: &[f64],
    y: &[f64],
    alternative: Alternative,
    method: PValueMethod,
) -> Result<KendallResult, MetricError> {
    check_shape("y", y.len(), "x", x.len())?;
    check_varying("x", x, 3)?;
    check_varying("y", y, 3)?;
    let n = x.len();
    let pairs = Pairs::count(x, y);
    let untied_x = (pairs.all - pairs.tied_x.pairs) as f64;
    let untied_y = (pairs.all - pairs.tied_y.pairs) as f64;
    let difference = pairs.concordant_minus_discordant();
    let statistic = (difference / untied_x.sqrt() / untied_y.sqrt()).clamp(-1.0, 1.0);
    let has_ties = pairs.tied_x.pairs + pairs.tied_y.pairs > 0;
    let exact = match method {
        PValueMethod::Auto => !has_ties && n <= AUTO_EXACT,
        PValueMethod::Asymptotic => false,
        PValueMethod::Exact => {
            if has_ties || n > MAX_EXACT {
                return Err(MetricError::NoExact {
                    what: if has_ties {
                        "tied values".to_owned()
                    } else {
                        format!("{n} pairs")
                    },
                    accepted: "at most 170 pairs, all values of a column different",
                });
            }
            true
        }
    };
    let p_value = if exact {
        exact_p_value(n, pairs.discordant, pairs.all, alternative)
    } else {
        normal_p_value(difference / pairs.variance(n).sqrt(), alternative)
    };
    Ok(KendallResult {
        statistic,
        p_value,
        method: if exact {
            PValueMethod::Exact
        } else {
            PValueMethod::Asymptotic
        },
        n,
    })
}

/// Sums over groups of t tied values.
#[derive(Default)]
struct Ties {
    /// Σ t(t − 1)/2.
    pairs: u128,
    /// Σ t(t − 1)(t − 2).
    triples: u128,
    /// Σ t(t − 1)(2t + 5).
    weighted: u128,
}

impl Ties {
    fn add(&mut self, tied: usize) {
        let t = tied as u128;
        let ordered = t * (t - 1);
        self.pairs += ordered / 2;
        self.triples += ordered * t.saturating_sub(2);
        self.weighted += ordered * (2 * t + 5);
    }
}

/// Counts of pairs of samples.
struct Pairs {
    all: u128,
    discordant: u128,
    tied_x: Ties,
    tied_y: Ties,
    tied_both: u128,
}

impl Pairs {
    fn count(x: &[f64], y: &[f64]) -> Self {
        // `+ 0.0` makes the two zeros one value.
        let mut points: Vec<(f64, f64)> = x.iter().zip(y).map(|(x, y)| (x + 0.0, y + 0.0)).collect();
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let same_x = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).is_eq();
        let same_y = |a: &f64, b: &f64| a.total_cmp(b).is_eq();
        let (mut tied_x, mut tied_y, mut tied_both) = (Ties::default(), Ties::default(), Ties::default());
        for group in points.chunk_by(same_x) {
            tied_x.add(group.len());
            for group in group.chunk_by(|a, b| same_y(&a.1, &b.1)) {
                tied_both.add(group.len());
            }
        }
        // Sorted by x, then y: what is left of disorder in y are the discordant pairs.
        let mut order: Vec<f64> = points.iter().map(|point| point.1).collect();
        let discordant = sort_counting_inversions(&mut order);
        for group in order.chunk_by(same_y) {
            tied_y.add(group.len());
        }
        let n = x.len() as u128;
        Self {
            all: n * (n - 1) / 2,
            discordant,
            tied_x,
            tied_y,
            tied_both: tied_both.pairs,
        }
    }

    fn concordant_minus_discordant(&self) -> f64 {
        let comparable = self.all + self.tied_both - self.tied_x.pairs - self.tied_y.pairs;
        let twice = 2 * self.discordant;
        if comparable >= twice {
            (comparable - twice) as f64
        } else {
            -((twice - comparable) as f64)
        }
    }

    /// The variance of C − D under independence.
    fn variance(&self, n: usize) -> f64 {
        let n = n as u128;
        let ordered = n * (n - 1);
        let untied =
            (ordered * (2 * n + 5)) as f64 - self.tied_x.weighted as f64 - self.tied_y.weighted as f64;
        let pairs = self.tied_x.pairs as f64 * self.tied_y.pairs as f64;
        let triples = self.tied_x.triples as f64 * self.tied_y.triples as f64;
        untied / 18.0 + 2.0 * pairs / ordered as f64 + triples / (9.0 * ordered as f64 * (n - 2) as f64)
    }
}

/// Sorts by merging runs of doubling length; returns the number of pairs that stood in falling order.
fn sort_counting_inversions(values: &mut Vec<f64>) -> u128 {
    let n = values.len();
    let mut merged = Vec::with_capacity(n);
    let mut inversions = 0;
    let mut run = 1;
    while run < n {
        merged.clear();
        for block in values.chunks(2 * run) {
            let (mut left, mut right) = block.split_at(run.min(block.len()));
            while let (Some(&l), Some(&r)) = (left.first(), right.first()) {
                if l.total_cmp(&r).is_gt() {
                    inversions += left.len() as u128;
                    merged.push(r);
                    right = &right[1..];
                } else {
                    merged.push(l);
                    left = &left[1..];
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(values, &mut merged);
        run *= 2;
    }
    inversions
}

/// The p-value of `discordant` inversions of a random permutation of `n`.
fn exact_p_value(n: usize, discordant: u128, all: u128, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided => (2.0 * lower_tail(n, discordant.min(all - discordant))).min(1.0),
        Alternative::Greater => at_most(n, discordant, all),
        // As many concordant pairs or fewer: the same number of inversions in reversed order.
        Alternative::Less => at_most(n, all - discordant, all),
    }
}

/// P(inversions ≤ `d`), from whichever tail is the shorter one.
fn at_most(n: usize, d: u128, all: u128) -> f64 {
    if 2 * d <= all {
        lower_tail(n, d)
    } else if d == all {
        1.0
    } else {
        1.0 - lower_tail(n, all - d - 1)
    }
}

/// P(inversions ≤ `d`) of a random permutation of `n`, for `d` up to half the largest number. Adding
/// element `i` to a permutation of `i − 1` makes 0 to `i − 1` new inversions, each number equally likely.
fn lower_tail(n: usize, d: u128) -> f64 {
    let Ok(d) = usize::try_from(d) else {
        return 1.0;
    };
    let mut probability = vec![0.0; d + 1];
    probability[0] = 1.0;
    let mut next = vec![0.0; d + 1];
    for i in 2..=n {
        let mut window = 0.0;
        for k in 0..=d {
            window += probability[k];
            if k >= i {
                window -= probability[k - i];
            }
            next[k] = window / i as f64;
        }
        std::mem::swap(&mut probability, &mut next);
    }
    probability.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Probabilities of small permutations.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn inversions_are_counted_as_by_comparing_all_pairs() {
        let values = [3.0, 1.0, 2.0, 2.0, 5.0, 0.0, 1.0, 9.0, 4.0];
        let mut sorted = values.to_vec();
        let mut expected = 0;
        for i in 0..values.len() {
            expected += values[i + 1..].iter().filter(|&&later| values[i] > later).count();
        }
        assert_eq!(sort_counting_inversions(&mut sorted), expected as u128);
        assert!(sorted.is_sorted());
    }

    #[test]
    fn permutations_of_four_by_inversions() {
        // 1, 3, 5, 6, 5, 3, 1 of 24.
        for (d, n) in [1.0, 4.0, 9.0, 15.0, 20.0, 23.0, 24.0].into_iter().enumerate() {
            assert!((at_most(4, d as u128, 6) - n / 24.0).abs() < ROUNDING, "{d}");
        }
    }

    #[test]
    fn exact_p_values_need_columns_without_ties() {
        let x = [1.0, 1.0, 2.0, 3.0];
        let y = [4.0, 3.0, 2.0, 1.0];
        let error = kendall_tau_b(&x, &y, Alternative::Less, PValueMethod::Exact).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no exact p-value for tied values (accepted: at most 170 pairs, all values of a column different)"
        );
        let auto = kendall_tau_b(&x, &y, Alternative::Less, PValueMethod::Auto).unwrap();
        assert_eq!(auto.method, PValueMethod::Asymptotic);
    }

    #[test]
    fn constant_columns_are_rejected() {
        let error = kendall_tau_b(
            &[2.0; 4],
            &[1.0, 2.0, 3.0, 4.0],
            Alternative::Less,
            PValueMethod::Auto,
        );
        assert!(matches!(error, Err(MetricError::Constant { name: "x", .. })));
    }
}
