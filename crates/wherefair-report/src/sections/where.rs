//! Where the model works better and worse.

use std::collections::BTreeSet;

use wherefair_audit::Audit;
use wherefair_core::Extent;

use super::{chart, paragraph, section};
use crate::Context;
use crate::charts::{Detail, bounds, choropleth, groups, is_map, legend, multiples, shortfall_scale};
use crate::markup::{Element, shortened};
use crate::number::{counted, number};
use crate::svg::Diverging;
use crate::verdict::{Side, mean_deviation, side_of_floor, worst_partitioning};

/// Width of a large map, in pixels.
const MAP_WIDTH: f64 = 640.0;
/// With more maps than this, small maps show a selection.
const MAX_SMALL: usize = 36;
/// How many a selection holds.
const N_SELECTED: usize = 12;
/// When all small maps together have more partitions than this, only the worst map is drawn large.
const MAX_LARGE_PARTITIONS: usize = 4_000;

/// "Where".
pub(crate) fn place(audit: &Audit, context: &Context) -> Element {
    let section = section("where", "Where");
    let maps: Vec<usize> = (0..audit.partitionings.len())
        .filter(|&i| is_map(&audit.partitionings[i]))
        .collect();
    let drawn: BTreeSet<usize> = maps.iter().copied().collect();
    let worst_map = worst_partitioning(audit, is_map).or_else(|| maps.first().copied());
    let extent = bounds(maps.iter().map(|&i| &audit.partitionings[i]));
    let mut section = match (worst_map, extent) {
        (Some(worst), Some(extent)) => section.children(map_parts(audit, context, &maps, worst, &extent)),
        _ => section.child(paragraph(
            "No partitioning has shapes that could be drawn as a map.",
        )),
    };
    let others: Vec<usize> = (0..audit.partitionings.len())
        .filter(|i| !drawn.contains(i))
        .collect();
    let worst_other = worst_partitioning(audit, |partitioning| !is_map(partitioning));
    if let Some(worst) = worst_other {
        let (colours, _) = shortfall_scale(audit, &others);
        let partitioning = &audit.partitionings[worst];
        let heading = format!("Partitions that are not drawn as a map: {}", partitioning.name);
        if let Some(bars) = groups(audit, context, worst, colours) {
            section = section.child(Element::of_text("h3", heading)).child(chart(bars));
        }
    }
    section
}

/// The map of partitioning `i` alone, `width` pixels wide, as a document of its own.
pub(crate) fn map_alone(audit: &Audit, context: &Context, i: usize, width: f64) -> Option<Element> {
    let partitioning = audit
        .partitionings
        .get(i)
        .filter(|partitioning| is_map(partitioning))?;
    let extent = bounds([partitioning])?;
    let (colours, _) = shortfall_scale(audit, &[i]);
    let width = if width.is_finite() {
        width.clamp(160.0, 4_000.0)
    } else {
        MAP_WIDTH
    };
    choropleth(
        audit,
        i,
        &extent,
        context.geographic,
        colours,
        width,
        Detail::Full,
    )
}

fn map_parts(
    audit: &Audit,
    context: &Context,
    maps: &[usize],
    worst: usize,
    extent: &Extent,
) -> Vec<Element> {
    let shown = selection(audit, maps, worst);
    let (colours, clamped) = shortfall_scale(audit, &shown);
    let n_partitions: usize = shown
        .iter()
        .map(|&i| audit.partitionings[i].partitions.len())
        .sum();
    let large = if n_partitions > MAX_LARGE_PARTITIONS {
        vec![worst]
    } else {
        shown.clone()
    };
    let mut parts = vec![
        paragraph(
            "Partitions are coloured by how much worse (orange) or better (blue) than their reference they are; \
             a black outline marks those that differ beyond what chance explains. Figures are scores.",
        ),
        Element::new("div")
            .class("legend")
            .child(legend(audit, context, colours, clamped, &shown)),
    ];
    // The open one first, so that without scripts no list of closed ones stands above it.
    let worst_first = large.iter().copied().filter(|&i| i == worst);
    let others = large.iter().copied().filter(|&i| i != worst);
    parts.extend(
        worst_first
            .chain(others)
            .filter_map(|i| large_map(audit, context, i, i == worst, extent, colours)),
    );
    if shown.len() > 1 {
        let heading = if shown.len() < maps.len() {
            format!(
                "{} of {} maps, from the least to the most unequal",
                shown.len(),
                maps.len()
            )
        } else {
            format!("The same samples on {}", counted(maps.len(), "map", "maps"))
        };
        parts.push(Element::of_text("h3", heading));
        parts.push(paragraph(
            "All in the same colours, with the mean deviation below each; a dot marks maps above their noise floor.",
        ));
        parts.push(multiples(
            audit,
            &shown,
            &large,
            extent,
            context.geographic,
            colours,
        ));
    }
    parts
}

/// All maps where they are few; else some of them, evenly from the least to the most unequal.
fn selection(audit: &Audit, maps: &[usize], worst: usize) -> Vec<usize> {
    if maps.len() <= MAX_SMALL {
        return maps.to_vec();
    }
    let mean = |i: usize| mean_deviation(&audit.partitionings[i]).map_or(-1.0, |measure| measure.observed);
    let mut ranked = maps.to_vec();
    ranked.sort_by(|&a, &b| mean(a).total_cmp(&mean(b)).then(a.cmp(&b)));
    let last = ranked.len() - 1;
    let mut selected: Vec<usize> = (0..N_SELECTED)
        .map(|k| ranked[k * last / (N_SELECTED - 1)])
        .collect();
    if !selected.contains(&worst) {
        selected.pop();
        selected.push(worst);
    }
    selected
}

/// One map that can be opened and closed; all share a name, so that one at a time is open.
fn large_map(
    audit: &Audit,
    context: &Context,
    i: usize,
    is_worst: bool,
    extent: &Extent,
    colours: Diverging,
) -> Option<Element> {
    let partitioning = &audit.partitionings[i];
    let map = choropleth(
        audit,
        i,
        extent,
        context.geographic,
        colours,
        MAP_WIDTH,
        Detail::Full,
    )?;
    let above = match side_of_floor(partitioning) {
        Side::Above => ", above its noise floor",
        Side::Within => ", within its noise floor",
        Side::Open => "",
    };
    let mean = mean_deviation(partitioning).map_or_else(
        || "no score".to_owned(),
        |measure| format!("mean deviation {}{above}", number(measure.observed)),
    );
    let rank = if is_worst { "most unequal map, " } else { "" };
    let summary = Element::new("summary")
        .child(Element::of_text("b", shortened(&partitioning.name, 80)))
        .text(format!(": {rank}{mean}"));
    let details = Element::new("details").class("map").attr("name", "map");
    let details = if is_worst {
        details.attr("open", "open")
    } else {
        details
    };
    let figure = Element::new("div")
        .class("scroll map-frame")
        .attr("id", format!("map-{i}"))
        .child(map);
    Some(details.child(summary).child(figure))
}
