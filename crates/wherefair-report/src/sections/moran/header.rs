//! Title, verdict and key figures.

use crate::Context;
use crate::autocorrelation::{LocalMoranPage, MoranPage};
use crate::markup::{Element, MAX_TEXT, shortened};
use crate::sections::masthead::{card, masthead, title_or};

/// The top of the page on global autocorrelation.
pub(crate) fn global_header(page: &MoranPage, context: &Context) -> Element {
    let question = "Are like values found near one another?";
    masthead(question, global_title(context), context, cards(&page.measures))
}

/// The title of that page, never empty.
pub(crate) fn global_title(context: &Context) -> &str {
    title_or(context, "Spatial autocorrelation")
}

/// The top of the page on local autocorrelation.
pub(crate) fn local_header(page: &LocalMoranPage, context: &Context) -> Element {
    let question = "Where are like values found near one another?";
    masthead(question, local_title(context), context, cards(&page.measures))
}

/// The title of that page, never empty.
pub(crate) fn local_title(context: &Context) -> &str {
    title_or(context, "Local spatial autocorrelation")
}

fn cards(measures: &[(String, String)]) -> impl Iterator<Item = Element> {
    measures
        .iter()
        .map(|(name, figure)| card(&shortened(name, MAX_TEXT), &shortened(figure, MAX_TEXT), &[]))
}
