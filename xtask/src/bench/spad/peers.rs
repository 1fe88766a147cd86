//! The same epoch in other libraries, in turn with ours.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use wherefair::core::Seed;
use wherefair_nn::{AdamParams, Initializer, Loss, MlpNetwork, autograd};

use super::{BATCH, Data, N_CLASSES, epoch, fused, measured_peak, n_samples, shape, share_of_peak};
use crate::bench::BenchArgs;
use crate::bench::peer::{Exchange, Peer};
use crate::bench::timing::{median, timed};

/// Epochs of both sides, in turn.
const N_PAIRS: usize = 5;

/// Threads of the other libraries go on looking for work for a while: not in our time.
const REST: Duration = Duration::from_millis(200);

const SCRIPTS: [&str; 2] = ["spad/peer/epoch_jax.py", "spad/peer/epoch_tensorflow.py"];

pub(super) fn run(root: &Path, args: &BenchArgs, width: usize) -> anyhow::Result<Value> {
    if !args.peer {
        println!("  not measured: needs --peer");
        return Ok(Value::Null);
    }
    let n = n_samples(width);
    let data = Data::new(n);
    let contest = Contest {
        data: &data,
        width,
        flops: measured_peak(),
    };
    println!("  width {width}, cross-entropy");
    let mut figures = vec![contest.with_candle()?];
    let exchange = Exchange::new()?;
    let wide = |values: &[f32]| values.iter().map(|&value| value.into()).collect::<Vec<f64>>();
    let labels: Vec<f64> = data.labels.iter().map(|&label| label.into()).collect();
    exchange.column("features", &wide(&data.features))?;
    exchange.column("labels", &labels)?;
    for (name, value) in [("width", width), ("batch", BATCH), ("classes", N_CLASSES)] {
        exchange.integer(name, value)?;
    }
    for script in SCRIPTS {
        let Some(mut peer) = Peer::start(root, script, &exchange)? else {
            continue;
        };
        let name = peer.name.clone();
        figures.push(contest.run(&name, n, || Ok(peer.run("epoch")?.0.seconds))?);
    }
    Ok(figures.into())
}

/// Pairs of epochs of one width.
struct Contest<'a> {
    data: &'a Data,
    width: usize,
    flops: f64,
}

impl Contest<'_> {
    /// Candle takes minutes for many samples of wide networks; a sample costs it the same at any number.
    fn with_candle(&self) -> anyhow::Result<Value> {
        let n = if self.width > 10 { BATCH } else { 4 * BATCH };
        let samples = self.data.samples(n)?;
        let shape = shape(self.width)?;
        let build = |builder: &_| MlpNetwork::new(&shape, builder);
        let adam = AdamParams::default().check()?;
        let mut candle = autograd(build, Initializer::He, Loss::CrossEntropy, adam, Seed::new(1))?;
        self.run("candle's layers", n, || {
            Ok(timed(|| Ok(epoch(&mut candle, &samples)?))?.seconds)
        })
    }

    /// Epochs of `n` samples, theirs in seconds, each with one of ours behind it.
    fn run(
        &self,
        name: &str,
        n: usize,
        mut theirs: impl FnMut() -> anyhow::Result<f64>,
    ) -> anyhow::Result<Value> {
        let samples = self.data.samples(n)?;
        let mut model = fused(self.width, Loss::CrossEntropy)?;
        epoch(&mut model, &samples)?;
        let (mut their_times, mut our_times, mut quotients) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..N_PAIRS {
            let their_time = theirs()?;
            std::thread::sleep(REST);
            let our_time = timed(|| Ok(epoch(&mut model, &samples)?))?.seconds;
            quotients.push(their_time / our_time);
            their_times.push(their_time);
            our_times.push(our_time);
        }
        let (theirs, ours, quotient) = (median(their_times), median(our_times), median(quotients));
        let share = share_of_peak(self.width, n, ours, self.flops)?;
        let per_million = 1e6 / n as f64;
        println!(
            "  {name}: {:.3} s a million samples, ours {:.4} ({:.0} % of the peak): {quotient:.1} times faster (median of {N_PAIRS} pairs)",
            theirs * per_million,
            ours * per_million,
            100.0 * share,
        );
        Ok(json!({
            "peer": name,
            "peer_s_per_million": theirs * per_million,
            "ours_s_per_million": ours * per_million,
            "ours_share_of_peak": share,
            "times_faster": quotient,
        }))
    }
}
