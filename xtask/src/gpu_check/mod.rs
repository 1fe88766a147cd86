//! `gpu-check`: that a graphics card computes what the processor does, and how long trainings take on it.

mod parity;
mod times;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use wherefair_nn::Device;

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct GpuCheckArgs {
    /// The graphics card: `cuda`, or `cuda:N` with its number
    #[arg(long, default_value = "cuda:0")]
    device: Device,
    /// Trainings to time; `paper` takes minutes
    #[arg(long, value_enum, value_delimiter = ',', default_value = "small,paper")]
    scale: Vec<Scale>,
    /// Time the processor on the same trainings too, on a part of the epochs
    #[arg(long)]
    with_cpu: bool,
}

/// How large a scene is trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scale {
    /// 512 × 512 pixels
    Small,
    /// 4096 × 4096 pixels, as in the SPAD paper
    Paper,
}

impl Scale {
    /// Rows and columns of the scene.
    fn side(self) -> usize {
        match self {
            Self::Small => 512,
            Self::Paper => 4096,
        }
    }
}

/// Checks, and measures, and prints; an error where there is no graphics card or its results differ.
pub(crate) fn run(args: &GpuCheckArgs) -> anyhow::Result<()> {
    if args.device == Device::Cpu {
        bail!("the processor is what graphics cards are checked against (accepted: cuda, cuda:N)");
    }
    if cfg!(debug_assertions) || cfg!(not(feature = "cuda")) {
        return crate::optimised::again_with(&["cuda"]);
    }
    let name = args.device.name().context("no graphics card to check")?;
    println!("{}: {name}; beside {}", args.device, Device::Cpu.name()?);
    parity::check(args.device)?;
    times::measure(args.device, &args.scale, args.with_cpu)
}
