//! The places with the most extreme local statistic.

use crate::Context;
use crate::autocorrelation::{LocalMoranPage, LocalPlace};
use crate::markup::{Element, MAX_TEXT, shortened};
use crate::number::{Digits, counted, probability_or_dash};
use crate::sections::table::{cut, heading, number_cell, places_table, unit_note};
use crate::sections::{paragraph, section};

/// How many places are listed.
const N_LISTED: usize = 20;

/// "Strongest places".
pub(crate) fn strongest_places(page: &LocalMoranPage, context: &Context) -> Element {
    let section = section("strongest-places", "Strongest places");
    let (listed, n_significant) = strongest(&page.places);
    if listed.is_empty() {
        let text = match shortened(page.significance.trim(), MAX_TEXT).as_str() {
            "" => "No place is significant.".to_owned(),
            significance => format!("No place is significant: {significance}."),
        };
        return section.child(paragraph(text));
    }
    let intro = if listed.len() < n_significant {
        format!(
            "The {} most extreme local statistics of {}.",
            listed.len(),
            counted(n_significant, "significant place", "significant places")
        )
    } else {
        format!(
            "{}, the most extreme local statistic first.",
            counted(n_significant, "significant place", "significant places")
        )
    };
    section.child(paragraph(intro)).child(
        Element::new("div")
            .class("scroll")
            .child(table(page, context, &listed)),
    )
}

/// The significant places with the most extreme statistic, and how many significant ones there are.
fn strongest(places: &[LocalPlace]) -> (Vec<&LocalPlace>, usize) {
    let significant = places
        .iter()
        .filter(|place| place.cluster.is_significant() && place.statistic.is_finite());
    let mut listed: Vec<&LocalPlace> = significant.collect();
    let n_significant = listed.len();
    // The sort is stable: of equals the first in the data comes first.
    listed.sort_by(|a, b| b.statistic.abs().total_cmp(&a.statistic.abs()));
    listed.truncate(N_LISTED);
    (listed, n_significant)
}

fn table(page: &LocalMoranPage, context: &Context, places: &[&LocalPlace]) -> Element {
    let unit = context
        .unit
        .as_ref()
        .map_or_else(String::new, |unit| unit_note(unit));
    let values = Digits::of(places.iter().map(|place| place.value));
    let statistics = Digits::of(places.iter().map(|place| place.statistic));
    let with_p = places.iter().any(|place| place.p_value.is_some());
    let with_q = places.iter().any(|place| place.q_value.is_some());
    let head = Element::new("tr")
        .child(heading("#", true))
        .child(heading("Place", false))
        .child(heading(&format!("{}{unit}", shortened(&page.variable, 40)), true))
        .child(heading("Local I", true))
        .child(heading("Cluster", false))
        .children(with_p.then(|| heading("p", true)))
        .children(with_q.then(|| heading("q", true)));
    let rows = places.iter().enumerate().map(|(i, place)| {
        let probability = |p: Option<f64>| number_cell(probability_or_dash(p));
        Element::new("tr")
            .child(number_cell((i + 1).to_string()))
            .child(Element::of_text("td", cut(&place.label)).class("name"))
            .child(number_cell(values.show(place.value)))
            .child(number_cell(statistics.show(place.statistic)))
            .child(Element::of_text("td", place.cluster.name()).class("name"))
            .children(with_p.then(|| probability(place.p_value)))
            .children(with_q.then(|| probability(place.q_value)))
    });
    let caption = format!("Significant means {}.", shortened(&page.significance, MAX_TEXT));
    places_table(
        if page.significance.trim().is_empty() {
            ""
        } else {
            &caption
        },
        head,
        rows,
    )
}
