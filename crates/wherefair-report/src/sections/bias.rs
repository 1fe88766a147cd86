//! The sections of the page on bias under spatial autocorrelation.

use super::masthead::{card, masthead, title_or};
use super::prose::{facts, formula, notes, references, subscript, term, variable};
use super::table::{cut, heading, number_cell, places_table};
use super::{paragraph, plot, section};
use crate::Context;
use crate::association::{BiasPage, BiasTable, BiasVariableColumns};
use crate::charts::{Null, Places, null_distribution, p_values, pair_scatter, value_map};
use crate::markup::{Element, MAX_TEXT, shortened};
use crate::number::{number, number_or_dash, probability, probability_or_dash};

/// More rows than this are cut from a table.
const MAX_ROWS: usize = 200;

const MAJUMDAR: &str = "Majumdar, S., Flynn, C., Mitra, R. (2021): Detecting bias in the presence of spatial \
     autocorrelation. arXiv:2107.05721.";
const GRIFFITH: &str = "Griffith, D. A. (2000): A linear regression solution to the spatial autocorrelation problem. \
     Journal of Geographical Systems 2, 141–156.";
const LEE_OGBURN: &str = "Lee, Y., Ogburn, E. L. (2021): Network dependence can lead to spurious associations and \
     invalid inference. Journal of the American Statistical Association 116, 1060–1074.";

/// The top of the page.
pub(crate) fn bias_header(page: &BiasPage, context: &Context) -> Element {
    let cards = page
        .measures
        .iter()
        .map(|(name, figure)| card(&shortened(name, MAX_TEXT), &shortened(figure, MAX_TEXT), &[]));
    let question = "Are they associated beyond what both owe to their place?";
    masthead(question, bias_title(context), context, cards)
}

/// The title of the page, never empty.
pub(crate) fn bias_title(context: &Context) -> &str {
    title_or(context, "Bias under spatial autocorrelation")
}

/// "Before and after".
pub(crate) fn bias_tests(page: &BiasPage) -> Element {
    let head = Element::new("tr")
        .child(heading("metric", false))
        .child(heading("value", true))
        .child(heading("p", true))
        .child(heading("filtered value", true))
        .child(heading("p, spatial patterns taken out", true));
    let rows = page.tests.iter().map(|test| {
        Element::new("tr")
            .child(Element::of_text("td", cut(&test.metric)).class("name"))
            .child(number_cell(number(test.statistic)))
            .child(number_cell(probability(test.p_value)))
            .child(number_cell(number_or_dash(test.adjusted_statistic)))
            .child(number_cell(probability_or_dash(test.adjusted_p_value)))
    });
    let caption = "Where there is no filtered value, copies that know space alone are compared with the variables as \
                   they are.";
    let table = places_table(caption, head, rows);
    section("tests", "Before and after")
        .children(notes(&page.notes))
        .child(paragraph(
            "Two variables that each follow a map look associated even when nothing links them, because near places \
             do not tell their stories independently. A p-value that moves to the right of the line when spatial \
             patterns are taken out was owed to space; one that stays left of it was not.",
        ))
        .children(p_values(page).map(plot))
        .child(Element::new("div").class("scroll").child(table))
}

/// "What chance alone gives"; `None` without draws.
pub(crate) fn bias_chance(page: &BiasPage) -> Option<Element> {
    let chart = null_distribution(&Null {
        name: &shortened(&page.metric, 60),
        statistic: page.statistic,
        expectation: f64::NAN,
        draws: &page.draws,
        what: ("draw", "draws"),
    })?;
    let section = section("chance", "What chance alone gives").child(paragraph(
        "The metric when nothing but space, where it was taken into account, links the two variables. The farther the \
         observed one lies from the bulk, the less chance explains it.",
    ));
    Some(section.child(plot(chart)))
}

/// "One against the other"; `None` without places.
pub(crate) fn bias_scatters(page: &BiasPage) -> Option<Element> {
    let (outcome, sensitive) = (&page.outcome, &page.sensitive);
    let scatter = |up: &[f64], across: &[f64]| {
        let (across_name, up_name) = (named(sensitive, "sensitive attribute"), named(outcome, "outcome"));
        pair_scatter((&across_name, across), (&up_name, up), &page.labels)
    };
    let before = scatter(&outcome.values, &sensitive.values)?;
    let after = scatter(&outcome.rest, &sensitive.rest);
    let text = if after.is_some() {
        "Every place by the sensitive attribute (across) and the outcome (up): as they are, and what is left of both \
         once spatial patterns are taken out. The line is that of least squares."
    } else {
        "Every place by the sensitive attribute (across) and the outcome (up). The line is that of least squares."
    };
    let figures = [
        Some(figure("As they are", before)),
        after.map(|chart| figure("Spatial patterns taken out", chart)),
    ];
    Some(
        section("scatter", "One against the other")
            .child(paragraph(text))
            .child(pairs(figures.into_iter().flatten())),
    )
}

/// "Where"; `None` where nothing can be drawn.
pub(crate) fn bias_maps(page: &BiasPage, context: &Context) -> Option<Element> {
    let places = Places {
        labels: &page.labels,
        points: &page.points,
        shapes: &page.shapes,
        geographic: context.geographic,
    };
    let mut figures = Vec::new();
    for (column, otherwise) in [
        (&page.outcome, "outcome"),
        (&page.sensitive, "sensitive attribute"),
    ] {
        let name = named(column, otherwise);
        let left = format!("{name}, spatial patterns taken out");
        let map = |name: &str, values: &[f64]| value_map(places, name, values).map(|map| figure(name, map));
        figures.extend(map(&name, &column.values));
        figures.extend(map(&left, &column.rest));
    }
    (!figures.is_empty()).then(|| {
        section("where", "Where")
            .child(paragraph(
                "Blue places lie below the mean, orange ones above. Once spatial patterns are taken out, no large \
                 areas of one colour should be left.",
            ))
            .child(pairs(figures))
    })
}

fn named(column: &BiasVariableColumns, otherwise: &str) -> String {
    if column.name.trim().is_empty() {
        otherwise.to_owned()
    } else {
        shortened(&column.name, MAX_TEXT)
    }
}

/// Figures beside each other where there is room.
fn pairs(figures: impl IntoIterator<Item = Element>) -> Element {
    Element::new("div").class("pairs").children(figures)
}

fn figure(caption: &str, chart: Element) -> Element {
    Element::new("figure")
        .child(Element::of_text("figcaption", caption))
        .child(chart)
}

/// "How this was computed".
pub(crate) fn bias_method(page: &BiasPage, context: &Context) -> Element {
    let weights = shortened(&page.weights, MAX_TEXT);
    let adjustment = shortened(&page.adjustment, MAX_TEXT);
    let terms = Element::new("dl")
        .children(term("Weights", [paragraph(weights)]))
        .children(term("Autocorrelation", autocorrelation()))
        .children(term("Both together", together()))
        .children(term("Spatial patterns", patterns(&adjustment)))
        .children(term("p-values", tests()));
    let caveats = [
        "A filter takes out every pattern that follows the chosen weights, also where an association is itself such \
         a pattern: “explained by spatial autocorrelation” says that the places cannot tell the two apart, not that \
         there is no bias.",
        "The figures belong to the chosen weights, eigenvectors and metrics. See whether the finding holds with \
         others. The p-values of several metrics are not adjusted for their number.",
        "An association tells nothing of its cause.",
    ];
    section("method", "How this was computed")
        .children(page.tables.iter().flat_map(extra_table))
        .child(terms)
        .child(Element::of_text("h3", "How far the figures carry"))
        .children(caveats.map(paragraph))
        .children(facts("This run", context))
        .children(references(&[MAJUMDAR, GRIFFITH, LEE_OGBURN]))
}

fn extra_table(table: &BiasTable) -> [Element; 2] {
    let is_name = |i: usize| i == 0;
    let head = table
        .head
        .iter()
        .enumerate()
        .map(|(i, name)| heading(&cut(name), !is_name(i)));
    let rows = table.rows.iter().take(MAX_ROWS).map(|row| {
        let cells = row.iter().enumerate().map(|(i, cell)| {
            if is_name(i) {
                Element::of_text("td", cut(cell)).class("name")
            } else {
                number_cell(cut(cell))
            }
        });
        Element::new("tr").children(cells)
    });
    let head = Element::new("tr").children(head);
    let table_of_figures = places_table(&shortened(&table.text, MAX_TEXT), head, rows);
    [
        Element::of_text("h3", cut(&table.heading)),
        Element::new("div").class("scroll").child(table_of_figures),
    ]
}

fn autocorrelation() -> [Element; 1] {
    [paragraph(
        "Moran’s I of each variable, its expectation and variance exact for random order of the values; of levels \
         also Lee and Ogburn’s Φ, which counts neighbours of the same level, rare levels more. What a filter \
         leaves is tested as if it were data, for so the tests after filtering take it.",
    )]
}

fn together() -> Vec<Element> {
    let index = |which: &str| subscript("I", which);
    let first = formula()
        .child(subscript("T", "1"))
        .text(" = min(|")
        .child(index("y"))
        .text("|, |")
        .child(index("a"))
        .text("|),  ")
        .child(subscript("T", "2"))
        .text(" = |(")
        .child(index("y"))
        .text(" − ")
        .child(index("a"))
        .text(")² − ")
        .child(variable("δ"))
        .text("²|");
    let reading = paragraph(
        "Both variables are dealt to the places in the same random orders; I is Moran’s I less its expectation over \
         its standard deviation. A small p of T₁ says that both are autocorrelated; the strict form also guards \
         against one of them alone. T₂ has two readings in the paper: small values speak for equal autocorrelation in \
         its section 2.1, large ones in its appendix B.1. The test of equivalence has “they differ by δ or more” as \
         its null hypothesis; its p compares with pairs of fields that differ so, as autocorrelated as the variables \
         may be.",
    );
    vec![first, reading]
}

fn patterns(adjustment: &str) -> Vec<Element> {
    let text = "Eigenvectors of the weights, the mean projected out, are maps from the most clustered to the most \
                alternating. Each variable is explained by some of them, by least squares or, where it has two \
                levels, by logistic regression; what is left of it is free of the patterns chosen.";
    let mut elements = vec![paragraph(text)];
    if !adjustment.trim().is_empty() {
        elements.push(paragraph(adjustment));
    }
    elements
}

fn tests() -> Vec<Element> {
    vec![
        paragraph(
            "Before: all orders of the sensitive attribute are equally likely; Student’s t for the correlation of two \
             continuous variables. After: the same on what the filters leave of two continuous variables; otherwise \
             each variable of two levels is drawn anew at every place with the probability that its filter gives, \
             independently of the other variable.",
        ),
        formula().text("p = (M + 1) ⁄ (B + 1)"),
        paragraph(
            "M of the B orders or copies on which the metric is defined are at least as extreme; on either side, p is twice the smaller one.",
        ),
    ]
}
