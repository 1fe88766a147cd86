//! `wherefair train`.

use anyhow::{Context as _, Result, anyhow, bail};
use wherefair_audit::{
    Audit, AuditConfig, AuditError, InMemory, Outcomes, ReferenceRule, SampleBatch, SampleSource, Visit,
    audit,
};
use wherefair_core::Seed;
use wherefair_data::Table;
use wherefair_nn::{Device, Trainable as _};
use wherefair_partition::PartitioningDistribution;
use wherefair_similarity::SimilarityError;
use wherefair_spad::{EpochRecord, LoopRecord, SpadConfig, SpadError, SpatialSamples, Strategy, Training};

use super::args::TrainArgs;
use super::checkpoint::{Checkpoint, run_epochs};
use super::dataset::{Part, Predicted, TrainColumns};
use super::encoding::Encoding;
use super::model::{Description, Model};
use super::outcome::{CurvePoint, LoopPoint, ModelAudit, Trained};
use super::settings::{Settings, loss, n_loops, schedule_text};
use super::split::Split;
use super::target::{Target, Truth, choose_metric, training_score};
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
    let fitted = fit(&ready, &settings, checkpoint.as_ref(), bars)?;

    let model = |parameters: &[f32], epoch: u64, strategy: &Strategy| -> Result<Model> {
        let mut network = ready.description.network(settings.initializer, settings.adam)?;
        network.set_parameters(parameters)?;
        let description = Description {
            epoch,
            strategy: strategy.name(),
            ..ready.description.clone()
        };
        Ok(Model { description, network })
    };
    let base_epoch = settings.schedule.base_epochs();
    let fair = model(&fitted.parameters, fitted.selected, &settings.strategy)?;
    let base = fitted
        .base
        .map(|parameters| model(&parameters, base_epoch, &Strategy::Base))
        .transpose()?;
    let models = audits(&ready, base.as_ref(), &fair, bars)?;
    let curve = fitted
        .records
        .iter()
        .map(|record| CurvePoint::new(record, &ready.maps, ready.unit))
        .collect();
    Ok(Trained {
        models,
        curve,
        loops: fitted
            .loops
            .iter()
            .map(|one| LoopPoint::new(one, &ready.maps))
            .collect(),
        selected: fitted.selected,
        base_epoch,
        n_parts: ready.parts.each_ref().map(|part| part.n_samples() as u64),
        notes: ready.notes,
        facts: ready.facts,
        labels: ready.description.target.labels().to_vec(),
        config: ready.config,
        geographic: ready.geographic,
        fair,
        base,
    })
}

/// All that is known before the first epoch.
#[derive(Debug)]
struct Ready {
    /// Samples to train on, to choose by, and to test on.
    parts: [Part; 3],
    /// What other models predict of the test part.
    others: Vec<(String, Predicted)>,
    maps: PartitioningDistribution,
    description: Description,
    config: SpadConfig,
    audit_config: AuditConfig,
    needs_base: bool,
    /// What turns scores of the training into the units of the metric.
    unit: f64,
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
    let split = Split::new(&args.split)?;
    let columns = TrainColumns::choose(table, args, split.needs_coordinates())?;
    let metric = choose_metric(table, &args.columns.target, args.measure.metric)?;
    let loss = loss(args.network.loss.as_deref(), metric)?;
    let crs = declared_crs(table, args.columns.crs.as_deref())?;
    let coordinates = columns
        .coordinates
        .as_ref()
        .map_or_else(|| "none".to_owned(), |(x, y)| format!("{x}, {y}"));
    bars.begin("reading", table.n_rows());
    let data = columns.read(table, metric, args)?;
    bars.finish();

    let seed = Seed::new(args.inference.seed);
    let rows = split.divide(&data.sites()?, data.places.extent, seed)?;
    let (encoding, mut notes) = Encoding::fit(data.source(), rows.train(), args.columns.scaling)?;
    let (target, note) = Target::fit(
        data.source(),
        data.target(),
        rows.train(),
        metric,
        args.columns.absent_class,
    )?;
    notes.extend(note);
    notes.extend(settings.device_note.clone());
    notes.extend(data.left_out.clone());
    let (score, unit) = training_score(metric, &target, &args.measure)?;
    let audit_score = metric.score(&args.measure, target.labels())?;
    let maps = maps(&args.maps, &data.places, &crs, seed)?;
    notes.extend(maps.notes);
    let geographic = crs
        .is_geographic()
        .unwrap_or_else(|| data.places.extent.is_some_and(|extent| may_be_degrees(&extent)));
    if data.places.extent.is_some() {
        notes.extend(crs_note(&crs, geographic));
    }
    let parts = data.parts(&rows, (&encoding, &target), args.columns.unseen)?;
    let others = data.others(&target, rows.test())?;
    let description = Description {
        wherefair: env!("CARGO_PKG_VERSION").to_owned(),
        target_name: args.columns.target.clone(),
        target,
        encoding,
        hidden: settings.hidden.clone(),
        loss,
        metric: metric.flag(),
        strategy: settings.strategy.name(),
        epoch: 0,
        seed: args.inference.seed,
        n_training_samples: parts[0].n_samples() as u64,
    };
    let facts = facts(
        args,
        title,
        (&description, settings.device),
        parts.each_ref().map(|part| part.n_samples() as u64),
        &[
            ("rows", grouped(data.n_rows() as u64)),
            ("coordinates", coordinates),
            ("coordinate reference system", crs.describe()),
        ],
    );
    Ok(Ready {
        parts,
        others,
        maps: maps.distribution,
        description,
        config: settings.config(args, score)?,
        audit_config: config(audit_score, &args.measure, &args.inference)?,
        needs_base,
        unit,
        geographic,
        notes,
        facts,
    })
}

/// What the training came to.
#[derive(Debug)]
struct Fitted {
    records: Vec<EpochRecord>,
    loops: Vec<LoopRecord>,
    /// The parameters of the base model, where there is one.
    base: Option<Vec<f32>>,
    /// The epoch of the model that was chosen, and its parameters.
    selected: u64,
    parameters: Vec<f32>,
}

fn fit(ready: &Ready, settings: &Settings, checkpoint: Option<&Checkpoint>, bars: &Bars) -> Result<Fitted> {
    let target = &ready.description.target;
    let [train, validation, test] = &ready.parts;
    let min_samples = *ready.config.min_validation_samples();
    check_size("test", &test.placed(&ready.maps, target)?, min_samples)?;
    let validation = validation.placed(&ready.maps, target)?;
    check_size("validation", &validation, min_samples)?;
    let train = train.placed(&ready.maps, target)?;
    let mut network = ready
        .description
        .network_on(settings.device, settings.initializer, settings.adam)?;
    let config = ready.config.clone();
    let training = Training::new(network.as_mut(), &train, Some(&validation), config);
    let mut training = training.map_err(|error| explained(error, ready.config.strategy()))?;
    if let Some(checkpoint) = checkpoint {
        checkpoint.begin(&mut training)?;
    }
    run_epochs(&mut training, checkpoint, ready.unit, bars)?;
    let (selected, parameters) = match training.fairest() {
        Some(fairest) => (fairest.epoch, fairest.parameters.clone()),
        None => (training.epoch(), training.model().parameters().to_vec()),
    };
    Ok(Fitted {
        records: training.records().to_vec(),
        loops: training.loops().to_vec(),
        base: training.base().map(<[f32]>::to_vec),
        selected,
        parameters,
    })
}

/// What is wrong with a strategy, in terms of its flags.
fn explained(error: SpadError, strategy: &Strategy) -> anyhow::Error {
    match (&error, strategy) {
        (SpadError::Similarity(SimilarityError::Partition(_)), Strategy::SpadSim(_)) => {
            let hint = "maps without areas, such as groups and blocks of time, have no shapes to compare \
                        (accepted: --map-distance none)";
            anyhow::Error::new(error).context(hint)
        }
        (SpadError::Param(param), Strategy::SpadRnd { .. }) if param.name() == "n_sampled" => {
            anyhow!(
                "--strategy spad-rnd:{}: accepted is {}",
                param.value(),
                param.accepted()
            )
        }
        _ => error.into(),
    }
}

/// The audits of all models on the test part.
fn audits(ready: &Ready, base: Option<&Model>, fair: &Model, bars: &Bars) -> Result<Vec<ModelAudit>> {
    let test = &ready.parts[2];
    let n_classes = ready.description.target.labels().len();
    let of_base = base.map(|base| base.predict(&test.features)).transpose()?;
    let of_fair = fair.predict(&test.features)?;
    let mut predictions: Vec<(String, &Predicted)> = Vec::new();
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

/// Some partition must hold enough samples to be scored.
fn check_size(name: &str, placed: &SpatialSamples, min_samples: u64) -> Result<()> {
    let largest = (0..placed.distribution().len())
        .flat_map(|map| (0..placed.n_partitions(map)).map(move |partition| (map, partition)))
        .map(|(map, partition)| {
            placed
                .runs(map, partition)
                .iter()
                .map(ExactSizeIterator::len)
                .sum()
        })
        .max()
        .unwrap_or(0_usize);
    if (largest as u64) < min_samples {
        bail!(
            "no partition of any map holds {min_samples} of the {} samples of the {name} part: the largest has {largest} (accepted: a lower --min-samples, coarser maps, or more samples)",
            placed.n_samples()
        );
    }
    Ok(())
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
    predicted: &Predicted,
    base: Option<&Predicted>,
    (maps, config): (&PartitioningDistribution, &AuditConfig),
    bars: &Bars,
) -> Result<Audit> {
    let outcomes = match (&test.truth, predicted) {
        (Truth::Classes(truth), Predicted::Classes(pred)) => Outcomes::Classes {
            truth,
            pred,
            base: match base {
                Some(Predicted::Classes(base)) => Some(base),
                _ => None,
            },
        },
        (Truth::Values { values, .. }, Predicted::Values(pred)) => Outcomes::Values {
            truth: values,
            pred,
            base: match base {
                Some(Predicted::Values(base)) => Some(base),
                _ => None,
            },
        },
        _ => bail!("predictions are not of the kind of the target"),
    };
    let mut source = TestSamples {
        samples: InMemory::new(test.positions.sites()?, outcomes)?,
        n_classes,
    };
    Ok(audit(&mut source, maps, config, bars)?)
}

fn facts(
    args: &TrainArgs,
    title: &str,
    (description, device): (&Description, Device),
    [n_train, n_validation, n_test]: [u64; 3],
    more: &[(&str, String)],
) -> Vec<(String, String)> {
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
                grouped(n_train),
                grouped(n_validation),
                grouped(n_test),
                args.split.split,
                args.split.split_by
            ),
        ),
        ("metric", description.metric.clone()),
        ("strategy", description.strategy.clone()),
        (
            "epochs",
            match description.strategy.as_str() {
                "SPAD-SIM" | "SPAD-RND" => {
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
