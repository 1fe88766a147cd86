//! What the paper's text has lost: partitionings in no cluster, and how many are sampled of a cluster.

use wherefair::similarity::{CountRule, Noise};
use wherefair_spad::{SimilaritySampling, Strategy};

use super::super::super::Setting;
use super::super::super::report::Report;
use super::super::super::table::Table;
use super::super::methods::Method;
use super::super::tables::{Measure, Model, Summary, summaries};
use super::super::trial::{self, Found};
use super::super::{WEIGHTED, scene};
use super::effort::Effort;
use super::{checks, methods};

const NOISE: [(Noise, &str); 2] = [
    (Noise::OneCluster, "one more cluster"),
    (Noise::Singletons, "a cluster each"),
];

const COUNTS: [(CountRule, &str); 2] = [
    (CountRule::RootShare, "the cluster's share of √N"),
    (CountRule::SizeByClusters, "⌈|C| / K⌉"),
];

/// SPAD-SIM with each choice, and random partitionings for as many epochs, on the usual set of crop partitionings.
pub(super) fn run(setting: &Setting<'_>, effort: &Effort, report: &mut Report) -> anyhow::Result<()> {
    let n = effort.usual * effort.usual - 1;
    let mut spad: Vec<Found> = Vec::new();
    let mut of_choices: Vec<Vec<Found>> = vec![Vec::new(); NOISE.len() * COUNTS.len()];
    let longer = methods::as_long_as_sim(&effort.sampling(), effort.usual);
    let choices = || {
        NOISE
            .into_iter()
            .flat_map(|noise| COUNTS.map(|count| (noise, count)))
    };
    let pair = |noise, count_rule| {
        let sampling = SimilaritySampling {
            noise,
            count_rule,
            ..effort.sampling()
        };
        [Method::ours(Strategy::SpadSim(sampling)), longer.clone()]
    };
    for index in 0..effort.n_seeds {
        let part = format!("choices, scene {} of {}", index + 1, effort.n_seeds);
        setting.progress.begin(&part, 1 + 2 * of_choices.len());
        let problem = effort.problem(setting, index, effort.usual, scene::SHARE)?;
        let base = trial::base_model(&problem, WEIGHTED)?;
        let run = |methods: &[Method]| trial::run(&problem, WEIGHTED, &base, methods, setting.progress);
        spad.extend(run(&[Method::ours(Strategy::Spad)])?);
        for (((noise, _), (count_rule, _)), found) in choices().zip(&mut of_choices) {
            found.extend(run(&pair(noise, count_rule))?);
        }
    }
    let columns = [
        "method",
        "partitionings in no cluster",
        "sampled of a cluster",
        "seeds",
        "epochs",
        "F1",
        "S(d)mean, kept",
        "S(d)mean, last epoch",
    ];
    let title = format!(
        "Choices of SPAD-SIM, and random partitionings for as many epochs: {n} partitionings of crops, weighted F1, \
         scenes of {0} × {0} pixels",
        effort.side
    );
    let mut table = Table::new("choices", title, &columns);
    let mut push = |summary: &Summary, choice: (&str, &str)| {
        let text = |model, measure| summary.spread(model, measure).text();
        table.push([
            summary.method.name().into(),
            choice.0.into(),
            choice.1.into(),
            summary.n_seeds().into(),
            summary.n_epochs().into(),
            text(Model::Kept, Measure::Quality).into(),
            text(Model::Kept, Measure::DeviationMean).into(),
            text(Model::Last, Measure::DeviationMean).into(),
        ]);
    };
    for summary in summaries(&[Method::ours(Strategy::Spad)], &spad) {
        push(&summary, ("–", "–"));
    }
    for (((noise, of_noise), (count_rule, of_count)), runs) in choices().zip(&of_choices) {
        for summary in summaries(&pair(noise, count_rule), runs) {
            push(&summary, (of_noise, of_count));
        }
        let what = format!("in no cluster: {of_noise}; sampled: {of_count}");
        checks::of_epochs(n, &what, runs, report);
    }
    report.tables.push(table);
    Ok(())
}
