//! L1 paths with logistic loss: the autologistic filter of a variable of two values.

use serde::Serialize;

use super::PathPoint;
use super::l1::{Coefficients, L1Params, check_candidates, soft};
use super::pseudo_inverse::pseudo_inverse;
use crate::eigen::Design;
use crate::eigen::design::{add_scaled, check_column, dot, is_constant};
use crate::{EigenBasis, StatsError};

/// Weights p(1 − p) are kept from vanishing below this: the variable is as good as known there.
const LEAST_WEIGHT: f64 = 1e-9;

/// The path ends where this share of the deviance is explained: coefficients then run off to infinity.
const SEPARATED: f64 = 0.999;

/// Rounds end when no coefficient moves the linear predictor by more than this.
const MOVED: f64 = 1e-7;

/// The most reweightings at one penalty, and rounds of coordinate descent in one of them.
const MOST_REWEIGHTINGS: usize = 300;
const MOST_ROUNDS: usize = 10;

/// Candidates with less than this squared length outside the covariates are in their space.
const WITHIN_COVARIATES: f64 = 1e-8;

/// Relative, below which a direction of the covariates carries no weight.
const SINGULAR: f64 = 1e-12;

/// A filter chosen from an L1 path with logistic loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogisticFilter {
    /// The eigenvectors taken, by their index in the basis, ascending.
    pub selected: Vec<usize>,
    /// Their coefficients.
    pub coefficients: Vec<f64>,
    /// The coefficients of the intercept and the covariates.
    pub covariate_coefficients: Vec<f64>,
    /// The chosen penalty.
    pub penalty: f64,
    /// The probability of 1 that space and covariates give each unit.
    pub probabilities: Vec<f64>,
    /// The path, by falling penalty.
    pub path: Vec<PathPoint>,
    /// Which point of the path was chosen.
    pub point: usize,
    /// Whether the eigenvectors or the covariates separate the two values (all but) perfectly, so that the path
    /// was cut short.
    pub separated: bool,
    /// Whether the fits converged at every penalty.
    pub converged: bool,
}

/// Selects eigenvectors by an L1 path with logistic loss and an information criterion.
///
/// The intercept and the covariates are never penalised. Each penalty is solved by iteratively reweighted least
/// squares with coordinate descent on the eigenvectors in use, checked against all of them.
///
/// # Formula
/// min over β, γ of −ℓ/n + λ‖γ‖₁ with ℓ = Σ yᵢηᵢ − log(1 + exp ηᵢ), η = Eγ + Xβ. The criterion is −2ℓ + cost · df,
/// where df counts non-zero γ and the columns of X.
///
/// # Errors
/// As [`l1_filter`](crate::l1_filter); also [`StatsError::NotBinary`] when `y` holds anything but 0 and 1.
///
/// # Examples
/// ```
/// use wherefair_stats::{L1Params, Projection, SpatialWeights, dense_eigenbasis, l1_filter_logistic};
///
/// let offsets = vec![0, 1, 3, 5, 7, 9, 11, 13, 14];
/// let neighbours = vec![1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6];
/// let w = SpatialWeights::from_rows(offsets, neighbours, vec![1.0; 14])?;
/// let basis = dense_eigenbasis(&w, Projection::Mean)?;
/// let y = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0];
/// let filter = l1_filter_logistic(&y, &[], &basis, &[0, 1], L1Params::default())?;
/// assert!(filter.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Majumdar, Flynn and Mitra (2021), Detecting bias in the presence of spatial autocorrelation, appendix B.2.
/// Griffith (2004), A spatial filtering specification for the autologistic model, doi:10.1068/a36247.
/// Friedman, Hastie and Tibshirani (2010), Regularization paths for generalized linear models via coordinate
/// descent, doi:10.18637/jss.v033.i01.
pub fn l1_filter_logistic(
    y: &[f64],
    covariates: &[&[f64]],
    basis: &EigenBasis,
    candidates: &[usize],
    params: L1Params,
) -> Result<LogisticFilter, StatsError> {
    let params = params.check()?;
    let n = basis.n();
    check_column("y", y, n)?;
    check_binary("y", y)?;
    let design = Design::with_intercept(n, covariates)?;
    check_candidates(basis, candidates, design.rank())?;
    let open: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|&j| {
            let within = design.coordinates(basis.vector(j));
            1.0 - dot(&within, &within) >= WITHIN_COVARIATES
        })
        .collect();

    let mut fit = Fit::new(y, &design, basis, &open);
    let mut converged = fit.solve(f64::INFINITY);
    let null_deviance = fit.deviance();
    let mut separated = null_deviance <= (1.0 - SEPARATED) * intercept_deviance(y);
    let slopes = fit.slopes();
    let largest = slopes
        .iter()
        .fold(0.0_f64, |largest, slope| largest.max(slope.abs()))
        / n as f64;
    let mut path = vec![];
    let mut states: Vec<State> = vec![];
    let cost = params.criterion.cost(n);
    for penalty in params.penalties(largest) {
        // Where nothing pulls, or the covariates know everything, the first point is the whole path.
        if !path.is_empty() && (separated || largest <= 0.0) {
            break;
        }
        if !separated {
            converged &= fit.solve(penalty);
        }
        let (state, deviance) = match params.coefficients {
            Coefficients::Penalised => (fit.state.clone(), fit.deviance()),
            Coefficients::Refitted => {
                let mut again = fit.refitted();
                converged &= again.solve(0.0);
                let deviance = again.deviance();
                (again.state_in(&fit), deviance)
            }
        };
        separated |= deviance <= (1.0 - SEPARATED) * null_deviance;
        if separated && !path.is_empty() {
            break;
        }
        let n_selected = state.gamma.iter().filter(|&&gamma| gamma != 0.0).count();
        path.push(PathPoint {
            penalty,
            n_selected,
            minus_two_log_likelihood: deviance,
            criterion: deviance + cost * (n_selected + design.rank()) as f64,
        });
        states.push(state);
    }
    let mut point = 0;
    for (k, candidate) in path.iter().enumerate() {
        if candidate.criterion < path[point].criterion {
            point = k;
        }
    }
    let state = &states[point];
    let mut taken: Vec<(usize, f64)> = open
        .iter()
        .copied()
        .zip(state.gamma.iter().copied())
        .filter(|&(_, gamma)| gamma != 0.0)
        .collect();
    taken.sort_by_key(|&(j, _)| j);
    Ok(LogisticFilter {
        selected: taken.iter().map(|&(j, _)| j).collect(),
        coefficients: taken.iter().map(|&(_, gamma)| gamma).collect(),
        covariate_coefficients: design.coefficients(&state.beta),
        penalty: path[point].penalty,
        probabilities: state.predictor.iter().map(|&eta| logistic(eta)).collect(),
        path,
        point,
        separated,
        converged,
    })
}

/// That a variable holds both 0 and 1 and nothing else.
pub(crate) fn check_binary(name: &'static str, values: &[f64]) -> Result<(), StatsError> {
    if let Some(index) = values
        .iter()
        .position(|&value| value != 0.0 && value.to_bits() != 1.0_f64.to_bits())
    {
        let value = values[index];
        return Err(StatsError::NotBinary { name, index, value });
    }
    if is_constant(values) {
        return Err(StatsError::Constant { name });
    }
    Ok(())
}

/// 1/(1 + exp(−η)).
fn logistic(eta: f64) -> f64 {
    1.0 / (1.0 + (-eta).exp())
}

/// The deviance of the mean alone.
fn intercept_deviance(y: &[f64]) -> f64 {
    let n = y.len() as f64;
    let ones: f64 = y.iter().sum();
    -2.0 * (ones * (ones / n).ln() + (n - ones) * (1.0 - ones / n).ln())
}

/// Coefficients and the linear predictor they give.
#[derive(Debug, Clone)]
struct State {
    gamma: Vec<f64>,
    /// Coordinates in the orthonormal basis of the covariates.
    beta: Vec<f64>,
    predictor: Vec<f64>,
}

struct Fit<'a> {
    y: &'a [f64],
    design: &'a Design,
    columns: Vec<&'a [f64]>,
    /// Which of the candidates the columns are.
    indices: Vec<usize>,
    state: State,
    /// Columns that coordinate descent visits.
    in_use: Vec<bool>,
}

impl<'a> Fit<'a> {
    fn new(y: &'a [f64], design: &'a Design, basis: &'a EigenBasis, open: &[usize]) -> Self {
        let mut beta = vec![0.0; design.rank()];
        let mean = y.iter().sum::<f64>() / y.len() as f64;
        // The first column of the orthonormal basis is the constant 1/√n.
        beta[0] = (mean / (1.0 - mean)).ln() * (y.len() as f64).sqrt();
        let mut predictor = vec![0.0; y.len()];
        add_scaled(&mut predictor, beta[0], design.column(0));
        Self {
            y,
            design,
            columns: open.iter().map(|&j| basis.vector(j)).collect(),
            indices: (0..open.len()).collect(),
            state: State {
                gamma: vec![0.0; open.len()],
                beta,
                predictor,
            },
            in_use: vec![false; open.len()],
        }
    }

    /// The same fit with the columns in use alone, to be solved without penalty.
    fn refitted(&self) -> Self {
        let chosen: Vec<usize> = (0..self.columns.len())
            .filter(|&j| self.state.gamma[j] != 0.0)
            .collect();
        Self {
            y: self.y,
            design: self.design,
            columns: chosen.iter().map(|&j| self.columns[j]).collect(),
            state: State {
                gamma: chosen.iter().map(|&j| self.state.gamma[j]).collect(),
                ..self.state.clone()
            },
            in_use: vec![true; chosen.len()],
            indices: chosen,
        }
    }

    /// The state in terms of the columns of `whole`.
    fn state_in(self, whole: &Self) -> State {
        let mut gamma = vec![0.0; whole.columns.len()];
        for (&j, &value) in self.indices.iter().zip(&self.state.gamma) {
            gamma[j] = value;
        }
        State { gamma, ..self.state }
    }

    /// −2 log-likelihood.
    fn deviance(&self) -> f64 {
        let term = |y: f64, eta: f64| {
            // log(1 + exp η) − yη for y 0 or 1.
            let signed = if y > 0.5 { -eta } else { eta };
            signed.max(0.0) + (-signed.abs()).exp().ln_1p()
        };
        let pairs = self.y.iter().zip(&self.state.predictor);
        2.0 * pairs.map(|(&y, &eta)| term(y, eta)).sum::<f64>()
    }

    /// Eᵀ(y − p).
    fn slopes(&self) -> Vec<f64> {
        let rest = self.rest();
        self.columns.iter().map(|column| dot(column, &rest)).collect()
    }

    fn rest(&self) -> Vec<f64> {
        let pairs = self.y.iter().zip(&self.state.predictor);
        pairs.map(|(y, &eta)| y - logistic(eta)).collect()
    }

    /// Moves the coefficients to the optimum at `penalty`; whether they got there.
    fn solve(&mut self, penalty: f64) -> bool {
        let threshold = penalty * self.y.len() as f64;
        let mut before = self.objective(threshold);
        for _ in 0..MOST_REWEIGHTINGS {
            let old = self.state.clone();
            self.reweight(threshold);
            let mut now = self.objective(threshold);
            // Newton's steps can overshoot: halve them until they do not.
            let mut share = 1.0;
            while (now.is_nan() || now > before + MOVED * MOVED) && share > 1e-6 {
                share *= 0.5;
                self.state.move_towards(&old);
                now = self.objective(threshold);
            }
            before = now;
            let pairs = self.state.predictor.iter().zip(&old.predictor);
            let moved = pairs.fold(0.0_f64, |moved, (new, old)| moved.max((new - old).abs()));
            if self.deviance() < 1e-3 * (1.0 - SEPARATED) * self.y.len() as f64 {
                return true;
            }
            if moved <= MOVED && !self.admit(threshold) {
                return true;
            }
        }
        false
    }

    /// Takes columns into use whose slope exceeds the penalty; whether there were any.
    fn admit(&mut self, threshold: f64) -> bool {
        let slopes = self.slopes();
        let mut any = false;
        for (in_use, slope) in self.in_use.iter_mut().zip(slopes) {
            if !*in_use && slope.abs() > threshold * (1.0 + MOVED) {
                *in_use = true;
                any = true;
            }
        }
        any
    }

    fn objective(&self, threshold: f64) -> f64 {
        let size: f64 = self.state.gamma.iter().map(|gamma| gamma.abs()).sum();
        let penalty = if size > 0.0 { threshold * size } else { 0.0 };
        0.5 * self.deviance() + penalty
    }

    /// One weighted least-squares problem, by coordinate descent.
    fn reweight(&mut self, threshold: f64) {
        let p = self.design.rank();
        let weights: Vec<f64> = self
            .state
            .predictor
            .iter()
            .map(|&eta| (logistic(eta) * logistic(-eta)).max(LEAST_WEIGHT))
            .collect();
        // Weighted residuals w·(working response − η); they stay exact as coefficients move.
        let mut rest = self.rest();
        let weighted: Vec<Vec<f64>> = (0..p)
            .map(|k| {
                self.design
                    .column(k)
                    .iter()
                    .zip(&weights)
                    .map(|(q, w)| q * w)
                    .collect()
            })
            .collect();
        let mut gram = vec![0.0; p * p];
        for a in 0..p {
            for b in 0..p {
                gram[a * p + b] = dot(&weighted[a], self.design.column(b));
            }
        }
        let largest = (0..p).map(|a| gram[a * p + a]).fold(0.0, f64::max);
        let (inverse, _) = pseudo_inverse(p, &gram, SINGULAR * largest);
        let active: Vec<usize> = (0..self.columns.len()).filter(|&j| self.in_use[j]).collect();
        let squares: Vec<f64> = active
            .iter()
            .map(|&j| self.columns[j].iter().zip(&weights).map(|(e, w)| e * e * w).sum())
            .collect();
        let scale = (self.y.len() as f64).sqrt();
        for _ in 0..MOST_ROUNDS {
            let mut moved = 0.0_f64;
            let slopes: Vec<f64> = (0..p).map(|k| dot(self.design.column(k), &rest)).collect();
            for k in 0..p {
                let change = dot(&inverse[k * p..(k + 1) * p], &slopes);
                self.state.beta[k] += change;
                add_scaled(&mut self.state.predictor, change, self.design.column(k));
                add_scaled(&mut rest, -change, &weighted[k]);
                moved = moved.max(change.abs());
            }
            for (&j, &square) in active.iter().zip(&squares) {
                let column = self.columns[j];
                let gamma = self.state.gamma[j];
                let next = soft(dot(column, &rest) + square * gamma, threshold) / square;
                let change = next - gamma;
                if change != 0.0 {
                    self.state.gamma[j] = next;
                    add_scaled(&mut self.state.predictor, change, column);
                    for ((rest, e), w) in rest.iter_mut().zip(column).zip(&weights) {
                        *rest -= change * e * w;
                    }
                    moved = moved.max(change.abs());
                }
            }
            if moved <= 0.1 * MOVED * scale {
                break;
            }
        }
    }
}

impl State {
    /// Halves the way from `old`.
    fn move_towards(&mut self, old: &Self) {
        let halve = |new: &mut [f64], old: &[f64]| {
            for (new, old) in new.iter_mut().zip(old) {
                *new = 0.5 * (*new + old);
            }
        };
        halve(&mut self.gamma, &old.gamma);
        halve(&mut self.beta, &old.beta);
        halve(&mut self.predictor, &old.predictor);
    }
}

#[cfg(test)]
mod tests;
