//! Epochs, and what is kept of them for the case that they are interrupted.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use wherefair_audit::Measured;
use wherefair_train::{EpochRecord, TrainError, Training};

use super::args::TrainArgs;
use crate::progress::Bars;
use crate::table::number;

/// The name of the checkpoint in its folder.
const CHECKPOINT: &str = "training.safetensors";

/// Trains to the end, with checkpoints.
pub(crate) fn run_epochs(
    training: &mut Training,
    checkpoint: Option<&Checkpoint>,
    in_units: impl Fn(Measured) -> Measured,
    bars: &Bars,
) -> Result<()> {
    bars.begin_epochs(training.n_epochs(), training.epoch());
    loop {
        let (epoch, message) = match training.step() {
            Ok(Some(record)) => (record.epoch, progress(record, &in_units)),
            Ok(None) => break,
            Err(error @ TrainError::Diverged { .. }) => {
                let kept = match checkpoint {
                    Some(checkpoint) => {
                        checkpoint.save(training)?;
                        format!(", which {} holds", checkpoint.path.display())
                    }
                    None => String::new(),
                };
                bail!("{error}{kept}");
            }
            Err(error) => return Err(error.into()),
        };
        // Loops over chosen maps show only as they come how many epochs there are.
        let n_epochs = training.n_epochs();
        bars.epoch(message, n_epochs);
        if let Some(checkpoint) = checkpoint.filter(|checkpoint| checkpoint.is_due(epoch, n_epochs)) {
            checkpoint.save(training)?;
        }
    }
    bars.finish();
    Ok(())
}

fn progress(record: &EpochRecord, in_units: impl Fn(Measured) -> Measured) -> String {
    let loss = record
        .loss
        .map_or_else(String::new, |loss| format!("loss {}", number(loss)));
    let measured = record.measured.map_or_else(String::new, |measured| {
        format!(", S(d)mean {}", number(in_units(measured).deviation_mean))
    });
    format!("training: {loss}{measured}")
}

/// Where checkpoints are written, and how often.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    folder: PathBuf,
    path: PathBuf,
    every: u64,
    resume: bool,
}

impl Checkpoint {
    /// A checkpoint that is there already must be meant.
    pub(crate) fn prepare(args: &TrainArgs) -> Result<Option<Self>> {
        let Some(folder) = &args.checkpoint else {
            return Ok(None);
        };
        let path = folder.join(CHECKPOINT);
        if path.exists() && !args.resume && !args.output.force {
            bail!(
                "--checkpoint {}: holds a checkpoint already (accepted: --resume to go on from it, --force to begin anew, or another folder)",
                folder.display()
            );
        }
        Ok(Some(Self {
            folder: folder.clone(),
            path,
            every: args.every,
            resume: args.resume,
        }))
    }

    /// Makes the folder, and goes on from the checkpoint in it where that is asked for and there is one.
    pub(crate) fn begin(&self, training: &mut Training) -> Result<()> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("--checkpoint {}: cannot make this folder", self.folder.display()))?;
        if self.resume && self.path.exists() {
            training.resume(&self.path).context("--resume")?;
        }
        Ok(())
    }

    fn is_due(&self, epoch: u64, n_epochs: u64) -> bool {
        epoch.is_multiple_of(self.every) || epoch == n_epochs
    }

    fn save(&self, training: &Training) -> Result<()> {
        training.save(&self.path).context("--checkpoint")
    }
}
