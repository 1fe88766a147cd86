//! Synthetic scenes: rasters of bands and classes whose unfairness across space is known by construction.
//!
//! [`CropSceneParams`] describes a scene, [`CropSceneConfig::generate`] makes it whole,
//! [`CropSceneConfig::blocks`] a few rows at a time, and [`LocationSplit`](crate::LocationSplit) divides its pixels into those to train
//! on and those to judge by. [`PalmSceneParams`] describes scenes of another kind: oil palm or not, with a series of months.

mod blocks;
mod classes;
mod crop_scene;
mod land;
mod palm;
mod params;
mod raster;
mod region;
mod render;
mod spectrum;

pub use blocks::{SceneBlock, SceneBlocks};
pub use crop_scene::CropScene;
pub use palm::{PalmScene, PalmSceneConfig, PalmSceneParams};
pub use params::{CropSceneConfig, CropSceneParams};
