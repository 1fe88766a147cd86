//! Many states at once, on all cores.

use std::ops::Range;

use pulp::NullaryFnOnce;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::PhysicsError;
use crate::forward_model::{ForwardModel, Scratch};
use crate::lanes::{Lanes, MAX_LANES};
use crate::number::{Mask as _, Plain};

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
#[derive(Debug, Clone, Default, PartialEq)]
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
    let mut simulation = Simulation::default();
    simulate_into(model, columns, out_of_domain, &mut simulation)?;
    Ok(simulation)
}

/// The same in the memory of an earlier simulation, whose outputs are lost.
///
/// Memory that the system gives anew is slow: of a million states with derivatives it takes as long as the half of them.
///
/// # Errors
/// As those of [`simulate`]; what the simulation then holds has no meaning.
///
/// # Examples
/// ```
/// use wherefair_physics::{OutOfDomain, Simulation, ThermalBand, ThermalParams, simulate_into};
///
/// let model = ThermalParams::new(ThermalBand::Landsat8Band10).check()?;
/// let mut simulation = Simulation::default();
/// for water_vapour in [1.0, 2.0, 3.0] {
///     let columns: [&[f64]; 3] = [&[300.0, 290.0], &[0.97, 0.98], &[water_vapour; 2]];
///     simulate_into(&model, &columns, OutOfDomain::Fail, &mut simulation)?;
///     assert!(simulation.output(1).all(|kelvin| kelvin < 300.0));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate_into<M: ForwardModel>(
    model: &M,
    columns: &[&[f64]],
    out_of_domain: OutOfDomain,
    simulation: &mut Simulation,
) -> Result<(), PhysicsError> {
    simulation.derivatives = None;
    run(Vectors::widest(), model, columns, out_of_domain, simulation)
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
    let mut simulation = Simulation::default();
    simulate_with_derivatives_into(model, columns, out_of_domain, &mut simulation)?;
    Ok(simulation)
}

/// Outputs and derivatives in the memory of an earlier simulation, as [`simulate_into`] does.
///
/// # Errors
/// As those of [`simulate_into`].
pub fn simulate_with_derivatives_into<M: ForwardModel>(
    model: &M,
    columns: &[&[f64]],
    out_of_domain: OutOfDomain,
    simulation: &mut Simulation,
) -> Result<(), PhysicsError> {
    simulation.derivatives.get_or_insert_default();
    run(Vectors::widest(), model, columns, out_of_domain, simulation)
}

/// The vector instructions of a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Vectors {
    /// AVX-512: eight states side by side.
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
    /// AVX2: four states side by side.
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    /// None that the crate makes use of.
    Scalar,
}

impl Vectors {
    /// Those that this machine has, the widest first.
    fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let of_x86 = [
            pulp::x86::V4::try_new().map(Self::V4),
            pulp::x86::V3::try_new().map(Self::V3),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let of_x86 = [None];
        of_x86.into_iter().flatten().chain([Self::Scalar])
    }

    fn widest() -> Self {
        Self::available().next().unwrap_or(Self::Scalar)
    }

    /// Evaluates the states of a chunk with these instructions; those outside the domain come back.
    pub(crate) fn work<M: ForwardModel>(self, model: &M, chunk: Chunk<'_>) -> Vec<usize> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::V4(simd) => simd.vectorize(SideBySide(model, chunk, Lanes::splat(simd, 0.0))),
            #[cfg(target_arch = "x86_64")]
            Self::V3(simd) => simd.vectorize(SideBySide(model, chunk, Lanes::splat(simd, 0.0))),
            Self::Scalar => SideBySide(model, chunk, 0.0).call(),
        }
    }
}

/// With derivatives where the simulation has room for them, be it none yet.
fn run<M: ForwardModel>(
    vectors: Vectors,
    model: &M,
    columns: &[&[f64]],
    out_of_domain: OutOfDomain,
    simulation: &mut Simulation,
) -> Result<(), PhysicsError> {
    let n_samples = check_shape(model, columns)?;
    let n_outputs = model.outputs().len();
    let with_derivatives = simulation.derivatives.is_some();
    let n_derivatives = if with_derivatives {
        columns.len() * n_outputs
    } else {
        0
    };
    let mut no_derivatives = Vec::new();
    let values = &mut simulation.values;
    let derivatives = simulation.derivatives.as_mut().unwrap_or(&mut no_derivatives);
    values.resize(n_samples * n_outputs, 0.0);
    derivatives.resize(n_samples * n_derivatives, 0.0);
    let value_chunks = chunks_of(values, n_outputs, n_samples);
    let derivative_chunks = chunks_of(derivatives, n_derivatives, n_samples);
    let chunk = |(index, (values, derivatives)): (usize, (&mut [f64], &mut [f64]))| {
        let first = index * CHUNK;
        let n = CHUNK.min(n_samples - first);
        let columns = columns.iter().map(|column| &column[first..first + n]).collect();
        let chunk = Chunk::new(columns, values, with_derivatives.then_some(derivatives));
        model
            .work(vectors, chunk)
            .into_iter()
            .map(|at| first + at)
            .collect()
    };
    let chunks: Vec<Vec<usize>> = value_chunks
        .into_par_iter()
        .zip(derivative_chunks)
        .enumerate()
        .map(chunk)
        .collect();
    simulation.n_outputs = n_outputs;
    simulation.masked = chunks.concat();
    if let (OutOfDomain::Fail, Some(&first)) = (out_of_domain, simulation.masked.first()) {
        let state: Vec<f64> = columns.iter().map(|column| column[first]).collect();
        model.check(&state).map_err(|error| error.at(first))?;
    }
    Ok(())
}

/// Some states, column by column, with room for their outputs.
pub(crate) struct Chunk<'a> {
    columns: Vec<&'a [f64]>,
    values: &'a mut [f64],
    derivatives: Option<&'a mut [f64]>,
}

impl<'a> Chunk<'a> {
    /// Values have the shape `(n_samples, n_outputs)`, derivatives `(n_samples, n_outputs, n_inputs)`.
    pub(crate) fn new(
        columns: Vec<&'a [f64]>,
        values: &'a mut [f64],
        derivatives: Option<&'a mut [f64]>,
    ) -> Self {
        Self {
            columns,
            values,
            derivatives,
        }
    }

    fn n_samples(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }
}

/// The outputs of a chunk, as many states at a time as a number of this kind has lanes.
struct SideBySide<'a, M, T>(&'a M, Chunk<'a>, T);

impl<M: ForwardModel, T: Plain> NullaryFnOnce for SideBySide<'_, M, T> {
    /// The states outside the domain, whose outputs are NaN.
    type Output = Vec<usize>;

    #[inline(always)]
    fn call(self) -> Vec<usize> {
        let Self(model, mut chunk, like) = self;
        let n_samples = chunk.n_samples();
        let (n_inputs, n_outputs) = (chunk.columns.len(), model.outputs().len());
        let n_derivatives = n_inputs * n_outputs;
        let mut state = vec![like; n_inputs];
        let mut values = vec![like; n_outputs];
        let mut derivatives = vec![like; n_derivatives];
        let mut scratch = Scratch::new(like, n_inputs, n_outputs);
        let mut masked = Vec::new();
        for first in (0..n_samples).step_by(T::LANES) {
            let past = n_samples.min(first + T::LANES);
            load(&mut state, &chunk.columns, first, past);
            let accepted = model.accepts(&state);
            if let Some(to) = chunk.derivatives.as_deref_mut() {
                scratch.differentiate(model, &state, &mut values, &mut derivatives);
                let to = &mut to[first * n_derivatives..past * n_derivatives];
                scatter(&derivatives, to);
                mask::<T>(accepted, to, n_derivatives);
            } else {
                model.evaluate(&state, &mut values);
            }
            let to = &mut chunk.values[first * n_outputs..past * n_outputs];
            scatter(&values, to);
            mask::<T>(accepted, to, n_outputs);
            list::<T>(accepted, first..past, &mut masked);
        }
        masked
    }
}

/// Reads states `first` to below `past`.
#[inline(always)]
fn load<T: Plain>(state: &mut [T], columns: &[&[f64]], first: usize, past: usize) {
    for i in 0..columns.len() {
        state[i] = state[i].load(&columns[i][first..past]);
    }
}

/// Writes what stands side by side state after state.
#[inline(always)]
fn scatter<T: Plain>(from: &[T], to: &mut [f64]) {
    let mut lanes = [0.0; MAX_LANES];
    let n = from.len();
    for i in 0..n {
        from[i].store(&mut lanes[..T::LANES]);
        let mut at = i;
        for lane in 0..T::LANES {
            if at < to.len() {
                to[at] = lanes[lane];
            }
            at += n;
        }
    }
}

/// Writes NaN for states that are not accepted, `n` numbers a state.
#[inline(always)]
fn mask<T: Plain>(accepted: T::Mask, to: &mut [f64], n: usize) {
    if accepted.all() {
        return;
    }
    for (lane, to) in to.chunks_exact_mut(n).enumerate() {
        if !T::is_set(accepted, lane) {
            to.fill(f64::NAN);
        }
    }
}

/// Lists those of some states that are not accepted.
#[inline(always)]
fn list<T: Plain>(accepted: T::Mask, states: Range<usize>, masked: &mut Vec<usize>) {
    if accepted.all() {
        return;
    }
    let first = states.start;
    masked.extend(states.filter(|at| !T::is_set(accepted, at - first)));
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

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;
    use crate::{
        Climate, MicrowaveParams, Sampling, ThermalAtmosphereModel, ThermalBand, ThermalModel, ThermalParams,
        ViewAngle, sample_states,
    };

    fn bits(numbers: &[f64]) -> Vec<u64> {
        numbers.iter().map(|number| number.to_bits()).collect()
    }

    fn states<M: ForwardModel>(model: &M, n: usize) -> Vec<Vec<f64>> {
        sample_states(model, n, &[], Sampling::Uniform, Seed::new(2)).unwrap()
    }

    /// The same, inputs of some states at the ends of their domain: a vector has views from above and from the side, and
    /// transparent air beside other.
    fn states_with_ends(model: &ThermalModel, n: usize) -> Vec<Vec<f64>> {
        let mut columns = states(model, n);
        for (i, (column, input)) in columns.iter_mut().zip(model.inputs()).enumerate() {
            for (at, value) in column.iter_mut().enumerate() {
                match (at + i) % 5 {
                    0 => *value = input.domain.from,
                    1 => *value = input.domain.to,
                    _ => {}
                }
            }
        }
        columns
    }

    /// All instructions of this machine, on states that fill no vector at the end, some of them outside the domain.
    fn compare<M: ForwardModel>(model: &M, mut columns: Vec<Vec<f64>>) {
        let n = columns[0].len();
        let outside = [0, n / 2, n - 1];
        for at in outside {
            columns[at % 3][at] = f64::NAN;
        }
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for with_derivatives in [false, true] {
            let on = |vectors| {
                let mut simulation = Simulation {
                    derivatives: with_derivatives.then(Vec::new),
                    ..Simulation::default()
                };
                run(vectors, model, &views, OutOfDomain::Mask, &mut simulation).unwrap();
                simulation
            };
            let scalar = on(Vectors::Scalar);
            assert_eq!(scalar.masked, outside);
            let derivatives = scalar.derivatives.as_deref().map(bits);
            for vectors in Vectors::available() {
                let side_by_side = on(vectors);
                assert_eq!(bits(&side_by_side.values), bits(&scalar.values), "{vectors:?}");
                assert_eq!(
                    side_by_side.derivatives.as_deref().map(bits),
                    derivatives,
                    "{vectors:?}"
                );
                assert_eq!(side_by_side.masked, scalar.masked);
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        for (params, n) in [
            (MicrowaveParams::default(), 1501),
            (MicrowaveParams::ecmwf(), 301),
        ] {
            let model = params.check().unwrap();
            compare(&model, states(&model, n));
        }
        let given = ThermalAtmosphereModel::Given;
        let air_temperature = ThermalAtmosphereModel::AirTemperature;
        for (band, atmosphere, view_angle) in [
            (
                ThermalBand::Landsat8Band10,
                ThermalAtmosphereModel::WaterVapour,
                ViewAngle::Fixed(0.0),
            ),
            (
                ThermalBand::Landsat7Band6,
                ThermalAtmosphereModel::WaterVapour,
                ViewAngle::Fixed(40.0),
            ),
            (
                ThermalBand::Landsat5Band6,
                ThermalAtmosphereModel::WaterVapour,
                ViewAngle::Input,
            ),
            (
                ThermalBand::Landsat8Band10,
                air_temperature,
                ViewAngle::Fixed(0.0),
            ),
            (ThermalBand::Landsat8Band11, air_temperature, ViewAngle::Input),
            (ThermalBand::Landsat9Band10, given, ViewAngle::Input),
            (ThermalBand::ModisBand31, given, ViewAngle::Fixed(65.0)),
            (ThermalBand::ModisBand32, given, ViewAngle::Input),
        ] {
            let params = ThermalParams::new(band)
                .atmosphere(atmosphere)
                .climate(Climate::Tropical);
            let model = params.view_angle(view_angle).check().unwrap();
            compare(&model, states_with_ends(&model, 1029));
        }
    }

    #[test]
    fn no_states_and_one_state_fill_no_vector() {
        let model = ThermalParams::new(ThermalBand::Landsat8Band10).check().unwrap();
        for vectors in Vectors::available() {
            let mut simulation = Simulation {
                derivatives: Some(Vec::new()),
                ..Simulation::default()
            };
            let none: [&[f64]; 3] = [&[], &[], &[]];
            run(vectors, &model, &none, OutOfDomain::Fail, &mut simulation).unwrap();
            assert!(simulation.values.is_empty() && simulation.masked.is_empty());
            let one: [&[f64]; 3] = [&[300.0], &[0.97], &[2.0]];
            run(vectors, &model, &one, OutOfDomain::Fail, &mut simulation).unwrap();
            assert_eq!(
                simulation.values,
                crate::evaluate(&model, &[300.0, 0.97, 2.0]).unwrap()
            );
        }
    }
}
