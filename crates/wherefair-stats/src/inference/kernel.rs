//! The loops in which permutation tests spend their time.
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

/// The values of one unit under [`LANES`] permutations.
pub(crate) type Lanes = [f64; LANES];

/// Rows of the dense form worked on at once.
pub(crate) const DENSE_ROWS: usize = 8;

/// Groups of [`LANES`] permutations that share a pass over the dense form.
pub(crate) const DENSE_GROUPS: usize = 4;

/// The upper triangle of a sparse symmetric matrix T and a diagonal d.
#[derive(Debug, Clone)]
pub(crate) struct SparseTriangle {
    pub(crate) offsets: Vec<usize>,
    /// Units after the row's own.
    pub(crate) others: Vec<u32>,
    pub(crate) values: Vec<f64>,
    pub(crate) diagonal: Vec<f64>,
}

/// The upper triangle of a dense symmetric matrix T and a diagonal d.
///
/// Rows come in blocks of [`DENSE_ROWS`]; within a block, column by column from the block's first row on, each
/// column holding one value a row (0 on and below the diagonal).
#[derive(Debug, Clone)]
pub(crate) struct DenseTriangle {
    /// Where each block of rows starts in `values`.
    pub(crate) starts: Vec<usize>,
    pub(crate) values: Vec<[f64; DENSE_ROWS]>,
    pub(crate) diagonal: Vec<f64>,
}

/// Σᵢ zᵢ (dᵢ zᵢ + Σ_{j>i} tᵢⱼ zⱼ), a sum a lane.
pub(crate) fn sparse_form(triangle: &SparseTriangle, z: &[Lanes]) -> Lanes {
    pulp::Arch::new().dispatch(SparseForm { triangle, z })
}

struct SparseForm<'a> {
    triangle: &'a SparseTriangle,
    z: &'a [Lanes],
}

impl WithSimd for SparseForm<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Lanes {
        let Self { triangle, z } = self;
        let mut total = [0.0; LANES];
        for (i, ends) in triangle.offsets.windows(2).enumerate() {
            let mut sums = [0.0; LANES];
            let others = &triangle.others[ends[0]..ends[1]];
            for (&other, &t) in others.iter().zip(&triangle.values[ends[0]..ends[1]]) {
                sums = add_scaled(sums, t, &z[other as usize]);
            }
            total = add_products(total, triangle.diagonal[i], &z[i], &sums);
        }
        total
    }
}

/// Σᵢ zᵢ (dᵢ zᵢ + Σ_{j>i} tᵢⱼ zⱼ), a sum a lane, for each group of permutations in `z`. Each of these is filled up
/// with zeros to whole blocks of rows.
pub(crate) fn dense_form(triangle: &DenseTriangle, z: &[Vec<Lanes>], totals: &mut [Lanes]) {
    pulp::Arch::new().dispatch(DenseForm { triangle, z, totals });
}

struct DenseForm<'a> {
    triangle: &'a DenseTriangle,
    z: &'a [Vec<Lanes>],
    totals: &'a mut [Lanes],
}

impl WithSimd for DenseForm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { triangle, z, totals } = self;
        for (block, ends) in triangle.starts.windows(2).enumerate() {
            let first = block * DENSE_ROWS;
            let columns = &triangle.values[ends[0]..ends[1]];
            // The block stays in cache for all groups.
            for (z, total) in z.iter().zip(totals.iter_mut()) {
                let sums = dense_block(columns, &z[first..]);
                for (row, sums) in sums.iter().enumerate() {
                    let diagonal = triangle.diagonal.get(first + row).copied().unwrap_or(0.0);
                    *total = add_products(*total, diagonal, &z[first + row], sums);
                }
            }
        }
    }
}

/// The sums of one block of rows, which stay in registers.
#[inline(always)]
fn dense_block(columns: &[[f64; DENSE_ROWS]], z: &[Lanes]) -> [Lanes; DENSE_ROWS] {
    let zero = [0.0; LANES];
    let (mut s0, mut s1, mut s2, mut s3) = (zero, zero, zero, zero);
    let (mut s4, mut s5, mut s6, mut s7) = (zero, zero, zero, zero);
    for (column, values) in columns.iter().zip(z) {
        let [t0, t1, t2, t3, t4, t5, t6, t7] = *column;
        s0 = add_scaled(s0, t0, values);
        s1 = add_scaled(s1, t1, values);
        s2 = add_scaled(s2, t2, values);
        s3 = add_scaled(s3, t3, values);
        s4 = add_scaled(s4, t4, values);
        s5 = add_scaled(s5, t5, values);
        s6 = add_scaled(s6, t6, values);
        s7 = add_scaled(s7, t7, values);
    }
    [s0, s1, s2, s3, s4, s5, s6, s7]
}

#[inline(always)]
fn add_scaled(mut sums: Lanes, factor: f64, values: &Lanes) -> Lanes {
    for lane in 0..LANES {
        sums[lane] += factor * values[lane];
    }
    sums
}

/// total + own (diagonal own + sums).
#[inline(always)]
fn add_products(mut total: Lanes, diagonal: f64, own: &Lanes, sums: &Lanes) -> Lanes {
    for lane in 0..LANES {
        total[lane] += own[lane] * (diagonal * own[lane] + sums[lane]);
    }
    total
}
