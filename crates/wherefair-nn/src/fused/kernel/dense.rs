//! Layers: sums of weights times values, a panel of samples at once.
//!
//! A panel holds the values of one feature side by side, so that one weight meets a whole vector of samples. Blocks of
//! up to [`MAX_ROWS`] outputs times the vectors of a panel stay in registers while the inputs pass by.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::lanes::Lanes;

/// Outputs whose sums are in registers at once.
pub(crate) const MAX_ROWS: usize = 6;

/// Cuts `n` rows into blocks of at most `at_most`, sizes differing by one at most; gives (first row, rows).
#[inline(always)]
pub(crate) fn blocks(n: usize, at_most: usize) -> impl Iterator<Item = (usize, usize)> {
    let n_blocks = n.div_ceil(at_most);
    (0..n_blocks).map(move |block| {
        let (small, larger) = (n / n_blocks, n % n_blocks);
        let first = block * small + block.min(larger);
        (first, small + usize::from(block < larger))
    })
}

/// What a sum begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// 0.
    Zero,
    /// The bias, which stands before the weights of each block.
    Biases,
    /// What the output holds already.
    Output,
    /// The same, where biases stand before the weights of each block.
    OutputNotBiases,
}

impl Start {
    fn has_biases(self) -> bool {
        matches!(self, Self::Biases | Self::OutputNotBiases)
    }
}

/// What happens to a sum when it is complete.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finish<'a, T> {
    /// Nothing.
    Linear,
    /// max(0, ·).
    Relu,
    /// 0 where the activation, laid out as the output, is not positive: the derivative of `ReLU`.
    Gate(&'a [T]),
}

/// One layer over all panels of a tile, as an operation of its own so that all callers share one function.
///
/// `packed` holds, a block of rows after the other, one value a row for each input, after the biases of the block
/// where sums begin with them. `input` is `(panels, n_in, panel)`, `output` is `(panels, n_out, panel)`.
pub(super) struct Layer<'a, T, const NV: usize> {
    pub(super) packed: &'a [T],
    pub(super) start: Start,
    /// Inputs and outputs.
    pub(super) sizes: (usize, usize),
    pub(super) input: &'a [T],
    pub(super) output: &'a mut [T],
    pub(super) finish: Finish<'a, T>,
}

impl<T: Lanes, const NV: usize> WithSimd for Layer<'_, T, NV> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (n_in, n_out) = self.sizes;
        let (input, output) = (T::vectors::<S>(self.input), T::vectors_mut::<S>(self.output));
        let gate = match self.finish {
            Finish::Gate(gate) => T::vectors::<S>(gate),
            Finish::Linear | Finish::Relu => &[],
        };
        let is_relu = matches!(self.finish, Finish::Relu);
        let depth = n_in + usize::from(self.start.has_biases());
        for (first, rows) in blocks(n_out, MAX_ROWS) {
            let weights = (&self.packed[first * depth..(first + rows) * depth], self.start);
            for (panel, input) in input.chunks_exact(n_in * NV).enumerate() {
                let at = (panel * n_out + first) * NV;
                let output = &mut output[at..at + rows * NV];
                let gate = if gate.is_empty() {
                    gate
                } else {
                    &gate[at..at + rows * NV]
                };
                match rows {
                    1 => block::<T, S, NV, 1>(simd, weights, input, output, is_relu, gate),
                    2 => block::<T, S, NV, 2>(simd, weights, input, output, is_relu, gate),
                    3 => block::<T, S, NV, 3>(simd, weights, input, output, is_relu, gate),
                    4 => block::<T, S, NV, 4>(simd, weights, input, output, is_relu, gate),
                    5 => block::<T, S, NV, 5>(simd, weights, input, output, is_relu, gate),
                    _ => block::<T, S, NV, 6>(simd, weights, input, output, is_relu, gate),
                }
            }
        }
    }
}

#[inline(always)]
fn block<T: Lanes, S: Simd, const NV: usize, const ROWS: usize>(
    simd: S,
    (weights, start): (&[T], Start),
    input: &[T::Vector<S>],
    output: &mut [T::Vector<S>],
    is_relu: bool,
    gate: &[T::Vector<S>],
) {
    let zero = T::v_zero(simd);
    let mut sums = [[zero; NV]; ROWS];
    let mut weights = weights.as_chunks::<ROWS>().0;
    let output = output.as_chunks_mut::<NV>().0;
    if start.has_biases()
        && let Some((biases, rest)) = weights.split_first()
    {
        for row in 0..ROWS {
            sums[row] = [T::v_splat(simd, biases[row]); NV];
        }
        weights = rest;
    }
    if matches!(start, Start::Output | Start::OutputNotBiases)
        && let Some(output) = output.first_chunk::<ROWS>()
    {
        // Counted by constants, so that the sums stay in registers.
        for row in 0..ROWS {
            for v in 0..NV {
                sums[row][v] = output[row][v];
            }
        }
    }
    for (weights, values) in weights.iter().zip(input.as_chunks::<NV>().0) {
        for row in 0..ROWS {
            let weight = T::v_splat(simd, weights[row]);
            for v in 0..NV {
                sums[row][v] = T::v_mul_add(simd, weight, values[v], sums[row][v]);
            }
        }
    }
    if gate.is_empty() {
        for (output, mut sums) in output.iter_mut().zip(sums) {
            if is_relu {
                for sum in &mut sums {
                    // In this order NaN is kept where the instruction keeps its second operand.
                    *sum = T::v_max(simd, zero, *sum);
                }
            }
            *output = sums;
        }
    } else {
        for ((output, sums), gate) in output.iter_mut().zip(sums).zip(gate.as_chunks::<NV>().0) {
            for v in 0..NV {
                let is_active = T::v_less(simd, zero, gate[v]);
                output[v] = T::v_select(simd, is_active, sums[v], zero);
            }
        }
    }
}
