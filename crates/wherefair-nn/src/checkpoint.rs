//! Checkpoints: all that a stopped training needs to continue with the same bits.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed, fnv1a};

use crate::{Model, NnError, OptimizerState, ParameterTensor};

/// The format that this version writes and reads.
const FORMAT: u32 = 1;

/// The one key of the file's metadata.
const KEY: &str = "wherefair-nn";

const FIRST: &str = "adam.first";
const SECOND: &str = "adam.second";

/// How far a training has come, besides parameters and optimiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The seed of all its streams.
    pub seed: Seed,
    /// The next index of each named stream: streams have no other state.
    pub streams: BTreeMap<String, u64>,
    /// Where its schedule stands, in the caller's own form.
    pub schedule: serde_json::Value,
}

impl Progress {
    /// A training that has not begun.
    pub fn new(seed: Seed) -> Self {
        Self {
            seed,
            streams: BTreeMap::new(),
            schedule: serde_json::Value::Null,
        }
    }
}

/// What the file says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    model: String,
    step: u64,
    progress: Progress,
    /// FNV-1a of all numbers, in the order parameters, first moments, second moments.
    checksum: u64,
}

/// The part of the header that every format has.
#[derive(Debug, Deserialize)]
struct Versioned {
    format: serde_json::Value,
}

/// Writes model, optimiser and progress as one safetensors file.
///
/// The file appears under its name only when it is whole: it is written beside it and renamed.
///
/// # Errors
/// [`NnError::Io`] where the file cannot be written.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_nn::{
///     AdamParams, Initializer, Loss, MlpShape, Progress, fused_mlp, load_checkpoint, save_checkpoint,
/// };
///
/// let adam = AdamParams::default().check()?;
/// let make = |seed| fused_mlp(&MlpShape::spad(23)?, Initializer::SPAD, Loss::CrossEntropy, adam, Seed::new(seed));
/// let (first, mut second) = (make(1)?, make(2)?);
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// save_checkpoint(&path, &first, &Progress::new(Seed::new(1)))?;
/// let progress = load_checkpoint(&path, &mut second)?;
/// assert_eq!(first.parameters(), second.parameters());
/// assert_eq!(progress.seed, Seed::new(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save_checkpoint(path: &Path, model: &Model, progress: &Progress) -> Result<(), NnError> {
    let io_error = |source| NnError::Io {
        path: path.to_owned(),
        source,
    };
    let state = model.optimizer_state();
    let arrays = [model.parameters(), &state.first, &state.second].map(bytes_of);
    let header = Header {
        model: model.description(),
        step: state.step,
        progress: progress.clone(),
        checksum: checksum(&arrays),
    };
    let mut header = serde_json::to_value(&header).map_err(|error| io_error(error.into()))?;
    header["format"] = FORMAT.into();
    let metadata = HashMap::from([(KEY.to_owned(), header.to_string())]);
    let moments = [(FIRST, &arrays[1]), (SECOND, &arrays[2])];
    let bytes = serialized(model, &arrays[0], &moments, metadata).map_err(io_error)?;
    write_whole(path, &bytes).map_err(io_error)
}

/// Writes a file that appears under its name only when it is whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Sets `model` and its optimiser to what the file holds; returns how far the training had come.
///
/// On error, `model` is as it was.
///
/// # Errors
/// [`NnError::Io`], [`NnError::NotACheckpoint`] for another kind of file, a truncated or a damaged one,
/// [`NnError::CheckpointVersion`] for a format of another version, [`NnError::OtherModel`] where network, loss or
/// optimiser differ from those of `model`.
pub fn load_checkpoint(path: &Path, model: &mut Model) -> Result<Progress, NnError> {
    let bytes = fs::read(path).map_err(|source| NnError::Io {
        path: path.to_owned(),
        source,
    })?;
    let broken = |reason: String| NnError::NotACheckpoint {
        path: path.to_owned(),
        reason,
    };
    let header: Header = read_header(&bytes, KEY, FORMAT, broken, |given| NnError::CheckpointVersion {
        path: path.to_owned(),
        given,
        accepted: FORMAT,
    })?;
    if header.model != model.description() {
        return Err(NnError::OtherModel {
            path: path.to_owned(),
            what: "model",
            given: header.model,
            expected: model.description(),
        });
    }
    let file = SafeTensors::deserialize(&bytes).map_err(|error| broken(error.to_string()))?;
    let read = |tensor: &ParameterTensor| tensor_bytes(&file, tensor, path, broken);
    let mut parameters = Vec::new();
    for tensor in model.parameter_tensors() {
        parameters.extend(read(&tensor)?);
    }
    let moments = |name: &str| {
        read(&ParameterTensor {
            path: name.to_owned(),
            shape: vec![model.parameters().len()],
        })
    };
    let arrays = [parameters, moments(FIRST)?, moments(SECOND)?];
    if checksum(&arrays) != header.checksum {
        return Err(broken(
            "its numbers do not have the checksum that it names".to_owned(),
        ));
    }
    let [parameters, first, second] = arrays.map(|bytes| numbers_of(&bytes));
    let before = model.parameters().to_vec();
    model.set_parameters(&parameters)?;
    let state = OptimizerState {
        step: header.step,
        first,
        second,
    };
    if let Err(error) = model.set_optimizer_state(state) {
        model.set_parameters(&before)?;
        return Err(error);
    }
    Ok(header.progress)
}

/// What a safetensors file says of itself under `key` of its metadata, where it is of this `format`.
pub(crate) fn read_header<H: DeserializeOwned>(
    bytes: &[u8],
    key: &str,
    format: u32,
    broken: impl Fn(String) -> NnError,
    other_version: impl FnOnce(String) -> NnError,
) -> Result<H, NnError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| broken(error.to_string()))?;
    let header = metadata
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(key));
    let header = header.ok_or_else(|| broken(format!("its metadata has no entry `{key}`")))?;
    let versioned: Versioned = serde_json::from_str(header).map_err(|error| broken(error.to_string()))?;
    if versioned.format.as_u64() != Some(format.into()) {
        return Err(other_version(versioned.format.to_string()));
    }
    serde_json::from_str(header).map_err(|error| broken(error.to_string()))
}

/// The path of a tensor may not be that of a moment.
pub(crate) fn check_paths(tensors: &[ParameterTensor]) -> Result<(), ParamError> {
    for (index, tensor) in tensors.iter().enumerate() {
        let is_taken = tensors[..index].iter().any(|other| other.path == tensor.path);
        if is_taken || [FIRST, SECOND].contains(&tensor.path.as_str()) {
            let accepted = format!("each path once, and not `{FIRST}` or `{SECOND}`");
            return Err(ParamError::new("path of a tensor", &tensor.path, accepted));
        }
    }
    Ok(())
}

/// One safetensors file: the parameters of `model` tensor by tensor, then `others` as arrays of one dimension.
pub(crate) fn serialized(
    model: &Model,
    parameters: &[u8],
    others: &[(&str, &Vec<u8>)],
    metadata: HashMap<String, String>,
) -> io::Result<Vec<u8>> {
    let mut views = Vec::new();
    let mut rest = parameters;
    for tensor in model.parameter_tensors() {
        let bytes;
        (bytes, rest) = rest.split_at(tensor.n_values() * size_of::<f32>());
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).map_err(io::Error::other)?;
        views.push((tensor.path, view));
    }
    for (name, bytes) in others {
        let shape = vec![bytes.len() / size_of::<f32>()];
        let view = TensorView::new(Dtype::F32, shape, bytes).map_err(io::Error::other)?;
        views.push(((*name).to_owned(), view));
    }
    serialize(views, Some(metadata)).map_err(io::Error::other)
}

/// The bytes of a tensor, which must be there in its shape.
pub(crate) fn tensor_bytes(
    file: &SafeTensors<'_>,
    tensor: &ParameterTensor,
    path: &Path,
    broken: impl Fn(String) -> NnError,
) -> Result<Vec<u8>, NnError> {
    let view = file
        .tensor(&tensor.path)
        .map_err(|error| broken(error.to_string()))?;
    if view.dtype() != Dtype::F32 || view.shape() != tensor.shape {
        return Err(NnError::OtherModel {
            path: path.to_owned(),
            what: "tensor",
            given: format!("{} of {:?} {:?}", tensor.path, view.dtype(), view.shape()),
            expected: format!("{} of F32 {:?}", tensor.path, tensor.shape),
        });
    }
    Ok(view.data().to_vec())
}

pub(crate) fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn numbers_of(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes))
        .collect()
}

/// FNV-1a of all bytes.
pub(crate) fn checksum(arrays: &[Vec<u8>]) -> u64 {
    fnv1a(arrays.iter().flatten().copied())
}
