//! Parts of a model that depend on few inputs.

use std::array::from_fn;

use crate::dual::Dual;
use crate::number::{Real, outlined};

/// A part of a model with `K` inputs and `M` outputs.
///
/// Inside, derivatives are carried to these `K` inputs alone, which spares work where the model has more; outside, the
/// chain rule makes them derivatives to all inputs.
pub(crate) trait Stage<const K: usize, const M: usize> {
    fn run<T: Real>(&self, inputs: [T; K]) -> [T; M];
}

/// Runs a part with derivatives to its own inputs, and links them with those to the inputs of the model.
#[inline(always)]
pub(crate) fn chained<const N: usize, const K: usize, const M: usize, T: Real>(
    stage: &impl Stage<K, M>,
    inputs: [Dual<N, T>; K],
) -> [Dual<N, T>; M] {
    let own = from_fn(
        #[inline(always)]
        |k| Dual::<K, T>::variable(inputs[k].value, k),
    );
    let outputs = stage.run(own);
    from_fn(
        #[inline(always)]
        |m| {
            let output = &outputs[m];
            outlined!(output.value, {
                let mut partials = inputs[0].partials;
                for (i, partial) in partials.iter_mut().enumerate() {
                    *partial = *partial * output.partials[0];
                    for k in 1..K {
                        *partial = *partial + output.partials[k] * inputs[k].partials[i];
                    }
                }
                let value = output.value;
                Dual { value, partials }
            })
        },
    )
}
