//! The size of the tests: do they reject as often as they say where there is nothing to find?
//!
//! Each row of [`size_runs`] is one test under one null; a further test joins by a further row.

use wherefair::core::Seed;
use wherefair::stats::{
    Contiguity, EquivalenceTest, Metric, PValueForm, PairedMoran, Permutations, SpatialWeights,
    Symmetrization, T2Tail,
};

use super::super::progress::Progress;
use super::super::rate::{Rate, nominal_range};
use super::super::report::Report;
use super::super::table::Table;
use super::design::indicator;
use super::filtering::{self, Filters, Panel};
use super::power::{self, Test};
use super::regional;
use super::scene::{Scaling, Scene, errors, in_blocks, random_points};

/// The coverage of the interval that a rate must lie in. With a dozen checks a right program fails one of them
/// for about one seed in a hundred.
const COVERAGE: f64 = 0.999;

/// The upper end of the central 99 % of a binomial distribution.
const UPPER_END: f64 = 0.995;

/// What is known of a test under a null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// It rejects as often as its level.
    Nominal,
    /// It rejects at most as often as its level.
    AtMost,
    /// As before, with less room for chance: never above the central 99 % of the binomial distribution.
    NeverAbove,
    /// It rejects more often, which is why the others exist.
    Above,
    /// Nothing is promised; the rate is shown.
    Open,
}

/// One test under one null.
#[derive(Debug)]
pub(super) struct SizeRun {
    pub(super) test: String,
    pub(super) null: String,
    pub(super) rate: Rate,
    pub(super) expected: Expected,
}

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) n_places: usize,
    pub(super) tests: power::Effort,
    pub(super) regional: regional::Effort,
    /// All cases of the equivalence test and of regional differences, not a few.
    pub(super) thorough: bool,
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
            Expected::NeverAbove => (
                "at most 0.05 but for chance (99 %)".to_owned(),
                Some(!run.rate.is_above(UPPER_END)),
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
    let lattice = lattice(effort.n_places)?;
    let (at_the_margin, kinds, equal_rhos): (_, &[Kind], &[f64]) = if effort.thorough {
        (
            &AT_THE_MARGIN[..],
            &[Kind::Values, Kind::ZeroOne],
            &[0.0, 0.5, 0.9],
        )
    } else {
        (&AT_THE_MARGIN[..3], &[Kind::Values], &[0.5])
    };
    for scene in [&lattice, &nearest, &inverse] {
        for &rhos in at_the_margin {
            for &kind in kinds {
                runs.extend(equivalence(scene, rhos, kind, effort, seed, progress)?);
            }
        }
        for &rho in equal_rhos {
            runs.extend(equal(scene, rho, effort, seed, progress)?);
        }
    }
    for (scene, expected) in [(&inverse, Expected::AtMost), (&nearest, Expected::Open)] {
        runs.extend(adjusted_correlation(scene, expected, effort, seed, progress)?);
    }
    runs.extend(regional::size_runs(
        effort.regional,
        effort.thorough,
        seed,
        progress,
    )?);
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
    let paired = PairedMoran::new(&scene.weights)?;
    let mut runs = Vec::new();
    for (null, rho, [plain, strict]) in [
        (
            "neither is autocorrelated",
            0.0,
            [Expected::Nominal, Expected::AtMost],
        ),
        ("only one is (ρ = 0.9)", 0.9, [Expected::Open, Expected::AtMost]),
    ] {
        let p_values = pair_results(scene, (0.0, rho), effort, seed, progress, |y, a, permutations| {
            let draws = paired.draw(&y, &a, permutations)?;
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

/// The autocorrelations of both variables whose difference is the margin, the most telling ones first.
const AT_THE_MARGIN: [(f64, f64); 5] = [(0.4, 0.0), (0.5, 0.8), (0.0, 0.9), (0.7, 0.0), (0.6, 0.9)];

/// The margin of pairs with equal autocorrelation, in standard deviations of I without autocorrelation.
const EQUAL_MARGIN: f64 = 10.0;

/// The numbers of the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Values,
    /// 1 where the value is above the mean, else 0.
    ZeroOne,
}

impl Kind {
    fn of(self, x: Vec<f64>) -> Vec<f64> {
        match self {
            Self::Values => x,
            Self::ZeroOne => {
                let mean = x.iter().sum::<f64>() / x.len() as f64;
                indicator(&x.iter().map(|x| x - mean).collect::<Vec<_>>())
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Values => "",
            Self::ZeroOne => "0/1, ",
        }
    }
}

/// The equivalence tests where the difference is the margin: the border of their null.
fn equivalence(
    scene: &Scene,
    rhos: (f64, f64),
    kind: Kind,
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<SizeRun>> {
    let pilot = Seed::new(seed.stream("pilot of the margin").next_u64());
    let many = Effort {
        tests: power::Effort {
            n_runs: PILOTS * effort.tests.n_runs,
            n_permutations: 1,
        },
        ..effort
    };
    let paired = PairedMoran::new(&scene.weights)?;
    let differences = pair_results(scene, rhos, many, pilot, progress, |y, a, permutations| {
        let draws = paired.draw(&kind.of(y), &kind.of(a), permutations)?;
        Ok([draws.equivalence(1.0)?.difference])
    })?;
    let mean = differences.iter().map(|[difference]| difference).sum::<f64>() / differences.len() as f64;
    let margin = mean.abs();
    let null = format!(
        "the difference is the margin {margin:.2} ({}ρ = {} and {}), {}",
        kind.name(),
        rhos.0,
        rhos.1,
        scene.name
    );
    let both = [Expected::NeverAbove, Expected::Open];
    equivalence_rates(scene, rhos, (kind, margin), (&null, both), effort, seed, progress)
}

/// The equivalence tests of equal autocorrelation: their power.
fn equal(
    scene: &Scene,
    rho: f64,
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<SizeRun>> {
    let null = format!(
        "no difference, margin {EQUAL_MARGIN} (power; ρ = {rho} for both), {}",
        scene.name
    );
    let tested = (Kind::Values, EQUAL_MARGIN);
    let open = (null.as_str(), [Expected::Open; 2]);
    equivalence_rates(scene, (rho, rho), tested, open, effort, seed, progress)
}

/// Pairs behind a margin, in multiples of the runs: an error in the margin is an error in the level.
const PILOTS: usize = 10;

/// How often both forms of the equivalence test reject.
fn equivalence_rates(
    scene: &Scene,
    rhos: (f64, f64),
    (kind, margin): (Kind, f64),
    (null, expected): (&str, [Expected; 2]),
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<SizeRun>> {
    let paired = PairedMoran::new(&scene.weights)?;
    let spectral = EquivalenceTest::new(&scene.weights)?;
    let p_values = pair_results(scene, rhos, effort, seed, progress, |y, a, permutations| {
        let (y, a) = (kind.of(y), kind.of(a));
        let draws = paired.draw(&y, &a, permutations)?;
        Ok([
            spectral.test(&y, &a, margin, permutations)?.p_value,
            draws.equivalence(margin)?.p_value,
        ])
    })?;
    let tests = ["equivalence", "equivalence by permutations"];
    let runs = tests.into_iter().zip(expected).enumerate();
    Ok(runs
        .map(|(i, (test, expected))| SizeRun {
            test: test.to_owned(),
            null: null.to_owned(),
            rate: Rate::of(p_values.iter().map(|p_values| p_values[i])),
            expected,
        })
        .collect())
}

/// What `test` says of pairs of independent variables with autocorrelations `rhos`.
fn pair_results<const N: usize>(
    scene: &Scene,
    rhos: (f64, f64),
    effort: Effort,
    seed: Seed,
    progress: &Progress,
    test: impl Fn(Vec<f64>, Vec<f64>, Permutations) -> anyhow::Result<[f64; N]> + Sync,
) -> anyhow::Result<Vec<[f64; N]>> {
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
        y.into_iter()
            .zip(a)
            .zip(runs.clone())
            .map(|((y, a), run)| {
                let own = Seed::new(seed.indexed(&name("permutations"), run as u64).next_u64());
                test(y, a, Permutations::new(effort.tests.n_permutations, own)?)
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
