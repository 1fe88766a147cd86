//! The HTML page of `wherefair bias`.

use wherefair_report::{BiasPage, BiasTable, BiasTest, BiasVariableColumns};

use super::args::BiasArgs;
use super::association::Association;
use super::command::Findings;
use super::text::{adjustment, autocorrelation_rows, together_rows};
use crate::local_moran_command::shapes;
use crate::moran_command::report_context;
use crate::table::{number, p_value};

/// The page.
pub(crate) fn page(args: &BiasArgs, found: &Findings, sentence: &str) -> String {
    let [outcome, sensitive] = &found.variables;
    let columns = |i: usize| BiasVariableColumns {
        name: found.variables[i].describe().replace('`', ""),
        values: found.variables[i].values.clone(),
        rest: found
            .filtered
            .as_ref()
            .map_or_else(Vec::new, |both| both[i].rest.clone()),
    };
    // Student's t draws nothing; the same metric by permutations stands beside it.
    let drawn = found
        .associations
        .iter()
        .find(|association| !association.draws().is_empty());
    let page = BiasPage {
        outcome: columns(0),
        sensitive: columns(1),
        weights: found.weights.description.clone(),
        adjustment: adjustment(args, found),
        measures: measures(found),
        tests: found.associations.iter().map(test).collect(),
        level: args.level,
        metric: drawn.map_or_else(String::new, |association| association.metric.to_owned()),
        statistic: drawn.map_or(f64::NAN, Association::compared),
        draws: drawn.map_or_else(Vec::new, |association| association.draws().to_vec()),
        tables: vec![
            table(
                "Autocorrelation",
                "Of both variables as they are, and of what the filters leave.",
                autocorrelation_rows(found),
            ),
            table(
                "Both together",
                "Whether both variables are autocorrelated, and alike.",
                together_rows(args, found),
            ),
        ],
        labels: found.units.ids.clone(),
        points: found.units.points.clone(),
        shapes: shapes(&found.units),
        notes: found.notes.clone(),
    };
    let title = format!("Bias: {} by {}", outcome.name, sensitive.name);
    let context = report_context(title, &found.units, &found.weights, sentence);
    wherefair_report::bias_html(&page, &context)
}

fn test(association: &Association) -> BiasTest {
    BiasTest {
        metric: association.metric.to_owned(),
        statistic: association.statistic,
        adjusted_statistic: association.adjusted_statistic,
        p_value: association.p_value,
        adjusted_p_value: association.adjusted_p_value,
    }
}

fn measures(found: &Findings) -> Vec<(String, String)> {
    let mut measures = Vec::new();
    if let Some(first) = found.associations.first() {
        measures.push((first.metric.to_owned(), number(first.statistic)));
        measures.push(("p, before".to_owned(), p_value(first.p_value)));
        measures.extend(
            first
                .adjusted_p_value
                .map(|p| ("p, spatial patterns taken out".to_owned(), p_value(p))),
        );
    }
    for (variable, autocorrelation) in found.variables.iter().zip(&found.autocorrelation) {
        let name = format!("Moran's I of {}", variable.name);
        measures.push((name, number(autocorrelation.moran.statistic)));
    }
    for (variable, filter) in found.variables.iter().zip(found.filtered.iter().flatten()) {
        let name = format!("patterns taken out of {}", variable.name);
        measures.push((name, filter.n_selected.to_string()));
    }
    measures
}

fn table<const N: usize>(heading: &str, text: &str, rows: Vec<[String; N]>) -> BiasTable {
    let mut rows = rows.into_iter().map(Vec::from);
    BiasTable {
        heading: heading.to_owned(),
        text: text.to_owned(),
        head: rows.next().unwrap_or_default(),
        rows: rows.collect(),
    }
}
