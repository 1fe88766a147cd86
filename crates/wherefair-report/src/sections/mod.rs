//! The sections of the pages, in the order in which they are read.

mod bias;
mod clusters_by_loop;
mod header;
mod masthead;
mod method;
mod models;
mod moran;
mod neighbours;
mod one_or_all;
mod partitionings;
mod prose;
mod table;
mod r#where;
mod worst_places;

pub(crate) use bias::{
    bias_chance, bias_header, bias_maps, bias_method, bias_scatters, bias_tests, bias_title,
};
pub(crate) use clusters_by_loop::clusters_by_loop;
pub(crate) use header::{header, title};
pub(crate) use method::method;
pub(crate) use models::{
    models_header, models_maps, models_method, models_side_by_side, models_title, models_worst_places,
    trade_off,
};
pub(crate) use moran::{
    chance, clusters, global_header, global_method, global_title, local_header, local_method, local_title,
    scatterplot, strongest_places,
};
pub(crate) use neighbours::neighbours;
pub(crate) use one_or_all::one_or_all;
pub(crate) use partitionings::partitionings;
pub(crate) use r#where::{map_alone, place};
pub(crate) use worst_places::worst_places;

use crate::markup::Element;

/// A section with a heading.
fn section(id: &'static str, heading: &str) -> Element {
    Element::new("section")
        .attr("id", id)
        .child(Element::of_text("h2", heading))
}

/// A chart that scrolls sideways where it would become too small to read.
fn chart(picture: Element) -> Element {
    Element::new("div").class("scroll chart").child(picture)
}

/// A chart that is shrunk to narrow screens.
fn plot(picture: Element) -> Element {
    Element::new("div").class("scroll plot").child(picture)
}

fn paragraph(text: impl AsRef<str>) -> Element {
    Element::of_text("p", text)
}
