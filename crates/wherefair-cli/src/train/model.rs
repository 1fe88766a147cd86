//! A trained network with all that predicting with it takes.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use wherefair_core::Seed;
use wherefair_nn::{
    AdamConfig, AdamParams, Device, Features, FusedMlp, Initializer, Loss, MlpShape, ParameterFile,
    Trainable, Trainer, fused_mlp, mlp, parameters_to_bytes,
};

use super::dataset::Predicted;
use super::encoding::Encoding;
use super::target::Target;

/// What a model is, from the features to the meaning of its outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Description {
    /// The version of the program that trained it.
    pub(crate) wherefair: String,
    /// The column that it predicts.
    pub(crate) target_name: String,
    pub(crate) target: Target,
    pub(crate) encoding: Encoding,
    /// Widths of the hidden layers.
    pub(crate) hidden: Vec<usize>,
    pub(crate) loss: Loss,
    /// The score that training judged places by, as it is typed.
    pub(crate) metric: String,
    pub(crate) strategy: String,
    /// Epochs that it was trained for.
    pub(crate) epoch: u64,
    pub(crate) seed: u64,
    pub(crate) n_training_samples: u64,
}

/// A network and its description.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) description: Description,
    pub(crate) network: Trainer<FusedMlp>,
}

impl Description {
    /// The network that is described on a device, with the parameters it begins with.
    pub(crate) fn network_on(
        &self,
        device: Device,
        initializer: Initializer,
        adam: AdamConfig,
    ) -> Result<Box<dyn Trainable>> {
        let seed = Seed::new(self.seed);
        Ok(mlp(device, &self.shape()?, initializer, self.loss, adam, seed)?)
    }

    /// The network that is described on the processor, with the parameters it begins with.
    pub(crate) fn network(&self, initializer: Initializer, adam: AdamConfig) -> Result<Trainer<FusedMlp>> {
        let seed = Seed::new(self.seed);
        Ok(fused_mlp(&self.shape()?, initializer, self.loss, adam, seed)?)
    }

    fn shape(&self) -> Result<MlpShape> {
        Ok(MlpShape::new(
            self.encoding.width(),
            &self.hidden,
            self.target.n_outputs(),
        )?)
    }
}

impl Model {
    /// Reads a model.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = ParameterFile::read(path)?;
        let description: Description = file.description()?;
        let mut network = description
            .network(Initializer::He, AdamParams::default().check()?)
            .with_context(|| format!("{} describes no network", path.display()))?;
        file.apply(&mut network)?;
        Ok(Self { description, network })
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(parameters_to_bytes(&self.network, &self.description)?)
    }

    /// Predictions of rows of encoded features, in the units of the input.
    pub(crate) fn predict(&self, features: &[f32]) -> Result<Predicted> {
        let target = &self.description.target;
        let features = self.features(features)?;
        let rows = features.all_rows();
        let is_empty = features.n_samples() == 0;
        Ok(match target {
            Target::Classes { .. } if is_empty => Predicted::Classes(Vec::new()),
            Target::Classes { .. } => Predicted::Classes(self.network.predict_classes(&features, &rows)?),
            Target::Value { .. } if is_empty => Predicted::Values(Vec::new()),
            Target::Value { .. } => {
                let outputs = self.network.predict_values(&features, &rows)?;
                Predicted::Values(outputs.into_iter().map(|output| target.value(output)).collect())
            }
        })
    }

    /// The probability of each class, `(n_rows, n_classes)`.
    pub(crate) fn probabilities(&self, features: &[f32]) -> Result<Vec<f32>> {
        let features = self.features(features)?;
        if features.n_samples() == 0 {
            return Ok(Vec::new());
        }
        Ok(self
            .network
            .predict_probabilities(&features, &features.all_rows())?)
    }

    fn features<'a>(&self, values: &'a [f32]) -> Result<Features<'a>> {
        Ok(Features::new(values, self.description.encoding.width())?)
    }
}
