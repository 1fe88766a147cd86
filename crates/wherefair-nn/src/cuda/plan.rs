//! How a network is laid out on a graphics card: sizes of tiles and blocks, and where each number is kept.

use wherefair_core::ParamError;

use crate::{Activation, MlpShape};

/// The kernels, for any network.
const KERNELS: &str = include_str!("kernel.cu");

/// The widest layer that the kernels take.
pub(super) const MAX_WIDTH: usize = 128;

/// Bytes of shared memory that every card gives a block; parameters and sums are only kept there up to this, so that
/// several blocks share a multiprocessor.
const SHARED_ANYWHERE: usize = 48 << 10;

/// Bytes of activations up to which a tile has 64 samples.
const LARGE_TILE: usize = 40 << 10;

/// Most blocks that compute a gradient.
const MAX_BLOCKS: usize = 512;

/// Numbers of all partial gradients together, where fewer blocks than [`MAX_BLOCKS`] can keep to that.
const MAX_PARTIALS: usize = 1 << 24;

/// Fewest blocks of a large batch.
const MIN_BLOCKS: usize = 32;

/// Threads of a block that adds partial sums up, as in the kernel.
#[cfg(feature = "cuda")]
pub(super) const ADDERS: u32 = 256;

/// Columns that such a block adds up, as in the kernel.
#[cfg(feature = "cuda")]
pub(super) const ADDED_COLUMNS: usize = 32;

/// Its shared memory: a 64-bit number a thread.
#[cfg(feature = "cuda")]
pub(super) const ADDERS_SHARED: u32 = 8 * ADDERS;

/// A loss, numbered as in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Stage {
    CrossEntropy = 0,
    Dice = 1,
    Squared = 2,
    Huber = 3,
    Given = 4,
    Absolute = 5,
}

/// What is written of the outputs, numbered as in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    Classes = 0,
    Probabilities = 1,
    Values = 2,
}

/// Sizes of the kernels of one network on one card.
///
/// Tiles, threads and blocks are a matter of the network and the batch alone: together with the fixed order of all sums
/// they make the bits of the results. What the card has decides only where numbers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    widths: Vec<usize>,
    pub(super) n_parameters: usize,
    /// Samples of a tile.
    pub(super) tile: usize,
    /// Threads of a block.
    pub(super) threads: u32,
    are_activations_shared: bool,
    are_weights_shared: bool,
    are_sums_shared: bool,
}

impl Plan {
    /// The sizes for a card that gives a block at most so many bytes of shared memory.
    ///
    /// # Errors
    /// [`ParamError`] for a layer of more than [`MAX_WIDTH`] and for hidden layers without `ReLU`.
    pub(super) fn new(shape: &MlpShape, shared_limit: usize) -> Result<Self, ParamError> {
        if shape.activation() != Activation::Relu {
            let accepted = "Relu; the processor takes others";
            let given = format!("{:?}", shape.activation());
            return Err(ParamError::new("activation on a graphics card", given, accepted));
        }
        let widths = shape.widths().to_vec();
        if let Some(layer) = widths.iter().position(|&width| width > MAX_WIDTH) {
            return Err(ParamError::new(
                format!("width of layer {layer} on a graphics card"),
                widths[layer],
                format!("1 to {MAX_WIDTH}; the processor takes wider ones"),
            ));
        }
        let n_rows: usize = widths.iter().sum();
        let is_wide = widths.iter().any(|&width| width > 32);
        let mut plan = Self {
            n_parameters: shape.n_parameters(),
            tile: if 4 * n_rows * 65 <= LARGE_TILE { 64 } else { 32 },
            threads: if is_wide { 256 } else { 128 },
            are_activations_shared: false,
            are_weights_shared: false,
            are_sums_shared: false,
            widths,
        };
        plan.are_activations_shared = true;
        plan.are_activations_shared = plan.shared_bytes() <= shared_limit;
        let limit = shared_limit.min(SHARED_ANYWHERE);
        plan.are_weights_shared = true;
        plan.are_weights_shared = plan.shared_bytes() <= limit;
        plan.are_sums_shared = true;
        plan.are_sums_shared = plan.shared_bytes() <= limit;
        Ok(plan)
    }

    /// The kernels, for this network.
    pub(super) fn source(&self) -> String {
        let widths: Vec<String> = self.widths.iter().map(ToString::to_string).collect();
        let flag = u8::from;
        let defines = [
            ("WIDTHS", widths.join(", ")),
            ("TILE", self.tile.to_string()),
            ("THREADS", self.threads.to_string()),
            (
                "ACTIVATIONS_SHARED",
                flag(self.are_activations_shared).to_string(),
            ),
            ("WEIGHTS_SHARED", flag(self.are_weights_shared).to_string()),
            ("SUMS_SHARED", flag(self.are_sums_shared).to_string()),
        ];
        let defines = defines.map(|(name, value)| format!("#define {name} {value}\n"));
        defines.concat() + KERNELS
    }

    /// Shared memory of a block, in bytes: rows and losses, then what is kept there of activations, parameters and sums.
    pub(super) fn shared_bytes(&self) -> usize {
        let kept = |is_kept, n: usize| if is_kept { n } else { 0 };
        4 * (self.tile
            + self.threads as usize
            + kept(self.are_activations_shared, self.n_activations())
            + kept(self.are_weights_shared, self.n_parameters)
            + kept(self.are_sums_shared, self.n_parameters))
    }

    /// Numbers of memory that each block needs besides.
    pub(super) fn n_scratch(&self) -> usize {
        if self.are_activations_shared {
            0
        } else {
            self.n_activations()
        }
    }

    fn n_activations(&self) -> usize {
        self.widths.iter().sum::<usize>() * (self.tile + 1)
    }

    pub(super) fn n_features(&self) -> usize {
        self.widths.first().copied().unwrap_or(0)
    }

    pub(super) fn n_outputs(&self) -> usize {
        self.widths.last().copied().unwrap_or(0)
    }

    /// Blocks that compute a gradient, or other sums, of so many samples.
    pub(super) fn n_blocks(&self, n_samples: usize) -> usize {
        let most = (MAX_PARTIALS / (self.n_parameters + 1)).clamp(MIN_BLOCKS, MAX_BLOCKS);
        n_samples.div_ceil(self.tile).min(most)
    }
}

/// Rows as the kernels take them: with `n_runs` above 0 pairs (first place, its row), else the rows themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Places {
    pub(super) words: Vec<u32>,
    pub(super) n_runs: u32,
}

/// Rows that a run must have on average to be told as one.
const MIN_RUN: usize = 16;

impl Places {
    /// Tells rows by their runs where there are few of them.
    pub(super) fn of(rows: &[u32]) -> Self {
        let most = rows.len().div_ceil(MIN_RUN);
        let mut words = Vec::new();
        let mut n_runs = 0;
        let mut next = None;
        for (place, &row) in (0..).zip(rows) {
            if next != Some(row) {
                n_runs += 1;
                if n_runs as usize > most {
                    return Self {
                        words: rows.to_vec(),
                        n_runs: 0,
                    };
                }
                words.extend([place, row]);
            }
            next = row.checked_add(1);
        }
        Self { words, n_runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(hidden: &[usize], shared_limit: usize) -> Plan {
        let shape = MlpShape::new(10, hidden, 23);
        let plan = shape.and_then(|shape| Plan::new(&shape, shared_limit));
        match plan {
            Ok(plan) => plan,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn shared_memory_stays_within_the_limit_and_the_order_of_sums_does_not_depend_on_it() {
        for width in [1, 10, 16, 32, 64, 128] {
            let plans = [48 << 10, 99 << 10, 227 << 10].map(|limit| {
                let plan = plan(&[width; 7], limit);
                assert!(plan.shared_bytes() <= limit, "{plan:?}");
                (plan.tile, plan.threads, plan.n_blocks(65_536))
            });
            assert!(plans.iter().all(|one| *one == plans[0]), "{plans:?}");
        }
        // The paper's network fits everywhere, a wide one only into a large memory.
        assert_eq!(plan(&[10; 7], 48 << 10).n_scratch(), 0);
        assert_eq!(plan(&[128; 7], 48 << 10).n_scratch(), 929 * 33);
        assert_eq!(plan(&[128; 7], 227 << 10).n_scratch(), 0);
    }

    #[test]
    fn partial_gradients_are_bounded() {
        assert_eq!(plan(&[10; 7], 48 << 10).n_blocks(65_536), MAX_BLOCKS);
        assert_eq!(plan(&[10; 7], 48 << 10).n_blocks(65), 2);
        let wide = plan(&[128; 7], 48 << 10);
        assert!(wide.n_blocks(65_536) * wide.n_parameters <= MAX_PARTIALS);
    }

    #[test]
    fn a_layer_that_is_too_wide_is_an_error_that_names_it() {
        let Ok(shape) = MlpShape::new(10, &[10, 129], 23) else {
            panic!("the shape is good");
        };
        let error = Plan::new(&shape, 48 << 10).map_err(|error| error.to_string());
        let expected = "invalid width of layer 2 on a graphics card: 129 (accepted: 1 to 128; the processor takes wider ones)";
        assert_eq!(error, Err(expected.to_owned()));
    }

    #[test]
    fn an_activation_other_than_relu_is_an_error_that_names_it() {
        let Ok(shape) = MlpShape::new(10, &[10], 23) else {
            panic!("the shape is good");
        };
        let shape = shape.with_activation(Activation::Tanh);
        let error = Plan::new(&shape, 48 << 10).map_err(|error| error.to_string());
        let expected =
            "invalid activation on a graphics card: Tanh (accepted: Relu; the processor takes others)";
        assert_eq!(error, Err(expected.to_owned()));
    }

    #[test]
    fn rows_are_told_by_runs_where_these_are_few() {
        let rows: Vec<u32> = (5..40).chain(100..130).collect();
        let places = Places::of(&rows);
        assert_eq!((places.n_runs, places.words), (2, vec![0, 5, 35, 100]));
        let every_other: Vec<u32> = (0..40).map(|row| 2 * row).collect();
        let places = Places::of(&every_other);
        assert_eq!((places.n_runs, places.words), (0, every_other));
        // One row is one run.
        assert_eq!(Places::of(&[7]).words, [0, 7]);
        assert_eq!(Places::of(&[u32::MAX]).n_runs, 1);
    }
}
