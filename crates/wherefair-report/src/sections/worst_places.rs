//! The places that fall short most.

use wherefair_audit::{Audit, Place};

use super::table::{cut, heading, number_cell, places_table, unit_note};
use super::{chart, paragraph, section};
use crate::Context;
use crate::charts::forest;
use crate::markup::Element;
use crate::number::{Digits, count, counted, percent, probability_or_dash};
use crate::verdict::{deviation_unit, score_unit};

/// "Worst places".
pub(crate) fn worst_places(audit: &Audit, context: &Context) -> Element {
    let section = section("worst-places", "Worst places");
    if audit.worst_places.is_empty() {
        return section.child(paragraph(if audit.config.n_worst() == 0 {
            "No list of the worst places was asked for."
        } else {
            "No place is worse than its reference."
        }));
    }
    let found = audit
        .worst_places
        .iter()
        .filter(|place| is_found(audit, place))
        .count();
    let rate = percent(audit.config.false_discovery_rate());
    let intro = if audit.worst_places.iter().any(|place| place.q_value.is_some()) {
        format!(
            "Of {} listed, {} beyond what chance explains (q at most the false discovery rate of {rate}, over all \
             partitions of all maps), first in the list. Places that mostly repeat a worse one are left out.",
            counted(audit.worst_places.len(), "place", "places"),
            if found == 1 {
                "1 differs".to_owned()
            } else {
                format!("{found} differ")
            },
        )
    } else {
        "Without a noise floor there is no telling which of these places differ by more than chance. Places that \
         mostly repeat a worse one are left out."
            .to_owned()
    };
    section
        .child(paragraph(intro))
        .child(
            Element::new("div")
                .class("scroll")
                .child(worst_places_table(audit, context)),
        )
        .children(forest(audit, context).map(chart))
}

fn is_found(audit: &Audit, place: &Place) -> bool {
    place
        .q_value
        .is_some_and(|q| q <= audit.config.false_discovery_rate())
}

/// The list of the worst places.
pub(super) fn worst_places_table(audit: &Audit, context: &Context) -> Element {
    let places = &audit.worst_places;
    let intervals = places.iter().any(|place| place.interval.is_some());
    let tested = places.iter().any(|place| place.p_value.is_some());
    let scores = Digits::of(places.iter().flat_map(|place| [place.score, place.reference]));
    let shortfalls = Digits::of(places.iter().map(|place| place.shortfall));
    let level = percent(audit.config.confidence());
    let mut head = Element::new("tr")
        .child(heading("#", true))
        .child(heading("Map", false))
        .child(heading("Place", false))
        .child(heading("Samples", true))
        .child(heading(
            &format!("Score{}", unit_note(&score_unit(context))),
            true,
        ));
    if intervals {
        head = head.child(heading(&format!("{level} interval"), true));
    }
    head = head.child(heading("Reference", true)).child(heading(
        &format!("Worse by{}", unit_note(&score_unit(context))),
        true,
    ));
    if tested {
        head = head.child(heading("p", true)).child(heading("q", true));
    }
    let rows = places.iter().enumerate().map(|(i, place)| {
        let mut row = Element::new("tr")
            .child(number_cell((i + 1).to_string()))
            .child(Element::of_text("td", cut(&place.partitioning)).class("name"))
            .child(Element::of_text("td", cut(&place.label)).class("name"))
            .child(number_cell(count(place.n_samples)))
            .child(number_cell(scores.show(place.score)));
        if intervals {
            row = row.child(number_cell(place.interval.map_or_else(
                || crate::number::MISSING.to_owned(),
                |[low, high]| format!("{} to {}", scores.show(low), scores.show(high)),
            )));
        }
        row = row
            .child(number_cell(scores.show(place.reference)))
            .child(number_cell(shortfalls.show(place.shortfall)));
        if tested {
            row = row
                .child(number_cell(probability_or_dash(place.p_value)))
                .child(number_cell(probability_or_dash(place.q_value)));
        }
        if is_found(audit, place) {
            row.class("found")
        } else {
            row
        }
    });
    let deviations = deviation_unit(audit, context);
    let caption = if deviations == score_unit(context) {
        "Places in bold type differ beyond what chance explains."
    } else {
        "Places in bold type differ beyond what chance explains; “worse by” is in the unit of the score."
    };
    places_table(caption, head, rows)
}
