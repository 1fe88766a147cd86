//! Getis and Ord's local G and G*: where high and low values gather.

use serde::{Deserialize, Serialize};

use super::asymptotic::n_isolates;
use super::local_moran::{LocalPermutationResult, quadrants};
use super::moran::lag;
use super::variable::Variable;
use crate::inference::{Conditional, benjamini_hochberg};
use crate::{Alternative, Permutations, SpatialWeights, StatsError};

/// Whether a unit counts among its own neighbours.
///
/// The z-scores do not change when a row of weights is multiplied by a number above 0, the unit's own weight
/// included: binary weights with [`Included`](Self::Included) weight 1 stand for row-standardised ones too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfWeight {
    /// It does not: Gᵢ.
    Excluded,
    /// It does, with this weight: Gᵢ*.
    Included(f64),
}

/// Local G or G* of every unit as z-scores.
///
/// # Shapes
/// Every vector `(n_units,)`, `None` for units whose statistic cannot vary, such as isolates without own weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LocalGResult {
    /// The z-score: high where high values gather, low where low ones do.
    pub z_score: Vec<Option<f64>>,
    /// The share of the standard normal distribution that is at least as extreme.
    pub p_value: Vec<Option<f64>>,
    /// Whether units count among their own neighbours.
    pub self_weight: SelfWeight,
    /// What speaks against the null.
    pub alternative: Alternative,
    /// How many units have no neighbours.
    pub n_isolates: usize,
}

impl LocalGResult {
    /// The p-values adjusted to control the false discovery rate.
    pub fn adjusted_p_value(&self) -> Vec<Option<f64>> {
        benjamini_hochberg(&self.p_value)
    }
}

/// Tests every unit for high or low values around it by Getis and Ord's local G or G*.
///
/// # Formula
/// With `w_i` and `w_i2` the sums of the weights of unit i and of their squares, its own included in G*:
/// ```text
/// G_i:   (Σ_j w_ij y_j − w_i ȳ_(i)) / (s_(i) √(((n − 1) w_i2 − w_i²) / (n − 2))),   mean and sd over j ≠ i
/// G*_i:  (Σ_j w_ij y_j − w_i ȳ) / (s √((n w_i2 − w_i²) / (n − 1))),   over all j
/// ```
///
/// # Errors
/// As [`moran_local`](crate::moran_local), and [`StatsError::NotFinite`] for an own weight that is no number.
///
/// # References
/// Getis & Ord (1992), doi:10.1111/j.1538-4632.1992.tb00261.x; Ord & Getis (1995),
/// doi:10.1111/j.1538-4632.1995.tb00912.x.
pub fn local_g(
    w: &SpatialWeights,
    y: &[f64],
    self_weight: SelfWeight,
    alternative: Alternative,
) -> Result<LocalGResult, StatsError> {
    check_self_weight(self_weight)?;
    let variable = Variable::new("y", y, w)?;
    let z_score = z_scores(w, &variable.z, self_weight);
    Ok(LocalGResult {
        p_value: z_score
            .iter()
            .map(|z| z.map(|z| alternative.normal_p_value(z)))
            .collect(),
        z_score,
        self_weight,
        alternative,
        n_isolates: n_isolates(w),
    })
}

/// Tests every unit for high or low values around it by conditional permutations, as
/// [`moran_local_permutation`](crate::moran_local_permutation) does.
///
/// G and G* have the same permutation test: a unit keeps its own value.
///
/// # Errors
/// As [`local_g`].
pub fn local_g_permutation(
    w: &SpatialWeights,
    y: &[f64],
    self_weight: SelfWeight,
    alternative: Alternative,
    permutations: Permutations,
) -> Result<LocalPermutationResult, StatsError> {
    check_self_weight(self_weight)?;
    let variable = Variable::new("y", y, w)?;
    let z = &variable.z;
    let tails = Conditional { w, z }.tails(permutations);
    let statistic = z_scores(w, z, self_weight)
        .into_iter()
        .map(Option::unwrap_or_default)
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

fn check_self_weight(self_weight: SelfWeight) -> Result<(), StatsError> {
    match self_weight {
        SelfWeight::Included(value) if !value.is_finite() => Err(StatsError::NotFinite {
            name: "self_weight",
            index: 0,
            value,
        }),
        _ => Ok(()),
    }
}

/// For Σ z = 0 and Σ z² = n; the statistics do not depend on location and scale.
fn z_scores(w: &SpatialWeights, z: &[f64], self_weight: SelfWeight) -> Vec<Option<f64>> {
    let n = w.n() as f64;
    let row = |(i, &own): (usize, &f64)| {
        let weights = w.row(i).1;
        let mut sum: f64 = weights.iter().sum();
        let mut squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let mut lag = lag(w, z, i);
        let (mean, deviation, n_drawn) = match self_weight {
            SelfWeight::Excluded => {
                let mean = -own / (n - 1.0);
                (
                    mean,
                    ((n - own * own) / (n - 1.0) - mean * mean).max(0.0).sqrt(),
                    n - 1.0,
                )
            }
            SelfWeight::Included(weight) => {
                sum += weight;
                squares += weight * weight;
                lag += weight * own;
                (0.0, 1.0, n)
            }
        };
        let spread = (n_drawn * squares - sum * sum) / (n_drawn - 1.0);
        let varies = spread > 1e-13 * n * squares && deviation > 1e-7;
        varies.then(|| (lag - sum * mean) / (deviation * spread.sqrt()))
    };
    z.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::exhaustive::asymmetric_weights;

    const Y: [f64; 7] = [1.0, 4.0, 4.5, 2.0, 0.0, 9.0, 3.0];

    #[test]
    fn isolates_have_no_z_score_unless_they_count_themselves() {
        let w = asymmetric_weights();
        let g = local_g(&w, &Y, SelfWeight::Excluded, Alternative::TwoSided).unwrap();
        assert_eq!((g.z_score[6], g.n_isolates), (None, 1));
        let star = local_g(&w, &Y, SelfWeight::Included(1.0), Alternative::TwoSided).unwrap();
        let mean = Y.iter().sum::<f64>() / 7.0;
        let variance = Y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / 7.0;
        assert!((star.z_score[6].unwrap() - (Y[6] - mean) / variance.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn an_infinite_own_weight_is_rejected() {
        let w = asymmetric_weights();
        let error = local_g(&w, &Y, SelfWeight::Included(f64::NAN), Alternative::TwoSided).unwrap_err();
        assert!(matches!(
            error,
            StatsError::NotFinite {
                name: "self_weight",
                ..
            }
        ));
    }
}
