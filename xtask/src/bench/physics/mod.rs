//! `bench physics`: the microwave model against what its elementary functions take, and against `NumPy`.

mod elementary;

use std::hint::black_box;
use std::path::Path;

use anyhow::{Context as _, bail};
use rayon::ThreadPool;
use serde_json::{Value, json};
use wherefair::core::Seed;
use wherefair::physics::{
    AtmosphereModel, Channel, ForwardModel, MicrowaveModel, MicrowaveParams, OutOfDomain, PhysicsError,
    Prior, Sampling, Simulation, Surface, ThermalBand, ThermalParams, Tile, VegetationWater, sample_states,
    simulate, simulate_into, simulate_with_derivatives_into,
};

use self::elementary::seconds_of_roots_and_quotients;
use super::BenchArgs;
use super::peer::{Exchange, Peer};
use super::timing::{median, timed};

/// States of the measurement.
const N_STATES: usize = 1_000_000;
/// States of a block whose outputs the caches hold.
const BLOCK: usize = 10_000;
/// Runs of every measurement.
const N_RUNS: usize = 7;
/// Evaluations a second and core that are wanted.
const WANTED_RATE: f64 = 1.5e6;
/// How much value and gradient may cost, by the value alone.
const WANTED_RATIO: f64 = 4.0;
/// How many times `NumPy`'s speed is wanted.
const WANTED_TIMES: f64 = 10.0;
/// States that `NumPy` computes at a time: all, and blocks that its caches hold.
const BLOCKS: [usize; 4] = [0, 100_000, 10_000, 4_000];
/// How far `NumPy`'s answer may lie from ours, in K.
const TOLERANCE_K: f64 = 1e-9;

/// Measures, prints, and writes `.bench/physics.json`.
pub(super) fn run(root: &Path, args: &BenchArgs) -> anyhow::Result<()> {
    if let Some(case) = args.only.first() {
        bail!("the suite has no case `{case}`: it is measured as a whole");
    }
    let model = model()?;
    let columns = sample_states(&model, N_STATES, &thawed(), Sampling::Sobol, Seed::new(1))?;
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let n_threads = rayon::current_num_threads();
    println!(
        "{N_STATES} states, {} inputs: 6.925 GHz, low vegetation, H and V, Mironov, Wegmüller; medians of {N_RUNS}",
        model.inputs().len()
    );
    let cmem = cores(&model, &views, &one)?;
    let values = simulate(&model, &views, OutOfDomain::Fail)?;
    let on_all = median_seconds(|| Ok(simulate(&model, &views, OutOfDomain::Fail)?))?;
    println!(
        "  {n_threads} threads: {:.1} million evaluations/s",
        rate(on_all) / 1e6
    );
    let thermal = thermal(&one)?;
    let numpy = if args.peer {
        numpy(root, &model, &views, &values)?
    } else {
        Value::Null
    };
    let report = json!({
        "n_states": N_STATES,
        "cmem": cmem,
        "threads": n_threads,
        "cmem_on_all_threads_s": on_all,
        "thermal_one_core_s": thermal,
        "numpy": numpy,
    });
    let path = root.join(".bench/physics.json");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, serde_json::to_string_pretty(&report)?)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    println!("\nall figures: {}", path.display());
    Ok(())
}

/// One state, one frequency, one tile without snow, H and V.
fn model() -> anyhow::Result<MicrowaveModel> {
    let params = MicrowaveParams::default()
        .channels(vec![Channel::new(6.925, 55.0)])
        .surface(Surface::Tile(Tile::LowVegetation))
        .vegetation_water(VegetationWater::Given)
        .atmosphere(AtmosphereModel::None);
    Ok(params.check()?)
}

/// Ranges without frost, which the script does not have.
fn thawed() -> [Prior; 3] {
    [
        ("surface_temperature_k", 320.0),
        ("deep_temperature_k", 305.0),
        ("vegetation_temperature_k", 315.0),
    ]
    .map(|(input, to)| Prior {
        input: input.to_owned(),
        from: 274.0,
        to,
    })
}

/// Values, and values with derivatives, on one core.
fn cores<'a>(model: &MicrowaveModel, columns: &[&'a [f64]], one: &ThreadPool) -> anyhow::Result<Value> {
    let least = seconds_of_roots_and_quotients(N_STATES);
    let blocks: Vec<Vec<&[f64]>> = (0..N_STATES)
        .step_by(BLOCK)
        .map(|first| {
            let of_block = |column: &&'a [f64]| &column[first..N_STATES.min(first + BLOCK)];
            columns.iter().map(of_block).collect()
        })
        .collect();
    let whole = [columns.to_vec()];
    let in_blocks = value_and_gradient(model, &blocks, one, Memory::UsedAgain)?;
    let at_once = value_and_gradient(model, &whole, one, Memory::UsedAgain)?;
    let in_fresh_memory = value_and_gradient(model, &whole, one, Memory::Fresh)?;
    println!(
        "  one core: {:.2} million evaluations/s (wanted: {}), {:.0} % of the limit by its roots and quotients",
        rate(in_blocks.0) / 1e6,
        WANTED_RATE / 1e6,
        100.0 * least / in_blocks.0
    );
    println!(
        "  value and gradient together cost {:.2} times the value (wanted: at most {WANTED_RATIO}), in blocks of {BLOCK} states",
        in_blocks.1
    );
    for (memory, (seconds, ratio)) in [("", at_once), (", memory fresh from the system", in_fresh_memory)] {
        println!(
            "  all states at once{memory}: {:.2} million evaluations/s, with gradient {ratio:.2} times the time",
            rate(seconds) / 1e6
        );
    }
    Ok(json!({
        "block": BLOCK,
        "value_s": in_blocks.0,
        "gradient_by_value": in_blocks.1,
        "value_at_once_s": at_once.0,
        "gradient_by_value_at_once": at_once.1,
        "value_in_fresh_memory_s": in_fresh_memory.0,
        "gradient_by_value_in_fresh_memory": in_fresh_memory.1,
        "least_s": least,
    }))
}

/// Where outputs are written to.
#[derive(Debug, Clone, Copy)]
enum Memory {
    /// Where those of the run before were.
    UsedAgain,
    /// Where the system gives some.
    Fresh,
}

/// [`simulate_into`] or [`simulate_with_derivatives_into`].
type SimulateInto = fn(&MicrowaveModel, &[&[f64]], OutOfDomain, &mut Simulation) -> Result<(), PhysicsError>;

/// Median seconds of the values of all blocks, and of how many times as long values with derivatives take.
fn value_and_gradient(
    model: &MicrowaveModel,
    blocks: &[Vec<&[f64]>],
    one: &ThreadPool,
    memory: Memory,
) -> anyhow::Result<(f64, f64)> {
    let seconds_of = |simulate: SimulateInto, simulation: &mut Simulation| {
        let work = || {
            for block in blocks {
                if let Memory::Fresh = memory {
                    *simulation = Simulation::default();
                }
                simulate(model, block, OutOfDomain::Fail, black_box(simulation))?;
            }
            Ok(())
        };
        one.install(|| timed(work)).map(|run| run.seconds)
    };
    let mut values = Simulation::default();
    let mut both = Simulation::default();
    let mut runs = Vec::new();
    for _ in 0..N_RUNS {
        let of_values = seconds_of(simulate_into, &mut values)?;
        let of_both = seconds_of(simulate_with_derivatives_into, &mut both)?;
        runs.push((of_values, of_both));
    }
    let value = median(runs.iter().map(|(value, _)| *value));
    Ok((value, median(runs.iter().map(|(value, both)| both / value))))
}

fn thermal(one: &ThreadPool) -> anyhow::Result<f64> {
    let model = ThermalParams::new(ThermalBand::Landsat8Band10).check()?;
    let columns = sample_states(&model, N_STATES, &[], Sampling::Sobol, Seed::new(1))?;
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let seconds = one.install(|| median_seconds(|| Ok(simulate(&model, &views, OutOfDomain::Fail)?)))?;
    println!(
        "  thermal, one core: {:.1} million evaluations/s",
        rate(seconds) / 1e6
    );
    Ok(seconds)
}

/// `NumPy` and ours on all threads, in turn.
fn numpy(
    root: &Path,
    model: &MicrowaveModel,
    columns: &[&[f64]],
    ours: &Simulation,
) -> anyhow::Result<Value> {
    let exchange = Exchange::new()?;
    for (input, column) in model.inputs().iter().zip(columns) {
        exchange.column(input.name, column)?;
    }
    let Some(mut numpy) = Peer::start(root, "physics/peer/cmem_numpy.py", &exchange)? else {
        return Ok(Value::Null);
    };
    let mut figures = Vec::new();
    for block in BLOCKS {
        let mut quotients = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..N_RUNS {
            let (run, answer) = numpy.run(&block.to_string())?;
            check(&ours.values, &answer, &numpy.name)?;
            let seconds = timed(|| Ok(simulate(model, columns, OutOfDomain::Fail)?))?.seconds;
            quotients.push(run.seconds / seconds);
            theirs.push(run.seconds);
        }
        let times = median(quotients);
        println!(
            "  {times:.1} times faster than {} {}, which does {:.2} million/s{}; same answer",
            numpy.name,
            if block == 0 {
                "on whole columns".to_owned()
            } else {
                format!("in blocks of {block}")
            },
            rate(median(theirs.iter().copied())) / 1e6,
            if block == 0 {
                format!(" (wanted: {WANTED_TIMES} times)")
            } else {
                String::new()
            },
        );
        figures.push(json!({ "block": block, "times_faster": times, "seconds": theirs }));
    }
    Ok(json!({ "peer": numpy.name, "blocks": figures }))
}

fn check(ours: &[f64], theirs: &[f64], name: &str) -> anyhow::Result<()> {
    if ours.len() != theirs.len() {
        bail!("{name} answers {} numbers, not {}", theirs.len(), ours.len());
    }
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let near = (ours - theirs).abs() <= TOLERANCE_K;
        if !near {
            bail!("brightness temperature {at} is {ours} here and {theirs} in {name}");
        }
    }
    Ok(())
}

fn median_seconds<T>(mut work: impl FnMut() -> anyhow::Result<T> + Send) -> anyhow::Result<f64> {
    let mut seconds = Vec::new();
    for _ in 0..N_RUNS {
        seconds.push(timed(&mut work)?.seconds);
    }
    Ok(median(seconds))
}

fn rate(seconds: f64) -> f64 {
    N_STATES as f64 / seconds
}
