//! The deviation of every partitioning.

use wherefair_audit::Audit;

use super::{chart, paragraph, section};
use crate::Context;
use crate::charts::{deviations, matrix};
use crate::markup::Element;
use crate::number::counted;

/// With more partitionings than this the list is folded into a frame of its own.
const MAX_OPEN: usize = 40;

/// "Deviation by partitioning".
pub(crate) fn partitionings(audit: &Audit, context: &Context) -> Element {
    let n = audit.partitionings.len();
    let section = section("partitionings", "Deviation by partitioning").child(paragraph(
        "A partitioning is one way to draw the map. Its mean deviation tells how far the scores of its partitions \
         lie from their reference on average; the largest deviation tells how far the most deviant one lies.",
    ));
    let list = chart(deviations(audit, context));
    let matrix = matrix(audit).map(|matrix| {
        let note =
            paragraph("Darker is more unequal. Figures in a frame lie above the noise floor of their grid.");
        Element::new("div").child(matrix).child(note.class("note"))
    });
    if n > MAX_OPEN {
        let has_matrix = matrix.is_some();
        let summary = Element::of_text(
            "summary",
            format!("All {}, one by one", counted(n, "map", "maps")),
        );
        let details = Element::new("details");
        // Where a table shows all of them, the list waits until it is asked for.
        let details = if has_matrix {
            details
        } else {
            details.attr("open", "open")
        };
        let tall = Element::new("div").class("tall").child(list);
        return section.children(matrix).child(details.child(summary).child(tall));
    }
    section.child(list).children(matrix)
}
