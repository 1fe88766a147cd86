//! The size and the power of the audit's test of regional differences, whose errors are fields.

use wherefair::audit::{AuditParams, InMemory, Outcomes, Score, Silent, regional_test, sample_errors};
use wherefair::core::{Extent, Point, Seed, Sites};
use wherefair::metrics::{ErrorKind, ValueScore};
use wherefair::partition::PartitioningDistribution;
use wherefair::stats::{Contiguity, Metric, SpatialWeights, Symmetrization};

use super::super::progress::Progress;
use super::super::rate::Rate;
use super::calibration::{Expected, SizeRun};
use super::scene::{Scaling, Scene, errors, in_blocks, random_points};

/// Permutations behind each p-value.
const N_PERMUTATIONS: u32 = 99;

/// Where a field becomes 1, in standard deviations above its mean.
const THRESHOLD: f64 = 0.8;

/// Runs behind a power are the tenth part of those behind a size.
const POWER_SHARE: usize = 10;

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// The side of the lattice; there are as many irregular points as cells.
    pub(super) side: usize,
    pub(super) n_runs: usize,
}

/// What the errors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// A simultaneous autoregressive field.
    Values,
    /// 1 where such a field is high, else 0.
    ZeroOne,
    /// Such a field plus as much independent noise.
    Noisy,
}

impl Field {
    const ALL: [Self; 3] = [Self::Values, Self::ZeroOne, Self::Noisy];

    fn name(self) -> &'static str {
        match self {
            Self::Values => "a field",
            Self::ZeroOne => "a field cut to 0 and 1",
            Self::Noisy => "a field and as much noise",
        }
    }

    /// Errors of a lagged variable.
    fn of(self, x: &[f64], noise: &[f64]) -> Vec<f64> {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let deviation = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        let standard = x.iter().map(|x| (x - mean) / deviation);
        match self {
            Self::Values => standard.collect(),
            Self::ZeroOne => standard.map(|x| f64::from(u8::from(x > THRESHOLD))).collect(),
            Self::Noisy => standard.zip(noise).map(|(x, noise)| x + noise).collect(),
        }
    }
}

/// Places, their weights and the maps that they are audited over.
struct World {
    scene: Scene,
    points: Vec<Point>,
    maps: PartitioningDistribution,
}

impl World {
    fn new(name: &str, points: Vec<Point>, symmetric: &SpatialWeights) -> anyhow::Result<Self> {
        Ok(Self {
            scene: Scene::of_symmetric(name, symmetric, Scaling::Row)?,
            points,
            maps: PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 5, 5)?,
        })
    }

    /// The exchangeable and the spatial p-value of the mean deviation over all maps (Eq. 1 of SPAD).
    fn p_values(&self, errors: &[f64], seed: Seed) -> anyhow::Result<[f64; 2]> {
        let (x, y): (Vec<f64>, Vec<f64>) = self.points.iter().map(|point| (point.x, point.y)).unzip();
        let truth = vec![0.0; errors.len()];
        let outcomes = Outcomes::Values {
            truth: &truth,
            pred: errors,
            base: None,
        };
        let score = Score::Value {
            error: ErrorKind::Difference,
            score: ValueScore::MeanSigned,
        };
        let mut source = InMemory::new(Sites::new(&x, &y)?, outcomes)?;
        let read = sample_errors(&mut source, score)?;
        let config = AuditParams::new(score)
            .n_permutations(N_PERMUTATIONS)
            .n_bootstrap(0)
            .n_worst(0)
            .min_samples(5)
            .seed(seed)
            .check()?;
        let found = regional_test(&read, &self.scene.weights, &self.maps, &config, &Silent)?;
        let nulls = found.expectation;
        Ok([nulls.exchangeable.p_value, nulls.spatial.p_value])
    }

    /// Both p-values of many fields; `bias` standard deviations are added to the left two fifths.
    fn simulate(
        &self,
        (rho, field, bias): (f64, Field, f64),
        n_runs: usize,
        seed: Seed,
        progress: &Progress,
    ) -> anyhow::Result<Vec<[f64; 2]>> {
        progress.begin(&format!("calibration: regions, {}", self.scene.name), n_runs);
        let name = |part: &str| format!("regional {} ρ {rho:.2} {} {part}", self.scene.name, field.name());
        let block = |runs: std::ops::Range<usize>| {
            let draw = |part: &str| -> Vec<Vec<f64>> {
                runs.clone()
                    .map(|run| errors(seed, &name(part), run, self.scene.n()))
                    .collect()
            };
            let (innovations, noise) = (draw("ε"), draw("noise"));
            let wanted: Vec<_> = innovations
                .iter()
                .map(|errors| (errors.as_slice(), rho))
                .collect();
            let lagged = self.scene.lagged(&wanted);
            lagged
                .iter()
                .zip(&noise)
                .zip(runs.clone())
                .map(|((x, noise), run)| {
                    let mut errors = field.of(x, noise);
                    for (error, point) in errors.iter_mut().zip(&self.points) {
                        *error += if point.x < 0.4 { bias } else { 0.0 };
                    }
                    let own = seed.indexed(&name("permutations"), run as u64).next_u64();
                    self.p_values(&errors, Seed::new(own))
                })
                .collect()
        };
        in_blocks(n_runs, block, |n| progress.advance(n))
    }
}

/// Both tests where no region differs, and the power of both where one does.
///
/// Thorough is: all fields and strengths, and power.
pub(super) fn size_runs(
    effort: Effort,
    thorough: bool,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<SizeRun>> {
    let side = effort.side;
    let at = |i: usize| (i as f64 + 0.5) / side as f64;
    let cells = (0..side * side)
        .map(|i| Point::new(at(i % side), at(i / side)))
        .collect();
    let queen = SpatialWeights::from_raster(side, side, None, Contiguity::Queen)?;
    let points = random_points(side * side, seed);
    let nearest = SpatialWeights::k_nearest(&points, 8, Metric::Planar)?.symmetrize(Symmetrization::Max);
    let worlds = [
        World::new("lattice", cells, &queen)?,
        World::new("8 nearest neighbours", points, &nearest)?,
    ];
    let mut cases: Vec<(f64, Field, f64)> = if thorough {
        let strengths = [0.0, 0.3, 0.6, 0.9].into_iter();
        strengths
            .flat_map(|rho| Field::ALL.map(|field| (rho, field, 0.0)))
            .collect()
    } else {
        vec![
            (0.0, Field::Values, 0.0),
            (0.6, Field::Noisy, 0.0),
            (0.9, Field::ZeroOne, 0.0),
        ]
    };
    if thorough {
        let strengths = [0.3, 0.9].into_iter();
        cases.extend(strengths.flat_map(|rho| [1.0, 2.0].map(|bias| (rho, Field::Values, bias))));
    }
    let mut runs = Vec::new();
    for world in &worlds {
        for &(rho, field, bias) in &cases {
            let is_null = bias <= 0.0;
            let n_runs = if is_null {
                effort.n_runs
            } else {
                effort.n_runs / POWER_SHARE
            };
            let p_values = world.simulate((rho, field, bias), n_runs, seed, progress)?;
            let null = if is_null {
                format!("errors are {}, ρ = {rho}, {}", field.name(), world.scene.name)
            } else {
                format!(
                    "two fifths differ by {bias} standard deviations (power; {}, ρ = {rho}), {}",
                    field.name(),
                    world.scene.name
                )
            };
            let spatial = if is_null {
                Expected::NeverAbove
            } else {
                Expected::Open
            };
            let tests = [("exchangeable", Expected::Open), ("spatial", spatial)];
            for (i, (test, expected)) in tests.into_iter().enumerate() {
                runs.push(SizeRun {
                    test: format!("regional differences, {test}"),
                    null: null.clone(),
                    rate: Rate::of(p_values.iter().map(|p_values| p_values[i])),
                    expected,
                });
            }
        }
    }
    Ok(runs)
}
