//! How the mean deviation is distributed over the partitionings.

use wherefair_audit::Audit;

use super::deviations::{describe, unit_in_title};
use crate::Context;
use crate::markup::{Element, shortened};
use crate::number::{counted, number};
use crate::svg::{
    Anchor, CALM, CHANCE_AREA, FAINT_INK, GATE, INK, Key, Linear, Mark, WORSE, bar, dashed, dot,
    horizontal_axis, key_row, label, line, picture, tooltip,
};
use crate::verdict::{Side, deviation_unit, drawable, mean_deviation, side_of_limit};

const WIDTH: f64 = 960.0;
const PLOT_HEIGHT: f64 = 170.0;
/// Bins along the axis.
const N_BINS: usize = 60;
/// Up to this many partitionings each is a dot; beyond, bins are bars.
const MAX_DOTS: usize = 60;

/// A histogram of the partitionings' mean deviations with the expectation, its noise floor and the gate.
pub(crate) fn distribution(audit: &Audit, context: &Context) -> Element {
    let (left, right) = (24.0, WIDTH - 24.0);
    let expectation = drawable(Some(audit.spad.expectation));
    let null = expectation.and_then(|expectation| expectation.null);
    let gate = audit.config.fail_above();
    let means = audit
        .partitionings
        .iter()
        .filter_map(|row| Some(mean_deviation(row)?.observed));
    let end = means
        .chain(null.map(|null| null.quantile_95))
        .chain(gate)
        .fold(0.0, f64::max);
    let scale = Linear::new(
        (
            0.0,
            if end > 0.0 {
                (end * 1.05).min(f64::MAX)
            } else {
                1.0
            },
        ),
        (left, right),
    );

    let (key, key_height) = key_row(&keys(audit), left, 0.0, right - left);
    let top = key_height + 14.0;
    let bottom = top + PLOT_HEIGHT;
    let title = format!(
        "mean deviation of a partitioning{}",
        unit_in_title(&deviation_unit(audit, context))
    );
    let mut chart = picture(
        WIDTH,
        bottom + 44.0,
        "Distribution of the mean deviation over the partitionings",
    )
    .child(key);
    if let Some(null) = null {
        chart = chart.child(bar(
            (scale.at(0.0), top),
            (scale.at(null.quantile_95), bottom),
            CHANCE_AREA,
        ));
    }
    chart = chart.child(horizontal_axis(&scale, top, bottom, &title));
    if let Some(null) = null {
        let x = scale.at(null.mean);
        chart = chart.child(line((x, top), (x, bottom), FAINT_INK, 1.5));
    }
    chart = chart.children(stacks(audit, &scale, top, bottom));
    for (value, colour, is_dashed) in [
        (expectation.map(|expectation| expectation.observed), INK, false),
        (
            Some(audit.spad.median).filter(|median| median.is_finite()),
            FAINT_INK,
            true,
        ),
        (gate, GATE, true),
    ] {
        if let Some(value) = value {
            let x = scale.at(value);
            let line = line((x, top), (x, bottom), colour, 2.0);
            chart = chart.child(if is_dashed { dashed(line) } else { line });
        }
    }
    chart
}

fn keys(audit: &Audit) -> Vec<Key> {
    let has = |side| {
        audit
            .partitionings
            .iter()
            .any(|row| mean_deviation(row).is_some() && side_of_limit(audit, row) == side)
    };
    let mut keys = Vec::new();
    for (side, colour, meaning) in [
        (Side::Above, WORSE, "map above the limit"),
        (Side::Within, CALM, "map within the limit"),
        (Side::Open, CALM, "map"),
    ] {
        if has(side) {
            keys.push(Key::new(Mark::Dot(colour), meaning));
        }
    }
    if let Some(expectation) = drawable(Some(audit.spad.expectation)) {
        let value = number(expectation.observed);
        keys.push(Key::new(Mark::Line(INK), format!("expected deviation {value}")));
        if let Some(null) = expectation.null {
            let (mean, floor) = (number(null.mean), number(null.quantile_95));
            keys.push(Key::new(
                Mark::Bar(CHANCE_AREA),
                format!("its noise floor {floor}"),
            ));
            keys.push(Key::new(Mark::Line(FAINT_INK), format!("mean of chance {mean}")));
        }
    }
    if audit.spad.median.is_finite() {
        keys.push(Key::new(
            Mark::Dashed(FAINT_INK),
            format!("median {}", number(audit.spad.median)),
        ));
    }
    if let Some(gate) = audit.config.fail_above() {
        keys.push(Key::new(Mark::Dashed(GATE), format!("gate {}", number(gate))));
    }
    keys
}

/// Dots or bars, bin by bin; partitionings above the limit on top.
fn stacks(audit: &Audit, scale: &Linear, top: f64, bottom: f64) -> Vec<Element> {
    let (left, right) = scale.range();
    let bin_width = (right - left) / N_BINS as f64;
    let mut bins: Vec<[Vec<usize>; 2]> = vec![[Vec::new(), Vec::new()]; N_BINS];
    for (i, partitioning) in audit.partitionings.iter().enumerate() {
        let Some(measure) = mean_deviation(partitioning) else {
            continue;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a pixel right of the left border"
        )]
        let bin = ((scale.at(measure.observed) - left) / bin_width) as usize;
        let above = usize::from(side_of_limit(audit, partitioning) == Side::Above);
        bins[bin.min(N_BINS - 1)][above].push(i);
    }
    let highest = bins
        .iter()
        .map(|[within, above]| within.len() + above.len())
        .max()
        .unwrap_or(0);
    let step = ((bottom - top - 8.0) / highest.max(1) as f64).min(bin_width);
    let as_dots = audit.partitionings.len() <= MAX_DOTS;
    let mut marks = Vec::new();
    for (bin, members) in bins.iter().enumerate() {
        let x = left + (bin as f64 + 0.5) * bin_width;
        let mut y = bottom - 1.0;
        for (members, side) in members.iter().zip([Side::Within, Side::Above]) {
            if as_dots {
                for &i in members {
                    let partitioning = &audit.partitionings[i];
                    // Dots lie at their own values; only their heights come from the bin.
                    let own = mean_deviation(partitioning).map_or(x, |measure| scale.at(measure.observed));
                    let mark = dot((own, y - step / 2.0), step * 0.46, side.colour())
                        .attr("stroke", "#ffffff")
                        .num("stroke-width", 1.0);
                    marks.push(mark.child(tooltip(&describe(partitioning))));
                    y -= step;
                }
            } else if !members.is_empty() {
                let height = step * members.len() as f64;
                let half = bin_width * 0.44;
                let tip = tooltip(&describe_bin(audit, members));
                marks.push(bar((x - half, y - height), (x + half, y), side.colour()).child(tip));
                y -= height;
            }
        }
    }
    if marks.is_empty() {
        let place = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        marks.push(label(
            place,
            "no partitioning has a score",
            13.0,
            FAINT_INK,
            Anchor::Middle,
        ));
    }
    marks
}

fn describe_bin(audit: &Audit, members: &[usize]) -> String {
    let names: Vec<String> = members
        .iter()
        .take(12)
        .map(|&i| shortened(&audit.partitionings[i].name, 40))
        .collect();
    let more = if members.len() > names.len() { ", …" } else { "" };
    format!(
        "{}: {}{more}",
        counted(members.len(), "map", "maps"),
        names.join(", ")
    )
}
