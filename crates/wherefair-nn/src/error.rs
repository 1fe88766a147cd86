//! What can go wrong with networks.

use std::path::PathBuf;

use wherefair_core::ParamError;

/// Why a network could not be made, trained, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NnError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// An array is not as long as the others require.
    #[error("{name} has {given} numbers (accepted: {expected}, which is {because})")]
    Shape {
        /// The array.
        name: &'static str,
        /// Its length.
        given: usize,
        /// The length that fits.
        expected: usize,
        /// How that length comes about.
        because: String,
    },
    /// A feature or true value is NaN or infinite.
    #[error("{name} of sample {row}, column {column}, is {value} (accepted: finite numbers)")]
    NotFinite {
        /// The array.
        name: &'static str,
        /// The sample.
        row: usize,
        /// The column.
        column: usize,
        /// The number.
        value: f64,
    },
    /// A parameter or a number of the optimiser's state is NaN or infinite.
    #[error("{name} {index} is {value} (accepted: finite numbers)")]
    ParameterNotFinite {
        /// The array.
        name: &'static str,
        /// Its place.
        index: usize,
        /// The number.
        value: f32,
    },
    /// A label names no class.
    #[error("label of sample {row} is {label} (accepted: classes below {n_classes})")]
    UnknownClass {
        /// The sample.
        row: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// No sample is left to work on.
    #[error("the runs of rows hold no sample (accepted: at least one)")]
    NoSamples,
    /// A run of rows leaves the data.
    #[error(
        "run {index} is rows {start}..{end} (accepted: start ≤ end ≤ {n_samples}, the number of samples)"
    )]
    RunOutside {
        /// Which of the runs.
        index: usize,
        /// Its first row.
        start: usize,
        /// The row behind its last.
        end: usize,
        /// The number of samples.
        n_samples: usize,
    },
    /// Samples do not fit the network or its loss.
    #[error("{name} of the samples is {given}, of the network {expected}")]
    Mismatch {
        /// What differs.
        name: &'static str,
        /// As it is in the samples.
        given: String,
        /// As the network needs it.
        expected: String,
    },
    /// The loss, its gradient or a parameter is no longer finite.
    #[error(
        "{what} is {value} in step {step}: the training diverges (try a lower learning rate than {learning_rate})"
    )]
    Diverged {
        /// What is not finite.
        what: &'static str,
        /// What it is.
        value: f64,
        /// The step of the optimiser since its state was last reset, from 1.
        step: u64,
        /// The learning rate of the step.
        learning_rate: f64,
    },
    /// The engine cannot compute something.
    #[error("{engine} does not compute {what} of {network} (use {instead})")]
    NotComputed {
        /// The engine.
        engine: &'static str,
        /// What was asked for.
        what: &'static str,
        /// The network.
        network: String,
        /// What can compute it.
        instead: &'static str,
    },
    /// A device cannot be used, or failed.
    #[error("device {device} cannot be used: {reason}")]
    Device {
        /// Its name.
        device: String,
        /// What is missing or went wrong.
        reason: String,
    },
    /// Tensors could not be computed with.
    #[error("tensor computation failed: {0}")]
    Tensor(#[from] candle_core::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no checkpoint, or not all of one.
    #[error("{path} is no whole checkpoint: {reason}")]
    NotACheckpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A checkpoint has a format that this version does not know.
    #[error("{path} has checkpoint format {given} (accepted: {accepted})")]
    CheckpointVersion {
        /// The file.
        path: PathBuf,
        /// Its format.
        given: String,
        /// The format that can be read.
        accepted: u32,
    },
    /// A file holds no parameters with their description, or not all of them.
    #[error("{path} is no whole model file: {reason}")]
    NotAParameterFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A model file has a format that this version does not know.
    #[error("{path} has model format {given} (accepted: {accepted})")]
    ParameterFileVersion {
        /// The file.
        path: PathBuf,
        /// Its format.
        given: String,
        /// The format that can be read.
        accepted: u32,
    },
    /// A checkpoint belongs to another network or another optimiser.
    #[error("{path} holds {what} {given} (accepted: {expected})")]
    OtherModel {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// As it is in the file.
        given: String,
        /// As it is here.
        expected: String,
    },
}
