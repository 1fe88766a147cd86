//! Local Moran: which units are alike or unlike their neighbours.

use serde::{Deserialize, Serialize};

use super::asymptotic::n_isolates;
use super::moran::lag;
use super::variable::Variable;
use crate::inference::{Conditional, TailCounts, benjamini_hochberg, pseudo_p_value};
use crate::{Alternative, Permutations, SpatialWeights, StatsError};

/// What is taken to be random in the moments of a local statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalNull {
    /// The order of the values of all other units; the unit keeps its own.
    Conditional,
    /// The order of the values of all units.
    Total,
}

/// Where a unit lies in the Moran scatterplot: its value, then the lag at its neighbours, each against the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// A high value among high ones.
    HighHigh,
    /// A low value among high ones.
    LowHigh,
    /// A low value among low ones.
    LowLow,
    /// A high value among low ones.
    HighLow,
}

/// Local Moran of every unit with its moments under the null.
///
/// # Shapes
/// Every vector `(n_units,)`. An isolate has statistic 0 and neither quadrant, z-score nor p-value; a unit at the
/// mean has no z-score and no p-value under the conditional null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MoranLocalResult {
    /// Iᵢ.
    pub statistic: Vec<f64>,
    /// The lag Σⱼ wᵢⱼ zⱼ, z being deviations from the mean in standard deviations.
    pub lag: Vec<f64>,
    /// z itself, the other axis of the Moran scatterplot.
    pub standardized: Vec<f64>,
    /// E\[Iᵢ\].
    pub expectation: Vec<f64>,
    /// Var\[Iᵢ\].
    pub variance: Vec<f64>,
    /// (Iᵢ − E\[Iᵢ\]) / √Var\[Iᵢ\].
    pub z_score: Vec<Option<f64>>,
    /// The share of the standard normal distribution that is at least as extreme.
    pub p_value: Vec<Option<f64>>,
    /// Where the unit lies in the Moran scatterplot.
    pub quadrant: Vec<Option<Quadrant>>,
    /// What the null takes to be random.
    pub null: LocalNull,
    /// What speaks against it.
    pub alternative: Alternative,
    /// How many units have no neighbours.
    pub n_isolates: usize,
}

/// A local statistic of every unit among its values under conditional permutations.
///
/// # Shapes
/// Every vector `(n_units,)`, `None` for isolates.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LocalPermutationResult {
    /// The statistic of each unit: Iᵢ, or for Getis and Ord's statistics the z-score.
    pub statistic: Vec<f64>,
    /// How many permutations gave at least the statistic, ties included.
    pub n_greater_equal: Vec<u32>,
    /// How many permutations gave at most the statistic, ties included.
    pub n_less_equal: Vec<u32>,
    /// (M + 1)/(R + 1).
    pub pseudo_p_value: Vec<Option<f64>>,
    /// Where the unit lies in the Moran scatterplot.
    pub quadrant: Vec<Option<Quadrant>>,
    /// How many permutations were drawn for each unit.
    pub n_permutations: u32,
    /// What speaks against the null.
    pub alternative: Alternative,
    /// How many units have no neighbours.
    pub n_isolates: usize,
}

impl LocalPermutationResult {
    /// The pseudo p-values adjusted to control the false discovery rate.
    pub fn adjusted_p_value(&self) -> Vec<Option<f64>> {
        benjamini_hochberg(&self.pseudo_p_value)
    }

    pub(super) fn new(
        statistic: Vec<f64>,
        tails: &[TailCounts],
        quadrant: Vec<Option<Quadrant>>,
        w: &SpatialWeights,
        alternative: Alternative,
        permutations: Permutations,
    ) -> Self {
        let n = permutations.n();
        let p_value =
            |tails: &TailCounts| pseudo_p_value(alternative, tails.n_greater_equal, tails.n_less_equal, n);
        Self {
            statistic,
            n_greater_equal: tails.iter().map(|tails| tails.n_greater_equal).collect(),
            n_less_equal: tails.iter().map(|tails| tails.n_less_equal).collect(),
            pseudo_p_value: tails
                .iter()
                .enumerate()
                .map(|(i, tails)| (!w.row(i).0.is_empty()).then(|| p_value(tails)))
                .collect(),
            quadrant,
            n_permutations: n,
            alternative,
            n_isolates: n_isolates(w),
        }
    }
}

impl MoranLocalResult {
    /// The p-values adjusted to control the false discovery rate.
    pub fn adjusted_p_value(&self) -> Vec<Option<f64>> {
        benjamini_hochberg(&self.p_value)
    }
}

/// Tests every unit for likeness to its neighbours by local Moran and its moments under `null`.
///
/// # Formula
/// With z in standard deviations (divisor n), `w_i` = Σⱼ wᵢⱼ and `w_i2` = Σⱼ wᵢⱼ²:
/// ```text
/// I_i = z_i Σ_j w_ij z_j
/// Conditional:  E = −z_i² w_i / (n − 1),
///               Var = z_i² (n / (n − 2)) (w_i2 − w_i² / (n − 1)) (1 − z_i² / (n − 1))
/// Total:        E = −w_i / (n − 1),   b = Σ z⁴ / n,
///               Var = w_i2 (n − b) / (n − 1) + (w_i² − w_i2)(2b − n) / ((n − 1)(n − 2)) − E²
/// ```
///
/// # Errors
/// As [`moran`](crate::moran), save that the weights may sum to 0.
///
/// # References
/// Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x; Sauer, Oshan, Rey & Wolf (2021),
/// doi:10.1111/gean.12304.
pub fn moran_local(
    w: &SpatialWeights,
    y: &[f64],
    null: LocalNull,
    alternative: Alternative,
) -> Result<MoranLocalResult, StatsError> {
    let variable = Variable::new("y", y, w)?;
    let n = w.n() as f64;
    let kurtosis = variable.power_sum(4) / n;
    let mut result = MoranLocalResult {
        statistic: Vec::with_capacity(w.n()),
        lag: (0..w.n()).map(|i| lag(w, &variable.z, i)).collect(),
        standardized: Vec::new(),
        expectation: Vec::with_capacity(w.n()),
        variance: Vec::with_capacity(w.n()),
        z_score: Vec::with_capacity(w.n()),
        p_value: Vec::with_capacity(w.n()),
        quadrant: quadrants(w, &variable.z),
        null,
        alternative,
        n_isolates: n_isolates(w),
    };
    for (i, (z, lag)) in variable.z.iter().zip(&result.lag).enumerate() {
        let weights = w.row(i).1;
        let sum: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let spread = squares - sum * sum / (n - 1.0);
        let (expectation, variance) = match null {
            LocalNull::Conditional => (
                -z * z * sum / (n - 1.0),
                z * z * n / (n - 2.0) * spread * (1.0 - z * z / (n - 1.0)),
            ),
            LocalNull::Total => {
                let expectation = -sum / (n - 1.0);
                let pairs = (sum * sum - squares) * (2.0 * kurtosis - n) / ((n - 1.0) * (n - 2.0));
                (
                    expectation,
                    squares * (n - kurtosis) / (n - 1.0) + pairs - expectation * expectation,
                )
            }
        };
        let statistic = z * lag;
        // A unit linked to all others alike has one lag only: what is left of its variance is rounding.
        let varies = variance > 1e-13 * (squares + expectation * expectation) * z * z;
        let z_score = varies.then(|| (statistic - expectation) / variance.sqrt());
        result.statistic.push(statistic);
        result.expectation.push(expectation);
        result.variance.push(variance);
        result.z_score.push(z_score);
        result
            .p_value
            .push(z_score.map(|z| alternative.normal_p_value(z)));
    }
    result.standardized = variable.z;
    Ok(result)
}

/// Tests every unit for likeness to its neighbours by local Moran among its values under conditional
/// permutations.
///
/// Each unit keeps its own value and draws those of its neighbours, without replacement, from all other units;
/// every unit draws on its own, from its own stream, so that the p-values of different units are no more
/// dependent than the data make them, and the cost of a unit does not grow with the number of units.
///
/// DIFFERENCE: PySAL's esda reuses one set of permutations for all units and reports the smaller of the two
/// tails, not doubled; that number is `(n_greater_equal.min(n_less_equal) + 1) / (R + 1)`.
///
/// # Errors
/// As [`moran_local`].
///
/// # References
/// Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x.
pub fn moran_local_permutation(
    w: &SpatialWeights,
    y: &[f64],
    alternative: Alternative,
    permutations: Permutations,
) -> Result<LocalPermutationResult, StatsError> {
    let variable = Variable::new("y", y, w)?;
    let z = &variable.z;
    let mut tails = Conditional { w, z }.tails(permutations);
    for (tails, &z) in tails.iter_mut().zip(z) {
        // I is z times the lag: below the mean a large lag is a small I, and at the mean all lags tie.
        if z < 0.0 {
            *tails = TailCounts {
                n_greater_equal: tails.n_less_equal,
                n_less_equal: tails.n_greater_equal,
            };
        } else if z <= 0.0 {
            *tails = TailCounts {
                n_greater_equal: permutations.n(),
                n_less_equal: permutations.n(),
            };
        }
    }
    let statistic = z
        .iter()
        .enumerate()
        .map(|(i, value)| value * lag(w, z, i))
        .collect();
    let quadrant = quadrants(w, z);
    Ok(LocalPermutationResult::new(
        statistic,
        &tails,
        quadrant,
        w,
        alternative,
        permutations,
    ))
}

/// Where each unit lies; the mean itself counts as low.
pub(super) fn quadrants(w: &SpatialWeights, z: &[f64]) -> Vec<Option<Quadrant>> {
    z.iter()
        .enumerate()
        .map(|(i, &z_i)| {
            if w.row(i).0.is_empty() {
                return None;
            }
            Some(match (z_i > 0.0, lag(w, z, i) > 0.0) {
                (true, true) => Quadrant::HighHigh,
                (false, true) => Quadrant::LowHigh,
                (false, false) => Quadrant::LowLow,
                (true, false) => Quadrant::HighLow,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    const ROUNDING: f64 = 1e-10;
    const Y: [f64; 7] = [1.0, 4.0, 4.5, -2.0, 0.0, 9.0, 3.0];

    fn local(y: &[f64], null: LocalNull) -> MoranLocalResult {
        moran_local(&asymmetric_weights(), y, null, Alternative::TwoSided).unwrap()
    }

    #[test]
    fn moments_equal_those_of_all_orders() {
        let all: Vec<_> = orders(&Y)
            .into_iter()
            .map(|y| (y[1], local(&y, LocalNull::Total).statistic))
            .collect();
        let (total, conditional) = (local(&Y, LocalNull::Total), local(&Y, LocalNull::Conditional));
        for unit in 0..6 {
            let spread: Spread = all.iter().map(|(_, statistic)| statistic[unit]).collect();
            assert!((total.expectation[unit] - spread.mean()).abs() < ROUNDING);
            assert!((total.variance[unit] - spread.variance()).abs() < ROUNDING);
        }
        let kept = all.iter().filter(|(own, _)| own.total_cmp(&Y[1]).is_eq());
        let spread: Spread = kept.map(|(_, statistic)| statistic[1]).collect();
        assert!((conditional.expectation[1] - spread.mean()).abs() < ROUNDING);
        assert!((conditional.variance[1] - spread.variance()).abs() < ROUNDING);
    }

    #[test]
    fn isolates_have_no_test() {
        let result = local(&Y, LocalNull::Conditional);
        assert_eq!(result.n_isolates, 1);
        assert_eq!(
            (result.statistic[6], result.z_score[6], result.quadrant[6]),
            (0.0, None, None)
        );
    }
}
