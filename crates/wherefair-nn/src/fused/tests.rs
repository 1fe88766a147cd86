//! Every set of vector instructions computes the same network.

use wherefair_core::Seed;

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
                    let mut engine = FusedMlp::new(shape.clone(), level);
                    let mut gradient = vec![0.0; parameters.len()];
                    let loss = engine.gradient(&parameters, &samples, &rows, &loss, &mut gradient);
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
