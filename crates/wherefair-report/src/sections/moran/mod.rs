//! The sections of the pages on spatial autocorrelation.

mod chance;
mod clusters;
mod header;
mod method;
mod scatterplot;
mod strongest_places;

pub(crate) use chance::chance;
pub(crate) use clusters::clusters;
pub(in crate::sections) use clusters::map_of_clusters;
pub(crate) use header::{global_header, global_title, local_header, local_title};
pub(crate) use method::{global_method, local_method};
pub(in crate::sections) use scatterplot::scatter_figure;
pub(crate) use scatterplot::scatterplot;
pub(crate) use strongest_places::strongest_places;
