//! Every set of vector instructions computes the same network.

use wherefair_core::{Seed, fnv1a_words, narrowed};

use super::kernel::Level;
use super::*;

/// Largest difference of derivatives, as a part of the largest.
const TOLERANCE: f32 = 2e-5;

fn levels() -> Vec<Level> {
    vec![
        Level::Widest,
        Level::Portable,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2,
    ]
}

#[test]
fn all_instruction_sets_agree() {
    let n = 150;
    let mut stream = Seed::new(1).stream("data");
    let features: Vec<f32> = (0..n * 10).map(|_| narrowed(stream.standard_normal())).collect();
    let labels: Vec<u32> = (0..n)
        .map(|row| row % 9)
        .map(|row| u32::try_from(row).unwrap_or(0))
        .collect();
    let Ok(samples) = Samples::classes(&features, 10, &labels, 9) else {
        panic!("the samples are good");
    };
    let rows: Vec<u32> = (0..150).rev().collect();
    for hidden in [vec![10; 7], vec![3], vec![64, 33], vec![40, 7]] {
        for loss in [Loss::CrossEntropy, Loss::SOFT_DICE] {
            let Ok(shape) = MlpShape::new(10, &hidden, 9) else {
                panic!("the shape is good");
            };
            let parameters = initial_parameters(&shape.parameter_tensors(), Initializer::He, Seed::new(2));
            let answers: Vec<_> = levels()
                .into_iter()
                .map(|level| {
                    let mut engine = FusedMlp::<f32>::with_level(&shape, level);
                    let mut gradient = vec![0.0; parameters.len()];
                    let loss = engine.gradient(&parameters, &samples, &rows, &loss, &mut gradient, None);
                    (loss.unwrap_or(f64::NAN), gradient)
                })
                .collect();
            let (first_loss, first) = &answers[0];
            let largest = first
                .iter()
                .fold(0.0_f32, |largest, value| largest.max(value.abs()));
            for (loss, gradient) in &answers[1..] {
                assert!(
                    (loss - first_loss).abs() < 1e-5,
                    "{hidden:?}: {loss} and {first_loss}"
                );
                for (ours, theirs) in gradient.iter().zip(first) {
                    assert!(
                        (ours - theirs).abs() <= TOLERANCE * largest,
                        "{hidden:?}: {ours} and {theirs}"
                    );
                }
            }
        }
    }
}

/// A number of all bits of the gradients, losses and outputs of some networks, by loss.
fn bits(level: Level) -> Vec<u64> {
    let n = 2_500;
    let mut stream = Seed::new(7).stream("data");
    let mut normal = |n: usize| -> Vec<f32> { (0..n).map(|_| narrowed(stream.standard_normal())).collect() };
    let (features, values) = (normal(n * 10), normal(n * 9));
    let labels: Vec<u32> = (0..9).cycle().take(n).collect();
    let (Ok(classes), Ok(values)) = (
        Samples::classes(&features, 10, &labels, 9),
        Samples::values(&features, 10, &values, 9),
    ) else {
        panic!("the samples are good");
    };
    let rows: Vec<u32> = (0..2_500).rev().collect();
    let losses = [
        Loss::CrossEntropy,
        Loss::SOFT_DICE,
        Loss::MeanSquared,
        Loss::MeanAbsolute,
        Loss::Huber { threshold: 0.7 },
    ];
    let hash_of = |loss: &Loss| {
        let mut words = Vec::new();
        for hidden in [vec![], vec![10; 7], vec![3], vec![64, 33]] {
            let Ok(shape) = MlpShape::new(10, &hidden, 9) else {
                panic!("the shape is good");
            };
            let parameters = initial_parameters(&shape.parameter_tensors(), Initializer::He, Seed::new(2));
            let mut engine = FusedMlp::<f32>::with_level(&shape, level);
            let samples = if loss.is_of_classes() { &classes } else { &values };
            let mut gradient = vec![0.0; parameters.len()];
            let mean = engine.gradient(&parameters, samples, &rows, loss, &mut gradient, None);
            // Rounded, for the logarithm is the machine's.
            words.push(u64::from(narrowed(mean.unwrap_or(f64::NAN)).to_bits()));
            let mut outputs = vec![0.0; n * 9];
            let written = Outputs::Probabilities(&mut outputs);
            let features = samples.features();
            assert!(engine.outputs(&parameters, &features, &rows, written).is_ok());
            words.extend(
                gradient
                    .iter()
                    .chain(&outputs)
                    .map(|value| u64::from(value.to_bits())),
            );
            let given = engine.output_gradient(&parameters, &features, &rows, &outputs, &mut gradient, None);
            assert!(given.is_ok());
            words.extend(gradient.iter().map(|value| u64::from(value.to_bits())));
        }
        fnv1a_words(words)
    };
    losses.iter().map(hash_of).collect()
}

#[test]
fn results_in_32_bits_never_change() {
    let expected = [
        16_563_695_040_055_755_636,
        8_288_715_339_199_936_924,
        12_944_766_422_015_811_407,
        6_216_655_091_090_750_994,
        10_448_413_907_985_991_271,
    ];
    assert_eq!(bits(Level::Portable), expected);
}
