//! The report of an audit.

use wherefair_audit::Audit;

use crate::Context;
use crate::document::document;
use crate::markup::Element;
use crate::sections::{header, map_alone, method, one_or_all, partitionings, place, title, worst_places};

/// The report of `audit` as one self-contained HTML5 page.
///
/// The page loads nothing and can be read without scripts. All text from the audit and the context is escaped;
/// figures that are not finite are shown as a dash and not drawn. The same audit gives the same bytes. The page
/// is well-formed XML too.
///
/// # Examples
/// ```
/// use wherefair_audit::{AuditParams, InMemory, Outcomes, Score, Silent, audit_source};
/// use wherefair_core::{Extent, Sites};
/// use wherefair_metrics::{ErrorKind, ValueScore};
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_report::{Context, html};
///
/// let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20) / 19.0).collect();
/// let y: Vec<f64> = (0..400).map(|i| f64::from(i / 20) / 19.0).collect();
/// let truth = vec![10.0; 400];
/// let pred: Vec<f64> = x.iter().map(|&x| if x < 0.5 { 11.0 } else { 13.0 }).collect();
/// let outcomes = Outcomes::Values { truth: &truth, pred: &pred, base: None };
/// let mut source = InMemory::new(Sites::new(&x, &y)?, outcomes)?;
/// let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 2, 2)?;
/// let score = Score::Value { error: ErrorKind::Difference, score: ValueScore::MeanAbsolute };
/// let config = AuditParams::new(score).n_permutations(99).check()?;
/// let audit = audit_source(&mut source, &maps, &config, &Silent)?;
///
/// let context = Context { title: "Yield & more".into(), ..Context::default() };
/// let page = html(&audit, &context);
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains("<h1>Yield &amp; more</h1>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn html(audit: &Audit, context: &Context) -> String {
    page(audit, context, None)
}

/// The page, with a section on the errors of neighbours where there is one.
pub(crate) fn page(audit: &Audit, context: &Context, neighbours: Option<Element>) -> String {
    let sections = [
        Some(header(audit, context)),
        Some(partitionings(audit, context)),
        Some(one_or_all(audit, context)),
        Some(place(audit, context)),
        Some(worst_places(audit, context)),
        neighbours,
        Some(method(audit, context)),
    ];
    let script = Element::new("script").verbatim(include_str!("page.js"));
    document(
        title(context),
        sections.into_iter().flatten(),
        audit.version,
        Some(script),
    )
}

/// The map of one partitioning as an SVG document, `width` pixels wide (160 to 4,000).
///
/// Partitions are filled by how much worse (orange) or better (blue) than the reference they are; those that
/// survive the control of the false discovery rate are outlined. `None` when there is no partitioning
/// `partitioning_idx`, or when it cannot be drawn as a map: it has no shapes, or they lie over one another.
pub fn svg_of_map(audit: &Audit, context: &Context, partitioning_idx: usize, width: f64) -> Option<String> {
    map_alone(audit, context, partitioning_idx, width).map(|map| map.to_markup())
}
