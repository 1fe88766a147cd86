//! The command lines of `wherefair train` and `wherefair predict`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wherefair_nn::Device;

use crate::args::{InferenceArgs, MapArgs, MeasureArgs, Missing, OutputArgs, RunningArgs};

/// `wherefair train`.
#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Table or raster: .csv[.gz], .tsv, .parquet, .geojson, .shp, .tif, .npy, .npz
    pub(crate) input: PathBuf,

    #[command(flatten)]
    pub(crate) columns: TrainColumnArgs,

    #[command(flatten)]
    pub(crate) split: SplitArgs,

    #[command(flatten)]
    pub(crate) training: TrainingArgs,

    #[command(flatten)]
    pub(crate) representatives: RepresentativeArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    #[command(flatten)]
    pub(crate) maps: MapArgs,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,

    #[command(flatten)]
    pub(crate) inference: InferenceArgs,

    /// Write the fair model
    #[arg(
        long,
        value_name = "FILE",
        default_value = "model.safetensors",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Write the base model too
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) base_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Folder for a checkpoint, from which an interrupted training goes on with --resume
    #[arg(long, value_name = "FOLDER", help_heading = "Running")]
    pub(crate) checkpoint: Option<PathBuf>,

    /// Write the checkpoint every N epochs
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        requires = "checkpoint",
        help_heading = "Running"
    )]
    pub(crate) every: u64,

    /// Go on from the checkpoint, to the same model as if nothing had happened; without one, begin
    #[arg(long, requires = "checkpoint", help_heading = "Running")]
    pub(crate) resume: bool,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct TrainColumnArgs {
    /// Column to predict; for rasters a band (`band_1`)
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: String,

    /// Columns of numbers to predict it from
    #[arg(
        long,
        value_name = "A,B,…",
        value_delimiter = ',',
        required_unless_present = "categorical"
    )]
    pub(crate) features: Vec<String>,

    /// Columns of categories to predict it from, each category seen in training a feature of 0 or 1
    #[arg(long, value_name = "C,D,…", value_delimiter = ',')]
    pub(crate) categorical: Vec<String>,

    /// Column of another model's predictions, audited beside on the same test samples
    #[arg(long, value_name = "COLUMN")]
    pub(crate) compare: Vec<String>,

    /// Column of x or longitude [default: found by name or geometry]
    #[arg(long, value_name = "COLUMN", requires = "y")]
    pub(crate) x: Option<String>,

    /// Column of y or latitude [default: found by name or geometry]
    #[arg(long, value_name = "COLUMN", requires = "x")]
    pub(crate) y: Option<String>,

    /// Coordinate reference system of the input, such as EPSG:4326, where the file does not say
    #[arg(long, value_name = "EPSG:CODE")]
    pub(crate) crs: Option<String>,

    /// What to do with empty cells, nulls, NaN and infinite numbers
    #[arg(long, value_enum, default_value = "error")]
    pub(crate) missing: Missing,

    /// How features of numbers are brought to one scale, as the training part has them
    #[arg(long, value_enum, default_value = "standard")]
    pub(crate) scaling: ScalingArg,

    /// What to do with a category that the training part does not have
    #[arg(long, value_enum, default_value = "error")]
    pub(crate) unseen: UnseenArg,

    /// What to do with a class that the training part does not have
    #[arg(long, value_enum, default_value = "error")]
    pub(crate) absent_class: AbsentClassArg,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Parts")]
pub(crate) struct SplitArgs {
    /// Shares of the samples to train on, to choose the fair model by, and to audit
    #[arg(long, value_name = "TRAIN:VALIDATION:TEST", default_value = "50:20:30")]
    pub(crate) split: String,

    /// What is divided: random (samples), or block:RxC (whole cells of a grid)
    #[arg(long, value_name = "WHAT", default_value = "random")]
    pub(crate) split_by: String,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct TrainingArgs {
    /// spad, spad-sim (maps that stand for others), spad-rnd[:N] (N random maps a loop), spad-gd, spad-no-base,
    /// spad-fixed-k[:K], reg[:WEIGHT]; on one map single:RxC (or bl-single:RxC), reg-single:RxC[:WEIGHT] and
    /// adl-single:RxC[:WEIGHT]; and the controls base, base-longer[:UPDATES] and
    /// equal-rates
    #[arg(long, value_name = "STRATEGY", default_value = "spad", verbatim_doc_comment)]
    pub(crate) strategy: String,

    /// Epochs of the base model
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub(crate) base_epochs: u32,

    /// Fair epochs, stage by stage: `KxN` draws N maps and trains K epochs on each [default: 10x48,5x96,1x240]
    #[arg(long, value_name = "KxN,…", verbatim_doc_comment)]
    pub(crate) schedule: Option<String>,

    /// How maps are drawn
    #[arg(long, value_enum, default_value = "independent")]
    pub(crate) sampling: SamplingArg,

    /// Learning rate of the base model, and the highest of any place
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.001,
        allow_hyphen_values = true
    )]
    pub(crate) learning_rate: f64,

    /// Learning rate of the base model alone [default: that of --learning-rate]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    pub(crate) base_learning_rate: Option<f64>,

    /// Samples of a mini-batch within a place
    #[arg(long, value_name = "N", default_value_t = 65_536)]
    pub(crate) batch: usize,

    /// Samples of a mini-batch of the base model [default: that of --batch]
    #[arg(long, value_name = "N")]
    pub(crate) base_batch: Option<usize>,

    /// What becomes of Adam's state between places
    #[arg(long, value_enum, default_value = "carried")]
    pub(crate) adam_state: AdamStateArg,

    /// Decoupled weight decay
    #[arg(long, value_name = "RATE", default_value_t = 0.0, allow_hyphen_values = true)]
    pub(crate) weight_decay: f64,

    /// By what share the score may be worse than the base model's on the validation part
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.01,
        allow_hyphen_values = true
    )]
    pub(crate) max_quality_loss: f64,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Loops of spad-sim and spad-rnd")]
pub(crate) struct RepresentativeArgs {
    /// Loops over the maps, which take the place of --schedule [default: 50]
    #[arg(long, value_name = "N")]
    pub(crate) loops: Option<u32>,

    /// Loops over all maps before some are chosen (spad-sim) [default: 5]
    #[arg(long, value_name = "N")]
    pub(crate) initial_loops: Option<u32>,

    /// Loops that cluster the maps anew (spad-sim) [default: 5]
    #[arg(long, value_name = "N")]
    pub(crate) clustering_loops: Option<u32>,

    /// Fewest maps of a cluster (spad-sim) [default: 2]
    #[arg(long, value_name = "N")]
    pub(crate) min_cluster_size: Option<usize>,

    /// How much further apart maps of unlike shapes are, by their mutual information MI (spad-sim) [default: by-mi]
    #[arg(long, value_enum)]
    pub(crate) map_distance: Option<MapDistanceArg>,

    /// What becomes of maps that belong to no cluster (spad-sim) [default: together]
    #[arg(long, value_enum)]
    pub(crate) unclustered: Option<UnclusteredArg>,

    /// How many maps of a cluster are trained, of K clusters and N maps (spad-sim) [default: root]
    #[arg(long, value_enum)]
    pub(crate) from_cluster: Option<FromClusterArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MapDistanceArg {
    /// Distance / MI
    ByMi,
    /// Distance × (2 − MI)
    TwoMinusMi,
    /// Distance × exp(1 − MI)
    ExpMi,
    /// Shapes are not looked at
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnclusteredArg {
    /// Each is a cluster of its own
    Singletons,
    /// All together are one cluster
    Together,
    /// They are not trained any more
    LeftOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FromClusterArg {
    /// Its maps / K, rounded up
    Share,
    /// Its maps / K, rounded down, at least 1
    ShareFloor,
    /// Its share of √N, at least 1
    Root,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Hidden layers: `WIDTHxLAYERS`, or their widths
    #[arg(long, value_name = "WxL or A,B,…", default_value = "10x7")]
    pub(crate) hidden: String,

    /// ce or dice for classes; mse, mae or huber[:THRESHOLD] for values [default: ce for classes, mae
    /// for the metrics mae and log-ratio, else mse]
    #[arg(long, value_name = "LOSS", verbatim_doc_comment)]
    pub(crate) loss: Option<String>,

    /// How weights begin
    #[arg(long, value_enum, default_value = "he")]
    pub(crate) init: InitArg,

    /// Where the network is trained: cpu, cuda or cuda:N; without such a graphics card, the processor does it
    #[arg(long, value_name = "DEVICE", default_value_t = Device::Cpu)]
    pub(crate) device: Device,
}

/// `wherefair predict`.
#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// A model that `wherefair train` wrote
    pub(crate) model: PathBuf,

    /// Table or raster with the features of the model
    pub(crate) input: PathBuf,

    /// Write the table with the prediction (.csv), or for rasters the prediction (.tif)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: PathBuf,

    /// Name of the column of predictions
    #[arg(
        long,
        value_name = "COLUMN",
        default_value = "prediction",
        help_heading = "Output"
    )]
    pub(crate) column: String,

    /// Add a column for the probability of each class
    #[arg(long, help_heading = "Output")]
    pub(crate) probabilities: bool,

    /// Replace the output file if it exists
    #[arg(long, help_heading = "Output")]
    pub(crate) force: bool,

    /// What to do with empty cells, nulls, NaN and infinite numbers among the features; rows left out get no
    /// prediction
    #[arg(
        long,
        value_enum,
        default_value = "error",
        help_heading = "Input",
        verbatim_doc_comment
    )]
    pub(crate) missing: Missing,

    /// What to do with a category that the model has not seen
    #[arg(long, value_enum, default_value = "error", help_heading = "Input")]
    pub(crate) unseen: UnseenArg,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScalingArg {
    /// Mean 0 and standard deviation 1
    Standard,
    /// Smallest 0 and largest 1
    Range,
    /// As they are
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnseenArg {
    /// Stop at the first one
    Error,
    /// None of the known categories: all their features are 0
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AbsentClassArg {
    /// Stop
    Error,
    /// Never predicted: its samples count as errors
    Keep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SamplingArg {
    /// Each independently of all others
    Independent,
    /// All in random order, again and again
    Enumerated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdamStateArg {
    /// It goes on
    Carried,
    /// Zeroed before every place, as the code released with the SPAD paper does
    Reset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InitArg {
    /// Normal, variance 2 / inputs
    He,
    /// Uniform on ±√(6 / (inputs + outputs))
    Glorot,
    /// Truncated normal of standard deviation 0.5, as the code released with the SPAD paper
    Spad,
}
