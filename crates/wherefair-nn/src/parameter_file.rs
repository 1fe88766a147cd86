//! Parameters with a description of what they are: all that predicting needs.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{bytes_of, checksum, numbers_of, read_header, serialized, tensor_bytes, write_whole};
use crate::{Model, NnError};

/// The format that this version writes and reads.
const FORMAT: u32 = 1;

/// The one key of the file's metadata.
const KEY: &str = "wherefair-model";

/// What the file says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    /// The caller's own, as JSON text, so that its bytes can be checked.
    description: String,
    /// FNV-1a of all numbers and of the description.
    checksum: u64,
}

/// The parameters of `model` and a description of it, as the bytes of one safetensors file; the same model and
/// description give the same bytes. Unlike a checkpoint it holds no optimiser and no progress.
///
/// # Errors
/// [`NnError::Io`] where the description cannot be written as JSON.
pub fn parameters_to_bytes(model: &Model, description: &impl Serialize) -> Result<Vec<u8>, NnError> {
    let io_error = |source| NnError::Io {
        path: PathBuf::from(KEY),
        source,
    };
    let description = serde_json::to_string(description).map_err(|error| io_error(error.into()))?;
    let parameters = bytes_of(model.parameters());
    let header = Header {
        format: FORMAT,
        checksum: checksum(&[parameters.clone(), description.clone().into_bytes()]),
        description,
    };
    let header = serde_json::to_string(&header).map_err(|error| io_error(error.into()))?;
    let metadata = HashMap::from([(KEY.to_owned(), header)]);
    serialized(model, &parameters, &[], metadata).map_err(io_error)
}

/// Writes [`parameters_to_bytes`] to a file, which appears under its name only when it is whole.
///
/// # Errors
/// [`NnError::Io`] where the file cannot be written.
pub fn save_parameters(path: &Path, model: &Model, description: &impl Serialize) -> Result<(), NnError> {
    let bytes = parameters_to_bytes(model, description)?;
    write_whole(path, &bytes).map_err(|source| NnError::Io {
        path: path.to_owned(),
        source,
    })
}

/// A file of parameters that was read and whose format is known.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_nn::{
///     AdamParams, Initializer, Loss, MlpShape, ParameterFile, fused_mlp, save_parameters,
/// };
///
/// let adam = AdamParams::default().check()?;
/// let make = |seed| fused_mlp(&MlpShape::spad(23)?, Initializer::SPAD, Loss::CrossEntropy, adam, Seed::new(seed));
/// let (first, mut second) = (make(1)?, make(2)?);
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// save_parameters(&path, &first, &"crops")?;
/// let file = ParameterFile::read(&path)?;
/// assert_eq!(file.description::<String>()?, "crops");
/// file.apply(&mut second)?;
/// assert_eq!(first.parameters(), second.parameters());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ParameterFile {
    path: PathBuf,
    bytes: Vec<u8>,
    description: String,
    checksum: u64,
}

impl ParameterFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`NnError::Io`], [`NnError::NotAParameterFile`] for another kind of file or a truncated one,
    /// [`NnError::ParameterFileVersion`] for a format of another version.
    pub fn read(path: &Path) -> Result<Self, NnError> {
        let bytes = fs::read(path).map_err(|source| NnError::Io {
            path: path.to_owned(),
            source,
        })?;
        let broken = |reason: String| NnError::NotAParameterFile {
            path: path.to_owned(),
            reason,
        };
        let header: Header = read_header(&bytes, KEY, FORMAT, broken, |given| {
            NnError::ParameterFileVersion {
                path: path.to_owned(),
                given,
                accepted: FORMAT,
            }
        })?;
        SafeTensors::deserialize(&bytes).map_err(|error| broken(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            description: header.description,
            checksum: header.checksum,
            bytes,
        })
    }

    /// The description that was written.
    ///
    /// # Errors
    /// [`NnError::NotAParameterFile`] where it has another form.
    pub fn description<D: for<'de> Deserialize<'de>>(&self) -> Result<D, NnError> {
        serde_json::from_str(&self.description).map_err(|error| self.broken(error.to_string()))
    }

    /// Sets `model` to the parameters; its optimiser stays. On error `model` is as it was.
    ///
    /// # Errors
    /// [`NnError::OtherModel`] where the tensors are not those of `model`, [`NnError::NotAParameterFile`] where numbers or
    /// description were changed since they were written, [`NnError::ParameterNotFinite`].
    pub fn apply(&self, model: &mut Model) -> Result<(), NnError> {
        let file = SafeTensors::deserialize(&self.bytes).map_err(|error| self.broken(error.to_string()))?;
        let mut parameters = Vec::new();
        for tensor in model.parameter_tensors() {
            parameters.extend(tensor_bytes(&file, &tensor, &self.path, |reason| {
                self.broken(reason)
            })?);
        }
        let arrays = [parameters, self.description.clone().into_bytes()];
        if checksum(&arrays) != self.checksum {
            let reason = "its numbers do not have the checksum that it names";
            return Err(self.broken(reason.to_owned()));
        }
        model.set_parameters(&numbers_of(&arrays[0]))
    }

    fn broken(&self, reason: String) -> NnError {
        NnError::NotAParameterFile {
            path: self.path.clone(),
            reason,
        }
    }
}
