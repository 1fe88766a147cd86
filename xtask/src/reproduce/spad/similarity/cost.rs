//! What trainings cost: Figs. 11, 15 to 17, 19 and 20, and the number of initial loops, Figs. 13, 18 and 21.

use wherefair::audit::Measured;
use wherefair::report::{Line, LineChart, LinePanel, LinePoint};

use super::super::super::figure::Figure;
use super::super::super::table::Table;
use super::super::trial::{Found, n_epochs};
use super::data::{Data, Place};

/// A model whose S(d)mean on the validation locations is within this share of what all trainings come to is near-optimal.
const NEAR: f64 = 0.05;

/// The S(d)mean on the validation locations of a near-optimal model: one level for all trainings, that the one of them
/// whose best is the worst reaches too.
pub(super) fn near_optimal(trainings: &[Found]) -> f64 {
    let best = |found: &Found| {
        let measured = found.records.iter().filter_map(|record| record.measured);
        measured
            .map(|measured| measured.deviation_mean)
            .fold(f64::INFINITY, f64::min)
    };
    trainings.iter().map(best).fold(0.0, f64::max) * (1.0 + NEAR)
}

/// One training.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) n: usize,
    pub(super) share: f64,
    method: String,
    /// Tentative ones included.
    pub(super) epochs: usize,
    updates: usize,
    /// Epochs before the first near-optimal model.
    pub(super) first_good: Option<usize>,
    quality: Option<f64>,
    pub(super) deviation: f64,
}

impl Point {
    pub(super) fn new(n: usize, share: f64, found: &Found, near_optimal: f64) -> Self {
        let is_good = |measured: Measured| measured.deviation_mean <= near_optimal;
        let first = found
            .records
            .iter()
            .position(|record| record.measured.is_some_and(is_good));
        let epochs_until = |last: usize| {
            let until = &found.records[..=last];
            until.iter().map(|record| n_epochs(record, n)).sum()
        };
        Self {
            n,
            share,
            method: found.method.name(),
            epochs: found.n_epochs(),
            updates: usize::try_from(found.n_updates).unwrap_or(usize::MAX),
            first_good: first.map(epochs_until),
            quality: found.kept.measured.quality,
            deviation: found.kept.measured.deviation_mean,
        }
    }
}

/// All points, for programs.
pub(super) fn table(data: Data, points: &[Point]) -> Table {
    let places = data.places();
    let name = match data {
        Data::Crops => "figures_11_15",
        Data::Palms => "figures_16_17",
        Data::Series => "figures_19_20",
    };
    let title = format!(
        "{} and {}: cost of SPAD and SPAD-SIM on {}, tentative trainings included",
        places.cost.paper,
        places.first.paper,
        data.name()
    );
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
    let mut table = Table::new(name, title, &columns);
    for point in points {
        table.push([
            point.n.into(),
            point.share.into(),
            point.method.as_str().into(),
            point.epochs.into(),
            point.updates.into(),
            point.first_good.into(),
            point.quality.into(),
            point.deviation.into(),
        ]);
    }
    table
}

/// The cost of all loops, and that to the first near-optimal model.
pub(super) fn figures(data: Data, usual: usize, points: &[Point]) -> [Figure; 2] {
    let n_usual = usual * usual - 1;
    let is_usual = |point: &Point| (point.n == n_usual).then_some(point.share);
    let by_share = |(y_title, y): (&str, Measure)| {
        let axes = ("share to train on", y_title);
        panel(points, &format!("{n_usual} partitionings"), axes, is_usual, y)
    };
    let by_number = |(y_title, y): (&str, Measure)| {
        let n = |point: &Point| (point.share < 0.25).then_some(point.n as f64);
        panel(points, "20 % to train on", ("partitionings", y_title), n, y)
    };
    let chart = |place: Place, title: &str, cost: (&str, Measure)| {
        let mut panels = vec![by_share(cost)];
        if data == Data::Crops {
            panels.push(by_number(cost));
        }
        panels.push(by_share(("S(d)mean", |point| Some(point.deviation))));
        Figure {
            name: place.file,
            chart: LineChart {
                title: format!("{}: {title}, {}", place.paper, data.name()),
                n_columns: panels.len(),
                panels,
            },
        }
    };
    let places = data.places();
    let epochs: (_, Measure) = ("epochs", |point| Some(point.epochs as f64));
    let first: (_, Measure) = ("epochs", |point| Some(point.first_good? as f64));
    [
        chart(places.cost, "epochs of all loops", epochs),
        chart(places.first, "epochs to the first near-optimal model", first),
    ]
}

type Measure = fn(&Point) -> Option<f64>;

fn panel(
    points: &[Point],
    title: &str,
    (x_title, y_title): (&str, &str),
    x: impl Fn(&Point) -> Option<f64>,
    y: Measure,
) -> LinePanel {
    let lines = ["SPAD", "SPAD-SIM"].map(|name| {
        let own = points.iter().filter(|point| point.method == name);
        line(name, own.filter_map(|point| Some((x(point)?, y(point)?))))
    });
    LinePanel {
        title: title.to_owned(),
        x_title: x_title.to_owned(),
        y_title: y_title.to_owned(),
        y_range: None,
        lines: lines.into(),
        levels: Vec::new(),
    }
}

fn line(name: &str, points: impl Iterator<Item = (f64, f64)>) -> Line {
    let mut points: Vec<LinePoint> = points.map(|(x, y)| LinePoint { x, y, interval: None }).collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    Line {
        name: name.to_owned(),
        points,
    }
}

/// SPAD-SIM by its number of initial loops.
pub(super) fn of_initial_loops(data: Data, n: usize, found: &[(u32, &Found)]) -> (Table, Figure) {
    let place = data.places().initial;
    let name = match data {
        Data::Crops => "initial_loops_crops",
        Data::Palms => "initial_loops_palm",
        Data::Series => "initial_loops_series",
    };
    let title = format!(
        "{}: SPAD-SIM with other numbers of initial loops, {n} partitionings, {}",
        place.paper,
        data.name()
    );
    let columns = ["initial loops", "epochs", "updates", "F1", "S(d)mean"];
    let mut table = Table::new(name, title.as_str(), &columns);
    for (n_initial, found) in found {
        table.push([
            (*n_initial).into(),
            found.n_epochs().into(),
            usize::try_from(found.n_updates).unwrap_or(usize::MAX).into(),
            found.kept.measured.quality.into(),
            found.kept.measured.deviation_mean.into(),
        ]);
    }
    let of = |y_title: &str, y: fn(&Found) -> f64| LinePanel {
        title: String::new(),
        x_title: "initial loops".to_owned(),
        y_title: y_title.to_owned(),
        y_range: None,
        lines: vec![line(
            "SPAD-SIM",
            found
                .iter()
                .map(|(n_initial, found)| (f64::from(*n_initial), y(found))),
        )],
        levels: Vec::new(),
    };
    let figure = Figure {
        name: place.file,
        chart: LineChart {
            title,
            panels: vec![
                of("S(d)mean", |found| found.kept.measured.deviation_mean),
                of("epochs", |found| found.n_epochs() as f64),
            ],
            n_columns: 2,
        },
    };
    (table, figure)
}

#[cfg(test)]
mod tests {
    use wherefair_spad::Strategy;
    use wherefair_train::{EpochRecord, Phase};

    use super::super::super::methods::Method;
    use super::super::super::trial::Tested;
    use super::*;

    fn record(phase: Phase, deviation_mean: Option<f64>) -> EpochRecord {
        let measured = deviation_mean.map(|deviation_mean| Measured {
            quality: Some(0.5),
            deviation_mean,
            deviation_max: 2.0,
        });
        EpochRecord {
            epoch: 0,
            phase,
            partitioning: None,
            loss: None,
            n_updates: 1,
            n_partitions: 1,
            objective: None,
            measured,
        }
    }

    #[test]
    fn tentative_epochs_count_and_near_optimal_is_within_5_percent_of_the_worst_best() {
        let tested = Tested {
            measured: Measured {
                quality: Some(0.5),
                deviation_mean: 0.8,
                deviation_max: 2.0,
            },
            distances: vec![0.1; 8],
            of_six: Vec::new(),
        };
        let fair = |deviation| record(Phase::Fair, Some(deviation));
        let found = Found {
            method: Method::ours(Strategy::Spad),
            last: tested.clone(),
            kept: tested,
            n_updates: 6,
            seconds: 1.0,
            records: vec![
                record(Phase::Base, Some(1.0)),
                fair(0.9),
                record(Phase::Tentative, None),
                fair(0.85),
                fair(0.83),
                fair(0.8),
            ],
            loops: Vec::new(),
        };
        let mut worse = found.clone();
        worse.records.truncate(5);
        let point = |level| Point::new(8, 0.2, &found, level);
        let alone = point(near_optimal(std::slice::from_ref(&found)));
        assert_eq!((alone.epochs, alone.first_good), (12, Some(11)));
        let level = near_optimal(&[found.clone(), worse]);
        assert!((level - 0.83 * 1.05).abs() < 1e-12);
        assert_eq!(point(level).first_good, Some(10));
        assert_eq!(point(0.5).first_good, None);
    }
}
