//! SPAD-SIM: how long clustering takes, and how much faster than SPAD it trains.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use wherefair::core::{Extent, Seed};
use wherefair::partition::PartitioningDistribution;
use wherefair::similarity::{HdbscanConfig, Rescaling, SpatialInformation, TrainingSimilarity, cluster};
use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, fused_mlp};
use wherefair_spad::{SimilaritySampling, SpadParams, Strategy};
use wherefair_train::{Schedule, SpatialSamples};

use super::data::{N_CLASSES, scene_in_grids};
use super::training::WEIGHTED_F1;
use crate::bench::BenchArgs;
use crate::bench::timing::best_of;

/// Side of the scene of the trainings: 13,107 training pixels.
const SIDE: usize = 256;

/// Loops of a training.
const N_LOOPS: u32 = 50;

/// Learning rates of the base model and after it, those of the reproduction: how many clusters there are depends on them.
const BASE_RATE: f64 = 1e-3;
const RATE: f64 = 1e-4;

/// Measures both.
pub(super) fn run(_: &Path, _: &BenchArgs) -> anyhow::Result<Value> {
    let unit = Extent::new(0.0, 0.0, 1.0, 1.0)?;
    let many = PartitioningDistribution::random_unequal_grids(unit, 2_000, 10, 10, Seed::new(1))?;
    let clustering = vec![
        clustering(&PartitioningDistribution::equal_grids(unit, 12, 12)?)?,
        clustering(&many)?,
    ];
    let mut training = Vec::new();
    for largest in [5, 10, 12] {
        training.push(of_set(largest)?);
    }
    Ok(json!({ "clustering": clustering, "training": training }))
}

/// Times of one clustering, from similarities to clusters, and of the mutual information, which is measured once a training.
fn clustering(distribution: &PartitioningDistribution) -> anyhow::Result<Value> {
    let n = distribution.len();
    let mutual_information = best_of(3, || Ok(SpatialInformation::of(distribution.candidates())?))?;
    let information = SpatialInformation::of(distribution.candidates())?;
    let mut stream = Seed::new(2).stream("bench/similarity");
    let mut similarity = TrainingSimilarity::new(n);
    let before = vec![Some(0.2); n];
    for i in 0..n {
        // Fairer together the more alike they are, and not always.
        let after: Vec<Option<f64>> = (0..n)
            .map(|j| Some(0.2 * (1.2 - 0.5 * information.get(i, j) * stream.uniform())))
            .collect();
        similarity.record(i, &before, &after)?;
    }
    let clusters = || {
        let distances = similarity.mutual().distances();
        let distances = distances.rescaled(&information, Rescaling::default())?;
        Ok(cluster(&distances, &HdbscanConfig::default())?)
    };
    let seconds = best_of(5, clusters)?;
    let found = clusters()?;
    println!(
        "  {n} partitionings: mutual information {:.2} ms, clustering {:.2} ms ({} clusters, {} in none)",
        1e3 * mutual_information,
        1e3 * seconds,
        found.n_clusters(),
        found.n_noise()
    );
    Ok(json!({ "partitionings": n, "mutual_information": mutual_information, "seconds": seconds }))
}

/// SPAD and SPAD-SIM over all loops on one set, from the same untrained network.
fn of_set(largest: usize) -> anyhow::Result<Value> {
    let samples = scene_in_grids(SIDE, largest)?;
    let n = largest * largest - 1;
    let sampling = SimilaritySampling {
        n_loops: N_LOOPS,
        ..SimilaritySampling::default()
    };
    let (spad, n_epochs) = train(&samples, n, Strategy::Spad)?;
    let (sim, n_of_sim) = train(&samples, n, Strategy::SpadSim(sampling))?;
    println!(
        "  {n} partitionings, {N_LOOPS} loops, {} samples: SPAD {spad:.2} s ({n_epochs} epochs), SPAD-SIM {sim:.2} s \
         ({n_of_sim} epochs), {:.2} times as fast",
        samples.n_samples(),
        spad / sim
    );
    Ok(json!({
        "partitionings": n, "spad": spad, "spad_sim": sim, "ratio": spad / sim,
        "spad_epochs": n_epochs, "spad_sim_epochs": n_of_sim,
    }))
}

/// Seconds of the loops, and their epochs.
fn train(samples: &SpatialSamples, n: usize, strategy: Strategy) -> anyhow::Result<(f64, u64)> {
    let adam = AdamParams::default().check()?;
    let shape = MlpShape::spad(N_CLASSES)?;
    let model = fused_mlp(&shape, Initializer::He, Loss::CrossEntropy, adam, Seed::new(1))?;
    let schedule = Schedule::journal(N_LOOPS, u32::try_from(n)?)?.with_base_epochs(100);
    let batch = samples.n_samples().div_ceil(51);
    let config = SpadParams::new(WEIGHTED_F1)
        .strategy(strategy)
        .schedule(schedule)
        .learning_rate(RATE)
        .base_learning_rate(Some(BASE_RATE))
        .batch_size(batch)
        .base_batch_size(batch)
        .seed(Seed::new(1))
        .check()?;
    let mut training = config.train(model, samples, None)?;
    for _ in 0..100 {
        training.step()?;
    }
    let start = Instant::now();
    training.run(|_| ControlFlow::Continue(()))?;
    Ok((start.elapsed().as_secs_f64(), training.epoch() - 100))
}
