//! Draws without replacement from two kinds of items.

use std::sync::LazyLock;

use wherefair_core::Stream;

/// Below this many draws (or items of the rarer kind) the items are drawn one by one.
const SMALL: u64 = 10;

/// How many of `draws` items, taken without replacement from `total` of which `marked` are marked, are marked.
///
/// `marked` and `draws` must be at most `total`.
///
/// `DIFFERENCE:` the width of the hat uses the variance of the reduced problem throughout, where the common
/// implementations mix the reduced and the original number of draws. `rand_distr` has the same distribution,
/// but prepares it in time proportional to `total`.
///
/// # References
/// Stadlober (1990), The ratio of uniforms approach for generating discrete random variates,
/// doi:10.1016/0377-0427(90)90349-5 (algorithm HRUA).
pub(crate) fn hypergeometric(stream: &mut Stream, total: u64, marked: u64, draws: u64) -> u64 {
    debug_assert!(marked <= total && draws <= total);
    // Marked or not, drawn or left: only the smaller of each needs to be simulated.
    let rare = marked.min(total - marked);
    let few = draws.min(total - draws);
    let drawn = if rare.min(few) < SMALL {
        one_by_one(stream, total, rare.max(few), rare.min(few))
    } else {
        ratio_of_uniforms(stream, total, rare, few)
    };
    let drawn = if marked > total - marked {
        few - drawn
    } else {
        drawn
    };
    if draws > total - draws {
        marked - drawn
    } else {
        drawn
    }
}

/// Exact for any parameters, in time proportional to `draws`.
fn one_by_one(stream: &mut Stream, total: u64, marked: u64, draws: u64) -> u64 {
    let mut left = marked;
    for drawn in 0..draws {
        left -= u64::from(stream.below(total - drawn) < left);
    }
    marked - left
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number between 0 and `few`"
)]
fn ratio_of_uniforms(stream: &mut Stream, total: u64, rare: u64, few: u64) -> u64 {
    let (n, rare, few) = (total as f64, rare as f64, few as f64);
    let common = n - rare;
    let p = rare / n;
    let centre = few * p + 0.5;
    let sd = ((n - few) * few * p * (1.0 - p) / (n - 1.0) + 0.5).sqrt();
    // 2·sqrt(2/e) and 3 − 2·sqrt(3/e): the constants of the table-mountain hat.
    let width = 1.715_527_769_921_413_5 * sd + 0.898_916_162_058_898_8;
    let mode = ((few + 1.0) * (rare + 1.0) / (n + 2.0)).floor();
    let weight = |k: f64| {
        ln_factorial(k) + ln_factorial(rare - k) + ln_factorial(few - k) + ln_factorial(common - few + k)
    };
    let at_mode = weight(mode);
    let end = (few.min(rare) + 1.0).min((centre + 16.0 * sd).floor());
    loop {
        let u = 1.0 - stream.uniform();
        let candidate = centre + width * (stream.uniform() - 0.5) / u;
        if !(0.0..end).contains(&candidate) {
            continue;
        }
        let k = candidate.floor();
        let t = at_mode - weight(k);
        let squeezed_in = u * (4.0 - u) - 3.0 <= t;
        let squeezed_out = u * (u - t) >= 1.0;
        if squeezed_in || (!squeezed_out && 2.0 * u.ln() <= t) {
            return k as u64;
        }
    }
}

/// Factorials whose logarithms are kept in a table, which fits a second-level cache.
const TABLE_LENGTH: usize = 1 << 14;

/// ln k! for a whole number k ≥ 0: a table of compensated sums, Stirling's series above it (relative error
/// below 1e-15).
fn ln_factorial(k: f64) -> f64 {
    static TABLE: LazyLock<Vec<f64>> = LazyLock::new(ln_factorials);
    const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of at least 0; larger ones saturate beyond the table"
    )]
    if let Some(&value) = TABLE.get(k as usize) {
        return value;
    }
    let inverse = 1.0 / k;
    (k + 0.5) * k.ln() - k + HALF_LN_TAU + inverse * (1.0 / 12.0 - inverse * inverse / 360.0)
}

fn ln_factorials() -> Vec<f64> {
    let (mut sum, mut lost) = (0.0, 0.0);
    let mut table = Vec::with_capacity(TABLE_LENGTH);
    table.push(0.0);
    for k in 1..TABLE_LENGTH {
        let term = (k as f64).ln() - lost;
        let next: f64 = sum + term;
        lost = (next - sum) - term;
        sum = next;
        table.push(sum);
    }
    table
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    #[test]
    fn logarithms_of_factorials_are_sums_of_logarithms() {
        let mut sum = 0.0;
        for k in 1..40_000 {
            sum += f64::from(k).ln();
            let ours = ln_factorial(f64::from(k));
            assert!(
                (ours - sum).abs() <= 1e-12 * sum.max(1.0),
                "{k}: {ours} is not {sum}"
            );
        }
    }

    #[test]
    fn draws_follow_the_exact_probabilities() {
        for (case, (total, marked, draws)) in [
            (40, 15, 12),
            (40, 25, 12),
            (40, 15, 28),
            (40, 25, 28),
            (1000, 20, 500),
            (60, 4, 30),
            (60, 30, 57),
            (200, 100, 100),
        ]
        .into_iter()
        .enumerate()
        {
            let n_draws = 200_000;
            let mut counts = vec![0_u32; usize::try_from(draws).unwrap() + 1];
            let mut stream = Seed::new(11).indexed("hypergeometric", case as u64);
            for _ in 0..n_draws {
                let k = hypergeometric(&mut stream, total, marked, draws);
                counts[usize::try_from(k).unwrap()] += 1;
            }
            let mut chi_square = 0.0;
            let mut n_classes = 0.0_f64;
            let (mut rest_seen, mut rest_expected) = (0.0, 0.0);
            for (k, &seen) in counts.iter().enumerate() {
                let expected = f64::from(n_draws) * probability(total, marked, draws, k as u64);
                if expected >= 10.0 {
                    chi_square += (f64::from(seen) - expected).powi(2) / expected;
                    n_classes += 1.0;
                } else {
                    rest_seen += f64::from(seen);
                    rest_expected += expected;
                }
            }
            assert!(rest_seen <= rest_expected + 6.0 * rest_expected.sqrt() + 3.0);
            let df: f64 = n_classes - 1.0;
            let limit = df + 5.0 * (2.0 * df).sqrt();
            assert!(
                chi_square < limit,
                "{total} {marked} {draws}: chi-square {chi_square} of at most {limit}"
            );
        }
    }

    #[test]
    fn moments_hold_for_very_large_totals() {
        let (total, marked, draws) = (200_000_000_u64, 3_000_000_u64, 2_000_000_u64);
        let mut stream = Seed::new(2).stream("large");
        let n = 20_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        let p = marked as f64 / total as f64;
        let mean = draws as f64 * p;
        let variance = mean * (1.0 - p) * (total - draws) as f64 / (total - 1) as f64;
        for _ in 0..n {
            let z = (hypergeometric(&mut stream, total, marked, draws) as f64 - mean) / variance.sqrt();
            sum += z;
            squares += z * z;
        }
        let n = f64::from(n);
        assert!((sum / n).abs() < 5.0 / n.sqrt());
        assert!((squares / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    }

    #[test]
    fn certain_draws_are_certain() {
        let mut stream = Seed::new(0).stream("certain");
        for total in 0..30 {
            assert_eq!(hypergeometric(&mut stream, total, total, total), total);
            assert_eq!(hypergeometric(&mut stream, total, 0, total), 0);
            assert_eq!(hypergeometric(&mut stream, total, total, 0), 0);
            assert_eq!(hypergeometric(&mut stream, total, total / 2, total), total / 2);
        }
    }

    fn probability(total: u64, marked: u64, draws: u64, k: u64) -> f64 {
        let ln_choose =
            |n: u64, k: u64| ln_factorial(n as f64) - ln_factorial(k as f64) - ln_factorial((n - k) as f64);
        if k > marked || draws - k.min(draws) > total - marked {
            return 0.0;
        }
        (ln_choose(marked, k) + ln_choose(total - marked, draws - k) - ln_choose(total, draws)).exp()
    }
}
