//! Tests of the Nyström extension.

use super::*;
use crate::{
    CandidateRule, DenseWeights, Kernel, L1Params, candidates, dense_eigenbasis_of_matrix, l1_filter,
};

/// Rounding of a few hundred products, relative.
const ROUNDING: f64 = 1e-10;

/// Cosines of the largest angle between spaces of five vectors, with a tenth and with half of 600 points as landmarks.
const FEW: f64 = 0.7;
const MANY: f64 = 0.97;

const KERNELS: [PairKernel; 3] = [
    PairKernel::InverseDistance { power: 1.0 },
    PairKernel::ExponentialCovariance { range: 30.0 },
    PairKernel::Kernel {
        kernel: Kernel::Quartic,
        bandwidth: 60.0,
    },
];

fn points(n: u32) -> Vec<Point> {
    let mut stream = Seed::new(11).stream("points");
    (0..n)
        .map(|_| Point::new(100.0 * stream.uniform(), 100.0 * stream.uniform()))
        .collect()
}

fn dense(points: &[Point], kernel: PairKernel, projection: Projection<'_>) -> EigenBasis {
    let weights = PairWeights::new(points, kernel, Metric::Planar).unwrap();
    let all: Vec<usize> = (0..points.len()).collect();
    dense_eigenbasis_of_matrix(points.len(), &rows_of(&weights, &all).unwrap(), projection).unwrap()
}

fn nystrom(points: &[Point], kernel: PairKernel, k: usize, params: NystromParams) -> EigenBasis {
    nystrom_eigenbasis(
        points,
        kernel,
        Metric::Planar,
        Projection::Mean,
        k,
        params,
        Seed::new(1),
    )
    .unwrap()
}

/// The cosine of the largest angle between the spans of the first `k` vectors.
fn cosine(a: &EigenBasis, b: &EigenBasis, k: usize) -> f64 {
    let mut inner = vec![0.0; k * k];
    for i in 0..k {
        for j in 0..k {
            inner[j * k + i] = dot(a.vector(i), b.vector(j));
        }
    }
    let mut gram = vec![0.0; k * k];
    for i in 0..k {
        for j in 0..k {
            gram[j * k + i] = dot(&inner[i * k..(i + 1) * k], &inner[j * k..(j + 1) * k]);
        }
    }
    solve_faer(k, &gram).unwrap().0[0].max(0.0).sqrt()
}

#[test]
fn with_all_points_as_landmarks_the_basis_is_exact() {
    let points = points(150);
    let x: Vec<f64> = points.iter().map(|point| point.x * point.y).collect();
    let covariates: [&[f64]; 1] = [&x];
    for kernel in KERNELS {
        for projection in [
            Projection::None,
            Projection::Mean,
            Projection::Covariates(&covariates),
        ] {
            let exact = dense(&points, kernel, projection);
            let params = NystromParams::new(150);
            let found = nystrom_eigenbasis(
                &points,
                kernel,
                Metric::Planar,
                projection,
                20,
                params,
                Seed::new(1),
            )
            .unwrap();
            let scale = exact.values()[0];
            // The zero eigenvalues of the projection come before negative ones in the dense basis.
            let n_positive = exact.values()[..20]
                .iter()
                .filter(|&&value| value > 1e-6 * scale)
                .count();
            assert!(n_positive > 5);
            for j in 0..n_positive {
                let difference = (found.values()[j] - exact.values()[j]).abs();
                assert!(difference < 1e-8 * scale, "{kernel:?} {j}: {difference}");
            }
            let residuals = &found.approximation().unwrap().residuals;
            assert!(
                residuals.iter().all(|&residual| residual < 1e-7),
                "{kernel:?} {residuals:?}"
            );
            assert!((found.s0() / exact.s0() - 1.0).abs() < ROUNDING);
            assert_eq!(found.n_isolates(), exact.n_isolates());
            let (a, b) = (found.traces(), exact.traces());
            assert!((a.0 - b.0).abs() < ROUNDING * a.0.abs().max(1.0));
            assert!((a.1 / b.1 - 1.0).abs() < ROUNDING);
        }
    }
}

/// Points on a lattice of unequal spacing.
fn even_points() -> Vec<Point> {
    let mut stream = Seed::new(12).stream("points");
    (0..600)
        .map(|i| {
            let (x, y) = (f64::from(i % 25), f64::from(i / 25));
            Point::new(4.0 * x + stream.uniform(), 4.0 * y + stream.uniform())
        })
        .collect()
}

#[test]
fn leading_subspaces_are_near_those_of_the_dense_solver() {
    let points = even_points();
    for kernel in KERNELS {
        let exact = dense(&points, kernel, Projection::Mean);
        for rule in [LandmarkRule::Uniform, LandmarkRule::KMeansPlusPlus] {
            let few = nystrom(&points, kernel, 5, NystromParams::new(60).rule(rule));
            let many = nystrom(&points, kernel, 5, NystromParams::new(300).rule(rule));
            let cosines = [cosine(&few, &exact, 5), cosine(&many, &exact, 5)];
            assert!(
                cosines[0] > FEW && cosines[1] > MANY,
                "{kernel:?} {rule:?}: {cosines:?}"
            );
            let worst = |basis: &EigenBasis| {
                let residuals = &basis.approximation().unwrap().residuals;
                residuals.iter().copied().fold(0.0, f64::max)
            };
            assert!(
                worst(&many) < worst(&few) && worst(&many) < 0.1,
                "{kernel:?} {rule:?}"
            );
        }
    }
}

#[test]
fn the_estimated_error_is_that_of_all_rows() {
    let points = points(600);
    let kernel = PairKernel::ExponentialCovariance { range: 30.0 };
    let found = nystrom(&points, kernel, 5, NystromParams::new(60));
    let approximation = found.approximation().unwrap();
    assert_eq!(approximation.n_rows, SAMPLED_ROWS);
    let w = DenseWeights::exponential_covariance(&points, 30.0, Metric::Planar).unwrap();
    for (j, estimate) in approximation.residuals.iter().enumerate() {
        let v = found.vector(j);
        let image: Vec<f64> = (0..600).map(|i| dot(w.row(i), v)).collect();
        let mean = image.iter().sum::<f64>() / 600.0;
        let square: f64 = image
            .iter()
            .zip(v)
            .map(|(image, v)| (image - mean - found.values()[j] * v).powi(2))
            .sum();
        let exact = square.sqrt() / found.values()[0];
        // A mean of 256 of 600 squares.
        assert!((estimate / exact - 1.0).abs() < 0.2, "{j}: {estimate} {exact}");
    }
}

#[test]
fn vectors_are_orthonormal_and_filters_take_them() {
    let points = points(300);
    for kernel in KERNELS {
        let basis = nystrom(&points, kernel, 30, NystromParams::new(100));
        for i in 0..30 {
            assert!(basis.vector(i).iter().sum::<f64>().abs() < ROUNDING);
            for j in 0..=i {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(basis.vector(i), basis.vector(j)) - expected).abs() < ROUNDING);
            }
        }
        assert!(matches!(
            basis.solver(),
            EigenSolver::Nystrom { n_landmarks: 100, .. }
        ));
        let y: Vec<f64> = points
            .iter()
            .map(|point| (point.x / 20.0).sin() + point.y / 50.0)
            .collect();
        let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
        let filter = l1_filter(&y, &[], &basis, &chosen, L1Params::default()).unwrap();
        assert!(!filter.selected.is_empty());
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    let points = points(500);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let params = NystromParams::new(80).rule(LandmarkRule::KMeansPlusPlus);
        pool.install(|| nystrom(&points, KERNELS[0], 10, params))
    };
    let one = with(1);
    for threads in [2, 3] {
        assert_eq!(with(threads), one, "{threads} threads");
    }
}

#[test]
fn bad_input_is_a_typed_error() {
    let points = points(20);
    let run = |points: &[Point], kernel, k, m| {
        let params = NystromParams::new(m);
        nystrom_eigenbasis(
            points,
            kernel,
            Metric::Planar,
            Projection::Mean,
            k,
            params,
            Seed::new(1),
        )
    };
    let kernel = KERNELS[0];
    assert_eq!(
        run(&points[..3], kernel, 1, 3).unwrap_err(),
        StatsError::TooFew { n: 3, at_least: 4 }
    );
    for (k, m) in [(0, 10), (11, 10), (1, 0), (1, 21), (20, 20)] {
        assert!(
            matches!(run(&points, kernel, k, m), Err(StatsError::Param(_))),
            "{k} {m}"
        );
    }
    let mut twice = points.clone();
    twice[7] = twice[3];
    assert_eq!(
        run(&twice, kernel, 2, 10).unwrap_err(),
        StatsError::DuplicatePoints { first: 3, second: 7 }
    );
    let far = PairKernel::Kernel {
        kernel: Kernel::Triangular,
        bandwidth: 1e-9,
    };
    assert_eq!(
        run(&points, far, 2, 10).unwrap_err(),
        StatsError::NoWeights { sum: 0.0 }
    );
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for kernel in [
            PairKernel::InverseDistance { power: bad },
            PairKernel::ExponentialCovariance { range: bad },
            PairKernel::Kernel {
                kernel: Kernel::Uniform,
                bandwidth: bad,
            },
        ] {
            assert!(run(&points, kernel, 2, 10).is_err(), "{kernel:?}");
        }
    }
}

#[test]
fn coinciding_points_are_one_landmark() {
    // Four places, five points each.
    let points: Vec<Point> = (0..20)
        .map(|i| Point::new(f64::from(i % 4), f64::from(i % 2)))
        .collect();
    let params = NystromParams::new(12).rule(LandmarkRule::KMeansPlusPlus);
    let kernel = PairKernel::ExponentialCovariance { range: 1.0 };
    let found = nystrom_eigenbasis(
        &points,
        kernel,
        Metric::Planar,
        Projection::None,
        4,
        params,
        Seed::new(1),
    );
    let exact = dense(&points, kernel, Projection::None);
    let found = found.unwrap();
    for j in 0..4 {
        assert!((found.values()[j] - exact.values()[j]).abs() < 1e-8 * exact.values()[0]);
    }
    let too_many = nystrom_eigenbasis(
        &points,
        kernel,
        Metric::Planar,
        Projection::None,
        5,
        params,
        Seed::new(1),
    );
    assert!(matches!(too_many, Err(StatsError::Param(_))));
}
