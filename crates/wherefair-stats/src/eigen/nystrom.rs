//! Approximate leading eigenvectors of weights between all pairs of many points, from some of them.

use rayon::prelude::*;
use serde::Serialize;
use wherefair_core::{ParamError, Point, Seed};

use super::basis::Origin;
use super::dense::solve_faer;
use super::design::dot;
use super::vectors::Vectors;
use super::{Design, EigenBasis, EigenSolver, Projection};
use crate::weights::PairWeights;
use crate::{Metric, PairKernel, StatsError};

/// Rows that the error is measured on.
const SAMPLED_ROWS: usize = 256;

/// Directions of the landmarks' matrix below this share of its largest eigenvalue are rounding.
const NEGLIGIBLE: f64 = 1e-10;

/// By how much a diagonal exceeds the one that makes the landmarks' matrix singular: its inverse blows up there.
const STRETCH: f64 = 1.05;

/// Rows of one parallel piece of the pass over all pairs.
const ROWS_A_PIECE: usize = 64;

/// How landmarks are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LandmarkRule {
    /// Every set of points is equally likely: landmarks follow the density of the points.
    #[default]
    Uniform,
    /// Each next landmark is drawn with a probability proportional to the squared distance to the nearest one so
    /// far, as k-means++ does: landmarks cover the map, sparsely settled parts too.
    KMeansPlusPlus,
}

/// How many landmarks, and how they are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NystromParams {
    n_landmarks: usize,
    rule: LandmarkRule,
}

impl NystromParams {
    /// `n_landmarks` landmarks, chosen uniformly.
    pub fn new(n_landmarks: usize) -> Self {
        Self {
            n_landmarks,
            rule: LandmarkRule::default(),
        }
    }

    /// How landmarks are chosen.
    #[must_use]
    pub fn rule(mut self, rule: LandmarkRule) -> Self {
        self.rule = rule;
        self
    }
}

/// How far approximate eigenvectors are from exact ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Approximation {
    /// An estimate of ‖M W M v − λ v‖ / |λ₁| for each vector, by the rows sampled; exact when these are all rows.
    pub residuals: Vec<f64>,
    /// How many rows were sampled.
    pub n_rows: usize,
}

/// The `k` leading eigenvectors of M W M, approximately, for weights between all pairs of points.
///
/// Eigenvectors of the weights among m landmarks are extended to all n points and made orthonormal; with all points as
/// landmarks they are those of [`dense_eigenbasis`](crate::dense_eigenbasis). The n × n weights are never stored: memory
/// is m + k + 256 vectors of length n, time O(n m (m + k)) and one pass over all pairs, which makes S₀ and the
/// traces that filters need exact. How good the vectors are is in [`EigenBasis::approximation`]: smooth kernels
/// of long range need few landmarks, weights that fall off within the distance of neighbouring landmarks need many;
/// for those a sparse W with [`leading_eigenbasis`](crate::leading_eigenbasis) is better. Inverse distances suit
/// points of even spacing only: where a few pairs lie much nearer than the others, these pairs are the leading
/// eigenvectors, and no sample of landmarks finds them. The zero eigenvalues that belong to the mean and the
/// covariates are left out.
///
/// # Formula
/// With C = K\[·, L\] and A = K\[L, L\] for landmarks L, K = W + δ I: M K M ≈ (M C) A⁻¹ (M C)ᵀ, whose eigenvectors are
/// B U of B = M C A^(−1/2) and Bᵀ B = U Λ Uᵀ, with eigenvalues Λ − δ for W. The diagonal δ, which moves eigenvalues and no
/// eigenvectors, is the kernel at distance 0, or more where A would have negative eigenvalues.
///
/// # Shapes
/// `points` `(n,)`.
///
/// # Errors
/// [`StatsError`] when there are fewer than 4 points, more landmarks than points, k is 0 or more than the landmarks
/// can tell apart, points coincide where their weight is infinite, the weights do not sum to a number above 0,
/// covariates are not acceptable, or a parameter or coordinate lies outside its domain.
///
/// # Examples
/// ```
/// use wherefair_core::{Point, Seed};
/// use wherefair_stats::{Metric, NystromParams, PairKernel, Projection, nystrom_eigenbasis};
///
/// let points: Vec<Point> = (0..400).map(|i| Point::new(f64::from(i % 20), f64::from(i / 20))).collect();
/// let kernel = PairKernel::ExponentialCovariance { range: 10.0 };
/// let params = NystromParams::new(100);
/// let basis =
///     nystrom_eigenbasis(&points, kernel, Metric::Planar, Projection::Mean, 3, params, Seed::new(1))?;
/// assert!(basis.approximation().is_some_and(|found| found.residuals[0] < 0.05));
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Williams & Seeger (2001), Using the Nyström method to speed up kernel machines, Advances in Neural Information
/// Processing Systems 13; Fowlkes, Belongie, Chung & Malik (2004), doi:10.1109/TPAMI.2004.1262185, for the
/// orthonormal form; Arthur & Vassilvitskii (2007), k-means++: the advantages of careful seeding, for the choice of
/// landmarks.
pub fn nystrom_eigenbasis(
    points: &[Point],
    kernel: PairKernel,
    metric: Metric,
    projection: Projection<'_>,
    k: usize,
    params: NystromParams,
    seed: Seed,
) -> Result<EigenBasis, StatsError> {
    let (n, m) = (points.len(), params.n_landmarks);
    if n < 4 {
        return Err(StatsError::TooFew { n, at_least: 4 });
    }
    if m == 0 || m > n {
        return Err(ParamError::new("n_landmarks", m, format!("1 to {n}, the number of points")).into());
    }
    if k == 0 || k > m {
        let accepted = format!("1 to {m}, the number of landmarks");
        return Err(ParamError::new("number of eigenvectors", k, accepted).into());
    }
    let weights = PairWeights::new(points, kernel, metric)?;
    let design = projection.design(n)?;
    let landmarks = choose(&weights, params, seed);
    let sums = Sums::new(&weights, &design)?;

    let mut columns = rows_of(&weights, &landmarks)?;
    let delta = add_diagonal(&mut columns, &landmarks, n, kernel.at_zero())?;
    let among: Vec<f64> = columns
        .chunks_exact(n)
        .flat_map(|column| landmarks.iter().map(|&at| column[at]))
        .collect();
    columns.par_chunks_exact_mut(n).for_each(|column| {
        design.project_out(column);
        design.project_out(column);
    });
    let (values, vectors) = extend(&Vectors { n, columns }, &among, k)?;
    let values: Vec<f64> = values.iter().map(|value| value - delta).collect();
    let vectors = orthonormalised(&design, Vectors { n, columns: vectors });

    let solver = EigenSolver::Nystrom {
        n_landmarks: m,
        rule: params.rule,
    };
    let approximation = sums.residuals(&weights, &design, &values, &vectors, seed)?;
    let basis = EigenBasis::canonical(n, values, vectors.columns, sums.origin(&design), solver, None);
    Ok(basis.with_approximation(approximation))
}

/// The landmarks, ascending.
fn choose(weights: &PairWeights, params: NystromParams, seed: Seed) -> Vec<usize> {
    let (n, m) = (weights.n(), params.n_landmarks);
    if m == n {
        return (0..n).collect();
    }
    let mut stream = seed.stream("landmarks");
    let mut landmarks: Vec<usize> = match params.rule {
        LandmarkRule::Uniform => {
            let mut all: Vec<usize> = (0..n).collect();
            for at in 0..m {
                let other = at + stream.index(n - at);
                all.swap(at, other);
            }
            all.truncate(m);
            all
        }
        LandmarkRule::KMeansPlusPlus => {
            let mut chosen = vec![stream.index(n)];
            let mut squares = vec![f64::INFINITY; n];
            while chosen.len() < m {
                let last = chosen[chosen.len() - 1];
                squares.par_iter_mut().enumerate().for_each(|(i, square)| {
                    *square = square.min(weights.distance(i, last).powi(2));
                });
                chosen.push(draw(&squares, &chosen, stream.uniform()));
            }
            chosen
        }
    };
    landmarks.sort_unstable();
    landmarks
}

/// An index drawn with probabilities proportional to `masses`; where all are 0, the first not yet chosen.
fn draw(masses: &[f64], chosen: &[usize], uniform: f64) -> usize {
    let aim = uniform * masses.iter().sum::<f64>();
    let mut sum = 0.0;
    let mut last = None;
    for (index, &mass) in masses.iter().enumerate().filter(|&(_, &mass)| mass > 0.0) {
        sum += mass;
        last = Some(index);
        if sum > aim {
            break;
        }
    }
    last.or_else(|| (0..masses.len()).find(|index| !chosen.contains(index)))
        .unwrap_or(0)
}

/// The rows of some units, one after another.
fn rows_of(weights: &PairWeights, units: &[usize]) -> Result<Vec<f64>, StatsError> {
    let n = weights.n();
    let mut rows = vec![0.0; n * units.len()];
    rows.par_chunks_exact_mut(n)
        .zip(units)
        .try_for_each(|(row, &unit)| weights.write_row(unit, row))?;
    Ok(rows)
}

/// Puts δ where each landmark meets itself.
fn add_diagonal(columns: &mut [f64], landmarks: &[usize], n: usize, at_zero: f64) -> Result<f64, StatsError> {
    let among: Vec<f64> = columns
        .chunks_exact(n)
        .flat_map(|column| landmarks.iter().map(|&at| column[at]))
        .collect();
    let (values, _) = solve_faer(landmarks.len(), &among)?;
    let smallest = values.first().copied().unwrap_or(0.0);
    let largest = at_zero + values.last().copied().unwrap_or(0.0);
    // Coinciding points make zero eigenvalues, which rounding may turn negative.
    let delta = if at_zero > 0.0 && at_zero + smallest > -NEGLIGIBLE * largest {
        at_zero
    } else {
        -STRETCH * smallest
    };
    for (column, &at) in columns.chunks_exact_mut(n).zip(landmarks) {
        column[at] = delta;
    }
    Ok(delta)
}

/// The `k` leading eigenvalues and vectors of (M C) A⁻¹ (M C)ᵀ from M C and A.
fn extend(columns: &Vectors, among: &[f64], k: usize) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
    let m = columns.len();
    let (values, vectors) = solve_faer(m, among)?;
    let largest = values.last().copied().unwrap_or(0.0);
    let kept: Vec<usize> = (0..m).filter(|&j| values[j] > NEGLIGIBLE * largest).collect();
    let mut roots = Vec::with_capacity(m * kept.len());
    for &j in &kept {
        let root = values[j].sqrt();
        roots.extend(vectors[j * m..(j + 1) * m].iter().map(|x| x / root));
    }
    let r = kept.len();
    let b = Vectors {
        n: columns.n,
        columns: columns.product(&roots, r),
    };
    let (values, vectors) = solve_faer(r, &b.transposed_product(&b.columns, r))?;
    let largest = values.last().copied().unwrap_or(0.0);
    let n_positive = values
        .iter()
        .rev()
        .take_while(|&&value| value > NEGLIGIBLE * largest)
        .count();
    if k > n_positive {
        let accepted = format!("1 to {n_positive}, what {m} landmarks tell apart");
        return Err(ParamError::new("number of eigenvectors", k, accepted).into());
    }
    let mut coefficients = Vec::with_capacity(r * k);
    for j in (r - k..r).rev() {
        let root = values[j].sqrt();
        coefficients.extend(vectors[j * r..(j + 1) * r].iter().map(|x| x / root));
    }
    let found = b.product(&coefficients, k);
    Ok((values.into_iter().rev().take(k).collect(), found))
}

/// Nearly orthonormal vectors, made orthonormal and orthogonal to the design to rounding.
fn orthonormalised(design: &Design, mut vectors: Vectors) -> Vectors {
    let (n, k) = (vectors.n, vectors.len());
    vectors
        .columns
        .par_chunks_exact_mut(n)
        .for_each(|vector| design.project_out(vector));
    // V (3 I − VᵀV)/2 squares what VᵀV is off the identity.
    let mut correction = vectors.transposed_product(&vectors.columns, k);
    for (at, x) in correction.iter_mut().enumerate() {
        *x = if at % (k + 1) == 0 { 1.5 } else { 0.0 } - 0.5 * *x;
    }
    Vectors {
        n,
        columns: vectors.product(&correction, k),
    }
}

/// What one pass over all pairs gives.
struct Sums {
    s0: f64,
    squares: f64,
    n_isolates: usize,
    /// W q of each column q of the design.
    products: Vec<Vec<f64>>,
}

/// A row's share of that.
struct RowSums {
    sum: f64,
    square: f64,
    products: Vec<f64>,
}

impl Sums {
    fn new(weights: &PairWeights, design: &Design) -> Result<Self, StatsError> {
        let n = weights.n();
        let pieces: Vec<Vec<RowSums>> = (0..n.div_ceil(ROWS_A_PIECE))
            .into_par_iter()
            .map_init(
                || vec![0.0; n],
                |row, piece| {
                    let rows = piece * ROWS_A_PIECE..((piece + 1) * ROWS_A_PIECE).min(n);
                    let sums = rows.map(|i| {
                        weights.write_row(i, row)?;
                        Ok(RowSums {
                            sum: row.iter().sum(),
                            square: dot(row, row),
                            products: design.coordinates(row),
                        })
                    });
                    sums.collect::<Result<Vec<_>, StatsError>>()
                },
            )
            .collect::<Result<_, StatsError>>()?;
        let rows: Vec<RowSums> = pieces.into_iter().flatten().collect();
        let s0: f64 = rows.iter().map(|row| row.sum).sum();
        if !(0.0..f64::INFINITY).contains(&s0) || s0 <= 0.0 {
            return Err(StatsError::NoWeights { sum: s0 });
        }
        Ok(Self {
            s0,
            squares: rows.iter().map(|row| row.square).sum(),
            n_isolates: rows.iter().filter(|row| row.square <= 0.0).count(),
            products: (0..design.rank())
                .map(|c| rows.iter().map(|row| row.products[c]).collect())
                .collect(),
        })
    }

    fn origin(&self, design: &Design) -> Origin {
        let (trace, trace_of_square) = design.traces(self.squares, &self.products);
        Origin {
            s0: self.s0,
            trace,
            trace_of_square,
            n_isolates: self.n_isolates,
        }
    }

    /// How far the vectors are from eigenvectors, by a sample of rows.
    fn residuals(
        &self,
        weights: &PairWeights,
        design: &Design,
        values: &[f64],
        vectors: &Vectors,
        seed: Seed,
    ) -> Result<Approximation, StatsError> {
        let (n, k) = (vectors.n, vectors.len());
        let n_rows = n.min(SAMPLED_ROWS);
        let mut units: Vec<usize> = (0..n).collect();
        let mut stream = seed.stream("rows of the error");
        for at in 0..n_rows {
            let other = at + stream.index(n - at);
            units.swap(at, other);
        }
        units.truncate(n_rows);
        let rows = Vectors {
            n,
            columns: rows_of(weights, &units)?,
        };
        // Of shape (n_rows, k).
        let images = rows.transposed_product(&vectors.columns, k);
        let scale = values
            .iter()
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let residual = |(j, image): (usize, &[f64])| {
            let v = &vectors.columns[j * n..(j + 1) * n];
            let along: Vec<f64> = self.products.iter().map(|product| dot(product, v)).collect();
            let square: f64 = units
                .iter()
                .zip(image)
                .map(|(&i, image)| {
                    let outside = along
                        .iter()
                        .enumerate()
                        .map(|(c, along)| along * design.column(c)[i]);
                    (image - outside.sum::<f64>() - values[j] * v[i]).powi(2)
                })
                .sum();
            (square * n as f64 / n_rows as f64).sqrt() / scale
        };
        let images: Vec<&[f64]> = images.chunks_exact(n_rows).collect();
        Ok(Approximation {
            residuals: images.into_par_iter().enumerate().map(residual).collect(),
            n_rows,
        })
    }
}

#[cfg(test)]
mod tests;
