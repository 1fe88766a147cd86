//! The loop in which permutation tests on dense weights spend their time: a product of the weights with many
//! permutations at once, of which only the quadratic form is kept.
//!
//! As in [`kernel`](super::kernel), lanes never mix and sums are always in the same order. Products are added without
//! rounding between where the machine has such instructions (x86 since 2013, ARM): those machines give the same bits.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::kernel::Lanes;

/// Permutations of one panel, which share each weight that is loaded.
pub(crate) const PANEL: usize = 16;

/// Rows of the triangle worked on at once; with a panel in two vectors of 512 bits their sums fill 16 registers.
pub(crate) const ROWS: usize = 8;

/// Columns worked on at once: their values of one panel stay in the first-level cache.
const TILE_COLUMNS: usize = 192;

/// Blocks of rows that share these columns: with [`TILE_COLUMNS`], their weights stay in the second-level cache.
const TILE_BLOCKS: usize = 24;

/// The most panels that are multiplied with a tile before its columns leave the cache with their sums.
const MOST_TOGETHER: usize = 16;

/// Parts of the work for each thread, so that all end at about the same time.
const PARTS_A_THREAD: usize = 8;

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

impl DenseTriangle {
    /// The number of units, rounded up to whole blocks of rows.
    pub(crate) fn padded(&self) -> usize {
        self.diagonal.len()
    }
}

/// Σᵢ zᵢ (dᵢ zᵢ + Σ_{j>i} tᵢⱼ zⱼ), a sum a lane, for each panel in `z`. Each of these is filled up with zeros to
/// whole blocks of rows. How panels are grouped shows in no result: lanes never mix.
pub(crate) fn dense_form(triangle: &DenseTriangle, z: &[Vec<Lanes<PANEL>>]) -> Vec<[f64; PANEL]> {
    let n_tiles = (triangle.padded() / ROWS).div_ceil(TILE_BLOCKS);
    let n_tasks = n_tiles * z.len();
    let together = (n_tasks / (PARTS_A_THREAD * rayon::current_num_threads())).clamp(1, MOST_TOGETHER);
    let groups = || (0..z.len()).step_by(together);
    let tasks: Vec<(usize, Range<usize>)> = (0..n_tiles)
        .flat_map(|tile| groups().map(move |first| (tile, first..z.len().min(first + together))))
        .collect();
    let parts: Vec<Vec<[f64; PANEL]>> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|(tile, panels)| {
            let z = &z[panels.clone()];
            let mut totals = vec![[0.0; PANEL]; z.len()];
            pulp::Arch::new().dispatch(TileForm {
                triangle,
                tile: *tile,
                z,
                sums: &mut vec![Lanes::ZERO; z.len() * TILE_BLOCKS * ROWS],
                totals: &mut totals,
            });
            totals
        })
        .collect();
    let mut totals = vec![[0.0; PANEL]; z.len()];
    for ((_, panels), parts) in tasks.iter().zip(parts) {
        for (total, part) in totals[panels.clone()].iter_mut().zip(parts) {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
    }
    totals
}

/// The terms of the rows of one tile.
struct TileForm<'a> {
    triangle: &'a DenseTriangle,
    tile: usize,
    z: &'a [Vec<Lanes<PANEL>>],
    /// Those of the rows, panel by panel.
    sums: &'a mut [Lanes<PANEL>],
    totals: &'a mut [[f64; PANEL]],
}

impl WithSimd for TileForm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            triangle,
            tile,
            z,
            sums,
            totals,
        } = self;
        let padded = triangle.padded();
        let first = tile * TILE_BLOCKS * ROWS;
        let blocks = &triangle.starts[tile * TILE_BLOCKS..padded / ROWS];
        let blocks = &blocks[..TILE_BLOCKS.min(blocks.len())];
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
        let rows = first..first + blocks.len() * ROWS;
        for ((z, sums), total) in z
            .iter()
            .zip(sums.chunks_exact(TILE_BLOCKS * ROWS))
            .zip(totals.iter_mut())
        {
            for ((own, diagonal), sums) in z[rows.clone()]
                .iter()
                .zip(&triangle.diagonal[rows.clone()])
                .zip(sums)
            {
                *total = add_products(*total, *diagonal, &own.0, &sums.0);
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
