//! Moran's I of the residuals of a regression.

use super::asymptotic::{AsymptoticResult, Moments, MoranResult};
use super::moran::{cross_product, lag};
use super::variable::{Variable, weight_sum};
use crate::eigen::Design;
use crate::{Alternative, Null, SpatialWeights, StatsError};

/// Tests the residuals of the least-squares regression of `y` on an intercept and `covariates` by Moran's I, for
/// independent normal errors of equal variance.
///
/// Residuals are correlated with each other whatever the errors are; these moments account for it, those of
/// [`moran`](crate::moran) do not.
///
/// # Formula
/// With V = (W + Wᵀ)/2, M = 1 − Q Qᵀ, Q an orthonormal basis of the p columns and e = M y:
/// ```text
/// I = (n / S0) eᵀWe / eᵀe,   E[I] = −n tr(A) / ((n − p) S0),   A = QᵀVQ
/// Var[I] = n² (S1 + 2 tr(A²) − 4 tr(QᵀV²Q) − 2 tr(A)² / (n − p)) / (S0² (n − p)(n − p + 2))
/// ```
///
/// # Shapes
/// `y` and every covariate `(n_units,)`.
///
/// # Errors
/// As [`moran`](crate::moran); [`StatsError::RankDeficient`] when a covariate is a linear combination of others;
/// [`StatsError::TooFew`] when there are not more units than columns; [`StatsError::Constant`] when the regression
/// leaves no residuals.
///
/// # References
/// Cliff & Ord (1972), doi:10.1111/j.1538-4632.1972.tb00475.x; Cliff & Ord (1981), Spatial Processes: Models and
/// Applications, section 8.3.
pub fn moran_residual(
    w: &SpatialWeights,
    y: &[f64],
    covariates: &[&[f64]],
    alternative: Alternative,
) -> Result<MoranResult, StatsError> {
    let variable = Variable::new("y", y, w)?;
    let design = Design::with_intercept(w.n(), covariates)?;
    let n_columns = design.rank();
    if w.n() <= n_columns {
        return Err(StatsError::TooFew {
            n: w.n(),
            at_least: n_columns + 1,
        });
    }
    let mut residuals = variable.z;
    // Twice: the second pass removes what rounding left.
    design.project_out(&mut residuals);
    design.project_out(&mut residuals);
    let squares: f64 = residuals.iter().map(|e| e * e).sum();
    let (n, p) = (w.n() as f64, n_columns as f64);
    // Σ z² is n: less than this is rounding.
    if squares <= 1e-24 * n {
        return Err(StatsError::Constant {
            name: "the residuals of y",
        });
    }
    let weights = w.moments();
    let s0 = weight_sum(weights.s0)?;
    let statistic = n / s0 * cross_product(w, &residuals, &residuals) / squares;

    let transposed = w.transpose();
    let lagged: Vec<Vec<f64>> = (0..n_columns)
        .map(|column| {
            let q = design.column(column);
            (0..w.n())
                .map(|i| 0.5 * (lag(w, q, i) + lag(&transposed, q, i)))
                .collect()
        })
        .collect();
    let (mut trace, mut trace_of_square, mut trace_of_lags) = (0.0, 0.0, 0.0);
    for (column, lagged) in lagged.iter().enumerate() {
        let coordinates = design.coordinates(lagged);
        trace += coordinates[column];
        trace_of_square += coordinates.iter().map(|a| a * a).sum::<f64>();
        trace_of_lags += lagged.iter().map(|v| v * v).sum::<f64>();
    }
    let free = n - p;
    let scale = n * n / (s0 * s0 * free * (free + 2.0));
    let terms = [
        weights.s1,
        2.0 * trace_of_square,
        -4.0 * trace_of_lags,
        -2.0 * trace * trace / free,
    ];
    let moments = Moments {
        expectation: -n * trace / (free * s0),
        variance: scale * terms.iter().sum::<f64>(),
        largest_term: scale
            * terms
                .iter()
                .fold(0.0_f64, |largest, term| largest.max(term.abs())),
    };
    AsymptoticResult::new(statistic, moments, Null::Normality, alternative, w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::exhaustive::asymmetric_weights;

    const Y: [f64; 7] = [1.0, 4.0, 4.0, -2.0, 0.0, 9.0, 3.0];

    #[test]
    fn without_covariates_it_is_the_test_under_normality() {
        let w = asymmetric_weights();
        let residual = moran_residual(&w, &Y, &[], Alternative::Greater).unwrap();
        let plain = crate::moran(&w, &Y, Null::Normality, Alternative::Greater).unwrap();
        for (a, b) in [
            (residual.statistic, plain.statistic),
            (residual.expectation, plain.expectation),
            (residual.variance, plain.variance),
        ] {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }

    #[test]
    fn bad_covariates_are_rejected() {
        let w = asymmetric_weights();
        let twice = Y.map(|y| 2.0 * y + 1.0);
        let left_over = moran_residual(&w, &Y, &[&twice], Alternative::Greater).unwrap_err();
        assert_eq!(
            left_over,
            StatsError::Constant {
                name: "the residuals of y"
            }
        );
        let dependent = moran_residual(
            &w,
            &Y,
            &[&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1.0; 7]],
            Alternative::Less,
        );
        assert_eq!(dependent, Err(StatsError::RankDeficient { column: 1 }));
        let columns: Vec<Vec<f64>> = (0..6)
            .map(|at| (0..7).map(|i| f64::from(u8::from(i == at))).collect())
            .collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let many = moran_residual(&w, &Y, &columns, Alternative::Less);
        assert_eq!(many, Err(StatsError::TooFew { n: 7, at_least: 8 }));
    }
}
