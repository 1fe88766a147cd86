//! Quadratic forms of a variable under random permutations.

use rayon::prelude::*;

use super::generator::Generator;
use super::kernel::{
    DENSE_GROUPS, DENSE_ROWS, DenseTriangle, LANES, Lanes, SparseTriangle, dense_form, sparse_form,
};
use super::unit_order::breadth_first;
use super::{Alternative, PermutationResult, Permutations};
use crate::{SpatialWeights, Symmetrization};

/// The stream of permutation `p` is number `p` of this name.
const STREAM: &str = "permutation";

/// The share of possible links from which on the dense form is faster.
const DENSE_SHARE: f64 = 0.25;

/// The form q(z) = Σᵢ dᵢ zᵢ² + Σ_{i≠j} wᵢⱼ zᵢ zⱼ, ready to be evaluated for many permutations of z.
#[derive(Debug, Clone)]
pub(crate) struct QuadraticForm {
    triangle: Triangle,
    /// The unit at each place of the triangle.
    order: Vec<u32>,
    /// Σ |dᵢ| + Σ |wᵢⱼ|, the scale of rounding errors.
    magnitude: f64,
}

#[derive(Debug, Clone)]
enum Triangle {
    Sparse(SparseTriangle),
    Dense(DenseTriangle),
}

impl QuadraticForm {
    /// The form of `w` times `factor`, and of `diagonal` (empty for none).
    pub(crate) fn new(w: &SpatialWeights, factor: f64, diagonal: &[f64]) -> Self {
        let n = w.n();
        let possible = n as f64 * (n as f64 - 1.0);
        let dense = w.n_nonzero() as f64 > DENSE_SHARE * possible;
        let magnitude = w.values().iter().map(|w| (w * factor).abs()).sum::<f64>()
            + diagonal.iter().map(|d| d.abs()).sum::<f64>();
        let diagonal = |i: usize| diagonal.get(i).copied().unwrap_or(0.0);
        if dense {
            return Self {
                triangle: Triangle::Dense(dense_triangle(w, factor, diagonal)),
                order: (0..n).zip(0_u32..).map(|(_, id)| id).collect(),
                magnitude,
            };
        }
        let symmetric = w.symmetrize(Symmetrization::Sum);
        let order = breadth_first(symmetric.offsets(), symmetric.neighbours());
        Self {
            triangle: Triangle::Sparse(sparse_triangle(&symmetric, &order, factor, diagonal)),
            order,
            magnitude,
        }
    }

    /// Tests the form of `z`, whose values reach `largest`, among its values under random permutations.
    pub(crate) fn test(
        &self,
        z: &[f64],
        largest: f64,
        alternative: Alternative,
        permutations: Permutations,
    ) -> PermutationResult {
        let draws = self.permuted(z, permutations);
        PermutationResult::of(
            self.evaluate(z),
            draws,
            self.tie(largest),
            alternative,
            permutations,
        )
    }

    /// How far two evaluations of the same permutation of values up to `largest` may differ by rounding.
    pub(crate) fn tie(&self, largest: f64) -> f64 {
        1e-13 * self.magnitude * largest * largest
    }

    /// The form of `z` as it is.
    pub(crate) fn evaluate(&self, z: &[f64]) -> f64 {
        let mut lanes = vec![vec![[0.0; LANES]; self.padded()]];
        for (lanes, &unit) in lanes[0].iter_mut().zip(&self.order) {
            lanes[0] = z[unit as usize];
        }
        self.form(&lanes)[0][0]
    }

    /// The form of `z` under each permutation; the same permutations for every form and every `z` of one length.
    pub(crate) fn permuted(&self, z: &[f64], permutations: Permutations) -> Vec<f64> {
        let n_permutations = permutations.n() as usize;
        let n_groups = match self.triangle {
            Triangle::Sparse(_) => 1,
            Triangle::Dense(_) => DENSE_GROUPS,
        };
        let scratch = || {
            (
                vec![vec![[0.0; LANES]; self.padded()]; n_groups],
                vec![0.0; z.len()],
            )
        };
        let blocks: Vec<[Lanes; DENSE_GROUPS]> = (0..n_permutations.div_ceil(LANES * n_groups))
            .into_par_iter()
            .map_init(scratch, |(groups, shuffled), block| {
                let first = block * LANES * n_groups;
                for index in first..(first + LANES * n_groups).min(n_permutations) {
                    let (group, lane) = ((index - first) / LANES, index % LANES);
                    permute(z, shuffled, permutations, index as u64);
                    for (lanes, &value) in groups[group].iter_mut().zip(shuffled.iter()) {
                        lanes[lane] = value;
                    }
                }
                self.form(groups)
            })
            .collect();
        let groups = blocks.iter().flat_map(|groups| &groups[..n_groups]);
        groups.flatten().copied().take(n_permutations).collect()
    }

    fn form(&self, groups: &[Vec<Lanes>]) -> [Lanes; DENSE_GROUPS] {
        let mut totals = [[0.0; LANES]; DENSE_GROUPS];
        match &self.triangle {
            Triangle::Sparse(triangle) => {
                for (total, group) in totals.iter_mut().zip(groups) {
                    *total = sparse_form(triangle, group);
                }
            }
            Triangle::Dense(triangle) => dense_form(triangle, groups, &mut totals),
        }
        totals
    }

    /// The number of units, rounded up to whole blocks of rows.
    fn padded(&self) -> usize {
        self.order.len().next_multiple_of(DENSE_ROWS)
    }
}

/// Permutation number `index` of `z`.
pub(crate) fn permute(z: &[f64], shuffled: &mut [f64], permutations: Permutations, index: u64) {
    shuffled.copy_from_slice(z);
    Generator::start(permutations.seed().indexed(STREAM, index)).shuffle(shuffled);
}

fn sparse_triangle(
    symmetric: &SpatialWeights,
    order: &[u32],
    factor: f64,
    diagonal: impl Fn(usize) -> f64,
) -> SparseTriangle {
    let mut place = vec![0_u32; order.len()];
    for (&unit, at) in order.iter().zip(0_u32..) {
        place[unit as usize] = at;
    }
    let mut triangle = SparseTriangle {
        offsets: vec![0],
        others: Vec::with_capacity(symmetric.n_nonzero() / 2),
        values: Vec::with_capacity(symmetric.n_nonzero() / 2),
        diagonal: order.iter().map(|&unit| diagonal(unit as usize)).collect(),
    };
    let mut row: Vec<(u32, f64)> = Vec::new();
    for (&unit, at) in order.iter().zip(0_u32..) {
        let (neighbours, values) = symmetric.row(unit as usize);
        row.clear();
        let entries = neighbours.iter().zip(values);
        row.extend(entries.filter_map(|(&to, &value)| {
            let to = place[to as usize];
            (to > at).then_some((to, value * factor))
        }));
        row.sort_unstable_by_key(|&(to, _)| to);
        triangle.others.extend(row.iter().map(|&(to, _)| to));
        triangle.values.extend(row.iter().map(|&(_, value)| value));
        triangle.offsets.push(triangle.others.len());
    }
    triangle
}

fn dense_triangle(w: &SpatialWeights, factor: f64, diagonal: impl Fn(usize) -> f64) -> DenseTriangle {
    let n = w.n();
    let padded = n.next_multiple_of(DENSE_ROWS);
    let mut starts = vec![0];
    for first in (0..n).step_by(DENSE_ROWS) {
        let end = starts[starts.len() - 1] + padded - first;
        starts.push(end);
    }
    let mut values = vec![[0.0; DENSE_ROWS]; starts[starts.len() - 1]];
    let mut pieces = Vec::with_capacity(starts.len());
    let mut rest = values.as_mut_slice();
    for ends in starts.windows(2) {
        let (piece, left) = rest.split_at_mut(ends[1] - ends[0]);
        pieces.push(piece);
        rest = left;
    }
    // Each block of rows gathers its rows of W and its columns, the latter as a few entries of every later row.
    pieces.into_par_iter().enumerate().for_each(|(block, piece)| {
        let first = block * DENSE_ROWS;
        for (row, i) in (first..n).take(DENSE_ROWS).enumerate() {
            let (neighbours, weights) = w.row(i);
            let after = neighbours.partition_point(|&j| j as usize <= i);
            for (&j, &weight) in neighbours[after..].iter().zip(&weights[after..]) {
                piece[j as usize - first][row] += weight * factor;
            }
        }
        for j in first + 1..n {
            let (neighbours, weights) = w.row(j);
            // Rows without gaps have unit i at place i (or i − 1, beyond the diagonal, which does not occur here).
            let from = if neighbours.get(first).is_some_and(|&at| at as usize == first) {
                first
            } else {
                neighbours.partition_point(|&i| (i as usize) < first)
            };
            for (&i, &weight) in neighbours[from..].iter().zip(&weights[from..]).take(DENSE_ROWS) {
                let row = i as usize - first;
                if row >= DENSE_ROWS || i as usize >= j {
                    break;
                }
                piece[j - first][row] += weight * factor;
            }
        }
    });
    DenseTriangle {
        starts,
        values,
        diagonal: (0..n).map(diagonal).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wherefair_core::Seed;

    use super::*;

    /// Sums of up to a hundred products of numbers around 1.
    const ROUNDING: f64 = 1e-12;

    fn weights(n: usize, links: &[(usize, usize, f64)]) -> SpatialWeights {
        let mut rows = vec![vec![0.0; n]; n];
        for &(i, j, weight) in links {
            if i % n != j % n {
                rows[i % n][j % n] = weight;
            }
        }
        let links = rows.iter().enumerate().flat_map(|(i, row)| {
            let present = row.iter().enumerate().filter(|(_, weight)| weight.abs() > 0.0);
            present.map(move |(j, &weight)| (i, j, weight))
        });
        SpatialWeights::from_edges(n, links).unwrap()
    }

    fn by_definition(w: &SpatialWeights, factor: f64, diagonal: &[f64], z: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..w.n() {
            sum += diagonal[i] * z[i] * z[i];
            let (neighbours, weights) = w.row(i);
            for (&j, weight) in neighbours.iter().zip(weights) {
                sum += factor * weight * z[i] * z[j as usize];
            }
        }
        sum
    }

    proptest! {
        #[test]
        fn sparse_and_dense_forms_equal_the_definition(
            n in 4..13_usize,
            links in prop::collection::vec((0..13_usize, 0..13_usize, -2.0..2.0_f64), 0..120),
            z in prop::collection::vec(-1.0..1.0_f64, 13),
            diagonal in prop::collection::vec(-1.0..1.0_f64, 13),
        ) {
            let (z, diagonal) = (&z[..n], &diagonal[..n]);
            let w = weights(n, &links);
            let form = QuadraticForm::new(&w, -1.5, diagonal);
            let expected = by_definition(&w, -1.5, diagonal, z);
            prop_assert!((form.evaluate(z) - expected).abs() < ROUNDING);
        }
    }

    #[test]
    fn few_and_many_links_take_the_two_forms() {
        let few = weights(9, &[(0, 1, 1.0)]);
        assert!(matches!(
            QuadraticForm::new(&few, 1.0, &[]).triangle,
            Triangle::Sparse(_)
        ));
        let all: Vec<_> = (0..81).map(|at| (at / 9, at % 9, 1.0 + at as f64)).collect();
        let many = weights(9, &all);
        let form = QuadraticForm::new(&many, 1.0, &[]);
        assert!(matches!(form.triangle, Triangle::Dense(_)));
        let z: Vec<f64> = (0..9).map(|i| f64::from(i * i % 7) - 2.5).collect();
        assert!((form.evaluate(&z) - by_definition(&many, 1.0, &[0.0; 9], &z)).abs() < 1e-9);
    }

    #[test]
    fn permuted_forms_do_not_depend_on_threads() {
        let links: Vec<_> = (0..60).map(|at| (at, at * 7 + 1, 0.5 + at as f64)).collect();
        let w = weights(61, &links);
        let z: Vec<f64> = (0..61).map(|i| f64::from(i).sin()).collect();
        let form = QuadraticForm::new(&w, 1.0, &[]);
        let permutations = Permutations::new(37, Seed::new(5)).unwrap();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| form.permuted(&z, permutations))
        };
        let one = on(1);
        assert_eq!(one.len(), 37);
        assert_eq!(one, on(3));
    }

    #[test]
    fn permuted_values_are_those_of_the_named_stream() {
        let w = weights(11, &[(0, 1, 1.0), (4, 7, 2.0), (3, 1, -1.0)]);
        let z: Vec<f64> = (0..11).map(|i| f64::from(i).cos()).collect();
        let form = QuadraticForm::new(&w, 1.0, &[]);
        let permutations = Permutations::new(10, Seed::new(5)).unwrap();
        let draws = form.permuted(&z, permutations);
        let mut shuffled = vec![0.0; 11];
        permute(&z, &mut shuffled, permutations, 9);
        let mut at_units = vec![0.0; 11];
        for (&unit, &value) in form.order.iter().zip(&shuffled) {
            at_units[unit as usize] = value;
        }
        assert!((draws[9] - by_definition(&w, 1.0, &[0.0; 11], &at_units)).abs() < ROUNDING);
    }
}
