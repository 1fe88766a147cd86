//! Oil-palm plantations on a synthetic scene, by a network of one date and by an LSTM of the year.
//!
//! Trains on a fifth of the pixels, keeps the fairest model by another fifth, and measures F1 of the plantations and its
//! differences over the 24 grids up to 5 by 5 on the rest.
//!
//! `cargo run --release -p wherefair-spad --example palms -- [key=value]…`, with keys `side` (256 pixels), `seeds` (1),
//! `models` (`dnn,lstm`), `hidden` (16, the state of the LSTM), `base_epochs` (150), `loops` (10, of an epoch for each
//! grid; 0: the base model alone), `rate` (0.001), `only` (names of strategies, between commas) and, for the scene,
//! `cloudiness`, `seasonality`, `variation`, `drift`, `mix` and `label_noise`.
#![expect(clippy::print_stdout, reason = "an example that prints a table")]

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context as _, Result};
use wherefair_audit::Score;
use wherefair_core::{Seed, Sites};
use wherefair_data::{LocationSplit, PalmScene, PalmSceneParams};
use wherefair_metrics::{Averaging, ClassScore, ZeroDivision};
use wherefair_nn::{
    AdamParams, Initializer, Loss, LstmNetwork, LstmParams, MlpShape, Samples, Trainable, autograd, fused_mlp,
};
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{Player, Schedule, SpadParams, SpatialSamples, Strategy, Training};

const SCORE: Score = Score::Class(ClassScore::F1(
    Averaging::Binary { positive: 1 },
    ZeroDivision::Zero,
));
const SHARE: f64 = 0.2;
/// Updates of a base epoch: those of the SPAD paper.
const UPDATES_EACH_EPOCH: usize = 52;

struct Options(HashMap<String, String>);

impl Options {
    fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let Some(value) = self.0.get(key) else {
            return Ok(default);
        };
        value.parse().with_context(|| format!("{key}={value}"))
    }

    fn has(&self, key: &str, name: &str) -> bool {
        let Some(names) = self.0.get(key) else { return true };
        names.split(',').any(|one| one == name)
    }
}

/// What a network sees of a pixel.
#[derive(Clone, Copy)]
enum View {
    January,
    Year,
}

fn main() -> Result<()> {
    let pairs = std::env::args().skip(1).map(|argument| {
        let pair = argument.split_once('=');
        let (key, value) = pair.with_context(|| format!("`{argument}` is not key=value"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    let options = Options(pairs.collect::<Result<_>>()?);
    println!("seed model strategy         F1     S(d)mean S(d)max  epoch  updates  base s  fair s");
    for seed in 1..=options.number("seeds", 1_u64)? {
        let scene = scene(&options, Seed::new(seed))?;
        let n_planted = scene.classes().iter().filter(|&&class| class == 1).count();
        println!(
            "seed {seed}: {:.1} % of the pixels are plantations",
            100.0 * n_planted as f64 / scene.n_pixels() as f64
        );
        for (name, view) in [("dnn", View::January), ("lstm", View::Year)] {
            if options.has("models", name) {
                strategies(&options, &scene, (name, view), Seed::new(seed))?;
            }
        }
    }
    Ok(())
}

fn scene(options: &Options, seed: Seed) -> Result<PalmScene> {
    let side = options.number("side", 256)?;
    let mut params = PalmSceneParams::default().rows(side).cols(side);
    type Setter = fn(PalmSceneParams, f64) -> PalmSceneParams;
    let setters: [(&str, Setter); 6] = [
        ("cloudiness", PalmSceneParams::cloudiness),
        ("seasonality", PalmSceneParams::seasonality),
        ("variation", PalmSceneParams::parcel_variation),
        ("drift", PalmSceneParams::spectral_drift),
        ("mix", PalmSceneParams::regional_mix),
        ("label_noise", PalmSceneParams::label_noise),
    ];
    for (key, set) in setters {
        if options.0.contains_key(key) {
            params = set(params, options.number(key, 0.0)?);
        }
    }
    Ok(params.check()?.generate(seed)?)
}

/// The base model and all strategies from it.
fn strategies(options: &Options, scene: &PalmScene, (name, view): (&str, View), seed: Seed) -> Result<()> {
    let split = LocationSplit::new(scene.n_pixels(), SHARE, SHARE, seed)?;
    let months = match view {
        View::January => 0..1,
        View::Year => 0..scene.n_months(),
    };
    let moments = scene.moments(split.train(), months.clone())?;
    let grids = PartitioningDistribution::equal_grids(scene.extent(), 5, 5)?;
    let place = |pixels: &[u32]| placed(scene, pixels, (months.clone(), &moments), &grids);
    let (train, validation, test) = (
        place(split.train())?,
        place(split.validation())?,
        place(split.test())?,
    );
    let batch_size = train.n_samples().div_ceil(UPDATES_EACH_EPOCH);
    let base_epochs = options.number("base_epochs", 150)?;
    let schedule = Schedule::journal(
        options.number("loops", 10_u32)?.max(1),
        u32::try_from(grids.len())?,
    )?;
    let params = SpadParams::new(SCORE)
        .batch_size(batch_size)
        .base_batch_size(batch_size)
        .learning_rate(options.number("rate", 1e-3)?)
        .seed(seed);

    let mut base = network(options, scene, view, seed)?;
    let start = Instant::now();
    let config = params
        .clone()
        .strategy(Strategy::Base)
        .schedule(schedule.clone().with_base_epochs(base_epochs))
        .check()?;
    let mut training = Training::new(base.as_mut(), &train, Some(&validation), config)?;
    training.run(|_| ControlFlow::Continue(()))?;
    let base_seconds = start.elapsed().as_secs_f64();
    let report = |model: &mut dyn Trainable, strategy: &str, epoch: u64, n_updates: u64, seconds: f64| {
        let player = Player::new(model, seed);
        let measured = player.scores(&test, &test.samples()?, SCORE, 1)?.measured();
        println!(
            "{:4} {name:5} {strategy:16} {:.3}  {:.3}    {:.3}    {epoch:5}  {n_updates:7}  {base_seconds:6.1}  {seconds:6.1}",
            seed.value(),
            measured.quality.unwrap_or(f64::NAN),
            measured.deviation_mean,
            measured.deviation_max,
        );
        anyhow::Ok(())
    };
    report(base.as_mut(), "Base", 0, 0, 0.0)?;
    if options.number("loops", 10_u32)? == 0 {
        return Ok(());
    }
    for strategy in [Strategy::Spad, Strategy::single_grid(4, 1)] {
        if !options.has("only", &strategy.name()) {
            continue;
        }
        let mut model = network(options, scene, view, seed)?;
        model.set_parameters(base.parameters())?;
        model.set_optimizer_state(base.optimizer_state().clone())?;
        let config = params
            .clone()
            .strategy(strategy.clone())
            .schedule(schedule.clone().with_base_epochs(0))
            .check()?;
        let start = Instant::now();
        let mut training = Training::new(model.as_mut(), &train, Some(&validation), config)?;
        training.run(|_| ControlFlow::Continue(()))?;
        let n_updates = training.n_fair_updates();
        let epoch = training.into_fairest()?.map_or(0, |fairest| fairest.epoch);
        let seconds = start.elapsed().as_secs_f64();
        report(model.as_mut(), &strategy.name(), epoch, n_updates, seconds)?;
    }
    Ok(())
}

fn network(options: &Options, scene: &PalmScene, view: View, seed: Seed) -> Result<Box<dyn Trainable>> {
    let adam = AdamParams::default().check()?;
    Ok(match view {
        View::January => {
            let shape = MlpShape::new(scene.n_bands(), &[10; 7], scene.n_classes())?;
            Box::new(fused_mlp(
                &shape,
                Initializer::He,
                Loss::CrossEntropy,
                adam,
                seed,
            )?)
        }
        View::Year => {
            let hidden = options.number("hidden", 16)?;
            let shape =
                LstmParams::new(scene.n_months(), scene.n_bands(), hidden, scene.n_classes()).check()?;
            let build = |builder: &_| LstmNetwork::new(&shape, builder);
            Box::new(autograd(
                build,
                Initializer::Glorot,
                Loss::CrossEntropy,
                adam,
                seed,
            )?)
        }
    })
}

fn placed(
    scene: &PalmScene,
    pixels: &[u32],
    (months, moments): (std::ops::Range<usize>, &[(f64, f64)]),
    grids: &PartitioningDistribution,
) -> Result<SpatialSamples> {
    let n_bands = scene.n_bands();
    let points = pixels.iter().map(|&pixel| scene.point(pixel as usize));
    let (x, y): (Vec<f64>, Vec<f64>) = points.map(|point| (point.x, point.y)).unzip();
    let labels: Vec<u32> = pixels
        .iter()
        .map(|&pixel| u32::from(scene.classes()[pixel as usize]))
        .collect();
    let n_features = months.len() * n_bands;
    let mut features = Vec::with_capacity(pixels.len() * n_features);
    for &pixel in pixels {
        let series = &scene.series()[pixel as usize * scene.n_months() * n_bands..];
        let own = &series[months.start * n_bands..months.end * n_bands];
        for (value, (mean, sd)) in own.iter().zip(moments.iter().cycle()) {
            #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
            features.push(((f64::from(*value) - mean) / sd) as f32);
        }
    }
    let samples = Samples::classes(&features, n_features, &labels, scene.n_classes())?;
    Ok(SpatialSamples::new(grids, Sites::new(&x, &y)?, &samples)?)
}
