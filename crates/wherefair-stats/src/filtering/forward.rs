//! Forward selection of eigenvectors until the residuals show no autocorrelation.

use serde::Serialize;
use wherefair_core::ParamError;

use crate::eigen::design::{add_scaled, check_column, dot, is_constant};
use crate::eigen::{Design, SymmetricPart};
use crate::{Alternative, EigenBasis, SpatialWeights, StatsError};

/// A basis whose vectors have a larger part in the space of the covariates was made without them.
const NOT_ORTHOGONAL: f64 = 1e-6;

/// Residuals shorter than this share of the variable are rounding: the covariates explain it in full.
const EXPLAINED: f64 = 1e-12;

/// When forward selection is content.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopRule {
    /// The standardised residual Moran's I is nearer to 0 than this, or farther from 0 than in the step before.
    ZScore(f64),
    /// Its p-value is at least this.
    PValue(f64),
}

/// Which expectation and variance of the residual Moran's I the candidates of a step are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentRule {
    /// Those of the step before: one for all candidates.
    Previous,
    /// Each candidate's own.
    Exact,
}

/// Which candidate of a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepRule {
    /// The one whose standardised residual Moran's I is nearest to 0: the published procedure.
    Nearest,
    /// Candidates are looked at by descending eigenvalue, and the nearest so far is kept, up to the first kept one
    /// that turns the sign of the standardised Moran's I to negative: that one is taken.
    ///
    /// This is what spatialreg does: it compares absolute values with the best value so far, sign included. The
    /// two rules part only in steps in which some candidate turns the sign.
    FirstOvershoot,
}

/// How forward selection chooses and when it stops.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ForwardParams {
    stop: StopRule,
    moments: MomentRule,
    step: StepRule,
    least_moran: f64,
    alternative: Alternative,
}

impl Default for ForwardParams {
    /// The defaults of spatialreg: stops at a standardised Moran's I within 0.1, with the moments of the step
    /// before and [`StepRule::FirstOvershoot`], among eigenvectors whose Moran coefficient is farther from 0 than
    /// 0.0001; p-values are two-sided.
    fn default() -> Self {
        Self {
            stop: StopRule::ZScore(0.1),
            moments: MomentRule::Previous,
            step: StepRule::FirstOvershoot,
            least_moran: 1e-4,
            alternative: Alternative::TwoSided,
        }
    }
}

impl ForwardParams {
    /// When to stop.
    #[must_use]
    pub fn stop(mut self, stop: StopRule) -> Self {
        self.stop = stop;
        self
    }

    /// Which moments to compare candidates by.
    #[must_use]
    pub fn moments(mut self, moments: MomentRule) -> Self {
        self.moments = moments;
        self
    }

    /// Which candidate of a step to take.
    #[must_use]
    pub fn step(mut self, step: StepRule) -> Self {
        self.step = step;
        self
    }

    /// The least absolute Moran coefficient of a candidate.
    #[must_use]
    pub fn least_moran(mut self, least_moran: f64) -> Self {
        self.least_moran = least_moran;
        self
    }

    /// The alternative of the p-values.
    #[must_use]
    pub fn alternative(mut self, alternative: Alternative) -> Self {
        self.alternative = alternative;
        self
    }

    fn check(self) -> Result<Self, StatsError> {
        match self.stop {
            StopRule::ZScore(least) if !(0.0..f64::INFINITY).contains(&least) => {
                return Err(ParamError::new("stop z-score", least, "a number of at least 0").into());
            }
            StopRule::PValue(alpha) if !(alpha > 0.0 && alpha < 1.0) => {
                return Err(ParamError::new("stop p-value", alpha, "(0, 1)").into());
            }
            _ => {}
        }
        if !(0.0..f64::INFINITY).contains(&self.least_moran) {
            let accepted = "a number of at least 0";
            return Err(ParamError::new("least Moran coefficient", self.least_moran, accepted).into());
        }
        Ok(self)
    }
}

/// Why forward selection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardStop {
    /// The stop rule was met.
    Reached,
    /// The standardised Moran's I moved away from 0: the moments of the step before chose badly, or no candidate
    /// helps any more. The last step is kept, as in spatialreg.
    Inversion,
    /// No candidate is left, or no residual degree of freedom.
    Exhausted,
}

/// The state after one step; step 0 is before any.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ForwardStep {
    /// The eigenvector taken, by its index in the basis; none in step 0.
    pub eigenvector: Option<usize>,
    /// Its Moran coefficient; 0 in step 0.
    pub moran_coefficient: f64,
    /// Moran's I of the residuals.
    pub statistic: f64,
    /// Its standardised form.
    pub z_score: f64,
    /// Its p-value.
    pub p_value: f64,
    /// The share of the variable's variance explained by covariates and eigenvectors.
    pub r_squared: f64,
    /// The coefficient of the eigenvector; 0 in step 0.
    pub coefficient: f64,
}

/// What forward selection found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForwardFilter {
    /// The steps, the first one before any selection.
    pub steps: Vec<ForwardStep>,
    /// The eigenvectors taken, in order.
    pub selected: Vec<usize>,
    /// The coefficients of the intercept and the covariates.
    pub covariate_coefficients: Vec<f64>,
    /// The spatial part E γ.
    pub spatial_part: Vec<f64>,
    /// What is left: y − X β − E γ.
    pub residuals: Vec<f64>,
    /// Why it ended.
    pub stop: ForwardStop,
}

/// Selects eigenvectors one by one, each time the one that brings the standardised Moran's I of the residuals
/// nearest to 0 (Tiefelsdorf and Griffith).
///
/// The basis must be orthogonal to the intercept and the covariates, that is, made with
/// [`Projection::Mean`](crate::Projection::Mean) (no covariates) or
/// [`Projection::Covariates`](crate::Projection::Covariates). Then no regression is fitted twice: taking
/// eigenvector `j` lowers the residual sum of squares by γⱼ², the quadratic form of Moran's I by mⱼ γⱼ² and the
/// traces behind its moments by mⱼ and mⱼ², so that a step costs a few operations a candidate, whatever n.
///
/// Candidates have a Moran coefficient of the sign of the residuals' Moran's I. A basis of leading vectors only
/// serves positive autocorrelation; the moments count the whole spectrum nevertheless.
///
/// # Formula
/// With residuals r of the covariates, γⱼ = eⱼᵀy and mⱼ = n λⱼ/S₀: I = (n/S₀ rᵀWr − Σ mⱼγⱼ²)/(rᵀr − Σ γⱼ²) over
/// the selected j; E\[I\] = t₁/d and Var\[I\] = 2(d t₂ − t₁²)/(d²(d + 2)), where d = n − rank X − #selected,
/// t₁ = tr(MS) − Σ mⱼ and t₂ = tr(MSMS) − Σ mⱼ².
///
/// # Errors
/// [`StatsError`] when shapes differ, a number is not finite, `y` is constant or explained in full by the
/// covariates, covariates depend on each other, the basis is not orthogonal to them, or a parameter lies outside
/// its domain.
///
/// # Examples
/// ```
/// use wherefair_stats::{ForwardParams, Projection, SpatialWeights, dense_eigenbasis, forward_filter};
///
/// // Six units in a row and a variable that rises along it.
/// let offsets = vec![0, 1, 3, 5, 7, 9, 10];
/// let w = SpatialWeights::from_rows(offsets, vec![1, 0, 2, 1, 3, 2, 4, 3, 5, 4], vec![1.0; 10])?;
/// let basis = dense_eigenbasis(&w, Projection::Mean)?;
/// let y = [1.0, 2.5, 2.9, 4.2, 5.1, 5.8];
/// let filter = forward_filter(&y, &[], &w, &basis, ForwardParams::default())?;
/// assert_eq!(filter.selected[0], 0);
/// assert!(filter.steps[1].statistic < filter.steps[0].statistic);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
///
/// # References
/// Tiefelsdorf and Griffith (2007), Semiparametric filtering of spatial autocorrelation: the eigenvector
/// approach, doi:10.1068/a37378. The steps are those of `SpatialFiltering` of R's spatialreg without a lagged
/// formula; eigenvectors are counted from 0 here and their signs are fixed.
pub fn forward_filter(
    y: &[f64],
    covariates: &[&[f64]],
    w: &SpatialWeights,
    basis: &EigenBasis,
    params: ForwardParams,
) -> Result<ForwardFilter, StatsError> {
    let params = params.check()?;
    let n = w.n();
    check_column("y", y, n)?;
    if basis.n() != n {
        return Err(StatsError::Shape {
            name: "eigenvectors",
            given: basis.n(),
            expected: n,
        });
    }
    if is_constant(y) {
        return Err(StatsError::Constant { name: "y" });
    }
    let design = Design::with_intercept(n, covariates)?;
    check_orthogonal(basis, &design)?;
    let mut search = Search::new(y, &design, w, basis, params)?;
    let (steps, selected, stop) = search.run();

    let mut spatial_part = vec![0.0; n];
    for &j in &selected {
        add_scaled(&mut spatial_part, search.coefficients[j], basis.vector(j));
    }
    let mut residuals = y.to_vec();
    design.project_out(&mut residuals);
    add_scaled(&mut residuals, -1.0, &spatial_part);
    Ok(ForwardFilter {
        steps,
        selected,
        covariate_coefficients: design.coefficients(&design.coordinates(y)),
        spatial_part,
        residuals,
        stop,
    })
}

/// That no vector of a positive or negative pattern lies in the space of the covariates.
fn check_orthogonal(basis: &EigenBasis, design: &Design) -> Result<(), StatsError> {
    let largest = basis
        .values()
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for j in 0..basis.n_vectors() {
        let coordinates = design.coordinates(basis.vector(j));
        let within = dot(&coordinates, &coordinates).sqrt();
        // Vectors of the eigenvalue 0 span the covariates themselves; they are no candidates.
        if within > NOT_ORTHOGONAL && basis.values()[j].abs() > NOT_ORTHOGONAL * largest {
            let accepted = "at most 1e-6: eigenvectors made with a projection of the same covariates";
            return Err(ParamError::new("part of an eigenvector in the covariates", within, accepted).into());
        }
    }
    Ok(())
}

/// The running sums of the search.
struct Search<'a> {
    basis: &'a EigenBasis,
    params: ForwardParams,
    /// γⱼ of every vector.
    coefficients: Vec<f64>,
    open: Vec<usize>,
    /// n/S₀ rᵀWr and rᵀr.
    form: f64,
    squares: f64,
    traces: (f64, f64),
    degrees: f64,
    total: f64,
}

impl<'a> Search<'a> {
    fn new(
        y: &[f64],
        design: &Design,
        w: &SpatialWeights,
        basis: &'a EigenBasis,
        params: ForwardParams,
    ) -> Result<Self, StatsError> {
        let n = y.len();
        let mut centred = y.to_vec();
        let mean = y.iter().sum::<f64>() / n as f64;
        for value in &mut centred {
            *value -= mean;
        }
        let total = dot(&centred, &centred);
        let mut residuals = centred;
        for _ in 0..2 {
            design.project_out(&mut residuals);
        }
        let squares = dot(&residuals, &residuals);
        if squares <= EXPLAINED * EXPLAINED * dot(y, y) || squares <= 0.0 {
            return Err(StatsError::Constant {
                name: "y without its covariates",
            });
        }
        let weights = SymmetricPart::of(w)?;
        let form = basis.scale() * dot(&residuals, &weights.product(&residuals));
        let sign = if form < 0.0 { -1.0 } else { 1.0 };
        let open = (0..basis.n_vectors())
            .filter(|&j| sign * basis.moran(j) > params.least_moran)
            .collect();
        Ok(Self {
            basis,
            params,
            coefficients: (0..basis.n_vectors())
                .map(|j| dot(basis.vector(j), &residuals))
                .collect(),
            open,
            form,
            squares,
            traces: basis.traces(),
            degrees: (n - design.rank()) as f64,
            total,
        })
    }

    fn run(&mut self) -> (Vec<ForwardStep>, Vec<usize>, ForwardStop) {
        let mut steps = vec![self.step(None)];
        let mut selected = Vec::new();
        let mut before = f64::INFINITY;
        loop {
            let Some(next) = self.best() else {
                return (steps, selected, ForwardStop::Exhausted);
            };
            self.take(next);
            selected.push(next);
            let step = self.step(Some(next));
            steps.push(step);
            let distance = step.z_score.abs();
            // An inversion does not stop a search by p-value with exact moments: only there does the step chosen
            // truly be the best one.
            let inverted = distance > before;
            let (reached, inversion) = match (self.params.stop, self.params.moments) {
                (StopRule::ZScore(least), _) => (distance < least, inverted),
                (StopRule::PValue(alpha), MomentRule::Previous) => (step.p_value >= alpha, inverted),
                (StopRule::PValue(alpha), MomentRule::Exact) => (step.p_value >= alpha, false),
            };
            if reached {
                return (steps, selected, ForwardStop::Reached);
            }
            if inversion {
                return (steps, selected, ForwardStop::Inversion);
            }
            before = distance;
        }
    }

    /// The open vector to take next.
    fn best(&self) -> Option<usize> {
        if self.degrees <= 1.0 {
            return None;
        }
        let mut best = None;
        let mut nearest = f64::INFINITY;
        let common = moments(self.traces, self.degrees);
        for &j in &self.open {
            let m = self.basis.moran(j);
            let square = self.coefficients[j] * self.coefficients[j];
            let (mean, variance) = match self.params.moments {
                MomentRule::Previous => common,
                MomentRule::Exact => moments((self.traces.0 - m, self.traces.1 - m * m), self.degrees - 1.0),
            };
            let left = self.squares - square;
            let z = ((self.form - m * square) / left - mean) / variance.sqrt();
            if left > EXPLAINED * EXPLAINED * self.total && z.abs() < nearest {
                nearest = z.abs();
                best = Some(j);
                if z < 0.0 && self.params.step == StepRule::FirstOvershoot {
                    break;
                }
            }
        }
        best
    }

    fn take(&mut self, j: usize) {
        let m = self.basis.moran(j);
        let square = self.coefficients[j] * self.coefficients[j];
        self.form -= m * square;
        self.squares -= square;
        self.traces.0 -= m;
        self.traces.1 -= m * m;
        self.degrees -= 1.0;
        self.open.retain(|&open| open != j);
    }

    fn step(&self, eigenvector: Option<usize>) -> ForwardStep {
        let (mean, variance) = moments(self.traces, self.degrees);
        let statistic = self.form / self.squares;
        let z_score = (statistic - mean) / variance.sqrt();
        ForwardStep {
            eigenvector,
            moran_coefficient: eigenvector.map_or(0.0, |j| self.basis.moran(j)),
            statistic,
            z_score,
            p_value: self.params.alternative.normal_p_value(z_score),
            r_squared: 1.0 - self.squares / self.total,
            coefficient: eigenvector.map_or(0.0, |j| self.coefficients[j]),
        }
    }
}

/// The expectation and the variance of Moran's I of regression residuals under normality.
fn moments((trace, square): (f64, f64), degrees: f64) -> (f64, f64) {
    let mean = trace / degrees;
    let variance = 2.0 * (degrees * square - trace * trace) / (degrees * degrees * (degrees + 2.0));
    (mean, variance)
}

#[cfg(test)]
mod tests;
