//! The base model and SPAD at the size of the paper: 20 % of 4096 × 4096 pixels, 24 maps, 300 and 1,200 epochs.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use wherefair_nn::Device;

use super::data::scene;
use super::training::{Extent, train};
use crate::bench::BenchArgs;
use crate::bench::process::peak_mib;

/// Rows and columns of the scene.
const SIDE: usize = 4096;

/// The epochs that stand for all, where the whole is not asked for.
const PART: Extent = Extent::Part { base: 9, fair: 48 };

/// What is wanted on two cores.
const WANTED: (f64, f64) = (600.0, 4096.0);

pub(super) fn run(_: &Path, args: &BenchArgs) -> anyhow::Result<Value> {
    let extent = if args.full { Extent::Whole } else { PART };
    let measure = || -> anyhow::Result<_> {
        let start = Instant::now();
        let samples = scene(SIDE)?;
        let made = start.elapsed().as_secs_f64();
        println!(
            "  {} samples of {SIDE} × {SIDE} pixels, made in {made:.1} s",
            samples.n_samples()
        );
        Ok((made, train(Device::Cpu, &samples, extent)?))
    };
    let (measured, peak) = peak_mib(measure);
    let (made, took) = measured?;
    println!("  {}", took.describe(extent));
    println!(
        "  in all {:.0} s (wanted: below {}){}",
        made + took.paper,
        WANTED.0,
        peak.map_or(String::new(), |mib| format!(
            ", peak memory of the process {mib:.0} MiB (wanted: below {})",
            WANTED.1
        ))
    );
    Ok(json!({
        "is_whole": args.full,
        "scene_s": made,
        "base_epoch_s": took.base_epoch,
        "fair_epoch_s": took.fair_epoch,
        "fair_epoch_standard_error_s": took.fair_error,
        "training_s": took.paper,
        "peak_mib": peak,
    }))
}
