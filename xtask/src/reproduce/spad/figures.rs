//! Figs. 5 to 7: the mean distance of partitions, partitioning by partitioning.

use wherefair::report::{Line, LineChart, LinePanel, LinePoint};

use super::super::figure::Figure;
use super::tables::{Model, Summary, named};

/// The figures of the paper and the methods in each.
const FIGURES: [(&str, &str, &[&str]); 3] = [
    (
        "figure_5",
        "Fig. 5: SPAD, REG and the base model",
        &["Base", "REG", "SPAD"],
    ),
    (
        "figure_6",
        "Fig. 6: SPAD and single partitionings",
        &["Base", "Single-1x4", "Single-4x1", "SPAD"],
    ),
    (
        "figure_7",
        "Fig. 7: ways to optimise",
        &["Base", "SPAD-GD", "SPAD-10-eps", "SPAD-no-base", "SPAD"],
    ),
];

/// All three, a panel a score.
pub(super) fn all(panels: &[(&str, &[Summary])]) -> Vec<Figure> {
    let of = |&(name, title, methods): &(&'static str, &str, &[&str])| Figure {
        name,
        chart: LineChart {
            title: title.to_owned(),
            panels: panels
                .iter()
                .map(|(title, summaries)| panel(title, summaries, methods))
                .collect(),
            n_columns: 1,
        },
    };
    FIGURES.iter().map(of).collect()
}

/// The distance in each of the 24 partitionings.
pub(super) fn panel(title: &str, summaries: &[Summary], methods: &[&str]) -> LinePanel {
    let lines = methods.iter().filter_map(|name| {
        let summary = named(summaries, name)?;
        let point = |partitioning: usize| {
            let (y, error) = summary.distance(Model::Kept, partitioning);
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
        title: title.to_owned(),
        x_title: "partitioning, 1×2 to 5×5 row by row".to_owned(),
        y_title: "mean distance of F1".to_owned(),
        y_range: None,
        lines: lines.collect(),
        levels: Vec::new(),
    }
}
