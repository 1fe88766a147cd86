//! The charts of a report, one a file.

mod choropleth;
mod deviations;
mod distribution;
mod forest;
mod groups;
mod legend;
mod matrix;
mod multiples;
mod projection;
mod stability;

pub(crate) use choropleth::{Detail, choropleth};
pub(crate) use deviations::deviations;
pub(crate) use distribution::distribution;
pub(crate) use forest::forest;
pub(crate) use groups::groups;
pub(crate) use legend::{legend, shortfall_scale};
pub(crate) use matrix::matrix;
pub(crate) use multiples::multiples;
pub(crate) use projection::{bounds, is_map};
pub(crate) use stability::stability;
