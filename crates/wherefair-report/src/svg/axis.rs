//! Axes with round ticks.

use super::{Anchor, FAINT_INK, GRID, INK, Linear, bar, label, line};
use crate::markup::Element;

/// Font size of tick labels.
const TICK_SIZE: f64 = 12.0;

/// An axis below a plot that reaches from `top` to `bottom`, with grid lines.
pub(crate) fn horizontal_axis(scale: &Linear, top: f64, bottom: f64, title: &str) -> Element {
    let (left, right) = scale.range();
    let ticks = scale.ticks(n_ticks(right - left, 110.0));
    let mut axis = Element::new("g");
    for &value in &ticks.values {
        let x = scale.at(value);
        axis = axis.child(line((x, top), (x, bottom), GRID, 1.0)).child(label(
            (x, bottom + 16.0),
            &ticks.label(value),
            TICK_SIZE,
            FAINT_INK,
            Anchor::Middle,
        ));
    }
    axis.child(line((left, bottom), (right, bottom), "#9aa5b1", 1.0))
        .child(label(
            (f64::midpoint(left, right), bottom + 34.0),
            title,
            TICK_SIZE,
            FAINT_INK,
            Anchor::Middle,
        ))
}

/// Ticks and labels left of `x`, without grid lines or title.
pub(crate) fn vertical_axis(scale: &Linear, x: f64) -> Element {
    let (bottom, top) = scale.range();
    let ticks = scale.ticks(n_ticks(bottom - top, 80.0));
    ticks.values.iter().fold(Element::new("g"), |axis, &value| {
        let y = scale.at(value);
        axis.child(line((x - 4.0, y), (x, y), "#9aa5b1", 1.0))
            .child(label(
                (x - 7.0, y + 4.0),
                &ticks.label(value),
                11.0,
                FAINT_INK,
                Anchor::End,
            ))
    })
}

/// Ticks and labels below `bottom`, without grid lines or title.
pub(crate) fn bottom_axis(scale: &Linear, bottom: f64) -> Element {
    let (left, right) = scale.range();
    let ticks = scale.ticks(n_ticks(right - left, 110.0));
    ticks.values.iter().fold(Element::new("g"), |axis, &value| {
        let x = scale.at(value);
        axis.child(bar((x - 0.5, bottom), (x + 0.5, bottom + 4.0), "#9aa5b1"))
            .child(label(
                (x, bottom + 16.0),
                &ticks.label(value),
                11.0,
                INK,
                Anchor::Middle,
            ))
    })
}

/// As many ticks as fit in `length` pixels at one every `spacing`.
fn n_ticks(length: f64, spacing: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 2 and 12"
    )]
    let n = (length.abs() / spacing).clamp(2.0, 12.0) as usize;
    n
}
