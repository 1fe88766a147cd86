//! The colour scale of the maps and what it means.

use wherefair_audit::{Audit, PartitionAudit};

use super::choropleth::{EMPTY, NOT_SCORED};
use crate::Context;
use crate::markup::{Element, shortened};
use crate::number::{number, percent};
use crate::svg::{Anchor, Diverging, FAINT_INK, INK, Key, Mark, bar, key_row, label, picture};
use crate::verdict::{deviation_unit, is_found};

const WIDTH: f64 = 480.0;
const N_STEPS: u32 = 60;
/// Shortfalls beyond this quantile of all lie at the ends of the scale when they are much larger.
const QUANTILE: f64 = 0.95;
/// How much larger.
const MUCH: f64 = 1.5;

/// The colour scale of all partitions of `partitionings`, and whether some of them lie beyond its ends.
pub(crate) fn shortfall_scale(audit: &Audit, partitionings: &[usize]) -> (Diverging, bool) {
    shared_shortfall_scale(&[audit], partitionings)
}

/// One colour scale for several audits.
pub(crate) fn shared_shortfall_scale(audits: &[&Audit], partitionings: &[usize]) -> (Diverging, bool) {
    let mut sizes: Vec<f64> = audits
        .iter()
        .flat_map(|audit| partitionings.iter().filter_map(|&i| audit.partitionings.get(i)))
        .flat_map(|partitioning| &partitioning.partitions)
        .filter_map(|partition| Some(partition.shortfall?.abs()).filter(|size| size.is_finite()))
        .collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let Some(&largest) = sizes.last() else {
        return (Diverging::new(1.0), false);
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the length"
    )]
    let at = ((sizes.len() - 1) as f64 * QUANTILE) as usize;
    let high = sizes[at];
    if high > 0.0 && largest > MUCH * high {
        (Diverging::new(high), true)
    } else {
        (Diverging::new(largest), false)
    }
}

/// The legend of the maps.
pub(crate) fn legend(
    audit: &Audit,
    context: &Context,
    colours: Diverging,
    clamped: bool,
    maps: &[usize],
) -> Element {
    let (left, right, top, bottom) = (10.0, WIDTH - 10.0, 22.0, 38.0);
    let step = (right - left) / f64::from(N_STEPS);
    let (key, key_height) = key_row(&marks(audit, maps), left, bottom + 24.0, right - left);
    let mut chart = picture(WIDTH, bottom + 28.0 + key_height, "Colours of the maps")
        .child(label(
            (left, 13.0),
            "better than the reference",
            12.0,
            FAINT_INK,
            Anchor::Start,
        ))
        .child(label(
            (right, 13.0),
            "worse than the reference",
            12.0,
            FAINT_INK,
            Anchor::End,
        ));
    for i in 0..N_STEPS {
        let t = (f64::from(i) + 0.5) / f64::from(N_STEPS) * 2.0 - 1.0;
        let x = left + step * f64::from(i);
        // A little overlap closes the seams between neighbours.
        let colour = colours.at(t * colours.limit()).hex();
        let step_bar = bar((x, top), ((x + step + 0.4).min(right), bottom), &colour);
        chart = chart.child(step_bar.attr("shape-rendering", "crispEdges"));
    }
    let unit = deviation_unit(audit, context);
    let unit = if unit.contains('²') {
        String::new()
    } else {
        shortened(&unit, 14)
    };
    let limit = colours.limit();
    let (below, above) = if clamped { ("≤ ", "≥ ") } else { ("", "") };
    for (at, anchor, text) in [
        (left, Anchor::Start, format!("{below}−{}{unit}", number(limit))),
        (
            f64::midpoint(left, f64::midpoint(left, right)),
            Anchor::Middle,
            format!("−{}", number(limit / 2.0)),
        ),
        (f64::midpoint(left, right), Anchor::Middle, "0".to_owned()),
        (
            f64::midpoint(right, f64::midpoint(left, right)),
            Anchor::Middle,
            number(limit / 2.0),
        ),
        (right, Anchor::End, format!("{above}{}{unit}", number(limit))),
    ] {
        chart = chart.child(label((at, bottom + 15.0), &text, 12.0, INK, anchor));
    }
    chart = chart.child(key);
    chart
}

/// Whatever the maps show beside the scale.
fn marks(audit: &Audit, maps: &[usize]) -> Vec<Key> {
    let any = |is: &dyn Fn(&PartitionAudit) -> bool| {
        let mut partitionings = maps.iter().filter_map(|&i| audit.partitionings.get(i));
        partitionings.any(|partitioning| partitioning.partitions.iter().any(is))
    };
    let mut keys = Vec::new();
    if any(&|partition| is_found(audit, partition)) {
        let rate = percent(audit.config.false_discovery_rate());
        let meaning = format!("differs (false discovery rate {rate})");
        keys.push(Key::new(Mark::Box("#ffffff", "#111111", 2.2), meaning));
    }
    if any(&|partition| partition.score.is_none() && partition.n_samples > 0) {
        keys.push(Key::new(Mark::Box(NOT_SCORED, "#8d969f", 0.8), "not scored"));
    }
    if any(&|partition| partition.n_samples == 0) {
        keys.push(Key::new(Mark::Box(EMPTY, "#8d969f", 0.8), "no samples"));
    }
    keys
}
