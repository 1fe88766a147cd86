//! The charts of a report, one a file.

mod bins;
mod choropleth;
mod cluster_map;
mod deviations;
mod distribution;
mod forest;
mod groups;
mod legend;
mod matrix;
mod moran_scatter;
mod multiples;
mod null_distribution;
mod projection;
mod stability;

pub(crate) use choropleth::{Detail, choropleth};
pub(crate) use cluster_map::{Marks, cluster_colour, cluster_map, is_drawable};
pub(crate) use deviations::deviations;
pub(crate) use distribution::distribution;
pub(crate) use forest::forest;
pub(crate) use groups::groups;
pub(crate) use legend::{legend, shortfall_scale};
pub(crate) use matrix::matrix;
pub(crate) use moran_scatter::{MAX_DOTS, Scatter, moran_scatter, quadrants};
pub(crate) use multiples::multiples;
pub(crate) use null_distribution::null_distribution;
pub(crate) use projection::{bounds, is_map};
pub(crate) use stability::stability;
