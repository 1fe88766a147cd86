//! The charts of a report, one a file.

mod bins;
mod choropleth;
mod cluster_map;
mod deviations;
mod distribution;
mod forest;
mod groups;
mod legend;
mod lines;
mod matrix;
mod moran_scatter;
mod multiples;
mod null_distribution;
mod p_values;
mod pair_scatter;
mod projection;
mod stability;
mod value_map;

pub(crate) use choropleth::{Detail, choropleth};
pub(crate) use cluster_map::{Marks, cluster_colour, cluster_map, is_drawable};
pub(crate) use deviations::deviations;
pub(crate) use distribution::distribution;
pub(crate) use forest::forest;
pub(crate) use groups::groups;
pub(crate) use legend::{legend, shortfall_scale};
pub use lines::{Level, Line, LineChart, LinePanel, LinePoint, line_chart_svg};
pub(crate) use matrix::matrix;
pub(crate) use moran_scatter::{MAX_DOTS, Scatter, moran_scatter, quadrants};
pub(crate) use multiples::multiples;
pub(crate) use null_distribution::{Null, null_distribution};
pub(crate) use p_values::p_values;
pub(crate) use pair_scatter::pair_scatter;
pub(crate) use projection::{bounds, is_map};
pub(crate) use stability::stability;
pub(crate) use value_map::{Places, value_map};
