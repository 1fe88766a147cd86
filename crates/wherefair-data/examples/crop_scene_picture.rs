//! Draws a crop scene as one PNG: its look in false colour on the left, its classes on the right.
//!
//! `cargo run --release -p wherefair-data --example crop_scene_picture -- 220 crop-scene.png`

mod png;

use std::error::Error;

use png::{brightness, png};
use wherefair_core::Seed;
use wherefair_data::{CropScene, CropSceneParams};

/// Black between the two pictures, in pixels.
const GAP: usize = 4;
/// Near infrared, red and green, which make plants red.
const FALSE_COLOUR: [usize; 3] = [6, 2, 1];
/// The colours of the classes, by code.
const COLOURS: [[u8; 3]; 23] = [
    [0, 168, 132],
    [233, 226, 177],
    [112, 68, 137],
    [255, 165, 226],
    [255, 38, 38],
    [191, 191, 122],
    [242, 162, 119],
    [0, 255, 140],
    [235, 214, 176],
    [0, 168, 226],
    [255, 211, 0],
    [155, 155, 155],
    [229, 110, 40],
    [165, 242, 140],
    [198, 214, 158],
    [74, 112, 163],
    [124, 176, 176],
    [165, 112, 0],
    [255, 0, 128],
    [255, 255, 0],
    [255, 140, 170],
    [150, 50, 150],
    [60, 120, 60],
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let side: usize = arguments
        .next()
        .ok_or("first argument: the side in pixels")?
        .parse()?;
    let path = arguments.next().ok_or("second argument: the file to write")?;
    let scene = CropSceneParams::default()
        .rows(side)
        .cols(side)
        .check()?
        .generate(Seed::new(1))?;
    std::fs::write(path, png(2 * side + GAP, side, &picture(&scene))?)?;
    Ok(())
}

/// Rows of RGB pixels, each row after a byte 0 (no filter).
fn picture(scene: &CropScene) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in 0..scene.rows() {
        let pixels = row * scene.cols()..(row + 1) * scene.cols();
        bytes.push(0);
        for pixel in pixels.clone() {
            let spectrum = &scene.features()[pixel * scene.n_bands()..][..scene.n_bands()];
            bytes.extend(
                FALSE_COLOUR.map(|band| brightness(spectrum[band] / if band == 6 { 0.55 } else { 0.25 })),
            );
        }
        bytes.extend([0; 3 * GAP]);
        bytes.extend(pixels.flat_map(|pixel| COLOURS[usize::from(scene.classes()[pixel])]));
    }
    bytes
}
