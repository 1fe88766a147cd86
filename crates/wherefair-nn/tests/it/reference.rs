//! The losses of a multilayer perceptron in 64-bit floating point, straight from their formulas.

use wherefair_nn::Loss;

use crate::fixtures::Data;

/// The mean loss of all samples of `data` under `parameters`, for a network of these widths.
pub(crate) fn loss_of(loss: &Loss, widths: &[usize], parameters: &[f64], data: &Data) -> f64 {
    let n_outputs = data.n_outputs;
    let outputs: Vec<Vec<f64>> = data
        .features
        .chunks_exact(data.n_features)
        .map(|sample| outputs_of(widths, parameters, sample))
        .collect();
    let n = outputs.len() as f64;
    match *loss {
        Loss::CrossEntropy => {
            let losses = outputs.iter().zip(&data.labels);
            losses
                .map(|(outputs, &label)| -softmax(outputs)[label as usize].ln())
                .sum::<f64>()
                / n
        }
        Loss::SoftDice { smoothing } => {
            let predicted: Vec<_> = outputs.iter().map(|outputs| softmax(outputs)).collect();
            let of_class = |class: usize| {
                let is_true = |sample: usize| data.labels[sample] as usize == class;
                let samples = 0..predicted.len();
                let overlap: f64 = samples
                    .clone()
                    .filter(|&s| is_true(s))
                    .map(|s| predicted[s][class])
                    .sum();
                let total: f64 = samples.clone().map(|s| predicted[s][class]).sum();
                let support = samples.filter(|&s| is_true(s)).count() as f64;
                1.0 - 2.0 * (overlap + smoothing) / (total + support + smoothing)
            };
            (0..n_outputs).map(of_class).sum::<f64>() / n_outputs as f64
        }
        _ => {
            let differences = outputs
                .iter()
                .flatten()
                .zip(&data.values)
                .map(|(output, &truth)| output - f64::from(truth));
            let losses = differences.map(|r| match *loss {
                Loss::MeanSquared => r * r,
                Loss::MeanAbsolute => r.abs(),
                Loss::Huber { threshold } if r.abs() > threshold => threshold * (r.abs() - threshold / 2.0),
                Loss::Huber { .. } => r * r / 2.0,
                _ => unreachable!("a loss of classes"),
            });
            losses.sum::<f64>() / (n * n_outputs as f64)
        }
    }
}

fn outputs_of(widths: &[usize], parameters: &[f64], sample: &[f32]) -> Vec<f64> {
    let mut values: Vec<f64> = sample.iter().map(|&value| f64::from(value)).collect();
    let mut rest = parameters;
    for (layer, pair) in widths.windows(2).enumerate() {
        let (weights, biases);
        (weights, rest) = rest.split_at(pair[0] * pair[1]);
        (biases, rest) = rest.split_at(pair[1]);
        let sums = weights.chunks_exact(pair[0]).zip(biases);
        values = sums
            .map(|(row, bias)| bias + row.iter().zip(&values).map(|(w, x)| w * x).sum::<f64>())
            .collect();
        if layer + 2 < widths.len() {
            for value in &mut values {
                *value = value.max(0.0);
            }
        }
    }
    values
}

fn softmax(outputs: &[f64]) -> Vec<f64> {
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let terms: Vec<f64> = outputs.iter().map(|output| (output - largest).exp()).collect();
    let sum: f64 = terms.iter().sum();
    terms.iter().map(|term| term / sum).collect()
}
