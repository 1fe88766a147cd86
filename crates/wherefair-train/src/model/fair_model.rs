//! A trained network with all that predicting with it takes.

use std::path::Path;

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed};
use wherefair_nn::{
    AdamParams, Features, Initializer, Loss, MlpShape, Model, NnError, ParameterFile, fused_mlp,
    parameters_to_bytes, save_parameters,
};
use wherefair_partition::PartitioningDistribution;

use crate::{
    Dataset, Encoding, EpochRecord, FitConfig, Method, Prepared, Referee, Response, Target, TrainConfig,
    TrainError, Unseen,
};

/// What a model is, from the features to the meaning of its outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Description {
    /// The version that trained it.
    pub wherefair: String,
    /// The column that it predicts.
    pub target_name: String,
    /// What its outputs stand for.
    pub target: Target,
    /// How columns become features.
    pub encoding: Encoding,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// The loss that it was trained with.
    pub loss: Loss,
    /// The score that training judged places by.
    pub metric: String,
    /// The method that it was trained by.
    pub strategy: String,
    /// Epochs that it was trained for.
    pub epoch: u64,
    /// The seed of its split and initial weights.
    pub seed: u64,
    /// Samples that it was trained on.
    pub n_training_samples: u64,
}

/// A model fair by location: a network with the encoding of its features and the meaning of its outputs.
///
/// What [`save`](Self::save) writes is what `wherefair train` writes and `wherefair predict` reads: one safetensors file, whose
/// format the book describes.
///
/// # Examples
/// ```
/// use wherefair_audit::Score;
/// use wherefair_core::{Extent, Seed};
/// use wherefair_metrics::{Averaging, ClassScore, ZeroDivision};
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_spad::{SpadParams, Strategy};
/// use wherefair_train::{Dataset, FairModel, FitParams, Response, Sampling, Schedule, Stage, Unseen};
///
/// let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
/// let y: Vec<f64> = (0..400).map(|i| f64::from(i / 20)).collect();
/// let height: Vec<f64> = (0..400).map(|i| f64::from(i * 37 % 100)).collect();
/// let kind: Vec<&str> = height.iter().map(|height| if *height > 50.0 { "tree" } else { "shrub" }).collect();
///
/// let data = Dataset::new().positions(&x, &y)?.numbers("height", &height)?.classes("kind", &kind)?;
/// let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 19.0, 19.0)?, 2, 2)?;
/// let score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
/// let stages = vec![Stage { epochs_each: 2, n_draws: 3 }];
/// let schedule = Schedule::new(60, stages, Sampling::Independent)?;
/// let spad = SpadParams::new(score).schedule(schedule).learning_rate(0.01).base_batch_size(32).check()?;
/// let (method, referee) = (spad.strategy().method(), Box::new(spad.referee()));
/// let fit = FitParams::default().hidden(vec![16]).check()?;
/// let fitted = FairModel::fit(&data, &maps, &fit, spad.training(), method, referee)?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// fitted.fair.save(&path)?;
///
/// let model = FairModel::load(&path)?;
/// let plants = Dataset::new().numbers("height", &[3.0, 97.0])?;
/// let predicted = model.predict(&plants, Unseen::Error)?;
/// # let Response::Classes(classes) = predicted else { panic!("classes were expected") };
/// # assert_eq!(model.labels(&classes), ["shrub", "tree"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FairModel {
    description: Description,
    network: Model,
}

/// What a training came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fitted {
    /// The fairest model of good enough quality.
    pub fair: FairModel,
    /// The base model, where the method has one and it is trained.
    pub base: Option<FairModel>,
    /// What every epoch did; scores are on the scale on which the network learns, see [`Prepared::in_units`].
    pub records: Vec<EpochRecord>,
    /// What the reader should know: features left out, classes absent from the training part.
    pub notes: Vec<String>,
}

impl Description {
    pub(crate) fn shape(&self) -> Result<MlpShape, ParamError> {
        MlpShape::new(self.encoding.n_features(), &self.hidden, self.target.n_outputs())
    }
}

impl FairModel {
    pub(crate) fn new(description: Description, network: Model) -> Self {
        Self { description, network }
    }

    /// Trains a model on `data` that works equally well in all partitions of `maps`. The score and the fixed references of `config`
    /// are in the units of the target; what the referee knows of scores is on the scale on which the network learns, which differs for
    /// targets of values: [`Prepared`] tells it.
    ///
    /// # Errors
    /// Those of [`Prepared::new`], [`Prepared::training`] and [`Training::step`](crate::Training::step).
    pub fn fit(
        data: &Dataset,
        maps: &PartitioningDistribution,
        fit: &FitConfig,
        config: &TrainConfig,
        method: Box<dyn Method>,
        referee: Box<dyn Referee>,
    ) -> Result<Fitted, TrainError> {
        let prepared = Prepared::new(data, maps, config.score(), fit)?;
        let rule = prepared.rule(*config.measured_from());
        let config = config.on_scale(prepared.score(), rule);
        let mut training = prepared.training(config, method, referee)?;
        training.run(|_| std::ops::ControlFlow::Continue(()))?;
        prepared.fitted(&training)
    }

    /// What the model is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The network.
    pub fn network(&self) -> &Model {
        &self.network
    }

    /// What the rows of `data` are predicted to be, of which the model needs the features that it knows; `(n_rows,)`.
    ///
    /// # Errors
    /// Those of [`Encoding::encode`], and [`TrainError::Param`] for 2³² rows or more.
    pub fn predict(&self, data: &Dataset, unseen: Unseen) -> Result<Response, TrainError> {
        self.predict_encoded(&self.encoded(data, unseen)?)
    }

    /// The probability of each class, `(n_rows, n_classes)`.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict); [`TrainError::Model`] for a model of values.
    pub fn probabilities(&self, data: &Dataset, unseen: Unseen) -> Result<Vec<f32>, TrainError> {
        self.probabilities_encoded(&self.encoded(data, unseen)?)
    }

    /// As [`probabilities`](Self::probabilities), of encoded features, `(n_rows, n_features)`.
    ///
    /// # Errors
    /// Those of [`predict_encoded`](Self::predict_encoded); [`TrainError::Model`] for a model of values.
    pub fn probabilities_encoded(&self, features: &[f32]) -> Result<Vec<f32>, TrainError> {
        let features = self.features(features)?;
        if features.n_samples() == 0 {
            return Ok(Vec::new());
        }
        Ok(self
            .network
            .predict_probabilities(&features, &features.all_rows())?)
    }

    /// What encoded features, `(n_rows, n_features)`, are predicted to be.
    ///
    /// # Errors
    /// [`TrainError::Model`] for another number of features, or features that are not finite.
    pub fn predict_encoded(&self, features: &[f32]) -> Result<Response, TrainError> {
        let target = &self.description.target;
        let features = self.features(features)?;
        let rows = features.all_rows();
        let is_empty = features.n_samples() == 0;
        Ok(match target {
            Target::Classes { .. } if is_empty => Response::Classes(Vec::new()),
            Target::Classes { .. } => Response::Classes(self.network.predict_classes(&features, &rows)?),
            Target::Value { .. } if is_empty => Response::Values(Vec::new()),
            Target::Value { .. } => {
                let outputs = self.network.predict_values(&features, &rows)?;
                Response::Values(outputs.into_iter().map(|output| target.value(output)).collect())
            }
        })
    }

    /// The labels of classes that this model predicted.
    ///
    /// # Panics
    /// When there is no such class.
    pub fn labels(&self, classes: &[u32]) -> Vec<&str> {
        let labels = self.description.target.labels();
        classes.iter().map(|&class| &labels[class as usize][..]).collect()
    }

    /// Writes the model to a file, which appears under its name only when it is whole.
    ///
    /// # Errors
    /// [`TrainError::Model`] where the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        Ok(save_parameters(path, &self.network, &self.description)?)
    }

    /// The bytes that [`save`](Self::save) writes.
    ///
    /// # Errors
    /// None for a description that can be written as JSON, as that of every model can.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TrainError> {
        Ok(parameters_to_bytes(&self.network, &self.description)?)
    }

    /// Reads a model that [`save`](Self::save) or the program wrote.
    ///
    /// # Errors
    /// [`TrainError::Model`] for a file that cannot be read, is damaged, or is of another kind or version,
    /// [`TrainError::NotAModel`] where it describes no network.
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let file = ParameterFile::read(path)?;
        let description: Description = file.description()?;
        let shape = description.shape().map_err(NnError::from);
        let (adam, seed) = (AdamParams::default().check()?, Seed::new(description.seed));
        let network =
            shape.and_then(|shape| fused_mlp(&shape, Initializer::He, description.loss, adam, seed));
        let mut network = network.map_err(|error| TrainError::NotAModel {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        file.apply(&mut network)?;
        Ok(Self { description, network })
    }

    /// The features of `data` as the network takes them, `(n_rows, n_features)`: encoded once for
    /// [`predict_encoded`](Self::predict_encoded) and [`probabilities_encoded`](Self::probabilities_encoded).
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict).
    pub fn encoded(&self, data: &Dataset, unseen: Unseen) -> Result<Vec<f32>, TrainError> {
        let n = data.n_rows();
        let too_many = |_| ParamError::new("n_rows", n, "fewer than 2^32");
        let rows: Vec<u32> = (0..u32::try_from(n).map_err(too_many)?).collect();
        self.description.encoding.encode(data, &rows, unseen)
    }

    fn features<'a>(&self, values: &'a [f32]) -> Result<Features<'a>, TrainError> {
        Ok(Features::new(values, self.description.encoding.n_features())?)
    }
}
