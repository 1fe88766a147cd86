//! Whole trainings: the base model and SPAD after it.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::Context as _;
use wherefair::audit::Measured;
use wherefair::audit::Score;
use wherefair::core::Seed;
use wherefair::metrics::{Averaging, ClassScore, ZeroDivision};
use wherefair_nn::{AdamParams, Device, Initializer, Loss, MlpShape, mlp};
use wherefair_spad::SpadParams;
use wherefair_train::{Phase, Sampling, Schedule, SpatialSamples, Stage};

use super::data::N_CLASSES;
use crate::bench::timing::median;

/// The score of the paper's tables.
pub(crate) const WEIGHTED_F1: Score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));

/// How many epochs of a training are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of the paper's schedule.
    Whole,
    /// So many base epochs, and so many fair ones, each on another partitioning; the rest is told from them.
    Part { base: u32, fair: u32 },
}

/// What a training took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// The median of the base epochs, in seconds.
    pub(crate) base_epoch: f64,
    /// The mean of the fair epochs, in seconds: they differ by how much of a map is trained.
    pub(crate) fair_epoch: f64,
    /// The standard error of that mean.
    pub(crate) fair_error: f64,
    /// Seconds for the paper's 300 and 1,200 epochs: measured, or told from a part.
    pub(crate) paper: f64,
    /// The model at the end of the base epochs, and of all.
    pub(crate) measured: (Measured, Measured),
}

/// Trains the paper's network, as far as told.
pub(crate) fn train(device: Device, train: &SpatialSamples, extent: Extent) -> anyhow::Result<Took> {
    let shape = MlpShape::spad(N_CLASSES)?;
    let adam = AdamParams::default().check()?;
    let model = mlp(
        device,
        &shape,
        Initializer::SPAD,
        Loss::CrossEntropy,
        adam,
        Seed::new(1),
    )?;
    let paper = Schedule::paper();
    let schedule = match extent {
        Extent::Whole => paper.clone(),
        Extent::Part { base, fair } => {
            let stage = Stage {
                epochs_each: 1,
                n_draws: fair,
            };
            Schedule::new(base.into(), vec![stage], Sampling::Independent)?
        }
    };
    let config = SpadParams::new(WEIGHTED_F1)
        .schedule(schedule)
        .seed(Seed::new(1))
        .check()?;
    let mut training = config.train(model, train, None)?;
    let (mut base, mut fair) = (Vec::new(), Vec::new());
    let start = Instant::now();
    let mut before = start;
    training.run(|record| {
        let now = Instant::now();
        let times = match record.phase {
            Phase::Base => &mut base,
            Phase::Fair | Phase::Tentative => &mut fair,
        };
        times.push((now - before).as_secs_f64());
        before = now;
        ControlFlow::Continue(())
    })?;
    let whole = start.elapsed().as_secs_f64();
    let mut measured = training.records().iter().filter_map(|record| record.measured);
    let after_base = measured.next().context("the base model is measured")?;
    let at_end = measured.next_back().context("fair epochs are measured")?;
    let n_fair = fair.len() as f64;
    let fair_epoch = fair.iter().sum::<f64>() / n_fair;
    let variance = fair.iter().map(|time| (time - fair_epoch).powi(2)).sum::<f64>() / (n_fair - 1.0).max(1.0);
    // The first base epoch warms caches up (on a card, copies the samples), the last one scores all maps.
    let base_epoch = median(base);
    let told = paper.base_epochs() as f64 * base_epoch + paper.n_fair_epochs() as f64 * fair_epoch;
    Ok(Took {
        base_epoch,
        fair_epoch,
        fair_error: (variance / n_fair).sqrt(),
        paper: if extent == Extent::Whole { whole } else { told },
        measured: (after_base, at_end),
    })
}

impl Took {
    /// What to print.
    pub(crate) fn describe(&self, extent: Extent) -> String {
        let how = match extent {
            Extent::Whole => "measured".to_owned(),
            Extent::Part { base, fair } => format!("told from {base} and {fair} epochs"),
        };
        let (base, end) = self.measured;
        let quality = |measured: Measured| measured.quality.unwrap_or(f64::NAN);
        format!(
            "base epoch {:.3} s, fair epoch {:.3} ± {:.3} s; 300 and 1,200 epochs {:.0} s ({how})\n  \
             weighted F1 {:.3} and S(d)mean {:.3} after the base epochs, {:.3} and {:.3} at the end",
            self.base_epoch,
            self.fair_epoch,
            self.fair_error,
            self.paper,
            quality(base),
            base.deviation_mean,
            quality(end),
            end.deviation_mean,
        )
    }
}
