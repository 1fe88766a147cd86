//! Parts of a model that depend on few inputs.

use std::array::from_fn;

use crate::dual::Dual;
use crate::number::Real;

/// A part of a model with `K` inputs and `M` outputs.
///
/// Inside, derivatives are carried to these `K` inputs alone, which spares work where the model has more; outside, the
/// chain rule makes them derivatives to all inputs.
pub(crate) trait Stage<const K: usize, const M: usize> {
    fn run<T: Real>(&self, inputs: [T; K]) -> [T; M];
}

/// Runs a part with derivatives to its own inputs, and links them with those to the inputs of the model.
#[inline]
pub(crate) fn chained<const N: usize, const K: usize, const M: usize>(
    stage: &impl Stage<K, M>,
    inputs: [Dual<N>; K],
) -> [Dual<N>; M] {
    let own = from_fn(|k| Dual::<K>::variable(inputs[k].value, k));
    let outputs = stage.run(own);
    outputs.map(|output| {
        let mut partials = [0.0; N];
        for (slope, input) in output.partials.iter().zip(&inputs) {
            for (partial, of_input) in partials.iter_mut().zip(&input.partials) {
                *partial += slope * of_input;
            }
        }
        Dual {
            value: output.value,
            partials,
        }
    })
}
