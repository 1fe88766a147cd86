//! The page on bias under spatial autocorrelation, from plain data.

use wherefair_core::Point;
use wherefair_partition::Shape;

use crate::Context;
use crate::document::document;
use crate::sections::{
    bias_chance, bias_header, bias_maps, bias_method, bias_scatters, bias_tests, bias_title,
};

/// The version in the footer.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a page on bias under spatial autocorrelation shows.
///
/// The page draws the figures as they are and checks none of them against another: it is for the caller to see to it
/// that they belong together.
///
/// # Shapes
/// `points`, `labels`, `shapes` and the columns of both variables are `(n_units,)`; what has no partner in another
/// column is not drawn. `draws` is `(n_draws,)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BiasPage {
    /// The outcome.
    pub outcome: BiasVariableColumns,
    /// The sensitive attribute.
    pub sensitive: BiasVariableColumns,
    /// What the spatial weights are, such as "8 nearest neighbours, row-standardised".
    pub weights: String,
    /// How spatial patterns were taken out, as a sentence or so.
    pub adjustment: String,
    /// The key figures as names and values, already written as readers want them.
    pub measures: Vec<(String, String)>,
    /// The bias metrics with their p-values.
    pub tests: Vec<BiasTest>,
    /// The level at which a p-value is called significant.
    pub level: f64,
    /// The metric whose distribution by chance is drawn; empty where there is none.
    pub metric: String,
    /// Its observed value.
    pub statistic: f64,
    /// Its values by chance.
    pub draws: Vec<f64>,
    /// Tables of further figures: a caption, the head, and the rows.
    pub tables: Vec<BiasTable>,
    /// What each unit is called.
    pub labels: Vec<String>,
    /// Where each unit is.
    pub points: Vec<Point>,
    /// The outline of each unit that is an area.
    pub shapes: Vec<Option<Shape>>,
    /// What a reader should know, shown as warnings.
    pub notes: Vec<String>,
}

/// A variable before and after spatial patterns are taken out of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BiasVariableColumns {
    /// What it is called.
    pub name: String,
    /// Its values; 1 and 0 where it has two levels.
    pub values: Vec<f64>,
    /// What is left of it; empty where nothing was taken out.
    pub rest: Vec<f64>,
}

/// A bias metric with its p-values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BiasTest {
    /// The name of the metric.
    pub metric: String,
    /// Its value on the variables as they are.
    pub statistic: f64,
    /// Its value on the filtered variables, where it has one.
    pub adjusted_statistic: Option<f64>,
    /// The p-value that takes places to be exchangeable.
    pub p_value: f64,
    /// The p-value with spatial patterns taken out.
    pub adjusted_p_value: Option<f64>,
}

/// A table of figures that are written already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BiasTable {
    /// What the table is about.
    pub heading: String,
    /// What it says, in a sentence.
    pub text: String,
    /// The names of the columns, the first one that of the rows.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// A page on the association of an outcome with a sensitive attribute before and after spatial patterns are taken out
/// of both: p-values, the distribution by chance, both variables against each other and on maps, and how the figures
/// came to be.
///
/// The same guarantees hold as for [`html`](crate::html): the page loads nothing, all text is escaped, and figures
/// that are not finite are not drawn.
///
/// # Examples
/// ```
/// use wherefair_report::{BiasPage, BiasTest, Context, bias_html};
///
/// let page = BiasPage {
///     tests: vec![BiasTest {
///         metric: "correlation".into(),
///         statistic: 0.62,
///         p_value: 0.001,
///         adjusted_p_value: Some(0.4),
///         ..BiasTest::default()
///     }],
///     level: 0.05,
///     ..BiasPage::default()
/// };
/// let html = bias_html(&page, &Context::default());
/// assert!(html.contains("<h2>Before and after</h2>"));
/// // Without draws there is no distribution to show, and without places no map.
/// assert!(!html.contains("<h2>What chance alone gives</h2>") && !html.contains("<h2>Where</h2>"));
/// ```
pub fn bias_html(page: &BiasPage, context: &Context) -> String {
    let sections = [
        Some(bias_header(page, context)),
        Some(bias_tests(page)),
        bias_chance(page),
        bias_scatters(page),
        bias_maps(page, context),
        Some(bias_method(page, context)),
    ];
    document(bias_title(context), sections.into_iter().flatten(), VERSION, None)
}
