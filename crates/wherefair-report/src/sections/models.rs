//! Models side by side on the same samples.

use wherefair_audit::{Audit, Orientation};

use super::masthead::{card, masthead, title_or};
use super::method::SPAD;
use super::prose::{facts, notes, references, term};
use super::table::{cut, heading, number_cell, places_table, unit_note};
use super::worst_places::worst_places_table;
use super::{paragraph, plot, section};
use crate::charts::{
    Detail, bounds, choropleth, is_map, learning_curves, legend, shared_shortfall_scale, trade_off_chart,
};
use crate::markup::{Element, shortened};
use crate::number::{Digits, count, number, number_or_dash, percent, probability_or_dash};
use crate::verdict::{deviation_unit, mean_deviation, score_unit, worst_partitioning};
use crate::{Context, ModelOnTest, TrainingPage};

/// Width of a map, in pixels: two stand side by side.
const MAP_WIDTH: f64 = 480.0;
/// Most maps that are drawn, each for all models.
const MAX_MAPS: usize = 24;
/// With more partitions than this in all maps together only the worst is drawn.
const MAX_PARTITIONS: usize = 4_000;

/// The title of the page, never empty.
pub(crate) fn models_title(context: &Context) -> &str {
    title_or(context, "Fair training")
}

/// The two models of which the first is what the second is held against.
fn pair<'a>(page: &'a TrainingPage<'_>) -> Option<(&'a Audit, &'a Audit)> {
    match &page.models[..] {
        [first, second, ..] => Some((first.audit, second.audit)),
        _ => None,
    }
}

/// The top of the page.
pub(crate) fn models_header(page: &TrainingPage<'_>, context: &Context) -> Element {
    let mut cards = Vec::new();
    if let Some(first) = page.models.first() {
        let second = pair(page).map(|(_, second)| second);
        let audit = first.audit;
        let mut add = |name: &str, of: fn(&Audit) -> Option<f64>, unit: String| {
            let (before, after) = (of(audit), second.map(of));
            let figure = match after {
                None => format!("{}{unit}", number_or_dash(before)),
                Some(after) => format!("{} → {}{unit}", number_or_dash(before), number_or_dash(after)),
            };
            let details: Vec<String> = before
                .zip(after.flatten())
                .and_then(|(before, after)| change(before, after))
                .into_iter()
                .collect();
            cards.push(card(name, &figure, &details));
        };
        let (score, deviation) = (score_unit(context), deviation_unit(audit, context));
        add(&audit.score, |audit| audit.global, score);
        add(
            "S(d)mean, sum of mean deviations",
            |audit| Some(audit.spad.sum_of_means.observed),
            deviation.clone(),
        );
        add(
            "S(d)max, sum of largest deviations",
            |audit| Some(audit.spad.sum_of_maxima.observed),
            deviation.clone(),
        );
        add(
            "Expected deviation over maps",
            |audit| Some(audit.spad.expectation.observed),
            deviation,
        );
    }
    masthead(
        "Is the model that was trained to be fair fairer, and at what price?",
        models_title(context),
        context,
        cards,
    )
    .children(notes(&page.notes))
}

/// By what share a figure changes.
fn change(before: f64, after: f64) -> Option<String> {
    let share = after / before - 1.0;
    share.is_finite().then(|| {
        let sign = if share < 0.0 { "−" } else { "+" };
        format!("{sign}{:.1} %", 100.0 * share.abs())
    })
}

/// "Models side by side".
pub(crate) fn models_side_by_side(page: &TrainingPage<'_>, context: &Context) -> Element {
    let section = section("models", "Models side by side");
    let Some(first) = page.models.first() else {
        return section.child(paragraph("There is no model."));
    };
    let better = match first.audit.orientation {
        Orientation::HigherIsBetter => "higher is better",
        Orientation::LowerIsBetter => "lower is better",
        Orientation::NearestZeroIsBetter => "nearest to zero is best",
    };
    let intro = format!(
        "All models are audited on the same {} test samples, which took no part in training or in the choice of the epoch. Score: {} ({better}). The noise floor is what the figure before it would stay below in 95 of 100 cases if errors did not depend on place.",
        count(first.audit.n_samples),
        first.audit.score
    );
    section
        .child(paragraph(intro))
        .child(
            Element::new("div")
                .class("scroll")
                .child(models_table(page, context)),
        )
        .child(Element::of_text("h3", "Map by map"))
        .child(paragraph(
            "The mean deviation of each map, with its noise floor in brackets; bold where it lies above.",
        ))
        .child(Element::new("div").class("scroll tall").child(map_table(page)))
}

fn models_table(page: &TrainingPage<'_>, context: &Context) -> Element {
    let audits = || page.models.iter().map(|model| model.audit);
    let unit = unit_note(&score_unit(context));
    let head = [
        ("Model", false),
        (&*format!("Score{unit}"), true),
        ("Expected deviation", true),
        ("Noise floor", true),
        ("p", true),
        ("S(d)mean", true),
        ("S(d)max", true),
        ("S(d)mean against the first", true),
    ]
    .into_iter()
    .fold(Element::new("tr"), |row, (text, numeric)| {
        row.child(heading(text, numeric))
    });
    let scores = Digits::of(audits().filter_map(|audit| audit.global));
    let means = Digits::of(audits().map(|audit| audit.spad.expectation.observed));
    let sums = Digits::of(audits().map(|audit| audit.spad.sum_of_means.observed));
    let maxima = Digits::of(audits().map(|audit| audit.spad.sum_of_maxima.observed));
    let first = page
        .models
        .first()
        .map(|model| model.audit.spad.sum_of_means.observed);
    let rows = page.models.iter().enumerate().map(|(i, model)| {
        let spad = &model.audit.spad;
        let null = spad.expectation.null;
        let against = first
            .filter(|_| i > 0)
            .and_then(|first| change(first, spad.sum_of_means.observed));
        Element::new("tr")
            .child(Element::of_text("td", cut(&model.name)).class("name"))
            .child(number_cell(model.audit.global.map_or_else(
                || crate::number::MISSING.to_owned(),
                |score| scores.show(score),
            )))
            .child(number_cell(means.show(spad.expectation.observed)))
            .child(number_cell(number_or_dash(null.map(|null| null.quantile_95))))
            .child(number_cell(probability_or_dash(null.map(|null| null.p_value))))
            .child(number_cell(sums.show(spad.sum_of_means.observed)))
            .child(number_cell(maxima.show(spad.sum_of_maxima.observed)))
            .child(number_cell(against.unwrap_or_default()))
    });
    places_table("Smaller deviations are fairer.", head, rows)
}

fn map_table(page: &TrainingPage<'_>) -> Element {
    let mut head = Element::new("tr").child(heading("Map", false));
    for model in &page.models {
        head = head.child(heading(&shortened(&model.name, 40), true));
    }
    let Some(first) = page.models.first() else {
        return places_table("", head, []);
    };
    let rows = first.audit.partitionings.iter().enumerate().map(|(i, map)| {
        let row = Element::new("tr").child(Element::of_text("td", cut(&map.name)).class("name"));
        page.models.iter().fold(row, |row, model| {
            let measure = model.audit.partitionings.get(i).and_then(mean_deviation);
            let text = measure.map_or_else(
                || crate::number::MISSING.to_owned(),
                |measure| match measure.null {
                    Some(null) => format!("{} ({})", number(measure.observed), number(null.quantile_95)),
                    None => number(measure.observed),
                },
            );
            let above = measure
                .and_then(|measure| Some(measure.observed > measure.null?.quantile_95))
                .unwrap_or(false);
            let cell = Element::new("td").class("number");
            row.child(if above {
                cell.child(Element::of_text("b", text))
            } else {
                cell.text(text)
            })
        })
    });
    places_table("", head, rows)
}

/// "Quality against fairness"; none without an epoch that was measured.
pub(crate) fn trade_off(page: &TrainingPage<'_>) -> Option<Element> {
    let audit = page.models.first()?.audit;
    let curve = trade_off_chart(page, &audit.score, audit.orientation)?;
    let intro = format!(
        "Each dot is the model after one epoch, measured on the validation samples: further down is fairer. The model that is kept is the lowest dot whose score is at most {} worse than that of the base model, which the shaded side is not.",
        percent(page.max_quality_loss)
    );
    Some(
        section("trade-off", "Quality against fairness")
            .child(paragraph(intro))
            .child(plot(curve))
            .child(Element::of_text("h3", "Epoch by epoch"))
            .children(learning_curves(page, &audit.score).into_iter().map(plot)),
    )
}

/// "Where": maps of every model in the same colours; none where no map can be drawn.
pub(crate) fn models_maps(page: &TrainingPage<'_>, context: &Context) -> Option<Element> {
    let audit = page.models.first()?.audit;
    let maps: Vec<usize> = (0..audit.partitionings.len())
        .filter(|&i| {
            page.models
                .iter()
                .all(|model| model.audit.partitionings.get(i).is_some_and(is_map))
        })
        .collect();
    let worst = worst_partitioning(audit, is_map).or_else(|| maps.first().copied())?;
    let extent = bounds(maps.iter().map(|&i| &audit.partitionings[i]))?;
    let n_partitions: usize = maps
        .iter()
        .map(|&i| audit.partitionings[i].partitions.len())
        .sum();
    let others = maps.iter().copied().filter(|&i| i != worst);
    let shown: Vec<usize> = if n_partitions * page.models.len() > MAX_PARTITIONS {
        vec![worst]
    } else {
        std::iter::once(worst).chain(others).take(MAX_MAPS).collect()
    };
    let audits: Vec<&Audit> = page.models.iter().map(|model| model.audit).collect();
    let (colours, clamped) = shared_shortfall_scale(&audits, &shown);
    let figures = |i: usize| {
        let figures = page.models.iter().filter_map(|model| {
            let map = choropleth(
                model.audit,
                i,
                &extent,
                context.geographic,
                colours,
                MAP_WIDTH,
                Detail::Full,
            )?;
            let mean = mean_deviation(model.audit.partitionings.get(i)?).map(|measure| measure.observed);
            let caption = format!(
                "{}: mean deviation {}",
                shortened(&model.name, 60),
                number_or_dash(mean)
            );
            Some(
                Element::new("figure")
                    .child(Element::of_text("figcaption", caption))
                    .child(map),
            )
        });
        Element::new("div").class("pairs").children(figures)
    };
    let details = shown.iter().map(|&i| {
        let name = shortened(&audit.partitionings[i].name, 80);
        let summary = Element::new("summary")
            .child(Element::of_text("b", name))
            .text(if i == worst {
                ": the most unequal map of the first model"
            } else {
                ""
            });
        let details = Element::new("details");
        let details = if i == worst {
            details.attr("open", "open")
        } else {
            details
        };
        details.child(summary).child(figures(i))
    });
    Some(
        section("where", "Where")
            .child(paragraph(
                "The same places under each model, in the same colours: how much worse (orange) or better (blue) than their reference they are. A black outline marks places that differ beyond what chance explains; figures are scores.",
            ))
            .child(
                Element::new("div")
                    .class("legend")
                    .child(legend(audit, context, colours, clamped, &shown)),
            )
            .children(details),
    )
}

/// The places that fall short most under one model.
pub(crate) fn models_worst_places(i: usize, model: &ModelOnTest<'_>, context: &Context) -> Element {
    let heading = format!("Worst places: {}", shortened(&model.name, 80));
    let section = Element::new("section")
        .attr("id", format!("worst-{i}"))
        .child(Element::of_text("h2", heading));
    if model.audit.worst_places.is_empty() {
        return section.child(paragraph("No place is worse than its reference."));
    }
    section.child(
        Element::new("div")
            .class("scroll")
            .child(worst_places_table(model.audit, context)),
    )
}

/// "How this was computed".
pub(crate) fn models_method(page: &TrainingPage<'_>, context: &Context) -> Element {
    let mut list = Element::new("dl");
    let terms = [
        (
            "S(d)mean and S(d)max",
            "For each map the mean (the largest) distance of its partitions’ scores from their reference, summed over maps; smaller is fairer.",
        ),
        (
            "The model that is kept",
            "Of all epochs the one with the smallest S(d)mean on the validation samples whose score there is close enough to that of the base model. Validation samples are not trained on; test samples are neither trained on nor chosen by.",
        ),
        (
            "Noise floor",
            "The same figures when errors are dealt out to places at random: what would remain if place did not matter.",
        ),
    ];
    for (name, text) in terms {
        list = list.children(term(name, [paragraph(text)]));
    }
    section("method", "How this was computed")
        .child(list)
        .children(facts("Input and parameters", context))
        .children(
            page.models
                .iter()
                .filter_map(|model| notes(&model.audit.notes))
                .take(1),
        )
        .children(references(&[SPAD]))
}
