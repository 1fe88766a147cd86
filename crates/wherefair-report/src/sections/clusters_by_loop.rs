//! Which maps were clustered together, loop by loop.

use super::table::{cut, heading, number_cell, places_table};
use super::{paragraph, section};
use crate::TrainingPage;
use crate::markup::Element;
use crate::number::count;

/// Most maps that are listed.
const MAX_LISTED: usize = 400;

/// Backgrounds of the first clusters, again and again; light, so that their numbers are readable.
const COLOURS: [&str; 10] = [
    "#cfe3f5", "#fbdcc0", "#d3ecd0", "#e6d9f0", "#f9d3d8", "#d5eeec", "#f3e9b5", "#e3e0d8", "#dfe6b9",
    "#e8d2c3",
];

/// "Maps that stand for others"; none where no maps were clustered.
pub(crate) fn clusters_by_loop(page: &TrainingPage<'_>) -> Option<Element> {
    let clusters = page.clusters.as_ref()?;
    if clusters.loops.is_empty() || clusters.maps.is_empty() {
        return None;
    }
    let mut head = Element::new("tr").child(heading("Map", false));
    for one in &clusters.loops {
        head = head.child(heading(&format!("Loop {}", one.number), true));
    }
    head = head.child(heading("Times trained as one of a sample", true));
    let rows = clusters.maps.iter().take(MAX_LISTED).enumerate().map(|(i, map)| {
        let row = Element::new("tr").child(Element::of_text("td", cut(&map.name)).class("name"));
        let row = clusters.loops.iter().fold(row, |row, one| {
            let cell = match one.labels.get(i).copied().flatten() {
                Some(label) => number_cell(count(label as u64 + 1))
                    .attr("style", format!("background:{}", COLOURS[label % COLOURS.len()])),
                None => number_cell(crate::number::MISSING.to_owned()),
            };
            row.child(cell)
        });
        row.child(number_cell(count(map.n_sampled)))
    });
    let n_hidden = clusters.maps.len().saturating_sub(MAX_LISTED);
    let note = (n_hidden > 0).then(|| paragraph(format!("… and {} more maps.", count(n_hidden as u64))));
    let table = places_table(
        "Maps of one number in a column are one cluster of that loop.",
        head,
        rows,
    );
    Some(
        section("clusters", "Maps that stand for others")
            .child(paragraph(
                "Maps that became fairer together were clustered, and a sample of each cluster was trained for all of it. A dash is a map that belongs to no cluster.",
            ))
            .child(Element::new("div").class("scroll tall").child(table))
            .children(note),
    )
}
