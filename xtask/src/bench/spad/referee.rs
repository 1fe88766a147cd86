//! What the referee's evaluation costs beside an epoch, for few and many maps.

use std::path::Path;

use serde_json::{Value, json};
use wherefair::core::{Extent, Seed};
use wherefair::partition::PartitioningDistribution;
use wherefair_nn::{Epoch, Loss, Order};

use super::training::WEIGHTED_F1;
use super::{BATCH, Data, N_SAMPLES, epoch, fused};
use crate::bench::BenchArgs;
use crate::bench::timing::{median, timed};

/// Epochs, each with an evaluation behind it.
const N_PAIRS: usize = 9;

/// Rows and columns of the largest grids: 24, 99 and 143 maps.
const LARGEST: [usize; 3] = [5, 10, 12];

pub(super) fn run(_: &Path, _: &BenchArgs) -> anyhow::Result<Value> {
    let data = Data::new(N_SAMPLES);
    let mut figures = Vec::new();
    println!("  the paper's network, {N_SAMPLES} samples, medians of {N_PAIRS} pairs");
    for largest in LARGEST {
        let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, largest, largest)?;
        let spatial = data.placed(&maps)?;
        let samples = spatial.samples();
        let mut model = fused(10, Loss::CrossEntropy)?;
        let (mut in_order, mut shuffled, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
        for index in 0..N_PAIRS {
            let of_epoch = timed(|| Ok(epoch(&mut model, &samples)?))?.seconds;
            let of_shuffled = timed(|| {
                let epoch = Epoch {
                    learning_rate: 1e-3,
                    batch_size: BATCH,
                    order: Order::Shuffled {
                        seed: Seed::new(1),
                        index: index as u64,
                    },
                };
                Ok(model.train(&samples, &samples.features().all_rows(), &epoch)?)
            })?
            .seconds;
            let of_referee = timed(|| Ok(spatial.scores(&model, WEIGHTED_F1, 1)?))?.seconds;
            seconds.push(of_referee);
            in_order.push(of_referee / of_epoch);
            shuffled.push(of_referee / of_shuffled);
        }
        let (seconds, in_order, shuffled) = (median(seconds), median(in_order), median(shuffled));
        println!(
            "  {:>3} maps: {seconds:.4} s an evaluation, {:.0} % of an epoch in order, {:.0} % of a shuffled one",
            maps.len(),
            100.0 * in_order,
            100.0 * shuffled
        );
        figures.push(json!({
            "maps": maps.len(),
            "evaluation_s": seconds,
            "evaluation_by_epoch_in_order": in_order,
            "evaluation_by_shuffled_epoch": shuffled,
        }));
    }
    Ok(figures.into())
}
