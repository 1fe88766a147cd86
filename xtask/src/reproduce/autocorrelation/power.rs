//! Power of T1 and T2: Figs. 3 and 4, and beyond the paper the equivalence test.

use wherefair::core::Seed;
use wherefair::report::{Level, Line, LineChart, LinePanel, LinePoint};
use wherefair::stats::{PValueForm, PairedMoran, Permutations, T2Tail};

use super::super::figure::Figure;
use super::super::progress::Progress;
use super::super::rate::{LEVEL, Rate};
use super::super::table::Table;
use super::design::Design;
use super::scene::{Scene, in_blocks};

/// The paper's δ.
pub(super) const DELTA: f64 = 1.0;

/// The paper's slope of y on a.
const SLOPE: f64 = 5.0;

/// The margin of the equivalence test beside δ: with δ = 1, less than the standard deviation √2 of the difference
/// of two independent statistics, no test can find equality.
pub(super) const WIDE_MARGIN: f64 = 6.0;

/// The tests of a pair of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    T1,
    T1Strict,
    T2Small,
    T2Large,
    EquivalenceDelta,
    EquivalenceWide,
}

impl Test {
    pub(super) const ALL: [Self; 6] = [
        Self::T1,
        Self::T1Strict,
        Self::T2Small,
        Self::T2Large,
        Self::EquivalenceDelta,
        Self::EquivalenceWide,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::T1 => "T1",
            Self::T1Strict => "T1, each alone",
            Self::T2Small => "T2, small tail",
            Self::T2Large => "T2, large tail",
            Self::EquivalenceDelta => "equivalence, margin 1",
            Self::EquivalenceWide => "equivalence, margin 6",
        }
    }
}

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) n_runs: usize,
    pub(super) n_permutations: u32,
}

/// Rates of rejection of all tests at one point of the curves.
#[derive(Debug, Clone)]
pub(super) struct PowerPoint {
    pub(super) scene: String,
    pub(super) scaling: &'static str,
    pub(super) n: usize,
    pub(super) design: Design,
    pub(super) rho: f64,
    pub(super) n_permutations: u32,
    /// In the order of [`Test::ALL`].
    pub(super) rates: Vec<Rate>,
    /// The mean difference of the standardised statistics, y less a.
    pub(super) mean_difference: f64,
}

impl PowerPoint {
    pub(super) fn rate(&self, test: Test) -> Rate {
        let at = Test::ALL.iter().position(|other| *other == test).unwrap_or(0);
        self.rates[at]
    }
}

/// The values of ρ: 0, 0.1, … 0.9.
pub(super) fn autocorrelations() -> Vec<f64> {
    (0..10_u8).map(|tenth| f64::from(tenth) / 10.0).collect()
}

/// Simulates `designs` on `scene` over all ρ.
pub(super) fn simulate(
    scene: &Scene,
    designs: &[Design],
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<PowerPoint>> {
    let paired = PairedMoran::new(&scene.weights)?;
    let rhos = autocorrelations();
    let name = format!("power: {}, n = {}", scene.name, scene.n());
    progress.begin(&name, designs.len() * rhos.len() * effort.n_runs);
    let mut points = Vec::new();
    for &design in designs {
        for &rho in &rhos {
            let block = |runs: std::ops::Range<usize>| {
                let pairs = design.draw(scene, rho, SLOPE, seed, runs.clone());
                let key = format!(
                    "{} {} {} ρ {rho:.2} permutations",
                    scene.name,
                    scene.n(),
                    design.name()
                );
                pairs
                    .iter()
                    .zip(runs)
                    .map(|((y, a), run)| {
                        let own = Seed::new(seed.indexed(&key, run as u64).next_u64());
                        test_pair(&paired, y, a, Permutations::new(effort.n_permutations, own)?)
                    })
                    .collect()
            };
            let outcomes = in_blocks(effort.n_runs, block, |n| progress.advance(n))?;
            let rates = (0..Test::ALL.len())
                .map(|test| Rate::of(outcomes.iter().map(|outcome: &Outcome| outcome.p_values[test])));
            points.push(PowerPoint {
                scene: scene.name.clone(),
                scaling: scene.scaling.name(),
                n: scene.n(),
                design,
                rho,
                n_permutations: effort.n_permutations,
                rates: rates.collect(),
                mean_difference: outcomes.iter().map(|outcome| outcome.difference).sum::<f64>()
                    / outcomes.len() as f64,
            });
        }
    }
    Ok(points)
}

/// What all tests say of one pair of variables.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// In the order of [`Test::ALL`].
    pub(super) p_values: Vec<f64>,
    pub(super) difference: f64,
}

pub(super) fn test_pair(
    paired: &PairedMoran<'_>,
    y: &[f64],
    a: &[f64],
    permutations: Permutations,
) -> anyhow::Result<Outcome> {
    let draws = paired.draw(y, a, permutations)?;
    let small = draws.intersection_union(DELTA, T2Tail::Small, PValueForm::WithData)?;
    let large = draws.intersection_union(DELTA, T2Tail::Large, PValueForm::WithData)?;
    Ok(Outcome {
        difference: small.standardized_y - small.standardized_a,
        p_values: vec![
            small.t1_p_value,
            small.t1_strict_p_value,
            small.t2_p_value,
            large.t2_p_value,
            draws.equivalence(DELTA)?.p_value,
            draws.equivalence(WIDE_MARGIN)?.p_value,
        ],
    })
}

/// All points as a table.
pub(super) fn table(points: &[PowerPoint]) -> Table {
    let columns = [
        "places",
        "scaling",
        "n",
        "design",
        "rho",
        "test",
        "runs",
        "permutations",
        "rejection_rate",
        "low_95",
        "high_95",
        "mean_difference",
    ];
    let mut table = Table::new("power", "Power curves (Figs. 3 and 4)", &columns).only_as_file();
    for point in points {
        for (test, rate) in Test::ALL.iter().zip(&point.rates) {
            let (low, high) = rate.interval();
            table.push([
                point.scene.as_str().into(),
                point.scaling.into(),
                point.n.into(),
                point.design.name().into(),
                point.rho.into(),
                test.name().into(),
                rate.n.into(),
                point.n_permutations.into(),
                rate.share().into(),
                low.into(),
                high.into(),
                point.mean_difference.into(),
            ]);
        }
    }
    table
}

/// What the summary shows of the curves: their ends and their middle.
pub(super) fn digest(points: &[PowerPoint]) -> Table {
    let columns = [
        "places", "scaling", "n", "design", "test", "ρ = 0", "ρ = 0.3", "ρ = 0.6", "ρ = 0.9",
    ];
    let mut table = Table::new(
        "power_digest",
        "Rejection rates at the level 0.05 (Figs. 3 and 4)",
        &columns,
    );
    let tenths = |rho: f64| (10.0 * rho).round();
    for first in points.iter().filter(|point| point.rho == 0.0) {
        let same = |point: &&PowerPoint| {
            (&point.scene, point.scaling, point.n, point.design)
                == (&first.scene, first.scaling, first.n, first.design)
        };
        for test in Test::ALL {
            let at = |rho: f64| {
                points
                    .iter()
                    .filter(same)
                    .find(|point| (tenths(point.rho) - tenths(rho)).abs() < 0.5)
                    .map(|point| point.rate(test).share())
            };
            table.push([
                first.scene.as_str().into(),
                first.scaling.into(),
                first.n.into(),
                first.design.name().into(),
                test.name().into(),
                at(0.0).into(),
                at(0.3).into(),
                at(0.6).into(),
                at(0.9).into(),
            ]);
        }
    }
    table
}

/// Panels of `designs` (rows) and tests (columns) on the places called `scene`, a line a number of places.
pub(super) fn figure(
    name: &'static str,
    title: &str,
    points: &[PowerPoint],
    scene: &str,
    designs: &[Design],
) -> Figure {
    let shown = [Test::T1, Test::T2Small, Test::T2Large, Test::EquivalenceWide];
    let mut panels = Vec::new();
    for &design in designs {
        for test in shown {
            let mut lines: Vec<Line> = Vec::new();
            for point in points
                .iter()
                .filter(|point| point.scene == scene && point.design == design)
            {
                let name = format!("n = {}, {}", point.n, point.scaling);
                if lines.last().is_none_or(|line| line.name != name) {
                    lines.push(Line {
                        name,
                        points: Vec::new(),
                    });
                }
                let rate = point.rate(test);
                if let Some(line) = lines.last_mut() {
                    line.points.push(LinePoint {
                        x: point.rho,
                        y: rate.share(),
                        interval: Some(rate.interval()),
                    });
                }
            }
            panels.push(LinePanel {
                title: format!("{}: {}", test.name(), design.name()),
                x_title: "autocorrelation ρ".to_owned(),
                y_title: "rejection rate".to_owned(),
                y_range: Some((0.0, 1.0)),
                lines,
                levels: vec![Level {
                    name: "level 0.05".to_owned(),
                    y: LEVEL,
                }],
            });
        }
    }
    Figure {
        name,
        chart: LineChart {
            title: title.to_owned(),
            panels,
            n_columns: shown.len(),
        },
    }
}

#[cfg(test)]
mod tests {
    use wherefair::stats::Metric;

    use super::super::scene::{Scaling, random_points};
    use super::*;

    #[test]
    fn power_does_not_depend_on_threads() {
        let points = random_points(30, Seed::new(3));
        let scene = Scene::new("test", &points, Metric::Planar, Scaling::UnitRadius).unwrap();
        let effort = Effort {
            n_runs: 9,
            n_permutations: 19,
        };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let points = pool.install(|| {
                simulate(&scene, &Design::ALL, effort, Seed::new(1), &Progress::new(true)).unwrap()
            });
            table(&points)
        };
        let one = on(1);
        assert_eq!(one.rows.len(), 4 * 10 * 6);
        assert_eq!(one, on(3));
    }

    #[test]
    fn both_tails_of_t2_share_their_permutations() {
        let points = random_points(25, Seed::new(3));
        let scene = Scene::new("test", &points, Metric::Planar, Scaling::Row).unwrap();
        let paired = PairedMoran::new(&scene.weights).unwrap();
        let (y, a) = &Design::Inherited.draw(&scene, 0.5, SLOPE, Seed::new(1), 0..1)[0];
        let outcome = test_pair(&paired, y, a, Permutations::new(39, Seed::new(1)).unwrap()).unwrap();
        // (M + 1)/40 and (39 − M + 1)/40.
        assert!((outcome.p_values[2] + outcome.p_values[3] - 41.0 / 40.0).abs() < 1e-12);
    }
}
