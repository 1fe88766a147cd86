//! Whether places differ by more than neighbours being alike explains.

use wherefair_audit::{Audit, RegionalTest, TwoNulls};

use super::moran::{map_of_clusters, scatter_figure};
use super::table::{cut, heading, number_cell, places_table};
use super::{paragraph, section};
use crate::Context;
use crate::charts::Scatter;
use crate::markup::{Element, MAX_TEXT, shortened};
use crate::neighbours::{ErrorsPage, errors_in_words};
use crate::number::{count, counted, number, number_or_dash, percent, probability, probability_or_dash};

/// "Is it more than neighbours being alike?".
pub(crate) fn neighbours(audit: &Audit, errors: &ErrorsPage<'_>, context: &Context) -> Element {
    let found = errors.found;
    let mut section = section("neighbours", "Is it more than neighbours being alike?")
        .child(paragraph(errors_in_words(found)).class("verdict"))
        .child(paragraph(format!(
            "The error of a sample is here its {}, {} on average. Its neighbours: {}.",
            found.error,
            number(found.mean),
            shortened(&errors.weights, MAX_TEXT),
        )));
    if let Some(test) = &found.test {
        section = section.children(regional(audit, errors, test));
    }
    if let Some(clusters) = &found.clusters {
        let high = clusters.mean_in_high_high.map_or_else(
            || "Nowhere do high errors lie among high ones beyond chance".to_owned(),
            |mean| {
                format!(
                    "{} of high error among high ones, with a mean error of {}",
                    counted(
                        clusters.n_high_high,
                        "sample lies in a cluster",
                        "samples lie in clusters"
                    ),
                    number(mean)
                )
            },
        );
        section = section
            .child(Element::of_text("h3", "Where high errors cluster"))
            .child(paragraph(format!(
                "{high}. Each sample was tested by local Moran’s I with {} conditional permutations, at a \
                 false discovery rate of {}. Orange: errors higher than average among such errors; blue: lower among lower.",
                count(u64::from(clusters.n_permutations)),
                percent(clusters.false_discovery_rate)
            )))
            .children(map_of_clusters(&errors.places, context.geographic));
    }
    section
        .child(Element::of_text("h3", "Errors and those of their neighbours"))
        .children(scatter_figure(&Scatter::from(errors)))
}

fn regional(audit: &Audit, errors: &ErrorsPage<'_>, test: &RegionalTest) -> Vec<Element> {
    let mut parts = vec![
        Element::new("div").class("scroll").child(measures(test)),
        paragraph(format!(
            "Both p-values are of the same figures, made of the mean error of each place. The first compares them \
             with errors dealt to the samples in random order. It takes patches of like errors for places that \
             differ. The second compares them with random fields in which neighbours are as alike as here \
             (autocorrelation ρ = {} between {}, {} of the variance independent noise), but which know nothing of \
             the maps.",
            number(test.spectrum.rho),
            units(test, errors),
            percent(test.spectrum.noise),
        )),
        paragraph(
            "A small second p-value says that places differ by more than patches of such a field would make them. \
             A large one does not say that places are alike: a regional difference and likeness that reaches just \
             as far look the same, and the test then gives autocorrelation the benefit of the doubt. Neither \
             says why errors differ.",
        ),
    ];
    if !errors.found.is_score {
        parts.push(
            paragraph(format!(
                "The audit’s score, {}, is not the mean of the errors of samples, so the figures here are other ones \
                 than above.",
                audit.score
            ))
            .class("note"),
        );
    }
    parts.extend(worst(audit, test).map(|table| Element::new("div").class("scroll").child(table)));
    parts
}

fn units(test: &RegionalTest, errors: &ErrorsPage<'_>) -> String {
    let n = errors.found.n_samples;
    if test.n_units as u64 == n {
        "samples".to_owned()
    } else {
        format!(
            "{} blocks of about {} nearby samples",
            count(test.n_units as u64),
            count(n / (test.n_units as u64).max(1))
        )
    }
}

fn measures(test: &RegionalTest) -> Element {
    let head = Element::new("tr")
        .child(heading("Of mean errors", false))
        .child(heading("Observed", true))
        .child(heading("In random order", true))
        .child(heading("p", true))
        .child(heading("As alike as neighbours", true))
        .child(heading("Spatial p", true));
    let row = |name: &str, both: TwoNulls| {
        Element::new("tr")
            .child(Element::of_text("td", name).class("name"))
            .child(number_cell(number(both.observed)))
            .child(number_cell(number(both.exchangeable.mean)))
            .child(number_cell(probability(both.exchangeable.p_value)))
            .child(number_cell(number(both.spatial.mean)))
            .child(number_cell(probability(both.spatial.p_value)))
    };
    places_table(
        "Deviations of mean errors over all maps, beside what they are on average under each null.",
        head,
        [
            row("Expected mean deviation", test.expectation),
            row("S(d)mean", test.sum_of_means),
            row("S(d)max", test.sum_of_maxima),
        ],
    )
}

/// The worst places of the audit with both p-values; `None` where none are listed.
fn worst(audit: &Audit, test: &RegionalTest) -> Option<Element> {
    let head = Element::new("tr")
        .child(heading("Map", false))
        .child(heading("Place", false))
        .child(heading("Mean error", true))
        .child(heading("p", true))
        .child(heading("Spatial p", true))
        .child(heading("Spatial q", true));
    let rows: Vec<Element> = audit
        .worst_places
        .iter()
        .filter_map(|place| {
            let partition = test
                .partitionings
                .get(place.partitioning_idx)?
                .partitions
                .get(place.partition_idx)?;
            Some(
                Element::new("tr")
                    .child(Element::of_text("td", cut(&place.partitioning)).class("name"))
                    .child(Element::of_text("td", cut(&place.label)).class("name"))
                    .child(number_cell(number_or_dash(partition.mean_error)))
                    .child(number_cell(probability_or_dash(partition.exchangeable_p_value)))
                    .child(number_cell(probability_or_dash(partition.spatial_p_value)))
                    .child(number_cell(probability_or_dash(partition.spatial_q_value))),
            )
        })
        .collect();
    (!rows.is_empty()).then(|| {
        places_table(
            "The worst places by their mean error; q is the spatial p-value adjusted over all partitions of all maps.",
            head,
            rows,
        )
    })
}
