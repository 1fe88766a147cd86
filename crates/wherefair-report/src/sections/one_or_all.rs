//! Whether the verdict hangs on the choice of the map.

use wherefair_audit::{Audit, Limit, Stability};

use super::{chart, paragraph, section};
use crate::Context;
use crate::charts::{distribution, stability};
use crate::markup::Element;
use crate::number::{count, counted, number, percent};

/// "Is it one map or all maps?".
pub(crate) fn one_or_all(audit: &Audit, context: &Context) -> Element {
    let section = section("maps", "Is it one map or all maps?").child(paragraph(
        "A map can be drawn so that a model looks fair, or unfair. Over many maps the deviation has a distribution, \
         and a verdict is firm when most maps share it.",
    ));
    let spad = &audit.spad;
    let spread = [spad.min, spad.median, spad.max, spad.sd];
    let summary = spread.iter().all(|figure| figure.is_finite()).then(|| {
        paragraph(format!(
            "Over {} the mean deviation reaches from {} to {}, with a median of {} and a standard deviation of {}.",
            counted(spad.n_scored, "scored map", "scored maps"),
            number(spad.min),
            number(spad.max),
            number(spad.median),
            number(spad.sd),
        ))
    });
    let verdict = audit.stability.as_ref().map_or_else(
        || {
            vec![paragraph(
                "There is neither a gate nor a noise floor, so that no map can be called fair or unfair.",
            )]
        },
        |found| {
            vec![
                paragraph(in_words(found)),
                Element::new("div").class("bar").child(stability(found)),
            ]
        },
    );
    section
        .child(chart(distribution(audit, context)))
        .children(summary)
        .children(verdict)
}

fn in_words(stability: &Stability) -> String {
    let limit = match stability.limit {
        Limit::Gate(gate) => format!("the gate of {}", number(gate)),
        Limit::NoiseFloor => "its own noise floor".to_owned(),
    };
    let n = stability.n_above + stability.n_below;
    let firmness = if n <= 1 {
        "With a single map nothing can be said about other maps."
    } else if stability.agreement >= 0.95 {
        "The verdict does not hang on the choice of the map."
    } else if stability.agreement >= 0.75 {
        "Most maps share the verdict, but some would turn it."
    } else {
        "The verdict hangs on the choice of the map."
    };
    let lies = |n: usize| format!("{} {}", count(n as u64), if n == 1 { "lies" } else { "lie" });
    format!(
        "Of {}, {} above {limit} ({} of the weight) and {} at or below it. {firmness}",
        counted(n, "map", "maps"),
        lies(stability.n_above),
        percent(stability.share_above),
        lies(stability.n_below),
    )
}
