//! The command line of `wherefair bias`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wherefair_stats::{Coefficients, ContinuousPart, Likelihood};

use crate::args::{OutputArgs, RunningArgs};
use crate::spatial_args::{AlternativeArg, UnitArgs, WeightArgs};

/// `wherefair bias`.
#[derive(Debug, Args)]
pub(crate) struct BiasArgs {
    #[command(flatten)]
    pub(crate) units: UnitArgs,

    /// Column of the outcome; for rasters a band (`band_1`)
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) outcome: String,

    /// Column of the sensitive attribute; for rasters a band (`band_2`)
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) sensitive: String,

    /// How the outcome is read
    #[arg(long, value_enum, default_value = "auto", help_heading = "Columns")]
    pub(crate) outcome_kind: KindArg,

    /// How the sensitive attribute is read
    #[arg(long, value_enum, default_value = "auto", help_heading = "Columns")]
    pub(crate) sensitive_kind: KindArg,

    /// The favourable level of the outcome, held against all others [default: of two numbers the larger one]
    #[arg(long, value_name = "LEVEL", help_heading = "Columns")]
    pub(crate) positive: Option<String>,

    /// The privileged level of the sensitive attribute, held against all others [default: of two numbers the
    /// smaller one]
    #[arg(long, value_name = "LEVEL", help_heading = "Columns", verbatim_doc_comment)]
    pub(crate) privileged: Option<String>,

    #[command(flatten)]
    pub(crate) weights: WeightArgs,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    /// Random orders behind T1 and T2, and random fields behind the test of equivalence
    #[arg(long, value_name = "R", default_value_t = 999, help_heading = "Inference")]
    pub(crate) permutations: u32,

    /// Random orders, or Bernoulli copies, behind the p-values of the bias metrics
    #[arg(long, value_name = "B", default_value_t = 1000, help_heading = "Inference")]
    pub(crate) copies: u32,

    /// What speaks against the null hypothesis of a bias metric; the paper's discrete cases have `greater`
    #[arg(long, value_enum, default_value = "two-sided", help_heading = "Inference")]
    pub(crate) alternative: AlternativeArg,

    /// Difference of two standardised Moran's I that counts as none, in T2 and in the test of equivalence
    #[arg(long, value_name = "D", default_value_t = 1.0, help_heading = "Inference")]
    pub(crate) delta: f64,

    /// Level at which the sentence calls an association significant
    #[arg(
        long,
        value_name = "LEVEL",
        default_value_t = 0.05,
        help_heading = "Inference"
    )]
    pub(crate) level: f64,

    /// Seed of all randomness
    #[arg(long, default_value_t = 0, help_heading = "Inference")]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Write one row a unit: id, x, y, both variables, the spatial part of each and the rest
    #[arg(long, value_name = "FILE.csv", help_heading = "Output")]
    pub(crate) csv: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

/// How spatial patterns are taken out of the variables.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Adjustment (measured sizes, and the paper's reading, are in the book)")]
pub(crate) struct FilterArgs {
    /// How the eigenvectors that are taken out are chosen
    #[arg(long, value_enum, default_value = "esf-bic")]
    pub(crate) adjust: AdjustArg,

    /// Eigenvectors to choose from: positive, relative:SHARE or chun
    #[arg(long, value_name = "RULE", default_value = "positive")]
    pub(crate) candidates: String,

    /// Whether the coefficients of the chosen eigenvectors are shrunk
    #[arg(long, value_enum, default_value = "refitted")]
    pub(crate) coefficients: CoefficientsArg,

    /// The likelihood of the criterion, for continuous variables
    #[arg(long, value_enum, default_value = "fixed-variance")]
    pub(crate) likelihood: LikelihoodArg,

    /// What stands for a continuous variable beside copies of a binary one
    #[arg(long, value_enum, default_value = "observed")]
    pub(crate) continuous_part: ContinuousPartArg,

    /// Leading eigenvectors to find [default: all of up to 4,000 units, else 300]
    #[arg(long, value_name = "N")]
    pub(crate) eigenvectors: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArg {
    /// Text, truth values and columns of two numbers as categories, other numbers as they are
    Auto,
    /// Numbers
    Continuous,
    /// Two levels
    Binary,
    /// Levels, one held against all others
    Category,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdjustArg {
    /// Nothing is taken out
    None,
    /// An L1 path with Schwarz's criterion
    EsfBic,
    /// An L1 path with Akaike's criterion
    EsfAic,
    /// Forward selection until Moran's I of the residuals is gone; continuous variables only
    EsfForward,
}

impl AdjustArg {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::None => "nothing taken out",
            Self::EsfBic => "L1 path, Schwarz's criterion (BIC)",
            Self::EsfAic => "L1 path, Akaike's criterion (AIC)",
            Self::EsfForward => "forward selection by Moran's I of the residuals",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoefficientsArg {
    /// No: fitted anew without penalty
    Refitted,
    /// Yes, as the paper has it: a part of each pattern stays behind
    Penalised,
}

impl CoefficientsArg {
    pub(crate) fn coefficients(self) -> Coefficients {
        match self {
            Self::Refitted => Coefficients::Refitted,
            Self::Penalised => Coefficients::Penalised,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LikelihoodArg {
    /// Its variance is that left by all candidates
    FixedVariance,
    /// Its variance is estimated anew at each point
    ProfiledVariance,
    /// Squares of the standardised variable
    StandardisedDeviance,
}

impl LikelihoodArg {
    pub(crate) fn likelihood(self) -> Likelihood {
        match self {
            Self::FixedVariance => Likelihood::FixedVariance,
            Self::ProfiledVariance => Likelihood::ProfiledVariance,
            Self::StandardisedDeviance => Likelihood::StandardisedDeviance,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ContinuousPartArg {
    /// The variable itself
    Observed,
    /// Its spatial part alone, as the paper has it
    Fitted,
}

impl ContinuousPartArg {
    pub(crate) fn part(self) -> ContinuousPart {
        match self {
            Self::Observed => ContinuousPart::Observed,
            Self::Fitted => ContinuousPart::Fitted,
        }
    }
}
