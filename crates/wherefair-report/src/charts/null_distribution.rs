//! The distribution of a statistic over permutations beside its observed value.

use crate::autocorrelation::MoranPage;
use crate::markup::Element;
use crate::number::{count, counted, number};
use crate::svg::{
    CHANCE, FAINT_INK, Key, Linear, Mark, WORSE, bar, dashed, horizontal_axis, key_row, line, picture,
    tooltip,
};

const WIDTH: f64 = 640.0;
const PLOT_HEIGHT: f64 = 190.0;
/// The smallest width of a bar, in pixels.
const MIN_BAR: f64 = 3.0;
/// The largest number of bars.
const MAX_BARS: f64 = 50.0;

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Null<'a> {
    /// The name of the statistic.
    pub(crate) name: &'a str,
    /// Its observed value.
    pub(crate) statistic: f64,
    /// Its expectation; not a number where it is not known.
    pub(crate) expectation: f64,
    /// Its values by chance.
    pub(crate) draws: &'a [f64],
    /// What one of those, and several, are called.
    pub(crate) what: (&'static str, &'static str),
}

impl<'a> From<&'a MoranPage> for Null<'a> {
    fn from(page: &'a MoranPage) -> Self {
        Self {
            name: "Moran’s I",
            statistic: page.statistic,
            expectation: page.expectation,
            draws: &page.draws,
            what: ("permutation", "permutations"),
        }
    }
}

/// A histogram of the finite draws with lines at the observed statistic and at its expectation; `None` without
/// such draws.
pub(crate) fn null_distribution(page: &Null<'_>) -> Option<Element> {
    let draws: Vec<f64> = page
        .draws
        .iter()
        .copied()
        .filter(|draw| draw.is_finite())
        .collect();
    let n_draws = draws.len();
    if draws.is_empty() {
        return None;
    }
    let lines = [page.statistic, page.expectation].into_iter();
    let (low, high) = draws
        .iter()
        .copied()
        .chain(lines.filter(|value| value.is_finite()))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    let margin = (high - low) * 0.04;
    let x = Linear::new((low - margin, high + margin), (16.0, WIDTH - 16.0));

    let (key, key_height) = key_row(&keys(page, n_draws), 0.0, 0.0, WIDTH);
    let top = key_height + 10.0;
    let bottom = top + PLOT_HEIGHT;
    let mut chart = picture(
        WIDTH,
        bottom + 44.0,
        &format!("Distribution of {} over the {}", page.name, page.what.1),
    )
    .child(key)
    .child(horizontal_axis(&x, top, bottom, page.name))
    .child(bars(&draws, &x, top + 6.0, bottom));
    if page.expectation.is_finite() {
        let at = x.at(page.expectation);
        chart = chart.child(dashed(line((at, top), (at, bottom), FAINT_INK, 1.5)));
    }
    if page.statistic.is_finite() {
        let at = x.at(page.statistic);
        chart = chart.child(line((at, top), (at, bottom), WORSE, 2.5));
    }
    Some(chart)
}

fn keys(page: &Null<'_>, n_draws: usize) -> Vec<Key> {
    let mut keys = vec![Key::new(
        Mark::Bar(CHANCE),
        counted(n_draws, page.what.0, page.what.1),
    )];
    if page.expectation.is_finite() {
        let meaning = format!("expectation {}", number(page.expectation));
        keys.push(Key::new(Mark::Dashed(FAINT_INK), meaning));
    }
    if page.statistic.is_finite() {
        let meaning = format!("observed {}", number(page.statistic));
        keys.push(Key::new(Mark::Line(WORSE), meaning));
    }
    keys
}

/// Bars of equal width over the range of the draws.
fn bars(draws: &[f64], x: &Linear, top: f64, bottom: f64) -> Element {
    let (min, max) = draws
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |ends, &draw| {
            (ends.0.min(draw), ends.1.max(draw))
        });
    let (from, to) = (x.at(min), x.at(max));
    // Draws that are all the same still have a bar.
    let (from, to) = if to - from < MIN_BAR {
        let middle = f64::midpoint(from, to);
        (middle - MIN_BAR / 2.0, middle + MIN_BAR / 2.0)
    } else {
        (from, to)
    };
    let wanted = (draws.len() as f64).sqrt().clamp(1.0, MAX_BARS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and the largest number of bars"
    )]
    let n_bars = wanted.min((to - from) / MIN_BAR).floor().max(1.0) as usize;
    let width = (to - from) / n_bars as f64;
    let mut counts = vec![0_usize; n_bars];
    for &draw in draws {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a pixel right of the first bar"
        )]
        let i = ((x.at(draw) - from) / width) as usize;
        counts[i.min(n_bars - 1)] += 1;
    }
    let highest = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let edge = |i: usize| number(min + (max - min) * (i as f64 / n_bars as f64));
    let filled = counts.iter().enumerate().filter(|(_, n)| **n > 0);
    Element::new("g")
        .attr("stroke", "#ffffff")
        .num("stroke-width", if width > 6.0 { 0.8 } else { 0.0 })
        .children(filled.map(|(i, &n)| {
            let left = from + i as f64 * width;
            let height = (bottom - top) * n as f64 / highest;
            let text = format!("{} between {} and {}", count(n as u64), edge(i), edge(i + 1));
            bar((left, bottom - height), (left + width, bottom), CHANCE).child(tooltip(&text))
        }))
}
