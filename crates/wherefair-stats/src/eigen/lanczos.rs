//! The leading eigenvectors of large sparse weights, by block Lanczos on a polynomial of them.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use serde::Serialize;
use wherefair_core::{ParamError, Seed};

use super::basis::Origin;
use super::dense::solve_faer;
use super::design::{add_scaled, dot};
use super::vectors::{BLOCK, PART, Vectors, to_columns, to_rows};
use super::{Convergence, Design, EigenBasis, EigenSolver, Projection, SymmetricPart, dense_eigenbasis};
use crate::{SpatialWeights, StatsError};

/// How much the polynomial lifts the largest eigenvalue over the unwanted ones. More would drown the digits of
/// the smaller wanted ones.
const LIFT: f64 = 1e3;

/// The largest degree of the polynomial.
const MOST_DEGREES: usize = 80;

/// Steps and starts of the estimate of the spectrum's density.
const DENSITY_STEPS: usize = 80;
const DENSITY_STARTS: u64 = 2;

/// How the leading eigenvectors are sought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LanczosParams {
    tolerance: f64,
    most_rounds: usize,
}

impl Default for LanczosParams {
    /// Residuals of 1e-8 of the spectral radius, at most 12 rounds.
    fn default() -> Self {
        Self {
            tolerance: 1e-8,
            most_rounds: 12,
        }
    }
}

impl LanczosParams {
    /// The largest ‖A v − λ v‖ accepted, as a share of a bound of the spectral radius.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The most rounds: restarts with a basis of fixed size.
    #[must_use]
    pub fn most_rounds(mut self, most_rounds: usize) -> Self {
        self.most_rounds = most_rounds;
        self
    }
}

/// The `k` leading eigenvectors of large sparse weights.
///
/// Block Lanczos with full reorthogonalisation and thick restarts on a Chebyshev polynomial of M S M, S = (W + Wᵀ)/2,
/// applied without ever forming a dense matrix. The polynomial is flat on the unwanted part of the spectrum and
/// grows on the wanted end, so that a small basis suffices; eigenvalues and residuals are those of M S M itself.
/// Blocks find eigenvalues of multiplicity up to the restarts' reach; whether all vectors reached the tolerance is
/// in [`EigenBasis::convergence`]. Memory is about 2.5 `k` vectors. Weights too small for that are solved densely.
///
/// # Errors
/// As [`dense_eigenbasis`], but for the number of units; also when `k` is 0 or above n, or a parameter lies
/// outside its domain.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::{LanczosParams, Projection, SpatialWeights, leading_eigenbasis};
///
/// // 500 units in a row.
/// let mut offsets = vec![0];
/// let mut neighbours = vec![];
/// for i in 0..500_u32 {
///     neighbours.extend((i > 0).then(|| i - 1));
///     neighbours.extend((i < 499).then(|| i + 1));
///     offsets.push(neighbours.len());
/// }
/// let weights = vec![1.0; neighbours.len()];
/// let w = SpatialWeights::from_rows(offsets, neighbours, weights)?;
/// let basis = leading_eigenbasis(&w, Projection::None, 5, LanczosParams::default(), Seed::new(1))?;
/// assert!(basis.convergence().is_some_and(|convergence| convergence.converged));
/// let longest_wave = 2.0 * (std::f64::consts::PI / 501.0).cos();
/// assert!((basis.values()[0] - longest_wave).abs() < 1e-10);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Fang and Saad (2012), A filtered Lanczos procedure for extreme and interior eigenvalue problems,
/// doi:10.1137/110836535. Wu and Simon (2000), Thick-restart Lanczos method for large symmetric eigenvalue
/// problems, doi:10.1137/S0895479898334605.
pub fn leading_eigenbasis(
    w: &SpatialWeights,
    projection: Projection<'_>,
    k: usize,
    params: LanczosParams,
    seed: Seed,
) -> Result<EigenBasis, StatsError> {
    let n = w.n();
    if !(params.tolerance > 0.0 && params.tolerance < 1.0) {
        return Err(ParamError::new("tolerance", params.tolerance, "(0, 1)").into());
    }
    if params.most_rounds == 0 {
        return Err(ParamError::new("most_rounds", 0, "a whole number of at least 1").into());
    }
    if k == 0 || k > n {
        return Err(ParamError::new("number of eigenvectors", k, format!("1 to {n}")).into());
    }
    let size = (2 * k + 4 * BLOCK).next_multiple_of(BLOCK);
    if 2 * size > n {
        return Ok(dense_eigenbasis(w, projection)?.truncated(k));
    }
    let design = projection.design(n)?;
    let weights = SymmetricPart::of(w)?;
    let operator = Operator {
        weights: &weights,
        design: &design,
        radius: weights.radius_bound(),
    };
    let cut = operator.cut(k, seed);
    let filter = Filter::new(&operator, cut);
    let found = iterate(&operator, &filter, k, size, params, seed);
    let origin = Origin::new(&weights, &design);
    let (values, vectors, convergence) = found;
    Ok(EigenBasis::canonical(
        n,
        values,
        vectors,
        origin,
        EigenSolver::Lanczos,
        Some(convergence),
    ))
}

/// M S M, applied to blocks.
struct Operator<'a> {
    weights: &'a SymmetricPart,
    design: &'a Design,
    radius: f64,
}

impl Operator<'_> {
    fn n(&self) -> usize {
        self.weights.n()
    }

    /// Takes the covariates out of row-major `(n, BLOCK)` columns.
    fn project(&self, block: &mut [f64]) {
        for k in 0..self.design.rank() {
            let q = self.design.column(k);
            let parts: Vec<[f64; BLOCK]> = block
                .par_chunks(PART * BLOCK)
                .zip(q.par_chunks(PART))
                .map(|(rows, q)| {
                    let mut sums = [0.0; BLOCK];
                    for (row, q) in rows.chunks_exact(BLOCK).zip(q) {
                        for (sum, x) in sums.iter_mut().zip(row) {
                            *sum += q * x;
                        }
                    }
                    sums
                })
                .collect();
            let mut along = [0.0; BLOCK];
            for part in parts {
                for (sum, x) in along.iter_mut().zip(part) {
                    *sum += x;
                }
            }
            block
                .par_chunks_mut(PART * BLOCK)
                .zip(q.par_chunks(PART))
                .for_each(|(rows, q)| {
                    for (row, q) in rows.chunks_exact_mut(BLOCK).zip(q) {
                        for (x, along) in row.iter_mut().zip(along) {
                            *x -= q * along;
                        }
                    }
                });
        }
    }

    /// out ← a · S x + b · x + c · out, projected.
    fn step(&self, x: &[f64], out: &mut [f64], factors: [f64; 3]) {
        out.par_chunks_mut(PART * BLOCK)
            .enumerate()
            .for_each(|(part, rows)| {
                pulp::Arch::new().dispatch(StepPart {
                    weights: self.weights,
                    x: x.as_chunks().0,
                    first: part * PART,
                    rows: rows.as_chunks_mut().0,
                    factors,
                });
            });
        self.project(out);
    }

    /// A level that about 1.5 k eigenvalues exceed, from the quadrature weights of short Lanczos runs.
    fn cut(&self, k: usize, seed: Seed) -> f64 {
        let mut nodes: Vec<(f64, f64)> = Vec::new();
        for start in 0..DENSITY_STARTS {
            nodes.extend(self.quadrature(seed.indexed("eigenvector density", start)));
        }
        nodes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let wanted = (1.5 * k as f64 + 8.0) / self.n() as f64 * DENSITY_STARTS as f64;
        let mut above = 0.0;
        for &(value, weight) in &nodes {
            above += weight;
            if above >= wanted {
                return value;
            }
        }
        nodes.last().map_or(0.0, |node| node.0)
    }

    /// Nodes and weights of the Gauss quadrature of one Lanczos run.
    fn quadrature(&self, mut stream: wherefair_core::Stream) -> Vec<(f64, f64)> {
        let n = self.n();
        let mut v: Vec<f64> = (0..n).map(|_| stream.standard_normal()).collect();
        self.design.project_out(&mut v);
        let length = dot(&v, &v).sqrt();
        for x in &mut v {
            *x /= length;
        }
        let steps = DENSITY_STEPS.min(n / 2);
        let (mut basis, mut alpha, mut beta): (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) = (vec![v], vec![], vec![]);
        for step in 0..steps {
            let mut next = self.weights.product(&basis[step]);
            self.design.project_out(&mut next);
            alpha.push(dot(&next, &basis[step]));
            for _ in 0..2 {
                for before in &basis {
                    let along = dot(before, &next);
                    add_scaled(&mut next, -along, before);
                }
            }
            let length = dot(&next, &next).sqrt();
            if step + 1 == steps || length <= 1e-12 * self.radius {
                break;
            }
            beta.push(length);
            for x in &mut next {
                *x /= length;
            }
            basis.push(next);
        }
        let m = alpha.len();
        let mut matrix = vec![0.0; m * m];
        for i in 0..m {
            matrix[i * m + i] = alpha[i];
            if i + 1 < m {
                matrix[i * m + i + 1] = beta[i];
                matrix[(i + 1) * m + i] = beta[i];
            }
        }
        let Ok((values, vectors)) = solve_faer(m, &matrix) else {
            return vec![];
        };
        (0..m)
            .map(|j| (values[j], vectors[j * m] * vectors[j * m]))
            .collect()
    }
}

/// Some rows of a step of the operator, before it is projected. Every column has its own sums, in one order and
/// never fused, so that all instruction sets give the same bits.
struct StepPart<'a> {
    weights: &'a SymmetricPart,
    x: &'a [[f64; BLOCK]],
    first: usize,
    rows: &'a mut [[f64; BLOCK]],
    factors: [f64; 3],
}

impl WithSimd for StepPart<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "only what is inlined into the dispatched function gets its vector instructions"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [a, b, c] = self.factors;
        for (offset, row) in self.rows.iter_mut().enumerate() {
            let i = self.first + offset;
            let (neighbours, values) = self.weights.row(i);
            let mut sums = [0.0; BLOCK];
            for (&j, &value) in neighbours.iter().zip(values) {
                let other = &self.x[j as usize];
                for lane in 0..BLOCK {
                    sums[lane] += value * other[lane];
                }
            }
            let own = &self.x[i];
            for lane in 0..BLOCK {
                row[lane] = a * sums[lane] + b * own[lane] + c * row[lane];
            }
        }
    }
}

/// A Chebyshev polynomial that is at most 1 in size from −radius to the cut.
struct Filter {
    centre: f64,
    half: f64,
    degree: usize,
}

impl Filter {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a small range first"
    )]
    fn new(operator: &Operator<'_>, cut: f64) -> Self {
        let low = -operator.radius;
        // Radius is no more than a bound: the lift reached is smaller.
        let cut = cut.min(0.999_999 * operator.radius);
        let (centre, half) = (0.5 * (cut + low), 0.5 * (cut - low));
        let end = (operator.radius - centre) / half;
        let degree = (LIFT.acosh() / end.acosh())
            .ceil()
            .clamp(1.0, MOST_DEGREES as f64) as usize;
        Self { centre, half, degree }
    }

    /// The polynomial of the operator times a block.
    fn apply(&self, operator: &Operator<'_>, block: &[f64]) -> Vec<f64> {
        let mut before = block.to_vec();
        let mut now = vec![0.0; block.len()];
        operator.step(
            &before,
            &mut now,
            [1.0 / self.half, -self.centre / self.half, 0.0],
        );
        for _ in 1..self.degree {
            // T₊ = 2xT − T₋, written over T₋.
            let factors = [2.0 / self.half, -2.0 * self.centre / self.half, -1.0];
            operator.step(&now, &mut before, factors);
            std::mem::swap(&mut before, &mut now);
        }
        now
    }
}

/// Makes the columns of X orthonormal; columns that depend on those before are replaced by random ones.
fn orthonormalise(
    basis: &Vectors,
    operator: &Operator<'_>,
    x: &mut [f64],
    stream: &mut wherefair_core::Stream,
) {
    let n = basis.n;
    for j in 0..BLOCK {
        let (done, rest) = x.split_at_mut(j * n);
        let column = &mut rest[..n];
        let mut length = dot(column, column).sqrt();
        let mut scale = length;
        for _ in 0..4 {
            for before in done.chunks_exact(n) {
                let along = dot(before, column);
                add_scaled(column, -along, before);
            }
            let left = dot(column, column).sqrt();
            if left > 0.5 * length && left > 0.0 {
                length = left;
                break;
            }
            if left <= 1e-10 * scale || left <= 0.0 {
                for x in column.iter_mut() {
                    *x = stream.standard_normal();
                }
                operator.design.project_out(column);
                basis.orthogonalise(column, 1);
                length = dot(column, column).sqrt();
                scale = length;
                continue;
            }
            length = left;
        }
        for x in column {
            *x /= length;
        }
    }
}

/// Rounds of block Lanczos: eigenvalues, vectors and how well they converged.
fn iterate(
    operator: &Operator<'_>,
    filter: &Filter,
    k: usize,
    size: usize,
    params: LanczosParams,
    seed: Seed,
) -> (Vec<f64>, Vec<f64>, Convergence) {
    let n = operator.n();
    let keep = k + 2 * BLOCK;
    let mut stream = seed.stream("eigenvector start");
    let mut basis = Vectors { n, columns: vec![] };
    // The projected polynomial, as columns of growing length.
    let mut h: Vec<Vec<f64>> = vec![];
    let mut block = random_block(&basis, operator, &mut stream);
    let mut products = 0;
    let mut rounds = 1;
    // The basis is tried once it holds this many vectors, and its estimated residuals are this small.
    let mut least = keep;
    let mut demand = params.tolerance;
    let mut probed = false;
    loop {
        basis.columns.extend_from_slice(&block);
        let image = filter.apply(operator, &to_rows(n, &block));
        products += filter.degree * BLOCK;
        let mut image = to_columns(n, &image);
        let c = basis.orthogonalise(&mut image, BLOCK);
        h.extend(c.chunks_exact(basis.len()).map(<[f64]>::to_vec));
        block.clone_from(&image);
        orthonormalise(&basis, operator, &mut block, &mut stream);
        // Once more against the basis: what was divided by a small length has grown.
        basis.orthogonalise_once(&mut block, BLOCK);
        orthonormalise(&basis, operator, &mut block, &mut stream);

        let full = basis.len() >= size;
        if !full && basis.len() < least {
            continue;
        }
        let Some((values, vectors)) = eigen_of_projected(&h) else {
            // Not reached with finite weights; the vectors so far are no eigenvectors, and the residual says so.
            return ritz(operator, &basis.columns[..k * n], k, rounds, products, params);
        };
        if !full {
            let outside = Vectors {
                n,
                columns: block.clone(),
            }
            .transposed_product(&image, BLOCK);
            if !looks_converged(&values, &vectors, &outside, k, demand) {
                continue;
            }
            if !probed {
                // A block of b vectors sees b copies of an eigenvalue: fresh directions show whether there are more.
                probed = true;
                least = basis.len() + 2 * BLOCK;
                block = random_block(&basis, operator, &mut stream);
                continue;
            }
        }
        let m = basis.len();
        let leading = |count: usize| -> Vec<f64> {
            vectors
                .chunks_exact(m)
                .rev()
                .take(count)
                .flatten()
                .copied()
                .collect()
        };
        let rotated = basis.product(&leading(keep), keep);
        products += 2 * k;
        let found = ritz(operator, &rotated[..k * n], k, rounds, products, params);
        if found.2.converged || (full && rounds == params.most_rounds) {
            return found;
        }
        if full {
            rounds += 1;
            basis.columns = rotated;
            h = (0..keep)
                .map(|j| {
                    let mut column = vec![0.0; j + 1];
                    column[j] = values[m - 1 - j];
                    column
                })
                .collect();
        }
        // The estimate was too kind.
        demand *= 0.1;
        least = basis.len() + BLOCK;
    }
}

/// Orthonormal random columns, orthogonal to the design and to the basis.
fn random_block(basis: &Vectors, operator: &Operator<'_>, stream: &mut wherefair_core::Stream) -> Vec<f64> {
    let n = operator.n();
    let mut block: Vec<f64> = (0..n * BLOCK).map(|_| stream.standard_normal()).collect();
    operator.project(&mut block);
    let mut block = to_columns(n, &block);
    for _ in 0..2 {
        if basis.len() > 0 {
            basis.orthogonalise(&mut block, BLOCK);
        }
        orthonormalise(basis, operator, &mut block, stream);
    }
    block
}

/// Ascending eigenvalues and column-major eigenvectors of the projected polynomial.
fn eigen_of_projected(h: &[Vec<f64>]) -> Option<(Vec<f64>, Vec<f64>)> {
    let m = h.len();
    let mut matrix = vec![0.0; m * m];
    for (j, column) in h.iter().enumerate() {
        for (i, &value) in column.iter().enumerate() {
            matrix[j * m + i] = value;
            matrix[i * m + j] = value;
        }
    }
    solve_faer(m, &matrix).ok()
}

/// Whether the part of the polynomial's images outside the basis is within `demand` of the `k` largest eigenvalues,
/// `outside` being what the last block sends to the next one.
fn looks_converged(values: &[f64], vectors: &[f64], outside: &[f64], k: usize, demand: f64) -> bool {
    let m = values.len();
    (m - k..m).all(|j| {
        let last = &vectors[(j + 1) * m - BLOCK..(j + 1) * m];
        let mut image = [0.0; BLOCK];
        for (column, x) in outside.chunks_exact(BLOCK).zip(last) {
            add_scaled(&mut image, *x, column);
        }
        dot(&image, &image).sqrt() <= demand * values[j].abs()
    })
}

/// The eigenvectors of M S M within the span of orthonormal columns, and their residuals.
fn ritz(
    operator: &Operator<'_>,
    columns: &[f64],
    k: usize,
    rounds: usize,
    products: usize,
    params: LanczosParams,
) -> (Vec<f64>, Vec<f64>, Convergence) {
    let n = operator.n();
    let images = |columns: &[f64]| -> Vec<f64> {
        let mut images = Vec::with_capacity(columns.len());
        for part in columns.chunks(n * BLOCK) {
            let mut out = vec![0.0; n * BLOCK];
            operator.step(&to_rows(n, part), &mut out, [1.0, 0.0, 0.0]);
            images.extend_from_slice(&to_columns(n, &out)[..part.len()]);
        }
        images
    };
    let span = Vectors {
        n,
        columns: columns.to_vec(),
    };
    let image = images(columns);
    let projected = span.transposed_product(&image, k);
    let Ok((values, rotation)) = solve_faer(k, &projected) else {
        let convergence = Convergence {
            converged: false,
            n_converged: 0,
            residual: f64::MAX,
            rounds,
            products,
        };
        return (vec![0.0; k], span.columns, convergence);
    };
    let values: Vec<f64> = values.into_iter().rev().collect();
    let rotation: Vec<f64> = rotation.chunks_exact(k).rev().flatten().copied().collect();
    let vectors = span.product(&rotation, k);
    let image = Vectors { n, columns: image }.product(&rotation, k);
    let residuals: Vec<f64> = (0..k)
        .into_par_iter()
        .map(|j| {
            let pairs = image[j * n..(j + 1) * n].iter().zip(&vectors[j * n..(j + 1) * n]);
            let square: f64 = pairs.map(|(image, v)| (image - values[j] * v).powi(2)).sum();
            square.sqrt() / operator.radius
        })
        .collect();
    let n_converged = residuals
        .iter()
        .filter(|&&residual| residual <= params.tolerance)
        .count();
    let convergence = Convergence {
        converged: n_converged == k,
        n_converged,
        residual: residuals.iter().copied().fold(0.0, f64::max),
        rounds,
        products,
    };
    (values, vectors, convergence)
}

#[cfg(test)]
mod tests;
