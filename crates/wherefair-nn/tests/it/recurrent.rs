//! LSTM networks.

use wherefair_core::Seed;
use wherefair_nn::{Direction, Initializer, Loss, LstmNetwork, LstmParams, LstmShape, Model, autograd};

use crate::fixtures::{Data, adam, epoch};

fn model(shape: &LstmShape) -> Model {
    let build = |builder: &_| LstmNetwork::new(shape, builder);
    autograd(
        build,
        Initializer::Glorot,
        Loss::MeanSquared,
        adam(),
        Seed::new(2),
    )
    .unwrap()
}

/// An LSTM of one channel and one state number in 64 bits, by the equations.
fn by_hand(parameters: &[f32], sequence: &[f32]) -> f64 {
    let at = |index: usize| f64::from(parameters[index]);
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut h, mut c) = (0.0, 0.0);
    for &x in sequence {
        // Weights of the input, of the state, and two biases, for the gates in, forget, cell, out.
        let gate = |g: usize| at(g) * f64::from(x) + at(4 + g) * h + at(8 + g) + at(12 + g);
        c = sigmoid(gate(1)) * c + sigmoid(gate(0)) * gate(2).tanh();
        h = sigmoid(gate(3)) * c.tanh();
    }
    h
}

#[test]
fn both_directions_follow_the_equations() {
    let shape = LstmParams::new(4, 1, 1, 1)
        .direction(Direction::Bidirectional)
        .check()
        .unwrap();
    let mut model = model(&shape);
    let mut parameters = model.parameters().to_vec();
    // Biases begin at 0: give all a value, so that none can be mixed up.
    for (index, value) in (0_u8..).zip(&mut parameters) {
        *value += 0.03 * f32::from(index % 7) - 0.05;
    }
    model.set_parameters(&parameters).unwrap();
    let data = Data::new(5, 4, 1);
    let features = data.samples(&Loss::MeanSquared).features();
    let predicted = model.predict_values(&features, &[0..5]).unwrap();
    for (sequence, predicted) in data.features.chunks_exact(4).zip(predicted) {
        let mut reversed = sequence.to_vec();
        reversed.reverse();
        let (forward, backward) = (
            by_hand(&parameters, sequence),
            by_hand(&parameters[16..], &reversed),
        );
        let head: Vec<f64> = parameters[32..].iter().map(|&value| f64::from(value)).collect();
        let expected = head[0] * forward + head[1] * backward + head[2];
        assert!(
            (f64::from(predicted) - expected).abs() < 1e-5,
            "{predicted} and {expected}"
        );
    }
}

#[test]
fn the_gradient_is_that_of_central_differences() {
    let shape = LstmParams::new(5, 2, 3, 1)
        .direction(Direction::Bidirectional)
        .check()
        .unwrap();
    let mut model = model(&shape);
    let data = Data::new(40, 10, 1);
    let samples = data.samples(&Loss::MeanSquared);
    let (_, gradient) = model.loss_and_gradient(&samples, &[0..40]).unwrap();
    let parameters = model.parameters().to_vec();
    let largest = gradient
        .iter()
        .fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for index in 0..parameters.len() {
        let mut at = |change: f32| {
            let mut changed = parameters.clone();
            changed[index] += change;
            model.set_parameters(&changed).unwrap();
            model.loss_and_gradient(&samples, &[0..40]).unwrap().0
        };
        let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
        let error = (difference - f64::from(gradient[index])).abs();
        assert!(
            error < 2e-3 * f64::from(largest),
            "{index}: {difference} and {}",
            gradient[index]
        );
    }
}

#[test]
fn a_sequence_can_be_learned() {
    let shape = LstmParams::new(7, 1, 8, 1).check().unwrap();
    let mut model = model(&shape);
    let mut data = Data::new(256, 7, 1);
    for (sequence, value) in data.features.chunks_exact(7).zip(&mut data.values) {
        *value = sequence[0];
    }
    let samples = data.samples(&Loss::MeanSquared);
    let first = model
        .train(&samples, &[0..256], &epoch(0.02, 64))
        .unwrap()
        .mean_loss;
    let mut last = first;
    for _ in 0..40 {
        last = model
            .train(&samples, &[0..256], &epoch(0.02, 64))
            .unwrap()
            .mean_loss;
    }
    assert!(last < 0.2 * first, "{first} to {last}");
}
