//! The space of the intercept and the covariates, as an orthonormal basis.

use crate::StatsError;

/// A column that keeps less than this share of its length once the columns before it are taken out depends on
/// them.
const DEPENDENT: f64 = 1e-9;

/// An orthonormal basis Q of the columns of X, with X = Q R.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    n: usize,
    /// Column-major `(n, rank)`.
    q: Vec<f64>,
    /// Column `j` holds the `j + 1` coefficients of column `j` of X.
    r: Vec<Vec<f64>>,
}

impl Design {
    /// No columns.
    pub(crate) fn empty(n: usize) -> Self {
        Self {
            n,
            q: Vec::new(),
            r: Vec::new(),
        }
    }

    /// A column of ones and the covariates.
    pub(crate) fn with_intercept(n: usize, covariates: &[&[f64]]) -> Result<Self, StatsError> {
        let mut design = Self::empty(n);
        let ones = vec![1.0; n];
        design.push(&ones, 0)?;
        for (index, &column) in covariates.iter().enumerate() {
            check_column("covariate", column, n)?;
            design.push(column, index)?;
        }
        Ok(design)
    }

    /// Adds a column by two passes of Gram–Schmidt.
    fn push(&mut self, column: &[f64], index: usize) -> Result<(), StatsError> {
        // Scaled first: squares of extreme values must neither overflow nor vanish.
        let largest = column.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
        let dependent = StatsError::RankDeficient { column: index };
        if largest <= 0.0 {
            return Err(dependent);
        }
        let mut rest: Vec<f64> = column.iter().map(|x| x / largest).collect();
        let length = dot(&rest, &rest).sqrt();
        let mut coefficients = vec![0.0; self.rank() + 1];
        for _ in 0..2 {
            for (j, coefficient) in coefficients[..self.r.len()].iter_mut().enumerate() {
                let q = &self.q[j * self.n..(j + 1) * self.n];
                let along = dot(q, &rest);
                *coefficient += along * largest;
                add_scaled(&mut rest, -along, q);
            }
        }
        let left = dot(&rest, &rest).sqrt();
        if left <= DEPENDENT * length {
            return Err(dependent);
        }
        coefficients[self.r.len()] = left * largest;
        self.q.extend(rest.iter().map(|x| x / left));
        self.r.push(coefficients);
        Ok(())
    }

    /// The number of columns.
    pub(crate) fn rank(&self) -> usize {
        self.r.len()
    }

    /// Column `j` of Q.
    pub(crate) fn column(&self, j: usize) -> &[f64] {
        &self.q[j * self.n..(j + 1) * self.n]
    }

    /// Qᵀ x.
    pub(crate) fn coordinates(&self, x: &[f64]) -> Vec<f64> {
        (0..self.rank()).map(|j| dot(self.column(j), x)).collect()
    }

    /// Takes the part of `x` in the space away.
    pub(crate) fn project_out(&self, x: &mut [f64]) {
        for j in 0..self.rank() {
            let along = dot(self.column(j), x);
            add_scaled(x, -along, self.column(j));
        }
    }

    /// The traces of M S M and of its square, for M = I − Q Qᵀ and a symmetric S with zero diagonal, from ‖S‖² and
    /// the columns S q.
    pub(crate) fn traces(&self, squares: f64, products: &[Vec<f64>]) -> (f64, f64) {
        // With B = S Q and C = Qᵀ S Q: tr(MS) = −tr C and tr(MSMS) = ‖S‖² − 2‖B‖² + ‖C‖².
        let (mut trace, mut square) = (0.0, squares);
        for (j, product) in products.iter().enumerate() {
            square -= 2.0 * dot(product, product);
            for i in 0..self.rank() {
                let c = dot(self.column(i), product);
                square += c * c;
                if i == j {
                    trace -= c;
                }
            }
        }
        (trace, square)
    }

    /// β with X β = Q c.
    pub(crate) fn coefficients(&self, coordinates: &[f64]) -> Vec<f64> {
        let mut beta = coordinates.to_vec();
        for j in (0..self.rank()).rev() {
            beta[j] /= self.r[j][j];
            for i in 0..j {
                beta[i] -= self.r[j][i] * beta[j];
            }
        }
        beta
    }
}

/// That a column has `n` finite numbers.
pub(crate) fn check_column(name: &'static str, column: &[f64], n: usize) -> Result<(), StatsError> {
    if column.len() != n {
        return Err(StatsError::Shape {
            name,
            given: column.len(),
            expected: n,
        });
    }
    match column.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatsError::NotFinite {
            name,
            index,
            value: column[index],
        }),
        None => Ok(()),
    }
}

/// Whether all values equal the first one exactly.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] - pair[1] == 0.0)
}

/// Σ aᵢ bᵢ in eight running sums, always in the same order.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    let mut sums = [0.0; 8];
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + tail
}

/// y ← y + factor · x.
pub(crate) fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of a few sums.
    const ROUNDING: f64 = 1e-12;

    #[test]
    fn coefficients_reproduce_the_columns() {
        let x = [1.0, 4.0, 2.0, 8.0, 5.0];
        let design = Design::with_intercept(5, &[&x]).unwrap();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - 0.5 * x).collect();
        let beta = design.coefficients(&design.coordinates(&y));
        assert!((beta[0] - 3.0).abs() < ROUNDING && (beta[1] + 0.5).abs() < ROUNDING);
        let mut rest = y;
        design.project_out(&mut rest);
        assert!(rest.iter().all(|rest| rest.abs() < ROUNDING));
    }

    #[test]
    fn dependent_and_zero_columns_are_rejected() {
        let x = [1.0, 4.0, 2.0, 8.0];
        let twice = x.map(|x| 2.0 * x - 7.0);
        let error = Design::with_intercept(4, &[&x, &twice]).unwrap_err();
        assert_eq!(error, StatsError::RankDeficient { column: 1 });
        for constant in [[0.0; 4], [1e-300; 4], [1e300; 4]] {
            let error = Design::with_intercept(4, &[&constant]).unwrap_err();
            assert_eq!(error, StatsError::RankDeficient { column: 0 });
        }
    }

    #[test]
    fn extreme_magnitudes_are_independent_columns() {
        let x = [1.0e200, 4.0e200, 2.0e200, 8.0e200];
        let y = [1.0e-200, 1.0e-200, 2.0e-200, 3.0e-200];
        let design = Design::with_intercept(4, &[&x, &y]).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(design.column(i), design.column(j)) - expected).abs() < ROUNDING);
            }
        }
    }

    #[test]
    fn columns_are_checked() {
        let short = Design::with_intercept(4, &[&[1.0, 2.0]]).unwrap_err();
        assert!(matches!(
            short,
            StatsError::Shape {
                given: 2,
                expected: 4,
                ..
            }
        ));
        let nan = Design::with_intercept(2, &[&[1.0, f64::NAN]]).unwrap_err();
        assert!(matches!(nan, StatsError::NotFinite { index: 1, .. }));
    }
}
