//! What the paper says of SPAD-SIM, held against ours on test locations.

use super::super::super::comparison::{Comparison, Verdict};
use super::super::super::report::Report;
use super::super::tables::{Summary, named};
use super::super::trial::Found;
use super::deviation;
use super::figures::Point;

/// By what share S(d)mean may exceed SPAD's to be called the same.
const SAME_FAIRNESS: f64 = 0.05;

/// The tables.
pub(super) fn of_tables(
    place: &'static str,
    what: &str,
    summaries: &[Summary],
    grids: &[String],
    report: &mut Report,
) {
    let [Some(spad), Some(sim)] = ["SPAD", "SPAD-SIM"].map(|name| named(summaries, name)) else {
        return;
    };
    let mut say = |of: &str, paper, ours: f64, theirs: f64, holds| {
        let found = format!(
            "{ours:.3} against {theirs:.3}, {:+.1} %",
            100.0 * (ours / theirs - 1.0)
        );
        let what = format!("{what}: S(d)mean of {of}");
        let comparison = Comparison::statement(place, what, paper, found, Verdict::of(holds));
        report.comparisons.push(comparison);
    };
    let (of_spad, of_sim) = (deviation(spad), deviation(sim));
    say(
        "SPAD-SIM against SPAD",
        "similar; here: higher by 5 % at most",
        of_sim,
        of_spad,
        of_sim <= of_spad * (1.0 + SAME_FAIRNESS),
    );
    if let Some(random) = named(summaries, "SPAD-RND") {
        let random = deviation(random);
        say(
            "SPAD-SIM against SPAD-RND",
            "lower",
            of_sim,
            random,
            of_sim < random,
        );
        say(
            "SPAD against SPAD-RND",
            "lower",
            of_spad,
            random,
            of_spad < random,
        );
    }
    let own = grids.iter().position(|grid| grid == "4x1");
    if let (Some(own), Some(single)) = (own, named(summaries, "Single-4x1")) {
        let ours = single.distance(own).0;
        let others = summaries.iter().filter(|one| one.method.name() != "Single-4x1");
        let best = others
            .map(|one| one.distance(own).0)
            .fold(f64::INFINITY, f64::min);
        report.comparisons.push(Comparison::statement(
            "Fig. 10",
            format!("{what}: distance of Single-4x1 in its own partitioning against the best of the others"),
            "lower",
            format!("{ours:.4} against {best:.4}"),
            Verdict::of(ours < best),
        ));
    }
}

/// Figs. 11 and 15.
pub(super) fn of_cost(points: &[Point], report: &mut Report) {
    for pair in points.chunks_exact(2) {
        let [spad, sim] = pair else { continue };
        let what = format!(
            "{} partitionings, {:.0} % to train on",
            spad.n,
            100.0 * spad.share
        );
        let ratio = spad.cost.epochs as f64 / sim.cost.epochs as f64;
        report.comparisons.push(Comparison::statement(
            "Fig. 11",
            format!("{what}: epochs of SPAD by those of SPAD-SIM, the tentative ones included"),
            "SPAD-SIM is faster",
            format!("{ratio:.2}"),
            Verdict::of(ratio > 1.0),
        ));
        if let (Some(of_spad), Some(of_sim)) = (spad.first_good, sim.first_good) {
            report.comparisons.push(Comparison::statement(
                "Fig. 15",
                format!("{what}: epochs before the first near-optimal model"),
                "fewer with SPAD-SIM",
                format!("{of_sim} against {of_spad}"),
                Verdict::of(of_sim <= of_spad),
            ));
        }
    }
}

/// Fig. 13.
pub(super) fn of_initial_loops(found: &[(u32, &Found)], report: &mut Report) {
    let mean = |found: &Found| found.kept.measured.deviation_mean;
    let best = found
        .iter()
        .map(|(_, found)| mean(found))
        .fold(f64::INFINITY, f64::min);
    if let Some((_, five)) = found.iter().find(|(n_initial, _)| *n_initial == 5) {
        report.comparisons.push(Comparison::statement(
            "Fig. 13",
            "S(d)mean with 5 initial loops against the best number of them",
            "5 are enough; here: higher by 5 % at most",
            format!("{:.3} against {best:.3}", mean(five)),
            Verdict::of(mean(five) <= best * (1.0 + SAME_FAIRNESS)),
        ));
    }
}
