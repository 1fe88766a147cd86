//! The command line of `wherefair simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{Missing, RunningArgs};

/// `wherefair simulate`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct SimulateArgs {
    /// Table with a column for each input of the model: .csv[.gz], .tsv, .parquet, .geojson, .shp, .npy, .npz
    #[arg(required_unless_present_any = ["sample", "inputs"])]
    pub(crate) input: Option<PathBuf>,

    /// The forward model
    #[arg(long, value_enum, help_heading = "Model")]
    pub(crate) model: ModelArg,

    /// Radiometer of cmem: amsr2 (6.9 to 36.5 GHz, 55°), smap (1.41 GHz, 40°), or smos (1.4 GHz, the angle is an input)
    /// [default: amsr2]
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "frequency",
        help_heading = "Model",
        verbatim_doc_comment
    )]
    pub(crate) sensor: Option<String>,

    /// Frequencies of cmem in GHz, in place of a sensor's
    #[arg(long, value_name = "GHZ,…", value_delimiter = ',', help_heading = "Model")]
    pub(crate) frequency: Vec<f64>,

    /// Accept frequencies of 0.3 to 100 GHz in place of 1 to 37; scattering by leaves, snow and clouds, which counts
    /// there, is not in the model
    #[arg(long, help_heading = "Model", verbatim_doc_comment)]
    pub(crate) extended: bool,

    /// Incidence angle at --frequency, or view angle of thermal, in degrees, or `input` where it is an input of each
    /// state [default: input; 0]
    #[arg(
        long,
        value_name = "DEGREES|input",
        value_parser = angle,
        allow_negative_numbers = true,
        help_heading = "Model",
    )]
    pub(crate) angle: Option<AngleArg>,

    /// What a place consists of in cmem: mixed (by fractions), bare-soil, low-vegetation, high-vegetation, each also
    /// with -snow, or open-water [default: mixed]
    #[arg(long, value_name = "TILE", help_heading = "Model", verbatim_doc_comment)]
    pub(crate) tile: Option<String>,

    /// Band of thermal, such as landsat8-band10 or modis-band31 [default: landsat8-band10]
    #[arg(long, value_name = "BAND", help_heading = "Model")]
    pub(crate) band: Option<String>,

    /// Atmosphere: for cmem none, given, pellarin, ulaby, liebe or regression; for thermal water-vapour,
    /// air-temperature or given [default: regression; water-vapour]
    #[arg(long, value_name = "NAME", help_heading = "Model", verbatim_doc_comment)]
    pub(crate) atmosphere: Option<String>,

    /// Components from a TOML file, such as `soil_dielectric = "dobson"`; the flags above override it
    #[arg(long, value_name = "FILE", help_heading = "Model")]
    pub(crate) config: Option<PathBuf>,

    /// List the inputs of the model with their units and domains, and stop
    #[arg(long, help_heading = "Inputs")]
    pub(crate) inputs: bool,

    /// The column of an input where it has another name (may be given more than once)
    #[arg(
        long,
        value_name = "INPUT=COLUMN",
        conflicts_with = "sample",
        help_heading = "Inputs"
    )]
    pub(crate) column: Vec<String>,

    /// One value of an input for all rows (may be given more than once)
    #[arg(long, value_name = "INPUT=VALUE", help_heading = "Inputs")]
    pub(crate) set: Vec<String>,

    /// Usual values for inputs that are neither in the table nor set
    #[arg(long, conflicts_with = "sample", help_heading = "Inputs")]
    pub(crate) defaults: bool,

    /// What to do with empty cells, nulls, NaN and infinite numbers; rows left out get no result
    #[arg(
        long,
        value_enum,
        default_value = "error",
        conflicts_with = "sample",
        help_heading = "Inputs"
    )]
    pub(crate) missing: Missing,

    /// What to do with rows outside the domain of the model
    #[arg(
        long,
        value_enum,
        default_value = "error",
        conflicts_with = "sample",
        help_heading = "Inputs"
    )]
    pub(crate) invalid: InvalidArg,

    /// In place of a table draw N states, 1 to 100,000,000, from the usual ranges of the inputs, for a simulation data set
    #[arg(long, value_name = "N", conflicts_with = "input", help_heading = "Sampling")]
    pub(crate) sample: Option<usize>,

    /// How states are spread
    #[arg(
        long,
        value_enum,
        default_value = "sobol",
        conflicts_with = "input",
        help_heading = "Sampling"
    )]
    pub(crate) sampling: SamplingArg,

    /// Another range of an input (may be given more than once)
    #[arg(
        long,
        value_name = "INPUT=FROM:TO",
        conflicts_with = "input",
        help_heading = "Sampling"
    )]
    pub(crate) prior: Vec<String>,

    /// Seed of the sampling
    #[arg(
        long,
        default_value_t = 0,
        conflicts_with = "input",
        help_heading = "Sampling"
    )]
    pub(crate) seed: u64,

    /// Write the table with the outputs of the model (.csv)
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "inputs",
        help_heading = "Output"
    )]
    pub(crate) out: Option<PathBuf>,

    /// Add a column for the exact derivative of every output to every input: d(OUTPUT)/d(INPUT)
    #[arg(long, help_heading = "Output")]
    pub(crate) derivatives: bool,

    /// Replace the output file if it exists
    #[arg(long, help_heading = "Output")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelArg {
    /// Microwave brightness temperatures of land, after ECMWF's CMEM
    Cmem,
    /// Thermal infrared radiance and brightness temperature of Landsat and MODIS
    Thermal,
}

/// `--angle`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum AngleArg {
    Degrees(f64),
    Input,
}

fn angle(text: &str) -> Result<AngleArg, String> {
    if text == "input" {
        return Ok(AngleArg::Input);
    }
    let degrees = text.parse().map(AngleArg::Degrees);
    degrees.map_err(|_| "accepted is a number of degrees, or input".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InvalidArg {
    /// Stop at the first one
    Error,
    /// Give them no result and count them
    Mask,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SamplingArg {
    /// Sobol's sequence
    Sobol,
    /// A Latin hypercube
    LatinHypercube,
    /// Independent uniform states
    Uniform,
}
