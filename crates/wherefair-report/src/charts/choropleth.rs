//! One partitioning as a map: partitions filled by how much worse than the reference they are.

use wherefair_audit::{Audit, PartitionAudit};
use wherefair_core::Extent;

use super::projection::Projection;
use crate::markup::{Element, shortened};
use crate::number::{Digits, count, number, probability};
use crate::svg::{Anchor, Diverging, bottom_axis, label, picture, text_width, tooltip, vertical_axis};
use crate::verdict::is_found;

/// Fill of partitions with too few samples.
pub(crate) const NOT_SCORED: &str = "#b9bec4";
/// Fill of partitions without samples.
pub(crate) const EMPTY: &str = "#ffffff";
/// Lines between partitions.
pub(super) const BORDER: &str = "#8d969f";

/// With more partitions than this no figures are written into the map.
const MAX_FIGURES: usize = 64;
/// With more partitions than this there are no tooltips.
pub(super) const MAX_TOOLTIPS: usize = 20_000;
/// Font size of figures.
const FIGURE_SIZE: f64 = 13.0;

/// How much a map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Coordinates, scores and tooltips.
    Full,
    /// The partitions alone.
    Outline,
}

/// Draws partitioning `i` within `extent`, `width` pixels wide.
pub(crate) fn choropleth(
    audit: &Audit,
    i: usize,
    extent: &Extent,
    geographic: bool,
    colours: Diverging,
    width: f64,
    detail: Detail,
) -> Option<Element> {
    let partitioning = audit.partitionings.get(i)?;
    let full = detail == Detail::Full;
    let (left, below, margin) = if full { (74.0, 26.0, 8.0) } else { (1.0, 1.0, 1.0) };
    let available = (width - left - margin).max(40.0);
    let projection = Projection::fit(extent, geographic, (left, margin), (available, available * 0.95));
    let (right, bottom) = (projection.x.range().1, projection.y.range().0);
    // Small maps all have the same size, so that they stand in rows.
    let canvas = if full {
        (width, bottom + below)
    } else {
        (right + margin, bottom + below)
    };
    let name = format!("Map of partitioning {}", shortened(&partitioning.name, 60));
    let mut chart = picture(canvas.0, canvas.1, &name);

    let stroke = if full { 0.8 } else { 0.4 };
    let mut areas = Element::new("g")
        .attr("stroke", BORDER)
        .num("stroke-width", stroke)
        .attr("stroke-linejoin", "round")
        .attr("fill-rule", "evenodd");
    let mut outlines = Element::new("g")
        .attr("stroke", "#111111")
        .num("stroke-width", if full { 2.2 } else { 1.1 })
        .attr("stroke-linejoin", "round")
        .attr("fill", "none");
    let with_tooltips = full && partitioning.partitions.len() <= MAX_TOOLTIPS;
    for partition in &partitioning.partitions {
        let Some(shape) = &partition.shape else {
            continue;
        };
        let path = projection.path(shape);
        if path.is_empty() {
            continue;
        }
        let mut area = Element::new("path")
            .attr("d", &path)
            .attr("fill", fill(partition, colours));
        if with_tooltips {
            area = area.child(tooltip(&describe(partition, partitioning.reference)));
        }
        areas = areas.child(area);
        if is_found(audit, partition) {
            outlines = outlines.child(
                Element::new("path")
                    .attr("d", path)
                    .attr("pointer-events", "none"),
            );
        }
    }
    chart = chart.child(areas).child(outlines);
    if full {
        chart = chart
            .children(figures(&partitioning.partitions, &projection, colours))
            .child(vertical_axis(&projection.y, left))
            .child(bottom_axis(&projection.x, bottom));
    }
    Some(chart)
}

/// The fill of a partition.
fn fill(partition: &PartitionAudit, colours: Diverging) -> String {
    match partition.shortfall.filter(|shortfall| shortfall.is_finite()) {
        Some(shortfall) => colours.at(shortfall).hex(),
        None if partition.n_samples == 0 => EMPTY.to_owned(),
        None => NOT_SCORED.to_owned(),
    }
}

/// Scores written into the partitions that have room for them.
fn figures(partitions: &[PartitionAudit], projection: &Projection, colours: Diverging) -> Vec<Element> {
    if partitions.len() > MAX_FIGURES {
        return Vec::new();
    }
    let digits = Digits::of(partitions.iter().filter_map(|partition| partition.score));
    partitions
        .iter()
        .filter_map(|partition| {
            let (score, shortfall) = (partition.score?, partition.shortfall?);
            let text = digits.show(score);
            let (x, y) = projection.place_for(
                partition.shape.as_ref()?,
                (text_width(&text, FIGURE_SIZE) + 6.0, FIGURE_SIZE + 4.0),
            )?;
            let ink = colours.at(shortfall).ink();
            let figure = label((x, y + 4.5), &text, FIGURE_SIZE, ink, Anchor::Middle);
            score.is_finite().then(|| figure.attr("pointer-events", "none"))
        })
        .collect()
}

/// All figures of a partition, for a tooltip.
pub(crate) fn describe(partition: &PartitionAudit, reference: Option<f64>) -> String {
    let mut lines = vec![
        shortened(&partition.label, 120),
        format!("{} samples", count(partition.n_samples)),
    ];
    match (partition.score, partition.shortfall) {
        (Some(score), Some(shortfall)) => {
            let side = if shortfall > 0.0 { "worse" } else { "better" };
            let reference = reference.map_or_else(String::new, |reference| {
                format!(" (reference {})", number(reference))
            });
            lines.push(format!("score {}{reference}", number(score)));
            lines.push(format!("{} {side}", number(shortfall.abs())));
        }
        (Some(score), None) => lines.push(format!("score {}", number(score))),
        _ if partition.n_samples == 0 => lines.push("empty".to_owned()),
        _ => lines.push("not scored".to_owned()),
    }
    if let Some(deviation) = partition.deviation {
        lines.push(format!("deviation {}", number(deviation)));
    }
    if let (Some(p), Some(q)) = (partition.p_value, partition.q_value) {
        lines.push(format!("p {}, q {}", probability(p), probability(q)));
    }
    lines.join("\n")
}
