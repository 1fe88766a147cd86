//! The equivalence test against fields on the border of its null.

use super::equivalence::{EquivalenceLaw, EquivalenceResult, TIE, check_margin};
use super::spectra::{Laws, NOISE, Place, Spectra};
use crate::autocorrelation::{Variable, moran_moments, weight_sum};
use crate::inference::{Modes, QuadraticForm};
use crate::{
    EigenBasis, Null, Permutations, Projection, StatsError, WeightMoments, WeightsRef, dense_eigenbasis,
};

/// What the confidence set of the spectra may miss.
const MISSED: f64 = 0.005;

/// The quantile 1 − `MISSED` of χ² with three degrees of freedom: two ρ and two shares of noise less the border.
const LIKELY: f64 = 12.838_156;

/// More fields than these would fill the memory and change no p-value by a tenth of a per cent.
const MOST_DRAWS: u32 = 100_000;

/// Weights made ready for [`equivalence_test`](crate::equivalence_test) of many pairs of variables.
///
/// The results are the same bits as those of single calls.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_stats::{Contiguity, EquivalenceTest, Permutations, SpatialWeights};
///
/// let w = SpatialWeights::from_raster(8, 8, None, Contiguity::Rook)?;
/// let mut stream = Seed::new(2).stream("noise");
/// let mut noise = || -> Vec<f64> { (0..64).map(|_| stream.standard_normal()).collect() };
/// let (y, a) = (noise(), noise());
/// let test = EquivalenceTest::new(&w)?;
/// let result = test.test(&y, &a, 9.0, Permutations::new(999, Seed::new(1))?)?;
/// assert!(result.difference.abs() < 3.0 && result.p_value < 0.05);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EquivalenceTest<'a> {
    w: WeightsRef<'a>,
    moments: WeightMoments,
    form: QuadraticForm,
    modes: Modes,
    spectra: Spectra,
}

impl<'a> EquivalenceTest<'a> {
    /// Prepares `w`: finds all eigenvectors of M W M.
    ///
    /// # Errors
    /// As [`dense_eigenbasis`].
    pub fn new(w: impl Into<WeightsRef<'a>>) -> Result<Self, StatsError> {
        let w = w.into();
        weight_sum(w.moments().s0)?;
        Self::with_basis(w, &dense_eigenbasis(w, Projection::Mean)?)
    }

    /// Prepares `w` whose eigenvectors are at hand.
    ///
    /// # Shapes
    /// `basis` has all `n` eigenvectors, as [`dense_eigenbasis`] of `w` with [`Projection::Mean`] gives them.
    ///
    /// # Errors
    /// [`StatsError`] when the weights do not sum to a number above 0, or `basis` is of another number of units,
    /// lacks eigenvectors or was not projected.
    pub fn with_basis(w: impl Into<WeightsRef<'a>>, basis: &EigenBasis) -> Result<Self, StatsError> {
        let w = w.into();
        if basis.n() != w.n() {
            return Err(StatsError::Shape {
                name: "basis",
                given: basis.n(),
                expected: w.n(),
            });
        }
        let moments = w.moments();
        let s0 = weight_sum(moments.s0)?;
        let modes = Modes::of(basis)?;
        Ok(Self {
            w,
            moments,
            form: QuadraticForm::new(w, 1.0 / s0, &[]),
            spectra: Spectra::new(&modes, s0),
            modes,
        })
    }

    /// Tests one pair; `permutations` says how many fields are drawn (100,000 at most), and from which seed.
    ///
    /// # Errors
    /// As [`equivalence_test`](crate::equivalence_test) for its variables and margin.
    pub fn test(
        &self,
        y: &[f64],
        a: &[f64],
        margin: f64,
        permutations: Permutations,
    ) -> Result<EquivalenceResult, StatsError> {
        check_margin(margin)?;
        let n_draws = permutations.n().min(MOST_DRAWS);
        let side = |name, values, stream| -> Result<Side, StatsError> {
            let variable = Variable::new(name, values, self.w)?;
            let moments = moran_moments(&variable, &self.moments, Null::Randomization);
            let statistic = self.form.evaluate(&variable.z);
            let deviation = moments.deviation(statistic)?;
            let standardize = |i: f64| (i - moments.expectation) / deviation;
            Ok(Side {
                statistic: standardize(statistic),
                laws: self
                    .spectra
                    .laws(n_draws, permutations.seed(), stream)
                    .standardized(standardize),
                likelihoods: self.spectra.likelihoods(&self.modes.coefficients(&variable.z)),
            })
        };
        let (y, a) = (side("y", y, "equivalence/y")?, side("a", a, "equivalence/a")?);
        let difference = y.statistic - a.statistic;
        let n_rho = self.spectra.n_rho();
        let upper = tail(&y, &a, margin, n_rho, &|drawn| drawn <= difference + TIE);
        let lower = tail(&y, &a, -margin, n_rho, &|drawn| drawn >= difference - TIE);
        let larger = if upper.p_value >= lower.p_value {
            upper
        } else {
            lower
        };
        Ok(EquivalenceResult {
            standardized_y: y.statistic,
            standardized_a: a.statistic,
            difference,
            margin,
            upper_p_value: upper.p_value,
            lower_p_value: lower.p_value,
            p_value: larger.p_value,
            law: EquivalenceLaw::Spectral,
            difference_sd: larger.difference_sd,
            n_permutations: n_draws,
        })
    }
}

/// What is known of one variable.
struct Side {
    statistic: f64,
    laws: Laws,
    likelihoods: Vec<Vec<f64>>,
}

/// One of the two one-sided tests.
#[derive(Debug, Clone, Copy)]
struct Tail {
    p_value: f64,
    difference_sd: Option<f64>,
}

/// The largest p-value over the likely part of the border where the means differ by `difference`.
fn tail(y: &Side, a: &Side, difference: f64, n_rho: usize, extreme: &dyn Fn(f64) -> bool) -> Tail {
    let likelihood =
        |(at_y, at_a): (Place, Place)| at_y.interpolate(&y.likelihoods) + at_a.interpolate(&a.likelihoods);
    let border = border(&y.laws, &a.laws, difference, n_rho);
    let best = border
        .iter()
        .map(|&places| likelihood(places))
        .fold(f64::NEG_INFINITY, f64::max);
    let likely = border
        .into_iter()
        .filter(|&places| 2.0 * (best - likelihood(places)) <= LIKELY);
    let mut largest = Tail {
        p_value: 0.0,
        difference_sd: None,
    };
    for (at_y, at_a) in likely {
        let drawn = y.laws.draws(at_y).zip(a.laws.draws(at_a)).map(|(y, a)| y - a);
        let (mut count, mut n, mut squares) = (0.0, 0.0, 0.0);
        for drawn in drawn {
            n += 1.0;
            count += f64::from(u8::from(extreme(drawn)));
            squares += (drawn - difference) * (drawn - difference);
        }
        let p_value = (count + 1.0) / (n + 1.0);
        if p_value > largest.p_value {
            largest = Tail {
                p_value,
                difference_sd: Some((squares / n).sqrt()),
            };
        }
    }
    // Without a border the margin is out of reach of any field.
    largest.p_value = (largest.p_value + MISSED).min(1.0);
    largest
}

/// Pairs of spectra whose statistics have means that differ by `difference`: at each grid point of either variable
/// the other is set to fit.
fn border(y: &Laws, a: &Laws, difference: f64, n_rho: usize) -> Vec<(Place, Place)> {
    let shares = (0..NOISE.len()).flat_map(|s_y| (0..NOISE.len()).map(move |s_a| (s_y, s_a)));
    let mut pairs = Vec::new();
    for (s_y, s_a) in shares {
        for k in 0..n_rho {
            if let Some(place) = y.place(s_y, a.mean(s_a, k) + difference) {
                pairs.push((place, Place::grid(s_a, k)));
            }
            if let Some(place) = a.place(s_a, y.mean(s_y, k) - difference) {
                pairs.push((Place::grid(s_y, k), place));
            }
        }
    }
    pairs
}
