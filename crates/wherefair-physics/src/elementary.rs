//! Elementary functions, the same for one number and for several side by side.
//!
//! Only operations that round as IEEE 754 says, and none that rounds once for two: every machine gives the same bits.
//! Polynomials are minimax, of such degree that rounding counts for more; `scripts/elementary_coefficients.py`
//! computes them.

use std::f64::consts::{LOG2_E, SQRT_2};

use crate::number::{Mask as _, Plain, inlined};

/// 2⁵²: from here on, doubles are whole numbers.
pub(crate) const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
/// The bits of the mantissa.
pub(crate) const MANTISSA: u64 = (1 << 52) - 1;
/// 1.5 · 2⁵²: added to a number and taken off again, it leaves the nearest whole one.
const ROUND: f64 = 1.5 * TWO_TO_52;
/// The same with the offset of exponents, which leaves the exponent of a power of two in the lowest bits.
pub(crate) const ROUND_WITH_OFFSET: f64 = ROUND + 1023.0;

/// ln 2 in two parts; products of the first with exponents are exact.
const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
/// π/2 in three parts; products of the first two with whole numbers up to 2²⁰ are exact.
const HALF_PI: [f64; 3] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_795_950_6e-21,
];
/// Angles beyond are left to the standard library.
const LARGEST_ANGLE: f64 = 1e5;

/// (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2.
const EXP: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_77,
    0.041_666_666_666_666_7,
    0.008_333_333_333_321_579,
    0.001_388_888_888_886_679,
    0.000_198_412_698_862_660_66,
    2.480_158_736_064_953_3e-5,
    2.755_724_406_210_724e-6,
    2.755_724_268_115_510_4e-7,
    2.510_909_034_928_765_7e-8,
    2.092_446_739_470_100_9e-9,
];
/// (2 artanh(s)/s − 2) / s² by s², on s up to (√2 − 1)/(√2 + 1).
const LN: [f64; 7] = [
    0.666_666_666_666_667,
    0.399_999_999_998_981_95,
    0.285_714_286_265_118_7,
    0.222_222_110_545_095_33,
    0.181_828_945_510_223_27,
    0.153_315_527_673_303_14,
    0.146_184_179_465_416_4,
];
/// (sin x − x) / x³ by x², on |x| ≤ π/4.
const SIN: [f64; 6] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_330_94,
    -0.000_198_412_698_367_429_72,
    2.755_731_609_430_588_7e-6,
    -2.505_113_010_159_566_5e-8,
    1.591_800_227_636_204_5e-10,
];
/// (cos x − 1 + x²/2) / x⁴ by x², on |x| ≤ π/4.
const COS: [f64; 6] = [
    0.041_666_666_666_666_664,
    -0.001_388_888_888_888_739,
    2.480_158_729_875_575_5e-5,
    -2.755_731_726_649_346_7e-7,
    2.087_614_516_341_835_8e-9,
    -1.138_255_203_544_847_3e-11,
];

/// The polynomial with these coefficients, even and odd powers in two chains that run side by side.
#[inline(always)]
fn polynomial<T: Plain, const N: usize>(x: T, coefficients: [f64; N]) -> T {
    let square = x * x;
    let chain = inlined!(|last: usize| {
        let mut sum = x.constant(coefficients[last]);
        let mut at = last;
        while at >= 2 {
            at -= 2;
            sum = sum * square + coefficients[at];
        }
        sum
    });
    let (even, odd) = if N.is_multiple_of(2) {
        (N - 2, N - 1)
    } else {
        (N - 1, N - 2)
    };
    chain(odd) * x + chain(even)
}

/// The nearest whole number of one below 2⁵¹.
#[inline(always)]
fn nearest<T: Plain>(x: T) -> T {
    (x + ROUND) - ROUND
}

/// Whole `k` and e^r − 1 with `x = k ln 2 + r`.
#[inline(always)]
fn reduced<T: Plain>(x: T) -> (T, T) {
    let k = nearest(x * LOG2_E);
    let r = (x - k * LN_2[0]) - k * LN_2[1];
    (k, polynomial(r, EXP) * (r * r) + r)
}

/// This times 2 to a whole power, in two steps, so that neither overflows before the result does.
#[inline(always)]
fn scaled<T: Plain>(x: T, power: T) -> T {
    let half = nearest(power * 0.5);
    x * half.power_of_two() * (power - half).power_of_two()
}

/// `x` between two bounds; NaN stays.
#[inline(always)]
fn between<T: Plain>(x: T, from: f64, to: f64) -> T {
    let (from, to) = (x.constant(from), x.constant(to));
    let x = T::blend(x.below(from), from, x);
    T::blend(to.below(x), to, x)
}

/// eˣ to 1 unit in the last place.
#[inline(always)]
pub(crate) fn exp<T: Plain>(x: T) -> T {
    let (k, less_1) = reduced(between(x, -746.0, 710.0));
    scaled(less_1 + 1.0, k)
}

/// eˣ − 1 to 2 units in the last place.
#[inline(always)]
pub(crate) fn exp_m1<T: Plain>(x: T) -> T {
    let (k, less_1) = reduced(between(x, -40.0, 710.0));
    // 2ᵏ (e^r − 1 + 1 − 2⁻ᵏ); beyond 2⁶⁰ the last does not count.
    let inverse = (-between(k, -60.0, 60.0)).power_of_two();
    scaled(less_1 + (-inverse + 1.0), k)
}

/// What a logarithm is put together from: the exponent `e` and `f` with `x = 2ᵉ (1 + f)`, √½ ≤ 1 + f < √2.
#[inline(always)]
fn parts<T: Plain>(x: T) -> (T, T) {
    let tiny = x.is_below(f64::MIN_POSITIVE);
    let normal = T::blend(tiny, x * (4.0 * TWO_TO_52), x);
    let (exponent, mantissa) = normal.exponent_and_mantissa();
    let exponent = exponent - T::blend(tiny, x.constant(1077.0), x.constant(1023.0));
    let large = mantissa.is_above(SQRT_2);
    let mantissa = T::blend(large, mantissa * 0.5, mantissa);
    (T::blend(large, exponent + 1.0, exponent), mantissa - 1.0)
}

/// ln(1 + f) − f.
#[inline(always)]
fn ln_less_argument<T: Plain>(f: T) -> T {
    let s = f / (f + 2.0);
    let square = s * s;
    let half_square = f * f * 0.5;
    s * (half_square + square * polynomial(square, LN)) - half_square
}

/// The logarithm of `x` where it has one that is finite.
#[inline(always)]
fn with_borders<T: Plain>(x: T, ln: T) -> T {
    let ln = T::blend(x.is_above(f64::MAX), x, ln);
    let ln = T::blend(x.is_zero(), x.constant(f64::NEG_INFINITY), ln);
    T::blend(
        x.at_or_below(x.constant(f64::INFINITY))
            .and(x.is_below(0.0).not()),
        ln,
        x.constant(f64::NAN),
    )
}

/// ln x to 1 unit in the last place.
#[inline(always)]
pub(crate) fn ln<T: Plain>(x: T) -> T {
    let (exponent, f) = parts(x);
    let rest = ln_less_argument(f) + exponent * LN_2[1];
    with_borders(x, exponent * LN_2[0] + (rest + f))
}

/// ln(1 + x) to 2 units in the last place.
#[inline(always)]
pub(crate) fn ln_1p<T: Plain>(x: T) -> T {
    let sum = x + 1.0;
    let (exponent, f) = parts(sum);
    // What the sum lost in rounding.
    let lost = T::blend(sum.is_below(2.0), x - (sum - 1.0), -(sum - x) + 1.0);
    let is_near = exponent.is_zero();
    let f = T::blend(is_near, x, f);
    let lost = T::blend(is_near, x.constant(0.0), lost / sum);
    let rest = ln_less_argument(f) + (exponent * LN_2[1] + lost);
    with_borders(sum, exponent * LN_2[0] + (rest + f))
}

/// Sine and cosine to 1 unit in the last place.
#[inline(always)]
pub(crate) fn sin_cos<T: Plain>(x: T) -> (T, T) {
    let is_large = x.abs().at_or_below(x.constant(LARGEST_ANGLE)).not();
    let (sin, cos) = sin_cos_of_moderate(x);
    if is_large.any() {
        return (
            T::blend(is_large, x.each(f64::sin), sin),
            T::blend(is_large, x.each(f64::cos), cos),
        );
    }
    (sin, cos)
}

#[inline(always)]
fn sin_cos_of_moderate<T: Plain>(x: T) -> (T, T) {
    let quarters = nearest(x * std::f64::consts::FRAC_2_PI);
    // x − quarters π/2 as a number and what is lost in rounding it.
    let first = x - quarters * HALF_PI[0];
    let second = quarters * HALF_PI[1];
    let difference = first - second;
    let rest = ((first - difference) - second) - quarters * HALF_PI[2];
    let y = difference + rest;
    let lost = (difference - y) + rest;

    let square = y * y;
    let cube = square * y;
    let half_square = square * 0.5;
    let sin = y + (polynomial(square, SIN) * cube + (lost - half_square * lost));
    let near_1 = -half_square + 1.0;
    let cos =
        near_1 + (((-near_1 + 1.0) - half_square) + (square * square * polynomial(square, COS) - y * lost));

    // −2 to 2 turns by a quarter.
    let turns = quarters - nearest(quarters * 0.25) * 4.0;
    let is_odd = turns
        .square()
        .at_or_below(x.constant(1.0))
        .and(turns.is_zero().not());
    let sine = T::blend(is_odd, cos, sin);
    let cosine = T::blend(is_odd, sin, cos);
    let sine_is_negative = turns.is_below(-0.5).or(turns.is_above(1.5));
    let cosine_is_negative = turns.is_above(0.5).or(turns.is_below(-1.5));
    (
        T::blend(sine_is_negative, -sine, sine),
        T::blend(cosine_is_negative, -cosine, cosine),
    )
}

/// `x` to a power of −3 to 3, for `x` from 0 on, to 4 units in the last place; numbers below 0 give NaN.
#[inline(always)]
pub(crate) fn powf<T: Plain>(x: T, exponent: f64) -> T {
    if exponent == 0.0 {
        return x.constant(1.0);
    }
    let (power, f) = parts(x);
    // The logarithm in two parts.
    let whole = power * LN_2[0];
    let sum = whole + f;
    let rest = (f - (sum - whole)) + (ln_less_argument(f) + power * LN_2[1]);
    let high = sum + rest;
    let low = rest - (high - sum);
    // Its product with the exponent in two parts, by halves of the digits.
    let high = with_borders(x, high);
    let product = high * exponent;
    let halves = inlined!(|a: T| {
        let upper = a * SPLIT;
        let upper = upper - (upper - a);
        (upper, a - upper)
    });
    let (upper, lower) = halves(high);
    let (of_upper, of_lower) = halves(x.constant(exponent));
    let lost = ((upper * of_upper - product) + upper * of_lower + lower * of_upper) + lower * of_lower;
    let is_moderate = product.abs().is_below(1e3);
    let correction = T::blend(is_moderate, lost + low * exponent, x.constant(0.0));
    let main = exp(product);
    // What overflows has nothing to be corrected.
    let is_corrected = is_moderate.and(main.is_below(f64::INFINITY));
    T::blend(is_corrected, main + main * correction, main)
}

/// 2²⁷ + 1, which splits a double into halves.
const SPLIT: f64 = 134_217_729.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance in units in the last place of what was expected.
    fn distance(ours: f64, expected: f64) -> f64 {
        if ours.total_cmp(&expected).is_eq() || (ours.is_nan() && expected.is_nan()) {
            return 0.0;
        }
        if !ours.is_finite() || !expected.is_finite() {
            return f64::INFINITY;
        }
        let size = expected.abs().clamp(f64::MIN_POSITIVE, f64::MAX);
        let unit = f64::from_bits(size.to_bits() + 1) - size;
        (ours - expected).abs() / unit.max(f64::from_bits(1))
    }

    /// The largest distance over numbers between two bounds, evenly spaced, and by powers of ten down to nothing.
    fn largest(from: f64, to: f64, ours: impl Fn(f64) -> f64, expected: impl Fn(f64) -> f64) -> f64 {
        let even = (0..200_000).map(|i| from + (to - from) * (f64::from(i) + 0.377) / 200_000.0);
        let tiny = (0..3000).flat_map(|i| [1.0, -1.0].map(|sign| sign * 10f64.powf(-0.1 * f64::from(i))));
        even.chain(tiny.filter(|x| (from..=to).contains(x)))
            .map(|x| distance(ours(x), expected(x)))
            .fold(0.0, f64::max)
    }

    const SPECIAL: [f64; 14] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        5e-324,
        -5e-324,
        2.2e-308,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::MIN,
        1e-310,
    ];

    fn special(name: &str, ours: fn(f64) -> f64, expected: fn(f64) -> f64, units: f64) {
        for x in SPECIAL {
            let (ours, expected) = (ours(x), expected(x));
            assert!(
                distance(ours, expected) <= units,
                "{name}({x}) is {expected}, not {ours}"
            );
        }
    }

    #[test]
    fn exponentials_lie_within_two_units_in_the_last_place() {
        assert!(largest(-708.0, 709.78, exp, f64::exp) <= 1.0);
        assert!(largest(-2.0, 2.0, exp, f64::exp) <= 1.0);
        assert!(largest(-745.2, -708.0, exp, f64::exp) <= 1.0, "subnormal");
        assert!(largest(-50.0, 709.78, exp_m1, f64::exp_m1) <= 2.0);
        assert!(largest(-2.0, 2.0, exp_m1, f64::exp_m1) <= 2.0);
        special("exp", exp, f64::exp, 1.0);
        special("exp_m1", exp_m1, f64::exp_m1, 1.0);
        assert!(exp(709.79).is_infinite() && exp(-746.0) == 0.0);
        assert!(exp_m1(709.79).is_infinite());
    }

    #[test]
    fn logarithms_lie_within_two_units_in_the_last_place() {
        assert!(largest(0.0, 10.0, ln, f64::ln) <= 1.0);
        assert!(largest(0.9, 1.1, ln, f64::ln) <= 1.0);
        assert!(largest(1e-320, 1e-300, ln, f64::ln) <= 1.0, "subnormal");
        assert!(largest(1.0, 1e300, ln, f64::ln) <= 1.0);
        assert!(largest(-1.0, 10.0, ln_1p, f64::ln_1p) <= 2.0);
        assert!(largest(-0.1, 0.1, ln_1p, f64::ln_1p) <= 2.0);
        assert!(largest(1.0, 1e300, ln_1p, f64::ln_1p) <= 2.0);
        special("ln", ln, f64::ln, 1.0);
        special("ln_1p", ln_1p, f64::ln_1p, 1.0);
    }

    #[test]
    fn sines_and_cosines_lie_within_a_unit_in_the_last_place() {
        for (from, to) in [(-4.0, 4.0), (-1000.0, 1000.0), (-2e5, 2e5)] {
            assert!(largest(from, to, |x| sin_cos(x).0, f64::sin) <= 1.0);
            assert!(largest(from, to, |x| sin_cos(x).1, f64::cos) <= 1.0);
        }
        for quarter in 1..1000 {
            let x = f64::from(quarter) * std::f64::consts::FRAC_PI_2;
            let (sin, cos) = sin_cos(x);
            assert!(
                distance(sin, x.sin()) <= 1.0 && distance(cos, x.cos()) <= 1.0,
                "{x}"
            );
        }
        special("sin", |x| sin_cos(x).0, f64::sin, 1.0);
        special("cos", |x| sin_cos(x).1, f64::cos, 1.0);
    }

    #[test]
    fn powers_lie_within_four_units_in_the_last_place() {
        for exponent in [
            -3.0,
            3.0,
            0.35,
            0.5879,
            0.655,
            0.87,
            1.0,
            1.0 / 0.65,
            1.66,
            2.8,
            -1.0,
            -0.5,
        ] {
            let ours = |x| powf(x, exponent);
            let expected = |x: f64| x.powf(exponent);
            for (from, to) in [(0.0, 3.0), (1.0, 1e9)] {
                let units = largest(from, to, ours, expected);
                assert!(units <= 4.0, "{exponent}: {units}");
            }
            for x in SPECIAL.into_iter().filter(|x| x.is_nan() || *x >= 0.0) {
                assert!(distance(ours(x), expected(x.abs())) <= 4.0, "{x} to {exponent}");
            }
        }
        assert!(powf(-1.0, 0.5).is_nan());
        assert!((powf(f64::NAN, 0.0) - 1.0).abs() < f64::EPSILON);
    }
}
