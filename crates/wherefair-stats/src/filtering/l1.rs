//! L1 paths with squared-error loss.

use serde::Serialize;
use wherefair_core::ParamError;

use super::criterion::{Criterion, Likelihood};
use super::pseudo_inverse::pseudo_inverse;
use crate::eigen::Design;
use crate::eigen::design::{add_scaled, check_column, dot, is_constant};
use crate::{EigenBasis, StatsError};

/// Candidates with less than this squared length outside the covariates are in their space: nothing is left to
/// penalise.
const WITHIN_COVARIATES: f64 = 1e-8;

/// Candidates with less than this of their squared length in the covariates are orthogonal to them: two-pass
/// Gram–Schmidt leaves about 1e-32.
const ORTHOGONAL: f64 = 1e-20;

/// Coordinate descent stops when no coefficient moves by more than this share of the largest correlation.
const MOVED: f64 = 1e-11;

/// The most rounds of coordinate descent at one penalty.
const MOST_ROUNDS: usize = 10_000;

/// Whether the coefficients of the chosen point are shrunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coefficients {
    /// As the penalty leaves them, as in the paper.
    #[default]
    Penalised,
    /// Least squares on the eigenvectors that the penalty leaves: nothing of the patterns taken stays behind.
    Refitted,
}

/// How a path is made and its point is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct L1Params {
    pub(crate) criterion: Criterion,
    pub(crate) likelihood: Likelihood,
    pub(crate) coefficients: Coefficients,
    pub(crate) n_penalties: usize,
    pub(crate) least_penalty: f64,
}

impl Default for L1Params {
    /// BIC with fixed variance, penalised coefficients, and, where the path has no closed form, 100 penalties
    /// down to 0.001 of the one at which the first eigenvector enters.
    fn default() -> Self {
        Self {
            criterion: Criterion::default(),
            likelihood: Likelihood::default(),
            coefficients: Coefficients::default(),
            n_penalties: 100,
            least_penalty: 1e-3,
        }
    }
}

impl L1Params {
    /// The criterion that chooses the point.
    #[must_use]
    pub fn criterion(mut self, criterion: Criterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// The likelihood it is built on; the logistic path has only one and ignores this.
    #[must_use]
    pub fn likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        self
    }

    /// Whether the coefficients are shrunk.
    #[must_use]
    pub fn coefficients(mut self, coefficients: Coefficients) -> Self {
        self.coefficients = coefficients;
        self
    }

    /// The number of penalties of a path without closed form.
    #[must_use]
    pub fn n_penalties(mut self, n_penalties: usize) -> Self {
        self.n_penalties = n_penalties;
        self
    }

    /// The least penalty as a share of the largest.
    #[must_use]
    pub fn least_penalty(mut self, least_penalty: f64) -> Self {
        self.least_penalty = least_penalty;
        self
    }

    pub(crate) fn check(self) -> Result<Self, StatsError> {
        if !(2..=100_000).contains(&self.n_penalties) {
            let accepted = "a whole number from 2 to 100000";
            return Err(ParamError::new("n_penalties", self.n_penalties, accepted).into());
        }
        if !(self.least_penalty > 0.0 && self.least_penalty < 1.0) {
            return Err(ParamError::new("least_penalty", self.least_penalty, "(0, 1)").into());
        }
        Ok(self)
    }

    /// Penalties in equal ratios from `largest` down.
    pub(crate) fn penalties(&self, largest: f64) -> Vec<f64> {
        let steps = (self.n_penalties - 1) as f64;
        (0..self.n_penalties)
            .map(|k| largest * self.least_penalty.powf(k as f64 / steps))
            .collect()
    }
}

/// A point of a path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PathPoint {
    /// The penalty λ.
    pub penalty: f64,
    /// The number of eigenvectors with a coefficient other than 0.
    pub n_selected: usize,
    /// −2 log-likelihood.
    pub minus_two_log_likelihood: f64,
    /// The criterion.
    pub criterion: f64,
}

/// A filter chosen from an L1 path with squared-error loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct L1Filter {
    /// The eigenvectors taken, by their index in the basis, ascending.
    pub selected: Vec<usize>,
    /// Their coefficients.
    pub coefficients: Vec<f64>,
    /// The coefficients of the intercept and the covariates.
    pub covariate_coefficients: Vec<f64>,
    /// The chosen penalty.
    pub penalty: f64,
    /// The spatial part E γ.
    pub spatial_part: Vec<f64>,
    /// The variable without its spatial part: y − E γ.
    pub filtered: Vec<f64>,
    /// The residuals: y − E γ − X β.
    pub residuals: Vec<f64>,
    /// The path, by falling penalty.
    pub path: Vec<PathPoint>,
    /// Which point of the path was chosen.
    pub point: usize,
    /// Whether the path is exact: its knots in closed form.
    pub exact: bool,
    /// Whether coordinate descent converged at every penalty; true for exact paths.
    pub converged: bool,
}

/// Selects eigenvectors by an L1 path with squared-error loss and an information criterion.
///
/// The intercept and the covariates are never penalised. Where the candidates are orthogonal to them (bases made
/// with [`Projection::Mean`](crate::Projection::Mean) and no covariates, or with the same covariates), the path
/// has a closed form and its every knot is looked at: z = Eᵀ(y − Xβ̂), γⱼ(λ) = sgn(zⱼ)(|zⱼ| − nλ)₊. Otherwise
/// coordinate descent follows a grid of penalties on the candidates with the covariates taken out; as
/// eigenvectors are orthonormal their Gram matrix is `I − UUᵀ` with `U = EᵀQ`, so that a coordinate costs as much as
/// there are covariates, whatever n.
///
/// # Formula
/// min over β, γ of 1/(2n) ‖y − Eγ − Xβ‖² + λ‖γ‖₁. The criterion is −2ℓ + cost · df, where df counts non-zero γ
/// and the columns of X.
///
/// DIFFERENCE: the paper prints the squared norm λ‖γ‖₁², which has the same path at other values of λ, a factor ρ
/// before E, which is not identified apart from γ (here 1), and the filtered variable as y − ρEγ + Xβ, which are
/// no residuals; both [`filtered`](L1Filter::filtered) and [`residuals`](L1Filter::residuals) are given.
///
/// # Errors
/// [`StatsError`] when shapes differ, a number is not finite, `y` is constant, covariates depend on each other, a
/// candidate is not in the basis or named twice, candidates leave no residual degree of freedom
/// ([`StatsError::Saturated`]), or a parameter lies outside its domain.
///
/// # Examples
/// ```
/// use wherefair_stats::{
///     CandidateRule, L1Params, Projection, SpatialWeights, candidates, dense_eigenbasis, l1_filter,
/// };
///
/// let offsets = vec![0, 1, 3, 5, 7, 9, 11, 13, 14];
/// let neighbours = vec![1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6];
/// let w = SpatialWeights::from_rows(offsets, neighbours, vec![1.0; 14])?;
/// let basis = dense_eigenbasis(&w, Projection::Mean)?;
/// let candidates = candidates(&basis, CandidateRule::default())?;
/// let y = [1.0, 2.2, 2.9, 4.1, 5.0, 5.8, 7.3, 7.9];
/// let filter = l1_filter(&y, &[], &basis, &candidates, L1Params::default())?;
/// assert!(filter.selected.contains(&0));
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Majumdar, Flynn and Mitra (2021), Detecting bias in the presence of spatial autocorrelation, appendix B.2.
/// Seya, Murakami, Tsutsumi and Yamagata (2015), Application of LASSO to the eigenvector selection problem in
/// eigenvector-based spatial filtering, doi:10.1111/gean.12054.
pub fn l1_filter(
    y: &[f64],
    covariates: &[&[f64]],
    basis: &EigenBasis,
    candidates: &[usize],
    params: L1Params,
) -> Result<L1Filter, StatsError> {
    let params = params.check()?;
    let n = basis.n();
    check_column("y", y, n)?;
    if is_constant(y) {
        return Err(StatsError::Constant { name: "y" });
    }
    let design = Design::with_intercept(n, covariates)?;
    check_candidates(basis, candidates, design.rank())?;
    let problem = Problem::new(y, &design, basis, candidates);
    let exact = problem.orthogonal;
    let (points, converged) = if exact {
        (problem.knots(), true)
    } else {
        problem.descend(&params)
    };
    let (path, point) = problem.choose(&points, &params);
    let gamma = match params.coefficients {
        Coefficients::Penalised => points[point].gamma(&problem),
        Coefficients::Refitted => problem.refit(&points[point].gamma(&problem)).0,
    };

    let (mut selected, mut coefficients) = (Vec::new(), Vec::new());
    let mut spatial_part = vec![0.0; n];
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&j| gamma[j] != 0.0).collect();
    order.sort_by_key(|&j| candidates[j]);
    for j in order {
        selected.push(candidates[j]);
        coefficients.push(gamma[j]);
        add_scaled(&mut spatial_part, gamma[j], basis.vector(candidates[j]));
    }
    let filtered: Vec<f64> = y.iter().zip(&spatial_part).map(|(y, part)| y - part).collect();
    let coordinates = design.coordinates(&filtered);
    let mut residuals = filtered.clone();
    design.project_out(&mut residuals);
    Ok(L1Filter {
        selected,
        coefficients,
        covariate_coefficients: design.coefficients(&coordinates),
        penalty: path[point].penalty,
        spatial_part,
        filtered,
        residuals,
        path,
        point,
        exact,
        converged,
    })
}

/// That candidates exist, are named once and leave residual degrees of freedom.
pub(crate) fn check_candidates(
    basis: &EigenBasis,
    candidates: &[usize],
    rank: usize,
) -> Result<(), StatsError> {
    let mut seen = vec![false; basis.n_vectors()];
    for &j in candidates {
        match seen.get_mut(j) {
            Some(seen) if !*seen => *seen = true,
            _ => {
                let accepted = format!("different indices below {}", basis.n_vectors());
                return Err(ParamError::new("candidate eigenvector", j, accepted).into());
            }
        }
    }
    if candidates.len() + rank >= basis.n() {
        return Err(StatsError::Saturated {
            n: basis.n(),
            terms: candidates.len() + rank,
        });
    }
    Ok(())
}

/// The problem with the covariates taken out.
struct Problem {
    n: usize,
    rank: usize,
    /// `Eᵀ M y`.
    z: Vec<f64>,
    /// `U = EᵀQ`, one row a candidate.
    u: Vec<Vec<f64>>,
    /// The diagonal of `I − UUᵀ`.
    diagonal: Vec<f64>,
    /// ‖M y‖².
    squares: f64,
    /// Σ (y − ȳ)².
    total: f64,
    orthogonal: bool,
}

/// A penalty and the coefficients it leaves, or, for exact paths, the means to find them.
enum Solution {
    /// Thresholds are |z| itself: n times a penalty may fall short of it by rounding, and select it with a
    /// coefficient of 0.
    Knot {
        penalty: f64,
        threshold: f64,
    },
    Descent {
        penalty: f64,
        gamma: Vec<f64>,
    },
}

impl Solution {
    fn penalty(&self) -> f64 {
        match self {
            Self::Knot { penalty, .. } | Self::Descent { penalty, .. } => *penalty,
        }
    }

    fn gamma(&self, problem: &Problem) -> Vec<f64> {
        match self {
            Self::Knot { threshold, .. } => problem.z.iter().map(|&z| soft(z, *threshold)).collect(),
            Self::Descent { gamma, .. } => gamma.clone(),
        }
    }
}

/// sgn(z)(|z| − threshold)₊.
pub(crate) fn soft(z: f64, threshold: f64) -> f64 {
    if z.abs() > threshold {
        z - threshold.copysign(z)
    } else {
        0.0
    }
}

impl Problem {
    fn new(y: &[f64], design: &Design, basis: &EigenBasis, candidates: &[usize]) -> Self {
        let n = y.len();
        let mean = y.iter().sum::<f64>() / n as f64;
        let mut outside: Vec<f64> = y.iter().map(|y| y - mean).collect();
        let total = dot(&outside, &outside);
        for _ in 0..2 {
            design.project_out(&mut outside);
        }
        let z = candidates
            .iter()
            .map(|&j| dot(basis.vector(j), &outside))
            .collect();
        let u: Vec<Vec<f64>> = candidates
            .iter()
            .map(|&j| design.coordinates(basis.vector(j)))
            .collect();
        let within: Vec<f64> = u.iter().map(|u| dot(u, u)).collect();
        Self {
            n,
            rank: design.rank(),
            z,
            diagonal: within.iter().map(|within| 1.0 - within).collect(),
            u,
            squares: dot(&outside, &outside),
            total,
            orthogonal: within.iter().all(|&within| within < ORTHOGONAL),
        }
    }

    /// The knots of the closed form, where the coefficients of each number of eigenvectors are largest.
    fn knots(&self) -> Vec<Solution> {
        let mut thresholds: Vec<f64> = self.z.iter().map(|z| z.abs()).collect();
        thresholds.push(0.0);
        thresholds.sort_by(|a, b| b.total_cmp(a));
        thresholds
            .into_iter()
            .map(|threshold| Solution::Knot {
                penalty: threshold / self.n as f64,
                threshold,
            })
            .collect()
    }

    /// Coordinate descent along a grid of penalties.
    fn descend(&self, params: &L1Params) -> (Vec<Solution>, bool) {
        let n = self.n as f64;
        let largest = self.z.iter().fold(0.0_f64, |largest, z| largest.max(z.abs()));
        let mut gamma = vec![0.0; self.z.len()];
        // Uᵀγ.
        let mut along = vec![0.0; self.rank];
        let mut converged = true;
        let mut solutions = Vec::with_capacity(params.n_penalties);
        for penalty in params.penalties(largest / n) {
            let mut rounds = 0;
            loop {
                let mut moved = 0.0_f64;
                for (j, current) in gamma.iter_mut().enumerate() {
                    if self.diagonal[j] < WITHIN_COVARIATES {
                        continue;
                    }
                    let rest = self.z[j] + dot(&self.u[j], &along) - (1.0 - self.diagonal[j]) * *current;
                    let next = soft(rest, n * penalty) / self.diagonal[j];
                    let change = next - *current;
                    if change != 0.0 {
                        add_scaled(&mut along, change, &self.u[j]);
                        *current = next;
                        moved = moved.max(change.abs());
                    }
                }
                rounds += 1;
                if moved <= MOVED * largest {
                    break;
                }
                if rounds == MOST_ROUNDS {
                    converged = false;
                    break;
                }
            }
            solutions.push(Solution::Descent {
                penalty,
                gamma: gamma.clone(),
            });
        }
        (solutions, converged)
    }

    /// ‖M(y − Eγ)‖².
    fn residual_squares(&self, gamma: &[f64]) -> f64 {
        let mut along = vec![0.0; self.rank];
        for (gamma, u) in gamma.iter().zip(&self.u) {
            add_scaled(&mut along, *gamma, u);
        }
        let fitted = dot(gamma, gamma) - dot(&along, &along);
        (self.squares - 2.0 * dot(gamma, &self.z) + fitted).max(0.0)
    }

    /// Least squares on the candidates with a coefficient other than 0; also their residual sum of squares and how
    /// many of them do not depend on each other.
    fn refit(&self, gamma: &[f64]) -> (Vec<f64>, f64, usize) {
        let chosen: Vec<usize> = (0..gamma.len())
            .filter(|&j| gamma[j] != 0.0 && self.diagonal[j] >= WITHIN_COVARIATES)
            .collect();
        // (I − UUᵀ)⁺ z = z + U (I − UᵀU)⁺ Uᵀz for z outside the covariates.
        let p = self.rank;
        let mut inner = vec![0.0; p * p];
        let mut uz = vec![0.0; p];
        for &j in &chosen {
            for a in 0..p {
                add_scaled(&mut inner[a * p..(a + 1) * p], -self.u[j][a], &self.u[j]);
            }
            add_scaled(&mut uz, self.z[j], &self.u[j]);
        }
        for a in 0..p {
            inner[a * p + a] += 1.0;
        }
        let (inverse, lost) = pseudo_inverse(p, &inner, WITHIN_COVARIATES);
        let middle: Vec<f64> = inverse.chunks_exact(p).map(|row| dot(row, &uz)).collect();
        let mut refitted = vec![0.0; gamma.len()];
        for &j in &chosen {
            refitted[j] = self.z[j] + dot(&self.u[j], &middle);
        }
        let squares = (self.squares - dot(&refitted, &self.z)).max(0.0);
        (refitted, squares, chosen.len() - lost.min(chosen.len()))
    }

    /// The path with its criterion, and the first point at which that is least.
    fn choose(&self, solutions: &[Solution], params: &L1Params) -> (Vec<PathPoint>, usize) {
        let n = self.n as f64;
        let (_, least_squares, free) = self.refit(&vec![1.0; self.z.len()]);
        let variance = least_squares / (n - (free + self.rank) as f64);
        let cost = params.criterion.cost(self.n);
        let tiny = self.total * f64::EPSILON * f64::EPSILON;
        let measure = |squares: f64| match params.likelihood {
            Likelihood::FixedVariance => {
                let variance = variance.max(tiny);
                n * (std::f64::consts::TAU * variance).ln() + squares / variance
            }
            Likelihood::ProfiledVariance => n * (std::f64::consts::TAU * squares.max(tiny) / n).ln() + n,
            Likelihood::StandardisedDeviance => n * squares / self.total,
        };
        let mut path = Vec::with_capacity(solutions.len());
        // Of exact paths the sums are known without the coefficients.
        let mut knots = self.orthogonal.then(|| KnotSums::new(&self.z, self.squares));
        for solution in solutions {
            let penalty = solution.penalty();
            let (n_selected, squares) =
                if let (Some(knots), Solution::Knot { threshold, .. }) = (&mut knots, solution) {
                    knots.at(*threshold, params.coefficients)
                } else {
                    let gamma = solution.gamma(self);
                    let count = gamma.iter().filter(|&&gamma| gamma != 0.0).count();
                    match params.coefficients {
                        Coefficients::Penalised => (count, self.residual_squares(&gamma)),
                        Coefficients::Refitted => (count, self.refit(&gamma).1),
                    }
                };
            let minus_two_log_likelihood = measure(squares);
            path.push(PathPoint {
                penalty,
                n_selected,
                minus_two_log_likelihood,
                criterion: minus_two_log_likelihood + cost * (n_selected + self.rank) as f64,
            });
        }
        let mut best = 0;
        for (k, point) in path.iter().enumerate() {
            if point.criterion < path[best].criterion {
                best = k;
            }
        }
        (path, best)
    }
}

/// Residual sums of squares along the knots, from largest to smallest.
struct KnotSums {
    /// |z| descending.
    sizes: Vec<f64>,
    taken: usize,
    /// Σ z² of those not taken, and what no candidate explains.
    left: f64,
}

impl KnotSums {
    fn new(z: &[f64], squares: f64) -> Self {
        let mut sizes: Vec<f64> = z.iter().map(|z| z.abs()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        Self {
            sizes,
            taken: 0,
            left: squares,
        }
    }

    /// The number of coefficients and the residual sum of squares at `threshold`, at most the one before.
    fn at(&mut self, threshold: f64, coefficients: Coefficients) -> (usize, f64) {
        while self.taken < self.sizes.len() && self.sizes[self.taken] > threshold {
            self.left -= self.sizes[self.taken] * self.sizes[self.taken];
            self.taken += 1;
        }
        let shrunk = match coefficients {
            Coefficients::Penalised => self.taken as f64 * threshold * threshold,
            Coefficients::Refitted => 0.0,
        };
        (self.taken, (self.left + shrunk).max(0.0))
    }
}

#[cfg(test)]
mod tests;
