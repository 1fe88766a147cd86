//! Draws an oil-palm scene as one PNG: its look in January and in August in false colour, then its plantations.
//!
//! `cargo run --release -p wherefair-data --example palm_scene_picture -- 220 palm-scene.png`

mod png;

use std::error::Error;

use png::{brightness, png};
use wherefair_core::Seed;
use wherefair_data::{PalmScene, PalmSceneParams};

/// Black between the pictures, in pixels.
const GAP: usize = 4;
/// January and August.
const MONTHS: [usize; 2] = [0, 7];
/// Near infrared, short-wave infrared and red, each with the reflectance that is drawn at full brightness: plants are
/// red, open ground is green and blue, water black.
const FALSE_COLOUR: [(usize, f32); 3] = [(1, 0.60), (5, 0.50), (0, 0.25)];
/// The colours of other land and of plantations.
const COLOURS: [[u8; 3]; 2] = [[40, 62, 44], [240, 178, 40]];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let side: usize = arguments
        .next()
        .ok_or("first argument: the side in pixels")?
        .parse()?;
    let path = arguments.next().ok_or("second argument: the file to write")?;
    let scene = PalmSceneParams::default()
        .rows(side)
        .cols(side)
        .check()?
        .generate(Seed::new(1))?;
    let width = 3 * side + 2 * GAP;
    std::fs::write(path, png(width, side, &picture(&scene))?)?;
    Ok(())
}

/// Rows of RGB pixels, each row after a byte 0 (no filter).
fn picture(scene: &PalmScene) -> Vec<u8> {
    let n_values = scene.n_months() * scene.n_bands();
    let mut bytes = Vec::new();
    for row in 0..scene.rows() {
        let pixels = row * scene.cols()..(row + 1) * scene.cols();
        bytes.push(0);
        for month in MONTHS {
            for pixel in pixels.clone() {
                let spectrum = &scene.series()[pixel * n_values + month * scene.n_bands()..];
                bytes.extend(FALSE_COLOUR.map(|(band, brightest)| brightness(spectrum[band] / brightest)));
            }
            bytes.extend([0; 3 * GAP]);
        }
        bytes.extend(pixels.flat_map(|pixel| COLOURS[usize::from(scene.classes()[pixel])]));
    }
    bytes
}
