//! `wherefair train`.

use anyhow::{Context as _, Result, anyhow, bail};
use wherefair_audit::{
    Audit, AuditConfig, AuditError, InMemory, Outcomes, ReferenceRule, SampleBatch, SampleSource, Visit,
    audit_source,
};
use wherefair_core::Seed;
use wherefair_data::Table;
use wherefair_nn::Device;
use wherefair_partition::PartitioningDistribution;
use wherefair_similarity::SimilarityError;
use wherefair_spad::{LoopRecord, SpadConfig, SpadSim, Strategy};
use wherefair_train::{
    Description, FairModel, Fault, Fitted, Part, Prepared, Response, TrainError, Training,
};

use super::args::TrainArgs;
use super::checkpoint::{Checkpoint, run_epochs};
use super::dataset::{TrainColumns, choose_metric};
use super::outcome::{CurvePoint, LoopPoint, ModelAudit, Trained};
use super::settings::{Settings, loss, n_loops, schedule_text};
use crate::Outcome;
use crate::audit_command::{declared_crs, set_threads};
use crate::maps::{crs_note, maps, may_be_degrees};
use crate::measure::{config, preview, reference};
use crate::output::Outputs;
use crate::progress::Bars;
use crate::table::grouped;

/// Trains, audits and writes the model.
pub(crate) fn run(args: &TrainArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    let mut outputs: Outputs = args.output.plan()?;
    outputs.plan("--out", &args.out, args.output.force)?;
    if let Some(path) = &args.base_out {
        outputs.plan("--base-out", path, args.output.force)?;
    }
    let bars = Bars::new(args.running.quiet);
    let title = args.input.display().to_string();
    let trained = train_table(&Table::open(&args.input)?, &title, args, &bars)?;
    bars.finish();

    let mut models = vec![trained.fair.to_bytes()?];
    if args.base_out.is_some() {
        let base = trained.base.as_ref();
        models.push(
            base.context("--base-out: spad-no-base has no base model")?
                .to_bytes()?,
        );
    }
    let html = args.output.report.as_ref().map(|_| trained.html("Fair training"));
    let text = format!("{}\nModel:  {}\n", trained.text(), args.out.display());
    args.output
        .finish(outputs, || trained.json(), html, models, text)?;
    Ok(if trained.passed() == Some(false) {
        Outcome::GateFailed
    } else {
        Outcome::Done
    })
}

/// Trains on an opened table and audits on its test part.
pub(crate) fn train_table(table: &Table, title: &str, args: &TrainArgs, bars: &Bars) -> Result<Trained> {
    args.maps.check()?;
    let settings = Settings::new(args)?;
    if let Some(note) = &settings.device_note {
        Bars::say(note);
    }
    let checkpoint = Checkpoint::prepare(args)?;
    let ready = prepare(table, title, args, &settings, bars)?;
    let (fitted, loops) = fit(&ready, checkpoint.as_ref(), bars)?;
    let models = audits(&ready, &fitted, bars)?;
    let distance = *ready.config.training().distance();
    let curve = fitted.records.iter().map(|record| {
        let in_units = |measured| ready.prepared.in_units(measured, distance);
        CurvePoint::new(record, &ready.maps, record.measured.map(in_units))
    });
    let split = ready.prepared.split();
    Ok(Trained {
        models,
        curve: curve.collect(),
        loops: loops.iter().map(|one| LoopPoint::new(one, &ready.maps)).collect(),
        selected: fitted.fair.description().epoch,
        base_epoch: settings.schedule.base_epochs(),
        n_parts: [split.train(), split.validation(), split.test()].map(|part| part.len() as u64),
        notes: ready.notes,
        facts: ready.facts,
        labels: fitted.fair.description().target.labels().to_vec(),
        config: ready.config,
        geographic: ready.geographic,
        fair: fitted.fair,
        base: fitted.base,
    })
}

/// All that is known before the first epoch.
#[derive(Debug)]
struct Ready {
    prepared: Prepared,
    /// What other models predict of the test part.
    others: Vec<(String, Response)>,
    maps: PartitioningDistribution,
    config: SpadConfig,
    audit_config: AuditConfig,
    needs_base: bool,
    geographic: bool,
    notes: Vec<String>,
    facts: Vec<(String, String)>,
}

/// Whether the audit holds scores against those of the base model.
fn needs_base(args: &TrainArgs, settings: &Settings) -> Result<bool> {
    let needs_base = matches!(
        reference(&args.measure.reference)?,
        ReferenceRule::BaseModel | ReferenceRule::WeightedBaseModel
    );
    if settings.strategy == Strategy::SpadNoBase && (needs_base || args.base_out.is_some()) {
        bail!(
            "--strategy {}: has no base model (accepted: another strategy, or neither --base-out nor --reference {})",
            args.training.strategy,
            args.measure.reference
        );
    }
    Ok(needs_base)
}

fn prepare(table: &Table, title: &str, args: &TrainArgs, settings: &Settings, bars: &Bars) -> Result<Ready> {
    let needs_base = needs_base(args, settings)?;
    let columns = TrainColumns::choose(table, args)?;
    let metric = choose_metric(table, &args.columns.target, args.measure.metric)?;
    let fit = settings.fit.clone().metric(Some(metric.flag()));
    let fit = fit.loss(loss(args.network.loss.as_deref(), metric)?).check()?;
    let crs = declared_crs(table, args.columns.crs.as_deref())?;
    let coordinates = columns
        .coordinates
        .as_ref()
        .map_or_else(|| "none".to_owned(), |(x, y)| format!("{x}, {y}"));
    bars.begin("reading", table.n_rows());
    let samples = columns.read(table, metric, args)?;
    bars.finish();

    let score = metric.score(&args.measure, samples.labels()?)?;
    let maps = maps(&args.maps, &samples.places, &crs, Seed::new(args.inference.seed))?;
    let prepared = Prepared::new(&samples.data, &maps.distribution, score, &fit).map_err(advised)?;
    let extent = samples.places.extent;
    let geographic = crs
        .is_geographic()
        .unwrap_or_else(|| extent.is_some_and(|extent| may_be_degrees(&extent)));
    let mut notes = prepared.notes().to_vec();
    notes.extend(settings.device_note.clone());
    notes.extend(samples.left_out.clone());
    notes.extend(maps.notes);
    notes.extend(extent.and_then(|_| crs_note(&crs, geographic)));
    let rule = prepared.rule(reference(&args.measure.reference)?);
    let facts = facts(
        args,
        title,
        &prepared,
        (&settings.strategy, settings.device),
        &[
            ("rows", grouped(samples.data.n_rows() as u64)),
            ("coordinates", coordinates),
            ("coordinate reference system", crs.describe()),
        ],
    );
    Ok(Ready {
        others: samples.others(&prepared.description().target, prepared.split().test())?,
        maps: maps.distribution,
        config: settings.config(args, prepared.score(), rule)?,
        audit_config: config(score, &args.measure, &args.inference)?,
        prepared,
        needs_base,
        geographic,
        notes,
        facts,
    })
}

/// Trains to the end; with the loops of a training on representative maps.
fn fit(ready: &Ready, checkpoint: Option<&Checkpoint>, bars: &Bars) -> Result<(Fitted, Vec<LoopRecord>)> {
    let (prepared, strategy) = (&ready.prepared, ready.config.strategy());
    let config = ready.config.training().clone();
    let distance = *config.distance();
    let training = prepared.training(config, strategy.method(), Box::new(ready.config.referee()));
    let mut training: Training = training.map_err(|error| explained(error, strategy))?;
    if let Some(checkpoint) = checkpoint {
        checkpoint.begin(&mut training)?;
    }
    let in_units = |measured| prepared.in_units(measured, distance);
    run_epochs(&mut training, checkpoint, in_units, bars)?;
    let loops = training.method().map_or(&[][..], SpadSim::loops).to_vec();
    Ok((prepared.fitted(&training)?, loops))
}

/// What is wrong with data, with the flags that help.
pub(super) fn advised(error: TrainError) -> anyhow::Error {
    let TrainError::Data(mut data) = error else {
        return error.into();
    };
    let (is_replaced, advice) = match data.fault {
        Fault::UnseenCategory => (false, "; or --unseen other, to take it for none of them"),
        Fault::TooManyCategories => (false, "; name it in --features if it holds numbers"),
        Fault::NoLogarithm => (false, "; or another --metric"),
        Fault::AbsentClass => (
            true,
            "every class in training, by another --split or --seed or by merging rare classes; or --absent-class keep, to count their samples as errors",
        ),
        Fault::EmptyPart => (true, "more samples, another --split or --split-by"),
        Fault::TooFewSamples => (true, "a lower --min-samples, coarser maps, or more samples"),
        _ => (false, ""),
    };
    if is_replaced {
        data.accepted.clear();
    }
    data.accepted += advice;
    anyhow::Error::new(*data)
}

/// What is wrong with a strategy, in terms of its flags.
fn explained(error: TrainError, strategy: &Strategy) -> anyhow::Error {
    match (&error, strategy) {
        (TrainError::Method(source), Strategy::SpadSim(_))
            if matches!(source.downcast_ref(), Some(SimilarityError::Partition(_))) =>
        {
            let hint = "maps without areas, such as groups and blocks of time, have no shapes to compare \
                        (accepted: --map-distance none)";
            anyhow::Error::new(error).context(hint)
        }
        (TrainError::Param(param), Strategy::SpadRnd { .. }) if param.name() == "n_sampled" => {
            anyhow!(
                "--strategy spad-rnd:{}: accepted is {}",
                param.value(),
                param.accepted()
            )
        }
        _ => advised(error),
    }
}

/// The audits of all models on the test part.
fn audits(ready: &Ready, fitted: &Fitted, bars: &Bars) -> Result<Vec<ModelAudit>> {
    let test = ready.prepared.test();
    let n_classes = fitted.fair.description().target.labels().len();
    let predict = |model: &FairModel| model.predict_encoded(test.features());
    let of_base = fitted.base.as_ref().map(predict).transpose()?;
    let of_fair = predict(&fitted.fair)?;
    let mut predictions: Vec<(String, &Response)> = Vec::new();
    predictions.extend(of_base.iter().map(|of_base| (Strategy::Base.name(), of_base)));
    if *ready.config.strategy() != Strategy::Base {
        predictions.push((ready.config.strategy().name(), &of_fair));
    }
    predictions.extend(
        ready
            .others
            .iter()
            .map(|(name, predicted)| (name.clone(), predicted)),
    );
    let reference = of_base.as_ref().filter(|_| ready.needs_base);
    predictions
        .into_iter()
        .map(|(name, predicted)| {
            let audit = audit_of(
                (test, n_classes),
                predicted,
                reference,
                (&ready.maps, &ready.audit_config),
                bars,
            )
            .with_context(|| format!("the audit of {name}"))?;
            Ok(ModelAudit { name, audit })
        })
        .collect()
}

/// Samples of which some classes may be neither true nor predicted.
#[derive(Debug)]
struct TestSamples<'a> {
    samples: InMemory<'a>,
    n_classes: usize,
}

impl SampleSource for TestSamples<'_> {
    fn for_each(&mut self, visit: &mut Visit<'_>) -> Result<(), AuditError> {
        self.samples.for_each(visit)
    }

    fn in_memory(&self) -> Option<SampleBatch<'_>> {
        self.samples.in_memory()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }
}

fn audit_of(
    (test, n_classes): (&Part, usize),
    predicted: &Response,
    base: Option<&Response>,
    (maps, config): (&PartitioningDistribution, &AuditConfig),
    bars: &Bars,
) -> Result<Audit> {
    let outcomes = match (test.truth(), predicted) {
        (Response::Classes(truth), Response::Classes(pred)) => Outcomes::Classes {
            truth,
            pred,
            base: match base {
                Some(Response::Classes(base)) => Some(base),
                _ => None,
            },
        },
        (Response::Values(truth), Response::Values(pred)) => Outcomes::Values {
            truth,
            pred,
            base: match base {
                Some(Response::Values(base)) => Some(base),
                _ => None,
            },
        },
        _ => bail!("predictions are not of the kind of the target"),
    };
    let mut source = TestSamples {
        samples: InMemory::new(test.sites()?, outcomes)?,
        n_classes,
    };
    Ok(audit_source(&mut source, maps, config, bars)?)
}

fn facts(
    args: &TrainArgs,
    title: &str,
    prepared: &Prepared,
    (strategy, device): (&Strategy, Device),
    more: &[(&str, String)],
) -> Vec<(String, String)> {
    let (description, split): (&Description, _) = (prepared.description(), prepared.split());
    let [n_train, n_validation, n_test] =
        [split.train(), split.validation(), split.test()].map(|part| grouped(part.len() as u64));
    let features: Vec<String> = description
        .encoding
        .features
        .iter()
        .map(|feature| feature.name().to_owned())
        .collect();
    let training = &args.training;
    let layers: Vec<String> = description.hidden.iter().map(ToString::to_string).collect();
    let mut facts = vec![("input".to_owned(), title.to_owned())];
    facts.extend(
        more.iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone())),
    );
    let rest = [
        ("target", description.target_name.clone()),
        ("features", features.join(", ")),
        (
            "parts",
            format!(
                "{} to train, {} to choose, {} to test (--split {} --split-by {})",
                n_train, n_validation, n_test, args.split.split, args.split.split_by
            ),
        ),
        ("metric", description.metric.clone()),
        ("strategy", strategy.name()),
        (
            "epochs",
            match strategy {
                Strategy::SpadSim(_) | Strategy::SpadRnd { .. } => {
                    let n_loops = n_loops(&args.representatives);
                    format!("{} base, then {n_loops} loops", training.base_epochs)
                }
                _ => format!("{} base, then {}", training.base_epochs, schedule_text(args)),
            },
        ),
        (
            "learning rate",
            match training.base_learning_rate {
                Some(base) => format!("{} (base model: {base})", training.learning_rate),
                None => training.learning_rate.to_string(),
            },
        ),
        (
            "batches",
            format!(
                "{} (base model: {})",
                training.batch,
                training.base_batch.unwrap_or(training.batch)
            ),
        ),
        ("hidden layers", preview(&layers)),
        ("loss", format!("{:?}", description.loss)),
        ("device", device.to_string()),
        ("seed", description.seed.to_string()),
    ];
    facts.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    facts
}
