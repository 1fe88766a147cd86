//! What the paper says of SPAD-SIM, held against ours on test locations.

use super::super::super::comparison::{Comparison, Verdict};
use super::super::super::report::Report;
use super::super::PLANTATIONS;
use super::super::tables::{Measure, Model, Summary, named};
use super::super::trial::Found;
use super::cost::Point;
use super::data::{Data, Scored};
use super::methods::ONE;

/// By what share S(d)mean may exceed SPAD's to be called the same.
const SAME_FAIRNESS: f64 = 0.05;

/// The tables: kept models and those of the last epoch.
pub(super) fn of_tables(
    scored: &Scored,
    what: &str,
    summaries: &[Summary],
    grids: &[String],
    report: &mut Report,
) {
    let goals = [
        (
            "SPAD-SIM",
            "SPAD",
            "similar; here: higher by 5 % at most",
            1.0 + SAME_FAIRNESS,
        ),
        ("SPAD-SIM", "SPAD-RND", "lower", 1.0),
        (
            "SPAD-SIM",
            "SPAD-RND-longer",
            "not in the paper; here: lower",
            1.0,
        ),
        ("SPAD", "SPAD-RND", "lower", 1.0),
        ("SPAD", "SPAD-RND-longer", "not in the paper; here: lower", 1.0),
        ("SPAD", "Base", "lower", 1.0),
        ("SPAD", "REG", "lower", 1.0),
        ("SPAD", "SPAD-GD", "lower, or about the same", 1.0 + SAME_FAIRNESS),
    ];
    for (ours, theirs, paper, most) in goals {
        let (Some(own), Some(other)) = (named(summaries, ours), named(summaries, theirs)) else {
            continue;
        };
        // A method that was run with fewer seeds is compared on those.
        let n_seeds = own.n_seeds().min(other.n_seeds());
        for model in [Model::Kept, Model::Last] {
            let [own, other] =
                [own, other].map(|one| one.first(n_seeds).spread(model, Measure::DeviationMean).mean);
            report.comparisons.push(Comparison::statement(
                scored.place,
                format!("{what}: S(d)mean of {ours} against {theirs}, {}", model.name()),
                paper,
                format!(
                    "{own:.3} against {other:.3}, {:+.1} %",
                    100.0 * (own / other - 1.0)
                ),
                Verdict::of(own < other * most),
            ));
        }
    }
    let Some(own) = grids.iter().position(|grid| grid == ONE) else {
        return;
    };
    // The paper shows it of crops alone.
    let is_crops = scored.score != PLANTATIONS;
    let single = format!("Single-{ONE}");
    let Some(bl) = named(summaries, &single) else {
        return;
    };
    for model in [Model::Kept, Model::Last] {
        let others = summaries.iter().filter(|one| one.method.name() != single);
        let best = others
            .filter(|one| one.n_seeds() == bl.n_seeds())
            .map(|one| (one.distance(model, own).0, one.method.name()))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        let Some((best, of)) = best else { continue };
        let ours = bl.distance(model, own).0;
        report.comparisons.push(Comparison::statement(
            if is_crops { "Fig. 10" } else { scored.place },
            format!(
                "{what}: distance of {single} in its own partitioning against the best of the others, {}",
                model.name()
            ),
            "lower",
            format!("{ours:.4} against {best:.4} of {of}"),
            Verdict::of(ours < best),
        ));
    }
}

/// Costs of all loops and to the first near-optimal model.
pub(super) fn of_cost(data: Data, points: &[Point], report: &mut Report) {
    let places = data.places();
    for pair in points.chunks_exact(2) {
        let [spad, sim] = pair else { continue };
        let what = format!(
            "{}, {} partitionings, {:.0} % to train on",
            data.name(),
            spad.n,
            100.0 * spad.share
        );
        let ratio = spad.epochs as f64 / sim.epochs as f64;
        report.comparisons.push(Comparison::statement(
            places.cost.paper,
            format!("{what}: epochs of SPAD by those of SPAD-SIM, the tentative ones included"),
            "SPAD-SIM is faster",
            format!("{ratio:.2}"),
            Verdict::of(ratio > 1.0),
        ));
        report.comparisons.push(Comparison::statement(
            places.cost.paper,
            format!("{what}: S(d)mean of SPAD-SIM against SPAD, kept"),
            "not undermined; here: higher by 5 % at most",
            format!(
                "{:.3} against {:.3}, {:+.1} %",
                sim.deviation,
                spad.deviation,
                100.0 * (sim.deviation / spad.deviation - 1.0)
            ),
            Verdict::of(sim.deviation <= spad.deviation * (1.0 + SAME_FAIRNESS)),
        ));
        if let (Some(of_spad), Some(of_sim)) = (spad.first_good, sim.first_good) {
            report.comparisons.push(Comparison::statement(
                places.first.paper,
                format!("{what}: epochs before the first near-optimal model"),
                "fewer with SPAD-SIM",
                format!("{of_sim} against {of_spad}"),
                Verdict::of(of_sim <= of_spad),
            ));
        }
    }
}

/// The number of initial loops.
pub(super) fn of_initial_loops(data: Data, found: &[(u32, &Found)], report: &mut Report) {
    let mean = |found: &Found| found.kept.measured.deviation_mean;
    let best = found
        .iter()
        .map(|(_, found)| mean(found))
        .fold(f64::INFINITY, f64::min);
    if let Some((_, five)) = found.iter().find(|(n_initial, _)| *n_initial == 5) {
        report.comparisons.push(Comparison::statement(
            data.places().initial.paper,
            format!(
                "{}: S(d)mean with 5 initial loops against the best number of them",
                data.name()
            ),
            "5 are enough; here: higher by 5 % at most",
            format!("{:.3} against {best:.3}", mean(five)),
            Verdict::of(mean(five) <= best * (1.0 + SAME_FAIRNESS)),
        ));
    }
}
