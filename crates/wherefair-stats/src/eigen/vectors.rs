//! Blocks of vectors of length n, and their products.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Vectors worked on at once: a row of them fills two cache lines.
pub(super) const BLOCK: usize = 16;

/// Rows of one part of a sum over units; parts are added in order, whatever the number of threads.
pub(super) const PART: usize = 4096;

/// Column-major vectors that are added to block by block.
pub(super) struct Vectors {
    pub(super) n: usize,
    pub(super) columns: Vec<f64>,
}

impl Vectors {
    pub(super) fn len(&self) -> usize {
        self.columns.len() / self.n
    }

    /// Vᵀ X for column-major X of `k` columns, as column-major `(len, k)`.
    pub(super) fn transposed_product(&self, x: &[f64], k: usize) -> Vec<f64> {
        let (n, m) = (self.n, self.len());
        let starts: Vec<usize> = (0..n).step_by(PART).collect();
        let parts: Vec<Vec<f64>> = starts
            .par_iter()
            .map(|&start| {
                let rows = PART.min(n - start);
                let mut out = vec![0.0; m * k];
                matmul(
                    MatMut::from_column_major_slice_mut(&mut out, m, k),
                    Accum::Replace,
                    MatRef::from_column_major_slice(&self.columns, n, m)
                        .subrows(start, rows)
                        .transpose(),
                    MatRef::from_column_major_slice(x, n, k).subrows(start, rows),
                    1.0,
                    Par::Seq,
                );
                out
            })
            .collect();
        let mut sum = vec![0.0; m * k];
        for part in parts {
            for (sum, x) in sum.iter_mut().zip(part) {
                *sum += x;
            }
        }
        sum
    }

    /// V C for column-major C of shape `(len, k)`.
    pub(super) fn product(&self, c: &[f64], k: usize) -> Vec<f64> {
        let (n, m) = (self.n, self.len());
        // Each column of the result is one sequence of sums, whoever computes it.
        let mut out = vec![0.0; n * k];
        out.par_chunks_mut(n * BLOCK).enumerate().for_each(|(part, out)| {
            let columns = out.len() / n;
            matmul(
                MatMut::from_column_major_slice_mut(out, n, columns),
                Accum::Replace,
                MatRef::from_column_major_slice(&self.columns, n, m),
                MatRef::from_column_major_slice(c, m, k).subcols(part * BLOCK, columns),
                1.0,
                Par::Seq,
            );
        });
        out
    }

    /// Takes the part along these vectors out of column-major X, twice; gives the coefficients.
    pub(super) fn orthogonalise(&self, x: &mut [f64], k: usize) -> Vec<f64> {
        let mut total = self.orthogonalise_once(x, k);
        for (total, c) in total.iter_mut().zip(self.orthogonalise_once(x, k)) {
            *total += c;
        }
        total
    }

    /// Takes the part along these vectors out of column-major X, once; gives the coefficients.
    pub(super) fn orthogonalise_once(&self, x: &mut [f64], k: usize) -> Vec<f64> {
        let c = self.transposed_product(x, k);
        let along = self.product(&c, k);
        x.par_iter_mut().zip(&along).for_each(|(x, along)| *x -= along);
        c
    }
}

/// Row-major `(n, BLOCK)` to column-major and back.
pub(super) fn to_columns(n: usize, rows: &[f64]) -> Vec<f64> {
    let mut columns = vec![0.0; n * BLOCK];
    columns
        .par_chunks_exact_mut(n)
        .enumerate()
        .for_each(|(j, column)| {
            for (x, row) in column.iter_mut().zip(rows.chunks_exact(BLOCK)) {
                *x = row[j];
            }
        });
    columns
}

pub(super) fn to_rows(n: usize, columns: &[f64]) -> Vec<f64> {
    let mut rows = vec![0.0; n * BLOCK];
    rows.par_chunks_exact_mut(BLOCK).enumerate().for_each(|(i, row)| {
        for (j, x) in row.iter_mut().enumerate() {
            if let Some(&value) = columns.get(j * n + i) {
                *x = value;
            }
        }
    });
    rows
}
