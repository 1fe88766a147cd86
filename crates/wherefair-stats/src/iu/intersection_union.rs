//! The statistics T1 and T2.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::PairedMoran;
use super::paired::{PairedDraws, check_variables};
use crate::{Permutations, StatsError, WeightsRef};

/// Differences between standardised statistics below this are rounding.
const TIE: f64 = 1e-9;

/// Which values of T2 speak for equal autocorrelation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum T2Tail {
    /// Small ones, as the paper's section 2.1 says. The test is then sharpest where `|I_y − I_a|` is δ.
    #[default]
    Small,
    /// Large ones, as the p-value in the paper's appendix B.1 is written. Under this reading power grows with a
    /// common autocorrelation, and so does the rejection of unequal ones.
    Large,
}

/// How counts of permutations become p-values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PValueForm {
    /// (M + 1)/(R + 1): the data count as one of the permutations, which makes the test valid for any R.
    #[default]
    WithData,
    /// M/R, as the paper has it; can be 0.
    PermutationsOnly,
}

impl PValueForm {
    pub(super) fn p_value(self, count: usize, n_permutations: usize) -> f64 {
        match self {
            Self::WithData => (count as f64 + 1.0) / (n_permutations as f64 + 1.0),
            Self::PermutationsOnly => count as f64 / n_permutations as f64,
        }
    }
}

/// The tests T1 (both variables are autocorrelated) and T2 (they are so alike) of one set of permutations.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IntersectionUnionResult {
    /// Standardised Moran's I of the outcome.
    pub standardized_y: f64,
    /// Standardised Moran's I of the sensitive variable.
    pub standardized_a: f64,
    /// `min(|I_y|, |I_a|)`.
    pub t1: f64,
    /// The share of permutations with at least this T1.
    pub t1_p_value: f64,
    /// The larger of the two-sided p-values of `I_y` and `I_a` by themselves: the intersection–union test in the
    /// strict sense, whose size holds also when one of the two is autocorrelated and the other is not.
    pub t1_strict_p_value: f64,
    /// `|(I_y − I_a)² − δ²|`.
    pub t2: f64,
    /// The share of permutations with at most (at least) this T2.
    pub t2_p_value: f64,
    /// Which values of T2 speak for equal autocorrelation.
    pub t2_tail: T2Tail,
    /// δ.
    pub delta: f64,
    /// How counts became p-values.
    pub p_value_form: PValueForm,
    /// How many permutations were drawn.
    pub n_permutations: u32,
}

/// Tests whether outcome `y` and sensitive variable `a` are both autocorrelated (T1), and alike (T2).
///
/// Both variables are put into the same random orders, which keeps their association at each unit.
///
/// T1's permutations break the autocorrelation of both variables at once. Where only one of the two is
/// autocorrelated, which belongs to its null too, it rejects more often than its level; [`t1_strict_p_value`](IntersectionUnionResult::t1_strict_p_value) does
/// not.
///
/// # Formula
/// With Moran's I standardised by its exact moments under random order:
/// ```text
/// T1 = min(|I_y|, |I_a|),   T2 = |(I_y − I_a)² − δ²|
/// p1 = share of permutations with T1* ≥ T1,   p2 = share with T2* ≤ T2 (Small) or T2* ≥ T2 (Large)
/// ```
/// The paper takes δ = 1.
///
/// # Errors
/// As [`moran`](crate::moran) for each variable, and [`StatsError::Param`] when `delta` is not above 0.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::{
///     Contiguity, PValueForm, Permutations, SpatialWeights, T2Tail, intersection_union_tests,
/// };
///
/// let w = SpatialWeights::from_raster(6, 6, None, Contiguity::Queen)?;
/// let y: Vec<f64> = (0..36).map(|i| f64::from(i / 6)).collect();
/// let a: Vec<f64> = (0..36).map(|i| f64::from(i % 6)).collect();
/// let permutations = Permutations::new(199, Seed::new(1))?;
/// let result = intersection_union_tests(&w, &y, &a, 1.0, T2Tail::Small, PValueForm::WithData, permutations)?;
/// assert_eq!(result.t1_p_value, 0.005);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Majumdar, Flynn & Mitra (2021), Detecting Bias in the Presence of Spatial Autocorrelation, sections 2.1 and B.1;
/// `SenGupta` (2007), doi:10.1016/j.jspi.2007.03.027; Berger (1982), doi:10.1080/00401706.1982.10487790.
pub fn intersection_union_tests<'w>(
    w: impl Into<WeightsRef<'w>>,
    y: &[f64],
    a: &[f64],
    delta: f64,
    t2_tail: T2Tail,
    p_value_form: PValueForm,
    permutations: Permutations,
) -> Result<IntersectionUnionResult, StatsError> {
    check_delta(delta)?;
    let w = w.into();
    check_variables(w, y, a)?;
    PairedMoran::new(w)?
        .draw(y, a, permutations)?
        .intersection_union(delta, t2_tail, p_value_form)
}

fn check_delta(delta: f64) -> Result<(), StatsError> {
    if !(delta > 0.0 && delta.is_finite()) {
        return Err(ParamError::new("delta", delta, "a finite number above 0").into());
    }
    Ok(())
}

impl PairedDraws {
    /// The tests of [`intersection_union_tests`] with these permutations.
    ///
    /// # Errors
    /// [`StatsError::Param`] when `delta` is not above 0.
    pub fn intersection_union(
        &self,
        delta: f64,
        t2_tail: T2Tail,
        p_value_form: PValueForm,
    ) -> Result<IntersectionUnionResult, StatsError> {
        check_delta(delta)?;
        let t1_of = |y: f64, a: f64| y.abs().min(a.abs());
        let t2_of = |y: f64, a: f64| ((y - a) * (y - a) - delta * delta).abs();
        let (t1, t2) = (t1_of(self.y, self.a), t2_of(self.y, self.a));
        let p_value = |extreme: &dyn Fn(f64, f64) -> bool| {
            let count = self.draws.iter().filter(|&&(y, a)| extreme(y, a)).count();
            p_value_form.p_value(count, self.draws.len())
        };
        let alone_y = p_value(&|y, _| y.abs() >= self.y.abs() - TIE);
        let alone_a = p_value(&|_, a| a.abs() >= self.a.abs() - TIE);
        Ok(IntersectionUnionResult {
            standardized_y: self.y,
            standardized_a: self.a,
            t1,
            t1_p_value: p_value(&|y, a| t1_of(y, a) >= t1 - TIE),
            t1_strict_p_value: alone_y.max(alone_a),
            t2,
            t2_p_value: match t2_tail {
                T2Tail::Small => p_value(&|y, a| t2_of(y, a) <= t2 + TIE),
                T2Tail::Large => p_value(&|y, a| t2_of(y, a) >= t2 - TIE),
            },
            t2_tail,
            delta,
            p_value_form,
            n_permutations: self.n_permutations,
        })
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::{Contiguity, SpatialWeights};

    fn lattice() -> SpatialWeights {
        SpatialWeights::from_raster(8, 8, None, Contiguity::Rook).unwrap()
    }

    fn normal(index: u64) -> Vec<f64> {
        let mut stream = Seed::new(11).indexed("values", index);
        (0..64).map(|_| stream.standard_normal()).collect()
    }

    fn tested(y: &[f64], a: &[f64], tail: T2Tail, form: PValueForm) -> IntersectionUnionResult {
        let permutations = Permutations::new(99, Seed::new(2)).unwrap();
        intersection_union_tests(&lattice(), y, a, 1.0, tail, form, permutations).unwrap()
    }

    #[test]
    fn a_variable_with_itself_has_the_same_statistic_under_every_permutation() {
        let y = normal(0);
        let result = tested(&y, &y, T2Tail::Small, PValueForm::WithData);
        assert_eq!((result.t2, result.t2_p_value), (1.0, 1.0));
        // All permutations give T2 = δ² too: nothing is ever smaller or larger.
        let expected = (result.standardized_y.abs(), result.t1_strict_p_value);
        assert_eq!((result.t1, result.t1_p_value), expected);
    }

    #[test]
    fn the_two_tails_of_t2_cover_all_permutations() {
        let (y, a) = (normal(1), normal(2));
        let small = tested(&y, &a, T2Tail::Small, PValueForm::PermutationsOnly).t2_p_value;
        let large = tested(&y, &a, T2Tail::Large, PValueForm::PermutationsOnly).t2_p_value;
        assert!((small + large - 1.0).abs() < 1e-12);
    }

    #[test]
    fn bad_deltas_are_rejected() {
        let (y, a) = (normal(1), normal(2));
        let permutations = Permutations::new(9, Seed::new(2)).unwrap();
        for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let form = PValueForm::default();
            let error =
                intersection_union_tests(&lattice(), &y, &a, delta, T2Tail::Small, form, permutations);
            assert!(matches!(error, Err(StatsError::Param(_))), "{delta}");
        }
    }

    #[test]
    fn t1_keeps_its_size_without_autocorrelation() {
        let n_runs = 400;
        let rejected = (0..n_runs)
            .filter(|&run| {
                let (y, a) = (normal(10 + 2 * run), normal(11 + 2 * run));
                tested(&y, &a, T2Tail::Small, PValueForm::WithData).t1_p_value <= 0.05
            })
            .count();
        // Five standard errors of a binomial count around 20.
        assert!(
            (rejected as f64 - 20.0).abs() < 5.0 * (20.0 * 0.95_f64).sqrt(),
            "{rejected}"
        );
    }
}
