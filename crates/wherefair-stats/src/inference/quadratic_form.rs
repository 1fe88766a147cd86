//! Quadratic forms of a variable under random permutations.

use rayon::prelude::*;

use super::dense_kernel::{DenseTriangle, PANEL, ROWS, dense_form};
use super::kernel::{LANES, Lanes, SparseTriangle, sparse_form};
use super::shuffle::Shuffler;
use super::unit_order::breadth_first;
use super::{Alternative, PermutationResult, Permutations};
use crate::{SpatialWeights, Symmetrization, WeightsRef};

/// The share of possible links from which on the dense form is faster.
const DENSE_SHARE: f64 = 0.25;

/// The most panels of permutations that share a pass over dense weights: more of them leave the cache.
const MOST_PANELS: usize = 4;

/// Rows of sparse weights that are put into order by one thread at a time.
const ROWS_A_PART: usize = 4096;

/// Permutations that are made before they are put into lanes: each visit of a cache line writes so many values.
const TOGETHER: usize = 4;

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
    pub(crate) fn new<'w>(w: impl Into<WeightsRef<'w>>, factor: f64, diagonal: &[f64]) -> Self {
        let w = w.into();
        let n = w.n();
        let magnitude =
            w.sum_of(|weight| (weight * factor).abs()) + diagonal.iter().map(|d| d.abs()).sum::<f64>();
        let diagonal = |i: usize| diagonal.get(i).copied().unwrap_or(0.0);
        let in_order = || (0..n).zip(0_u32..).map(|(_, id)| id).collect();
        let w = match w {
            WeightsRef::Dense(w) => {
                let triangle =
                    triangle_of_full_rows(n, factor, diagonal, |i| (&w.row(i)[..i], &w.row(i)[i + 1..]));
                return Self {
                    triangle: Triangle::Dense(triangle),
                    order: in_order(),
                    magnitude,
                };
            }
            WeightsRef::Sparse(w) => w,
        };
        let possible = n as f64 * (n as f64 - 1.0);
        if w.n_nonzero() as f64 > DENSE_SHARE * possible {
            // Full rows lack their diagonal alone.
            let triangle = if (0..n).all(|i| w.row(i).0.len() + 1 == n) {
                triangle_of_full_rows(n, factor, diagonal, |i| w.row(i).1.split_at(i))
            } else {
                triangle_of_rows(w, factor, diagonal)
            };
            return Self {
                triangle: Triangle::Dense(triangle),
                order: in_order(),
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
        match &self.triangle {
            Triangle::Sparse(triangle) => sparse_form(triangle, &self.first_lane(z))[0],
            Triangle::Dense(triangle) => dense_form(triangle, &[self.first_lane(z)])[0][0],
        }
    }

    /// The form of `z` under each permutation; the same permutations for every form and every `z` of one length.
    pub(crate) fn permuted(&self, z: &[f64], permutations: Permutations) -> Vec<f64> {
        match &self.triangle {
            Triangle::Sparse(triangle) => {
                self.in_panels(z, permutations, 1, |lanes: &[Vec<Lanes<LANES>>]| {
                    lanes.iter().map(|lanes| sparse_form(triangle, lanes)).collect()
                })
            }
            Triangle::Dense(triangle) => {
                // How panels are grouped shows in no result: lanes never mix.
                let n_panels = (permutations.n() as usize).div_ceil(PANEL);
                let panels = (n_panels / (4 * rayon::current_num_threads())).clamp(1, MOST_PANELS);
                self.in_panels(z, permutations, panels, |lanes: &[Vec<Lanes<PANEL>>]| {
                    dense_form(triangle, lanes)
                })
            }
        }
    }

    /// `form` of all permutations of `z`, given `panels` times `L` of them at once.
    fn in_panels<const L: usize>(
        &self,
        z: &[f64],
        permutations: Permutations,
        panels: usize,
        form: impl Fn(&[Vec<Lanes<L>>]) -> Vec<[f64; L]> + Sync,
    ) -> Vec<f64> {
        let n_permutations = permutations.n() as usize;
        let scratch = || {
            (
                vec![vec![Lanes::ZERO; self.padded()]; panels],
                std::array::from_fn(|_| vec![0.0; z.len()]),
                Shuffler::default(),
            )
        };
        let forms: Vec<Vec<[f64; L]>> = (0..n_permutations.div_ceil(L * panels))
            .into_par_iter()
            .map_init(scratch, |(groups, shuffled, shuffler), block| {
                let n_groups = panels.min(n_permutations.div_ceil(L) - block * panels);
                for (group, lanes) in groups[..n_groups].iter_mut().enumerate() {
                    let first = (block * panels + group) * L;
                    let n_lanes = L.min(n_permutations - first);
                    for start in (0..n_lanes).step_by(TOGETHER) {
                        let n_together = TOGETHER.min(n_lanes - start);
                        for (offset, shuffled) in shuffled[..n_together].iter_mut().enumerate() {
                            let index = (first + start + offset) as u64;
                            shuffler.permute(z, shuffled, permutations, index);
                        }
                        put_into_lanes(lanes, shuffled, start);
                    }
                }
                form(&groups[..n_groups])
            })
            .collect();
        forms
            .into_iter()
            .flatten()
            .flatten()
            .take(n_permutations)
            .collect()
    }

    /// `z` in the order of the triangle, in the first of `L` lanes.
    fn first_lane<const L: usize>(&self, z: &[f64]) -> Vec<Lanes<L>> {
        let mut lanes = vec![Lanes::ZERO; self.padded()];
        for (lanes, &unit) in lanes.iter_mut().zip(&self.order) {
            lanes.0[0] = z[unit as usize];
        }
        lanes
    }

    /// The number of units, rounded up to whole blocks of rows of dense weights.
    fn padded(&self) -> usize {
        match self.triangle {
            Triangle::Sparse(_) => self.order.len(),
            Triangle::Dense(_) => self.order.len().next_multiple_of(ROWS),
        }
    }
}

/// Writes variables into the lanes from `start` on.
fn put_into_lanes<const L: usize>(lanes: &mut [Lanes<L>], variables: &[Vec<f64>; TOGETHER], start: usize) {
    let [a, b, c, d] = variables;
    for ((((lanes, a), b), c), d) in lanes.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        lanes.0[start..start + TOGETHER].copy_from_slice(&[*a, *b, *c, *d]);
    }
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
    let parts: Vec<_> = (0..order.len())
        .into_par_iter()
        .step_by(ROWS_A_PART)
        .map(|first| {
            let units = &order[first..(first + ROWS_A_PART).min(order.len())];
            let (mut ends, mut others, mut values) = (Vec::new(), Vec::new(), Vec::new());
            let mut row: Vec<(u32, f64)> = Vec::new();
            for (&unit, at) in units.iter().zip(first..) {
                let (neighbours, weights) = symmetric.row(unit as usize);
                row.clear();
                let entries = neighbours.iter().zip(weights);
                row.extend(entries.filter_map(|(&to, &weight)| {
                    let to = place[to as usize];
                    (to as usize > at).then_some((to, weight * factor))
                }));
                row.sort_unstable_by_key(|&(to, _)| to);
                others.extend(row.iter().map(|&(to, _)| to));
                values.extend(row.iter().map(|&(_, value)| value));
                ends.push(others.len());
            }
            (ends, others, values)
        })
        .collect();
    let mut triangle = SparseTriangle {
        offsets: Vec::with_capacity(order.len() + 1),
        others: Vec::with_capacity(symmetric.n_nonzero() / 2),
        values: Vec::with_capacity(symmetric.n_nonzero() / 2),
        diagonal: order.iter().map(|&unit| diagonal(unit as usize)).collect(),
    };
    triangle.offsets.push(0);
    for (ends, others, values) in parts {
        let before = triangle.others.len();
        triangle.offsets.extend(ends.iter().map(|end| before + end));
        triangle.others.extend(others);
        triangle.values.extend(values);
    }
    triangle
}

/// The triangle of W + Wᵀ times `factor`, for W in compressed rows.
fn triangle_of_rows(w: &SpatialWeights, factor: f64, diagonal: impl Fn(usize) -> f64) -> DenseTriangle {
    let n = w.n();
    // Each block of rows gathers its rows of W and its columns, the latter as a few entries of every later row.
    dense_triangle(n, diagonal, |first, piece| {
        for (row, i) in (first..n).take(ROWS).enumerate() {
            let (neighbours, weights) = w.row(i);
            let after = neighbours.partition_point(|&j| j as usize <= i);
            for (&j, &weight) in neighbours[after..].iter().zip(&weights[after..]) {
                piece[j as usize - first].0[row] += weight * factor;
            }
        }
        for j in first + 1..n {
            let (neighbours, weights) = w.row(j);
            let from = neighbours.partition_point(|&i| (i as usize) < first);
            for (&i, &weight) in neighbours[from..].iter().zip(&weights[from..]).take(ROWS) {
                let row = i as usize - first;
                if row >= ROWS || i as usize >= j {
                    break;
                }
                piece[j - first].0[row] += weight * factor;
            }
        }
    })
}

/// The triangle of W + Wᵀ times `factor`, where every pair is linked; `row(i)` are the weights of unit i before and
/// after the diagonal.
fn triangle_of_full_rows<'w>(
    n: usize,
    factor: f64,
    diagonal: impl Fn(usize) -> f64,
    row: impl Fn(usize) -> (&'w [f64], &'w [f64]) + Sync,
) -> DenseTriangle {
    dense_triangle(n, diagonal, |first, piece| {
        let whole = (first + ROWS).min(n);
        for j in first + 1..whole {
            let back = &row(j).0[first..];
            for (i, (column, back)) in (first..j).zip(piece[j - first].0.iter_mut().zip(back)) {
                *column = row(i).1[j - i - 1] * factor + back * factor;
            }
        }
        // Columns beyond the block have a weight in each of its rows, of which there are ROWS then.
        let n_columns = n - whole;
        let rows: [&[f64]; ROWS] = std::array::from_fn(|r| {
            let after = if first + r < n { row(first + r).1 } else { &[] };
            &after[after.len() - n_columns..]
        });
        for (at, column) in piece[whole - first..][..n_columns].iter_mut().enumerate() {
            let back = &row(whole + at).0[first..whole];
            for ((column, row), back) in column.0.iter_mut().zip(&rows).zip(back) {
                *column = row[at] * factor + back * factor;
            }
        }
    })
}

/// A triangle whose block of rows from row `first` on is written by `fill(first, columns)`, all zero before.
fn dense_triangle(
    n: usize,
    diagonal: impl Fn(usize) -> f64,
    fill: impl Fn(usize, &mut [Lanes<ROWS>]) + Sync,
) -> DenseTriangle {
    let padded = n.next_multiple_of(ROWS);
    let mut starts = vec![0];
    for first in (0..n).step_by(ROWS) {
        let end = starts[starts.len() - 1] + padded - first;
        starts.push(end);
    }
    let mut values = vec![Lanes::ZERO; starts[starts.len() - 1]];
    let mut pieces = Vec::with_capacity(starts.len());
    let mut rest = values.as_mut_slice();
    for ends in starts.windows(2) {
        let (piece, left) = rest.split_at_mut(ends[1] - ends[0]);
        pieces.push(piece);
        rest = left;
    }
    pieces
        .into_par_iter()
        .enumerate()
        .for_each(|(block, piece)| fill(block * ROWS, piece));
    DenseTriangle {
        starts,
        values,
        diagonal: (0..padded)
            .map(|i| if i < n { diagonal(i) } else { 0.0 })
            .collect(),
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
        Shuffler::default().permute(&z, &mut shuffled, permutations, 9);
        let mut at_units = vec![0.0; 11];
        for (&unit, &value) in form.order.iter().zip(&shuffled) {
            at_units[unit as usize] = value;
        }
        assert!((draws[9] - by_definition(&w, 1.0, &[0.0; 11], &at_units)).abs() < ROUNDING);
    }
}
