//! Taking spatial patterns out of the variables.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_core::Seed;
use wherefair_stats::{
    Alternative, CandidateRule, Criterion, EigenBasis, ForwardParams, L1Params, LanczosParams, MoranResult,
    Null, Projection, SpatialWeights, candidates, dense_eigenbasis, forward_filter, l1_filter,
    l1_filter_logistic, leading_eigenbasis, moran,
};

use super::args::{AdjustArg, CoefficientsArg, FilterArgs};
use super::variables::BiasVariable;
use crate::table::grouped;

/// Up to this many units all eigenvectors are found.
pub(crate) const MOST_DENSE: usize = 4_000;
/// The eigenvectors found of more units.
const N_LEADING: usize = 300;
/// The penalties of a path without closed form. Those below a twentieth of the largest would let in most candidates,
/// at a cost that grows with their square, and the criteria do not choose them.
const N_PENALTIES: usize = 30;
const LEAST_PENALTY: f64 = 0.05;
/// Links beyond which the work with eigenvectors takes hours.
const MOST_LINKS: usize = 100_000_000;

/// The eigenvectors and those of them that may be chosen.
#[derive(Debug)]
pub(crate) struct Patterns {
    pub(crate) basis: EigenBasis,
    pub(crate) candidates: Vec<usize>,
    pub(crate) summary: PatternSummary,
}

/// The same in numbers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PatternSummary {
    pub(crate) adjust: String,
    pub(crate) n_eigenvectors: usize,
    pub(crate) n_candidates: usize,
    pub(crate) candidate_rule: String,
    pub(crate) coefficients: &'static str,
    pub(crate) solver: wherefair_stats::EigenSolver,
    pub(crate) notes: Vec<String>,
}

/// A variable split into what space tells of it and the rest.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Filtered {
    /// How many eigenvectors were taken out.
    pub(crate) n_selected: usize,
    /// The largest and the smallest Moran coefficient of those.
    pub(crate) moran_coefficients: Option<[f64; 2]>,
    /// Whether space tells the two levels apart perfectly.
    pub(crate) separated: bool,
    pub(crate) converged: bool,
    /// Whether the criterion would choose a smaller penalty than the path has.
    pub(crate) at_end: bool,
    /// Moran's I of the rest; none where nothing is left of the variable.
    pub(crate) residual_moran: Option<MoranResult>,
    /// Fitted values, or the probability of 1.
    #[serde(skip)]
    pub(crate) spatial: Vec<f64>,
    /// The variable less its spatial part.
    #[serde(skip)]
    pub(crate) rest: Vec<f64>,
}

impl Filtered {
    /// Whether what is left is positively autocorrelated, significantly at `level`.
    pub(crate) fn is_autocorrelated(&self, level: f64) -> bool {
        let result = self.residual_moran.as_ref();
        result.is_some_and(|moran| moran.p_value <= level && moran.statistic > moran.expectation)
    }
}

/// Finds the eigenvectors of the weights.
pub(crate) fn patterns(
    args: &FilterArgs,
    w: &SpatialWeights,
    strongest_z: f64,
    seed: Seed,
) -> Result<Patterns> {
    let n = w.n();
    if w.n_nonzero() > MOST_LINKS {
        bail!(
            "--weights: {} links between {} units are too many for eigenvectors (accepted: at most {}; give a cut-off, such as idw:1:CUTOFF, or knn:8)",
            grouped(w.n_nonzero() as u64),
            grouped(n as u64),
            grouped(MOST_LINKS as u64)
        );
    }
    let wanted = match (args.adjust, args.eigenvectors) {
        (_, Some(k)) if k == 0 || k > n => {
            bail!("--eigenvectors {k}: accepted is a whole number from 1 to {n}, the number of units")
        }
        // Nothing is taken out, but a filter of nothing has a basis too.
        (AdjustArg::None, _) => Some(1),
        (_, Some(k)) => Some(k),
        (_, None) if n > MOST_DENSE => Some(N_LEADING),
        (_, None) => None,
    };
    let fails = "the eigenvectors of the weights";
    let basis = match wanted {
        None => dense_eigenbasis(w, Projection::Mean).context(fails)?,
        Some(k) => {
            leading_eigenbasis(w, Projection::Mean, k, LanczosParams::default(), seed).context(fails)?
        }
    };
    let rule = candidate_rule(&args.candidates, strongest_z)?;
    let chosen = match args.adjust {
        AdjustArg::None => Vec::new(),
        _ => candidates(&basis, rule).with_context(|| format!("--candidates {}", args.candidates))?,
    };
    let mut notes = Vec::new();
    if args.adjust != AdjustArg::None {
        let all_positive = basis.values().last().is_some_and(|&last| last > 0.0);
        if wanted.is_some() && all_positive {
            notes.push(format!(
                "Only the {} strongest patterns can be taken out; finer ones stay in the variables (--eigenvectors N finds more).",
                grouped(basis.n_vectors() as u64)
            ));
        }
        if let Some(found) = basis.convergence().filter(|found| !found.converged) {
            notes.push(format!(
                "{} of {} eigenvectors did not reach the tolerance.",
                basis.n_vectors() - found.n_converged,
                basis.n_vectors()
            ));
        }
    }
    let summary = PatternSummary {
        adjust: args.adjust.describe().to_owned(),
        n_eigenvectors: if args.adjust == AdjustArg::None {
            0
        } else {
            basis.n_vectors()
        },
        n_candidates: chosen.len(),
        candidate_rule: args.candidates.clone(),
        coefficients: match args.coefficients {
            CoefficientsArg::Refitted => "refitted",
            CoefficientsArg::Penalised => "penalised",
        },
        solver: basis.solver(),
        notes,
    };
    Ok(Patterns {
        basis,
        candidates: chosen,
        summary,
    })
}

/// Reads `--candidates`.
fn candidate_rule(text: &str, z_score: f64) -> Result<CandidateRule> {
    let share = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|share| *share > 0.0 && *share <= 1.0)
    };
    Ok(match text.split_once(':') {
        None if text == "positive" => CandidateRule::AllPositive,
        None if text == "chun" => CandidateRule::Chun2016 { z_score },
        Some(("relative", rest)) if share(rest).is_some() => {
            CandidateRule::RelativeMoran(share(rest).unwrap_or(0.25))
        }
        _ => bail!(
            "--candidates {text}: accepted are positive, relative:SHARE (a number above 0 and at most 1, such as relative:0.25) and chun"
        ),
    })
}

/// How the L1 paths choose.
pub(crate) fn l1_params(args: &FilterArgs) -> L1Params {
    let criterion = match args.adjust {
        AdjustArg::EsfAic => Criterion::Aic,
        _ => Criterion::Bic,
    };
    L1Params::default()
        .n_penalties(N_PENALTIES)
        .least_penalty(LEAST_PENALTY)
        .criterion(criterion)
        .likelihood(args.likelihood.likelihood())
        .coefficients(args.coefficients.coefficients())
}

/// Checks that the variable can be filtered as asked.
pub(crate) fn check(args: &FilterArgs, variables: [&BiasVariable; 2]) -> Result<()> {
    candidate_rule(&args.candidates, 0.0)?;
    let binary = variables.into_iter().find(|variable| variable.is_binary());
    if let (AdjustArg::EsfForward, Some(variable)) = (args.adjust, binary) {
        bail!(
            "--adjust esf-forward: `{}` has levels, and forward selection is for continuous variables (accepted: esf-bic, esf-aic or none)",
            variable.name
        );
    }
    Ok(())
}

/// Splits a variable.
pub(crate) fn filtered(
    variable: &BiasVariable,
    args: &FilterArgs,
    patterns: &Patterns,
    w: &SpatialWeights,
) -> Result<Filtered> {
    let (basis, chosen) = (&patterns.basis, &patterns.candidates);
    let values = &variable.values;
    let without = |part: &[f64]| -> Vec<f64> { values.iter().zip(part).map(|(y, part)| y - part).collect() };
    let mut at_end = false;
    let (selected, spatial, rest, separated, converged) = if variable.is_binary() {
        let filter = l1_filter_logistic(values, &[], basis, chosen, l1_params(args))?;
        let rest = without(&filter.probabilities);
        at_end = filter.point + 1 == N_PENALTIES && !filter.selected.is_empty();
        (
            filter.selected,
            filter.probabilities,
            rest,
            filter.separated,
            filter.converged,
        )
    } else if args.adjust == AdjustArg::EsfForward {
        let params = ForwardParams::default();
        let filter = forward_filter(values, &[], w, basis, params)?;
        (
            filter.selected,
            without(&filter.residuals),
            filter.residuals,
            false,
            true,
        )
    } else {
        let filter = l1_filter(values, &[], basis, chosen, l1_params(args))?;
        (
            filter.selected,
            without(&filter.residuals),
            filter.residuals,
            false,
            filter.converged,
        )
    };
    // The tests after filtering take what is left to be exchangeable, and so does this one.
    let residual_moran = moran(w, &rest, Null::Randomization, Alternative::TwoSided);
    let coefficients = selected.iter().map(|&j| basis.moran(j));
    let range = coefficients.fold(None, |range: Option<[f64; 2]>, moran| {
        let [high, low] = range.unwrap_or([moran; 2]);
        Some([high.max(moran), low.min(moran)])
    });
    Ok(Filtered {
        n_selected: selected.len(),
        moran_coefficients: range,
        separated,
        converged,
        at_end,
        residual_moran: residual_moran.ok(),
        spatial,
        rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidate_rules_are_read() {
        assert_eq!(
            candidate_rule("positive", 0.0).unwrap(),
            CandidateRule::AllPositive
        );
        assert_eq!(
            candidate_rule("relative:0.25", 0.0).unwrap(),
            CandidateRule::RelativeMoran(0.25)
        );
        assert_eq!(
            candidate_rule("chun", 3.0).unwrap(),
            CandidateRule::Chun2016 { z_score: 3.0 }
        );
        for bad in [
            "",
            "all",
            "relative",
            "relative:0",
            "relative:NaN",
            "relative:1.1",
            "positive:1",
        ] {
            let message = candidate_rule(bad, 0.0).unwrap_err().to_string();
            assert!(message.contains("relative:SHARE"), "{bad}: {message}");
        }
    }
}
