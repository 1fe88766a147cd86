//! One set of tests for the kernels, run on the processor and, where there is one, on a graphics card.

#![expect(clippy::cast_possible_truncation, reason = "random data may round")]

#[cfg(feature = "cuda")]
mod card;
mod emulation;

use wherefair_core::Seed;

use super::engine::CudaMlp;
use crate::model::initial_parameters;
use crate::{AdamConfig, AdamParams, Epoch, Initializer, Loss, MlpShape, Model, Order, Samples, fused_mlp};

/// Largest difference of derivatives or outputs of few samples, as a part of the largest.
const TOLERANCE: f32 = 2e-5;

/// Largest difference of losses, as a part of the loss: that of the card is a sum of 32 bits.
const LOSS_TOLERANCE: f64 = 2e-6;

/// Largest difference of parameters after a few steps, as a part of the largest: Adam's steps are as long for derivatives
/// that are hardly more than roundings.
const TRAINED_TOLERANCE: f32 = 1e-3;

const LOSSES: [Loss; 5] = [
    Loss::CrossEntropy,
    Loss::SOFT_DICE,
    Loss::MeanSquared,
    Loss::MeanAbsolute,
    Loss::Huber { threshold: 0.7 },
];

/// Random samples, and a network with some parameters.
struct Case {
    shape: MlpShape,
    features: Vec<f32>,
    labels: Vec<u32>,
    values: Vec<f32>,
    parameters: Vec<f32>,
}

impl Case {
    fn new(widths: &[usize], n: usize) -> Self {
        let [n_features, hidden @ .., n_outputs] = widths else {
            panic!("a network has inputs and outputs");
        };
        let shape = MlpShape::new(*n_features, hidden, *n_outputs).unwrap();
        let mut stream = Seed::new(3).stream("data");
        let mut normal = |n: usize| -> Vec<f32> { (0..n).map(|_| stream.standard_normal() as f32).collect() };
        let (features, values) = (normal(n * n_features), normal(n * n_outputs));
        let mut stream = Seed::new(3).stream("labels");
        let labels = (0..n).map(|_| stream.below(*n_outputs as u64) as u32).collect();
        // Without a bias whole layers of a sample could be 0 on one side and almost 0 on the other.
        let nudges = (0_u8..=12).cycle().map(|index| f32::from(index) * 0.01 - 0.055);
        let drawn = initial_parameters(&shape.parameter_tensors(), Initializer::He, Seed::new(2));
        let parameters = drawn
            .iter()
            .zip(nudges)
            .map(|(drawn, nudge)| drawn + nudge)
            .collect();
        Self {
            shape,
            features,
            labels,
            values,
            parameters,
        }
    }

    fn n(&self) -> usize {
        self.labels.len()
    }

    fn samples(&self, loss: &Loss) -> Samples<'_> {
        let (n_features, n_outputs) = (self.shape.n_features(), self.shape.n_outputs());
        if loss.is_of_classes() {
            Samples::classes(&self.features, n_features, &self.labels, n_outputs).unwrap()
        } else {
            Samples::values(&self.features, n_features, &self.values, n_outputs).unwrap()
        }
    }

    fn fused(&self, loss: Loss) -> Model {
        let mut fused = fused_mlp(&self.shape, Initializer::He, loss, adam(), Seed::new(2)).unwrap();
        fused.set_parameters(&self.parameters).unwrap();
        fused
    }

    fn on(&self, engine: CudaMlp, loss: Loss) -> Model {
        Model::new(engine, loss, adam(), self.parameters.clone()).unwrap()
    }
}

fn adam() -> AdamConfig {
    AdamParams::default().check().unwrap()
}

fn assert_close(ours: &[f32], theirs: &[f32], tolerance: f32, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let largest = theirs
        .iter()
        .fold(0.0_f32, |largest, value| largest.max(value.abs()));
    assert!(largest > 1e-6, "{what}: zeros show nothing");
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        // NaN, what no kernel wrote, is not near.
        let is_near = (ours - theirs).abs() <= tolerance * largest;
        assert!(is_near, "{what}, {index}: {ours} and {theirs} of {largest}");
    }
}

/// Gradients, losses and outputs of both engines, for every loss; differences at most `tolerance`, as a part of the
/// largest number.
fn assert_agree(case: &Case, tolerance: f32, mut engine: impl FnMut() -> CudaMlp, what: &str) {
    let n = case.n();
    // A run, an empty one, another before the first.
    let in_runs = [n / 3..n, 0..0, 0..n / 4];
    // Rows one by one, in another order.
    let one_by_one: Vec<_> = (0..n).rev().map(|row| row..row + 1).collect();
    for loss in LOSSES {
        let (mut ours, mut theirs) = (case.on(engine(), loss), case.fused(loss));
        let samples = case.samples(&loss);
        let features = samples.features();
        for runs in [&in_runs[..], &one_by_one] {
            let what = format!("{what}, {loss:?}, {} runs", runs.len());
            let (our_loss, our_gradient) = ours.loss_and_gradient(&samples, runs).unwrap();
            let (their_loss, their_gradient) = theirs.loss_and_gradient(&samples, runs).unwrap();
            assert_close(&our_gradient, &their_gradient, tolerance, &what);
            let is_near = (our_loss - their_loss).abs() <= LOSS_TOLERANCE * their_loss.abs().max(1.0);
            assert!(is_near, "{what}: {our_loss} and {their_loss}");
            if loss != Loss::CrossEntropy {
                // Outputs do not depend on the loss.
                continue;
            }
            let (our_values, their_values) = (
                ours.predict_values(&features, runs).unwrap(),
                theirs.predict_values(&features, runs).unwrap(),
            );
            assert_close(&our_values, &their_values, tolerance, &what);
            assert_close(
                &ours.predict_probabilities(&features, runs).unwrap(),
                &theirs.predict_probabilities(&features, runs).unwrap(),
                tolerance,
                &what,
            );
            let classes = ours.predict_classes(&features, runs).unwrap();
            for (class, values) in classes
                .iter()
                .zip(our_values.chunks_exact(case.shape.n_outputs()))
            {
                let best = (0..)
                    .zip(values)
                    .fold((0, f32::NEG_INFINITY), |best, (class, &value)| {
                        if value > best.1 { (class, value) } else { best }
                    });
                assert_eq!(*class, best.0, "{what}");
            }
            let derivatives: Vec<f32> = (0..our_values.len()).map(|at| (at % 7) as f32 - 2.5).collect();
            assert_close(
                &ours.output_gradient(&features, runs, &derivatives).unwrap(),
                &theirs.output_gradient(&features, runs, &derivatives).unwrap(),
                tolerance,
                &what,
            );
        }
    }
}

/// A short training of both engines; that of the card twice, with the same bits.
fn assert_train_alike(case: &Case, mut engine: impl FnMut() -> CudaMlp) {
    for loss in [Loss::CrossEntropy, Loss::SOFT_DICE] {
        let samples = case.samples(&loss);
        let train = |model: &mut Model| {
            for index in 0..2 {
                let epoch = Epoch {
                    learning_rate: 1e-3,
                    batch_size: case.n().div_ceil(3),
                    order: Order::Shuffled {
                        seed: Seed::new(1),
                        index,
                    },
                };
                let all = samples.features().all_rows();
                model.train(&samples, &all, &epoch).unwrap();
            }
            model.parameters().to_vec()
        };
        let ours = train(&mut case.on(engine(), loss));
        let theirs = train(&mut case.fused(loss));
        assert_close(&ours, &theirs, TRAINED_TOLERANCE, &format!("{loss:?}"));
        assert_eq!(ours, train(&mut case.on(engine(), loss)), "{loss:?}");
    }
}
