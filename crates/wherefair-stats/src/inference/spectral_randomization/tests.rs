//! What surrogates keep, and what they must not.

use wherefair_core::{Point, Seed};

use super::*;
use crate::{Metric, Projection, SpatialWeights, Transform, dense_eigenbasis};

/// Rounding of sums over a hundred units.
const ROUNDING: f64 = 1e-9;

/// A lattice of 10 by 10 with two isolates beyond it.
fn weights() -> SpatialWeights {
    let points: Vec<Point> = (0..100)
        .map(|i| Point::new(f64::from(i % 10), f64::from(i / 10)))
        .collect();
    let w = SpatialWeights::k_nearest(&points, 5, Metric::Planar).unwrap();
    let links = (0..100).flat_map(|i| {
        let (neighbours, values) = w.row(i);
        let row: Vec<_> = neighbours
            .iter()
            .zip(values)
            .map(|(&j, &v)| (i, j as usize, v))
            .collect();
        row
    });
    SpatialWeights::from_edges(102, links)
        .unwrap()
        .transform(Transform::Row)
        .unwrap()
}

fn variable() -> Vec<f64> {
    let mut stream = Seed::new(8).stream("variable");
    (0..102)
        .map(|i| (f64::from(i) / 17.0).sin() + stream.standard_normal())
        .collect()
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// The sums of squares and of z W z.
fn moments(w: &SpatialWeights, x: &[f64]) -> (f64, f64) {
    let centre = mean(x);
    let z: Vec<f64> = x.iter().map(|x| x - centre).collect();
    let lagged = (0..w.n()).map(|i| {
        let (neighbours, values) = w.row(i);
        z[i] * neighbours
            .iter()
            .zip(values)
            .map(|(&j, v)| v * z[j as usize])
            .sum::<f64>()
    });
    (dot(&z, &z), lagged.sum())
}

#[test]
fn surrogates_keep_mean_variance_and_moran_as_their_method_says() {
    let (w, x) = (weights(), variable());
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let (variance, moran) = moments(&w, &x);
    for method in [
        SpectralMethod::Singleton,
        SpectralMethod::Pair,
        SpectralMethod::Triplet,
    ] {
        let random = SpectralRandomization::new(&basis, &x, method).unwrap();
        for index in 0..20 {
            let field = random.surrogate(Seed::new(1), index);
            let (v, m) = moments(&w, &field);
            assert!((mean(&field) - mean(&x)).abs() < ROUNDING, "{method:?}");
            assert!((v - variance).abs() < ROUNDING * variance, "{method:?}");
            let tolerance = if method == SpectralMethod::Pair {
                0.1 * variance
            } else {
                ROUNDING * variance
            };
            assert!((m - moran).abs() < tolerance, "{method:?}: {m} is not {moran}");
            // It is another field all the same.
            assert!(field.iter().zip(&x).map(|(a, b)| (a - b).powi(2)).sum::<f64>() > 0.2 * variance);
        }
    }
}

#[test]
fn without_autocorrelation_the_fitted_surrogate_is_a_permutation() {
    let w = degree_normalized(&weights()).unwrap();
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    // Neighbours differ: the best ρ is 0.
    let x: Vec<f64> = (0..102_i32)
        .map(|i| f64::from((i + i / 10) % 2) + 0.001 * f64::from(i % 7))
        .collect();
    let random = SpectralRandomization::new(&basis, &x, SpectralMethod::Fitted).unwrap();
    let spectrum = random.spectrum().unwrap();
    assert!(
        spectrum.rho.abs() < ROUNDING && spectrum.noise.abs() < ROUNDING,
        "{spectrum:?}"
    );
    let mut field = random.surrogate(Seed::new(3), 5);
    let mut sorted = x.clone();
    field.sort_by(f64::total_cmp);
    sorted.sort_by(f64::total_cmp);
    assert!(field.iter().zip(&sorted).all(|(a, b)| (a - b).abs() < ROUNDING));
}

#[test]
fn fitted_surrogates_have_the_mean_and_on_average_the_autocorrelation() {
    let w = degree_normalized(&weights()).unwrap();
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let x: Vec<f64> = (0..102_u32)
        .map(|i| (f64::from(i % 10) / 3.0).sin() + (f64::from(i / 10) / 3.0).cos())
        .collect();
    let random = SpectralRandomization::new(&basis, &x, SpectralMethod::Fitted).unwrap();
    assert!(random.spectrum().unwrap().rho > 0.7, "{:?}", random.spectrum());
    let (variance, moran) = moments(&w, &x);
    let mut autocorrelation = 0.0;
    for index in 0..200 {
        let field = random.surrogate(Seed::new(1), index);
        assert!((mean(&field) - mean(&x)).abs() < ROUNDING);
        let (v, m) = moments(&w, &field);
        autocorrelation += m / v / 200.0;
    }
    assert!(
        (autocorrelation - moran / variance).abs() < 0.2,
        "{autocorrelation} against {}",
        moran / variance
    );
}

#[test]
fn sums_are_those_of_the_surrogates() {
    let (w, x) = (weights(), variable());
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let rows = vec![
        vec![(3, 1.0), (101, 2.0)],
        vec![],
        (0..102).map(|i| (i, 1.0)).collect(),
    ];
    for method in [SpectralMethod::Triplet, SpectralMethod::Fitted] {
        let random = SpectralRandomization::new(&basis, &x, method).unwrap();
        let sums = random.sums(&rows).unwrap();
        let mut drawn = [9.0; 3];
        sums.draw(Seed::new(2), 4, &mut drawn);
        let field = random.surrogate(Seed::new(2), 4);
        assert!((drawn[0] - field[3] - 2.0 * field[101]).abs() < ROUNDING);
        assert!(drawn[1].abs() < ROUNDING);
        assert!((drawn[2] - x.iter().sum::<f64>()).abs() < ROUNDING);
    }
    let random = SpectralRandomization::new(&basis, &x, SpectralMethod::Fitted).unwrap();
    let error = random.sums(&[vec![(102, 1.0)]]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid unit of a sum: 102 (accepted: units below 102)"
    );
}

#[test]
fn surrogates_of_other_threads_are_the_same() {
    let (w, x) = (weights(), variable());
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
            let random = SpectralRandomization::new(&basis, &x, SpectralMethod::Fitted).unwrap();
            let sums = random.sums(&[vec![(0, 1.0), (7, 1.0)]]).unwrap();
            let mut drawn = [0.0];
            sums.draw(Seed::new(2), 4, &mut drawn);
            (drawn[0].to_bits(), random.surrogate(Seed::new(2), 5))
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn input_that_has_no_surrogates_is_refused() {
    let (w, x) = (weights(), variable());
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let refused = |x: &[f64]| {
        SpectralRandomization::new(&basis, x, SpectralMethod::Singleton)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&x[1..]),
        "x has shape (101,), the spatial weights have 102 units"
    );
    assert!(refused(&[2.0; 102]).starts_with("x is constant"));
    let mut bad = x.clone();
    bad[5] = f64::NAN;
    assert_eq!(refused(&bad), "x[5] is NaN (accepted: finite numbers)");
    let whole = dense_eigenbasis(&w, Projection::None).unwrap();
    let error = SpectralRandomization::new(&whole, &x, SpectralMethod::Pair)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("invalid projection of the eigenvectors"),
        "{error}"
    );
    let few = basis.truncated(10);
    let error = SpectralRandomization::new(&few, &x, SpectralMethod::Pair)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "invalid number of eigenvectors: 10 (accepted: all 102, as the dense solver finds them)"
    );
}

#[test]
fn normalised_weights_are_symmetric_whatever_the_links() {
    // A link that its end does not know of, one of both ways, and an isolate.
    let w = SpatialWeights::from_edges(4, [(0, 1, 2.0), (1, 2, 1.0), (2, 1, 3.0)]).unwrap();
    let normal = degree_normalized(&w).unwrap();
    assert!(normal.is_symmetric() && normal.row(3).0.is_empty());
    // A = (1, 2) on the path, so D = (1, 3, 2).
    assert!((normal.weight(0, 1) - 1.0 / 3.0_f64.sqrt()).abs() < ROUNDING);
    assert!((normal.weight(2, 1) - 2.0 / 6.0_f64.sqrt()).abs() < ROUNDING);
}
