//! Scores of partitions that are no places, such as groups of samples.

use wherefair_audit::{Audit, PartitionAudit, PartitioningAudit};

use super::choropleth::describe;
use super::deviations::unit_in_title;
use crate::Context;
use crate::markup::{Element, shortened};
use crate::number::{Digits, count, counted};
use crate::svg::{
    Anchor, Diverging, FAINT_INK, GATE, INK, Key, Linear, Mark, bar, dashed, horizontal_axis, key_row, label,
    line, picture, text_width, tooltip,
};
use crate::verdict::{is_found, score_unit};

const WIDTH: f64 = 960.0;
const ROW: f64 = 24.0;
/// More partitions than this are not drawn; the worst are.
const MAX_ROWS: usize = 40;

/// Horizontal bars of the scores of partitioning `i`, the worst first, with the reference as a line.
pub(crate) fn groups(audit: &Audit, context: &Context, i: usize, colours: Diverging) -> Option<Element> {
    let partitioning = audit.partitionings.get(i)?;
    let mut rows = scored_rows(partitioning);
    let n_left_out = rows.len().saturating_sub(MAX_ROWS);
    rows.truncate(MAX_ROWS);
    if rows.is_empty() {
        return None;
    }
    let reference = partitioning.reference.filter(|reference| reference.is_finite());
    let scores = || rows.iter().map(|(score, ..)| *score);
    let values = || scores().chain(reference).chain([0.0]);
    let domain = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    let names: Vec<String> = rows
        .iter()
        .map(|(.., partition)| shortened(&partition.label, 34))
        .collect();
    let name_width = names
        .iter()
        .map(|name| text_width(name, 13.0))
        .fold(40.0, f64::max);
    let (left, right) = ((name_width + 18.0).min(WIDTH / 2.0), WIDTH - 170.0);
    let scale = Linear::new(domain, (left, right));
    let top = 26.0;
    let bottom = top + ROW * rows.len() as f64 + 4.0;
    let digits = Digits::of(scores());

    let mut keys = vec![Key::new(Mark::Dashed(GATE), "reference")];
    keys.truncate(usize::from(reference.is_some()));
    if n_left_out > 0 {
        keys.push(Key::new(
            Mark::Bar("#ffffff"),
            format!("{} not shown", counted(n_left_out, "better one", "better ones")),
        ));
    }
    let title = format!(
        "{}{}",
        shortened(&audit.score, 60),
        unit_in_title(&score_unit(context))
    );
    let name = format!(
        "Scores of the partitions of {}",
        shortened(&partitioning.name, 60)
    );
    let mut chart = picture(WIDTH, bottom + 44.0, &name)
        .child(key_row(&keys, left, 0.0, right - left).0)
        .child(label(
            (right + 14.0, top - 8.0),
            "score",
            11.5,
            FAINT_INK,
            Anchor::Start,
        ))
        .child(label(
            (WIDTH - 6.0, top - 8.0),
            "samples",
            11.5,
            FAINT_INK,
            Anchor::End,
        ))
        .child(horizontal_axis(&scale, top, bottom, &title));
    for (k, ((score, shortfall, partition), name)) in rows.iter().zip(&names).enumerate() {
        let y = top + ROW * (k as f64 + 0.5) + 2.0;
        let mut shape = bar(
            (scale.at(0.0), y - 8.0),
            (scale.at(*score), y + 8.0),
            &colours.at(*shortfall).hex(),
        );
        shape = if is_found(audit, partition) {
            shape.attr("stroke", "#111111").num("stroke-width", 2.0)
        } else {
            shape.attr("stroke", "#8d969f").num("stroke-width", 0.8)
        };
        let group = Element::new("g")
            .child(shape)
            .child(label((left - 10.0, y + 4.5), name, 13.0, INK, Anchor::End))
            .child(label(
                (right + 14.0, y + 4.5),
                &digits.show(*score),
                13.0,
                INK,
                Anchor::Start,
            ))
            .child(label(
                (WIDTH - 6.0, y + 4.5),
                &count(partition.n_samples),
                13.0,
                FAINT_INK,
                Anchor::End,
            ))
            .child(tooltip(&describe(partition, reference)));
        chart = chart.child(group);
    }
    if let Some(reference) = reference {
        let x = scale.at(reference);
        chart = chart.child(dashed(line((x, top), (x, bottom), GATE, 2.0)));
    }
    Some(chart)
}

/// Score, shortfall and partition of all that have them, the worst first.
fn scored_rows(partitioning: &PartitioningAudit) -> Vec<(f64, f64, &PartitionAudit)> {
    let mut rows: Vec<(f64, f64, &PartitionAudit)> = partitioning
        .partitions
        .iter()
        .filter_map(|partition| {
            let (score, shortfall) = (partition.score?, partition.shortfall?);
            (score.is_finite() && shortfall.is_finite()).then_some((score, shortfall, partition))
        })
        .collect();
    // Stable, so that equals keep the order of the partitions.
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    rows
}
