//! What a page shows of the errors of neighbours.

use wherefair_audit::{Audit, ErrorsInSpace};

use crate::autocorrelation::LocalPlace;
use crate::number::{number, probability};
use crate::page::page;
use crate::{Context, sections};

/// p-values up to this one are called evidence.
pub(crate) const LEVEL: f64 = 0.05;

/// The errors of neighbours, as [`html_with_errors`] shows them.
///
/// # Shapes
/// `standardised`, `lag` and `places` are `(n_samples,)`, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorsPage<'a> {
    /// The tests.
    pub found: &'a ErrorsInSpace,
    /// What the spatial weights are, such as "8 nearest neighbours, row-standardised".
    pub weights: String,
    /// The errors less their mean, divided by their standard deviation.
    pub standardised: Vec<f64>,
    /// The spatial lag of `standardised`: the weighted sum over the neighbours.
    pub lag: Vec<f64>,
    /// The samples, with the cluster of error that each belongs to.
    pub places: Vec<LocalPlace>,
}

/// The report of `audit`, as [`html`](crate::html) makes it, with a section on the errors of neighbours: whether they
/// are alike, where high ones cluster, and whether places differ by more than that explains.
pub fn html_with_errors(audit: &Audit, errors: &ErrorsPage<'_>, context: &Context) -> String {
    page(audit, context, Some(sections::neighbours(audit, errors, context)))
}

/// What the tests say, in one or two sentences.
///
/// The verdict is that of the mean deviation expected over all maps.
pub fn errors_in_words(found: &ErrorsInSpace) -> String {
    let p = found
        .permutation
        .as_ref()
        .map_or(found.moran.p_value, |permutation| permutation.pseudo_p_value);
    let moran = format!(
        "Moran’s I = {}, p = {}",
        number(found.moran.statistic),
        probability(p)
    );
    let alike = p <= LEVEL;
    let first = if alike {
        format!("Errors are alike among neighbours ({moran})")
    } else {
        format!("Errors are no more alike among neighbours than chance gives ({moran})")
    };
    let Some(test) = &found.test else {
        return format!("{first}.");
    };
    let both = test.expectation;
    let (exchangeable, spatial) = (both.exchangeable.p_value, both.spatial.p_value);
    let second = match (exchangeable <= LEVEL, spatial <= LEVEL) {
        (_, true) if alike => "places differ by more than that explains",
        (_, true) => "places differ by more than chance explains",
        (true, false) => "that alone can make places differ as much as they do",
        (false, false) => "places do not differ by more than chance explains",
    };
    format!(
        "{first}; {second} (p = {} with that allowed for, {} without).",
        probability(spatial),
        probability(exchangeable)
    )
}
