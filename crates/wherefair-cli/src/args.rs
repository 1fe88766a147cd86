//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::bias::BiasArgs;
use crate::simulate::SimulateArgs;
use crate::spatial_args::{ErrorWeightArgs, LocalMoranArgs, MoranArgs};
use crate::train::{PredictArgs, TrainArgs};

/// Does this model work equally well everywhere?
#[derive(Debug, Parser)]
#[command(name = "wherefair", version, about, long_about = None, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Audit predictions in a table or raster: is the score the same everywhere, on every map?
    #[command(after_long_help = AUDIT_EXAMPLES)]
    Audit(Box<AuditArgs>),
    /// Test a column for spatial autocorrelation with Moran's I
    #[command(after_long_help = MORAN_EXAMPLES)]
    Moran(Box<MoranArgs>),
    /// Find clusters and outliers with local Moran
    #[command(after_long_help = LOCAL_MORAN_EXAMPLES)]
    LocalMoran(Box<LocalMoranArgs>),
    /// Test an outcome for bias by a sensitive attribute, with spatial autocorrelation taken into account
    #[command(after_long_help = BIAS_EXAMPLES)]
    Bias(Box<BiasArgs>),
    /// Train a model that is fair by location, and audit it beside the plain one
    #[command(after_long_help = TRAIN_EXAMPLES)]
    Train(Box<TrainArgs>),
    /// Apply a trained model to a table or raster
    #[command(after_long_help = PREDICT_EXAMPLES)]
    Predict(PredictArgs),
    /// Simulate what a sensor in orbit sees of the places of a table: microwave or thermal infrared
    #[command(after_long_help = SIMULATE_EXAMPLES)]
    Simulate(Box<SimulateArgs>),
    /// Audit a county assessor's valuations of 25,357 houses (bundled data), and train a fairer model of them
    Demo(DemoArgs),
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  wherefair audit houses.csv --truth price --pred estimate --metric log-ratio --report audit.html
  wherefair audit crops.parquet --truth cdl --pred class --metric f1 --max-grid 8x8
  wherefair audit model.csv --truth y --pred yhat --polygons districts.geojson --fail-above 0.05
  wherefair audit truth.tif --pred prediction.tif --metric f1 --weights queen
  wherefair audit houses.csv --truth price --pred estimate --weights knn:8

Exit codes: 0 done (and the gate, if any, is passed), 1 the gate failed, 2 bad use or bad input.";

const MORAN_EXAMPLES: &str = "\
Examples:
  wherefair moran houses.csv --value price --weights knn:8 --report moran.html
  wherefair moran tracts.geojson --value income --weights queen --alternative greater
  wherefair moran stations.csv --value temperature --weights idw:2:50000 --crs EPSG:4326";

const LOCAL_MORAN_EXAMPLES: &str = "\
Examples:
  wherefair local-moran tracts.geojson --value income --weights queen --id GEOID --report clusters.html
  wherefair local-moran houses.csv --value price --weights knn:8 --csv clusters.csv";

const BIAS_EXAMPLES: &str = "\
Examples:
  wherefair bias tracts.geojson --outcome stations --sensitive share_black --weights queen --report bias.html
  wherefair bias people.csv --outcome hired --sensitive group --privileged A --positive yes --weights idw
  wherefair bias people.csv --outcome income --sensitive share --coefficients penalised --candidates relative:0.25

Where autocorrelation is all that links the variables, the defaults keep the level up to strong autocorrelation; the last
example is the paper's reading, which then rejects too often.";

const TRAIN_EXAMPLES: &str = "\
Examples:
  wherefair train houses.csv --target price --features rooms,lotsize,age --metric log-ratio --report train.html
  wherefair train crops.csv --target crop --features B2,B3,B4,B8 --base-batch 512 --checkpoint run --resume
  wherefair train scene.tif --target band_11 --features band_1,band_2,band_3 --metric f1 --split-by block:8x8
  wherefair train houses.csv --target price --features rooms,age --metric log-ratio --strategy base-longer

Exit codes: 0 done (and the gate, if any, is passed by the fair model), 1 the gate failed, 2 bad use or bad input.";

const PREDICT_EXAMPLES: &str = "\
Examples:
  wherefair predict model.safetensors new_houses.csv --out priced.csv
  wherefair predict model.safetensors scene.tif --out classes.tif
  wherefair predict model.safetensors crops.parquet --out crops.csv --probabilities";

const SIMULATE_EXAMPLES: &str = "\
Examples:
  wherefair simulate --model cmem --inputs
  wherefair simulate stations.csv --model cmem --sensor amsr2 --defaults --out brightness.csv
  wherefair simulate soil.csv --model cmem --sensor smap --tile bare-soil --set roughness_cm=1 --derivatives --out tb.csv
  wherefair simulate --model thermal --band landsat8-band10 --sample 100000 --sampling sobol --out training.csv";

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Table or raster: .csv[.gz], .tsv, .parquet, .geojson, .shp, .tif, .npy, .npz
    pub(crate) input: PathBuf,

    /// Column of the truth; for rasters a band (`band_1`) or another raster
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) truth: Option<String>,

    /// Column of the prediction; for rasters a band (`band_2`) or another raster
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) pred: Option<String>,

    /// Column of x or longitude [default: found by name or geometry]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) x: Option<String>,

    /// Column of y or latitude [default: found by name or geometry]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) y: Option<String>,

    /// Column of a base model's prediction, for --reference base
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) base: Option<String>,

    /// What to do with empty cells, nulls, NaN and infinite numbers
    #[arg(long, value_enum, default_value = "error", help_heading = "Columns")]
    pub(crate) missing: Missing,

    /// Coordinate reference system of the input, such as EPSG:4326, where the file does not say
    #[arg(long, value_name = "EPSG:CODE", help_heading = "Columns")]
    pub(crate) crs: Option<String>,

    /// Accept labels that occur only among the truths or only among the predictions
    #[arg(long, help_heading = "Columns")]
    pub(crate) allow_unmatched_labels: bool,

    #[command(flatten)]
    pub(crate) maps: MapArgs,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,

    #[command(flatten)]
    pub(crate) inference: InferenceArgs,

    #[command(flatten)]
    pub(crate) neighbours: ErrorWeightArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Keep up to this many MiB of samples in memory; larger inputs are read twice or more
    #[arg(long, value_name = "MIB", default_value_t = 512, help_heading = "Running")]
    pub(crate) memory: u64,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Maps (all that are given are candidates; default --max-grid 5x5)")]
pub(crate) struct MapArgs {
    /// All equal grids of up to R rows and C columns, without 1x1
    #[arg(long, value_name = "RxC")]
    pub(crate) max_grid: Option<String>,

    /// Polygons: .geojson, .shp or .parquet
    #[arg(long, value_name = "FILE")]
    pub(crate) polygons: Vec<PathBuf>,

    /// Property that names the polygons
    #[arg(long, value_name = "COLUMN", requires = "polygons")]
    pub(crate) polygon_label: Option<String>,

    /// Column that assigns every sample to a group
    #[arg(long, value_name = "COLUMN")]
    pub(crate) group: Option<String>,

    /// A quadtree whose leaves hold at most N samples
    #[arg(long, value_name = "N")]
    pub(crate) quadtree: Vec<u64>,

    /// Grids with equal counts, R rows by C columns
    #[arg(long, value_name = "RxC")]
    pub(crate) quantile_grid: Vec<String>,

    /// N grids with random cuts, up to the rows and columns of --max-grid (else 5x5)
    #[arg(long, value_name = "N")]
    pub(crate) random_grids: Option<usize>,

    /// Voronoi cells around the points of a file
    #[arg(long, value_name = "FILE")]
    pub(crate) voronoi: Vec<PathBuf>,

    /// Column of time: every map is also cut into --time-blocks
    #[arg(long, value_name = "COLUMN", requires = "time_blocks")]
    pub(crate) time: Option<String>,

    /// Number of time blocks of equal length
    #[arg(long, value_name = "N", requires = "time")]
    pub(crate) time_blocks: Option<usize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Measure")]
pub(crate) struct MeasureArgs {
    /// Score of a partition [default: f1 for text, mae for real numbers]
    #[arg(long, value_enum)]
    pub(crate) metric: Option<Metric>,

    /// The positive class of the binary scores
    #[arg(long, value_name = "LABEL")]
    pub(crate) positive: Option<String>,

    /// What a precision or recall of 0/0 counts as
    #[arg(long, value_enum, default_value = "zero")]
    pub(crate) zero_division: ZeroDivisionArg,

    /// What scores are held against: mean, weighted-mean, global, base, weighted-base or a number in units of the
    /// metric; `train` keeps the model that is fairest by it
    #[arg(
        long,
        default_value = "mean",
        value_name = "REFERENCE",
        allow_hyphen_values = true,
        verbatim_doc_comment
    )]
    pub(crate) reference: String,

    /// Distance between a score and its reference, also where `train` chooses a model
    #[arg(long, value_enum, default_value = "absolute")]
    pub(crate) distance: DistanceArg,

    /// Partitions with fewer samples are not scored
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) min_samples: u64,

    /// Gate: fail when the mean deviation expected over all maps is above X
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    pub(crate) fail_above: Option<f64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Inference")]
pub(crate) struct InferenceArgs {
    /// Permutations for the noise floor and p-values; 0 for none
    #[arg(long, value_name = "R", default_value_t = 999)]
    pub(crate) permutations: u32,

    /// Bootstrap copies for confidence intervals; 0 for none
    #[arg(long, value_name = "B", default_value_t = 999)]
    pub(crate) bootstrap: u32,

    /// Level of the confidence intervals
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95)]
    pub(crate) confidence: f64,

    /// False discovery rate at which partitions are called different
    #[arg(long, value_name = "RATE", default_value_t = 0.05)]
    pub(crate) fdr: f64,

    /// How many of the worst places to list
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) worst: usize,

    /// Seed of all randomness
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Write the result as JSON; - for standard output instead of the table
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write a self-contained HTML report
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,

    /// Replace output files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunningArgs {
    /// Threads; results do not depend on their number [default: all cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// No progress bars
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder for the report and the JSON
    #[arg(long, value_name = "FOLDER", default_value = "wherefair-demo")]
    pub(crate) out: PathBuf,

    /// Seed of all randomness
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Missing {
    /// Stop at the first one
    Error,
    /// Leave the row out and count it
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DistanceArg {
    Absolute,
    Squared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ZeroDivisionArg {
    /// 0, as scikit-learn
    Zero,
    /// 1
    One,
    /// The class is left out of the mean
    Exclude,
    /// The mean of the other classes, as in the code released with the SPAD paper
    MeanOfOthers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Metric {
    /// F1 weighted by the support of the classes
    F1,
    /// F1, every class alike
    F1Macro,
    /// F1 of the class given by --positive
    F1Binary,
    /// Share of right predictions
    Accuracy,
    /// Mean recall of the classes
    BalancedAccuracy,
    /// Precision weighted by support
    Precision,
    /// Precision, every class alike
    PrecisionMacro,
    /// Precision of the class given by --positive
    PrecisionBinary,
    /// Recall weighted by support
    Recall,
    /// Recall, every class alike
    RecallMacro,
    /// Recall of the class given by --positive
    RecallBinary,
    /// Share of predictions of the class given by --positive
    SelectionRate,
    /// Mean absolute error
    Mae,
    /// Root mean square error
    Rmse,
    /// Mean error, prediction minus truth
    Bias,
    /// Coefficient of determination
    R2,
    /// Median absolute error
    MedianError,
    /// Mean |ln(prediction / truth)|
    LogRatio,
    /// Mean ln(prediction / truth)
    LogRatioBias,
    /// Median |ln(prediction / truth)|
    MedianLogRatio,
    /// Mean |prediction − truth| / |truth|
    Mape,
}
