//! The memory in which one thread works.

use super::plan::Plan;

/// Bytes of a cache line; vectors that begin on one never straddle two.
const LINE: usize = 64;

/// Zeros that begin on a cache line.
#[derive(Debug)]
pub(super) struct Buffer {
    values: Vec<f32>,
    start: usize,
    len: usize,
}

impl Buffer {
    pub(super) fn new(len: usize) -> Self {
        let values = vec![0.0; len + LINE / size_of::<f32>()];
        // A pointer that cannot be aligned gives a huge offset; speed alone suffers without.
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<f32>());
        Self { values, start, len }
    }

    pub(super) fn get(&self) -> &[f32] {
        &self.values[self.start..self.start + self.len]
    }

    pub(super) fn get_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..self.start + self.len]
    }
}

/// Running sums of the gradient of one layer.
#[derive(Debug)]
pub(super) struct Sums {
    /// A vector for each weight of a narrow layer; rows of weights of a wide one.
    pub(super) weights: Buffer,
    /// A vector for each output.
    pub(super) biases: Buffer,
}

/// What a tile needs on its way forward.
#[derive(Debug)]
pub(super) struct Forward {
    /// Inputs of each layer, and the outputs of the last.
    pub(super) activations: Vec<Buffer>,
    /// One number a sample of a panel, for three purposes.
    pub(super) counts: Buffer,
    pub(super) largest: Buffer,
    pub(super) sums: Buffer,
    /// Derivatives by the outputs of a layer, or values to be written.
    pub(super) delta: Buffer,
}

impl Forward {
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
pub(super) struct Backward {
    pub(super) sums: Vec<Sums>,
    /// Derivatives by the inputs of a layer.
    pub(super) delta: Buffer,
    /// Inputs of a wide layer, sample by sample.
    pub(super) samples: Buffer,
}

impl Backward {
    pub(super) fn new(plan: &Plan) -> Self {
        let (geometry, tile) = (plan.geometry, plan.tile());
        let sums = plan.layers.iter().map(|layer| {
            let n_weights = if layer.is_narrow() {
                layer.n_in * geometry.lanes
            } else {
                layer.stride(geometry)
            };
            Sums {
                weights: Buffer::new(n_weights * layer.n_out),
                biases: Buffer::new(layer.n_out * geometry.lanes),
            }
        });
        let strides = plan.layers.iter().filter(|layer| !layer.is_narrow());
        let stride = strides.map(|layer| layer.stride(geometry)).max().unwrap_or(0);
        Self {
            sums: sums.collect(),
            delta: Buffer::new(plan.widest() * tile),
            samples: Buffer::new(stride * tile),
        }
    }
}
