//! The crops of California's Central Valley: which strategy maps them fairly?
//!
//! Reads a table with columns `lon`, `lat`, `cdl` (the crop) and ten bands; keeps the ten commonest crops; trains on half of
//! the points and measures the other half over the 24 grids up to 5 by 5, leaving out partitions of fewer than 20 test points.
//!
//! `cargo run --release -p wherefair-spad --example crops -- TABLE.csv [key=value]…`, with keys `seeds` (5), `base_epochs`
//! (300), `base_batch` (65536), `batch` (65536), `rate` (0.001), `loss` (`ce` or `dice`), `init` (`spad`, `he` or
//! `glorot`), `order` (`shuffled` or `numbered`), `adam` (`carried` or `reset`), `threshold` (γ of REG, 0.5), `validation`
//! (the part of the training points on which the fairest model is selected; 0: the last model is measured) and `only`
//! (names of strategies, between commas).
#![expect(clippy::print_stdout, reason = "an example that prints a table")]

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use anyhow::{Context as _, Result, bail};
use wherefair_audit::{Measured, ReferenceRule, Score};
use wherefair_core::{Extent, Seed, Sites};
use wherefair_metrics::{Averaging, ClassScore, Distance, ZeroDivision};
use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, Samples, StatePolicy, fused_mlp};
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{Regularizer, SpadParams, Strategy, Threshold};
use wherefair_train::{PartitionOrder, Schedule, SpatialSamples};

const N_CROPS: usize = 10;
const N_BANDS: usize = 10;
const MIN_TEST_POINTS: u64 = 20;
const MIN_VALIDATION_POINTS: u64 = 10;
const SCORE: Score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));

/// Points of the commonest crops.
#[derive(Default)]
struct Points {
    x: Vec<f64>,
    y: Vec<f64>,
    bands: Vec<f32>,
    crops: Vec<u32>,
}

struct Options {
    values: HashMap<String, String>,
}

impl Options {
    fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        match self.values.get(key) {
            None => Ok(default),
            Some(value) => value.parse().with_context(|| format!("{key}={value}")),
        }
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.values.get(key).is_some_and(|given| given == value)
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().context("the path of a table is missing")?;
    let pairs = arguments.map(|argument| {
        let (key, value) = argument
            .split_once('=')
            .with_context(|| format!("`{argument}` is not key=value"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    let options = Options {
        values: pairs.collect::<Result<_>>()?,
    };
    let points = read(&path)?;
    println!("{} points of {N_CROPS} crops", points.crops.len());
    let mut rows: BTreeMap<usize, (String, Vec<(Measured, u64)>)> = BTreeMap::new();
    for seed in 1..=options.number("seeds", 5_u64)? {
        for (place, (strategy, measured, n_updates)) in
            of_seed(&points, &options, seed)?.into_iter().enumerate()
        {
            let row = rows.entry(place).or_insert((strategy, Vec::new()));
            row.1.push((measured, n_updates));
        }
    }
    println!("strategy         weighted F1      S(d)mean         S(d)max          updates");
    for (strategy, runs) in rows.values() {
        let column = |value: fn(&Measured) -> f64| {
            let values: Vec<f64> = runs.iter().map(|(measured, _)| value(measured)).collect();
            let (mean, sd) = mean_sd(&values);
            format!("{mean:.3} ± {sd:.3}")
        };
        let updates: Vec<f64> = runs.iter().map(|&(_, n)| n as f64).collect();
        println!(
            "{strategy:16} {:16} {:16} {:16} {:.0}",
            column(|measured| measured.quality.unwrap_or(f64::NAN)),
            column(|measured| measured.deviation_mean),
            column(|measured| measured.deviation_max),
            mean_sd(&updates).0,
        );
    }
    Ok(())
}

/// Every strategy from the same base model on the same split.
fn of_seed(points: &Points, options: &Options, seed: u64) -> Result<Vec<(String, Measured, u64)>> {
    let mut order: Vec<usize> = (0..points.crops.len()).collect();
    Seed::new(seed).stream("split").shuffle(&mut order);
    let (train, test) = order.split_at(order.len() / 2);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of few points"
    )]
    let n_validation = (train.len() as f64 * options.number("validation", 0.0_f64)?.clamp(0.0, 0.9)) as usize;
    let (validation, train) = train.split_at(n_validation);
    let scaling = scaling(points, train);
    let sites = Sites::new(&points.x, &points.y)?;
    let extent = Extent::of(&sites)?.context("no point")?;
    let grids = PartitioningDistribution::equal_grids(extent, 5, 5)?;
    let train = placed(points, train, &scaling, &grids)?;
    let test = placed(points, test, &scaling, &grids)?;
    let validation = match validation {
        [] => None,
        rows => Some(placed(points, rows, &scaling, &grids)?),
    };

    let loss = if options.is("loss", "dice") {
        Loss::SOFT_DICE
    } else {
        Loss::CrossEntropy
    };
    let initializer = match options.values.get("init").map(String::as_str) {
        Some("he") => Initializer::He,
        Some("glorot") => Initializer::Glorot,
        _ => Initializer::SPAD,
    };
    let schedule = Schedule::paper().with_base_epochs(options.number("base_epochs", 300)?);
    let mut params = SpadParams::new(SCORE)
        .schedule(schedule)
        .batch_size(options.number("batch", 65_536)?)
        .base_batch_size(options.number("base_batch", 65_536)?)
        .learning_rate(options.number("rate", 1e-3)?)
        .min_validation_samples(MIN_VALIDATION_POINTS)
        .seed(Seed::new(seed));
    if options.is("order", "numbered") {
        params = params.partition_order(PartitionOrder::AsNumbered);
    }
    if options.is("adam", "reset") {
        params = params.adam_state(StatePolicy::ResetEachPartition);
    }
    let regularizer = Regularizer {
        threshold: Threshold::Given(options.number("threshold", 0.5)?),
        ..Regularizer::default()
    };
    let mut results = Vec::new();
    let mut of_spad = None;
    for strategy in [
        Strategy::Base,
        Strategy::Spad,
        Strategy::BaseLonger { n_updates: None },
        Strategy::EqualRates,
        Strategy::single_grid(1, 4),
        Strategy::single_grid(4, 1),
        Strategy::SpadFixedK { k: 10 },
        Strategy::SpadNoBase,
        Strategy::SpadGd,
        Strategy::Regularized(regularizer),
    ] {
        let name = strategy.name();
        if let Some(only) = options.values.get("only")
            && !only.split(',').any(|part| part == name)
        {
            continue;
        }
        let strategy = match strategy {
            Strategy::BaseLonger { .. } => Strategy::BaseLonger { n_updates: of_spad },
            other => other,
        };
        let adam = AdamParams::default().check()?;
        let shape = MlpShape::new(N_BANDS, &[10; 7], N_CROPS)?;
        let model = fused_mlp(&shape, initializer, loss, adam, Seed::new(seed))?;
        let config = params.clone().strategy(strategy.clone()).check()?;
        let mut training = config.train(model, &train, validation.as_ref())?;
        training.run(|_| ControlFlow::Continue(()))?;
        let n_updates = training.n_fair_updates();
        let model = if validation.is_some() {
            training.into_fairest()?.0
        } else {
            training.into_model()
        };
        if strategy == Strategy::Spad {
            of_spad = Some(n_updates);
        }
        if !model.parameters().iter().all(|value| value.is_finite()) {
            bail!("{name} diverged");
        }
        let scores = test.scores(&model, SCORE, MIN_TEST_POINTS)?;
        let measured = scores.measured(ReferenceRule::PartitionMean, Distance::Absolute, None)?;
        println!("seed {seed} {name:16} {measured:?}");
        results.push((name, measured, n_updates));
    }
    Ok(results)
}

fn read(path: &str) -> Result<Points> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.to_owned())?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        let place = headers.iter().position(|header| header == name);
        place.with_context(|| format!("{path} has no column `{name}`"))
    };
    let (lon, lat, cdl) = (column("lon")?, column("lat")?, column("cdl")?);
    let bands: Vec<usize> = (0..headers.len())
        .filter(|&place| headers[place].starts_with('B'))
        .collect();
    if bands.len() != N_BANDS {
        bail!("{path} has {} bands (accepted: {N_BANDS})", bands.len());
    }
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for record in &records {
        *counts.entry(record[cdl].parse()?).or_default() += 1;
    }
    let mut commonest: Vec<(usize, u32)> = counts.into_iter().map(|(code, n)| (n, code)).collect();
    commonest.sort_by_key(|&(n, code)| (std::cmp::Reverse(n), code));
    commonest.truncate(N_CROPS);
    let mut points = Points::default();
    for record in &records {
        let code: u32 = record[cdl].parse()?;
        let Some(crop) = commonest.iter().position(|&(_, one)| one == code) else {
            continue;
        };
        points.x.push(record[lon].parse()?);
        points.y.push(record[lat].parse()?);
        points.crops.push(u32::try_from(crop)?);
        for &band in &bands {
            points.bands.push(record[band].parse()?);
        }
    }
    Ok(points)
}

/// Mean and standard deviation of each band over the rows.
fn scaling(points: &Points, rows: &[usize]) -> Vec<(f64, f64)> {
    let of_band = |band: usize| {
        let values: Vec<f64> = rows
            .iter()
            .map(|row| f64::from(points.bands[row * N_BANDS + band]))
            .collect();
        mean_sd(&values)
    };
    (0..N_BANDS).map(of_band).collect()
}

fn placed(
    points: &Points,
    rows: &[usize],
    scaling: &[(f64, f64)],
    grids: &PartitioningDistribution,
) -> Result<SpatialSamples> {
    let x: Vec<f64> = rows.iter().map(|&row| points.x[row]).collect();
    let y: Vec<f64> = rows.iter().map(|&row| points.y[row]).collect();
    let crops: Vec<u32> = rows.iter().map(|&row| points.crops[row]).collect();
    let mut bands = Vec::with_capacity(rows.len() * N_BANDS);
    for row in rows {
        for (value, (mean, sd)) in points.bands[row * N_BANDS..].iter().zip(scaling) {
            #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
            bands.push(((f64::from(*value) - mean) / sd) as f32);
        }
    }
    let samples = Samples::classes(&bands, N_BANDS, &crops, N_CROPS)?;
    Ok(SpatialSamples::new(grids, Sites::new(&x, &y)?, &samples)?)
}

fn mean_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, variance.sqrt())
}
