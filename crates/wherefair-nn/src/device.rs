//! Where a network is computed.

use std::fmt;
use std::str::FromStr;

use wherefair_core::{ParamError, Seed};

use crate::{AdamConfig, Initializer, Loss, MlpShape, Model, NnError, fused_mlp};

/// Where a network is computed.
///
/// # Examples
/// ```
/// use wherefair_nn::Device;
///
/// assert_eq!("cuda:1".parse(), Ok(Device::Cuda(1)));
/// assert_eq!("cuda".parse::<Device>()?.to_string(), "cuda:0");
/// let error = "gpu".parse::<Device>().unwrap_err();
/// assert_eq!(error.to_string(), "invalid device: gpu (accepted: cpu, cuda, or cuda:N with the number of a graphics card)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// All threads of the processor.
    #[default]
    Cpu,
    /// The graphics card of NVIDIA with this number, from 0. Needs the feature `cuda`.
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl FromStr for Device {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        let number = match text {
            "cpu" => return Ok(Self::Cpu),
            "cuda" => Some(0),
            _ => text.strip_prefix("cuda:").and_then(|number| number.parse().ok()),
        };
        let accepted = "cpu, cuda, or cuda:N with the number of a graphics card";
        number
            .map(Self::Cuda)
            .ok_or_else(|| ParamError::new("device", text, accepted))
    }
}

impl Device {
    /// What the device is, such as `NVIDIA H100 80GB HBM3`; shows that it can be used.
    ///
    /// # Errors
    /// [`NnError::Device`] where there is no such graphics card, no driver, or this build has no CUDA.
    pub fn name(self) -> Result<String, NnError> {
        match self {
            Self::Cpu => Ok(format!("processor, {} threads", rayon::current_num_threads())),
            Self::Cuda(number) => name_of_card(number),
        }
    }

    /// The same device of candle's.
    pub(crate) fn for_candle(self) -> Result<candle_core::Device, NnError> {
        match self {
            Self::Cpu => Ok(candle_core::Device::Cpu),
            #[cfg(feature = "candle-cuda")]
            Self::Cuda(number) => candle_core::Device::new_cuda(number).map_err(|error| NnError::Device {
                device: self.to_string(),
                reason: error.to_string(),
            }),
            #[cfg(not(feature = "candle-cuda"))]
            Self::Cuda(number) => Err(without(number, "candle-cuda")),
        }
    }
}

/// A multilayer perceptron on a device, ready to train; as [`fused_mlp`], which it is on the processor.
///
/// The same seed gives the same parameters to begin with on every device, and a checkpoint of one can be continued on
/// another. Results differ by roundings. Nothing falls back to another device unasked: a caller who prefers a graphics
/// card but can do without takes [`Device::Cpu`] on error.
///
/// # Errors
/// [`NnError::Param`] for a loss or an initialiser outside its domain, and on a graphics card for a layer of more than
/// 128. [`NnError::Device`] where the device cannot be used.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
/// use wherefair_nn::{AdamParams, Device, Initializer, Loss, MlpShape, mlp};
///
/// let shape = MlpShape::spad(23)?;
/// let adam = AdamParams::default().check()?;
/// let on = |device| mlp(device, &shape, Initializer::SPAD, Loss::CrossEntropy, adam, Seed::new(1));
/// let network = on(Device::Cuda(0)).or_else(|_| on(Device::Cpu))?;
/// assert_eq!(network.parameters().len(), 1_023);
/// # Ok::<(), wherefair_nn::NnError>(())
/// ```
pub fn mlp(
    device: Device,
    shape: &MlpShape,
    initializer: Initializer,
    loss: Loss,
    adam: AdamConfig,
    seed: Seed,
) -> Result<Model, NnError> {
    match device {
        Device::Cpu => fused_mlp(shape, initializer, loss, adam, seed),
        Device::Cuda(number) => on_card(number, shape, initializer, loss, adam, seed),
    }
}

#[cfg(feature = "cuda")]
fn name_of_card(number: usize) -> Result<String, NnError> {
    crate::cuda::name_of_card(number)
}

#[cfg(feature = "cuda")]
fn on_card(
    number: usize,
    shape: &MlpShape,
    initializer: Initializer,
    loss: Loss,
    adam: AdamConfig,
    seed: Seed,
) -> Result<Model, NnError> {
    use crate::Engine as _;

    let engine = crate::cuda::on_card(number, shape)?;
    let parameters =
        crate::model::initial_parameters(&engine.parameter_tensors(), initializer.check()?, seed);
    crate::Model::new(engine, loss, adam, parameters)
}

#[cfg(not(feature = "cuda"))]
fn name_of_card(number: usize) -> Result<String, NnError> {
    Err(without(number, "cuda"))
}

#[cfg(not(feature = "cuda"))]
fn on_card(
    number: usize,
    _: &MlpShape,
    _: Initializer,
    _: Loss,
    _: AdamConfig,
    _: Seed,
) -> Result<Model, NnError> {
    Err(without(number, "cuda"))
}

#[cfg(not(feature = "candle-cuda"))]
fn without(number: usize, feature: &str) -> NnError {
    NnError::Device {
        device: Device::Cuda(number).to_string(),
        reason: format!("this program was built without the feature `{feature}`"),
    }
}
