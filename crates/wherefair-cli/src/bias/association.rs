//! The bias metrics before and after spatial patterns are taken out.

use anyhow::{Context as _, Result, anyhow};
use serde::Serialize;
use wherefair_core::Seed;
use wherefair_stats::{
    AdjustedBias, AdjustedBiasParams, Alternative, BiasCase, CopySummary, FilteredPair, StatsError, Variable,
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
    let fit = |(y, a), chosen: &[usize]| {
        FilteredPair::fit(y, a, &[], &patterns.basis, chosen, l1_params(&args.filter))
            .map_err(|error| name_flag(&error))
    };
    let raw = (outcome.variable(), sensitive.variable());
    let is_adjusted = args.filter.adjust != AdjustArg::None && filtered.is_some();
    // As they are, where another filter or none comes after.
    let (pair, rest) = match (args.filter.adjust, filtered) {
        (AdjustArg::EsfForward, Some([y, a])) => {
            let rest = (Variable::Continuous(&y.rest), Variable::Continuous(&a.rest));
            (fit(raw, &[])?, Some(fit(rest, &[])?))
        }
        _ if is_adjusted => (fit(raw, &patterns.candidates)?, None),
        _ => (fit(raw, &[])?, None),
    };
    let one = |metric: &Metric| -> Result<Association> {
        let test = Test { args, metric };
        let found = test.run(&pair)?;
        if let Some(rest) = &rest {
            let after = test.run(rest)?;
            return Ok(Association {
                adjusted_statistic: Some(after.statistic),
                adjusted_p_value: Some(after.p_value),
                copies: after.permutations,
                ..test.association(found)
            });
        }
        if is_adjusted {
            return Ok(test.association(found));
        }
        Ok(Association {
            adjusted_statistic: None,
            adjusted_p_value: None,
            copies: None,
            ..test.association(found)
        })
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
}

impl Test<'_> {
    fn alternative(&self) -> Alternative {
        if self.metric.is_signed {
            self.args.alternative.alternative()
        } else {
            Alternative::Greater
        }
    }

    fn run(&self, pair: &FilteredPair<'_>) -> Result<AdjustedBias> {
        let params = AdjustedBiasParams::new(self.alternative())
            .n_copies(self.args.copies)
            .continuous_part(self.args.filter.continuous_part.part());
        pair.adjusted_bias(self.metric.bias_metric(), params, Seed::new(self.args.seed))
            .map_err(|error| name_flag(&error))
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
