//! Neural networks for training by location.
//!
//! x

mod autograd;
mod checkpoint;
mod engine;
mod error;
mod fused;
mod initial;
mod loss;
mod optimizer;
mod samples;
mod shape;
mod trainable;
mod trainer;

pub use autograd::{
    Autograd, Direction, LstmNetwork, LstmParams, LstmShape, MlpNetwork, Network, SeededParameters, autograd,
    tensor_loss,
};
pub use checkpoint::{Progress, load_checkpoint, save_checkpoint};
pub use engine::{Engine, Outputs, ParameterTensor};
pub use error::NnError;
pub use fused::{FusedMlp, fused_mlp};
pub use initial::Initializer;
pub use loss::Loss;
pub use optimizer::{AdamConfig, AdamParams, OptimizerState, StatePolicy};
pub use samples::{Features, Samples, Targets};
pub use shape::MlpShape;
pub use trainable::{Epoch, EpochReport, Order, Trainable};
pub use trainer::Trainer;
