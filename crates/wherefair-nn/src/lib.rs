//! Networks that are trained place by place.
//!
//! [`Model`] is what is trained: one call trains some runs of rows for an epoch at one learning rate. [`fused_mlp`]
//! makes multilayer perceptrons on a CPU engine that computes forward, loss and gradient of a tile of samples in one
//! pass through the caches, [`mlp`] makes the same on any [`Device`]; [`autograd`] puts any candle module behind the same
//! interface, [`LstmNetwork`] among them. All share the training loop, the losses ([`Loss`]), Adam
//! ([`AdamParams`]), seeded initial parameters ([`Initializer`], [`SeededParameters`]), checkpoints
//! ([`save_checkpoint`], [`load_checkpoint`]) and files of parameters alone, for predicting ([`ParameterFile`]).
//!
//! [`Engine`] is what computes a network, in 32 or 64 bits ([`Scalar`]): [`FusedMlp`] and [`Autograd`] give gradients by
//! parameters and by inputs and products of second derivatives with vectors, for learning through steps of learning.
//! Candle networks written in [`Dual`] have the latter; [`softmax_backward`] takes derivatives by probabilities on to
//! outputs.
//!
//! Results are the same bits for the same seed with any number of threads. This crate computes no metrics, reads no
//! data and knows nothing of space: which rows form a partition and at which rate it is trained is the caller's.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/src/gpu.md")]
mod gpu {}

mod autograd;
pub mod bits;
mod checkpoint;
#[cfg(any(test, feature = "cuda"))]
mod cuda;
mod device;
mod engine;
mod epoch;
mod error;
mod fused;
mod initial;
mod loss;
mod model;
mod optimizer;
mod parameter_file;
mod sample_set;
mod samples;
mod scalar;
mod shape;
mod softmax;

pub use autograd::{
    Autograd, Direction, Dual, LstmNetwork, LstmParams, LstmShape, MlpNetwork, Network, SeededParameters,
    Tangents, autograd, autograd_on, tensor_loss,
};
pub use checkpoint::{Progress, load_checkpoint, save_checkpoint};
#[cfg(any(test, feature = "cuda"))]
pub use cuda::CudaMlp;
pub use device::{Device, mlp};
pub use engine::{Engine, Outputs, ParameterTensor};
pub use epoch::{Epoch, EpochReport, Order};
pub use error::NnError;
pub use fused::{FusedMlp, fused_mlp};
pub use initial::Initializer;
pub use loss::Loss;
pub use model::{Model, Snapshot};
pub use optimizer::{AdamConfig, AdamParams, OptimizerState, StatePolicy};
pub use parameter_file::{ParameterFile, parameters_to_bytes, save_parameters};
pub use sample_set::SampleSet;
pub use samples::{Features, Samples, Targets};
pub use scalar::Scalar;
pub use shape::{Activation, MlpShape};
pub use softmax::softmax_backward;
