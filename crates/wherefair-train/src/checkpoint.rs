//! Stopping and resuming.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wherefair_nn::{Progress as Streams, load_checkpoint, save_checkpoint};

use crate::training::Progress;
use crate::{SpatialSamples, TrainError, Training};

/// The stream of orders within the checkpoint.
const ORDER: &str = "nn/order";

/// What a training remembers besides model, optimiser and streams.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// What decides the training, to be the same on resuming.
    config: Value,
    training_samples: u64,
    validation_samples: Option<u64>,
    progress: Progress,
    method: Value,
    referee: Value,
}

impl Training {
    /// Writes all that this training needs to go on with the same bits as one safetensors file: model and optimiser,
    /// position in the schedule and in random streams, what method and referee have learned, history, and the fairest model
    /// so far.
    ///
    /// # Errors
    /// [`TrainError::Model`] where the file cannot be written, [`TrainError::NotATraining`] where a state cannot be.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let state = || -> Result<Value, TrainError> {
            json(&State {
                config: self.identity()?,
                training_samples: self.train.fingerprint(),
                validation_samples: self.validation.as_ref().map(SpatialSamples::fingerprint),
                progress: self.progress.clone(),
                method: self.method.state()?,
                referee: self.referee.state()?,
            })
        };
        let mut streams = Streams::new(*self.config.seed());
        streams.streams.insert(ORDER.to_owned(), self.player.n_shuffled());
        streams.schedule = state().map_err(|error| not_a_training(path, &error))?;
        Ok(save_checkpoint(path, self.player.model(), &streams)?)
    }

    /// Goes to where the training that was saved stood, with the same samples, method and parameters; what follows is the
    /// same bits as if it had never stopped.
    ///
    /// # Errors
    /// [`TrainError::Model`] where the file is no whole checkpoint or of another model, [`TrainError::NotATraining`],
    /// [`TrainError::OtherTraining`] for other samples or parameters. The training is then as it was.
    pub fn resume(&mut self, path: &Path) -> Result<(), TrainError> {
        let before = self.player.snapshot();
        let streams = load_checkpoint(path, self.player.model_mut())?;
        let resumed = self.take_over(path, streams);
        if resumed.is_err() {
            self.player.restore(&before)?;
        }
        resumed
    }

    /// All parameters, as JSON: those shared, then method and referee with theirs.
    fn identity(&self) -> Result<Value, TrainError> {
        let mut identity = json(&self.config)?;
        identity["method"] = self.method.name().into();
        identity["method_parameters"] = self.method.parameters()?;
        identity["referee"] = self.referee.parameters()?;
        Ok(identity)
    }

    /// Takes over all of a checkpoint but the model, which is set already.
    fn take_over(&mut self, path: &Path, streams: Streams) -> Result<(), TrainError> {
        let state: State = restored(streams.schedule).map_err(|error| not_a_training(path, &error))?;
        self.check_same(path, &state)?;
        let n_shuffled = streams.streams.get(ORDER).copied();
        let n_shuffled = n_shuffled.ok_or_else(|| TrainError::state(format!("it has no stream `{ORDER}`")));
        let n_shuffled = n_shuffled.map_err(|error| not_a_training(path, &error))?;
        self.check_progress(&state.progress)
            .map_err(|error| not_a_training(path, &error))?;
        let before = [self.method.state()?, self.referee.state()?];
        let n_done_before = self.epoch().saturating_sub(self.base_epochs());
        let epoch = state.progress.records.last().map_or(0, |record| record.epoch);
        let n_partitionings = self.train.distribution().len();
        let restored = self
            .referee
            .restore(state.referee, n_partitionings)
            .and_then(|()| {
                let n_done = epoch.saturating_sub(self.base_epochs());
                self.method.restore(state.method, n_done)
            })
            .and_then(|()| {
                let n = self.n_epochs();
                let message = || TrainError::state(format!("it stands at epoch {epoch} of {n}"));
                (epoch <= n).then_some(()).ok_or_else(message)
            });
        if let Err(error) = restored {
            let [method, referee] = before;
            self.method.restore(method, n_done_before)?;
            self.referee.restore(referee, n_partitionings)?;
            return Err(not_a_training(path, &error));
        }
        self.player.set_n_shuffled(n_shuffled);
        self.progress = state.progress;
        self.scores = None;
        self.score_base()
    }

    /// That a checkpoint is of the same samples and parameters.
    fn check_same(&self, path: &Path, state: &State) -> Result<(), TrainError> {
        let other = |what, given: String, expected: String| TrainError::OtherTraining {
            path: path.to_owned(),
            what,
            given,
            expected,
        };
        let identity = self.identity()?;
        if let Some((name, [given, expected])) = first_difference("", [&state.config, &identity]) {
            let shown = |value: Option<&Value>| match value {
                Some(value) => format!("{name} = {value}"),
                None => format!("{name} = none"),
            };
            return Err(other("the parameter", shown(given), shown(expected)));
        }
        let fingerprint = |hash: Option<u64>| hash.map_or("none".to_owned(), |hash| format!("{hash:016x}"));
        let validation = self.validation.as_ref().map(SpatialSamples::fingerprint);
        for (what, given, expected) in [
            (
                "training samples of fingerprint",
                Some(state.training_samples),
                Some(self.train.fingerprint()),
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
        Ok(())
    }

    /// That a history is whole.
    fn check_progress(&self, progress: &Progress) -> Result<(), TrainError> {
        let n_parameters = self.player.model().parameters().len();
        let fairest = progress.fairest.as_ref().map(|fairest| &fairest.parameters);
        let base = progress.base.as_ref().map(|base| &base.0);
        for (name, parameters) in [("fairest", fairest), ("base", base)] {
            if let Some(n) = parameters.map(Vec::len).filter(|&n| n != n_parameters) {
                return Err(TrainError::state(format!(
                    "the {name} model has {n} parameters (accepted: {n_parameters})"
                )));
            }
        }
        let measured = progress.records.iter().any(|record| record.measured.is_some());
        if measured && base.is_none() && self.method.has_base() {
            return Err(TrainError::state("it has no base model"));
        }
        Ok(())
    }
}

fn not_a_training(path: &Path, error: &TrainError) -> TrainError {
    TrainError::NotATraining {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// A state or parameters as JSON.
///
/// # Errors
/// [`TrainError::State`] where that cannot be.
pub fn json(value: &impl Serialize) -> Result<Value, TrainError> {
    serde_json::to_value(value).map_err(|error| TrainError::state(error.to_string()))
}

/// A state from the JSON that [`json`] made.
///
/// # Errors
/// [`TrainError::State`] where the JSON is not of this form.
pub fn restored<T: DeserializeOwned>(state: Value) -> Result<T, TrainError> {
    serde_json::from_value(state).map_err(|error| TrainError::state(error.to_string()))
}

/// The first parameter that two configurations do not share, by its path, and what it is in each.
fn first_difference<'a>(path: &str, [a, b]: [&'a Value; 2]) -> Option<(String, [Option<&'a Value>; 2])> {
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
