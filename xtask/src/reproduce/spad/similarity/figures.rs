//! The figures of the journal paper on crops.

use wherefair::report::{Line, LineChart, LinePanel, LinePoint};
use wherefair_spad::Phase;

use super::super::super::figure::Figure;
use super::super::super::table::Table;
use super::super::tables::{Summary, named};
use super::super::trial::Found;

/// A model whose S(d)mean on the validation locations is within this share of the training's best is near-optimal.
const NEAR: f64 = 0.05;

/// What a training costs, tentative trainings included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) epochs: usize,
    pub(super) updates: usize,
}

impl Cost {
    pub(super) fn of(found: &Found) -> Self {
        Self::until(found, usize::MAX)
    }

    /// Of the first `n` records.
    fn until(found: &Found, n: usize) -> Self {
        let mut cost = Self {
            epochs: 0,
            updates: 0,
        };
        for record in found.records.iter().take(n) {
            let n_tentative = found.kept.distances.len();
            cost.epochs += match record.phase {
                Phase::Base => 0,
                Phase::Fair => 1,
                Phase::Tentative => n_tentative,
            };
            cost.updates += usize::try_from(record.n_updates).unwrap_or(usize::MAX);
        }
        cost
    }
}

/// One training of Figs. 11 and 15.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) n: usize,
    pub(super) share: f64,
    method: String,
    pub(super) cost: Cost,
    /// Epochs before the first near-optimal model.
    pub(super) first_good: Option<usize>,
    quality: Option<f64>,
    deviation: f64,
}

impl Point {
    pub(super) fn new(n: usize, share: f64, found: &Found) -> Self {
        let deviations = || {
            let records = found.records.iter().enumerate();
            records.filter_map(|(i, record)| Some((i, record.measured?.deviation_mean)))
        };
        let best = deviations()
            .map(|(_, deviation)| deviation)
            .fold(f64::INFINITY, f64::min);
        let first = deviations().find(|(_, deviation)| *deviation <= best * (1.0 + NEAR));
        Self {
            n,
            share,
            method: found.method.name(),
            cost: Cost::of(found),
            first_good: first.map(|(i, _)| Cost::until(found, i + 1).epochs),
            quality: found.kept.measured.quality,
            deviation: found.kept.measured.deviation_mean,
        }
    }
}

/// All points, for programs.
pub(super) fn cost_table(points: &[Point]) -> Table {
    let title = "Figs. 11 and 15: cost of SPAD and SPAD-SIM, tentative trainings included";
    let columns = [
        "partitionings",
        "share to train on",
        "method",
        "epochs",
        "updates",
        "epochs to the first near-optimal model",
        "F1",
        "S(d)mean",
    ];
    let mut table = Table::new("figures_11_15", title, &columns);
    for point in points {
        table.push([
            point.n.into(),
            point.share.into(),
            point.method.as_str().into(),
            point.cost.epochs.into(),
            point.cost.updates.into(),
            point.first_good.into(),
            point.quality.into(),
            point.deviation.into(),
        ]);
    }
    table
}

/// Figs. 11 and 15.
pub(super) fn of_cost(points: &[Point]) -> Vec<Figure> {
    let chart = |name, title: &str, cost: fn(&Point) -> Option<usize>| Figure {
        name,
        chart: LineChart {
            title: title.to_owned(),
            panels: vec![
                panel(points, "24 partitionings", "share to train on", cost, |point| {
                    (point.n == 24).then_some(point.share)
                }),
                panel(points, "20 % to train on", "partitionings", cost, |point| {
                    (point.share < 0.25).then_some(point.n as f64)
                }),
            ],
            n_columns: 2,
        },
    };
    vec![
        chart("figure_11", "Fig. 11: updates of all loops", |point| {
            Some(point.cost.updates)
        }),
        chart(
            "figure_15",
            "Fig. 15: epochs to the first near-optimal model",
            |point| point.first_good,
        ),
    ]
}

fn panel(
    points: &[Point],
    title: &str,
    x_title: &str,
    cost: fn(&Point) -> Option<usize>,
    x: impl Fn(&Point) -> Option<f64>,
) -> LinePanel {
    let lines = ["SPAD", "SPAD-SIM"].map(|name| {
        let own = points.iter().filter(|point| point.method == name);
        let mut points: Vec<LinePoint> = own
            .filter_map(|point| {
                Some(LinePoint {
                    x: x(point)?,
                    y: cost(point)? as f64,
                    interval: None,
                })
            })
            .collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        Line {
            name: name.to_owned(),
            points,
        }
    });
    LinePanel {
        title: title.to_owned(),
        x_title: x_title.to_owned(),
        y_title: "cost".to_owned(),
        y_range: None,
        lines: lines.into(),
        levels: Vec::new(),
    }
}

/// Figs. 8, 10 and 12 for one set and score.
pub(super) fn of_methods(largest: usize, score: usize, what: &str, summaries: &[Summary]) -> Vec<Figure> {
    let names = match (largest, score) {
        (5, 0) => ["figure_8_weighted", "figure_10_weighted", "figure_12_weighted"],
        (5, _) => [
            "figure_8_unweighted",
            "figure_10_unweighted",
            "figure_12_unweighted",
        ],
        _ => return Vec::new(),
    };
    let of = [
        (
            "Fig. 8: SPAD, REG and the base model",
            &["Base", "REG", "SPAD"][..],
        ),
        (
            "Fig. 10: SPAD and a single partitioning",
            &["Base", "Single-4x1", "SPAD"],
        ),
        (
            "Fig. 12: SPAD, SPAD-SIM and SPAD-RND",
            &["SPAD-RND", "SPAD-SIM", "SPAD"],
        ),
    ];
    names
        .into_iter()
        .zip(of)
        .map(|(name, (title, methods))| Figure {
            name,
            chart: LineChart {
                title: format!("{title}, {what}"),
                panels: vec![by_partitioning(summaries, methods)],
                n_columns: 1,
            },
        })
        .collect()
}

fn by_partitioning(summaries: &[Summary], methods: &[&str]) -> LinePanel {
    let lines = methods.iter().filter_map(|name| {
        let summary = named(summaries, name)?;
        let point = |partitioning: usize| {
            let (y, error) = summary.distance(partitioning);
            LinePoint {
                x: partitioning as f64 + 1.0,
                y,
                interval: error.map(|error| (y - error, y + error)),
            }
        };
        Some(Line {
            name: (*name).to_owned(),
            points: (0..summary.n_partitionings()).map(point).collect(),
        })
    });
    LinePanel {
        title: String::new(),
        x_title: "partitioning, 1×2 to 5×5 row by row".to_owned(),
        y_title: "mean distance of F1".to_owned(),
        y_range: None,
        lines: lines.collect(),
        levels: Vec::new(),
    }
}
