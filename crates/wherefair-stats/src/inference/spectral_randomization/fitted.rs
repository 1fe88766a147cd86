//! A spectrum of two parameters: autocorrelation that falls off with distance, and noise of single units.

use serde::Serialize;

use crate::{SpatialWeights, StatsError};

/// Values of ρ and of the share of noise on the first grid.
const GRID: (usize, usize) = (20, 12);

/// The largest ρ: with it the most clustered pattern conceivable has 400 times the variance of an isolate, and
/// correlation on a lattice falls to a third within about four steps. What reaches farther counts as regional.
const MAX_RHO: f64 = 0.95;

/// The largest share of noise: with more the autocorrelation could not be told from none.
const MAX_NOISE: f64 = 0.95;

/// How often the grid is narrowed around its best point.
const REFINEMENTS: usize = 4;

/// Twice the gain in log-likelihood from which noise is kept beside the autocorrelation.
const WORTH_A_PARAMETER: f64 = 4.0;

/// The variance of the coefficients of a variable by eigenvalue.
///
/// # Formula
/// f(λ) ∝ s + (1 − s) g(λ) / ḡ with g(λ) = (1 − ρ λ)⁻², that is a simultaneous autoregressive field plus
/// independent noise of share s of the variance. 0 ≤ ρ ≤ 0.95 and s are found by maximum likelihood over all
/// patterns but the mean, the scale profiled out; s is 0 unless it gains two in log-likelihood.
///
/// Why the noise: values of single units (0 and 1 above all) hold noise of their own. Without s it is taken for
/// short-range autocorrelation, and what neighbours share over longer distances is underrated: the test then
/// rejects too often.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FittedSpectrum {
    /// ρ, the strength of the autocorrelation.
    pub rho: f64,
    /// s, the share of independent noise in the variance.
    pub noise: f64,
    /// The log-likelihood, up to a constant, above that of no autocorrelation.
    pub gain: f64,
}

impl FittedSpectrum {
    /// Fits ρ and s to coefficients on patterns of the given eigenvalues.
    pub(super) fn fit(values: &[f64], coefficients: &[f64]) -> Self {
        let squares: Vec<f64> = coefficients.iter().map(|c| c * c).collect();
        let none = likelihood(&shape(values, 0.0), &squares, 0.0);
        let plain = maximise(&squares, values, 0.0);
        let noisy = maximise(&squares, values, MAX_NOISE);
        let (rho, noise, best) = if 2.0 * (noisy.2 - plain.2) > WORTH_A_PARAMETER {
            noisy
        } else {
            plain
        };
        Self {
            rho,
            noise,
            gain: (best - none).max(0.0),
        }
    }

    /// f(λ), with mean 1 over `values`.
    pub fn density(&self, values: &[f64]) -> Vec<f64> {
        let mut density = shape(values, self.rho);
        for value in &mut density {
            *value = self.noise + (1.0 - self.noise) * *value;
        }
        density
    }
}

/// g(λ) / ḡ.
pub(crate) fn shape(values: &[f64], rho: f64) -> Vec<f64> {
    // Weights of any scale: the largest eigenvalue counts as at most 1.
    let scale = values.iter().fold(1.0_f64, |most, value| most.max(value.abs()));
    let mut shape: Vec<f64> = values
        .iter()
        .map(|value| (1.0 - rho * value / scale).powi(-2))
        .collect();
    let mean = shape.iter().sum::<f64>() / shape.len().max(1) as f64;
    for value in &mut shape {
        *value /= mean;
    }
    shape
}

/// The log-likelihood of a shape and a share of noise with the scale profiled out, up to a constant.
pub(crate) fn likelihood(shape: &[f64], squares: &[f64], noise: f64) -> f64 {
    let (mut logarithms, mut ratio) = (0.0, 0.0);
    for (shape, square) in shape.iter().zip(squares) {
        let f = noise + (1.0 - noise) * shape;
        logarithms += f.ln();
        ratio += square / f;
    }
    -0.5 * (logarithms + shape.len() as f64 * ratio.ln())
}

/// The best ρ and noise of at most `max_noise`, with the log-likelihood there.
fn maximise(squares: &[f64], values: &[f64], max_noise: f64) -> (f64, f64, f64) {
    // Steps are even in −ln(1 − ρ): near 1, ρ matters most.
    let end = -(1.0 - MAX_RHO).ln();
    let (n_rho, n_noise) = if max_noise > 0.0 { GRID } else { (GRID.0, 1) };
    let (mut u_range, mut s_range) = ((0.0, end), (0.0, max_noise));
    let mut best = (0.0, 0.0, f64::NEG_INFINITY);
    for _ in 0..=REFINEMENTS {
        let at = |(low, high): (f64, f64), i: usize, n: usize| {
            low + (high - low) * i as f64 / (n.max(2) - 1) as f64
        };
        for i in 0..n_rho {
            let u = at(u_range, i, n_rho);
            let shape = shape(values, 1.0 - (-u).exp());
            for k in 0..n_noise {
                let s = at(s_range, k, n_noise);
                let found = likelihood(&shape, squares, s);
                if found > best.2 {
                    best = (u, s, found);
                }
            }
        }
        let around = |centre: f64, (low, high): (f64, f64), n: usize, most: f64| {
            let step = (high - low) / (n.max(2) - 1) as f64;
            ((centre - step).max(0.0), (centre + step).min(most))
        };
        u_range = around(best.0, u_range, n_rho, end);
        s_range = around(best.1, s_range, n_noise, max_noise);
    }
    (1.0 - (-best.0).exp(), best.1, best.2)
}

/// Symmetric weights whose eigenvalues lie between −1 and 1, for [`SpectralMethod::Fitted`](super::SpectralMethod).
///
/// Row-standardised weights of symmetric links have the same eigenvalues, but no orthogonal eigenvectors; these
/// have both, and units with many neighbours do not draw the leading patterns to themselves.
///
/// # Formula
/// D^(−½) A D^(−½) with A = (W + Wᵀ)/2 and D the sums of the rows of |A|. Units without links stay without.
///
/// # Errors
/// [`StatsError`] when the links do not fit into memory.
///
/// # Examples
/// ```
/// use wherefair_stats::{SpatialWeights, degree_normalized};
///
/// // Three units in a row: the one in the middle has two neighbours.
/// let w = SpatialWeights::from_rows(vec![0, 1, 3, 4], vec![1, 0, 2, 1], vec![1.0; 4])?;
/// assert!((degree_normalized(&w)?.weight(0, 1) - 0.5_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn degree_normalized(w: &SpatialWeights) -> Result<SpatialWeights, StatsError> {
    let n = w.n();
    let mut links: Vec<(usize, usize, f64)> = Vec::with_capacity(2 * w.n_nonzero());
    for i in 0..n {
        let (neighbours, weights) = w.row(i);
        for (&j, &weight) in neighbours.iter().zip(weights) {
            let back = w.weight(j as usize, i);
            links.push((i, j as usize, 0.5 * (weight + back)));
            // The other way is listed by the neighbour itself, unless it does not know of this one.
            if back == 0.0 {
                links.push((j as usize, i, 0.5 * weight));
            }
        }
    }
    let mut degrees = vec![0.0_f64; n];
    for &(i, _, weight) in &links {
        degrees[i] += weight.abs();
    }
    for (i, j, weight) in &mut links {
        if *weight != 0.0 {
            *weight /= (degrees[*i] * degrees[*j]).sqrt();
        }
    }
    SpatialWeights::from_edges(n, links)
}
