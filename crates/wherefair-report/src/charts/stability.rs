//! How many of the maps give the same verdict.

use wherefair_audit::Stability;

use crate::markup::Element;
use crate::number::percent;
use crate::svg::{Anchor, CALM, WORSE, bar, label, picture};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 34.0;
/// Narrower parts hold no text.
const MIN_TEXT_WIDTH: f64 = 130.0;

/// One bar: the weight of the maps above the limit and of those within it.
pub(crate) fn stability(stability: &Stability) -> Element {
    let share = if stability.share_above.is_finite() {
        stability.share_above.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let split = WIDTH * share;
    let mut chart = picture(WIDTH, HEIGHT, "Share of the maps above the limit and within it");
    for (from, to, share, colour, side) in [
        (0.0, split, share, WORSE, "above"),
        (split, WIDTH, 1.0 - share, CALM, "within"),
    ] {
        if to - from > 0.0 {
            chart = chart.child(bar((from, 0.0), (to, HEIGHT), colour));
        }
        if to - from >= MIN_TEXT_WIDTH {
            let text = format!("{} {side}", percent(share));
            let place = (f64::midpoint(from, to), HEIGHT / 2.0 + 5.0);
            chart = chart.child(label(place, &text, 14.0, "#ffffff", Anchor::Middle));
        }
    }
    chart
}
