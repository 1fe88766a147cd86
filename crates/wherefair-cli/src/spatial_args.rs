//! The command line of the spatial statistics.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wherefair_stats::{Alternative, Null, Transform};

use crate::args::{Missing, RunningArgs};

/// What the units are, and where.
#[derive(Debug, Args)]
pub(crate) struct UnitArgs {
    /// Table of points or areas, or raster: .csv[.gz], .tsv, .parquet, .geojson, .shp, .tif, .npy, .npz
    pub(crate) input: PathBuf,

    /// Column of x or longitude [default: found by name or geometry]
    #[arg(long, value_name = "COLUMN", requires = "y", help_heading = "Columns")]
    pub(crate) x: Option<String>,

    /// Column of y or latitude [default: found by name or geometry]
    #[arg(long, value_name = "COLUMN", requires = "x", help_heading = "Columns")]
    pub(crate) y: Option<String>,

    /// Column that names the rows, in GAL and GWT files and in the report [default: row numbers from 1]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) id: Option<String>,

    /// What to do with empty cells, nulls, NaN and infinite numbers; pixels marked as without data are always
    /// left out
    #[arg(
        long,
        value_enum,
        default_value = "error",
        help_heading = "Columns",
        verbatim_doc_comment
    )]
    pub(crate) missing: Missing,

    /// Coordinate reference system of the input, such as EPSG:4326, where the file does not say
    #[arg(long, value_name = "EPSG:CODE", help_heading = "Columns")]
    pub(crate) crs: Option<String>,
}

/// What `moran` and `local-moran` share.
#[derive(Debug, Args)]
pub(crate) struct SpatialArgs {
    #[command(flatten)]
    pub(crate) units: UnitArgs,

    /// Column of the variable; for rasters a band (`band_1`)
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) value: String,

    #[command(flatten)]
    pub(crate) weights: WeightArgs,

    /// Permutations
    #[arg(long, value_name = "R", default_value_t = 999, help_heading = "Inference")]
    pub(crate) permutations: u32,

    /// What speaks against the null hypothesis
    #[arg(long, value_enum, default_value = "two-sided", help_heading = "Inference")]
    pub(crate) alternative: AlternativeArg,

    /// Seed of all randomness
    #[arg(long, default_value_t = 0, help_heading = "Inference")]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) output: crate::args::OutputArgs,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

/// `wherefair moran`.
#[derive(Debug, Args)]
pub(crate) struct MoranArgs {
    #[command(flatten)]
    pub(crate) spatial: SpatialArgs,

    /// What the moments take to be random
    #[arg(long, value_enum, default_value = "randomization", help_heading = "Inference")]
    pub(crate) null: NullArg,
}

/// `wherefair local-moran`.
#[derive(Debug, Args)]
pub(crate) struct LocalMoranArgs {
    #[command(flatten)]
    pub(crate) spatial: SpatialArgs,

    /// False discovery rate at which a unit belongs to a cluster
    #[arg(long, value_name = "RATE", default_value_t = 0.05, help_heading = "Inference")]
    pub(crate) fdr: f64,

    /// Write one row a unit: id, x, y, value, local Moran, cluster, p, q
    #[arg(long, value_name = "FILE.csv", help_heading = "Output")]
    pub(crate) csv: Option<PathBuf>,
}

/// Which places are neighbours, and how much they weigh.
#[derive(Debug, Args)]
#[command(next_help_heading = "Weights")]
pub(crate) struct WeightArgs {
    /// Who is a neighbour of whom: knn:K, band:DISTANCE, idw[:POWER[:CUTOFF]], exp:RANGE[:CUTOFF],
    /// kernel:NAME:BANDWIDTH, queen, rook, gal:FILE or gwt:FILE
    #[arg(long, value_name = "KIND", default_value = "knn:8", verbatim_doc_comment)]
    pub(crate) weights: String,

    /// How weights are standardised
    #[arg(long, value_enum, default_value = "row")]
    pub(crate) transform: TransformArg,

    /// How distances are measured [default: great circles (metres) for degrees, else the plane]
    #[arg(long, value_enum)]
    pub(crate) distances: Option<DistancesArg>,

    /// What becomes of units without neighbours
    #[arg(long, value_enum, default_value = "keep")]
    pub(crate) isolates: IsolatesArg,
}

/// The same for the errors of an audit, where they are asked for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Errors of neighbours")]
pub(crate) struct ErrorWeightArgs {
    /// Test whether errors are alike among neighbours, find where they cluster, and test whether places differ by
    /// more than that: knn:K, band:DISTANCE, idw[:POWER[:CUTOFF]], exp:RANGE[:CUTOFF], kernel:NAME:BANDWIDTH,
    /// queen, rook (polygons and rasters), gal:FILE or gwt:FILE (ids are row numbers from 1). The errors and
    /// places of all rows are then held in memory, with the weights, whatever --memory says
    #[arg(long, value_name = "KIND", verbatim_doc_comment)]
    pub(crate) weights: Option<String>,

    /// How weights are standardised
    #[arg(long, value_enum, default_value = "row", requires = "weights")]
    pub(crate) transform: TransformArg,

    /// How distances are measured [default: great circles (metres) for degrees, else the plane]
    #[arg(long, value_enum, requires = "weights")]
    pub(crate) distances: Option<DistancesArg>,

    /// What becomes of units without neighbours
    #[arg(long, value_enum, default_value = "keep", requires = "weights")]
    pub(crate) isolates: IsolatesArg,
}

impl ErrorWeightArgs {
    /// The weights, where they are asked for.
    pub(crate) fn asked(&self) -> Option<WeightArgs> {
        Some(WeightArgs {
            weights: self.weights.clone()?,
            transform: self.transform,
            distances: self.distances,
            isolates: self.isolates,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlternativeArg {
    TwoSided,
    Greater,
    Less,
}

impl AlternativeArg {
    pub(crate) fn alternative(self) -> Alternative {
        match self {
            Self::TwoSided => Alternative::TwoSided,
            Self::Greater => Alternative::Greater,
            Self::Less => Alternative::Less,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NullArg {
    Normality,
    Randomization,
}

impl NullArg {
    pub(crate) fn null(self) -> Null {
        match self {
            Self::Normality => Null::Normality,
            Self::Randomization => Null::Randomization,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransformArg {
    /// As they are
    None,
    /// Every link weighs 1
    Binary,
    /// Every row sums to 1
    Row,
    /// All weights sum to 1
    GlobalUnit,
    /// All weights sum to the number of units
    GlobalN,
    /// Variance-stabilising
    VarianceStabilizing,
}

impl TransformArg {
    pub(crate) fn transform(self) -> Option<Transform> {
        match self {
            Self::None => None,
            Self::Binary => Some(Transform::Binary),
            Self::Row => Some(Transform::Row),
            Self::GlobalUnit => Some(Transform::GlobalUnit),
            Self::GlobalN => Some(Transform::GlobalN),
            Self::VarianceStabilizing => Some(Transform::VarianceStabilizing),
        }
    }

    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::None => "as they are",
            Self::Binary => "binary",
            Self::Row => "row-standardised",
            Self::GlobalUnit => "summing to 1",
            Self::GlobalN => "summing to n",
            Self::VarianceStabilizing => "variance-stabilising",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DistancesArg {
    /// Straight lines, in coordinate units
    Planar,
    /// Along the Earth, in metres; coordinates are degrees
    GreatCircle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IsolatesArg {
    /// They are an error
    Error,
    /// They stay without neighbours
    Keep,
    /// Each is linked with the unit nearest to it
    AttachNearest,
}
