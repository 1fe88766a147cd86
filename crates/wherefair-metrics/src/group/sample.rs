//! Checks and moments of samples of real numbers.

use crate::error::{MetricError, check_enough, check_finite};

/// Magnitudes from which sums of squares could overflow, and up to which they could vanish.
const LARGE: f64 = 1e140;
const SMALL: f64 = 1e-140;

/// 2⁶⁰⁰ and 2⁻⁶⁰⁰: powers of two, so that scaling is exact.
const GROW: f64 = f64::from_bits((1023 + 600) << 52);
const SHRINK: f64 = f64::from_bits((1023 - 600) << 52);

/// Finite and at least `at_least` of them.
pub(crate) fn check_sample(name: &'static str, values: &[f64], at_least: usize) -> Result<(), MetricError> {
    check_enough(name, values.len(), at_least)?;
    check_finite(name, values)
}

/// A finite sample with two different values and at least `at_least` values.
pub(crate) fn check_varying(name: &'static str, values: &[f64], at_least: usize) -> Result<(), MetricError> {
    check_sample(name, values, at_least)?;
    if is_constant(values) {
        return Err(MetricError::Constant {
            name,
            n: values.len(),
            value: values[0],
        });
    }
    Ok(())
}

/// Whether all values equal the first one exactly.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] - pair[1] == 0.0)
}

/// A power of two by which values of magnitude up to `largest` can be multiplied so that their squares
/// neither overflow nor vanish; 1 for all but extreme values.
pub(crate) fn safe_scale(values: &[f64]) -> f64 {
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest > LARGE {
        SHRINK
    } else if largest > 0.0 && largest < SMALL {
        GROW
    } else {
        1.0
    }
}

/// The mean, with a second pass that takes the rounding of the first one back.
pub(crate) fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    first + values.iter().map(|value| value - first).sum::<f64>() / n
}

/// Σ (x − mean)².
pub(crate) fn sum_of_squares(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_is_exact_and_tames_extremes() {
        assert_eq!((GROW * SHRINK).to_bits(), 1.0_f64.to_bits());
        assert_eq!(GROW.to_bits(), 2.0_f64.powi(600).to_bits());
        for extreme in [
            f64::MAX,
            1e200,
            1.1e140,
            0.9e-140,
            1e-200,
            1e-300,
            f64::MIN_POSITIVE,
        ] {
            let scaled = extreme * safe_scale(&[extreme, 0.0]);
            assert!((scaled * scaled).is_normal(), "{extreme}");
            assert_eq!((scaled / safe_scale(&[extreme])).to_bits(), extreme.to_bits());
        }
        assert_eq!(safe_scale(&[3.0, -4.0]).to_bits(), 1.0_f64.to_bits());
        assert_eq!(safe_scale(&[0.0]).to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn zeros_of_either_sign_are_one_value() {
        assert!(is_constant(&[0.0, -0.0]));
        assert!(!is_constant(&[0.0, f64::MIN_POSITIVE]));
        assert!(is_constant(&[f64::MAX, f64::MAX]));
    }
}
