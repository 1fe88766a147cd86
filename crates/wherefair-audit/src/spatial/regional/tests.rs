//! The spatial p-value keeps its size where the exchangeable one does not, and finds regional differences.

use rayon::prelude::*;
use wherefair_core::{Extent, Point, Seed, Sites};
use wherefair_stats::{Contiguity, EigenBasis, Metric, Transform};

use super::*;
use crate::{InMemory, Outcomes, Silent, sample_errors};

/// Where the samples are.
#[derive(Debug, Clone, Copy)]
enum Places {
    Lattice(usize),
    Points(usize),
}

/// What their errors are.
#[derive(Debug, Clone, Copy)]
enum Field {
    /// A simultaneous autoregressive field.
    Values,
    /// 1 where such a field is above 0.8 standard deviations.
    ZeroOne,
    /// Such a field plus as much independent noise.
    Noisy,
}

struct World {
    points: Vec<Point>,
    weights: SpatialWeights,
    basis: EigenBasis,
    maps: PartitioningDistribution,
}

impl World {
    fn new(places: Places) -> Self {
        let (points, links) = match places {
            Places::Lattice(side) => {
                let at = |i: usize| (i as f64 + 0.5) / side as f64;
                let points = (0..side * side)
                    .map(|i| Point::new(at(i % side), at(i / side)))
                    .collect();
                let w = SpatialWeights::from_raster(side, side, None, Contiguity::Queen).unwrap();
                (points, w)
            }
            Places::Points(n) => {
                let mut stream = Seed::new(5).stream("points");
                let points: Vec<Point> = (0..n)
                    .map(|_| Point::new(stream.uniform(), stream.uniform()))
                    .collect();
                let w = SpatialWeights::k_nearest(&points, 8, Metric::Planar).unwrap();
                (points, w)
            }
        };
        let weights = links.transform(Transform::Row).unwrap();
        Self {
            basis: dense_eigenbasis(&degree_normalized(&weights).unwrap(), Projection::Mean).unwrap(),
            maps: PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), 5, 5)
                .unwrap(),
            points,
            weights,
        }
    }

    /// A field of standard deviation about 1.
    fn field(&self, rho: f64, field: Field, run: u64) -> Vec<f64> {
        let n = self.points.len();
        let mut stream = Seed::new(77).indexed("field", run);
        let innovations: Vec<f64> = (0..n).map(|_| stream.standard_normal()).collect();
        // y = ε + ρ W y; the error shrinks by ρ a round.
        let mut y = innovations.clone();
        for _ in 0..200 {
            let lag = |i: usize| {
                let (neighbours, values) = self.weights.row(i);
                neighbours
                    .iter()
                    .zip(values)
                    .map(|(&j, w)| w * y[j as usize])
                    .sum::<f64>()
            };
            y = (0..n).map(|i| innovations[i] + rho * lag(i)).collect();
        }
        let sd = spread(rho);
        match field {
            Field::Values => y.iter().map(|y| y / sd).collect(),
            Field::ZeroOne => y.iter().map(|y| f64::from(u8::from(*y > 0.8 * sd))).collect(),
            Field::Noisy => y.iter().map(|y| y / sd + stream.standard_normal()).collect(),
        }
    }

    /// The exchangeable and the spatial p-value of Eq. 1.
    fn p_values(&self, errors: &[f64], seed: u64) -> (f64, f64) {
        let (x, y): (Vec<f64>, Vec<f64>) = self.points.iter().map(|p| (p.x, p.y)).unzip();
        let truth = vec![0.0; errors.len()];
        let outcomes = Outcomes::Values {
            truth: &truth,
            pred: errors,
            base: None,
        };
        let mut source = InMemory::new(Sites::new(&x, &y).unwrap(), outcomes).unwrap();
        let config = AuditParams::new(signed())
            .n_permutations(99)
            .n_bootstrap(0)
            .n_worst(0)
            .min_samples(5)
            .seed(Seed::new(seed))
            .check()
            .unwrap();
        let surrogates = Surrogates {
            random: SpectralRandomization::new(&self.basis, errors, SpectralMethod::Fitted).unwrap(),
            n_units: errors.len(),
            unit_of: (0_u32..).take(errors.len()).collect(),
            rests: Vec::new(),
        };
        let mut p = |surrogates: Option<&Surrogates>| {
            let audit = audit_against(&mut source, &self.maps, &config, surrogates, &Silent).unwrap();
            audit.spad.expectation.null.unwrap().p_value
        };
        (p(None), p(Some(&surrogates)))
    }

    /// How often the two p-values are at most 0.05 when `bias` standard deviations are added on the left.
    fn rejected(&self, rho: f64, field: Field, bias: f64, n_runs: u64) -> (f64, f64) {
        let both: Vec<(f64, f64)> = (0..n_runs)
            .into_par_iter()
            .map(|run| {
                let mut errors = self.field(rho, field, run);
                for (error, point) in errors.iter_mut().zip(&self.points) {
                    *error += if point.x < 0.4 { bias } else { 0.0 };
                }
                self.p_values(&errors, run)
            })
            .collect();
        let share = |p: &dyn Fn(&(f64, f64)) -> f64| {
            both.iter().filter(|both| p(both) <= 0.05).count() as f64 / n_runs as f64
        };
        (share(&|p| p.0), share(&|p| p.1))
    }
}

fn signed() -> Score {
    Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanSigned,
    }
}

/// About the standard deviation of the fields on a lattice.
fn spread(rho: f64) -> f64 {
    match rho {
        0.9.. => 2.1,
        0.6.. => 1.15,
        _ => 1.02,
    }
}

/// The upper end of the central 99 % of a binomial share at 0.05 by the normal limit.
fn upper(n_runs: u64) -> f64 {
    0.05 + 2.576 * (0.05 * 0.95 / n_runs as f64).sqrt()
}

#[test]
fn autocorrelated_errors_are_rejected_at_most_at_the_nominal_rate() {
    const N_RUNS: u64 = 200;
    let world = World::new(Places::Lattice(16));
    for (rho, field) in [
        (0.0, Field::Values),
        (0.9, Field::Values),
        (0.9, Field::ZeroOne),
        (0.6, Field::Noisy),
    ] {
        let (exchangeable, spatial) = world.rejected(rho, field, 0.0, N_RUNS);
        assert!(spatial <= upper(N_RUNS), "rho {rho}, {field:?}: {spatial}");
        if rho > 0.0 {
            assert!(exchangeable > 0.5, "rho {rho}, {field:?}: {exchangeable}");
        }
    }
}

#[test]
fn a_regional_difference_is_found() {
    let world = World::new(Places::Lattice(24));
    let (exchangeable, spatial) = world.rejected(0.3, Field::Values, 1.0, 40);
    assert!(exchangeable > 0.95 && spatial > 0.5, "{exchangeable}, {spatial}");
}

#[test]
fn blocks_of_samples_give_about_the_verdict_of_the_samples() {
    let world = World::new(Places::Points(900));
    let (x, y): (Vec<f64>, Vec<f64>) = world.points.iter().map(|p| (p.x, p.y)).unzip();
    let truth = vec![0.0; 900];
    let config = AuditParams::new(signed())
        .n_permutations(199)
        .min_samples(5)
        .check()
        .unwrap();
    for (bias, large) in [(0.0, true), (3.0, false)] {
        let mut errors = world.field(0.6, Field::Values, 3);
        for (error, x) in errors.iter_mut().zip(&x) {
            *error += if *x < 0.4 { bias } else { 0.0 };
        }
        let outcomes = Outcomes::Values {
            truth: &truth,
            pred: &errors,
            base: None,
        };
        let mut source = InMemory::new(Sites::new(&x, &y).unwrap(), outcomes).unwrap();
        let read = sample_errors(&mut source, signed()).unwrap();
        for max_units in [900, 250] {
            let surrogates = surrogates(&read, &world.weights, max_units).unwrap();
            let mut source = read.source().unwrap();
            let audit = audit_against(&mut source, &world.maps, &config, Some(&surrogates), &Silent).unwrap();
            let p = audit.spad.expectation.null.unwrap().p_value;
            assert_eq!(p > 0.05, large, "{max_units} units, bias {bias}: {p}");
        }
    }
}
