//! The key of a chart: what its marks mean.

use super::{Anchor, INK, bar, dashed, dot, label, line, ring, text_width};
use crate::markup::Element;

/// Font size of a key.
const SIZE: f64 = 12.5;
/// Height of one row of a key.
pub(crate) const ROW: f64 = 20.0;

/// A mark as charts draw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    Dot(&'static str),
    Ring(&'static str),
    Bar(&'static str),
    Line(&'static str),
    Dashed(&'static str),
    /// A filled box, its border and the width of that.
    Box(&'static str, &'static str, f64),
}

/// A mark and what it means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    mark: Mark,
    meaning: String,
}

impl Key {
    pub(crate) fn new(mark: Mark, meaning: impl Into<String>) -> Self {
        Self {
            mark,
            meaning: meaning.into(),
        }
    }
}

/// The keys in rows of at most `width` pixels from (`left`, `top`), and the height that they take.
pub(crate) fn key_row(keys: &[Key], left: f64, top: f64, width: f64) -> (Element, f64) {
    let (mut x, mut y) = (left, top + ROW / 2.0);
    let mut group = Element::new("g");
    for key in keys {
        let needed = 24.0 + text_width(&key.meaning, SIZE) + 16.0;
        if x > left && x + needed > left + width {
            x = left;
            y += ROW;
        }
        let centre = (x + 9.0, y);
        let (up, down) = ((x + 9.0, y - 7.0), (x + 9.0, y + 7.0));
        group = group
            .child(match key.mark {
                Mark::Dot(colour) => dot(centre, 5.0, colour),
                Mark::Ring(colour) => ring(centre, 4.5, colour),
                Mark::Bar(colour) => bar((x, y - 6.0), (x + 18.0, y + 6.0), colour),
                Mark::Box(fill, border, width) => bar((x + 1.0, y - 7.0), (x + 17.0, y + 7.0), fill)
                    .attr("stroke", border)
                    .num("stroke-width", width),
                Mark::Line(colour) => line(up, down, colour, 2.0),
                Mark::Dashed(colour) => dashed(line(up, down, colour, 2.0)),
            })
            .child(label((x + 24.0, y + 4.5), &key.meaning, SIZE, INK, Anchor::Start));
        x += needed;
    }
    (group, y + ROW / 2.0 - top)
}
