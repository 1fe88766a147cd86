//! Pieces of "How this was computed" that pages share.

use super::paragraph;
use crate::Context;
use crate::markup::Element;

/// The procedure behind every q-value.
pub(super) const BENJAMINI_HOCHBERG: &str = "Benjamini, Y., Hochberg, Y. (1995): Controlling the false discovery \
     rate. Journal of the Royal Statistical Society B 57(1), 289–300.";

/// What a reader should know, as visible warnings.
pub(super) fn notes(notes: &[String]) -> Option<Element> {
    (!notes.is_empty()).then(|| {
        Element::new("div")
            .class("notes")
            .attr("role", "note")
            .children(notes.iter().map(paragraph))
    })
}

pub(super) fn term(name: &str, text: impl IntoIterator<Item = Element>) -> [Element; 2] {
    [Element::of_text("dt", name), Element::new("dd").children(text)]
}

pub(super) fn variable(name: &str) -> Element {
    Element::of_text("i", name)
}

pub(super) fn subscript(of: &str, index: &str) -> Element {
    Element::new("span")
        .child(variable(of))
        .child(Element::of_text("sub", index))
}

pub(super) fn formula() -> Element {
    Element::new("p").class("formula")
}

/// What a reader must know to repeat the run, under `heading`.
pub(super) fn facts(heading: &str, context: &Context) -> Vec<Element> {
    if context.facts.is_empty() {
        return Vec::new();
    }
    let rows = context.facts.iter().map(|(name, value)| {
        Element::new("tr")
            .child(Element::of_text("th", name).attr("scope", "row"))
            .child(Element::of_text("td", value))
    });
    vec![
        Element::of_text("h3", heading),
        Element::new("table")
            .class("facts")
            .child(Element::new("tbody").children(rows)),
    ]
}

/// The list of works that the page rests on.
pub(super) fn references(works: &[&str]) -> [Element; 2] {
    let works = works.iter().map(|work| Element::of_text("li", work));
    [
        Element::of_text("h3", "References"),
        Element::new("ul").children(works),
    ]
}
