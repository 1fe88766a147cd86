//! Figures of methods: Figs. 8 to 10, 12 and 22.

use wherefair::report::{Line, LineChart, LinePanel, LinePoint};

use super::super::super::figure::Figure;
use super::super::figures::panel;
use super::super::tables::{Model, Summary, named};
use super::data::{Data, Place};

/// Figs. 8, 10 and 12: distances by partitioning, for a set of 24 crop partitionings and the score of a number.
pub(super) fn of_methods(score: usize, what: &str, summaries: &[Summary]) -> Vec<Figure> {
    let names = if score == 0 {
        ["figure_8_weighted", "figure_10_weighted", "figure_12_weighted"]
    } else {
        [
            "figure_8_unweighted",
            "figure_10_unweighted",
            "figure_12_unweighted",
        ]
    };
    let of = [
        (
            "Fig. 8: SPAD, REG and the base model",
            &["Base", "REG", "SPAD"][..],
        ),
        (
            "Fig. 10: SPAD and a single partitioning",
            &["Base", "REG-Single-4x1", "ADL-Single-4x1", "Single-4x1", "SPAD"],
        ),
        (
            "Fig. 12: SPAD, SPAD-SIM, SPAD-RND and SPAD-GD",
            &["SPAD-RND", "SPAD-RND-longer", "SPAD-GD", "SPAD-SIM", "SPAD"],
        ),
    ];
    names
        .into_iter()
        .zip(of)
        .map(|(name, (title, methods))| Figure {
            name,
            chart: LineChart {
                title: format!("{title}, {what}"),
                panels: vec![panel("", summaries, methods)],
                n_columns: 1,
            },
        })
        .collect()
}

/// Figs. 9 and 22: distances of the partitions of one partitioning, before and after SPAD, in the first run.
pub(super) fn of_partitions(data: Data, place: Place, panels: &[(&str, &[Summary])]) -> Figure {
    let of_panel = |(what, summaries): &(&str, &[Summary])| {
        let lines = ["Base", "SPAD"].into_iter().filter_map(|name| {
            let tested = named(summaries, name)?.first_run(Model::Last)?;
            let points = tested.of_six.iter().enumerate().map(|(partition, &y)| LinePoint {
                x: partition as f64 + 1.0,
                y,
                interval: None,
            });
            Some(Line {
                name: name.to_owned(),
                points: points.collect(),
            })
        });
        LinePanel {
            title: (*what).to_owned(),
            x_title: "partition of the first partitioning of six".to_owned(),
            y_title: "distance of F1 from the mean".to_owned(),
            y_range: None,
            lines: lines.collect(),
            levels: Vec::new(),
        }
    };
    Figure {
        name: place.file,
        chart: LineChart {
            title: format!("{}: partitions of one partitioning, {}", place.paper, data.name()),
            panels: panels.iter().map(of_panel).collect(),
            n_columns: panels.len().max(1),
        },
    }
}
