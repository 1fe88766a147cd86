//! A data set made ready for training: divided, encoded and placed.

use wherefair_audit::{Measured, ReferenceRule, Score};
use wherefair_core::{LocationSplit, ParamError, Sites};
use wherefair_metrics::{Distance, ValueScore};
use wherefair_nn::{Loss, Model, Samples, mlp};
use wherefair_partition::PartitioningDistribution;

use super::target::scaled_rule;
use crate::{
    DataFault, Dataset, Description, Encoding, FairModel, Fault, FitConfig, Fitted, Method, Referee,
    Response, SpatialSamples, Target, TrainConfig, TrainError, Training,
};

/// A data set divided, encoded and placed in all partitionings: all that is known before the first epoch.
///
/// [`FairModel::fit`] does all in one. In steps, a training can be watched, stopped and resumed in between:
/// [`new`](Self::new), [`training`](Self::training), [`Training::run`], [`fitted`](Self::fitted).
#[derive(Debug)]
pub struct Prepared {
    config: FitConfig,
    description: Description,
    split: LocationSplit,
    train: SpatialSamples,
    validation: SpatialSamples,
    test: Part,
    /// Samples of the test part that lie in some partition, and in the one that holds most.
    n_test: [usize; 2],
    /// A data set without columns, for messages.
    empty: Dataset,
    score: Score,
    unit: f64,
    notes: Vec<String>,
}

/// Samples of one part, encoded.
#[derive(Debug)]
pub struct Part {
    features: Vec<f32>,
    truth: Response,
    /// What the network is to learn of values.
    scaled: Vec<f32>,
    places: Dataset,
}

impl Part {
    fn new(
        data: &Dataset,
        rows: &[u32],
        (encoding, target): (&Encoding, &Target),
        config: &FitConfig,
    ) -> Result<Self, TrainError> {
        let features = encoding.encode(data, rows, *config.unseen())?;
        let (truth, scaled) = target.truth(data, rows)?;
        let places = data.places(rows);
        Ok(Self {
            features,
            truth,
            scaled,
            places,
        })
    }

    /// The encoded features, `(n_samples, n_features)`.
    pub fn features(&self) -> &[f32] {
        &self.features
    }

    /// What is true of the samples, in the units of the target.
    pub fn truth(&self) -> &Response {
        &self.truth
    }

    /// Where the samples are.
    ///
    /// # Errors
    /// None for samples that were placed, as these were.
    pub fn sites(&self) -> Result<Sites<'_>, TrainError> {
        self.places.sites()
    }

    fn placed(&self, maps: &PartitioningDistribution, target: &Target) -> Result<SpatialSamples, TrainError> {
        let n_features = self.features.len() / self.places.n_rows().max(1);
        let samples = match &self.truth {
            Response::Classes(classes) => {
                Samples::classes(&self.features, n_features, classes, target.n_outputs())?
            }
            Response::Values(_) => Samples::values(&self.features, n_features, &self.scaled, 1)?,
        };
        SpatialSamples::new(maps, self.sites()?, &samples)
    }
}

impl Prepared {
    /// Divides, encodes and places `data`. `score` is that of the model's purpose, in the units of the target: classes need a
    /// score of classes, and for scores of log ratios the network learns the logarithm.
    ///
    /// # Errors
    /// [`TrainError::Data`] with source, row and column for data that no model can be fitted to, and those of
    /// [`SpatialSamples::new`].
    pub fn new(
        data: &Dataset,
        maps: &PartitioningDistribution,
        score: Score,
        config: &FitConfig,
    ) -> Result<Self, TrainError> {
        let split = data.divided(*config.shares(), *config.split_by(), *config.seed())?;
        let (encoding, mut notes) = Encoding::fit(data, split.train(), *config.scaling())?;
        let (target, note) = Target::fit(data, split.train(), score, *config.absent_class())?;
        notes.extend(note);
        let part = |rows| Part::new(data, rows, (&encoding, &target), config);
        let test = part(split.test())?;
        let placed_test = test.placed(maps, &target)?;
        let validation = part(split.validation())?.placed(maps, &target)?;
        let train = part(split.train())?.placed(maps, &target)?;
        let (training_score, unit) = target.training_score(score);
        let loss = config.loss().unwrap_or(match score {
            Score::Class(_) => Loss::CrossEntropy,
            Score::Value {
                score: ValueScore::MeanAbsolute,
                ..
            }
            | Score::MedianAbsolute { .. } => Loss::MeanAbsolute,
            Score::Value { .. } => Loss::MeanSquared,
        });
        let description = Description {
            wherefair: env!("CARGO_PKG_VERSION").to_owned(),
            target_name: data.target_column()?.0.to_owned(),
            target,
            encoding,
            hidden: config.hidden().clone(),
            loss,
            metric: config.metric().clone().unwrap_or_else(|| score.name()),
            strategy: String::new(),
            epoch: 0,
            seed: config.seed().value(),
            n_training_samples: split.train().len() as u64,
        };
        Ok(Self {
            config: config.clone(),
            description,
            train,
            validation,
            test,
            n_test: sizes(&placed_test),
            empty: data.places(&[]).source(data.name()),
            score: training_score,
            unit,
            notes,
            split,
        })
    }

    /// Which rows are in which part.
    pub fn split(&self) -> &LocationSplit {
        &self.split
    }

    /// The samples that no model sees before it is judged.
    pub fn test(&self) -> &Part {
        &self.test
    }

    /// What the model will be; its method and epoch are known when it is trained.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// What the reader should know: features left out, classes absent from the training part.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The score of the training, on the scale on which the network learns: what [`TrainParams::new`](crate::TrainParams::new)
    /// and a referee need.
    pub fn score(&self) -> Score {
        self.score
    }

    /// What a training must hold scores against so that the audit holds them against `rule`: a fixed number goes from the units of
    /// the score to the scale on which the network learns.
    pub fn rule(&self, rule: ReferenceRule) -> ReferenceRule {
        scaled_rule(rule, self.unit)
    }

    /// Quality and fairness of a training in the units of the score, or in their square for deviations by squared distance.
    pub fn in_units(&self, measured: Measured, distance: Distance) -> Measured {
        let of_deviation = match distance {
            Distance::Squared => self.unit * self.unit,
            Distance::Absolute => self.unit,
        };
        Measured {
            quality: measured.quality.map(|quality| quality * self.unit),
            deviation_mean: measured.deviation_mean * of_deviation,
            deviation_max: measured.deviation_max * of_deviation,
        }
    }

    /// A training that has not begun; its score must be [`score`](Self::score).
    ///
    /// # Errors
    /// [`TrainError::Param`] for another score, [`TrainError::Data`] where no partition holds enough samples of the validation or test part to be scored, and those of
    /// [`Training::new`].
    pub fn training(
        &self,
        config: TrainConfig,
        method: Box<dyn Method>,
        referee: Box<dyn Referee>,
    ) -> Result<Training, TrainError> {
        if config.score() != self.score {
            return Err(ParamError::new("score", config.score().name(), self.score.name()).into());
        }
        let min_samples = *config.min_validation_samples();
        self.check_size("test", self.n_test, min_samples)?;
        self.check_size("validation", sizes(&self.validation), min_samples)?;
        let network = self.network(*self.config.device())?;
        Training::new(
            network,
            &self.train,
            Some(&self.validation),
            config,
            method,
            referee,
        )
    }

    /// The models of a training, finished or not: the fairest of good enough quality, or the model as it stands where there is
    /// none; and the base model.
    ///
    /// # Errors
    /// Those of the network.
    pub fn fitted(&self, training: &Training) -> Result<Fitted, TrainError> {
        let method = training.method_name();
        let fair = match training.fairest() {
            Some(fairest) => self.model(&fairest.parameters, fairest.epoch, method)?,
            None => self.model(training.model().parameters(), training.epoch(), method)?,
        };
        let base_epochs = training.config().schedule().base_epochs();
        let base = training.base();
        Ok(Fitted {
            fair,
            base: base
                .map(|base| self.model(base, base_epochs, "Base".to_owned()))
                .transpose()?,
            records: training.records().to_vec(),
            notes: self.notes.clone(),
        })
    }

    fn model(&self, parameters: &[f32], epoch: u64, strategy: String) -> Result<FairModel, TrainError> {
        let mut network = self.network(wherefair_nn::Device::Cpu)?;
        network.set_parameters(parameters)?;
        let mut description = self.description.clone();
        (description.epoch, description.strategy) = (epoch, strategy);
        Ok(FairModel::new(description, network))
    }

    fn network(&self, device: wherefair_nn::Device) -> Result<Model, TrainError> {
        let (config, description) = (&self.config, &self.description);
        let (initializer, adam) = (*config.initializer(), config.adam().check()?);
        let (shape, loss) = (description.shape()?, description.loss);
        Ok(mlp(device, &shape, initializer, loss, adam, *config.seed())?)
    }

    /// Some partition must hold enough samples to be scored.
    fn check_size(&self, name: &str, [n, n_largest]: [usize; 2], min_samples: u64) -> Result<(), DataFault> {
        if n_largest as u64 >= min_samples {
            return Ok(());
        }
        let problem = format!(
            "no partition of any map holds {min_samples} of the {n} samples of the {name} part: the largest has {n_largest}"
        );
        let accepted = "fewer samples of a partition, coarser maps, or more samples";
        Err(self
            .empty
            .fault(Fault::TooFewSamples, None, None, problem, accepted))
    }
}

/// The number of samples in all partitions, and in the one that holds most.
fn sizes(placed: &SpatialSamples) -> [usize; 2] {
    let maps = 0..placed.distribution().len();
    let sizes =
        maps.flat_map(|map| (0..placed.n_partitions(map)).map(move |partition| placed.n_in(map, partition)));
    [placed.n_samples(), sizes.max().unwrap_or(0)]
}
