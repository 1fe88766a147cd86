//! Pages on spatial autocorrelation, from plain data.

use wherefair_core::Point;
use wherefair_partition::Shape;

use crate::Context;
use crate::document::document;
use crate::sections::{
    chance, clusters, global_header, global_method, global_title, local_header, local_method, local_title,
    scatterplot, strongest_places,
};

/// The version in the footer.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a page on global spatial autocorrelation shows.
///
/// The page draws the figures as they are and checks none of them against another: it is for the caller to see to it
/// that they belong together.
///
/// # Shapes
/// `standardised` and `lag` are `(n_samples,)`; where one is longer, its rest is not drawn. `draws` is
/// `(n_permutations,)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MoranPage {
    /// The name of the variable.
    pub variable: String,
    /// What the spatial weights are, such as "8 nearest neighbours, row-standardised".
    pub weights: String,
    /// The values less their mean, divided by their standard deviation.
    pub standardised: Vec<f64>,
    /// The spatial lag of `standardised`: the weighted sum over the neighbours.
    pub lag: Vec<f64>,
    /// The key figures as names and values, already written as readers want them.
    pub measures: Vec<(String, String)>,
    /// Moran's I.
    pub statistic: f64,
    /// Its expectation under the null hypothesis.
    pub expectation: f64,
    /// Moran's I of every permutation; empty where none were drawn.
    pub draws: Vec<f64>,
    /// What a reader should know, shown as warnings.
    pub notes: Vec<String>,
}

/// What a page on local spatial autocorrelation shows; the same holds as for [`MoranPage`].
///
/// # Shapes
/// `standardised`, `lag` and `places` are `(n_samples,)`, in the same order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LocalMoranPage {
    /// The name of the variable.
    pub variable: String,
    /// What the spatial weights are, such as "8 nearest neighbours, row-standardised".
    pub weights: String,
    /// The key figures as names and values, already written as readers want them.
    pub measures: Vec<(String, String)>,
    /// The values less their mean, divided by their standard deviation.
    pub standardised: Vec<f64>,
    /// The spatial lag of `standardised`: the weighted sum over the neighbours.
    pub lag: Vec<f64>,
    /// The places.
    pub places: Vec<LocalPlace>,
    /// When a place is called significant, such as "q ≤ 0.05 (false discovery rate)".
    pub significance: String,
    /// More on how the figures were computed, as headings and texts.
    pub method: Vec<(String, String)>,
    /// What a reader should know, shown as warnings.
    pub notes: Vec<String>,
}

/// A place and its local Moran's I.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalPlace {
    /// What the place is called.
    pub label: String,
    /// Where it is.
    pub point: Point,
    /// Its outline, where it is an area.
    pub shape: Option<Shape>,
    /// The value of the variable.
    pub value: f64,
    /// The local Moran's I.
    pub statistic: f64,
    /// The kind of cluster or outlier that the place belongs to.
    pub cluster: Cluster,
    /// The p-value.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the number of places.
    pub q_value: Option<f64>,
}

/// How a place stands to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cluster {
    /// A high value among high ones.
    HighHigh,
    /// A low value among low ones.
    LowLow,
    /// A high value among low ones: an outlier.
    HighLow,
    /// A low value among high ones: an outlier.
    LowHigh,
    /// No more alike to its neighbours, or unlike them, than chance explains.
    NotSignificant,
    /// A place without neighbours, which has no local statistic.
    Isolate,
}

impl Cluster {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::HighHigh,
        Self::LowLow,
        Self::HighLow,
        Self::LowHigh,
        Self::NotSignificant,
        Self::Isolate,
    ];

    /// What pages call it: "high–high", "not significant".
    pub fn name(self) -> &'static str {
        match self {
            Self::HighHigh => "high–high",
            Self::LowLow => "low–low",
            Self::HighLow => "high–low",
            Self::LowHigh => "low–high",
            Self::NotSignificant => "not significant",
            Self::Isolate => "no neighbours",
        }
    }

    pub(crate) fn is_significant(self) -> bool {
        !matches!(self, Self::NotSignificant | Self::Isolate)
    }
}

/// A page on the Moran's I of a variable: the Moran scatterplot, the permutation distribution where there is one,
/// and how the figures came to be.
///
/// The same guarantees hold as for [`html`](crate::html): the page loads nothing, all text is escaped, and figures
/// that are not finite are not drawn.
///
/// # Examples
/// ```
/// use wherefair_report::{Context, MoranPage, moran_html};
///
/// let page = MoranPage {
///     variable: "income".into(),
///     weights: "both neighbours in the row, row-standardised".into(),
///     standardised: vec![-1.342, -0.447, 0.447, 1.342],
///     lag: vec![-0.447, -0.447, 0.447, 0.447],
///     measures: vec![("Moran's I".into(), "0.400".into())],
///     statistic: 0.4,
///     expectation: -1.0 / 3.0,
///     ..MoranPage::default()
/// };
/// let html = moran_html(&page, &Context { title: "Income".into(), ..Context::default() });
/// assert!(html.contains("<h2>Moran scatterplot</h2>"));
/// // Without permutations there is no distribution to show.
/// assert!(!html.contains("<h2>What chance alone gives</h2>"));
/// ```
pub fn moran_html(page: &MoranPage, context: &Context) -> String {
    let sections = [
        Some(global_header(page, context)),
        Some(scatterplot(&page.into())),
        chance(page),
        Some(global_method(page, context)),
    ];
    document(
        global_title(context),
        sections.into_iter().flatten(),
        VERSION,
        None,
    )
}

/// A page on the local Moran's I of a variable: the map of clusters and outliers, the Moran scatterplot in the same
/// colours, the strongest places, and how the figures came to be.
///
/// Places with a shape are drawn as areas, the others as dots; very many are drawn as squares in the colour of most
/// places within. The same guarantees hold as for [`html`](crate::html).
///
/// # Examples
/// ```
/// use wherefair_core::Point;
/// use wherefair_report::{Cluster, Context, LocalMoranPage, LocalPlace, local_moran_html};
///
/// let place = |label: &str, x, cluster| LocalPlace {
///     label: label.into(),
///     point: Point::new(x, 0.0),
///     shape: None,
///     value: x,
///     statistic: 0.6,
///     cluster,
///     p_value: Some(0.01),
///     q_value: None,
/// };
/// let page = LocalMoranPage {
///     variable: "income".into(),
///     standardised: vec![1.0, -1.0],
///     lag: vec![0.6, -0.6],
///     places: vec![
///         place("Hill", 2.0, Cluster::HighHigh),
///         place("Dale", 1.0, Cluster::NotSignificant),
///     ],
///     significance: "p ≤ 0.05".into(),
///     ..LocalMoranPage::default()
/// };
/// let html = local_moran_html(&page, &Context::default());
/// assert!(html.contains("<td class=\"name\">Hill</td>"));
/// // Only significant places are listed.
/// assert!(!html.contains("<td class=\"name\">Dale</td>"));
/// ```
pub fn local_moran_html(page: &LocalMoranPage, context: &Context) -> String {
    let sections = [
        local_header(page, context),
        clusters(page, context),
        scatterplot(&page.into()),
        strongest_places(page, context),
        local_method(page, context),
    ];
    document(local_title(context), sections, VERSION, None)
}
