//! Title, verdict and key figures.

use wherefair_audit::{Audit, Limit, Measure, Orientation};

use super::masthead::{card, masthead, title_or};
use crate::Context;
use crate::markup::Element;
use crate::number::{MISSING, count, counted, number, number_or_dash, percent, probability};
use crate::verdict::{deviation_unit, drawable, score_unit};

/// The title of the page, never empty.
pub(crate) fn title(context: &Context) -> &str {
    title_or(context, "Audit across space")
}

/// The top of the page.
pub(crate) fn header(audit: &Audit, context: &Context) -> Element {
    let unit = deviation_unit(audit, context);
    let mut cards = vec![
        score_card(audit, context),
        measure_card("Expected deviation over maps", audit.spad.expectation, &unit),
        measure_card("S(d)mean, sum of mean deviations", audit.spad.sum_of_means, &unit),
        measure_card(
            "S(d)max, sum of largest deviations",
            audit.spad.sum_of_maxima,
            &unit,
        ),
    ];
    cards.extend(agreement_card(audit));
    cards.extend(gate_card(audit));
    masthead(
        "Does the model work equally well everywhere?",
        title(context),
        context,
        cards,
    )
}

fn score_card(audit: &Audit, context: &Context) -> Element {
    let unit = score_unit(context);
    let better = match audit.orientation {
        Orientation::HigherIsBetter => "higher is better",
        Orientation::LowerIsBetter => "lower is better",
        Orientation::NearestZeroIsBetter => "nearest to zero is best",
    };
    let mut details = vec![format!("{} samples, {better}", count(audit.n_samples))];
    if let Some(base) = audit.base_global {
        details.push(format!("base model {}{unit}", number(base)));
    }
    let figure = format!("{}{unit}", number_or_dash(audit.global));
    card(
        &format!("All samples together: {}", audit.score),
        &figure,
        &details,
    )
}

fn measure_card(name: &str, measure: Measure, unit: &str) -> Element {
    let Some(measure) = drawable(Some(measure)) else {
        return card(name, MISSING, &[]);
    };
    let details = match measure.null {
        Some(null) => vec![
            format!(
                "noise floor {}, by chance {}",
                number(null.quantile_95),
                number(null.mean)
            ),
            format!("p = {}", probability(null.p_value)),
        ],
        None => vec!["no noise floor".to_owned()],
    };
    card(name, &format!("{}{unit}", number(measure.observed)), &details)
}

fn agreement_card(audit: &Audit) -> Option<Element> {
    let stability = audit.stability.as_ref()?;
    let n = stability.n_above + stability.n_below;
    let limit = match stability.limit {
        Limit::Gate(_) => "the gate",
        Limit::NoiseFloor => "their noise floor",
    };
    let detail = format!(
        "{} of {} above {limit}",
        count(stability.n_above as u64),
        counted(n, "map", "maps")
    );
    Some(card(
        "Agreement of maps",
        &percent(stability.agreement),
        &[detail],
    ))
}

fn gate_card(audit: &Audit) -> Option<Element> {
    let (passed, gate) = (audit.passed?, audit.config.fail_above()?);
    let (figure, class) = if passed {
        ("passed", "card passed")
    } else {
        ("failed", "card failed")
    };
    let sign = if passed { "≤" } else { ">" };
    let observed = number_or_dash(Some(audit.spad.expectation.observed));
    let detail = format!("expected deviation {observed} {sign} {}", number(gate));
    Some(
        Element::new("div")
            .class(class)
            .child(Element::of_text("div", "Gate").class("name"))
            .child(Element::of_text("div", figure).class("figure"))
            .child(Element::of_text("div", detail).class("detail")),
    )
}
