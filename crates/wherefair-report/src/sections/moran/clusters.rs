//! The map of clusters and what its colours mean.

use crate::Context;
use crate::autocorrelation::{Cluster, LocalMoranPage, LocalPlace};
use crate::charts::{Marks, cluster_colour, cluster_map, is_drawable};
use crate::markup::{Element, MAX_TEXT, shortened};
use crate::number::{count, counted, percent};
use crate::sections::{paragraph, section};

/// Width of the map, in pixels.
const MAP_WIDTH: f64 = 640.0;

/// "Where".
pub(crate) fn clusters(page: &LocalMoranPage, context: &Context) -> Element {
    let significance = if page.significance.trim().is_empty() {
        String::new()
    } else {
        format!(": {}", shortened(&page.significance, MAX_TEXT))
    };
    section("where", "Where")
        .child(paragraph(format!(
            "Orange and blue mark places that are more alike to their neighbours, or less so, than chance \
             explains{significance}. Dark colours are the cores of clusters, light ones outliers."
        )))
        .children(map_of_clusters(&page.places, context.geographic))
}

/// The map with its legend and what cannot be seen on it.
pub(in crate::sections) fn map_of_clusters(places: &[LocalPlace], geographic: bool) -> Vec<Element> {
    let mut parts = vec![legend(places)];
    let Some((map, marks)) = cluster_map(places, geographic, MAP_WIDTH) else {
        parts.push(paragraph("No place has coordinates that could be drawn."));
        return parts;
    };
    parts.push(Element::new("div").class("scroll map-frame").child(map));
    if marks == Marks::Squares {
        let text =
            "Places are too many to be drawn one by one: squares have the colour of most places within.";
        parts.push(paragraph(text).class("note"));
    }
    let n_missing = places.iter().filter(|place| !is_drawable(place)).count();
    if n_missing > 0 {
        let text = format!(
            "Not drawn, for want of coordinates: {}.",
            counted(n_missing, "place", "places")
        );
        parts.push(paragraph(text).class("note"));
    }
    parts
}

/// The clusters with what they mean and how many places they hold.
fn legend(places: &[LocalPlace]) -> Element {
    let items = Cluster::ALL.into_iter().filter_map(|cluster| {
        let n = places.iter().filter(|place| place.cluster == cluster).count();
        let swatch = Element::new("span")
            .class("swatch")
            .attr("style", format!("background:{}", cluster_colour(cluster)));
        let share = n as f64 / places.len().max(1) as f64;
        let text = Element::new("span")
            .child(Element::of_text("b", cluster.name()))
            .text(format!(" {} ({})", count(n as u64), percent(share)))
            .child(Element::of_text("span", meaning(cluster)).class("meaning"));
        // Isolates are rare, and only then worth a word.
        (n > 0 || cluster != Cluster::Isolate).then(|| Element::new("li").child(swatch).child(text))
    });
    Element::new("ul").class("clusters").children(items)
}

fn meaning(cluster: Cluster) -> &'static str {
    match cluster {
        Cluster::HighHigh => ", high among high",
        Cluster::LowLow => ", low among low",
        Cluster::HighLow => ", high among low",
        Cluster::LowHigh => ", low among high",
        Cluster::NotSignificant => ", chance explains them",
        Cluster::Isolate => ", so no statistic",
    }
}
