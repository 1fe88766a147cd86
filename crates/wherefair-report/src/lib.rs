//! Self-contained HTML reports of audits, of trainings, of spatial autocorrelation and of bias, with inline SVG charts and maps.
//!
#![doc = include_str!("../README.md")]

mod association;
mod autocorrelation;
mod charts;
mod context;
mod document;
mod markup;
mod neighbours;
mod number;
mod page;
mod sections;
mod svg;
mod training;
mod verdict;

pub use association::{BiasPage, BiasTable, BiasTest, BiasVariableColumns, bias_html};
pub use autocorrelation::{Cluster, LocalMoranPage, LocalPlace, MoranPage, local_moran_html, moran_html};
pub use charts::{Level, Line, LineChart, LinePanel, LinePoint, line_chart_svg};
pub use context::Context;
pub use neighbours::{ErrorsPage, errors_in_words, html_with_errors};
pub use page::{html, svg_of_map};
pub use training::{
    ClusterHistory, ClusteredMap, LoopClusters, ModelOnTest, TrainingEpoch, TrainingPage, training_html,
};
