//! From the flags of training and network to checked parameters.

use anyhow::{Result, anyhow, bail};
use wherefair_audit::{ReferenceRule, Score};
use wherefair_core::{ParamError, Seed};
use wherefair_metrics::{Distance, Reference};
use wherefair_nn::{AdamParams, Device, Initializer, Loss, StatePolicy};
use wherefair_similarity::{CountRule, HdbscanParams, Noise, Rescaling};
use wherefair_spad::{Adversary, Regularizer, SimilaritySampling, SpadConfig, SpadParams, Strategy};
use wherefair_train::{AbsentClass, FitParams, Sampling, Scaling, Schedule, Stage, Unseen};

use super::args::{
    AbsentClassArg, AdamStateArg, FromClusterArg, InitArg, MapDistanceArg, RepresentativeArgs, SamplingArg,
    ScalingArg, TrainArgs, UnclusteredArg, UnseenArg,
};
use super::split::split;
use crate::args::{DistanceArg, Metric};
use crate::measure::{OutcomeKind, reference};

/// Largest threshold, smoothing and the like follow from the crates; this is Huber's where none is given.
const HUBER_THRESHOLD: f64 = 1.0;

/// The fair epochs where no others are given.
const SCHEDULE: &str = "10x48,5x96,1x240";

/// What the flags say, checked as far as that goes without data.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) strategy: Strategy,
    pub(crate) schedule: Schedule,
    /// Split, encoding and network, but for what the target decides.
    pub(crate) fit: FitParams,
    /// Where the network is trained.
    pub(crate) device: Device,
    /// Why that is not the device that was asked for.
    pub(crate) device_note: Option<String>,
}

impl Settings {
    pub(crate) fn new(args: &TrainArgs) -> Result<Self> {
        let training = &args.training;
        let (device, device_note) = usable(args.network.device);
        let settings = Self {
            device,
            device_note,
            strategy: strategy(&training.strategy, &args.representatives)?,
            schedule: schedule(args)?,
            fit: fit_params(args, device)?,
        };
        check_use(&settings.strategy, args)?;
        if args.every == 0 {
            bail!("--every 0: accepted is a whole number of at least 1");
        }
        // Any score will do to check the rest of the flags.
        let score = Score::Class(wherefair_metrics::ClassScore::Accuracy);
        settings.config(args, score, reference(&args.measure.reference)?)?;
        Ok(settings)
    }

    /// The parameters of a training for `score`, held against `rule` on the scale of that.
    pub(crate) fn config(&self, args: &TrainArgs, score: Score, rule: ReferenceRule) -> Result<SpadConfig> {
        let training = &args.training;
        SpadParams::new(score)
            .strategy(self.strategy.clone())
            .schedule(self.schedule.clone())
            .learning_rate(training.learning_rate)
            .base_learning_rate(training.base_learning_rate)
            .batch_size(training.batch)
            .base_batch_size(training.base_batch.unwrap_or(training.batch))
            .reference(expectation(rule))
            .measured_from(rule)
            .distance(match args.measure.distance {
                DistanceArg::Absolute => Distance::Absolute,
                DistanceArg::Squared => Distance::Squared,
            })
            .adam_state(match training.adam_state {
                AdamStateArg::Carried => StatePolicy::Carried,
                AdamStateArg::Reset => StatePolicy::ResetEachPartition,
            })
            .min_validation_samples(args.measure.min_samples)
            .max_quality_loss(training.max_quality_loss)
            .seed(Seed::new(args.inference.seed))
            .check()
            .map_err(|error| flagged(&error))
    }
}

fn fit_params(args: &TrainArgs, device: Device) -> Result<FitParams> {
    let (shares, split_by) = split(&args.split)?;
    let fit = FitParams::default()
        .shares(shares)
        .split_by(split_by)
        .scaling(match args.columns.scaling {
            ScalingArg::Standard => Scaling::Standard,
            ScalingArg::Range => Scaling::Range,
            ScalingArg::None => Scaling::None,
        })
        .unseen(unseen(args.columns.unseen))
        .absent_class(match args.columns.absent_class {
            AbsentClassArg::Error => AbsentClass::Error,
            AbsentClassArg::Keep => AbsentClass::Keep,
        })
        .hidden(hidden(&args.network.hidden)?)
        .initializer(match args.network.init {
            InitArg::He => Initializer::He,
            InitArg::Glorot => Initializer::Glorot,
            InitArg::Spad => Initializer::SPAD,
        })
        .adam(AdamParams::default().weight_decay(args.training.weight_decay))
        .device(device)
        .seed(Seed::new(args.inference.seed));
    fit.clone().check().map_err(|error| flagged(&error))?;
    Ok(fit)
}

pub(super) fn unseen(arg: UnseenArg) -> Unseen {
    match arg {
        UnseenArg::Error => Unseen::Error,
        UnseenArg::Other => Unseen::Other,
    }
}

/// The device if it can be used, otherwise the processor and the reason.
fn usable(device: Device) -> (Device, Option<String>) {
    match device.name() {
        Ok(_) => (device, None),
        Err(error) => {
            let note = format!("--device {device}: {error}; trained on the processor instead");
            (Device::Cpu, Some(note))
        }
    }
}

/// An error of a parameter that a flag sets.
fn flagged(error: &ParamError) -> anyhow::Error {
    let flag = match error.name() {
        "batch_size" => "batch",
        "base_batch_size" => "base-batch",
        "min_validation_samples" => "min-samples",
        "n_loops" => "loops",
        "n_clustering" => "clustering-loops",
        other => other,
    };
    anyhow!(
        "--{} {}: accepted is {}",
        flag.replace('_', "-"),
        error.value(),
        error.accepted()
    )
}

/// What the referee expects: the base model's scores, taken together as `--reference` says.
fn expectation(rule: ReferenceRule) -> Reference {
    match rule {
        ReferenceRule::PartitionMean | ReferenceRule::BaseModel => Reference::PartitionMean,
        ReferenceRule::WeightedPartitionMean | ReferenceRule::WeightedBaseModel => {
            Reference::WeightedPartitionMean
        }
        ReferenceRule::Fixed(value) => Reference::Fixed(value),
        ReferenceRule::Global => Reference::Global,
    }
}

/// That flags are given only to strategies that have a use for them.
fn check_use(strategy: &Strategy, args: &TrainArgs) -> Result<()> {
    let own = &args.representatives;
    let has_loops = matches!(strategy, Strategy::SpadSim(_) | Strategy::SpadRnd { .. });
    let named = &args.training.strategy;
    if has_loops && args.training.schedule.is_some() {
        bail!("--schedule: --loops takes its place with --strategy {named}");
    }
    if !has_loops && own.loops.is_some() {
        bail!("--loops: has no use with --strategy {named} (accepted: with spad-sim and spad-rnd)");
    }
    let of_clusters = [
        ("initial-loops", own.initial_loops.is_some()),
        ("clustering-loops", own.clustering_loops.is_some()),
        ("min-cluster-size", own.min_cluster_size.is_some()),
        ("map-distance", own.map_distance.is_some()),
        ("unclustered", own.unclustered.is_some()),
        ("from-cluster", own.from_cluster.is_some()),
    ];
    let given = of_clusters.into_iter().find(|(_, is_given)| *is_given);
    match given {
        Some((flag, _)) if !matches!(strategy, Strategy::SpadSim(_)) => {
            bail!("--{flag}: has no use with --strategy {named} (accepted: with spad-sim)")
        }
        _ => Ok(()),
    }
}

/// How many loops `spad-sim` and `spad-rnd` have.
pub(super) fn n_loops(args: &RepresentativeArgs) -> u32 {
    args.loops.unwrap_or(SimilaritySampling::default().n_loops)
}

/// The fair epochs of the other strategies, as text.
pub(super) fn schedule_text(args: &TrainArgs) -> &str {
    args.training.schedule.as_deref().unwrap_or(SCHEDULE)
}

/// The loops of `spad-sim`, as in the paper where flags say nothing else.
fn similarity_sampling(args: &RepresentativeArgs) -> Result<SimilaritySampling> {
    let usual = SimilaritySampling::default();
    let mut clustering = HdbscanParams::default();
    if let Some(min_cluster_size) = args.min_cluster_size {
        clustering = clustering.min_cluster_size(min_cluster_size);
    }
    Ok(SimilaritySampling {
        n_loops: n_loops(args),
        n_initial: args.initial_loops.unwrap_or(usual.n_initial),
        n_clustering: args.clustering_loops.unwrap_or(usual.n_clustering),
        rescaling: args
            .map_distance
            .map_or(usual.rescaling, |distance| match distance {
                MapDistanceArg::ByMi => Rescaling::DividedByInformation,
                MapDistanceArg::TwoMinusMi => Rescaling::TwoMinusInformation,
                MapDistanceArg::ExpMi => Rescaling::ExponentialOfInformation,
                MapDistanceArg::None => Rescaling::None,
            }),
        clustering: clustering.check().map_err(|error| flagged(&error))?,
        noise: args
            .unclustered
            .map_or(usual.noise, |unclustered| match unclustered {
                UnclusteredArg::Singletons => Noise::Singletons,
                UnclusteredArg::Together => Noise::OneCluster,
                UnclusteredArg::LeftOut => Noise::LeftOut,
            }),
        count_rule: args
            .from_cluster
            .map_or(usual.count_rule, |from_cluster| match from_cluster {
                FromClusterArg::Share => CountRule::SizeByClusters,
                FromClusterArg::ShareFloor => CountRule::SizeByClustersFloor,
                FromClusterArg::Root => CountRule::RootShare,
            }),
        ..usual
    })
}

fn strategy(text: &str, representatives: &RepresentativeArgs) -> Result<Strategy> {
    let accepted = "base, base-longer[:UPDATES], single:ROWSxCOLUMNS or single:NAME of a map (bl-single is the same), reg[:WEIGHT], reg-single:NAME[:WEIGHT], adl-single:NAME[:WEIGHT], spad, spad-sim, spad-rnd[:MAPS], spad-gd, spad-no-base, spad-fixed-k[:K] or equal-rates";
    let refused = || anyhow!("--strategy {text}: accepted is {accepted}");
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    let number = |otherwise: u64| argument.map_or(Ok(otherwise), |text| text.parse().map_err(|_| refused()));
    let with_argument = [
        "base-longer",
        "single",
        "bl-single",
        "reg",
        "reg-single",
        "adl-single",
        "spad-fixed-k",
        "spad-rnd",
    ];
    if argument.is_some() && !with_argument.contains(&name) {
        return Err(refused());
    }
    Ok(match name {
        "base" => Strategy::Base,
        "base-longer" => Strategy::BaseLonger {
            n_updates: argument.map(|_| number(0)).transpose()?,
        },
        "reg-single" => {
            let default = Regularizer::default();
            let (partitioning, weight) = map_and_weight(argument, default.weight).ok_or_else(refused)?;
            Strategy::RegularizedSingle {
                partitioning,
                regularizer: Regularizer { weight, ..default },
            }
        }
        "adl-single" => {
            let default = Adversary::default();
            let (partitioning, weight) = map_and_weight(argument, default.weight).ok_or_else(refused)?;
            Strategy::Adversarial {
                partitioning,
                adversary: Adversary { weight, ..default },
            }
        }
        "single" | "bl-single" => Strategy::Single {
            partitioning: argument
                .filter(|name| !name.is_empty())
                .ok_or_else(refused)?
                .to_owned(),
        },
        "reg" => {
            let default = Regularizer::default();
            let weight = argument.map_or(Ok(default.weight), |text| text.parse().map_err(|_| refused()))?;
            if !(0.0..f64::INFINITY).contains(&weight) {
                return Err(refused());
            }
            Strategy::Regularized(Regularizer { weight, ..default })
        }
        "spad" => Strategy::Spad,
        "spad-sim" => Strategy::SpadSim(similarity_sampling(representatives)?),
        "spad-rnd" => Strategy::SpadRnd {
            n_loops: n_loops(representatives),
            n_sampled: argument
                .map(|text| text.parse().ok().filter(|&n: &usize| n > 0).ok_or_else(refused))
                .transpose()?,
        },
        "spad-gd" => Strategy::SpadGd,
        "spad-no-base" => Strategy::SpadNoBase,
        "spad-fixed-k" => Strategy::SpadFixedK {
            k: u32::try_from(number(10)?)
                .ok()
                .filter(|&k| k > 0)
                .ok_or_else(refused)?,
        },
        "equal-rates" => Strategy::EqualRates,
        _ => return Err(refused()),
    })
}

/// A map and a weight of at least 0 from `NAME[:WEIGHT]`; the name itself may hold colons.
fn map_and_weight(argument: Option<&str>, default: f64) -> Option<(String, f64)> {
    let text = argument.filter(|text| !text.is_empty())?;
    let Some((name, weight)) = text.rsplit_once(':') else {
        return Some((text.to_owned(), default));
    };
    let Ok(weight) = weight.parse() else {
        return (!weight.is_empty()).then(|| (text.to_owned(), default));
    };
    let is_weight = (0.0..f64::INFINITY).contains(&weight);
    (is_weight && !name.is_empty()).then(|| (name.to_owned(), weight))
}

fn schedule(args: &TrainArgs) -> Result<Schedule> {
    let text = schedule_text(args);
    let stage = |part: &str| {
        let (epochs_each, n_draws) = part.trim().split_once(['x', 'X', '×'])?;
        Some(Stage {
            epochs_each: epochs_each.trim().parse().ok()?,
            n_draws: n_draws.trim().parse().ok()?,
        })
    };
    let stages: Option<Vec<Stage>> = text.split(',').map(stage).collect();
    let sampling = match args.training.sampling {
        SamplingArg::Independent => Sampling::Independent,
        SamplingArg::Enumerated => Sampling::Enumerated,
    };
    let refused = |why: &str| {
        anyhow!(
            "--schedule {text}: {why}accepted is EPOCHSxMAPS with whole numbers of at least 1, one or several, such as 10x48,5x96,1x240"
        )
    };
    let stages = stages.ok_or_else(|| refused(""))?;
    Schedule::new(args.training.base_epochs.into(), stages, sampling)
        .map_err(|error| refused(&format!("{error}; ")))
}

fn hidden(text: &str) -> Result<Vec<usize>> {
    const MOST_LAYERS: usize = 1_000;
    let whole = |text: &str| text.trim().parse::<usize>().ok();
    let widths: Option<Vec<usize>> = match text.split_once(['x', 'X', '×']) {
        Some((width, layers)) => whole(width)
            .zip(whole(layers).filter(|&n| n <= MOST_LAYERS))
            .map(|(width, n)| vec![width; n]),
        None => text.split(',').map(whole).collect(),
    };
    match widths {
        Some(widths)
            if !widths.is_empty() && !widths.contains(&0) && widths.iter().all(|&w| w <= 1 << 15) =>
        {
            Ok(widths)
        }
        _ => bail!(
            "--hidden {text}: accepted is WIDTHxLAYERS, such as 10x7, or widths, such as 64,32, with widths of 1 to 32768"
        ),
    }
}

/// The loss, where one is given: it must be of the kind of the target.
pub(crate) fn loss(text: Option<&str>, metric: Metric) -> Result<Option<Loss>> {
    let kind = metric.outcome_kind();
    let accepted = match kind {
        OutcomeKind::Classes => "ce or dice, for the target is one of classes",
        OutcomeKind::Values => "mse, mae or huber[:THRESHOLD], for the target is one of values",
    };
    let refused = || anyhow!("--loss {}: accepted is {accepted}", text.unwrap_or_default());
    let loss = match (text, kind) {
        (None, _) => return Ok(None),
        (Some("ce"), OutcomeKind::Classes) => Loss::CrossEntropy,
        (Some("dice"), OutcomeKind::Classes) => Loss::SOFT_DICE,
        (Some("mse"), OutcomeKind::Values) => Loss::MeanSquared,
        (Some("mae"), OutcomeKind::Values) => Loss::MeanAbsolute,
        (Some(huber), OutcomeKind::Values) => {
            let threshold = match huber.strip_prefix("huber") {
                Some("") => HUBER_THRESHOLD,
                Some(rest) => rest
                    .strip_prefix(':')
                    .and_then(|number| number.parse().ok())
                    .ok_or_else(refused)?,
                None => return Err(refused()),
            };
            Loss::Huber { threshold }
        }
        _ => return Err(refused()),
    };
    loss.check().map(Some).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strategy with loops as they are by default.
    fn strategy(text: &str) -> Result<Strategy> {
        super::strategy(text, &RepresentativeArgs::default())
    }

    #[test]
    fn strategies_are_read() {
        let of_paper = Strategy::SpadSim(SimilaritySampling::default());
        assert_eq!(strategy("spad-sim").unwrap(), of_paper);
        let random = |n_sampled| Strategy::SpadRnd {
            n_loops: 50,
            n_sampled,
        };
        assert_eq!(strategy("spad-rnd").unwrap(), random(None));
        assert_eq!(strategy("spad-rnd:7").unwrap(), random(Some(7)));
        assert_eq!(strategy("spad").unwrap(), Strategy::Spad);
        assert_eq!(strategy("single:4x1").unwrap(), Strategy::single_grid(4, 1));
        assert_eq!(
            strategy("base-longer:30").unwrap(),
            Strategy::BaseLonger { n_updates: Some(30) }
        );
        assert_eq!(strategy("spad-fixed-k").unwrap(), Strategy::SpadFixedK { k: 10 });
        assert_eq!(strategy("bl-single:4x1").unwrap(), Strategy::single_grid(4, 1));
        assert_eq!(
            strategy("reg-single:4x1").unwrap(),
            Strategy::RegularizedSingle {
                partitioning: "4x1".to_owned(),
                regularizer: Regularizer::default()
            }
        );
        assert_eq!(
            strategy("adl-single:4x1:0.5").unwrap(),
            Strategy::Adversarial {
                partitioning: "4x1".to_owned(),
                adversary: Adversary {
                    weight: 0.5,
                    ..Adversary::default()
                }
            }
        );
        // Names of maps may hold colons; a weight is what reads as a number.
        for (text, name, weight) in [
            ("adl-single:soil:type", "soil:type", Adversary::default().weight),
            ("adl-single:soil:type:2", "soil:type", 2.0),
        ] {
            let adversary = Adversary {
                weight,
                ..Adversary::default()
            };
            let partitioning = name.to_owned();
            let expected = Strategy::Adversarial {
                partitioning,
                adversary,
            };
            assert_eq!(strategy(text).unwrap(), expected);
        }
        for bad in [
            "bl-single",
            "reg-single",
            "reg-single:",
            "adl-single:4x1:",
            "adl-single:4x1:-1",
            "adl-single:4x1:nan",
            "adl-single::2",
            "",
            "SPAD",
            "spad:3",
            "spad-sim:3",
            "spad-rnd:0",
            "spad-rnd:x",
            "single",
            "single:",
            "reg:-1",
            "reg:x",
            "spad-fixed-k:0",
            "base-longer:x",
        ] {
            assert!(strategy(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hidden_layers_are_read() {
        assert_eq!(hidden("10x7").unwrap(), [10; 7]);
        assert_eq!(hidden("64, 32").unwrap(), [64, 32]);
        for bad in ["", "0x2", "10x0", "x", "a,b", "1x100000", "99999"] {
            assert!(hidden(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn losses_fit_their_targets() {
        assert_eq!(loss(None, Metric::F1).unwrap(), None);
        let huber = loss(Some("huber:0.5"), Metric::Mae).unwrap();
        assert_eq!(huber, Some(Loss::Huber { threshold: 0.5 }));
        for bad in ["ce", "huber:", "huber:0", "huber:nan", "hubert", ""] {
            assert!(loss(Some(bad), Metric::Mae).is_err(), "{bad}");
        }
        assert!(loss(Some("mse"), Metric::F1).is_err());
    }
}
