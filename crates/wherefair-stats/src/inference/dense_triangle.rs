//! Triangles of dense weights, as [`dense_kernel`](super::dense_kernel) reads them.

use std::ops::Range;

use rayon::prelude::*;

use super::dense_kernel::{DenseTriangle, ROWS};
use super::kernel::Lanes;
use crate::SpatialWeights;

/// Blocks of rows of dense weights that are filled together, so that what they need of a later row lies side by side.
const BLOCKS_TURNED: usize = 8;

/// Columns that are filled at once: what is needed of so many later rows stays in the first-level cache.
const COLUMNS_TURNED: usize = 64;

/// The triangle of W + Wᵀ times `factor`, for W in compressed rows.
pub(super) fn triangle_of_rows(
    w: &SpatialWeights,
    factor: f64,
    diagonal: impl Fn(usize) -> f64,
) -> DenseTriangle {
    let n = w.n();
    // Each block of rows gathers its rows of W and its columns, the latter as a few entries of every later row.
    dense_triangle(n, diagonal, |first, columns, piece| {
        for (row, i) in (first..n).take(ROWS).enumerate() {
            let (neighbours, weights) = w.row(i);
            let from = columns.start.max(i + 1);
            let range = within(neighbours, from..columns.end);
            for (&j, &weight) in neighbours[range.clone()].iter().zip(&weights[range]) {
                piece[j as usize - columns.start].0[row] += weight * factor;
            }
        }
        for j in columns.clone() {
            let (neighbours, weights) = w.row(j);
            let range = within(neighbours, first..j.min(first + ROWS));
            for (&i, &weight) in neighbours[range.clone()].iter().zip(&weights[range]) {
                piece[j - columns.start].0[i as usize - first] += weight * factor;
            }
        }
    })
}

/// Where `neighbours`, in ascending order, lie among `units`.
fn within(neighbours: &[u32], units: Range<usize>) -> Range<usize> {
    let before = |bound: usize| neighbours.partition_point(|&neighbour| (neighbour as usize) < bound);
    let start = before(units.start);
    start..before(units.end).max(start)
}

/// The triangle of W + Wᵀ times `factor`, where every pair is linked; `row(i)` are the weights of unit i before and
/// after the diagonal.
pub(super) fn triangle_of_full_rows<'w>(
    n: usize,
    factor: f64,
    diagonal: impl Fn(usize) -> f64,
    row: impl Fn(usize) -> (&'w [f64], &'w [f64]) + Sync,
) -> DenseTriangle {
    dense_triangle(n, diagonal, |first, columns, piece| {
        let whole = (first + ROWS).min(n);
        for j in columns.start.max(first + 1)..whole.min(columns.end) {
            let back = &row(j).0[first..];
            for (i, (column, back)) in (first..j).zip(piece[j - columns.start].0.iter_mut().zip(back)) {
                *column = row(i).1[j - i - 1] * factor + back * factor;
            }
        }
        // Columns beyond the block have a weight in each of its rows, of which there are ROWS then.
        let beyond = columns.start.max(whole)..columns.end;
        if beyond.is_empty() {
            return;
        }
        let rows: [&[f64]; ROWS] = std::array::from_fn(|r| {
            let i = first + r;
            &row(i).1[beyond.start - i - 1..][..beyond.len()]
        });
        let piece = &mut piece[beyond.start - columns.start..];
        for (at, (j, column)) in beyond.zip(piece).enumerate() {
            let back = &row(j).0[first..whole];
            for ((column, row), back) in column.0.iter_mut().zip(&rows).zip(back) {
                *column = row[at] * factor + back * factor;
            }
        }
    })
}

/// A triangle of which `fill(first, columns, values)` writes these columns of the block of rows from row `first` on,
/// all zero before.
fn dense_triangle(
    n: usize,
    diagonal: impl Fn(usize) -> f64,
    fill: impl Fn(usize, Range<usize>, &mut [Lanes<ROWS>]) + Sync,
) -> DenseTriangle {
    let padded = n.next_multiple_of(ROWS);
    let mut starts = vec![0];
    for first in (0..n).step_by(ROWS) {
        let end = starts[starts.len() - 1] + padded - first;
        starts.push(end);
    }
    let mut values = vec![Lanes::ZERO; starts[starts.len() - 1]];
    let mut pieces = Vec::with_capacity(starts.len());
    let mut rest = values.as_mut_slice();
    for (ends, first) in starts.windows(2).zip((0..n).step_by(ROWS)) {
        let (piece, left) = rest.split_at_mut(ends[1] - ends[0]);
        pieces.push((first, piece));
        rest = left;
    }
    pieces.par_chunks_mut(BLOCKS_TURNED).for_each(|pieces| {
        for left in (pieces[0].0..n).step_by(COLUMNS_TURNED) {
            let right = (left + COLUMNS_TURNED).min(n);
            for (first, piece) in pieces.iter_mut() {
                let columns = left.max(*first)..right;
                if !columns.is_empty() {
                    let part = columns.start - *first..right - *first;
                    fill(*first, columns, &mut piece[part]);
                }
            }
        }
    });
    DenseTriangle {
        starts,
        values,
        diagonal: (0..padded)
            .map(|i| if i < n { diagonal(i) } else { 0.0 })
            .collect(),
    }
}
