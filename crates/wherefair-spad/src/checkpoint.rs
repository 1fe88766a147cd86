//! Stopping and resuming.

use std::path::Path;

use serde::{Deserialize, Serialize};
use wherefair_nn::{OptimizerState, Progress, load_checkpoint, save_checkpoint};

use crate::representative_loops::LoopState;
use crate::{EpochRecord, Fairest, Measured, Phase, SpadError, Strategy, Training};

/// The stream of orders within the checkpoint.
const ORDER: &str = "nn/order";

/// What a training remembers besides model, optimiser and streams.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    config: serde_json::Value,
    training_samples: u64,
    validation_samples: Option<u64>,
    expectations: Vec<Option<f64>>,
    records: Vec<EpochRecord>,
    fairest: Option<SavedFairest>,
    /// The bits of the base model's parameters.
    base: Option<Vec<u32>>,
    /// The loops of a training on representative partitionings.
    #[serde(default)]
    loops: Option<LoopState>,
    /// Who guesses partitions, where someone does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    discriminator: Option<SavedDiscriminator>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedDiscriminator {
    step: u64,
    /// The bits of the parameters and of both moments.
    numbers: [Vec<u32>; 3],
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedFairest {
    epoch: u64,
    measured: Measured,
    /// The bits of the parameters.
    parameters: Vec<u32>,
}

impl Training<'_> {
    /// Writes all that this training needs to go on with the same bits as one safetensors file: model and optimiser,
    /// position in the schedule and in random streams, what the referee expects, history, and the fairest model so far.
    ///
    /// # Errors
    /// [`SpadError::Model`] where the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SpadError> {
        let state = State {
            config: json(&self.config, path)?,
            training_samples: self.train.spatial.fingerprint(),
            validation_samples: self.validation.as_ref().map(|set| set.spatial.fingerprint()),
            expectations: self.referee.expectations().to_vec(),
            records: self.records.clone(),
            fairest: self.fairest.as_ref().map(|fairest| SavedFairest {
                epoch: fairest.epoch,
                measured: fairest.measured,
                parameters: bits(&fairest.parameters),
            }),
            base: self.base.as_deref().map(bits),
            discriminator: self
                .discriminator
                .as_ref()
                .map(|discriminator| SavedDiscriminator {
                    step: discriminator.state.step,
                    numbers: [
                        bits(&discriminator.parameters),
                        bits(&discriminator.state.first),
                        bits(&discriminator.state.second),
                    ],
                }),
            loops: self.loops.as_ref().map(|loops| loops.state().clone()),
        };
        let mut progress = Progress::new(*self.config.seed());
        progress
            .streams
            .insert(ORDER.to_owned(), self.player.n_shuffled());
        progress.schedule = json(&state, path)?;
        Ok(save_checkpoint(path, self.player.model(), &progress)?)
    }

    /// Goes to where the training that was saved stood, with the same samples and parameters; what follows is the same
    /// bits as if it had never stopped.
    ///
    /// # Errors
    /// [`SpadError::Model`] where the file is no whole checkpoint or of another model, [`SpadError::NotATraining`],
    /// [`SpadError::OtherTraining`] for other samples or parameters. The training is then as it was.
    pub fn resume(&mut self, path: &Path) -> Result<(), SpadError> {
        let before = self.player.snapshot();
        let progress = load_checkpoint(path, self.player.model_mut())?;
        match self.checked(path, &progress).and_then(|(state, n_shuffled)| {
            self.resume_loops(path, &state)?;
            Ok((state, n_shuffled))
        }) {
            Ok((state, n_shuffled)) => {
                self.player.set_n_shuffled(n_shuffled);
                self.referee.set_expectations(state.expectations);
                self.records = state.records;
                self.fairest = state.fairest.map(|fairest| Fairest {
                    epoch: fairest.epoch,
                    measured: fairest.measured,
                    parameters: numbers(fairest.parameters),
                });
                self.base = state.base.map(numbers);
                if let (Some(own), Some(saved)) = (&mut self.discriminator, state.discriminator) {
                    let [parameters, first, second] = saved.numbers.map(numbers);
                    own.parameters = parameters;
                    own.state = OptimizerState {
                        step: saved.step,
                        first,
                        second,
                    };
                }
                self.scores = None;
                Ok(())
            }
            Err(error) => {
                self.player.restore(before)?;
                Err(error)
            }
        }
    }

    /// Puts the loops where those of the checkpoint stood, for strategies that have them.
    fn resume_loops(&mut self, path: &Path, state: &State) -> Result<(), SpadError> {
        let Some(loops) = &mut self.loops else {
            return Ok(());
        };
        let done = |record: &&EpochRecord| record.phase != Phase::Base;
        let n_done = state.records.iter().filter(done).count();
        let state = state.loops.clone().ok_or_else(|| "it has no loops".to_owned());
        state
            .and_then(|state| loops.set_state(state, n_done))
            .map_err(|reason| SpadError::NotATraining {
                path: path.to_owned(),
                reason,
            })
    }

    /// The state within a checkpoint, checked against this training, and the position of the stream of orders.
    fn checked(&self, path: &Path, progress: &Progress) -> Result<(State, u64), SpadError> {
        let not_a_training = |reason: String| SpadError::NotATraining {
            path: path.to_owned(),
            reason,
        };
        let other = |what, given: String, expected: String| SpadError::OtherTraining {
            path: path.to_owned(),
            what,
            given,
            expected,
        };
        let state: State = serde_json::from_value(progress.schedule.clone())
            .map_err(|error| not_a_training(error.to_string()))?;
        let config = json(&self.config, path)?;
        if let Some((name, [given, expected])) = first_difference("", [&state.config, &config]) {
            let shown = |value: Option<&serde_json::Value>| match value {
                Some(value) => format!("{name} = {value}"),
                None => format!("{name} = none"),
            };
            return Err(other("the parameter", shown(given), shown(expected)));
        }
        let fingerprint = |hash: Option<u64>| hash.map_or("none".to_owned(), |hash| format!("{hash:016x}"));
        let validation = self.validation.as_ref().map(|set| set.spatial.fingerprint());
        for (what, given, expected) in [
            (
                "training samples of fingerprint",
                Some(state.training_samples),
                Some(self.train.spatial.fingerprint()),
            ),
            (
                "validation samples of fingerprint",
                state.validation_samples,
                validation,
            ),
        ] {
            if given != expected {
                return Err(other(what, fingerprint(given), fingerprint(expected)));
            }
        }
        let n_parameters = self.player.model().parameters().len();
        let fairest = state.fairest.as_ref().map(|fairest| &fairest.parameters);
        for (name, parameters) in [("fairest", fairest), ("base", state.base.as_ref())] {
            if let Some(n) = parameters.map(Vec::len).filter(|&n| n != n_parameters) {
                return Err(not_a_training(format!(
                    "the {name} model has {n} parameters (accepted: {n_parameters})"
                )));
            }
        }
        let expected = self.discriminator.as_ref().map(|own| [own.parameters.len(); 3]);
        let saved = state.discriminator.as_ref();
        let given = saved.map(|saved| saved.numbers.each_ref().map(Vec::len));
        if given != expected {
            return Err(not_a_training(format!(
                "its discriminator has arrays of {given:?} numbers (accepted: {expected:?})"
            )));
        }
        let n_expectations = self.train.spatial.distribution().len();
        if ![0, n_expectations].contains(&state.expectations.len()) {
            let n = state.expectations.len();
            return Err(not_a_training(format!(
                "it expects of {n} partitionings (accepted: {n_expectations})"
            )));
        }
        let epoch = state.records.last().map_or(0, |record| record.epoch);
        if self.loops.is_none() && epoch > self.n_epochs() {
            let n = self.n_epochs();
            return Err(not_a_training(format!("it stands at epoch {epoch} of {n}")));
        }
        let measured = state.records.iter().any(|record| record.measured.is_some());
        if measured && state.base.is_none() && *self.config.strategy() != Strategy::SpadNoBase {
            return Err(not_a_training("it has no base model".to_owned()));
        }
        let n_shuffled = progress.streams.get(ORDER).copied();
        let n_shuffled = n_shuffled.ok_or_else(|| not_a_training(format!("it has no stream `{ORDER}`")))?;
        Ok((state, n_shuffled))
    }
}

/// The first parameter that two configurations do not share, by its path, and what it is in each.
fn first_difference<'a>(
    path: &str,
    [a, b]: [&'a serde_json::Value; 2],
) -> Option<(String, [Option<&'a serde_json::Value>; 2])> {
    let (Some(in_a), Some(in_b)) = (a.as_object(), b.as_object()) else {
        return (a != b).then(|| (path.to_owned(), [Some(a), Some(b)]));
    };
    let names = in_a
        .keys()
        .chain(in_b.keys().filter(|name| !in_a.contains_key(*name)));
    names.into_iter().find_map(|name| {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match (in_a.get(name), in_b.get(name)) {
            (Some(a), Some(b)) => first_difference(&below, [a, b]),
            only_one => Some((below, <[_; 2]>::from(only_one))),
        }
    })
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn numbers(bits: Vec<u32>) -> Vec<f32> {
    bits.into_iter().map(f32::from_bits).collect()
}

fn json(value: &impl Serialize, path: &Path) -> Result<serde_json::Value, SpadError> {
    serde_json::to_value(value).map_err(|error| SpadError::NotATraining {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
