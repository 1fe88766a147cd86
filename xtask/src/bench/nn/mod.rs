//! `bench nn`: epochs and evaluations of the fused engine against the machine's peak and against other libraries.

mod peak;
mod peer;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use wherefair::core::Seed;
use wherefair_nn::{
    AdamParams, Epoch, Initializer, Loss, MlpNetwork, MlpShape, Order, Samples, Trainable, autograd,
    fused_mlp,
};

use super::BenchArgs;

/// Samples of an epoch for narrow networks.
const N_SAMPLES: usize = 1 << 20;

/// Samples of an epoch for wide ones, and for candle, whose time a sample is the same at any number.
const N_FEW: usize = 1 << 18;

/// Samples of a step.
const BATCH: usize = 1 << 16;

const N_FEATURES: usize = 10;
const N_CLASSES: u32 = 23;

/// Every timing is the best of so many.
const N_REPEATS: usize = 7;

/// The widths of the hidden layers; 10 is the paper's.
const WIDTHS: [usize; 5] = [10, 16, 32, 64, 128];

/// Seconds a million samples.
#[derive(Debug, Clone, Copy)]
struct Times {
    epoch: f64,
    evaluation: f64,
}

/// Measures and prints.
pub(super) fn run(root: &Path, args: &BenchArgs) -> anyhow::Result<()> {
    let threads = rayon::current_num_threads();
    let peak = peak::fused_multiply_adds_per_second();
    println!(
        "8 layers, {N_FEATURES} features, {N_CLASSES} classes, batches of {BATCH}, {threads} threads; measured peak {:.0} billion f32 FMA/s",
        peak / 1e9
    );
    let data = Data::new(N_SAMPLES);
    for loss in [Loss::CrossEntropy, Loss::SOFT_DICE] {
        println!("\n{loss:?}: seconds a million samples");
        for width in WIDTHS {
            let shape = MlpShape::new(N_FEATURES, &[width; 7], N_CLASSES as usize)?;
            let adam = AdamParams::default().check()?;
            let mut model = fused_mlp(&shape, Initializer::He, loss, adam, Seed::new(1))?;
            let n = if width > 32 { N_FEW } else { N_SAMPLES };
            let times = measure(&mut model, &data.samples(n)?)?;
            // Forward, gradient of weights, gradient of inputs (not of the first layer's).
            let products = shape
                .widths()
                .windows(2)
                .map(|pair| 3 * pair[0] * pair[1])
                .sum::<usize>();
            let products = (products - N_FEATURES * width) as f64;
            println!(
                "  width {width:>3}: epoch {:.4}, {:.0} % of the peak; evaluation {:.4}, {:.0} % of the epoch",
                times.epoch,
                100.0 * products * 1e6 / times.epoch / peak,
                times.evaluation,
                100.0 * times.evaluation / times.epoch
            );
        }
    }
    if args.peer {
        let shape = MlpShape::spad(N_CLASSES as usize)?;
        let adam = AdamParams::default().check()?;
        let mut fused = fused_mlp(&shape, Initializer::SPAD, Loss::CrossEntropy, adam, Seed::new(1))?;
        println!("\nthe paper's network, cross-entropy, one epoch of {N_SAMPLES} samples, side by side");
        let build = |builder: &_| MlpNetwork::new(&shape, builder);
        let mut candle = autograd(build, Initializer::SPAD, Loss::CrossEntropy, adam, Seed::new(1))?;
        let ours = epoch_time(&mut fused, &data.samples(N_SAMPLES)?)?;
        let theirs = epoch_time(&mut candle, &data.samples(N_FEW)?)?;
        report("candle's layers", theirs, ours);
        for script in ["mlp_epoch_jax.py", "mlp_epoch_tf.py"] {
            let (name, theirs) = peer::epoch(root, script, N_SAMPLES)?;
            // Measured anew beside each peer, since the machine may be shared.
            let ours = epoch_time(&mut fused, &data.samples(N_SAMPLES)?)?;
            report(&name, theirs, ours);
        }
    }
    Ok(())
}

fn report(name: &str, theirs: f64, ours: f64) {
    println!(
        "  {name}: {theirs:.3} s a million samples, ours {ours:.4}: {:.1} times faster",
        theirs / ours
    );
}

/// Random samples: what they say does not matter for the time.
struct Data {
    features: Vec<f32>,
    labels: Vec<u32>,
}

impl Data {
    fn new(n: usize) -> Self {
        let mut stream = Seed::new(3).stream("bench/nn");
        #[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
        let features = (0..n * N_FEATURES)
            .map(|_| stream.standard_normal() as f32)
            .collect();
        let labels = (0..n)
            .map(|_| u32::try_from(stream.below(u64::from(N_CLASSES))).unwrap_or(0))
            .collect();
        Self { features, labels }
    }

    /// The first `n` samples.
    fn samples(&self, n: usize) -> anyhow::Result<Samples<'_>> {
        let features = &self.features[..n * N_FEATURES];
        Ok(Samples::classes(
            features,
            N_FEATURES,
            &self.labels[..n],
            N_CLASSES as usize,
        )?)
    }
}

fn measure(model: &mut dyn Trainable, samples: &Samples<'_>) -> anyhow::Result<Times> {
    let epoch = epoch_time(model, samples)?;
    let features = samples.features();
    let n = features.n_samples();
    let evaluation = best_of(n, || {
        black_box(model.predict_classes(&features, &features.all_rows())?);
        Ok(())
    })?;
    Ok(Times { epoch, evaluation })
}

/// Seconds a million samples of an epoch.
fn epoch_time(model: &mut dyn Trainable, samples: &Samples<'_>) -> anyhow::Result<f64> {
    let n = samples.features().n_samples();
    let epoch = Epoch {
        learning_rate: 1e-3,
        batch_size: BATCH,
        order: Order::AsGiven,
    };
    best_of(n, || {
        model.train(samples, &samples.features().all_rows(), &epoch)?;
        Ok(())
    })
}

fn best_of(n_samples: usize, mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..N_REPEATS {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best * 1e6 / n_samples as f64)
}
