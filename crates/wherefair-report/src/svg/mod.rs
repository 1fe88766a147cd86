//! The few shapes that charts are made of.

mod axis;
mod colour;
mod key;
mod scale;

pub(crate) use axis::{bottom_axis, horizontal_axis, vertical_axis};
pub(crate) use colour::{Diverging, sequential};
pub(crate) use key::{Key, Mark, key_row};
pub(crate) use scale::Linear;

use crate::markup::Element;

/// Colour of text.
pub(crate) const INK: &str = "#1f2933";
/// Colour of secondary text and axes.
pub(crate) const FAINT_INK: &str = "#5b6770";
/// Colour of grid lines.
pub(crate) const GRID: &str = "#e4e7ea";
/// Colour of what chance alone would give.
pub(crate) const CHANCE: &str = "#d3d8dd";
/// The same behind a whole chart.
pub(crate) const CHANCE_AREA: &str = "#e9edf0";
/// Colour of findings above the floor.
pub(crate) const WORSE: &str = "#b85a0c";
/// A lighter form of the same.
pub(crate) const WORSE_LIGHT: &str = "#eab27a";
/// Colour of findings that chance explains, and of figures without a verdict.
pub(crate) const CALM: &str = "#2f6ea5";
/// Colour of the gate.
pub(crate) const GATE: &str = "#7a2048";

/// How wide an average character is, as a share of the font size.
const CHARACTER_WIDTH: f64 = 0.56;

/// Where a text is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture of `width` × `height` pixels, called `label` where it cannot be seen.
pub(crate) fn picture(width: f64, height: f64, label: &str) -> Element {
    Element::new("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr(
            "viewBox",
            format!("0 0 {} {}", crate::markup::px(width), crate::markup::px(height)),
        )
        .num("width", width)
        .num("height", height)
        .attr("role", "img")
        .attr("aria-label", label)
        .attr(
            "font-family",
            "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
        )
        .attr("fill", INK)
}

/// What a pointer shows.
pub(crate) fn tooltip(text: &str) -> Element {
    Element::of_text("title", text)
}

pub(crate) fn line((x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str, width: f64) -> Element {
    Element::new("line")
        .num("x1", x1)
        .num("y1", y1)
        .num("x2", x2)
        .num("y2", y2)
        .attr("stroke", colour)
        .num("stroke-width", width)
}

pub(crate) fn dashed(line: Element) -> Element {
    line.attr("stroke-dasharray", "5 3")
}

/// A filled rectangle between two corners in any order.
pub(crate) fn bar((x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str) -> Element {
    Element::new("rect")
        .num("x", x1.min(x2))
        .num("y", y1.min(y2))
        .num("width", (x2 - x1).abs())
        .num("height", (y2 - y1).abs())
        .attr("fill", colour)
}

pub(crate) fn dot((x, y): (f64, f64), radius: f64, colour: &str) -> Element {
    Element::new("circle")
        .num("cx", x)
        .num("cy", y)
        .num("r", radius)
        .attr("fill", colour)
}

pub(crate) fn ring((x, y): (f64, f64), radius: f64, colour: &str) -> Element {
    dot((x, y), radius, "#ffffff")
        .attr("stroke", colour)
        .num("stroke-width", 1.5)
}

/// One line of text whose baseline starts, is centred or ends at the point.
pub(crate) fn label((x, y): (f64, f64), text: &str, size: f64, colour: &str, anchor: Anchor) -> Element {
    let element = Element::new("text")
        .num("x", x)
        .num("y", y)
        .num("font-size", size)
        .attr("fill", colour);
    match anchor {
        Anchor::Start => element,
        Anchor::Middle => element.attr("text-anchor", "middle"),
        Anchor::End => element.attr("text-anchor", "end"),
    }
    .text(text)
}

/// About how wide `text` is.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    text.chars()
        .map(|c| {
            if u32::from(c) >= 0x1100 {
                1.0
            } else {
                CHARACTER_WIDTH
            }
        })
        .sum::<f64>()
        * size
}
