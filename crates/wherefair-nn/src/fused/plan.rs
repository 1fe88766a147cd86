//! How a network is laid out for the engine: sizes of layers, packed weights, tiles.

use super::kernel::{Geometry, MAX_ROWS, blocks};
use crate::{Activation, MlpShape};

/// Weights of the largest layer that gets a running sum a lane; wider ones are turned.
const NARROW: usize = 700;

/// One layer of a network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub(super) n_in: usize,
    pub(super) n_out: usize,
    /// Where its weights `(n_out, n_in)` begin among all parameters; its biases follow them.
    pub(super) weights: usize,
    /// Where its block of the packed weights for the way forward begins.
    pub(super) forward: usize,
    /// The same for the way back.
    pub(super) backward: usize,
}

impl Layer {
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.n_in, self.n_out)
    }

    /// Where its biases begin among all parameters.
    pub(super) fn biases(&self) -> usize {
        self.weights + self.n_in * self.n_out
    }

    /// Where its parameters end.
    pub(super) fn end(&self) -> usize {
        self.biases() + self.n_out
    }

    pub(super) fn is_narrow(&self) -> bool {
        self.n_in * self.n_out <= NARROW
    }

    /// Inputs, filled up to whole vectors.
    pub(super) fn stride(&self, lanes: usize) -> usize {
        self.n_in.next_multiple_of(lanes)
    }
}

/// The layers of a network and the sizes of its tiles.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) layers: Vec<Layer>,
    /// Of the hidden layers.
    pub(super) activation: Activation,
    pub(super) geometry: Geometry,
    pub(super) n_parameters: usize,
}

impl Plan {
    pub(super) fn new(shape: &MlpShape, geometry: Geometry) -> Self {
        let widths = shape.widths();
        let mut layers = Vec::with_capacity(widths.len());
        let (mut weights, mut forward, mut backward) = (0, 0, 0);
        for pair in widths.windows(2) {
            let layer = Layer {
                n_in: pair[0],
                n_out: pair[1],
                weights,
                forward,
                backward,
            };
            weights = layer.end();
            forward += (layer.n_in + 1) * layer.n_out;
            backward += layer.n_in * layer.n_out;
            layers.push(layer);
        }
        Self {
            layers,
            activation: shape.activation(),
            geometry,
            n_parameters: weights,
        }
    }

    pub(super) fn n_features(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.n_in)
    }

    pub(super) fn n_outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.n_out)
    }

    /// Samples of a tile.
    pub(super) fn tile(&self) -> usize {
        self.geometry.tile
    }

    /// The widest layer, inputs and outputs included.
    pub(super) fn widest(&self) -> usize {
        self.layers
            .iter()
            .map(|layer| layer.n_in.max(layer.n_out))
            .max()
            .unwrap_or(0)
    }
}

/// Weights in the order in which the kernels read them.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed<T> {
    /// For each block of outputs: its biases, then its weights input by input.
    pub(super) forward: Vec<T>,
    /// For each block of inputs: its weights output by output.
    pub(super) backward: Vec<T>,
}

impl<T: Copy> Packed<T> {
    /// Packs for both ways.
    pub(super) fn pack(&mut self, plan: &Plan, parameters: &[T]) {
        self.pack_forward(plan, parameters);
        self.pack_backward(plan, parameters);
    }

    /// Packs for the way forward.
    pub(super) fn pack_forward(&mut self, plan: &Plan, parameters: &[T]) {
        self.forward.clear();
        for layer in &plan.layers {
            let weights = &parameters[layer.weights..layer.biases()];
            let biases = &parameters[layer.biases()..layer.end()];
            for (first, rows) in blocks(layer.n_out, MAX_ROWS) {
                self.forward.extend_from_slice(&biases[first..first + rows]);
                for input in 0..layer.n_in {
                    let rows = first..first + rows;
                    self.forward
                        .extend(rows.map(|row| weights[row * layer.n_in + input]));
                }
            }
        }
    }

    /// Packs for the way back.
    fn pack_backward(&mut self, plan: &Plan, parameters: &[T]) {
        self.backward.clear();
        for layer in &plan.layers {
            let weights = &parameters[layer.weights..layer.biases()];
            for (first, inputs) in blocks(layer.n_in, MAX_ROWS) {
                for row in weights.chunks_exact(layer.n_in) {
                    self.backward.extend_from_slice(&row[first..first + inputs]);
                }
            }
        }
    }
}
