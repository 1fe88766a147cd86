//! What a page on a training shows.

use wherefair_audit::Audit;

use crate::Context;
use crate::document::document;
use crate::sections::{
    clusters_by_loop, models_header, models_maps, models_method, models_side_by_side, models_title,
    models_worst_places, trade_off,
};

/// One model, audited on the samples that all models of the page are audited on.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelOnTest<'a> {
    /// What it is called.
    pub name: String,
    /// Its audit.
    pub audit: &'a Audit,
}

/// One epoch of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingEpoch {
    /// Epochs trained so far.
    pub epoch: u64,
    /// Whether it belongs to the base model.
    pub is_base: bool,
    /// Mean loss over the samples trained.
    pub loss: Option<f64>,
    /// The score of all validation samples together, in the unit of the audits.
    pub quality: Option<f64>,
    /// S(d)mean on the validation samples, in the unit of the audits.
    pub deviation_mean: Option<f64>,
}

/// A map that could be clustered with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusteredMap {
    /// What it is called.
    pub name: String,
    /// In how many loops it was trained as one of a sample.
    pub n_sampled: u64,
}

/// The clusters of one loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopClusters {
    /// The number of the loop, from 1.
    pub number: u64,
    /// The cluster of each map, `(n_maps,)`; `None` for those that belong to none.
    pub labels: Vec<Option<usize>>,
}

/// Clusters of maps, loop by loop.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterHistory {
    /// The maps.
    pub maps: Vec<ClusteredMap>,
    /// The loops that clustered them.
    pub loops: Vec<LoopClusters>,
}

/// A training, as [`training_html`] shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingPage<'a> {
    /// The models; the others are held against the first one.
    pub models: Vec<ModelOnTest<'a>>,
    /// Every epoch.
    pub epochs: Vec<TrainingEpoch>,
    /// The epoch of the model that was chosen.
    pub selected: u64,
    /// By what share of its size the base model's quality may be missed.
    pub max_quality_loss: f64,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// The clusters of maps, for trainings that make some.
    pub clusters: Option<ClusterHistory>,
}

/// A training as one self-contained HTML5 page: the models side by side, quality against fairness epoch by epoch, maps of
/// each model in the same colours, and the worst places of each.
///
/// The page loads nothing, has no scripts, and is well-formed XML. All text is escaped; figures that are not finite
/// are shown as a dash and not drawn. The same training gives the same bytes.
pub fn training_html(page: &TrainingPage<'_>, context: &Context) -> String {
    let version = page
        .models
        .first()
        .map_or(env!("CARGO_PKG_VERSION"), |model| model.audit.version);
    let sections = [
        Some(models_header(page, context)),
        Some(models_side_by_side(page, context)),
        trade_off(page),
        clusters_by_loop(page),
        models_maps(page, context),
    ];
    let rest = page
        .models
        .iter()
        .enumerate()
        .map(|(i, model)| models_worst_places(i, model, context))
        .chain([models_method(page, context)]);
    document(
        models_title(context),
        sections.into_iter().flatten().chain(rest),
        version,
        None,
    )
}
