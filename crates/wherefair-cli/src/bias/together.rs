//! The autocorrelation of both variables, one by one and together.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_core::Seed;
use wherefair_stats::{
    Alternative, EigenBasis, EquivalenceResult, EquivalenceTest, IntersectionUnionResult, MoranResult, Null,
    PValueForm, PairedMoran, Permutations, SpatialWeights, T2Tail, lee_ogburn_phi, moran,
};

use super::args::BiasArgs;
use super::filters::MOST_DENSE;
use super::variables::BiasVariable;

/// The autocorrelation of one variable.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Autocorrelation {
    /// Moran's I of its numbers, or of 1 and 0.
    pub(crate) moran: MoranResult,
    /// Lee and Ogburn's Φ of all its levels.
    pub(crate) phi: Option<MoranResult>,
}

/// The tests of both variables.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Together {
    /// With small values of T2 speaking for equal autocorrelation, as section 2.1 of the paper says.
    pub(crate) t2_small: IntersectionUnionResult,
    /// With large ones, as its appendix B.1 is written.
    pub(crate) t2_large: IntersectionUnionResult,
    /// None where units are too many for all eigenvectors.
    pub(crate) equivalence: Option<EquivalenceResult>,
}

/// Moran's I of a variable and, where it has levels, Φ.
pub(crate) fn autocorrelation(variable: &BiasVariable, w: &SpatialWeights) -> Result<Autocorrelation> {
    let name = || format!("`{}`", variable.name);
    let result = moran(w, &variable.values, Null::Randomization, Alternative::TwoSided).with_context(name)?;
    let phi = variable
        .levels
        .as_ref()
        .map(|levels| lee_ogburn_phi(w, &levels.codes, Alternative::TwoSided))
        .transpose()
        .with_context(name)?;
    Ok(Autocorrelation { moran: result, phi })
}

/// T1, T2 with both tails, and the test of equivalence, which takes all eigenvectors of the weights: those of
/// `basis` where it has all.
pub(crate) fn together(
    args: &BiasArgs,
    w: &SpatialWeights,
    basis: &EigenBasis,
    [outcome, sensitive]: [&BiasVariable; 2],
) -> Result<Together> {
    let permutations = Permutations::new(args.permutations, Seed::new(args.seed))
        .with_context(|| format!("--permutations {}", args.permutations))?;
    let (y, a) = (&outcome.values, &sensitive.values);
    let draws = PairedMoran::new(w)?.draw(y, a, permutations)?;
    let union = |tail| draws.intersection_union(args.delta, tail, PValueForm::WithData);
    let test = if basis.n_vectors() == w.n() {
        Some(EquivalenceTest::with_basis(w, basis)?)
    } else if w.n() <= MOST_DENSE {
        Some(EquivalenceTest::new(w)?)
    } else {
        None
    };
    Ok(Together {
        t2_small: union(T2Tail::Small)?,
        t2_large: union(T2Tail::Large)?,
        equivalence: test
            .map(|test| test.test(y, a, args.delta, permutations))
            .transpose()?,
    })
}

/// Refuses what no test accepts, before anything takes time.
pub(crate) fn check(args: &BiasArgs) -> Result<()> {
    if !(args.delta > 0.0 && args.delta.is_finite()) {
        bail!("--delta {}: accepted is a number above 0", args.delta);
    }
    if !(args.level > 0.0 && args.level < 1.0) {
        bail!(
            "--level {}: accepted is a number between 0 and 1, both excluded",
            args.level
        );
    }
    Ok(())
}
