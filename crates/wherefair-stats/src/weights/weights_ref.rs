//! Weights in whichever form a caller has them.

use rayon::prelude::*;

use super::{DenseWeights, SpatialWeights, WeightMoments};

/// Links of sparse weights that are summed by one thread at a time.
const LINKS_A_PART: usize = 4096;

/// Sparse or dense weights, borrowed.
///
/// Functions that take `impl Into<WeightsRef>` accept `&SpatialWeights` and `&DenseWeights` alike; the same weights in
/// the two forms give the same results up to rounding.
///
/// # Examples
/// ```
/// use wherefair_core::{Point, Seed};
/// use wherefair_stats::{Alternative, DenseWeights, Metric, Permutations, moran_permutation};
///
/// let points: Vec<Point> = (0..30).map(|i| Point::new(f64::from(i % 6), f64::from(i / 6))).collect();
/// let y: Vec<f64> = points.iter().map(|point| point.x).collect();
/// let w = DenseWeights::inverse_distance(&points, 1.0, Metric::Planar)?;
/// let permutations = Permutations::new(99, Seed::new(1))?;
/// let dense = moran_permutation(&w, &y, Alternative::Greater, permutations)?;
/// let sparse = moran_permutation(&w.to_sparse(), &y, Alternative::Greater, permutations)?;
/// assert_eq!(dense.pseudo_p_value, sparse.pseudo_p_value);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub enum WeightsRef<'a> {
    /// Compressed sparse rows.
    Sparse(&'a SpatialWeights),
    /// A full matrix.
    Dense(&'a DenseWeights),
}

impl<'a> From<&'a SpatialWeights> for WeightsRef<'a> {
    fn from(weights: &'a SpatialWeights) -> Self {
        Self::Sparse(weights)
    }
}

impl<'a> From<&'a DenseWeights> for WeightsRef<'a> {
    fn from(weights: &'a DenseWeights) -> Self {
        Self::Dense(weights)
    }
}

impl WeightsRef<'_> {
    /// The number of units.
    pub fn n(self) -> usize {
        match self {
            Self::Sparse(weights) => weights.n(),
            Self::Dense(weights) => weights.n(),
        }
    }

    /// The sum of all weights, S0.
    pub fn sum(self) -> f64 {
        let [sum] = self.sums_of(|weight| [weight]);
        sum
    }

    /// S0, S1 and S2.
    pub fn moments(self) -> WeightMoments {
        match self {
            Self::Sparse(weights) => weights.moments(),
            Self::Dense(weights) => weights.moments(),
        }
    }

    /// How many units have no neighbours.
    pub fn n_isolates(self) -> usize {
        match self {
            Self::Sparse(weights) => weights
                .offsets()
                .windows(2)
                .filter(|ends| ends[0] == ends[1])
                .count(),
            Self::Dense(weights) => (0..weights.n())
                .filter(|&i| weights.row(i).iter().all(|&weight| weight == 0.0))
                .count(),
        }
    }

    /// Σᵢⱼ wᵢⱼ and Σᵢⱼ |wᵢⱼ|.
    pub(crate) fn sum_and_magnitude(self) -> (f64, f64) {
        let [sum, magnitude] = self.sums_of(|weight| [weight, weight.abs()]);
        (sum, magnitude)
    }

    /// Σᵢⱼ term(wᵢⱼ) of several terms that are 0 for weights of 0.
    fn sums_of<const N: usize>(self, terms: impl Fn(f64) -> [f64; N] + Sync) -> [f64; N] {
        // One row of a full matrix, or so many links, a part; each in lanes that do not wait for each other.
        let (values, part) = match self {
            Self::Sparse(weights) => (weights.values(), LINKS_A_PART),
            Self::Dense(weights) => (weights.values(), weights.n().max(1)),
        };
        let of_part = |part: &[f64]| {
            let (chunks, rest) = part.as_chunks::<8>();
            let mut sums = [[0.0; 8]; N];
            for chunk in chunks {
                for (lane, &weight) in chunk.iter().enumerate() {
                    for (sums, term) in sums.iter_mut().zip(terms(weight)) {
                        sums[lane] += term;
                    }
                }
            }
            let mut totals = sums.map(|lanes| lanes.iter().sum::<f64>());
            for &weight in rest {
                for (total, term) in totals.iter_mut().zip(terms(weight)) {
                    *total += term;
                }
            }
            totals
        };
        let parts: Vec<[f64; N]> = values.par_chunks(part).with_min_len(64).map(of_part).collect();
        std::array::from_fn(|term| parts.iter().map(|totals| totals[term]).sum())
    }

    /// Σⱼ wᵢⱼ + Σⱼ wⱼᵢ of every unit i.
    pub(crate) fn row_and_column_sums(self) -> Vec<f64> {
        let mut sums = vec![0.0; self.n()];
        for i in 0..self.n() {
            let mut add = |j: usize, weight: f64| {
                sums[i] += weight;
                sums[j] += weight;
            };
            match self {
                Self::Sparse(weights) => {
                    let (neighbours, values) = weights.row(i);
                    for (&j, &weight) in neighbours.iter().zip(values) {
                        add(j as usize, weight);
                    }
                }
                Self::Dense(weights) => {
                    for (j, &weight) in weights.row(i).iter().enumerate() {
                        add(j, weight);
                    }
                }
            }
        }
        sums
    }

    /// Σⱼ term(j, wᵢⱼ) for terms that are 0 for weights of 0.
    pub(crate) fn row_sum(self, i: usize, term: impl Fn(usize, f64) -> f64) -> f64 {
        match self {
            Self::Sparse(weights) => {
                let (neighbours, values) = weights.row(i);
                neighbours
                    .iter()
                    .zip(values)
                    .map(|(&j, &weight)| term(j as usize, weight))
                    .sum()
            }
            Self::Dense(weights) => weights
                .row(i)
                .iter()
                .enumerate()
                .map(|(j, &weight)| term(j, weight))
                .sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of nine small numbers.
    const ROUNDING: f64 = 1e-13;

    #[test]
    fn both_forms_of_the_same_weights_agree() {
        let links = (0..10).flat_map(|i| (0..i).map(move |j| (i, j, 0.5 + (i * j) as f64)));
        let sparse = SpatialWeights::from_edges(12, links).unwrap();
        let dense = DenseWeights::try_from(&sparse).unwrap();
        let (sparse, dense) = (WeightsRef::from(&sparse), WeightsRef::from(&dense));
        // Unit 0 names no neighbour, others name it; 10 and 11 are alone.
        for form in [sparse, dense] {
            assert_eq!((form.n(), form.n_isolates()), (12, 3));
        }
        let (a, b) = (sparse.sum(), dense.sum());
        assert!((a - b).abs() < ROUNDING * a);
        let (a, b) = (sparse.row_and_column_sums(), dense.row_and_column_sums());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= ROUNDING * a));
        for i in 0..12 {
            let term = |j: usize, weight: f64| j as f64 * weight;
            let (a, b) = (sparse.row_sum(i, term), dense.row_sum(i, term));
            assert!((a - b).abs() <= ROUNDING * a);
        }
    }
}
