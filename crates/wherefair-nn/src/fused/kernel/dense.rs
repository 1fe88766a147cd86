//! Layers: sums of weights times values, a panel of samples at once.
//!
//! A panel holds the values of one feature side by side, so that one weight meets a whole vector of samples. Blocks of
//! up to [`MAX_ROWS`] outputs times the vectors of a panel stay in registers while the inputs pass by.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

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

/// What happens to a sum when it is complete.
#[derive(Clone, Copy)]
pub(super) enum Finish<'a> {
    /// Nothing.
    Linear,
    /// max(0, ·).
    Relu,
    /// 0 where the activation, laid out as the output, is not positive: the derivative of `ReLU`.
    Gate(&'a [f32]),
}

/// One layer over all panels of a tile.
///
/// `packed` holds, a block of rows after the other, one value a row for each input, after the biases of the block
/// where `is_biased`. `input` is `(panels, n_in, panel)`, `output` is `(panels, n_out, panel)`.
#[inline(always)]
pub(super) fn layer<S: Simd, const NV: usize>(
    simd: S,
    packed: &[f32],
    is_biased: bool,
    (n_in, n_out): (usize, usize),
    input: &[f32],
    output: &mut [f32],
    finish: Finish<'_>,
) {
    let (input, output) = (S::as_simd_f32s(input).0, S::as_mut_simd_f32s(output).0);
    let gate = match finish {
        Finish::Gate(gate) => S::as_simd_f32s(gate).0,
        Finish::Linear | Finish::Relu => &[],
    };
    let is_relu = matches!(finish, Finish::Relu);
    let depth = n_in + usize::from(is_biased);
    for (first, rows) in blocks(n_out, MAX_ROWS) {
        let weights = &packed[first * depth..(first + rows) * depth];
        for (panel, input) in input.chunks_exact(n_in * NV).enumerate() {
            let at = (panel * n_out + first) * NV;
            let output = &mut output[at..at + rows * NV];
            let gate = if gate.is_empty() {
                gate
            } else {
                &gate[at..at + rows * NV]
            };
            match rows {
                1 => block::<S, NV, 1>(simd, weights, is_biased, input, output, is_relu, gate),
                2 => block::<S, NV, 2>(simd, weights, is_biased, input, output, is_relu, gate),
                3 => block::<S, NV, 3>(simd, weights, is_biased, input, output, is_relu, gate),
                4 => block::<S, NV, 4>(simd, weights, is_biased, input, output, is_relu, gate),
                5 => block::<S, NV, 5>(simd, weights, is_biased, input, output, is_relu, gate),
                _ => block::<S, NV, 6>(simd, weights, is_biased, input, output, is_relu, gate),
            }
        }
    }
}

#[inline(always)]
fn block<S: Simd, const NV: usize, const ROWS: usize>(
    simd: S,
    weights: &[f32],
    is_biased: bool,
    input: &[S::f32s],
    output: &mut [S::f32s],
    is_relu: bool,
    gate: &[S::f32s],
) {
    let zero = simd.splat_f32s(0.0);
    let mut sums = [[zero; NV]; ROWS];
    let mut weights = weights.as_chunks::<ROWS>().0;
    if is_biased && let Some((biases, rest)) = weights.split_first() {
        for row in 0..ROWS {
            sums[row] = [simd.splat_f32s(biases[row]); NV];
        }
        weights = rest;
    }
    for (weights, values) in weights.iter().zip(input.as_chunks::<NV>().0) {
        for row in 0..ROWS {
            let weight = simd.splat_f32s(weights[row]);
            for v in 0..NV {
                sums[row][v] = simd.mul_add_e_f32s(weight, values[v], sums[row][v]);
            }
        }
    }
    let output = output.as_chunks_mut::<NV>().0;
    if gate.is_empty() {
        for (output, mut sums) in output.iter_mut().zip(sums) {
            if is_relu {
                for sum in &mut sums {
                    // In this order NaN is kept where the instruction keeps its second operand.
                    *sum = simd.max_f32s(zero, *sum);
                }
            }
            *output = sums;
        }
    } else {
        for ((output, sums), gate) in output.iter_mut().zip(sums).zip(gate.as_chunks::<NV>().0) {
            for v in 0..NV {
                let is_active = simd.less_than_f32s(zero, gate[v]);
                output[v] = simd.select_f32s(is_active, sums[v], zero);
            }
        }
    }
}
