//! Oil-palm scenes: a year of monthly reflectances, and where the plantations are.

mod climate;
mod covers;
mod land;
mod palm_scene;
mod params;
mod render;
mod spectrum;

pub use palm_scene::PalmScene;
pub use params::{PalmSceneConfig, PalmSceneParams};
