//! The derivative of softmax.

use crate::Scalar;

/// Takes derivatives of anything by the probabilities of one sample to those by the outputs whose softmax they are.
///
/// Sums are taken in 64 bits, from the first class to the last.
///
/// # Formula
/// pᵢ (gᵢ − Σ p g) of probabilities p and slopes g.
///
/// # Shapes
/// `probabilities` and `slopes` are `(n_classes,)`; of unequal lengths, the shorter one counts.
///
/// # Examples
/// ```
/// use wherefair_nn::softmax_backward;
///
/// let by_outputs: Vec<f64> = softmax_backward(&[0.25_f32, 0.75], &[1.0, 0.0]).collect();
/// assert_eq!(by_outputs, [0.1875, -0.1875]);
/// ```
pub fn softmax_backward<'a, P: Scalar, G: Scalar>(
    probabilities: &'a [P],
    slopes: &'a [G],
) -> impl Iterator<Item = f64> + 'a {
    let pairs = || {
        probabilities
            .iter()
            .zip(slopes)
            .map(|(p, g)| (p.widened(), g.widened()))
    };
    let mut mean = 0.0;
    for (probability, slope) in pairs() {
        mean += probability * slope;
    }
    pairs().map(move |(probability, slope)| probability * (slope - mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_by_outputs_are_those_of_differences() {
        const STEP: f64 = 1e-6;
        const TOLERANCE: f64 = 1e-9;
        let (outputs, slopes) = ([0.3, -1.2, 2.0, 0.0], [1.5_f32, -0.5, 0.25, 2.0]);
        let softmax = |outputs: &[f64]| -> Vec<f64> {
            let sum: f64 = outputs.iter().map(|output| output.exp()).sum();
            outputs.iter().map(|output| output.exp() / sum).collect()
        };
        let value = |outputs: &[f64]| -> f64 {
            let terms = softmax(outputs).into_iter().zip(slopes);
            terms.map(|(p, g)| p * f64::from(g)).sum()
        };
        let ours: Vec<f64> = softmax_backward(&softmax(&outputs), &slopes).collect();
        assert!(ours.iter().sum::<f64>().abs() < TOLERANCE, "one output is free");
        for (index, ours) in ours.into_iter().enumerate() {
            let at = |change: f64| {
                let mut outputs = outputs;
                outputs[index] += change;
                value(&outputs)
            };
            let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!((ours - difference).abs() < TOLERANCE, "{ours} and {difference}");
        }
    }
}
