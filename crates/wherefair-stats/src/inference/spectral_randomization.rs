//! Surrogate fields that are as autocorrelated as a variable, but know nothing of its map.
//!
//! Exchanging values over places gives fields without autocorrelation, and a test against them takes any patchy
//! field for one that depends on the map. The surrogates here keep the autocorrelation: either the squared
//! coefficients of the variable itself on the eigenvectors of the weights (Moran spectral randomisation), or a
//! spectrum of few parameters fitted to them ([`SpectralMethod::Fitted`]).

mod fitted;
mod modes;

#[cfg(test)]
mod tests;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed, Stream};

pub use fitted::{FittedSpectrum, degree_normalized};
pub(crate) use fitted::{likelihood as spectral_likelihood, shape as spectral_shape};
pub(crate) use modes::Modes;

use crate::eigen::design::{add_scaled, dot};
use crate::{EigenBasis, StatsError};

/// How surrogates are made.
///
/// With xᵢ = x̄ + Σⱼ cⱼ vᵢⱼ, vⱼ the eigenvectors orthogonal to the mean in the order of their eigenvalues λⱼ:
///
/// | variant | what a surrogate keeps |
/// |---|---|
/// | `Singleton` | every cⱼ², so the variance and Moran's I exactly; signs are drawn |
/// | `Pair` | c² summed over each pair of successive eigenvectors, so the variance exactly and Moran's I nearly |
/// | `Triplet` | c² and λc² summed over each three successive eigenvectors, so variance and Moran's I exactly |
/// | `Fitted` | a spectrum f(λ) fitted to all cⱼ², and the values of the whitened variable, in random order |
///
/// The first three keep what the map itself has put into the variable: a trend from west to east stays a trend
/// of some direction in every surrogate, and a test of it has little power. The fitted spectrum spreads such a
/// peak over all scales that the model allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpectralMethod {
    /// The sign of every coefficient is drawn.
    Singleton,
    /// Coefficients of pairs are turned by random angles.
    Pair,
    /// Squared coefficients of threes move along the line that keeps their sum and their mean eigenvalue.
    Triplet,
    /// Whitened values are permuted and given the fitted spectrum.
    Fitted,
}

/// A variable from which surrogate fields can be drawn.
///
/// # Examples
/// ```
/// use wherefair_core::{Point, Seed};
/// use wherefair_stats::{
///     Metric, Projection, SpatialWeights, SpectralMethod, SpectralRandomization, Transform, dense_eigenbasis,
/// };
///
/// let points: Vec<Point> = (0..49).map(|i| Point::new(f64::from(i % 7), f64::from(i / 7))).collect();
/// let x: Vec<f64> = points.iter().map(|p| p.x + (7.0 * p.y).sin()).collect();
/// let w = SpatialWeights::k_nearest(&points, 4, Metric::Planar)?.transform(Transform::Row)?;
/// let basis = dense_eigenbasis(&w, Projection::Mean)?;
///
/// let field = SpectralRandomization::new(&basis, &x, SpectralMethod::Singleton)?.surrogate(Seed::new(1), 0);
/// let mean = |x: &[f64]| x.iter().sum::<f64>() / 49.0;
/// assert!((mean(&field) - mean(&x)).abs() < 1e-9);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Wagner & Dray (2015), Generating spatially constrained null models for irregularly spaced data using Moran
/// spectral randomization methods, doi:10.1111/2041-210X.12407.
///
/// DIFFERENCE: the paper tries random triplets until one fits; here the triplets are successive eigenvectors,
/// and their squared coefficients are drawn uniformly from all that fit, so that no draw fails.
#[derive(Debug, Clone)]
pub struct SpectralRandomization {
    mean: f64,
    modes: Modes,
    source: Source,
}

/// What a draw starts from.
#[derive(Debug, Clone)]
enum Source {
    /// The coefficients on the eigenvectors.
    Coefficients(SpectralMethod, Vec<f64>),
    /// The whitened variable, and the square roots of the spectrum that it is to get.
    Innovations {
        whitened: Vec<f64>,
        root: Vec<f64>,
        spectrum: FittedSpectrum,
    },
}

impl SpectralRandomization {
    /// Prepares surrogates of `x`.
    ///
    /// The units without neighbours and whatever else the weights do not tell apart have eigenvalue 0; they take
    /// part like all others.
    ///
    /// # Shapes
    /// `x` is `(n,)`; `basis` has all `n` eigenvectors of M W M, as [`dense_eigenbasis`](crate::dense_eigenbasis)
    /// with [`Projection::Mean`](crate::Projection::Mean) gives them. For [`SpectralMethod::Fitted`] it should be
    /// that of [`degree_normalized`] weights.
    ///
    /// # Errors
    /// [`StatsError`] when `x` has another shape, a value that is not finite or all values equal, or `basis` lacks
    /// eigenvectors or was not projected.
    pub fn new(basis: &EigenBasis, x: &[f64], method: SpectralMethod) -> Result<Self, StatsError> {
        let n = basis.n();
        if x.len() != n {
            return Err(StatsError::Shape {
                name: "x",
                given: x.len(),
                expected: n,
            });
        }
        if let Some(index) = x.iter().position(|value| !value.is_finite()) {
            return Err(StatsError::NotFinite {
                name: "x",
                index,
                value: x[index],
            });
        }
        if x.iter().all(|&value| (value - x[0]).abs() <= 0.0) {
            return Err(StatsError::Constant { name: "x" });
        }
        let modes = Modes::of(basis)?;
        let mean = x.iter().sum::<f64>() / n as f64;
        let centred: Vec<f64> = x.iter().map(|x| x - mean).collect();
        let coefficients = modes.coefficients(&centred);
        let source = if method == SpectralMethod::Fitted {
            let spectrum = FittedSpectrum::fit(modes.values(), &coefficients);
            let root = spectrum
                .density(modes.values())
                .into_iter()
                .map(f64::sqrt)
                .collect::<Vec<_>>();
            let whitened: Vec<f64> = coefficients.iter().zip(&root).map(|(c, root)| c / root).collect();
            Source::Innovations {
                whitened: modes.field(&whitened),
                root,
                spectrum,
            }
        } else {
            Source::Coefficients(method, coefficients)
        };
        Ok(Self { mean, modes, source })
    }

    /// The spectrum that was fitted, where one was.
    pub fn spectrum(&self) -> Option<FittedSpectrum> {
        match &self.source {
            Source::Coefficients(..) => None,
            Source::Innovations { spectrum, .. } => Some(*spectrum),
        }
    }

    /// Surrogate number `index` of `seed`, of shape `(n,)`.
    ///
    /// Every surrogate is drawn from its own stream, so it does not matter which others are drawn.
    pub fn surrogate(&self, seed: Seed, index: u64) -> Vec<f64> {
        let drawn = self.draw(&mut stream(seed, index));
        let mut field = match &self.source {
            Source::Coefficients(..) => self.modes.field(&drawn),
            Source::Innovations { root, .. } => {
                let mut coefficients = self.modes.coefficients(&drawn);
                for (coefficient, root) in coefficients.iter_mut().zip(root) {
                    *coefficient *= root;
                }
                self.modes.field(&coefficients)
            }
        };
        for value in &mut field {
            *value += self.mean;
        }
        field
    }

    /// Prepares weighted sums over the units, which then cost one pass over the units a surrogate and sum.
    ///
    /// # Shapes
    /// One row a sum; a row lists units and their weights, in any order.
    ///
    /// # Errors
    /// [`StatsError::Param`] when a row names a unit that does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wherefair_core::{Point, Seed};
    /// # use wherefair_stats::*;
    /// # let points: Vec<Point> = (0..25).map(|i| Point::new(f64::from(i % 5), f64::from(i / 5))).collect();
    /// # let x: Vec<f64> = points.iter().map(|p| p.x * p.y + p.x).collect();
    /// # let w = SpatialWeights::k_nearest(&points, 4, Metric::Planar)?.transform(Transform::Row)?;
    /// # let basis = dense_eigenbasis(&w, Projection::Mean)?;
    /// let random = SpectralRandomization::new(&basis, &x, SpectralMethod::Fitted)?;
    /// let sums = random.sums(&[vec![(0, 1.0), (1, 1.0)]])?;
    /// let mut sum = [0.0];
    /// sums.draw(Seed::new(3), 7, &mut sum);
    /// let field = random.surrogate(Seed::new(3), 7);
    /// assert!((sum[0] - field[0] - field[1]).abs() < 1e-9);
    /// # Ok::<(), StatsError>(())
    /// ```
    pub fn sums(&self, rows: &[Vec<(usize, f64)>]) -> Result<SurrogateSums<'_>, StatsError> {
        let n = self.modes.n();
        if let Some((unit, _)) = rows.iter().flatten().find(|(unit, _)| *unit >= n) {
            return Err(ParamError::new("unit of a sum", unit, format!("units below {n}")).into());
        }
        let matrix = rows
            .par_iter()
            .map(|row| {
                let mut of_modes = self.modes.weighted(row);
                match &self.source {
                    Source::Coefficients(..) => of_modes,
                    Source::Innovations { root, .. } => {
                        for (mode, root) in of_modes.iter_mut().zip(root) {
                            *mode *= root;
                        }
                        self.modes.field(&of_modes)
                    }
                }
            })
            .collect();
        let offsets = rows
            .iter()
            .map(|row| self.mean * row.iter().map(|(_, weight)| weight).sum::<f64>())
            .collect();
        Ok(SurrogateSums {
            random: self,
            matrix,
            offsets,
        })
    }

    /// The coefficients of a surrogate, or its whitened values.
    fn draw(&self, stream: &mut Stream) -> Vec<f64> {
        match &self.source {
            Source::Coefficients(method, coefficients) => {
                let mut drawn = coefficients.clone();
                match method {
                    SpectralMethod::Pair => drawn.chunks_mut(2).for_each(|pair| turn(pair, stream)),
                    SpectralMethod::Triplet => {
                        let values = self.modes.values().chunks(3);
                        drawn
                            .chunks_mut(3)
                            .zip(values)
                            .for_each(|(three, values)| slide(three, values, stream));
                    }
                    SpectralMethod::Singleton | SpectralMethod::Fitted => sign(&mut drawn, stream),
                }
                drawn
            }
            Source::Innovations { whitened, .. } => {
                let mut drawn = whitened.clone();
                stream.shuffle(&mut drawn);
                drawn
            }
        }
    }
}

/// Weighted sums of surrogates; see [`SpectralRandomization::sums`].
#[derive(Debug, Clone)]
pub struct SurrogateSums<'a> {
    random: &'a SpectralRandomization,
    /// One row a sum, over the modes or over the whitened units.
    matrix: Vec<Vec<f64>>,
    offsets: Vec<f64>,
}

impl SurrogateSums<'_> {
    /// The sums of surrogate number `index` of `seed`, but for rounding those over
    /// [`surrogate`](SpectralRandomization::surrogate).
    ///
    /// # Shapes
    /// `into` is `(n_sums,)`; what is beyond the shorter of the two is left alone.
    pub fn draw(&self, seed: Seed, index: u64, into: &mut [f64]) {
        self.draw_from(&mut stream(seed, index), into);
    }

    /// As [`draw`](Self::draw), from a stream of the caller's.
    pub fn draw_from(&self, stream: &mut Stream, into: &mut [f64]) {
        let drawn = self.random.draw(stream);
        for ((sum, row), offset) in into.iter_mut().zip(&self.matrix).zip(&self.offsets) {
            *sum = offset + dot(row, &drawn);
        }
    }
}

fn stream(seed: Seed, index: u64) -> Stream {
    seed.indexed("stats/spectral-randomization", index)
}

fn sign(coefficients: &mut [f64], stream: &mut Stream) {
    for coefficient in coefficients {
        if stream.next_u64() >> 63 == 1 {
            *coefficient = -*coefficient;
        }
    }
}

/// Turns a pair by a random angle; what is left over gets a random sign.
fn turn(pair: &mut [f64], stream: &mut Stream) {
    let [a, b] = pair else {
        return sign(pair, stream);
    };
    let length = a.hypot(*b);
    let (sin, cos) = (std::f64::consts::TAU * stream.uniform()).sin_cos();
    (*a, *b) = (length * cos, length * sin);
}

/// Moves the squares of three coefficients along the line on which their sum and their mean eigenvalue stay.
///
/// # Formula
/// qⱼ + t dⱼ with d = (λ₂ − λ₃, λ₃ − λ₁, λ₁ − λ₂), t uniform where all stay at least 0; then random signs.
fn slide(three: &mut [f64], values: &[f64], stream: &mut Stream) {
    if let ([a, b, c], [l1, l2, l3]) = (&mut *three, values) {
        let direction = [l2 - l3, l3 - l1, l1 - l2];
        let squares = [*a * *a, *b * *b, *c * *c];
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (square, step) in squares.iter().zip(direction) {
            if step > 0.0 {
                low = low.max(-square / step);
            } else if step < 0.0 {
                high = high.min(-square / step);
            }
        }
        if (high - low).is_finite() {
            let t = low + (high - low) * stream.uniform();
            for (coefficient, (square, step)) in [a, b, c].into_iter().zip(squares.iter().zip(direction)) {
                *coefficient = (square + t * step).max(0.0).sqrt();
            }
        } else {
            // One eigenvalue for all three: any direction keeps both sums.
            let length = squares.iter().sum::<f64>().sqrt();
            let normal: [f64; 3] = std::array::from_fn(|_| stream.standard_normal());
            let scale = length / dot(&normal, &normal).sqrt().max(f64::MIN_POSITIVE);
            (*a, *b, *c) = (scale * normal[0], scale * normal[1], scale * normal[2]);
        }
    }
    sign(three, stream);
}

/// Adds up `weight` times each column.
fn combine(n: usize, columns: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; n];
    for (column, &weight) in columns.chunks_exact(n.max(1)).zip(weights) {
        add_scaled(&mut sum, weight, column);
    }
    sum
}
