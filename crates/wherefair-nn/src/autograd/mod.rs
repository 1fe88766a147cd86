//! Any candle module as a trainable model.

mod dual;
mod engine;
mod loss;
mod lstm;
mod mlp;
mod parameters;

pub use dual::{Dual, Tangents};
pub use engine::{Autograd, Network, autograd, autograd_on};
pub use loss::tensor_loss;
pub use lstm::{Direction, LstmNetwork, LstmParams, LstmShape};
pub use mlp::MlpNetwork;
pub use parameters::SeededParameters;
