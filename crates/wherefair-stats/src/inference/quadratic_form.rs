//! Quadratic forms of a variable under random permutations.

use rayon::prelude::*;

use super::dense_kernel::{DenseTriangle, PANEL, dense_form};
use super::dense_triangle::{triangle_of_full_rows, triangle_of_rows};
use super::kernel::{LANES, Lanes, SparseTriangle, sparse_form};
use super::shuffle::Shuffler;
use super::sparse_triangle::sparse_triangle;
use super::unit_order::breadth_first;
use super::{Alternative, PermutationResult, Permutations};
use crate::WeightsRef;

/// The share of possible links from which on the dense form is faster.
const DENSE_SHARE: f64 = 0.25;

/// Bytes of permuted values that share a pass over dense weights.
const PANEL_BYTES: usize = 1 << 25;

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
        let (_, magnitude) = w.sum_and_magnitude();
        Self::with_magnitude(w, factor, diagonal, magnitude)
    }

    /// As [`new`](Self::new), for weights whose magnitudes sum to `magnitude`.
    pub(crate) fn with_magnitude(w: WeightsRef<'_>, factor: f64, diagonal: &[f64], magnitude: f64) -> Self {
        let n = w.n();
        let magnitude = magnitude * factor.abs() + diagonal.iter().map(|d| d.abs()).sum::<f64>();
        let on_diagonal = |i: usize| diagonal.get(i).copied().unwrap_or(0.0);
        let in_order = || (0..n).zip(0_u32..).map(|(_, id)| id).collect();
        let w = match w {
            WeightsRef::Dense(w) => {
                let triangle =
                    triangle_of_full_rows(n, factor, on_diagonal, |i| (&w.row(i)[..i], &w.row(i)[i + 1..]));
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
                triangle_of_full_rows(n, factor, on_diagonal, |i| w.row(i).1.split_at(i))
            } else {
                triangle_of_rows(w, factor, on_diagonal)
            };
            return Self {
                triangle: Triangle::Dense(triangle),
                order: in_order(),
                magnitude,
            };
        }
        let order = breadth_first(w.offsets(), w.neighbours());
        Self {
            triangle: Triangle::Sparse(sparse_triangle(w, &order, factor, diagonal)),
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
        let (observed, draws) = self.observed_and_permuted(z, permutations);
        PermutationResult::of(observed, draws, self.tie(largest), alternative, permutations)
    }

    /// How far two evaluations of the same permutation of values up to `largest` may differ by rounding.
    pub(crate) fn tie(&self, largest: f64) -> f64 {
        1e-13 * self.magnitude * largest * largest
    }

    /// The form of `z` as it is.
    pub(crate) fn evaluate(&self, z: &[f64]) -> f64 {
        match &self.triangle {
            Triangle::Sparse(triangle) => {
                let z = self.in_order(z);
                sparse_form(triangle, [z.as_slice(); LANES], &mut Vec::new())[0]
            }
            Triangle::Dense(triangle) => {
                let mut panel = vec![Lanes::ZERO; triangle.padded()];
                for (lanes, value) in panel.iter_mut().zip(self.in_order(z)) {
                    lanes.0[0] = value;
                }
                dense_form(triangle, &[panel])[0][0]
            }
        }
    }

    /// The form of `z` as it is and under each permutation; the same permutations for every form and every `z` of one
    /// length.
    pub(crate) fn observed_and_permuted(&self, z: &[f64], permutations: Permutations) -> (f64, Vec<f64>) {
        let mut forms = match &self.triangle {
            Triangle::Sparse(triangle) => self.sparse_forms(triangle, z, permutations),
            Triangle::Dense(triangle) => self.dense_forms(triangle, z, permutations),
        };
        let n = permutations.n() as usize;
        let observed = forms[n];
        forms.truncate(n);
        (observed, forms)
    }

    /// The forms under the permutations, one after the other, then that of `z` as it is.
    fn sparse_forms(&self, triangle: &SparseTriangle, z: &[f64], permutations: Permutations) -> Vec<f64> {
        let n_variables = permutations.n() as usize + 1;
        let scratch = || {
            let shuffled: [Vec<f64>; LANES] = std::array::from_fn(|_| vec![0.0; z.len()]);
            (shuffled, Vec::new(), Shuffler::default())
        };
        let forms: Vec<[f64; LANES]> = (0..n_variables.div_ceil(LANES))
            .into_par_iter()
            .map_init(scratch, |(shuffled, window, shuffler), panel| {
                for (index, shuffled) in (panel * LANES..n_variables).zip(&mut *shuffled) {
                    self.permute(z, permutations, index, shuffler, shuffled);
                }
                sparse_form(triangle, shuffled.each_ref().map(Vec::as_slice), window)
            })
            .collect();
        forms.into_iter().flatten().collect()
    }

    /// As [`sparse_forms`](Self::sparse_forms).
    fn dense_forms(&self, triangle: &DenseTriangle, z: &[f64], permutations: Permutations) -> Vec<f64> {
        let n_variables = permutations.n() as usize + 1;
        let padded = triangle.padded();
        let scratch = || (vec![vec![0.0; z.len()]; PANEL], Shuffler::default());
        let panel = |(shuffled, shuffler): &mut (Vec<Vec<f64>>, Shuffler), panel: usize| {
            let first = panel * PANEL;
            for (index, shuffled) in (first..n_variables).zip(&mut *shuffled) {
                self.permute(z, permutations, index, shuffler, shuffled);
            }
            let lanes = |at: usize| Lanes(std::array::from_fn(|lane| shuffled[lane][at]));
            let mut panel: Vec<Lanes<PANEL>> = Vec::with_capacity(padded);
            panel.extend((0..z.len()).map(lanes));
            panel.resize(padded, Lanes::ZERO);
            panel
        };
        let fitting = PANEL_BYTES / (padded * size_of::<Lanes<PANEL>>()).max(1);
        let at_once = fitting.max(2 * rayon::current_num_threads());
        let n_panels = n_variables.div_ceil(PANEL);
        let mut forms = Vec::with_capacity(n_panels * PANEL);
        for first in (0..n_panels).step_by(at_once) {
            let panels: Vec<_> = (first..n_panels.min(first + at_once))
                .into_par_iter()
                .map_init(scratch, panel)
                .collect();
            forms.extend(dense_form(triangle, &panels).into_iter().flatten());
        }
        forms
    }

    /// Permutation number `index` of `z`, or after the last `z` itself, in the order of the triangle.
    fn permute(
        &self,
        z: &[f64],
        permutations: Permutations,
        index: usize,
        shuffler: &mut Shuffler,
        permuted: &mut [f64],
    ) {
        if index < permutations.n() as usize {
            shuffler.permute(z, permuted, permutations, index as u64);
        } else {
            for (permuted, &unit) in permuted.iter_mut().zip(&self.order) {
                *permuted = z[unit as usize];
            }
        }
    }

    /// `z` in the order of the triangle.
    fn in_order(&self, z: &[f64]) -> Vec<f64> {
        self.order.iter().map(|&unit| z[unit as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wherefair_core::Seed;

    use super::*;
    use crate::SpatialWeights;

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
    fn forms_of_many_units_equal_the_definition() {
        // Several parts of rows, several groups of blocks; links one way, both ways and to far units.
        let z = |n: usize| (0..n).map(|i| (i as f64).sin()).collect::<Vec<f64>>();
        let links = (0..9_000_usize).flat_map(|i| [1, 7, 4_321].map(|step| (i, (i * 5 + step) % 9_000)));
        let links = links
            .filter(|(i, j)| i != j)
            .collect::<std::collections::BTreeSet<_>>();
        let links = links.into_iter().map(|(i, j)| (i, j, (i + 2 * j) as f64 / 1e4));
        let sparse = SpatialWeights::from_edges(9_000, links).unwrap();
        let n = 1_003_usize;
        let pairs = (0..n * n).map(|at| (at / n, at % n)).filter(|(i, j)| i != j);
        let all = pairs.map(|(i, j)| (i, j, (1 + i * 3 % 17 + j * 5 % 13) as f64 / 1e3));
        let full = SpatialWeights::from_edges(n, all.clone()).unwrap();
        let gaps = SpatialWeights::from_edges(n, all.filter(|(i, j, _)| (i + 3 * j) % 5 > 0)).unwrap();
        // A window that comes around many times.
        let lattice = SpatialWeights::from_raster(300, 30, None, crate::Contiguity::Queen).unwrap();
        for w in [sparse, full, gaps, lattice] {
            let z = z(w.n());
            let diagonal: Vec<f64> = z.iter().map(|z| z.cos()).collect();
            let form = QuadraticForm::new(&w, -1.5, &diagonal);
            let expected = by_definition(&w, -1.5, &diagonal, &z);
            assert!((form.evaluate(&z) - expected).abs() < form.tie(1.0));
        }
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
            pool.install(|| form.observed_and_permuted(&z, permutations))
        };
        let one = on(1);
        assert_eq!(one.1.len(), 37);
        assert_eq!(one, on(3));
    }

    #[test]
    fn permuted_values_are_those_of_the_named_stream() {
        let w = weights(11, &[(0, 1, 1.0), (4, 7, 2.0), (3, 1, -1.0)]);
        let z: Vec<f64> = (0..11).map(|i| f64::from(i).cos()).collect();
        let form = QuadraticForm::new(&w, 1.0, &[]);
        let permutations = Permutations::new(10, Seed::new(5)).unwrap();
        let (observed, draws) = form.observed_and_permuted(&z, permutations);
        assert_eq!(observed.to_bits(), form.evaluate(&z).to_bits());
        let mut shuffled = vec![0.0; 11];
        Shuffler::default().permute(&z, &mut shuffled, permutations, 9);
        let mut at_units = vec![0.0; 11];
        for (&unit, &value) in form.order.iter().zip(&shuffled) {
            at_units[unit as usize] = value;
        }
        assert!((draws[9] - by_definition(&w, 1.0, &[0.0; 11], &at_units)).abs() < ROUNDING);
    }
}
