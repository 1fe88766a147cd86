//! States drawn from prior ranges, for simulation data sets.

use serde::{Deserialize, Serialize};
use sobol::Sobol;
use sobol::params::JoeKuoD6;
use wherefair_core::{ParamError, Seed};

use crate::error::PhysicsError;
use crate::forward_model::ForwardModel;

/// How points are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// Independent uniform points.
    Uniform,
    /// One point in each of `n` slices of every dimension, slices paired at random: `McKay`, Beckman and Conover (1979),
    /// doi:10.2307/1268522.
    LatinHypercube,
    /// Sobol's sequence with the direction numbers of Joe and Kuo (2008), doi:10.1137/070709359, shifted digitally by the
    /// seed. Powers of two of points fill the cube most evenly.
    #[default]
    Sobol,
}

/// The most dimensions of [`unit_cube`].
pub const MAX_DIMENSIONS: usize = 100;
/// The most points of [`unit_cube`] and states of [`sample_states`].
const MAX_POINTS: usize = 1 << 31;
/// How often states are drawn anew in place of invalid ones.
const MAX_ROUNDS: usize = 32;

/// Points in the unit cube, each coordinate in [0, 1).
///
/// The same points for the same seed, on any machine.
///
/// # Shapes
/// `(n_dimensions, n)`: a column a dimension.
///
/// # Errors
/// Where `n_dimensions` exceeds 100 or `n` 2³¹.
pub fn unit_cube(
    sampling: Sampling,
    n: usize,
    n_dimensions: usize,
    seed: Seed,
) -> Result<Vec<Vec<f64>>, ParamError> {
    if n_dimensions > MAX_DIMENSIONS {
        return Err(ParamError::new("n_dimensions", n_dimensions, "at most 100"));
    }
    check_number(n)?;
    Ok(points(sampling, 0, n, n_dimensions, seed))
}

fn check_number(n: usize) -> Result<(), ParamError> {
    if n > MAX_POINTS {
        return Err(ParamError::new("n", n, format!("at most {MAX_POINTS}")));
    }
    Ok(())
}

/// Points `first` to below `first + n` of a sequence; uniform and Latin hypercube points of other rounds are other points.
fn points(sampling: Sampling, first: usize, n: usize, n_dimensions: usize, seed: Seed) -> Vec<Vec<f64>> {
    let sequence = match sampling {
        Sampling::Sobol => Sobol::<u64>::init_direction_vals::<u32>(n_dimensions, 64, &JoeKuoD6::minimal()),
        _ => vec![Vec::new(); n_dimensions],
    };
    let column = |(dimension, directions): (usize, &Vec<u64>)| {
        let name = format!("physics/sampling/{dimension}");
        match sampling {
            Sampling::Sobol => {
                let shift = seed.stream(&name).next_u64();
                sobol_column(directions, first, n, shift)
            }
            Sampling::Uniform => {
                let mut stream = seed.indexed(&name, first as u64);
                (0..n).map(|_| stream.uniform()).collect()
            }
            Sampling::LatinHypercube => {
                let mut stream = seed.indexed(&name, first as u64);
                let mut slices: Vec<usize> = (0..n).collect();
                stream.shuffle(&mut slices);
                let within = |slice: usize| {
                    let point = (slice as f64 + stream.uniform()) / n as f64;
                    point.min(1.0 - f64::EPSILON / 2.0)
                };
                slices.into_iter().map(within).collect()
            }
        }
    };
    sequence.iter().enumerate().map(column).collect()
}

/// Points of one dimension: in Gray code order each differs from the one before by one direction number.
fn sobol_column(directions: &[u64], first: usize, n: usize, shift: u64) -> Vec<f64> {
    let gray = first ^ (first >> 1);
    let bits = directions.iter().enumerate();
    let mut point = bits
        .filter(|&(bit, _)| gray >> bit & 1 == 1)
        .fold(shift, |point, (_, direction)| point ^ direction);
    let mut column = Vec::with_capacity(n);
    for index in first..first + n {
        column.push((point >> 11) as f64 * (1.0 / (1_u64 << 53) as f64));
        point ^= directions[index.trailing_ones() as usize];
    }
    column
}

/// The range from which one input is drawn, in place of its own prior range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    /// The name of the input.
    pub input: String,
    /// The least value.
    pub from: f64,
    /// The greatest.
    pub to: f64,
}

/// Draws `n` valid states of a model, each input from its prior range.
///
/// States that the model refuses as a whole (more sand and clay than soil, more water than pores) are left out and
/// others drawn in their place: with Sobol's sequence the next of the sequence, else a new round.
///
/// # Shapes
/// `(n_inputs, n)`: a column an input, as [`simulate`](crate::simulate) reads them.
///
/// # Errors
/// Where `n` exceeds 2³¹, where a prior names no input of the model, is no range, or leaves the domain, and where nearly no
/// state is valid.
pub fn sample_states<M: ForwardModel>(
    model: &M,
    n: usize,
    priors: &[Prior],
    sampling: Sampling,
    seed: Seed,
) -> Result<Vec<Vec<f64>>, PhysicsError> {
    check_number(n)?;
    let ranges = ranges(model, priors)?;
    let n_inputs = ranges.len();
    let mut columns = vec![Vec::with_capacity(n); n_inputs];
    let (mut n_valid, mut n_drawn) = (0, 0);
    let mut last = None;
    let mut state = vec![0.0; n_inputs];
    for _ in 0..MAX_ROUNDS {
        if n_valid == n {
            break;
        }
        let n_round = n - n_valid;
        if n_drawn + n_round > MAX_POINTS {
            break;
        }
        let round = points(sampling, n_drawn, n_round, n_inputs, seed);
        n_drawn += n_round;
        for i in 0..n_round {
            for ((value, column), [from, to]) in state.iter_mut().zip(&round).zip(&ranges) {
                *value = from + (to - from) * column[i];
            }
            if let Err(error) = model.check(&state) {
                last = Some(error);
                continue;
            }
            for (column, value) in columns.iter_mut().zip(&state) {
                column.push(*value);
            }
            n_valid += 1;
        }
    }
    match last {
        Some(last) if n_valid < n => Err(PhysicsError::TooFewValid {
            n_drawn,
            n_valid,
            needed: n,
            last: Box::new(last),
        }),
        _ => Ok(columns),
    }
}

fn ranges<M: ForwardModel>(model: &M, priors: &[Prior]) -> Result<Vec<[f64; 2]>, PhysicsError> {
    let inputs = model.inputs();
    if inputs.len() > MAX_DIMENSIONS {
        return Err(ParamError::new("n_inputs", inputs.len(), "at most 100").into());
    }
    let mut ranges: Vec<[f64; 2]> = inputs.iter().map(|input| input.prior).collect();
    for prior in priors {
        let Some(at) = inputs.iter().position(|input| input.name == prior.input) else {
            let names: Vec<&str> = inputs.iter().map(|input| input.name).collect();
            return Err(PhysicsError::UnknownInput {
                name: prior.input.clone(),
                accepted: names.join(", "),
            });
        };
        let is_range = prior.from <= prior.to
            && inputs[at].domain.contains(prior.from)
            && inputs[at].domain.contains(prior.to);
        if !is_range {
            return Err(ParamError::new(
                prior.input.clone(),
                format!("{} to {}", prior.from, prior.to),
                format!("a range within {}", inputs[at].domain),
            )
            .into());
        }
        ranges[at] = [prior.from, prior.to];
    }
    Ok(ranges)
}
