//! The top that all pages share: title, verdict and key figures.

use crate::Context;
use crate::markup::Element;

/// The question that the page answers, its title, the verdict and the key figures.
pub(super) fn masthead(
    question: &str,
    title: &str,
    context: &Context,
    cards: impl IntoIterator<Item = Element>,
) -> Element {
    Element::new("header")
        .child(Element::of_text("p", question).class("kicker"))
        .child(Element::of_text("h1", title))
        .children(
            (!context.sentence.is_empty()).then(|| Element::of_text("p", &context.sentence).class("verdict")),
        )
        .child(Element::new("div").class("cards").children(cards))
}

/// The title of the page, `otherwise` where the context has none.
pub(super) fn title_or<'a>(context: &'a Context, otherwise: &'a str) -> &'a str {
    if context.title.trim().is_empty() {
        otherwise
    } else {
        &context.title
    }
}

/// One key figure.
pub(super) fn card(name: &str, figure: &str, details: &[String]) -> Element {
    Element::new("div")
        .class("card")
        .child(Element::of_text("div", name).class("name"))
        .child(Element::of_text("div", figure).class("figure"))
        .children(
            details
                .iter()
                .map(|detail| Element::of_text("div", detail).class("detail")),
        )
}
