//! Multilayer perceptrons on graphics cards of NVIDIA.
//!
//! `kernel.cu` is compiled for one network by NVRTC, when its engine is made; the libraries of CUDA are loaded at run
//! time, so that a program built with the feature starts on any machine. The tests run the same kernels on the
//! processor.

#[cfg(feature = "cuda")]
mod card;
mod engine;
mod plan;
#[cfg(test)]
mod tests;

#[cfg(feature = "cuda")]
pub(crate) use self::card::{name_of_card, on_card};
pub use self::engine::CudaMlp;
