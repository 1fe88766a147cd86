//! Pixels: what the sensor sees of the parcels under it, month by month.

use rayon::prelude::*;
use wherefair_core::{Seed, Stream};

use super::super::render::{bell, halves};
use super::super::spectrum::narrow;
use super::PalmSceneConfig;
use super::climate::{Climate, N_MONTHS};
use super::land::{Land, Position};
use super::spectrum::{CLOUD, N_BANDS};

/// Numbers of a pixel: its bands, month by month.
pub(super) const N_VALUES: usize = N_MONTHS * N_BANDS;

/// Points along the side of a pixel's footprint, at which the parcel is looked up.
const POINTS: usize = 6;
/// The largest share of a pixel under a cloud that was not recognised.
const THICKEST: f32 = 0.30;
/// Change of brightness with the angles of sun and sensor, as a share.
const ANGLES: f32 = 0.05;
/// The least reflectance of a pixel.
const DARKEST: f32 = 0.0005;

/// Writes reflectances `(rows, cols, n_months, n_bands)` and labels `(rows, cols)` of a whole scene.
pub(super) fn render(config: &PalmSceneConfig, seed: Seed, series: &mut [f32], labels: &mut [u8]) {
    let climate = Climate::new(seed);
    let land = Land::new(config, &climate, seed);
    let cols = config.cols();
    let rows = series
        .par_chunks_mut(cols * N_VALUES)
        .zip(labels.par_chunks_mut(cols));
    rows.enumerate().for_each(|(row, (series, labels))| {
        let mut stream = seed.indexed("palm/pixels", row as u64);
        let mut wrong = seed.indexed("palm/labels", row as u64);
        for (col, (pixel, label)) in series.chunks_exact_mut(N_VALUES).zip(labels).enumerate() {
            let is_plantation = mix(config, &land, (row, col), pixel);
            observe(config, &mut stream, pixel);
            let palm_share = land.parcel(land.at(centre(row, col))).palm_share;
            let (is_wrong, other) = (wrong.uniform(), wrong.uniform());
            *label = u8::from(if is_wrong < 0.5 * config.label_noise() {
                other < palm_share
            } else {
                is_plantation
            });
        }
    });
}

fn centre(row: usize, col: usize) -> Position {
    Position {
        row: row as f64 + 0.5,
        col: col as f64 + 0.5,
    }
}

/// Writes the light of the parcels in the footprint of a pixel; says whether half of the pixel itself is plantation.
fn mix(config: &PalmSceneConfig, land: &Land, (row, col): (usize, usize), pixel: &mut [f32]) -> bool {
    let blur = config.blur();
    let step = (1.0 + 2.0 * blur) / POINTS as f64;
    let offset = |point: usize| (point as f64 + 0.5) * step - blur;
    let is_inside = |offset: f64| (0.0..1.0).contains(&offset);
    // Parcels in the order in which they are met, with how often.
    let mut seen: [(usize, u8); POINTS * POINTS] = [(0, 0); POINTS * POINTS];
    let mut n_seen = 0;
    let (mut n_inside, mut n_planted) = (0, 0);
    for down in (0..POINTS).map(offset) {
        for right in (0..POINTS).map(offset) {
            let number = land.at(Position {
                row: row as f64 + down,
                col: col as f64 + right,
            });
            if let Some((_, n)) = seen[..n_seen].iter_mut().find(|(one, _)| *one == number) {
                *n += 1;
            } else {
                seen[n_seen] = (number, 1);
                n_seen += 1;
            }
            if is_inside(down) && is_inside(right) {
                n_inside += 1;
                n_planted += u32::from(land.parcel(number).is_plantation);
            }
        }
    }
    pixel.fill(0.0);
    for &(number, n) in &seen[..n_seen] {
        let share = f32::from(n) / (POINTS * POINTS) as f32;
        let looks = land.parcel(number).looks.as_flattened();
        for (value, look) in pixel.iter_mut().zip(looks) {
            *value += share * look;
        }
    }
    2 * n_planted >= n_inside
}

/// Adds to a pixel what differs from one look to the next: clouds, angles and noise.
fn observe(config: &PalmSceneConfig, stream: &mut Stream, pixel: &mut [f32]) {
    let noise = narrow(config.pixel_noise());
    let n_cloudy = config.cloudiness() * f64::from(u32::MAX);
    for month in pixel.chunks_exact_mut(N_BANDS) {
        let [chance, thickness] = halves(stream);
        let [angles, last] = halves(stream);
        let brightness = 1.0 + ANGLES * bell(angles);
        let cloud = if f64::from(chance) < n_cloudy {
            THICKEST * (thickness as f32 / u32::MAX as f32)
        } else {
            0.0
        };
        let mut randoms = [0; N_BANDS];
        for pair in randoms[..N_BANDS - 1].chunks_exact_mut(2) {
            pair.copy_from_slice(&halves(stream));
        }
        randoms[N_BANDS - 1] = last;
        for (band, (value, random)) in month.iter_mut().zip(randoms).enumerate() {
            let clear = *value * brightness;
            *value = ((1.0 - cloud) * clear + cloud * CLOUD[band] + noise * bell(random)).max(DARKEST);
        }
    }
}
