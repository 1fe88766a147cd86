//! Transposed and symmetric weights.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::SpatialWeights;

/// How far two weights may differ, relative to the larger one, to count as symmetric.
const SYMMETRY_TOLERANCE: f64 = 1e-12;

/// Rows that are merged by one thread at a time.
const ROWS_A_PART: usize = 4096;

/// What becomes of w\[i, j\] and w\[j, i\] where they differ; a missing link weighs 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symmetrization {
    /// The larger of the two.
    Max,
    /// Half their sum: the symmetric part of the matrix, which leaves xᵀWx as it is.
    Mean,
    /// Their sum.
    Sum,
}

impl SpatialWeights {
    /// The weights with all links turned round.
    #[must_use]
    pub fn transpose(&self) -> Self {
        let mut starts = vec![0; self.n() + 1];
        for &neighbour in &self.neighbours {
            starts[neighbour as usize + 1] += 1;
        }
        for i in 0..self.n() {
            starts[i + 1] += starts[i];
        }
        let offsets = starts.clone();
        let mut neighbours = vec![0; self.neighbours.len()];
        let mut values = vec![0.0; self.values.len()];
        // Rows are visited in order, so the rows of the result come out ascending.
        for (row, unit) in (0..self.n()).zip(0_u32..) {
            let (to, weights) = self.row(row);
            for (&to, &weight) in to.iter().zip(weights) {
                let at = &mut starts[to as usize];
                neighbours[*at] = unit;
                values[*at] = weight;
                *at += 1;
            }
        }
        Self {
            offsets,
            neighbours,
            values,
        }
    }

    /// Symmetric weights: w\[i, j\] and w\[j, i\] become equal, as `rule` says.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::{SpatialWeights, Symmetrization};
    ///
    /// let w = SpatialWeights::from_edges(3, [(0, 1, 1.0), (1, 0, 3.0), (1, 2, 4.0)])?;
    /// let mean = w.symmetrize(Symmetrization::Mean);
    /// assert!(mean.is_symmetric());
    /// assert_eq!((mean.weight(0, 1), mean.weight(2, 1)), (2.0, 2.0));
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    #[must_use]
    pub fn symmetrize(&self, rule: Symmetrization) -> Self {
        let transposed = self.transpose();
        let parts: Vec<_> = (0..self.n())
            .into_par_iter()
            .step_by(ROWS_A_PART)
            .map(|first| {
                let (mut ends, mut neighbours, mut values) = (Vec::new(), Vec::new(), Vec::new());
                for row in first..(first + ROWS_A_PART).min(self.n()) {
                    for (neighbour, there, back) in merge(self.row(row), transposed.row(row)) {
                        neighbours.push(neighbour);
                        // Halves are summed, not the sum halved, so that finite weights stay finite.
                        values.push(match rule {
                            Symmetrization::Max => there.max(back),
                            Symmetrization::Mean => 0.5 * there + 0.5 * back,
                            Symmetrization::Sum => (there + back).clamp(f64::MIN, f64::MAX),
                        });
                    }
                    ends.push(neighbours.len());
                }
                (ends, neighbours, values)
            })
            .collect();
        let mut symmetric = Self {
            offsets: vec![0],
            neighbours: Vec::with_capacity(self.n_nonzero()),
            values: Vec::with_capacity(self.n_nonzero()),
        };
        for (ends, neighbours, values) in parts {
            let before = symmetric.neighbours.len();
            symmetric.offsets.extend(ends.iter().map(|end| before + end));
            symmetric.neighbours.extend(neighbours);
            symmetric.values.extend(values);
        }
        symmetric.without_zeros()
    }

    /// Whether w\[i, j\] = w\[j, i\] for all pairs, up to 10⁻¹² of the larger of the two.
    pub fn is_symmetric(&self) -> bool {
        let transposed = self.transpose();
        transposed.offsets == self.offsets
            && transposed.neighbours == self.neighbours
            && self
                .values
                .par_iter()
                .zip(&transposed.values)
                .all(|(&there, &back)| {
                    (there - back).abs() <= SYMMETRY_TOLERANCE * there.abs().max(back.abs())
                })
    }
}

/// The union of two ascending rows: neighbour, weight in `row`, weight in `other`.
pub(crate) fn merge<'a>(
    row: (&'a [u32], &'a [f64]),
    other: (&'a [u32], &'a [f64]),
) -> impl Iterator<Item = (u32, f64, f64)> + 'a {
    let mut left = row.0.iter().copied().zip(row.1.iter().copied()).peekable();
    let mut right = other.0.iter().copied().zip(other.1.iter().copied()).peekable();
    std::iter::from_fn(move || match (left.peek().copied(), right.peek().copied()) {
        (Some((a, there)), Some((b, back))) if a == b => {
            left.next();
            right.next();
            Some((a, there, back))
        }
        (Some((a, there)), other) if other.is_none_or(|(b, _)| a < b) => {
            left.next();
            Some((a, there, 0.0))
        }
        (_, Some((b, back))) => {
            right.next();
            Some((b, 0.0, back))
        }
        (_, None) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_way() -> SpatialWeights {
        SpatialWeights::from_edges(4, [(0, 1, 1.0), (1, 0, 3.0), (1, 2, -4.0), (3, 0, 5.0)]).unwrap()
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        assert_eq!(one_way().transpose().transpose(), one_way());
        assert_eq!(one_way().transpose().weight(0, 3).to_bits(), 5.0_f64.to_bits());
    }

    #[test]
    fn each_rule_by_hand() {
        for (rule, expected) in [
            (Symmetrization::Max, [3.0, 0.0, 5.0]),
            (Symmetrization::Mean, [2.0, -2.0, 2.5]),
            (Symmetrization::Sum, [4.0, -4.0, 5.0]),
        ] {
            let w = one_way().symmetrize(rule);
            assert!(w.is_symmetric());
            let given = [w.weight(0, 1), w.weight(2, 1), w.weight(0, 3)];
            assert_eq!(given.map(f64::to_bits), expected.map(f64::to_bits), "{rule:?}");
        }
        assert_eq!(one_way().symmetrize(Symmetrization::Max).isolates(), [2]);
    }

    #[test]
    fn asymmetric_weights_and_patterns_are_told_apart() {
        assert!(!one_way().is_symmetric());
        assert!(
            !SpatialWeights::from_edges(2, [(0, 1, 1.0), (1, 0, 1.1)])
                .unwrap()
                .is_symmetric()
        );
        assert!(
            SpatialWeights::from_edges(2, [(0, 1, 0.3), (1, 0, 0.1 + 0.2)])
                .unwrap()
                .is_symmetric()
        );
        assert!(SpatialWeights::from_edges(3, []).unwrap().is_symmetric());
    }

    #[test]
    fn sums_of_huge_weights_stay_finite() {
        let w = SpatialWeights::from_edges(2, [(0, 1, f64::MAX), (1, 0, f64::MAX)]).unwrap();
        for rule in [Symmetrization::Max, Symmetrization::Mean, Symmetrization::Sum] {
            assert!(w.symmetrize(rule).values().iter().all(|value| value.is_finite()));
        }
    }
}
