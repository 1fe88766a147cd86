//! Bias tests adjusted for spatial structure: the three cases of the paper.

use rayon::prelude::*;
use serde::Serialize;
use wherefair_core::{ParamError, Seed, Stream};

use super::{BiasMetric, correlation_test};
use crate::eigen::design::check_column;
use crate::filtering::check_binary;
use crate::{Alternative, EigenBasis, L1Params, StatsError, l1_filter, l1_filter_logistic};

/// A variable and its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Variable<'a> {
    /// Any finite numbers.
    Continuous(&'a [f64]),
    /// Zeros and ones.
    Binary(&'a [f64]),
}

impl<'a> Variable<'a> {
    /// The numbers.
    pub fn values(self) -> &'a [f64] {
        match self {
            Self::Continuous(values) | Self::Binary(values) => values,
        }
    }
}

/// Which kinds the two variables are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BiasCase {
    /// Case I: both continuous.
    BothContinuous,
    /// Case II: both of two values.
    BothBinary,
    /// Case III: one of each.
    Mixed,
}

/// What stands for the continuous variable in the copies of case III.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContinuousPart {
    /// Its fitted values Eγ + Xβ, as the paper states. They hold less noise than the variable itself, and where
    /// no eigenvector is selected they are constant, so that most metrics are not defined on them.
    #[default]
    Fitted,
    /// The variable itself: the null in which the other variable depends on space alone.
    Observed,
}

/// How an adjusted test is done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AdjustedBiasParams {
    filter: L1Params,
    alternative: Alternative,
    n_copies: u32,
    continuous_part: ContinuousPart,
}

impl AdjustedBiasParams {
    /// 1000 copies or permutations and filters by [`L1Params::default`], against `alternative`.
    ///
    /// The paper's cases II and III are against [`Alternative::Greater`].
    pub fn new(alternative: Alternative) -> Self {
        Self {
            filter: L1Params::default(),
            alternative,
            n_copies: 1000,
            continuous_part: ContinuousPart::default(),
        }
    }

    /// How the filters are chosen.
    #[must_use]
    pub fn filter(mut self, filter: L1Params) -> Self {
        self.filter = filter;
        self
    }

    /// The number of copies, and of permutations.
    #[must_use]
    pub fn n_copies(mut self, n_copies: u32) -> Self {
        self.n_copies = n_copies;
        self
    }

    /// What stands for the continuous variable in case III.
    #[must_use]
    pub fn continuous_part(mut self, continuous_part: ContinuousPart) -> Self {
        self.continuous_part = continuous_part;
        self
    }

    fn check(self) -> Result<Self, StatsError> {
        if !(1..=10_000_000).contains(&self.n_copies) {
            let accepted = "a whole number from 1 to 10000000";
            return Err(ParamError::new("n_copies", self.n_copies, accepted).into());
        }
        Ok(self)
    }
}

/// What was taken out of one variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilterSummary {
    /// The eigenvectors, by their index in the basis.
    pub selected: Vec<usize>,
    /// The penalty that chose them.
    pub penalty: f64,
    /// Whether the two values are separated by space; false for continuous variables.
    pub separated: bool,
    /// Whether every fit on the way converged.
    pub converged: bool,
}

/// How a metric compares with its copies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopySummary {
    /// The number of copies.
    pub n_copies: u32,
    /// The number of copies on which the metric is not defined; they count for neither side.
    pub n_undefined: u32,
    /// The number of copies at least as large as the metric.
    pub n_greater: u32,
    /// The number of copies at most as large as the metric.
    pub n_less: u32,
    /// The mean of the copies; none where the metric is defined on no copy.
    pub mean: Option<f64>,
    /// The p-value (M + 1)/(R + 1), never 0, where M of the R copies are as extreme.
    pub pseudo_p_value: f64,
    /// The p-value M/R of the paper; none where the metric is defined on no copy.
    pub plain_p_value: Option<f64>,
    /// The metric on the copies on which it is defined, ascending.
    #[serde(skip)]
    pub draws: Vec<f64>,
}

/// A bias metric with p-values before and after spatial structure is taken into account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdjustedBias {
    /// Which kinds the variables are of.
    pub case: BiasCase,
    /// The metric.
    pub metric: String,
    /// Its value on the variables as they are.
    pub statistic: f64,
    /// Its value on the filtered variables, in case I.
    pub adjusted_statistic: Option<f64>,
    /// The p-value that takes units to be exchangeable.
    pub p_value: f64,
    /// The p-value that takes spatial structure into account.
    pub adjusted_p_value: f64,
    /// The permutations behind the first p-value; none where that is Student's.
    pub permutations: Option<CopySummary>,
    /// The permutations (case I) or copies (cases II and III) behind the second; none where that is Student's.
    pub copies: Option<CopySummary>,
    /// What was taken out of the outcome.
    pub outcome_filter: FilterSummary,
    /// What was taken out of the sensitive variable.
    pub sensitive_filter: FilterSummary,
}

/// Tests whether an outcome is biased with respect to a sensitive variable, before and after the spatial structure
/// of both is taken into account.
///
/// Each variable is filtered by itself ([`l1_filter`] or [`l1_filter_logistic`]).
///
/// - **Both continuous.** The metric is computed on the residuals of both filters. The correlation is tested by
///   Student's t, other functions by permutations of the sensitive variable.
/// - **Both binary.** The filters give each unit a probability for either variable. Pairs of independent Bernoulli
///   copies show how large the metric is when space is all that the variables share; the metric of the variables
///   as they are is compared with them.
/// - **One of each.** As before, with copies of the binary variable beside a fixed continuous one
///   ([`ContinuousPart`]).
///
/// The p-value before adjustment takes all orders of the sensitive variable as equally likely (Student's t for the
/// correlation of continuous variables).
///
/// # Errors
/// [`StatsError`] when shapes differ, a number is not finite or a binary variable not 0 or 1, a variable is
/// constant (before or after filtering), covariates depend on each other, candidates do not fit the basis, the
/// metric is not defined on the variables, or a parameter lies outside its domain.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::{
///     AdjustedBiasParams, Alternative, BiasMetric, Projection, SpatialWeights, Variable, adjusted_bias,
///     dense_eigenbasis,
/// };
///
/// let offsets = vec![0, 1, 3, 5, 7, 9, 11, 13, 14];
/// let neighbours = vec![1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6];
/// let w = SpatialWeights::from_rows(offsets, neighbours, vec![1.0; 14])?;
/// let basis = dense_eigenbasis(&w, Projection::Mean)?;
/// // Both rise along the row, and share nothing else.
/// let outcome = [1.0, 2.2, 2.9, 4.1, 5.0, 5.8, 7.3, 7.9];
/// let sensitive = [2.0, 1.9, 3.2, 4.1, 4.8, 6.1, 7.0, 8.2];
/// let result = adjusted_bias(
///     Variable::Continuous(&outcome),
///     Variable::Continuous(&sensitive),
///     &[],
///     &basis,
///     &[0, 1],
///     BiasMetric::Correlation,
///     AdjustedBiasParams::new(Alternative::TwoSided),
///     Seed::new(1),
/// )?;
/// assert!(result.p_value < 0.001 && result.adjusted_p_value > result.p_value);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Majumdar, Flynn and Mitra (2021), Detecting bias in the presence of spatial autocorrelation, section 2.2 and
/// appendix B.2.
#[expect(
    clippy::too_many_arguments,
    reason = "two variables, what to adjust for, and how to test"
)]
pub fn adjusted_bias(
    outcome: Variable<'_>,
    sensitive: Variable<'_>,
    covariates: &[&[f64]],
    basis: &EigenBasis,
    candidates: &[usize],
    metric: BiasMetric<'_>,
    params: AdjustedBiasParams,
    seed: Seed,
) -> Result<AdjustedBias, StatsError> {
    let params = params.check()?;
    FilteredPair::fit(outcome, sensitive, covariates, basis, candidates, params.filter)?
        .adjusted_bias(metric, params, seed)
}

/// Two variables and what is left of them without their spatial patterns, for tests by several metrics.
///
/// [`adjusted_bias`] filters both variables for each call; here that is done once. The results are the same bits.
#[derive(Debug, Clone)]
pub struct FilteredPair<'a> {
    outcome: Variable<'a>,
    sensitive: Variable<'a>,
    adjusted_y: Adjusted,
    adjusted_a: Adjusted,
}

impl<'a> FilteredPair<'a> {
    /// Filters both variables, each by itself.
    ///
    /// # Errors
    /// [`StatsError`] as [`adjusted_bias`], save for what the metric and its test say.
    pub fn fit(
        outcome: Variable<'a>,
        sensitive: Variable<'a>,
        covariates: &[&[f64]],
        basis: &EigenBasis,
        candidates: &[usize],
        filter: L1Params,
    ) -> Result<Self, StatsError> {
        for (name, variable) in [("outcome", outcome), ("sensitive", sensitive)] {
            check_column(name, variable.values(), basis.n())?;
            if let Variable::Binary(values) = variable {
                check_binary(name, values)?;
            }
        }
        let fit = |variable| Adjusted::fit(variable, covariates, basis, candidates, filter);
        Ok(Self {
            outcome,
            sensitive,
            adjusted_y: fit(outcome)?,
            adjusted_a: fit(sensitive)?,
        })
    }

    /// The test of [`adjusted_bias`] by `metric`; the filter of `params` is not looked at.
    ///
    /// # Errors
    /// [`StatsError`] when the metric is not defined on the variables, a variable is constant, or a parameter lies
    /// outside its domain.
    pub fn adjusted_bias(
        &self,
        metric: BiasMetric<'_>,
        params: AdjustedBiasParams,
        seed: Seed,
    ) -> Result<AdjustedBias, StatsError> {
        let params = params.check()?;
        let Self {
            outcome,
            sensitive,
            adjusted_y,
            adjusted_a,
        } = self;
        let (y, a) = (outcome.values(), sensitive.values());
        let undefined = |on| StatsError::UndefinedMetric {
            metric: metric.name().to_owned(),
            on,
        };
        let statistic = metric.value(y, a).ok_or_else(|| undefined("on the variables"))?;
        let test = Test { metric, params, seed };

        let (p_value, permutations) = match (outcome, sensitive, metric) {
            (Variable::Continuous(y), Variable::Continuous(a), BiasMetric::Correlation) => {
                (correlation_test(y, a, 0, params.alternative)?.p_value, None)
            }
            _ => test.permute("bias permutations", statistic, y, a),
        };
        let mut adjusted_statistic = None;
        let (adjusted_p_value, copies, case) = match (&adjusted_y.kind, &adjusted_a.kind) {
            (Kind::Continuous { residuals: y, .. }, Kind::Continuous { residuals: a, .. }) => {
                let value = metric
                    .value(y, a)
                    .ok_or_else(|| undefined("on the filtered variables"))?;
                adjusted_statistic = Some(value);
                let (p_value, copies) = match metric {
                    BiasMetric::Correlation => (correlation_test(y, a, 0, params.alternative)?.p_value, None),
                    BiasMetric::Function { .. } => test.permute("adjusted bias permutations", value, y, a),
                };
                (p_value, copies, BiasCase::BothContinuous)
            }
            (kind_y, kind_a) => {
                let summary = test.copies(statistic, |stream| {
                    (kind_y.copy(y, params, stream), kind_a.copy(a, params, stream))
                });
                let both = matches!((kind_y, kind_a), (Kind::Binary { .. }, Kind::Binary { .. }));
                let case = if both {
                    BiasCase::BothBinary
                } else {
                    BiasCase::Mixed
                };
                (summary.pseudo_p_value, Some(summary), case)
            }
        };
        Ok(AdjustedBias {
            case,
            metric: metric.name().to_owned(),
            statistic,
            adjusted_statistic,
            p_value,
            adjusted_p_value,
            permutations,
            copies,
            outcome_filter: adjusted_y.summary.clone(),
            sensitive_filter: adjusted_a.summary.clone(),
        })
    }
}

/// A filtered variable.
#[derive(Debug, Clone)]
struct Adjusted {
    kind: Kind,
    summary: FilterSummary,
}

#[derive(Debug, Clone)]
enum Kind {
    Continuous { residuals: Vec<f64>, fitted: Vec<f64> },
    Binary { probabilities: Vec<f64> },
}

impl Adjusted {
    fn fit(
        variable: Variable<'_>,
        covariates: &[&[f64]],
        basis: &EigenBasis,
        candidates: &[usize],
        params: L1Params,
    ) -> Result<Self, StatsError> {
        Ok(match variable {
            Variable::Continuous(values) => {
                let filter = l1_filter(values, covariates, basis, candidates, params)?;
                let fitted = values
                    .iter()
                    .zip(&filter.residuals)
                    .map(|(y, rest)| y - rest)
                    .collect();
                Self {
                    kind: Kind::Continuous {
                        residuals: filter.residuals,
                        fitted,
                    },
                    summary: FilterSummary {
                        selected: filter.selected,
                        penalty: filter.penalty,
                        separated: false,
                        converged: filter.converged,
                    },
                }
            }
            Variable::Binary(values) => {
                let filter = l1_filter_logistic(values, covariates, basis, candidates, params)?;
                Self {
                    kind: Kind::Binary {
                        probabilities: filter.probabilities,
                    },
                    summary: FilterSummary {
                        selected: filter.selected,
                        penalty: filter.penalty,
                        separated: filter.separated,
                        converged: filter.converged,
                    },
                }
            }
        })
    }
}

impl Kind {
    /// A copy of the variable that knows space alone.
    fn copy(&self, observed: &[f64], params: AdjustedBiasParams, stream: &mut Stream) -> Vec<f64> {
        match (self, params.continuous_part) {
            (Self::Binary { probabilities }, _) => probabilities
                .iter()
                .map(|&p| f64::from(u8::from(stream.uniform() < p)))
                .collect(),
            (Self::Continuous { fitted, .. }, ContinuousPart::Fitted) => fitted.clone(),
            (Self::Continuous { .. }, ContinuousPart::Observed) => observed.to_vec(),
        }
    }
}

/// What all simulated null distributions share.
struct Test<'a> {
    metric: BiasMetric<'a>,
    params: AdjustedBiasParams,
    seed: Seed,
}

impl Test<'_> {
    /// Compares `statistic` with orders of the sensitive variable.
    fn permute(&self, name: &str, statistic: f64, y: &[f64], a: &[f64]) -> (f64, Option<CopySummary>) {
        let summary = self.compare(name, statistic, |stream| {
            let mut a = a.to_vec();
            stream.shuffle(&mut a);
            self.metric.value(y, &a)
        });
        (summary.pseudo_p_value, Some(summary))
    }

    /// Compares `statistic` with copies of both variables.
    fn copies(
        &self,
        statistic: f64,
        draw: impl Fn(&mut Stream) -> (Vec<f64>, Vec<f64>) + Sync,
    ) -> CopySummary {
        self.compare("bias copies", statistic, |stream| {
            let (y, a) = draw(stream);
            self.metric.value(&y, &a)
        })
    }

    fn compare(
        &self,
        name: &str,
        statistic: f64,
        draw: impl Fn(&mut Stream) -> Option<f64> + Sync,
    ) -> CopySummary {
        // In order, so that the mean does not depend on the number of threads.
        let drawn: Vec<Option<f64>> = (0..self.params.n_copies)
            .into_par_iter()
            .map(|index| draw(&mut self.seed.indexed(name, u64::from(index))))
            .collect();
        summarise(statistic, &drawn, self.params)
    }
}

fn summarise(statistic: f64, drawn: &[Option<f64>], params: AdjustedBiasParams) -> CopySummary {
    // The same sums in another order may differ in the last digits; such copies are ties.
    let slack = 1e-12 * statistic.abs();
    let (mut defined, mut n_greater, mut n_less, mut sum) = (0_u32, 0_u32, 0_u32, 0.0);
    for value in drawn.iter().flatten() {
        defined += 1;
        sum += value;
        n_greater += u32::from(*value >= statistic - slack);
        n_less += u32::from(*value <= statistic + slack);
    }
    let p_values = |n: u32| {
        (
            f64::from(n + 1) / f64::from(defined + 1),
            f64::from(n) / f64::from(defined),
        )
    };
    let (pseudo_p_value, plain) = match params.alternative {
        Alternative::Greater => p_values(n_greater),
        Alternative::Less => p_values(n_less),
        Alternative::TwoSided => {
            let (pseudo, plain) = p_values(n_greater.min(n_less));
            ((2.0 * pseudo).min(1.0), (2.0 * plain).min(1.0))
        }
    };
    let mut draws: Vec<f64> = drawn.iter().copied().flatten().collect();
    draws.sort_unstable_by(f64::total_cmp);
    CopySummary {
        n_copies: params.n_copies,
        n_undefined: params.n_copies - defined,
        n_greater,
        n_less,
        mean: (defined > 0).then(|| sum / f64::from(defined)),
        pseudo_p_value,
        plain_p_value: (defined > 0).then_some(plain),
        draws,
    }
}

#[cfg(test)]
mod tests;
