//! The sums of weights that the moments of autocorrelation statistics need.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::symmetry::merge;
use super::{DenseWeights, SpatialWeights};

/// Rows of one parallel piece of a dense sum.
const ROWS_A_BLOCK: usize = 64;

/// S0, S1 and S2 of spatial weights.
///
/// # Formula
/// ```text
/// S0 = Σ_ij w_ij,  S1 = ½ Σ_ij (w_ij + w_ji)²,  S2 = Σ_i (Σ_j w_ij + Σ_j w_ji)²
/// ```
///
/// # References
/// Cliff & Ord (1981), Spatial Processes: Models and Applications, section 1.5.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WeightMoments {
    /// The sum of all weights.
    pub s0: f64,
    /// Half the sum of squares of w\[i, j\] + w\[j, i\].
    pub s1: f64,
    /// The sum of squares of row sum plus column sum.
    pub s2: f64,
}

impl WeightMoments {
    /// Sums `(row sum, row's share of S1, row sum + column sum)`, one a unit, in the order of units.
    fn of_rows(rows: &[(f64, f64, f64)]) -> Self {
        Self {
            s0: rows.iter().map(|row| row.0).sum(),
            s1: rows.iter().map(|row| row.1).sum(),
            s2: rows.iter().map(|row| row.2 * row.2).sum(),
        }
    }
}

impl SpatialWeights {
    /// S0, S1 and S2, of symmetric and asymmetric weights alike.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::{Contiguity, SpatialWeights};
    ///
    /// let w = SpatialWeights::from_raster(4, 4, None, Contiguity::Rook)?;
    /// let moments = w.moments();
    /// assert_eq!((moments.s0, moments.s1, moments.s2), (48.0, 96.0, 608.0));
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn moments(&self) -> WeightMoments {
        let transposed = self.transpose();
        let rows: Vec<(f64, f64, f64)> = (0..self.n())
            .into_par_iter()
            .map(|i| {
                let (mut row_sum, mut share, mut both) = (0.0, 0.0, 0.0);
                for (_, there, back) in merge(self.row(i), transposed.row(i)) {
                    row_sum += there;
                    share += 0.5 * (there + back) * (there + back);
                    both += there + back;
                }
                (row_sum, share, both)
            })
            .collect();
        WeightMoments::of_rows(&rows)
    }
}

impl DenseWeights {
    /// S0, S1 and S2, of symmetric and asymmetric weights alike.
    pub fn moments(&self) -> WeightMoments {
        let n = self.n();
        let rows: Vec<(f64, f64, f64)> = (0..n.div_ceil(ROWS_A_BLOCK))
            .into_par_iter()
            .flat_map_iter(|block| {
                let rows = block * ROWS_A_BLOCK..((block + 1) * ROWS_A_BLOCK).min(n);
                let mut sums = vec![(0.0, 0.0, 0.0); rows.len()];
                // Column by column, so that a block of rows reads each row of the transpose in one piece.
                for j in 0..n {
                    let back = &self.row(j)[rows.clone()];
                    for ((sum, i), back) in sums.iter_mut().zip(rows.clone()).zip(back) {
                        let there = self.row(i)[j];
                        sum.0 += there;
                        sum.1 += 0.5 * (there + back) * (there + back);
                        sum.2 += there + back;
                    }
                }
                sums
            })
            .collect();
        WeightMoments::of_rows(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of a dozen numbers around 10, relative.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn moments_of_asymmetric_weights_equal_the_definition() {
        let w = SpatialWeights::from_edges(
            5,
            [
                (0, 1, 1.5),
                (1, 0, 0.25),
                (2, 0, 3.0),
                (3, 2, 1.0),
                (1, 3, -0.5),
                (2, 3, 2.0),
            ],
        )
        .unwrap();
        let (mut s0, mut s1, mut s2) = (0.0, 0.0, 0.0);
        for i in 0..5 {
            let mut both = 0.0;
            for j in 0..5 {
                s0 += w.weight(i, j);
                s1 += 0.5 * (w.weight(i, j) + w.weight(j, i)).powi(2);
                both += w.weight(i, j) + w.weight(j, i);
            }
            s2 += both * both;
        }
        for moments in [w.moments(), DenseWeights::try_from(&w).unwrap().moments()] {
            for (given, expected) in [(moments.s0, s0), (moments.s1, s1), (moments.s2, s2)] {
                assert!(
                    (given - expected).abs() <= ROUNDING * expected,
                    "{given} {expected}"
                );
            }
        }
    }

    #[test]
    fn moments_of_nothing_are_zero() {
        let moments = SpatialWeights::from_edges(3, []).unwrap().moments();
        assert_eq!(
            moments,
            WeightMoments {
                s0: 0.0,
                s1: 0.0,
                s2: 0.0
            }
        );
    }
}
