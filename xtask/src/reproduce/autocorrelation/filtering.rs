//! Tests of association before and after spatial filtering: Fig. 5.

use wherefair::core::Seed;
use wherefair::metrics::disparate_impact;
use wherefair::report::{Level, Line, LineChart, LinePanel, LinePoint};
use wherefair::stats::{
    AdjustedBiasParams, Alternative, BiasMetric, CandidateRule, Coefficients, Criterion, EigenBasis,
    L1Params, StatsError, Variable, adjusted_bias, candidates,
};

use super::super::figure::Figure;
use super::super::progress::Progress;
use super::super::rate::{LEVEL, Rate};
use super::super::table::Table;
use super::design::indicator;
use super::scene::{Scene, errors, in_blocks};

/// The paper's fixed autocorrelation.
pub(super) const RHO: f64 = 0.9;

/// One way to filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Variant {
    pub(super) name: &'static str,
    pub(super) params: L1Params,
    pub(super) rule: CandidateRule,
}

/// The paper's reading with either criterion, and ours.
pub(super) fn variants() -> [Variant; 3] {
    let paper = |name, criterion| Variant {
        name,
        params: L1Params::default().criterion(criterion),
        rule: CandidateRule::default(),
    };
    [
        paper("ESF penalised, BIC", Criterion::Bic),
        paper("ESF penalised, AIC", Criterion::Aic),
        Variant {
            name: "ESF refitted, all positive, BIC",
            params: L1Params::default().coefficients(Coefficients::Refitted),
            rule: CandidateRule::AllPositive,
        },
    ]
}

/// Penalties of logistic paths, and the least of them as a share of the largest.
const LOGISTIC_PATH: (usize, f64) = (20, 0.05);

/// What is tested without a filter.
pub(super) const UNADJUSTED: &str = "no filter";

/// What Fig. 5 shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
    /// (a), left: y and a autocorrelated by themselves, correlation, over ρ₂.
    Continuous,
    /// (a), right: the same cut at 0, disparate impact.
    Discrete,
    /// (b), left: y depends on what a was before it became autocorrelated, over β.
    BeforeLag,
    /// (b), right: y depends on a, over β.
    AfterLag,
}

impl Panel {
    pub(super) const ALL: [Self; 4] = [Self::Continuous, Self::Discrete, Self::BeforeLag, Self::AfterLag];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Continuous => "by autocorrelation, continuous",
            Self::Discrete => "by autocorrelation, discrete",
            Self::BeforeLag => "association before the lag, discrete",
            Self::AfterLag => "association after the lag, discrete",
        }
    }

    fn axis(self) -> &'static str {
        match self {
            Self::Continuous | Self::Discrete => "autocorrelation ρ₂ of a (y: 0.9)",
            Self::BeforeLag | Self::AfterLag => "association β (ρ = 0.9)",
        }
    }

    fn is_discrete(self) -> bool {
        self != Self::Continuous
    }

    /// Outcome and sensitive variable of `runs` at `x`: ρ₂ or β.
    fn draw(
        self,
        scene: &Scene,
        x: f64,
        seed: Seed,
        runs: std::ops::Range<usize>,
    ) -> Vec<(Vec<f64>, Vec<f64>)> {
        let name = |part: &str| format!("{} {} {} {x:.2} {part}", scene.name, scene.n(), self.name());
        let draw = |part: &str| -> Vec<Vec<f64>> {
            runs.clone()
                .map(|run| errors(seed, &name(part), run, scene.n()))
                .collect()
        };
        let lag = |errors: &[Vec<f64>], rho: f64| {
            let wanted: Vec<_> = errors.iter().map(|errors| (errors.as_slice(), rho)).collect();
            scene.lagged(&wanted)
        };
        let (first, second) = (draw("ε₁"), draw("ε₂"));
        let associated = |cause: &[f64], noise: &[f64]| -> Vec<f64> {
            let values: Vec<f64> = cause
                .iter()
                .zip(noise)
                .map(|(cause, noise)| x * cause + noise)
                .collect();
            indicator(&values)
        };
        match self {
            Self::Continuous => lag(&first, RHO).into_iter().zip(lag(&second, x)).collect(),
            Self::Discrete => lag(&first, RHO)
                .iter()
                .zip(lag(&second, x))
                .map(|(y, a)| (indicator(y), indicator(&a)))
                .collect(),
            Self::BeforeLag => lag(&second, RHO)
                .iter()
                .zip(second.iter().zip(&first))
                .map(|(a, (a0, noise))| (associated(a0, noise), indicator(a)))
                .collect(),
            Self::AfterLag => lag(&second, RHO)
                .iter()
                .zip(&first)
                .map(|(a, noise)| {
                    let a = indicator(a);
                    (associated(&a, noise), a)
                })
                .collect(),
        }
    }
}

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) n_runs: usize,
    /// Permutations and Bernoulli copies of discrete variables.
    pub(super) n_copies: u32,
}

/// Rates of rejection without a filter and with each.
#[derive(Debug, Clone)]
pub(super) struct FilterPoint {
    pub(super) scene: String,
    pub(super) scaling: &'static str,
    pub(super) n: usize,
    pub(super) panel: Panel,
    /// ρ₂ or β.
    pub(super) x: f64,
    /// Named, the first without a filter.
    pub(super) rates: Vec<(&'static str, Rate)>,
    /// Tests without a result: a variable of one value only, or nobody of a group selected.
    pub(super) n_undefined: usize,
}

impl FilterPoint {
    pub(super) fn rate(&self, name: &str) -> Rate {
        let found = self.rates.iter().find(|(own, _)| *own == name);
        found.map_or_else(Rate::default, |(_, rate)| *rate)
    }
}

/// A basis and what each variant may take of it.
#[derive(Debug)]
pub(super) struct Filters {
    basis: EigenBasis,
    candidates: Vec<(Variant, Vec<usize>)>,
}

impl Filters {
    pub(super) fn new(basis: EigenBasis) -> anyhow::Result<Self> {
        let candidates = variants()
            .into_iter()
            .map(|variant| Ok((variant, candidates(&basis, variant.rule)?)))
            .collect::<Result<_, StatsError>>()?;
        Ok(Self { basis, candidates })
    }

    /// The p-values of a pair without a filter and with each; NaN where there is none.
    pub(super) fn p_values(
        &self,
        y: Variable<'_>,
        a: Variable<'_>,
        n_copies: u32,
        seed: Seed,
    ) -> anyhow::Result<Vec<f64>> {
        let discrete = matches!(y, Variable::Binary(_));
        let (metric, alternative) = if discrete {
            let metric = BiasMetric::Function {
                name: "disparate impact",
                metric: &paper_impact,
            };
            (metric, Alternative::Greater)
        } else {
            (BiasMetric::Correlation, Alternative::TwoSided)
        };
        let mut p_values = vec![f64::NAN; 1 + self.candidates.len()];
        for (i, (variant, candidates)) in self.candidates.iter().enumerate() {
            let filter = if discrete {
                let (n_penalties, least) = LOGISTIC_PATH;
                variant.params.n_penalties(n_penalties).least_penalty(least)
            } else {
                variant.params
            };
            let params = AdjustedBiasParams::new(alternative)
                .filter(filter)
                .n_copies(n_copies);
            match adjusted_bias(y, a, &[], &self.basis, candidates, metric, params, seed) {
                Ok(found) => {
                    p_values[0] = found.p_value;
                    p_values[i + 1] = found.adjusted_p_value;
                }
                Err(StatsError::Constant { .. } | StatsError::UndefinedMetric { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(p_values)
    }
}

/// The paper's disparate impact of variables of zeros and ones; none where a group is missing or has no rate.
fn paper_impact(y: &[f64], a: &[f64]) -> Option<f64> {
    let selected: Vec<bool> = y.iter().map(|&y| y > 0.5).collect();
    let group: Vec<u32> = a.iter().map(|&a| u32::from(a > 0.5)).collect();
    let f = disparate_impact(&selected, &group, 1, 0).ok()?;
    Some(f.max(1.0 / f))
}

/// Simulates one panel at all `xs`.
pub(super) fn simulate(
    scene: &Scene,
    filters: &Filters,
    panel: Panel,
    xs: &[f64],
    effort: Effort,
    seed: Seed,
    progress: &Progress,
) -> anyhow::Result<Vec<FilterPoint>> {
    progress.begin(&format!("filter: {}", panel.name()), xs.len() * effort.n_runs);
    let names: Vec<&str> = std::iter::once(UNADJUSTED)
        .chain(variants().map(|variant| variant.name))
        .collect();
    xs.iter()
        .map(|&x| {
            let block = |runs: std::ops::Range<usize>| {
                let key = format!("{} {} {} {x:.2} copies", scene.name, scene.n(), panel.name());
                let pairs = panel.draw(scene, x, seed, runs.clone());
                pairs
                    .iter()
                    .zip(runs)
                    .map(|((y, a), run)| {
                        let own = Seed::new(seed.indexed(&key, run as u64).next_u64());
                        let (y, a) = if panel.is_discrete() {
                            (Variable::Binary(y), Variable::Binary(a))
                        } else {
                            (Variable::Continuous(y), Variable::Continuous(a))
                        };
                        filters.p_values(y, a, effort.n_copies, own)
                    })
                    .collect()
            };
            let outcomes: Vec<Vec<f64>> = in_blocks(effort.n_runs, block, |n| progress.advance(n))?;
            let rate = |i: usize| Rate::of(outcomes.iter().map(|p_values| p_values[i]));
            Ok(FilterPoint {
                scene: scene.name.clone(),
                scaling: scene.scaling.name(),
                n: scene.n(),
                panel,
                x,
                rates: names
                    .iter()
                    .enumerate()
                    .map(|(i, &name)| (name, rate(i)))
                    .collect(),
                n_undefined: outcomes
                    .iter()
                    .filter(|p_values| p_values.iter().any(|p_value| p_value.is_nan()))
                    .count(),
            })
        })
        .collect()
}

/// All points as a table.
pub(super) fn table(points: &[FilterPoint]) -> Table {
    let columns = [
        "places",
        "scaling",
        "n",
        "panel",
        "x",
        "test",
        "runs",
        "undefined",
        "rejection_rate",
        "low_95",
        "high_95",
    ];
    let mut table = Table::new(
        "filtering",
        "Rejection before and after filtering (Fig. 5)",
        &columns,
    )
    .only_as_file();
    for point in points {
        for (name, rate) in &point.rates {
            let (low, high) = rate.interval();
            table.push([
                point.scene.as_str().into(),
                point.scaling.into(),
                point.n.into(),
                point.panel.name().into(),
                point.x.into(),
                (*name).into(),
                rate.n.into(),
                point.n_undefined.into(),
                rate.share().into(),
                low.into(),
                high.into(),
            ]);
        }
    }
    table
}

/// What the summary shows: each panel's ends and middle.
pub(super) fn digest(points: &[FilterPoint]) -> Table {
    let columns = [
        "places",
        "n",
        "panel",
        "at",
        UNADJUSTED,
        "penalised BIC",
        "penalised AIC",
        "refitted BIC",
    ];
    let mut table = Table::new(
        "filtering_digest",
        "Rejection rates at the level 0.05 before and after filtering (Fig. 5)",
        &columns,
    );
    for panel in Panel::ALL {
        let own: Vec<&FilterPoint> = points.iter().filter(|point| point.panel == panel).collect();
        let n = own.len();
        let mut shown: Vec<usize> = vec![0, n / 4, n / 2, 3 * n / 4, n.saturating_sub(1)];
        shown.dedup();
        for point in shown.into_iter().filter_map(|i| own.get(i)) {
            let share = |i: usize| point.rates.get(i).map(|(_, rate)| rate.share()).into();
            table.push([
                point.scene.as_str().into(),
                point.n.into(),
                panel.name().into(),
                point.x.into(),
                share(0),
                share(1),
                share(2),
                share(3),
            ]);
        }
    }
    table
}

/// Fig. 5.
pub(super) fn figure(points: &[FilterPoint]) -> Figure {
    let panels = Panel::ALL.iter().map(|&panel| {
        let own = || points.iter().filter(move |point| point.panel == panel);
        let names: Vec<&str> = own().next().map_or_else(Vec::new, |point| {
            point.rates.iter().map(|(name, _)| *name).collect()
        });
        let lines = names.into_iter().enumerate().map(|(i, name)| Line {
            name: name.to_owned(),
            points: own()
                .map(|point| LinePoint {
                    x: point.x,
                    y: point.rates[i].1.share(),
                    interval: Some(point.rates[i].1.interval()),
                })
                .collect(),
        });
        let n = own().next().map_or(0, |point| point.n);
        LinePanel {
            title: format!("{}, n = {n}", panel.name()),
            x_title: panel.axis().to_owned(),
            y_title: "rejection rate".to_owned(),
            y_range: Some((0.0, 1.0)),
            lines: lines.collect(),
            levels: vec![Level {
                name: "level 0.05".to_owned(),
                y: LEVEL,
            }],
        }
    });
    Figure {
        name: "figure_5",
        chart: LineChart {
            title: "Fig. 5: tests of association before and after spatial filtering".to_owned(),
            panels: panels.collect(),
            n_columns: 2,
        },
    }
}

#[cfg(test)]
mod tests {
    use wherefair::stats::Metric;

    use super::super::scene::{Scaling, random_points};
    use super::*;

    #[test]
    fn rates_do_not_depend_on_threads() {
        let points = random_points(36, Seed::new(3));
        let scene = Scene::new("test", &points, Metric::Planar, Scaling::UnitRadius).unwrap();
        let effort = Effort {
            n_runs: 6,
            n_copies: 19,
        };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let filters = Filters::new(scene.filter_basis().unwrap()).unwrap();
                let progress = Progress::new(true);
                let points = Panel::ALL.map(|panel| {
                    simulate(
                        &scene,
                        &filters,
                        panel,
                        &[0.0, 0.5],
                        effort,
                        Seed::new(1),
                        &progress,
                    )
                    .unwrap()
                });
                table(&points.concat())
            })
        };
        let one = on(1);
        assert_eq!(one.rows.len(), 4 * 2 * 4);
        assert_eq!(one, on(3));
    }

    #[test]
    fn disparate_impact_is_the_same_for_both_groups() {
        let (y, a) = ([1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]);
        let turned = a.map(|a| 1.0 - a);
        assert_eq!(
            (paper_impact(&y, &a), paper_impact(&y, &turned)),
            (Some(2.0), Some(2.0))
        );
        assert_eq!(paper_impact(&y, &[1.0; 4]), None);
    }
}
