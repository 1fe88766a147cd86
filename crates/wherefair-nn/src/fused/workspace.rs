//! The memory in which one thread works.

use super::kernel::Lanes;
use super::plan::Plan;

/// Bytes of a cache line; vectors that begin on one never straddle two.
const LINE: usize = 64;

/// Zeros that begin on a cache line.
#[derive(Debug)]
pub(super) struct Buffer<T> {
    values: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Lanes> Buffer<T> {
    pub(super) fn new(len: usize) -> Self {
        let values = vec![T::default(); len + LINE / size_of::<T>()];
        // A pointer that cannot be aligned gives a huge offset; speed alone suffers without.
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { values, start, len }
    }

    pub(super) fn get(&self) -> &[T] {
        &self.values[self.start..self.start + self.len]
    }

    pub(super) fn get_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..self.start + self.len]
    }
}

/// Running sums of the gradient of one layer.
#[derive(Debug)]
pub(super) struct Sums<T> {
    /// A vector for each weight of a narrow layer; rows of weights of a wide one.
    pub(super) weights: Buffer<T>,
    /// A vector for each output.
    pub(super) biases: Buffer<T>,
}

/// What a tile needs on its way forward.
#[derive(Debug)]
pub(super) struct Forward<T> {
    /// Inputs of each layer, and the outputs of the last.
    pub(super) activations: Vec<Buffer<T>>,
    /// One number a sample of a panel, for three purposes.
    pub(super) counts: Buffer<T>,
    pub(super) largest: Buffer<T>,
    pub(super) sums: Buffer<T>,
    /// Derivatives by the outputs of a layer, or values to be written.
    pub(super) delta: Buffer<T>,
}

impl<T: Lanes> Forward<T> {
    pub(super) fn new(plan: &Plan) -> Self {
        let tile = plan.tile();
        let widths = plan
            .layers
            .iter()
            .map(|layer| layer.n_in)
            .chain([plan.n_outputs()]);
        let row = || Buffer::new(plan.geometry.panel);
        Self {
            activations: widths.map(|width| Buffer::new(width * tile)).collect(),
            counts: row(),
            largest: row(),
            sums: row(),
            delta: Buffer::new(plan.widest() * tile),
        }
    }
}

/// What a tile needs on its way back.
#[derive(Debug)]
pub(super) struct Backward<T> {
    pub(super) sums: Vec<Sums<T>>,
    /// Derivatives by the inputs of a layer.
    pub(super) delta: Buffer<T>,
    /// Inputs of a wide layer, sample by sample.
    pub(super) samples: Buffer<T>,
}

impl<T: Lanes> Backward<T> {
    pub(super) fn new(plan: &Plan) -> Self {
        let (geometry, tile) = (plan.geometry, plan.tile());
        let sums = plan.layers.iter().map(|layer| {
            let n_weights = if layer.is_narrow() {
                layer.n_in * geometry.lanes
            } else {
                layer.stride(geometry.lanes)
            };
            Sums {
                weights: Buffer::new(n_weights * layer.n_out),
                biases: Buffer::new(layer.n_out * geometry.lanes),
            }
        });
        let strides = plan.layers.iter().filter(|layer| !layer.is_narrow());
        let stride = strides
            .map(|layer| layer.stride(geometry.lanes))
            .max()
            .unwrap_or(0);
        Self {
            sums: sums.collect(),
            delta: Buffer::new(plan.widest() * tile),
            samples: Buffer::new(stride * tile),
        }
    }

    /// Begins new sums.
    pub(super) fn clear(&mut self) {
        for sums in &mut self.sums {
            sums.weights.get_mut().fill(T::default());
            sums.biases.get_mut().fill(T::default());
        }
    }
}

/// What tangents need besides, on both ways.
#[derive(Debug)]
pub(super) struct Tangent<T> {
    /// Of the inputs of each layer but the first, whose inputs do not change, and of the outputs of the last.
    pub(super) activations: Vec<Buffer<T>>,
    /// Of the derivatives by the outputs of a layer.
    pub(super) delta: Buffer<T>,
    /// Of the derivatives by its inputs.
    pub(super) next: Buffer<T>,
}

impl<T: Lanes> Tangent<T> {
    pub(super) fn new(plan: &Plan) -> Self {
        let tile = plan.tile();
        let widths = plan.layers.iter().map(|layer| layer.n_out);
        let delta = || Buffer::new(plan.widest() * tile);
        Self {
            activations: widths.map(|width| Buffer::new(width * tile)).collect(),
            delta: delta(),
            next: delta(),
        }
    }
}
