//! Derivatives by parameters and inputs, and products with second derivatives, in 64 bits, on both engines.

use candle_core::{DType, Device as CandleDevice, Tensor};
use rayon::ThreadPoolBuilder;
use wherefair_core::{Seed, narrowed};
use wherefair_nn::{
    Activation, Autograd, Direction, Engine, FusedMlp, Initializer, Loss, LstmNetwork, LstmParams,
    MlpNetwork, MlpShape, Network, Outputs, Samples, Scalar, SeededParameters,
};

use crate::fixtures::LOSSES;

/// Largest difference from central differences, in the 2-norm, as a part of the norm.
const DIFFERENCE_TOLERANCE: f64 = 1e-6;

/// The same between two ways to compute in 64 bits.
const TOLERANCE_64: f64 = 1e-12;

/// The same between 32 and 64 bits.
const TOLERANCE_32: f64 = 2e-5;

/// Norms below are taken for this one: what is 0 has no relative error.
const SMALLEST_NORM: f64 = 1e-3;

/// Change of a parameter or feature; losses are exact to 10⁻¹⁶, and a kink of `ReLU` is hardly ever this near.
const STEP: f64 = 4e-7;

/// Change along a direction.
const STEP_ALONG: f64 = 1e-6;

const ACTIVATIONS: [Activation; 2] = [Activation::Relu, Activation::Tanh];

/// Samples in 64 bits, whose rows are visited backwards.
struct Data<T> {
    n_features: usize,
    n_outputs: usize,
    features: Vec<T>,
    labels: Vec<u32>,
    values: Vec<T>,
    rows: Vec<u32>,
}

fn normal(name: &str, n: usize) -> Vec<f64> {
    let mut stream = Seed::new(19).stream(name);
    (0..n).map(|_| stream.standard_normal()).collect()
}

impl Data<f64> {
    fn new(n: usize, n_features: usize, n_outputs: usize) -> Self {
        let mut stream = Seed::new(19).stream("labels");
        Self {
            n_features,
            n_outputs,
            features: normal("features", n * n_features),
            labels: (0..n).map(|_| stream.below(n_outputs as u64) as u32).collect(),
            values: normal("values", n * n_outputs),
            // The first row is left out, so that rows are not all samples.
            rows: (u32::from(n > 1)..n as u32).rev().collect(),
        }
    }

    fn in_32_bits(&self) -> Data<f32> {
        let narrow = |values: &[f64]| values.iter().copied().map(narrowed).collect();
        Data {
            n_features: self.n_features,
            n_outputs: self.n_outputs,
            features: narrow(&self.features),
            labels: self.labels.clone(),
            values: narrow(&self.values),
            rows: self.rows.clone(),
        }
    }
}

impl<T: Scalar> Data<T> {
    fn samples<'a>(&'a self, loss: &Loss, features: &'a [T]) -> Samples<'a, T> {
        if loss.is_of_classes() {
            Samples::classes(features, self.n_features, &self.labels, self.n_outputs).unwrap()
        } else {
            Samples::values(features, self.n_features, &self.values, self.n_outputs).unwrap()
        }
    }

    /// Loss, gradient by parameters and by inputs.
    fn gradient(&self, engine: &mut dyn Engine<T>, loss: &Loss, parameters: &[T]) -> (f64, Vec<T>, Vec<T>) {
        let mut gradient = vec![T::narrowed(7.0); parameters.len()];
        let mut by_inputs = vec![T::narrowed(7.0); self.rows.len() * self.n_features];
        let samples = self.samples(loss, &self.features);
        let inputs = Some(&mut by_inputs[..]);
        let mean = engine.gradient(parameters, &samples, &self.rows, loss, &mut gradient, inputs);
        (mean.unwrap(), gradient, by_inputs)
    }

    fn product(&self, engine: &mut dyn Engine<T>, loss: &Loss, parameters: &[T], vector: &[T]) -> Vec<T> {
        let mut product = vec![T::narrowed(7.0); parameters.len()];
        let samples = self.samples(loss, &self.features);
        engine
            .hessian_vector(parameters, &samples, &self.rows, loss, vector, &mut product)
            .unwrap();
        product
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn assert_near(ours: &[f64], theirs: &[f64], tolerance: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len());
    let differences: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a - b).collect();
    let error = norm(&differences) / norm(theirs).max(SMALLEST_NORM);
    assert!(error <= tolerance, "{what}: relative error {error:e}");
}

/// Parameters of a network, none of which is 0.
fn parameters_of(engine: &dyn Engine<f64>) -> Vec<f64> {
    let tensors = engine.parameter_tensors();
    let mut parameters = Vec::new();
    for tensor in tensors {
        let scale = (2.0 / tensor.shape.last().map_or(1.0, |&n| n as f64)).sqrt();
        parameters.extend(
            normal(&tensor.path, tensor.n_values())
                .iter()
                .map(|value| scale * value),
        );
    }
    parameters
}

fn candle<N: Network>(
    dtype: DType,
    build: impl FnOnce(&candle_nn::VarBuilder<'static>) -> candle_core::Result<N>,
) -> Autograd<N> {
    let parameters = SeededParameters::new(Initializer::He, Seed::new(1));
    let network = build(&parameters.builder(dtype, &CandleDevice::Cpu)).unwrap();
    Autograd::new(network, &parameters, CandleDevice::Cpu, dtype)
}

fn both(shape: &MlpShape) -> [Box<dyn Engine<f64>>; 2] {
    [
        Box::new(FusedMlp::<f64>::new(shape)),
        Box::new(candle(DType::F64, |builder| MlpNetwork::new(shape, builder))),
    ]
}

fn assert_is_of_differences(engine: &mut dyn Engine<f64>, data: &Data<f64>, loss: &Loss, what: &str) {
    let mut parameters = parameters_of(engine);
    let (_, gradient, by_inputs) = data.gradient(engine, loss, &parameters);
    let mut scratch = vec![0.0; parameters.len()];
    let mut differences = Vec::new();
    for index in 0..parameters.len() {
        let value = parameters[index];
        let samples = data.samples(loss, &data.features);
        let mut at = |value| {
            parameters[index] = value;
            let mean = engine.gradient(&parameters, &samples, &data.rows, loss, &mut scratch, None);
            mean.unwrap()
        };
        differences.push((at(value + STEP) - at(value - STEP)) / (2.0 * STEP));
        parameters[index] = value;
    }
    assert_near(
        &gradient,
        &differences,
        DIFFERENCE_TOLERANCE,
        &format!("{what}, parameters"),
    );
    let mut features = data.features.clone();
    let mut differences = Vec::new();
    for &row in &data.rows {
        for column in 0..data.n_features {
            let index = row as usize * data.n_features + column;
            let value = features[index];
            let mut at = |value| {
                features[index] = value;
                let samples = data.samples(loss, &features);
                let mean = engine.gradient(&parameters, &samples, &data.rows, loss, &mut scratch, None);
                mean.unwrap()
            };
            differences.push((at(value + STEP) - at(value - STEP)) / (2.0 * STEP));
            features[index] = value;
        }
    }
    assert_near(
        &by_inputs,
        &differences,
        DIFFERENCE_TOLERANCE,
        &format!("{what}, inputs"),
    );
    assert_product_is_of_differences(engine, data, loss, what);
}

fn assert_product_is_of_differences(engine: &mut dyn Engine<f64>, data: &Data<f64>, loss: &Loss, what: &str) {
    let parameters = parameters_of(engine);
    let vector = normal("vector", parameters.len());
    let other = normal("other vector", parameters.len());
    let mut at = |step: f64| {
        let moved: Vec<f64> = parameters
            .iter()
            .zip(&vector)
            .map(|(p, v)| p + step * v)
            .collect();
        data.gradient(engine, loss, &moved).1
    };
    let (above, below) = (at(STEP_ALONG), at(-STEP_ALONG));
    let differences: Vec<f64> = above
        .iter()
        .zip(below)
        .map(|(a, b)| (a - b) / (2.0 * STEP_ALONG))
        .collect();
    let product = data.product(engine, loss, &parameters, &vector);
    assert_near(
        &product,
        &differences,
        DIFFERENCE_TOLERANCE,
        &format!("{what}, product"),
    );
    let other_product = data.product(engine, loss, &parameters, &other);
    let (one, two) = (dot(&other, &product), dot(&vector, &other_product));
    let bound = TOLERANCE_64 * (norm(&other) * norm(&product)).max(SMALLEST_NORM);
    assert!(
        (one - two).abs() <= bound,
        "{what}: {one} and {two} of a symmetric matrix"
    );
}

/// Features, hidden layers, outputs: none hidden, narrow, wide, one output, as in the SPAD paper.
const SHAPES: [(usize, &[usize], usize); 5] = [
    (4, &[], 3),
    (3, &[5], 1),
    (4, &[6, 3], 5),
    (3, &[26, 27], 2),
    (10, &[10; 7], 7),
];

#[test]
fn derivatives_are_those_of_central_differences() {
    for (n_features, hidden, n_outputs) in SHAPES {
        for activation in ACTIVATIONS {
            let shape = MlpShape::new(n_features, hidden, n_outputs)
                .unwrap()
                .with_activation(activation);
            for loss in LOSSES {
                let [mut fused, mut candle] = both(&shape);
                for n in [1, 41] {
                    let what = format!("{loss:?}, {shape:?}, {n} samples");
                    let data = Data::new(n, n_features, n_outputs);
                    assert_is_of_differences(fused.as_mut(), &data, &loss, &format!("fused, {what}"));
                    if n_outputs == 5 {
                        assert_is_of_differences(candle.as_mut(), &data, &loss, &format!("candle, {what}"));
                    } else {
                        assert_product_is_of_differences(
                            candle.as_mut(),
                            &data,
                            &loss,
                            &format!("candle, {what}"),
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn both_engines_agree_in_64_bits_within_and_across_chunks() {
    for (n_features, hidden, n_outputs) in SHAPES {
        for activation in ACTIVATIONS {
            let shape = MlpShape::new(n_features, hidden, n_outputs)
                .unwrap()
                .with_activation(activation);
            for (n, loss) in [70, 4_500].into_iter().flat_map(|n| LOSSES.map(|loss| (n, loss))) {
                let what = format!("{loss:?}, {shape:?}, {n} samples");
                let [mut fused, mut candle] = both(&shape);
                let data = Data::new(n, n_features, n_outputs);
                let parameters = parameters_of(fused.as_ref());
                let ours = data.gradient(fused.as_mut(), &loss, &parameters);
                let theirs = data.gradient(candle.as_mut(), &loss, &parameters);
                assert!(
                    (ours.0 - theirs.0).abs() <= TOLERANCE_64 * theirs.0.abs().max(1.0),
                    "{what}"
                );
                assert_near(&ours.1, &theirs.1, TOLERANCE_64, &what);
                assert_near(&ours.2, &theirs.2, TOLERANCE_64, &format!("{what}, inputs"));
                let vector = normal("vector", parameters.len());
                let [ours, theirs] = [fused.as_mut(), candle.as_mut()]
                    .map(|engine| data.product(engine, &loss, &parameters, &vector));
                assert_near(&ours, &theirs, TOLERANCE_64, &format!("{what}, product"));
                if loss != Loss::MeanSquared {
                    continue;
                }
                let features = data.samples(&loss, &data.features).features();
                let derivatives = normal("derivatives", data.rows.len() * n_outputs);
                let [ours, theirs] = [fused, candle].map(|mut engine| {
                    let mut gradient = vec![7.0; parameters.len()];
                    let mut by_inputs = vec![7.0; data.rows.len() * n_features];
                    let rows = &data.rows;
                    engine
                        .output_gradient(
                            &parameters,
                            &features,
                            rows,
                            &derivatives,
                            &mut gradient,
                            Some(&mut by_inputs),
                        )
                        .unwrap();
                    let mut outputs = vec![7.0; rows.len() * n_outputs];
                    let written = Outputs::Probabilities(&mut outputs);
                    engine.outputs(&parameters, &features, rows, written).unwrap();
                    [gradient, by_inputs, outputs]
                });
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert_near(ours, theirs, TOLERANCE_64, &format!("{what}, given derivatives"));
                }
            }
        }
    }
}

#[test]
fn results_in_32_bits_are_those_in_64_but_for_rounding() {
    let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
    for (n_features, hidden, n_outputs) in SHAPES {
        for activation in ACTIVATIONS {
            let shape = MlpShape::new(n_features, hidden, n_outputs)
                .unwrap()
                .with_activation(activation);
            // The second derivatives of losses with kinks may differ wherever rounding crosses one.
            for loss in [Loss::CrossEntropy, Loss::SOFT_DICE, Loss::MeanSquared] {
                let what = format!("{loss:?}, {shape:?}");
                let data = Data::new(300, n_features, n_outputs);
                let rounded = data.in_32_bits();
                let [mut fused, _] = both(&shape);
                let parameters = parameters_of(fused.as_ref());
                let vector = normal("vector", parameters.len());
                let expected = data.gradient(fused.as_mut(), &loss, &parameters);
                let expected_product = data.product(fused.as_mut(), &loss, &parameters, &vector);
                let [parameters, vector] =
                    [parameters, vector].map(|all| all.into_iter().map(narrowed).collect::<Vec<f32>>());
                let engines: [Box<dyn Engine>; 2] = [
                    Box::new(FusedMlp::<f32>::new(&shape)),
                    Box::new(candle(DType::F32, |builder| MlpNetwork::new(&shape, builder))),
                ];
                for mut engine in engines {
                    let (_, gradient, by_inputs) = rounded.gradient(engine.as_mut(), &loss, &parameters);
                    assert_near(&wide(&gradient), &expected.1, TOLERANCE_32, &what);
                    assert_near(
                        &wide(&by_inputs),
                        &expected.2,
                        TOLERANCE_32,
                        &format!("{what}, inputs"),
                    );
                    let product = rounded.product(engine.as_mut(), &loss, &parameters, &vector);
                    assert_near(
                        &wide(&product),
                        &expected_product,
                        TOLERANCE_32,
                        &format!("{what}, product"),
                    );
                }
            }
        }
    }
}

#[test]
fn derivatives_of_an_lstm_are_those_of_central_differences() {
    for direction in [Direction::Forward, Direction::Bidirectional] {
        let shape = LstmParams::new(4, 2, 3, 2).direction(direction).check().unwrap();
        let mut engine = candle(DType::F64, |builder| LstmNetwork::new(&shape, builder));
        let data = Data::new(12, 8, 2);
        for loss in LOSSES {
            let what = format!("{loss:?}, {direction:?}");
            if loss == Loss::SOFT_DICE {
                assert_is_of_differences(&mut engine, &data, &loss, &what);
            } else {
                assert_product_is_of_differences(&mut engine, &data, &loss, &what);
            }
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits_of_products_and_derivatives_by_inputs() {
    let data = Data::new(9_000, 4, 3);
    for (loss, hidden) in LOSSES
        .into_iter()
        .zip([vec![6], vec![30, 30], vec![], vec![5], vec![7; 3]])
    {
        let shape = MlpShape::new(4, &hidden, 3)
            .unwrap()
            .with_activation(Activation::Tanh);
        let compute = || {
            let mut fused = FusedMlp::<f64>::new(&shape);
            let parameters = parameters_of(&fused);
            let vector = normal("vector", parameters.len());
            let (_, gradient, by_inputs) = data.gradient(&mut fused, &loss, &parameters);
            let product = data.product(&mut fused, &loss, &parameters, &vector);
            let all = [gradient, by_inputs, product].concat();
            all.into_iter().map(f64::to_bits).collect::<Vec<_>>()
        };
        let on = |n| {
            ThreadPoolBuilder::new()
                .num_threads(n)
                .build()
                .unwrap()
                .install(compute)
        };
        let one = on(1);
        assert_eq!(one, on(2), "{loss:?}");
        assert_eq!(one, on(5), "{loss:?}");
    }
}

#[test]
fn the_slope_of_relu_at_zero_is_zero_in_products_too() {
    // The sum of the hidden neuron is 0 for every sample, whatever its direction.
    let shape = MlpShape::new(1, &[1], 1).unwrap();
    let data = Data::new(5, 1, 1);
    let mut fused = FusedMlp::<f64>::new(&shape);
    let product = data.product(&mut fused, &Loss::MeanSquared, &[0.0, 0.0, 1.0, 0.0], &[1.0; 4]);
    assert_eq!(product, [0.0, 0.0, 0.0, 2.0]);
}

/// A network that has the one method alone that training needs.
struct Plain(candle_nn::Linear);

impl Network for Plain {
    fn description(&self) -> String {
        "a plain layer".to_owned()
    }

    fn n_features(&self) -> usize {
        4
    }

    fn n_outputs(&self) -> usize {
        3
    }

    fn forward(&self, features: &Tensor) -> candle_core::Result<Tensor> {
        candle_nn::Module::forward(&self.0, features)
    }
}

#[test]
fn a_network_without_tangents_has_gradients_and_names_what_products_need() {
    let mut engine = candle(DType::F64, |builder| {
        Ok(Plain(candle_nn::linear(4, 3, builder.pp("layer"))?))
    });
    let data = Data::new(20, 4, 3);
    let parameters = parameters_of(&engine);
    let (_, ours, by_inputs) = data.gradient(&mut engine, &Loss::CrossEntropy, &parameters);
    let [mut fused, _] = both(&MlpShape::new(4, &[], 3).unwrap());
    let theirs = data.gradient(fused.as_mut(), &Loss::CrossEntropy, &parameters);
    assert_near(&ours, &theirs.1, TOLERANCE_64, "parameters");
    assert_near(&by_inputs, &theirs.2, TOLERANCE_64, "inputs");
    let samples = data.samples(&Loss::CrossEntropy, &data.features);
    let (vector, mut product) = (parameters.clone(), parameters.clone());
    let error = engine
        .hessian_vector(
            &parameters,
            &samples,
            &data.rows,
            &Loss::CrossEntropy,
            &vector,
            &mut product,
        )
        .unwrap_err()
        .to_string();
    let expected = "a plain layer gives no tangents; implement `Network::forward_along` for it";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn targets_of_the_wrong_kind_are_refused_in_products() {
    let data = Data::new(3, 4, 3);
    let samples = data.samples(&Loss::CrossEntropy, &data.features);
    for mut engine in both(&MlpShape::new(4, &[], 3).unwrap()) {
        let (parameters, mut product) = ([0.1; 15], [0.0; 15]);
        let loss = Loss::MeanSquared;
        let error = engine.hessian_vector(&parameters, &samples, &[0], &loss, &parameters, &mut product);
        assert_eq!(
            error.unwrap_err().to_string(),
            "the kind of target of the samples is classes, of the network values"
        );
    }
}
