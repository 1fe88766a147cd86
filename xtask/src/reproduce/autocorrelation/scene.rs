//! Places, their weights, and spatially lagged variables on them.

use anyhow::Context as _;
use rayon::prelude::*;
use wherefair::core::{Point, Seed};
use wherefair::stats::{
    DenseWeights, EigenBasis, Metric, PowerIteration, Projection, SpatialWeights, Transform,
    dense_eigenbasis, dense_eigenbasis_of_matrix,
};

/// How inverse distances are scaled, which the paper does not say.
///
/// Both have spectral radius 1, so that (I − ρW)⁻¹ exists for |ρ| < 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scaling {
    /// W/λmax: stays symmetric, as the paper's spectral decomposition needs.
    UnitRadius,
    /// Rows that sum to 1.
    Row,
}

impl Scaling {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::UnitRadius => "W/λmax",
            Self::Row => "row-standardised W",
        }
    }
}

/// Places with inverse-distance weights.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) name: String,
    pub(super) scaling: Scaling,
    pub(super) weights: SpatialWeights,
    /// Eigenvectors of a symmetric matrix with the eigenvalues of the weights.
    spectrum: EigenBasis,
    /// √ of the row sums of the unscaled weights: W = D⁻¹S = D^(−1/2) (D^(−1/2) S D^(−1/2)) D^(1/2). Empty for
    /// symmetric weights.
    roots: Vec<f64>,
}

/// `n` places drawn uniformly from a square of side 1.
pub(super) fn random_points(n: usize, seed: Seed) -> Vec<Point> {
    let mut stream = seed.stream("random points");
    (0..n)
        .map(|_| {
            let x = stream.uniform();
            Point::new(x, stream.uniform())
        })
        .collect()
}

/// `n` of the indices below `n_all` at random, ascending; all where there are no more.
pub(super) fn sampled_indices(n_all: usize, n: usize, seed: Seed) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n_all).collect();
    seed.indexed("sample of places", n as u64).shuffle(&mut order);
    order.truncate(n);
    order.sort_unstable();
    order
}

impl Scene {
    pub(super) fn new(
        name: impl Into<String>,
        points: &[Point],
        metric: Metric,
        scaling: Scaling,
    ) -> anyhow::Result<Self> {
        let name = name.into();
        let inverse = DenseWeights::inverse_distance(points, 1.0, metric)
            .with_context(|| format!("the weights of {name}"))?;
        Self::of_dense(name, &inverse, scaling)
    }

    /// Of symmetric weights without isolates.
    pub(super) fn of_symmetric(
        name: impl Into<String>,
        symmetric: &SpatialWeights,
        scaling: Scaling,
    ) -> anyhow::Result<Self> {
        Self::of_dense(name.into(), &DenseWeights::try_from(symmetric)?, scaling)
    }

    fn of_dense(name: String, symmetric: &DenseWeights, scaling: Scaling) -> anyhow::Result<Self> {
        let (weights, spectrum, roots) = match scaling {
            Scaling::UnitRadius => {
                let (scaled, _) = symmetric.scale_to_unit_radius(PowerIteration::default())?;
                let weights = scaled.to_sparse();
                let spectrum = dense_eigenbasis(&weights, Projection::None)?;
                (weights, spectrum, Vec::new())
            }
            Scaling::Row => {
                let n = symmetric.n();
                let roots: Vec<f64> = (0..n)
                    .map(|i| symmetric.row(i).iter().sum::<f64>().sqrt())
                    .collect();
                let mut similar = symmetric.values().to_vec();
                for (i, row) in similar.chunks_exact_mut(n).enumerate() {
                    for (value, root) in row.iter_mut().zip(&roots) {
                        *value /= roots[i] * root;
                    }
                }
                let spectrum = dense_eigenbasis_of_matrix(n, &similar, Projection::None)?;
                (symmetric.transform(Transform::Row)?.to_sparse(), spectrum, roots)
            }
        };
        Ok(Self {
            name,
            scaling,
            weights,
            spectrum,
            roots,
        })
    }

    pub(super) fn n(&self) -> usize {
        self.weights.n()
    }

    /// The eigenvectors that filters use.
    pub(super) fn filter_basis(&self) -> anyhow::Result<EigenBasis> {
        Ok(dense_eigenbasis(&self.weights, Projection::Mean)?)
    }

    /// (I − ρW)⁻¹ ε for several ε, each with its own ρ.
    ///
    /// Sums are taken in one order, whatever the number of threads.
    pub(super) fn lagged(&self, errors: &[(&[f64], f64)]) -> Vec<Vec<f64>> {
        let n = self.n();
        let scaled: Vec<Vec<f64>> = errors
            .iter()
            .map(|(errors, _)| match self.roots.as_slice() {
                [] => errors.to_vec(),
                roots => errors
                    .iter()
                    .zip(roots)
                    .map(|(error, root)| error * root)
                    .collect(),
            })
            .collect();
        let mut lagged = vec![vec![0.0; n]; errors.len()];
        for (j, &eigenvalue) in self.spectrum.values().iter().enumerate() {
            let vector = self.spectrum.vector(j);
            for ((error, lagged), (_, rho)) in scaled.iter().zip(&mut lagged).zip(errors) {
                let along: f64 = dot(vector, error) / (1.0 - rho * eigenvalue);
                for (sum, entry) in lagged.iter_mut().zip(vector) {
                    *sum += along * entry;
                }
            }
        }
        if !self.roots.is_empty() {
            for lagged in &mut lagged {
                for (value, root) in lagged.iter_mut().zip(&self.roots) {
                    *value /= root;
                }
            }
        }
        lagged
    }
}

/// A sum of products in eight interleaved parts.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = left
        .remainder()
        .iter()
        .zip(right.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in left.zip(right) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Runs whose variables are made together: one pass over the eigenvectors serves all.
pub(super) const RUNS_A_BLOCK: usize = 4;

/// Standard normal errors of `run`.
pub(super) fn errors(seed: Seed, name: &str, run: usize, n: usize) -> Vec<f64> {
    let mut stream = seed.indexed(name, run as u64);
    (0..n).map(|_| stream.standard_normal()).collect()
}

/// `work` on all runs in blocks, in order and in parallel; `done` hears of each block.
pub(super) fn in_blocks<T: Send>(
    n_runs: usize,
    work: impl Fn(std::ops::Range<usize>) -> anyhow::Result<Vec<T>> + Sync,
    done: impl Fn(usize) + Sync,
) -> anyhow::Result<Vec<T>> {
    let blocks: Vec<Vec<T>> = (0..n_runs.div_ceil(RUNS_A_BLOCK))
        .into_par_iter()
        .map(|block| {
            let runs = block * RUNS_A_BLOCK..((block + 1) * RUNS_A_BLOCK).min(n_runs);
            let n = runs.len();
            let results = work(runs)?;
            done(n);
            Ok(results)
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of a few thousand products.
    const ROUNDING: f64 = 1e-9;

    #[test]
    fn lagged_variables_solve_their_equation() {
        for scaling in [Scaling::UnitRadius, Scaling::Row] {
            let points = random_points(40, Seed::new(1));
            let scene = Scene::new("test", &points, Metric::Planar, scaling).unwrap();
            let first = errors(Seed::new(2), "errors", 0, 40);
            let second = errors(Seed::new(2), "errors", 1, 40);
            let wanted = [(first.as_slice(), 0.9), (second.as_slice(), -0.5)];
            for (x, (error, rho)) in scene.lagged(&wanted).iter().zip(wanted) {
                for i in 0..40 {
                    let (neighbours, weights) = scene.weights.row(i);
                    let lag: f64 = neighbours
                        .iter()
                        .zip(weights)
                        .map(|(&j, w)| w * x[j as usize])
                        .sum();
                    assert!((x[i] - rho * lag - error[i]).abs() < ROUNDING, "{scaling:?} {i}");
                }
            }
        }
    }

    #[test]
    fn samples_are_different_places_in_their_order() {
        let sampled = sampled_indices(30, 12, Seed::new(1));
        assert!(sampled.is_sorted_by(|a, b| a < b) && sampled.len() == 12 && sampled[11] < 30);
        assert_ne!(sampled, sampled_indices(30, 12, Seed::new(2)));
        assert!(sampled_indices(30, 99, Seed::new(1)).into_iter().eq(0..30));
    }

    #[test]
    fn blocks_cover_every_run_in_order() {
        for n_runs in [0, 1, 4, 11] {
            let runs = in_blocks(n_runs, |runs| Ok(runs.collect()), |_| {}).unwrap();
            assert_eq!(runs, (0..n_runs).collect::<Vec<_>>());
        }
    }
}
