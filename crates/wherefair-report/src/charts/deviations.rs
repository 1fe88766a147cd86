//! Mean and largest deviation of every partitioning beside what chance alone gives.

use wherefair_audit::{Audit, PartitioningAudit};

use crate::Context;
use crate::markup::{Element, shortened};
use crate::number::{MISSING, number, probability};
use crate::svg::{
    Anchor, CALM, CHANCE, FAINT_INK, GATE, INK, Key, Linear, Mark, WORSE, WORSE_LIGHT, bar, dashed, dot,
    horizontal_axis, key_row, label, line, picture, ring, text_width, tooltip,
};
use crate::verdict::{Side, deviation_unit, drawable, mean_deviation, side_of_floor};

const WIDTH: f64 = 960.0;
/// Beyond this many rows they are drawn small.
const MAX_ROOMY: usize = 40;
/// Names longer than this are cut.
const MAX_NAME: usize = 28;
/// Largest deviations beyond this many times the other figures lie on the right border, so that they do not
/// squeeze the rest.
const MAX_STRETCH: f64 = 4.0;

/// One row a partitioning: noise floor, mean and largest deviation.
pub(crate) fn deviations(audit: &Audit, context: &Context) -> Element {
    let rows = &audit.partitionings;
    let roomy = rows.len() <= MAX_ROOMY;
    let (row, size) = if roomy { (24.0, 13.0) } else { (13.0, 10.0) };
    let names: Vec<String> = rows.iter().map(|row| shortened(&row.name, MAX_NAME)).collect();
    let name_width = names
        .iter()
        .map(|name| text_width(name, size))
        .fold(30.0, f64::max);
    let (left, right) = (name_width + 18.0, WIDTH - 150.0);
    let end = axis_end(audit);
    let scale = Linear::new((0.0, end), (left, right));

    let (key, top) = key_row(&keys(audit, end), left, 0.0, WIDTH - left);
    let top = top + 24.0;
    let bottom = top + row * rows.len() as f64 + 4.0;
    let has_null = rows.iter().any(|row| side_of_floor(row) != Side::Open);
    let title = format!(
        "deviation of the score{}",
        unit_in_title(&deviation_unit(audit, context))
    );
    let mut chart = picture(
        WIDTH,
        bottom + 44.0,
        "Deviation of every partitioning beside its noise floor",
    )
    .child(key)
    .child(label(
        (right + 14.0, top - 6.0),
        "mean",
        11.5,
        FAINT_INK,
        Anchor::Start,
    ))
    .children(has_null.then(|| label((WIDTH - 6.0, top - 6.0), "p", 11.5, FAINT_INK, Anchor::End)))
    .child(horizontal_axis(&scale, top, bottom, &title));
    for (i, (partitioning, name)) in rows.iter().zip(&names).enumerate() {
        let y = top + row * (i as f64 + 0.5) + 2.0;
        let mut group = draw_row(partitioning, &scale, y, row);
        let baseline = y + size * 0.36;
        group = group.child(label((left - 10.0, baseline), name, size, INK, Anchor::End));
        let measure = mean_deviation(partitioning);
        let mean = measure.map_or_else(|| MISSING.to_owned(), |measure| number(measure.observed));
        group = group.child(label((right + 14.0, baseline), &mean, size, INK, Anchor::Start));
        if let Some(null) = measure.and_then(|measure| measure.null) {
            let p = probability(null.p_value);
            group = group.child(label((WIDTH - 6.0, baseline), &p, size, FAINT_INK, Anchor::End));
        }
        chart = chart.child(group.child(tooltip(&describe(partitioning))));
    }
    if let Some(gate) = audit.config.fail_above() {
        let x = scale.at(gate);
        chart = chart.child(dashed(line((x, top), (x, bottom), GATE, 1.5)));
    }
    chart
}

/// A unit with the space before it, in the brackets of an axis title.
pub(crate) fn unit_in_title(unit: &str) -> String {
    if unit.is_empty() {
        String::new()
    } else {
        format!(" ({})", unit.trim())
    }
}

/// The end of the axis.
fn axis_end(audit: &Audit) -> f64 {
    let mut largest = audit.config.fail_above().unwrap_or(0.0);
    let mut largest_maximum = 0.0_f64;
    for partitioning in &audit.partitionings {
        if let Some(measure) = mean_deviation(partitioning) {
            largest = largest.max(measure.observed);
            largest = largest.max(measure.null.map_or(0.0, |null| null.quantile_95));
        }
        if let Some(measure) = drawable(partitioning.max_deviation) {
            largest_maximum = largest_maximum.max(measure.observed);
        }
    }
    let end = if largest > 0.0 {
        largest.max(largest_maximum.min(MAX_STRETCH * largest))
    } else {
        largest_maximum
    };
    if end > 0.0 {
        (end * 1.04).min(f64::MAX)
    } else {
        1.0
    }
}

fn keys(audit: &Audit, end: f64) -> Vec<Key> {
    let has = |side| audit.partitionings.iter().any(|row| side_of_floor(row) == side);
    let has_null = has(Side::Above) || has(Side::Within);
    let mut keys = Vec::new();
    if has(Side::Above) {
        keys.push(Key::new(
            Mark::Dot(WORSE),
            "mean deviation, above the noise floor",
        ));
    }
    if has(Side::Within) {
        keys.push(Key::new(
            Mark::Dot(CALM),
            "mean deviation, within the noise floor",
        ));
    }
    if has(Side::Open) {
        keys.push(Key::new(Mark::Dot(CALM), "mean deviation"));
    }
    let beyond = |row: &PartitioningAudit| drawable(row.max_deviation).is_some_and(|max| max.observed > end);
    let largest = if audit.partitionings.iter().any(beyond) {
        "largest deviation (› beyond the axis)"
    } else {
        "largest deviation"
    };
    keys.push(Key::new(Mark::Ring(WORSE_LIGHT), largest));
    if has_null {
        keys.push(Key::new(
            Mark::Bar(CHANCE),
            "noise floor: up to the 95 % quantile of chance",
        ));
        keys.push(Key::new(Mark::Line(FAINT_INK), "mean of chance"));
    }
    if audit.config.fail_above().is_some() {
        keys.push(Key::new(Mark::Dashed(GATE), "gate"));
    }
    keys
}

fn draw_row(partitioning: &PartitioningAudit, scale: &Linear, y: f64, row: f64) -> Element {
    let mut group = Element::new("g");
    let Some(measure) = mean_deviation(partitioning) else {
        return group.child(label(
            (scale.range().0 + 8.0, y + 4.0),
            "no partition has a score",
            row * 0.5,
            FAINT_INK,
            Anchor::Start,
        ));
    };
    let half = row * 0.33;
    let x = scale.at(measure.observed);
    if let Some(null) = measure.null {
        let mean = scale.at(null.mean);
        group = group
            .child(bar(
                (scale.at(0.0), y - half),
                (scale.at(null.quantile_95), y + half),
                CHANCE,
            ))
            .child(line((mean, y - half), (mean, y + half), FAINT_INK, 1.5));
    }
    if let Some(max) = drawable(partitioning.max_deviation) {
        let end = scale.at(max.observed);
        group = group.child(line((x, y), (end, y), WORSE_LIGHT, 1.0));
        group = group.child(if max.observed > scale.domain().1 {
            label((end - 2.0, y + 4.0), "›", row * 0.7, WORSE, Anchor::End)
        } else {
            ring((end, y), row * 0.17, WORSE_LIGHT)
        });
    }
    group.child(dot((x, y), row * 0.21, side_of_floor(partitioning).colour()))
}

/// All figures of a partitioning, for a tooltip.
pub(crate) fn describe(partitioning: &PartitioningAudit) -> String {
    let mut lines = vec![
        shortened(&partitioning.name, crate::markup::MAX_TEXT),
        format!(
            "{} of {} partitions scored",
            partitioning.n_scored, partitioning.n_partitions
        ),
    ];
    for (name, measure) in [
        ("mean deviation", partitioning.mean_deviation),
        ("largest deviation", partitioning.max_deviation),
    ] {
        if let Some(measure) = drawable(measure) {
            let null = measure.null.map_or_else(String::new, |null| {
                format!(
                    " (noise floor {}, p {})",
                    number(null.quantile_95),
                    probability(null.p_value)
                )
            });
            lines.push(format!("{name} {}{null}", number(measure.observed)));
        }
    }
    lines.join("\n")
}
