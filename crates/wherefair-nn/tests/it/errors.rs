//! What is refused, and how.

use wherefair_core::Seed;
use wherefair_nn::{
    AdamParams, Device, Features, Initializer, Loss, LstmParams, MlpShape, Model, NnError, OptimizerState,
    Samples, fused_mlp,
};

#[cfg(not(feature = "cuda"))]
use wherefair_nn::{MlpNetwork, autograd_on, mlp};

use crate::fixtures::{Data, adam, epoch};

fn model(loss: Loss) -> Model {
    fused_mlp(
        &MlpShape::spad(4).unwrap(),
        Initializer::He,
        loss,
        adam(),
        Seed::new(1),
    )
    .unwrap()
}

#[test]
fn a_learning_rate_that_is_not_above_zero_is_refused() {
    let data = Data::new(10, 10, 4);
    let samples = data.samples(&Loss::CrossEntropy);
    let mut model = model(Loss::CrossEntropy);
    for rate in [0.0, -1e-3, f64::NAN, f64::INFINITY] {
        let error = model
            .train(&samples, &[0..10], &epoch(rate, 5))
            .unwrap_err()
            .to_string();
        let start = format!("invalid learning_rate: {rate} (accepted: a finite number above 0");
        assert!(error.starts_with(&start), "{error}");
    }
    let error = model
        .train(&samples, &[0..10], &epoch(1e-3, 0))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "invalid batch_size: 0 (accepted: at least 1)");
}

#[test]
fn rows_must_exist() {
    let data = Data::new(10, 10, 4);
    let samples = data.samples(&Loss::CrossEntropy);
    let mut model = model(Loss::CrossEntropy);
    let none = model.train(&samples, &[3..3], &epoch(1e-3, 5)).unwrap_err();
    assert!(matches!(none, NnError::NoSamples), "{none}");
    assert!(matches!(
        model.loss_and_gradient(&samples, &[]).unwrap_err(),
        NnError::NoSamples
    ));
    let error = model
        .predict_classes(&samples.features(), &[0..2, 8..11])
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "run 1 is rows 8..11 (accepted: start ≤ end ≤ 10, the number of samples)"
    );
    #[expect(clippy::reversed_empty_ranges, reason = "it must be refused")]
    let reversed = model.predict_values(&samples.features(), &[5..2]).unwrap_err();
    assert!(
        matches!(reversed, NnError::RunOutside { index: 0, .. }),
        "{reversed}"
    );
}

#[test]
fn samples_must_be_whole_and_finite() {
    let cases = [
        (
            Samples::classes(&[0.0; 4], 2, &[0, 2], 2).unwrap_err(),
            "label of sample 1 is 2 (accepted: classes below 2)",
        ),
        (
            Samples::classes(&[0.0; 4], 2, &[0], 2).unwrap_err(),
            "labels has 1 numbers (accepted: 2, which is the number of samples)",
        ),
        (
            Samples::classes(&[0.0; 5], 2, &[0, 0], 2).unwrap_err(),
            "features has 5 numbers (accepted: 6, which is 3 samples × 2 features)",
        ),
        (
            Samples::values(&[0.0; 4], 2, &[0.0, f32::INFINITY], 1).unwrap_err(),
            "true value of sample 1, column 0, is inf (accepted: finite numbers)",
        ),
        (
            Features::<f32>::new(&[], 0).unwrap_err(),
            "invalid n_features: 0 (accepted: at least 1)",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn samples_must_fit_the_network_and_its_loss() {
    let data = Data::new(10, 10, 4);
    let classes = data.samples(&Loss::CrossEntropy);
    let error = model(Loss::MeanSquared)
        .loss_and_gradient(&classes, &[0..10])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the kind of target of the samples is classes, of the network values"
    );
    let other = Data::new(10, 9, 4);
    let error = model(Loss::CrossEntropy).loss_and_gradient(&other.samples(&Loss::CrossEntropy), &[0..10]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the number of features of the samples is 9, of the network 10"
    );
    let other = Data::new(10, 10, 3);
    let error = model(Loss::CrossEntropy).loss_and_gradient(&other.samples(&Loss::CrossEntropy), &[0..10]);
    let expected = "the number of classes or outputs of the samples is 3, of the network 4";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[test]
fn divergence_is_an_error_that_names_the_step() {
    let mut data = Data::new(64, 10, 4);
    data.values.iter_mut().for_each(|value| *value *= 1e15);
    let samples = data.samples(&Loss::MeanSquared);
    let mut model = model(Loss::MeanSquared);
    let error = (0..1_000).find_map(|_| {
        let before = model.parameters().to_vec();
        let error = model.train(&samples, &[0..64], &epoch(1e12, 64)).err()?;
        assert_eq!(
            model.parameters(),
            before,
            "the parameters of the last good step are kept"
        );
        Some((error, model.optimizer_state().step))
    });
    let Some((
        NnError::Diverged {
            step, learning_rate, ..
        },
        n_steps,
    )) = error
    else {
        panic!("{error:?}");
    };
    assert!(
        step == n_steps || step == n_steps + 1,
        "step {step} after {n_steps}"
    );
    assert!((learning_rate - 1e12).abs() < 1.0);
}

#[test]
fn parameters_outside_their_domains_are_refused() {
    let errors = [
        AdamParams::default().beta_2(f64::NAN).check().err(),
        AdamParams::default().epsilon(0.0).check().err(),
        AdamParams::default().weight_decay(-0.1).check().err(),
        Initializer::TruncatedNormal { std: f64::NAN }.check().err(),
        Loss::Huber { threshold: 0.0 }.check().err(),
        Loss::SoftDice {
            smoothing: f64::INFINITY,
        }
        .check()
        .err(),
        MlpShape::new(10, &[10, 0], 2).err(),
        MlpShape::new(1 << 20, &[], 2).err(),
        LstmParams::new(0, 1, 1, 1).check().err(),
    ];
    assert!(errors.iter().all(Option::is_some), "{errors:?}");
}

#[test]
fn states_must_fit_the_model() {
    let mut model = model(Loss::CrossEntropy);
    let n = model.parameters().len();
    let short = model.set_parameters(&vec![0.0; n - 1]).unwrap_err();
    assert!(matches!(short, NnError::Shape { .. }), "{short}");
    let mut parameters = vec![0.0; n];
    parameters[2] = f32::NAN;
    let error = model.set_parameters(&parameters).unwrap_err().to_string();
    assert_eq!(error, "parameter 2 is NaN (accepted: finite numbers)");
    let short = model.set_optimizer_state(OptimizerState::new(n + 1)).unwrap_err();
    assert!(matches!(short, NnError::Shape { .. }), "{short}");
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_graphics_card_without_the_feature_is_an_error_that_names_the_feature() {
    let shape = MlpShape::spad(3).unwrap();
    let on_card = mlp(
        Device::Cuda(1),
        &shape,
        Initializer::He,
        Loss::CrossEntropy,
        adam(),
        Seed::new(1),
    );
    let message = on_card.err().map(|error| error.to_string());
    let expected = "device cuda:1 cannot be used: this program was built without the feature `cuda`";
    assert_eq!(message.as_deref(), Some(expected));
    assert_eq!(Device::Cuda(1).name().unwrap_err().to_string(), expected);
    let build = |builder: &_| MlpNetwork::new(&shape, builder);
    let on_card = autograd_on(
        Device::Cuda(0),
        build,
        Initializer::He,
        Loss::CrossEntropy,
        adam(),
        Seed::new(1),
    );
    let message = on_card.err().map(|error| error.to_string());
    assert!(message.unwrap_or_default().ends_with("feature `candle-cuda`"));
}

#[test]
fn what_is_no_device_is_refused() {
    for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
        let error = text.parse::<Device>().unwrap_err();
        assert!(error.to_string().contains("accepted: cpu, cuda"), "{error}");
    }
    for device in [Device::Cpu, Device::Cuda(3)] {
        assert_eq!(device.to_string().parse(), Ok(device));
    }
}
