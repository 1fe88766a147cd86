//! Correlations and two-sample tests against SciPy.

use serde::Deserialize;
use wherefair_metrics::{
    Alternative, PValueMethod, kendall_tau_b, ks_two_sample, pearson, pooled_t_test, spearman, welch_t_test,
};

use crate::golden::{assert_close, cases, golden};

/// Statistics: sums of up to 1,000 products in different orders.
const STATISTIC_TOLERANCE: f64 = 1e-12;

/// p-values, relative also where they are tiny: two implementations of the incomplete beta and error
/// functions.
const P_VALUE_TOLERANCE: f64 = 1e-9;

/// Below it SciPy's own p-values (1 − r² of a perfect correlation, probabilities of permutations) carry no
/// digits.
const P_VALUE_FLOOR: f64 = 1e-12;

const N_CORRELATION_TESTS: usize = 111;
const N_TWO_SAMPLE_TESTS: usize = 120;

#[derive(Deserialize)]
struct Expected {
    test: String,
    alternative: Alternative,
    statistic: f64,
    p_value: f64,
    degrees_of_freedom: Option<f64>,
}

impl Expected {
    fn compare(&self, case: &str, statistic: f64, p_value: f64) {
        let what = format!("{case}, {}, {:?}", self.test, self.alternative);
        assert_close(statistic, self.statistic, STATISTIC_TOLERANCE, 1.0, &what);
        assert_close(p_value, self.p_value, P_VALUE_TOLERANCE, P_VALUE_FLOOR, &what);
    }
}

#[derive(Deserialize)]
struct Correlations {
    name: String,
    x: Vec<f64>,
    y: Vec<f64>,
    tests: Vec<Expected>,
}

#[test]
fn correlations_agree_with_scipy() {
    let mut n_tests = 0;
    for case in cases::<Correlations>(golden().correlations) {
        let (x, y) = (&case.x, &case.y);
        for test in &case.tests {
            let kendall = |method| kendall_tau_b(x, y, test.alternative, method).unwrap();
            let (statistic, p_value) = match test.test.as_str() {
                "pearson" => {
                    let result = pearson(x, y, test.alternative).unwrap();
                    (result.statistic, result.p_value)
                }
                "spearman" => {
                    let result = spearman(x, y, test.alternative).unwrap();
                    (result.statistic, result.p_value)
                }
                "kendall_exact" => {
                    let result = kendall(PValueMethod::Exact);
                    (result.statistic, result.p_value)
                }
                "kendall_asymptotic" => {
                    let result = kendall(PValueMethod::Asymptotic);
                    (result.statistic, result.p_value)
                }
                other => panic!("unknown test {other}"),
            };
            test.compare(&case.name, statistic, p_value);
            n_tests += 1;
        }
    }
    assert_eq!(n_tests, N_CORRELATION_TESTS);
}

#[derive(Deserialize)]
struct TwoSamples {
    a: Vec<f64>,
    b: Vec<f64>,
    tests: Vec<Expected>,
}

#[test]
fn two_sample_tests_agree_with_scipy() {
    let mut n_tests = 0;
    for case in cases::<TwoSamples>(golden().two_samples) {
        let (a, b) = (&case.a, &case.b);
        let name = format!("samples of {} and {}", a.len(), b.len());
        for test in &case.tests {
            let smirnov = |method| {
                let result = ks_two_sample(a, b, test.alternative, method).unwrap();
                (result.statistic, result.p_value, None)
            };
            let (statistic, p_value, degrees_of_freedom) = match test.test.as_str() {
                "welch" => {
                    let result = welch_t_test(a, b, test.alternative).unwrap();
                    (result.statistic, result.p_value, Some(result.degrees_of_freedom))
                }
                "pooled" => {
                    let result = pooled_t_test(a, b, test.alternative).unwrap();
                    (result.statistic, result.p_value, Some(result.degrees_of_freedom))
                }
                "ks_exact" => smirnov(PValueMethod::Exact),
                "ks_asymptotic" => smirnov(PValueMethod::Asymptotic),
                other => panic!("unknown test {other}"),
            };
            test.compare(&name, statistic, p_value);
            assert_eq!(degrees_of_freedom.is_some(), test.degrees_of_freedom.is_some());
            if let (Some(found), Some(expected)) = (degrees_of_freedom, test.degrees_of_freedom) {
                assert_close(found, expected, STATISTIC_TOLERANCE, 1.0, &name);
            }
            n_tests += 1;
        }
    }
    assert_eq!(n_tests, N_TWO_SAMPLE_TESTS);
}
