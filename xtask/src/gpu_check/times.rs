//! How long epochs, evaluations and whole trainings take.

use std::hint::black_box;
use std::time::Instant;

use wherefair::core::Seed;
use wherefair_nn::{AdamParams, Device, Epoch, Initializer, Loss, MlpShape, Order, Samples, mlp};

use super::Scale;
use crate::bench::spad::data::{Data, N_CLASSES, N_FEATURES, scene};
use crate::bench::spad::training::{Extent, train};
use crate::bench::timing::{median, timed};

/// Samples of an epoch.
const N_SAMPLES: usize = 1 << 20;

/// Every time is the median of so many.
const N_REPEATS: usize = 7;

/// The epochs by which the processor is judged where it runs beside the card.
const PART: Extent = Extent::Part { base: 3, fair: 6 };

/// Measures and prints.
pub(super) fn measure(device: Device, scales: &[Scale], with_cpu: bool) -> anyhow::Result<()> {
    let data = Data::new(N_SAMPLES);
    let samples = data.samples(N_SAMPLES)?;
    println!("\nseconds a million samples, medians of {N_REPEATS}: epoch in order, shuffled, evaluation");
    for width in [10, 16, 32, 64, 128] {
        for device in [device, Device::Cpu] {
            if device == Device::Cpu && width > 32 && !with_cpu {
                continue;
            }
            let times = times(device, width, &samples)?;
            println!(
                "  width {width:>3}, {device}: {:.4}, {:.4}, {:.4}",
                times[0], times[1], times[2]
            );
        }
    }
    for &scale in scales {
        let start = Instant::now();
        let samples = scene(scale.side())?;
        println!(
            "\nSPAD at {side} × {side} pixels: {} samples, made in {:.1} s",
            samples.n_samples(),
            start.elapsed().as_secs_f64(),
            side = scale.side()
        );
        let took = train(device, &samples, Extent::Whole)?;
        println!("  {device}: {}", took.describe(Extent::Whole));
        if with_cpu {
            let took = train(Device::Cpu, &samples, PART)?;
            println!("  cpu: {}", took.describe(PART));
        }
    }
    Ok(())
}

/// Seconds a million samples of an epoch in order, of a shuffled one, and of an evaluation.
fn times(device: Device, width: usize, samples: &Samples<'_>) -> anyhow::Result<[f64; 3]> {
    let shape = MlpShape::new(N_FEATURES, &[width; 7], N_CLASSES)?;
    let adam = AdamParams::default().check()?;
    let start = Instant::now();
    let mut model = mlp(
        device,
        &shape,
        Initializer::He,
        Loss::CrossEntropy,
        adam,
        Seed::new(1),
    )?;
    if device != Device::Cpu {
        println!(
            "  width {width:>3}: kernels compiled in {:.1} s",
            start.elapsed().as_secs_f64()
        );
    }
    let features = samples.features();
    let all = features.all_rows();
    let mut runs = [Vec::new(), Vec::new(), Vec::new()];
    // The first round copies the samples and is left out.
    for round in 0..=N_REPEATS {
        let mut train = |order| {
            let epoch = Epoch {
                learning_rate: 1e-3,
                batch_size: 1 << 16,
                order,
            };
            timed(|| Ok(model.train(samples, &all, &epoch)?))
        };
        let seconds = [
            train(Order::AsGiven)?.seconds,
            train(Order::Shuffled {
                seed: Seed::new(1),
                index: round as u64,
            })?
            .seconds,
            timed(|| Ok(black_box(model.predict_classes(&features, &all)?)))?.seconds,
        ];
        if round > 0 {
            for (runs, seconds) in runs.iter_mut().zip(seconds) {
                runs.push(seconds * 1e6 / N_SAMPLES as f64);
            }
        }
    }
    Ok(runs.map(median))
}
