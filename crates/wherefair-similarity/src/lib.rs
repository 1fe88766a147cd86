//! Similarity of partitionings of space, their clusters, and representative samples of them.
//!
#![doc = include_str!("../README.md")]

mod clustering;
mod distances;
mod error;
mod sampling;
mod similarity;
mod symmetric;

pub use clustering::{Clustering, HdbscanConfig, HdbscanParams, cluster};
pub use distances::{Distances, Rescaling, SpatialInformation};
pub use error::SimilarityError;
pub use sampling::{CountRule, Noise, Representatives, SelectionRule, members, selection_probabilities};
pub use similarity::{MutualSimilarity, TrainingSimilarity};
