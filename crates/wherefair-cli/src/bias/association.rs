//! The bias metrics before and after spatial patterns are taken out.

use anyhow::{Context as _, Result, anyhow};
use serde::Serialize;
use wherefair_core::Seed;
use wherefair_stats::{
    AdjustedBias, AdjustedBiasParams, Alternative, BiasCase, CopySummary, StatsError, Variable, adjusted_bias,
};

use super::args::{AdjustArg, BiasArgs};
use super::filters::{Filtered, Patterns, l1_params};
use super::metrics::{Metric, metrics};
use super::variables::BiasVariable;

/// A metric and its tests.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Association {
    pub(crate) metric: &'static str,
    /// The value that says that there is no bias.
    pub(crate) parity: f64,
    pub(crate) statistic: f64,
    pub(crate) alternative: Alternative,
    pub(crate) p_value: f64,
    /// On the filtered variables; none where copies are compared with the variables as they are.
    pub(crate) adjusted_statistic: Option<f64>,
    /// None where nothing was taken out.
    pub(crate) adjusted_p_value: Option<f64>,
    /// The random orders behind the first p-value; none for Student's t.
    pub(crate) permutations: Option<CopySummary>,
    /// The random orders or copies behind the second.
    pub(crate) copies: Option<CopySummary>,
}

impl Association {
    /// The values of the metric behind the last p-value, ascending; empty for Student's t.
    pub(crate) fn draws(&self) -> &[f64] {
        let last = self.copies.as_ref().or(self.permutations.as_ref());
        last.map_or(&[], |copies| &copies.draws)
    }

    /// The statistic that [`draws`](Self::draws) belong to.
    pub(crate) fn compared(&self) -> f64 {
        self.adjusted_statistic.unwrap_or(self.statistic)
    }
}

/// Which case the variables are.
pub(crate) fn case(outcome: &BiasVariable, sensitive: &BiasVariable) -> BiasCase {
    match (outcome.is_binary(), sensitive.is_binary()) {
        (false, false) => BiasCase::BothContinuous,
        (true, true) => BiasCase::BothBinary,
        _ => BiasCase::Mixed,
    }
}

/// All metrics of the case, the one of the headline first.
pub(crate) fn associations(
    args: &BiasArgs,
    [outcome, sensitive]: [&BiasVariable; 2],
    filtered: Option<[&Filtered; 2]>,
    patterns: &Patterns,
) -> Result<Vec<Association>> {
    let metrics = metrics(case(outcome, sensitive), outcome.is_binary());
    let one = |metric: &Metric| -> Result<Association> {
        let test = Test {
            args,
            metric,
            patterns,
        };
        let raw = (outcome.variable(), sensitive.variable());
        match (args.filter.adjust, filtered) {
            (AdjustArg::EsfForward, Some([y, a])) => {
                let before = test.run(raw, &[])?;
                let rest = (Variable::Continuous(&y.rest), Variable::Continuous(&a.rest));
                let after = test.run(rest, &[])?;
                Ok(Association {
                    adjusted_statistic: Some(after.statistic),
                    adjusted_p_value: Some(after.p_value),
                    copies: after.permutations,
                    ..test.association(before)
                })
            }
            (AdjustArg::None, _) | (_, None) => {
                let found = test.run(raw, &[])?;
                Ok(Association {
                    adjusted_statistic: None,
                    adjusted_p_value: None,
                    copies: None,
                    ..test.association(found)
                })
            }
            _ => Ok(test.association(test.run(raw, &patterns.candidates)?)),
        }
    };
    metrics
        .iter()
        .map(|metric| one(metric).with_context(|| metric.name.to_owned()))
        .collect()
}

/// What the tests of one metric share.
struct Test<'a> {
    args: &'a BiasArgs,
    metric: &'a Metric,
    patterns: &'a Patterns,
}

impl Test<'_> {
    fn alternative(&self) -> Alternative {
        if self.metric.is_signed {
            self.args.alternative.alternative()
        } else {
            Alternative::Greater
        }
    }

    /// The test with the eigenvectors `chosen`.
    fn run(&self, (y, a): (Variable<'_>, Variable<'_>), chosen: &[usize]) -> Result<AdjustedBias> {
        let params = AdjustedBiasParams::new(self.alternative())
            .filter(l1_params(&self.args.filter))
            .n_copies(self.args.copies)
            .continuous_part(self.args.filter.continuous_part.part());
        let metric = self.metric.bias_metric();
        let seed = Seed::new(self.args.seed);
        let basis = &self.patterns.basis;
        adjusted_bias(y, a, &[], basis, chosen, metric, params, seed).map_err(|error| name_flag(&error))
    }

    fn association(&self, found: AdjustedBias) -> Association {
        Association {
            metric: self.metric.name,
            parity: self.metric.parity,
            statistic: found.statistic,
            alternative: self.alternative(),
            p_value: found.p_value,
            adjusted_statistic: found.adjusted_statistic,
            adjusted_p_value: Some(found.adjusted_p_value),
            permutations: found.permutations,
            copies: found.copies,
        }
    }
}

/// The error under the name that the parameter has on the command line.
fn name_flag(error: &StatsError) -> anyhow::Error {
    match error {
        StatsError::Param(param) if param.name() == "n_copies" => {
            anyhow!("--copies {}: accepted is {}", param.value(), param.accepted())
        }
        other => other.clone().into(),
    }
}
