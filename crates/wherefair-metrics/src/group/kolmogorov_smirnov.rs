//! The two-sample Kolmogorov–Smirnov test.

use serde::{Deserialize, Serialize};

use super::alternative::{Alternative, PValueMethod};
use super::sample::check_sample;
use crate::error::MetricError;

/// Up to what product of the sample sizes, which is its cost, `Auto` takes the exact distribution.
const AUTO_EXACT: u128 = 10_000_000;

/// Up to what product of the sample sizes the exact distribution is to be had at all.
const MAX_EXACT: u128 = 10_000_000_000;

/// The result of a Kolmogorov–Smirnov test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KsResult {
    /// The largest difference of the two distribution functions on the side asked for, 0 to 1.
    pub statistic: f64,
    /// The p-value against one common distribution.
    pub p_value: f64,
    /// The value at which the difference is largest, the first of several; `None` where it is 0.
    pub location: Option<f64>,
    /// How the p-value was found: exact or asymptotic.
    pub method: PValueMethod,
}

/// Do `a` and `b` come from one distribution?
///
/// [`Alternative::Greater`] looks for places where the distribution function of `a` lies above that of `b`,
/// that is, where values of `a` tend to be the smaller ones; [`Alternative::Less`] for the opposite.
///
/// # Formula
/// ```text
/// D = max |F_a − F_b|,  D⁺ = max (F_a − F_b),  D⁻ = max (F_b − F_a)
/// ```
/// Exact p-values count lattice paths. Asymptotic ones, with m ≥ n the sample sizes and z = D √(mn/(m +
/// n)), are Kolmogorov's limit 2 Σ (−1)ᵏ⁻¹ exp(−2k²z²) two-sided and Hodges' exp(−2z² − 2z (m + 2n)/(3
/// √(mn(m + n)))) one-sided.
///
/// The p-values hold for continuous distributions; with tied values they are too large, that is, on the
/// safe side.
///
/// # Shapes
/// `(n_a,)` and `(n_b,)`.
///
/// # Errors
/// [`MetricError`] when a sample is empty or holds NaN or infinite values, or an exact p-value is asked for
/// with `n_a · n_b` above 10¹⁰. `Auto` is exact up to 10⁷.
///
/// # References
/// Hodges (1958), doi:10.1007/BF02589501; Smirnov (1948), doi:10.1214/aoms/1177730256.
///
/// # Examples
/// ```
/// use wherefair_metrics::{Alternative, PValueMethod, ks_two_sample};
///
/// let (a, b) = ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]);
/// let result = ks_two_sample(&a, &b, Alternative::TwoSided, PValueMethod::Exact)?;
/// assert_eq!(result.statistic, 1.0);
/// assert!((result.p_value - 2.0 / 20.0).abs() < 1e-15);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
pub fn ks_two_sample(
    a: &[f64],
    b: &[f64],
    alternative: Alternative,
    method: PValueMethod,
) -> Result<KsResult, MetricError> {
    check_sample("a", a, 1)?;
    check_sample("b", b, 1)?;
    let (n_a, n_b) = (a.len() as u128, b.len() as u128);
    let cost = n_a * n_b;
    let exact = match method {
        PValueMethod::Auto => cost <= AUTO_EXACT,
        PValueMethod::Asymptotic => false,
        PValueMethod::Exact if cost <= MAX_EXACT => true,
        PValueMethod::Exact => {
            return Err(MetricError::NoExact {
                what: format!("samples of {n_a} and {n_b}"),
                accepted: "a product of the sample sizes of at most 10000000000",
            });
        }
    };
    let (gap, location) = largest_gap(a, b, alternative);
    let statistic = gap as f64 / cost as f64;
    let p_value = if gap == 0 {
        1.0
    } else if exact {
        exact_p_value(a.len(), b.len(), gap, alternative)
    } else {
        asymptotic_p_value(a.len(), b.len(), statistic, alternative)
    };
    Ok(KsResult {
        statistic,
        p_value,
        location,
        method: if exact {
            PValueMethod::Exact
        } else {
            PValueMethod::Asymptotic
        },
    })
}

/// The largest difference of the distribution functions as a whole number of `1/(n_a n_b)`, and where it is.
fn largest_gap(a: &[f64], b: &[f64], alternative: Alternative) -> (u128, Option<f64>) {
    // `+ 0.0` makes the two zeros one value.
    let sorted = |values: &[f64]| {
        let mut values: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (sorted_a, sorted_b) = (sorted(a), sorted(b));
    let (n_a, n_b) = (a.len() as u128, b.len() as u128);
    let (mut i, mut j) = (0, 0);
    let (mut largest, mut location) = (0, None);
    while i < sorted_a.len() || j < sorted_b.len() {
        let here = match (sorted_a.get(i), sorted_b.get(j)) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) => x,
            (None, Some(&y)) => y,
            (None, None) => break,
        };
        i += sorted_a[i..].iter().take_while(|&&x| x <= here).count();
        j += sorted_b[j..].iter().take_while(|&&y| y <= here).count();
        let (share_a, share_b) = (i as u128 * n_b, j as u128 * n_a);
        let gap = match alternative {
            Alternative::TwoSided => share_a.abs_diff(share_b),
            Alternative::Greater => share_a.saturating_sub(share_b),
            Alternative::Less => share_b.saturating_sub(share_a),
        };
        if gap > largest {
            largest = gap;
            location = Some(here);
        }
    }
    (largest, location)
}

/// The share of lattice paths from (0, 0) to (`n_a`, `n_b`) that reach a point whose gap is `gap` or more.
///
/// Of the paths to (i, j), i/(i + j) come from (i − 1, j) and the others from (i, j − 1); all terms are
/// positive, so that small p-values keep their digits.
fn exact_p_value(n_a: usize, n_b: usize, gap: u128, alternative: Alternative) -> f64 {
    // The cost is checked to be small, so that all products fit.
    let as_i64 = |value: u128| i64::try_from(value).unwrap_or(i64::MAX);
    let (step_a, step_b, gap) = (as_i64(n_b as u128), as_i64(n_a as u128), as_i64(gap));
    let outside = |difference: i64| match alternative {
        Alternative::TwoSided => difference.abs() >= gap,
        // A path walked backwards has the opposite differences, so that both sides have one distribution.
        Alternative::Greater | Alternative::Less => difference >= gap,
    };
    let mut row = vec![0.0_f64; n_b + 1];
    let mut row_start = 0_i64;
    for i in 0..=n_a {
        let mut difference = row_start;
        let mut left = 0.0;
        for (j, cell) in row.iter_mut().enumerate() {
            *cell = if outside(difference) {
                1.0
            } else if i + j == 0 {
                0.0
            } else {
                (i as f64 * *cell + j as f64 * left) / (i + j) as f64
            };
            left = *cell;
            difference -= step_b;
        }
        row_start += step_a;
    }
    row[n_b].min(1.0)
}

fn asymptotic_p_value(n_a: usize, n_b: usize, statistic: f64, alternative: Alternative) -> f64 {
    let (m, n) = (n_a.max(n_b) as f64, n_a.min(n_b) as f64);
    let z = statistic * (m * n / (m + n)).sqrt();
    match alternative {
        Alternative::TwoSided => kolmogorov_sf(z),
        Alternative::Greater | Alternative::Less => {
            let correction = 2.0 * z * (m + 2.0 * n) / (3.0 * (m * n * (m + n)).sqrt());
            (-2.0 * z * z - correction).exp()
        }
    }
}

/// P(K > z) of Kolmogorov's limit distribution; each of the two series where it converges fast.
fn kolmogorov_sf(z: f64) -> f64 {
    /// Below it the series of the distribution function needs fewer terms, from it on that of its complement.
    const TURN: f64 = 1.0;
    /// Terms after which either series has converged on its side of the turn.
    const N_TERMS: u32 = 8;
    if z <= 0.0 {
        return 1.0;
    }
    if z < TURN {
        let exponent = std::f64::consts::PI.powi(2) / (8.0 * z * z);
        let sum: f64 = (0..N_TERMS)
            .map(|k| (-f64::from(2 * k + 1).powi(2) * exponent).exp())
            .sum();
        return 1.0 - (2.0 * std::f64::consts::PI).sqrt() / z * sum;
    }
    let sum: f64 = (1..=N_TERMS)
        .map(|k| {
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            sign * (-2.0 * (f64::from(k) * z).powi(2)).exp()
        })
        .sum();
    2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of few terms.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn the_two_series_of_the_limit_meet() {
        let below = kolmogorov_sf(1.0_f64.next_down());
        assert!((below - kolmogorov_sf(1.0)).abs() < ROUNDING);
        assert!((kolmogorov_sf(1e-3) - 1.0).abs() < ROUNDING);
        assert!(kolmogorov_sf(40.0) < ROUNDING);
    }

    #[test]
    fn equal_samples_have_no_gap() {
        for alternative in [Alternative::TwoSided, Alternative::Greater, Alternative::Less] {
            let result = ks_two_sample(&[1.0, 0.0], &[-0.0, 1.0], alternative, PValueMethod::Auto).unwrap();
            assert_eq!((result.statistic.to_bits(), result.location), (0, None));
            assert_eq!(result.p_value.to_bits(), 1.0_f64.to_bits());
        }
    }

    #[test]
    fn the_side_is_that_of_the_distribution_function() {
        let test = |alternative| {
            let (smaller, larger) = ([1.0, 2.0], [3.0, 4.0, 5.0]);
            ks_two_sample(&smaller, &larger, alternative, PValueMethod::Exact).unwrap()
        };
        let greater = test(Alternative::Greater);
        assert!((greater.statistic - 1.0).abs() < ROUNDING);
        assert!((greater.p_value - 0.1).abs() < ROUNDING);
        assert_eq!(greater.location, Some(2.0));
        assert!((test(Alternative::Less).p_value - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn degenerate_samples_are_rejected() {
        let test = |a: &[f64], b: &[f64]| ks_two_sample(a, b, Alternative::TwoSided, PValueMethod::Auto);
        assert!(matches!(
            test(&[], &[1.0]),
            Err(MetricError::TooFew { name: "a", .. })
        ));
        assert!(matches!(
            test(&[1.0], &[f64::NAN]),
            Err(MetricError::NotFinite {
                name: "b",
                index: 0,
                ..
            })
        ));
        assert!(test(&[1.0], &[1.0]).is_ok());
    }

    #[test]
    fn an_exact_p_value_of_huge_samples_is_refused() {
        let (a, b) = (vec![0.0; 200_000], vec![1.0; 200_000]);
        let error = ks_two_sample(&a, &b, Alternative::Less, PValueMethod::Exact).unwrap_err();
        assert!(matches!(error, MetricError::NoExact { .. }));
        let auto = ks_two_sample(&a, &b, Alternative::Greater, PValueMethod::Auto).unwrap();
        assert_eq!(auto.method, PValueMethod::Asymptotic);
        assert!((auto.statistic - 1.0).abs() < ROUNDING);
    }
}
