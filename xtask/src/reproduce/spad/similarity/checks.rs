//! What must hold whatever is found: otherwise something else than SPAD-SIM was measured.

use anyhow::Context as _;
use wherefair::data::LocationSplit;
use wherefair_spad::{LoopStage, Strategy};

use super::super::super::Setting;
use super::super::super::report::Report;
use super::super::trial::{self, BaseModel, Found, Problem};
use super::super::{TOLERANCE, direct, scene, seed_of};
use super::data::Data;
use super::effort::Effort;

/// S(d)mean of the base model is what plain counting finds, and the sum over all partitionings.
pub(super) fn of_base(
    setting: &Setting<'_>,
    effort: &Effort,
    (problem, base): (&Problem, &BaseModel),
    largest: usize,
    runs: &[Vec<Found>],
    report: &mut Report,
) -> anyhow::Result<()> {
    let found = runs[0].first().context("nothing was run")?;
    let measured = found.last.measured.deviation_mean;
    let sum: f64 = found
        .last
        .distances
        .iter()
        .filter(|distance| distance.is_finite())
        .sum();
    report.check(
        format!(
            "{}: S(d)mean of {}, partitioning by partitioning",
            effort.data.name(),
            found.method.name()
        ),
        format!("{measured:.12}"),
        format!("{sum:.12}"),
        (measured - sum).abs() <= TOLERANCE,
    );
    if effort.data == Data::Crops {
        let split = LocationSplit::new(
            effort.side * effort.side,
            scene::SHARE,
            scene::SHARE,
            seed_of(setting, 0),
        )?;
        let predicted = trial::predicted(problem, base)?;
        let counted =
            direct::deviation_mean(&problem.test, &predicted, (split.test(), effort.side), largest)?;
        report.check(
            format!("S(d)mean of the base model, counted pixel by pixel, grids up to {largest} × {largest}"),
            format!("{measured:.12}"),
            format!("{counted:.12}"),
            (counted - measured).abs() <= TOLERANCE,
        );
    }
    Ok(())
}

/// SPAD-SIM on one thread makes the same loops, history and model.
pub(super) fn of_threads(
    effort: &Effort,
    (problem, base): (&Problem, &BaseModel),
    largest: usize,
    runs: &[Found],
    report: &mut Report,
) -> anyhow::Result<()> {
    let Some(sim) = runs
        .iter()
        .find(|found| matches!(found.method.strategy, Strategy::SpadSim(_)))
    else {
        return Ok(());
    };
    if !effort.repeats {
        return Ok(());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let score = effort.data.scored()[0].score;
    let again =
        pool.install(|| trial::of_method(problem, score, base, &sim.method, sim.method.strategy.clone()))?;
    let holds = again.loops == sim.loops && again.records == sim.records && again.last == sim.last;
    report.check(
        format!(
            "{}: SPAD-SIM again, on one thread, {} partitionings",
            effort.data.name(),
            largest * largest - 1
        ),
        "the same loops, epochs and scores",
        if holds { "the same" } else { "others" },
        holds,
    );
    Ok(())
}

/// All loops of SPAD-SIM took place, and no later one trained all partitionings: otherwise it is SPAD that was measured.
pub(super) fn of_loops(effort: &Effort, n: usize, what: &str, runs: &[Found], report: &mut Report) {
    let stages = [
        LoopStage::Initial,
        LoopStage::Tentative,
        LoopStage::Clustering,
        LoopStage::Sampling,
    ];
    let n_others = effort.n_loops.saturating_sub(2 * effort.n_few + 1);
    let expected = [effort.n_few, 1, effort.n_few, n_others].map(|count| count as usize);
    for found in runs.iter().filter(|found| found.method.name() == "SPAD-SIM") {
        let counted = stages.map(|stage| found.loops.iter().filter(|one| one.stage == stage).count());
        report.check(
            format!("loops of SPAD-SIM by stage, {what}"),
            format!("{expected:?}"),
            format!("{counted:?}"),
            counted == expected,
        );
        let sampled = found
            .loops
            .iter()
            .filter(|one| matches!(one.stage, LoopStage::Clustering | LoopStage::Sampling))
            .map(|one| one.partitionings.len());
        let (least, most) = (sampled.clone().min().unwrap_or(0), sampled.max().unwrap_or(n));
        report.check(
            format!("partitionings that a loop of SPAD-SIM samples, {what}"),
            format!("at least 1, fewer than {n}"),
            format!("{least} to {most}"),
            least > 0 && most < n,
        );
    }
}

/// SPAD-SIM takes fewer epochs than SPAD, its tentative ones included, and SPAD-RND as many where it is to.
pub(super) fn of_epochs(n: usize, what: &str, runs: &[Found], report: &mut Report) {
    let epochs = |name: &str| -> Vec<usize> {
        let own = runs.iter().filter(|found| found.method.name() == name);
        own.map(Found::n_epochs).collect()
    };
    let (sim, longer) = (epochs("SPAD-SIM"), epochs("SPAD-RND-longer"));
    for (spad, sim) in epochs("SPAD").into_iter().zip(&sim) {
        report.check(
            format!("epochs of SPAD-SIM, {what}"),
            format!("fewer than {spad}"),
            sim.to_string(),
            *sim < spad,
        );
    }
    for (longer, sim) in longer.into_iter().zip(&sim) {
        report.check(
            format!("epochs of SPAD-RND-longer, {what}"),
            format!("at least {sim}, at most {} more", n - 1),
            longer.to_string(),
            (*sim..sim + n).contains(&longer),
        );
    }
}

/// Each initial loop takes an epoch for every partitioning.
pub(super) fn of_initial_loops(what: &str, found: &[(u32, &Found)], report: &mut Report) {
    for (n_initial, found) in found {
        let n = found.last.distances.len();
        let first: Vec<usize> = found
            .loops
            .iter()
            .filter(|one| one.stage == LoopStage::Initial)
            .map(|one| one.partitionings.len())
            .collect();
        report.check(
            format!("{what}: partitionings of {n_initial} initial loops"),
            format!("{:?}", vec![n; *n_initial as usize]),
            format!("{first:?}"),
            first == vec![n; *n_initial as usize],
        );
    }
}
