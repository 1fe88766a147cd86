//! Whether the verdict hangs on the choice of the map.

use wherefair_audit::{Audit, Limit, Stability};

use super::{chart, paragraph, section};
use crate::Context;
use crate::charts::{distribution, stability};
use crate::markup::Element;
use crate::number::{count, counted, number, percent};
use crate::verdict::mean_deviation;

/// "Is it one map or all maps?".
pub(crate) fn one_or_all(audit: &Audit, context: &Context) -> Element {
    let section = section("maps", "Is it one map or all maps?").child(paragraph(
        "A map can be drawn so that a model looks fair, or unfair. Over many maps the deviation has a distribution, \
         and a verdict is firm when most maps share it.",
    ));
    let n_scored = audit
        .partitionings
        .iter()
        .filter(|map| mean_deviation(map).is_some())
        .count();
    if n_scored == 1 {
        return section.child(paragraph(
            "Here only one map has a score, so nothing can be said about other maps.",
        ));
    }
    let section = section
        .child(chart(distribution(audit, context)))
        .children(spread(audit));
    match &audit.stability {
        Some(found) => section.child(paragraph(in_words(found))).child(stability(found)),
        None => section.child(paragraph(
            "There is neither a gate nor a noise floor, so that no map can be called fair or unfair.",
        )),
    }
}

fn spread(audit: &Audit) -> Option<Element> {
    let spad = &audit.spad;
    let figures = [spad.min, spad.median, spad.max, spad.sd];
    figures.iter().all(|figure| figure.is_finite()).then(|| {
        paragraph(format!(
            "Over {} the mean deviation reaches from {} to {}, with a median of {} and a standard deviation of {}.",
            counted(spad.n_scored, "scored map", "scored maps"),
            number(spad.min),
            number(spad.max),
            number(spad.median),
            number(spad.sd),
        ))
    })
}

fn in_words(stability: &Stability) -> String {
    let limit = match stability.limit {
        Limit::Gate(gate) => format!("the gate of {}", number(gate)),
        Limit::NoiseFloor => "their own noise floor".to_owned(),
    };
    let n = stability.n_above + stability.n_below;
    let firmness = if stability.agreement >= 0.95 {
        "The verdict does not hang on the choice of the map."
    } else if stability.agreement >= 0.75 {
        "Most maps share the verdict, but some would turn it."
    } else {
        "The verdict hangs on the choice of the map."
    };
    let lies = |n: usize| format!("{} {}", count(n as u64), if n == 1 { "lies" } else { "lie" });
    format!(
        "Of {}, {} above {limit} ({} of the weight) and {} at or below. {firmness}",
        counted(n, "map", "maps"),
        lies(stability.n_above),
        percent(stability.share_above),
        lies(stability.n_below),
    )
}
