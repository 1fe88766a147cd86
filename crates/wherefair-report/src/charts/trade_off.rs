//! Quality against fairness, epoch by epoch.

use wherefair_audit::Orientation;

use super::{Line, LineChart, LinePanel, LinePoint, line_chart};
use crate::markup::{Element, shortened};
use crate::number::{count, number};
use crate::svg::{
    Anchor, CALM, CHANCE_AREA, FAINT_INK, GATE, INK, Key, Linear, Mark, WORSE, bar, dashed, dot,
    horizontal_axis, key_row, label, line, picture, ring, tooltip, vertical_axis,
};
use crate::{TrainingEpoch, TrainingPage};

const WIDTH: f64 = 680.0;
const PLOT_HEIGHT: f64 = 340.0;
/// Most epochs that are drawn: of more, evenly spaced ones.
const MAX_EPOCHS: usize = 2_000;
/// Most points of a curve over epochs.
const MAX_POINTS: usize = 240;
/// Epochs beyond this share at either end of an axis lie on its border.
const BEYOND: f64 = 0.01;

/// An epoch with both figures.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dot {
    epoch: u64,
    is_base: bool,
    quality: f64,
    deviation: f64,
}

/// All measured epochs as dots; `None` without one.
pub(crate) fn trade_off_chart(
    page: &TrainingPage<'_>,
    score: &str,
    orientation: Orientation,
) -> Option<Element> {
    let dots: Vec<Dot> = page.epochs.iter().filter_map(as_dot).collect();
    let base = dots.iter().find(|dot| dot.is_base).copied();
    let selected = dots.iter().find(|dot| dot.epoch == page.selected).copied();
    let marked = || [base, selected].into_iter().flatten();
    let (left, right, top) = (66.0, WIDTH - 12.0, 26.0);
    let bottom = top + PLOT_HEIGHT;
    let x = Linear::new(ends(&dots, |dot| dot.quality, marked())?, (left, right));
    let y = Linear::new(ends(&dots, |dot| dot.deviation, marked())?, (bottom, top));
    let mut chart = picture(
        WIDTH,
        bottom + 44.0 + 24.0,
        "S(d)mean against the score, epoch by epoch",
    );
    if let Some(base) = base.filter(|_| page.max_quality_loss.is_finite()) {
        let slack = page.max_quality_loss * base.quality.abs();
        let (from, to) = x.domain();
        let limits = match orientation {
            Orientation::HigherIsBetter => vec![(base.quality - slack, from)],
            Orientation::LowerIsBetter => vec![(base.quality + slack, to)],
            Orientation::NearestZeroIsBetter => {
                let limit = base.quality.abs() + slack;
                vec![(limit, to), (-limit, from)]
            }
        };
        for (limit, end) in limits {
            let outside = if end > limit {
                limit < to && end > from
            } else {
                limit > from && end < to
            };
            if outside {
                let at = x.at(limit);
                chart = chart
                    .child(bar((at, top), (x.at(end), bottom), CHANCE_AREA))
                    .child(
                        dashed(line((at, top), (at, bottom), GATE, 1.2))
                            .child(tooltip("quality that is just accepted")),
                    );
            }
        }
    }
    chart = chart
        .child(horizontal_axis(&x, top, bottom, &shortened(score, 70)))
        .child(vertical_axis(&y, left))
        .child(label(
            (0.0, 14.0),
            "S(d)mean on the validation samples",
            12.0,
            FAINT_INK,
            Anchor::Start,
        ));
    let stride = dots.len().div_ceil(MAX_EPOCHS).max(1);
    let of_epochs =
        dots.iter().step_by(stride).filter(|dot| !dot.is_base).map(|one| {
            dot((x.at(one.quality), y.at(one.deviation)), 2.6, CALM).child(tooltip(&described(one)))
        });
    chart = chart.child(Element::new("g").num("opacity", 0.45).children(of_epochs));
    let mut keys = vec![Key::new(Mark::Dot(CALM), "an epoch")];
    if let Some(base) = base {
        let at = (x.at(base.quality), y.at(base.deviation));
        chart = chart.child(ring(at, 6.0, INK).child(tooltip(&format!("base model, {}", described(&base)))));
        keys.push(Key::new(Mark::Ring(INK), "base model"));
    }
    if let Some(selected) = selected {
        let at = (x.at(selected.quality), y.at(selected.deviation));
        let text = format!("the model that is kept, {}", described(&selected));
        chart = chart.child(dot(at, 5.5, WORSE).child(tooltip(&text)));
        keys.push(Key::new(
            Mark::Dot(WORSE),
            format!("kept: epoch {}", count(selected.epoch)),
        ));
    }
    Some(chart.child(key_row(&keys, left, bottom + 48.0, right - left).0))
}

fn as_dot(epoch: &TrainingEpoch) -> Option<Dot> {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    Some(Dot {
        epoch: epoch.epoch,
        is_base: epoch.is_base,
        quality: finite(epoch.quality)?,
        deviation: finite(epoch.deviation_mean)?,
    })
}

fn described(dot: &Dot) -> String {
    format!(
        "epoch {}: score {}, S(d)mean {}",
        count(dot.epoch),
        number(dot.quality),
        number(dot.deviation)
    )
}

/// The ends of an axis: those of all but the outermost dots, and of those that are marked.
fn ends(dots: &[Dot], of: fn(&Dot) -> f64, marked: impl Iterator<Item = Dot>) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = dots.iter().map(of).collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the length"
    )]
    let beyond = (last as f64 * BEYOND) as usize;
    let (low, high) = marked
        .map(|dot| of(&dot))
        .fold((values[beyond], values[last - beyond]), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    let margin = 0.04 * (high - low);
    Some((low - margin, high + margin))
}

/// Loss, score and fairness over epochs; `None` without any of them.
pub(crate) fn learning_curves(page: &TrainingPage<'_>, score: &str) -> Option<Element> {
    let panels: Vec<LinePanel> = [
        panel(page, "Loss on the samples trained", "loss", |epoch| epoch.loss),
        panel(page, "Score on the validation samples", score, |epoch| {
            epoch.quality
        }),
        panel(page, "S(d)mean on the validation samples", "S(d)mean", |epoch| {
            epoch.deviation_mean
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let chart = LineChart {
        title: "Training".to_owned(),
        n_columns: 1,
        panels,
    };
    (!chart.panels.is_empty()).then(|| line_chart(&chart, WIDTH))
}

fn panel(
    page: &TrainingPage<'_>,
    title: &str,
    y_title: &str,
    of: fn(&TrainingEpoch) -> Option<f64>,
) -> Option<LinePanel> {
    let line = |name: &str, is_base: bool| {
        let points: Vec<LinePoint> = page
            .epochs
            .iter()
            .filter(|epoch| epoch.is_base == is_base)
            .filter_map(|epoch| {
                Some(LinePoint {
                    x: epoch.epoch as f64,
                    y: of(epoch).filter(|value| value.is_finite())?,
                    interval: None,
                })
            })
            .collect();
        let stride = points.len().div_ceil(MAX_POINTS).max(1);
        (!points.is_empty()).then(|| Line {
            name: name.to_owned(),
            points: points.into_iter().step_by(stride).collect(),
        })
    };
    let lines: Vec<Line> = [line("base model", true), line("fair training", false)]
        .into_iter()
        .flatten()
        .collect();
    (!lines.is_empty()).then(|| LinePanel {
        title: title.to_owned(),
        x_title: "epoch".to_owned(),
        y_title: y_title.to_owned(),
        lines,
        ..LinePanel::default()
    })
}
