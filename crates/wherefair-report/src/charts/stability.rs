//! How many of the maps give the same verdict.

use wherefair_audit::Stability;

use crate::markup::{Element, px};
use crate::number::percent;
use crate::svg::{CALM, WORSE};

/// Parts below this share hold no text.
const MIN_TEXT_SHARE: f64 = 0.3;

/// One bar of two parts: the weight of the maps above the limit and of those within it.
pub(crate) fn stability(stability: &Stability) -> Element {
    let above = if stability.share_above.is_finite() {
        stability.share_above.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let parts = [(above, WORSE, "above"), (1.0 - above, CALM, "within")];
    let name = format!("{} of the weight above the limit", percent(above));
    Element::new("div")
        .class("stack")
        .attr("role", "img")
        .attr("aria-label", name)
        .children(
            parts
                .into_iter()
                .filter(|(share, ..)| *share > 0.0)
                .map(|(share, colour, side)| {
                    let text = format!("{} {side}", percent(share));
                    let part = Element::new("div")
                        .attr(
                            "style",
                            format!("flex:{} 0 0;background:{colour}", px(share * 100.0)),
                        )
                        .attr("title", &text);
                    part.text(if share >= MIN_TEXT_SHARE { &text } else { "" })
                }),
        )
}
