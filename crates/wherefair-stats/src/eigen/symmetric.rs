//! The symmetric part of spatial weights.

use super::Design;
use crate::{SpatialWeights, StatsError};

/// S = (W + Wᵀ)/2 in compressed rows: the part of W that a quadratic form xᵀ W x sees.
#[derive(Debug, Clone)]
pub(crate) struct SymmetricPart {
    offsets: Vec<usize>,
    neighbours: Vec<u32>,
    values: Vec<f64>,
    /// S₀ = Σᵢⱼ wᵢⱼ.
    pub(crate) s0: f64,
    /// Units without any weight to or from another.
    pub(crate) n_isolates: usize,
}

impl SymmetricPart {
    /// The symmetric part of `w`.
    ///
    /// # Errors
    /// [`StatsError`] when there are fewer than 4 units, a weight is not finite, or the weights do not sum to a
    /// number above 0: Moran's coefficient divides by the sum.
    pub(crate) fn of(w: &SpatialWeights) -> Result<Self, StatsError> {
        let n = w.n();
        if n < 4 {
            return Err(StatsError::TooFew { n, at_least: 4 });
        }
        if let Some(index) = w.values().iter().position(|value| !value.is_finite()) {
            return Err(StatsError::NotFinite {
                name: "weights",
                index,
                value: w.values()[index],
            });
        }
        let s0: f64 = w.values().iter().sum();
        if !(0.0..f64::INFINITY).contains(&s0) || s0 <= 0.0 {
            return Err(StatsError::NoWeights { sum: s0 });
        }
        let (t_offsets, t_neighbours, t_values) = transpose(w);
        let mut part = Self {
            offsets: Vec::with_capacity(n + 1),
            neighbours: Vec::with_capacity(w.n_nonzero()),
            values: Vec::with_capacity(w.n_nonzero()),
            s0,
            n_isolates: 0,
        };
        part.offsets.push(0);
        for i in 0..n {
            let (to, weight) = w.row(i);
            let columns = t_offsets[i]..t_offsets[i + 1];
            let (from, back) = (&t_neighbours[columns.clone()], &t_values[columns]);
            let (mut a, mut b) = (0, 0);
            while a < to.len() || b < from.len() {
                let next_to = to.get(a).copied().unwrap_or(u32::MAX);
                let next_from = from.get(b).copied().unwrap_or(u32::MAX);
                let mut value = 0.0;
                if next_to <= next_from {
                    value += 0.5 * weight[a];
                    a += 1;
                }
                if next_from <= next_to {
                    value += 0.5 * back[b];
                    b += 1;
                }
                part.neighbours.push(next_to.min(next_from));
                part.values.push(value);
            }
            part.offsets.push(part.neighbours.len());
            part.n_isolates += usize::from(part.offsets[i] == part.offsets[i + 1]);
        }
        Ok(part)
    }

    /// The number of units.
    pub(crate) fn n(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The neighbours of unit `i` and their weights.
    pub(crate) fn row(&self, i: usize) -> (&[u32], &[f64]) {
        let range = self.offsets[i]..self.offsets[i + 1];
        (&self.neighbours[range.clone()], &self.values[range])
    }

    /// S x.
    pub(crate) fn product(&self, x: &[f64]) -> Vec<f64> {
        (0..self.n())
            .map(|i| {
                let (neighbours, values) = self.row(i);
                neighbours
                    .iter()
                    .zip(values)
                    .map(|(&j, value)| value * x[j as usize])
                    .sum()
            })
            .collect()
    }

    /// The largest sum of absolute weights of a row, a bound of the spectral radius.
    pub(crate) fn radius_bound(&self) -> f64 {
        (0..self.n())
            .map(|i| self.row(i).1.iter().map(|value| value.abs()).sum::<f64>())
            .fold(0.0, f64::max)
    }

    /// The traces of M S M and of its square, for M = I − Q Qᵀ.
    pub(crate) fn traces(&self, design: &Design) -> (f64, f64) {
        let products: Vec<Vec<f64>> = (0..design.rank())
            .map(|j| self.product(design.column(j)))
            .collect();
        design.traces(self.values.iter().map(|value| value * value).sum(), &products)
    }
}

/// The transposed rows.
fn transpose(w: &SpatialWeights) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
    let n = w.n();
    let mut offsets = vec![0; n + 1];
    for &j in w.neighbours() {
        offsets[j as usize + 1] += 1;
    }
    for i in 0..n {
        offsets[i + 1] += offsets[i];
    }
    let mut next = offsets.clone();
    let (mut neighbours, mut values) = (vec![0; w.n_nonzero()], vec![0.0; w.n_nonzero()]);
    for i in 0..n {
        let (to, weight) = w.row(i);
        for (&j, &value) in to.iter().zip(weight) {
            let place = &mut next[j as usize];
            neighbours[*place] = u32::try_from(i).unwrap_or(u32::MAX);
            values[*place] = value;
            *place += 1;
        }
    }
    (offsets, neighbours, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_symmetric_part_is_the_mean_of_both_directions() {
        // 0 → 1 (2), 1 → 0 (1), 0 → 2 (4); unit 3 alone.
        let w = SpatialWeights::from_rows(vec![0, 2, 3, 3, 3], vec![1, 2, 0], vec![2.0, 4.0, 1.0]).unwrap();
        let part = SymmetricPart::of(&w).unwrap();
        assert_eq!(part.row(0), (&[1, 2][..], &[1.5, 2.0][..]));
        assert_eq!(part.row(1), (&[0][..], &[1.5][..]));
        assert_eq!(part.row(2), (&[0][..], &[2.0][..]));
        assert_eq!(part.n_isolates, 1);
        assert_eq!(part.product(&[1.0, 10.0, 100.0, 1000.0]), [215.0, 1.5, 2.0, 0.0]);
    }

    #[test]
    fn weights_without_a_positive_sum_are_rejected() {
        let empty = SpatialWeights::from_rows(vec![0; 5], vec![], vec![]).unwrap();
        assert!(matches!(
            SymmetricPart::of(&empty).unwrap_err(),
            StatsError::NoWeights { .. }
        ));
        let few = SpatialWeights::from_rows(vec![0, 1, 2, 2], vec![1, 0], vec![1.0; 2]).unwrap();
        assert_eq!(
            SymmetricPart::of(&few).unwrap_err(),
            StatsError::TooFew { n: 3, at_least: 4 }
        );
    }
}
