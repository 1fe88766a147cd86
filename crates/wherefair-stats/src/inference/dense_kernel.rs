//! The loop in which permutation tests on dense weights spend their time: a product of the weights with many
//! permutations at once, of which only the quadratic form is kept.
//!
//! As in [`kernel`](super::kernel), lanes never mix and sums are always in the same order. Products are added without
//! rounding between where the machine has such instructions (x86 since 2013, ARM): those machines give the same bits.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::kernel::Lanes;

/// Permutations of one panel, which share each weight that is loaded.
pub(crate) const PANEL: usize = 16;

/// Rows of the triangle worked on at once; with a panel in two vectors of 512 bits their sums fill 16 registers.
pub(crate) const ROWS: usize = 8;

/// Columns worked on at once: their values of one panel stay in the first-level cache.
const TILE_COLUMNS: usize = 192;

/// Blocks of rows that share these columns: with [`TILE_COLUMNS`], their weights stay in the second-level cache.
const TILE_BLOCKS: usize = 24;

/// The upper triangle of a dense symmetric matrix T and a diagonal d.
///
/// Rows come in blocks of [`ROWS`]; within a block, column by column from the block's first row on, each column
/// holding one value a row (0 on and below the diagonal).
#[derive(Debug, Clone)]
pub(crate) struct DenseTriangle {
    /// Where each block of rows starts in `values`.
    pub(super) starts: Vec<usize>,
    pub(super) values: Vec<Lanes<ROWS>>,
    /// Filled up with zeros to whole blocks.
    pub(super) diagonal: Vec<f64>,
}

/// Σᵢ zᵢ (dᵢ zᵢ + Σ_{j>i} tᵢⱼ zⱼ), a sum a lane, for each panel in `z`. Each of these is filled up with zeros to
/// whole blocks of rows.
pub(crate) fn dense_form(triangle: &DenseTriangle, z: &[Vec<Lanes<PANEL>>]) -> Vec<[f64; PANEL]> {
    let mut totals = vec![[0.0; PANEL]; z.len()];
    let mut sums = vec![Lanes::ZERO; z.len() * TILE_BLOCKS * ROWS];
    pulp::Arch::new().dispatch(DenseForm {
        triangle,
        z,
        sums: &mut sums,
        totals: &mut totals,
    });
    totals
}

struct DenseForm<'a> {
    triangle: &'a DenseTriangle,
    z: &'a [Vec<Lanes<PANEL>>],
    /// Those of the rows of one tile, panel by panel.
    sums: &'a mut [Lanes<PANEL>],
    totals: &'a mut [[f64; PANEL]],
}

impl WithSimd for DenseForm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            triangle,
            z,
            sums,
            totals,
        } = self;
        let padded = triangle.diagonal.len();
        for (tile, blocks) in triangle.starts[..padded / ROWS].chunks(TILE_BLOCKS).enumerate() {
            let first = tile * TILE_BLOCKS * ROWS;
            sums.fill(Lanes::ZERO);
            let mut left = first;
            while left < padded {
                let right = (left + TILE_COLUMNS).min(padded);
                for (z, sums) in z.iter().zip(sums.chunks_exact_mut(TILE_BLOCKS * ROWS)) {
                    for (block, (&start, sums)) in blocks.iter().zip(sums.as_chunks_mut().0).enumerate() {
                        // A block has no columns before its first row.
                        let row = first + block * ROWS;
                        let from = left.max(row);
                        if from < right {
                            let columns = &triangle.values[start + from - row..start + right - row];
                            add_block(simd, columns, &z[from..right], sums);
                        }
                    }
                }
                left = right;
            }
            for ((z, sums), total) in z
                .iter()
                .zip(sums.chunks_exact(TILE_BLOCKS * ROWS))
                .zip(totals.iter_mut())
            {
                let rows = first..(first + blocks.len() * ROWS).min(padded);
                for ((own, diagonal), sums) in z[rows.clone()].iter().zip(&triangle.diagonal[rows]).zip(sums)
                {
                    *total = add_products(*total, *diagonal, &own.0, &sums.0);
                }
            }
        }
    }
}

/// sums ← sums + columns z for one block of rows, whatever the width of the vectors.
#[inline(always)]
fn add_block<S: Simd>(simd: S, columns: &[Lanes<ROWS>], z: &[Lanes<PANEL>], sums: &mut [Lanes<PANEL>; ROWS]) {
    // Sums of all rows fill the 32 registers of the widest vectors; the others have 16.
    let vectors = PANEL / S::F64_LANES;
    if vectors == 2 {
        add_part::<S, ROWS>(simd, columns, z, sums, 0, 0);
    } else {
        for pair in (0..vectors).step_by(2) {
            add_part::<S, { ROWS / 2 }>(simd, columns, z, sums, pair, 0);
            add_part::<S, { ROWS / 2 }>(simd, columns, z, sums, pair, ROWS / 2);
        }
    }
}

/// Two vectors of a panel and `R` rows of a block, whose sums stay in registers.
#[inline(always)]
fn add_part<S: Simd, const R: usize>(
    simd: S,
    columns: &[Lanes<ROWS>],
    z: &[Lanes<PANEL>],
    sums: &mut [Lanes<PANEL>; ROWS],
    pair: usize,
    row: usize,
) {
    let mut part = [[simd.splat_f64s(0.0); 2]; R];
    for (part, sums) in part.iter_mut().zip(&sums[row..]) {
        let vectors = S::as_simd_f64s(&sums.0).0;
        *part = [vectors[pair], vectors[pair + 1]];
    }
    for (column, z) in columns.iter().zip(z) {
        let vectors = S::as_simd_f64s(&z.0).0;
        let (first, second) = (vectors[pair], vectors[pair + 1]);
        for (r, part) in part.iter_mut().enumerate() {
            let t = simd.splat_f64s(column.0[row + r]);
            part[0] = simd.mul_add_e_f64s(t, first, part[0]);
            part[1] = simd.mul_add_e_f64s(t, second, part[1]);
        }
    }
    for (part, sums) in part.iter().zip(&mut sums[row..]) {
        let vectors = S::as_mut_simd_f64s(&mut sums.0).0;
        vectors[pair] = part[0];
        vectors[pair + 1] = part[1];
    }
}

/// total + own (diagonal own + sums).
#[inline(always)]
fn add_products<const L: usize>(
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
