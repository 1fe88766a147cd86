//! Checked symmetric matrices: similarities, distances, mutual information.

use crate::SimilarityError;

/// By how much two mirrored entries may differ, as a share of the larger one: rounding.
const SYMMETRY_TOLERANCE: f64 = 1e-12;

/// A symmetric matrix of finite numbers of at least 0, row by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Symmetric {
    n: usize,
    values: Vec<f64>,
}

impl Symmetric {
    /// The entries above the diagonal as `entry` gives them, mirrored; `diagonal` on it.
    pub(crate) fn from_fn(n: usize, diagonal: f64, mut entry: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = vec![diagonal; n * n];
        for i in 0..n {
            for j in i + 1..n {
                let value = entry(i, j);
                values[i * n + j] = value;
                values[j * n + i] = value;
            }
        }
        Self { n, values }
    }

    /// Rows of equal length, finite, not negative and symmetric up to rounding; the diagonal is replaced.
    pub(crate) fn checked(
        what: &'static str,
        rows: &[Vec<f64>],
        diagonal: f64,
    ) -> Result<Self, SimilarityError> {
        let n = rows.len();
        for (row, values) in rows.iter().enumerate() {
            if values.len() != n {
                return Err(SimilarityError::NotSquare {
                    what,
                    row,
                    given: values.len(),
                    expected: n,
                });
            }
        }
        for (row, values) in rows.iter().enumerate() {
            for (column, &value) in values.iter().enumerate() {
                if row != column && !(0.0..f64::INFINITY).contains(&value) {
                    return Err(SimilarityError::Entry {
                        what,
                        row,
                        column,
                        value,
                        accepted: "a finite number of at least 0",
                    });
                }
            }
        }
        for (row, values) in rows.iter().enumerate() {
            for (column, &value) in values.iter().enumerate().skip(row + 1) {
                let other = rows[column][row];
                if (value - other).abs() > SYMMETRY_TOLERANCE * value.max(other) {
                    return Err(SimilarityError::Asymmetric {
                        what,
                        row,
                        column,
                        value,
                        other,
                    });
                }
            }
        }
        Ok(Self::from_fn(n, diagonal, |i, j| rows[i][j]))
    }

    pub(crate) fn n(&self) -> usize {
        self.n
    }

    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.n + j]
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.n.max(1))
    }

    pub(crate) fn to_rows(&self) -> Vec<Vec<f64>> {
        self.rows().map(<[f64]>::to_vec).collect()
    }
}
