//! `bench spad`: epochs and evaluations of the fused engine against the machine's peak and against other libraries, and
//! a training at the size of the SPAD paper.

pub(crate) mod data;
mod paper;
mod peers;
mod referee;
mod similarity;
pub(crate) mod training;
mod widths;

use std::path::Path;

use anyhow::bail;
use serde_json::{Map, Value};
use wherefair::core::Seed;
use wherefair_nn::{
    AdamParams, Epoch, Initializer, Loss, MlpShape, Model, NnError, Order, Samples, fused_mlp,
};

use self::data::{Data, N_CLASSES, N_FEATURES};
use super::BenchArgs;
use super::machine::peak_flops;

/// Samples of an epoch for narrow networks.
const N_SAMPLES: usize = 1 << 20;

/// Samples of an epoch for wide ones.
const N_FEW: usize = 1 << 18;

/// Samples of a step: those of the released code.
const BATCH: usize = 1 << 16;

/// The widths of the hidden layers; 10 is the paper's.
const WIDTHS: [usize; 5] = [10, 16, 32, 64, 128];

/// One case of the suite; it prints what it measures, and returns it.
struct Case {
    name: &'static str,
    run: fn(root: &Path, args: &BenchArgs) -> anyhow::Result<Value>,
}

const CASES: &[Case] = &[
    Case {
        name: "widths",
        run: widths::run,
    },
    Case {
        name: "referee",
        run: referee::run,
    },
    Case {
        name: "peers-10",
        run: |root, args| peers::run(root, args, 10),
    },
    Case {
        name: "peers-16",
        run: |root, args| peers::run(root, args, 16),
    },
    Case {
        name: "peers-32",
        run: |root, args| peers::run(root, args, 32),
    },
    Case {
        name: "peers-64",
        run: |root, args| peers::run(root, args, 64),
    },
    Case {
        name: "peers-128",
        run: |root, args| peers::run(root, args, 128),
    },
    Case {
        name: "paper",
        run: paper::run,
    },
    Case {
        name: "similarity",
        run: similarity::run,
    },
];

/// Measures, prints, and writes `.bench/spad.json`.
pub(super) fn run(root: &Path, args: &BenchArgs) -> anyhow::Result<()> {
    let known = |name: &String| CASES.iter().any(|case| case.name == name);
    if let Some(name) = args.only.iter().find(|name| !known(name)) {
        let accepted: Vec<_> = CASES.iter().map(|case| format!("`{}`", case.name)).collect();
        bail!("unknown case `{name}` (accepted: {})", accepted.join(", "));
    }
    println!(
        "7 hidden layers, {N_FEATURES} features, {N_CLASSES} classes, batches of {BATCH}, {} threads",
        rayon::current_num_threads()
    );
    let wanted = |case: &&Case| args.only.is_empty() || args.only.iter().any(|name| name == case.name);
    let mut figures = Map::new();
    for case in CASES.iter().filter(wanted) {
        println!("\n{}", case.name);
        figures.insert(case.name.to_owned(), (case.run)(root, args)?);
    }
    let path = root.join(".bench/spad.json");
    std::fs::create_dir_all(root.join(".bench"))?;
    std::fs::write(&path, serde_json::to_string_pretty(&figures)?)?;
    println!("\nall figures: {}", path.display());
    Ok(())
}

/// A network of 7 hidden layers.
fn shape(width: usize) -> anyhow::Result<MlpShape> {
    Ok(MlpShape::new(N_FEATURES, &[width; 7], N_CLASSES)?)
}

fn fused(width: usize, loss: Loss) -> anyhow::Result<Model> {
    let adam = AdamParams::default().check()?;
    Ok(fused_mlp(
        &shape(width)?,
        Initializer::He,
        loss,
        adam,
        Seed::new(1),
    )?)
}

/// Samples of an epoch at this width.
fn n_samples(width: usize) -> usize {
    if width > 16 { N_FEW } else { N_SAMPLES }
}

/// One epoch over all samples in their order.
fn epoch(model: &mut Model, samples: &Samples<'_>) -> Result<(), NnError> {
    let epoch = Epoch {
        learning_rate: 1e-3,
        batch_size: BATCH,
        order: Order::AsGiven,
    };
    model.train(samples, &samples.features().all_rows(), &epoch)?;
    Ok(())
}

/// The part of the machine's peak of fused multiply-adds that an epoch of so many samples in so many seconds reaches.
fn share_of_peak(width: usize, n_samples: usize, seconds: f64, flops: f64) -> anyhow::Result<f64> {
    // Forward, gradient of weights, gradient of inputs (not of the first layer's).
    let shape = shape(width)?;
    let products: usize = shape.widths().windows(2).map(|pair| 3 * pair[0] * pair[1]).sum();
    let products = (products - N_FEATURES * width) as f64;
    Ok(2.0 * products * n_samples as f64 / seconds / flops)
}

/// Operations of 32-bit numbers a second.
fn measured_peak() -> f64 {
    let flops = peak_flops::<f32>();
    println!(
        "  measured peak {:.0} GFLOP/s (fused multiply-adds of 32-bit numbers)",
        flops / 1e9
    );
    flops
}
