//! Parts of tables of places.

use crate::markup::{Element, shortened};

/// Labels in tables are cut at this many characters.
const MAX_LABEL: usize = 160;

/// A table of places.
pub(super) fn places_table(caption: &str, head: Element, rows: impl IntoIterator<Item = Element>) -> Element {
    Element::new("table")
        .class("places")
        .child(Element::of_text("caption", caption))
        .child(Element::new("thead").child(head))
        .child(Element::new("tbody").children(rows))
}

/// The heading of a column of figures or of names.
pub(super) fn heading(text: &str, numeric: bool) -> Element {
    let cell = Element::of_text("th", text).attr("scope", "col");
    cell.class(if numeric { "number" } else { "name" })
}

pub(super) fn number_cell(text: String) -> Element {
    Element::of_text("td", text).class("number")
}

/// A unit behind the name of a column.
pub(super) fn unit_note(unit: &str) -> String {
    if unit.is_empty() {
        String::new()
    } else {
        format!(" [{}]", unit.trim())
    }
}

/// A label short enough for a cell.
pub(super) fn cut(text: &str) -> String {
    shortened(text, MAX_LABEL)
}
