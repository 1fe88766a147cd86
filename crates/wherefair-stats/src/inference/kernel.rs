//! The loops in which permutation tests on sparse weights spend their time.
//!
//! [`LANES`] permutations are worked on at once: each weight is loaded once for all of them, and their values of
//! one unit fill one cache line. Lanes never mix, products and sums are never fused and always in the same
//! order: the widest vector instructions that the machine has give the same bits as any other.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

/// Permutations worked on at once.
pub(crate) const LANES: usize = 8;

/// The values of one unit under `L` permutations, in whole cache lines.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Lanes<const L: usize>(pub(crate) [f64; L]);

impl<const L: usize> Lanes<L> {
    pub(crate) const ZERO: Self = Self([0.0; L]);
}

/// The upper triangle of a sparse symmetric matrix T and a diagonal d.
#[derive(Debug, Clone)]
pub(crate) struct SparseTriangle {
    pub(crate) offsets: Vec<usize>,
    /// Units after the row's own.
    pub(crate) others: Vec<u32>,
    pub(crate) values: Vec<f64>,
    pub(crate) diagonal: Vec<f64>,
}

/// Σᵢ zᵢ (dᵢ zᵢ + Σ_{j>i} tᵢⱼ zⱼ), a sum a lane.
pub(crate) fn sparse_form(triangle: &SparseTriangle, z: &[Lanes<LANES>]) -> [f64; LANES] {
    pulp::Arch::new().dispatch(SparseForm { triangle, z })
}

struct SparseForm<'a> {
    triangle: &'a SparseTriangle,
    z: &'a [Lanes<LANES>],
}

impl WithSimd for SparseForm<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; LANES] {
        let Self { triangle, z } = self;
        let mut total = [0.0; LANES];
        for (i, ends) in triangle.offsets.windows(2).enumerate() {
            let mut sums = [0.0; LANES];
            let others = &triangle.others[ends[0]..ends[1]];
            for (&other, &t) in others.iter().zip(&triangle.values[ends[0]..ends[1]]) {
                sums = add_scaled(sums, t, &z[other as usize].0);
            }
            total = add_products(total, triangle.diagonal[i], &z[i].0, &sums);
        }
        total
    }
}

#[inline(always)]
fn add_scaled(mut sums: [f64; LANES], factor: f64, values: &[f64; LANES]) -> [f64; LANES] {
    for lane in 0..LANES {
        sums[lane] += factor * values[lane];
    }
    sums
}

/// total + own (diagonal own + sums).
#[inline(always)]
pub(super) fn add_products<const L: usize>(
    mut total: [f64; L],
    diagonal: f64,
    own: &[f64; L],
    sums: &[f64; L],
) -> [f64; L] {
    for lane in 0..L {
        total[lane] += own[lane] * (diagonal * own[lane] + sums[lane]);
    }
    total
}
