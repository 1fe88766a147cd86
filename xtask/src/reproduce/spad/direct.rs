//! S(d)mean counted plainly: every test pixel looked up in every grid, for a check of all that is measured here.

use std::collections::BTreeMap;

use wherefair_nn::Targets;
use wherefair_train::SpatialSamples;

/// S(d)mean of the weighted F1 over the grids up to `most × most` but 1×1, of `samples` in a square of `side` pixels
/// that are the whole scene's, numbered row by row; `pixels` are those of the input rows.
pub(super) fn deviation_mean(
    samples: &SpatialSamples,
    predicted: &[u32],
    (pixels, side): (&[u32], usize),
    most: usize,
) -> anyhow::Result<f64> {
    let taken = samples.samples();
    let Targets::Classes { labels, .. } = taken.targets() else {
        anyhow::bail!("the samples have no classes");
    };
    let mut sum = 0.0;
    for n_rows in 1..=most {
        for n_cols in 1..=most {
            if n_rows * n_cols == 1 {
                continue;
            }
            let mut pairs: BTreeMap<(usize, usize), Vec<(u32, u32)>> = BTreeMap::new();
            for (sample, &input) in samples.input_rows().iter().enumerate() {
                let pixel = pixels[input] as usize;
                // The centre of a pixel lies (2i + 1) / (2 side) of the way across.
                let of = |place: usize, n: usize| (2 * place + 1) * n / (2 * side);
                let cell = (of(pixel / side, n_rows), of(pixel % side, n_cols));
                pairs
                    .entry(cell)
                    .or_default()
                    .push((labels[sample], predicted[sample]));
            }
            let scores: Vec<f64> = pairs.values().map(|pairs| weighted_f1(pairs)).collect();
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            sum += scores.iter().map(|score| (score - mean).abs()).sum::<f64>() / scores.len() as f64;
        }
    }
    Ok(sum)
}

/// Σ support · F1 / Σ support over the classes.
fn weighted_f1(pairs: &[(u32, u32)]) -> f64 {
    // Right, true and predicted.
    let mut counts: BTreeMap<u32, [f64; 3]> = BTreeMap::new();
    for &(truth, pred) in pairs {
        counts.entry(truth).or_default()[1] += 1.0;
        counts.entry(pred).or_default()[2] += 1.0;
        if truth == pred {
            counts.entry(truth).or_default()[0] += 1.0;
        }
    }
    let sum: f64 = counts
        .values()
        .map(|[right, truth, pred]| truth * 2.0 * right / (truth + pred))
        .sum();
    sum / pairs.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighted_f1_is_that_of_scikit_learn() {
        // f1_score([0, 0, 0, 1, 2, 2], [0, 0, 1, 1, 2, 0], average="weighted")
        let pairs = [(0, 0), (0, 0), (0, 1), (1, 1), (2, 2), (2, 0)];
        assert!((weighted_f1(&pairs) - 2.0 / 3.0).abs() < 1e-12);
    }
}
