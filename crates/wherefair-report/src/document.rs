//! What every page is made of, whatever it reports.

use crate::markup::Element;

/// One self-contained HTML5 page, well-formed XML too.
pub(crate) fn document(
    title: &str,
    sections: impl IntoIterator<Item = Element>,
    version: &str,
    script: Option<Element>,
) -> String {
    let head = Element::new("head")
        .child(Element::new("meta").attr("charset", "utf-8"))
        .child(
            Element::new("meta")
                .attr("name", "viewport")
                .attr("content", "width=device-width, initial-scale=1"),
        )
        .child(
            Element::new("meta")
                .attr("name", "generator")
                .attr("content", concat!("wherefair-report ", env!("CARGO_PKG_VERSION"))),
        )
        .child(Element::of_text("title", title))
        // An icon of no bytes keeps browsers from asking for one.
        .child(Element::new("link").attr("rel", "icon").attr("href", "data:,"))
        .child(Element::new("style").verbatim(include_str!("page.css")));
    let body = Element::new("body")
        .child(Element::new("main").children(sections))
        .child(Element::of_text("footer", format!("Made by wherefair {version}")))
        .children(script);
    let page = Element::new("html").attr("lang", "en").child(head).child(body);
    format!("<!DOCTYPE html>\n{}\n", page.to_markup())
}
