//! Second-order meta-gradients, put together of gradients and Hessian-vector products, against those of jax.

use candle_core::{DType, Device};
use serde_json::Value;
use wherefair_core::Seed;
use wherefair_nn::{
    Activation, Autograd, Engine, Features, FusedMlp, Initializer, Loss, LstmNetwork, LstmParams, MlpShape,
    Outputs, Samples, SeededParameters,
};

/// Largest difference in the 2-norm, as a part of the norm.
const TOLERANCE: f64 = 1e-9;

const N_LOCATIONS: usize = 3;

type Network = Box<dyn Engine<f64>>;

/// Numbers of nested arrays, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(parts) => parts.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// A matrix `[inputs][outputs]` as `(outputs, inputs)`, row by row.
fn transposed(matrix: &Value) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = matrix.as_array().unwrap().iter().map(numbers).collect();
    (0..rows[0].len())
        .flat_map(|column| rows.iter().map(move |row| row[column]).collect::<Vec<_>>())
        .collect()
}

fn layer(value: &Value) -> Vec<f64> {
    [transposed(&value["w"]), numbers(&value["b"])].concat()
}

fn layers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().flat_map(layer).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// sum += scale × values.
fn add(sum: &mut [f64], scale: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

fn assert_near(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let mut difference = ours.to_vec();
    add(&mut difference, -1.0, theirs);
    let error = (dot(&difference, &difference) / dot(theirs, theirs)).sqrt();
    assert!(error <= TOLERANCE, "{what}: relative error {error:e}");
}

fn lstm(n_outputs: usize) -> Autograd<LstmNetwork> {
    let shape = LstmParams::new(4, 2, 4, n_outputs).check().unwrap();
    let parameters = SeededParameters::new(Initializer::Glorot, Seed::new(1));
    let network = LstmNetwork::new(&shape, &parameters.builder(DType::F64, &Device::Cpu)).unwrap();
    Autograd::new(network, &parameters, Device::Cpu, DType::F64)
}

/// The points of all locations, one after the other.
struct Points {
    features: Vec<f64>,
    n_features: usize,
    labels: Vec<u32>,
    values: Vec<f64>,
    is_of_classes: bool,
}

impl Points {
    fn samples(&self) -> Samples<'_, f64> {
        if self.is_of_classes {
            Samples::classes(&self.features, self.n_features, &self.labels, 2).unwrap()
        } else {
            Samples::values(&self.features, self.n_features, &self.values, 1).unwrap()
        }
    }

    fn features(&self) -> Features<'_, f64> {
        Features::new(&self.features, self.n_features).unwrap()
    }

    fn rows(&self, location: usize) -> Vec<u32> {
        let n = (self.labels.len() / N_LOCATIONS) as u32;
        (location as u32 * n..(location as u32 + 1) * n).collect()
    }
}

/// One of the two networks of the file with its task. Parameters are those of the file, which has one bias a gate where
/// candle's LSTM has two: the second one is 0 and stays so.
struct Learner {
    network: Network,
    /// The network whose outputs are the encoding before the last activation, and the parameters that end it.
    encoder: (Network, Vec<f64>),
    is_lstm: bool,
    loss: Loss,
    support: Points,
    query: Points,
    referee: FusedMlp<f64>,
    referee_parameters: Vec<f64>,
    /// The rates β₊ and β₋, and M.
    constants: [f64; 3],
}

/// Numbers of the parameters before the last layer: of the dense network, and of the LSTM with its one bias.
const N_DENSE: usize = 4 * 8 + 9 * 8;
const N_LSTM: usize = 2 * 16 + 4 * 16 + 16;

impl Learner {
    fn new(net: &Value, is_lstm: bool) -> Self {
        let data = &net["data"];
        let points = |x: &str, y: &str| {
            let values = numbers(&data[y]);
            Points {
                features: numbers(&data[x]),
                n_features: if is_lstm { 8 } else { 3 },
                labels: values
                    .iter()
                    .map(|&value| u32::from(!is_lstm && value > 0.5))
                    .collect(),
                values,
                is_of_classes: !is_lstm,
            }
        };
        let n_encoded = if is_lstm { 4 } else { 8 };
        let referee = MlpShape::new(2 + n_encoded, &[6], 1)
            .unwrap()
            .with_activation(Activation::Tanh);
        let (network, encoder): (Network, (Network, Vec<f64>)) = if is_lstm {
            let identity = (0..16).map(|at| f64::from(u8::from(at % 5 == 0)));
            let ending = identity.chain([0.0; 4]).collect();
            (Box::new(lstm(1)), (Box::new(lstm(4)), ending))
        } else {
            let dense = |hidden: &[usize], n_outputs| {
                Box::new(FusedMlp::new(&MlpShape::new(3, hidden, n_outputs).unwrap()))
            };
            (dense(&[8, 8], 2), (dense(&[8], 8), Vec::new()))
        };
        Self {
            network,
            encoder,
            is_lstm,
            loss: if is_lstm {
                Loss::MeanSquared
            } else {
                Loss::CrossEntropy
            },
            support: points("xs", "ys"),
            query: points("xq", "yq"),
            referee: FusedMlp::new(&referee),
            referee_parameters: layers(&net["W"]),
            constants: ["beta_plus", "beta_minus", "M"].map(|name| data[name].as_f64().unwrap()),
        }
    }

    /// Parameters of the file as those of the engine begin, in one array.
    fn parameters(&self, tree: &Value) -> Vec<f64> {
        if !self.is_lstm {
            return layers(tree);
        }
        let weights = ["wx", "wh"].map(|name| transposed(&tree[name])).concat();
        [weights, numbers(&tree["b"]), layer(&tree["head"])].concat()
    }

    fn widened(&self, parameters: &[f64]) -> Vec<f64> {
        if !self.is_lstm {
            return parameters.to_vec();
        }
        let (before, head) = parameters.split_at(N_LSTM);
        [before, &[0.0; 16], head].concat()
    }

    fn narrowed(&self, mut parameters: Vec<f64>) -> Vec<f64> {
        if self.is_lstm {
            parameters.drain(N_LSTM..N_LSTM + 16);
        }
        parameters
    }

    fn gradient(&mut self, of_query: bool, location: usize, parameters: &[f64]) -> (f64, Vec<f64>) {
        let parameters = self.widened(parameters);
        let points = if of_query { &self.query } else { &self.support };
        let mut gradient = vec![0.0; parameters.len()];
        let (samples, rows) = (points.samples(), points.rows(location));
        let network = &mut self.network;
        let loss = network.gradient(&parameters, &samples, &rows, &self.loss, &mut gradient, None);
        (loss.unwrap(), self.narrowed(gradient))
    }

    fn product(&mut self, location: usize, parameters: &[f64], vector: &[f64]) -> Vec<f64> {
        let (parameters, vector) = (self.widened(parameters), self.widened(vector));
        let mut product = vec![0.0; parameters.len()];
        let (samples, rows) = (self.support.samples(), self.support.rows(location));
        self.network
            .hessian_vector(&parameters, &samples, &rows, &self.loss, &vector, &mut product)
            .unwrap();
        self.narrowed(product)
    }

    fn encoder_parameters(&self, parameters: &[f64]) -> Vec<f64> {
        if self.is_lstm {
            [&parameters[..N_LSTM], &[0.0; 16], &self.encoder.1].concat()
        } else {
            parameters[..N_DENSE].to_vec()
        }
    }

    /// Outputs of the encoder for the points of a location.
    fn encoded(&self, location: usize, parameters: &[f64]) -> Vec<f64> {
        let rows = self.support.rows(location);
        let mut values = vec![0.0; rows.len() * self.encoder.0.n_outputs()];
        let (parameters, features) = (self.encoder_parameters(parameters), self.support.features());
        let written = Outputs::Values(&mut values);
        self.encoder
            .0
            .outputs(&parameters, &features, &rows, written)
            .unwrap();
        values
    }

    /// The gradient by the parameters of Σ derivatives × mean encoding of a location.
    fn encoding_gradient(&mut self, location: usize, parameters: &[f64], derivatives: &[f64]) -> Vec<f64> {
        let n_parameters = parameters.len();
        let values = self.encoded(location, parameters);
        let rows = self.support.rows(location);
        let each = values
            .iter()
            .zip(derivatives.iter().cycle())
            .map(|(&value, derivative)| {
                let is_active = self.is_lstm || value > 0.0;
                if is_active {
                    derivative / rows.len() as f64
                } else {
                    0.0
                }
            });
        let each: Vec<f64> = each.collect();
        let parameters = self.encoder_parameters(parameters);
        let mut gradient = vec![0.0; parameters.len()];
        let features = self.support.features();
        self.encoder
            .0
            .output_gradient(&parameters, &features, &rows, &each, &mut gradient, None)
            .unwrap();
        gradient.truncate(if self.is_lstm { N_LSTM } else { N_DENSE });
        gradient.resize(n_parameters, 0.0);
        gradient
    }

    /// What the referee is told of all locations, losses and gradients of their support.
    fn observed(&mut self, parameters: &[f64]) -> (Vec<f64>, Vec<(f64, Vec<f64>)>) {
        let mut inputs = Vec::new();
        let mut all = Vec::new();
        for location in 0..N_LOCATIONS {
            let (loss, gradient) = self.gradient(false, location, parameters);
            let metric = if self.is_lstm {
                loss.sqrt()
            } else {
                self.f1(location, parameters)
            };
            let mut encoding = self.encoded(location, parameters);
            if !self.is_lstm {
                for value in &mut encoding {
                    *value = value.max(0.0);
                }
            }
            let n_encoded = self.encoder.0.n_outputs();
            let n_points = (encoding.len() / n_encoded) as f64;
            let mean =
                |column: usize| encoding.iter().skip(column).step_by(n_encoded).sum::<f64>() / n_points;
            inputs.extend([loss, metric - self.constants[2]]);
            inputs.extend((0..n_encoded).map(mean));
            all.push((loss, gradient));
        }
        (inputs, all)
    }

    fn f1(&self, location: usize, parameters: &[f64]) -> f64 {
        let rows = self.support.rows(location);
        let mut classes = vec![0; rows.len()];
        let (features, written) = (self.support.features(), Outputs::Classes(&mut classes));
        self.network
            .outputs(parameters, &features, &rows, written)
            .unwrap();
        let truth = rows.iter().map(|&row| self.support.labels[row as usize]);
        let (mut hits, mut total) = (0, 0);
        for (guess, truth) in classes.iter().zip(truth) {
            hits += 2 * guess * truth;
            total += guess + truth;
        }
        f64::from(hits) / f64::from(total)
    }

    /// The rates, and where they come from the referee, what it says.
    fn rates(&self, by_referee: bool, inputs: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let [plus, minus, _] = self.constants;
        if !by_referee {
            return (vec![f64::midpoint(plus, minus); N_LOCATIONS], Vec::new());
        }
        let mut said = vec![0.0; N_LOCATIONS];
        let features = Features::new(inputs, inputs.len() / N_LOCATIONS).unwrap();
        let written = Outputs::Values(&mut said);
        self.referee
            .outputs(&self.referee_parameters, &features, &[0, 1, 2], written)
            .unwrap();
        let (least, most) = extremes(&said);
        let share = |&eta: &f64| (eta - said[least]) / (said[most] - said[least]);
        (
            said.iter()
                .map(|eta| (plus - minus) * share(eta) + minus)
                .collect(),
            said,
        )
    }

    /// Derivatives by the rates, taken to those by the referee's parameters and inputs.
    fn referee_gradient(&mut self, inputs: &[f64], said: &[f64], by_rates: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (least, most) = extremes(said);
        let range = said[most] - said[least];
        let scale = (self.constants[0] - self.constants[1]) / range;
        let mut by_said = vec![0.0; N_LOCATIONS];
        for (location, by_rate) in by_rates.iter().enumerate() {
            let share = (said[location] - said[least]) / range;
            by_said[location] += scale * by_rate;
            by_said[least] += scale * by_rate * (share - 1.0);
            by_said[most] -= scale * by_rate * share;
        }
        let features = Features::new(inputs, inputs.len() / N_LOCATIONS).unwrap();
        let mut gradient = vec![0.0; self.referee_parameters.len()];
        let mut by_inputs = vec![0.0; inputs.len()];
        let (rows, written) = ([0, 1, 2], Some(&mut by_inputs[..]));
        self.referee
            .output_gradient(
                &self.referee_parameters,
                &features,
                &rows,
                &by_said,
                &mut gradient,
                written,
            )
            .unwrap();
        (gradient, by_inputs)
    }
}

fn extremes(said: &[f64]) -> (usize, usize) {
    let by_value = |a: &usize, b: &usize| said[*a].total_cmp(&said[*b]);
    let all = 0..said.len();
    (
        all.clone().min_by(by_value).unwrap(),
        all.max_by(by_value).unwrap(),
    )
}

/// A case of the file: the parameters after its inner steps, and meta-gradients.
struct Case<'a> {
    by_referee: bool,
    n_steps: u64,
    /// By what the sum over locations is divided.
    n: f64,
    is_squared: bool,
    value: &'a Value,
}

impl Case<'_> {
    /// The parameters before each inner step and after the last.
    fn path(&self, learner: &mut Learner, parameters: Vec<f64>) -> Vec<Vec<f64>> {
        let mut path = vec![parameters];
        for step in 0..self.n_steps as usize {
            let mut next = path[step].clone();
            let (inputs, support) = learner.observed(&path[step]);
            let (rates, _) = learner.rates(self.by_referee, &inputs);
            for (rate, (_, gradient)) in rates.iter().zip(&support) {
                add(&mut next, -rate / self.n, gradient);
            }
            path.push(next);
        }
        path
    }

    /// Gradients by the parameters at the end of the path of the mean query loss and of unfairness.
    fn outer(&self, learner: &mut Learner, parameters: &[f64]) -> [Vec<f64>; 2] {
        let query: Vec<_> = (0..N_LOCATIONS)
            .map(|location| learner.gradient(true, location, parameters))
            .collect();
        let n = N_LOCATIONS as f64;
        let mean = query.iter().map(|(loss, _)| loss).sum::<f64>() / n;
        let slope = |loss: f64| {
            if self.is_squared {
                2.0 * (loss - mean)
            } else {
                (loss - mean).signum()
            }
        };
        let mean_slope = query.iter().map(|(loss, _)| slope(*loss)).sum::<f64>() / n;
        let mut gradients = [(); 2].map(|()| vec![0.0; parameters.len()]);
        for (loss, gradient) in &query {
            add(&mut gradients[0], 1.0 / n, gradient);
            add(&mut gradients[1], (slope(*loss) - mean_slope) / n, gradient);
        }
        gradients
    }

    /// Takes a gradient by the last parameters of the path back to the first, and to the referee.
    fn back(&self, learner: &mut Learner, path: &[Vec<f64>], mut u: Vec<f64>, order: &str) -> [Vec<f64>; 2] {
        let mut by_referee = vec![0.0; learner.referee_parameters.len()];
        for parameters in path[..path.len() - 1].iter().rev() {
            let (inputs, support) = learner.observed(parameters);
            let (rates, said) = learner.rates(self.by_referee, &inputs);
            let by_rates: Vec<f64> = support
                .iter()
                .map(|(_, gradient)| -dot(gradient, &u) / self.n)
                .collect();
            if order.starts_with("second") {
                let mut next = u.clone();
                for (location, rate) in rates.iter().enumerate() {
                    let product = learner.product(location, parameters, &u);
                    add(&mut next, -rate / self.n, &product);
                }
                u = next;
            }
            if !self.by_referee {
                continue;
            }
            let (gradient, by_inputs) = learner.referee_gradient(&inputs, &said, &by_rates);
            add(&mut by_referee, 1.0, &gradient);
            if order.ends_with("const_inputs") {
                continue;
            }
            let by_inputs = by_inputs.chunks_exact(by_inputs.len() / N_LOCATIONS);
            for (location, (by_inputs, (loss, gradient))) in by_inputs.zip(&support).enumerate() {
                // The root of the mean squared error has slope 1 / (2 m) by the mean; F1 is a constant.
                let by_metric = if learner.is_lstm {
                    by_inputs[1] / (2.0 * loss.sqrt())
                } else {
                    0.0
                };
                add(&mut u, by_inputs[0] + by_metric, gradient);
                let by_encoding = learner.encoding_gradient(location, parameters, &by_inputs[2..]);
                add(&mut u, 1.0, &by_encoding);
            }
        }
        [u, by_referee]
    }
}

#[test]
fn chains_of_gradients_and_hessian_products_are_the_meta_gradients_of_jax() {
    let file: Value = serde_json::from_str(include_str!("../golden/meta_step.json")).unwrap();
    let mut n_compared = 0;
    for (name, is_lstm) in [("dnn", false), ("lstm", true)] {
        let net = &file["nets"][name];
        let mut learner = Learner::new(net, is_lstm);
        let cases = net["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 4);
        for value in cases {
            let case = Case {
                by_referee: value["referee"] == "net",
                n_steps: value["K"].as_u64().unwrap(),
                n: if value["agg"] == "mean" {
                    N_LOCATIONS as f64
                } else {
                    1.0
                },
                is_squared: value["fair"] == "sq",
                value,
            };
            let parameters = learner.parameters(&net["theta"]);
            let path = case.path(&mut learner, parameters);
            let last = &path[path.len() - 1];
            let what = format!("{name}, {} and {} steps", value["referee"], case.n_steps);
            assert_near(
                last,
                &learner.parameters(&value["theta_prime"]),
                &format!("{what}, parameters"),
            );
            for (order, expected) in case.value["grads"].as_object().unwrap() {
                let what = format!("{what}, {order}");
                let [by_loss, by_unfairness] = case.outer(&mut learner, last);
                let [theta, _] = case.back(&mut learner, &path, by_loss, order);
                assert_near(
                    &theta,
                    &learner.parameters(&expected["theta_L"]),
                    &format!("{what}, L"),
                );
                let [theta, referee] = case.back(&mut learner, &path, by_unfairness, order);
                let fair = learner.parameters(&expected["theta_L_fair"]);
                assert_near(&theta, &fair, &format!("{what}, L_fair"));
                if case.by_referee {
                    let fair = layers(&expected["W_L_fair"]);
                    assert_near(&referee, &fair, &format!("{what}, L_fair by the referee"));
                }
                n_compared += 1;
            }
        }
    }
    assert_eq!(n_compared, 24);
}
