//! `bench audit`: the audit against its memory bandwidth, against one map, and against pandas.

mod peer;
mod scene;
mod stream;

use std::path::Path;

use anyhow::{Context as _, bail};
use wherefair::audit::{Audit, AuditConfig, AuditParams, InMemory, Score, Silent, audit_source};
use wherefair::core::Extent;
use wherefair::metrics::{Averaging, ClassScore, ZeroDivision};
use wherefair::partition::PartitioningDistribution;

use self::scene::{Order, Scene};
use super::BenchArgs;
use super::machine::read_bandwidth;
use super::timing::{best_of, timed};

/// Rows of the measurement in memory: a 4096 × 4096 raster.
const N_ROWS: usize = 4096 * 4096;

/// Classes of the measurement.
pub(super) const N_CLASSES: u32 = 20;

/// Every timing is the best of so many.
const N_REPEATS: usize = 5;

/// Bytes a row takes in memory: two coordinates, two labels.
const ROW_BYTES: f64 = 24.0;

/// Measures and prints.
pub(super) fn run(root: &Path, args: &BenchArgs) -> anyhow::Result<()> {
    if let Some(case) = args.only.first() {
        bail!("the suite has no case `{case}`: it is measured as a whole");
    }
    let threads = rayon::current_num_threads();
    println!("{N_ROWS} rows in memory, {N_CLASSES} classes, weighted F1, {threads} threads");
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0)?;
    let maps = |rows, columns| PartitioningDistribution::equal_grids(extent, rows, columns);
    let (one, two_dozen, gross) = (maps(1, 2)?, maps(5, 5)?, maps(12, 12)?);
    let config = config(0)?;
    for order in [Order::Random, Order::Raster] {
        let scene = Scene::new(N_ROWS, order);
        let bandwidth = read_bandwidth(&[&scene.x, &scene.y]);
        println!("\n{}", order.describe());
        println!("  reading alone: {:.2} GB/s", bandwidth / 1e9);
        let source = scene.source()?;
        let audit = |maps: &PartitioningDistribution, config: &AuditConfig| run_audit(source, maps, config);
        let time = |maps: &PartitioningDistribution| best_of(N_REPEATS, || audit(maps, &config));
        let (of_one, of_two_dozen, of_gross) = (time(&one)?, time(&two_dozen)?, time(&gross)?);
        for (n, seconds) in [(1, of_one), (24, of_two_dozen), (143, of_gross)] {
            let rate = N_ROWS as f64 / seconds;
            println!(
                "  {n:>3} maps: {:.1} million rows/s, {:.0} % of the bandwidth limit",
                rate / 1e6,
                100.0 * rate * ROW_BYTES / bandwidth
            );
        }
        println!("  143 maps cost {:.2} times one map", of_gross / of_one);
        let with_floor = self::config(999)?;
        for (n, maps, without) in [(24, &two_dozen, of_two_dozen), (143, &gross, of_gross)] {
            let seconds = timed(|| audit(maps, &with_floor))?.seconds;
            println!(
                "  {n:>3} maps: the noise floor of 999 permutations adds {:.1} times the audit",
                (seconds - without) / without
            );
        }
    }
    stream::run(root)?;
    if args.peer {
        peer::run(root)?;
    }
    Ok(())
}

pub(super) fn config(n_permutations: u32) -> anyhow::Result<AuditConfig> {
    let score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
    let params = AuditParams::new(score)
        .n_permutations(n_permutations)
        .n_bootstrap(0)
        .min_samples(1);
    Ok(params.check()?)
}

pub(super) fn run_audit(
    mut source: InMemory<'_>,
    maps: &PartitioningDistribution,
    config: &AuditConfig,
) -> anyhow::Result<Audit> {
    audit_source(&mut source, maps, config, &Silent).context("the benchmark's own data must be valid")
}
