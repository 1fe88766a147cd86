//! Moran's I of a variable under every spectrum of two parameters: its laws, and the likelihood of the data.

use rayon::prelude::*;
use wherefair_core::Seed;

use crate::inference::{Modes, spectral_likelihood, spectral_shape};

/// Shares of independent noise in the variance.
pub(super) const NOISE: [f64; 4] = [0.0, 0.25, 0.5, 0.75];

/// Steps of u = −ln(1 − |ρ|) below and above 0, and the ends: ρ from −0.92 to 0.99.
const STEPS: [(usize, f64); 2] = [(5, 2.5), (19, 4.6)];

/// Spectra over ρ and the share of noise, on the patterns of some weights.
///
/// # Formula
/// f(λ) ∝ s + (1 − s) g(λ) / ḡ with g(λ) = (1 − ρ λ / max |λ|)⁻²: a simultaneous autoregressive field plus
/// independent noise of share s of the variance.
#[derive(Debug, Clone)]
pub(super) struct Spectra {
    /// λ / max |λ|.
    values: Vec<f64>,
    /// I = `scale` Σ values c² / Σ c².
    scale: f64,
    /// g / ḡ, one entry a ρ, ascending.
    shapes: Vec<Vec<f64>>,
}

impl Spectra {
    /// Of the patterns of weights that sum to `s0`.
    pub(super) fn new(modes: &Modes, s0: f64) -> Self {
        let largest = modes
            .values()
            .iter()
            .fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
        let values: Vec<f64> = modes.values().iter().map(|value| value / largest).collect();
        let [(below, low), (above, high)] = STEPS;
        let rho = |step: usize, n: usize, end: f64| 1.0 - (-end * step as f64 / n as f64).exp();
        let negative = (1..=below).rev().map(|step| -rho(step, below, low));
        let shapes = negative
            .chain((0..=above).map(|step| rho(step, above, high)))
            .map(|rho| spectral_shape(&values, rho))
            .collect();
        Self {
            scale: largest * modes.n() as f64 / s0,
            values,
            shapes,
        }
    }

    /// How many values of ρ there are.
    pub(super) fn n_rho(&self) -> usize {
        self.shapes.len()
    }

    /// Moran's I of `n_draws` fields under each spectrum, the same innovations under all of them.
    pub(super) fn laws(&self, n_draws: u32, seed: Seed, name: &str) -> Laws {
        let n_rho = self.n_rho();
        let draws: Vec<Vec<f64>> = (0..u64::from(n_draws))
            .into_par_iter()
            .map(|draw| {
                let mut stream = seed.indexed(name, draw);
                let squares: Vec<f64> = (0..self.values.len())
                    .map(|_| stream.standard_normal().powi(2))
                    .collect();
                self.statistics(&squares)
            })
            .collect();
        let curves = (0..NOISE.len()).map(|s| {
            let statistics: Vec<Vec<f64>> = (0..n_rho)
                .map(|k| draws.iter().map(|draw| draw[s * n_rho + k]).collect())
                .collect();
            let mut highest = f64::NEG_INFINITY;
            let means = statistics
                .iter()
                .map(|drawn: &Vec<f64>| {
                    // The exact means rise with ρ.
                    highest = highest.max(drawn.iter().sum::<f64>() / drawn.len() as f64);
                    highest
                })
                .collect();
            Curve { means, statistics }
        });
        Laws {
            curves: curves.collect(),
        }
    }

    /// I of white squared coefficients under each spectrum, ρ running fastest.
    fn statistics(&self, squares: &[f64]) -> Vec<f64> {
        let sums = |shape: Option<&[f64]>| {
            let (mut form, mut total) = (0.0, 0.0);
            for (j, (square, value)) in squares.iter().zip(&self.values).enumerate() {
                let power = shape.map_or(*square, |shape| shape[j] * square);
                form += value * power;
                total += power;
            }
            (form, total)
        };
        let white = sums(None);
        let fields: Vec<(f64, f64)> = self.shapes.iter().map(|shape| sums(Some(shape))).collect();
        let of = |s: f64| {
            let mixed = move |white: f64, field: f64| s * white + (1.0 - s) * field;
            fields
                .iter()
                .map(move |field| self.scale * mixed(white.0, field.0) / mixed(white.1, field.1))
        };
        NOISE.iter().flat_map(|&s| of(s)).collect()
    }

    /// The log-likelihood of coefficients under each spectrum up to a constant, the scale profiled out.
    pub(super) fn likelihoods(&self, coefficients: &[f64]) -> Vec<Vec<f64>> {
        let squares: Vec<f64> = coefficients.iter().map(|c| c * c).collect();
        NOISE
            .par_iter()
            .map(|&s| {
                let of = |shape: &Vec<f64>| spectral_likelihood(shape, &squares, s);
                self.shapes.iter().map(of).collect()
            })
            .collect()
    }
}

/// Moran's I under each spectrum: one curve over ρ a share of noise.
#[derive(Debug, Clone)]
pub(super) struct Laws {
    curves: Vec<Curve>,
}

#[derive(Debug, Clone)]
struct Curve {
    means: Vec<f64>,
    /// One entry a ρ, of shape `(n_draws,)`.
    statistics: Vec<Vec<f64>>,
}

/// A share of noise and a ρ, between grid points `k` − 1 and `k` at `t` of the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) s: usize,
    pub(super) k: usize,
    pub(super) t: f64,
}

impl Place {
    /// A grid point.
    pub(super) fn grid(s: usize, k: usize) -> Self {
        Self { s, k, t: 1.0 }
    }

    /// What has `values` at grid points, `(n_noise, n_rho)`, at this place.
    pub(super) fn interpolate(self, values: &[Vec<f64>]) -> f64 {
        let row = &values[self.s];
        self.between(row[self.k], || row[self.k - 1])
    }

    fn between(self, at: f64, before: impl Fn() -> f64) -> f64 {
        if self.t < 1.0 {
            self.t * at + (1.0 - self.t) * before()
        } else {
            at
        }
    }
}

impl Laws {
    /// The same of a variable whose I is standardised.
    pub(super) fn standardized(mut self, standardize: impl Fn(f64) -> f64) -> Self {
        for curve in &mut self.curves {
            let all = curve
                .means
                .iter_mut()
                .chain(curve.statistics.iter_mut().flatten());
            for value in all {
                *value = standardize(*value);
            }
        }
        self
    }

    pub(super) fn mean(&self, s: usize, k: usize) -> f64 {
        self.curves[s].means[k]
    }

    /// Where the curve of a share of noise has this mean, if it does.
    pub(super) fn place(&self, s: usize, mean: f64) -> Option<Place> {
        let means = &self.curves[s].means;
        let k = means.partition_point(|&below| below < mean);
        if k == 0 || k == means.len() {
            return None;
        }
        // means[k − 1] < mean ≤ means[k].
        let t = (mean - means[k - 1]) / (means[k] - means[k - 1]);
        Some(Place { s, k, t })
    }

    /// The draws at a place, `(n_draws,)`.
    pub(super) fn draws(&self, place: Place) -> impl Iterator<Item = f64> + '_ {
        let statistics = &self.curves[place.s].statistics;
        let at = &statistics[place.k];
        let before = &statistics[place.k.saturating_sub(1)];
        at.iter()
            .zip(before)
            .map(move |(&at, &before)| place.between(at, || before))
    }
}
