//! Gradients: the fused engine, candle's automatic differentiation, and central differences in 64 bits.

use wherefair_core::Seed;
use wherefair_nn::{Initializer, Loss, MlpNetwork, MlpShape, Model, autograd, fused_mlp};

use crate::fixtures::{Data, LOSSES, adam};
use crate::reference::loss_of;

/// Adds a little to every parameter. With biases of 0, whole layers of a sample can be exactly 0, where candle takes the
/// slope of `ReLU` for 1 and the fused engine for 0.
fn nudge(models: [&mut Model; 2]) {
    for model in models {
        let nudged: Vec<f32> = (0_u8..=12)
            .cycle()
            .map(|index| f32::from(index) * 0.01 - 0.055)
            .zip(model.parameters())
            .map(|(a, b)| a + b)
            .collect();
        model.set_parameters(&nudged).unwrap();
    }
}

/// Largest difference of two gradients, as a part of the largest derivative.
const GRADIENT_TOLERANCE: f64 = 2e-5;

/// The same against differences of 64-bit losses, which a kink of `ReLU` within the step may disturb.
const DIFFERENCE_TOLERANCE: f64 = 2e-4;

const STEP: f64 = 1e-6;

/// Largest difference of two losses, as a part of the loss.
const LOSS_TOLERANCE: f64 = 2e-6;

fn both(shape: &MlpShape, loss: Loss) -> (Model, Model) {
    let seed = Seed::new(5);
    let fused = fused_mlp(shape, Initializer::He, loss, adam(), seed).unwrap();
    let build = |builder: &_| MlpNetwork::new(shape, builder);
    let candle = autograd(build, Initializer::He, loss, adam(), seed).unwrap();
    (fused, candle)
}

fn assert_close(ours: &[f32], theirs: &[f64], tolerance: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs
        .iter()
        .fold(0.0, |largest: f64, value| largest.max(value.abs()));
    assert!(largest > 1e-6, "{what}: a gradient of zeros shows nothing");
    for (index, (&ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let difference = (f64::from(ours) - theirs).abs();
        assert!(
            difference <= tolerance * largest,
            "{what}, {index}: {ours} and {theirs} of {largest}"
        );
    }
}

#[test]
fn both_engines_draw_the_same_parameters() {
    let (fused, candle) = both(&MlpShape::spad(23).unwrap(), Loss::CrossEntropy);
    assert_eq!(fused.parameters(), candle.parameters());
    assert_eq!(fused.parameter_tensors(), candle.parameter_tensors());
}

#[test]
fn the_fused_gradient_is_that_of_candle_for_every_loss_and_width() {
    // Sizes that fill panels, tiles and chunks, and such that do not.
    for (n, width, depth) in [
        (1, 3, 2),
        (65, 10, 7),
        (300, 16, 2),
        (2_500, 10, 7),
        (130, 32, 3),
        (700, 64, 2),
        (257, 128, 2),
    ] {
        let data = Data::new(n, 10, 7);
        let shape = MlpShape::new(10, &vec![width; depth], 7).unwrap();
        for loss in LOSSES {
            let what = format!("{loss:?}, {n} samples, {depth} layers of {width}");
            let (mut fused, mut candle) = both(&shape, loss);
            nudge([&mut fused, &mut candle]);
            let samples = data.samples(&loss);
            let (our_loss, ours) = fused.loss_and_gradient(&samples, &[0..n]).unwrap();
            let (their_loss, theirs) = candle.loss_and_gradient(&samples, &[0..n]).unwrap();
            let theirs: Vec<f64> = theirs.into_iter().map(f64::from).collect();
            assert_close(&ours, &theirs, GRADIENT_TOLERANCE, &what);
            let bound = LOSS_TOLERANCE * their_loss.abs().max(1.0);
            assert!(
                (our_loss - their_loss).abs() <= bound,
                "{what}: {our_loss} and {their_loss}"
            );
        }
    }
}

#[test]
fn the_fused_gradient_is_that_of_central_differences() {
    let widths = [4, 10, 6, 5];
    let shape = MlpShape::new(4, &[10, 6], 5).unwrap();
    let data = Data::new(90, 4, 5);
    for loss in LOSSES {
        let mut fused = fused_mlp(&shape, Initializer::Glorot, loss, adam(), Seed::new(9)).unwrap();
        let (our_loss, ours) = fused.loss_and_gradient(&data.samples(&loss), &[0..90]).unwrap();
        let mut parameters: Vec<f64> = fused.parameters().iter().map(|&value| f64::from(value)).collect();
        let true_loss = loss_of(&loss, &widths, &parameters, &data);
        assert!(
            (our_loss - true_loss).abs() <= LOSS_TOLERANCE,
            "{loss:?}: {our_loss} and {true_loss}"
        );
        let mut differences = Vec::new();
        for index in 0..parameters.len() {
            let value = parameters[index];
            let mut at = |value| {
                parameters[index] = value;
                loss_of(&loss, &widths, &parameters, &data)
            };
            differences.push((at(value + STEP) - at(value - STEP)) / (2.0 * STEP));
            parameters[index] = value;
        }
        assert_close(&ours, &differences, DIFFERENCE_TOLERANCE, &format!("{loss:?}"));
    }
}

#[test]
fn the_gradient_of_runs_is_that_of_their_rows() {
    let data = Data::new(400, 10, 7);
    let shape = MlpShape::spad(7).unwrap();
    for loss in [Loss::CrossEntropy, Loss::SOFT_DICE, Loss::MeanSquared] {
        let (mut fused, mut candle) = both(&shape, loss);
        let (samples, runs) = (data.samples(&loss), [3..70, 70..70, 200..399]);
        let (_, ours) = fused.loss_and_gradient(&samples, &runs).unwrap();
        let (_, theirs) = candle.loss_and_gradient(&samples, &runs).unwrap();
        let theirs: Vec<f64> = theirs.into_iter().map(f64::from).collect();
        assert_close(&ours, &theirs, GRADIENT_TOLERANCE, &format!("{loss:?}"));
    }
}

#[test]
fn predictions_of_both_engines_agree() {
    let (n, runs) = (5_000, [0..4_000, 4_100..5_000]);
    let data = Data::new(n, 10, 23);
    let (fused, candle) = both(&MlpShape::spad(23).unwrap(), Loss::CrossEntropy);
    let features = data.samples(&Loss::CrossEntropy).features();
    let values = fused.predict_values(&features, &runs).unwrap();
    let probabilities = fused.predict_probabilities(&features, &runs).unwrap();
    for (ours, theirs) in [
        (&values, candle.predict_values(&features, &runs).unwrap()),
        (
            &probabilities,
            candle.predict_probabilities(&features, &runs).unwrap(),
        ),
    ] {
        let theirs: Vec<f64> = theirs.into_iter().map(f64::from).collect();
        assert_close(ours, &theirs, GRADIENT_TOLERANCE, "outputs");
    }
    let classes = fused.predict_classes(&features, &runs).unwrap();
    assert_eq!(classes.len(), 4_900);
    for (class, values) in classes.iter().zip(values.chunks_exact(23)) {
        assert!(values.iter().all(|&value| value <= values[*class as usize]));
    }
    for probabilities in probabilities.chunks_exact(23) {
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn of_equal_outputs_the_first_class_is_predicted() {
    let (mut fused, mut candle) = both(&MlpShape::spad(4).unwrap(), Loss::CrossEntropy);
    let zeros = vec![0.0; fused.parameters().len()];
    fused.set_parameters(&zeros).unwrap();
    candle.set_parameters(&zeros).unwrap();
    let data = Data::new(3, 10, 4);
    let features = data.samples(&Loss::CrossEntropy).features();
    assert_eq!(fused.predict_classes(&features, &[0..3]).unwrap(), [0; 3]);
    assert_eq!(candle.predict_classes(&features, &[0..3]).unwrap(), [0; 3]);
}

#[test]
fn the_gradient_of_given_derivatives_is_that_of_the_loss_they_come_from() {
    let (n, n_outputs) = (2_500, 7);
    let data = Data::new(n, 10, n_outputs);
    let samples = data.samples(&Loss::MeanSquared);
    let (mut fused, mut candle) = both(&MlpShape::spad(n_outputs).unwrap(), Loss::MeanSquared);
    let runs = [3..70, 70..70, 200..n];
    let outputs = fused.predict_values(&samples.features(), &runs).unwrap();
    let rows = runs.iter().cloned().flatten();
    let truth = rows.flat_map(|row| &data.values[row * n_outputs..(row + 1) * n_outputs]);
    let slope = 2.0 / outputs.len() as f32;
    let derivatives: Vec<f32> = outputs.iter().zip(truth).map(|(o, t)| slope * (o - t)).collect();
    let (_, expected) = fused.loss_and_gradient(&samples, &runs).unwrap();
    let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
    let ours = fused
        .output_gradient(&samples.features(), &runs, &derivatives)
        .unwrap();
    assert_close(&ours, &expected, GRADIENT_TOLERANCE, "fused");
    let theirs = candle
        .output_gradient(&samples.features(), &runs, &derivatives)
        .unwrap();
    let (_, expected) = candle.loss_and_gradient(&samples, &runs).unwrap();
    let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
    assert_close(&theirs, &expected, GRADIENT_TOLERANCE, "candle");
    let error = fused
        .output_gradient(&samples.features(), &runs, &derivatives[1..])
        .unwrap_err();
    assert!(
        error.to_string().starts_with("derivatives by the outputs has"),
        "{error}"
    );
}

#[test]
fn a_step_with_the_gradient_of_the_loss_is_a_step_of_training() {
    let data = Data::new(90, 10, 7);
    let samples = data.samples(&Loss::CrossEntropy);
    let (mut trained, _) = both(&MlpShape::spad(7).unwrap(), Loss::CrossEntropy);
    let (mut stepped, _) = both(&MlpShape::spad(7).unwrap(), Loss::CrossEntropy);
    for _ in 0..3 {
        trained
            .train(&samples, &[0..90], &crate::fixtures::epoch(0.01, 90))
            .unwrap();
        let (_, gradient) = stepped.loss_and_gradient(&samples, &[0..90]).unwrap();
        stepped.apply_gradient(&gradient, 0.01).unwrap();
    }
    assert_eq!(trained.parameters(), stepped.parameters());
    assert_eq!(trained.optimizer_state(), stepped.optimizer_state());
    assert!(stepped.apply_gradient(&[0.0], 0.01).is_err());
    let mut bad = vec![0.0; stepped.parameters().len()];
    assert!(stepped.apply_gradient(&bad, f64::NAN).is_err());
    bad[4] = f32::NAN;
    assert!(stepped.apply_gradient(&bad, 0.01).is_err());
    assert_eq!(trained.parameters(), stepped.parameters());
}
