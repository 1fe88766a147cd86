//! Adam and `AdamW` against candle's and against steps by hand.

use candle_core::{Device, Tensor, Var};
use candle_nn::{Optimizer as _, ParamsAdamW};
use wherefair_core::Seed;
use wherefair_nn::{AdamParams, Initializer, Loss, MlpShape, OptimizerState, StatePolicy, fused_mlp};

use crate::fixtures::{Data, adam, epoch};

/// Largest difference of parameters after the steps: both sides round to 24 bits at each.
const TOLERANCE: f32 = 2e-6;

#[test]
fn steps_are_those_of_candles_adam_w() {
    for weight_decay in [0.0, 0.1] {
        let config = AdamParams::default().weight_decay(weight_decay).check().unwrap();
        let mut parameters = vec![0.5, -1.0, 2.0];
        let mut state = OptimizerState::new(3);
        let variable = Var::new(&parameters[..], &Device::Cpu).unwrap();
        let theirs = ParamsAdamW {
            lr: 0.01,
            weight_decay,
            ..ParamsAdamW::default()
        };
        let mut theirs = candle_nn::AdamW::new(vec![variable.clone()], theirs).unwrap();
        for step in 1..=20_u8 {
            let gradient = [0.1 * f32::from(step), -1.0, 1.0 / f32::from(step)];
            config.step(0.01, &gradient, &mut state, &mut parameters).unwrap();
            let factor = Tensor::new(&gradient, &Device::Cpu).unwrap();
            let loss = (variable.as_tensor() * factor).unwrap().sum_all().unwrap();
            theirs.backward_step(&loss).unwrap();
        }
        let theirs: Vec<f32> = variable.to_vec1().unwrap();
        for (ours, theirs) in parameters.iter().zip(theirs) {
            assert!(
                (ours - theirs).abs() < TOLERANCE,
                "{ours} and {theirs}, decay {weight_decay}"
            );
        }
    }
}

#[test]
fn the_first_step_has_the_size_of_the_learning_rate() {
    let (mut parameters, mut state) = (vec![1.0, 1.0], OptimizerState::new(2));
    adam()
        .step(0.25, &[1e-3, -50.0], &mut state, &mut parameters)
        .unwrap();
    for (parameter, expected) in parameters.iter().zip([0.75, 1.25]) {
        assert!((parameter - expected).abs() < 1e-5, "{parameter} and {expected}");
    }
    assert_eq!(state.step, 1);
}

#[test]
fn the_state_is_reset_between_partitions_only_where_that_is_asked_for() {
    let data = Data::new(256, 10, 4);
    let samples = data.samples(&Loss::CrossEntropy);
    for (policy, steps) in [(StatePolicy::Carried, 4), (StatePolicy::ResetEachPartition, 2)] {
        let config = AdamParams::default().state(policy).check().unwrap();
        let shape = MlpShape::spad(4).unwrap();
        let mut model = fused_mlp(
            &shape,
            Initializer::SPAD,
            Loss::CrossEntropy,
            config,
            Seed::new(1),
        )
        .unwrap();
        model.train(&samples, &[0..128], &epoch(1e-3, 64)).unwrap();
        model.train(&samples, &[128..256], &epoch(1e-3, 64)).unwrap();
        assert_eq!(model.optimizer_state().step, steps);
    }
}

#[test]
fn training_makes_the_loss_small() {
    // The class is the sign of the first feature.
    let mut data = Data::new(4_000, 10, 2);
    for (sample, label) in data.features.chunks_exact(10).zip(&mut data.labels) {
        *label = u32::from(sample[0] > 0.0);
    }
    for loss in [Loss::CrossEntropy, Loss::SOFT_DICE] {
        let samples = data.samples(&loss);
        let shape = MlpShape::new(10, &[10; 3], 2).unwrap();
        let mut model = fused_mlp(&shape, Initializer::He, loss, adam(), Seed::new(3)).unwrap();
        for _ in 0..30 {
            model.train(&samples, &[0..4_000], &epoch(5e-3, 200)).unwrap();
        }
        let classes = model.predict_classes(&samples.features(), &[0..4_000]).unwrap();
        let n_right = classes
            .iter()
            .zip(&data.labels)
            .filter(|(class, label)| class == label)
            .count();
        assert!(n_right > 3_900, "{n_right} of 4000 with {loss:?}");
    }
}
