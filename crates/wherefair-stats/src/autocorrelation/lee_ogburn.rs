//! Lee and Ogburn's Φ for categories.

use super::asymptotic::AsymptoticResult;
use super::pair_sums::PairSums;
use super::variable::{Categories, weight_sum};
use crate::{Alternative, Null, SpatialWeights, StatsError};

/// Tests the autocorrelation of categories by Lee and Ogburn's Φ, its moments exact for random order of the
/// labels.
///
/// Φ is large where neighbours share their category, rare categories counting more. For two categories the
/// z-score equals that of Moran's I.
///
/// DIFFERENCE: Φ is not divided by S0; its z-score does not depend on that.
///
/// # Formula
/// With `p_c` the share of category c among the units:
/// ```text
/// Φ = Σ_ij w_ij a_ij,   a_ij = (2·1[Y_i = Y_j] − 1) / (p_{Y_i} p_{Y_j})
/// ```
/// E\[Φ\] and Var\[Φ\] are those over all n! orders of the labels.
///
/// # Errors
/// [`StatsError`] when `labels` do not fit the weights, there are fewer than 4 units or only one category, the
/// weights sum to 0, or Φ is the same for every order.
///
/// # Examples
/// ```
/// use wherefair_stats::{Alternative, Contiguity, SpatialWeights, lee_ogburn_phi};
///
/// let w = SpatialWeights::from_raster(4, 4, None, Contiguity::Rook)?;
/// let labels = [0, 0, 1, 1, 0, 0, 1, 2, 0, 2, 2, 1, 2, 2, 2, 1];
/// let result = lee_ogburn_phi(&w, &labels, Alternative::Greater)?;
/// assert!((result.statistic - 40.391_111).abs() < 1e-6);
/// assert!((result.z_score - 2.930_809).abs() < 1e-6);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Lee & Ogburn (2021), doi:10.1080/01621459.2020.1786402.
pub fn lee_ogburn_phi(
    w: &SpatialWeights,
    labels: &[u32],
    alternative: Alternative,
) -> Result<AsymptoticResult, StatsError> {
    let categories = Categories::new("labels", labels, w)?;
    let weights = w.moments();
    weight_sum(weights.s0)?;
    let n = w.n() as f64;
    // 1/p of each category.
    let inverse: Vec<f64> = categories.sizes.iter().map(|&size| n / size as f64).collect();
    let mut statistic = 0.0;
    for (i, &own) in categories.of_unit.iter().enumerate() {
        let (neighbours, weights) = w.row(i);
        for (&j, weight) in neighbours.iter().zip(weights) {
            let other = categories.of_unit[j as usize];
            let sign = if own == other { 1.0 } else { -1.0 };
            statistic += weight * sign * inverse[own] * inverse[other];
        }
    }
    let products = phi_sums(n, &inverse);
    let moments = PairSums::moments(n, &PairSums::of_weights(n, &weights), &products, 1.0);
    AsymptoticResult::new(statistic, moments, Null::Randomization, alternative, w)
}

/// The sums of a: a category has n/u units, u being the inverse of its share, and Σⱼ aᵢⱼ = u (2n − nk − u) for
/// each of them.
fn phi_sums(n: f64, inverse: &[f64]) -> PairSums {
    let k = inverse.len() as f64;
    let row_sum = |u: f64| u * (2.0 * n - n * k - u);
    let over_units = |f: &dyn Fn(f64) -> f64| inverse.iter().map(|&u| n / u * f(u)).sum::<f64>();
    let total = over_units(&row_sum);
    let squares = over_units(&|u| u * u);
    let mean = total / n;
    PairSums {
        total,
        s1: 2.0 * (squares * squares - over_units(&|u| u.powi(4)) - total * (total / (n * (n - 1.0)))),
        s2: 4.0 * over_units(&|u| (row_sum(u) - mean).powi(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::exhaustive::{Spread, asymmetric_weights, orders};

    #[test]
    fn moments_equal_those_of_all_orders_of_two_three_and_four_categories() {
        let w = asymmetric_weights();
        for labels in [
            [0, 0, 1, 1, 1, 0, 0],
            [5, 5, 1, 9, 9, 1, 1],
            [0, 1, 2, 3, 3, 2, 3],
        ] {
            let phi = |labels: &[u32]| lee_ogburn_phi(&w, labels, Alternative::Greater).unwrap();
            let spread: Spread = orders(&labels)
                .iter()
                .map(|labels| phi(labels).statistic)
                .collect();
            let result = phi(&labels);
            assert!((result.expectation / spread.mean() - 1.0).abs() < 1e-10);
            assert!((result.variance / spread.variance() - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn two_categories_standardise_to_morans_i() {
        let w = asymmetric_weights();
        let labels = [0, 0, 1, 1, 1, 0, 0];
        let phi = lee_ogburn_phi(&w, &labels, Alternative::Greater).unwrap();
        let i = crate::moran(
            &w,
            &labels.map(f64::from),
            Null::Randomization,
            Alternative::Greater,
        )
        .unwrap();
        assert!((phi.z_score - i.z_score).abs() < 1e-12);
    }

    #[test]
    fn a_lattice_of_three_categories_gives_the_known_moments() {
        let w = SpatialWeights::from_raster(4, 4, None, crate::Contiguity::Rook).unwrap();
        let labels = [0, 0, 1, 1, 0, 0, 1, 2, 0, 2, 2, 1, 2, 2, 2, 1];
        let phi = lee_ogburn_phi(&w, &labels, Alternative::Greater).unwrap();
        let binary = labels.map(|label| label.min(1));
        let two = lee_ogburn_phi(&w, &binary, Alternative::Greater).unwrap();
        for (given, expected) in [
            (phi.statistic, 40.391_111_111_111_13),
            (phi.expectation, -182.613_333_333_333_34),
            (phi.variance, 5_789.644_598_561_921),
            (phi.z_score, 2.930_809_334_117_308_5),
            (two.z_score, 3.094_975_675_165_634_8),
        ] {
            assert!((given / expected - 1.0).abs() < 1e-12, "{given} {expected}");
        }
    }

    #[test]
    fn one_category_is_rejected() {
        let error = lee_ogburn_phi(&asymmetric_weights(), &[3; 7], Alternative::Greater).unwrap_err();
        assert_eq!(
            error.to_string(),
            "labels has the one category 3 (accepted: at least two)"
        );
    }
}
