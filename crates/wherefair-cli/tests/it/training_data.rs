//! Samples to train on, and short trainings on them.

use std::fmt::Write as _;

use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

use crate::workbench::Workbench;

/// Features of the table of [`training_csv`].
pub(crate) const FEATURES: &str = "--features a,b --categorical kind";

/// What keeps a training short.
pub(crate) const SHORT: &str =
    "--base-epochs 40 --schedule 2x3,1x4 --hidden 12 --learning-rate 0.02 --batch 100";

/// A training on values, without the name of the input's format.
pub(crate) fn values() -> String {
    format!("train t.csv --target value {FEATURES} --metric mae {SHORT}")
}

/// A training on values whose strategy has loops of its own in place of a schedule.
pub(crate) fn without_schedule() -> String {
    values().replace(" --schedule 2x3,1x4", "")
}

/// A training on classes.
pub(crate) fn classes() -> String {
    format!("train t.csv --target crop {FEATURES} {SHORT}")
}

/// One row of the table: its features and what follows from them, but for the east.
pub(crate) struct Sample {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) kind: &'static str,
    pub(crate) value: f64,
    pub(crate) crop: &'static str,
}

/// 900 samples on a square; in the east the value follows the features otherwise than in the west.
pub(crate) fn samples() -> Vec<Sample> {
    let mut state = 12_345_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 31)
    };
    (0..900)
        .map(|i| {
            let (x, y) = (30.0 * uniform(), 30.0 * uniform());
            let (a, b) = (4.0 * uniform() - 2.0, 10.0 + 3.0 * uniform());
            let kind = ["brick", "wood", "stone"][i % 3];
            let more = if kind == "stone" { 3.0 } else { 0.0 };
            let slope = if x > 20.0 { 0.5 } else { 2.0 };
            let value = 20.0 + slope * a + b + more + 0.3 * uniform();
            let crop = if value > 34.0 {
                "rice"
            } else if value > 31.0 {
                "corn"
            } else {
                "soy"
            };
            Sample {
                x,
                y,
                a,
                b,
                kind,
                value,
                crop,
            }
        })
        .collect()
}

pub(crate) fn training_csv(samples: &[Sample]) -> String {
    let mut text = "x,y,a,b,kind,value,crop\n".to_owned();
    for sample in samples {
        let Sample {
            x,
            y,
            a,
            b,
            kind,
            value,
            crop,
        } = sample;
        let _ = writeln!(text, "{x},{y},{a},{b},{kind},{value},{crop}");
    }
    text
}

/// A folder with `t.csv`.
pub(crate) fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write("t.csv", training_csv(&samples()));
    bench
}

/// A raster of two bands of features and one of classes, 40 × 30 pixels.
pub(crate) fn write_bands(bench: &Workbench, name: &str) {
    let (width, height) = (40_u32, 30_u32);
    let mut pixels: Vec<u16> = Vec::new();
    for i in 0..width * height {
        let (first, second) = ((i * 7919) % 101, (i * 104_729) % 97);
        let class = u32::from(first > 50) + u32::from(second > 48);
        pixels.extend([first, second, class + 3].map(|value| u16::try_from(value).unwrap()));
    }
    let file = std::fs::File::create(bench.path(name)).unwrap();
    let mut encoder = TiffEncoder::new(file).unwrap();
    let mut image = encoder.new_image::<colortype::RGB16>(width, height).unwrap();
    let tags = image.encoder();
    tags.write_tag(Tag::Unknown(33550), &[30.0, 30.0, 0.0][..])
        .unwrap();
    let tie = [0.0, 0.0, 0.0, 500_000.0, 4_000_000.0, 0.0];
    tags.write_tag(Tag::Unknown(33922), &tie[..]).unwrap();
    let keys: [u16; 12] = [1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32_633];
    tags.write_tag(Tag::Unknown(34735), &keys[..]).unwrap();
    image.write_data(&pixels).unwrap();
}
