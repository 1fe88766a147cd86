//! Pearson's correlation with Student's t.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::eigen::design::{check_column, dot, is_constant};
use crate::{Alternative, StatsError};

/// A correlation and its test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CorrelationTest {
    /// Pearson's r.
    pub statistic: f64,
    /// Student's t; infinite (null in JSON) for a perfect line.
    pub t: f64,
    /// The degrees of freedom of t.
    pub degrees_of_freedom: f64,
    /// The p-value against no correlation.
    pub p_value: f64,
}

/// Tests whether two variables of independent units correlate.
///
/// `n_fitted` parameters that were fitted to the variables beforehand beside the mean (such as the eigenvectors
/// of a filter) lower the degrees of freedom; 0 gives the usual test.
///
/// # Formula
/// t = r √(d/(1 − r²)) with d = n − 2 − `n_fitted` degrees of freedom.
///
/// # Errors
/// [`StatsError`] when shapes differ, a number is not finite, a variable is constant, or no degree of freedom is
/// left.
///
/// # Examples
/// ```
/// use wherefair_stats::{Alternative, correlation_test};
///
/// let test = correlation_test(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0], 0, Alternative::TwoSided)?;
/// assert!((test.statistic - 0.8).abs() < 1e-12 && (test.p_value - 0.2).abs() < 1e-9);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn correlation_test(
    y: &[f64],
    a: &[f64],
    n_fitted: usize,
    alternative: Alternative,
) -> Result<CorrelationTest, StatsError> {
    let n = y.len();
    if n < 3 + n_fitted {
        let at_least = 3 + n_fitted;
        return Err(StatsError::TooFew { n, at_least });
    }
    check_column("y", y, n)?;
    check_column("a", a, n)?;
    let unit_y = unit(y).ok_or(StatsError::Constant { name: "y" })?;
    let unit_a = unit(a).ok_or(StatsError::Constant { name: "a" })?;
    let r = dot(&unit_y, &unit_a).clamp(-1.0, 1.0);
    let degrees_of_freedom = (n - 2 - n_fitted) as f64;
    let t = r * (degrees_of_freedom / ((1.0 - r) * (1.0 + r))).sqrt();
    let tail =
        |t: f64| StudentsT::new(0.0, 1.0, degrees_of_freedom).map_or(f64::NAN, |student| student.sf(t));
    let p_value = match alternative {
        Alternative::TwoSided => (2.0 * tail(t.abs())).min(1.0),
        Alternative::Greater => tail(t),
        Alternative::Less => tail(-t),
    };
    Ok(CorrelationTest {
        statistic: r,
        t,
        degrees_of_freedom,
        p_value,
    })
}

/// The variable, centred and of length 1; none where it is constant but for rounding.
fn unit(values: &[f64]) -> Option<Vec<f64>> {
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if is_constant(values) || largest <= 0.0 {
        return None;
    }
    let n = values.len() as f64;
    let mut unit: Vec<f64> = values.iter().map(|value| value / largest).collect();
    for _ in 0..2 {
        let mean = unit.iter().sum::<f64>() / n;
        for value in &mut unit {
            *value -= mean;
        }
    }
    let spread = unit.iter().fold(0.0_f64, |spread, value| spread.max(value.abs()));
    if spread <= 4.0 * f64::EPSILON {
        return None;
    }
    for value in &mut unit {
        *value /= spread;
    }
    let length = dot(&unit, &unit).sqrt();
    for value in &mut unit {
        *value /= length;
    }
    Some(unit)
}

/// Pearson's r; none where it is not defined.
pub(crate) fn pearson(y: &[f64], a: &[f64]) -> Option<f64> {
    Some(dot(&unit(y)?, &unit(a)?).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_add_up_and_fitted_parameters_cost_freedom() {
        let (y, a) = ([1.0, 4.0, 2.0, 8.0, 5.0, 7.0], [2.0, 3.0, 1.0, 4.0, 9.0, 5.0]);
        let test = |fitted, alternative| correlation_test(&y, &a, fitted, alternative).unwrap();
        let both = test(0, Alternative::Greater).p_value + test(0, Alternative::Less).p_value;
        assert!((both - 1.0).abs() < 1e-12);
        assert!(test(2, Alternative::Greater).p_value > test(0, Alternative::Greater).p_value);
        assert!(matches!(
            correlation_test(&y, &a, 4, Alternative::Less),
            Err(StatsError::TooFew { n: 6, at_least: 7 })
        ));
    }

    #[test]
    fn degenerate_variables_are_rejected() {
        let y = [1.0, 2.0, 3.0, 4.0];
        let test = |y: &[f64], a: &[f64]| correlation_test(y, a, 0, Alternative::TwoSided).unwrap_err();
        assert_eq!(test(&y, &[7.0; 4]), StatsError::Constant { name: "a" });
        assert_eq!(test(&[0.0; 4], &y), StatsError::Constant { name: "y" });
        assert!(matches!(test(&y, &y[1..]), StatsError::Shape { .. }));
        assert!(matches!(
            test(&y, &[1.0, f64::INFINITY, 0.0, 0.0]),
            StatsError::NotFinite { .. }
        ));
        assert!(matches!(test(&[], &[]), StatsError::TooFew { n: 0, .. }));
        let line = correlation_test(&y, &y, 0, Alternative::TwoSided).unwrap();
        assert!(line.p_value < 1e-12);
    }
}
