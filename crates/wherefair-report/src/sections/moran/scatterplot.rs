//! The Moran scatterplot and how to read it.

use crate::charts::{MAX_DOTS, Scatter, moran_scatter, quadrants};
use crate::markup::Element;
use crate::number::{counted, percent};
use crate::sections::{paragraph, plot, section};

/// "Moran scatterplot".
pub(crate) fn scatterplot(scatter: &Scatter<'_>) -> Element {
    section("scatterplot", "Moran scatterplot").children(scatter_figure(scatter))
}

/// The chart with how to read it.
pub(in crate::sections) fn scatter_figure(scatter: &Scatter<'_>) -> Vec<Element> {
    let pairs = scatter.pairs();
    let [high_high, low_low, high_low, low_high] = quadrants(&pairs);
    let share = |n: usize| percent(n as f64 / pairs.len().max(1) as f64);
    let mut parts = vec![paragraph(
        "Every place by its own value (across) and by that of its neighbours (up), both as distances from the mean \
         in standard deviations. Right above and left below, on grey, like lies among like; in the other two \
         quarters places differ from their neighbours. The steeper the line rises, the stronger the autocorrelation.",
    )];
    if !pairs.is_empty() {
        parts.push(paragraph(format!(
            "Of {}, {} lie in the quarters of like among like and {} in the other two.",
            counted(pairs.len(), "place", "places"),
            share(high_high + low_low),
            share(high_low + low_high),
        )));
    }
    parts.push(plot(moran_scatter(scatter)));
    if pairs.len() > MAX_DOTS {
        let note = if scatter.is_local() {
            "Places are too many to be drawn one by one: squares have the colour of most places within, the \
             stronger the more there are."
        } else {
            "Places are too many to be drawn one by one: squares are the darker the more places lie within."
        };
        parts.push(paragraph(note).class("note"));
    }
    parts
}
