//! What all forward models have in common, and their exact derivatives.

use crate::batch::{Chunk, Vectors};
use crate::dual::Dual;
use crate::error::PhysicsError;
use crate::number::{Mask as _, Plain, Real};
use crate::variable::Variable;

/// A model of what a sensor sees: state in, observation out.
pub trait ForwardModel: Sync {
    /// The inputs that this model reads, in order.
    fn inputs(&self) -> &[Variable];

    /// The names of its outputs, in order.
    fn outputs(&self) -> &[String];

    /// That a state, one number an input, lies in the domain of the model.
    ///
    /// # Errors
    /// Where an input or a combination of inputs does not, or where there are more or fewer numbers than inputs.
    fn check(&self, state: &[f64]) -> Result<(), PhysicsError>;

    /// Whether [`check`](Self::check) accepts a state of one number an input, of several side by side each of them.
    fn accepts<T: Real>(&self, state: &[T]) -> T::Mask;

    /// Evaluates a state that [`check`](Self::check) accepts; others give numbers without meaning.
    ///
    /// # Shapes
    /// `state` is `(n_inputs,)`, `outputs` is `(n_outputs,)`; whatever `outputs` is longer stays as it is.
    fn evaluate<T: Real>(&self, state: &[T], outputs: &mut [T]);

    /// Evaluates many states: models of this crate have it compiled once, not for each crate that calls it.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "only this crate calls it")]
    fn work(&self, vectors: Vectors, chunk: Chunk<'_>) -> Vec<usize>
    where
        Self: Sized,
    {
        vectors.work(self, chunk)
    }
}

/// That there is one number an input, each in its domain.
///
/// # Errors
/// Where that is not so.
pub(crate) fn check_each(inputs: &[Variable], state: &[f64]) -> Result<(), PhysicsError> {
    if state.len() != inputs.len() {
        return Err(PhysicsError::Shape {
            name: "state".to_owned(),
            given: state.len(),
            expected: inputs.len(),
        });
    }
    let mut each = inputs.iter().zip(state);
    each.try_for_each(|(input, &value)| input.check(value))
}

/// Whether [`check_each`] accepts a state of at least one input.
#[inline(always)]
pub(crate) fn accepts_each<T: Real>(inputs: &[Variable], state: &[T]) -> T::Mask {
    let mut all = inputs[0].domain.accepts(state[0]);
    for i in 1..inputs.len() {
        all = all.and(inputs[i].domain.accepts(state[i]));
    }
    all
}

/// The outputs for a state, checked.
///
/// # Errors
/// Where the state lies outside the domain of the model.
pub fn evaluate<M: ForwardModel>(model: &M, state: &[f64]) -> Result<Vec<f64>, PhysicsError> {
    model.check(state)?;
    let mut outputs = vec![0.0; model.outputs().len()];
    model.evaluate(state, &mut outputs);
    Ok(outputs)
}

/// Outputs with their derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct Jacobian {
    /// The outputs, of shape `(n_outputs,)`.
    pub values: Vec<f64>,
    /// Their derivatives to the inputs, of shape `(n_outputs, n_inputs)`, row by row.
    pub derivatives: Vec<f64>,
}

/// The outputs for a state with their exact derivatives to every input, by forward-mode differentiation.
///
/// At switches (frozen and thawed, bound and free water, tables by moisture) derivatives are those of the branch that the
/// value takes; jumps have none.
///
/// # Errors
/// Where the state lies outside the domain of the model.
///
/// # Examples
/// ```
/// use wherefair_physics::{ForwardModel, ThermalBand, ThermalParams, jacobian};
///
/// let model = ThermalParams::new(ThermalBand::Landsat8Band10).check()?;
/// let state: Vec<f64> = model.inputs().iter().map(|input| input.default).collect();
/// let at = jacobian(&model, &state)?;
/// // A kelvin more at the ground is less than a kelvin more at the sensor.
/// assert_eq!(model.inputs()[0].name, "surface_temperature_k");
/// assert!(at.derivatives[model.inputs().len()] > 0.5 && at.derivatives[model.inputs().len()] < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn jacobian<M: ForwardModel>(model: &M, state: &[f64]) -> Result<Jacobian, PhysicsError> {
    model.check(state)?;
    let (n_inputs, n_outputs) = (model.inputs().len(), model.outputs().len());
    let mut jacobian = Jacobian {
        values: vec![0.0; n_outputs],
        derivatives: vec![0.0; n_inputs * n_outputs],
    };
    let columns = state.iter().map(std::slice::from_ref).collect();
    let chunk = Chunk::new(columns, &mut jacobian.values, Some(&mut jacobian.derivatives));
    model.work(Vectors::Scalar, chunk);
    Ok(jacobian)
}

/// How many inputs derivatives are computed to at a time.
const WIDTH: usize = 8;

/// Room for the dual numbers of one evaluation after the other.
pub(crate) struct Scratch<T> {
    state: Vec<Dual<WIDTH, T>>,
    outputs: Vec<Dual<WIDTH, T>>,
}

impl<T: Plain> Scratch<T> {
    #[inline(always)]
    pub(crate) fn new(like: T, n_inputs: usize, n_outputs: usize) -> Self {
        let mut state = vec![Dual::variable(like, WIDTH); n_inputs];
        for i in 0..n_inputs {
            state[i] = Dual::variable(like, i);
        }
        Self {
            state,
            outputs: vec![Dual::variable(like, WIDTH); n_outputs],
        }
    }

    /// Writes values of shape `(n_outputs,)` and derivatives of shape `(n_outputs, n_inputs)`.
    #[inline(always)]
    pub(crate) fn differentiate<M: ForwardModel>(
        &mut self,
        model: &M,
        state: &[T],
        values: &mut [T],
        derivatives: &mut [T],
    ) {
        let n_inputs = state.len();
        for first in (0..n_inputs).step_by(WIDTH) {
            for i in 0..n_inputs {
                if n_inputs > WIDTH {
                    self.state[i] = Dual::variable(state[i], i.wrapping_sub(first));
                }
                self.state[i].value = state[i];
            }
            model.evaluate(&self.state, &mut self.outputs);
            for (row, output) in self.outputs.iter().enumerate() {
                for i in 0..WIDTH.min(n_inputs - first) {
                    derivatives[row * n_inputs + first + i] = output.partials[i];
                }
            }
        }
        for i in 0..values.len() {
            values[i] = self.outputs[i].value;
        }
    }
}
