//! Which side a test looks at, and how its p-value is found.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::erf::erfc;

/// The alternative hypothesis of a test; always given, never assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// The statistic is extreme on either side.
    TwoSided,
    /// The statistic is larger than under the null hypothesis.
    Greater,
    /// The statistic is smaller than under the null hypothesis.
    Less,
}

/// How the p-value of a rank test is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PValueMethod {
    /// Exact where that is valid and cheap, otherwise asymptotic; the result says which.
    #[default]
    Auto,
    /// From the exact null distribution.
    Exact,
    /// From the limit for large samples.
    Asymptotic,
}

/// The p-value of a standard normal statistic.
pub(crate) fn normal_p_value(z: f64, alternative: Alternative) -> f64 {
    let upper = |z: f64| 0.5 * erfc(z / std::f64::consts::SQRT_2);
    match alternative {
        Alternative::TwoSided => (2.0 * upper(z.abs())).min(1.0),
        Alternative::Greater => upper(z),
        Alternative::Less => upper(-z),
    }
}

/// The p-value of a Student t statistic; `None` unless the degrees of freedom are above 0.
pub(crate) fn student_p_value(t: f64, degrees_of_freedom: f64, alternative: Alternative) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, degrees_of_freedom).ok()?;
    let tail = distribution.sf(t.abs());
    Some(match alternative {
        Alternative::TwoSided => (2.0 * tail).min(1.0),
        Alternative::Greater if t >= 0.0 => tail,
        Alternative::Less if t <= 0.0 => tail,
        Alternative::Greater | Alternative::Less => 1.0 - tail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The accuracy of the error function and the incomplete beta function near the middle of their range.
    const FUNCTION_ACCURACY: f64 = 1e-12;

    /// Relative, of the tail of Student’s t up to a million degrees of freedom.
    const TAIL_ACCURACY: f64 = 1e-8;

    #[test]
    fn the_two_sides_of_a_statistic_are_complements() {
        for z in [-40.0, -2.0, 0.0, 0.3, 5.0] {
            let both = normal_p_value(z, Alternative::Greater) + normal_p_value(z, Alternative::Less);
            assert!((both - 1.0).abs() < FUNCTION_ACCURACY);
            let student = |alternative| student_p_value(z, 3.5, alternative).unwrap();
            let both = student(Alternative::Greater) + student(Alternative::Less);
            assert!((both - 1.0).abs() < FUNCTION_ACCURACY);
        }
    }

    #[test]
    fn tails_of_student_agree_with_scipy() {
        #[derive(Deserialize)]
        struct Golden {
            student: Vec<Tail>,
        }
        #[derive(Deserialize)]
        struct Tail {
            t: f64,
            degrees_of_freedom: f64,
            p_value: f64,
        }
        let golden: Golden = serde_json::from_str(include_str!("../../tests/golden/metrics.json")).unwrap();
        assert_eq!(golden.student.len(), 42);
        for tail in golden.student {
            let found = student_p_value(tail.t, tail.degrees_of_freedom, Alternative::Greater).unwrap();
            let error = (found / tail.p_value - 1.0).abs();
            assert!(
                error < TAIL_ACCURACY,
                "t {}, {} degrees of freedom: {error:e}",
                tail.t,
                tail.degrees_of_freedom
            );
        }
    }

    #[test]
    fn an_infinite_statistic_has_p_value_zero() {
        for t in [f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(student_p_value(t, 3.0, Alternative::TwoSided), Some(0.0));
        }
        assert_eq!(student_p_value(f64::INFINITY, 3.0, Alternative::Less), Some(1.0));
    }
}
