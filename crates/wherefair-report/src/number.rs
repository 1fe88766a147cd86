//! Numbers as readers want them.

/// What stands for a number that is not there.
pub(crate) const MISSING: &str = "–";

/// The smallest power of ten written in scientific notation for large numbers.
const LARGE_EXPONENT: i32 = 9;
/// The largest power of ten written in scientific notation for small numbers.
const SMALL_EXPONENT: i32 = -5;

/// `x` with `digits` significant digits, thousands grouped; very large and very small ones as m × 10ⁿ.
pub(crate) fn significant(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return MISSING.to_owned();
    }
    if x == 0.0 {
        return "0".to_owned();
    }
    let digits = digits.max(1);
    let scientific = format!("{x:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent >= LARGE_EXPONENT || exponent <= SMALL_EXPONENT {
        return format!("{} × 10{}", with_minus(mantissa), superscript(exponent));
    }
    let decimals = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent;
    fixed(x, usize::try_from(decimals).unwrap_or(0))
}

/// `x` with three significant digits.
pub(crate) fn number(x: f64) -> String {
    significant(x, 3)
}

/// `x` with three significant digits, or a dash.
pub(crate) fn number_or_dash(x: Option<f64>) -> String {
    x.map_or_else(|| MISSING.to_owned(), number)
}

/// `x` with a fixed number of decimals, thousands grouped.
pub(crate) fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return MISSING.to_owned();
    }
    let text = format!("{x:.decimals$}");
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, f)| (whole, Some(f)));
    let zero = digits.chars().all(|c| c == '0' || c == '.');
    let mut out = if zero { String::new() } else { sign.to_owned() };
    out.push_str(&grouped(whole));
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A whole number, thousands grouped.
pub(crate) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A probability: three decimals, more where it is smaller than that.
pub(crate) fn probability(p: f64) -> String {
    if p > 0.0 && p < 0.001 {
        significant(p, 2)
    } else {
        fixed(p, 3)
    }
}

/// A probability, or a dash.
pub(crate) fn probability_or_dash(p: Option<f64>) -> String {
    p.map_or_else(|| MISSING.to_owned(), probability)
}

/// A share as a percentage, never rounded up to all or down to nothing.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let text = if percent > 99.0 && percent < 100.0 {
        fixed(percent.min(99.9), 1)
    } else if percent > 0.0 && percent < 1.0 {
        fixed(percent.max(0.1), 1)
    } else {
        fixed(percent, 0)
    };
    format!("{text} %")
}

/// `n` things: `1 map`, `24 maps`.
pub(crate) fn counted(n: usize, singular: &str, plural: &str) -> String {
    format!("{} {}", count(n as u64), if n == 1 { singular } else { plural })
}

/// One number of decimals for a whole column, so that its figures align.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digits {
    decimals: Option<usize>,
}

impl Digits {
    /// As many decimals as give the largest of `values` three significant digits.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let largest = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let text = format!("{largest:.2e}");
        let exponent: i32 = text
            .split_once('e')
            .and_then(|(_, e)| e.parse().ok())
            .unwrap_or(0);
        let plain = exponent < LARGE_EXPONENT && exponent > SMALL_EXPONENT;
        Self {
            decimals: plain.then(|| usize::try_from(2 - exponent).unwrap_or(0)),
        }
    }

    pub(crate) fn show(self, x: f64) -> String {
        self.decimals
            .map_or_else(|| number(x), |decimals| fixed(x, decimals))
    }
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn with_minus(text: &str) -> String {
    text.replace('-', "−")
}

fn superscript(exponent: i32) -> String {
    exponent
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '0' => '⁰',
            // The other superscript digits lie in order from U+2074.
            digit => digit
                .to_digit(10)
                .and_then(|digit| char::from_u32(0x2070 + digit))
                .unwrap_or(digit),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn significant_digits_by_hand() {
        for (x, text) in [
            (0.0, "0"),
            (0.123_456, "0.123"),
            (-0.5, "−0.500"),
            (999.96, "1,000"),
            (12_345.6, "12,346"),
            (0.000_123_4, "0.000123"),
            (0.000_012_34, "1.23 × 10⁻⁵"),
            (-6.5e21, "−6.50 × 10²¹"),
            (4.0e10, "4.00 × 10¹⁰"),
            (f64::NAN, "–"),
            (f64::NEG_INFINITY, "–"),
        ] {
            assert_eq!(number(x), text);
        }
    }

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.0001, "0.1 %"),
            (0.5, "50 %"),
            (0.9999, "99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn small_probabilities_keep_their_digits() {
        assert_eq!(probability(0.05), "0.050");
        assert_eq!(probability(0.000_25), "0.00025");
        assert_eq!(probability(1.0), "1.000");
        assert_eq!(probability_or_dash(None), "–");
    }

    #[test]
    fn a_column_has_one_number_of_decimals() {
        let digits = Digits::of([0.5, 12.25, f64::NAN]);
        assert_eq!(
            (digits.show(0.5), digits.show(-12.25)),
            ("0.5".to_owned(), "−12.2".to_owned())
        );
        assert_eq!(Digits::of([]).show(1.0), "1.00");
        assert_eq!(Digits::of([1e-9]).show(1e-9), "1.00 × 10⁻⁹");
    }

    #[test]
    fn a_rounded_zero_has_no_sign() {
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1234.5, 1), "−1,234.5");
    }

    proptest! {
        #[test]
        fn every_number_is_short_and_never_the_word_nan(x: f64, digits in 1_usize..6) {
            let text = significant(x, digits);
            prop_assert!(text.chars().count() <= 20, "{text}");
            prop_assert!(!text.contains("NaN") && !text.contains("inf"));
        }
    }
}
