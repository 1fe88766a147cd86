//! What all forward models have in common, and their exact derivatives.

use crate::dual::Dual;
use crate::error::PhysicsError;
use crate::number::Real;
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

    /// Evaluates a state that [`check`](Self::check) accepts; others give numbers without meaning.
    ///
    /// # Shapes
    /// `state` is `(n_inputs,)`, `outputs` is `(n_outputs,)`; whatever `outputs` is longer stays as it is.
    fn evaluate<T: Real>(&self, state: &[T], outputs: &mut [T]);
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
    let mut scratch = Scratch::new(n_inputs, n_outputs);
    scratch.differentiate(model, state, &mut jacobian.values, &mut jacobian.derivatives);
    Ok(jacobian)
}

/// Room for dual numbers, of the least width that takes all inputs at once.
pub(crate) enum Scratch {
    Four(Pass<4>),
    Eight(Pass<8>),
    Twelve(Pass<12>),
    Sixteen(Pass<16>),
}

impl Scratch {
    pub(crate) fn new(n_inputs: usize, n_outputs: usize) -> Self {
        match n_inputs {
            0..=4 => Self::Four(Pass::new(n_inputs, n_outputs)),
            5..=8 => Self::Eight(Pass::new(n_inputs, n_outputs)),
            9..=12 => Self::Twelve(Pass::new(n_inputs, n_outputs)),
            _ => Self::Sixteen(Pass::new(n_inputs, n_outputs)),
        }
    }

    /// Writes values of shape `(n_outputs,)` and derivatives of shape `(n_outputs, n_inputs)`.
    #[inline]
    pub(crate) fn differentiate<M: ForwardModel>(
        &mut self,
        model: &M,
        state: &[f64],
        values: &mut [f64],
        derivatives: &mut [f64],
    ) {
        match self {
            Self::Four(pass) => pass.differentiate(model, state, values, derivatives),
            Self::Eight(pass) => pass.differentiate(model, state, values, derivatives),
            Self::Twelve(pass) => pass.differentiate(model, state, values, derivatives),
            Self::Sixteen(pass) => pass.differentiate(model, state, values, derivatives),
        }
    }
}

/// `N` inputs at a time.
pub(crate) struct Pass<const N: usize> {
    state: Vec<Dual<N>>,
    outputs: Vec<Dual<N>>,
}

impl<const N: usize> Pass<N> {
    fn new(n_inputs: usize, n_outputs: usize) -> Self {
        Self {
            state: vec![Dual::constant(0.0); n_inputs],
            outputs: vec![Dual::constant(0.0); n_outputs],
        }
    }

    #[inline]
    fn differentiate<M: ForwardModel>(
        &mut self,
        model: &M,
        state: &[f64],
        values: &mut [f64],
        derivatives: &mut [f64],
    ) {
        let n_inputs = state.len();
        for first in (0..n_inputs).step_by(N) {
            for (i, (dual, &value)) in self.state.iter_mut().zip(state).enumerate() {
                *dual = Dual::variable(value, i.wrapping_sub(first));
            }
            model.evaluate(&self.state, &mut self.outputs);
            let n = N.min(n_inputs - first);
            for (output, row) in self.outputs.iter().zip(derivatives.chunks_exact_mut(n_inputs)) {
                row[first..first + n].copy_from_slice(&output.partials[..n]);
            }
        }
        for (value, output) in values.iter_mut().zip(&self.outputs) {
            *value = output.value;
        }
    }
}
