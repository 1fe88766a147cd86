//! Bias metrics as functions.

use super::correlation::pearson;

/// A function of outcome and sensitive variable, in this order; none where it is not defined.
pub type MetricFn<'a> = dyn Fn(&[f64], &[f64]) -> Option<f64> + Sync + 'a;

/// How an outcome and a sensitive variable are compared.
#[derive(Clone, Copy)]
pub enum BiasMetric<'a> {
    /// Pearson's correlation, tested by Student's t where both variables are continuous.
    Correlation,
    /// Any function of outcome and sensitive variable, in this order; none where it is not defined. Its p-values
    /// come from permutations or copies.
    Function {
        /// Its name, for messages and results.
        name: &'a str,
        /// The function.
        metric: &'a MetricFn<'a>,
    },
}

impl BiasMetric<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Correlation => "correlation",
            Self::Function { name, .. } => name,
        }
    }

    /// Its value; none where it is not defined or not a finite number.
    pub fn value(&self, outcome: &[f64], sensitive: &[f64]) -> Option<f64> {
        let value = match self {
            Self::Correlation => pearson(outcome, sensitive),
            Self::Function { metric, .. } => metric(outcome, sensitive),
        };
        value.filter(|value| value.is_finite())
    }
}

impl std::fmt::Debug for BiasMetric<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BiasMetric").field(&self.name()).finish()
    }
}
