//! What a page says beside its figures.

/// What a page needs to know beyond the figures that it shows.
///
/// All text is escaped on its way into the page, so any text will do.
///
/// # Examples
/// ```
/// use wherefair_report::Context;
///
/// let context = Context {
///     title: "Crop classes, 2019".into(),
///     sentence: "The model works less well in the north, whichever map is drawn.".into(),
///     facts: vec![("Input".into(), "crops.csv".into())],
///     ..Context::default()
/// };
/// assert!(!context.geographic);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// The title of the page.
    pub title: String,
    /// The verdict in plain language.
    pub sentence: String,
    /// What a reader must know to repeat the run, as names and values: input, columns, coordinate reference
    /// system, command line.
    pub facts: Vec<(String, String)>,
    /// The unit of the score, or of the variable, where it has one.
    pub unit: Option<String>,
    /// Whether coordinates are longitudes and latitudes in degrees, so that maps narrow them by the cosine of
    /// their middle latitude.
    pub geographic: bool,
}
