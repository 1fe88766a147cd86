//! Epochs, evaluations and Hessian-vector products at several widths, against the machine's peak.

use std::hint::black_box;
use std::path::Path;

use serde_json::{Value, json};
use wherefair_nn::Loss;

use super::{BATCH, Data, N_SAMPLES, WIDTHS, epoch, fused, measured_peak, n_samples, share_of_peak};
use crate::bench::BenchArgs;
use crate::bench::timing::{median, timed};

/// Epochs of each network, each with an evaluation behind it.
const N_PAIRS: usize = 9;

pub(super) fn run(_: &Path, _: &BenchArgs) -> anyhow::Result<Value> {
    let flops = measured_peak();
    let data = Data::new(N_SAMPLES);
    let mut figures = Vec::new();
    for loss in [Loss::CrossEntropy, Loss::SOFT_DICE] {
        println!("  {loss:?}: seconds a million samples, medians of {N_PAIRS}");
        for width in WIDTHS {
            let mut model = fused(width, loss)?;
            let n = n_samples(width);
            let samples = data.samples(n)?;
            let (mut epochs, mut evaluations, mut quotients) = (Vec::new(), Vec::new(), Vec::new());
            let mut products = Vec::new();
            let batch = 0..BATCH.min(n);
            let batch = std::slice::from_ref(&batch);
            for _ in 0..N_PAIRS {
                let of_epoch = timed(|| Ok(epoch(&mut model, &samples)?))?.seconds;
                let features = samples.features();
                let all = features.all_rows();
                let of_evaluation = timed(|| Ok(black_box(model.predict_classes(&features, &all)?)))?.seconds;
                let mut direction = Vec::new();
                let gradient = timed(|| {
                    direction = model.loss_and_gradient(&samples, batch)?.1;
                    Ok(())
                })?;
                let product = timed(|| Ok(black_box(model.hessian_vector(&samples, batch, &direction)?)))?;
                products.push(product.seconds / gradient.seconds);
                epochs.push(of_epoch);
                evaluations.push(of_evaluation);
                quotients.push(of_evaluation / of_epoch);
            }
            let (of_epoch, of_evaluation) = (median(epochs), median(evaluations));
            let share = share_of_peak(width, n, of_epoch, flops)?;
            let (per_million, product) = (1e6 / n as f64, median(products));
            println!(
                "  width {width:>3}: epoch {:.4}, {:.0} % of the peak; evaluation {:.4}, {:.0} % of the epoch; \
                 a Hessian-vector product {product:.1} gradients",
                of_epoch * per_million,
                100.0 * share,
                of_evaluation * per_million,
                100.0 * median(quotients.iter().copied())
            );
            figures.push(json!({
                "loss": loss,
                "width": width,
                "epoch_s_per_million": of_epoch * per_million,
                "share_of_peak": share,
                "evaluation_s_per_million": of_evaluation * per_million,
                "evaluation_by_epoch": median(quotients),
                "hessian_vector_by_gradient": product,
            }));
        }
    }
    Ok(json!({ "flops": flops, "networks": figures }))
}
