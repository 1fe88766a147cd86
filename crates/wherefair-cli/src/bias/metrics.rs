//! The bias metrics of each case.

use wherefair_metrics::{
    Alternative as Side, PValueMethod, disparate_impact, group_rates, kendall_tau_b, ks_two_sample, pearson,
    spearman, welch_t_test,
};
use wherefair_stats::{BiasCase, BiasMetric};

/// A function of outcome and sensitive attribute.
pub(crate) type Function = fn(&[f64], &[f64]) -> Option<f64>;

/// A bias metric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    /// None for the correlation that Student's t tests.
    pub(crate) function: Option<Function>,
    /// Whether it has a direction; else only large values speak of bias.
    pub(crate) is_signed: bool,
    /// The value that says that there is no bias.
    pub(crate) parity: f64,
}

impl Metric {
    const fn signed(name: &'static str, function: Function) -> Self {
        Self {
            name,
            function: Some(function),
            is_signed: true,
            parity: 0.0,
        }
    }

    /// As the statistics take it.
    pub(crate) fn bias_metric(&self) -> BiasMetric<'_> {
        match &self.function {
            None => BiasMetric::Correlation,
            Some(function) => BiasMetric::Function {
                name: self.name,
                metric: function,
            },
        }
    }
}

/// The metrics of a case, the one of the headline first.
pub(crate) fn metrics(case: BiasCase, outcome_is_binary: bool) -> Vec<Metric> {
    // Student's t is for two continuous variables; beside others the correlation is a function as any.
    let correlation = Metric {
        function: (case != BiasCase::BothContinuous).then_some(correlation_of as Function),
        ..Metric::signed("correlation", correlation_of)
    };
    match (case, outcome_is_binary) {
        (BiasCase::BothContinuous, _) => vec![
            correlation,
            Metric::signed("correlation, by permutations", correlation_of),
            Metric::signed("Spearman's rho", rho),
            Metric::signed("Kendall's tau-b", tau),
        ],
        (BiasCase::BothBinary, _) => vec![
            Metric {
                parity: 1.0,
                ..Metric::signed("disparate impact", impact)
            },
            Metric::signed("selection rate difference", rate_difference),
            correlation,
        ],
        (BiasCase::Mixed, false) => vec![
            Metric::signed("mean difference", |y, a| difference(groups(y, a))),
            Metric::signed("Welch's t", |y, a| welch(groups(y, a))),
            unsigned("Kolmogorov–Smirnov D", |y, a| smirnov(groups(y, a))),
            correlation,
        ],
        (BiasCase::Mixed, true) => vec![
            Metric::signed("mean difference", |y, a| difference(groups(a, y))),
            Metric::signed("Welch's t", |y, a| welch(groups(a, y))),
            unsigned("Kolmogorov–Smirnov D", |y, a| smirnov(groups(a, y))),
            correlation,
        ],
    }
}

const fn unsigned(name: &'static str, function: Function) -> Metric {
    Metric {
        is_signed: false,
        ..Metric::signed(name, function)
    }
}

fn correlation_of(y: &[f64], a: &[f64]) -> Option<f64> {
    pearson(y, a, Side::TwoSided).ok().map(|result| result.statistic)
}

fn rho(y: &[f64], a: &[f64]) -> Option<f64> {
    spearman(y, a, Side::TwoSided).ok().map(|result| result.statistic)
}

fn tau(y: &[f64], a: &[f64]) -> Option<f64> {
    // The p-value, which nobody looks at, is found fastest so.
    let result = kendall_tau_b(y, a, Side::TwoSided, PValueMethod::Asymptotic);
    result.ok().map(|result| result.statistic)
}

fn selected_and_group(y: &[f64], a: &[f64]) -> (Vec<bool>, Vec<u32>) {
    let selected = y.iter().map(|&y| y > 0.5).collect();
    let group = a.iter().map(|&a| u32::from(a > 0.5)).collect();
    (selected, group)
}

fn impact(y: &[f64], a: &[f64]) -> Option<f64> {
    let (selected, group) = selected_and_group(y, a);
    disparate_impact(&selected, &group, 1, 0).ok()
}

fn rate_difference(y: &[f64], a: &[f64]) -> Option<f64> {
    let (selected, group) = selected_and_group(y, a);
    let rates = group_rates(&selected, &selected, &group).ok()?;
    let [privileged, protected] = rates.as_slice() else {
        return None;
    };
    Some(protected.selection_rate()? - privileged.selection_rate()?)
}

/// The values where the other variable is 1, and where it is 0.
fn groups(values: &[f64], by: &[f64]) -> [Vec<f64>; 2] {
    let (mut ones, mut zeros) = (Vec::new(), Vec::new());
    for (&value, &by) in values.iter().zip(by) {
        if by > 0.5 {
            ones.push(value);
        } else {
            zeros.push(value);
        }
    }
    [ones, zeros]
}

fn difference(groups: [Vec<f64>; 2]) -> Option<f64> {
    let [ones, zeros] = groups.map(|group| {
        let n = group.len() as f64;
        group.iter().sum::<f64>() / n
    });
    Some(ones - zeros).filter(|difference| difference.is_finite())
}

fn welch([ones, zeros]: [Vec<f64>; 2]) -> Option<f64> {
    let result = welch_t_test(&ones, &zeros, Side::TwoSided);
    result.ok().map(|result| result.statistic)
}

fn smirnov([ones, zeros]: [Vec<f64>; 2]) -> Option<f64> {
    let result = ks_two_sample(&ones, &zeros, Side::TwoSided, PValueMethod::Asymptotic);
    result.ok().map(|result| result.statistic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_every_case_is_defined_on_plain_data() {
        let binary = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];
        let group = [1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
        let real = [0.3, 1.9, -0.7, 2.2, 5.0, 4.0, 0.1, 0.2];
        let other = [1.3, 0.9, 0.7, 3.2, 4.0, 4.5, -0.1, 1.2];
        for (case, y, a, binary_outcome) in [
            (BiasCase::BothContinuous, &real, &other, false),
            (BiasCase::BothBinary, &binary, &group, true),
            (BiasCase::Mixed, &real, &group, false),
            (BiasCase::Mixed, &binary, &real, true),
        ] {
            let metrics = metrics(case, binary_outcome);
            assert!(metrics.len() >= 3);
            for metric in metrics {
                let value = metric.bias_metric().value(y, a);
                assert!(value.is_some(), "{case:?} {}", metric.name);
            }
        }
    }

    #[test]
    fn differences_and_ratios_are_those_of_the_group_of_ones() {
        // Three of four selected among the ones, one of four among the zeros.
        let y = [1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        let a = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!((impact(&y, &a), rate_difference(&y, &a)), (Some(3.0), Some(0.5)));
        assert_eq!(difference(groups(&y, &a)), Some(0.5));
        assert_eq!(rate_difference(&y, &[1.0; 8]), None);
        assert_eq!(difference(groups(&y, &[1.0; 8])), None);
    }
}
