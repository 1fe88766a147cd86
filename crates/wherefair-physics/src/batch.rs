//! Many states at once, on all cores.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::PhysicsError;
use crate::forward_model::{ForwardModel, Scratch};

/// States that a thread evaluates in one go.
const CHUNK: usize = 1024;

/// What to do with states outside the domain of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutOfDomain {
    /// Fail at the first of them.
    #[default]
    Fail,
    /// Give NaN for them, and list them.
    Mask,
}

/// The outputs for many states.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// How many outputs a state has.
    pub n_outputs: usize,
    /// The outputs, of shape `(n_samples, n_outputs)`, state by state; NaN for masked states.
    pub values: Vec<f64>,
    /// Their derivatives, of shape `(n_samples, n_outputs, n_inputs)`, where they were asked for.
    pub derivatives: Option<Vec<f64>>,
    /// The states outside the domain, in ascending order.
    pub masked: Vec<usize>,
}

impl Simulation {
    /// One output of all states.
    pub fn output(&self, index: usize) -> impl Iterator<Item = f64> + '_ {
        self.values
            .iter()
            .skip(index)
            .step_by(self.n_outputs.max(1))
            .copied()
    }
}

/// Simulates states that are given input by input.
///
/// The same bits with any number of threads.
///
/// # Shapes
/// `columns` is `(n_inputs, n_samples)`: one column an input, in the order of the model.
///
/// # Errors
/// Where columns are too few, too many or of different lengths, and with [`OutOfDomain::Fail`] where a state lies outside
/// the domain: the error names the first one.
///
/// # Examples
/// ```
/// use wherefair_physics::{ForwardModel, OutOfDomain, ThermalBand, ThermalParams, simulate};
///
/// let model = ThermalParams::new(ThermalBand::Landsat8Band10).check()?;
/// let names: Vec<&str> = model.inputs().iter().map(|input| input.name).collect();
/// assert_eq!(names, ["surface_temperature_k", "emissivity", "water_vapour_g_cm2"]);
/// let columns: [&[f64]; 3] = [&[300.0, 290.0], &[0.97, 1.2], &[2.0, 2.0]];
/// let simulated = simulate(&model, &columns, OutOfDomain::Mask)?;
/// assert_eq!(simulated.masked, [1]);
/// assert!((simulated.values[1] - 296.4881).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate<M: ForwardModel>(
    model: &M,
    columns: &[&[f64]],
    out_of_domain: OutOfDomain,
) -> Result<Simulation, PhysicsError> {
    run(model, columns, out_of_domain, false)
}

/// The same with exact derivatives to every input.
///
/// # Errors
/// As those of [`simulate`].
pub fn simulate_with_derivatives<M: ForwardModel>(
    model: &M,
    columns: &[&[f64]],
    out_of_domain: OutOfDomain,
) -> Result<Simulation, PhysicsError> {
    run(model, columns, out_of_domain, true)
}

fn run<M: ForwardModel>(
    model: &M,
    columns: &[&[f64]],
    out_of_domain: OutOfDomain,
    with_derivatives: bool,
) -> Result<Simulation, PhysicsError> {
    let n_samples = check_shape(model, columns)?;
    let (n_inputs, n_outputs) = (columns.len(), model.outputs().len());
    let mut values = vec![0.0; n_samples * n_outputs];
    let n_derivatives = if with_derivatives { n_inputs * n_outputs } else { 0 };
    let mut derivatives = vec![0.0; n_samples * n_derivatives];
    let value_chunks: Vec<&mut [f64]> = chunks_of(&mut values, n_outputs, n_samples);
    let derivative_chunks: Vec<&mut [f64]> = chunks_of(&mut derivatives, n_derivatives, n_samples);
    let chunk = |(index, (values, derivatives)): (usize, (&mut [f64], &mut [f64]))| {
        let first = index * CHUNK;
        let n = CHUNK.min(n_samples - first);
        let mut scratch = Scratch::new(n_inputs, n_outputs);
        let mut state = vec![0.0; n_inputs];
        let mut masked = Vec::new();
        for i in 0..n {
            for (value, column) in state.iter_mut().zip(columns) {
                *value = column[first + i];
            }
            let values = &mut values[i * n_outputs..(i + 1) * n_outputs];
            let derivatives = &mut derivatives[i * n_derivatives..(i + 1) * n_derivatives];
            if let Err(error) = model.check(&state) {
                if out_of_domain == OutOfDomain::Fail {
                    return Err(error.at(first + i));
                }
                masked.push(first + i);
                values.fill(f64::NAN);
                derivatives.fill(f64::NAN);
            } else if with_derivatives {
                scratch.differentiate(model, &state, values, derivatives);
            } else {
                model.evaluate(&state, values);
            }
        }
        Ok(masked)
    };
    let chunks: Vec<Result<Vec<usize>, PhysicsError>> = value_chunks
        .into_par_iter()
        .zip(derivative_chunks)
        .enumerate()
        .map(chunk)
        .collect();
    let mut masked = Vec::new();
    for chunk in chunks {
        masked.extend(chunk?);
    }
    Ok(Simulation {
        n_outputs,
        values,
        derivatives: with_derivatives.then_some(derivatives),
        masked,
    })
}

/// The parts of a buffer that belong to each chunk of samples, empty parts where there is nothing to hold.
fn chunks_of(buffer: &mut [f64], n_a_sample: usize, n_samples: usize) -> Vec<&mut [f64]> {
    let mut rest = buffer;
    let mut chunks = Vec::new();
    for first in (0..n_samples).step_by(CHUNK) {
        let n = CHUNK.min(n_samples - first) * n_a_sample;
        let (chunk, after) = std::mem::take(&mut rest).split_at_mut(n);
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

/// The number of samples, where all columns have as many and there is one an input.
fn check_shape<M: ForwardModel>(model: &M, columns: &[&[f64]]) -> Result<usize, PhysicsError> {
    let expected = model.inputs().len();
    if columns.len() != expected {
        return Err(PhysicsError::Shape {
            name: "columns".to_owned(),
            given: columns.len(),
            expected,
        });
    }
    let n_samples = columns.first().map_or(0, |column| column.len());
    for (column, input) in columns.iter().zip(model.inputs()) {
        if column.len() != n_samples {
            return Err(PhysicsError::Shape {
                name: input.name.to_owned(),
                given: column.len(),
                expected: n_samples,
            });
        }
    }
    Ok(n_samples)
}
