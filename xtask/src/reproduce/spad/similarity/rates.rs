//! The learning rate after the base model's epochs, of which the paper says only that it is theirs.

use wherefair_spad::Strategy;

use super::super::super::Setting;
use super::super::super::report::Report;
use super::super::super::table::Table;
use super::super::methods::Method;
use super::super::tables::{Measure, Model, summaries};
use super::super::trial::{self, Found};
use super::super::{WEIGHTED, scene};
use super::effort::Effort;
use super::{checks, methods};

const RATES: [f64; 6] = [1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 2e-5];

/// SPAD, SPAD-SIM and random partitionings for as many epochs at each rate, from the same base models, on the usual set of
/// crop partitionings.
pub(super) fn run(setting: &Setting<'_>, effort: &Effort, report: &mut Report) -> anyhow::Result<()> {
    let n = effort.usual * effort.usual - 1;
    let sampling = effort.sampling();
    let own = [
        Method::ours(Strategy::Spad),
        Method::ours(Strategy::SpadSim(sampling)),
        methods::as_long_as_sim(&sampling, effort.usual),
    ];
    let mut found: Vec<Vec<Found>> = vec![Vec::new(); RATES.len()];
    for index in 0..effort.n_seeds {
        let part = format!("rates, scene {} of {}", index + 1, effort.n_seeds);
        setting.progress.begin(&part, own.len() * RATES.len());
        let mut problem = effort.problem(setting, index, effort.usual, scene::SHARE)?;
        let base = trial::base_model(&problem, WEIGHTED)?;
        for (rate, found) in RATES.into_iter().zip(&mut found) {
            problem.learning_rate = rate;
            found.extend(trial::run(&problem, WEIGHTED, &base, &own, setting.progress)?);
        }
    }
    let columns = [
        "learning rate",
        "method",
        "seeds",
        "epochs",
        "F1, kept",
        "S(d)mean, kept",
        "F1, last epoch",
        "S(d)mean, last epoch",
    ];
    let title = format!(
        "Learning rates after the base model's {}: {n} partitionings of crops, weighted F1, scenes of {1} × {1} pixels",
        trial::LEARNING_RATE,
        effort.side
    );
    let mut table = Table::new("rates", title, &columns);
    for (rate, found) in RATES.into_iter().zip(&found) {
        for summary in summaries(&own, found) {
            let text = |model, measure| summary.spread(model, measure).text();
            table.push([
                rate.into(),
                summary.method.name().into(),
                summary.n_seeds().into(),
                summary.n_epochs().into(),
                text(Model::Kept, Measure::Quality).into(),
                text(Model::Kept, Measure::DeviationMean).into(),
                text(Model::Last, Measure::Quality).into(),
                text(Model::Last, Measure::DeviationMean).into(),
            ]);
        }
        checks::of_epochs(n, &format!("learning rate {rate}"), found, report);
    }
    report.tables.push(table);
    Ok(())
}
