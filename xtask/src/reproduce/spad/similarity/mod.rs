//! SPAD-SIM, the journal version of the SPAD paper: training on partitionings that stand for others.
//!
//! Reports are the same on every machine, so that they count cost in epochs and updates; seconds are said on the way.

mod checks;
mod choices;
mod claims;
mod cost;
mod data;
mod differences;
mod effort;
mod figures;
mod methods;
mod rates;

use std::fmt::Write as _;

use wherefair_spad::{LoopStage, SimilaritySampling, Strategy};

use self::cost::Point;
use self::data::Data;
use self::effort::Effort;
use super::super::Setting;
use super::super::report::Report;
use super::super::table::Table;
use super::methods::Method;
use super::scene;
use super::tables::{self, Summary, named};
use super::trial::{self, Found, Problem};

const PAPER: &str =
    "He et al., Learning with Location-based Fairness: A Statistically-Robust Framework and Acceleration";

/// What can be run alone.
pub(in crate::reproduce) const PARTS: &[&str] = &[
    "tables",
    "tables-99",
    "cost",
    "loops",
    "choices",
    "rates",
    "palm-tables",
    "palm-cost",
    "palm-loops",
    "series-tables",
    "series-cost",
    "series-loops",
];

/// Runs all parts.
pub(in crate::reproduce) fn run(setting: &Setting<'_>) -> anyhow::Result<Report> {
    let mut report = Report::new("spad-sim", PAPER, setting);
    for part in PARTS {
        if setting.only.as_deref().is_some_and(|only| only != *part) {
            continue;
        }
        let (data, what) = match part.split_once('-') {
            Some(("palm", what)) => (Data::Palms, what),
            Some(("series", what)) => (Data::Series, what),
            _ => (Data::Crops, *part),
        };
        let effort = Effort::new(setting, data);
        match what {
            "tables" => of_set(setting, &effort, effort.usual, &mut report)?,
            "tables-99" => of_set(setting, &effort, effort.many, &mut report)?,
            "cost" => of_cost(setting, &effort, &mut report)?,
            "choices" => choices::run(setting, &effort, &mut report)?,
            "rates" => rates::run(setting, &effort, &mut report)?,
            _ => of_initial_loops(setting, &effort, &mut report)?,
        }
    }
    report.differences = differences::all();
    Ok(report)
}

/// Tables 1 to 4 on one set of partitionings, Figs. 8 to 10, 12, 14 and 22.
fn of_set(setting: &Setting<'_>, effort: &Effort, largest: usize, report: &mut Report) -> anyhow::Result<()> {
    let (data, n) = (effort.data, largest * largest - 1);
    let methods = methods::all(data, &effort.sampling(), largest);
    let scored = data.scored();
    let mut runs: Vec<Vec<Found>> = vec![Vec::new(); scored.len()];
    let mut grids = Vec::new();
    for index in 0..effort.n_seeds {
        let methods = effort.methods_of(&methods, largest, index);
        let part = format!(
            "{}, {n} partitionings, scene {} of {}",
            data.name(),
            index + 1,
            effort.n_seeds
        );
        setting.progress.begin(&part, scored.len() * methods.len());
        let problem = effort.problem(setting, index, largest, scene::SHARE)?;
        let base = trial::base_model(&problem, scored[0].score)?;
        for (scored, runs) in scored.iter().zip(&mut runs) {
            runs.extend(trial::run(
                &problem,
                scored.score,
                &base,
                &methods,
                setting.progress,
            )?);
        }
        if index == 0 {
            let candidates = problem.test.distribution().candidates();
            grids = candidates.iter().map(|grid| grid.name()).collect();
            checks::of_base(setting, effort, (&problem, &base), largest, &runs, report)?;
            checks::of_threads(effort, (&problem, &base), largest, &runs[0], report)?;
        }
    }
    let all: Vec<Vec<Summary>> = runs
        .iter()
        .map(|runs| tables::summaries(&methods, runs))
        .collect();
    for (score, ((scored, runs), summaries)) in scored.iter().zip(&runs).zip(&all).enumerate() {
        let names = data.names(largest, score);
        let title = format!(
            "{}: {}, {n} partitionings, scenes of {2} × {2} pixels",
            scored.place, scored.what, effort.side
        );
        report
            .tables
            .push(tables::table(names.table, title, "F1", summaries, score));
        let title = format!("Mean distance in each of {n} partitionings, {}", scored.what);
        report
            .tables
            .push(tables::by_partitioning(names.distances, title, summaries, &grids));
        tables::beside(scored.place, summaries, score, report);
        let what = format!("{}, {n} partitionings", scored.what);
        claims::of_tables(scored, &what, summaries, &grids, report);
        checks::of_loops(effort, n, &what, runs, report);
        checks::of_epochs(n, &what, runs, report);
        report.tables.push(clusters(names.clusters, &what, runs, &grids));
        if data == Data::Crops && largest == effort.usual {
            report
                .figures
                .extend(figures::of_methods(score, scored.what, summaries));
        }
        seconds(setting, &what, summaries);
    }
    if let Some(place) = data.places().partitions
        && largest == effort.usual
    {
        let whats = scored.iter().map(|scored| scored.what);
        let panels: Vec<(&str, &[Summary])> = whats.zip(all.iter().map(Vec::as_slice)).collect();
        report.figures.push(figures::of_partitions(data, place, &panels));
    }
    Ok(())
}

/// Says how long the methods took.
fn seconds(setting: &Setting<'_>, what: &str, summaries: &[Summary]) {
    let mut text = format!("{what}:");
    for summary in summaries {
        let _ = write!(text, " {} {:.2} s,", summary.method.name(), summary.seconds());
    }
    if let (Some(spad), Some(sim)) = (named(summaries, "SPAD"), named(summaries, "SPAD-SIM")) {
        let _ = write!(
            text,
            " SPAD-SIM {:.2} times as fast as SPAD",
            spad.seconds() / sim.seconds()
        );
    }
    setting.progress.say(&text);
}

/// Fig. 14: clusters loop by loop in the first run.
fn clusters(name: &'static str, what: &str, runs: &[Found], grids: &[String]) -> Table {
    let title =
        format!("Fig. 14: clusters, loop by loop, in the first run; empty for partitionings in none; {what}");
    let mut table = Table::new(name, title, &["loop", "partitioning", "cluster", "sampled"]);
    let of_sim = runs.iter().find(|found| found.method.name() == "SPAD-SIM");
    for (index, one) in of_sim.iter().flat_map(|found| found.loops.iter().enumerate()) {
        if one.stage != LoopStage::Clustering {
            continue;
        }
        let labels = one.clusters.iter().flatten();
        for (partitioning, (grid, label)) in grids.iter().zip(labels).enumerate() {
            table.push([
                (index + 1).into(),
                grid.as_str().into(),
                label.map(|label| label + 1).into(),
                usize::from(one.partitionings.contains(&partitioning)).into(),
            ]);
        }
    }
    table.only_as_file()
}

/// Cost against the share of training locations and the number of partitionings.
fn of_cost(setting: &Setting<'_>, effort: &Effort, report: &mut Report) -> anyhow::Result<()> {
    let data = effort.data;
    let methods = methods::two(effort.sampling());
    let mut points = Vec::new();
    let by_share = effort.shares.iter().map(|&share| (effort.usual, share));
    let by_set = effort.of_cost.iter().map(|&largest| (largest, scene::SHARE));
    for (largest, share) in by_share.chain(by_set) {
        let n = largest * largest - 1;
        let what = format!("{}, cost, {n} partitionings, {:.0} %", data.name(), 100.0 * share);
        setting.progress.begin(&what, methods.len());
        let problem = effort.problem(setting, 0, largest, share)?;
        let found = run_from_base(&problem, data, &methods, setting)?;
        let [spad, sim] = &found[..] else { continue };
        setting.progress.say(&format!(
            "{what} of the locations: SPAD {:.2} s, SPAD-SIM {:.2} s, {:.2} times as fast",
            spad.seconds,
            sim.seconds,
            spad.seconds / sim.seconds
        ));
        checks::of_epochs(n, &what, &found, report);
        let near_optimal = cost::near_optimal(&found);
        points.extend(
            found
                .iter()
                .map(|found| Point::new(n, share, found, near_optimal)),
        );
    }
    report.tables.push(cost::table(data, &points));
    report.figures.extend(cost::figures(data, effort.usual, &points));
    claims::of_cost(data, &points, report);
    Ok(())
}

fn run_from_base(
    problem: &Problem,
    data: Data,
    methods: &[Method],
    setting: &Setting<'_>,
) -> anyhow::Result<Vec<Found>> {
    let score = data.scored()[0].score;
    let base = trial::base_model(problem, score)?;
    trial::run(problem, score, &base, methods, setting.progress)
}

/// How many initial loops.
fn of_initial_loops(setting: &Setting<'_>, effort: &Effort, report: &mut Report) -> anyhow::Result<()> {
    let data = effort.data;
    let part = format!("{}, initial loops", data.name());
    setting.progress.begin(&part, effort.initial.len());
    let of = |&n_initial: &u32| {
        Method::ours(Strategy::SpadSim(SimilaritySampling {
            n_initial,
            ..effort.sampling()
        }))
    };
    let methods: Vec<Method> = effort.initial.iter().map(of).collect();
    let problem = effort.problem(setting, 0, effort.usual, scene::SHARE)?;
    let found = run_from_base(&problem, data, &methods, setting)?;
    let n = problem.train.distribution().len();
    checks::of_epochs(n, &part, &found, report);
    let all: Vec<(u32, &Found)> = effort.initial.iter().copied().zip(&found).collect();
    checks::of_initial_loops(&part, &all, report);
    let (table, figure) = cost::of_initial_loops(data, n, &all);
    report.tables.push(table);
    report.figures.push(figure);
    claims::of_initial_loops(data, &all, report);
    Ok(())
}
