//! The size of the tests: do they reject as often as they say where there is nothing to find?
//!
//! Each row of [`size_runs`] is one test under one null; a further test joins by a further row.

use wherefair::core::Seed;
use wherefair::stats::{
    Contiguity, Metric, PValueForm, PairedDraws, PairedMoran, Permutations, SpatialWeights, Symmetrization,
    T2Tail,
};

use super::super::progress::Progress;
use super::super::rate::{Rate, nominal_range};
use super::super::report::Report;
use super::super::table::Table;
use super::filtering::{self, Filters, Panel};
use super::power::{self, Test};
use super::scene::{Scaling, Scene, errors, in_blocks, random_points};

/// The coverage of the interval that a rate must lie in. With a dozen checks a right program fails one of them
/// for about one seed in a hundred.
const COVERAGE: f64 = 0.999;

/// What is known of a test under a null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// It rejects as often as its level.
    Nominal,
    /// It rejects at most as often as its level.
    AtMost,
    /// It rejects more often, which is why the others exist.
    Above,
    /// Nothing is promised; the rate is shown.
    Open,
}

/// One test under one null.
struct SizeRun {
    test: String,
    null: String,
    rate: Rate,
    expected: Expected,
}

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) n_places: usize,
    pub(super) tests: power::Effort,
}

/// Simulates all sizes, checks them and adds their table.
pub(super) fn run(
    effort: Effort,
    seed: Seed,
    progress: &Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let columns = [
        "test",
        "null",
        "runs",
        "rejection_rate",
        "low_95",
        "high_95",
        "expected",
    ];
    let title = format!("Calibration at the level 0.05, {} random places", effort.n_places);
    let mut table = Table::new("calibration", title, &columns);
    for run in size_runs(effort, seed, progress)? {
        let (low, high) = run.rate.interval();
        let (expected, holds) = match run.expected {
            Expected::Nominal => (
                nominal_range(run.rate.n, COVERAGE),
                Some(run.rate.is_nominal(COVERAGE)),
            ),
            Expected::AtMost => (
                "at most 0.05 but for chance".to_owned(),
                Some(!run.rate.is_above(COVERAGE)),
            ),
            Expected::Above => ("above 0.05".to_owned(), Some(run.rate.is_above(COVERAGE))),
            Expected::Open => ("nothing promised".to_owned(), None),
        };
        table.push([
            run.test.as_str().into(),
            run.null.as_str().into(),
            run.rate.n.into(),
            run.rate.share().into(),
            low.into(),
            high.into(),
            expected.as_str().into(),
        ]);
        if let Some(holds) = holds {
            let what = format!("size of {} where {}", run.test, run.null);
            report.check(what, expected, format!("{:.3}", run.rate.share()), holds);
        }
    }
    report.tables.push(table);
    Ok(())
}

fn size_runs(effort: Effort, seed: Seed, progress: &Progress) -> anyhow::Result<Vec<SizeRun>> {
    let points = random_points(effort.n_places, seed);
    let inverse = Scene::new("inverse distance", &points, Metric::Planar, Scaling::UnitRadius)?;
    let nearest = SpatialWeights::k_nearest(&points, 8, Metric::Planar)?.symmetrize(Symmetrization::Max);
    let nearest = Scene::of_symmetric("8 nearest neighbours", &nearest, Scaling::Row)?;
    let mut runs = intersection_union(&inverse, effort, seed, progress)?;
    // The margin is safe where autocorrelation is moderate; where it is strong the law of the statistics widens.
    let lattice = lattice(effort.n_places)?;
    runs.push(equivalence(
        &lattice,
        (0.4, 0.0),
        Expected::AtMost,
        effort,
        seed,
        progress,
    )?);
    for scene in [&lattice, &nearest, &inverse] {
        for rhos in [(0.7, 0.0), (0.5, 0.8)] {
            runs.push(equivalence(scene, rhos, Expected::Open, effort, seed, progress)?);
        }
    }
    for (scene, expected) in [(&inverse, Expected::AtMost), (&nearest, Expected::Open)] {
        runs.extend(adjusted_correlation(scene, expected, effort, seed, progress)?);
    }
    Ok(runs)
}

/// A square of at most `n_places` cells, each linked to those that it shares a side with.
fn lattice(n_places: usize) -> anyhow::Result<Scene> {
    let side = n_places.isqrt();
    let rook = SpatialWeights::from_raster(side, side, None, Contiguity::Rook)?;
    Scene::of_symmetric("lattice", &rook, Scaling::Row)
}

/// T1 where neither variable is autocorrelated, and where only one is.
fn intersection_union(
    scene: &Scene,
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<SizeRun>> {
    let mut runs = Vec::new();
    for (null, rho, [plain, strict]) in [
        (
            "neither is autocorrelated",
            0.0,
            [Expected::Nominal, Expected::AtMost],
        ),
        ("only one is (ρ = 0.9)", 0.9, [Expected::Open, Expected::AtMost]),
    ] {
        let p_values = pair_p_values(scene, (0.0, rho), effort, seed, progress, |draws| {
            let both = draws.intersection_union(power::DELTA, T2Tail::Small, PValueForm::WithData)?;
            Ok([both.t1_p_value, both.t1_strict_p_value])
        })?;
        for (i, (test, expected)) in [(Test::T1, plain), (Test::T1Strict, strict)]
            .into_iter()
            .enumerate()
        {
            runs.push(SizeRun {
                test: test.name().to_owned(),
                null: format!("{null}, {}", scene.name),
                rate: Rate::of(p_values.iter().map(|p_values| p_values[i])),
                expected,
            });
        }
    }
    Ok(runs)
}

/// The equivalence test where the difference is the margin: the border of its null.
fn equivalence(
    scene: &Scene,
    rhos: (f64, f64),
    expected: Expected,
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<SizeRun> {
    let pilot = Seed::new(seed.stream("pilot of the margin").next_u64());
    let differences = pair_p_values(scene, rhos, effort, pilot, progress, |draws| {
        Ok([draws.equivalence(1.0)?.difference])
    })?;
    let mean = differences.iter().map(|[difference]| difference).sum::<f64>() / differences.len() as f64;
    let margin = mean.abs();
    let p_values = pair_p_values(scene, rhos, effort, seed, progress, |draws| {
        Ok([draws.equivalence(margin)?.p_value])
    })?;
    Ok(SizeRun {
        test: "equivalence".to_owned(),
        null: format!(
            "the difference is the margin {margin:.2} (ρ = {} and {}), {}",
            rhos.0, rhos.1, scene.name
        ),
        rate: Rate::of(p_values.iter().map(|[p_value]| *p_value)),
        expected,
    })
}

/// What `test` says of pairs of independent variables with autocorrelations `rhos`.
fn pair_p_values<const N: usize>(
    scene: &Scene,
    rhos: (f64, f64),
    effort: Effort,
    seed: Seed,
    progress: &Progress,
    test: impl Fn(&PairedDraws) -> anyhow::Result<[f64; N]> + Sync,
) -> anyhow::Result<Vec<[f64; N]>> {
    let paired = PairedMoran::new(&scene.weights)?;
    progress.begin(&format!("calibration: {}", scene.name), effort.tests.n_runs);
    let name = |part: &str| format!("calibration {} ρ {:.2} {:.2} {part}", scene.name, rhos.0, rhos.1);
    let block = |runs: std::ops::Range<usize>| {
        let draw = |part: &str| -> Vec<Vec<f64>> {
            runs.clone()
                .map(|run| errors(seed, &name(part), run, scene.n()))
                .collect()
        };
        let (first, second) = (draw("ε₁"), draw("ε₂"));
        let with = |errors: &[Vec<f64>], rho: f64| {
            let wanted: Vec<_> = errors.iter().map(|errors| (errors.as_slice(), rho)).collect();
            scene.lagged(&wanted)
        };
        let (y, a) = (with(&first, rhos.0), with(&second, rhos.1));
        y.iter()
            .zip(&a)
            .zip(runs.clone())
            .map(|((y, a), run)| {
                let own = Seed::new(seed.indexed(&name("permutations"), run as u64).next_u64());
                test(&paired.draw(y, a, Permutations::new(effort.tests.n_permutations, own)?)?)
            })
            .collect()
    };
    in_blocks(effort.tests.n_runs, block, |n| progress.advance(n))
}

/// The correlation test of independent variables that are both autocorrelated, without and with filters.
fn adjusted_correlation(
    scene: &Scene,
    refitted: Expected,
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<SizeRun>> {
    let filters = Filters::new(scene.filter_basis()?)?;
    let own = filtering::Effort {
        n_runs: effort.tests.n_runs,
        n_copies: effort.tests.n_permutations,
    };
    let points = filtering::simulate(
        scene,
        &filters,
        Panel::Continuous,
        &[filtering::RHO],
        own,
        seed,
        progress,
    )?;
    let rates = points.iter().flat_map(|point| point.rates.iter());
    let promised = [Expected::Above, Expected::Open, Expected::Open, refitted];
    Ok(rates
        .zip(promised)
        .map(|((name, rate), expected)| SizeRun {
            test: format!("correlation, {name}"),
            null: format!("both have ρ = 0.9 by themselves, {}", scene.name),
            rate: *rate,
            expected,
        })
        .collect())
}
